//! From labelled sentences to stored classifiers. Used by the build, and again by whoever measures with sentences held
//! out.

use super::corpus::{Sentence, fold, intents};
use super::features::features;
use super::lexicon::Lexicon;
use super::linear::{Linear, pack, softmax};
use super::normalise::{core, normalise};
use super::slips::slipped;
use super::spelling;
use super::trainer::{Example, Settings, train};
use std::borrow::Cow;

/// The codes of the languages, in the order of the language classifier's classes.
pub const LANGUAGES: [&str; 3] = ["es", "pt", "en"];

const INTENTS: Settings = Settings { passes: 10, step: 0.12, decay: 2e-6, smoothing: 0.1, least: 3 };
/// How much a sentence with a slip counts beside the same without.
const SLIPPED: f32 = 0.5;
const SPELLINGS: Settings = Settings { passes: 12, step: 0.3, decay: 2e-6, smoothing: 0.02, least: 2 };
/// One in so many families is held out to fit the temperature: thousands of sentences for one number, and one more
/// training in the build.
const PARTS: usize = 5;

/// The examples of one sentence: as written, and as people write in a hurry.
fn variants(text: &str, number: usize) -> impl Iterator<Item = (String, f32)> {
    let normalised = normalise(text);
    let written = core(&normalised).to_owned();
    let hurried = slipped(&written, number as u64).map(|text| (text, SLIPPED));
    std::iter::once((written, 1.0)).chain(hurried)
}

fn intent_examples(sentences: &[Sentence<'_>], names: &[&str], lexicon: &Lexicon) -> Vec<Example> {
    let mut examples = Vec::with_capacity(2 * sentences.len());
    for (number, sentence) in sentences.iter().enumerate() {
        let Some(class) = names.iter().position(|name| *name == sentence.intent) else { continue };
        for (text, weight) in variants(sentence.text, number) {
            examples.push(Example { features: features(&text, lexicon), class, weight });
        }
    }
    examples
}

/// A classifier of intents, stored. Its classes are the sentences' intents in ascending order.
pub fn learn_intents(sentences: &[Sentence<'_>], lexicon: &Lexicon, temperature: Option<f32>) -> Vec<u8> {
    let names = intents(sentences);
    let whole = || train(&intent_examples(sentences, &names, lexicon), names.len(), &INTENTS);
    let Some(temperature) = temperature else {
        // Two trainings that know nothing of each other: each has a core.
        return std::thread::scope(|scope| {
            let fitted = scope.spawn(|| fit_temperature(sentences, &names, lexicon));
            let weights = whole();
            let temperature = fitted.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            pack(&weights, temperature)
        });
    };
    pack(&whole(), temperature)
}

/// The temperature that makes confidence honest: the likeliest for sentences of families that training did not see.
fn fit_temperature(sentences: &[Sentence<'_>], names: &[&str], lexicon: &Lexicon) -> f32 {
    let (held, seen): (Vec<_>, Vec<_>) =
        sentences.iter().copied().partition(|sentence| fold(sentence.family, 99, PARTS) == 0);
    let weights = train(&intent_examples(&seen, names, lexicon), names.len(), &INTENTS);
    let Ok(model) = Linear::read(Cow::Owned(pack(&weights, 1.0))) else { return 1.0 };
    let outcomes: Vec<(Vec<f32>, usize)> = held
        .iter()
        .filter_map(|sentence| {
            let class = names.iter().position(|name| *name == sentence.intent)?;
            let normalised = normalise(sentence.text);
            Some((model.scores(&features(core(&normalised), lexicon)).0, class))
        })
        .collect();
    likeliest(&outcomes)
}

/// The temperature with the least surprise.
pub fn likeliest(outcomes: &[(Vec<f32>, usize)]) -> f32 {
    let surprise = |temperature: f32| -> f64 {
        let one = |(scores, class): &(Vec<f32>, usize)| {
            let mut scores = scores.clone();
            softmax(&mut scores, temperature);
            f64::from(-(scores[*class].max(1e-9)).ln())
        };
        outcomes.iter().map(one).sum()
    };
    let candidates = (4..=40).map(|step| step as f32 * 0.05);
    candidates.min_by(|one, other| surprise(*one).total_cmp(&surprise(*other))).unwrap_or(1.0)
}

/// A classifier of languages, stored, from the sentences, everyday lines, and words alone.
pub fn learn_languages(sentences: &[Sentence<'_>], everyday: &[(usize, &str)]) -> Vec<u8> {
    let mut examples = Vec::new();
    for sentence in sentences {
        let Some(class) = LANGUAGES.iter().position(|code| *code == sentence.language) else { continue };
        examples.push(Example { features: spelling::features(sentence.text), class, weight: 1.0 });
    }
    for (class, line) in everyday {
        examples.push(Example { features: spelling::features(line), class: *class, weight: 1.0 });
    }
    pack(&train(&examples, LANGUAGES.len(), &SPELLINGS), 1.0)
}

/// Everyday lines and words of no shop, with the class of their language; the first lines of each file are words.
const EVERYDAY: [&str; 3] = [
    include_str!("../../lexicon/everyday/es.txt"),
    include_str!("../../lexicon/everyday/pt.txt"),
    include_str!("../../lexicon/everyday/en.txt"),
];

/// Lines of words, at the beginning of each file of everyday lines.
const WORD_LINES: usize = 10;

/// The everyday lines, each with the class of its language; lines of words give each word by itself.
pub fn everyday() -> Vec<(usize, &'static str)> {
    let mut lines = Vec::new();
    for (class, text) in EVERYDAY.iter().enumerate() {
        for (place, line) in text.lines().enumerate() {
            if place < WORD_LINES {
                lines.extend(line.split(' ').map(|word| (class, word)));
            } else {
                lines.push((class, line));
            }
        }
    }
    lines
}
