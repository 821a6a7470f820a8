//! What is looked at in a normalised text: words, pairs of words, pieces of words, the concepts that words stand for, and
//! what the words mean together as a vector.
//!
//! Each group of features has unit length before its own weight, so that neither long texts nor the many pieces of words
//! drown the few words that decide. What training never saw counts in that length too: a text of unknown words gets
//! small scores, and so a low confidence.

use super::lexicon::Lexicon;

/// A feature's hash and its value.
pub type Feature = (u32, f32);

const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// Weights of the groups, chosen by cross-validation over families (docs/understanding.md).
const WORDS: f32 = 1.0;
const PAIRS: f32 = 0.8;
const PIECES: f32 = 0.6;
const CONCEPTS: f32 = 1.2;
const CONCEPT_PAIRS: f32 = 1.0;
const LENGTH: f32 = 0.25;
/// Of the vector of meaning.
const MEANING: f32 = 1.5;
/// Concepts of a text that are paired with each other; the wish stands in the first ones.
const PAIRED: usize = 14;

/// FNV-1a, continued.
pub fn feed(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

/// A hash whose high bits are as good as its low ones.
pub fn finish(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    let hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// A hash of parts, the first of which names the group.
pub fn hash(parts: &[&[u8]]) -> u32 {
    finish(parts.iter().fold(OFFSET, |hash, part| feed(hash, part)))
}

/// Short spellings of chats, written out. Normalised to normalised.
const SHORT: &[(&str, &str)] = &[
    ("q", "que"),
    ("qe", "que"),
    ("ke", "que"),
    ("xq", "porque"),
    ("pq", "porque"),
    ("porq", "porque"),
    ("pk", "porque"),
    ("x", "por"),
    ("xfa", "por favor"),
    ("xfavor", "por favor"),
    ("porfa", "por favor"),
    ("porfis", "por favor"),
    ("pfv", "por favor"),
    ("pfvr", "por favor"),
    ("pf", "por favor"),
    ("d", "de"),
    ("dnd", "donde"),
    ("dnde", "donde"),
    ("onde", "donde"),
    ("cdo", "cuando"),
    ("cndo", "cuando"),
    ("qdo", "quando"),
    ("qnd", "quando"),
    ("qto", "quanto"),
    ("qnt", "quanto"),
    ("cto", "cuanto"),
    ("kiero", "quiero"),
    ("qiero", "quiero"),
    ("tmb", "tambien"),
    ("tb", "tambien"),
    ("tbm", "tambem"),
    ("vc", "voce"),
    ("vcs", "voces"),
    ("ce", "voce"),
    ("n", "nao"),
    ("naum", "nao"),
    ("pra", "para"),
    ("pa", "para"),
    ("pro", "para o"),
    ("ta", "esta"),
    ("tah", "esta"),
    ("to", "estou"),
    ("tou", "estou"),
    ("toy", "estoy"),
    ("msm", "mesmo"),
    ("mto", "muito"),
    ("mt", "muito"),
    ("hj", "hoje"),
    ("obg", "obrigado"),
    ("brigado", "obrigado"),
    ("vlw", "valeu"),
    ("blz", "beleza"),
    ("cmg", "comigo"),
    ("grax", "gracias"),
    ("grcs", "gracias"),
    ("grs", "gracias"),
    ("u", "you"),
    ("ur", "your"),
    ("r", "are"),
    ("y r", "why are"),
    ("pls", "please"),
    ("plz", "please"),
    ("plss", "please"),
    ("thx", "thanks"),
    ("tks", "thanks"),
    ("tnx", "thanks"),
    ("ty", "thank you"),
    ("wheres", "where is"),
    ("whats", "what is"),
    ("wats", "what is"),
    ("wat", "what"),
    ("wanna", "want to"),
    ("gimme", "give me"),
    ("dont", "don t"),
    ("didnt", "didn t"),
    ("doesnt", "doesn t"),
    ("cant", "can t"),
    ("wont", "won t"),
    ("isnt", "isn t"),
    ("hasnt", "hasn t"),
    ("havent", "haven t"),
    ("im", "i m"),
    ("ive", "i ve"),
    ("id", "i d"),
    ("whens", "when is"),
    ("hows", "how is"),
    ("bc", "because"),
    ("cuz", "because"),
    ("msgs", "messages"),
    ("msg", "message"),
    ("pkg", "package"),
    ("addy", "address"),
    ("info", "informacion"),
];

/// The words that are looked at: short spellings written out; a number is a number, whichever it is.
pub fn words(normalised: &str) -> Vec<&str> {
    let mut words = Vec::with_capacity(24);
    for word in normalised.split(' ').filter(|word| !word.is_empty()) {
        if let Some((_, long)) = SHORT.iter().find(|(short, _)| *short == word) {
            words.extend(long.split(' '));
        } else if word.bytes().any(|byte| byte.is_ascii_digit()) {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            words.push(if digits >= 3 { "000" } else { "0" });
        } else {
            words.push(word);
        }
    }
    words
}

/// Features of a normalised text, ascending by hash and without repetition.
pub fn features(normalised: &str, lexicon: &Lexicon) -> Vec<Feature> {
    let words = words(normalised);
    let mut all = Vec::with_capacity(normalised.len() * 4 + 64);
    let mut group = Vec::with_capacity(normalised.len() * 3 + 16);

    group.extend(words.iter().map(|word| hash(&[b"w", word.as_bytes()])));
    close(&mut group, WORDS, &mut all);

    let mut before = "^";
    for word in words.iter().copied().chain(std::iter::once("$")) {
        group.push(hash(&[b"b", before.as_bytes(), b" ", word.as_bytes()]));
        before = word;
    }
    for three in words.windows(3) {
        group.push(hash(&[b"s", three[0].as_bytes(), b" ", three[2].as_bytes()]));
    }
    close(&mut group, PAIRS, &mut all);

    let mut padded = Vec::with_capacity(32);
    for word in &words {
        padded.clear();
        padded.push(b' ');
        padded.extend_from_slice(word.as_bytes());
        padded.push(b' ');
        for size in 3..=5 {
            group.extend(padded.windows(size).map(|piece| hash(&[b"c", piece])));
        }
    }
    close(&mut group, PIECES, &mut all);

    let found = lexicon.concepts.find(&words);
    group.extend(found.iter().map(|concept| hash(&[b"k", &concept.to_le_bytes()])));
    close(&mut group, CONCEPTS, &mut all);

    for (place, one) in found.iter().enumerate().take(PAIRED) {
        for other in found.iter().take(PAIRED).skip(place + 1).filter(|other| *other != one) {
            group.push(hash(&[b"p", &one.to_le_bytes(), &other.to_le_bytes()]));
            let (low, high) = (one.min(other), one.max(other));
            group.push(hash(&[b"u", &low.to_le_bytes(), &high.to_le_bytes()]));
        }
    }
    close(&mut group, CONCEPT_PAIRS, &mut all);

    let length: &[u8] = match words.len() {
        0 => b"0",
        1 => b"1",
        2 => b"2",
        3..=4 => b"3",
        5..=8 => b"5",
        _ => b"9",
    };
    group.push(hash(&[b"l", length]));
    close(&mut group, LENGTH, &mut all);

    for (place, figure) in lexicon.vectors.meaning(&words).into_iter().flatten().enumerate() {
        all.push((hash(&[b"v", &(place as u16).to_le_bytes()]), figure * MEANING));
    }

    all.sort_unstable_by_key(|(hash, _)| *hash);
    all
}

/// Turns a group of hashes to features of the given length, sublinear in how often each occurs.
pub fn close(group: &mut Vec<u32>, weight: f32, all: &mut Vec<Feature>) {
    group.sort_unstable();
    let start = all.len();
    for run in group.chunk_by(|one, other| one == other) {
        all.push((run[0], 1.0 + (run.len() as f32).ln()));
    }
    let length = all[start..].iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
    for (_, value) in &mut all[start..] {
        *value *= weight / length;
    }
    group.clear();
}
