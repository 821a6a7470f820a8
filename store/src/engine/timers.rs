//! Timers are rows, so they survive any restart. A due one becomes an event in its lane.

use recado_domain::event::InternalEvent;
use recado_domain::{ConversationId, LaneId, MerchantId, Timestamp, TraceId};
use sqlx::FromRow;
use uuid::Uuid;

use super::Engine;
use super::commit::{Target, post};
use crate::db::At;
use crate::{StoreError, on, read};

crate::sql! {
    DUE_TIMERS = "UPDATE timers SET status = 1 WHERE status = 0 AND due_at <= $1 AND id IN ( \
        SELECT id FROM timers WHERE status = 0 AND due_at <= $1 ORDER BY due_at LIMIT 100) \
        RETURNING merchant_id, id, lane_id, conversation_id, kind";
    NEXT_TIMER = "SELECT MIN(due_at) AS due FROM timers WHERE status = 0";
}

#[derive(FromRow)]
struct NextRow {
    due: Option<At>,
}

#[derive(FromRow)]
struct TimerRow {
    merchant_id: Uuid,
    id: Uuid,
    lane_id: Uuid,
    conversation_id: Option<Uuid>,
    kind: String,
}

impl Engine {
    /// When the next timer is due; what moves a clock by hand stops there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        let row: NextRow = read!(&self.store.db, pool => sqlx::query_as(NEXT_TIMER).fetch_one(pool).await)?;
        Ok(row.due.map(Timestamp::from))
    }

    /// Turns due timers into events of their lanes, in one transaction.
    ///
    /// # Errors
    /// When the database does not answer; the timers stay due.
    pub async fn fire_timers(&self) -> Result<usize, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let due: Vec<TimerRow> =
            on!(&mut tx, connection => sqlx::query_as(DUE_TIMERS).bind(At(now)).fetch_all(connection).await)?;
        if due.is_empty() {
            tx.rollback().await?;
            return Ok(0);
        }
        let mut posted = 0;
        for timer in &due {
            // Lanes of things store facts and decide nothing, so what wakes anything else has a kind of its own.
            let kind = if timer.conversation_id.is_some() { "conversation" } else { "timer" };
            let target = Target { merchant: Some(MerchantId(timer.merchant_id)), lane: LaneId(timer.lane_id), kind };
            let event = InternalEvent::TimerDue {
                kind: timer.kind.clone(),
                conversation: timer.conversation_id.map(ConversationId),
            };
            posted += post(&mut tx, &format!("timer:{}", timer.id), &target, &event, TraceId::new(now), now).await?;
        }
        super::counts::tally_internal(&mut tx, posted).await?;
        tx.commit().await?;
        Ok(due.len())
    }
}
