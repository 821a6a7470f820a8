//! Texts to what they mean: a model that makes vectors, asked within the same budgets as the others and with a breaker of
//! its own, so that its failures leave nothing else out.
//!
//! What it says is believed only as far as it can be: as many vectors as texts, all of one length, each of finite numbers
//! and not nothing, and telling the sentences of the background apart. Anything else is no answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::Timestamp;
use recado_domain::knowledge::meaning::{Background, Meaning, background};
use recado_domain::spend::Spend;

use super::gateway::{AskError, Charge, Gateway};
use super::pool::Member;
use super::purse::Purse;
use super::settings::Embedding;
use super::transport::{CallError, TransportError};

/// What is not for a person who waits takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The model that makes vectors.
pub struct Embedder {
    member: Arc<Member>,
    /// What it makes of sentences about nothing; without it nothing can be compared.
    background: Mutex<Option<Arc<Background>>>,
}

impl Embedder {
    /// Knows nothing yet.
    pub(super) fn new(settings: &Embedding) -> Result<Self, TransportError> {
        let member = Arc::new(Member::new(Arc::new(settings.provider.clone()), settings.within)?);
        Ok(Self { member, background: Mutex::default() })
    }

    /// Its name, when it has failed and nobody was told of it yet.
    pub(super) fn untold(&self) -> Option<String> {
        self.member.take_untold().then(|| self.member.provider().name.clone())
    }

    fn background(&self) -> std::sync::MutexGuard<'_, Option<Arc<Background>>> {
        self.background.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gateway {
    /// Whether a model for vectors is configured.
    pub const fn knows_meanings(&self) -> bool {
        self.embedder().is_some()
    }

    /// What the model makes of the background, asked once and again after it has changed. Everybody together pays; the
    /// call stands in the purse.
    ///
    /// # Errors
    /// See [`AskError`]; `NoProvider` when no model for it is configured.
    pub async fn background(&self, now: Timestamp, purse: &Purse) -> Result<Arc<Background>, AskError> {
        let embedder = self.embedder().ok_or(AskError::NoProvider)?;
        if let Some(known) = embedder.background().clone() {
            return Ok(known);
        }
        let charge = Charge { merchant: None, conversation: None, now, purse };
        let model = embedder.member.provider().model.clone();
        let read = |vectors| Background::of(&model, vectors).map(Arc::new);
        let found = self.vectors(embedder, &background(), &charge, PATIENCE, read).await?;
        tracing::info!(
            model.provider = embedder.member.provider().name,
            dimension = found.dimension(),
            "answers are found by their meaning, too"
        );
        *embedder.background() = Some(Arc::clone(&found));
        Ok(found)
    }

    /// What some texts of a person who waits mean, in their order.
    ///
    /// # Errors
    /// See [`AskError`]; `NoProvider` also before the background is known.
    pub async fn meanings_at_once(&self, texts: &[&str], charge: &Charge<'_>) -> Result<Vec<Meaning>, AskError> {
        let within = self.settings().embedding.as_ref().map_or(Duration::ZERO, |embedding| embedding.within);
        self.meanings(texts, charge, within).await
    }

    /// The same of texts that nobody waits for.
    ///
    /// # Errors
    /// As [`Gateway::meanings_at_once`].
    pub async fn meanings_in_time(&self, texts: &[&str], charge: &Charge<'_>) -> Result<Vec<Meaning>, AskError> {
        self.meanings(texts, charge, PATIENCE).await
    }

    /// A purse for a call outside of turns.
    pub fn task_purse(&self) -> Purse {
        Purse::new(Instant::now(), PATIENCE + PATIENCE, Spend::UNLIMITED)
    }

    async fn meanings(&self, texts: &[&str], charge: &Charge<'_>, within: Duration) -> Result<Vec<Meaning>, AskError> {
        let embedder = self.embedder().ok_or(AskError::NoProvider)?;
        let background = embedder.background().clone().ok_or(AskError::NoProvider)?;
        let read = |vectors: Vec<Vec<f32>>| {
            if vectors.iter().any(|vector| vector.len() != background.dimension()) {
                // Another model under the same name: what was made by the old one says nothing of this one.
                *embedder.background() = None;
            }
            vectors.into_iter().map(|vector| background.meaning(vector)).collect()
        };
        self.vectors(embedder, texts, charge, within, read).await
    }

    /// One call; what `read` makes nothing of is an answer that cannot be read, and counts as a failure.
    async fn vectors<T>(
        &self,
        embedder: &Embedder,
        texts: &[&str],
        charge: &Charge<'_>,
        within: Duration,
        read: impl Fn(Vec<Vec<f32>>) -> Option<T>,
    ) -> Result<T, AskError> {
        let member = &embedder.member;
        let tokens = texts.iter().map(|text| (text.len() as u64).div_ceil(3)).sum();
        let ticket = member.admit(Instant::now()).ok_or(AskError::NoProvider)?;
        let call = async {
            let vectors = member.transport.embed(&member.provider().model, texts).await?;
            read(vectors).ok_or(CallError::Unreadable)
        };
        self.single("meaning", charge, ticket, tokens, within, call).await
    }
}
