//! The endpoints of COIN-M.

use binance_core::{
    Contracts,
    coinm::{
        account::{
            Account, Balance, CommissionRate, Income, LeverageBracket, LeverageBracketV1,
            OrderHistoryDownloadId, OrderHistoryDownloadLink, PositionMode, TradeHistoryDownloadId,
            TradeHistoryDownloadLink, TransactionHistoryDownloadId, TransactionHistoryDownloadLink,
        },
        market_data::{
            AggTrades, Basis, Constituents, ContinuousKlines, Depth, ExchangeInformation, FundingInfo,
            FundingRate, GlobalLongShortAccountRatio, HistoricalTrades, IndexPriceKlines, Klines,
            MarkPriceKlines, OpenInterest, OpenInterestHist, Ping, PremiumIndex, PremiumIndexKlines,
            TakerBuySellVol, TakerContractType, Ticker24hr, TickerBookTicker, TickerPrice, Time,
            TopLongShortAccountRatio, TopLongShortPositionRatio, Trades,
        },
        portfolio_margin::PmAccountInfo,
        trade::{
            AdlQuantile, AllAlgoOrders, AllOrders, CancelAlgoOrder, CancelAllAlgoOpenOrders,
            CancelAllOpenOrders, CancelBatchOrders, CancelOrder, ChangeInitialLeverage, ChangeMarginType,
            ChangePositionMode, CountdownCancelAll, ForceOrders, ModifyBatchOrders,
            ModifyIsolatedPositionMargin, ModifyOrder, NewAlgoOrder, NewBatchOrders, NewOrder,
            OpenAlgoOrders, OpenOrder, OpenOrders, OrderAmendment, PositionMarginHistory, PositionRisk,
            QueryAlgoOrder, QueryOrder, UserTrades,
        },
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
    decimal::dec,
    enums::{ContractType, Interval, MarginMode, Period, PositionMarginAction, Side},
    time::Millis,
};

use crate::Sends;

const BTC: &str = "BTCUSD_PERP";
/// Held in isolated margin.
const ETH: &str = "ETHUSD_PERP";
const PAIR: &str = "BTCUSD";
const DAY: i64 = 86_400_000;

const ONE: Contracts = Contracts(dec!("1"));
const TWO: Contracts = Contracts(dec!("2"));
const THREE: Contracts = Contracts(dec!("3"));

/// What an account is set to, before it has orders and positions. Takes it back from hedge mode.
pub(crate) async fn settings(sends: &mut Sends) {
    sends.send(&ChangePositionMode::new(false)).await;
    sends.send(&PositionMode::new()).await;
    sends.send(&ChangeInitialLeverage::new(BTC, 10)).await;
    sends.send(&ChangeMarginType::new(ETH, MarginMode::Isolated)).await;
    sends.send(&StartUserDataStream::new()).await;
    sends.send(&KeepaliveUserDataStream::new()).await;
    sends.send(&CloseUserDataStream::new()).await;
}

/// A position in cross margin and one in isolated margin.
pub(crate) async fn positions(sends: &mut Sends) {
    for symbol in [BTC, ETH] {
        let order = sends.send(&NewOrder::market(symbol, Side::Buy, TWO)).await;
        let order_id = order.value().unwrap().order_id;
        sends.send(&UserTrades::of_order(symbol, order_id)).await;
    }
    sends.send(&UserTrades::of_pair(PAIR)).await;
    sends.send(&ModifyIsolatedPositionMargin::new(ETH, dec!("0.001"), PositionMarginAction::Add)).await;
    sends.send(&PositionMarginHistory::new(ETH)).await;
    sends.send(&PositionRisk::new()).await;
    sends.send(&PositionRisk::new().pair(PAIR)).await;
    sends.send(&AdlQuantile::new()).await;
}

/// Orders, until none is left.
pub(crate) async fn trade(sends: &mut Sends) {
    one_order(sends).await;
    batches(sends).await;
    algo_orders(sends).await;

    sends.send(&resting("last")).await;
    sends.send(&CountdownCancelAll::new(BTC, 60_000)).await;
    sends.send(&CountdownCancelAll::new(BTC, 0)).await;
    sends.send(&CancelAllOpenOrders::new(BTC)).await;
    sends.send(&AllOrders::of_symbol(BTC)).await;
    sends.send(&AllOrders::of_pair(PAIR)).await;
    sends.send(&ForceOrders::new()).await;
}

fn resting(id: &str) -> NewOrder<'_> {
    NewOrder::limit(BTC, Side::Buy, ONE, dec!("60000.0")).new_client_order_id(id)
}

async fn one_order(sends: &mut Sends) {
    let order_id = sends.send(&resting("one")).await.value().unwrap().order_id;
    sends.send(&ModifyOrder::by_id(BTC, order_id, Side::Buy, TWO, dec!("60001.0"))).await;
    sends.send(&OrderAmendment::by_id(BTC, order_id)).await;
    sends.send(&QueryOrder::by_client_id(BTC, "one")).await;
    sends.send(&OpenOrder::by_id(BTC, order_id)).await;
    sends.send(&OpenOrders::new()).await;
    sends.send(&OpenOrders::new().symbol(BTC)).await;
    sends.send(&CancelOrder::by_id(BTC, order_id)).await;
}

async fn batches(sends: &mut Sends) {
    let ids = ["a", "b"];
    let orders = ids.map(resting);
    let placed = sends.send(&NewBatchOrders::of(&orders).unwrap()).await;
    for order in placed.value().unwrap() {
        order.unwrap().into_result().unwrap();
    }
    let changes = ids.map(|id| ModifyOrder::by_client_id(BTC, id, Side::Buy, THREE, dec!("60002.0")));
    let changed = sends.send(&ModifyBatchOrders::of(&changes).unwrap()).await;
    for order in changed.value().unwrap() {
        order.unwrap().into_result().unwrap();
    }
    let canceled = sends.send(&CancelBatchOrders::by_client_ids(BTC, &ids).unwrap()).await;
    for order in canceled.value().unwrap() {
        order.unwrap().into_result().unwrap();
    }
}

async fn algo_orders(sends: &mut Sends) {
    let stop = |id| NewAlgoOrder::stop_market(BTC, Side::Sell, ONE, dec!("50000.0")).client_algo_id(id);
    let algo_id = sends.send(&stop("stop")).await.value().unwrap().algo_id;
    sends.send(&stop("stop-too")).await;
    sends.send(&QueryAlgoOrder::by_id(algo_id)).await;
    sends.send(&OpenAlgoOrders::new()).await;
    sends.send(&CancelAlgoOrder::by_client_id("stop")).await;
    sends.send(&CancelAllAlgoOpenOrders::new(BTC)).await;
    sends.send(&AllAlgoOrders::new(BTC)).await;
}

/// What there is to tell of an account that has traded.
pub(crate) async fn account(sends: &mut Sends) {
    sends.send(&Account::new()).await;
    sends.send(&Balance::new()).await;
    sends.send(&CommissionRate::new(BTC)).await;
    sends.send(&LeverageBracket::new()).await;
    sends.send(&LeverageBracket::new().symbol(BTC)).await;
    sends.send(&LeverageBracketV1::new()).await;
    sends.send(&LeverageBracketV1::new().pair(PAIR)).await;
    sends.send(&Income::new()).await;
    sends.send(&PmAccountInfo::new("BTC")).await;

    let (from, to) = (Millis(sends.now() - DAY), Millis(sends.now()));
    let ordered = sends.send(&TransactionHistoryDownloadId::new(from, to)).await;
    let id = ordered.value().unwrap().download_id;
    sends.send(&TransactionHistoryDownloadLink::new(id.as_str())).await;
    let ordered = sends.send(&OrderHistoryDownloadId::new(from, to)).await;
    let id = ordered.value().unwrap().download_id;
    sends.send(&OrderHistoryDownloadLink::new(id.as_str())).await;
    let ordered = sends.send(&TradeHistoryDownloadId::new(from, to)).await;
    let id = ordered.value().unwrap().download_id;
    sends.send(&TradeHistoryDownloadLink::new(id.as_str())).await;
}

/// What is told to all.
pub(crate) async fn market_data(sends: &mut Sends) {
    sends.send(&Ping::new()).await;
    sends.send(&Time::new()).await;
    sends.send(&ExchangeInformation::new()).await;
    sends.send(&Depth::new(BTC)).await;
    sends.send(&Trades::new(BTC)).await;
    sends.send(&HistoricalTrades::new(BTC)).await;
    sends.send(&AggTrades::new(BTC)).await;
    sends.send(&FundingRate::new(BTC)).await;
    sends.send(&FundingInfo::new()).await;
    sends.send(&OpenInterest::new(BTC)).await;
    sends.send(&Constituents::new(PAIR)).await;
    // Lists here even about one contract.
    for request in [PremiumIndex::new(), PremiumIndex::new().symbol(BTC), PremiumIndex::new().pair(PAIR)] {
        sends.send(&request).await;
    }
    for request in [Ticker24hr::new(), Ticker24hr::new().symbol(BTC), Ticker24hr::new().pair(PAIR)] {
        sends.send(&request).await;
    }
    for request in [TickerPrice::new(), TickerPrice::new().symbol(BTC), TickerPrice::new().pair(PAIR)] {
        sends.send(&request).await;
    }
    for request in
        [TickerBookTicker::new(), TickerBookTicker::new().symbol(BTC), TickerBookTicker::new().pair(PAIR)]
    {
        sends.send(&request).await;
    }

    let minute = Interval::M1;
    sends.send(&Klines::new(BTC, minute)).await;
    sends.send(&ContinuousKlines::new(PAIR, ContractType::Perpetual, minute)).await;
    sends.send(&IndexPriceKlines::new(PAIR, minute)).await;
    sends.send(&MarkPriceKlines::new(BTC, minute)).await;
    sends.send(&PremiumIndexKlines::new(BTC, minute)).await;

    sends.send(&OpenInterestHist::new(PAIR, Period::M5).contract_type(ContractType::Perpetual)).await;
    sends.send(&TopLongShortAccountRatio::new(PAIR, Period::M5)).await;
    sends.send(&TopLongShortPositionRatio::new(PAIR, Period::M5)).await;
    sends.send(&GlobalLongShortAccountRatio::new(PAIR, Period::M5)).await;
    sends.send(&TakerBuySellVol::new(PAIR, TakerContractType::All, Period::M5)).await;
    sends.send(&Basis::new(PAIR, ContractType::Perpetual, Period::M5)).await;
}
