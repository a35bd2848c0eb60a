//! Replies of either market, read into the same words.

use std::vec::Vec;

use binance_core::{
    Event as _, Market, Millis, coinm, json,
    listen_key::ListenKey,
    record::{ListenKeyReply, ServerTime},
    usdm::{self, user_events::AlgoUpdate},
};
use serde::Deserialize;

use super::{AlgoState, BalanceState, Fill, OrderState, PositionState, records::Read};

/// The rows of a reply, and how many could not be read.
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    pub(super) unreadable: u32,
}

impl<T> Rows<T> {
    /// How many the exchange sent.
    pub(super) fn sent(&self) -> usize {
        self.rows.len() + self.unreadable as usize
    }
}

pub(super) fn listen_key(body: &[u8]) -> Result<Option<ListenKey>, json::Error> {
    json::from_slice(body).map(|reply: ListenKeyReply| reply.listen_key)
}

pub(super) fn time(body: &[u8]) -> Result<Millis, json::Error> {
    // Both markets answer the same.
    json::from_slice(body).map(|time: ServerTime| time.server_time)
}

/// Orders, each with the time when it was placed.
pub(super) fn orders(market: Market, body: &[u8]) -> Result<Rows<(OrderState, Millis)>, json::Error> {
    match market {
        Market::UsdM => list(body, |order: usdm::trade::Order| {
            let placed = order.time.unwrap_or_default();
            Some((order.into(), placed))
        }),
        Market::CoinM => list(body, |order: coinm::trade::Order| {
            let placed = order.time.unwrap_or_default();
            Some((order.into(), placed))
        }),
    }
}

pub(super) fn order(market: Market, body: &[u8]) -> Result<OrderState, json::Error> {
    match market {
        Market::UsdM => json::from_slice::<usdm::trade::Order>(body).map(Into::into),
        Market::CoinM => json::from_slice::<coinm::trade::Order>(body).map(Into::into),
    }
}

pub(super) fn algos(market: Market, body: &[u8]) -> Result<Rows<AlgoState>, json::Error> {
    match market {
        Market::UsdM => list(body, |order: usdm::trade::AlgoOrder| Some(order.into())),
        Market::CoinM => list(body, |order: coinm::trade::AlgoOrder| Some(order.into())),
    }
}

pub(super) fn algo(market: Market, body: &[u8]) -> Result<AlgoState, json::Error> {
    match market {
        Market::UsdM => json::from_slice::<usdm::trade::AlgoOrder>(body).map(Into::into),
        Market::CoinM => json::from_slice::<coinm::trade::AlgoOrder>(body).map(Into::into),
    }
}

pub(super) fn trades(market: Market, body: &[u8]) -> Result<Rows<Fill>, json::Error> {
    match market {
        Market::UsdM => list(body, |trade: usdm::trade::AccountTrade| Some(trade.into())),
        Market::CoinM => list(body, |trade: coinm::trade::AccountTrade| Some(trade.into())),
    }
}

pub(super) fn account(
    market: Market,
    body: &[u8],
) -> Result<(Rows<BalanceState>, Rows<PositionState>), json::Error> {
    match market {
        Market::UsdM => {
            let account: usdm::account::AccountInfoV2<'_> = json::from_slice(body)?;
            Ok((collect(account.assets, Read::read), collect(account.positions, Read::read)))
        }
        Market::CoinM => {
            let account: coinm::account::AccountInfo<'_> = json::from_slice(body)?;
            Ok((collect(account.assets, Read::read), collect(account.positions, Read::read)))
        }
    }
}

fn list<'r, W: Deserialize<'r>, T>(
    body: &'r [u8],
    read: impl Fn(W) -> Option<T>,
) -> Result<Rows<T>, json::Error> {
    json::from_slice(body).map(|list: json::List<'r, W>| collect(Some(list), read))
}

fn collect<'r, W: Deserialize<'r>, T>(
    list: Option<json::List<'r, W>>,
    read: impl Fn(W) -> Option<T>,
) -> Rows<T> {
    let mut rows = Rows { rows: Vec::new(), unreadable: 0 };
    for row in list.into_iter().flatten() {
        match row.ok().and_then(&read) {
            Some(row) => rows.rows.push(row),
            None => rows.unreadable += 1,
        }
    }
    rows
}

/// What `ALGO_UPDATE` tells of an algo order. COIN-M documents no such event; if it has one, it is the same.
pub(super) fn algo_update(data: &str) -> Option<AlgoState> {
    if json::find_field(data, "e").ok()?? != "\"ALGO_UPDATE\"" {
        return None;
    }
    let update = AlgoUpdate::decode(data).ok()?;
    let order = update.order;
    Some(AlgoState {
        symbol: order.symbol,
        algo_id: order.algo_id,
        client_algo_id: order.client_algo_id,
        side: order.side,
        position_side: order.position_side,
        kind: order.kind,
        status: order.status,
        quantity: order.quantity,
        trigger_price: order.trigger_price,
        order_id: order.actual_order_id.and_then(|id| id.parse().ok()),
        time: update.transaction_time.or(update.event_time).unwrap_or_default(),
    })
}
