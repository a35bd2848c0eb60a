//! The WebSocket API: the methods of USDⓈ-M, each a request of REST.

use super::{
    account::{Account, AccountV2, Balance, BalanceV2},
    market_data::{Depth, TickerBookTicker, TickerPrice},
    trade::{
        CancelAlgoOrder, CancelOrder, ModifyOrder, NewAlgoOrder, NewOrder, PositionRisk, PositionRiskV2,
        QueryOrder,
    },
    user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
};
use crate::ws_api::Session;

methods! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/ws-api/";

    "depth", docs: "market-data#order-book" => Depth<'_>;
    "ticker.price", docs: "market-data#symbol-price-ticker" => TickerPrice<'_>;
    "ticker.book", docs: "market-data#symbol-order-book-ticker" => TickerBookTicker<'_>;
    "order.place", docs: "trade#new-order" => NewOrder<'_>;
    "order.modify", docs: "trade#modify-order" => ModifyOrder<'_>;
    "order.cancel", docs: "trade#cancel-order" => CancelOrder<'_>;
    "order.status", docs: "trade#query-order" => QueryOrder<'_>;
    "algoOrder.place", docs: "trade#new-algo-order" => NewAlgoOrder<'_>;
    "algoOrder.cancel", docs: "trade#cancel-algo-order" => CancelAlgoOrder<'_>;
    "account.position", docs: "trade#position-information" => PositionRiskV2<'_>;
    "v2/account.position", docs: "trade#position-information-v2" => PositionRisk<'_>;
    "account.balance", docs: "account#futures-account-balance" => BalanceV2;
    "v2/account.balance", docs: "account#futures-account-balance-v2" => Balance;
    "account.status", docs: "account#account-information" => AccountV2;
    "v2/account.status", docs: "account#account-information-v2" => Account;
    "userDataStream.start", docs: "user-data-streams#start-user-data-stream" => StartUserDataStream;
    "userDataStream.ping", docs: "user-data-streams#keepalive-user-data-stream" => KeepaliveUserDataStream;
    "userDataStream.stop", docs: "user-data-streams#close-user-data-stream" => CloseUserDataStream;

    session at
    "https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-api-general-info" {
        /// Logs the connection on, with an Ed25519 key: calls need neither key nor signature after it.
        ///
        /// It carries no parameters of its own; key, time and signature are added when it is signed.
        "session.logon" UserData -> Session;
        pub struct SessionLogon;

        /// Whether and since when the connection is logged on.
        "session.status" Public -> Session;
        pub struct SessionStatus;

        /// Logs the connection off; it stays open.
        "session.logout" Public -> Session;
        pub struct SessionLogout;
    }
}
