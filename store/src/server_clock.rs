//! One clock for all replicas of a database.
//!
//! Leases, waits and timers are instants in rows that several replicas compare with their own now. A machine whose clock
//! is five minutes ahead would find every lease run out; one that is behind would leave fresh events alone. So what a
//! replica calls now follows the server that all of them share. No statement costs more for it: the difference is asked
//! for at the start and once in a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use recado_domain::{Clock, Timestamp};

use crate::db::At;
use crate::{Store, StoreError, read};

/// Clocks that differ by less are left alone: no answer tells the time more exactly than it took.
const AGREES: Duration = Duration::from_secs(1);
/// An answer that took longer says too little.
const PROMPT: Duration = Duration::from_secs(2);
/// How often it is asked for.
const AGAIN: Duration = Duration::from_secs(30);

/// This machine's clock, put right by the server's.
pub struct ServerClock {
    own: Arc<dyn Clock>,
    /// Microseconds that the server is ahead.
    ahead: AtomicI64,
}

impl std::fmt::Debug for ServerClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerClock").field("ahead", &self.ahead).finish_non_exhaustive()
    }
}

impl Clock for ServerClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.own.now().as_micros().saturating_add(self.ahead.load(Ordering::Relaxed)))
    }
}

impl ServerClock {
    /// As the machine's, until it has asked.
    pub fn new(own: Arc<dyn Clock>) -> Self {
        Self { own, ahead: AtomicI64::new(0) }
    }

    /// Asks the server for its time. SQLite has none but ours.
    ///
    /// # Errors
    /// When the database does not answer; the clock goes on as it was.
    pub async fn ask(&self, store: &Store) -> Result<(), StoreError> {
        if store.db().kind() == "sqlite" {
            return Ok(());
        }
        let asked = self.own.now();
        let theirs: At =
            read!(store.db(), pool => sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(pool).await)?;
        let took = self.own.now().since(asked);
        if took > PROMPT {
            return Ok(());
        }
        let ours = asked.plus(took / 2);
        let ahead = theirs.0.as_micros().saturating_sub(ours.as_micros());
        let before = self.ahead.load(Ordering::Relaxed);
        let agrees = |other: i64| Duration::from_micros(ahead.abs_diff(other)) < AGREES;
        let believed = if agrees(before) {
            return Ok(());
        } else if agrees(0) {
            0
        } else {
            ahead
        };
        self.ahead.store(believed, Ordering::Relaxed);
        let seconds = believed / 1_000_000;
        tracing::warn!(
            clock.ahead_seconds = seconds,
            "the database's clock is another than this machine's; it is followed"
        );
        Ok(())
    }

    /// Keeps asking.
    pub async fn follow(&self, store: &Store) {
        loop {
            tokio::time::sleep(AGAIN).await;
            if let Err(error) = self.ask(store).await {
                tracing::debug!(%error, "the database was not asked for its time");
            }
        }
    }
}
