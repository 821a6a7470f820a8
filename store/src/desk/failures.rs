//! Dead letters: events that gave up, and sends that failed or that nobody confirmed.

use recado_domain::contact::Channel;
use recado_domain::{EventId, MerchantId, OutboxId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::Scope;
use crate::db::At;
use crate::{Store, StoreError, read};

/// Rows of a list.
const LIST: i64 = 100;

crate::sql! {
    LIST_DEAD = "SELECT e.id, e.merchant_id, e.source, e.kind, e.reason, e.attempts, e.received_at, c.profile_name FROM events e \
        LEFT JOIN conversations c ON c.id = e.lane_id AND c.merchant_id = e.merchant_id \
        WHERE e.status = 2 AND (e.merchant_id = $1 OR $1 IS NULL) ORDER BY e.settled_at DESC, e.id LIMIT $2";
    LIST_TROUBLED = "SELECT o.id, o.merchant_id, o.channel, o.status, o.reason, o.attempts, o.created_at, c.profile_name FROM outbox o \
        LEFT JOIN conversations c ON c.id = o.conversation_id AND c.merchant_id = o.merchant_id \
        WHERE o.status IN (4, 5) AND (o.merchant_id = $1 OR $1 IS NULL) ORDER BY o.created_at DESC, o.id LIMIT $2";
}

/// An event that gave up.
#[derive(Clone, Debug)]
pub struct DeadEvent {
    /// Id.
    pub id: EventId,
    /// Whose; `None` for staff.
    pub merchant: Option<MerchantId>,
    /// From which platform.
    pub source: String,
    /// What it is (`message.text`).
    pub kind: String,
    /// Whose conversation, by name.
    pub who: Option<String>,
    /// Why it gave up.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it arrived.
    pub received_at: Timestamp,
}

/// A send that failed or that nobody confirmed.
#[derive(Clone, Debug)]
pub struct TroubledSend {
    /// Id.
    pub id: OutboxId,
    /// Whose.
    pub merchant: MerchantId,
    /// By which channel.
    pub channel: Option<Channel>,
    /// To whom, by name.
    pub who: Option<String>,
    /// Whether it may have arrived.
    pub uncertain: bool,
    /// Why.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was decided.
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct DeadRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    source: String,
    kind: String,
    reason: Option<String>,
    attempts: i64,
    received_at: At,
    profile_name: Option<String>,
}

#[derive(FromRow)]
struct TroubledRow {
    id: Uuid,
    merchant_id: Uuid,
    channel: String,
    status: i64,
    reason: Option<String>,
    attempts: i64,
    created_at: At,
    profile_name: Option<String>,
}

impl Store {
    /// Dead events, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dead_letters(&self, scope: Scope) -> Result<Vec<DeadEvent>, StoreError> {
        let rows: Vec<DeadRow> =
            read!(&self.db, pool => sqlx::query_as(LIST_DEAD).bind(scope.bound()).bind(LIST).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .map(|row| DeadEvent {
                id: EventId(row.id),
                merchant: row.merchant_id.map(MerchantId),
                source: row.source,
                kind: row.kind,
                who: row.profile_name,
                reason: row.reason,
                attempts: row.attempts,
                received_at: row.received_at.0,
            })
            .collect())
    }

    /// Failed and unconfirmed sends, the newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn troubled_sends(&self, scope: Scope) -> Result<Vec<TroubledSend>, StoreError> {
        let rows: Vec<TroubledRow> = read!(&self.db, pool => sqlx::query_as(LIST_TROUBLED).bind(scope.bound()).bind(LIST).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .map(|row| TroubledSend {
                id: OutboxId(row.id),
                merchant: MerchantId(row.merchant_id),
                channel: Channel::from_code(&row.channel),
                who: row.profile_name,
                uncertain: row.status == 5,
                reason: row.reason,
                attempts: row.attempts,
                created_at: row.created_at.0,
            })
            .collect())
    }
}
