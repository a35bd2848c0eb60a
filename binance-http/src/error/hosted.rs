//! The errors of the client.

use std::{boxed::Box, error::Error as StdError, fmt, time::Duration};

use binance_core::{ApiCode, ApiError, Text, json};

use super::{BuildError, Outcome};
use crate::{budget::Refusal, headers::Headers, limits::Limits, verdict::BodyKind};

/// Why there is no reply, or none that can be used.
///
/// Sorted by whose fault it is: [`Build`](Self::Build) and [`Limit`](Self::Limit) the caller's, [`Transport`](Self::Transport) the network's,
/// [`Api`](Self::Api) and [`Status`](Self::Status) what the exchange or its gateways answered,
/// [`Decode`](Self::Decode) a reply that is not what was declared. [`outcome`](Self::outcome) says what is known
/// about the request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The request could not be written.
    Build(BuildError),
    /// The request would have been more than the exchange's limits allow.
    Limit(Refusal),
    /// No whole reply came.
    Transport(TransportError),
    /// The exchange refused, with a code.
    Api(Box<ApiFailure>),
    /// A reply without the exchange's JSON: a gateway's error page, a captive portal, an empty body.
    Status(Box<StatusFailure>),
    /// A reply of success that cannot be read as what the endpoint answers.
    Decode(Box<DecodeFailure>),
}

impl Error {
    /// What is known about the request.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Build(_) | Self::Limit(_) => Outcome::NotSent,
            Self::Transport(error) => error.outcome(),
            Self::Api(failure) => failure.outcome(),
            Self::Status(failure) => failure.outcome(),
            Self::Decode(_) => Outcome::Unknown,
        }
    }

    /// The exchange's code, when it gave one.
    pub fn code(&self) -> Option<ApiCode> {
        match self {
            Self::Api(failure) => Some(failure.code),
            _ => None,
        }
    }

    /// The HTTP status, when there was a reply.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Api(failure) => Some(failure.status),
            Self::Status(failure) => Some(failure.status),
            Self::Decode(failure) => Some(failure.status),
            Self::Build(_) | Self::Limit(_) | Self::Transport(_) => None,
        }
    }

    /// What the reply's headers say of the limits; of an error without a reply, nothing.
    pub fn limits(&self) -> Limits {
        match self {
            Self::Api(failure) => failure.limits,
            Self::Status(failure) => failure.limits,
            _ => Limits::default(),
        }
    }

    /// The headers of a reply that refused.
    pub fn headers(&self) -> Option<&Headers> {
        match self {
            Self::Api(failure) => Some(&failure.headers),
            Self::Status(failure) => Some(&failure.headers),
            _ => None,
        }
    }

    /// How long the exchange wants to be left alone, or how long until the budget has room.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Limit(refusal) => refusal.retry_in,
            error => error.limits().retry_after(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Build(error) => error.fmt(f),
            Self::Limit(refusal) => refusal.fmt(f),
            Self::Transport(error) => error.fmt(f),
            Self::Api(failure) => failure.fmt(f),
            Self::Status(failure) => failure.fmt(f),
            Self::Decode(failure) => failure.fmt(f),
        }
    }
}

impl StdError for Error {
    // Each kind prints itself, so the chain goes on with what is behind it.
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Build(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Decode(failure) => Some(&failure.error),
            Self::Limit(_) | Self::Api(_) | Self::Status(_) => None,
        }
    }
}

impl From<BuildError> for Error {
    fn from(error: BuildError) -> Self {
        Self::Build(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Limit(refusal)
    }
}

impl From<TransportError> for Error {
    fn from(error: TransportError) -> Self {
        Self::Transport(error)
    }
}

/// A refusal with a code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ApiFailure {
    /// The HTTP status. The exchange may refuse with 200 too.
    pub status: u16,
    /// The code.
    pub code: ApiCode,
    /// The message, cut to 239 bytes.
    pub message: Text<239>,
    /// What the headers say of the limits.
    pub limits: Limits,
    /// All headers.
    pub headers: Headers,
}

impl ApiFailure {
    pub(crate) fn new(status: u16, error: ApiError, limits: Limits, headers: Headers) -> Self {
        Self { status, code: error.code, message: error.message, limits, headers }
    }

    /// What is known about the request.
    pub fn outcome(&self) -> Outcome {
        Outcome::of_refusal(self.status, self.code, &self.message)
    }
}

impl fmt::Display for ApiFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the exchange refused with status {}, code {}: {}", self.status, self.code, self.message)
    }
}

/// A reply without the exchange's JSON.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StatusFailure {
    /// The HTTP status.
    pub status: u16,
    /// What the body looks like.
    pub body: BodyKind,
    /// The beginning of the body, at most 239 bytes, with what may be secret blanked.
    pub excerpt: Text<239>,
    /// What the headers say of the limits.
    pub limits: Limits,
    /// All headers.
    pub headers: Headers,
    pub(crate) outcome: Outcome,
}

impl StatusFailure {
    /// What is known about the request.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }
}

impl fmt::Display for StatusFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {} with {} in place of the exchange's JSON", self.status, self.body)
    }
}

/// A reply of success that cannot be read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DecodeFailure {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with the body, and where.
    pub error: json::Error,
}

impl fmt::Display for DecodeFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the reply with status {} could not be read", self.status)
    }
}

/// What went wrong on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// The host's name has no address.
    Resolve,
    /// The host refused the connection.
    Refused,
    /// No connection, for another reason.
    Connect,
    /// The proxy made no way to the host.
    Proxy,
    /// No encrypted connection: the certificate, the name, the protocol.
    Tls,
    /// The time was over.
    Timeout,
    /// The connection ended before a byte of the reply.
    Closed,
    /// The connection ended in the middle of the reply.
    Cut,
    /// What came is not HTTP.
    Malformed,
    /// The reply is longer than the client takes.
    TooLarge,
    /// Reading or writing failed for another reason.
    Io,
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Resolve => "the host's name could not be resolved",
            Self::Refused => "the connection was refused",
            Self::Connect => "no connection",
            Self::Proxy => "the proxy made no way to the host",
            Self::Tls => "no encrypted connection",
            Self::Timeout => "the time was over",
            Self::Closed => "the connection ended before a reply",
            Self::Cut => "the connection ended in the middle of the reply",
            Self::Malformed => "what came is not HTTP",
            Self::TooLarge => "the reply is too long",
            Self::Io => "the connection failed",
        })
    }
}

/// No whole reply came.
#[derive(Debug)]
pub struct TransportError {
    kind: TransportKind,
    sent: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error before the first byte of the request was handed to the operating system.
    pub const fn before_sending(kind: TransportKind) -> Self {
        Self { kind, sent: false, source: None }
    }

    /// An error when some of the request may have left.
    pub const fn after_sending(kind: TransportKind) -> Self {
        Self { kind, sent: true, source: None }
    }

    /// The same with what caused it.
    #[must_use]
    pub fn with_source(self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// What went wrong.
    pub const fn kind(&self) -> TransportKind {
        self.kind
    }

    /// Whether a byte of the request may have left.
    pub const fn may_have_sent(&self) -> bool {
        self.sent
    }

    /// [`Outcome::NotSent`] when no byte of the request left, [`Outcome::Unknown`] otherwise.
    pub const fn outcome(&self) -> Outcome {
        if self.sent { Outcome::Unknown } else { Outcome::NotSent }
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sent = if self.sent { "after the request was on its way" } else { "before the request was sent" };
        write!(f, "{} {sent}", self.kind)
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| &**source as &(dyn StdError + 'static))
    }
}
