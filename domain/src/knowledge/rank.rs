//! How well an entry fits a question: the share of the question's words that it holds, rare words counting more, those
//! of its title most. The same for both databases, and blind to other shops.

use std::cmp::Ordering;

use super::terms::{Term, of_question, terms};
use super::{Entry, Hit, MOST_HITS};
use crate::Language;

/// A word of the answer counts this much of one of the title.
const OF_BODY: f64 = 0.55;
/// A word that means the same.
const SAME_MEANING: f64 = 0.8;
/// A word that begins alike («devolución», «devolver»).
const ALIKE: f64 = 0.85;
/// A word with a slip of the finger.
const SLIP: f64 = 0.75;
/// Bounds of a word's weight: no word decides alone, none counts nothing.
const WEIGHTS: (f64, f64) = (0.6, 2.2);
/// The weight of a word that no answer of the shop has: people say why they ask, and not all of it matters.
const UNKNOWN: f64 = 0.9;
/// What an entry in another language than the question's keeps of its score.
const OTHER_LANGUAGE: f64 = 0.93;
/// Letters of an excerpt.
const EXCERPT: usize = 160;

struct Doc<'a> {
    entry: &'a Entry,
    title: Vec<Term>,
    body: Vec<Term>,
}

/// The entries that fit a question best, at most five; `kept` is the number of all entries of the shop.
pub fn rank(question: &str, language: Language, entries: &[Entry], kept: usize) -> Vec<Hit> {
    let asked = of_question(question);
    if asked.is_empty() {
        return Vec::new();
    }
    let docs: Vec<Doc<'_>> = entries
        .iter()
        .filter(|entry| !entry.archived)
        .map(|entry| Doc { entry, title: terms(&entry.content.title), body: terms(&entry.content.body) })
        .collect();
    // How far each word of the question is in each entry, once.
    let fits: Vec<Vec<(f64, f64)>> = docs
        .iter()
        .map(|doc| asked.iter().map(|term| (best(term, &doc.title), best(term, &doc.body))).collect())
        .collect();
    let all = kept.max(docs.len()) as f64;
    let weights: Vec<f64> = (0..asked.len())
        .map(|place| {
            let holding = fits.iter().filter(|doc| doc[place].0.max(doc[place].1) > 0.0).count() as f64;
            if holding == 0.0 {
                return UNKNOWN;
            }
            (1.0 + (all - holding + 0.5) / (holding + 0.5)).ln().clamp(WEIGHTS.0, WEIGHTS.1)
        })
        .collect();
    let total: f64 = weights.iter().sum();
    let mut hits: Vec<Hit> = docs
        .iter()
        .zip(&fits)
        .filter_map(|(doc, fits)| {
            let covered: f64 =
                fits.iter().zip(&weights).map(|((title, body), weight)| weight * title.max(body * OF_BODY)).sum();
            let told = doc.title.iter().filter(|own| asked.iter().any(|term| fit(term, own) > 0.0)).count();
            if covered <= 0.0 {
                return None;
            }
            let of_title = told as f64 / doc.title.len().max(1) as f64;
            let same = if doc.entry.content.language == language { 1.0 } else { OTHER_LANGUAGE };
            let score = covered / total * (0.8 + 0.2 * of_title) * same;
            Some(hit(doc.entry, &asked, score))
        })
        .collect();
    hits.sort_by(|one, other| {
        other.score.partial_cmp(&one.score).unwrap_or(Ordering::Equal).then_with(|| one.id.cmp(&other.id))
    });
    hits.truncate(MOST_HITS);
    hits
}

fn best(term: &Term, words: &[Term]) -> f64 {
    words.iter().map(|word| fit(term, word)).fold(0.0, f64::max)
}

/// How far two words are the same, 0..=1.
fn fit(one: &Term, other: &Term) -> f64 {
    if one.stem == other.stem {
        return 1.0;
    }
    let (short, long) = if one.stem.len() <= other.stem.len() { (one, other) } else { (other, one) };
    let shared = short.stem.bytes().zip(long.stem.bytes()).take_while(|(left, right)| left == right).count();
    if shared >= 4 && shared * 4 >= long.stem.len() * 3 {
        return ALIKE;
    }
    if one.concept.is_some() && one.concept == other.concept {
        return SAME_MEANING;
    }
    let slips = match short.stem.len() {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    if slips > 0 && long.stem.len() - short.stem.len() <= slips && within(&one.stem, &other.stem, slips) {
        return SLIP;
    }
    0.0
}

/// Whether one word becomes the other by at most so many letters added, lost, changed or swapped with their neighbour.
pub fn within(one: &str, other: &str, most: usize) -> bool {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().take(40).collect(), other.chars().take(40).collect());
    let width = other.len() + 1;
    let mut rows = vec![(0..width).collect::<Vec<usize>>()];
    for (i, left) in one.iter().enumerate() {
        let mut row = vec![i + 1; width];
        for (j, right) in other.iter().enumerate() {
            let changed = rows[i][j] + usize::from(left != right);
            row[j + 1] = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *left == other[j - 1] && one[i - 1] == *right {
                row[j + 1] = row[j + 1].min(rows[i - 1][j - 1] + 1);
            }
        }
        rows.push(row);
    }
    rows[one.len()][other.len()] <= most
}

/// An entry as a hit of a question, with a score from elsewhere.
pub fn hit_of(question: &str, entry: &Entry, score: f64) -> Hit {
    hit(entry, &of_question(question), score)
}

fn hit(entry: &Entry, asked: &[Term], score: f64) -> Hit {
    let content = &entry.content;
    Hit {
        id: entry.id,
        language: content.language,
        title: content.title.clone(),
        body: content.body.clone(),
        url: content.url.clone(),
        source: content.source.clone(),
        excerpt: excerpt(&content.body, asked),
        score: (score.clamp(0.0, 1.0) * 1_000.0).round() / 1_000.0,
        likeness: None,
    }
}

/// The sentence that holds most of the question.
fn excerpt(body: &str, asked: &[Term]) -> String {
    let count = |sentence: &str| {
        let words = terms(sentence);
        asked.iter().filter(|term| best(term, &words) > 0.0).count()
    };
    let sentences: Vec<&str> =
        body.split_inclusive(['.', '\n', '?']).map(str::trim).filter(|part| !part.is_empty()).collect();
    // The first of those that hold as many.
    let mut chosen = sentences.first().copied().unwrap_or(body);
    let mut most = count(chosen);
    for sentence in sentences.into_iter().skip(1) {
        let held = count(sentence);
        if held > most {
            (chosen, most) = (sentence, held);
        }
    }
    chosen.chars().take(EXCERPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::NewEntry;
    use crate::{KnowledgeId, Timestamp};

    fn entry(title: &str, body: &str) -> Entry {
        let content = NewEntry {
            language: Language::Es,
            title: title.into(),
            body: body.into(),
            source: "faq".into(),
            url: None,
        };
        Entry { id: KnowledgeId::derived(&[title]), content, updated_at: Timestamp::from_seconds(0), archived: false }
    }

    fn first(question: &str, entries: &[Entry]) -> Option<(String, f64)> {
        rank(question, Language::Es, entries, entries.len()).into_iter().next().map(|hit| (hit.title, hit.score))
    }

    #[test]
    fn accents_plurals_slips_and_other_languages_find_the_entry() {
        let entries = [
            entry("¿Cuánto demora el envío?", "De 2 a 5 días hábiles. A Bogotá, uno."),
            entry("¿Qué medios de pago reciben?", "Tarjeta, PSE y Nequi."),
            entry("¿Cómo hago una devolución?", "Tienes 30 días."),
        ];
        for (question, title) in [
            ("cuanto demoran los ENVIOS", "¿Cuánto demora el envío?"),
            ("reciven targeta?", "¿Qué medios de pago reciben?"),
            ("puedo devolver algo", "¿Cómo hago una devolución?"),
            ("devoulcion", "¿Cómo hago una devolución?"),
            ("can I pay with credit cards", "¿Qué medios de pago reciben?"),
        ] {
            assert_eq!(first(question, &entries).map(|found| found.0).as_deref(), Some(title), "{question}");
        }
    }

    #[test]
    fn nonsense_finds_nothing_and_an_archived_entry_is_never_said() {
        let mut entries = [entry("¿Cuánto demora el envío?", "De 2 a 5 días.")];
        assert_eq!(first("xqzt blorp", &entries), None);
        assert_eq!(first("", &entries), None);
        assert!(first("cuánto demora el envío", &entries).unwrap().1 > 0.9);
        entries[0].archived = true;
        assert_eq!(first("cuánto demora el envío", &entries), None);
    }

    #[test]
    fn distance_counts_a_swap_as_one() {
        assert!(within("envoi", "envio", 1) && within("tarjet", "target", 1) && within("tarjta", "tarjeta", 1));
        assert!(!within("envio", "pagos", 2) && !within("abcdef", "abxxef", 1));
    }
}
