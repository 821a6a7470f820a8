//! Changes to a shop's own answers, each one transaction with its line in the record.

use recado_domain::knowledge::{NewEntry, NotKept, terms};
use recado_domain::{KnowledgeId, Timestamp, UnansweredId};

use super::unanswered::mark_answered;
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

/// Answers of a shop at most.
const MOST: i64 = 5_000;

crate::sql! {
    INSERT_KNOWLEDGE = "INSERT INTO knowledge (merchant_id, id, language, title, body, source, url, words, archived, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    UPDATE_KNOWLEDGE = "UPDATE knowledge SET language = $3, title = $4, body = $5, source = $6, url = $7, words = $8, archived = $9, updated_at = $10 \
        WHERE merchant_id = $1 AND id = $2";
    ARCHIVE_KNOWLEDGE = "UPDATE knowledge SET archived = $3, updated_at = $4 WHERE merchant_id = $1 AND id = $2 AND archived <> $3";
    COUNT_ALL_KNOWLEDGE = "SELECT COUNT(*) FROM knowledge WHERE merchant_id = $1";
    SAME_TITLE = "SELECT CAST(COUNT(*) AS BIGINT) FROM knowledge WHERE merchant_id = $1 AND language = $2 AND title = $3 AND NOT archived AND id <> $4";
}

/// Why an answer was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// It is not fit for it.
    #[error(transparent)]
    Unfit(#[from] NotKept),
    /// The shop has an answer to this question in this language.
    #[error("there is an answer to {0:?} already; change that one, or archive it")]
    Twice(String),
    /// The shop has as many as it may have.
    #[error("a shop keeps at most {MOST} answers")]
    Full,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for KeepError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl MerchantStore {
    /// Keeps a new answer. With `to`, the question of customers that it answers is marked so.
    ///
    /// # Errors
    /// See [`KeepError`].
    pub async fn add_knowledge(
        &self,
        entry: NewEntry,
        to: Option<UnansweredId>,
        by: &str,
    ) -> Result<KnowledgeId, KeepError> {
        let entry = entry.checked()?;
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        let id = self.insert(&mut tx, &entry, now).await?;
        if let Some(question) = to {
            mark_answered(&mut tx, self.id(), question).await?;
        }
        self.note(&mut tx, by, "knowledge.add", &id.to_string(), now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Keeps many answers, all or none. An answer to a question that has one already in the same language replaces it.
    /// Returns how many are new, and how many were replaced.
    ///
    /// # Errors
    /// See [`KeepError`].
    pub async fn import_knowledge(&self, entries: Vec<NewEntry>, by: &str) -> Result<(usize, usize), KeepError> {
        let entries = entries.into_iter().map(NewEntry::checked).collect::<Result<Vec<_>, _>>()?;
        let now = self.clock().now();
        let kept = self.knowledge(false, u32::try_from(MOST).unwrap_or(u32::MAX)).await?;
        let mut tx = self.begin_recorded().await?;
        let (mut added, mut replaced) = (0, 0);
        let mut known: std::collections::HashMap<_, _> =
            kept.into_iter().map(|one| ((one.content.language, one.content.title), one.id)).collect();
        for entry in entries {
            let key = (entry.language, entry.title.clone());
            match known.get(&key) {
                Some(id) => {
                    self.update(&mut tx, *id, &entry, false, now).await?;
                    replaced += 1;
                }
                None => {
                    known.insert(key, self.insert(&mut tx, &entry, now).await?);
                    added += 1;
                }
            }
        }
        self.note(&mut tx, by, "knowledge.import", &format!("{added} new, {replaced} replaced"), now).await?;
        tx.commit().await?;
        Ok((added, replaced))
    }

    /// Changes an answer; one that was put away is in use again.
    ///
    /// # Errors
    /// See [`KeepError`].
    pub async fn edit_knowledge(&self, id: KnowledgeId, entry: NewEntry, by: &str) -> Result<(), KeepError> {
        let entry = entry.checked()?;
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        self.refuse_twice(&mut tx, &entry, id).await?;
        if !self.update(&mut tx, id, &entry, false, now).await? {
            return Err(StoreError::Missing("answer").into());
        }
        self.note(&mut tx, by, "knowledge.edit", &id.to_string(), now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Puts an answer away, so that it is never said. False when it was so already, or there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn archive_knowledge(&self, id: KnowledgeId, by: &str) -> Result<bool, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        let changed = on!(&mut tx, connection => sqlx::query(ARCHIVE_KNOWLEDGE)
            .bind(self.id().0).bind(id.0).bind(true).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?
            > 0;
        if changed {
            self.note(&mut tx, by, "knowledge.archive", &id.to_string(), now).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }

    async fn insert(&self, tx: &mut Tx, entry: &NewEntry, now: Timestamp) -> Result<KnowledgeId, KeepError> {
        let id = KnowledgeId::new(now);
        self.refuse_twice(tx, entry, id).await?;
        let all: i64 = on!(&mut *tx, connection => sqlx::query_scalar(COUNT_ALL_KNOWLEDGE)
            .bind(self.id().0).fetch_one(connection).await)?;
        if all >= MOST {
            return Err(KeepError::Full);
        }
        on!(&mut *tx, connection => sqlx::query(INSERT_KNOWLEDGE)
            .bind(self.id().0).bind(id.0).bind(entry.language.code()).bind(&entry.title).bind(&entry.body)
            .bind(&entry.source).bind(entry.url.as_deref()).bind(words(entry)).bind(false).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        Ok(id)
    }

    async fn update(
        &self,
        tx: &mut Tx,
        id: KnowledgeId,
        entry: &NewEntry,
        archived: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let changed = on!(&mut *tx, connection => sqlx::query(UPDATE_KNOWLEDGE)
            .bind(self.id().0).bind(id.0).bind(entry.language.code()).bind(&entry.title).bind(&entry.body)
            .bind(&entry.source).bind(entry.url.as_deref()).bind(words(entry)).bind(archived).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        Ok(changed > 0)
    }

    async fn refuse_twice(&self, tx: &mut Tx, entry: &NewEntry, id: KnowledgeId) -> Result<(), KeepError> {
        let same: i64 = on!(&mut *tx, connection => sqlx::query_scalar(SAME_TITLE)
            .bind(self.id().0).bind(entry.language.code()).bind(&entry.title).bind(id.0).fetch_one(connection).await)?;
        if same > 0 { Err(KeepError::Twice(entry.title.clone())) } else { Ok(()) }
    }

    pub(super) async fn note(
        &self,
        tx: &mut Tx,
        by: &str,
        action: &str,
        object: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let entry = AuditEntry { merchant: Some(self.id()), actor: by, action, object, outcome: "done" };
        audit::record(tx, now, &entry).await?;
        Ok(())
    }
}

fn words(entry: &NewEntry) -> String {
    terms::plain(&format!("{} {}", entry.title, entry.body))
}
