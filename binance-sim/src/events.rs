//! The events of user data streams.

use binance_core::endpoint::Market;

use crate::{
    account::{Account, Position},
    algo::{Algo, AlgoStatus},
    contracts::Contract,
    json::{Json, Padded, object},
    margin::Exposure,
    num::Num,
    order::{Order, Origin, PositionSide},
};

/// What happened to an order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Execution {
    New,
    Canceled,
    Expired,
    Amendment,
    Trade { ticks: i64, lots: i64, trade: u64, maker: bool, fee: Num, realized: Num },
}

impl Execution {
    const fn as_str(&self, origin: Origin) -> &'static str {
        match (self, origin) {
            (Self::New, _) => "NEW",
            (Self::Canceled, _) => "CANCELED",
            (Self::Expired, _) => "EXPIRED",
            (Self::Amendment, _) => "AMENDMENT",
            (Self::Trade { .. }, Origin::Client | Origin::Settlement) => "TRADE",
            (Self::Trade { .. }, _) => "CALCULATED",
        }
    }
}

/// `ORDER_TRADE_UPDATE`
pub(crate) fn order_trade_update(
    order: &Order,
    account: &Account,
    contract: &Contract,
    execution: &Execution,
    exposure: &Exposure,
    time: i64,
) -> Json {
    let (ticks, lots, trade, maker, fee, realized) = match *execution {
        Execution::Trade { ticks, lots, trade, maker, fee, realized } => {
            (ticks, lots, trade, maker, fee, realized)
        }
        _ => (0, 0, 0, false, Num::ZERO, Num::ZERO),
    };
    let kind = match order.origin {
        Origin::Liquidation | Origin::Deleveraging => "LIQUIDATION",
        Origin::Client | Origin::Settlement => order.kind.as_str(),
    };
    let begin = object! {
        "s": contract.symbol,
        "c": order.client_id,
        "S": order.side.as_str(),
        "o": kind,
        "f": order.time_in_force.as_str(),
        "q": contract.quantity(order.lots),
        "p": contract.price(order.ticks),
        "ap": average_price(contract, order),
        "sp": "0",
        "x": execution.as_str(order.origin),
        "X": order.status.as_str(),
        "i": order.id,
    };
    let begin = match (execution, order.modify_id) {
        (Execution::Amendment, Some(modify_id)) => begin.with(&object! { "M": modify_id.to_string() }),
        _ => begin,
    };
    let begin = begin.with(&object! {
        "l": contract.quantity(lots),
        "z": contract.quantity(order.executed),
        "L": contract.price(ticks),
    });
    let middle = object! {
        "N": contract.margin_asset,
        "n": fee,
        "T": order.update_time,
        "t": trade,
    };
    let end = object! {
        "b": Padded(exposure.bids, 8).trimmed(),
        "a": Padded(exposure.asks, 8).trimmed(),
        "m": maker,
        "R": order.reduce_only,
        "wt": "CONTRACT_PRICE",
        "ot": kind,
        "ps": order.position_side.as_str(),
        "cp": false,
    };
    if contract.market == Market::UsdM {
        let last = object! {
            "pP": false,
            "si": 0,
            "ss": 0,
            "rp": realized,
            "V": order.self_trade.as_str(),
            "pm": order.price_match,
            "gtd": order.good_till,
            "er": order.reason.as_str(),
        };
        let body = begin.with(&middle).with(&end).with(&last);
        object! { "e": "ORDER_TRADE_UPDATE", "E": time, "T": order.update_time, "o": body }
    } else {
        let last = object! {
            "pP": false,
            "V": order.self_trade.as_str(),
            "pm": order.price_match,
            "er": order.reason.as_str(),
        };
        let body = begin.with(&object! { "ma": contract.margin_asset }).with(&middle);
        let body = body.with(&object! { "rp": realized }).with(&end).with(&last);
        object! { "e": "ORDER_TRADE_UPDATE", "E": time, "T": order.update_time, "i": account.alias, "o": body }
    }
}

/// `TRADE_LITE`, which USDⓈ-M has for trades only.
pub(crate) fn trade_lite(
    order: &Order,
    contract: &Contract,
    execution: &Execution,
    time: i64,
) -> Option<Json> {
    let Execution::Trade { ticks, lots, trade, maker, .. } = *execution else { return None };
    (contract.market == Market::UsdM).then(|| {
        object! {
            "e": "TRADE_LITE",
            "E": time,
            "T": order.update_time,
            "s": contract.symbol,
            "q": contract.quantity(order.lots),
            "p": contract.price(order.ticks),
            "m": maker,
            "c": order.client_id,
            "S": order.side.as_str(),
            "L": contract.price(ticks),
            "l": contract.quantity(lots),
            "t": trade,
            "i": order.id,
        }
    })
}

/// An asset as `ACCOUNT_UPDATE` has it. `change` is what moved apart from trading.
pub(crate) fn balance(asset: &str, wallet: Num, cross_wallet: Num, change: Num) -> Json {
    object! { "a": asset, "wb": Padded(wallet, 8), "cw": Padded(cross_wallet, 8), "bc": change }
}

/// A position as `ACCOUNT_UPDATE` has it.
pub(crate) fn position(
    contract: &Contract,
    position: &Position,
    mark: Num,
    isolated: bool,
    side: PositionSide,
) -> Json {
    object! {
        "s": contract.symbol,
        "pa": contract.quantity(position.lots),
        "ep": Padded(position.entry_price(contract), 8).trimmed(),
        "bep": Padded(position.break_even_price(contract), 8).trimmed(),
        "cr": Padded(position.realized, 8),
        "up": Padded(position.unrealized(contract, mark), 8),
        "mt": if isolated { "isolated" } else { "cross" },
        "iw": Padded(position.isolated, 8),
        "ps": side.as_str(),
    }
}

/// `ACCOUNT_UPDATE`
pub(crate) fn account_update(
    account: &Account,
    market: Market,
    reason: &str,
    (balances, positions): (Json, Json),
    symbol: Option<&str>,
    time: i64,
) -> Json {
    let body = object! { "m": reason, "B": balances, "P": positions };
    let body = match symbol {
        Some(symbol) => body.with(&object! { "S": symbol }),
        None => body,
    };
    let begin = object! { "e": "ACCOUNT_UPDATE", "E": time, "T": time };
    named(begin, account, market).with(&object! { "a": body })
}

/// `ACCOUNT_CONFIG_UPDATE` after the leverage of a contract was changed.
pub(crate) fn leverage_update(symbol: &str, leverage: u32, time: i64) -> Json {
    let change = object! { "s": symbol, "l": leverage };
    object! { "e": "ACCOUNT_CONFIG_UPDATE", "E": time, "T": time, "ac": change }
}

/// `ACCOUNT_CONFIG_UPDATE` after the account went into multi-assets mode or left it.
pub(crate) fn mode_update(multi_assets: bool, time: i64) -> Json {
    object! { "e": "ACCOUNT_CONFIG_UPDATE", "E": time, "T": time, "ai": object! { "j": multi_assets } }
}

/// `MARGIN_CALL`; `wallet` is that of the positions that share one.
pub(crate) fn margin_call(
    account: &Account,
    market: Market,
    wallet: Option<Num>,
    positions: Json,
    time: i64,
) -> Json {
    let begin = named(object! { "e": "MARGIN_CALL", "E": time }, account, market);
    let begin = match wallet {
        Some(wallet) => begin.with(&object! { "cw": Padded(wallet, 8) }),
        None => begin,
    };
    begin.with(&object! { "p": positions })
}

/// A position as `MARGIN_CALL` has it.
pub(crate) fn called_position(
    contract: &Contract,
    position: &Position,
    mark: Num,
    isolated: bool,
    side: PositionSide,
) -> Json {
    object! {
        "s": contract.symbol,
        "ps": side.as_str(),
        "pa": contract.quantity(position.lots),
        "mt": if isolated { "ISOLATED" } else { "CROSSED" },
        "iw": Padded(position.isolated, 8),
        "mp": Padded(mark, 8),
        "up": Padded(position.unrealized(contract, mark), 8),
        "mm": Padded(position.maintenance(contract, mark), 8),
    }
}

/// The events of COIN-M say whose they are.
fn named(begin: Json, account: &Account, market: Market) -> Json {
    match market {
        Market::UsdM => begin,
        Market::CoinM => begin.with(&object! { "i": account.alias }),
    }
}

/// `ALGO_UPDATE`. `refusal` is why an order that was triggered was not taken.
pub(crate) fn algo_update(told: &ToldAlgo<'_>, time: i64) -> Json {
    let ToldAlgo { algo, contract, status, average, executed, refusal } = told;
    let order = algo.order.map_or(String::new(), |id| id.to_string());
    let kind = if algo.order.is_some() { algo.new.kind.as_str() } else { "0" };
    let quantity = contract.quantity(if algo.close_position { 0 } else { algo.new.lots });
    let body = object! {
        "caid": algo.client_id,
        "aid": algo.id,
        "at": "CONDITIONAL",
        "o": algo.kind.as_str(),
        "s": contract.symbol,
        "S": algo.new.side.as_str(),
        "ps": algo.new.position_side.as_str(),
        "f": algo.new.time_in_force.as_str(),
        "q": quantity,
        "X": status.as_str(),
        "ai": order,
        "ap": Padded(*average, contract.price_decimals + 3),
        "aq": contract.quantity(*executed),
        "act": kind,
        "tp": Padded(algo.trigger, contract.price_decimals),
        "p": contract.price(algo.new.ticks),
        "V": algo.new.self_trade.as_str(),
        "wt": if algo.by_mark { "MARK_PRICE" } else { "CONTRACT_PRICE" },
        "pm": algo.new.price_match,
        "cp": algo.close_position,
        "pP": algo.price_protect,
        "R": algo.new.reduce_only,
        "tt": algo.triggered,
        "gtd": algo.new.good_till,
        "rm": *refusal,
    };
    let body = match algo.is_activated() {
        Some(activated) => body.with(&object! { "ia": activated }),
        None => body,
    };
    object! { "e": "ALGO_UPDATE", "T": algo.updated, "E": time, "o": body }
}

/// What `ALGO_UPDATE` tells of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToldAlgo<'a> {
    pub(crate) algo: &'a Algo,
    pub(crate) contract: &'a Contract,
    pub(crate) status: AlgoStatus,
    pub(crate) average: Num,
    pub(crate) executed: i64,
    pub(crate) refusal: &'a str,
}

/// An event that nothing here causes: of grids, of strategies, of orders on the old path for conditional ones.
pub(crate) fn made_up(name: &str, contract: &Contract, time: i64) -> Option<Json> {
    let begin = object! { "e": name, "T": time, "E": time };
    Some(match name {
        "GRID_UPDATE" => {
            let grid = object! {
                "si": 176_057_039i64,
                "st": "GRID",
                "ss": "WORKING",
                "s": contract.symbol,
                "r": "-0.00300716",
                "up": contract.price(contract.start_ticks),
                "uq": contract.quantity(-1),
                "uf": "-0.00300716",
                "mp": "0.0",
                "ut": time,
            };
            begin.with(&object! { "gu": grid })
        }
        "STRATEGY_UPDATE" => {
            let strategy = object! {
                "si": 176_054_594i64, "st": "GRID", "ss": "NEW", "s": contract.symbol, "ut": time, "c": 8_007i64,
            };
            begin.with(&object! { "su": strategy })
        }
        "CONDITIONAL_ORDER_TRIGGER_REJECT" if contract.market == Market::UsdM => {
            let reason = "Due to the order could not be filled immediately, the FOK order has been rejected. The order \
                          will not be recorded in the order history";
            let order = object! { "s": contract.symbol, "i": 155_618_472_834i64, "r": reason };
            object! { "e": name, "E": time, "T": time, "or": order }
        }
        _ => return None,
    })
}

/// `listenKeyExpired`
pub(crate) fn listen_key_expired(key: &str, time: i64) -> Json {
    object! { "e": "listenKeyExpired", "E": time, "listenKey": key }
}

/// The average price of an order's fills, as replies and events show it.
pub(crate) fn average_price(contract: &Contract, order: &Order) -> Padded {
    let average =
        if order.executed == 0 { Num::ZERO } else { contract.average_price(order.executed, order.turnover) };
    Padded(average, contract.price_decimals + 3)
}
