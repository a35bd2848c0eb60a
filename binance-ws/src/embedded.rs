//! Streams and calls over a stream of bytes that the caller brings: `embedded-io` for programs that block,
//! `embedded-io-async` for those that do not. Never allocates.
//!
//! [`Client`] is for streams, [`Api`] for calls of the WebSocket API.
//!
//! # Streams
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
//!
//! # Calls
//!
//! An [`Api`] drives [`Calls`] in the same way. [`Api::call`] signs a call into the buffer and gives its id; any number can
//! be under way. [`Api::step`] sends them, and tells the answers in the order in which they come. It is a [`Clock`] too
//! that the caller is: signed calls carry the time. What is said of [`Config::overlap`](crate::session::Config::overlap) above
//! holds here as well: without it, calls in flight are answered before a connection that nears its end is closed.
//!
//! ```no_run
//! # #[cfg(feature = "embedded")] {
//! use binance_core::{dec, enums::Side, usdm::trade::NewOrder, ws_api::TypedCall};
//! use binance_sign::{Credentials, Ed25519};
//! use binance_ws::{
//!     Base, Environment, Market,
//!     api::{CallId, Calls, Slot},
//!     embedded::{Api, ApiStep, Clock},
//!     session::Config,
//! };
//! use core::time::Duration;
//!
//! fn place<H: Clock, IO: embedded_io::Read + embedded_io::Write>(
//!     board: H,
//!     credentials: Credentials<Ed25519>,
//!     mut connect: impl FnMut() -> IO,
//! ) -> Result<u64, Box<dyn std::error::Error>> {
//!     let mut config = Config::default();
//!     config.overlap = false; // One socket at a time.
//!     let calls = Calls::new(Market::UsdM, [Slot::FREE; 4], config, 42);
//!     let base = Base::ws_api(Market::UsdM, Environment::Production)?;
//!     let (mut receive, mut send) = ([0; 2_048], [0; 1_024]);
//!     let mut api = Api::new(calls, Some(credentials), base, board, &mut receive, &mut send)?;
//!     api.log_on()?; // Ed25519 only; without it every call is signed.
//!     let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("0.001"), dec!("50000.0"));
//!     let mut placed: Option<CallId> = None;
//!     loop {
//!         match api.step() {
//!             Ok(ApiStep::Connect) => api.connected(connect()),
//!             Ok(ApiStep::Answer(answer)) if Some(answer.id) == placed => {
//!                 return Ok(order.read(answer.result?)?.order_id);
//!             }
//!             // It may have been placed: ask, by the client order id.
//!             Ok(ApiStep::Ended(ended)) => return Err(ended.why.into()),
//!             Ok(_) => {}
//!             Err(_lost) => {} // The calls know, and say when to connect again.
//!         }
//!         if placed.is_none() && api.calls().is_ready() {
//!             placed = Some(api.call(&order, Duration::from_secs(5))?);
//!         }
//!     }
//! }
//! # }
//! ```

mod calls;
mod link;
mod step;
mod streams;

use core::{fmt, time::Duration};

use binance_core::ws_api::Call;
use binance_sign::{Credentials, Signer, Stamp};

use embedded_io_kinds::{Error as _, ErrorKind};

#[cfg(feature = "embedded")]
use embedded_io as embedded_io_kinds;
#[cfg(all(feature = "embedded-async", not(feature = "embedded")))]
use embedded_io_async as embedded_io_kinds;

use crate::{
    address::Base,
    api::{CallError, CallId, Calls, Slot},
    session::{Session, Table},
    time::Tick,
};

pub use self::step::{Answer, ApiStep, Error, Step};
use self::{
    calls::Caller,
    link::{Link, Todo},
};

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

/// A [`Host`] that signs calls.
pub trait Clock: Host {
    /// What time it is by the exchange's clock, and for how long the exchange may take a call that is made now.
    fn stamp(&mut self) -> Stamp;
}

/// Writes what a client does with its stream, for streams or for calls, with or without `await`.
macro_rules! client {
    (
        $name:ident<$($param:ident: ($($bound:tt)+)),+>, $machine:ty, $host:path, $step:ident,
        $read:path, $write:path, { $($async:tt)? } { $($await:tt)* }
    ) => {
        impl<'b, $($param: $($bound)+,)+ H: $host, IO: $read + $write> $name<'b, $($param,)+ H, IO> {
            /// Does what there is to do, up to the first thing to tell. Call it again and again, also after an error.
            ///
            /// # Errors
            /// [`Error`] when a connection was lost, or could not be used. When to connect again is told.
            pub $($async)? fn step(&mut self) -> Result<$step<'_>, Error<IO::Error>> {
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
                        Err(error) if is_timeout(error.kind()) => return Ok($step::Wait(self.link.deadline())),
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

            #[doc = concat!(
                "What [`", stringify!($step), "::Connect`] asked for: a stream to the host of the base address, encrypted where that ",
                "says `wss`. Dropped when nothing waits for it any more."
            )]
            pub fn connected(&mut self, io: IO) {
                self.io = self.link.connected().then_some(io);
            }

            #[doc = concat!(
                "What [`", stringify!($step), "::Connect`] asked for could not be done. It is asked for again, after a wait of ",
                "`at_least` that much."
            )]
            pub fn not_connected(&mut self, at_least: Duration) {
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

            /// Begins to close: a notice that it has ended tells that it is done.
            pub fn close(&mut self) {
                self.link.close();
            }
        }

        impl<$($param,)+ H, IO> fmt::Debug for $name<'_, $($param,)+ H, IO> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).field("link", &self.link).finish_non_exhaustive()
            }
        }
    };
}

/// Writes a client of streams.
macro_rules! streams {
    ($(#[$meta:meta])* $name:ident, $($io:tt)+) => {
        $(#[$meta])*
        pub struct $name<'b, T, H, IO> {
            link: Link<'b, Session<T>, H>,
            io: Option<IO>,
        }

        impl<'b, T: Table, H: Host, IO> $name<'b, T, H, IO> {
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

            /// The session.
            pub fn session(&self) -> &Session<T> {
                &self.link.machine
            }

            /// The session, to want and unwant streams, or to close it with the time of [`Host::now`].
            pub fn session_mut(&mut self) -> &mut Session<T> {
                &mut self.link.machine
            }
        }

        client! { $name<T: (Table)>, Session<T>, Host, Step, $($io)+ }
    };
}

/// Writes a client of calls.
macro_rules! calls {
    ($(#[$meta:meta])* $name:ident, $($io:tt)+) => {
        $(#[$meta])*
        pub struct $name<'b, T, S, H, IO> {
            link: Link<'b, Caller<T, S>, H>,
            io: Option<IO>,
        }

        impl<'b, T: AsRef<[Slot]> + AsMut<[Slot]>, S: Signer, H: Clock, IO> $name<'b, T, S, H, IO> {
            /// A client of `calls`, which it starts with the first [`step`](Self::step). Without `credentials`, only public
            /// methods can be called.
            ///
            /// `receive` has to take the longest answer with its head (that to an order has 1,000 bytes), and the head of
            /// the answer to the handshake, some 300 bytes. `send` has to take the request of the handshake, some 200 bytes
            /// and the path, and all calls that are made before the next step, each with a head: 14 bytes more than
            /// [`MESSAGE_LEN`](crate::api::MESSAGE_LEN) are enough for any one; an order signed by HMAC or Ed25519 has some
            /// 450.
            ///
            /// # Errors
            /// [`CallError::Insecure`] when the key would go to another machine over an address that is not `wss`.
            pub fn new(
                calls: Calls<T>,
                credentials: Option<Credentials<S>>,
                base: Base,
                host: H,
                receive: &'b mut [u8],
                send: &'b mut [u8],
            ) -> Result<Self, CallError> {
                let caller = Caller::new(calls, credentials, &base)?;
                Ok(Self { link: Link::new(caller, base, host, receive, send), io: None })
            }

            /// Has every connection logged on before anything else, from the next one on; calls need no signature after it.
            ///
            /// # Errors
            /// [`CallError::Sign`] for any key but Ed25519, [`CallError::NoCredentials`] without one.
            pub fn log_on(&mut self) -> Result<(), CallError> {
                self.link.log_on()
            }

            /// Signs a call and writes it into the buffer; the next [`step`](Self::step) sends it, together with all that
            /// were written before. It has until `timeout` from now for its answer, which a later step tells by this id.
            ///
            /// It is written once, and never sent again. Where there will be no answer, [`ApiStep::Ended`] tells it: the call
            /// may have been carried out.
            ///
            /// # Errors
            /// [`CallError`]; then nothing of it will be sent. After [`CallError::NotReady`], [`CallError::Busy`], and
            /// [`CallError::Full`] while other calls wait in the buffer, try again after the next step.
            pub fn call(&mut self, call: &dyn Call, timeout: Duration) -> Result<CallId, CallError> {
                self.link.call(call, timeout)
            }

            /// The calls under way: whether one can be made now, how many there are.
            pub fn calls(&self) -> &Calls<T> {
                &self.link.machine.calls
            }

            /// The calls under way, to ask for `session.logon` again.
            pub fn calls_mut(&mut self) -> &mut Calls<T> {
                &mut self.link.machine.calls
            }
        }

        client! {
            $name<T: (AsRef<[Slot]> + AsMut<[Slot]>), S: (Signer)>, Caller<T, S>, Clock, ApiStep, $($io)+
        }
    };
}

#[cfg(feature = "embedded")]
streams! {
    /// A client of streams over a socket that blocks.
    ///
    /// Deadlines are kept as well as the socket's own: give it a timeout for reads, a second or so. A read that ends with
    /// [`ErrorKind::TimedOut`] makes [`step`](Self::step) give [`Step::Wait`].
    Client, embedded_io::Read, embedded_io::Write, {} {}
}

#[cfg(feature = "embedded-async")]
streams! {
    /// A client of streams over a socket that does not block.
    ///
    /// Wait for [`step`](Self::step) until [`deadline`](Self::deadline), then drop the future and call it again. Dropping
    /// it loses nothing, as long as dropping a read or a write of the socket's does not.
    AsyncClient, embedded_io_async::Read, embedded_io_async::Write, { async } { .await }
}

#[cfg(feature = "embedded")]
calls! {
    /// A client of calls over a socket that blocks.
    ///
    /// Deadlines are kept as well as the socket's own: give it a timeout for reads, a second or so. A read that ends with
    /// [`ErrorKind::TimedOut`] makes [`step`](Self::step) give [`ApiStep::Wait`].
    Api, embedded_io::Read, embedded_io::Write, {} {}
}

#[cfg(feature = "embedded-async")]
calls! {
    /// A client of calls over a socket that does not block.
    ///
    /// Wait for [`step`](Self::step) until [`deadline`](Self::deadline), then drop the future and call it again; drop it to
    /// [`call`](Self::call) as well. Dropping it loses nothing, as long as dropping a read or a write of the socket's does
    /// not.
    AsyncApi, embedded_io_async::Read, embedded_io_async::Write, { async } { .await }
}

const fn is_timeout(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::TimedOut | ErrorKind::Interrupted)
}
