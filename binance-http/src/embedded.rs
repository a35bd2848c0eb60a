//! REST over a stream of bytes that the caller brings: `embedded-io` for programs that block, `embedded-io-async` for
//! those that do not. Never allocates, never reads a clock, and makes no connections.
//!
//! One connection carries one request at a time and stays open for the next. The caller connects and encrypts, says what
//! time it is, and gives a buffer in which first the request and then the reply stands. When something goes wrong in the
//! middle of an exchange, or the reply says so, the connection is [not alive](Link::is_alive) any more: give it a new
//! stream with [`Link::renew`].
//!
//! ```
//! # #[cfg(feature = "embedded")] {
//! use binance_core::{Millis, usdm::market_data::Time};
//! use binance_http::{BaseUrl, embedded::{Connection, Wire}};
//! use binance_sign::{Credentials, Hmac, Stamp};
//!
//! // A stream that answers what is written below, whatever it is asked.
//! struct Recorded(&'static [u8]);
//! # impl embedded_io::ErrorType for Recorded { type Error = core::convert::Infallible; }
//! # impl embedded_io::Read for Recorded {
//! #     fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
//! #         let count = buf.len().min(self.0.len());
//! #         let (now, later) = self.0.split_at(count);
//! #         buf[..count].copy_from_slice(now);
//! #         self.0 = later;
//! #         Ok(count)
//! #     }
//! # }
//! # impl embedded_io::Write for Recorded {
//! #     fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> { Ok(buf.len()) }
//! #     fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) }
//! # }
//! let stream = Recorded(b"HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"serverTime\":5}");
//! let base = BaseUrl::parse("https://fapi.binance.com")?;
//! let mut connection = Connection::new(stream, &base, Wire::Encrypted);
//! let mut buffer = [0; 2048];
//! let reply = connection.send(&Time::new(), None::<&Credentials<Hmac>>, Stamp::new(Millis(0)), &mut buffer)?;
//! assert_eq!(reply.value()?.server_time, Millis(5));
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod reply;

use core::fmt;

use binance_core::{Endpoint, Request};
use binance_sign::{Credentials, Signer, Stamp};

use crate::{
    base_url::BaseUrl,
    error::BuildError,
    request::{Layout, Placement, Plan},
    response::{Decoder, Progress, ResponseError},
};

pub use self::{error::Error, reply::Reply};

/// What the caller declares a stream to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wire {
    /// Encrypted, to a host whose certificate was verified.
    Encrypted,
    /// Anyone on the way can read and change it: no key goes over it but to this machine.
    Plain,
    /// As [`Plain`](Self::Plain), and keys may go over it all the same.
    PlainWithKeys,
}

/// A connection and what is known of it; the two kinds of connections have it in common.
pub struct Link<'a, IO> {
    stream: IO,
    base: &'a BaseUrl,
    wire: Wire,
    placement: Placement,
    alive: bool,
}

impl<'a, IO> Link<'a, IO> {
    fn new(stream: IO, base: &'a BaseUrl, wire: Wire) -> Self {
        Self { stream, base, wire, placement: Placement::Query, alive: true }
    }

    /// Whether another request can be sent.
    pub fn is_alive(&self) -> bool {
        self.alive
    }

    /// Goes on with a new stream to the same host, and gives the old one back.
    pub fn renew(&mut self, stream: IO) -> IO {
        self.alive = true;
        core::mem::replace(&mut self.stream, stream)
    }

    /// Where parameters go from now on; into the query unless told.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// Writes the request to the start of `buffer`, and counts the connection as dead until its reply is whole.
    fn begin<S: Signer, R: Request>(
        &mut self,
        request: &R,
        credentials: Option<&Credentials<S>>,
        stamp: Stamp,
        buffer: &mut [u8],
    ) -> Result<Layout, BuildError> {
        let keyed = request.meta().security.needs_key();
        if keyed && self.wire == Wire::Plain && !self.base.is_loopback() {
            return Err(BuildError::Insecure);
        }
        let plan = Plan::new(request, self.base).placement(self.placement).allow_insecure(true);
        let layout = plan.lay_out(credentials, stamp, buffer)?;
        self.alive = false;
        Ok(layout)
    }

    /// The reply is whole.
    fn end<'b, E: Endpoint + Clone, Io>(
        &mut self,
        request: &E,
        decoder: &Decoder,
        buffer: &'b [u8],
    ) -> Result<Reply<'b, E>, Error<Io>> {
        let response = decoder.response(buffer).ok_or(Error::Response(ResponseError::Cut))?;
        self.alive = response.keep_alive();
        Reply::judge(request, response)
    }
}

impl<IO> fmt::Debug for Link<'_, IO> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("base", &format_args!("{}", self.base))
            .field("wire", &self.wire)
            .field("alive", &self.alive)
            .finish_non_exhaustive()
    }
}

/// Writes the two kinds of connections: the same with and without `await`.
macro_rules! connection {
    (
        $(#[$meta:meta])* $name:ident, $read:path, $write:path,
        { $($async:tt)? } { $($await:tt)* }
    ) => {
        $(#[$meta])*
        pub struct $name<'a, IO>(Link<'a, IO>);

        impl<'a, IO: $read + $write> $name<'a, IO> {
            /// A connection over `stream`, which leads to the host of `base`.
            pub fn new(stream: IO, base: &'a BaseUrl, wire: Wire) -> Self {
                Self(Link::new(stream, base, wire))
            }

            /// Sends `request` and reads its reply, both in `buffer`.
            ///
            /// The room that a request needs is told by [`Plan::write`]; a reply needs its head, for the exchange's about
            /// 1,500 bytes, and its body. Where the request needs a key, `credentials` sign it with `stamp`.
            ///
            /// # Errors
            /// [`Error`], whose outcome says what is known about the request. A buffer that is too short for the reply is
            /// one: the request was sent.
            pub $($async)? fn send<'b, E: Endpoint + Clone, S: Signer>(
                &mut self,
                request: &E,
                credentials: Option<&Credentials<S>>,
                stamp: Stamp,
                buffer: &'b mut [u8],
            ) -> Result<Reply<'b, E>, Error<IO::Error>> {
                if !self.0.alive {
                    return Err(Error::Dead);
                }
                let prepared = self.0.begin(request, credentials, stamp, buffer)?.prepared(buffer);
                let mut rest = prepared.as_bytes();
                let whole = rest.len();
                while !rest.is_empty() {
                    let sent = rest.len() < whole;
                    let count = match self.0.stream.write(rest)$($await)* {
                        Ok(count @ 1..) => count,
                        Ok(_) => return Err(Error::ended(sent)),
                        Err(error) => return Err(Error::Io { error, sent }),
                    };
                    rest = rest.get(count..).unwrap_or_default();
                }
                let failed = |error| Error::Io { error, sent: true };
                self.0.stream.flush()$($await)*.map_err(failed)?;

                let (mut filled, mut decoder) = (0, Decoder::new());
                while decoder.progress() != Progress::Done {
                    let room = buffer.get_mut(filled..).unwrap_or_default();
                    if room.is_empty() {
                        return Err(Error::Response(ResponseError::Full));
                    }
                    let count = self.0.stream.read(room)$($await)*.map_err(failed)?;
                    if count == 0 {
                        decoder.end(filled).map_err(Error::Response)?;
                    } else {
                        filled = decoder.feed(buffer, filled.saturating_add(count)).map_err(Error::Response)?;
                    }
                }
                self.0.end(request, &decoder, buffer)
            }
        }

        impl<IO> $name<'_, IO> {
            /// The stream.
            pub fn into_stream(self) -> IO {
                self.0.stream
            }
        }

        impl<'a, IO> core::ops::Deref for $name<'a, IO> {
            type Target = Link<'a, IO>;

            fn deref(&self) -> &Link<'a, IO> {
                &self.0
            }
        }

        impl<IO> core::ops::DerefMut for $name<'_, IO> {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }

        impl<IO> fmt::Debug for $name<'_, IO> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

#[cfg(feature = "embedded")]
connection! {
    /// A connection over a stream that blocks. Deadlines are the stream's.
    Connection, embedded_io::Read, embedded_io::Write, {} {}
}

#[cfg(feature = "embedded-async")]
connection! {
    /// A connection over a stream that does not block. Dropping a future of its gives the connection up: it is not
    /// alive any more.
    AsyncConnection, embedded_io_async::Read, embedded_io_async::Write, { async } { .await }
}
