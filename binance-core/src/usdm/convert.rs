//! Convert: one asset into another, at a price that the exchange offers for some seconds.

use crate::{
    decimal::Decimal,
    endpoint::Weight::Fixed,
    enums,
    json::List,
    open::Open,
    record::Quoted,
    text::{Asset, Text},
    time::Millis,
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/convert";

    /// What can be converted into what, and how much at once.
    GET "/fapi/v1/convert/exchangeInfo" Public, weight: Fixed(20), python: "list_all_convert_pairs",
        docs: "#list-all-convert-pairs" -> List<'r, ConvertPair>;
    pub struct ConvertPairs<'a> {} optional {
        /// Only what can be made of this asset.
        "fromAsset" => from_asset: &'a str,
        /// Only what this asset can be made of.
        "toAsset" => to_asset: &'a str,
    }

    /// Asks for a price. Nothing is converted before [`AcceptQuote`].
    ///
    /// Make it with [`SendQuote::spending`] or [`SendQuote::receiving`]. At most 360 an hour and 500 a day.
    #[doc(alias = "getQuote")]
    POST "/fapi/v1/convert/getQuote" UserData, weight: Fixed(50), python: "send_quote_request",
        docs: "#send-quote-request" -> Quote;
    new is private;
    pub struct SendQuote<'a> {
        /// What is given.
        "fromAsset" => from_asset: &'a str,
        /// What is wanted.
        "toAsset" => to_asset: &'a str,
    } optional {
        /// How much is given.
        "fromAmount" => from_amount: Decimal [private],
        /// How much is wanted.
        "toAmount" => to_amount: Decimal [private],
        /// How long the price is to be good: `10s` unless given.
        "validTime" => valid_time: &'a str,
    }

    /// Converts at the price that was offered.
    POST "/fapi/v1/convert/acceptQuote" UserData, weight: Fixed(200), python: "accept_offered_quote",
        docs: "#accept-the-offered-quote" -> AcceptedQuote;
    pub struct AcceptQuote<'a> {
        /// The id from the [`Quote`].
        "quoteId" => quote_id: &'a str,
    }

    /// Where a conversion stands.
    ///
    /// Make it with [`ConvertOrderStatus::by_id`] or [`ConvertOrderStatus::by_quote_id`].
    GET "/fapi/v1/convert/orderStatus" UserData, weight: Fixed(50), python: "order_status", docs: "#order-status"
        -> ConvertOrder;
    new is private;
    pub struct ConvertOrderStatus<'a> {} optional {
        /// The id of the conversion.
        "orderId" => order_id: u64 [private],
        /// The id of the quote that was accepted.
        "quoteId" => quote_id: &'a str [private],
    }
}

impl<'a> SendQuote<'a> {
    /// For `amount` of `from_asset`, as much of `to_asset` as it gives.
    pub const fn spending(from_asset: &'a str, to_asset: &'a str, amount: Decimal) -> Self {
        Self::new(from_asset, to_asset).from_amount(amount)
    }

    /// For as much of `from_asset` as it takes, `amount` of `to_asset`.
    pub const fn receiving(from_asset: &'a str, to_asset: &'a str, amount: Decimal) -> Self {
        Self::new(from_asset, to_asset).to_amount(amount)
    }
}

impl<'a> ConvertOrderStatus<'a> {
    /// By the id from the [`AcceptedQuote`].
    pub const fn by_id(order_id: u64) -> Self {
        Self::new().order_id(order_id)
    }

    /// By the id from the [`Quote`].
    pub const fn by_quote_id(quote_id: &'a str) -> Self {
        Self::new().quote_id(quote_id)
    }
}

record! {
    /// A pair of assets of which one can be converted into the other.
    pub struct ConvertPair {
        /// What is given.
        "fromAsset" => from_asset: Asset,
        /// What it is converted into.
        "toAsset" => to_asset: Asset,
        /// The least that can be given.
        "fromAssetMinAmount" ? from_asset_min_amount: Decimal,
        /// The most that can be given.
        "fromAssetMaxAmount" ? from_asset_max_amount: Decimal,
        /// The least that can be got.
        "toAssetMinAmount" ? to_asset_min_amount: Decimal,
        /// The most that can be got.
        "toAssetMaxAmount" ? to_asset_max_amount: Decimal,
    }

    /// A price that the exchange offers.
    pub struct Quote {
        /// The id to accept it with; none where the balance does not suffice.
        "quoteId" ? quote_id: Text<63>,
        /// How much is got for one of what is given.
        "ratio" => ratio: Decimal,
        /// How much is given for one of what is got.
        "inverseRatio" ? inverse_ratio: Decimal,
        /// Until when it can be accepted.
        "validTimestamp" ? valid_timestamp: Millis,
        /// How much is got.
        "toAmount" ? to_amount: Decimal,
        /// How much is given.
        "fromAmount" ? from_amount: Decimal,
    }

    /// A quote that was accepted.
    pub struct AcceptedQuote {
        /// The id of the conversion.
        "orderId" => order_id: Quoted<u64>,
        /// When it was accepted.
        "createTime" ? create_time: Millis,
        /// Where the conversion stands.
        "orderStatus" => order_status: Open<enums::ConvertOrderStatus>,
    }

    /// A conversion.
    pub struct ConvertOrder {
        /// Its id.
        "orderId" => order_id: Quoted<u64>,
        /// Where it stands.
        "orderStatus" => order_status: Open<enums::ConvertOrderStatus>,
        /// What is given.
        "fromAsset" ? from_asset: Asset,
        /// How much is given.
        "fromAmount" ? from_amount: Decimal,
        /// What is got.
        "toAsset" ? to_asset: Asset,
        /// How much is got.
        "toAmount" ? to_amount: Decimal,
        /// How much is got for one of what is given.
        "ratio" ? ratio: Decimal,
        /// How much is given for one of what is got.
        "inverseRatio" ? inverse_ratio: Decimal,
        /// When it was accepted.
        "createTime" ? create_time: Millis,
    }
}
