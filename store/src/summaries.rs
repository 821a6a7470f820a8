//! Summaries of long conversations, and the last words as they stand. A summary tells of messages, so it is kept only while
//! the last of those is there: whoever erases or joins conversations meanwhile finds it or prevents it.

use recado_domain::spend::ModelCall;
use recado_domain::summary::{AS_THEY_STAND, Author, Before, EVERY, Said, Summary};
use recado_domain::{ConversationId, Language, MessageId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::audit::{self, AuditEntry};
use crate::db::{At, Pair, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

/// Messages that one summary adds at most; of a conversation that nobody summarised so far, the newest.
const MOST: usize = 120;
/// Letters of a message that are read again.
const LONGEST: usize = 400;

crate::sql! {
    SUMMARY = "SELECT body, language, model, turns, through_id, through_at, made_at FROM summaries \
        WHERE merchant_id = $1 AND conversation_id = $2";
    SAID_AFTER = "SELECT id, author, body, at FROM messages WHERE merchant_id = $1 AND conversation_id = $2 AND at > $3 \
        ORDER BY at DESC, id DESC LIMIT CAST($4 AS BIGINT)";
    TURNS = "SELECT turns FROM conversations WHERE merchant_id = $1 AND id = $2";
    KEEP_SUMMARY = "INSERT INTO summaries (merchant_id, conversation_id, body, language, model, turns, through_id, through_at, made_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (merchant_id, conversation_id) DO UPDATE SET body = excluded.body, \
            language = excluded.language, model = excluded.model, turns = excluded.turns, through_id = excluded.through_id, \
            through_at = excluded.through_at, made_at = excluded.made_at";
    FORGET_SUMMARIES = "DELETE FROM summaries WHERE made_at < $1";
}

/// A message that must stay until its summary is committed. SQLite has one writer, who needs no lock.
const HOLD_MESSAGE: Pair = Pair {
    postgres: "SELECT id FROM messages WHERE merchant_id = $1 AND conversation_id = $2 AND id = $3 FOR SHARE",
    sqlite: "SELECT id FROM messages WHERE merchant_id = $1 AND conversation_id = $2 AND id = $3",
};

pub(crate) const PAIRS: &[(&str, Pair)] = &[("HOLD_MESSAGE", HOLD_MESSAGE)];

#[derive(FromRow)]
struct SummaryRow {
    body: String,
    language: String,
    model: String,
    turns: i64,
    through_id: Uuid,
    through_at: At,
    made_at: At,
}

impl From<SummaryRow> for Summary {
    fn from(row: SummaryRow) -> Self {
        Self {
            body: row.body,
            language: Language::from_tag(&row.language).unwrap_or_default(),
            model: row.model,
            turns: row.turns,
            through: MessageId(row.through_id),
            through_at: row.through_at.0,
            made_at: row.made_at.0,
        }
    }
}

#[derive(FromRow)]
struct SaidRow {
    id: Uuid,
    author: String,
    body: String,
    at: At,
}

impl From<SaidRow> for Said {
    fn from(row: SaidRow) -> Self {
        Self { author: Author::from_code(&row.author), text: row.body.chars().take(LONGEST).collect() }
    }
}

/// What is to be summarised.
#[derive(Clone, Debug)]
pub struct Unsummarised {
    /// The summary of what went before, which the new one replaces.
    pub before: Option<Summary>,
    /// What was said since, oldest first, without the newest words.
    pub said: Vec<Said>,
    /// The last of it.
    pub through: MessageId,
    /// When that was said.
    pub through_at: Timestamp,
    /// The conversation's turns now.
    pub turns: i64,
}

/// Forgets what was made before an instant; what is still long is summarised anew.
pub(crate) async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(FORGET_SUMMARIES).bind(At(before)).execute(connection).await.map(|_| ()))?;
    Ok(())
}

impl MerchantStore {
    /// The summary of a conversation, if there is one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn summary(&self, conversation: ConversationId) -> Result<Option<Summary>, StoreError> {
        let mut tx = self.begin().await?;
        let found = self.summary_in(&mut tx, conversation).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// What was said before in a conversation: the summary, and the last words that are kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn before(&self, conversation: ConversationId) -> Result<Before, StoreError> {
        let mut tx = self.begin().await?;
        let summary = self.summary_in(&mut tx, conversation).await?;
        let rows = self.said_after(&mut tx, conversation, Timestamp::EPOCH, AS_THEY_STAND).await?;
        tx.commit().await?;
        Ok(Before { summary, last: rows.into_iter().map(Said::from).collect() })
    }

    /// What of a conversation waits to be summarised; `None` while too little does.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unsummarised(&self, conversation: ConversationId) -> Result<Option<Unsummarised>, StoreError> {
        let mut tx = self.begin().await?;
        let before = self.summary_in(&mut tx, conversation).await?;
        let turns: Option<i64> = on!(&mut tx, connection => sqlx::query_scalar(TURNS)
            .bind(self.id().0).bind(conversation.0).fetch_optional(connection).await)?;
        let told_until = before.as_ref().map_or(Timestamp::EPOCH, |summary| summary.through_at);
        let mut rows = self.said_after(&mut tx, conversation, told_until, MOST + AS_THEY_STAND).await?;
        tx.commit().await?;
        rows.truncate(rows.len().saturating_sub(AS_THEY_STAND));
        let (Some(turns), Some(last)) = (turns, rows.last()) else { return Ok(None) };
        // Another replica may have been faster.
        if before.as_ref().is_some_and(|summary| turns - summary.turns < EVERY) {
            return Ok(None);
        }
        let (through, through_at) = (MessageId(last.id), last.at.0);
        Ok(Some(Unsummarised { before, said: rows.into_iter().map(Said::from).collect(), through, through_at, turns }))
    }

    /// Keeps a summary, if the last message that it tells of is still there, and the calls that it took in the record.
    /// `None` when there is none to keep. Returns whether it was kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_summary(
        &self,
        conversation: ConversationId,
        summary: Option<&Summary>,
        calls: &[ModelCall],
    ) -> Result<bool, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin_recorded().await?;
        let mut kept = false;
        if let Some(summary) = summary {
            let hold = tx.pick(HOLD_MESSAGE);
            let held: Option<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(hold)
                .bind(self.id().0).bind(conversation.0).bind(summary.through.0).fetch_optional(connection).await)?;
            kept = held.is_some();
            if kept {
                on!(&mut tx, connection => sqlx::query(KEEP_SUMMARY)
                    .bind(self.id().0).bind(conversation.0).bind(&summary.body).bind(summary.language.code())
                    .bind(&summary.model).bind(summary.turns).bind(summary.through.0).bind(At(summary.through_at))
                    .bind(At(summary.made_at)).execute(connection).await.map(|_| ()))?;
            }
        }
        for call in calls {
            let (object, outcome) = (conversation.to_string(), call.line());
            let entry = AuditEntry {
                merchant: Some(self.id()),
                actor: "model",
                action: "model.call",
                object: &object,
                outcome: &outcome,
            };
            audit::record(&mut tx, now, &entry).await?;
        }
        tx.commit().await?;
        Ok(kept)
    }

    async fn summary_in(&self, tx: &mut Tx, conversation: ConversationId) -> Result<Option<Summary>, StoreError> {
        let row: Option<SummaryRow> = on!(tx, connection => sqlx::query_as(SUMMARY)
            .bind(self.id().0).bind(conversation.0).fetch_optional(connection).await)?;
        Ok(row.map(Summary::from))
    }

    /// What was said after an instant, the newest of it, oldest first.
    async fn said_after(
        &self,
        tx: &mut Tx,
        conversation: ConversationId,
        after: Timestamp,
        most: usize,
    ) -> Result<Vec<SaidRow>, StoreError> {
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let mut rows: Vec<SaidRow> = on!(tx, connection => sqlx::query_as(SAID_AFTER)
            .bind(self.id().0).bind(conversation.0).bind(At(after)).bind(most).fetch_all(connection).await)?;
        rows.reverse();
        Ok(rows)
    }
}
