//! Calls as they are sent: with what they have to prove, and no more.

use binance_core::{
    Market, Security,
    buf::Buf,
    coinm,
    param::{Full, Value},
    stream::Id,
    usdm,
    ws_api::{Call, Sorted, TypedCall, write_frame_start},
};
use binance_sign::{Credentials, MAX_SIGNATURE, SignedCall, Signer, Stamp};

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
    let mut room = [0; MAX_SIGNATURE];
    let mut params = Sorted::new();
    params.extend(call)?;
    match proof {
        Proof::Nothing => {}
        Proof::Key => params.push("apiKey", Value::Text(credentials()?.api_key()))?,
        Proof::Time => params.extend(&stamp)?,
        Proof::Signature => {
            let signed = SignedCall::new(params, stamp, credentials()?, &mut room)?;
            return Ok(frame(out, id, call.method().method, |out| {
                signed.write(&mut |piece: &[u8]| out.bytes(piece))
            })?);
        }
        Proof::Logon => {
            let signed = SignedCall::logon(stamp, credentials()?, &mut room)?;
            return Ok(frame(out, id, call.method().method, |out| {
                signed.write(&mut |piece: &[u8]| out.bytes(piece))
            })?);
        }
    }
    Ok(frame(out, id, call.method().method, |out| params.write(&mut |piece: &[u8]| out.bytes(piece)))?)
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

fn frame<'b>(
    out: &mut Buf<'b>,
    id: u64,
    method: &str,
    params: impl FnOnce(&mut Buf<'b>) -> Result<(), Full>,
) -> Result<(), Full> {
    write_frame_start(Id::Number(id), method, &mut |piece: &[u8]| out.bytes(piece))?;
    params(out)?;
    out.byte(b'}')
}
