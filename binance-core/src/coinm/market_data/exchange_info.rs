//! The exchange's limits, and the rules of every contract.

use crate::{
    decimal::Decimal,
    enums::{ContractStatus, ContractType, OrderType, TimeInForce},
    json::{List, Raw},
    open::Open,
    record::{Filter, RateLimit},
    text::{Asset, Symbol, Text},
    time::Millis,
};

record! {
    /// The exchange's limits, and the rules of every contract.
    pub struct ExchangeInfo<'r> {
        /// The time zone of the exchange's days.
        "timezone" ? timezone: Text<31>,
        /// The exchange's clock. On the demo exchange it is stale: use [`super::Time`].
        "serverTime" ? server_time: Millis,
        /// The limits on requests and orders.
        "rateLimits" ? rate_limits: List<'r, RateLimit>,
        /// Rules for orders of all contracts; there are none.
        "exchangeFilters" ? exchange_filters: List<'r, Raw<'r>>,
        /// The contracts.
        "symbols" => symbols: List<'r, SymbolInfo<'r>>,
    }

    /// The rules of one contract.
    pub struct SymbolInfo<'r> {
        /// Its name.
        "symbol" => symbol: Symbol,
        /// What it is on.
        "pair" ? pair: Symbol,
        /// What kind of contract it is.
        "contractType" ? contract_type: Open<ContractType>,
        /// When it ends; far off for a perpetual one.
        "deliveryDate" ? delivery_date: Millis,
        /// When it began.
        "onboardDate" ? onboard_date: Millis,
        /// Where it stands.
        "contractStatus" ? contract_status: Open<ContractStatus>,
        /// What one contract is worth, in the quote asset.
        "contractSize" ? contract_size: Decimal,
        /// Not to be used.
        "maintMarginPercent" ? maint_margin_percent: Decimal,
        /// Not to be used.
        "requiredMarginPercent" ? required_margin_percent: Decimal,
        /// What is bought and sold.
        "baseAsset" ? base_asset: Asset,
        /// What prices are in.
        "quoteAsset" ? quote_asset: Asset,
        /// What it is margined in.
        "marginAsset" ? margin_asset: Asset,
        /// The decimals of prices at most. **Not** the tick size, which the `PRICE_FILTER` has.
        "pricePrecision" ? price_precision: u8,
        /// The decimals of quantities at most. **Not** the step size, which the `LOT_SIZE` has.
        "quantityPrecision" ? quantity_precision: u8,
        /// The decimals of the base asset.
        "baseAssetPrecision" ? base_asset_precision: u8,
        /// The decimals of the quote asset.
        "quotePrecision" ? quote_precision: u8,
        /// Not to be used.
        "equalQtyPrecision" ? equal_qty_precision: u8,
        /// What it is on: `COIN`, `INDEX` and others.
        "underlyingType" ? underlying_type: Text<31>,
        /// Finer than that.
        "underlyingSubType" ? underlying_sub_type: List<'r, Text<31>>,
        /// How far mark and last price may be apart for an order with price protection to be triggered.
        "triggerProtect" ? trigger_protect: Decimal,
        /// The rules for orders.
        "filters" ? filters: List<'r, Filter>,
        /// The order types that it takes.
        "orderTypes" ? order_types: List<'r, Open<OrderType>>,
        /// How long orders may stay.
        "timeInForce" ? time_in_force: List<'r, Open<TimeInForce>>,
        /// The fee of a liquidation.
        "liquidationFee" ? liquidation_fee: Decimal,
        /// How far from the mark price a market order may go.
        "marketTakeBound" ? market_take_bound: Decimal,
    }
}
