//! Random order flow: nothing is created or lost, and the events tell the whole story.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::{collections::BTreeMap, time::Duration};

use binance_core::Decimal;
use binance_sim::{Market, Side, Sim};
use common::{moving, send, signed, stream::Socket};
use serde_json::Value;

struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

fn add(one: Decimal, other: Decimal) -> Decimal {
    one.checked_add(other).unwrap()
}

/// What somebody believes who sees nothing but the events.
#[derive(Default)]
struct Belief {
    /// By order id: status and executed quantity.
    orders: BTreeMap<u64, (String, Decimal)>,
    /// By contract: the signed sum of the fills.
    filled: BTreeMap<String, Decimal>,
    /// By contract: amount and entry price as the account events have them.
    positions: BTreeMap<String, (Decimal, Decimal)>,
    /// By asset: profits less fees.
    earned: BTreeMap<String, Decimal>,
    /// By asset: the balance as the account events have it.
    balances: BTreeMap<String, Decimal>,
    /// By contract: what buying cost and selling brought, in the quote asset.
    cash: BTreeMap<String, Decimal>,
    /// Profits of closing, before fees.
    realized: Decimal,
    trades: usize,
}

impl Belief {
    fn see(&mut self, event: &Value) {
        match event["e"].as_str().unwrap() {
            "ORDER_TRADE_UPDATE" => {
                let o = &event["o"];
                let order = self.orders.entry(o["i"].as_u64().unwrap()).or_default();
                order.0 = o["X"].as_str().unwrap().to_owned();
                if o["x"] == "TRADE" {
                    self.trades += 1;
                    order.1 = add(order.1, decimal(&o["l"]));
                    assert_eq!(order.1, decimal(&o["z"]), "fills add up to what is filled");
                    let signed = if o["S"] == "BUY" { decimal(&o["l"]) } else { -decimal(&o["l"]) };
                    let symbol = o["s"].as_str().unwrap().to_owned();
                    let cash = -signed.checked_mul(decimal(&o["L"])).unwrap();
                    let of = self.cash.entry(symbol.clone()).or_default();
                    *of = add(*of, cash);
                    let of = self.filled.entry(symbol).or_default();
                    *of = add(*of, signed);
                    self.realized = add(self.realized, decimal(&o["rp"]));
                    let of = self.earned.entry(o["N"].as_str().unwrap().to_owned()).or_default();
                    *of = add(*of, decimal(&o["rp"]).checked_sub(decimal(&o["n"])).unwrap());
                }
            }
            "ACCOUNT_UPDATE" => {
                for balance in event["a"]["B"].as_array().unwrap() {
                    self.balances.insert(balance["a"].as_str().unwrap().to_owned(), decimal(&balance["wb"]));
                }
                for position in event["a"]["P"].as_array().unwrap() {
                    let known = (decimal(&position["pa"]), decimal(&position["ep"]));
                    self.positions.insert(position["s"].as_str().unwrap().to_owned(), known);
                }
            }
            _ => {}
        }
    }
}

/// One random thing that a client, or somebody else, does.
fn act(sim: &Sim, rng: &mut Rng) {
    let (rest, symbol, quantities, tick) = rng.pick(&[
        ("/fapi", "BTCUSDT", ["0.002", "0.05", "1.5"], "0.1"),
        ("/fapi", "ETHUSDT", ["0.01", "1", "40"], "0.01"),
        ("/dapi", "BTCUSD_PERP", ["1", "7", "200"], "0.1"),
        ("/dapi", "ETHUSD_PERP", ["1", "30", "900"], "0.01"),
    ]);
    let path = format!("{rest}/v1/order");
    let side = rng.pick(&["BUY", "SELL"]);
    let quantity = rng.pick(&quantities);
    let price = |rng: &mut Rng| {
        let book = sim.book(symbol).unwrap();
        let best = if side == "BUY" { book.asks[0].0 } else { book.bids[0].0 };
        let away: Decimal = tick
            .parse::<Decimal>()
            .unwrap()
            .checked_mul(Decimal::new(i128::from(rng.below(60)) - 20, 0).unwrap())
            .unwrap();
        if side == "BUY" { best.checked_sub(away) } else { best.checked_add(away) }.unwrap()
    };
    let reply = match rng.below(10) {
        0..=4 => {
            let (price, tif) = (price(rng), rng.pick(&["GTC", "GTC", "GTC", "IOC", "FOK", "GTX"]));
            let stp = rng.pick(&["EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "NONE"]);
            let order = format!(
                "symbol={symbol}&side={side}&type=LIMIT&timeInForce={tif}&quantity={quantity}&price={price}&selfTradePreventionMode={stp}"
            );
            signed(sim, "POST", &path, &order)
        }
        5 => {
            let reduce = rng.pick(&["true", "false", "false"]);
            signed(
                sim,
                "POST",
                &path,
                &format!("symbol={symbol}&side={side}&type=MARKET&quantity={quantity}&reduceOnly={reduce}"),
            )
        }
        6 | 7 => {
            let truth = sim.truth();
            let open: Vec<_> = truth
                .orders
                .iter()
                .filter(|order| order.symbol == symbol && ["NEW", "PARTIALLY_FILLED"].contains(&order.status))
                .collect();
            if open.is_empty() {
                return;
            }
            let order = open[rng.below(open.len() as u64) as usize];
            if rng.below(2) == 0 {
                signed(sim, "DELETE", &path, &format!("symbol={symbol}&orderId={}", order.order_id))
            } else {
                let change = format!(
                    "symbol={symbol}&side={}&orderId={}&quantity={quantity}&price={}",
                    order.side.as_str(),
                    order.order_id,
                    price(rng)
                );
                signed(sim, "PUT", &path, &change)
            }
        }
        8 => {
            let side = rng.pick(&[Side::Buy, Side::Sell]);
            sim.market_trade(symbol, side, quantity.parse().unwrap());
            return;
        }
        _ => {
            sim.advance(Duration::from_millis(50 * (1 + rng.below(10))));
            return;
        }
    };
    assert!(reply.status == 200 || reply.code() < -1_000, "{} {}", reply.status, reply.body);
    // Only what the state of the account and the book forbids may be refused.
    let known = [0, -2011, -2013, -2019, -2022, -2025, -4016, -4024, -4164, -5021, -5022, -5027, -4197];
    assert!(reply.status == 200 || known.contains(&reply.code()), "{}", reply.body);
}

#[tokio::test]
async fn balances_positions_and_orders_add_up_and_the_events_tell_them() {
    for seed in [1u64, 2, 3] {
        let sim =
            moving().seed(seed).order_limits(u32::MAX, u32::MAX).weight_limit(u32::MAX).start().unwrap();
        let start = sim.truth();
        let api_key = sim.keys().hmac.api_key.clone();
        let mut sockets = Vec::new();
        for (market, path) in [("fapi", "/private/ws"), ("dapi", "/dstream/ws")] {
            let key = send(&sim, "POST", &format!("/{market}/v1/listenKey"), Some(&api_key), "").good();
            sockets.push(Socket::open(&sim, &format!("{path}/{}", key["listenKey"].as_str().unwrap())).await);
        }
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut beliefs = [Belief::default(), Belief::default()];
        for _ in 0..250 {
            act(&sim, &mut rng);
            for (socket, belief) in sockets.iter_mut().zip(&mut beliefs) {
                for event in socket.drain().await {
                    belief.see(&event);
                }
            }
        }
        let truth = sim.truth();
        for (belief, market) in beliefs.iter().zip([Market::UsdM, Market::CoinM]) {
            assert!(belief.trades > 30, "{} trades", belief.trades);
            for order in truth.orders.iter().filter(|order| order.market == market) {
                assert_eq!(
                    belief.orders[&order.order_id],
                    (order.status.to_owned(), order.executed),
                    "seed {seed}"
                );
                assert!(order.executed <= order.quantity);
            }
            for (symbol, filled) in &belief.filled {
                let position = truth.positions.iter().find(|position| position.symbol == *symbol);
                assert_eq!(position.map_or(Decimal::ZERO, |position| position.amount), *filled);
                assert_eq!(belief.positions[symbol].0, *filled);
                if let Some(position) = position {
                    assert_eq!(belief.positions[symbol].1, position.entry_price);
                }
            }
            for (asset, earned) in &belief.earned {
                let wallet = |truth: &binance_sim::Truth| {
                    truth
                        .balances
                        .iter()
                        .find(|one| one.market == market && one.asset == *asset)
                        .unwrap()
                        .wallet
                };
                assert_eq!(wallet(&truth), add(wallet(&start), *earned), "{asset} seed {seed}");
                assert_eq!(belief.balances[asset], wallet(&truth));
            }
            // The book has the open orders in it, and only those.
            for order in truth.orders.iter().filter(|order| order.market == market) {
                let book = sim.book(&order.symbol).unwrap();
                let side = if order.side == Side::Buy { &book.bids } else { &book.asks };
                let left = order.quantity.checked_sub(order.executed).unwrap();
                if ["NEW", "PARTIALLY_FILLED"].contains(&order.status) {
                    assert!(side.iter().any(|(price, quantity)| *price == order.price && *quantity >= left));
                }
            }
        }
        // On USDⓈ-M cash and position are worth what was realized and is not yet, to the last decimals.
        let risks = signed(&sim, "GET", "/fapi/v2/positionRisk", "").good();
        let mut worth = Decimal::ZERO;
        let mut open = Decimal::ZERO;
        for risk in risks.as_array().unwrap() {
            let symbol = risk["symbol"].as_str().unwrap();
            let value = decimal(&risk["positionAmt"]).checked_mul(decimal(&risk["markPrice"])).unwrap();
            worth = add(worth, add(value, beliefs[0].cash.get(symbol).copied().unwrap_or_default()));
            open = add(open, decimal(&risk["unRealizedProfit"]));
        }
        let paid = signed(&sim, "GET", "/fapi/v3/account", "").good();
        assert_eq!(decimal(&paid["totalUnrealizedProfit"]), open);
        let difference = worth.checked_sub(add(open, beliefs[0].realized)).unwrap().abs();
        // Each trade's profit is cut to eight decimals.
        assert!(difference < Decimal::new(beliefs[0].trades as i128 + 10, 8).unwrap(), "{difference}");
    }
}

/// What an account does that trades with leverage: opens, closes, moves margin, changes leverage.
fn dare(sim: &Sim, rng: &mut Rng) {
    let (rest, symbol, quantities) = rng.pick(&[
        ("/fapi", "BTCUSDT", ["1", "4", "15"]),
        ("/fapi", "ETHUSDT", ["1", "60", "200"]),
        ("/dapi", "BTCUSD_PERP", ["10", "500", "3000"]),
        ("/dapi", "ETHUSD_PERP", ["100", "3000", "9000"]),
    ]);
    let side = rng.pick(&["BUY", "SELL"]);
    let quantity = rng.pick(&quantities);
    let reply = match rng.below(18) {
        0..=5 => {
            let order = format!("symbol={symbol}&side={side}&type=MARKET&quantity={quantity}");
            signed(sim, "POST", &format!("{rest}/v1/order"), &order)
        }
        6 => {
            let kind = rng.pick(&["ISOLATED", "CROSSED"]);
            signed(
                sim,
                "POST",
                &format!("{rest}/v1/marginType"),
                &format!("symbol={symbol}&marginType={kind}"),
            )
        }
        7 => {
            let leverage = rng.pick(&["5", "50", "100"]);
            signed(
                sim,
                "POST",
                &format!("{rest}/v1/leverage"),
                &format!("symbol={symbol}&leverage={leverage}"),
            )
        }
        8 | 9 => {
            let change = format!("symbol={symbol}&type={}&amount=0.{}", 1 + rng.below(2), 1 + rng.below(9));
            signed(sim, "POST", &format!("{rest}/v1/positionMargin"), &change)
        }
        10 => {
            sim.advance(Duration::from_secs(3_600 * rng.below(3)));
            return;
        }
        11..=13 => {
            sim.advance(Duration::from_millis(50 * (1 + rng.below(40))));
            return;
        }
        _ => {
            let book = sim.book(symbol).unwrap();
            let away = Decimal::new(i128::from(rng.below(19)) + 91, 2).unwrap();
            let best = book.bids.first().map_or(Decimal::new(1_000, 0).unwrap(), |bid| bid.0);
            assert!(sim.set_price(symbol, best.checked_mul(away).unwrap()));
            sim.advance(Duration::from_secs(2));
            return;
        }
    };
    let known =
        [-2019, -2020, -2027, -2028, -4046, -4048, -4049, -4050, -4051, -4054, -4113, -4131, -4150, -4161];
    assert!(reply.status == 200 || known.contains(&reply.code()), "{}", reply.body);
}

/// The wallets as the account events tell them: all of it, and what no isolated position has.
#[derive(Default)]
struct Wallets {
    all: BTreeMap<String, (Decimal, Decimal)>,
    isolated: BTreeMap<String, Decimal>,
    clears: usize,
    fundings: usize,
}

impl Wallets {
    fn see(&mut self, event: &Value) {
        if event["e"] != "ACCOUNT_UPDATE" {
            return;
        }
        self.clears += usize::from(event["a"]["m"] == "INSURANCE_CLEAR");
        self.fundings += usize::from(event["a"]["m"] == "FUNDING_FEE");
        for balance in event["a"]["B"].as_array().unwrap() {
            let known = (decimal(&balance["wb"]), decimal(&balance["cw"]));
            self.all.insert(balance["a"].as_str().unwrap().to_owned(), known);
        }
        for position in event["a"]["P"].as_array().unwrap() {
            self.isolated.insert(position["s"].as_str().unwrap().to_owned(), decimal(&position["iw"]));
        }
    }
}

#[tokio::test]
async fn wallets_add_up_with_isolated_positions_fundings_and_liquidations() {
    let long = Duration::from_secs(100_000_000);
    let (mut clears, mut fundings) = (0, 0);
    for seed in [1u64, 2, 3] {
        let sim = moving().seed(seed).order_limits(u32::MAX, u32::MAX).weight_limit(u32::MAX);
        let sim = sim.ping_interval(long).listen_key_life(long).start().unwrap();
        let start = sim.truth();
        let api_key = sim.keys().hmac.api_key.clone();
        let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        // A day at most for a socket, so it is opened anew.
        let mut beliefs = [Wallets::default(), Wallets::default()];
        for _ in 0..20 {
            let mut sockets = Vec::new();
            for (market, path) in [("fapi", "/private/ws"), ("dapi", "/dstream/ws")] {
                let key = send(&sim, "POST", &format!("/{market}/v1/listenKey"), Some(&api_key), "").good();
                let key = key["listenKey"].as_str().unwrap().to_owned();
                sockets.push(Socket::open(&sim, &format!("{path}/{key}")).await);
            }
            // Something that a jump of the price will not leave alone, refused now and then.
            signed(&sim, "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=75");
            let side = rng.pick(&["BUY", "SELL"]);
            let order = format!("symbol=BTCUSDT&side={side}&type=MARKET&quantity=6");
            signed(&sim, "POST", "/fapi/v1/order", &order);
            for _ in 0..10 {
                dare(&sim, &mut rng);
            }
            for (socket, belief) in sockets.iter_mut().zip(&mut beliefs) {
                for event in socket.drain().await {
                    belief.see(&event);
                }
            }
        }
        let truth = sim.truth();
        for (belief, (market, rest)) in beliefs.iter().zip([(Market::UsdM, "fapi"), (Market::CoinM, "dapi")])
        {
            let mut incomes: BTreeMap<String, Decimal> = BTreeMap::new();
            for page in 1.. {
                let query = format!("limit=1000&page={page}&startTime=0");
                let rows = signed(&sim, "GET", &format!("/{rest}/v1/income"), &query).good();
                for row in rows.as_array().unwrap() {
                    let of = incomes.entry(row["asset"].as_str().unwrap().to_owned()).or_default();
                    *of = add(*of, decimal(&row["income"]));
                }
                if rows.as_array().unwrap().len() < 1_000 {
                    break;
                }
            }
            for wallet in truth.balances.iter().filter(|one| one.market == market) {
                let begun =
                    start.balances.iter().find(|one| (one.market, &one.asset) == (market, &wallet.asset));
                let earned = incomes.get(&wallet.asset).copied().unwrap_or_default();
                let begun = begun.map_or(Decimal::ZERO, |one| one.wallet);
                assert_eq!(wallet.wallet, add(begun, earned), "{} seed {seed}", wallet.asset);
                // Open profits may stand behind a loss, nothing else.
                let is_open = truth.positions.iter().any(|position| position.market == market);
                assert!(wallet.wallet >= Decimal::ZERO || is_open, "{} seed {seed}", wallet.asset);
                let Some((all, cross)) = belief.all.get(&wallet.asset) else { continue };
                assert_eq!(*all, wallet.wallet, "{} seed {seed}", wallet.asset);
                let isolated = truth.positions.iter().filter(|position| {
                    position.market == market
                        && (market == Market::UsdM && wallet.asset == "USDT"
                            || market == Market::CoinM && position.symbol.starts_with(&wallet.asset))
                });
                let isolated = isolated.map(|position| position.isolated_wallet).fold(Decimal::ZERO, add);
                assert_eq!(add(*cross, isolated), *all, "{} seed {seed}", wallet.asset);
            }
            for position in truth.positions.iter().filter(|position| position.market == market) {
                assert_eq!(
                    belief.isolated[&position.symbol], position.isolated_wallet,
                    "{}",
                    position.symbol
                );
            }
            clears += belief.clears;
            fundings += belief.fundings;
        }
    }
    assert!(clears > 5 && fundings > 2, "{clears} liquidations, {fundings} fundings");
}
