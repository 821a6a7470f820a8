//! What is forgotten after its time: raw deliveries, events that are settled, the bytes of pictures and documents, the
//! words of reminders, summaries of models, and what models cost long ago. What waits and what is dead stays,
//! whatever its age, and so does what was said: messages, turns and facts are records of the shop.
//!
//! An event's row is also the memory by which a repeated delivery is recognised; platforms repeat for days
//! (RELIABILITY D10 asks for thirty).

use std::time::Duration;

use recado_domain::Timestamp;
use uuid::Uuid;

use super::Engine;
use super::holders::FORGET_ENDS;
use crate::db::At;
use crate::{StoreError, on};

/// The shortest time that may be kept.
pub const SHORTEST: Duration = Duration::from_secs(31 * 86_400);
/// Rows of one transaction: short, so that nobody waits for it.
const BATCH: i64 = 500;

crate::sql! {
    // Ids are ordered by time, so the oldest stand first in the primary key.
    PRUNE_EVENTS = "DELETE FROM events WHERE id IN (SELECT e.id FROM events e WHERE e.id < $1 AND e.status IN (1, 3) ORDER BY e.id LIMIT $2)";
    PRUNE_ARRIVALS = "DELETE FROM arrivals WHERE id IN (SELECT a.id FROM arrivals a WHERE a.id < $1 AND a.received_at < $3 \
            AND a.id NOT IN (SELECT o.arrival_id FROM events o WHERE o.status = 0 AND o.arrival_id IS NOT NULL) \
            AND a.id NOT IN (SELECT d.arrival_id FROM events d WHERE d.status = 2 AND d.arrival_id IS NOT NULL) \
        ORDER BY a.id LIMIT $2)";
}

/// What one step forgot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Events.
    pub events: u64,
    /// Raw deliveries.
    pub arrivals: u64,
    /// Pictures and documents that were sent.
    pub attachments: u64,
}

impl Forgotten {
    /// Whether there may be more.
    pub const fn is_full(self) -> bool {
        self.events >= BATCH as u64 || self.arrivals >= BATCH as u64
    }
}

/// The smallest id that a row made at an instant can have.
fn first_id(at: Timestamp) -> Uuid {
    let millis = u64::try_from(at.as_micros() / 1_000).unwrap_or(0);
    Uuid::from_u128(u128::from(millis) << 80)
}

impl Engine {
    /// Forgets one batch of what is older than `keep`, at least [`SHORTEST`]. The conservation law holds on: what is
    /// forgotten is taken off what was accepted, in the same commit.
    ///
    /// # Errors
    /// When the database does not answer; nothing is forgotten then.
    pub async fn forget(&self, keep: Duration) -> Result<Forgotten, StoreError> {
        let before = self.store.clock.now().minus(keep.max(SHORTEST));
        let mut tx = self.store.db.begin().await?;
        let events = on!(&mut tx, connection => sqlx::query(PRUNE_EVENTS).bind(first_id(before)).bind(BATCH)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        on!(&mut tx, connection => sqlx::query(FORGET_ENDS).bind(At(before)).execute(connection).await.map(|_| ()))?;
        let arrivals = on!(&mut tx, connection => sqlx::query(PRUNE_ARRIVALS).bind(first_id(before)).bind(BATCH)
            .bind(At(before)).execute(connection).await.map(|done| done.rows_affected()))?;
        crate::model_days::prune(&mut tx, self.store.clock.now()).await?;
        crate::reminders::forget_words(&mut tx, before).await?;
        crate::summaries::forget(&mut tx, before).await?;
        super::counts::tally_forgotten(&mut tx, i64::try_from(events).unwrap_or(i64::MAX)).await?;
        let attachments = self.forget_attachments(&mut tx).await?;
        tx.commit().await?;
        Ok(Forgotten { events, arrivals, attachments })
    }
}
