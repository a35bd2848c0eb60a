//! The events of user data streams.

use binance_core::endpoint::Market;

use crate::{
    account::Account,
    contracts::Contract,
    json::{Json, Padded, object},
    margin::Exposure,
    market::Venue,
    num::Num,
    order::{Order, PositionSide},
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
    const fn as_str(&self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Canceled => "CANCELED",
            Self::Expired => "EXPIRED",
            Self::Amendment => "AMENDMENT",
            Self::Trade { .. } => "TRADE",
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
    let begin = object! {
        "s": contract.symbol,
        "c": order.client_id,
        "S": order.side.as_str(),
        "o": order.kind.as_str(),
        "f": order.time_in_force.as_str(),
        "q": contract.quantity(order.lots),
        "p": contract.price(order.ticks),
        "ap": average_price(contract, order),
        "sp": "0",
        "x": execution.as_str(),
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
        "ot": order.kind.as_str(),
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

/// `ACCOUNT_UPDATE` after a change in one contract: its margin asset, and the position of that side if one is named.
/// `change` is what moved apart from trading.
pub(crate) fn account_update(
    account: &Account,
    number: usize,
    venue: &Venue,
    side: Option<PositionSide>,
    reason: &str,
    change: Num,
    time: i64,
) -> Json {
    let (contract, mark) = (&venue.contract, venue.prices.mark_num());
    let balance = Padded(account.balance(contract.market, contract.margin_asset), 8);
    let balances = [object! { "a": contract.margin_asset, "wb": balance, "cw": balance, "bc": change }];
    let positions = side.into_iter().filter_map(|side| {
        let position = account.positions.get(&(number, side))?;
        Some(object! {
            "s": contract.symbol,
            "pa": contract.quantity(position.lots),
            "ep": Padded(position.entry_price(contract), 8).trimmed(),
            "bep": Padded(position.break_even_price(contract), 8).trimmed(),
            "cr": Padded(position.realized, 8),
            "up": Padded(position.unrealized(contract, mark), 8),
            "mt": "cross",
            "iw": "0",
            "ps": side.as_str(),
        })
    });
    let body = object! { "m": reason, "B": Json::array(balances), "P": Json::array(positions) };
    let body = if reason == "FUNDING_FEE" { body.with(&object! { "S": contract.symbol }) } else { body };
    if contract.market == Market::UsdM {
        object! { "e": "ACCOUNT_UPDATE", "E": time, "T": time, "a": body }
    } else {
        object! { "e": "ACCOUNT_UPDATE", "E": time, "T": time, "i": account.alias, "a": body }
    }
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
