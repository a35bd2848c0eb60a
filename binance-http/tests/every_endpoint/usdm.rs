//! The endpoints of USDⓈ-M.

#[allow(deprecated, reason = "still in the catalog")]
use binance_core::usdm::market_data::{LvtKlines, TickerPriceV1};
use binance_core::{
    decimal::dec,
    enums::{ContractType, Interval, MarginMode, Period, PositionMarginAction, Side},
    time::Millis,
    usdm::{
        account::{
            Account, AccountConfig, AccountV2, ApiTradingStatus, Balance, BalanceV2, BnbBurn, CommissionRate,
            Income, LeverageBracket, MultiAssetsMode, OrderHistoryDownloadId, OrderHistoryDownloadLink,
            OrderRateLimit, PositionMode, SymbolConfig, ToggleBnbBurn, TradeHistoryDownloadId,
            TradeHistoryDownloadLink, TransactionHistoryDownloadId, TransactionHistoryDownloadLink,
        },
        convert::{AcceptQuote, ConvertOrderStatus, ConvertPairs, SendQuote},
        market_data::{
            AggTrades, AssetIndex, Basis, Constituents, ContinuousKlines, DeliveryPrice, Depth,
            ExchangeInformation, FundingInfo, FundingRate, GlobalLongShortAccountRatio, HistoricalTrades,
            IndexInfo, IndexPriceKlines, InsuranceBalance, Klines, MarkPriceKlines, OpenInterest,
            OpenInterestHist, Ping, PremiumIndex, PremiumIndexKlines, RpiDepth, SymbolAdlRisk,
            TakerLongShortRatio, Ticker24hr, TickerBookTicker, TickerPrice, Time, TopLongShortAccountRatio,
            TopLongShortPositionRatio, Trades, TradingSchedule,
        },
        portfolio_margin::PmAccountInfo,
        trade::{
            AdlQuantile, AllAlgoOrders, AllOrders, CancelAlgoOrder, CancelAllAlgoOpenOrders,
            CancelAllOpenOrders, CancelBatchOrders, CancelOrder, ChangeInitialLeverage, ChangeMarginType,
            ChangeMultiAssetsMode, ChangePositionMode, CountdownCancelAll, ForceOrders, ModifyBatchOrders,
            ModifyIsolatedPositionMargin, ModifyOrder, NewAlgoOrder, NewBatchOrders, NewOrder,
            OpenAlgoOrders, OpenOrder, OpenOrders, OrderAmendment, PositionMarginHistory, PositionRisk,
            PositionRiskV2, QueryAlgoOrder, QueryOrder, SignTradfiPerpsContract, TestOrder, UserTrades,
        },
        user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
    },
};

use crate::Sends;

const BTC: &str = "BTCUSDT";
/// Held in isolated margin.
const ETH: &str = "ETHUSDT";
const DAY: i64 = 86_400_000;

/// What an account is set to, before it has orders and positions. Leaves it in hedge mode.
pub(crate) async fn settings(sends: &mut Sends) {
    sends.send(&ChangePositionMode::new(true)).await;
    sends.send(&PositionMode::new()).await;
    sends.send(&ChangeMultiAssetsMode::new(true)).await;
    sends.send(&MultiAssetsMode::new()).await;
    sends.send(&ChangeMultiAssetsMode::new(false)).await;
    sends.send(&ToggleBnbBurn::new(true)).await;
    sends.send(&BnbBurn::new()).await;
    sends.send(&ToggleBnbBurn::new(false)).await;
    sends.send(&SignTradfiPerpsContract::new()).await;
    sends.send(&ChangeInitialLeverage::new(BTC, 10)).await;
    sends.send(&ChangeMarginType::new(ETH, MarginMode::Isolated)).await;
    sends.send(&SymbolConfig::new()).await;
    sends.send(&StartUserDataStream::new()).await;
    sends.send(&KeepaliveUserDataStream::new()).await;
    sends.send(&CloseUserDataStream::new()).await;
}

/// A position in cross margin and one in isolated margin.
pub(crate) async fn positions(sends: &mut Sends) {
    for symbol in [BTC, ETH] {
        let order = sends.send(&NewOrder::market(symbol, Side::Buy, dec!("0.100"))).await;
        let order_id = order.value().unwrap().order_id;
        sends.send(&UserTrades::new(symbol).order_id(order_id)).await;
    }
    sends.send(&ModifyIsolatedPositionMargin::new(ETH, dec!("5"), PositionMarginAction::Add)).await;
    sends.send(&PositionMarginHistory::new(ETH)).await;
    sends.send(&PositionRisk::new()).await;
    sends.send(&PositionRisk::new().symbol(BTC)).await;
    sends.send(&PositionRiskV2::new()).await;
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
    sends.send(&AllOrders::new()).await;
    sends.send(&AllOrders::new().symbol(BTC)).await;
    sends.send(&ForceOrders::new()).await;
}

fn resting(id: &str) -> NewOrder<'_> {
    NewOrder::limit(BTC, Side::Buy, dec!("0.010"), dec!("20000.0")).new_client_order_id(id)
}

async fn one_order(sends: &mut Sends) {
    sends.send(&TestOrder::from(resting("one"))).await;
    let order_id = sends.send(&resting("one")).await.value().unwrap().order_id;
    sends.send(&ModifyOrder::by_id(BTC, order_id, Side::Buy, dec!("0.011"), dec!("20001.0"))).await;
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
    let changes = ids.map(|id| ModifyOrder::by_client_id(BTC, id, Side::Buy, dec!("0.012"), dec!("20002.0")));
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
    let stop =
        |id| NewAlgoOrder::stop_market(BTC, Side::Sell, dec!("0.010"), dec!("20000.0")).client_algo_id(id);
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
    sends.send(&AccountV2::new()).await;
    sends.send(&Balance::new()).await;
    sends.send(&BalanceV2::new()).await;
    sends.send(&AccountConfig::new()).await;
    sends.send(&CommissionRate::new(BTC)).await;
    sends.send(&LeverageBracket::new()).await;
    sends.send(&LeverageBracket::new().symbol(BTC)).await;
    sends.send(&OrderRateLimit::new()).await;
    sends.send(&ApiTradingStatus::new()).await;
    sends.send(&Income::new()).await;
    sends.send(&PmAccountInfo::new("USDT")).await;

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

    sends.send(&ConvertPairs::new()).await;
    let quote = sends.send(&SendQuote::spending("USDT", "BTC", dec!("100"))).await;
    let id = quote.value().unwrap().quote_id.unwrap();
    sends.send(&AcceptQuote::new(id.as_str())).await;
    sends.send(&ConvertOrderStatus::by_quote_id(id.as_str())).await;
}

/// What is told to all.
pub(crate) async fn market_data(sends: &mut Sends) {
    sends.send(&Ping::new()).await;
    sends.send(&Time::new()).await;
    sends.send(&ExchangeInformation::new()).await;
    sends.send(&Depth::new(BTC)).await;
    sends.send(&RpiDepth::new(BTC)).await;
    sends.send(&Trades::new(BTC)).await;
    sends.send(&HistoricalTrades::new(BTC)).await;
    sends.send(&AggTrades::new(BTC)).await;
    sends.send(&FundingRate::new()).await;
    sends.send(&FundingInfo::new()).await;
    sends.send(&OpenInterest::new(BTC)).await;
    sends.send(&IndexInfo::new()).await;
    sends.send(&Constituents::new(BTC)).await;
    sends.send(&TradingSchedule::new()).await;
    sends.send_both(&PremiumIndex::new().symbol(BTC), &PremiumIndex::new()).await;
    sends.send_both(&Ticker24hr::new().symbol(BTC), &Ticker24hr::new()).await;
    sends.send_both(&TickerPrice::new().symbol(BTC), &TickerPrice::new()).await;
    sends.send_both(&TickerBookTicker::new().symbol(BTC), &TickerBookTicker::new()).await;
    sends.send_both(&AssetIndex::new().symbol("USDTUSD"), &AssetIndex::new()).await;
    sends.send_both(&InsuranceBalance::new().symbol(BTC), &InsuranceBalance::new()).await;
    sends.send_both(&SymbolAdlRisk::new().symbol(BTC), &SymbolAdlRisk::new()).await;
    deprecated(sends).await;

    let minute = Interval::M1;
    sends.send(&Klines::new(BTC, minute)).await;
    sends.send(&ContinuousKlines::new(BTC, ContractType::Perpetual, minute)).await;
    sends.send(&IndexPriceKlines::new(BTC, minute)).await;
    sends.send(&MarkPriceKlines::new(BTC, minute)).await;
    sends.send(&PremiumIndexKlines::new(BTC, minute)).await;

    sends.send(&OpenInterestHist::new(BTC, Period::M5)).await;
    sends.send(&TopLongShortPositionRatio::new(BTC, Period::M5)).await;
    sends.send(&TopLongShortAccountRatio::new(BTC, Period::M5)).await;
    sends.send(&GlobalLongShortAccountRatio::new(BTC, Period::M5)).await;
    sends.send(&TakerLongShortRatio::new(BTC, Period::M5)).await;
    sends.send(&Basis::new(BTC, ContractType::Perpetual, Period::M5)).await;
    sends.send(&DeliveryPrice::new(BTC)).await;
}

#[allow(deprecated, reason = "still in the catalog")]
async fn deprecated(sends: &mut Sends) {
    sends.send_both(&TickerPriceV1::new().symbol(BTC), &TickerPriceV1::new()).await;
    sends.send(&LvtKlines::new("BTCDOWN", Period::H1)).await;
}
