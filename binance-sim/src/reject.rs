//! Refusals: the documented codes and their wording.

use std::borrow::Cow;

use crate::json::{Json, object};

/// A reply that says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reject {
    pub(crate) status: u16,
    pub(crate) code: i32,
    pub(crate) msg: Cow<'static, str>,
    /// Seconds, for the header of the same name.
    pub(crate) retry_after: Option<u32>,
}

impl Reject {
    /// Status 400.
    pub(crate) fn new(code: i32, msg: impl Into<Cow<'static, str>>) -> Self {
        Self { status: 400, code, msg: msg.into(), retry_after: None }
    }

    pub(crate) const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn body(&self) -> Json {
        object! { "code": self.code, "msg": &*self.msg }
    }

    /// -1100
    pub(crate) fn illegal_chars(name: &str, range: &str) -> Self {
        Self::new(-1100, format!("Illegal characters found in parameter '{name}'; legal range is '{range}'."))
    }

    /// -1101
    pub(crate) fn duplicate() -> Self {
        Self::new(-1101, "Duplicate values for a parameter detected.")
    }

    /// -1102
    pub(crate) fn missing(name: &str) -> Self {
        Self::new(-1102, format!("Mandatory parameter '{name}' was not sent, was empty/null, or malformed."))
    }

    /// -1102, for a pair of which one is needed.
    pub(crate) fn either(one: &str, other: &str) -> Self {
        Self::new(-1102, format!("Param '{one}' or '{other}' must be sent, but both were empty/null!"))
    }

    /// -1104
    pub(crate) fn unread(read: usize, sent: usize) -> Self {
        let msg =
            format!("Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'.");
        Self::new(-1104, msg)
    }

    /// -1105
    pub(crate) fn empty(name: &str) -> Self {
        Self::new(-1105, format!("Parameter '{name}' was empty."))
    }

    /// -1106
    pub(crate) fn not_required(name: &str) -> Self {
        Self::new(-1106, format!("Parameter '{name}' sent when not required."))
    }

    /// -1130
    pub(crate) fn invalid(name: &str) -> Self {
        Self::new(-1130, format!("Data sent for parameter '{name}' is not valid."))
    }

    /// -1121
    pub(crate) fn symbol() -> Self {
        Self::new(-1121, "Invalid symbol.")
    }

    /// -2011
    pub(crate) fn unknown_order() -> Self {
        Self::new(-2011, "Unknown order sent.")
    }

    /// -2013
    pub(crate) fn no_such_order() -> Self {
        Self::new(-2013, "Order does not exist.")
    }
}
