//! Each case whole, split at every byte, byte by byte, and cut at every byte.

extern crate std;

use std::{format, string::String, vec::Vec};

use super::*;

/// Feeds `pieces` and then the end of the connection. Gives status, body and whether the connection lives.
fn read(pieces: &[&[u8]]) -> Result<(u16, String, bool), ResponseError> {
    let (mut buffer, mut filled, mut decoder) = ([0; 40_000], 0, Decoder::new());
    for piece in pieces {
        buffer[filled..filled + piece.len()].copy_from_slice(piece);
        filled = decoder.feed(&mut buffer, filled + piece.len())?;
    }
    let whole = decoder.progress() == Progress::Done;
    decoder.end(filled)?;
    let response = decoder.response(&buffer).unwrap();
    assert!(whole || !response.keep_alive(), "a reply that ends with its connection cannot keep it");
    Ok((response.status(), String::from_utf8(response.body().to_vec()).unwrap(), response.keep_alive()))
}

/// Feeds a case in every way that the network might; all must agree.
fn read_in_every_way(bytes: &[u8]) -> Result<(u16, String, bool), ResponseError> {
    let whole = read(&[bytes]);
    for split in 0..=bytes.len() {
        let (start, end) = bytes.split_at(split);
        agree(&whole, &read(&[start, end]), split);
    }
    let drops: Vec<&[u8]> = bytes.chunks(1).collect();
    agree(&whole, &read(&drops), usize::MAX);
    whole
}

/// What follows a reply may come too late to be noticed: the connection's next reader sees it.
fn agree(
    whole: &Result<(u16, String, bool), ResponseError>,
    other: &Result<(u16, String, bool), ResponseError>,
    split: usize,
) {
    match (whole, other) {
        (Ok((status, body, _)), Ok((other_status, other_body, _))) => {
            assert_eq!((status, body), (other_status, other_body), "split at {split}");
        }
        _ => assert_eq!(whole, other, "split at {split}"),
    }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

#[test]
fn replies_are_read_however_they_come() {
    let long = "x".repeat(300);
    for (reply, status, body, keep_alive) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true),
        ("HTTP/1.1 200 OK\r\ncontent-length:2\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 200, "", true),
        ("HTTP/1.1 400\r\nContent-Length: 1\r\n\r\nx", 400, "x", true),
        ("HTTP/1.1 418 I'm a teapot\ncontent-length: 1\n\nx", 418, "x", true),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
        ("HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n", 304, "", true),
        ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
        ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 200, "until the end", false),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", true),
        ("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\nHTTP/1.1 204 N\r\n\r\n", 204, "", true),
        // What follows was not asked for.
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n", 200, "x", false),
        (&format!("{CHUNKED}1\r\nx\r\n0\r\n\r\nHTTP/1.1"), 200, "x", false),
        (&format!("{CHUNKED}0\r\n\r\n"), 200, "", true),
        (&format!("{CHUNKED}5\r\nhello\r\n0\r\n\r\n"), 200, "hello", true),
        (
            &format!("{CHUNKED}1\r\na\r\n2\r\nbc\r\n003;ext=\"1\"\r\ndef\r\n0;last\r\n\r\n"),
            200,
            "abcdef",
            true,
        ),
        (
            &format!("{CHUNKED}A\r\n0123456789\r\n0a \r\n0123456789\r\n0\r\nTrailer: x\r\nMore: y\r\n\r\n"),
            200,
            "01234567890123456789",
            true,
        ),
        (&format!("{CHUNKED}12C\r\n{long}\r\n0\r\n\r\n"), 200, &long, true),
    ] {
        assert_eq!(read_in_every_way(reply.as_bytes()), Ok((status, body.into(), keep_alive)), "{reply}");
    }
}

#[test]
fn what_could_mean_two_things_is_refused() {
    use ResponseError::{Malformed, Unsupported};
    let many: String = (0..MAX_HEADERS + 1).map(|n| format!("h{n}: x\r\n")).collect();
    let interim = "HTTP/1.1 100 Continue\r\n\r\n".repeat(9);
    for (reply, error) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", Malformed),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Malformed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Unsupported),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", Unsupported),
        ("HTTP/1.1 101 Switching Protocols\r\n\r\n", Unsupported),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999999\r\n\r\n", Malformed),
        ("HTTP/1.1 200 OK\r\nContent-Length : 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 20 OK\r\n\r\n", Malformed),
        // What tries to begin a header, or to end one early.
        ("HTTP/1.1 200 OK\r\nA: b\rContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\nA: b\0\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\nA\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 OK\r\n A: b\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/1.1 200 O\0K\r\nContent-Length: 1\r\n\r\nx", Malformed),
        ("HTTP/2 200\r\n\r\n", Malformed),
        ("HTTP/1.2 200 OK\r\n\r\n", Malformed),
        ("<html></html>", Malformed),
        ("\0\0\0\0", Malformed),
        ("GET / HTTP/1.1\r\n\r\n", Malformed),
        (&format!("HTTP/1.1 200 OK\r\n{many}\r\n"), Malformed),
        (&format!("{interim}HTTP/1.1 204 N\r\n\r\n"), Malformed),
        (&format!("{CHUNKED}\r\n"), Malformed),
        (&format!("{CHUNKED}x\r\n"), Malformed),
        (&format!("{CHUNKED}-1\r\n"), Malformed),
        (&format!("{CHUNKED}1\nx\r\n"), Malformed),
        (&format!("{CHUNKED}1;a\nx\r\n"), Malformed),
        (&format!("{CHUNKED}1\r\nxx\r\n"), Malformed),
        (&format!("{CHUNKED}1\r\nx\n0\r\n\r\n"), Malformed),
        (&format!("{CHUNKED}FFFFFFFFFFFFFFFFF\r\n"), Malformed),
        (&format!("{CHUNKED}0\r\n\n"), Malformed),
        (&format!("{CHUNKED}0\r\na\n"), Malformed),
        (&format!("{CHUNKED}1;{}", "e".repeat(16_400)), Malformed),
    ] {
        // The longest are not worth every split.
        let result =
            if reply.len() < 1_000 { read_in_every_way(reply.as_bytes()) } else { read(&[reply.as_bytes()]) };
        assert_eq!(result, Err(error), "{reply}");
    }
}

#[test]
fn a_compressed_reply_is_taken_only_where_it_was_asked_for() {
    let reply = b"HTTP/1.1 200 OK\r\nContent-Encoding: GZip\r\nContent-Length: 1\r\n\r\nx";
    for (accept, other) in [(false, false), (true, false), (true, true)] {
        let mut buffer =
            if other { reply.map(|byte| if byte == b'G' { b'B' } else { byte }) } else { *reply };
        let mut decoder = Decoder::new().accept_gzip(accept);
        let taken = decoder.feed(&mut buffer, reply.len()).is_ok();
        assert_eq!(taken, accept && !other);
        if taken {
            let response = decoder.response(&buffer).unwrap();
            assert_eq!(
                (response.header("content-encoding"), response.body()),
                (Some(b"GZip".as_slice()), b"x".as_slice())
            );
        }
    }
}

#[test]
fn a_reply_that_is_cut_anywhere_says_so() {
    for reply in [
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"serverTime\":12345}",
        &format!("HTTP/1.1 100 Continue\r\n\r\n{CHUNKED}3\r\nabc\r\n0\r\nTrailer: x\r\n\r\n"),
    ] {
        assert_eq!(read(&[]), Err(ResponseError::Closed));
        for end in 1..reply.len() {
            assert_eq!(
                read_in_every_way(&reply.as_bytes()[..end]),
                Err(ResponseError::Cut),
                "{end} of {reply}"
            );
        }
    }
}

#[test]
fn headers_come_back_in_their_order() {
    let reply = b"HTTP/1.1 429 Too Many\r\nRetry-After:  5 \r\nx: \xff\r\nX-MBX-USED-WEIGHT-1M: 2401\r\nContent-Length: 0\r\n\r\n";
    let mut buffer = reply.to_vec();
    let mut decoder = Decoder::new();
    decoder.feed(&mut buffer, reply.len()).unwrap();
    let response = decoder.response(&buffer).unwrap();
    assert!(response.headers().eq([
        ("Retry-After", b"5".as_slice()),
        ("x", b"\xff"),
        ("X-MBX-USED-WEIGHT-1M", b"2401"),
        ("Content-Length", b"0"),
    ]));
    assert_eq!(response.header("retry-after"), Some(b"5".as_slice()));
    let limits = crate::Limits::read(response.headers());
    assert_eq!((limits.used_weight(), limits.retry_after().unwrap().as_secs()), (Some(2_401), 5));
}

#[test]
fn how_much_is_missing_is_told_where_it_is_known() {
    let mut buffer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec();
    let mut decoder = Decoder::new();
    assert_eq!(decoder.progress(), Progress::More(1));
    let len = buffer.len();
    decoder.feed(&mut buffer, len).unwrap();
    assert_eq!(decoder.progress(), Progress::More(7));
    assert!(decoder.response(&buffer).is_none());
}
