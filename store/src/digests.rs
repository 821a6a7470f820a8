//! What members want to be told unasked. A row belongs to a conversation, whose lane alone changes it.

use jiff::civil::Date;
use recado_domain::digest::{Digest, DigestKind, Wish};
use recado_domain::{ConversationId, MerchantId, Timestamp};
use sqlx::FromRow;

use crate::db::{At, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    DIGESTS = "SELECT kind, weekday, minute, told_through, held, short FROM digests WHERE merchant_id = $1 AND conversation_id = $2 ORDER BY kind";
    KEEP_DIGEST = "INSERT INTO digests (merchant_id, conversation_id, kind, weekday, minute, told_through, held, short, updated_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
        ON CONFLICT (merchant_id, conversation_id, kind) DO UPDATE SET weekday = excluded.weekday, minute = excluded.minute, \
            told_through = excluded.told_through, held = excluded.held, short = excluded.short, updated_at = excluded.updated_at";
    DROP_DIGEST = "DELETE FROM digests WHERE merchant_id = $1 AND conversation_id = $2 AND (kind = $3 OR $3 IS NULL)";
}

#[derive(FromRow)]
struct Row {
    kind: String,
    weekday: i64,
    minute: i64,
    told_through: Option<String>,
    held: Option<String>,
    short: i64,
}

fn corrupt(column: &'static str, problem: &str) -> StoreError {
    StoreError::Corrupt { table: "digests", column, problem: problem.to_owned() }
}

fn day(column: &'static str, text: Option<String>) -> Result<Option<Date>, StoreError> {
    text.map(|text| text.parse().map_err(|_| corrupt(column, &text))).transpose()
}

impl TryFrom<Row> for Digest {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = DigestKind::of_code(&row.kind).ok_or_else(|| corrupt("kind", &row.kind))?;
        let weekday = u8::try_from(row.weekday).map_err(|_| corrupt("weekday", &row.weekday.to_string()))?;
        let minute = u16::try_from(row.minute).map_err(|_| corrupt("minute", &row.minute.to_string()))?;
        Ok(Self {
            wish: Wish { kind, weekday, minute },
            told_through: day("told_through", row.told_through)?,
            held: day("held", row.held)?,
            short: row.short != 0,
        })
    }
}

/// Keeps one as a turn leaves it.
pub(crate) async fn keep(
    tx: &mut Tx,
    merchant: MerchantId,
    conversation: ConversationId,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), StoreError> {
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    on!(tx, connection => sqlx::query(KEEP_DIGEST)
        .bind(merchant.0).bind(conversation.0).bind(digest.wish.kind.code())
        .bind(i64::from(digest.wish.weekday)).bind(i64::from(digest.wish.minute))
        .bind(text(digest.told_through)).bind(text(digest.held)).bind(i64::from(digest.short)).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Forgets one, or all of a conversation.
pub(crate) async fn forget(
    tx: &mut Tx,
    merchant: MerchantId,
    conversation: ConversationId,
    kind: Option<DigestKind>,
) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(DROP_DIGEST)
        .bind(merchant.0).bind(conversation.0).bind(kind.map(DigestKind::code))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

impl MerchantStore {
    /// What the member of a conversation wants to be told unasked.
    ///
    /// # Errors
    /// When the database does not answer, or keeps what it cannot hold.
    pub async fn digests(&self, conversation: ConversationId) -> Result<Vec<Digest>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<Row> = on!(&mut tx, connection => sqlx::query_as(DIGESTS)
            .bind(self.id().0).bind(conversation.0).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}
