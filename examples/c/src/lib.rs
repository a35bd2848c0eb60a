//! Three functions for a C program: a signed order as the bytes of a request, a reply read, an event read. They never
//! send anything, never allocate and keep nothing; `binance.h` declares them.
//!
//! Texts come as a pointer and a length, and need no zero at the end. Prices are texts, for C has no exact decimals.

#![allow(clippy::missing_safety_doc, reason = "what the caller must keep to stands in binance.h")]

use core::{ffi::c_char, slice, str};

use binance_core::{
    Decimal, Endpoint, Event, Millis,
    enums::Side,
    usdm::{streams::BookTicker, trade::NewOrder},
};
use binance_http::{
    BaseUrl,
    request::Plan,
    response::{Decoder, Progress},
};
use binance_sign::{Credentials, Hmac, Stamp};

/// Something given cannot be read.
const BAD_ARGUMENT: isize = -1;
/// The buffer has no room for the request.
const NO_ROOM: isize = -2;
/// A reply that is not whole, no success, or no order.
const BAD_REPLY: isize = -3;

/// A text of C's.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Text {
    start: *const c_char,
    len: usize,
}

impl Text {
    /// # Safety
    /// `start` points to `len` bytes, which nobody changes while they are looked at.
    unsafe fn bytes<'a>(self) -> Option<&'a [u8]> {
        // SAFETY: as the caller promises; no slice may begin at null.
        (!self.start.is_null()).then(|| unsafe { slice::from_raw_parts(self.start.cast(), self.len) })
    }

    /// # Safety
    /// As [`Self::bytes`].
    unsafe fn text<'a>(self) -> Option<&'a str> {
        // SAFETY: as the caller promises.
        str::from_utf8(unsafe { self.bytes() }?).ok()
    }
}

/// What an order is.
#[repr(C)]
pub struct LimitOrder {
    symbol: Text,
    quantity: Text,
    price: Text,
    is_sell: bool,
}

/// Best prices: mantissa and number of decimals of each, as 63997.10 is 6399710 and 2.
#[repr(C)]
#[derive(Default)]
pub struct Best {
    bid: i64,
    bid_scale: u8,
    ask: i64,
    ask_scale: u8,
}

/// Writes a signed order to `out` as the bytes of an HTTP request. Gives their number, or what is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn binance_limit_order(
    base: Text,
    api_key: Text,
    secret: Text,
    order: &LimitOrder,
    now: i64,
    out: *mut u8,
    room: usize,
) -> isize {
    if out.is_null() {
        return BAD_ARGUMENT;
    }
    // SAFETY: the caller promises that all texts can be read and `room` bytes written.
    let (base, api_key, secret, symbol, quantity, price, out) = unsafe {
        let all = (base.text(), api_key.text(), secret.bytes(), order.symbol.text(), order.quantity.bytes());
        let (Some(base), Some(api_key), Some(secret), Some(symbol), Some(quantity)) = all else {
            return BAD_ARGUMENT;
        };
        let Some(price) = order.price.bytes() else { return BAD_ARGUMENT };
        (base, api_key, secret, symbol, quantity, price, slice::from_raw_parts_mut(out, room))
    };
    let (Ok(quantity), Ok(price)) = (Decimal::parse(quantity), Decimal::parse(price)) else {
        return BAD_ARGUMENT;
    };
    let (Ok(base), Ok(credentials)) = (BaseUrl::parse(base), Credentials::new(api_key, Hmac::new(secret)))
    else {
        return BAD_ARGUMENT;
    };
    let side = if order.is_sell { Side::Sell } else { Side::Buy };
    let order = NewOrder::limit(symbol, side, quantity, price);
    let stamp = Stamp::new(Millis(now));
    match Plan::new(&order, &base).write(Some(&credentials), stamp, out) {
        Ok(request) => isize::try_from(request.as_bytes().len()).unwrap_or(NO_ROOM),
        Err(_) => NO_ROOM,
    }
}

/// Reads the whole reply to an order, in place, and gives the order's id in `id`. 0, or what is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn binance_read_order(reply: *mut u8, len: usize, id: &mut u64) -> isize {
    if reply.is_null() {
        return BAD_ARGUMENT;
    }
    // SAFETY: the caller promises that `len` bytes can be read and written.
    let reply = unsafe { slice::from_raw_parts_mut(reply, len) };
    let mut decoder = Decoder::new();
    if decoder.feed(reply, len).is_err() || decoder.progress() != Progress::Done {
        return BAD_REPLY;
    }
    let question = NewOrder::market("", Side::Buy, Decimal::default());
    let order = decoder.response(reply).filter(|response| response.status() == 200);
    match order.map(|response| question.decode(response.body())) {
        Some(Ok(order)) => {
            *id = order.order_id;
            0
        }
        _ => BAD_REPLY,
    }
}

/// Reads a `bookTicker`. 0, or what is wrong.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn binance_read_book_ticker(event: Text, best: &mut Best) -> isize {
    // SAFETY: the caller promises that the text can be read.
    let Some(event) = (unsafe { event.text() }) else { return BAD_ARGUMENT };
    let Ok(event) = BookTicker::decode(event) else { return BAD_REPLY };
    let number = |price: Decimal| i64::try_from(price.mantissa()).map(|mantissa| (mantissa, price.scale()));
    let (Ok((bid, bid_scale)), Ok((ask, ask_scale))) = (number(event.bid_price), number(event.ask_price))
    else {
        return BAD_REPLY;
    };
    *best = Best { bid, bid_scale, ask, ask_scale };
    0
}
