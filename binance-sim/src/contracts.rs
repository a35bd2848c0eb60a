//! The contracts that are traded, and their rules.

use binance_core::endpoint::Market;

use crate::{
    book::Side,
    calendar::{self, DAY},
    json::Scaled,
    num::Num,
};

/// A contract: what it is, its filters, and where its price begins.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    pub(crate) market: Market,
    pub(crate) symbol: String,
    pub(crate) pair: &'static str,
    pub(crate) term: Term,
    pub(crate) base: &'static str,
    pub(crate) quote: &'static str,
    pub(crate) margin_asset: &'static str,
    /// The smallest step of the price, in units of `10⁻ᵈ` with `d` = `price_decimals`.
    pub(crate) tick: i64,
    pub(crate) price_decimals: u32,
    /// The smallest step of the quantity, in units of `10⁻ᵈ` with `d` = `quantity_decimals`.
    pub(crate) step: i64,
    pub(crate) quantity_decimals: u32,
    /// What exchangeInfo calls the precision of a price: a bound on its decimals, and not the tick.
    pub(crate) price_precision: u32,
    pub(crate) quantity_precision: u32,
    pub(crate) max_price_ticks: i64,
    pub(crate) min_price_ticks: i64,
    pub(crate) max_lots: i64,
    pub(crate) max_market_lots: i64,
    /// In the quote asset; zero where the market has no such filter.
    pub(crate) min_notional: i64,
    /// A buy's price may be this much of the mark price, in 1/10,000.
    pub(crate) multiplier_up: i64,
    /// A sell's price must be this much of the mark price, in 1/10,000.
    pub(crate) multiplier_down: i64,
    /// What a contract is worth in the quote asset on COIN-M; 1 on USDⓈ-M, where the quantity is in the base asset.
    pub(crate) contract_size: i64,
    pub(crate) start_ticks: i64,
    pub(crate) brackets: &'static [Bracket],
    pub(crate) onboard_date: i64,
    pub(crate) delivery_date: i64,
    /// Whether its date has come, and it is traded no more.
    pub(crate) delivered: bool,
}

/// How long a contract runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Perpetual,
    CurrentQuarter,
}

/// A step of the leverage table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bracket {
    /// Up to this notional: in the quote asset on USDⓈ-M, in the base asset on COIN-M.
    pub(crate) cap: i64,
    pub(crate) max_leverage: u32,
    /// The rate of the maintenance margin, in 1/100,000.
    pub(crate) rate: i64,
}

/// How long a perpetual runs, as the exchange writes it: until 2100-12-25.
const NEVER: i64 = 4_133_404_800_000;
/// How far the history of the contracts goes back.
const HISTORY: i64 = 90 * DAY;

const LINEAR: &[Bracket] = &[
    Bracket { cap: 300_000, max_leverage: 125, rate: 400 },
    Bracket { cap: 800_000, max_leverage: 100, rate: 500 },
    Bracket { cap: 3_000_000, max_leverage: 75, rate: 650 },
    Bracket { cap: 12_000_000, max_leverage: 50, rate: 1_000 },
    Bracket { cap: 70_000_000, max_leverage: 25, rate: 2_000 },
    Bracket { cap: 1_800_000_000, max_leverage: 1, rate: 50_000 },
];

const LINEAR_SMALL: &[Bracket] = &[
    Bracket { cap: 5_000, max_leverage: 50, rate: 1_500 },
    Bracket { cap: 50_000, max_leverage: 20, rate: 2_500 },
    Bracket { cap: 500_000, max_leverage: 5, rate: 10_000 },
    Bracket { cap: 5_000_000, max_leverage: 1, rate: 50_000 },
];

const INVERSE: &[Bracket] = &[
    Bracket { cap: 5, max_leverage: 125, rate: 400 },
    Bracket { cap: 10, max_leverage: 100, rate: 500 },
    Bracket { cap: 100, max_leverage: 20, rate: 2_500 },
    Bracket { cap: 10_000, max_leverage: 1, rate: 50_000 },
];

impl Contract {
    /// The contracts of an exchange that opens at this time.
    pub(crate) fn all(now: i64) -> Vec<Self> {
        let onboard_date = (now - HISTORY).div_euclid(DAY) * DAY;
        let linear = |base, pair, symbol: &str| Self {
            market: Market::UsdM,
            symbol: symbol.to_owned(),
            pair,
            term: Term::Perpetual,
            base,
            quote: "USDT",
            margin_asset: "USDT",
            tick: 10,
            price_decimals: 2,
            step: 1,
            quantity_decimals: 3,
            price_precision: 2,
            quantity_precision: 3,
            max_price_ticks: 45_292_240,
            min_price_ticks: 5_568,
            max_lots: 1_000_000,
            max_market_lots: 120_000,
            min_notional: 100,
            multiplier_up: 10_500,
            multiplier_down: 9_500,
            contract_size: 1,
            start_ticks: 640_000,
            brackets: LINEAR,
            onboard_date,
            delivery_date: NEVER,
            delivered: false,
        };
        let inverse = |base, pair, symbol: &str| Self {
            market: Market::CoinM,
            quote: "USD",
            margin_asset: base,
            tick: 1,
            price_decimals: 1,
            price_precision: 1,
            step: 1,
            quantity_decimals: 0,
            quantity_precision: 0,
            max_lots: 1_000_000,
            max_market_lots: 60_000,
            min_notional: 0,
            contract_size: 100,
            brackets: INVERSE,
            ..linear(base, pair, symbol)
        };
        let delivery_date = calendar::quarterly_delivery(now);
        let (year, month, day) = calendar::date(delivery_date);
        let quarter = format!("BTCUSD_{:02}{month:02}{day:02}", year % 100);
        vec![
            linear("BTC", "BTCUSDT", "BTCUSDT"),
            Self {
                tick: 1,
                max_price_ticks: 30_600_000,
                min_price_ticks: 3_986,
                min_notional: 20,
                start_ticks: 320_000,
                max_lots: 10_000_000,
                max_market_lots: 2_000_000,
                ..linear("ETH", "ETHUSDT", "ETHUSDT")
            },
            Self {
                tick: 1,
                price_decimals: 5,
                price_precision: 7,
                step: 1,
                quantity_decimals: 0,
                quantity_precision: 0,
                max_price_ticks: 20_000_000,
                min_price_ticks: 10,
                max_lots: 10_000_000,
                max_market_lots: 1_000_000,
                min_notional: 5,
                multiplier_up: 11_500,
                multiplier_down: 8_500,
                start_ticks: 18_500,
                brackets: LINEAR_SMALL,
                ..linear("币安人生", "币安人生USDT", "币安人生USDT")
            },
            inverse("BTC", "BTCUSD", "BTCUSD_PERP"),
            Self {
                tick: 1,
                price_decimals: 2,
                price_precision: 2,
                max_price_ticks: 30_600_000,
                min_price_ticks: 3_986,
                start_ticks: 320_000,
                contract_size: 10,
                ..inverse("ETH", "ETHUSD", "ETHUSD_PERP")
            },
            Self {
                term: Term::CurrentQuarter,
                delivery_date,
                start_ticks: 643_200,
                ..inverse("BTC", "BTCUSD", &quarter)
            },
        ]
    }

    pub(crate) const fn is_inverse(&self) -> bool {
        matches!(self.market, Market::CoinM)
    }

    pub(crate) const fn is_perpetual(&self) -> bool {
        matches!(self.term, Term::Perpetual)
    }

    /// What the exchange calls where it is in its life.
    pub(crate) const fn status(&self) -> &'static str {
        if self.delivered { "DELIVERED" } else { "TRADING" }
    }

    /// What the exchange calls its term.
    pub(crate) const fn term_name(&self) -> &'static str {
        match self.term {
            Term::Perpetual => "PERPETUAL",
            Term::CurrentQuarter => "CURRENT_QUARTER",
        }
    }

    /// The number by which the streams tell the markets apart.
    pub(crate) const fn stream_type(&self) -> u32 {
        match self.market {
            Market::UsdM => 1,
            Market::CoinM => 2,
        }
    }

    /// A price, given in ticks.
    pub(crate) const fn price(&self, ticks: i64) -> Scaled {
        Scaled(ticks.saturating_mul(self.tick), self.price_decimals)
    }

    /// A quantity, given in lots.
    pub(crate) const fn quantity(&self, lots: i64) -> Scaled {
        Scaled(lots.saturating_mul(self.step), self.quantity_decimals)
    }

    /// How many whole ticks a price is, or `None` when it lies between two.
    pub(crate) fn ticks(&self, price: Num) -> Option<i64> {
        whole(price, self.price_decimals, self.tick)
    }

    /// The tick at a price, or the next one that is better for whoever sells or buys there; none for a price of zero.
    pub(crate) fn ticks_beyond(&self, price: Num, side: Side) -> Option<i64> {
        let units = price.units(self.price_decimals + 8);
        let tick = i128::from(self.tick) * 100_000_000;
        let ticks = if side == Side::Sell { -(-units).div_euclid(tick) } else { units.div_euclid(tick) };
        i64::try_from(ticks).ok().filter(|ticks| *ticks > 0)
    }

    /// How many whole lots a quantity is, or `None` when it lies between two.
    pub(crate) fn lots(&self, quantity: Num) -> Option<i64> {
        whole(quantity, self.quantity_decimals, self.step)
    }

    /// What a trade turns over: the quote asset on USDⓈ-M, the base asset on COIN-M.
    pub(crate) fn turnover(&self, ticks: i64, lots: i64) -> Num {
        let (price, quantity) =
            (i128::from(ticks) * i128::from(self.tick), i128::from(lots) * i128::from(self.step));
        if self.is_inverse() {
            // quantity · size / price, where the price is in units of 10⁻ᵈ.
            Num::ratio(quantity * i128::from(self.contract_size) * 10i128.pow(self.price_decimals), price)
        } else {
            Num::scaled(price * quantity, self.price_decimals + self.quantity_decimals)
        }
    }

    /// What this many lots are worth at any price, in the asset of [`turnover`](Self::turnover).
    pub(crate) fn worth(&self, price: Num, lots: i64) -> Num {
        let quantity = self.quantity(lots).num();
        if self.is_inverse() {
            Num::int(self.contract_size).mul(quantity).div(price)
        } else {
            price.mul(quantity)
        }
    }

    /// The price at which this many lots turn over this much.
    pub(crate) fn average_price(&self, lots: i64, turnover: Num) -> Num {
        let quantity = self.quantity(lots).num();
        if self.is_inverse() {
            Num::int(self.contract_size).mul(quantity).div(turnover).abs()
        } else {
            turnover.div(quantity).abs()
        }
    }

    /// The maintenance margin of a position of this notional.
    pub(crate) fn maintenance(&self, notional: Num) -> Num {
        let notional = notional.abs();
        let mut margin = Num::ZERO;
        let mut floor = Num::ZERO;
        for bracket in self.brackets {
            let cap = Num::int(bracket.cap);
            let top = if notional < cap { notional } else { cap };
            margin += (top - floor).mul_div(i128::from(bracket.rate), 100_000);
            if notional <= cap {
                break;
            }
            floor = cap;
        }
        margin
    }

    /// The bracket of this notional: the last one past the table.
    pub(crate) fn bracket(&self, notional: Num) -> &'static Bracket {
        let bracket = self.brackets.iter().find(|bracket| notional.abs() <= Num::int(bracket.cap));
        // No table is empty.
        bracket.or(self.brackets.last()).unwrap_or(&LINEAR[0])
    }

    /// The highest notional at this leverage.
    pub(crate) fn max_notional(&self, leverage: u32) -> i64 {
        let open = self.brackets.iter().filter(|bracket| bracket.max_leverage >= leverage);
        open.map(|bracket| bracket.cap).max().unwrap_or(0)
    }
}

fn whole(value: Num, decimals: u32, step: i64) -> Option<i64> {
    let units = value.units(decimals);
    let exact = Num::scaled(units, decimals) == value && units % i128::from(step) == 0;
    exact.then(|| i64::try_from(units / i128::from(step)).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(symbol: &str) -> Contract {
        Contract::all(1_767_225_600_000).into_iter().find(|contract| contract.symbol == symbol).unwrap()
    }

    fn num(text: &str) -> Num {
        Num::from_decimal(text.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_delivery_contract_is_named_by_its_date() {
        assert_eq!(find("BTCUSD_260327").term, Term::CurrentQuarter);
    }

    #[test]
    fn prices_and_quantities_are_whole_steps() {
        let btc = find("BTCUSDT");
        assert_eq!(btc.ticks(num("64000.10")), Some(640_001));
        assert_eq!(btc.ticks(num("64000.15")), None);
        assert_eq!(btc.lots(num("0.0015")), None);
        assert_eq!(btc.price(640_001).to_string(), "64000.10");
        assert_eq!(btc.quantity(15).to_string(), "0.015");
        assert_eq!(btc.ticks_beyond(num("64000.15"), Side::Sell), Some(640_002));
        assert_eq!(btc.ticks_beyond(num("64000.15"), Side::Buy), Some(640_001));
        assert_eq!(btc.ticks_beyond(num("64000.1"), Side::Sell), Some(640_001));
        assert_eq!(btc.ticks_beyond(Num::ZERO, Side::Buy), None);
    }

    #[test]
    fn turnover_and_average_price_are_inverse_to_each_other() {
        let (linear, inverse) = (find("BTCUSDT"), find("BTCUSD_PERP"));
        assert_eq!(linear.turnover(640_001, 15), num("960.0015"));
        assert_eq!(linear.average_price(15, num("960.0015")), num("64000.1"));
        let turnover = inverse.turnover(640_001, 3);
        assert_eq!(turnover.trunc(8), num("0.00468749"));
        assert_eq!(format!("{:.8}", inverse.average_price(3, turnover)), "64000.10000000");
    }

    #[test]
    fn maintenance_is_the_sum_over_the_brackets() {
        let btc = find("BTCUSDT");
        assert_eq!(btc.maintenance(Num::int(300_000)), num("1200"));
        assert_eq!(btc.maintenance(Num::int(-400_000)), num("1700"));
        assert_eq!(btc.bracket(Num::int(400_000)).max_leverage, 100);
        assert_eq!(btc.max_notional(75), 3_000_000);
    }
}
