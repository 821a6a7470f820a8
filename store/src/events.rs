//! What operators see of accepted events: lists, one event's story, and the replay of dead ones.

use recado_domain::{EventId, LaneId, MerchantId, OutboxId, Timestamp, TraceId, TurnId};
use serde::Serialize;
use sqlx::FromRow;
use uuid::Uuid;

use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::inbox::status;
use crate::{Store, StoreError, on, read};

crate::sql! {
    // A missing filter is a NULL, and a status of -1.
    LIST_EVENTS = "SELECT id, merchant_id, source, kind, lane_id, lane_kind, occurred_at, received_at, status, attempts, failures, reason, \
            turn_id, trace_id FROM events \
        WHERE (CAST($1 AS BIGINT) < 0 OR status = CAST($1 AS BIGINT)) AND (CAST($2 AS TEXT) IS NULL OR substr(kind, 1, length(CAST($2 AS TEXT))) = CAST($2 AS TEXT)) \
            AND (CAST($3 AS BIGINT) = 0 OR merchant_id = $4) \
        ORDER BY received_at DESC, id DESC LIMIT CAST($5 AS BIGINT)";
    EVENT = "SELECT id, merchant_id, source, kind, lane_id, lane_kind, occurred_at, received_at, status, attempts, failures, reason, \
            turn_id, trace_id FROM events WHERE id = $1";
    EVENT_CONTENT = "SELECT content FROM events WHERE id = $1";
    EVENT_ARRIVAL = "SELECT a.source AS source, a.headers AS headers, a.body AS body, a.received_at AS received_at \
        FROM arrivals a WHERE a.id = (SELECT e.arrival_id FROM events e WHERE e.id = $1)";
    EVENT_TURN = "SELECT agent, principal, trace, events, claimed_at, decided_at, committed_at FROM turns WHERE id = $1";
    TURN_SENDS = "SELECT id, channel, status, attempts, message, provider_id, reason, created_at, sent_at FROM outbox WHERE turn_id = $1 \
        ORDER BY position, id";
    REVIVE_EVENT = "UPDATE events SET status = 0, attempts = 0, failures = 0, reason = NULL, settled_at = NULL, available_at = $2 \
        WHERE id = $1 AND status = 2";
    DEAD_EVENTS = "SELECT id FROM events WHERE status = 2 ORDER BY occurred_at, id LIMIT CAST($1 AS BIGINT)";
}

/// Which events to list.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Only of this merchant.
    pub merchant: Option<MerchantId>,
    /// Only in this state, one of [`status`].
    pub status: Option<i64>,
    /// Only of kinds that begin so.
    pub kind: Option<String>,
    /// At most so many, newest first.
    pub limit: i64,
}

/// An event without the words in it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct EventSummary {
    /// Its id.
    pub id: EventId,
    /// Whose; `None` = staff, or an address that nobody has.
    pub merchant: Option<MerchantId>,
    /// From whom.
    pub source: String,
    /// What kind.
    pub kind: String,
    /// What it is ordered with.
    pub lane: LaneId,
    /// `conversation`, `order` …
    pub lane_kind: String,
    /// By the platform's clock.
    pub occurred_at: Timestamp,
    /// By ours.
    pub received_at: Timestamp,
    /// `open`, `done`, `dead` or `skipped`.
    pub status: &'static str,
    /// How often it was taken.
    pub attempts: i64,
    /// How often its turn failed.
    pub failures: i64,
    /// Why it is skipped or dead, or failed last.
    pub reason: Option<String>,
    /// The turn that decided it.
    pub turn: Option<TurnId>,
    /// Follows it through logs.
    pub trace: TraceId,
}

/// One event: what came, what was decided, what was sent.
#[derive(Clone, Debug, Serialize)]
pub struct EventStory {
    /// The row.
    #[serde(flatten)]
    pub summary: EventSummary,
    /// What it says, as parsed.
    pub content: serde_json::Value,
    /// The delivery that brought it; none for events of our own.
    pub arrival: Option<ArrivalStory>,
    /// The turn that decided it.
    pub decided: Option<TurnStory>,
}

/// A delivery as it came.
#[derive(Clone, Debug, Serialize)]
pub struct ArrivalStory {
    /// From whom.
    pub source: String,
    /// Kept headers; never a signature.
    pub headers: serde_json::Value,
    /// The body; bytes that are no text are replaced.
    pub body: String,
    /// When it had arrived.
    pub received_at: Timestamp,
}

/// A committed turn.
#[derive(Clone, Debug, Serialize)]
pub struct TurnStory {
    /// Its id.
    pub id: TurnId,
    /// Who took it.
    pub agent: String,
    /// What the asker was: `shopper`, `member` …
    pub principal: String,
    /// Why it was decided so.
    pub why: serde_json::Value,
    /// How many events it answered at once.
    pub events: i64,
    /// When its lane was taken.
    pub claimed_at: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When it was durable.
    pub committed_at: Timestamp,
    /// What it sent.
    pub sends: Vec<SendStory>,
}

/// A message of a turn.
#[derive(Clone, Debug, Serialize)]
pub struct SendStory {
    /// Its id.
    pub id: OutboxId,
    /// Over what.
    pub channel: String,
    /// `queued`, `sending`, `sent`, `settling`, `failed`, `uncertain` or `dismissed`.
    pub status: &'static str,
    /// How often it was tried.
    pub attempts: i64,
    /// What it says.
    pub message: serde_json::Value,
    /// The platform's id of it.
    pub provider_id: Option<String>,
    /// Why it is not sent.
    pub reason: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When the platform took it.
    pub sent_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    source: String,
    kind: String,
    lane_id: Uuid,
    lane_kind: String,
    occurred_at: At,
    received_at: At,
    status: i64,
    attempts: i64,
    failures: i64,
    reason: Option<String>,
    turn_id: Option<Uuid>,
    trace_id: Uuid,
}

impl From<EventRow> for EventSummary {
    fn from(row: EventRow) -> Self {
        Self {
            id: EventId(row.id),
            merchant: row.merchant_id.map(MerchantId),
            source: row.source,
            kind: row.kind,
            lane: LaneId(row.lane_id),
            lane_kind: row.lane_kind,
            occurred_at: row.occurred_at.0,
            received_at: row.received_at.0,
            status: status_word(row.status),
            attempts: row.attempts,
            failures: row.failures,
            reason: row.reason,
            turn: row.turn_id.map(TurnId),
            trace: TraceId(row.trace_id),
        }
    }
}

#[derive(FromRow)]
struct ArrivalRow {
    source: String,
    headers: serde_json::Value,
    body: Vec<u8>,
    received_at: At,
}

#[derive(FromRow)]
struct TurnRow {
    agent: String,
    principal: String,
    trace: serde_json::Value,
    events: i64,
    claimed_at: At,
    decided_at: At,
    committed_at: At,
}

#[derive(FromRow)]
struct SendRow {
    id: Uuid,
    channel: String,
    status: i64,
    attempts: i64,
    message: serde_json::Value,
    provider_id: Option<String>,
    reason: Option<String>,
    created_at: At,
    sent_at: Option<At>,
}

impl From<SendRow> for SendStory {
    fn from(row: SendRow) -> Self {
        const WORDS: [&str; 7] = ["queued", "sending", "sent", "settling", "failed", "uncertain", "dismissed"];
        let status =
            usize::try_from(row.status).ok().and_then(|status| WORDS.get(status)).copied().unwrap_or("unknown");
        Self {
            id: OutboxId(row.id),
            channel: row.channel,
            status,
            attempts: row.attempts,
            message: row.message,
            provider_id: row.provider_id,
            reason: row.reason,
            created_at: row.created_at.0,
            sent_at: row.sent_at.map(Timestamp::from),
        }
    }
}

fn status_word(code: i64) -> &'static str {
    match code {
        status::OPEN => "open",
        status::DONE => "done",
        status::DEAD => "dead",
        status::SKIPPED => "skipped",
        _ => "unknown",
    }
}

impl Store {
    /// Events, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<EventSummary>, StoreError> {
        let rows: Vec<EventRow> = read!(&self.db, pool => sqlx::query_as(LIST_EVENTS)
            .bind(filter.status.unwrap_or(-1))
            .bind(filter.kind.as_deref())
            .bind(i64::from(filter.merchant.is_some()))
            .bind(filter.merchant.map(|id| id.0))
            .bind(filter.limit)
            .fetch_all(pool).await)?;
        Ok(rows.into_iter().map(EventSummary::from).collect())
    }

    /// The story of one event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event(&self, id: EventId) -> Result<Option<EventStory>, StoreError> {
        let row: Option<EventRow> =
            read!(&self.db, pool => sqlx::query_as(EVENT).bind(id.0).fetch_optional(pool).await)?;
        let Some(summary) = row.map(EventSummary::from) else { return Ok(None) };
        let content: Option<serde_json::Value> =
            read!(&self.db, pool => sqlx::query_scalar(EVENT_CONTENT).bind(id.0).fetch_optional(pool).await)?;
        let arrival: Option<ArrivalRow> =
            read!(&self.db, pool => sqlx::query_as(EVENT_ARRIVAL).bind(id.0).fetch_optional(pool).await)?;
        let decided = match summary.turn {
            Some(turn) => self.turn_story(turn).await?,
            None => None,
        };
        let arrival = arrival.map(|row| ArrivalStory {
            source: row.source,
            headers: row.headers,
            body: String::from_utf8_lossy(&row.body).into_owned(),
            received_at: row.received_at.0,
        });
        Ok(Some(EventStory { summary, content: content.unwrap_or_default(), arrival, decided }))
    }

    async fn turn_story(&self, id: TurnId) -> Result<Option<TurnStory>, StoreError> {
        let row: Option<TurnRow> =
            read!(&self.db, pool => sqlx::query_as(EVENT_TURN).bind(id.0).fetch_optional(pool).await)?;
        let Some(row) = row else { return Ok(None) };
        let sends: Vec<SendRow> = read!(&self.db, pool => sqlx::query_as(TURN_SENDS).bind(id.0).fetch_all(pool).await)?;
        Ok(Some(TurnStory {
            id,
            agent: row.agent,
            principal: row.principal,
            why: row.trace,
            events: row.events,
            claimed_at: row.claimed_at.0,
            decided_at: row.decided_at.0,
            committed_at: row.committed_at.0,
            sends: sends.into_iter().map(SendStory::from).collect(),
        }))
    }

    /// Puts a dead event back into its lane with fresh attempts, and records who did it. False when it is not dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replay_event(&self, id: EventId, by: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx: Tx = self.db.begin().await?;
        let revived = on!(&mut tx, connection => sqlx::query(REVIVE_EVENT).bind(id.0).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        if revived == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        let object = id.to_string();
        let entry = AuditEntry { merchant: None, actor: by, action: "event.replay", object: &object, outcome: "done" };
        audit::record(&mut tx, now, &entry).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Dead events, in the order in which they happened.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dead_event_ids(&self, limit: i64) -> Result<Vec<EventId>, StoreError> {
        let ids: Vec<Uuid> =
            read!(&self.db, pool => sqlx::query_scalar(DEAD_EVENTS).bind(limit).fetch_all(pool).await)?;
        Ok(ids.into_iter().map(EventId).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreOptions;
    use recado_domain::SystemClock;
    use std::sync::Arc;

    async fn insert(store: &Store, name: &str, kind: &str, status: i64) -> EventId {
        let id = EventId::new(store.clock.now());
        let now = At(store.clock.now());
        let inserted = crate::write!(&store.db, pool => sqlx::query("INSERT INTO events (id, source, dedupe, lane_id, lane_kind, kind, content, \
                occurred_at, received_at, available_at, status, attempts, failures, reason, trace_id, settled_at) \
                VALUES ($1, 'whatsapp', $2, $1, 'conversation', $3, $4, $5, $5, $5, $6, 5, 5, 'broken', $1, $5)")
            .bind(id.0).bind(name).bind(kind).bind(serde_json::json!({"type": "unknown", "kind": "x"})).bind(now).bind(status)
            .execute(pool).await.map(|_| ()));
        inserted.unwrap();
        id
    }

    #[tokio::test]
    async fn events_are_filtered_and_only_dead_ones_are_replayed() {
        let store = Store::open(&StoreOptions::new("sqlite::memory:"), Arc::new(SystemClock)).await.unwrap();
        let dead = insert(&store, "a", "message.text", status::DEAD).await;
        let done = insert(&store, "b", "message.image", status::DONE).await;
        insert(&store, "c", "commerce.order", status::DEAD).await;
        let list = async |status, kind: Option<&str>| {
            let filter = EventFilter { status, kind: kind.map(str::to_owned), limit: 10, merchant: None };
            store.events(&filter).await.unwrap().into_iter().map(|event| event.id).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None).await.len(), 3);
        assert_eq!(list(Some(status::DEAD), Some("message")).await, [dead]);
        assert_eq!(list(None, Some("message")).await, [done, dead]);
        assert_eq!(list(None, Some("%")).await, []);
        let stranger = EventFilter { merchant: Some(MerchantId::derived(&["x"])), limit: 10, ..EventFilter::default() };
        assert!(store.events(&stranger).await.unwrap().is_empty());

        assert!(!store.replay_event(done, "test").await.unwrap());
        assert!(store.replay_event(dead, "test").await.unwrap());
        assert!(!store.replay_event(dead, "test").await.unwrap());
        let story = store.event(dead).await.unwrap().unwrap();
        assert_eq!((story.summary.status, story.summary.attempts, story.summary.reason), ("open", 0, None));
        assert_eq!(story.content["type"], "unknown");
        assert_eq!(store.dead_event_ids(10).await.unwrap().len(), 1);
    }
}
