//! Facts about a shop's money, kept by kind and id. Nothing is overwritten: a correction is another version, and the
//! newest one whose import stands is in force. An import is one transaction, and can be taken back as a whole.

pub mod analyses;
pub(crate) mod books;
pub(crate) mod changes;
mod computed;
pub mod days;
pub(crate) mod invoices;
mod shop;

use std::collections::BTreeSet;

pub use books::Limits as BooksLimits;
pub use computed::{Computed, FOLDS};
use recado_domain::finance::facts::entry::Entry;
use recado_domain::{MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Pair, Tx};
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on};

/// Facts that go to the database in one statement.
const BATCH: usize = 500;

crate::sql! {
    INSERT_IMPORT = "INSERT INTO finance_imports (merchant_id, id, source, told, added, recorded_at) VALUES ($1, $2, $3, $4, 0, $5)";
    COUNT_IMPORT = "UPDATE finance_imports SET added = $3 WHERE merchant_id = $1 AND id = $2";
    UNDO_IMPORT = "UPDATE finance_imports SET undone_at = $3 WHERE merchant_id = $1 AND id = $2 AND undone_at IS NULL";
    STANDING_OF_SOURCE = "SELECT id FROM finance_imports WHERE merchant_id = $1 AND source = $2 AND undone_at IS NULL";
    UNDO_SOURCE = "UPDATE finance_imports SET undone_at = $3 WHERE merchant_id = $1 AND source = $2 AND undone_at IS NULL";
    LIST_IMPORTS = "SELECT id, source, told, added, recorded_at, undone_at FROM finance_imports WHERE merchant_id = $1 \
        ORDER BY recorded_at DESC, id DESC";
    FACTS_IN_FORCE = "SELECT kind, body FROM (SELECT e.kind, e.fact_id, e.body, \
            ROW_NUMBER() OVER (PARTITION BY e.kind, e.fact_id ORDER BY e.version DESC) AS place \
            FROM finance_entries e JOIN finance_imports i ON i.merchant_id = e.merchant_id AND i.id = e.import_id \
            WHERE e.merchant_id = $1 AND i.undone_at IS NULL) AS versions \
        WHERE place = 1 ORDER BY kind, fact_id";
}

/// Appends those facts of a batch that differ from what is in force. The batch is one JSON text: `$4`.
const INSERT_ENTRIES: Pair = Pair {
    postgres: "INSERT INTO finance_entries (merchant_id, kind, fact_id, version, import_id, occurred_on, body, recorded_at) \
        SELECT $1, told.kind, told.id, 1 + COALESCE((SELECT MAX(e.version) FROM finance_entries e \
            WHERE e.merchant_id = $1 AND e.kind = told.kind AND e.fact_id = told.id), 0), $2, told.occurred_on, told.body, $3 \
        FROM json_to_recordset(CAST(CAST($4 AS TEXT) AS JSON)) AS told (kind TEXT, id TEXT, occurred_on TEXT, body TEXT) \
        WHERE told.body IS DISTINCT FROM (SELECT e.body FROM finance_entries e \
            JOIN finance_imports i ON i.merchant_id = e.merchant_id AND i.id = e.import_id \
            WHERE e.merchant_id = $1 AND e.kind = told.kind AND e.fact_id = told.id AND i.undone_at IS NULL \
            ORDER BY e.version DESC LIMIT 1)",
    sqlite: "INSERT INTO finance_entries (merchant_id, kind, fact_id, version, import_id, occurred_on, body, recorded_at) \
        SELECT $1, told.kind, told.id, 1 + COALESCE((SELECT MAX(e.version) FROM finance_entries e \
            WHERE e.merchant_id = $1 AND e.kind = told.kind AND e.fact_id = told.id), 0), $2, told.occurred_on, told.body, $3 \
        FROM (SELECT value ->> 'kind' AS kind, value ->> 'id' AS id, value ->> 'occurred_on' AS occurred_on, value ->> 'body' AS body \
            FROM json_each($4)) AS told \
        WHERE told.body IS NOT (SELECT e.body FROM finance_entries e \
            JOIN finance_imports i ON i.merchant_id = e.merchant_id AND i.id = e.import_id \
            WHERE e.merchant_id = $1 AND e.kind = told.kind AND e.fact_id = told.id AND i.undone_at IS NULL \
            ORDER BY e.version DESC LIMIT 1)",
};

/// The statements of the books' files.
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [
        STATEMENTS,
        analyses::STATEMENTS,
        changes::STATEMENTS,
        days::STATEMENTS,
        days::keep::STATEMENTS,
        days::told::STATEMENTS,
        invoices::STATEMENTS,
        shop::STATEMENTS,
    ]
    .concat()
}

/// Where the two databases differ: how a batch is read from JSON.
const PAIRS: &[(&str, Pair)] = &[("INSERT_ENTRIES", INSERT_ENTRIES)];

/// The pairs of the books' files.
pub(crate) fn pairs() -> Vec<(&'static str, Pair)> {
    [PAIRS, days::PAIRS, shop::PAIRS].concat()
}

/// An import that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// By which it can be taken back.
    pub id: Uuid,
    /// Where the facts came from.
    pub source: String,
    /// Facts that were told.
    pub told: i64,
    /// Of them new, or other than what was in force.
    pub added: i64,
    /// When.
    pub recorded_at: Timestamp,
    /// When it was taken back.
    pub undone_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct ImportRow {
    id: Uuid,
    source: String,
    told: i64,
    added: i64,
    recorded_at: At,
    undone_at: Option<At>,
}

impl From<ImportRow> for Import {
    fn from(row: ImportRow) -> Self {
        Self {
            id: row.id,
            source: row.source,
            told: row.told,
            added: row.added,
            recorded_at: row.recorded_at.into(),
            undone_at: row.undone_at.map(Into::into),
        }
    }
}

impl Store {
    /// Adds facts to a merchant, all or none. What is in force already is not added again. `progress` is told how many
    /// facts have gone.
    ///
    /// # Errors
    /// When the database does not answer, or another import of the same facts runs.
    pub async fn import_facts(
        &self,
        merchant: MerchantId,
        source: &str,
        entries: &[Entry],
        mut progress: impl FnMut(usize) + Send,
    ) -> Result<Import, StoreError> {
        let mut tx = self.db().begin().await?;
        let import = record(&mut tx, merchant, source, entries, self.clock().now(), &mut progress).await?;
        changes::count(&mut tx, self.books.shard, &BTreeSet::from([merchant])).await?;
        tx.commit().await?;
        Ok(import)
    }

    /// Takes an import back: what it brought is no longer in force, what was before is again. Its rows stay.
    ///
    /// # Errors
    /// When there is no such import that stands, or the database does not answer.
    pub async fn undo_import(&self, merchant: MerchantId, id: Uuid) -> Result<(), StoreError> {
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let undone = on!(&mut tx, connection => sqlx::query(UNDO_IMPORT)
            .bind(merchant.0).bind(id).bind(At(now)).execute(connection).await.map(|done| done.rows_affected()))?;
        changes::count(&mut tx, self.books.shard, &BTreeSet::from([merchant])).await?;
        if undone > 0 {
            days::changed(&mut tx, merchant, id).await?;
        }
        tx.commit().await?;
        if undone == 0 { Err(StoreError::Missing("import that stands")) } else { Ok(()) }
    }
}

/// Adds facts to a merchant within a transaction, as one import.
pub(crate) async fn record(
    tx: &mut Tx,
    merchant: MerchantId,
    source: &str,
    entries: &[Entry],
    now: Timestamp,
    progress: &mut (dyn FnMut(usize) + Send),
) -> Result<Import, StoreError> {
    let id = Uuid::now_v7();
    let told = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    on!(&mut *tx, connection => sqlx::query(INSERT_IMPORT)
        .bind(merchant.0).bind(id).bind(source).bind(told).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    let text = tx.pick(INSERT_ENTRIES);
    let (mut added, mut gone) = (0_u64, 0);
    for batch in entries.chunks(BATCH) {
        let json = crate::db::to_json(&batch).to_string();
        added += on!(&mut *tx, connection => sqlx::query(text)
            .bind(merchant.0).bind(id).bind(At(now)).bind(&json)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        gone += batch.len();
        progress(gone);
    }
    let added = i64::try_from(added).unwrap_or(i64::MAX);
    on!(&mut *tx, connection => sqlx::query(COUNT_IMPORT)
        .bind(merchant.0).bind(id).bind(added).execute(connection).await.map(|_| ()))?;
    if added > 0 {
        days::changed(tx, merchant, id).await?;
    }
    Ok(Import { id, source: source.to_owned(), told, added, recorded_at: now, undone_at: None })
}

/// Takes back, within a transaction, what was recorded under a source. Nothing is under it any more: nothing to do.
pub(crate) async fn undo_source(
    tx: &mut Tx,
    merchant: MerchantId,
    source: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let standing: Vec<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(STANDING_OF_SOURCE)
        .bind(merchant.0).bind(source).fetch_all(connection).await)?;
    on!(&mut *tx, connection => sqlx::query(UNDO_SOURCE)
        .bind(merchant.0).bind(source).bind(At(now)).execute(connection).await.map(|_| ()))?;
    for import in standing {
        days::changed(tx, merchant, import).await?;
    }
    Ok(())
}

impl MerchantStore {
    /// The facts in force: kind and JSON of each, by kind and id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn facts_in_force(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut tx = self.begin().await?;
        let rows = on!(&mut tx, connection => sqlx::query_as(FACTS_IN_FORCE)
            .bind(self.id().0).fetch_all(connection).await)?;
        tx.commit().await?;
        Ok(rows)
    }

    /// The imports, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn imports(&self) -> Result<Vec<Import>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<ImportRow> = on!(&mut tx, connection => sqlx::query_as(LIST_IMPORTS)
            .bind(self.id().0).fetch_all(connection).await)?;
        tx.commit().await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}
