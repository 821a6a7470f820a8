//! Questions of customers that no answer was found for, so that somebody may write one.

use recado_domain::knowledge::{LONGEST_QUESTION, Unanswered, UnansweredState};
use recado_domain::{ConversationId, Language, MerchantId, Timestamp, UnansweredId};
use sqlx::FromRow;
use uuid::Uuid;

use super::language;
use crate::db::{At, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    // A shop collects so many open ones; a question that is known is counted all the same.
    NOTE_UNANSWERED = "INSERT INTO unanswered (merchant_id, id, question, language, times, last_at, conversation_id, state) \
        SELECT $1, $2, $3, $4, 1, $5, $6, 'open' \
        WHERE (SELECT COUNT(*) FROM unanswered WHERE merchant_id = $1 AND state = 'open') < 2000 \
            OR EXISTS (SELECT 1 FROM unanswered WHERE merchant_id = $1 AND question = $3 AND language = $4) \
        ON CONFLICT (merchant_id, question, language) DO UPDATE SET times = unanswered.times + 1, last_at = excluded.last_at, \
            conversation_id = excluded.conversation_id, state = CASE WHEN unanswered.state = 'answered' THEN 'open' ELSE unanswered.state END";
    LIST_UNANSWERED = "SELECT id, question, language, times, last_at, conversation_id, state FROM unanswered \
        WHERE merchant_id = $1 AND state = 'open' ORDER BY times DESC, last_at DESC, id LIMIT CAST($2 AS BIGINT)";
    UNANSWERED_BY_ID = "SELECT id, question, language, times, last_at, conversation_id, state FROM unanswered WHERE merchant_id = $1 AND id = $2";
    CLOSE_UNANSWERED = "UPDATE unanswered SET state = $3 WHERE merchant_id = $1 AND id = $2 AND state = 'open'";
}

#[derive(FromRow)]
struct UnansweredRow {
    id: Uuid,
    question: String,
    language: String,
    times: i64,
    last_at: At,
    conversation_id: Uuid,
    state: String,
}

impl TryFrom<UnansweredRow> for Unanswered {
    type Error = StoreError;
    fn try_from(row: UnansweredRow) -> Result<Self, StoreError> {
        let state = UnansweredState::from_code(&row.state).ok_or(StoreError::Corrupt {
            table: "unanswered",
            column: "state",
            problem: row.state,
        })?;
        Ok(Self {
            id: UnansweredId(row.id),
            question: row.question,
            language: language("unanswered", row.language)?,
            times: row.times,
            last_at: row.last_at.into(),
            conversation: ConversationId(row.conversation_id),
            state,
        })
    }
}

/// Counts a question that had no answer, within a turn.
pub(crate) async fn note_unanswered(
    tx: &mut Tx,
    merchant: MerchantId,
    conversation: ConversationId,
    (question, language): (&str, Language),
    now: Timestamp,
) -> Result<(), StoreError> {
    let question: String = question.chars().filter(|letter| *letter != '\0').take(LONGEST_QUESTION).collect();
    on!(tx, connection => sqlx::query(NOTE_UNANSWERED)
        .bind(merchant.0).bind(UnansweredId::new(now).0).bind(&question).bind(language.code()).bind(At(now)).bind(conversation.0)
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn mark_answered(tx: &mut Tx, merchant: MerchantId, id: UnansweredId) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(CLOSE_UNANSWERED)
        .bind(merchant.0).bind(id.0).bind(UnansweredState::Answered.code()).execute(connection).await.map(|_| ()))?;
    Ok(())
}

impl MerchantStore {
    /// Open questions without an answer, those asked most first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unanswered(&self, limit: u32) -> Result<Vec<Unanswered>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<UnansweredRow> = on!(&mut tx, connection => sqlx::query_as(LIST_UNANSWERED)
            .bind(self.id().0).bind(i64::from(limit)).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unanswered_question(&self, id: UnansweredId) -> Result<Option<Unanswered>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<UnansweredRow> = on!(&mut tx, connection => sqlx::query_as(UNANSWERED_BY_ID)
            .bind(self.id().0).bind(id.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(TryInto::try_into).transpose()
    }

    /// Decides that a question needs no answer. False when it was decided already, or there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dismiss_unanswered(&self, id: UnansweredId, by: &str) -> Result<bool, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        let changed = on!(&mut tx, connection => sqlx::query(CLOSE_UNANSWERED)
            .bind(self.id().0).bind(id.0).bind(UnansweredState::Dismissed.code())
            .execute(connection).await.map(|done| done.rows_affected()))?
            > 0;
        if changed {
            self.note(&mut tx, by, "knowledge.dismiss", &id.to_string(), now).await?;
        }
        tx.commit().await?;
        Ok(changed)
    }
}
