//! One connection.

use std::{
    boxed::Box,
    collections::VecDeque,
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    vec::Vec,
};

use binance_core::{ApiError, json, stream::Subscription};

use crate::{
    hosted::{
        ConnectError, Connector, Error, Message, Socket,
        driver::{Driver, Output},
    },
    name::StreamName,
    request::{Command, RequestId},
    session::{Notice, Reason, RequestError, Session, Slot, StreamState},
};

/// How many messages wait while a command is awaited.
const QUEUE: usize = 16_384;

/// One connection to the exchange's streams, from [`Connector`].
///
/// It does its work only while one of its methods is awaited, [`next`](Self::next) most of the time. Every future it
/// gives may be dropped at any time without losing a message or a command: what was begun goes on with the next
/// one. Dropping the connection closes its socket without a closing handshake.
pub struct Connection<S> {
    driver: Driver<S>,
    /// Messages that came while a command was awaited.
    waiting: VecDeque<Message>,
    dropped: u64,
    over: bool,
}

/// Connects, unless `checked` is an error already.
pub(super) async fn open<S: Socket>(
    connector: Connector<S>,
    session: Session<Vec<Slot>>,
    checked: Result<(), RequestError>,
) -> Result<Connection<S>, Error> {
    checked?;
    let mut connection = Connection {
        driver: Driver::new(connector, session),
        waiting: VecDeque::new(),
        dropped: 0,
        over: false,
    };
    let now = connection.driver.now();
    connection.driver.session.start(now);
    connection.until(|event| matches!(event, Happened::Connected).then_some(Ok(()))).await?;
    Ok(connection)
}

impl<S: Socket> Connection<S> {
    /// The next message.
    ///
    /// # Errors
    /// [`Error::Lost`] once when the connection is lost, [`Error::Ended`] from then on.
    pub async fn next(&mut self) -> Result<Message, Error> {
        poll_fn(|cx| self.poll_message(cx)).await
    }

    /// As [`next`](Self::next), for those who poll.
    pub fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        if let Some(message) = self.waiting.pop_front() {
            return Poll::Ready(Ok(message));
        }
        loop {
            if self.over {
                return Poll::Ready(Err(Error::Ended));
            }
            match ready!(self.driver.poll_next(cx)) {
                Output::Message(message) => return Poll::Ready(Ok(message)),
                Output::Notice(notice) => match *notice {
                    Notice::Lost { reason, .. } => {
                        self.over = true;
                        return Poll::Ready(Err(self.loss(reason)));
                    }
                    Notice::Ended => self.over = true,
                    _ => {}
                },
                // Nobody waits for it any more.
                Output::Reply(_) => {}
            }
        }
    }

    /// Subscribes to more streams, and waits until the exchange has acknowledged all of them. They are asked for as
    /// soon as this is called, also when the future is dropped.
    ///
    /// # Errors
    /// [`Error::Request`] when one of the streams is not of this connection's market and route, or they are too many;
    /// then none was asked for. [`Error::Refused`] when the exchange refuses one; [`Error::Lost`].
    pub fn subscribe<'c>(
        &'c mut self,
        streams: &[&dyn Subscription],
    ) -> impl Future<Output = Result<(), Error>> + Send + use<'c, S> {
        let wanted = self
            .check(streams)
            .and_then(|()| streams.iter().try_for_each(|stream| self.driver.session.want(*stream)));
        async move {
            wanted?;
            self.settled().await
        }
    }

    /// Unsubscribes from streams, and waits until the exchange has acknowledged it. Messages that were on their way
    /// still come.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe).
    pub fn unsubscribe<'c>(
        &'c mut self,
        streams: &[&dyn Subscription],
    ) -> impl Future<Output = Result<(), Error>> + Send + use<'c, S> {
        let unwanted = self
            .check(streams)
            .and_then(|()| streams.iter().try_for_each(|stream| self.driver.session.unwant(*stream)));
        async move {
            unwanted?;
            self.settled().await
        }
    }

    /// Sends one command with an id of one's own (or one made here, for `None`), and waits for its answer: the text of
    /// the result, `null` for `SUBSCRIBE` and `UNSUBSCRIBE`.
    ///
    /// # Errors
    /// As [`subscribe`](Self::subscribe); also [`Error::Request`] when there are more than
    /// [`BATCH`](crate::session::BATCH) streams or the id is in use.
    #[doc(alias = "send", alias = "send_message_to_server")]
    pub fn command<'c>(
        &'c mut self,
        command: Command,
        streams: &[&dyn Subscription],
        id: Option<RequestId>,
    ) -> impl Future<Output = Result<Message, Error>> + Send + use<'c, S> {
        let sent = self.driver.session.request(command, streams, id);
        async move {
            let sent = sent?;
            self.until(|event| match event {
                Happened::Reply(id, result) if *id == sent => {
                    Some(result.clone().map_err(|error| Error::Refused(Box::new(error))))
                }
                _ => None,
            })
            .await
        }
    }

    /// What the exchange says is subscribed on this connection.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Lost`], [`Error::Answer`].
    #[doc(alias = "list_subscribe")]
    pub async fn list_subscriptions(&mut self) -> Result<Vec<StreamName>, Error> {
        let answer = self.command(Command::List, &[], None).await?;
        let names = json::from_str::<json::List<'_, StreamName>>(answer.data()).map_err(|_| Error::Answer)?;
        names.into_iter().collect::<Result<_, _>>().map_err(|_| Error::Answer)
    }

    /// The streams that are wanted, in no order that matters.
    pub fn streams(&self) -> impl Iterator<Item = StreamState<'_>> {
        self.driver.session.streams()
    }

    /// Closes the connection with the closing handshake. Takes no longer than
    /// [`close_timeout`](crate::session::Config::close_timeout). Messages that still come are gone.
    #[doc(alias = "stop")]
    pub async fn close(mut self) {
        let now = self.driver.now();
        self.driver.session.close(now);
        poll_fn(|cx| {
            while !self.over {
                if let Output::Notice(notice) = ready!(self.driver.poll_next(cx)) {
                    self.over = matches!(*notice, Notice::Ended | Notice::Lost { .. });
                }
            }
            Poll::Ready(())
        })
        .await;
    }

    /// How many messages were no JSON, or answers to nothing. They were given out as they came.
    pub fn garbage(&self) -> u64 {
        self.driver.garbage
    }

    /// How many messages were lost since too many came while a command was awaited: the oldest go first.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn check(&self, streams: &[&dyn Subscription]) -> Result<(), RequestError> {
        streams.iter().try_for_each(|stream| self.driver.session.check(*stream))
    }

    async fn settled(&mut self) -> Result<(), Error> {
        // A word of an earlier settling may still be on its way.
        while !self.driver.session.is_settled() {
            self.until(|event| match event {
                Happened::Settled => Some(Ok(())),
                Happened::Refused(error) => Some(Err(Error::Refused(Box::new(error.clone())))),
                _ => None,
            })
            .await?;
        }
        Ok(())
    }

    /// Runs until `done` says so. Messages that come meanwhile wait for [`next`](Self::next).
    async fn until<R>(
        &mut self,
        mut done: impl FnMut(&Happened) -> Option<Result<R, Error>>,
    ) -> Result<R, Error> {
        poll_fn(|cx| {
            loop {
                if self.over {
                    return Poll::Ready(Err(Error::Ended));
                }
                let happened = match ready!(self.driver.poll_next(cx)) {
                    Output::Message(message) => {
                        if self.waiting.len() == QUEUE {
                            self.waiting.pop_front();
                            self.dropped += 1;
                        }
                        self.waiting.push_back(message);
                        continue;
                    }
                    Output::Reply(reply) => {
                        let (id, result) = *reply;
                        Happened::Reply(id, result)
                    }
                    Output::Notice(notice) => match *notice {
                        Notice::Connected => Happened::Connected,
                        Notice::Settled => Happened::Settled,
                        Notice::Refused { .. } => match self.driver.session.last_refusal() {
                            Some(error) => Happened::Refused(error.clone()),
                            None => continue,
                        },
                        Notice::Lost { reason, .. } => {
                            self.over = true;
                            return Poll::Ready(Err(self.loss(reason)));
                        }
                        Notice::Ended => {
                            self.over = true;
                            continue;
                        }
                        _ => continue,
                    },
                };
                if let Some(result) = done(&happened) {
                    return Poll::Ready(result);
                }
            }
        })
        .await
    }

    fn loss(&mut self, reason: Reason) -> Error {
        match (reason, self.driver.connect_error.take()) {
            (Reason::Connect, Some(error)) => Error::Connect(error),
            (Reason::ConnectTimeout, _) => Error::Connect(ConnectError::Timeout),
            (reason, _) => Error::Lost(reason),
        }
    }
}

/// The messages, and at the end what ended them.
impl<S: Socket> futures_util::Stream for Connection<S> {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match ready!(self.get_mut().poll_message(cx)) {
            Err(Error::Ended) => Poll::Ready(None),
            message => Poll::Ready(Some(message)),
        }
    }
}

impl<S> fmt::Debug for Connection<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("driver", &self.driver)
            .field("waiting", &self.waiting.len())
            .field("dropped", &self.dropped)
            .finish()
    }
}

/// What a waiting command looks at.
enum Happened {
    Connected,
    Settled,
    Refused(ApiError),
    Reply(RequestId, Result<Message, ApiError>),
}
