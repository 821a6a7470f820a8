//! From a text to what it wants. Deterministic, works without any outside service, and well under a millisecond.

pub mod asks;
pub mod classify;
pub mod cues;
pub mod entities;
pub mod features;
pub mod language;
pub mod normalise;
pub mod periods;
pub mod rules;

use std::collections::HashSet;

use jiff::civil::Date;
use recado_domain::Language;
use recado_domain::command::Understanding;
use recado_domain::intent::Intent;
use serde::Deserialize;

use classify::Classifier;
use entities::Context;
use normalise::normalise;

/// The labelled sentences that train the classifiers.
pub const UTTERANCES: &str = include_str!("../../utterances.jsonl");

/// How much likelier (in nats) a question about the shop's figures is from a member, and less from a shopper.
const MEMBER_PRIOR: f32 = 1.0;
const SHOPPER_PRIOR: f32 = -3.0;
/// Sharpness of the softmax, set so that confidence is about the share of right answers (docs/understanding.md).
const INTENT_SHARPNESS: f32 = 0.9;
const LANGUAGE_SHARPNESS: f32 = 1.6;
/// Confidence when words alone decide.
const CERTAIN: f64 = 0.97;

/// One labelled sentence.
#[derive(Clone, Debug, Deserialize)]
pub struct Utterance {
    /// What it wants.
    pub intent: Intent,
    /// Its language.
    pub lang: Language,
    /// The words.
    pub text: String,
}

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

/// Reads labelled sentences.
///
/// # Errors
/// When a line is not one.
pub fn utterances(text: &str) -> Result<Vec<Utterance>, serde_json::Error> {
    text.lines().filter(|line| !line.trim().is_empty()).map(serde_json::from_str).collect()
}

/// What a text seems to want: the best readings with their probability, likeliest first.
pub type Readings = Vec<(Intent, f64)>;

/// Understands texts.
pub struct Understander {
    intents: Classifier,
    languages: Classifier,
    /// Every word of the training sentences.
    vocabulary: HashSet<String>,
}

impl Understander {
    /// Trains on labelled sentences.
    pub fn train(examples: &[Utterance]) -> Self {
        let normalised: Vec<String> = examples.iter().map(|example| normalise(&example.text)).collect();
        let intent_of = |intent: Intent| Intent::ALL.iter().position(|other| *other == intent).unwrap_or(0);
        let language_of = |lang: Language| language::ORDER.iter().position(|other| *other == lang).unwrap_or(0);
        let pairs = || normalised.iter().map(String::as_str).zip(examples);
        let intents = Classifier::train(
            pairs().map(|(text, example)| (text, intent_of(example.intent))),
            Intent::ALL.len(),
            INTENT_SHARPNESS,
        );
        let languages =
            Classifier::train(pairs().map(|(text, example)| (text, language_of(example.lang))), 3, LANGUAGE_SHARPNESS);
        let vocabulary = normalised.iter().flat_map(|text| text.split(' ')).map(str::to_owned).collect();
        Self { intents, languages, vocabulary }
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
        let mut prior: Vec<f32> =
            Intent::ALL.iter().map(|intent| if intent.is_merchant() { shift } else { 0.0 }).collect();
        let core = cues::core(normalised);
        cues::add(core, &mut prior);
        let probabilities = self.intents.probabilities(core, &prior);
        let known = self.known_share(normalised);
        let mut readings: Readings =
            Intent::ALL.iter().copied().zip(probabilities.into_iter().map(|one| f64::from(one) * known)).collect();
        readings.sort_by(|one, other| other.1.total_cmp(&one.1));
        if let Some(certain) = rules::certain_intent(normalised) {
            readings.retain(|(intent, _)| *intent != certain);
            readings.insert(0, (certain, CERTAIN));
        }
        readings.truncate(3);
        readings
    }

    fn language(&self, text: &str, normalised: &str, hint: Option<Language>) -> Option<Language> {
        // Words that no language here has say nothing about the language.
        let telling = self.known_share(normalised) > 0.0 || normalised.len() >= 12;
        if telling { language::recognise(&self.languages, text, normalised, hint) } else { None }
    }

    /// How sure one may be of a text by its words: 1 when half of them were seen in training, 0 when none was.
    fn known_share(&self, normalised: &str) -> f64 {
        let words: Vec<&str> = normalised.split(' ').collect();
        let known = words.iter().filter(|word| self.vocabulary.contains(**word)).count();
        (2.0 * known as f64 / words.len() as f64).min(1.0)
    }

    /// Everything about a text. `today` gives ranges of days their year; the shop's country is not known.
    pub fn understand(
        &self,
        text: &str,
        hint: Option<Language>,
        role: Role,
        today: Option<Date>,
    ) -> (Understanding, Readings) {
        self.understand_in(text, hint, role, &Context { today, country: "" })
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
            language: self.language(text, &normalised, hint),
            entities: entities::find(text, context),
        };
        (understanding, readings)
    }
}

/// Index and value of the largest.
fn top(values: &[f32]) -> Option<(usize, f32)> {
    values.iter().copied().enumerate().max_by(|one, other| one.1.total_cmp(&other.1))
}
