//! One connection, and one request over it at a time.

use core::mem;
use std::{
    boxed::Box,
    error::Error as _,
    future::poll_fn,
    io,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
    vec::Vec,
};

use ::hyper::{
    Method as Verb, Request, Uri,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    client::conn::http1,
    header::{
        ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue,
        TRANSFER_ENCODING, USER_AGENT,
    },
};
use binance_core::{Method, Text};
use hyper_util::rt::TokioIo;
use tokio::time::{Sleep, sleep};

use crate::{
    base_url::BaseUrl,
    dial::{Notes, Stream},
    error::{TransportError, TransportKind},
    headers::Headers,
    request::{self, Prepared},
    transport::Received,
};

static API_KEY: HeaderName = HeaderName::from_static("x-mbx-apikey");

// The same in every request.
static JSON: HeaderValue = HeaderValue::from_static(request::ACCEPT);
static OURS: HeaderValue = HeaderValue::from_static(request::USER_AGENT);

/// A connection, with what is needed to drive it. One of [`Hyper`](super::Hyper)'s.
pub struct Connection(Box<Inner>);

/// It is large, and it moves: into the pool, out of it, and with each future that holds it.
struct Inner {
    sender: http1::SendRequest<Once>,
    driver: http1::Connection<TokioIo<Stream>, Once>,
    /// The driver came to its end: it may not be polled again.
    ended: bool,
    notes: Arc<Notes>,
    https: bool,
    authority: Text<255>,
}

impl Connection {
    pub(super) async fn new(base: &BaseUrl, stream: Stream) -> Result<Self, TransportError> {
        let notes = stream.notes();
        let (sender, driver) = http1::Builder::new()
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|error| TransportError::before_sending(TransportKind::Connect).with_source(error))?;
        let authority = Text::truncated(base.authority());
        Ok(Self(Box::new(Inner { sender, driver, ended: false, notes, https: base.is_https(), authority })))
    }

    /// Whether it is a connection to this host.
    pub(super) fn leads_to(&self, base: &BaseUrl) -> bool {
        self.0.https == base.is_https() && self.0.authority.as_str() == base.authority()
    }

    /// Whether it leads to the same host as another.
    pub(super) fn leads_to_where(&self, other: &Self) -> bool {
        self.0.https == other.0.https && self.0.authority == other.0.authority
    }

    /// Whether a request can be sent over it, as far as it is known.
    pub(super) fn is_ready(&self) -> bool {
        !self.0.ended && self.0.sender.is_ready()
    }

    /// Reads and writes what can be read and written now.
    fn drive(&mut self, cx: &mut Context<'_>) {
        // Its errors reach whoever waits for the reply.
        if !self.0.ended && Pin::new(&mut self.0.driver).poll(cx).is_ready() {
            self.0.ended = true;
        }
    }

    /// Polls what the driver brings, or gives `None` when the time is over first. `woken` says that the driver may have
    /// something to do.
    ///
    /// The driver keeps the waker of its last poll and wakes it for the next request. That is sent by the task that drives
    /// it anyway, so its own waker would cost it one more round, with a look at the operating system. This is why the
    /// driver gets it only where the task has to wait.
    fn poll_driven<T>(
        &mut self,
        mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>,
        woken: bool,
        timer: Pin<&mut Sleep>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<T>> {
        if woken {
            self.look();
            if let Poll::Ready(value) = poll(cx) {
                return Poll::Ready(Some(value));
            }
        }
        self.drive(cx);
        match poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => timer.poll(cx).map(|()| None),
        }
    }

    /// Reads and writes once, without waiting and without being woken for it.
    pub(super) fn look(&mut self) {
        self.drive(&mut Context::from_waker(Waker::noop()));
    }

    /// Sends `request` and reads its reply. Gives the connection back when it can be used again.
    pub(super) async fn exchange(
        mut self,
        request: &Prepared<'_>,
        limit: Duration,
        max_body: usize,
    ) -> Result<(Received, Option<Self>), TransportError> {
        self.0.notes.clear();
        let mut timer = pin!(sleep(limit));
        let mut reply = pin!(self.0.sender.send_request(translate(request)));
        let mut woken = false;
        let head = poll_fn(|cx| {
            let woken = mem::replace(&mut woken, true);
            self.poll_driven(|cx| reply.as_mut().poll(cx), woken, timer.as_mut(), cx)
        });
        let (parts, mut body) = match head.await {
            Some(Ok(reply)) => reply.into_parts(),
            Some(Err(error)) => return Err(self.failed(error)),
            None => return Err(self.error(TransportKind::Timeout)),
        };
        // Hyper takes the chunks and forgets the length; whoever stands between may have taken the length.
        if [TRANSFER_ENCODING, CONTENT_LENGTH].iter().all(|name| parts.headers.contains_key(name)) {
            return Err(self.error(TransportKind::Malformed));
        }
        let mut gathered =
            Gathered::new(&body, max_body).ok_or_else(|| self.error(TransportKind::TooLarge))?;
        loop {
            let frame = poll_fn(|cx| {
                // Most of the time the driver has read all of it, with the head.
                if let Poll::Ready(frame) = Pin::new(&mut body).poll_frame(cx) {
                    return Poll::Ready(Some(frame));
                }
                self.poll_driven(|cx| Pin::new(&mut body).poll_frame(cx), true, timer.as_mut(), cx)
            });
            match frame.await {
                Some(Some(Ok(frame))) => {
                    // Trailers say nothing that is needed.
                    let Ok(data) = frame.into_data() else { continue };
                    gathered.add(data).ok_or_else(|| self.error(TransportKind::TooLarge))?;
                }
                Some(Some(Err(error))) => return Err(self.failed(error)),
                Some(None) => break,
                None => return Err(self.error(TransportKind::Timeout)),
            }
        }
        drop(body);
        if !self.is_ready() {
            // Lets the driver see that the reply is over.
            self.look();
        }
        let received = Received {
            status: parts.status.as_u16(),
            headers: headers(&parts.headers),
            body: gathered.finish(),
        };
        let connection = self.is_ready().then_some(self);
        Ok((received, connection))
    }

    fn error(&self, kind: TransportKind) -> TransportError {
        if self.0.notes.written() {
            TransportError::after_sending(kind)
        } else {
            TransportError::before_sending(kind)
        }
    }

    fn failed(&self, error: ::hyper::Error) -> TransportError {
        let ended = if self.0.notes.read() { TransportKind::Cut } else { TransportKind::Closed };
        let cause = error.source().and_then(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
        let kind = if error.is_parse() {
            TransportKind::Malformed
        } else if error.is_incomplete_message() || error.is_canceled() || error.is_closed() {
            ended
        } else {
            match cause {
                Some(
                    io::ErrorKind::ConnectionReset
                    | io::ErrorKind::ConnectionAborted
                    | io::ErrorKind::BrokenPipe
                    | io::ErrorKind::NotConnected
                    | io::ErrorKind::UnexpectedEof,
                ) => ended,
                Some(io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput) | None => {
                    TransportKind::Malformed
                }
                Some(_) => TransportKind::Io,
            }
        };
        self.error(kind).with_source(error)
    }
}

/// The request in hyper's types. One copy is made of it, which everything in it shares.
fn translate(request: &Prepared<'_>) -> Request<Once> {
    let bytes = Bytes::copy_from_slice(request.as_bytes());
    let share = |range: core::ops::Range<usize>| bytes.slice(range);
    let mut translated =
        Request::new(Once((!request.body().is_empty()).then(|| share(request.body_range()))));
    *translated.method_mut() = match request.method() {
        Method::Get => Verb::GET,
        Method::Post => Verb::POST,
        Method::Put => Verb::PUT,
        Method::Delete => Verb::DELETE,
    };
    *translated.uri_mut() =
        Uri::from_maybe_shared(share(request.target_range())).expect("a target is a path of visible ASCII");
    let mut headers = HeaderMap::with_capacity(8);
    for (name, range) in request.header_ranges() {
        let value = |range| {
            HeaderValue::from_maybe_shared(share(range))
                .expect("a header's value is visible ASCII and blanks")
        };
        let (name, value) = match name {
            "Host" => (HOST, value(range)),
            "Accept" => (ACCEPT, JSON.clone()),
            "User-Agent" => (USER_AGENT, OURS.clone()),
            "Accept-Encoding" => (ACCEPT_ENCODING, value(range)),
            "Content-Type" => (CONTENT_TYPE, value(range)),
            "Content-Length" => (CONTENT_LENGTH, value(range)),
            _ => {
                let mut key = value(range);
                key.set_sensitive(true);
                (API_KEY.clone(), key)
            }
        };
        headers.append(name, value);
    }
    *translated.headers_mut() = headers;
    translated
}

fn headers(headers: &HeaderMap) -> Headers {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect()
}

/// A body that is there at once, or none.
pub(super) struct Once(Option<Bytes>);

impl Body for Once {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}

/// A body as it comes in: most come in one piece, which is kept as it is.
struct Gathered {
    first: Bytes,
    rest: Vec<u8>,
    expected: usize,
    most: usize,
}

impl Gathered {
    /// `None` when the body says that it is longer than `most`.
    fn new(body: &Incoming, most: usize) -> Option<Self> {
        let expected = match body.size_hint().exact() {
            Some(exact) => usize::try_from(exact).ok().filter(|exact| *exact <= most)?,
            None => 0,
        };
        Some(Self { first: Bytes::new(), rest: Vec::new(), expected, most })
    }

    /// `None` when it is longer than it may be.
    fn add(&mut self, data: Bytes) -> Option<()> {
        /// What is reserved on the word of a header alone.
        const TRUSTED: usize = 1 << 20;
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = data;
        } else {
            if self.rest.is_empty() {
                self.rest
                    .reserve(self.expected.clamp(2 * self.first.len(), TRUSTED.max(2 * self.first.len())));
                self.rest.extend_from_slice(&self.first);
                self.first = Bytes::new();
            }
            self.rest.extend_from_slice(&data);
        }
        (self.first.len() + self.rest.len() <= self.most).then_some(())
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { Bytes::from(self.rest) }
    }
}
