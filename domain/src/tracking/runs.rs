//! Digits as they stand in a text: groups parted by single signs, which may be one number or several.

use std::ops::Range;

use super::letters::Letter;

/// Most digits of one number (USPS with its routing).
pub(super) const MOST_DIGITS: usize = 34;
/// Most groups that are tried together.
const MOST_GROUPS: usize = 16;
/// A group of so many digits is a number by itself.
const LONG_GROUP: usize = 9;

/// Groups of digits with nothing but blanks or single dashes between them.
pub(super) struct Run {
    /// Each group's place among the letters.
    pub(super) groups: Vec<Range<usize>>,
}

/// A number within a run.
pub(super) struct Number {
    pub(super) digits: String,
    /// Its place among the letters.
    pub(super) place: Range<usize>,
}

/// All runs of digits, those glued to letters left out.
pub(super) fn runs(letters: &[Letter]) -> Vec<Run> {
    let digit = |at: usize| letters.get(at).is_some_and(|letter| letter.sign.is_ascii_digit());
    let letter = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(|one| one.sign.is_alphabetic());
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    let mut joins = false;
    while at < letters.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let end = (at..letters.len()).find(|&place| !digit(place)).unwrap_or(letters.len());
        // Glued to letters it is part of something else.
        if letter(at.checked_sub(1)) || letter(Some(end)) {
            joins = false;
        } else {
            match runs.last_mut().filter(|_| joins) {
                Some(run) => run.groups.push(at..end),
                None => runs.push(Run { groups: std::iter::once(at..end).collect() }),
            }
            joins = true;
        }
        let next = gap(letters, end);
        joins = joins && next > end && digit(next);
        at = if joins { next } else { end };
    }
    runs
}

/// The place after the blanks, or the one dash or dot, that may stand inside a number.
pub(super) fn gap(letters: &[Letter], at: usize) -> usize {
    let sign = |at: usize| letters.get(at).map(|letter| letter.sign);
    match sign(at) {
        Some('-' | '\u{2011}' | '\u{2013}') => at + 1,
        Some(' ' | '\u{a0}' | '\t') => {
            let blank = |place: &usize| !matches!(sign(*place), Some(' ' | '\u{a0}' | '\t'));
            (at..at + 4).find(blank).unwrap_or(at + 4)
        }
        _ => at,
    }
}

impl Run {
    /// The digits of some of the groups.
    pub(super) fn number(&self, letters: &[Letter], groups: Range<usize>) -> Number {
        let chosen = &self.groups[groups];
        let digits = chosen.iter().flat_map(|group| letters[group.clone()].iter().map(|letter| letter.sign)).collect();
        let place = chosen.first().map_or(0, |group| group.start)..chosen.last().map_or(0, |group| group.end);
        Number { digits, place }
    }

    /// The rows of neighbouring groups that may be one number, longest first: all of them, all but a digit or two at an
    /// edge («son 2: 7905 …»), and each that is long enough by itself.
    pub(super) fn rows(&self) -> Vec<Range<usize>> {
        let count = self.groups.len();
        if count > MOST_GROUPS {
            return std::iter::once(0..count).collect();
        }
        let mut rows: Vec<Range<usize>> =
            (0..count).flat_map(|from| (from + 1..=count).map(move |to| from..to)).collect();
        let length = |row: &Range<usize>| self.groups[row.clone()].iter().map(ExactSizeIterator::len).sum::<usize>();
        let whole = length(&(0..count));
        rows.retain(|row| {
            let alone = row.len() == 1 && length(row) >= LONG_GROUP;
            length(row) <= MOST_DIGITS && (alone || whole - length(row) <= 2)
        });
        rows.sort_by_key(|row| std::cmp::Reverse(length(row)));
        rows
    }

    /// How the groups are read without a check digit to tell: where one alone is long enough each stands by itself, so
    /// that «pedido 1042 guía 12345678901» is not read as one number.
    pub(super) fn natural(&self, letters: &[Letter]) -> Vec<Number> {
        let count = self.groups.len();
        if count == 1 || self.groups.iter().any(|group| group.len() >= LONG_GROUP) {
            return (0..count).map(|group| self.number(letters, group..group + 1)).collect();
        }
        vec![self.number(letters, 0..count)]
    }
}
