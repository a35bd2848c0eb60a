//! Streams: their names, their frames and when they speak, who listens, and what sockets say to change that.

mod broadcast;
pub(crate) mod control;
pub(crate) mod delivery;
pub(crate) mod frames;
pub(crate) mod hub;
pub(crate) mod outbox;
pub(crate) mod topic;
