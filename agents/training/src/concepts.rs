//! Words of three languages that mean the same in a shop. «Pedido», «encomenda» and «parcel» are one concept, so that
//! what is learned of one word in one language holds for the others.
//!
//! `lexicon/concepts.txt` holds them: `name: entry, entry`, an entry being normalised words; a star at the end stands for
//! any ending.

use std::collections::HashMap;

/// The embedded concepts.
pub const CONCEPTS: &str = include_str!("../../lexicon/concepts.txt");

#[derive(Default)]
struct Entry {
    /// Concepts of exactly this word.
    exact: Vec<u16>,
    /// Concepts of words that begin so.
    prefix: Vec<u16>,
}

/// A phrase after its first word.
struct Phrase<'a> {
    rest: Vec<&'a str>,
    /// Whether the last word may go on.
    open: bool,
    concept: u16,
}

/// The concepts, ready to be looked for.
pub struct Concepts<'a> {
    words: HashMap<&'a str, Entry>,
    phrases: HashMap<&'a str, Vec<Phrase<'a>>>,
    names: Vec<&'a str>,
}

impl<'a> Concepts<'a> {
    /// Reads the lines of a lexicon; lines that begin with `#` and lines without a colon are remarks.
    pub fn read(text: &'a str) -> Self {
        let mut concepts = Self { words: HashMap::new(), phrases: HashMap::new(), names: Vec::new() };
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, entries)) = line.split_once(':') else { continue };
            let name = name.trim();
            let known = concepts.names.iter().position(|other| *other == name);
            let place = known.unwrap_or_else(|| {
                concepts.names.push(name);
                concepts.names.len() - 1
            });
            let Ok(concept) = u16::try_from(place) else { continue };
            for entry in entries.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
                concepts.add(entry, concept);
            }
        }
        concepts
    }

    fn add(&mut self, entry: &'a str, concept: u16) {
        let (words, open) = match entry.strip_suffix('*') {
            Some(start) => (start, true),
            None => (entry, false),
        };
        match words.split_once(' ') {
            None => {
                let found = self.words.entry(words).or_default();
                if open { &mut found.prefix } else { &mut found.exact }.push(concept);
            }
            Some((first, rest)) => {
                let phrase = Phrase { rest: rest.split(' ').collect(), open, concept };
                self.phrases.entry(first).or_default().push(phrase);
            }
        }
    }

    /// The name of a concept.
    pub fn name(&self, concept: u16) -> &'a str {
        self.names.get(usize::from(concept)).copied().unwrap_or("")
    }

    /// The concepts of a text's words in their order; the same concept twice in a row is one.
    pub fn find(&self, words: &[&str]) -> Vec<u16> {
        let mut found = Vec::with_capacity(words.len());
        for (place, word) in words.iter().enumerate() {
            for phrase in self.phrases.get(word).into_iter().flatten() {
                if phrase.stands(&words[place + 1..]) {
                    found.push(phrase.concept);
                }
            }
            if let Some(entry) = self.words.get(word) {
                found.extend(&entry.exact);
            }
            for (end, _) in word.char_indices().skip(2).chain(std::iter::once((word.len(), ' '))) {
                if let Some(entry) = self.words.get(&word[..end]) {
                    found.extend(&entry.prefix);
                }
            }
        }
        found.dedup();
        found
    }
}

impl Phrase<'_> {
    fn stands(&self, after: &[&str]) -> bool {
        let Some(after) = after.get(..self.rest.len()) else { return false };
        let Some((last, middle)) = self.rest.split_last() else { return false };
        let ends = after.last().is_some_and(|word| if self.open { word.starts_with(last) } else { word == last });
        ends && middle == &after[..middle.len()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_phrases_and_endings_are_found_in_order() {
        let concepts = Concepts::read("# remark\nORDER: pedido*, order\nBACK: give back, devolv*, dar para tra*\n");
        let names = |text: &str| -> Vec<&str> {
            concepts.find(&text.split(' ').collect::<Vec<_>>()).into_iter().map(|one| concepts.name(one)).collect()
        };
        assert_eq!(names("quiero devolver mis pedidos"), ["BACK", "ORDER"]);
        assert_eq!(names("give back the order orders"), ["BACK", "ORDER"]);
        assert_eq!(names("dar para tras"), ["BACK"]);
        assert!(names("give it dar para").is_empty());
    }

    #[test]
    fn the_embedded_lexicon_is_normalised_and_says_nothing_twice() {
        let mut seen = std::collections::HashSet::new();
        for line in CONCEPTS.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, entries)) = line.split_once(':') else {
                assert!(line.trim().is_empty(), "{line}");
                continue;
            };
            for entry in entries.split(',').map(str::trim) {
                let words = entry.trim_end_matches('*');
                assert_eq!(crate::normalise::normalise(words), words, "{name}: {entry}");
                assert!(seen.insert((name, entry)), "{name}: {entry} twice");
            }
        }
        assert!(seen.len() > 1000);
    }
}
