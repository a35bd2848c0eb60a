//! A socket that blocks until the time is over, and how one is opened.

#[cfg(unix)]
use core::mem::MaybeUninit;
use std::{
    boxed::Box,
    io::{self, Read, Write},
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
    vec::Vec,
};

#[cfg(unix)]
use socket2::SockRef;
use socket2::{Domain, Type};

use crate::{
    dial::{Handshake, Proxy, ProxyError, Way, failed, not_connected, share},
    error::{TransportError, TransportKind},
};

/// How long the operating system waits at most before the time is looked at. Set once for a connection, as long as there
/// is more time than that.
const PATIENCE: Duration = Duration::from_millis(250);

/// A socket that gives up when the time is over, and notes whether anything was written.
pub(super) struct Socket {
    stream: TcpStream,
    /// What was read before anybody asked for it.
    ahead: Vec<u8>,
    /// When it gives up.
    pub(super) until: Instant,
    /// What the operating system was told last.
    patience: Duration,
    /// Whether the operating system took a byte since this was cleared.
    pub(super) written: bool,
}

impl Socket {
    /// Opens one, through the proxy where there is one.
    pub(super) fn open(way: &Way, host: &str, port: u16, until: Instant) -> Result<Self, TransportError> {
        let stream = connect(way, way.first_stop(host, port), until)?;
        let mut socket = Self { stream, ahead: Vec::new(), until, patience: Duration::ZERO, written: false };
        if let Some(proxy) = &way.proxy {
            socket.ahead = socket.tunnel(proxy, host, port).map_err(|error| match error {
                ProxyError::Io(error) if is_late(&error) => failed(TransportKind::Timeout, error),
                error => failed(TransportKind::Proxy, error),
            })?;
        }
        Ok(socket)
    }

    /// Whether the host spoke before it was spoken to, as far as that is read already.
    pub(super) fn spoke_first(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Whether the host has neither closed it nor said anything that was not asked for.
    pub(super) fn is_silent(&self) -> bool {
        matches!(peek(&self.stream), Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Asks a proxy for a tunnel. Gives what the host said already.
    fn tunnel(&mut self, proxy: &Proxy, host: &str, port: u16) -> Result<Vec<u8>, ProxyError> {
        let mut handshake = Handshake::new(proxy, host, port);
        let mut piece = [0; 512];
        loop {
            self.write_all(&handshake.output())?;
            let count = self.read(&mut piece)?;
            if let Some(ahead) = handshake.feed(piece.get(..count).unwrap_or_default())? {
                return Ok(ahead);
            }
        }
    }

    /// Calls `io` until it does something or the time is over.
    fn in_time<V>(&mut self, mut io: impl FnMut(&mut TcpStream) -> io::Result<V>) -> io::Result<V> {
        loop {
            let left = self.until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            let patience = left.min(PATIENCE);
            if patience != self.patience {
                self.stream.set_read_timeout(Some(patience))?;
                self.stream.set_write_timeout(Some(patience))?;
                self.patience = patience;
            }
            match io(&mut self.stream) {
                Err(error) if is_late(&error) || error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            let count = self.ahead.as_slice().read(buf)?;
            self.ahead.drain(..count);
            return Ok(count);
        }
        self.in_time(|stream| stream.read(buf))
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.in_time(|stream| stream.write(bytes))?;
        self.written |= count > 0;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

/// Looks at what came, without waiting.
#[cfg(unix)]
fn peek(stream: &TcpStream) -> io::Result<usize> {
    let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
    SockRef::from(stream).recv_with_flags(&mut [MaybeUninit::uninit()], flags)
}

/// Looks at what came, without waiting.
#[cfg(not(unix))]
fn peek(stream: &TcpStream) -> io::Result<usize> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    peeked
}

pub(super) fn is_late(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)
}

/// Connects to the first of the host's addresses that answers.
fn connect(way: &Way, (host, port): (&str, u16), until: Instant) -> Result<TcpStream, TransportError> {
    let addresses = way.reachable(resolve(host, port, until)?.into_iter());
    let mut last = TransportError::before_sending(TransportKind::Resolve);
    for (index, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(TransportError::before_sending(TransportKind::Timeout));
        }
        match connect_to(*address, way.local, share(left, addresses.len() - index)) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = not_connected(error),
        }
    }
    Err(last)
}

fn connect_to(address: SocketAddr, local: Option<IpAddr>, patience: Duration) -> io::Result<TcpStream> {
    let stream = match local {
        None => TcpStream::connect_timeout(&address, patience)?,
        Some(local) => {
            let socket = socket2::Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            socket.bind(&SocketAddr::new(local, 0).into())?;
            socket.connect_timeout(&address.into(), patience)?;
            socket.into()
        }
    };
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The operating system takes as long as it likes to resolve a name, so a thread waits for it and this one does not.
fn resolve(host: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, TransportError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(Vec::from([SocketAddr::new(address, port)]));
    }
    let host: Box<str> = host.into();
    let (tell, told) = mpsc::channel();
    thread::Builder::new()
        .name("resolve".into())
        .spawn(move || {
            // Whoever asked may have given up.
            let _ = tell.send((&*host, port).to_socket_addrs().map(Vec::from_iter));
        })
        .map_err(|error| failed(TransportKind::Resolve, error))?;
    match told.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(addresses) => addresses.map_err(|error| failed(TransportKind::Resolve, error)),
        Err(_) => Err(TransportError::before_sending(TransportKind::Timeout)),
    }
}
