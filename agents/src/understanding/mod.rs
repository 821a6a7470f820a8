//! From a text to what it wants. Deterministic, works without any outside service, and well under a millisecond.

pub mod asks;
pub mod entities;
pub mod evaluate;
pub mod language;
pub mod parts;
pub mod periods;
pub mod questions;
pub mod reminders;
pub mod rules;

use std::borrow::Cow;

use recado_domain::Language;
use recado_domain::command::Understanding;
use recado_domain::intent::Intent;

pub use recado_training::{
    concepts, corpus, features, learn, lexicon, linear, normalise, slips, spelling, trainer, vectors,
};

use corpus::Sentence;
use entities::Context;
use language::Languages;
use lexicon::Lexicon;
use linear::{Damaged, Linear, softmax};
use normalise::{core, normalise};

/// The labelled sentences, joined by the build (see [`corpus`]).
pub const UTTERANCES: &str = include_str!(concat!(env!("OUT_DIR"), "/utterances.txt"));
/// Labelled sentences that never train: written by family, without looking at those that do.
pub const HELD_BACK: &str = include_str!(concat!(env!("OUT_DIR"), "/heldback.txt"));
/// What the build learned of the first.
const INTENTS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/intents.bin"));
const LANGUAGES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/languages.bin"));

/// How much likelier (in nats) a question about the shop's figures is from a member, and less from a shopper.
const MEMBER_PRIOR: f32 = 1.0;
const SHOPPER_PRIOR: f32 = -3.0;
/// The same for trouble that many have: a shopper may tell of it, but those who run the shop do so far oftener.
const SHOPPER_INCIDENT_PRIOR: f32 = -1.5;
/// Confidence when words alone decide.
const CERTAIN: f64 = 0.97;
/// Texts of which less than this share is known are trusted less, in proportion.
const FAMILIAR: f32 = 0.35;

/// Who writes, as far as it changes what a text may mean. Never an authority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// Not known.
    #[default]
    Unknown,
    /// A customer.
    Shopper,
    /// A member of the shop.
    Member,
}

/// What a text seems to want: the best readings with their probability, likeliest first.
pub type Readings = Vec<(Intent, f64)>;

/// Understands texts.
pub struct Understander {
    intents: Linear,
    /// What each class of `intents` is.
    classes: Vec<Intent>,
    languages: Languages,
    lexicon: Lexicon,
}

impl Understander {
    /// With what the build learned from all sentences.
    ///
    /// # Errors
    /// When what is embedded is not whole.
    pub fn embedded() -> Result<Self, Damaged> {
        Self::of(Cow::Borrowed(INTENTS), Cow::Borrowed(LANGUAGES))
    }

    /// Trained now, on these sentences alone: for measuring. All intents must be among them. With no temperature it is
    /// fitted, which takes as long as the training.
    ///
    /// # Errors
    /// When an intent has no sentence, or what is embedded is not whole.
    pub fn train(sentences: &[Sentence<'_>], temperature: Option<f32>) -> Result<Self, Damaged> {
        let lexicon = Lexicon::embedded()?;
        Self::of(
            Cow::Owned(learn::learn_intents(sentences, &lexicon, temperature)),
            Cow::Owned(learn::learn_languages(sentences, &learn::everyday())),
        )
    }

    fn of(intents: Cow<'static, [u8]>, languages: Cow<'static, [u8]>) -> Result<Self, Damaged> {
        let mut classes = Intent::ALL.to_vec();
        classes.sort_by_key(|intent| intent.name());
        let intents = Linear::read(intents)?;
        if intents.classes() != classes.len() {
            return Err(Damaged);
        }
        let languages = Languages::new(Linear::read(languages)?)?;
        Ok(Self { intents, classes, languages, lexicon: Lexicon::embedded()? })
    }

    /// The temperature of the classifier of intents.
    pub fn temperature(&self) -> f32 {
        self.intents.temperature()
    }

    /// The best readings of a normalised text.
    pub fn readings(&self, normalised: &str, role: Role) -> Readings {
        if normalised.is_empty() {
            return Vec::new();
        }
        let shift = match role {
            Role::Unknown => 0.0,
            Role::Shopper => SHOPPER_PRIOR,
            Role::Member => MEMBER_PRIOR,
        };
        let text = core(normalised);
        let (mut scores, known) = self.intents.scores(&features::features(text, &self.lexicon));
        // One known word is enough for a vector of full length: what counts is how many of the words have one.
        let words = features::words(text);
        let with_vector = words.iter().filter(|word| self.lexicon.vectors.meaning(&[**word]).is_some()).count();
        let known = known.min(with_vector as f32 / words.len().max(1) as f32);
        for (score, intent) in scores.iter_mut().zip(&self.classes) {
            if intent.is_merchant() {
                *score += shift;
            } else if role == Role::Shopper && matches!(intent, Intent::ReportIncident | Intent::IncidentStatus) {
                *score += SHOPPER_INCIDENT_PRIOR;
            }
        }
        softmax(&mut scores, self.intents.temperature());
        // Of a text that training knows little of, one may not be sure.
        let trust = f64::from((known / FAMILIAR).min(1.0));
        let mut readings: Readings =
            self.classes.iter().copied().zip(scores.into_iter().map(|one| f64::from(one) * trust)).collect();
        readings.sort_by(|one, other| other.1.total_cmp(&one.1));
        if let Some(certain) = rules::certain_intent(normalised) {
            readings.retain(|(intent, _)| *intent != certain);
            readings.insert(0, (certain, CERTAIN));
        }
        readings.truncate(3);
        readings
    }

    /// The language to go on in after a text: the remembered one unless another is clear; see [`Languages::settled`].
    pub fn settled_language(&self, text: &str, remembered: Option<Language>) -> Option<Language> {
        self.languages.settled(text, remembered)
    }

    /// Everything about a text of which it is not known in which shop or when it was written.
    pub fn understand(&self, text: &str, hint: Option<Language>, role: Role) -> (Understanding, Readings) {
        self.understand_in(text, hint, role, &Context::default())
    }

    /// Everything about a text, read for a shop.
    pub fn understand_in(
        &self,
        text: &str,
        hint: Option<Language>,
        role: Role,
        context: &Context<'_>,
    ) -> (Understanding, Readings) {
        let normalised = normalise(text);
        let readings = self.readings(&normalised, role);
        let best = readings.first().copied();
        let understanding = Understanding {
            intent: best.map(|(intent, _)| intent),
            confidence: best.map_or(0.0, |(_, probability)| probability),
            language: self.languages.recognise(text, hint),
            entities: entities::find(text, context),
        };
        (understanding, readings)
    }
}
