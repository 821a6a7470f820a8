//! Vectors that are the same for the same text: words hashed into places, of length one.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::server::Answer;

/// Numbers of a vector.
const LENGTH: usize = 64;

/// The vector of a text: texts that share words are near each other.
fn vector(text: &str) -> Vec<f32> {
    let mut places = [0.0f32; LENGTH];
    for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()) {
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

/// Answers a request for vectors.
pub(super) fn answered(body: &Value) -> Answer {
    let texts: Vec<&str> = match &body["input"] {
        Value::String(text) => vec![text],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let data: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| json!({ "object": "embedding", "index": index, "embedding": vector(text) }))
        .collect();
    let tokens = texts.iter().map(|text| text.len() / 4).sum::<usize>();
    let usage = json!({ "prompt_tokens": tokens, "total_tokens": tokens });
    Answer::json(200, &json!({ "object": "list", "data": data, "model": body["model"], "usage": usage }))
}
