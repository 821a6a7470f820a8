//! A shop's own answers: kept, found, changed. The database narrows a question down by the first letters of its words
//! (full text, each in its own way); [`recado_domain::knowledge::rank`] decides, the same for both. What answers mean is
//! kept in [`meanings`].

mod edit;
pub mod meanings;
mod unanswered;

use std::time::{Duration, Instant};

use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::terms::{of_question, prefixes};
use recado_domain::knowledge::{Entry, Hit, LONGEST_QUESTION, NewEntry, fuse, rank};
use recado_domain::{KnowledgeId, Language};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Pair};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

pub use edit::KeepError;
pub(crate) use unanswered::note_unanswered;

/// A question is answered from the shop's own words within this time, or as if there were none.
const SEARCH: Duration = Duration::from_secs(1);

crate::sql! {
    COUNT_KNOWLEDGE = "SELECT COUNT(*) FROM knowledge WHERE merchant_id = $1 AND NOT archived";
    LIST_KNOWLEDGE = "SELECT id, language, title, body, source, url, archived, updated_at FROM knowledge \
        WHERE merchant_id = $1 AND (NOT archived OR CAST($2 AS BIGINT) = 1) ORDER BY language, title, id LIMIT CAST($3 AS BIGINT)";
    KNOWLEDGE_BY_ID = "SELECT id, language, title, body, source, url, archived, updated_at FROM knowledge WHERE merchant_id = $1 AND id = $2";
}

/// Where the two databases differ: how words are found. What is cut off at the end fits a question least.
const FIND_KNOWLEDGE: Pair = Pair {
    postgres: "SELECT id, language, title, body, source, url, archived, updated_at FROM knowledge \
        WHERE merchant_id = $1 AND NOT archived AND to_tsvector('simple', words) @@ to_tsquery('simple', $2) \
        ORDER BY ts_rank(to_tsvector('simple', words), to_tsquery('simple', $2)) DESC, id LIMIT 200",
    sqlite: "SELECT k.id, k.language, k.title, k.body, k.source, k.url, k.archived, k.updated_at FROM knowledge_words w \
        JOIN knowledge k ON k.merchant_id = $1 AND k.id = w.entry \
        WHERE knowledge_words MATCH $2 AND NOT k.archived ORDER BY w.rank, k.id LIMIT 200",
};

/// The texts that differ.
pub(crate) const PAIRS: &[(&str, Pair)] = &[("FIND_KNOWLEDGE", FIND_KNOWLEDGE)];

pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [STATEMENTS, edit::STATEMENTS, meanings::STATEMENTS, unanswered::STATEMENTS].concat()
}

#[derive(FromRow)]
struct EntryRow {
    id: Uuid,
    language: String,
    title: String,
    body: String,
    source: String,
    url: Option<String>,
    archived: bool,
    updated_at: At,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StoreError;
    fn try_from(row: EntryRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: KnowledgeId(row.id),
            content: NewEntry {
                language: language("knowledge", row.language)?,
                title: row.title,
                body: row.body,
                source: row.source,
                url: row.url,
            },
            updated_at: row.updated_at.into(),
            archived: row.archived,
        })
    }
}

fn language(table: &'static str, code: String) -> Result<Language, StoreError> {
    Language::from_tag(&code).ok_or(StoreError::Corrupt { table, column: "language", problem: code })
}

impl MerchantStore {
    /// The answers that fit a question best, at most five, those in its language before others: by its words, and by what it
    /// means where that is known. What fits how well is told by the score; see [`recado_domain::knowledge::ANSWERS`].
    /// Takes a second at most; meanings that cannot be read in that time are as good as none.
    ///
    /// # Errors
    /// When the database does not answer in time.
    pub async fn knowledge_search(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, StoreError> {
        let question: String = question.chars().take(LONGEST_QUESTION).collect();
        let terms = of_question(&question);
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        let ends = Instant::now() + SEARCH;
        let prefixes = prefixes(&terms);
        let searching = self.find(&prefixes);
        let (kept, entries) = tokio::time::timeout(SEARCH, searching).await.map_err(|_| StoreError::TimedOut)??;
        let words = rank::rank(&question, language, &entries, kept);
        let Some(meaning) = meaning else { return Ok(words) };
        let left = ends.saturating_duration_since(Instant::now());
        let near = tokio::time::timeout(left, self.near(meaning)).await.unwrap_or(Err(StoreError::TimedOut));
        match near {
            Ok(near) => {
                let near: Vec<_> = near.iter().map(|(entry, near)| near.of(entry)).collect();
                Ok(fuse::fuse(&question, words, &near))
            }
            Err(error) => {
                tracing::info!(%error, merchant.id = %self.id(), "meanings could not be read; words alone are compared");
                Ok(words)
            }
        }
    }

    async fn find(&self, prefixes: &[String]) -> Result<(usize, Vec<Entry>), StoreError> {
        let mut tx = self.begin().await?;
        let text = tx.pick(FIND_KNOWLEDGE);
        // Letters and digits only: nothing in them is a word of a query's language.
        let wanted = match &tx {
            crate::db::Tx::Postgres(_) => {
                prefixes.iter().map(|prefix| format!("{prefix}:*")).collect::<Vec<_>>().join(" | ")
            }
            crate::db::Tx::Sqlite(_) => {
                let words: Vec<String> = prefixes.iter().map(|prefix| format!("\"{prefix}\" *")).collect();
                format!("shop : \"s{}\" AND words : ({})", self.id().0.simple(), words.join(" OR "))
            }
        };
        let kept: i64 = on!(&mut tx, connection => sqlx::query_scalar(COUNT_KNOWLEDGE)
            .bind(self.id().0).fetch_one(connection).await)?;
        let rows: Vec<EntryRow> = on!(&mut tx, connection => sqlx::query_as(text)
            .bind(self.id().0).bind(&wanted).fetch_all(connection).await)?;
        tx.commit().await?;
        let entries = rows.into_iter().map(TryInto::try_into).collect::<Result<Vec<Entry>, StoreError>>()?;
        Ok((usize::try_from(kept).unwrap_or_default(), entries))
    }

    /// The answers, by language and title; those put away too when asked for.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knowledge(&self, archived_too: bool, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<EntryRow> = on!(&mut tx, connection => sqlx::query_as(LIST_KNOWLEDGE)
            .bind(self.id().0).bind(i64::from(archived_too)).bind(i64::from(limit)).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// An answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn knowledge_entry(&self, id: KnowledgeId) -> Result<Option<Entry>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<EntryRow> = on!(&mut tx, connection => sqlx::query_as(KNOWLEDGE_BY_ID)
            .bind(self.id().0).bind(id.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(TryInto::try_into).transpose()
    }
}
