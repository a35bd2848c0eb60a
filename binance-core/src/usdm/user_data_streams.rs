//! The key of the user data stream. It is good for 60 minutes from the last start or keep-alive.

use crate::{
    endpoint::Weight::Fixed,
    record::{Empty, ListenKeyReply},
};

endpoints! {
    UsdM,
    "https://developers.binance.com/en/docs/catalog/core-trading-derivatives-trading-usd-s-m-futures/api/rest-api/user-data-streams";

    /// Starts the user data stream. While one is alive it answers the same key and extends it, so that several
    /// programs with one API key share one stream.
    POST "/fapi/v1/listenKey" UserStream, weight: Fixed(1), python: "new_listen_key", docs: "#start-user-data-stream"
        -> ListenKeyReply;
    pub struct StartUserDataStream {}

    /// Keeps the user data stream alive for another 60 minutes. -1125 says that there is none.
    PUT "/fapi/v1/listenKey" UserStream, weight: Fixed(1), python: "renew_listen_key",
        docs: "#keepalive-user-data-stream" -> ListenKeyReply;
    pub struct KeepaliveUserDataStream {}

    /// Closes the user data stream, for all who use it.
    DELETE "/fapi/v1/listenKey" UserStream, weight: Fixed(1), python: "close_listen_key",
        docs: "#close-user-data-stream" -> Empty;
    pub struct CloseUserDataStream {}
}
