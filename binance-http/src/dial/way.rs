//! Which way connections take.

use std::{
    boxed::Box,
    io,
    net::{IpAddr, SocketAddr},
    string::{String, ToString as _},
    time::Duration,
    vec::Vec,
};

use super::{Proxy, Tls};
use crate::error::{TransportError, TransportKind};

/// Which way connections take: straight, or through a proxy; from which address; and whom they trust. The same for every
/// transport.
#[derive(Clone, Debug, Default)]
pub struct Way {
    pub(crate) proxy: Option<Proxy>,
    pub(crate) local: Option<IpAddr>,
    pub(crate) tls: Tls,
}

impl Way {
    /// Straight to the host, from any address, trusting Mozilla's roots.
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes through a proxy. Proxies in the environment are not looked at.
    #[must_use]
    pub fn proxy(self, proxy: Proxy) -> Self {
        Self { proxy: Some(proxy), ..self }
    }

    /// Connects from this address of this machine; only to addresses of the same family.
    #[must_use]
    pub fn local_address(self, address: IpAddr) -> Self {
        Self { local: Some(address), ..self }
    }

    /// How encrypted connections are encrypted and whom they trust.
    #[must_use]
    pub fn tls(self, tls: Tls) -> Self {
        Self { tls, ..self }
    }

    /// From where connections leave as far as this decides it: the proxy's host and port, or the local address, or
    /// nothing. The exchange counts requests by address.
    pub fn egress(&self) -> String {
        match (&self.proxy, self.local) {
            (Some(proxy), _) => proxy.authority().into(),
            (None, Some(address)) => address.to_string(),
            (None, None) => String::new(),
        }
    }

    /// To which host and port a socket is opened for a connection to these.
    pub(crate) fn first_stop<'w>(&'w self, host: &'w str, port: u16) -> (&'w str, u16) {
        self.proxy.as_ref().map_or((host, port), |proxy| (proxy.host(), proxy.port()))
    }

    /// Those of a host's addresses that can be reached from the local one, in their order.
    pub(crate) fn reachable(&self, addresses: impl Iterator<Item = SocketAddr>) -> Vec<SocketAddr> {
        addresses
            .filter(|address| self.local.is_none_or(|local| local.is_ipv4() == address.is_ipv4()))
            .collect()
    }
}

/// How long one address may take to answer when so many are left: one that never answers does not take it all.
pub(crate) fn share(left: Duration, addresses: usize) -> Duration {
    left / u32::try_from(addresses.max(1)).unwrap_or(u32::MAX)
}

pub(crate) fn not_connected(error: io::Error) -> TransportError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => failed(TransportKind::Refused, error),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => failed(TransportKind::Timeout, error),
        _ => failed(TransportKind::Connect, error),
    }
}

pub(crate) fn failed(
    kind: TransportKind,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> TransportError {
    TransportError::before_sending(kind).with_source(source)
}
