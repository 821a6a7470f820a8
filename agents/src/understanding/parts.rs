//! Several wishes in one message: «hola, ¿dónde está mi pedido? y quiero cambiar la dirección».

use std::ops::Range;

use recado_domain::intent::Intent;

use super::normalise::normalise;
use super::{Readings, Role, Understander};

/// A part is heard as a wish of its own from this probability on.
const SURE: f64 = 0.5;
/// Most parts that are looked at.
const MOST: usize = 8;
/// Words that may join two wishes, between blanks.
const JOINTS: &[&str] = &[
    " y también ",
    " y tambien ",
    " y además ",
    " y ademas ",
    " además ",
    " ademas ",
    " también ",
    " tambien ",
    " e também ",
    " e tambem ",
    " além disso ",
    " alem disso ",
    " também ",
    " tambem ",
    " and also ",
    " also ",
    " and ",
    " y ",
    " e ",
    " pero ",
    " mas ",
    " but ",
    " por cierto ",
    " aliás ",
    " btw ",
];

/// A part of a message that wants something of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Where it stands in the text, in bytes.
    pub range: Range<usize>,
    /// Its readings, likeliest first.
    pub readings: Readings,
}

impl Part {
    /// The likeliest reading.
    pub fn intent(&self) -> Option<Intent> {
        self.readings.first().map(|(intent, _)| *intent)
    }
}

/// Politeness, which is no wish beside another one.
fn is_polite(intent: Intent) -> bool {
    matches!(
        intent,
        Intent::Greeting | Intent::Thanks | Intent::Goodbye | Intent::Yes | Intent::No | Intent::Menu | Intent::Repeat
    )
}

/// Ends of sentences and lines.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        let ends = match letter {
            '\n' | ';' | '?' | '!' | '…' => true,
            // A point inside a number or an address ends nothing.
            '.' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if ends {
            ranges.push(start..at + letter.len_utf8());
            start = at + letter.len_utf8();
        }
    }
    ranges.push(start..text.len());
    ranges.retain(|range| text[range.clone()].chars().any(char::is_alphanumeric));
    ranges
}

/// The places where a sentence may be cut: a joint between at least two words on each side.
fn joints(sentence: &str) -> Vec<usize> {
    let lower = sentence.to_lowercase();
    // Lower case of a few letters has another length: then places would be wrong, so nothing is cut.
    if lower.len() != sentence.len() {
        return Vec::new();
    }
    let long_enough = |piece: &str| piece.split_whitespace().count() >= 2;
    let mut places: Vec<usize> = JOINTS
        .iter()
        .flat_map(|joint| lower.match_indices(joint).map(|(at, _)| at))
        .chain(lower.match_indices(", ").map(|(at, _)| at + 1))
        .filter(|at| sentence.is_char_boundary(*at) && long_enough(&lower[..*at]) && long_enough(&lower[*at..]))
        .collect();
    places.sort_unstable();
    places.dedup();
    places.truncate(6);
    places
}

impl Understander {
    /// What a message wants, part by part in their order. One part when it wants one thing; several when its sentences,
    /// or the sides of an «y», surely want different things. Politeness beside a wish is left out.
    pub fn parts(&self, text: &str, role: Role) -> Vec<Part> {
        let part = |range: Range<usize>| {
            let readings = self.readings(&normalise(&text[range.clone()]), role);
            Part { range, readings }
        };
        let whole = part(0..text.len());
        let mut parts: Vec<Part> = Vec::new();
        for range in sentences(text).into_iter().take(MOST) {
            match self.cut(text, &range, role) {
                Some((one, other)) => parts.extend([one, other]),
                None => parts.push(part(range)),
            }
        }
        parts.retain(|part| {
            part.readings.first().is_some_and(|(intent, chance)| *chance >= SURE && !is_polite(*intent))
        });
        let mut seen = Vec::new();
        parts.retain(|part| {
            let new = !seen.contains(&part.intent());
            seen.push(part.intent());
            new
        });
        if parts.len() >= 2 { parts } else { vec![whole] }
    }

    /// A sentence in two, where both sides surely want different things; of several places the surest.
    fn cut(&self, text: &str, range: &Range<usize>, role: Role) -> Option<(Part, Part)> {
        let sentence = &text[range.clone()];
        let mut best: Option<(f64, Part, Part)> = None;
        for at in joints(sentence) {
            let middle = range.start + at;
            let side = |range: Range<usize>| {
                let readings = self.readings(&normalise(&text[range.clone()]), role);
                Part { range, readings }
            };
            let (one, other) = (side(range.start..middle), side(middle..range.end));
            let (Some(first), Some(second)) = (one.readings.first(), other.readings.first()) else { continue };
            let surety = first.1.min(second.1);
            let better = best.as_ref().is_none_or(|(known, ..)| surety > *known);
            let different = first.0 != second.0 && !is_polite(first.0) && !is_polite(second.0);
            if different && surety >= SURE && better {
                best = Some((surety, one, other));
            }
        }
        best.map(|(_, one, other)| (one, other))
    }
}
