//! The inbox as people see it: what waits, what died, what was skipped and why, and the second chance of a dead event.

use recado_domain::event::Source;
use recado_domain::{ArrivalId, EventId, LaneId, MerchantId, Timestamp, TraceId, TurnId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::At;
use crate::inbox::status;
use crate::{Store, StoreError, on, read};

crate::sql! {
    // One text for every filter: an absent one compares as true.
    LIST_EVENTS = "SELECT id, kind, source, merchant_id, lane_id, lane_kind, status, attempts, failures, reason, occurred_at, received_at, \
            settled_at, turn_id, trace_id FROM events \
        WHERE (CAST($1 AS BIGINT) < 0 OR status = $1) AND ($2 = 0 OR lane_id = $3) AND ($4 = 0 OR merchant_id = $5) \
            AND received_at >= $6 AND received_at < $7 \
            AND substr(kind, 1, length(CAST($9 AS TEXT))) = CAST($9 AS TEXT) \
        ORDER BY received_at DESC, id DESC LIMIT $8";
    FIND_EVENT = "SELECT id, kind, source, merchant_id, lane_id, lane_kind, status, attempts, failures, reason, occurred_at, received_at, \
            settled_at, turn_id, trace_id FROM events WHERE id = $1";
    EVENT_CONTENT = "SELECT content, arrival_id FROM events WHERE id = $1";
    FIND_ARRIVAL = "SELECT id, headers, body, received_at FROM arrivals WHERE id = $1";
    REPLAY_EVENT = "UPDATE events SET status = 0, attempts = 0, failures = 0, reason = NULL, settled_at = NULL, available_at = $2 \
        WHERE id = $1 AND status IN (2, 3) AND lane_kind <> 'unknown' AND (merchant_id IS NOT NULL OR lane_kind = 'staff')";
    DISMISS_EVENT = "UPDATE events SET status = 3, reason = $2, settled_at = $3 WHERE id = $1 AND status = 2";
}

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventStatus {
    /// Waits for its turn.
    Open,
    /// Part of a committed turn.
    Done,
    /// Gave up, with a reason.
    Dead,
    /// Needs no turn, with a reason.
    Skipped,
}

impl EventStatus {
    /// The word on the command line and in lists.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Skipped => "skipped",
        }
    }
    /// Reads [`EventStatus::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Dead, Self::Skipped].into_iter().find(|status| status.code() == code)
    }
    const fn number(self) -> i64 {
        match self {
            Self::Open => status::OPEN,
            Self::Done => status::DONE,
            Self::Dead => status::DEAD,
            Self::Skipped => status::SKIPPED,
        }
    }
    const fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            status::OPEN => Self::Open,
            status::DONE => Self::Done,
            status::DEAD => Self::Dead,
            status::SKIPPED => Self::Skipped,
            _ => return None,
        })
    }
}

/// Which events to list; `None` means any.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// In this state.
    pub status: Option<EventStatus>,
    /// In this lane.
    pub lane: Option<LaneId>,
    /// Of this merchant.
    pub merchant: Option<MerchantId>,
    /// Of this kind, or of one that begins so (`message`).
    pub kind: Option<String>,
    /// Received at or after.
    pub from: Option<Timestamp>,
    /// Received before.
    pub to: Option<Timestamp>,
    /// At most so many; 0 means 100.
    pub limit: i64,
}

/// An event in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// Id.
    pub id: EventId,
    /// What it is (`message.text`).
    pub kind: String,
    /// From whom.
    pub source: Source,
    /// Whose.
    pub merchant: Option<MerchantId>,
    /// Its lane.
    pub lane: LaneId,
    /// What its lane is (`conversation`).
    pub lane_kind: String,
    /// Where it stands.
    pub status: EventStatus,
    /// Turns that took it.
    pub attempts: i64,
    /// Turns that failed on it.
    pub failures: i64,
    /// Why it is dead or skipped, or why it failed last.
    pub reason: Option<String>,
    /// By the platform's clock.
    pub occurred_at: Timestamp,
    /// By ours.
    pub received_at: Timestamp,
    /// When it was done, died or was skipped.
    pub settled_at: Option<Timestamp>,
    /// The turn that did it.
    pub turn: Option<TurnId>,
    /// Follows it through everything.
    pub trace: TraceId,
}

/// An event with all that is known of it. Holds what people wrote: show it, never log it.
#[derive(Clone, Debug)]
pub struct EventDetail {
    /// As in a list.
    pub event: EventView,
    /// What it says.
    pub content: serde_json::Value,
    /// The delivery that brought it; events of our own, and old ones whose delivery was cleared away, have none.
    pub arrival: Option<ArrivalView>,
}

/// A delivery as it came.
#[derive(Clone, Debug)]
pub struct ArrivalView {
    /// Id.
    pub id: ArrivalId,
    /// Headers, as a JSON object.
    pub headers: serde_json::Value,
    /// The exact bytes.
    pub body: Vec<u8>,
    /// When the last byte had arrived.
    pub received_at: Timestamp,
}

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    kind: String,
    source: String,
    merchant_id: Option<Uuid>,
    lane_id: Uuid,
    lane_kind: String,
    status: i64,
    attempts: i64,
    failures: i64,
    reason: Option<String>,
    occurred_at: At,
    received_at: At,
    settled_at: Option<At>,
    turn_id: Option<Uuid>,
    trace_id: Uuid,
}

impl TryFrom<EventRow> for EventView {
    type Error = StoreError;
    fn try_from(row: EventRow) -> Result<Self, StoreError> {
        let corrupt = |column, problem: String| StoreError::Corrupt { table: "events", column, problem };
        Ok(Self {
            id: EventId(row.id),
            source: Source::from_code(&row.source).ok_or_else(|| corrupt("source", row.source.clone()))?,
            status: EventStatus::from_number(row.status).ok_or_else(|| corrupt("status", row.status.to_string()))?,
            kind: row.kind,
            merchant: row.merchant_id.map(MerchantId),
            lane: LaneId(row.lane_id),
            lane_kind: row.lane_kind,
            attempts: row.attempts,
            failures: row.failures,
            reason: row.reason,
            occurred_at: row.occurred_at.0,
            received_at: row.received_at.0,
            settled_at: row.settled_at.map(Timestamp::from),
            turn: row.turn_id.map(TurnId),
            trace: TraceId(row.trace_id),
        })
    }
}

#[derive(FromRow)]
struct ContentRow {
    content: serde_json::Value,
    arrival_id: Option<Uuid>,
}

#[derive(FromRow)]
struct ArrivalRow {
    id: Uuid,
    headers: serde_json::Value,
    body: Vec<u8>,
    received_at: At,
}

impl Store {
    /// Events, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, filter: &EventFilter) -> Result<Vec<EventView>, StoreError> {
        let wanted = filter.status.map_or(-1, EventStatus::number);
        let lane = filter.lane.map_or(Uuid::nil(), |lane| lane.0);
        let merchant = filter.merchant.map_or(Uuid::nil(), |merchant| merchant.0);
        // The ends of time that Postgres can hold as well.
        let from = filter.from.unwrap_or(Timestamp::EPOCH);
        let to = filter.to.unwrap_or(Timestamp::from_seconds(32_503_680_000));
        let limit = if filter.limit > 0 { filter.limit.min(10_000) } else { 100 };
        let rows: Vec<EventRow> = read!(&self.db, pool => sqlx::query_as(LIST_EVENTS)
            .bind(wanted).bind(i64::from(filter.lane.is_some())).bind(lane)
            .bind(i64::from(filter.merchant.is_some())).bind(merchant).bind(At(from)).bind(At(to)).bind(limit)
            .bind(filter.kind.as_deref().unwrap_or_default())
            .fetch_all(pool).await)?;
        rows.into_iter().map(EventView::try_from).collect()
    }

    /// Dead events, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dead_events(&self, limit: i64) -> Result<Vec<EventView>, StoreError> {
        self.events(&EventFilter { status: Some(EventStatus::Dead), limit, ..EventFilter::default() }).await
    }

    /// An event with its content and the delivery that brought it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn event(&self, id: EventId) -> Result<Option<EventDetail>, StoreError> {
        let row: Option<EventRow> =
            read!(&self.db, pool => sqlx::query_as(FIND_EVENT).bind(id.0).fetch_optional(pool).await)?;
        let Some(row) = row else { return Ok(None) };
        let content: Option<ContentRow> =
            read!(&self.db, pool => sqlx::query_as(EVENT_CONTENT).bind(id.0).fetch_optional(pool).await)?;
        let Some(content) = content else { return Ok(None) };
        let arrival: Option<ArrivalRow> = match content.arrival_id {
            Some(arrival) => {
                read!(&self.db, pool => sqlx::query_as(FIND_ARRIVAL).bind(arrival).fetch_optional(pool).await)?
            }
            None => None,
        };
        Ok(Some(EventDetail {
            event: row.try_into()?,
            content: content.content,
            arrival: arrival.map(|row| ArrivalView {
                id: ArrivalId(row.id),
                headers: row.headers,
                body: row.body,
                received_at: row.received_at.0,
            }),
        }))
    }

    /// Gives a dead or skipped event another chance, as if it had just come. Its turn happens at most once, as ever.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is no such event, [`StoreError::Refused`] when it is neither dead nor skipped,
    /// or when nobody knows whose it is: then the platform has to send it again after the address was added.
    pub async fn replay_event(&self, id: EventId) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let now = At(self.clock.now());
        let changed = on!(&mut tx, connection => sqlx::query(REPLAY_EVENT).bind(id.0).bind(now)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if changed > 0 {
            return Ok(());
        }
        let event = self.event(id).await?.ok_or(StoreError::Missing("event"))?.event;
        Err(StoreError::Refused(match event.status {
            EventStatus::Open => "the event waits for its turn already",
            EventStatus::Done => "the event is done; its turn happened",
            EventStatus::Dead | EventStatus::Skipped => {
                "the event came to an address that belonged to no merchant; add the address and let the platform send it again"
            }
        }))
    }

    /// Lets a dead event be: it counts as skipped from then on, with who decided so as its reason.
    ///
    /// # Errors
    /// As [`Store::replay_event`], for an event that is not dead.
    pub async fn dismiss_event(&self, id: EventId, by: &str) -> Result<(), StoreError> {
        let reason: String = format!("dismissed by {by}").chars().filter(|letter| *letter != '\0').take(200).collect();
        let mut tx = self.db.begin().await?;
        let now = At(self.clock.now());
        let changed = on!(&mut tx, connection => sqlx::query(DISMISS_EVENT).bind(id.0).bind(&reason).bind(now)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        if changed > 0 {
            return Ok(());
        }
        self.event(id).await?.ok_or(StoreError::Missing("event"))?;
        Err(StoreError::Refused("only a dead event can be dismissed"))
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
                VALUES ($1, 'whatsapp', $2, $1, 'staff', $3, $4, $5, $5, $5, $6, 5, 5, 'broken', $1, $5)")
            .bind(id.0).bind(name).bind(kind).bind(serde_json::json!({"type": "unknown", "kind": "x"})).bind(now).bind(status)
            .execute(pool).await.map(|_| ()));
        inserted.unwrap();
        id
    }

    #[tokio::test]
    async fn events_are_filtered_by_the_beginning_of_their_kind_and_only_given_up_ones_are_replayed() {
        let store = Store::open(&StoreOptions::new("sqlite::memory:"), Arc::new(SystemClock)).await.unwrap();
        let dead = insert(&store, "a", "message.text", status::DEAD).await;
        let done = insert(&store, "b", "message.image", status::DONE).await;
        insert(&store, "c", "commerce.order", status::DEAD).await;
        let list = async |status, kind: Option<&str>| {
            let filter = EventFilter { status, kind: kind.map(str::to_owned), limit: 10, ..EventFilter::default() };
            store.events(&filter).await.unwrap().into_iter().map(|event| event.id).collect::<Vec<_>>()
        };
        assert_eq!(list(None, None).await.len(), 3);
        assert_eq!(list(Some(EventStatus::Dead), Some("message")).await, [dead]);
        assert_eq!(list(None, Some("message")).await, [done, dead]);
        assert_eq!(list(None, Some("%")).await, []);

        assert!(matches!(store.replay_event(done).await, Err(StoreError::Refused(_))));
        store.replay_event(dead).await.unwrap();
        let event = store.event(dead).await.unwrap().unwrap().event;
        assert_eq!((event.status, event.attempts, event.reason), (EventStatus::Open, 0, None));
        assert_eq!(list(Some(EventStatus::Dead), None).await.len(), 1);
    }
}
