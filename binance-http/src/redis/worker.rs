//! The thread that talks to the server.

use std::{
    io::{self, BufReader, Write},
    mem,
    net::{TcpStream, ToSocketAddrs},
    string::String,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
    vec::Vec,
};

use super::resp::{self, Reply, command};
use crate::log;

/// How long a server that could not be reached is left alone.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// How many commands go out together.
const MOST_AT_ONCE: usize = 64;

const SCRIPT: &[u8] = include_bytes!("pool.lua");

/// Where the server is, and how to get in.
pub(super) struct Server {
    pub(super) address: String,
    /// User, which may be empty, and password.
    pub(super) login: Option<(String, String)>,
    pub(super) database: u32,
    pub(super) timeout: Duration,
}

/// What the script answered, or that nobody knows.
pub(super) type Told = Result<(i64, i64), Unreachable>;

/// The server was not reached, or did not do what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unreachable;

/// One call of the script.
pub(super) struct Job {
    /// Keys and arguments.
    pub(super) words: Vec<String>,
    pub(super) slot: Arc<Slot>,
}

/// Where the answer to a job goes.
#[derive(Default)]
pub(super) struct Slot(Mutex<State>);

#[derive(Default)]
enum State {
    #[default]
    Asked,
    AskedAndWaiting(Waker),
    Told(Told),
    /// Nobody waits any more. What was charged is to be given back by this call.
    Left(Option<Vec<String>>),
    Taken,
}

impl Slot {
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Told> {
        let mut state = self.lock();
        if let State::Told(told) = *state {
            *state = State::Taken;
            return Poll::Ready(told);
        }
        *state = State::AskedAndWaiting(cx.waker().clone());
        Poll::Pending
    }

    /// Nobody waits any more. Gives `undo` back when it has to be done now; otherwise it is done when it is time.
    pub(super) fn leave(&self, undo: Vec<String>) -> Option<Vec<String>> {
        let mut state = self.lock();
        match mem::replace(&mut *state, State::Taken) {
            State::Told(Ok((0, _))) => Some(undo),
            State::Asked | State::AskedAndWaiting(_) => {
                *state = State::Left(Some(undo));
                None
            }
            State::Told(_) | State::Left(_) | State::Taken => None,
        }
    }

    /// Gives what has to be done since nobody waits any more.
    fn tell(&self, told: Told) -> Option<Vec<String>> {
        let mut state = self.lock();
        if let State::Left(undo) = &mut *state {
            return undo.take().filter(|_| matches!(told, Ok((0, _))));
        }
        let before = mem::replace(&mut *state, State::Told(told));
        drop(state);
        if let State::AskedAndWaiting(waker) = before {
            waker.wake();
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is whole whatever happened to a thread that held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does jobs until nobody can send one any more. `again` is for what follows from them.
pub(super) fn run(jobs: &Receiver<Job>, again: &std::sync::Weak<Sender<Job>>, server: &Server) {
    let mut connection: Option<Connection> = None;
    let mut lost_at: Option<Instant> = None;
    while let Ok(first) = jobs.recv() {
        let batch: Vec<Job> = core::iter::once(first).chain(jobs.try_iter().take(MOST_AT_ONCE - 1)).collect();
        let mut told = 0;
        let mut result = Ok(());
        if lost_at.is_none_or(|at| at.elapsed() >= PAUSE) {
            result = call(&mut connection, server, &batch, |job, answer| {
                told += 1;
                if let (Some(words), Some(again)) = (job.slot.tell(Ok(answer)), again.upgrade()) {
                    // Without the pool there is nobody to give it back to.
                    let _ = again.send(Job { words, slot: Arc::default() });
                }
            });
            lost_at = None;
        }
        if let Err(error) = result {
            log::pool_lost(&server.address, &error);
            connection = None;
            lost_at = Some(Instant::now());
        }
        batch.iter().skip(told).for_each(|job| drop(job.slot.tell(Err(Unreachable))));
    }
}

/// Sends all calls of a batch, then reads their answers, one after the other.
fn call(
    connection: &mut Option<Connection>,
    server: &Server,
    batch: &[Job],
    mut told: impl FnMut(&Job, (i64, i64)),
) -> io::Result<()> {
    let connection = match connection {
        Some(connection) => connection,
        none => none.insert(Connection::open(server)?),
    };
    let mut out = Vec::new();
    for job in batch {
        let mut words: Vec<&[u8]> = Vec::with_capacity(job.words.len() + 3);
        words.extend([b"EVALSHA".as_slice(), &connection.script, b"3"]);
        words.extend(job.words.iter().map(String::as_bytes));
        command(&mut out, &words);
    }
    connection.stream.get_mut().write_all(&out)?;
    for job in batch {
        match resp::reply(&mut connection.stream)? {
            Reply::Pair(one, two) => told(job, (one, two)),
            Reply::Refused(reason) => return Err(io::Error::other(reason)),
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
    Ok(())
}

/// A connection over which the script was loaded.
struct Connection {
    stream: BufReader<TcpStream>,
    script: Vec<u8>,
}

impl Connection {
    fn open(server: &Server) -> io::Result<Self> {
        let mut failed = io::Error::from(io::ErrorKind::AddrNotAvailable);
        let stream = server.address.to_socket_addrs()?.find_map(|address| {
            TcpStream::connect_timeout(&address, server.timeout).map_err(|error| failed = error).ok()
        });
        let stream = stream.ok_or(failed)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(server.timeout))?;
        stream.set_write_timeout(Some(server.timeout))?;
        let mut stream = BufReader::new(stream);
        match &server.login {
            Some((user, password)) if user.is_empty() => {
                ask(&mut stream, &[b"AUTH", password.as_bytes()])?;
            }
            Some((user, password)) => {
                ask(&mut stream, &[b"AUTH", user.as_bytes(), password.as_bytes()])?;
            }
            None => {}
        }
        if server.database != 0 {
            ask(&mut stream, &[b"SELECT", std::format!("{}", server.database).as_bytes()])?;
        }
        match ask(&mut stream, &[b"SCRIPT", b"LOAD", SCRIPT])? {
            Reply::Text(script) => Ok(Self { stream, script }),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn ask(stream: &mut BufReader<TcpStream>, words: &[&[u8]]) -> io::Result<Reply> {
    let mut out = Vec::new();
    command(&mut out, words);
    stream.get_mut().write_all(&out)?;
    match resp::reply(stream)? {
        Reply::Refused(reason) => Err(io::Error::other(reason)),
        reply => Ok(reply),
    }
}
