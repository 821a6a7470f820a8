//! What became of a turn: who decided it, why, and what it sent.

use recado_domain::turn::TurnTrace;
use recado_domain::{ConversationId, OutboxId, Timestamp, TurnId};
use serde::Serialize;
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::At;
use crate::{Store, StoreError, read};

crate::sql! {
    EVENT_TURN = "SELECT agent, principal, trace, events, claimed_at, decided_at, committed_at FROM turns WHERE id = $1";
    PAST_TURNS = "SELECT trace, committed_at FROM turns WHERE lane_id = $1 ORDER BY committed_at DESC, id DESC LIMIT CAST($2 AS BIGINT)";
    TURN_SENDS = "SELECT id, channel, status, attempts, message, provider_id, reason, created_at, sent_at FROM outbox WHERE turn_id = $1 \
        ORDER BY position, id";
}

#[derive(FromRow)]
struct PastRow {
    trace: serde_json::Value,
    committed_at: At,
}

impl Store {
    /// How the last turns of a conversation were decided, oldest first. What another version kept and cannot be read is
    /// left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn past_turns(
        &self,
        conversation: ConversationId,
        most: i64,
    ) -> Result<Vec<(Timestamp, TurnTrace)>, StoreError> {
        let rows: Vec<PastRow> = read!(&self.db, pool => sqlx::query_as(PAST_TURNS).bind(conversation.0).bind(most)
            .fetch_all(pool).await)?;
        let read = |row: PastRow| Some((row.committed_at.into(), serde_json::from_value(row.trace).ok()?));
        Ok(rows.into_iter().rev().filter_map(read).collect())
    }
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

impl Store {
    /// The story of one turn.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn turn_story(&self, id: TurnId) -> Result<Option<TurnStory>, StoreError> {
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
}
