//! Wallets and positions.

use std::collections::{BTreeMap, BTreeSet};

use binance_core::{decimal::Decimal, endpoint::Market};

use crate::{
    book::Side, contracts::Contract, ledger::Ledger, liquidation::Watched, num::Num, order::PositionSide,
    rest::Quote,
};

/// The leverage of a contract until it is changed.
const DEFAULT_LEVERAGE: u32 = 20;

/// What a taker pays, in 1/1,000,000 of the turnover.
pub(crate) const TAKER_FEE: i128 = 500;
/// What a maker pays, in 1/1,000,000 of the turnover: USDⓈ-M and COIN-M.
pub(crate) const MAKER_FEES: (i128, i128) = (200, 100);

/// A client's account, on both markets.
#[derive(Debug)]
pub(crate) struct Account {
    /// What the COIN-M events and the balances call it.
    pub(crate) alias: &'static str,
    /// Whether positions are kept as LONG and SHORT.
    pub(crate) hedge_mode: bool,
    pub(crate) wallets: Vec<Wallet>,
    /// By contract and side, also those that are flat again.
    pub(crate) positions: BTreeMap<(usize, PositionSide), Position>,
    leverage: BTreeMap<usize, u32>,
    /// The contracts whose positions have wallets of their own.
    pub(crate) isolated: BTreeSet<usize>,
    /// Whether all assets of USDⓈ-M stand behind all of its positions.
    pub(crate) multi_assets: bool,
    /// Kept and told; fees are paid in the margin asset.
    pub(crate) fee_burn: bool,
    pub(crate) ledger: Ledger,
    /// For what a margin call was made.
    pub(crate) called: Vec<Watched>,
    /// The paths by which downloads were ordered.
    pub(crate) downloads: Vec<&'static str>,
    /// What was offered for converting.
    pub(crate) quotes: Vec<Quote>,
}

/// What an account has of an asset on a market.
#[derive(Clone, Debug)]
pub(crate) struct Wallet {
    pub(crate) market: Market,
    pub(crate) asset: String,
    pub(crate) balance: Num,
    pub(crate) updated: i64,
}

/// A position in a contract.
#[derive(Clone, Debug, Default)]
pub(crate) struct Position {
    /// Negative when short.
    pub(crate) lots: i64,
    /// What opening the lots turned over, always positive.
    pub(crate) cost: Num,
    /// What closing lots brought since the account began, fees not counted.
    pub(crate) realized: Num,
    /// The fees of the lots that are open.
    pub(crate) fees: Num,
    /// Its own wallet, a part of the account's, when it is isolated.
    pub(crate) isolated: Num,
    pub(crate) updated: i64,
}

impl Account {
    pub(crate) fn new(balances: &[(Market, String, Decimal)], hedge_mode: bool, now: i64) -> Self {
        let wallets = balances.iter().filter_map(|(market, asset, amount)| {
            let balance = Num::from_decimal(*amount)?;
            Some(Wallet { market: *market, asset: asset.clone(), balance, updated: now })
        });
        Self {
            alias: "SimA",
            hedge_mode,
            wallets: wallets.collect(),
            positions: BTreeMap::new(),
            leverage: BTreeMap::new(),
            isolated: BTreeSet::new(),
            multi_assets: false,
            fee_burn: true,
            ledger: Ledger::default(),
            called: Vec::new(),
            downloads: Vec::new(),
            quotes: Vec::new(),
        }
    }

    pub(crate) fn leverage(&self, venue: usize) -> u32 {
        self.leverage.get(&venue).copied().unwrap_or(DEFAULT_LEVERAGE)
    }

    pub(crate) fn set_leverage(&mut self, venue: usize, leverage: u32) {
        self.leverage.insert(venue, leverage);
    }

    /// What is in a wallet; zero when there is none.
    pub(crate) fn balance(&self, market: Market, asset: &str) -> Num {
        self.wallets(market).find(|wallet| wallet.asset == asset).map_or(Num::ZERO, |wallet| wallet.balance)
    }

    /// The wallets of a market.
    pub(crate) fn wallets(&self, market: Market) -> impl Iterator<Item = &Wallet> {
        self.wallets.iter().filter(move |wallet| wallet.market == market)
    }

    /// Puts an amount into a wallet, or takes it out.
    pub(crate) fn book(&mut self, market: Market, asset: &str, amount: Num, now: i64) {
        match self.wallets.iter_mut().find(|wallet| wallet.market == market && wallet.asset == asset) {
            Some(wallet) => {
                wallet.balance += amount;
                wallet.updated = now;
            }
            None => {
                self.wallets.push(Wallet { market, asset: asset.to_owned(), balance: amount, updated: now });
            }
        }
    }

    /// How many lots a position has; zero when there is none.
    pub(crate) fn lots(&self, venue: usize, side: PositionSide) -> i64 {
        self.positions.get(&(venue, side)).map_or(0, |position| position.lots)
    }

    /// How many lots an order of this side could close.
    pub(crate) fn closable(&self, venue: usize, position_side: PositionSide, side: Side) -> i64 {
        (-side.sign() * self.lots(venue, position_side)).max(0)
    }
}

impl Position {
    /// Trades lots; gives what closing brought, with 8 decimals. With a leverage the position is isolated: what opens
    /// brings its margin into its own wallet, and what closes gives its share back.
    pub(crate) fn trade(
        &mut self,
        contract: &Contract,
        side: Side,
        ticks: i64,
        lots: i64,
        now: i64,
        isolated: Option<u32>,
    ) -> Num {
        let signed = side.sign() * lots;
        let closing = if self.lots.signum() == -signed.signum() { lots.min(self.lots.abs()) } else { 0 };
        let mut realized = Num::ZERO;
        if closing > 0 {
            let (part, whole) = (i128::from(closing), i128::from(self.lots.abs()));
            let cost = self.cost.mul_div(part, whole);
            let gain = self.gain(contract, cost, contract.turnover(ticks, closing));
            self.cost -= cost;
            self.fees -= self.fees.mul_div(part, whole);
            self.isolated = (self.isolated - self.isolated.mul_div(part, whole)).trunc(8);
            realized = gain.trunc(8);
        }
        let opening = lots - closing;
        if opening > 0 {
            let turnover = contract.turnover(ticks, opening);
            self.cost += turnover;
            if let Some(leverage) = isolated {
                self.isolated += turnover.mul_div(1, i128::from(leverage.max(1))).trunc(8);
            }
        }
        self.lots += signed;
        self.realized += realized;
        self.updated = now;
        realized
    }

    /// The average price of the open lots; zero when there are none.
    pub(crate) fn entry_price(&self, contract: &Contract) -> Num {
        if self.lots == 0 { Num::ZERO } else { contract.average_price(self.lots.abs(), self.cost) }
    }

    /// The price at which closing brings back what opening cost, fees and all.
    pub(crate) fn break_even_price(&self, contract: &Contract) -> Num {
        let fees = if self.lots < 0 { -self.fees } else { self.fees };
        match (self.lots, contract.is_inverse()) {
            (0, _) => Num::ZERO,
            (lots, true) => contract.average_price(lots.abs(), self.cost - fees),
            (lots, false) => contract.average_price(lots.abs(), self.cost + fees),
        }
    }

    /// What closing at `mark` would bring, with 8 decimals.
    pub(crate) fn unrealized(&self, contract: &Contract, mark: Num) -> Num {
        if self.lots == 0 {
            return Num::ZERO;
        }
        self.gain(contract, self.cost, contract.worth(mark, self.lots.abs())).trunc(8)
    }

    /// What the open lots are worth at `mark`: negative when short.
    pub(crate) fn notional(&self, contract: &Contract, mark: Num) -> Num {
        let worth = contract.worth(mark, self.lots.abs());
        if self.lots < 0 { -worth } else { worth }
    }

    /// The margin that the open lots need at least.
    pub(crate) fn maintenance(&self, contract: &Contract, mark: Num) -> Num {
        contract.maintenance(self.notional(contract, mark))
    }

    /// What lots bring that cost one turnover and are closed for another.
    fn gain(&self, contract: &Contract, cost: Num, close: Num) -> Num {
        // A coin-margined contract is worth a fixed amount of the quote: fewer coins at a higher price.
        if (self.lots > 0) ^ contract.is_inverse() { close - cost } else { cost - close }
    }
}

/// The fee for a turnover, with 8 decimals.
pub(crate) fn fee(market: Market, turnover: Num, maker: bool) -> Num {
    let rate = match (maker, market) {
        (false, _) => TAKER_FEE,
        (true, Market::UsdM) => MAKER_FEES.0,
        (true, Market::CoinM) => MAKER_FEES.1,
    };
    turnover.mul_div(rate, 1_000_000).trunc(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract(symbol: &str) -> Contract {
        Contract::all(1_767_225_600_000).into_iter().find(|contract| contract.symbol == symbol).unwrap()
    }

    fn num(text: &str) -> Num {
        Num::from_decimal(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_linear_position_averages_closes_and_turns() {
        let btc = contract("BTCUSDT");
        let mut position = Position::default();
        assert_eq!(position.trade(&btc, Side::Buy, 640_000, 10, 1, None), Num::ZERO);
        assert_eq!(position.trade(&btc, Side::Buy, 641_000, 10, 2, None), Num::ZERO);
        assert_eq!(position.entry_price(&btc), num("64050"));
        assert_eq!(position.unrealized(&btc, num("64100")), num("1"));
        // 0.005 BTC, 50 above the average.
        assert_eq!(position.trade(&btc, Side::Sell, 641_000, 5, 3, None), num("0.25"));
        assert_eq!(position.entry_price(&btc), num("64050"));
        // The rest and then 0.005 short.
        assert_eq!(position.trade(&btc, Side::Sell, 640_000, 20, 4, None), num("-0.75"));
        assert_eq!((position.lots, position.entry_price(&btc)), (-5, num("64000")));
        assert_eq!(position.unrealized(&btc, num("63900")), num("0.5"));
        assert_eq!(position.trade(&btc, Side::Buy, 640_000, 5, 5, None), Num::ZERO);
        assert_eq!((position.lots, position.cost), (0, Num::ZERO));
        assert_eq!(position.realized, num("-0.5"));
    }

    #[test]
    fn an_inverse_position_gains_coins() {
        let btc = contract("BTCUSD_PERP");
        let mut position = Position::default();
        position.trade(&btc, Side::Buy, 500_000, 10, 1, None);
        assert_eq!(position.entry_price(&btc), num("50000"));
        // 10 contracts of 100 USD: 1000/50000 - 1000/62500 = 0.02 - 0.016.
        assert_eq!(position.unrealized(&btc, num("62500")), num("0.004"));
        assert_eq!(position.trade(&btc, Side::Sell, 625_000, 10, 2, None), num("0.004"));
        position.trade(&btc, Side::Sell, 500_000, 10, 3, None);
        assert_eq!(position.unrealized(&btc, num("62500")), num("-0.004"));
    }

    #[test]
    fn an_isolated_position_takes_its_margin_along_and_gives_its_share_back() {
        let btc = contract("BTCUSDT");
        let mut position = Position::default();
        position.trade(&btc, Side::Buy, 640_000, 10, 1, Some(20));
        assert_eq!(position.isolated, num("32"));
        position.isolated += num("8");
        position.trade(&btc, Side::Sell, 641_000, 4, 2, Some(20));
        assert_eq!(position.isolated, num("24"));
        // The rest, and then 0.002 short.
        position.trade(&btc, Side::Sell, 640_000, 8, 3, Some(10));
        assert_eq!((position.lots, position.isolated), (-2, num("12.8")));
    }

    #[test]
    fn fees_have_eight_decimals() {
        assert_eq!(fee(Market::UsdM, num("960.0015"), false), num("0.48000075"));
        assert_eq!(fee(Market::CoinM, num("0.00166666"), true), num("0.00000016"));
    }
}
