//! What is known of an account, in the same words for both markets.
//!
//! Quantities are in the base asset on USDⓈ-M and in contracts on COIN-M.

use std::vec::Vec;

use binance_core::{
    Decimal, Millis, Open, coinm,
    enums::{AlgoStatus, ExecutionType, OrderStatus, OrderType, PositionSide, Side},
    record::Contracts,
    text::{Asset, ClientOrderId, Symbol},
    usdm,
};

/// An order, as far as it matters where it stands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OrderState {
    /// The contract.
    pub symbol: Symbol,
    /// The exchange's id, which no other order of the contract has.
    pub order_id: u64,
    /// The client's id.
    pub client_order_id: ClientOrderId,
    /// Which way.
    pub side: Open<Side>,
    /// Which position.
    pub position_side: Option<Open<PositionSide>>,
    /// What kind it is.
    pub kind: Option<Open<OrderType>>,
    /// Where it stands.
    pub status: Open<OrderStatus>,
    /// The price.
    pub price: Option<Decimal>,
    /// How much was ordered.
    pub quantity: Option<Decimal>,
    /// How much is filled.
    pub filled: Decimal,
    /// The mean price of what is filled.
    pub avg_price: Option<Decimal>,
    /// When it changed last, 0 where the exchange did not say.
    pub time: Millis,
}

impl OrderState {
    /// Whether nothing can happen to it any more.
    pub fn has_ended(&self) -> bool {
        self.status.has_ended()
    }
}

/// An algo order, as far as it matters where it stands.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AlgoState {
    /// The contract.
    pub symbol: Symbol,
    /// The exchange's id.
    pub algo_id: u64,
    /// The client's id.
    pub client_algo_id: ClientOrderId,
    /// Which way.
    pub side: Open<Side>,
    /// Which position.
    pub position_side: Option<Open<PositionSide>>,
    /// What kind it is.
    pub kind: Option<Open<OrderType>>,
    /// Where it stands.
    pub status: Open<AlgoStatus>,
    /// How much was ordered.
    pub quantity: Option<Decimal>,
    /// The price that triggers it.
    pub trigger_price: Option<Decimal>,
    /// The order that came of it.
    pub order_id: Option<u64>,
    /// When it changed last, 0 where the exchange did not say.
    pub time: Millis,
}

impl AlgoState {
    /// Whether nothing can happen to it any more. What came of it is an order of its own.
    pub fn has_ended(&self) -> bool {
        self.status.has_ended()
    }

    /// How far it has come; it never goes back.
    pub(super) fn step(&self) -> u8 {
        match self.status.known() {
            Some(AlgoStatus::New) => 0,
            Some(AlgoStatus::Triggering) => 1,
            Some(AlgoStatus::Triggered) => 2,
            _ if self.has_ended() => 3,
            _ => 0,
        }
    }
}

/// A trade of the account.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fill {
    /// The contract.
    pub symbol: Symbol,
    /// Its id. Two orders of one account that trade with each other have a fill each with the same id.
    pub trade_id: u64,
    /// The exchange's id of the order.
    pub order_id: u64,
    /// Which way.
    pub side: Open<Side>,
    /// Which position.
    pub position_side: Option<Open<PositionSide>>,
    /// The price.
    pub price: Decimal,
    /// How much.
    pub quantity: Decimal,
    /// Profit that it realized.
    pub realized_profit: Option<Decimal>,
    /// The fee.
    pub commission: Option<Decimal>,
    /// What the fee is in.
    pub commission_asset: Option<Asset>,
    /// Whether it was as the maker.
    pub is_maker: Option<bool>,
    /// When it was, 0 where the exchange did not say.
    pub time: Millis,
}

/// What is in a wallet.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BalanceState {
    /// The asset.
    pub asset: Asset,
    /// The wallet.
    pub wallet: Decimal,
    /// The wallet for crossed positions.
    pub cross_wallet: Option<Decimal>,
    /// When it changed last, 0 where the exchange did not say.
    pub time: Millis,
}

/// A position.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PositionState {
    /// The contract.
    pub symbol: Symbol,
    /// Which of its positions.
    pub side: Open<PositionSide>,
    /// How much; negative when short.
    pub amount: Decimal,
    /// The mean price at which it was opened.
    pub entry_price: Option<Decimal>,
    /// When it changed last, 0 where the exchange did not say.
    pub time: Millis,
}

/// What an event says of an account.
#[allow(clippy::large_enum_variant, reason = "it is taken apart at once")]
pub(super) enum Heard {
    Order(OrderState, Option<Fill>),
    Account {
        time: Millis,
        balances: Vec<HeardBalance>,
        positions: Vec<HeardPosition>,
        /// Whether there were rows that could not be read.
        unreadable: bool,
    },
    KeyExpired,
    Other,
}

/// What changed of a balance.
pub(super) struct HeardBalance {
    pub(super) asset: Asset,
    pub(super) wallet: Option<Decimal>,
    pub(super) cross_wallet: Option<Decimal>,
}

/// What changed of a position.
pub(super) struct HeardPosition {
    pub(super) symbol: Symbol,
    pub(super) side: Open<PositionSide>,
    pub(super) amount: Option<Decimal>,
    pub(super) entry_price: Option<Decimal>,
}

/// An event of either market.
pub(super) trait Hear {
    fn hear(self) -> Heard;
}

/// What can be read of a row that may lack what matters.
pub(super) trait Read<T>: Sized {
    fn read(row: T) -> Option<Self>;
}

/// A quantity as a number.
trait Amount: Copy {
    fn number(self) -> Decimal;
}

impl Amount for Decimal {
    fn number(self) -> Decimal {
        self
    }
}

impl Amount for Contracts {
    fn number(self) -> Decimal {
        self.get()
    }
}

fn number<A: Amount>(amount: Option<A>) -> Option<Decimal> {
    amount.map(A::number)
}

macro_rules! of_market {
    ($market:ident, $position:path) => {
        impl From<$market::trade::Order> for OrderState {
            fn from(order: $market::trade::Order) -> Self {
                Self {
                    symbol: order.symbol,
                    order_id: order.order_id,
                    client_order_id: order.client_order_id,
                    side: order.side,
                    position_side: order.position_side,
                    kind: order.kind,
                    status: order.status,
                    price: order.price,
                    quantity: number(order.orig_qty),
                    filled: number(order.executed_qty.or(order.cum_qty)).unwrap_or_default(),
                    avg_price: order.avg_price,
                    time: order.update_time.or(order.time).unwrap_or_default(),
                }
            }
        }

        impl From<&$market::user_events::OrderTradeUpdate> for OrderState {
            fn from(update: &$market::user_events::OrderTradeUpdate) -> Self {
                let order = &update.order;
                Self {
                    symbol: order.symbol.clone(),
                    order_id: order.order_id,
                    client_order_id: order.client_order_id.clone(),
                    side: order.side.clone(),
                    position_side: order.position_side.clone(),
                    kind: order.kind.clone(),
                    status: order.status.clone(),
                    price: order.price,
                    quantity: number(order.quantity),
                    filled: number(order.cum_filled_quantity).unwrap_or_default(),
                    avg_price: order.avg_price,
                    time: order.trade_time.or(update.transaction_time).unwrap_or_default(),
                }
            }
        }

        impl Fill {
            #[doc = concat!("The trade that an event of `", stringify!($market), "` tells of, if it tells of one.")]
            pub fn $market(update: &$market::user_events::OrderTradeUpdate) -> Option<Self> {
                let order = &update.order;
                let trade_id = order.trade_id.filter(|id| *id != 0)?;
                // A liquidation is executed as CALCULATED.
                let traded =
                    matches!(order.execution_type.known(), Some(ExecutionType::Trade | ExecutionType::Calculated));
                let quantity = number(order.last_filled_quantity).filter(|_| traded)?;
                Some(Self {
                    symbol: order.symbol.clone(),
                    trade_id,
                    order_id: order.order_id,
                    side: order.side.clone(),
                    position_side: order.position_side.clone(),
                    price: order.last_filled_price?,
                    quantity,
                    realized_profit: order.realized_profit,
                    commission: order.commission,
                    commission_asset: order.commission_asset.clone(),
                    is_maker: order.is_maker,
                    time: order.trade_time.or(update.transaction_time).unwrap_or_default(),
                })
            }
        }

        impl From<$market::trade::AccountTrade> for Fill {
            fn from(trade: $market::trade::AccountTrade) -> Self {
                Self {
                    symbol: trade.symbol,
                    trade_id: trade.id,
                    order_id: trade.order_id,
                    side: trade.side,
                    position_side: trade.position_side,
                    price: trade.price,
                    quantity: trade.quantity.number(),
                    realized_profit: trade.realized_pnl,
                    commission: trade.commission,
                    commission_asset: trade.commission_asset,
                    is_maker: trade.maker,
                    time: trade.time.unwrap_or_default(),
                }
            }
        }

        impl From<$market::trade::AlgoOrder> for AlgoState {
            fn from(order: $market::trade::AlgoOrder) -> Self {
                Self {
                    symbol: order.symbol,
                    algo_id: order.algo_id,
                    client_algo_id: order.client_algo_id,
                    side: order.side,
                    position_side: order.position_side,
                    kind: order.order_type,
                    status: order.algo_status,
                    quantity: number(order.quantity),
                    trigger_price: order.trigger_price,
                    order_id: order.actual_order_id.map(|id| id.get()),
                    time: order.update_time.or(order.create_time).unwrap_or_default(),
                }
            }
        }

        impl Hear for $market::Event<'_> {
            fn hear(self) -> Heard {
                match self {
                    Self::OrderTradeUpdate(update) => Heard::Order((&update).into(), Fill::$market(&update)),
                    Self::AccountUpdate(update) => {
                        let time = update.transaction_time.or(update.event_time).unwrap_or_default();
                        let mut unreadable = false;
                        let balances = update.account.balances.into_iter().flatten();
                        let positions = update.account.positions.into_iter().flatten();
                        Heard::Account {
                            time,
                            balances: balances
                                .filter_map(|row| row.inspect_err(|_| unreadable = true).ok())
                                .map(|row| HeardBalance {
                                    asset: row.asset,
                                    wallet: row.wallet_balance,
                                    cross_wallet: row.cross_wallet_balance,
                                })
                                .collect(),
                            positions: positions
                                .filter_map(|row| row.inspect_err(|_| unreadable = true).ok())
                                .map(|row| HeardPosition {
                                    symbol: row.symbol,
                                    side: row.position_side,
                                    amount: number(row.position_amount),
                                    entry_price: row.entry_price,
                                })
                                .collect(),
                            unreadable,
                        }
                    }
                    Self::ListenKeyExpired(_) => Heard::KeyExpired,
                    _ => Heard::Other,
                }
            }
        }

        impl Read<$market::account::AccountAsset> for BalanceState {
            fn read(asset: $market::account::AccountAsset) -> Option<Self> {
                Some(Self {
                    asset: asset.asset,
                    wallet: asset.wallet_balance?,
                    cross_wallet: asset.cross_wallet_balance,
                    time: asset.update_time.unwrap_or_default(),
                })
            }
        }

        impl Read<$position> for PositionState {
            fn read(position: $position) -> Option<Self> {
                Some(Self {
                    symbol: position.symbol,
                    side: position.position_side,
                    amount: position.position_amt?.number(),
                    entry_price: position.entry_price,
                    time: position.update_time.unwrap_or_default(),
                })
            }
        }
    };
}

of_market!(usdm, usdm::account::AccountPositionV2);
of_market!(coinm, coinm::account::AccountPosition);
