//! Who did what, kept for good.

use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Tx};
use crate::{Store, StoreError, on, read, write};

crate::sql! {
    INSERT_AUDIT = "INSERT INTO audit (id, merchant_id, at, actor, action, object, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    LATEST_ACTS = "SELECT at, actor, object, outcome FROM audit WHERE merchant_id = $1 AND action = $2 \
        ORDER BY at DESC, id DESC LIMIT CAST($3 AS BIGINT)";
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

/// An act of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: String,
    /// On what.
    pub object: String,
    /// `done`, or why not.
    pub outcome: String,
}

#[derive(FromRow)]
struct ActRow {
    at: At,
    actor: String,
    object: String,
    outcome: String,
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

    /// The latest acts of a kind on a merchant's things, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_acts(&self, merchant: MerchantId, action: &str, most: u32) -> Result<Vec<Act>, StoreError> {
        let rows: sqlx::Result<Vec<ActRow>> = read!(&self.db, pool => sqlx::query_as(LATEST_ACTS)
            .bind(merchant.0).bind(action).bind(i64::from(most)).fetch_all(pool).await);
        let act = |row: ActRow| Act { at: row.at.into(), actor: row.actor, object: row.object, outcome: row.outcome };
        Ok(rows?.into_iter().map(act).collect())
    }
}
