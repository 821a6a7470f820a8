//! How well texts are understood: the figures of `recado eval`, of the tests and of docs/understanding.md.

use std::collections::BTreeMap;
use std::time::Instant;

use recado_domain::Language;
use recado_domain::intent::Intent;
use serde::Serialize;

use super::corpus::{self, Sentence, fold};
use super::linear::Damaged;
use super::{HELD_BACK, Role, Understander};

/// One labelled text.
#[derive(Clone, Debug)]
pub struct Labelled {
    /// The words.
    pub text: String,
    /// What it wants, if that is to be measured.
    pub intent: Option<Intent>,
    /// Its language, if that is to be measured.
    pub language: Option<Language>,
}

/// What was said of one text.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What is true.
    pub label: Labelled,
    /// The likeliest intent.
    pub intent: Option<Intent>,
    /// With which confidence.
    pub confidence: f64,
    /// The language.
    pub language: Option<Language>,
    /// How long it took, in microseconds.
    pub micros: f64,
}

/// Intents of one language.
#[derive(Clone, Debug, Default, Serialize)]
pub struct IntentFigures {
    /// Sentences.
    pub count: usize,
    /// Mean over the intents of the harmonic mean of precision and recall.
    pub macro_f1: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// Expected calibration error over ten classes of confidence.
    pub ece: f64,
}

/// Languages of texts of one class of length.
#[derive(Clone, Debug, Default, Serialize)]
pub struct LanguageFigures {
    /// Texts.
    pub count: usize,
    /// Share of right answers; «none» is wrong.
    pub accuracy: f64,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Figures {
    /// By the code of the language, and `all`.
    pub intents: BTreeMap<String, IntentFigures>,
    /// By the code of the language, then by length: `15` for at most 15 characters, `80` for 16 to 80, `long`.
    pub languages: BTreeMap<String, BTreeMap<String, LanguageFigures>>,
    /// F1 of each intent over all languages.
    pub by_intent: BTreeMap<String, f64>,
    /// Median time per text, in microseconds.
    pub median_micros: f64,
    /// The commonest mistakes: true intent, answered intent, how often.
    pub confusions: Vec<(String, String, usize)>,
}

/// Asks for each text.
pub fn ask(understander: &Understander, labelled: Labelled) -> Outcome {
    let role = match labelled.intent {
        Some(intent) if intent.is_merchant() => Role::Member,
        Some(_) => Role::Shopper,
        None => Role::Unknown,
    };
    let started = Instant::now();
    let (found, _) = understander.understand(&labelled.text, None, role);
    let micros = started.elapsed().as_secs_f64() * 1e6;
    Outcome { intent: found.intent, confidence: found.confidence, language: found.language, micros, label: labelled }
}

/// A sentence of the corpus as a labelled text.
pub fn labelled(sentence: &Sentence<'_>) -> Labelled {
    Labelled {
        text: sentence.text.to_owned(),
        intent: Intent::from_name(sentence.intent),
        language: Language::ALL.into_iter().find(|language| language.code() == sentence.language),
    }
}

/// Trains on all folds but one and asks for the sentences of that one. Families are never divided.
///
/// # Errors
/// When an intent has no sentence in the other folds.
pub fn held_out(sentences: &[Sentence<'_>], seed: u64, of: usize, part: usize) -> Result<Vec<Outcome>, Damaged> {
    let (held, seen): (Vec<_>, Vec<_>) =
        sentences.iter().copied().partition(|sentence| fold(sentence.family, seed, of) == part);
    // The temperature of the whole: fitting one number anew per fold would only cost time.
    let understander = Understander::train(&seen, Some(Understander::embedded()?.temperature()))?;
    Ok(held.iter().map(|sentence| ask(&understander, labelled(sentence))).collect())
}

/// Asks for the sentences that never train.
///
/// # Errors
/// When what is embedded is not whole.
pub fn held_back() -> Result<Vec<Outcome>, Damaged> {
    let understander = Understander::embedded()?;
    Ok(corpus::read(HELD_BACK).iter().map(|sentence| ask(&understander, labelled(sentence))).collect())
}

/// The figures of outcomes.
pub fn figures(outcomes: &[Outcome]) -> Figures {
    let mut figures = Figures::default();
    let of_language = |code: &str| -> Vec<&Outcome> {
        outcomes
            .iter()
            .filter(|one| code == "all" || one.label.language.is_some_and(|language| language.code() == code))
            .collect()
    };
    for code in ["es", "pt", "en", "all"] {
        let chosen = of_language(code);
        let with_intent: Vec<&Outcome> = chosen.iter().copied().filter(|one| one.label.intent.is_some()).collect();
        if !with_intent.is_empty() {
            figures.intents.insert(code.to_owned(), intent_figures(&with_intent));
        }
        let mut lengths: BTreeMap<String, (usize, usize)> = BTreeMap::new();
        for one in chosen.iter().filter(|one| one.label.language.is_some()) {
            let tally = lengths.entry(class_of_length(&one.label.text).to_owned()).or_default();
            tally.0 += usize::from(one.language == one.label.language);
            tally.1 += 1;
        }
        let share = |(right, count): (usize, usize)| LanguageFigures { count, accuracy: right as f64 / count as f64 };
        let lengths: BTreeMap<_, _> = lengths.into_iter().map(|(length, tally)| (length, share(tally))).collect();
        if !lengths.is_empty() {
            figures.languages.insert(code.to_owned(), lengths);
        }
    }
    let all: Vec<&Outcome> = outcomes.iter().filter(|one| one.label.intent.is_some()).collect();
    figures.by_intent = f1(&all).into_iter().map(|(intent, f1)| (intent.name().to_owned(), f1)).collect();
    let mut mistakes: BTreeMap<(String, String), usize> = BTreeMap::new();
    let name = |intent: Option<Intent>| intent.map_or("-", Intent::name).to_owned();
    for one in all.iter().filter(|one| one.intent != one.label.intent) {
        *mistakes.entry((name(one.label.intent), name(one.intent))).or_default() += 1;
    }
    figures.confusions = mistakes.into_iter().map(|((is, said), count)| (is, said, count)).collect();
    figures.confusions.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    figures.confusions.truncate(40);
    let mut micros: Vec<f64> = outcomes.iter().map(|one| one.micros).collect();
    micros.sort_by(f64::total_cmp);
    figures.median_micros = micros.get(micros.len() / 2).copied().unwrap_or(0.0);
    figures
}

fn class_of_length(text: &str) -> &'static str {
    match text.chars().count() {
        0..=15 => "15",
        16..=80 => "80",
        _ => "long",
    }
}

/// F1 of each intent that is among the labels.
fn f1(outcomes: &[&Outcome]) -> BTreeMap<Intent, f64> {
    let mut tallies: BTreeMap<Intent, (f64, f64, f64)> = BTreeMap::new();
    for one in outcomes {
        let Some(is) = one.label.intent else { continue };
        tallies.entry(is).or_default().1 += 1.0;
        if let Some(said) = one.intent {
            let tally = tallies.entry(said).or_default();
            tally.2 += 1.0;
            tally.0 += if said == is { 1.0 } else { 0.0 };
        }
    }
    let with_label = tallies.into_iter().filter(|(_, (_, is, _))| *is > 0.0);
    with_label.map(|(intent, (right, is, said))| (intent, 2.0 * right / (is + said))).collect()
}

fn intent_figures(outcomes: &[&Outcome]) -> IntentFigures {
    let each = f1(outcomes);
    let right = |one: &Outcome| one.intent == one.label.intent;
    let count = outcomes.len();
    let mut bins = [(0.0_f64, 0.0_f64, 0.0_f64); 10];
    for one in outcomes {
        let bin = &mut bins[((one.confidence * 10.0) as usize).min(9)];
        bin.0 += one.confidence;
        bin.1 += if right(one) { 1.0 } else { 0.0 };
        bin.2 += 1.0;
    }
    IntentFigures {
        count,
        macro_f1: each.values().sum::<f64>() / each.len().max(1) as f64,
        accuracy: outcomes.iter().filter(|one| right(one)).count() as f64 / count.max(1) as f64,
        ece: bins.iter().map(|(said, true_ones, _)| (said - true_ones).abs()).sum::<f64>() / count.max(1) as f64,
    }
}
