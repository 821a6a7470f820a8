//! Who did what, kept for good.

use recado_domain::{MerchantId, Timestamp};
use uuid::Uuid;

use crate::db::{At, Tx};
use crate::{Store, StoreError, on, write};

crate::sql! {
    INSERT_AUDIT = "INSERT INTO audit (id, merchant_id, at, actor, action, object, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)";
}

/// One entry.
#[derive(Clone, Debug)]
pub struct AuditEntry<'a> {
    /// For which merchant, if any.
    pub merchant: Option<MerchantId>,
    /// By whom.
    pub actor: &'a str,
    /// What (`incident.ack`).
    pub action: &'a str,
    /// On what.
    pub object: &'a str,
    /// `done`, or why it was denied.
    pub outcome: &'a str,
}

pub(crate) async fn record(tx: &mut Tx, at: Timestamp, entry: &AuditEntry<'_>) -> sqlx::Result<()> {
    on!(tx, connection => sqlx::query(INSERT_AUDIT)
        .bind(Uuid::now_v7()).bind(entry.merchant.map(|id| id.0)).bind(At(at))
        .bind(entry.actor).bind(entry.action).bind(entry.object).bind(entry.outcome)
        .execute(connection).await.map(|_| ()))
}

impl Store {
    /// Records an act that happens outside a turn (an admin page, the command line).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn audit(&self, entry: &AuditEntry<'_>) -> Result<(), StoreError> {
        let at = self.clock.now();
        write!(&self.db, pool => sqlx::query(INSERT_AUDIT)
            .bind(Uuid::now_v7()).bind(entry.merchant.map(|id| id.0)).bind(At(at))
            .bind(entry.actor).bind(entry.action).bind(entry.object).bind(entry.outcome)
            .execute(pool).await.map(|_| ()))?;
        Ok(())
    }
}
