//! The WebSocket API: the methods of COIN-M, each a request of REST.

use super::{
    account::{Account, Balance},
    trade::{CancelOrder, ModifyOrder, NewOrder, PositionRisk, QueryOrder},
    user_data_streams::{CloseUserDataStream, KeepaliveUserDataStream, StartUserDataStream},
};
use crate::{endpoint::Weight::Fixed, ws_api::Session};

methods! {
    CoinM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-coin-m-futures/api/ws-api/";

    "order.place", docs: "trade#new-order" => NewOrder<'_>;
    "order.modify", docs: "trade#modify-order" => ModifyOrder<'_>;
    "order.cancel", docs: "trade#cancel-order" => CancelOrder<'_>;
    "order.status", docs: "trade#query-order" => QueryOrder<'_>;
    "account.position", weight: Fixed(5), docs: "trade#position-information" => PositionRisk<'_>;
    "account.balance", weight: Fixed(5), docs: "account#futures-account-balance" => Balance;
    "account.status", docs: "account#account-information" => Account;
    "userDataStream.start", docs: "user-data-streams#start-user-data-stream" => StartUserDataStream;
    "userDataStream.ping", docs: "user-data-streams#keepalive-user-data-stream" => KeepaliveUserDataStream;
    "userDataStream.stop", docs: "user-data-streams#close-user-data-stream" => CloseUserDataStream;

    session at
    "https://developers.binance.com/docs/derivatives/coin-margined-futures/websocket-api-general-info" {
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
