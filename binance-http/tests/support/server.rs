//! A server that does what it is told, byte by byte, on loopback.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

/// What the server does with a connection, in order; it closes it at the end.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Reads one request, head and body.
    Request,
    /// Reads this many bytes of a request.
    Read(usize),
    /// Writes these bytes at once.
    Write(Vec<u8>),
    /// Writes these bytes one at a time.
    Drip(Vec<u8>),
    /// Waits until the client closes the connection.
    AwaitClose,
    /// Reads one request without a body and ends the connection with a reset.
    RequestAndReset,
}

impl Step {
    /// A whole reply with a content-length.
    pub(crate) fn reply(status: &str, body: &str) -> Self {
        Self::Write(reply(status, body).into_bytes())
    }
}

/// A whole reply with a content-length.
pub(crate) fn reply(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

/// Serves one script for each connection, one connection after the other.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
    done: Arc<AtomicUsize>,
    thread: Option<JoinHandle<usize>>,
}

impl Server {
    pub(crate) fn start(scripts: Vec<Vec<Step>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let thread = std::thread::spawn(move || {
            let mut served = 0;
            for script in scripts {
                let (stream, _) = listener.accept().unwrap();
                served += 1;
                serve(stream, script, &seen, &counted);
                counted.fetch_add(1, Ordering::SeqCst);
            }
            served
        });
        Self { url, requests, done, thread: Some(thread) }
    }

    /// The requests that came whole so far, head and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// Waits until this many steps are done; a connection that ended counts as one.
    pub(crate) async fn until(&self, steps: usize) {
        while self.steps() < steps {
            tokio::task::yield_now().await;
        }
    }

    /// How many steps are done.
    pub(crate) fn steps(&self) -> usize {
        self.done.load(Ordering::SeqCst)
    }

    /// Forgets about scripts that are not done: the thread ends with the last connection.
    pub(crate) fn abandon(self) {}

    /// Waits until all scripts are done.
    pub(crate) fn finish(mut self) -> Vec<String> {
        self.thread.take().unwrap().join().unwrap();
        self.requests()
    }
}

fn serve(mut stream: TcpStream, script: Vec<Step>, requests: &Mutex<Vec<String>>, done: &AtomicUsize) {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_nodelay(true).unwrap();
    for step in script {
        match step {
            Step::Request => match read_request(&mut stream) {
                Some(request) => requests.lock().unwrap().push(request),
                None => return,
            },
            Step::Read(count) => stream.read_exact(&mut vec![0; count]).unwrap(),
            // The client may have closed by then.
            Step::Write(bytes) => drop(stream.write_all(&bytes)),
            Step::Drip(bytes) => {
                for byte in bytes {
                    if stream.write_all(&[byte]).is_err() {
                        return;
                    }
                }
            }
            Step::AwaitClose => while matches!(stream.read(&mut [0; 1024]), Ok(1..)) {},
            Step::RequestAndReset => {
                // With the last byte unread, the close is a reset.
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r") {
                    head.push(0);
                    let last = head.len() - 1;
                    stream.read_exact(&mut head[last..]).unwrap();
                }
                stream.peek(&mut [0]).unwrap();
                requests.lock().unwrap().push(String::from_utf8(head).unwrap());
                return;
            }
        }
        done.fetch_add(1, Ordering::SeqCst);
    }
}

fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap();
    let length = head
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length:")
                .map(|n| n.trim().parse::<usize>().unwrap())
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some(head + &String::from_utf8(body).unwrap())
}
