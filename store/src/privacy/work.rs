//! Carrying an erasure out: claimed like any other work, begun when the person has heard of it, done in small commits that
//! may each be the last one of the process, and ended with a record that names nobody.

use std::time::Duration;

use recado_domain::event::ComplianceRequest;
use recado_domain::privacy::Outcome;
use recado_domain::{ConversationId, MerchantId, PrivacyId, RequestId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::erase::Erasing;
use super::list;
use super::person::{self, Person};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::engine::Engine;
use crate::{StoreError, on};

/// Longer than any one step takes.
const LEASE: Duration = Duration::from_secs(60);
/// The answer to the person leaves first; after this long the erasure begins without it.
const PATIENCE: Duration = Duration::from_secs(600);
/// How soon it is looked at again meanwhile.
const REST: Duration = Duration::from_secs(2);

crate::sql! {
    CLAIM_PRIVACY = "UPDATE compliance_requests SET owner = $1, leased_until = $2 WHERE id IN ( \
            SELECT c.id FROM compliance_requests c WHERE c.done_at IS NULL AND c.confirmed_at IS NOT NULL AND c.available_at <= $3 \
                AND (c.leased_until IS NULL OR c.leased_until <= $3) ORDER BY c.available_at, c.id LIMIT 1) \
            AND done_at IS NULL AND (leased_until IS NULL OR leased_until <= $3) \
        RETURNING merchant_id, id, request, request_id, confirmed_at";
    HOLD_PRIVACY = "UPDATE compliance_requests SET leased_until = $4 WHERE merchant_id = $1 AND id = $2 AND owner = $3 AND done_at IS NULL";
    REST_PRIVACY = "UPDATE compliance_requests SET owner = NULL, leased_until = NULL, available_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND owner = $3 AND done_at IS NULL";
    FINISH_PRIVACY = "UPDATE compliance_requests SET done_at = $4, outcome = $5, subject = $6, owner = NULL, leased_until = NULL \
        WHERE merchant_id = $1 AND id = $2 AND owner = $3 AND done_at IS NULL";
    FINISH_ASKED = "UPDATE requests SET status = 'done', decided_at = $3 WHERE merchant_id = $1 AND id = $2 AND status = 'approved'";
    COUNTRY_OF_MERCHANT = "SELECT country FROM merchants WHERE id = $1";
    UNTOLD_EVENTS = "SELECT COUNT(*) FROM events WHERE lane_id = $1 AND status = 0";
    UNTOLD_SENDS = "SELECT COUNT(*) FROM outbox WHERE status IN (0, 1, 3) AND merchant_id = $1 AND conversation_id = $2 \
        AND channel <> 'telegram'";
}

#[derive(FromRow)]
struct TaskRow {
    merchant_id: Uuid,
    id: Uuid,
    request: String,
    request_id: Option<Uuid>,
    confirmed_at: At,
}

/// An erasure that this replica is to carry out.
#[derive(Clone, Debug)]
pub struct PrivacyTask {
    /// Which.
    pub id: PrivacyId,
    /// Whose shop.
    pub merchant: MerchantId,
    /// Everybody of the shop, or one person.
    pub(super) everybody: bool,
    request: Option<RequestId>,
    confirmed_at: Timestamp,
}

impl Engine {
    /// Takes an erasure that was confirmed, if there is one.
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then.
    pub async fn claim_privacy(&self) -> Result<Option<PrivacyTask>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let row: Option<TaskRow> = on!(&mut tx, connection => sqlx::query_as(CLAIM_PRIVACY)
            .bind(self.replica.0).bind(At(now.plus(LEASE))).bind(At(now)).fetch_optional(connection).await)?;
        tx.commit().await?;
        Ok(row.map(|row| PrivacyTask {
            id: PrivacyId(row.id),
            merchant: MerchantId(row.merchant_id),
            everybody: row.request == ComplianceRequest::ShopRedact.code(),
            request: row.request_id.map(RequestId),
            confirmed_at: row.confirmed_at.into(),
        }))
    }

    /// Erases everything that a task is about. Returns the conversations whose sessions are to be forgotten as well;
    /// `None` when it rests until the person has heard of it, or another replica has the task now. Whatever ends it half
    /// way, it may be begun anew: each step does nothing where it was done.
    ///
    /// # Errors
    /// When the database does not answer; the task is taken up again when its lease runs out.
    pub async fn erase(&self, task: &PrivacyTask) -> Result<Option<Vec<ConversationId>>, StoreError> {
        let now = self.store.clock.now();
        let Some(mut tx) = self.privacy_step(task).await? else { return Ok(None) };
        let person = if task.everybody {
            None
        } else {
            let country: Option<String> = on!(&mut tx, connection => sqlx::query_scalar(COUNTRY_OF_MERCHANT)
                .bind(task.merchant.0).fetch_optional(connection).await)?;
            let person =
                Person::to_erase(&mut tx, task.merchant, country.as_deref().unwrap_or_default(), task.id).await?;
            if now.since(task.confirmed_at) < PATIENCE && self.is_untold(&mut tx, task, &person).await? {
                on!(&mut tx, connection => sqlx::query(REST_PRIVACY).bind(task.merchant.0).bind(task.id.0)
                    .bind(self.replica.0).bind(At(now.plus(REST))).execute(connection).await.map(|_| ()))?;
                tx.commit().await?;
                return Ok(None);
            }
            Some(person)
        };
        let seed = person::keep(&mut tx, task.merchant, task.id, person.as_ref()).await?;
        list::note(&mut tx, task, person.as_ref(), now).await?;
        tx.commit().await?;
        Erasing::new(self, task, person, seed).run().await
    }

    /// Whether the answer to the person is still on its way.
    async fn is_untold(&self, tx: &mut Tx, task: &PrivacyTask, person: &Person) -> Result<bool, StoreError> {
        if task.request.is_none() {
            return Ok(false);
        }
        for conversation in &person.conversations {
            let events: i64 = on!(&mut *tx, connection => sqlx::query_scalar(UNTOLD_EVENTS).bind(conversation)
                .fetch_one(connection).await)?;
            let sends: i64 = on!(&mut *tx, connection => sqlx::query_scalar(UNTOLD_SENDS).bind(task.merchant.0)
                .bind(conversation).fetch_one(connection).await)?;
            if events + sends > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Begins a step of a task, and holds on to it; `None` when it is another's by now.
    pub(super) async fn privacy_step(&self, task: &PrivacyTask) -> Result<Option<Tx>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let ours = on!(&mut tx, connection => sqlx::query(HOLD_PRIVACY).bind(task.merchant.0).bind(task.id.0)
            .bind(self.replica.0).bind(At(now.plus(LEASE))).execute(connection).await.map(|done| done.rows_affected()))?;
        if ours == 0 {
            tx.rollback().await?;
            return Ok(None);
        }
        Ok(Some(tx))
    }

    /// Ends an erasure: whom it was about is forgotten, that it was done is recorded.
    ///
    /// # Errors
    /// When the database does not answer; it is then carried out once more, which finds nothing.
    pub async fn finish_privacy(&self, task: &PrivacyTask) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let ours = on!(&mut tx, connection => sqlx::query(FINISH_PRIVACY).bind(task.merchant.0).bind(task.id.0)
            .bind(self.replica.0).bind(At(now)).bind(Outcome::Erased.code()).bind(serde_json::json!({}))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        if ours == 1 {
            if let Some(request) = task.request {
                on!(&mut tx, connection => sqlx::query(FINISH_ASKED).bind(task.merchant.0).bind(request.0).bind(At(now))
                    .execute(connection).await.map(|_| ()))?;
            }
            let object = task.id.to_string();
            let entry = AuditEntry {
                merchant: Some(task.merchant),
                actor: "recado",
                action: "privacy.erased",
                object: &object,
                outcome: "done",
            };
            audit::record(&mut tx, now, &entry).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}
