//! What is looked at to tell languages apart: words and pieces of words, with their accents and without.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::features::{Feature, close, hash};

/// Longest text that is looked at.
const LONGEST: usize = 600;
const WORDS: f32 = 1.0;
const PLAIN_WORDS: f32 = 1.0;
const PIECES: f32 = 1.0;
const PLAIN_PIECES: f32 = 1.0;

/// The words of a text in lower case, with their accents; without addresses, numbers and names of accounts.
pub fn words(text: &str) -> Vec<String> {
    let lower: String = text.chars().take(LONGEST).flat_map(char::to_lowercase).nfc().collect();
    let mut words = Vec::new();
    for token in lower.split_whitespace() {
        if token.contains('@') || token.starts_with("http") || token.starts_with("www.") || token.starts_with('#') {
            continue;
        }
        for word in token.split(|letter: char| !letter.is_alphabetic()).filter(|word| !word.is_empty()) {
            words.push(shortened(word));
        }
    }
    words
}

/// «holaaaa» is «hola».
fn shortened(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let (mut last, mut run) = ('\0', 0);
    for letter in word.chars() {
        run = if letter == last { run + 1 } else { 1 };
        last = letter;
        if run == 3 {
            out.pop();
        }
        if run < 3 {
            out.push(letter);
        }
    }
    out
}

/// Without accents.
pub fn plain(word: &str) -> String {
    word.nfd().filter(|letter| !is_combining_mark(*letter)).collect()
}

/// Hashes of the words of a text without accents, as [`features`] has them.
pub fn word_hashes(text: &str) -> impl Iterator<Item = u32> {
    words(text).into_iter().map(|word| hash(&[b"X", plain(&word).as_bytes()]))
}

/// Features of a text, ascending by hash. Empty when it has no letters.
pub fn features(text: &str) -> Vec<Feature> {
    let words = words(text);
    let mut all = Vec::with_capacity(text.len() * 6 + 16);
    if words.is_empty() {
        return all;
    }
    let plain: Vec<String> = words.iter().map(|word| plain(word)).collect();
    let mut group = Vec::with_capacity(text.len() * 4 + 16);
    for (words, word, pair, piece, weights) in
        [(&words, b"W", b"B", b"C", (WORDS, PIECES)), (&plain, b"X", b"D", b"E", (PLAIN_WORDS, PLAIN_PIECES))]
    {
        group.extend(words.iter().map(|one| hash(&[word, one.as_bytes()])));
        group.extend(words.windows(2).map(|two| hash(&[pair, two[0].as_bytes(), b" ", two[1].as_bytes()])));
        close(&mut group, weights.0, &mut all);
        for one in words {
            let padded: Vec<char> = std::iter::once(' ').chain(one.chars()).chain(std::iter::once(' ')).collect();
            let mut bytes = String::with_capacity(16);
            for size in 1..=4 {
                for letters in padded.windows(size) {
                    bytes.clear();
                    bytes.extend(letters);
                    group.push(hash(&[piece, bytes.as_bytes()]));
                }
            }
        }
        close(&mut group, weights.1, &mut all);
    }
    if text.contains('¿') || text.contains('¡') {
        all.push((hash(&[b"opening"]), 1.0));
    }
    all.sort_unstable_by_key(|(hash, _)| *hash);
    all
}
