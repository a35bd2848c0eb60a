//! What is known about a request that failed.

use core::fmt;

use crate::error::ApiCode;

/// What is known about a request that failed.
///
/// It says the same for reads and for mutations; with a mutation it decides whether there may be an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// No byte of it left this program, or too few for the exchange to act on: it can be sent again.
    NotSent,
    /// The exchange, or what stands before it, refused it: it was not carried out.
    Rejected,
    /// It may have been carried out. Whoever sends it again may do it twice: ask first what became of it.
    Unknown,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not sent",
            Self::Rejected => "rejected",
            Self::Unknown => "outcome unknown",
        })
    }
}

impl Outcome {
    /// What a reply of this status with a code and a message says about its request.
    ///
    /// Unknown are -1006 and -1007 ("execution status unknown"), -1000 ("an unknown error occurred while processing"),
    /// status 408, and the wording of a 503 that says so; with any other 5xx only the codes and wordings that are
    /// documented as not executed are taken for a rejection.
    pub fn of_refusal(status: u16, code: ApiCode, message: &str) -> Self {
        const REFUSED: [ApiCode; 4] = [
            ApiCode::DISCONNECTED,
            ApiCode::TOO_MANY_REQUESTS,
            ApiCode::SERVER_BUSY,
            ApiCode::TOO_MANY_ORDERS,
        ];
        if code.is_unknown_outcome() || code == ApiCode::UNKNOWN || status == 408 {
            Self::Unknown
        } else if status < 500 || REFUSED.contains(&code) {
            Self::Rejected
        } else {
            Self::of_unavailable(status, message)
        }
    }

    /// What a reply of this status without a code says about its request.
    pub fn of_status(status: u16, text: &str) -> Self {
        match status {
            408 => Self::Unknown,
            300..=499 => Self::Rejected,
            _ => Self::of_unavailable(status, text),
        }
    }

    /// Tells the wordings of a 503 apart.
    fn of_unavailable(status: u16, text: &str) -> Self {
        // "Unknown error, please check your request or try again later." is the third, and falls to the rest.
        const NOT_EXECUTED: [&str; 2] =
            ["Service Unavailable.", "Internal error; unable to process your request."];
        if status == 503 && NOT_EXECUTED.iter().any(|wording| text.contains(wording)) {
            Self::Rejected
        } else {
            Self::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reply_says_what_is_known() {
        use Outcome::{Rejected, Unknown};
        let unknown = "Unknown error, please check your request or try again later.";
        let internal = "Internal error; unable to process your request. Please try again.";
        for (status, code, message, outcome) in [
            (400, -1121, "Invalid symbol.", Rejected),
            (401, -2015, "Invalid API-key, IP, or permissions for action.", Rejected),
            (200, -2011, "Unknown order sent.", Rejected),
            (400, -1000, "An unknown error occured while processing the request.", Unknown),
            (400, -1006, "An unexpected response was received from the message bus.", Unknown),
            (400, -1007, "Timeout waiting for response from backend server.", Unknown),
            (504, -1007, "Timeout waiting for response from backend server.", Unknown),
            (408, -1, "", Unknown),
            (503, -1000, unknown, Unknown),
            (503, -1016, unknown, Unknown),
            (503, -1016, "Service Unavailable.", Rejected),
            (503, -1, internal, Rejected),
            (500, -1001, internal, Rejected),
            (503, -1008, "Server is currently overloaded with other requests.", Rejected),
            (503, -1003, "Too many requests", Rejected),
            (503, -1015, "Too many new orders.", Rejected),
            (500, -1121, "Invalid symbol.", Unknown),
            (500, -1016, "Service Unavailable.", Unknown),
        ] {
            assert_eq!(
                Outcome::of_refusal(status, ApiCode(code), message),
                outcome,
                "{status} {code} {message}"
            );
        }
        for (status, text, outcome) in [
            (200, "", Unknown),
            (202, "", Unknown),
            (301, "", Rejected),
            (400, "", Rejected),
            (403, "<html>", Rejected),
            (404, "", Rejected),
            (408, "", Unknown),
            (418, "", Rejected),
            (429, "", Rejected),
            (451, "", Rejected),
            (500, "", Unknown),
            (502, "Service Unavailable.", Unknown),
            (503, "", Unknown),
            (503, unknown, Unknown),
            (503, "Service Unavailable.", Rejected),
            (503, r#"{"msg":"Service Unavailable."}"#, Rejected),
            (503, internal, Rejected),
            (599, "", Unknown),
        ] {
            assert_eq!(Outcome::of_status(status, text), outcome, "{status} {text}");
        }
    }
}
