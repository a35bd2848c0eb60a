//! Bodies that came compressed.

use bytes::Bytes;

use crate::{error::TransportKind, transport::Received};

impl Received {
    /// The reply with its body as it was before it was compressed, `max_body` bytes at most. Refuses a coding that was not
    /// asked for.
    pub(crate) fn uncoded(mut self, gzip_accepted: bool, max_body: usize) -> Result<Self, TransportKind> {
        let mut gzip = false;
        for value in self.headers.values("content-encoding") {
            let coding = value.trim_ascii();
            match coding {
                _ if coding.is_empty() || coding.eq_ignore_ascii_case(b"identity") => {}
                _ if coding.eq_ignore_ascii_case(b"gzip") && gzip_accepted && !gzip => gzip = true,
                _ => return Err(TransportKind::Malformed),
            }
        }
        // Some gateways name the coding of a body that is not there.
        if gzip && !self.body.is_empty() {
            self.body = unzip(&self.body, max_body)?;
        }
        Ok(self)
    }
}

#[cfg(feature = "gzip")]
fn unzip(body: &[u8], max_body: usize) -> Result<Bytes, TransportKind> {
    use std::{io::Read as _, vec::Vec};

    /// What is reserved on the length of the compressed body alone: most shrink to less than a sixth.
    const TRUSTED: usize = 1 << 20;
    let most = u64::try_from(max_body).unwrap_or(u64::MAX).saturating_add(1);
    let mut plain = Vec::with_capacity(body.len().saturating_mul(6).min(max_body).min(TRUSTED));
    flate2::bufread::MultiGzDecoder::new(body)
        .take(most)
        .read_to_end(&mut plain)
        .map_err(|_| TransportKind::Malformed)?;
    if plain.len() > max_body { Err(TransportKind::TooLarge) } else { Ok(plain.into()) }
}

/// Without the feature it cannot be asked for.
#[cfg(not(feature = "gzip"))]
fn unzip(_: &[u8], _: usize) -> Result<Bytes, TransportKind> {
    Err(TransportKind::Malformed)
}
