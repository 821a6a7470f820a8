//! A text cut into words, numbers and signs, each with its place.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Letters.
    Word,
    /// Digits, points and commas between them included.
    Number,
    /// One other sign.
    Sign,
}

/// A piece of a text.
#[derive(Clone, Debug)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub span: Range<usize>,
    /// Lower case, without accents; numbers and signs as written.
    pub folded: String,
    /// Whether nothing stands between it and the token before.
    pub glued: bool,
    /// Whether it begins with a capital.
    pub capital: bool,
}

impl Token {
    /// Whether it is this sign.
    pub fn is(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.folded == sign
    }
    /// Its digits, if it is nothing else.
    pub fn digits(&self) -> Option<&str> {
        let plain = self.kind == Kind::Number && self.folded.bytes().all(|byte| byte.is_ascii_digit());
        plain.then_some(self.folded.as_str())
    }
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::with_capacity(text.len() / 4);
    let mut letters = text.char_indices().peekable();
    while let Some((start, letter)) = letters.next() {
        if letter.is_whitespace() || is_combining_mark(letter) {
            continue;
        }
        let mut end = start + letter.len_utf8();
        let kind = if letter.is_ascii_digit() {
            while let Some(&(at, next)) = letters.peek() {
                let inner = matches!(next, '.' | ',') && text[at + 1..].starts_with(|one: char| one.is_ascii_digit());
                if !next.is_ascii_digit() && !inner {
                    break;
                }
                end = at + 1;
                letters.next();
            }
            Kind::Number
        } else if letter.is_alphabetic() {
            while let Some(&(at, next)) = letters.peek() {
                if !next.is_alphabetic() && !is_combining_mark(next) {
                    break;
                }
                end = at + next.len_utf8();
                letters.next();
            }
            Kind::Word
        } else {
            Kind::Sign
        };
        let written = &text[start..end];
        let folded = match kind {
            Kind::Word if written.is_ascii() => written.to_ascii_lowercase(),
            Kind::Word => {
                written.chars().flat_map(char::to_lowercase).nfd().filter(|one| !is_combining_mark(*one)).collect()
            }
            _ => written.to_owned(),
        };
        let glued = tokens.last().is_some_and(|before| before.span.end == start);
        tokens.push(Token { kind, span: start..end, folded, glued, capital: letter.is_uppercase() });
    }
    tokens
}

/// The folded word at a place; empty for anything else.
pub fn word(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).filter(|token| token.kind == Kind::Word).map_or("", |token| token.folded.as_str())
}

/// The word so many places before; empty for anything else.
pub fn word_before(tokens: &[Token], at: usize, back: usize) -> &str {
    at.checked_sub(back).map_or("", |at| word(tokens, at))
}

/// How many tokens a phrase of words covers from a place, points and dashes between them passed over.
pub fn phrase(tokens: &[Token], at: usize, phrase: &str) -> Option<usize> {
    let mut next = at;
    for expected in phrase.split(' ') {
        while next > at
            && tokens.get(next).is_some_and(|token| token.is(".") || token.is("-") || token.is("'") || token.is("’"))
        {
            next += 1;
        }
        let found = tokens.get(next)?;
        if found.kind == Kind::Sign || found.folded != expected {
            return None;
        }
        next += 1;
    }
    Some(next - at)
}

/// The longest of some phrases that begins at a place: its index and how many tokens it covers.
pub fn longest(tokens: &[Token], at: usize, phrases: &[(&str, &str)]) -> Option<(usize, usize)> {
    let first = &tokens[at].folded;
    let starts =
        |known: &str| known.strip_prefix(first.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    let letter = first.as_bytes().first();
    let alike = phrases.iter().enumerate().filter(|(_, (known, _))| known.as_bytes().first() == letter);
    let found = alike.filter(|(_, (known, _))| starts(known));
    found
        .filter_map(|(index, (known, _))| phrase(tokens, at, known).map(|length| (index, length)))
        .max_by_key(|one| one.1)
}
