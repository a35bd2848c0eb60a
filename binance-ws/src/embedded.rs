//! Streams over a stream of bytes that the caller brings: `embedded-io` for programs that block, `embedded-io-async` for
//! those that do not. Never allocates.
//!
//! A [`Client`] drives a [`Session`] over one socket at a time: it shakes hands, masks, answers pings, subscribes again.
//! The caller connects and encrypts when [`Step::Connect`] says so, and is the [`Host`]: a clock and random numbers. As
//! there is one socket, a session without [`Config::overlap`](crate::session::Config::overlap) suits it: a connection
//! that nears its end is closed and opened again, and [`Notice::Gap`] tells of the moment between.
//!
//! ```
//! # #[cfg(feature = "embedded")] {
//! use binance_core::stream::{RawStream, Route};
//! use binance_ws::{
//!     Base, Market, Tick,
//!     embedded::{Client, Host, Step},
//!     session::{Config, Mode, Notice, Session, Slot},
//! };
//!
//! struct Board(u64);
//! impl Host for Board {
//!     fn now(&mut self) -> Tick {
//!         self.0 += 1;
//!         Tick(self.0)
//!     }
//!     fn random(&mut self, bytes: &mut [u8]) {
//!         // From the hardware's generator.
//! #       bytes.copy_from_slice(&b"the sample nonce"[..bytes.len()]);
//!     }
//! }
//! // A stream of what an exchange said once.
//! struct Recorded(&'static [u8]);
//! # impl embedded_io::ErrorType for Recorded { type Error = embedded_io::ErrorKind; }
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
//! let recorded = Recorded(
//!     b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
//!       Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\
//!       \x81\x16{\"result\":null,\"id\":1}\x81\x3f{\"stream\":\"btcusdt@bookTicker\",\
//!       \"data\":{\"e\":\"bookTicker\",\"u\":7}}",
//! );
//!
//! let mut config = Config::default();
//! config.overlap = false;
//! let table = heapless::Vec::<Slot, 16>::new();
//! let mut session = Session::new(Market::UsdM, Some(Route::Public), Mode::Combined, table, config, 42);
//! session.want(&RawStream { name: "btcusdt@bookTicker", market: Market::UsdM, route: Some(Route::Public) })?;
//! let base = Base::new(Market::UsdM, "ws://127.0.0.1:9000")?;
//! let (mut receive, mut send) = ([0; 4_096], [0; 1_024]);
//! let mut client = Client::new(session, base, Board(0), &mut receive, &mut send);
//! let mut connections = Some(recorded).into_iter();
//! loop {
//!     match client.step()? {
//!         Step::Connect => client.connected(connections.next().expect("one connection")),
//!         Step::Notice(notice) => assert!(matches!(notice, Notice::Connected | Notice::Settled)),
//!         Step::Event { stream, data } => {
//!             assert_eq!((stream, data), (Some("btcusdt@bookTicker"), r#"{"e":"bookTicker","u":7}"#));
//!             break;
//!         }
//!         step => unreachable!("{step:?}"),
//!     }
//! }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod link;
mod step;

use core::fmt;

use embedded_io_kinds::{Error as _, ErrorKind};

#[cfg(feature = "embedded")]
use embedded_io as embedded_io_kinds;
#[cfg(all(feature = "embedded-async", not(feature = "embedded")))]
use embedded_io_async as embedded_io_kinds;

use crate::{
    address::Base,
    session::{Session, Table},
    time::Tick,
};

use self::link::{Link, Todo};
pub use self::step::{Error, Step};

#[cfg(doc)]
use crate::session::Notice;

/// What a [`Client`] needs of where it runs.
pub trait Host {
    /// What time it is. Never goes back.
    fn now(&mut self) -> Tick;

    /// Fills `bytes` with unpredictable numbers, from a generator that is made for it: they mask what is sent and show
    /// that a handshake is answered.
    fn random(&mut self, bytes: &mut [u8]);
}

/// Writes the two kinds of clients: the same with and without `await`.
macro_rules! client {
    ($(#[$meta:meta])* $name:ident, $read:path, $write:path, { $($async:tt)? } { $($await:tt)* }) => {
        $(#[$meta])*
        pub struct $name<'b, T, H, IO> {
            link: Link<'b, T, H>,
            io: Option<IO>,
        }

        impl<'b, T: Table, H: Host, IO: $read + $write> $name<'b, T, H, IO> {
            /// A client of `session`, which it starts with the first [`step`](Self::step).
            ///
            /// `receive` has to take the longest message with its head (an `aggTrade` has 300 bytes, a `depth20` 2,000),
            /// and the head of the answer to the handshake, some 300 bytes. `send` has to take the request of the
            /// handshake, some 200 bytes and the path, and a command: 14 bytes more than
            /// [`MESSAGE_LEN`](crate::session::MESSAGE_LEN) are enough for any, and few names need little.
            pub fn new(
                session: Session<T>,
                base: Base,
                host: H,
                receive: &'b mut [u8],
                send: &'b mut [u8],
            ) -> Self {
                Self { link: Link::new(session, base, host, receive, send), io: None }
            }

            /// Does what there is to do, up to the first thing to tell. Call it again and again, also after an error.
            ///
            /// # Errors
            /// [`Error`] when a connection was lost, or could not be used. The session knows, and says when to connect
            /// again.
            pub $($async)? fn step(&mut self) -> Result<Step<'_>, Error<IO::Error>> {
                loop {
                    let todo = self.link.turn(self.io.is_some());
                    let io = match (todo, self.io.as_mut()) {
                        (Todo::Tell(told), _) => return Ok(self.link.told(told)),
                        (Todo::Fail(failure), _) => {
                            self.io = None;
                            return Err(failure.into());
                        }
                        (Todo::Drop, _) | (_, None) => {
                            self.io = None;
                            continue;
                        }
                        (Todo::Write, Some(io)) => match io.write(self.link.unsent())$($await)* {
                            Ok(len @ 1..) => {
                                self.link.sent(len);
                                continue;
                            }
                            Ok(_) => Ok(()),
                            Err(error) => Err(error),
                        },
                        (Todo::Flush, Some(io)) => match io.flush()$($await)* {
                            Ok(()) => {
                                self.link.flushed();
                                continue;
                            }
                            Err(error) => Err(error),
                        },
                        (Todo::Read, Some(io)) => match io.read(self.link.room())$($await)* {
                            Ok(len @ 1..) => {
                                self.link.received(len);
                                continue;
                            }
                            Ok(_) => Ok(()),
                            Err(error) => Err(error),
                        },
                    };
                    match io {
                        Err(error) if is_timeout(error.kind()) => return Ok(Step::Wait(self.link.deadline())),
                        Err(error) => {
                            self.io = None;
                            self.link.lost();
                            return Err(Error::Io(error));
                        }
                        Ok(()) => {
                            self.io = None;
                            self.link.lost();
                            return Err(Error::Closed);
                        }
                    }
                }
            }

            /// What [`Step::Connect`] asked for: a stream to the host of the base address, encrypted where that says
            /// `wss`. Dropped when the session does not wait for it any more.
            pub fn connected(&mut self, io: IO) {
                self.io = self.link.connected().then_some(io);
            }

            /// What [`Step::Connect`] asked for could not be done. The session asks again, after a wait of `at_least`
            /// that much.
            pub fn not_connected(&mut self, at_least: core::time::Duration) {
                self.link.not_connected(at_least);
            }

            /// The stream, while there is one.
            pub fn stream(&mut self) -> Option<&mut IO> {
                self.io.as_mut()
            }

            /// When [`step`](Self::step) has to be called although nothing came.
            pub fn deadline(&self) -> Option<Tick> {
                self.link.deadline()
            }

            /// The session.
            pub fn session(&self) -> &Session<T> {
                self.link.session()
            }

            /// The session, to want and unwant streams, or to close it with the time of [`Host::now`].
            pub fn session_mut(&mut self) -> &mut Session<T> {
                self.link.session_mut()
            }

            /// Begins to close: [`Notice::Ended`](crate::session::Notice::Ended) tells that it is done.
            pub fn close(&mut self) {
                self.link.close();
            }
        }

        impl<T, H, IO> fmt::Debug for $name<'_, T, H, IO> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("link", &self.link).finish_non_exhaustive()
            }
        }
    };
}

#[cfg(feature = "embedded")]
client! {
    /// A client over a stream that blocks.
    ///
    /// Deadlines are kept as well as the stream's own: give it a timeout for reads, a second or so. A read that ends with
    /// [`ErrorKind::TimedOut`] makes [`step`](Self::step) give [`Step::Wait`].
    Client, embedded_io::Read, embedded_io::Write, {} {}
}

#[cfg(feature = "embedded-async")]
client! {
    /// A client over a stream that does not block.
    ///
    /// Wait for [`step`](Self::step) until [`deadline`](Self::deadline), then drop the future and call it again. Dropping
    /// it loses nothing, as long as dropping a read or a write of the stream's does not.
    AsyncClient, embedded_io_async::Read, embedded_io_async::Write, { async } { .await }
}

const fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::TimedOut | ErrorKind::Interrupted)
}
