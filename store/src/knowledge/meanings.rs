//! What a shop's own answers mean to a model, kept beside them and compared in the process: a shop has some thousands of
//! answers at most, and comparing them all exactly takes milliseconds.
//!
//! - **Never in the way**: who writes an answer waits for no model. An answer without a meaning is found by
//!   [`Store::shops_without_meanings`] and [`MerchantStore::knowledge_without_meaning`], and found by its words meanwhile.
//! - **Never stale**: a meaning counts only for the text that it was made of. The process keeps a shop's meanings for
//!   [`FRESH`]; what they find is read again before it is said, so what was changed or put away since is not said.
//! - **Bounded**: at most [`BYTES`] of meanings in the process; the least recently asked goes first.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use recado_domain::knowledge::Entry;
use recado_domain::knowledge::fuse::{Near, nearest};
use recado_domain::knowledge::meaning::{Background, Meaning};
use recado_domain::spend::ModelCall;
use recado_domain::{KnowledgeId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::EntryRow;
use crate::db::At;
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on, read};

/// For how long the process keeps what it read.
const FRESH: Duration = Duration::from_secs(30);
/// Meanings in the process.
const BYTES: u64 = 256 << 20;

crate::sql! {
    MEANINGS = "SELECT m.entry_id, m.vector, m.usual, m.spread, m.of_at FROM knowledge_meanings m \
        JOIN knowledge k ON k.merchant_id = m.merchant_id AND k.id = m.entry_id \
        WHERE m.merchant_id = $1 AND m.model = $2 AND m.of_at = k.updated_at AND NOT k.archived ORDER BY m.entry_id LIMIT 5000";
    WITHOUT_MEANING = "SELECT k.id, k.language, k.title, k.body, k.source, k.url, k.archived, k.updated_at FROM knowledge k \
        LEFT JOIN knowledge_meanings m ON m.merchant_id = k.merchant_id AND m.entry_id = k.id AND m.model = $2 AND m.dimension = CAST($3 AS BIGINT) \
            AND m.of_at = k.updated_at \
        WHERE k.merchant_id = $1 AND NOT k.archived AND m.entry_id IS NULL ORDER BY k.updated_at, k.id LIMIT CAST($4 AS BIGINT)";
    SHOPS_WITHOUT_MEANINGS = "SELECT DISTINCT k.merchant_id FROM knowledge k \
        LEFT JOIN knowledge_meanings m ON m.merchant_id = k.merchant_id AND m.entry_id = k.id AND m.model = $1 AND m.dimension = CAST($2 AS BIGINT) \
            AND m.of_at = k.updated_at \
        WHERE NOT k.archived AND m.entry_id IS NULL ORDER BY k.merchant_id";
    KEEP_MEANING = "INSERT INTO knowledge_meanings (merchant_id, entry_id, model, dimension, vector, usual, spread, of_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (merchant_id, entry_id) DO UPDATE SET model = excluded.model, dimension = excluded.dimension, vector = excluded.vector, \
            usual = excluded.usual, spread = excluded.spread, of_at = excluded.of_at";
}

#[derive(FromRow)]
struct MeaningRow {
    entry_id: Uuid,
    vector: Vec<u8>,
    usual: f64,
    spread: f64,
    of_at: At,
}

/// A meaning and the text that it is of.
struct Kept {
    entry: KnowledgeId,
    of_at: Timestamp,
    meaning: Meaning,
}

/// The meanings of some shops, by shop and model.
pub(crate) struct Meanings(Cache<(MerchantId, String), Arc<Vec<Kept>>>);

impl Default for Meanings {
    fn default() -> Self {
        let bytes = |kept: &Arc<Vec<Kept>>| kept.iter().map(|one| one.meaning.dimension() * 4 + 128).sum::<usize>();
        let weigh =
            move |_: &(MerchantId, String), kept: &Arc<Vec<Kept>>| u32::try_from(bytes(kept)).unwrap_or(u32::MAX);
        Self(Cache::builder().max_capacity(BYTES).weigher(weigh).time_to_live(FRESH).build())
    }
}

impl Store {
    /// Shops with answers whose meaning is not known yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn shops_without_meanings(&self, background: &Background) -> Result<Vec<MerchantId>, StoreError> {
        let dimension = i64::try_from(background.dimension()).unwrap_or(i64::MAX);
        let ids: Vec<Uuid> = read!(self.db(), pool => sqlx::query_scalar(SHOPS_WITHOUT_MEANINGS)
            .bind(background.model()).bind(dimension).fetch_all(pool).await)?;
        Ok(ids.into_iter().map(MerchantId).collect())
    }
}

impl MerchantStore {
    /// Answers whose meaning is not known yet, those that wait longest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knowledge_without_meaning(
        &self,
        background: &Background,
        limit: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let mut tx = self.begin().await?;
        let rows: Vec<EntryRow> = on!(&mut tx, connection => sqlx::query_as(WITHOUT_MEANING)
            .bind(self.id().0).bind(background.model()).bind(number(background.dimension())).bind(number(limit))
            .fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// Keeps what answers mean, each as it was when its meaning was made, with the calls that this took in the record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_meanings(&self, made: &[(&Entry, Meaning)], calls: &[ModelCall]) -> Result<(), StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        for (entry, meaning) in made {
            let (usual, spread) = meaning.usual();
            let dimension = i64::try_from(meaning.dimension()).unwrap_or(i64::MAX);
            on!(&mut tx, connection => sqlx::query(KEEP_MEANING)
                .bind(self.id().0).bind(entry.id.0).bind(meaning.model()).bind(dimension).bind(meaning.bytes())
                .bind(usual).bind(spread).bind(At(entry.updated_at)).execute(connection).await.map(|_| ()))?;
        }
        for call in calls {
            self.note(&mut tx, "model", "model.call", &call.line(), now).await?;
        }
        tx.commit().await?;
        for (_, meaning) in made {
            self.meanings().0.invalidate(&(self.id(), meaning.model().to_owned()));
        }
        Ok(())
    }

    /// The answers that are nearest to a question in meaning, as they stand now.
    pub(super) async fn near(&self, question: &Meaning) -> Result<Vec<(Entry, Near<KnowledgeId>)>, StoreError> {
        let key = (self.id(), question.model().to_owned());
        let kept = match self.meanings().0.get(&key) {
            Some(kept) => kept,
            None => {
                let kept = self.read_meanings(question.model()).await?;
                self.meanings().0.insert(key, Arc::clone(&kept));
                kept
            }
        };
        let found = nearest(question, kept.iter().map(|one| ((one.entry, one.of_at), &one.meaning)));
        let mut near = Vec::new();
        for found in found {
            let (id, of_at) = found.entry;
            let entry = self.knowledge_entry(id).await?;
            near.extend(entry.filter(|entry| entry.updated_at == of_at).map(|entry| (entry, found.of(id))));
        }
        Ok(near)
    }

    async fn read_meanings(&self, model: &str) -> Result<Arc<Vec<Kept>>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<MeaningRow> = on!(&mut tx, connection => sqlx::query_as(MEANINGS)
            .bind(self.id().0).bind(model).fetch_all(connection).await)?;
        tx.commit().await?;
        let kept = rows.into_iter().filter_map(|row| {
            let meaning = Meaning::kept(model, &row.vector, row.usual, row.spread)?;
            Some(Kept { entry: KnowledgeId(row.entry_id), of_at: row.of_at.into(), meaning })
        });
        Ok(Arc::new(kept.collect()))
    }
}
