//! An order over a stream of bytes, from its parameters to the reply: what a device does with a socket.

use core::convert::Infallible;

use binance_core::{Millis, decimal::dec, enums::Side, usdm::trade::NewOrder};
use binance_http::{
    BaseUrl, BuildError, Outcome,
    embedded::{Connection, Error, Wire},
};
use binance_sign::{Credentials, Hmac, Stamp};
use heapless::Vec;

use crate::Run;

/// The exchange's own example of a secret.
const SECRET: &[u8] = b"2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9";

/// The request line and the first header, signed by another implementation.
const REQUEST: &[u8] =
    b"POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=9000\
    &newClientOrderId=board&recvWindow=5000&timestamp=1591702613943\
    &signature=75a73844e15285e99dc87e4b4800518487e1364b8d6879ee9af5978d10fcb917 HTTP/1.1\r\n\
    Host: fapi.binance.com\r\n";

/// As the exchange sends it: headers in capitals and chunks, behind an interim reply.
const REPLY: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n\
    HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-MBX-ORDER-COUNT-10S: 1\r\n\
    Transfer-Encoding: chunked\r\n\r\n\
    28\r\n{\"orderId\":22542179,\"symbol\":\"BTCUSDT\",\"\r\n\
    3c\r\nclientOrderId\":\"board\",\"side\":\"BUY\",\"status\":\"NEW\",\"price\":\"\r\n\
    9\r\n9000.00\"}\r\n0\r\n\r\n";

const REFUSAL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 83\r\n\r\n\
    {\"code\":-1000,\"msg\":\"Unknown error, please check your request or try again later.\"}";

/// A stream that answers what was recorded, a piece at a time, and keeps what it is told.
struct Recorded {
    reply: &'static [u8],
    piece: usize,
    written: Vec<u8, 512>,
}

impl embedded_io::ErrorType for Recorded {
    type Error = Infallible;
}

impl embedded_io::Read for Recorded {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Infallible> {
        let (now, later) = self.reply.split_at(buffer.len().min(self.reply.len()).min(self.piece));
        buffer[..now.len()].copy_from_slice(now);
        self.reply = later;
        Ok(now.len())
    }
}

impl embedded_io::Write for Recorded {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        let piece = &bytes[..bytes.len().min(self.piece)];
        self.written.extend_from_slice(piece).expect("a request of this test is shorter");
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Sends the order over a stream with this reply, and hands what became of it to `check`.
fn order(
    reply: &'static [u8],
    piece: usize,
    wire: Wire,
    check: impl FnOnce(Result<u64, Error<Infallible>>, &[u8]) -> bool,
) -> bool {
    let base = BaseUrl::parse("https://fapi.binance.com").expect("a URL");
    let credentials = Credentials::new("key", Hmac::new(SECRET)).expect("a key");
    let order = NewOrder::limit("BTCUSDT", Side::Buy, dec!("1"), dec!("9000")).new_client_order_id("board");
    let stamp = Stamp::new(Millis(1_591_702_613_943)).recv_window(5_000);
    let stream = Recorded { reply, piece, written: Vec::new() };
    let mut connection = Connection::new(stream, &base, wire);
    let mut buffer = [0; 1_024];
    let result = match connection.send(&order, Some(&credentials), stamp, &mut buffer) {
        Ok(reply) if reply.limits().orders_10s() == Some(1) => {
            reply.value().map(|order| order.order_id).map_err(|error| Error::Decode { status: 200, error })
        }
        Ok(_) => Ok(0),
        Err(error) => Err(error),
    };
    check(result, &connection.into_stream().written)
}

pub fn run(run: &mut Run<'_>) {
    for (name, piece) in [("order over a stream", 512), ("order over it, byte by byte", 1)] {
        run(name, &mut || {
            order(REPLY, piece, Wire::Encrypted, |result, written| {
                matches!(result, Ok(22_542_179))
                    && written.starts_with(REQUEST)
                    && written.ends_with(b"\r\nX-MBX-APIKEY: key\r\nContent-Length: 0\r\n\r\n")
            })
        });
    }
    run("order with unknown outcome", &mut || {
        order(REFUSAL, 512, Wire::Encrypted, |result, _| {
            result.is_err_and(|error| error.outcome() == Outcome::Unknown)
        })
    });
    run("no key over a plain stream", &mut || {
        order(REPLY, 512, Wire::Plain, |result, written| {
            matches!(result, Err(Error::Build(BuildError::Insecure))) && written.is_empty()
        })
    });
}
