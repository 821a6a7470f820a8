//! What happened to one message, from webhook to send.

use recado_domain::event::ReceiptStatus;
use recado_domain::turn::TurnTrace;
use recado_domain::{ConversationId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::Scope;
use crate::db::{At, Json};
use crate::{Store, StoreError, read};

crate::sql! {
    STORY_EVENT = "SELECT e.merchant_id, e.source, e.kind, e.lane_id, e.lane_kind, e.received_at, e.status, e.reason, e.turn_id, \
            e.occurred_at, CAST(LENGTH(a.body) AS BIGINT) AS bytes \
        FROM events e LEFT JOIN arrivals a ON a.id = e.arrival_id \
        WHERE e.dedupe IN ($2, $3) AND (e.merchant_id = $1 OR $1 IS NULL)";
    STORY_TURN = "SELECT epoch, events, agent, trace, claimed_at, decided_at, committed_at FROM turns WHERE id = $1";
    STORY_SENDS = "SELECT channel, status, sending_at, sent_at, receipt, receipt_at, reason FROM outbox WHERE turn_id = $1 ORDER BY position, id LIMIT 10";
}

/// The way of one message.
#[derive(Clone, Debug)]
pub struct Story {
    /// Whose.
    pub merchant: Option<MerchantId>,
    /// From which platform.
    pub source: String,
    /// What it is.
    pub kind: String,
    /// Its conversation, if it belongs to one.
    pub conversation: Option<ConversationId>,
    /// When its last byte had arrived.
    pub received_at: Timestamp,
    /// Size of the delivery.
    pub bytes: Option<i64>,
    /// 0 open, 1 done, 2 dead, 3 skipped.
    pub status: i64,
    /// Why it is dead or skipped.
    pub reason: Option<String>,
    /// Its turn, once committed.
    pub turn: Option<StoryTurn>,
    /// What the turn sent, in order.
    pub sends: Vec<StorySend>,
}

/// The turn in a story.
#[derive(Clone, Debug)]
pub struct StoryTurn {
    /// Fencing number.
    pub epoch: i64,
    /// Events that it answered at once.
    pub events: i64,
    /// When its lane was taken.
    pub claimed_at: Timestamp,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// When it was durable.
    pub committed_at: Timestamp,
    /// Which agent.
    pub agent: String,
    /// Why.
    pub trace: TurnTrace,
}

/// A send in a story.
#[derive(Clone, Debug)]
pub struct StorySend {
    /// Channel.
    pub channel: String,
    /// State in the outbox.
    pub status: i64,
    /// When the platform took it.
    pub sent_at: Option<Timestamp>,
    /// How far it got.
    pub receipt: Option<ReceiptStatus>,
    /// When, by the platform's clock.
    pub receipt_at: Option<Timestamp>,
    /// Why it failed.
    pub reason: Option<String>,
}

#[derive(FromRow)]
struct EventRow {
    merchant_id: Option<Uuid>,
    source: String,
    kind: String,
    lane_id: Uuid,
    lane_kind: String,
    received_at: At,
    status: i64,
    reason: Option<String>,
    turn_id: Option<Uuid>,
    bytes: Option<i64>,
}

#[derive(FromRow)]
struct TurnRow {
    epoch: i64,
    events: i64,
    agent: String,
    trace: Json<serde_json::Value>,
    claimed_at: At,
    decided_at: At,
    committed_at: At,
}

#[derive(FromRow)]
struct SendRow {
    channel: String,
    status: i64,
    sent_at: Option<At>,
    receipt: i64,
    receipt_at: Option<At>,
    reason: Option<String>,
}

impl Store {
    /// The story of the message that a platform named so (`wamid.…`, or `bot:update` for Telegram).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn story(&self, scope: Scope, provider_id: &str) -> Result<Option<Story>, StoreError> {
        let event: Option<EventRow> = read!(&self.db, pool => sqlx::query_as(STORY_EVENT)
            .bind(scope.bound()).bind(format!("whatsapp|{provider_id}")).bind(format!("telegram|{provider_id}"))
            .fetch_optional(pool).await)?;
        let Some(event) = event else { return Ok(None) };
        let mut story = Story {
            merchant: event.merchant_id.map(MerchantId),
            source: event.source,
            kind: event.kind,
            conversation: (event.lane_kind == "conversation").then_some(ConversationId(event.lane_id)),
            received_at: event.received_at.0,
            bytes: event.bytes,
            status: event.status,
            reason: event.reason,
            turn: None,
            sends: Vec::new(),
        };
        let Some(turn_id) = event.turn_id else { return Ok(Some(story)) };
        let turn: Option<TurnRow> =
            read!(&self.db, pool => sqlx::query_as(STORY_TURN).bind(turn_id).fetch_optional(pool).await)?;
        story.turn = turn.map(|turn| StoryTurn {
            epoch: turn.epoch,
            events: turn.events,
            claimed_at: turn.claimed_at.0,
            decided_at: turn.decided_at.0,
            committed_at: turn.committed_at.0,
            agent: turn.agent,
            trace: serde_json::from_value(turn.trace.0).unwrap_or_default(),
        });
        let sends: Vec<SendRow> =
            read!(&self.db, pool => sqlx::query_as(STORY_SENDS).bind(turn_id).fetch_all(pool).await)?;
        story.sends = sends
            .into_iter()
            .map(|send| StorySend {
                channel: send.channel,
                status: send.status,
                sent_at: send.sent_at.map(|at| at.0),
                receipt: ReceiptStatus::from_rank(send.receipt),
                receipt_at: send.receipt_at.map(|at| at.0),
                reason: send.reason,
            })
            .collect();
        Ok(Some(story))
    }
}
