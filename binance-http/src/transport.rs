//! What a client needs of the network.

use core::time::Duration;

use bytes::Bytes;

use crate::{base_url::BaseUrl, error::TransportError, headers::Headers, request::Prepared};

/// A whole reply.
#[derive(Clone, Debug)]
pub struct Received {
    /// The HTTP status.
    pub status: u16,
    /// All headers.
    pub headers: Headers,
    /// The body, unchunked, and as it was before it was compressed.
    pub body: Bytes,
}

/// Which connection a request may go over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// One that is open already, if there is one.
    Allowed,
    /// A new one: one that was open turned out to be dead.
    Never,
}

/// Sends requests over connections.
///
/// In two steps, so that a request is stamped and signed when it can be sent and not before: resolving names,
/// connecting and shaking hands may take seconds. A client hands each request over once.
pub trait Transport {
    /// A connection that is free for one request.
    type Connection: Send;

    /// Gives a connection to the host of `base`, an idle or a new one.
    ///
    /// Dropping the future gives up the connection and nothing else.
    ///
    /// # Errors
    /// [`TransportError::before_sending`], after `limit` at the latest.
    fn connect(
        &self,
        base: &BaseUrl,
        reuse: Reuse,
        limit: Duration,
    ) -> impl Future<Output = Result<Self::Connection, TransportError>> + Send;

    /// Sends `request` and reads all of its reply. A connection that can be used again is kept for the next request.
    ///
    /// Dropping the future closes the connection; what left by then has left.
    ///
    /// # Errors
    /// After `limit` at the latest. [`TransportError::may_have_sent`] is false only when it is certain that no byte of
    /// the request left: then the client may hand it over again.
    fn exchange(
        &self,
        connection: Self::Connection,
        request: &Prepared<'_>,
        limit: Duration,
    ) -> impl Future<Output = Result<Received, TransportError>> + Send;

    /// Whether replies may be compressed by gzip: then requests say so. Not unless told.
    fn accepts_gzip(&self) -> bool {
        false
    }

    /// From which address requests leave, as far as this transport decides it: a proxy's, or one of several of this
    /// machine. Clients that differ in it do not share a budget, for the exchange counts by address.
    fn egress(&self) -> &str {
        ""
    }

    /// Waits.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// The transport of a [`Client`](crate::Client) that names none: hyper's where the feature is on.
#[cfg(feature = "hyper")]
pub type DefaultTransport = crate::hyper::Hyper;

/// The transport of a [`Client`](crate::Client) that names none: hyper's where the feature is on.
#[cfg(not(feature = "hyper"))]
pub type DefaultTransport = core::convert::Infallible;
