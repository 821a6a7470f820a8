//! Reading JSON that may be wrong in any single place: a wrong part is absent, never an error of the whole.

use recado_domain::Timestamp;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Parses a body. A lone surrogate escape (a text cut inside an emoji) is no reason to lose a batch: it is replaced.
pub(crate) fn parse(body: &[u8]) -> Result<Value, String> {
    let problem = match serde_json::from_slice(body) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if !body.windows(3).any(|window| window[0] == b'\\' && window[1] == b'u' && matches!(window[2], b'd' | b'D')) {
        return Err(describe(&problem));
    }
    serde_json::from_slice(&without_lone_surrogates(body)).map_err(|_| describe(&problem))
}

/// Category and place, not the text: the body may hold personal data.
fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Eof => "ends too early",
        serde_json::error::Category::Syntax if error.to_string().starts_with("recursion") => "nested too deeply",
        serde_json::error::Category::Syntax => "not JSON",
        serde_json::error::Category::Data => "not the expected shape",
        serde_json::error::Category::Io => "unreadable",
    };
    format!("{what} at line {} column {}", error.line(), error.column())
}

fn without_lone_surrogates(body: &[u8]) -> Vec<u8> {
    let unit = |at: usize| -> Option<u32> {
        let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut repaired = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let step = match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                repaired.extend_from_slice(b"\\ufffd");
                at += 6;
                continue;
            }
            // An escaped backslash is one step, so that `\\ud800` stays the five characters that it is.
            _ if body[at] == b'\\' => 2,
            _ => 1,
        };
        repaired.extend_from_slice(&body[at..(at + step).min(body.len())]);
        at += step;
    }
    repaired
}

/// NUL cannot stand in a text column; it becomes the replacement character.
pub(crate) fn clean(text: &str) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}

/// The first `limit` characters.
pub(crate) fn cut(text: &str, limit: usize) -> String {
    clean(text).chars().take(limit).collect()
}

/// A whole JSON value without NUL.
pub(crate) fn clean_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(clean(&text)),
        Value::Array(items) => items.into_iter().map(clean_value).collect(),
        Value::Object(map) => map.into_iter().map(|(key, item)| (clean(&key), clean_value(item))).collect(),
        other => other,
    }
}

/// Reading parts of a value by key.
pub(crate) trait Part {
    /// A text that is there and not empty.
    fn text(&self, key: &str) -> Option<String>;
    /// An identifier: a text, or a whole number (exact beyond 2^53; a float is none).
    fn id(&self, key: &str) -> Option<String>;
    /// A whole number, also as text.
    fn whole(&self, key: &str) -> Option<i64>;
    /// An object or array that is there and not null.
    fn part(&self, key: &str) -> Option<&Value>;
    /// The items of an array; none when it is anything else.
    fn items(&self, key: &str) -> &[Value];
    /// A boolean, also as text.
    fn flag(&self, key: &str) -> Option<bool>;
    /// An RFC 3339 time.
    fn time(&self, key: &str) -> Option<Timestamp>;
}

impl Part for Value {
    fn text(&self, key: &str) -> Option<String> {
        self.get(key)?.as_str().filter(|text| !text.is_empty()).map(clean)
    }
    fn id(&self, key: &str) -> Option<String> {
        let text = match self.get(key)? {
            Value::String(text) => clean(text.trim()),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return None,
        };
        (!text.is_empty() && text.len() <= 512).then_some(text)
    }
    fn whole(&self, key: &str) -> Option<i64> {
        match self.get(key)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
    fn part(&self, key: &str) -> Option<&Value> {
        self.get(key).filter(|value| value.is_object() || value.is_array())
    }
    fn items(&self, key: &str) -> &[Value] {
        self.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
    fn flag(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }
    fn time(&self, key: &str) -> Option<Timestamp> {
        Timestamp::parse(self.get(key)?.as_str()?).ok()
    }
}

/// SHA-256 in hex, as a key.
pub(crate) fn hash_key(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// The same for a part; keys are sorted in a [`Value`], so that equal parts have equal hashes.
pub(crate) fn value_key(value: &Value) -> String {
    hash_key(value.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_beyond_53_bits_stay_exact_and_floats_are_none() {
        let value = parse(br#"{"a":820982911946154508,"b":18446744073709551615,"c":1e30,"d":" 7 ","e":null}"#).unwrap();
        assert_eq!(value.id("a").as_deref(), Some("820982911946154508"));
        assert_eq!(value.id("b").as_deref(), Some("18446744073709551615"));
        assert_eq!((value.id("c"), value.id("d"), value.id("e")), (None, Some("7".to_owned()), None));
    }

    #[test]
    fn a_cut_emoji_does_not_lose_its_neighbours() {
        let value = parse(br#"{"a":"x\ud83d","b":"\ud83d\ude00","c":"\\ud800"}"#).unwrap();
        assert_eq!(value, json!({"a": "x\u{fffd}", "b": "\u{1f600}", "c": "\\ud800"}));
        assert!(parse(br#"{"a":"\ud83d"#).is_err());
    }

    #[test]
    fn depth_is_refused_without_a_crash() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert!(parse(deep.as_bytes()).unwrap_err().contains("deeply"));
    }

    #[test]
    fn nul_does_not_pass() {
        assert_eq!(json!({"a": "x\0y"}).text("a").as_deref(), Some("x\u{fffd}y"));
    }
}
