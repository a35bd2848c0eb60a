//! Calls as they are sent: with what they have to prove, and no more.

use binance_core::{
    Market, Security,
    buf::Buf,
    coinm,
    param::Value,
    stream::Id,
    usdm,
    ws_api::{Call, Frame, TypedCall},
};
use binance_sign::{Credentials, Signer, Stamp, sign_call, sign_logon};

use super::CallError;

/// How many bytes the buffer of [`Calls::call`](super::Calls::call) needs for any declared method, with texts as long as
/// the exchange takes them and any key.
pub const MESSAGE_LEN: usize = 4_096;

pub(super) const LOGON: &str = <usdm::ws_api::SessionLogon as TypedCall>::METHOD.method;

/// What a call proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    Nothing,
    /// The API key alone.
    Key,
    /// The time alone: the connection knows the key.
    Time,
    /// Key, time and signature.
    Signature,
    /// The same, by a key that can log on.
    Logon,
}

impl Proof {
    pub(super) const fn of(security: Security, logged_on: bool) -> Self {
        match (security.is_signed(), security.needs_key()) {
            (true, _) if logged_on => Self::Time,
            (true, _) => Self::Signature,
            (false, true) if !logged_on => Self::Key,
            (false, _) => Self::Nothing,
        }
    }
}

/// Writes a call.
pub(super) fn call<S: Signer>(
    out: &mut Buf<'_>,
    id: u64,
    call: &dyn Call,
    proof: Proof,
    stamp: Stamp,
    credentials: Option<&Credentials<S>>,
) -> Result<(), CallError> {
    let credentials = || credentials.ok_or(CallError::NoCredentials);
    let mut frame = Frame::new(Id::Number(id), call.method().method, out)?;
    frame.extend(call)?;
    match proof {
        Proof::Signature => return Ok(sign_call(frame, stamp, credentials()?)?),
        Proof::Logon => return Ok(sign_logon(frame, stamp, credentials()?)?),
        Proof::Nothing => {}
        Proof::Key => frame.push("apiKey", Value::Text(credentials()?.api_key()))?,
        Proof::Time => frame.extend(&stamp)?,
    }
    Ok(frame.end()?)
}

/// Writes `session.logon`.
pub(super) fn logon<S: Signer>(
    out: &mut Buf<'_>,
    id: u64,
    market: Market,
    stamp: Stamp,
    credentials: &Credentials<S>,
) -> Result<(), CallError> {
    let logon: &dyn Call = match market {
        Market::UsdM => &usdm::ws_api::SessionLogon,
        Market::CoinM => &coinm::ws_api::SessionLogon,
    };
    call(out, id, logon, Proof::Logon, stamp, Some(credentials))
}
