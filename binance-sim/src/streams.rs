//! Streams: their names, their frames, who listens, and what sockets say to change that.

pub(crate) mod control;
mod delivery;
pub(crate) mod frames;
pub(crate) mod hub;
pub(crate) mod outbox;
pub(crate) mod topic;
