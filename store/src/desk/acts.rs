//! What a signed-in person does: answer, take, hand back, handle incidents, replay and dismiss. Each act is one
//! transaction with its audit entry.

use recado_domain::event::InternalEvent;
use recado_domain::incident::{Incident, IncidentAction, IncidentStatus};
use recado_domain::{EventId, IncidentId, MerchantId, OutboxId, TraceId};
use sqlx::FromRow;
use uuid::Uuid;

use super::{ConversationRow, Scope};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Json, from_json};
use crate::engine::{Target, change_incident, post};
use crate::{Store, StoreError, on, read};

crate::sql! {
    LIST_INCIDENTS = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
            resolved_by, resolved_at FROM incidents WHERE (merchant_id = $1 OR $1 IS NULL) AND ($2 OR status <> 'resolved') \
        ORDER BY CASE WHEN status = 'resolved' THEN 1 ELSE 0 END, severity, opened_at DESC, id LIMIT 100";
    INCIDENT_MERCHANT = "SELECT merchant_id FROM incidents WHERE id = $2 AND (merchant_id = $1 OR $1 IS NULL)";
    REPLAY_EVENT = "UPDATE events SET status = 0, attempts = 0, failures = 0, available_at = $3, settled_at = NULL, reason = NULL \
        WHERE id = $2 AND status = 2 AND (merchant_id = $1 OR $1 IS NULL)";
    DISMISS_EVENT = "UPDATE events SET status = 3, reason = 'dismissed by staff', settled_at = $3 \
        WHERE id = $2 AND status = 2 AND (merchant_id = $1 OR $1 IS NULL)";
    RESEND = "UPDATE outbox SET status = 0, attempts = 0, available_at = $3, owner = NULL, leased_until = NULL, reason = 'sent again by staff', receipt = 0, \
            receipt_at = NULL, provider_id = NULL, sending_at = NULL, sent_at = NULL \
        WHERE id = $2 AND status IN (4, 5) AND (merchant_id = $1 OR $1 IS NULL)";
    DISMISS_SEND = "UPDATE outbox SET status = 6, reason = 'dismissed by staff', available_at = $3 \
        WHERE id = $2 AND status IN (4, 5) AND (merchant_id = $1 OR $1 IS NULL)";
}

#[derive(FromRow)]
struct IncidentRow {
    merchant_id: Uuid,
    id: Uuid,
    number: i64,
    kind: String,
    dimension: String,
    severity: i64,
    status: String,
    evidence: Json<serde_json::Value>,
    opened_at: At,
    acknowledged_by: Option<String>,
    acknowledged_at: Option<At>,
    resolved_by: Option<String>,
    resolved_at: Option<At>,
}

impl TryFrom<IncidentRow> for Incident {
    type Error = StoreError;
    fn try_from(row: IncidentRow) -> Result<Self, StoreError> {
        let status = IncidentStatus::from_code(&row.status).ok_or(StoreError::Corrupt {
            table: "incidents",
            column: "status",
            problem: row.status,
        })?;
        Ok(Self {
            id: IncidentId(row.id),
            merchant: MerchantId(row.merchant_id),
            number: row.number,
            kind: row.kind,
            dimension: row.dimension,
            severity: row.severity,
            status,
            evidence: from_json(row.evidence.0, "incidents", "evidence")?,
            opened_at: row.opened_at.0,
            acknowledged: row.acknowledged_by.zip(row.acknowledged_at.map(|at| at.0)),
            resolved: row.resolved_by.zip(row.resolved_at.map(|at| at.0)),
        })
    }
}

impl Store {
    /// Incidents, worst first; resolved ones too when asked for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn incidents(&self, scope: Scope, resolved_too: bool) -> Result<Vec<Incident>, StoreError> {
        let rows: Vec<IncidentRow> = read!(&self.db, pool => sqlx::query_as(LIST_INCIDENTS)
            .bind(scope.bound()).bind(resolved_too).fetch_all(pool).await)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Acknowledges or resolves an incident. `None` when there is none in the scope; otherwise its merchant and whether
    /// this changed it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn handle_incident(
        &self,
        scope: Scope,
        incident: IncidentId,
        action: IncidentAction,
        by: &str,
    ) -> Result<Option<(MerchantId, bool)>, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let merchant: Option<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(INCIDENT_MERCHANT)
            .bind(scope.bound()).bind(incident.0).fetch_optional(connection).await)?;
        let Some(merchant) = merchant.map(MerchantId) else { return Ok(None) };
        let changed = change_incident(&mut tx, merchant, incident, action, by, now).await?;
        tx.commit().await?;
        Ok(Some((merchant, changed)))
    }

    /// Tells a conversation's lane what staff did, once for each key: a form that is posted twice counts once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_conversation(
        &self,
        conversation: &ConversationRow,
        event: &InternalEvent,
        key: &str,
        by: &str,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let target =
            Target { merchant: Some(conversation.merchant), lane: conversation.id.lane(), kind: "conversation" };
        let (action, object) = (format!("conversation.{}", event.label()), conversation.id.to_string());
        let mut tx = self.db.begin().await?;
        post(&mut tx, &format!("admin:{}:{key}", conversation.id), &target, event, TraceId::new(now), now).await?;
        let entry = AuditEntry {
            merchant: Some(conversation.merchant),
            actor: by,
            action: &action,
            object: &object,
            outcome: "done",
        };
        audit::record(&mut tx, now, &entry).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets a dead event run again. False when it is not dead (any more) or not in the scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replay_dead(&self, scope: Scope, event: EventId, by: &str) -> Result<bool, StoreError> {
        self.settle_failure(REPLAY_EVENT, scope, event.0, "event.replay", by).await
    }

    /// Gives up a dead event for good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dismiss_dead(&self, scope: Scope, event: EventId, by: &str) -> Result<bool, StoreError> {
        self.settle_failure(DISMISS_EVENT, scope, event.0, "event.dismiss", by).await
    }

    /// Sends again what failed or what nobody confirmed: a person decided it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repeat_send(&self, scope: Scope, send: OutboxId, by: &str) -> Result<bool, StoreError> {
        self.settle_failure(RESEND, scope, send.0, "send.repeat", by).await
    }

    /// Gives up a send for good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dismiss_send(&self, scope: Scope, send: OutboxId, by: &str) -> Result<bool, StoreError> {
        self.settle_failure(DISMISS_SEND, scope, send.0, "send.dismiss", by).await
    }

    async fn settle_failure(
        &self,
        statement: &'static str,
        scope: Scope,
        id: Uuid,
        action: &str,
        by: &str,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let changed = on!(&mut tx, connection => sqlx::query(statement).bind(scope.bound()).bind(id).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?
            > 0;
        let object = id.to_string();
        let outcome = if changed { "done" } else { "nothing to do" };
        audit::record(&mut tx, now, &AuditEntry { merchant: scope.0, actor: by, action, object: &object, outcome })
            .await?;
        tx.commit().await?;
        Ok(changed)
    }
}
