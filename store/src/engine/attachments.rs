//! Pictures and documents on their way: made once for a row of the outbox, given to the platform, named by its id.
//!
//! The first bytes that were kept for a row are its bytes, whoever else made some meanwhile. What the platform calls them
//! is only a saving: when it is lost, they are given once more, which nobody sees.

use std::time::Duration;

use recado_domain::attachment::File;
use recado_domain::{MerchantId, MessageId, OutboxId};
use sqlx::FromRow;

use super::Engine;
use crate::db::{At, Tx};
use crate::{StoreError, on, read};

/// A day less than the platform keeps what it was given (30 days, CONTRACTS A9).
const GIVEN: Duration = Duration::from_secs(29 * 86_400);
/// How long the bytes can be looked at in the timeline.
const KEPT: Duration = Duration::from_secs(90 * 86_400);
/// Rows of one transaction.
const BATCH: i64 = 100;

crate::sql! {
    ATTACHMENT = "SELECT mime_type, name, alt, bytes, media_id, uploaded_at FROM attachments WHERE merchant_id = $1 AND id = $2";
    KEEP_ATTACHMENT = "INSERT INTO attachments (merchant_id, id, mime_type, name, alt, bytes, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (merchant_id, id) DO NOTHING";
    NOTE_UPLOAD = "UPDATE attachments SET media_id = $3, uploaded_at = $4 WHERE merchant_id = $1 AND id = $2";
    SAY_INSTEAD = "UPDATE messages SET body = $3 WHERE merchant_id = $1 AND id = $2";
    PRUNE_ATTACHMENTS = "DELETE FROM attachments WHERE (merchant_id, id) IN ( \
        SELECT a.merchant_id, a.id FROM attachments a WHERE a.made_at < $1 ORDER BY a.made_at LIMIT $2)";
}

#[derive(FromRow)]
struct Row {
    mime_type: String,
    name: String,
    alt: String,
    bytes: Vec<u8>,
    media_id: Option<String>,
    uploaded_at: Option<At>,
}

/// The bytes of a row, and what the platform calls them.
#[derive(Clone, Debug)]
pub struct KeptFile {
    /// The bytes.
    pub file: File,
    /// The platform's id, while it lives.
    pub media: Option<String>,
}

impl Engine {
    /// What was made for a row of the outbox, if it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn attachment(&self, merchant: MerchantId, id: OutboxId) -> Result<Option<KeptFile>, StoreError> {
        let row: Option<Row> = read!(&self.store.db, pool => sqlx::query_as(ATTACHMENT)
            .bind(merchant.0).bind(id.0).fetch_optional(pool).await)?;
        let now = self.store.clock.now();
        Ok(row.map(|row| {
            let lives = row.uploaded_at.is_some_and(|at| now.since(at.0) < GIVEN);
            let media = row.media_id.filter(|_| lives);
            let file = File { mime_type: row.mime_type, name: row.name, alt: row.alt, bytes: row.bytes };
            KeptFile { file, media }
        }))
    }

    /// Keeps what was made for a row, unless something was kept for it before: then that stays.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_attachment(&self, merchant: MerchantId, id: OutboxId, file: &File) -> Result<(), StoreError> {
        let mut tx = self.store.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(KEEP_ATTACHMENT)
            .bind(merchant.0).bind(id.0).bind(&file.mime_type).bind(&file.name).bind(&file.alt).bind(&file.bytes)
            .bind(At(self.store.clock.now())).execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        crate::chaos::point("attachment_kept");
        Ok(())
    }

    /// Notes what the platform calls it, or that it no longer knows it.
    ///
    /// # Errors
    /// When the database does not answer; then it is given once more.
    pub async fn note_upload(&self, merchant: MerchantId, id: OutboxId, media: Option<&str>) -> Result<(), StoreError> {
        let at = media.map(|_| At(self.store.clock.now()));
        let mut tx = self.store.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(NOTE_UPLOAD).bind(merchant.0).bind(id.0).bind(media).bind(at)
            .execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        crate::chaos::point("attachment_uploaded");
        Ok(())
    }

    /// Shows in the timeline what is said instead of something that could not be made.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn say_instead(&self, merchant: MerchantId, id: OutboxId, body: &str) -> Result<(), StoreError> {
        let mut tx = self.store.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(SAY_INSTEAD).bind(merchant.0).bind(MessageId(id.0).0).bind(body)
            .execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets one batch of bytes that nobody looks at any more.
    pub(super) async fn forget_attachments(&self, tx: &mut Tx) -> Result<u64, StoreError> {
        let before = At(self.store.clock.now().minus(KEPT));
        Ok(on!(tx, connection => sqlx::query(PRUNE_ATTACHMENTS).bind(before).bind(BATCH)
            .execute(connection).await.map(|done| done.rows_affected()))?)
    }
}
