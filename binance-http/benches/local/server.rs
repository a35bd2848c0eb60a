//! A local server, and what it is asked.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each user needs a part of it, and stops when it fails"
)]

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener},
};

use binance_core::{Millis, decimal::dec, enums::Side, usdm::trade::NewOrder};
use binance_http::clock::{SystemTime, TimeSource};
use binance_sign::{Credentials, Hmac, Stamp};
use tokio::runtime::{Builder, Runtime};

pub const API_KEY: &str = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
pub const SECRET: &[u8] = b"NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

const TIME_REPLY: &str = r#"{"serverTime":1763817600000}"#;
pub const ORDER_REPLY: &str = r#"{"orderId":283194212,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"x-1","price":"9000.00","origQty":"1.000","executedQty":"0.000","timeInForce":"GTC","type":"LIMIT","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0.00","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"LIMIT","priceMatch":"NONE","selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"updateTime":1763817600000}"#;

/// Answers every request on every connection, each on a thread.
pub fn serve() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream.set_nodelay(true).unwrap();
            std::thread::spawn(move || {
                let replies = [TIME_REPLY, ORDER_REPLY].map(|body| {
                    format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                         Connection: keep-alive\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nServer: Tengine\r\n\
                         X-MBX-USED-WEIGHT-1M: 1\r\nX-MBX-ORDER-COUNT-10S: 1\r\nX-MBX-ORDER-COUNT-1M: 1\r\n\r\n{body}",
                        body.len()
                    )
                });
                let mut buffer = [0; 8_192];
                let mut filled = 0;
                while let Ok(count @ 1..) = stream.read(&mut buffer[filled..]) {
                    filled += count;
                    if buffer[..filled].ends_with(b"\r\n\r\n") {
                        let reply = &replies[usize::from(buffer.starts_with(b"POST"))];
                        if stream.write_all(reply.as_bytes()).is_err() {
                            return;
                        }
                        filled = 0;
                    }
                }
            });
        }
    });
    url
}

pub fn order() -> NewOrder<'static> {
    NewOrder::limit("BTCUSDT", Side::Buy, dec!("1.000"), dec!("9000.00")).new_client_order_id("x-1")
}

pub fn credentials() -> Credentials<Hmac> {
    Credentials::new(API_KEY, Hmac::new(SECRET)).unwrap()
}

pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

pub fn stamp() -> Stamp {
    let now: Millis = SystemTime.unix();
    Stamp::new(now)
}
