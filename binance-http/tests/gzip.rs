//! Compressed replies over both transports of hosts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by it")]
#![cfg(all(feature = "hyper", feature = "blocking", feature = "gzip"))]

mod support;

use std::io::Write;

use binance_http::{
    Builder, Outcome::Unknown, TransportKind, blocking::Std, dial::Way, hyper::Hyper, transport::Transport,
};
use flate2::{Compression, write::GzEncoder};

use self::support::{
    is::{Is, is},
    over::{Settings, both},
    server::{Server, Step},
};

const TIME: &[u8] = br#"{"serverTime":5}"#;
const MAX_BODY: usize = 1 << 20;

struct Setup<'u> {
    url: &'u str,
    gzip: bool,
}

impl Settings for Setup<'_> {
    fn client<T: Transport>(&self, builder: Builder<T>) -> Builder<T> {
        builder.base_url(self.url)
    }

    fn hyper(&self, hyper: Hyper) -> Hyper {
        let hyper = hyper.max_body(MAX_BODY);
        if self.gzip { hyper.gzip() } else { hyper }
    }

    fn std(&self, std: Std) -> Std {
        let std = std.max_body(MAX_BODY);
        if self.gzip { std.gzip() } else { std }
    }
}

fn zipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn reply(codings: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{codings}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The time with many blanks before it.
fn bomb(len: usize) -> Vec<u8> {
    let mut plain = vec![b' '; len - TIME.len()];
    plain.extend(TIME);
    zipped(&plain)
}

#[tokio::test]
async fn compressed_replies_are_read_where_they_were_asked_for() {
    const GZIP: &str = "Content-Encoding: gzip\r\n";
    let late = Err(Is::Transport(TransportKind::Malformed, Unknown));
    let two_members = [zipped(&TIME[..7]), zipped(&TIME[7..])].concat();
    let chunked = {
        let (body, mut chunked) = (zipped(TIME), b"HTTP/1.1 200 OK\r\n".to_vec());
        chunked.extend(GZIP.as_bytes());
        chunked.extend(b"Transfer-Encoding: chunked\r\n\r\n");
        for chunk in body.chunks(5) {
            chunked.extend(format!("{:x}\r\n", chunk.len()).bytes());
            chunked.extend(chunk);
            chunked.extend(b"\r\n");
        }
        chunked.extend(b"0\r\n\r\n");
        chunked
    };
    let mut broken = zipped(TIME);
    let middle = broken.len() / 2;
    broken[middle] ^= 0x55;
    for (name, gzip, bytes, expected) in [
        ("plain", true, reply("", TIME), Ok(5)),
        ("identity", true, reply("Content-Encoding: identity\r\n", TIME), Ok(5)),
        ("compressed", true, reply(GZIP, &zipped(TIME)), Ok(5)),
        ("in capitals", true, reply("CONTENT-ENCODING:  GZIP \r\n", &zipped(TIME)), Ok(5)),
        ("in chunks", true, chunked.clone(), Ok(5)),
        ("two members", true, reply(GZIP, &two_members), Ok(5)),
        ("as long as it may be", true, reply(GZIP, &bomb(MAX_BODY)), Ok(5)),
        (
            "too long",
            true,
            reply(GZIP, &bomb(MAX_BODY + 1)),
            Err(Is::Transport(TransportKind::TooLarge, Unknown)),
        ),
        ("a bomb", true, reply(GZIP, &bomb(32 << 20)), Err(Is::Transport(TransportKind::TooLarge, Unknown))),
        ("broken", true, reply(GZIP, &broken), late),
        ("cut", true, reply(GZIP, &zipped(TIME)[..20]), late),
        ("not compressed", true, reply(GZIP, TIME), late),
        ("more behind it", true, reply(GZIP, &[&zipped(TIME), TIME].concat()), late),
        ("twice", true, reply(&GZIP.repeat(2), &zipped(&zipped(TIME))), late),
        ("another coding", true, reply("Content-Encoding: br\r\n", TIME), late),
        ("not asked for", false, reply(GZIP, &zipped(TIME)), late),
    ] {
        for index in 0..2 {
            let server = Server::start(vec![vec![Step::Request, Step::Write(bytes.clone())]]);
            let [hyper, std] = both(&Way::new(), Setup { url: &server.url, gzip });
            let client = if index == 0 { hyper } else { std };
            assert_eq!(client.time().await.map_err(|error| is(&error)), expected, "{name} {client:?}");
            drop(client);
            let requests = server.finish();
            let asked = requests[0].to_ascii_lowercase().contains("\r\naccept-encoding: gzip\r\n");
            assert_eq!(asked, gzip, "{}", requests[0]);
        }
    }
}
