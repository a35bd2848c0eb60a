//! For those who like callbacks.

use core::{convert::Infallible, future::poll_fn, time::Duration};

use crate::{
    hosted::{Lent, Message, Socket, Streams, UserData, UserItem, driver::Output, user_data::Ask},
    session::{Notice, Reason},
    user::Reconciled,
};

/// What is to be done when something happens, for [`Streams::run`] and [`UserData::run`].
///
/// Each method does nothing unless it is written. `connection` is the number of the connection, as in
/// [`Item::Notice`](crate::hosted::Item::Notice).
///
/// ```
/// use binance_ws::{hosted::{Handler, Lent, Message}, session::Reason};
/// use std::time::Duration;
///
/// #[derive(Default)]
/// struct Counter {
///     messages: u64,
/// }
///
/// impl Handler for Counter {
///     fn on_message(&mut self, message: Message<Lent<'_>>) {
///         self.messages += 1;
///     }
///
///     fn on_close(&mut self, connection: usize, reason: Reason, retry_in: Option<Duration>) {
///         eprintln!("connection {connection} is gone: {reason}");
///     }
/// }
/// ```
#[allow(unused_variables, reason = "names are documentation here")]
pub trait Handler {
    /// A connection is open: the first, or one again. What is wanted is subscribed next.
    fn on_open(&mut self, connection: usize) {}

    /// A message came: of a stream, or of user data. It is lent; [`Message::keep`] keeps it.
    fn on_message(&mut self, message: Message<Lent<'_>>) {}

    /// The exchange sent a ping. It is answered already.
    fn on_ping(&mut self, connection: usize) {}

    /// The exchange answered a ping; `after` is the time there and back.
    fn on_pong(&mut self, connection: usize, after: Option<Duration>) {}

    /// A connection is gone, or could not be opened. `retry_in` is `None` when it stays so.
    fn on_close(&mut self, connection: usize, reason: Reason, retry_in: Option<Duration>) {}

    /// Something is not as it should be: a stream that the exchange refused or that is silent, a connection that could
    /// not be replaced in time, a question that was not answered.
    fn on_error(&mut self, connection: usize, error: &Trouble) {}

    /// Anything else that happened: everything subscribed, a gap, a connection replaced.
    fn on_notice(&mut self, connection: usize, notice: &Notice) {}

    /// What happened to an account while nobody listened.
    fn on_reconciled(&mut self, reconciled: &Reconciled) {}
}

/// What is not as it should be.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Trouble {
    /// [`Notice::Refused`], [`Notice::Silent`] or [`Notice::NotReplaced`].
    Connection(Notice),
    /// Something that could not be asked for.
    Question {
        /// What.
        need: crate::user::Need,
        /// Why.
        failure: crate::user::Failure,
        /// How long until it is asked for again.
        retry_in: Duration,
    },
}

impl<S: Socket> Streams<S> {
    /// Gives everything that comes to `handler`, until there is no connection any more. The future may be dropped at any
    /// time without losing anything: to subscribe to more streams and go on, for instance.
    ///
    /// The fastest way to read: messages are read where they came, and many of them at a time.
    pub async fn run<H: Handler + ?Sized>(&mut self, handler: &mut H) {
        self.tell_life();
        let over = poll_fn(|cx| {
            self.poll_each(cx, |connection, output| {
                match output {
                    Output::Message(message) => handler.on_message(message),
                    Output::Notice(notice) => dispatch(handler, connection, *notice),
                    Output::Reply(_) => {}
                }
                None::<Infallible>
            })
        });
        over.await;
    }
}

impl<S: Socket, R: Ask> UserData<S, R> {
    /// As [`Streams::run`]. The connection's number is 0.
    pub async fn run<H: Handler + ?Sized>(&mut self, handler: &mut H) {
        self.tell_life();
        while let Some(item) = self.next().await {
            match item {
                UserItem::Event(mut message) => handler.on_message(message.lent()),
                UserItem::Reconciled(reconciled) => handler.on_reconciled(&reconciled),
                UserItem::Notice(notice) => dispatch(handler, 0, notice),
                UserItem::Failed { need, failure, retry_in } => {
                    handler.on_error(0, &Trouble::Question { need, failure, retry_in });
                }
            }
        }
    }
}

fn dispatch<H: Handler + ?Sized>(handler: &mut H, connection: usize, notice: Notice) {
    match notice {
        Notice::Connected => handler.on_open(connection),
        Notice::Lost { reason, retry_in } => handler.on_close(connection, reason, retry_in),
        Notice::Ended => handler.on_close(connection, Reason::Here, None),
        Notice::Ping => handler.on_ping(connection),
        Notice::Pong { after } => handler.on_pong(connection, after),
        Notice::Refused { .. } | Notice::Silent { .. } | Notice::NotReplaced { .. } => {
            handler.on_error(connection, &Trouble::Connection(notice));
        }
        other => handler.on_notice(connection, &other),
    }
}
