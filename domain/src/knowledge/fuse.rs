//! What words found and what is near in meaning, as one list.
//!
//! The two lists are joined by reciprocal ranks: what both know stands before what one knows. Only what fits well enough
//! may be said: by its words, by a meaning that is near and clearly nearer than the next, or by both together. What is
//! far in meaning is not in the list at all, so a question about something else finds nothing.
//!
//! The thresholds were measured with `multilingual-e5-small` on the labelled questions beside the tests of the store;
//! docs/knowledge.md has the figures.

use std::cmp::Ordering;

use super::meaning::Meaning;
use super::{ANSWERS, Entry, Hit, MOST_HITS, SURELY, rank};

/// From this likeness on an entry is in the list.
const NEAR: f64 = 1.2;
/// From this likeness on an entry answers by its meaning alone.
const ALONE: f64 = 2.5;
/// And only when it is so much nearer than the next.
const LEAD: f64 = 0.5;
/// From this score of words on an entry answers that both lists have first.
const AGREED: f64 = 0.3;
/// What is added to a rank before it is turned over (Cormack, Clarke and Büttcher 2009).
const RANKS: f64 = 60.0;
/// How much a likeness adds to the score of an entry that is said by its meaning, for each spread.
const STEP: f64 = 0.05;

/// An entry that is near a question in meaning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near<T> {
    /// Which.
    pub entry: T,
    /// How near, in spreads.
    pub likeness: f64,
    /// Whether its meaning alone answers.
    pub alone: bool,
}

impl<T> Near<T> {
    /// The same of another way to name it.
    pub fn of<U>(&self, entry: U) -> Near<U> {
        Near { entry, likeness: self.likeness, alone: self.alone }
    }
}

/// The nearest of some entries, at most five, those that are far left out.
pub fn nearest<'a, T>(question: &Meaning, entries: impl Iterator<Item = (T, &'a Meaning)>) -> Vec<Near<T>> {
    ranked(entries.filter_map(|(entry, meaning)| Some((entry, question.likeness(meaning)?))).collect())
}

fn ranked<T>(mut all: Vec<(T, f64)>) -> Vec<Near<T>> {
    all.sort_by(|one, other| other.1.partial_cmp(&one.1).unwrap_or(Ordering::Equal));
    let next = all.get(1).map_or(f64::NEG_INFINITY, |next| next.1);
    let near = all.into_iter().enumerate().take_while(|(_, (_, likeness))| *likeness >= NEAR).take(MOST_HITS);
    near.map(|(place, (entry, likeness))| Near {
        entry,
        likeness,
        alone: place == 0 && likeness >= ALONE && likeness - next >= LEAD,
    })
    .collect()
}

/// One list of both, the best first. `question` shows which part of an answer fits.
pub fn fuse(question: &str, words: Vec<Hit>, near: &[Near<&Entry>]) -> Vec<Hit> {
    let first = words.first().map(|hit| hit.id);
    let mut all: Vec<(f64, Hit)> =
        words.into_iter().enumerate().map(|(place, hit)| (1.0 / (RANKS + place as f64), hit)).collect();
    for (place, found) in near.iter().enumerate().filter(|(_, found)| !found.entry.archived) {
        let worth = 1.0 / (RANKS + place as f64);
        let known = match all.iter().position(|(_, hit)| hit.id == found.entry.id) {
            Some(known) => known,
            None => {
                all.push((0.0, rank::hit_of(question, found.entry, 0.0)));
                all.len() - 1
            }
        };
        let Some((sum, hit)) = all.get_mut(known) else { continue };
        *sum += worth;
        hit.likeness = Some((found.likeness * 100.0).round() / 100.0);
        let agreed = place == 0 && first == Some(hit.id) && hit.score >= AGREED;
        if found.alone || agreed {
            // Never as sure as words can be: a request is not taken for a question because it means something alike.
            let by_meaning = (ANSWERS + STEP * (found.likeness - NEAR)).min(SURELY - 0.01);
            hit.score = hit.score.max((by_meaning * 1_000.0).round() / 1_000.0);
        }
    }
    all.sort_by(|(one, left), (other, right)| {
        let said = |hit: &Hit| hit.score >= ANSWERS;
        said(right)
            .cmp(&said(left))
            .then_with(|| other.partial_cmp(one).unwrap_or(Ordering::Equal))
            .then_with(|| right.score.partial_cmp(&left.score).unwrap_or(Ordering::Equal))
            .then_with(|| left.id.cmp(&right.id))
    });
    all.into_iter().map(|(_, hit)| hit).take(MOST_HITS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::NewEntry;
    use crate::{KnowledgeId, Language, Timestamp};

    fn entry(title: &str) -> Entry {
        let (body, source) = ("Sí.".to_owned(), "faq".to_owned());
        let content = NewEntry { language: Language::Es, title: title.into(), body, source, url: None };
        Entry { id: KnowledgeId::derived(&[title]), content, updated_at: Timestamp::EPOCH, archived: false }
    }

    /// What is said to a question with these scores of words and these likenesses.
    fn said(words: &[(&Entry, f64)], likenesses: &[(&Entry, f64)]) -> Option<String> {
        let words = words.iter().map(|(entry, score)| rank::hit_of("?", entry, *score)).collect();
        let hits = fuse("?", words, &ranked(likenesses.to_vec()));
        hits.into_iter().next().filter(|hit| hit.score >= ANSWERS).map(|hit| hit.title)
    }

    #[test]
    fn an_entry_is_said_by_its_words_its_meaning_or_both_and_never_by_a_little_of_either() {
        let (a, b) = (entry("a"), entry("b"));
        assert_eq!(said(&[(&a, 0.5)], &[]).as_deref(), Some("a"), "words");
        assert_eq!(said(&[], &[(&b, 2.6), (&a, 2.0)]).as_deref(), Some("b"), "meaning, clearly");
        assert_eq!(said(&[], &[(&b, 2.6), (&a, 2.4)]), None, "two that are as near");
        assert_eq!(said(&[], &[(&b, 2.4)]), None, "near, not near enough");
        assert_eq!(said(&[(&a, 0.35)], &[(&a, 1.3), (&b, 1.25)]).as_deref(), Some("a"), "both together");
        assert_eq!(said(&[(&a, 0.35)], &[(&a, 1.1)]), None, "far in meaning");
        assert_eq!(said(&[(&a, 0.2)], &[(&a, 1.3)]), None, "few words");
        assert_eq!(said(&[(&a, 0.35)], &[(&b, 1.3), (&a, 1.25)]), None, "they disagree");
    }

    #[test]
    fn what_both_lists_have_stands_first_and_what_was_put_away_nowhere() {
        let (a, b, mut gone) = (entry("a"), entry("b"), entry("gone"));
        assert_eq!(said(&[(&a, 0.5), (&b, 0.45)], &[(&b, 3.0), (&gone, 1.3)]).as_deref(), Some("b"));
        gone.archived = true;
        assert_eq!(said(&[], &[(&gone, 4.0)]), None);
        let near = ranked(vec![(&a, 9.0)]);
        let hit = fuse("?", Vec::new(), &near).remove(0);
        assert!(hit.score < SURELY && hit.likeness == Some(9.0), "{hit:?}");
        assert!(ranked(vec![(&a, 1.1), (&b, f64::NEG_INFINITY)]).is_empty(), "a question about something else");
    }
}
