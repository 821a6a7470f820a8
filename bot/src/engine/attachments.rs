//! Pictures and documents on their way out: made once, given to the platform, then named by the message.
//!
//! What is made is kept before it is given, so that a row is the same bytes however often it is sent. Only the message
//! itself can be seen by a person, so only it is never repeated blindly; a file may be given twice. What cannot be made is
//! said instead, in words that the turn has left.

use std::sync::Arc;
use std::time::Duration;

use recado_documents::make::make;
use recado_domain::Timestamp;
use recado_domain::attachment::{Attachment, File, Form, Picture};
use recado_domain::finance::figures::day_book::Gathered;
use recado_domain::merchant::Merchant;
use recado_domain::outbound::{SendResult, Sendable, Sender, UploadError};
use recado_store::StoreError;
use recado_store::engine::Engine;
use recado_store::finance::FOLDS;
use tokio::sync::Semaphore;

use super::bounded;

/// Everything before the message itself. With a call of the same length after it, a row's lease is not outlived.
const PREPARING: Duration = Duration::from_secs(14);
/// Tries that may take too long before words are said instead.
const PATIENT: u32 = 3;
/// Made at once in a process: each takes a core.
const MAKERS: usize = 2;
/// After a failure of ours that another try may not meet.
const PAUSE: Duration = Duration::from_secs(2);

/// Makes what goes with messages, a few at a time.
#[derive(Clone, Debug)]
pub(super) struct Maker(Arc<Semaphore>);

/// How a row is now.
pub(super) enum Prepared {
    /// It may be sent.
    Ready {
        /// Whether its file was given to the platform earlier, and may be forgotten there.
        given_before: bool,
    },
    /// It was certainly not sent.
    Not(SendResult),
}

/// Why there are no bytes.
enum Missing {
    /// There never will be.
    Never(String),
    /// Not now.
    Away(String),
}

impl From<StoreError> for Missing {
    fn from(error: StoreError) -> Self {
        Self::Away(error.to_string())
    }
}

impl Default for Maker {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAKERS)))
    }
}

impl Maker {
    /// Brings a row's picture or document to the platform, so that its message can name it. A row without one is ready as
    /// it is.
    pub(super) async fn prepare(&self, engine: &Engine, sender: &dyn Sender, row: &mut Sendable) -> Prepared {
        let Some(attachment) = row.message.attachment.clone() else { return Prepared::Ready { given_before: false } };
        match tokio::time::timeout(PREPARING, self.bring(engine, sender, row, &attachment)).await {
            Ok(prepared) => prepared,
            Err(_) if row.attempt >= PATIENT => instead(engine, row, &attachment, "it took too long").await,
            Err(_) => again(None, "its picture or document took too long".to_owned()),
        }
    }

    async fn bring(
        &self,
        engine: &Engine,
        sender: &dyn Sender,
        row: &mut Sendable,
        attachment: &Attachment,
    ) -> Prepared {
        let kept = match bounded(engine.attachment(row.merchant, row.id)).await {
            Ok(kept) => kept,
            Err(error) => return again(Some(PAUSE), error.to_string()),
        };
        let file = match kept {
            Some(kept) if kept.media.is_some() => {
                row.media = kept.media;
                return Prepared::Ready { given_before: true };
            }
            Some(kept) => kept.file,
            None => match self.made(engine, row, attachment).await {
                Ok(file) => file,
                Err(Missing::Never(reason)) => return instead(engine, row, attachment, &reason).await,
                Err(Missing::Away(reason)) => return again(Some(PAUSE), reason),
            },
        };
        match sender.upload(&row.recipient, &file).await {
            Ok(media) => {
                if let Err(error) = bounded(engine.note_upload(row.merchant, row.id, Some(&media))).await {
                    // It is only given once more, should the message have to be sent again.
                    tracing::debug!(%error, outbox.id = %row.id, "the id of a file could not be kept");
                }
                row.media = Some(media);
                Prepared::Ready { given_before: false }
            }
            Err(UploadError::Again { after, reason }) => again(after, reason),
            Err(UploadError::Away { why, after, reason }) => Prepared::Not(SendResult::Away { why, after, reason }),
            Err(UploadError::Never(reason)) => instead(engine, row, attachment, &reason).await,
        }
    }

    /// Makes it and keeps it; what was kept first stays, so that is read back.
    async fn made(&self, engine: &Engine, row: &Sendable, attachment: &Attachment) -> Result<File, Missing> {
        let store = engine.store();
        let known = bounded(store.directory()).await?;
        let merchant =
            known.merchant(row.merchant).ok_or_else(|| Missing::Never("its merchant is not known".to_owned()))?;
        let file = match self.of_day_book(engine, row, attachment).await? {
            Some(file) => file,
            None if !store.reads_all(row.merchant).await? => {
                return Err(Missing::Away("the books of a large shop are being brought up to date".to_owned()));
            }
            None => self.of_all_facts(engine, row, attachment, &merchant).await?,
        };
        bounded(engine.keep_attachment(row.merchant, row.id, &file)).await?;
        let kept = bounded(engine.attachment(row.merchant, row.id)).await?;
        Ok(kept.map_or(file, |kept| kept.file))
    }
}

impl Maker {
    /// From the day book of a large shop. It answers for the instant of the turn, or, when it has gone on meanwhile, for
    /// now: what is drawn says of when it is.
    async fn of_day_book(
        &self,
        engine: &Engine,
        row: &Sendable,
        attachment: &Attachment,
    ) -> Result<Option<File>, Missing> {
        let store = engine.store();
        let by = match attachment.form {
            Form::Picture(Picture::Parts(by, _)) => Some(by),
            Form::Picture(_) | Form::Report | Form::Workbook => None,
        };
        let answers = attachment.form != Form::Workbook && Gathered::answers(&attachment.parts, by);
        if !answers || !store.merchant(row.merchant).keeps_day_book().await? {
            return Ok(None);
        }
        let _room = Arc::clone(&self.0).acquire_owned().await.map_err(|closed| Missing::Away(closed.to_string()))?;
        for as_of in [attachment.as_of, store.clock().now()] {
            let wanted = attachment.clone();
            let made = store.of_day_book(row.merchant, as_of, FOLDS, move |accounts| make(accounts, &wanted)).await?;
            if let Some(made) = made {
                return made.map(Some).map_err(|error| Missing::Never(error.to_string()));
            }
        }
        Ok(None)
    }

    /// From all facts. Books of before the turn's instant are none that anybody asked for; of after it, they would say
    /// other numbers.
    async fn of_all_facts(
        &self,
        engine: &Engine,
        row: &Sendable,
        attachment: &Attachment,
        merchant: &Merchant,
    ) -> Result<File, Missing> {
        let as_of: Timestamp = attachment.as_of;
        let ledger = engine.store().merchant(row.merchant).ledger(merchant, as_of).await?;
        let room = Arc::clone(&self.0).acquire_owned().await.map_err(|closed| Missing::Away(closed.to_string()))?;
        let wanted = attachment.clone();
        let making = tokio::task::spawn_blocking(move || {
            // Held to the end of the work, which goes on when nobody waits for it any more.
            let _room = room;
            make(ledger.as_ref(), &wanted)
        });
        let file = making.await.map_err(|error| Missing::Never(error.to_string()))?;
        file.map_err(|error| Missing::Never(error.to_string()))
    }
}

fn again(after: Option<Duration>, reason: String) -> Prepared {
    Prepared::Not(SendResult::Retry { after, reason })
}

/// The row as words alone.
async fn instead(engine: &Engine, row: &mut Sendable, attachment: &Attachment, reason: &str) -> Prepared {
    tracing::warn!(outbox.id = %row.id, trace.id = %row.trace, reason, "a picture or document could not be sent; words are");
    if let Err(error) = bounded(engine.say_instead(row.merchant, row.id, &attachment.instead)).await {
        return again(Some(PAUSE), error.to_string());
    }
    row.message.body.clone_from(&attachment.instead);
    row.message.attachment = None;
    Prepared::Ready { given_before: false }
}

/// What a send with a file came to. A message that was certainly not taken, and named a file that was given earlier, may
/// have been refused for that: it goes once more with the file given anew.
pub(super) async fn judged(engine: &Engine, row: &Sendable, given_before: bool, result: SendResult) -> SendResult {
    match result {
        SendResult::Failed { reason } if given_before => {
            match bounded(engine.note_upload(row.merchant, row.id, None)).await {
                Ok(()) => SendResult::Retry { after: Some(Duration::ZERO), reason },
                Err(error) => SendResult::Retry { after: Some(PAUSE), reason: error.to_string() },
            }
        }
        other => other,
    }
}
