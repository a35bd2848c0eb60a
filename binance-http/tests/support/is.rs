//! What an error is, in short: for tables of what is expected.

use binance_http::{Error, Outcome, TransportKind, verdict::BodyKind};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Is {
    Transport(TransportKind, Outcome),
    Status(u16, BodyKind, Outcome),
    Api(u16, i32, Outcome),
    Decode(Outcome),
    Build,
}

impl Is {
    pub(crate) fn is_late(self) -> bool {
        matches!(self, Self::Transport(TransportKind::Timeout, _))
    }
}

pub(crate) fn is(error: &Error) -> Is {
    match error {
        Error::Transport(error) => Is::Transport(error.kind(), error.outcome()),
        Error::Status(failure) => Is::Status(failure.status, failure.body, failure.outcome()),
        Error::Api(failure) => Is::Api(failure.status, failure.code.0, failure.outcome()),
        Error::Decode(_) => Is::Decode(error.outcome()),
        Error::Build(_) => Is::Build,
        other => panic!("{other:?}"),
    }
}
