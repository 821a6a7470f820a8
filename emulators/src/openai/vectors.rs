//! Vectors that are the same for the same text: words hashed into places, of length one. It takes some words to mean the
//! same. A garbled or hostile mind makes vectors that are none, in all the ways that they can be.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::mind::Mind;
use crate::server::Answer;

/// Numbers of a vector.
const LENGTH: usize = 64;

/// Words that it takes to mean the same, the first of each line standing for all.
const ALIKE: &[&[&str]] = &[
    &["nacional", "costa", "litoral", "coast", "sierra", "interior", "pueblo"],
    &["llega", "chega", "reach", "despachamos", "coordinadora"],
];

/// The vector of a text: texts that share words, or words that mean the same, are near each other.
fn vector(text: &str) -> Vec<f32> {
    let mut places = [0.0f32; LENGTH];
    for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let word = ALIKE.iter().find(|words| words.contains(&word)).map_or(word, |words| words[0]);
        let hash = Sha256::digest(word.as_bytes());
        let sign = if hash[1] & 1 == 0 { 1.0 } else { -1.0 };
        places[usize::from(hash[0]) % LENGTH] += sign;
    }
    let length = places.iter().map(|place| place * place).sum::<f32>().sqrt();
    // A text without words points somewhere, too.
    if length == 0.0 {
        places[0] = 1.0;
        return places.to_vec();
    }
    places.iter().map(|place| place / length).collect()
}

/// Answers that are no vectors, one after the other: text where numbers belong, none, too large for four bytes, nothing,
/// the same for every text, as long as no other, too short, too few, too many, at a place that is not there, an error with
/// status 200, and one that never ends.
fn broken(texts: &[&str], number: u64) -> Value {
    let each = |make: &dyn Fn(usize) -> Value| -> Vec<Value> {
        (0..texts.len()).map(|index| json!({ "index": index, "embedding": make(index) })).collect()
    };
    let good = |index: usize| json!(vector(texts[index]));
    let data = match number % 12 {
        0 => each(&|_| json!(vec!["0.1"; LENGTH])),
        1 => each(&|_| json!(vec![Value::Null; LENGTH])),
        2 => each(&|_| json!(vec![1e300; LENGTH])),
        3 => each(&|_| json!(vec![0.0; LENGTH])),
        4 => each(&|_| good(0)),
        5 => each(&|index| json!(vec![0.5; LENGTH + index + 1])),
        6 => each(&|_| json!([0.5, -0.5])),
        7 => each(&good).into_iter().skip(1).collect(),
        8 => [each(&good), each(&good)].concat(),
        9 => vec![json!({ "index": u64::MAX, "embedding": good(0) })],
        10 => return json!({ "error": { "message": "model is loading" } }),
        _ => vec![json!({ "index": 0, "embedding": vec![0.123_456_789; 600_000] })],
    };
    json!({ "object": "list", "data": data })
}

/// Answers a request for vectors.
pub(super) fn answered(body: &Value, mind: &Mind, number: u64) -> Answer {
    let texts: Vec<&str> = match &body["input"] {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if matches!(mind, Mind::Garbled | Mind::Hostile) && !texts.is_empty() {
        return Answer::json(200, &broken(&texts, number));
    }
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text) }))
        .collect();
    let tokens = texts.iter().map(|text| text.len() / 4).sum::<usize>();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    Answer::json(200, &json!({ "object": "list", "data": data, "model": body["model"], "usage": usage }))
}
