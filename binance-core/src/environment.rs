//! The exchange's places, and the roots of its APIs there.

use crate::Market;

/// One of the exchange's places: accounts, keys and books of its own.
/// [Docs](https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Environment {
    /// Real money.
    #[default]
    Production,
    /// The test network, with accounts of its own.
    Testnet,
    /// Demo trading, with the keys of the demo site. Its stream hosts stand in no documentation of the exchange; they are
    /// those that other clients use.
    Demo,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Production, Self::Testnet, Self::Demo];

    /// The root of a market's REST API; what follows it begins with `/fapi`, `/dapi` or `/futures`.
    pub const fn rest(self, market: Market) -> &'static str {
        match (self, market) {
            (Self::Production, Market::UsdM) => "https://fapi.binance.com",
            (Self::Production, Market::CoinM) => "https://dapi.binance.com",
            (Self::Testnet, _) => "https://testnet.binancefuture.com",
            (Self::Demo, Market::UsdM) => "https://demo-fapi.binance.com",
            (Self::Demo, Market::CoinM) => "https://demo-dapi.binance.com",
        }
    }

    /// The root of a market's streams; what follows it is a [route](crate::stream::Route), where the market has routes,
    /// and `/ws` or `/stream`.
    pub const fn streams(self, market: Market) -> &'static str {
        match (self, market) {
            (Self::Production, Market::UsdM) => "wss://fstream.binance.com",
            (Self::Production, Market::CoinM) => "wss://dstream.binance.com",
            (Self::Testnet, Market::UsdM) => "wss://fstream.binancefuture.com",
            (Self::Testnet, Market::CoinM) => "wss://dstream.binancefuture.com",
            (Self::Demo, Market::UsdM) => "wss://demo-fstream.binance.com",
            (Self::Demo, Market::CoinM) => "wss://demo-dstream.binance.com",
        }
    }

    /// The address of a market's WebSocket API. Demo trading has none that is known.
    pub const fn ws_api(self, market: Market) -> Option<&'static str> {
        match (self, market) {
            (Self::Production, Market::UsdM) => Some("wss://ws-fapi.binance.com/ws-fapi/v1"),
            (Self::Production, Market::CoinM) => Some("wss://ws-dapi.binance.com/ws-dapi/v1"),
            (Self::Testnet, Market::UsdM) => Some("wss://testnet.binancefuture.com/ws-fapi/v1"),
            (Self::Testnet, Market::CoinM) => Some("wss://testnet.binancefuture.com/ws-dapi/v1"),
            (Self::Demo, _) => None,
        }
    }
}
