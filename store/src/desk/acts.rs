//! What a signed-in person does: answer, take, hand back, handle incidents, replay and dismiss. Each act is one
//! transaction with its audit entry.

use recado_domain::event::InternalEvent;
use recado_domain::incident::{Incident, IncidentAction};
use recado_domain::{EventId, IncidentId, MerchantId, OutboxId, Timestamp, TraceId};
use uuid::Uuid;

use super::{ConversationRow, Scope};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::engine::{FORGET_ENDS_OF, Target, change_incident, post, tally_internal};
use crate::incident_row::IncidentRow;
use crate::{Store, StoreError, on, read};

crate::sql! {
    LIST_INCIDENTS = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
            resolved_by, resolved_at FROM incidents WHERE (merchant_id = $1 OR $1 IS NULL) AND ($2 OR status <> 'resolved') \
        ORDER BY CASE WHEN status = 'resolved' THEN 1 ELSE 0 END, severity, opened_at DESC, id LIMIT 100";
    INCIDENT_MERCHANT = "SELECT merchant_id FROM incidents WHERE id = $2 AND (merchant_id = $1 OR $1 IS NULL)";
    // What came to an address of nobody has no lane that anyone works on: it stays.
    REPLAY_EVENT = "UPDATE events SET status = 0, attempts = 0, failures = 0, timeouts = 0, held_by = NULL, available_at = $3, \
            settled_at = NULL, reason = NULL \
        WHERE id = $2 AND (status = 2 OR (status = 3 AND CAST($4 AS BIGINT) = 1)) AND (merchant_id = $1 OR $1 IS NULL) \
            AND lane_kind <> 'unknown' AND (merchant_id IS NOT NULL OR lane_kind = 'staff')";
    DISMISS_EVENT = "UPDATE events SET status = 3, reason = $4, settled_at = $3 \
        WHERE id = $2 AND status = 2 AND (merchant_id = $1 OR $1 IS NULL)";
    // What the platform said of the first message must not judge the second.
    RESEND = "UPDATE outbox SET status = 0, attempts = 0, available_at = $3, owner = NULL, leased_until = NULL, reason = 'sent again by staff', receipt = 0, \
            receipt_at = NULL, provider_id = NULL, sending_at = NULL, sent_at = NULL \
        WHERE id = $2 AND status IN (4, 5) AND (merchant_id = $1 OR $1 IS NULL)";
    DISMISS_SEND = "UPDATE outbox SET status = 6, reason = $4, available_at = $3, owner = NULL, leased_until = NULL \
        WHERE id = $2 AND status IN (4, 5) AND (merchant_id = $1 OR $1 IS NULL)";
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
        let key = format!("admin:{}:{key}", conversation.id);
        let posted = post(&mut tx, &key, &target, event, TraceId::new(now), now).await?;
        let entry = AuditEntry {
            merchant: Some(conversation.merchant),
            actor: by,
            action: &action,
            object: &object,
            outcome: "done",
        };
        audit::record(&mut tx, now, &entry).await?;
        tally_internal(&mut tx, posted).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Lets a dead event run again. False when it is not dead (any more) or not in the scope.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn replay_dead(&self, scope: Scope, event: EventId, by: &str) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let changed = second_chance(&mut tx, scope, event, false, now).await?;
        record(tx, scope, ("event.replay", event.0), changed, by, now).await
    }

    /// Gives up a dead event for good: it counts as skipped from then on, with who decided so as its reason.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dismiss_dead(&self, scope: Scope, event: EventId, by: &str) -> Result<bool, StoreError> {
        self.settle(DISMISS_EVENT, scope, ("event.dismiss", event.0), Some(dismissed_by(by)), by).await
    }

    /// Sends again what failed or what nobody confirmed: a person decided it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repeat_send(&self, scope: Scope, send: OutboxId, by: &str) -> Result<bool, StoreError> {
        self.settle(RESEND, scope, ("send.repeat", send.0), None, by).await
    }

    /// Gives up a send for good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dismiss_send(&self, scope: Scope, send: OutboxId, by: &str) -> Result<bool, StoreError> {
        self.settle(DISMISS_SEND, scope, ("send.dismiss", send.0), Some(dismissed_by(by)), by).await
    }

    async fn settle(
        &self,
        statement: &'static str,
        scope: Scope,
        (action, id): (&str, Uuid),
        reason: Option<String>,
        by: &str,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let changed = on!(&mut tx, connection => {
            let query = sqlx::query(statement).bind(scope.bound()).bind(id).bind(At(now));
            let query = if let Some(reason) = reason { query.bind(reason) } else { query };
            query.execute(connection).await.map(|done| done.rows_affected())
        })? > 0;
        record(tx, scope, (action, id), changed, by, now).await
    }
}

/// Puts a dead event back, and a skipped one too when asked for. Says whether it did.
pub(crate) async fn second_chance(
    tx: &mut Tx,
    scope: Scope,
    event: EventId,
    skipped_too: bool,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(&mut *tx, connection => sqlx::query(REPLAY_EVENT)
        .bind(scope.bound()).bind(event.0).bind(At(now)).bind(i64::from(skipped_too))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        on!(tx, connection => sqlx::query(FORGET_ENDS_OF).bind(event.0).execute(connection).await.map(|_| ()))?;
    }
    Ok(changed > 0)
}

/// Writes an act into the record, and commits both.
async fn record(
    mut tx: Tx,
    scope: Scope,
    (action, id): (&str, Uuid),
    changed: bool,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let object = id.to_string();
    let outcome = if changed { "done" } else { "nothing to do" };
    audit::record(&mut tx, now, &AuditEntry { merchant: scope.0, actor: by, action, object: &object, outcome }).await?;
    tx.commit().await?;
    Ok(changed)
}

fn dismissed_by(name: &str) -> String {
    format!("dismissed by {name}").chars().filter(|letter| *letter != '\0').take(200).collect()
}
