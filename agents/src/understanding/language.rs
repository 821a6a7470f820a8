//! Which of the three languages a text is in. Two witnesses: `lingua`, which knows the letters of general text, and a
//! classifier of our own over words and spellings of chats, which knows what people write to a shop.

use lingua::{LanguageDetector, LanguageDetectorBuilder};
use recado_domain::Language;

use super::linear::{Damaged, Linear, softmax};
use super::spelling;

/// The classifier's classes, in order.
pub const ORDER: [Language; 3] = [Language::Es, Language::Pt, Language::En];

/// How much each witness counts, fitted on held-out lines (docs/understanding.md).
const OWN: f32 = 1.0;
const GENERAL: f32 = 1.0;
/// What a witness says at most against a language: one of them may not silence the other.
const MOST: f32 = 9.0;
/// What the remembered language adds, in nats: enough to decide «ok» and «total», not «obrigado».
const REMEMBERED: f32 = 1.2;
/// Another language than the remembered one is believed from this probability on.
const SURE: f32 = 0.8;
/// And when one of its words is known, or it has this many bytes: nobody changes language by a slip of the fingers.
const TELLING: usize = 30;
/// Longest text that is shown to the general witness, in characters.
const SHOWN: usize = 400;

/// Tells languages apart.
pub struct Languages {
    own: Linear,
    general: LanguageDetector,
}

impl Languages {
    /// With the classifier of spellings.
    ///
    /// # Errors
    /// When the classifier is of other classes.
    pub fn new(own: Linear) -> Result<Self, Damaged> {
        if own.classes() != ORDER.len() {
            return Err(Damaged);
        }
        let known = ORDER.map(of_lingua);
        Ok(Self { own, general: LanguageDetectorBuilder::from_languages(&known).build() })
    }

    /// The language of a text as far as it may change the language that is spoken: the remembered one unless another is
    /// clear. `None` when the text has no letters, or is clear in no language.
    pub fn settled(&self, text: &str, remembered: Option<Language>) -> Option<Language> {
        let scores = self.probabilities(text, remembered)?;
        let (best, chance) = scores.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
        if remembered == Some(ORDER[best]) {
            return remembered;
        }
        let telling = text.len() >= TELLING || spelling::word_hashes(text).any(|hash| self.own.knows(hash));
        (*chance >= SURE && telling).then_some(ORDER[best])
    }

    /// Probabilities in the order of [`ORDER`]; `None` when the text has no letters.
    pub fn probabilities(&self, text: &str, remembered: Option<Language>) -> Option<[f32; 3]> {
        let words = spelling::words(text);
        if words.is_empty() {
            return None;
        }
        let (own, _) = self.own.scores(&spelling::features(text));
        let mut shown = String::new();
        for word in &words {
            if shown.len() >= SHOWN {
                break;
            }
            shown.push_str(word);
            shown.push(' ');
        }
        let heard = self.general.compute_language_confidence_values(shown.trim_end());
        let mut scores = [0.0_f32; 3];
        for (place, score) in scores.iter_mut().enumerate() {
            let language = of_lingua(ORDER[place]);
            let share = heard.iter().find(|(other, _)| *other == language).map_or(0.0, |(_, share)| *share);
            let general = (share as f32).max(1e-9).ln().max(-MOST);
            *score = OWN * own[place].clamp(-MOST, MOST) + GENERAL * general;
            if remembered == Some(ORDER[place]) {
                *score += REMEMBERED;
            }
        }
        softmax(&mut scores, 1.0);
        Some(scores)
    }

    /// The likeliest language of a text; `None` only when the text has no letters.
    pub fn recognise(&self, text: &str, remembered: Option<Language>) -> Option<Language> {
        let scores = self.probabilities(text, remembered)?;
        let best = scores.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1))?;
        Some(ORDER[best.0])
    }
}

fn of_lingua(language: Language) -> lingua::Language {
    match language {
        Language::Es => lingua::Language::Spanish,
        Language::Pt => lingua::Language::Portuguese,
        Language::En => lingua::Language::English,
    }
}
