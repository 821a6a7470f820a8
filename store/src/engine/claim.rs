//! Taking lanes, and giving them back when a turn failed.

use recado_domain::contact::PersonIds;
use recado_domain::conversation::Conversation;
use recado_domain::event::EventContent;
use recado_domain::turn::TurnEvent;
use recado_domain::{ConversationId, EventId, LaneId, Language, MerchantId, Timestamp, TraceId};
use sqlx::FromRow;
use std::time::Duration;
use uuid::Uuid;

use super::holders::{LET_GO, LET_GO_OF_ALL, Record, rest_after};
use super::{Claim, Engine};
use crate::db::{At, Json, Tx, from_json};
use crate::{StoreError, on};

/// How long a lane waits for another one's last chance before it asks again.
const POSTPONED: Duration = Duration::from_millis(100);

crate::sql! {
    // Lanes that have open events and no live lease, those that wait longest first. A conversation rests for a moment
    // after its first message, so that messages sent together are answered together; only the head of the queue is looked
    // at, so that a claim costs the same however much waits. The lane's row is made by its first
    // claim. Two replicas that want the same lane meet at its row: the second sees the new lease and takes nothing.
    // A lane is grouped by its id alone: what is posted into it by others may call it by another kind or merchant.
    CLAIM_LANES = "INSERT INTO lanes (id, merchant_id, kind, epoch, owner, leased_until, turns) \
        SELECT ready.lane_id, \
            (SELECT f.merchant_id FROM events f WHERE f.lane_id = ready.lane_id AND f.status = 0 ORDER BY f.occurred_at, f.id LIMIT 1), \
            (SELECT f.lane_kind FROM events f WHERE f.lane_id = ready.lane_id AND f.status = 0 ORDER BY f.occurred_at, f.id LIMIT 1), \
            1, $1, $2, 0 FROM ( \
            SELECT e.lane_id, MIN(e.available_at) AS since FROM ( \
                SELECT c.lane_id, c.available_at FROM events c \
                WHERE c.status = 0 AND c.available_at <= $3 AND (c.available_at <= $5 OR c.lane_kind <> 'conversation') AND NOT EXISTS ( \
                    SELECT 1 FROM lanes l WHERE l.id = c.lane_id AND l.leased_until > $3) \
                ORDER BY c.available_at LIMIT $4 * 12 \
            ) AS e GROUP BY e.lane_id ORDER BY MIN(e.available_at) LIMIT $4 \
        ) AS ready WHERE ready.since IS NOT NULL ORDER BY ready.lane_id \
        ON CONFLICT (id) DO UPDATE SET epoch = lanes.epoch + 1, owner = excluded.owner, leased_until = excluded.leased_until \
        WHERE lanes.leased_until IS NULL OR lanes.leased_until <= $3 \
        RETURNING id, merchant_id, kind, epoch";
    // The events of a claimed lane, with the attempt counted and its holder written down. Once something failed in a lane its events run one at a
    // time, so that a poisoned one does not take its neighbours along.
    TAKE_EVENTS = "UPDATE events SET attempts = attempts + $4, held_before = held_by, held_by = $6 WHERE id IN ( \
            SELECT id FROM events WHERE lane_id = $1 AND status = 0 AND available_at <= $2 ORDER BY occurred_at, id \
            LIMIT (SELECT CASE WHEN EXISTS (SELECT 1 FROM events WHERE lane_id = $1 AND status = 0 AND attempts >= $5) THEN 1 ELSE $3 END)) \
        RETURNING id, occurred_at, received_at, content, trace_id, failures, timeouts, held_before, \
            (SELECT COUNT(*) FROM process_ends p WHERE p.event_id = events.id) AS ends";
    BURY_EVENT = "UPDATE events SET status = 2, reason = $2, settled_at = $3 WHERE id = $1 AND status = 0";
    LOAD_CONVERSATION = "SELECT merchant_id, id, user_id, wa_id, phone_number_id, profile_name, language, owner, stopped, last_inbound_at, turns \
        FROM conversations WHERE merchant_id = $1 AND id = $2";
    // A failed turn, or one that waits for more: the lane rests until its time, in order, and the failure is counted on what ran.
    REST_LANE = "UPDATE lanes SET owner = NULL, leased_until = $4 WHERE id = $1 AND owner = $2 AND epoch = $3";
    COUNT_FAILURE = "UPDATE events SET failures = failures + 1, reason = $2, held_by = NULL WHERE id = $1 AND status = 0";
    FREE_LANE = "UPDATE lanes SET owner = NULL, leased_until = NULL WHERE id = $1 AND owner = $2 AND epoch = $3";
    FREE_ALL = "UPDATE lanes SET owner = NULL, leased_until = NULL WHERE owner = $1";
}

#[derive(FromRow)]
struct LaneRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    kind: String,
    epoch: i64,
}

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    occurred_at: At,
    received_at: At,
    content: Json<Box<serde_json::value::RawValue>>,
    trace_id: Uuid,
    failures: i64,
    timeouts: i64,
    ends: i64,
    held_before: Option<Uuid>,
}

impl EventRow {
    fn record(&self) -> Record {
        Record { failures: self.failures, timeouts: self.timeouts, ends: self.ends }
    }
}

#[derive(FromRow)]
pub(crate) struct ConversationRow {
    merchant_id: Uuid,
    id: Uuid,
    user_id: Option<String>,
    wa_id: Option<String>,
    phone_number_id: String,
    profile_name: Option<String>,
    language: Option<String>,
    owner: serde_json::Value,
    stopped: bool,
    last_inbound_at: Option<At>,
    turns: i64,
}

impl TryFrom<ConversationRow> for Conversation {
    type Error = StoreError;
    fn try_from(row: ConversationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ConversationId(row.id),
            merchant: MerchantId(row.merchant_id),
            person: PersonIds { user_id: row.user_id, wa_id: row.wa_id },
            phone_number_id: row.phone_number_id,
            profile_name: row.profile_name,
            language: row.language.as_deref().and_then(Language::from_tag),
            owner: from_json(row.owner, "conversations", "owner")?,
            stopped: row.stopped,
            last_inbound_at: row.last_inbound_at.map(Timestamp::from),
            turns: row.turns,
        })
    }
}

impl Engine {
    /// Takes up to `limit` lanes that have work. An event that has ended the process too often, failed too often, or was
    /// not taken by the database in time too often is buried here, before it can do so again (`holders.rs`).
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then.
    pub async fn claim(&self, limit: i64) -> Result<Vec<Claim>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let lanes: Vec<LaneRow> = on!(&mut tx, connection => sqlx::query_as(CLAIM_LANES)
            .bind(self.replica.0).bind(At(now.plus(self.rules.lease))).bind(At(now)).bind(limit)
            .bind(At(now.minus(self.rules.gather)))
            .fetch_all(connection).await)?;
        if lanes.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let mut claims = Vec::with_capacity(lanes.len());
        for lane in lanes {
            if let Some(claim) = self.take(&mut tx, lane, now).await? {
                claims.push(claim);
            }
        }
        tx.commit().await?;
        crate::chaos::point("claimed");
        Ok(claims)
    }

    async fn take(&self, tx: &mut Tx, lane: LaneRow, now: Timestamp) -> Result<Option<Claim>, StoreError> {
        let limit = if lane.kind == "receipts" { self.rules.receipts } else { self.rules.burst };
        // Reports are many, and what is unclear waits for them: one end of the process is not yet held against them.
        let alone: i64 = if lane.kind == "receipts" { 2 } else { 1 };
        let counted = !self.rules.sabotage.attempts_off;
        let holder = counted.then_some(self.replica.0);
        let mut events = Vec::new();
        let mut timeouts = 0;
        let mut trace = None;
        let mut received: Option<(Timestamp, Timestamp)> = None;
        // Once more when all that was taken had to be buried: what waits behind it should not wait for another claim.
        while events.is_empty() {
            let mut rows: Vec<EventRow> = on!(&mut *tx, connection => sqlx::query_as(TAKE_EVENTS)
                .bind(lane.id).bind(At(now)).bind(limit).bind(i64::from(counted)).bind(alone).bind(holder).fetch_all(connection).await)?;
            if rows.is_empty() {
                break;
            }
            rows.sort_unstable_by_key(|row| (row.occurred_at, row.id));
            let mut records = Vec::with_capacity(rows.len());
            let mut pause = None;
            for row in &rows {
                let mut record = row.record();
                if let Some(holder) = row.held_before
                    && self.hold_against(tx, (row.id, holder), &mut record, now).await?
                    && self.hopeless(record).is_none()
                {
                    pause = pause.max(Some(rest_after(record.timeouts)));
                }
                records.push(record);
            }
            let last_chance = records.iter().any(|record| self.is_last_chance(*record));
            if pause.is_none() && last_chance && !self.last_chance.take(LaneId(lane.id), self.rules.lease) {
                pause = Some(POSTPONED);
            }
            if let Some(pause) = pause {
                self.postpone(tx, &lane, &rows, now.plus(pause)).await?;
                return Ok(None);
            }
            for (row, record) in rows.into_iter().zip(records) {
                let id = EventId(row.id);
                if let Some(reason) = self.hopeless(record) {
                    self.bury(tx, id, &reason, now).await?;
                    continue;
                }
                timeouts = timeouts.max(record.timeouts);
                match serde_json::from_str::<EventContent>(row.content.0.get()) {
                    Ok(content) => {
                        trace.get_or_insert(TraceId(row.trace_id));
                        let at = row.received_at.0;
                        received = Some(received.map_or((at, at), |(first, last)| (first.min(at), last.max(at))));
                        events.push(TurnEvent { id, occurred_at: row.occurred_at.0, content });
                    }
                    Err(error) => self.bury(tx, id, &format!("its content cannot be read: {error}"), now).await?,
                }
            }
        }
        let (Some(trace), Some((received_at, newest_at))) = (trace, received) else {
            on!(&mut *tx, connection => sqlx::query(FREE_LANE).bind(lane.id).bind(self.replica.0).bind(lane.epoch)
                .execute(connection).await.map(|_| ()))?;
            return Ok(None);
        };
        let conversation = match (lane.kind.as_str(), lane.merchant_id) {
            ("conversation", Some(merchant)) => {
                let known = load_conversation(tx, merchant, lane.id).await?;
                let taken = events.iter().map(|event| event.id.0);
                // Who is not known here is new, or became somebody else.
                if known.is_none() && self.lead_on(tx, (merchant, lane.id, lane.epoch), taken).await? {
                    return Ok(None);
                }
                known
            }
            _ => None,
        };
        Ok(Some(Claim {
            lane: LaneId(lane.id),
            kind: lane.kind,
            merchant: lane.merchant_id.map(MerchantId),
            epoch: lane.epoch,
            events,
            trace,
            received_at,
            newest_at,
            conversation,
            claimed_at: now,
            timeouts,
        }))
    }

    /// Leaves a lane until an instant, as if it had not been taken.
    async fn postpone(
        &self,
        tx: &mut Tx,
        lane: &LaneRow,
        rows: &[EventRow],
        until: Timestamp,
    ) -> Result<(), StoreError> {
        for row in rows {
            on!(&mut *tx, connection => sqlx::query(LET_GO).bind(row.id).execute(connection).await.map(|_| ()))?;
        }
        on!(&mut *tx, connection => sqlx::query(REST_LANE)
            .bind(lane.id).bind(self.replica.0).bind(lane.epoch).bind(At(until))
            .execute(connection).await.map(|_| ()))?;
        Ok(())
    }

    async fn bury(&self, tx: &mut Tx, event: EventId, reason: &str, now: Timestamp) -> Result<(), StoreError> {
        on!(&mut *tx, connection => sqlx::query(BURY_EVENT).bind(event.0).bind(reason).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        metrics::counter!("recado_events_buried_total").increment(1);
        tracing::error!(event.id = %event, reason, "an event is dead; see `recado events ls --dead`");
        Ok(())
    }

    /// Gives a lane back after a failed turn: what ran is tried again after a pause that grows with each failure.
    ///
    /// # Errors
    /// When the database does not answer; then the lease runs out by itself.
    pub async fn fail(&self, claim: &Claim, reason: &str, pause: Duration) -> Result<(), StoreError> {
        self.last_chance.give_back(claim.lane);
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        if self.rest_lane(&mut tx, claim, now.plus(pause)).await? {
            let reason: String = reason.chars().filter(|letter| *letter != '\0').take(500).collect();
            for event in &claim.events {
                on!(&mut tx, connection => sqlx::query(COUNT_FAILURE).bind(event.id.0).bind(&reason)
                    .execute(connection).await.map(|_| ()))?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Leaves a claimed lane until an instant. Returns whether it was still ours.
    pub(super) async fn rest_lane(&self, tx: &mut Tx, claim: &Claim, until: Timestamp) -> Result<bool, StoreError> {
        let ours = on!(&mut *tx, connection => sqlx::query(REST_LANE)
            .bind(claim.lane.0).bind(self.replica.0).bind(claim.epoch).bind(At(until))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        crate::chaos::stall("setting_back").await;
        Ok(ours > 0)
    }

    /// Gives lanes back untouched, as a drain does: another replica takes them at once, and no attempt is counted.
    ///
    /// # Errors
    /// When the database does not answer; then the lease runs out by itself.
    pub async fn release(&self, claim: &Claim) -> Result<(), StoreError> {
        self.last_chance.give_back(claim.lane);
        let mut tx = self.store.db.begin().await?;
        let ours = on!(&mut tx, connection => sqlx::query(FREE_LANE)
            .bind(claim.lane.0).bind(self.replica.0).bind(claim.epoch)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        if ours > 0 {
            for event in &claim.events {
                on!(&mut tx, connection => sqlx::query(LET_GO).bind(event.id.0).execute(connection).await.map(|_| ()))?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Frees every lane that this replica still holds; the last act of a drain. What was cut short did not end the
    /// process, so nothing is held against it: restarts must not wear an event out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release_all(&self) -> Result<u64, StoreError> {
        let mut tx = self.store.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(LET_GO_OF_ALL).bind(self.replica.0).execute(connection).await.map(|_| ()))?;
        let freed = on!(&mut tx, connection => sqlx::query(FREE_ALL).bind(self.replica.0).execute(connection).await
            .map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(freed)
    }
}

pub(crate) async fn load_conversation(
    tx: &mut Tx,
    merchant: Uuid,
    id: Uuid,
) -> Result<Option<Conversation>, StoreError> {
    let row: Option<ConversationRow> = on!(tx, connection => sqlx::query_as(LOAD_CONVERSATION)
        .bind(merchant).bind(id).fetch_optional(connection).await)?;
    row.map(Conversation::try_from).transpose()
}
