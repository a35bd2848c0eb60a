//! Ways to a host: proxies, a local address, TLS and whom it trusts.
//!
//! The transports connect by it, and other protocols can: a [`Way`] says how, a `Dialer` (with the feature `dial`) opens
//! connections on tokio that way.
//!
#![cfg_attr(
    feature = "dial",
    doc = r#"
```no_run
use std::time::Duration;
use binance_http::dial::{Dialer, Proxy, Tls, Way};

# async fn example() -> Result<(), Box<dyn std::error::Error>> {
let way = Way::new()
    .proxy(Proxy::parse("socks5://user:password@proxy.example:1080")?)
    .tls(Tls::new().add_roots(&std::fs::read("company.pem")?)?);
let stream = Dialer::new(way).connect("fstream.binance.com", 443, true, Duration::from_secs(5)).await?;
# drop(stream);
# Ok(()) }
```
"#
)]

#[cfg(feature = "dial")]
mod dialer;
mod handshake;
mod proxy;
#[cfg(feature = "dial")]
mod stream;
mod tls;
mod way;

#[cfg(feature = "hyper")]
pub(crate) use self::stream::Notes;
#[cfg(feature = "dial")]
pub use self::{
    dialer::{Connecting, Connector, Dialer, Io},
    stream::Stream,
};
pub(crate) use self::{
    handshake::Handshake,
    way::{failed, not_connected, share},
};
pub use self::{
    proxy::{Proxy, ProxyError, ProxyUrlError},
    tls::{RootsError, Tls},
    way::Way,
};
