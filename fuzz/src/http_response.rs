//! A reply is the same however it is cut into pieces, is never read beyond its end, and is what hyper reads.

use binance_http::response::{Decoder, Progress, ResponseError};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What a reply was.
type Read = Result<(u16, Vec<u8>), ResponseError>;

/// Takes the input as what came over a connection before it ended. Its first byte says where it is cut.
pub fn check(data: &[u8]) {
    let Some((&cut, bytes)) = data.split_first() else { return };
    let whole = read(&[bytes], bytes.len());
    let (start, end) = bytes.split_at(usize::from(cut) * bytes.len() / 256);
    agree(&whole, &read(&[start, end], bytes.len()));
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(cut % 7) + 1).collect();
    agree(&whole, &read(&pieces, bytes.len()));

    if let Ok(own) = &whole
        && let Some(other) = by_hyper(bytes)
    {
        assert_eq!(own, &other);
    }
}

/// A broken byte may stand behind the end of a reply that was read already.
fn agree(whole: &Read, other: &Read) {
    assert_eq!(whole, other);
}

fn read(pieces: &[&[u8]], len: usize) -> Read {
    // What is behind the bytes that came must never be looked at.
    let mut buffer = vec![b'\n'; len + 16];
    let (mut filled, mut decoder) = (0, Decoder::new());
    for piece in pieces {
        if decoder.progress() == Progress::Done {
            break;
        }
        buffer[filled..filled + piece.len()].copy_from_slice(piece);
        let came = filled + piece.len();
        filled = decoder.feed(&mut buffer, came)?;
        assert!(filled <= came);
        assert!(decoder.body_range().end <= filled || decoder.body_range().is_empty());
    }
    decoder.end(filled)?;
    let response = decoder.response(&buffer).expect("it is whole");
    assert!(response.body().len() <= len);
    Ok((response.status(), response.body().to_vec()))
}

/// What hyper reads, unless it refuses.
fn by_hyper(bytes: &[u8]) -> Option<(u16, Vec<u8>)> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let (client, mut server) = tokio::io::duplex(bytes.len() + 1_024);
        let (mut send, connection) =
            hyper::client::conn::http1::handshake::<_, Empty<hyper::body::Bytes>>(TokioIo::new(client)).await.ok()?;
        let exchange = async {
            // The request has to be on its way before anything that answers it.
            let _ = server.read(&mut [0; 1_024]).await;
            let _ = server.write_all(bytes).await;
            drop(server);
        };
        let reply = async {
            let request = hyper::Request::get("/").header("host", "x").body(Empty::new()).expect("a request");
            let reply = send.send_request(request).await.ok()?;
            let status = reply.status().as_u16();
            Some((status, reply.into_body().collect().await.ok()?.to_bytes().to_vec()))
        };
        tokio::join!(connection, exchange, reply).2
    })
}
