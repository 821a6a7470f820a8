//! A text as the recogniser sees it: its letters without case and accents, each with its place, and its words.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::LONGEST;

/// One character: upper case, without its accent, and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Letter {
    pub(super) sign: char,
    /// Byte in the text.
    pub(super) at: usize,
    /// Whether it was written as a capital.
    pub(super) capital: bool,
    /// Whether it was written in ASCII, so that it may be part of a number («ñ» is no N there).
    pub(super) ascii: bool,
}

/// The letters of a text, at most [`LONGEST`].
pub(super) fn letters(text: &str) -> Vec<Letter> {
    let of = |(at, sign): (usize, char)| {
        let capital = sign.is_uppercase();
        let plain = if sign.is_ascii() { sign } else { sign.nfd().next().unwrap_or(sign) };
        Letter { sign: plain.to_ascii_uppercase(), at, capital, ascii: sign.is_ascii() }
    };
    text.char_indices().take(LONGEST).map(of).collect()
}

/// A word: where it stands among the letters, and its folded form.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) place: Range<usize>,
    pub(super) folded: String,
}

/// The words of a text that hold a letter.
pub(super) fn words(letters: &[Letter]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for at in 0..=letters.len() {
        let inside = letters.get(at).is_some_and(|letter| letter.sign.is_alphanumeric());
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                let word = &letters[from..at];
                if word.iter().any(|letter| letter.sign.is_alphabetic()) {
                    let folded = word.iter().map(|letter| letter.sign.to_ascii_lowercase()).collect();
                    words.push(Word { place: from..at, folded });
                }
            }
            _ => {}
        }
    }
    words
}
