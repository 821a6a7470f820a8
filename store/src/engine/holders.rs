//! What is held against an event that somebody took and nobody settled.
//!
//! A claim writes on each event which process holds it; whatever settles or gives back an event takes that off again. So
//! whoever finds a holder on an event asks what became of that process:
//!
//! - It is gone: one row of `process_ends`, by event and process. A process ends once, so it counts once, however often
//!   and by whomever its claim is found. [`super::Rules::crashes`] different ones bury the event.
//! - It lives, be it this one or another: it could neither commit nor say so, or stood still for longer than its lease.
//!   That is a *timeout*: the lane rests, longer each time, and [`super::Rules::timeouts`] of them bury the event, so that
//!   nothing runs for ever.
//!
//! Whether a process is gone is asked of the advisory lock that it holds for its life (`replicas.rs`), and of no clock.
//! One whose lock was lost with its connection takes back what was held against it.

use std::time::Duration;

use recado_domain::Timestamp;
use uuid::Uuid;

use super::{Claim, Engine};
use crate::db::{At, Tx};
use crate::replicas::{IS_GONE, lock_key};
use crate::{StoreError, on};

/// The first rest after a timeout. It doubles with each.
const REST: Duration = Duration::from_millis(500);
/// The longest rest.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// What is told of an event whose turn was not committed in time.
const NOT_IN_TIME: &str = "the database did not take its turn in time";

crate::sql! {
    NOTE_END = "INSERT INTO process_ends (event_id, replica_id, seen_at) VALUES ($1, $2, $3) ON CONFLICT (event_id, replica_id) DO NOTHING";
    NOTE_TIMEOUT = "UPDATE events SET timeouts = timeouts + 1, reason = $2, held_by = NULL WHERE id = $1 AND status = 0";
    // Nobody is blamed for what was taken and given back untouched.
    LET_GO = "UPDATE events SET held_by = NULL, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END WHERE id = $1 AND status = 0";
    LET_GO_OF_LANE = "UPDATE events SET held_by = NULL, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END \
        WHERE lane_id = $1 AND status = 0 AND held_by IS NOT NULL";
    LET_GO_OF_ALL = "UPDATE events SET held_by = NULL, attempts = CASE WHEN attempts > 0 THEN attempts - 1 ELSE 0 END \
        WHERE status = 0 AND held_by = $1";
    TAKE_BACK_ENDS = "DELETE FROM process_ends WHERE replica_id = $1";
    FORGET_ENDS = "DELETE FROM process_ends WHERE seen_at < $1";
    FORGET_ENDS_OF = "DELETE FROM process_ends WHERE event_id = $1";
}

/// What is known against an event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Record {
    /// Turns that failed.
    pub failures: i64,
    /// Turns that a living process could not have committed in time.
    pub timeouts: i64,
    /// Processes that ended while they held it.
    pub ends: i64,
}

/// How long a lane rests after so many timeouts of an event.
pub(super) fn rest_after(timeouts: i64) -> Duration {
    let doublings = u32::try_from((timeouts - 1).clamp(0, 16)).unwrap_or(0);
    (REST * 2_u32.pow(doublings)).min(LONGEST_REST)
}

impl Engine {
    /// Why an event must not run again, if so.
    pub(super) fn hopeless(&self, record: Record) -> Option<String> {
        let Record { failures, timeouts, ends } = record;
        if failures >= self.rules.tries {
            Some(format!("gave up after {failures} failed tries"))
        } else if timeouts >= self.rules.timeouts {
            Some(format!("gave up after {timeouts} tries that the database did not take in time"))
        } else if ends >= self.rules.crashes {
            Some(format!("gave up after it ended the process {ends} times"))
        } else {
            None
        }
    }

    /// Whether it will be dead if it ends the process now.
    pub(super) fn is_last_chance(&self, record: Record) -> bool {
        self.rules.crashes > 1 && record.ends == self.rules.crashes - 1
    }

    /// Holds against an event what became of its last holder. Returns whether that one lives, so that this was a timeout.
    pub(super) async fn hold_against(
        &self,
        tx: &mut Tx,
        (event, holder): (Uuid, Uuid),
        record: &mut Record,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.is_gone(tx, holder).await? {
            let noted = on!(&mut *tx, connection => sqlx::query(NOTE_END).bind(event).bind(holder).bind(At(now))
                .execute(connection).await.map(|done| done.rows_affected()))?;
            record.ends += i64::try_from(noted).unwrap_or(0);
            return Ok(false);
        }
        self.note_timeout(tx, event).await?;
        record.timeouts += 1;
        Ok(true)
    }

    async fn is_gone(&self, tx: &mut Tx, holder: Uuid) -> Result<bool, StoreError> {
        if holder == self.replica.0 {
            return Ok(false);
        }
        let statement = tx.pick(IS_GONE);
        Ok(on!(&mut *tx, connection => sqlx::query_scalar(statement).bind(lock_key(recado_domain::ReplicaId(holder)))
            .fetch_one(connection).await)?)
    }

    async fn note_timeout(&self, tx: &mut Tx, event: Uuid) -> Result<(), StoreError> {
        metrics::counter!("recado_turns_timed_out_total").increment(1);
        on!(&mut *tx, connection => sqlx::query(NOTE_TIMEOUT).bind(event).bind(NOT_IN_TIME)
            .execute(connection).await.map(|_| ()))?;
        Ok(())
    }

    /// Gives a lane back whose turn the database did not take in time. That is no failure of the turn: it rests, longer
    /// each time, and is committed by itself from then on.
    ///
    /// # Errors
    /// When the database does not answer; then the lease runs out by itself, and whoever finds the claim counts the same.
    pub async fn time_out(&self, claim: &Claim) -> Result<(), StoreError> {
        self.last_chance.give_back(claim.lane);
        let until = self.store.clock.now().plus(rest_after(claim.timeouts + 1));
        let mut tx = self.store.db.begin().await?;
        if self.rest_lane(&mut tx, claim, until).await? {
            for event in &claim.events {
                self.note_timeout(&mut tx, event.id.0).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Takes back what was held against this process while its lock was lost: it lives.
    pub(crate) async fn take_back_ends(&self) -> Result<(), StoreError> {
        let taken = crate::write!(self.store.db(), pool => sqlx::query(TAKE_BACK_ENDS).bind(self.replica.0)
            .execute(pool).await.map(|done| done.rows_affected()))?;
        if taken > 0 {
            tracing::warn!(events = taken, "this process was taken for a dead one; its events are not blamed for that");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_doubles_up_to_a_minute() {
        let rests: Vec<u128> = (1..=9).map(|timeouts| rest_after(timeouts).as_millis()).collect();
        assert_eq!(rests, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        assert_eq!((rest_after(0), rest_after(i64::MAX)), (REST, LONGEST_REST));
    }
}
