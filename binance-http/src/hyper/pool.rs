//! Idle connections.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
    vec::Vec,
};

use super::connection::Connection;
use crate::base_url::BaseUrl;

/// How long a connection may have been idle and be used without another look.
const FRESH: Duration = Duration::from_millis(20);

/// Connections that wait for a request, the one that was used last on top.
pub(super) struct Pool {
    idle: Mutex<Vec<Idle>>,
    pub(super) idle_timeout: Duration,
    pub(super) max_idle: usize,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub(super) fn new(idle_timeout: Duration, max_idle: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), idle_timeout, max_idle }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// The connection to this host that was used last, if the host has not closed it by now.
    pub(super) async fn take(&self, base: &BaseUrl) -> Option<Connection> {
        loop {
            let now = Instant::now();
            let Idle { mut connection, since } = self.pop(base, now)?;
            if now.saturating_duration_since(since) > FRESH {
                // Nobody listened meanwhile: this lets the runtime notice what the operating system knows.
                tokio::task::yield_now().await;
                connection.look();
            }
            if connection.is_ready() {
                return Some(connection);
            }
        }
    }

    fn pop(&self, base: &BaseUrl, now: Instant) -> Option<Idle> {
        let mut idle = self.lock();
        self.expire(&mut idle, now);
        let index = idle.iter().rposition(|idle| idle.connection.leads_to(base))?;
        Some(idle.remove(index))
    }

    /// Keeps a connection for the next request.
    pub(super) fn put(&self, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.lock();
        self.expire(&mut idle, now);
        if self.idle_timeout.is_zero() || self.max_idle == 0 {
            return;
        }
        let same = |other: &Idle| other.connection.leads_to_where(&connection);
        if idle.iter().filter(|other| same(other)).count() >= self.max_idle
            && let Some(oldest) = idle.iter().position(same)
        {
            idle.remove(oldest);
        }
        idle.push(Idle { connection, since: now });
    }

    fn expire(&self, idle: &mut Vec<Idle>, now: Instant) {
        // They stand in the order in which they were put back, so the oldest are in front.
        let old = |idle: &&Idle| now.saturating_duration_since(idle.since) >= self.idle_timeout;
        let expired = idle.iter().take_while(old).count();
        idle.drain(..expired);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Idle>> {
        // A list of connections is whole whatever happened to a thread that held it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
