//! The shape of a rewording.

use serde::Deserialize;
use serde_json::json;

use super::wire::{Shape, object_in};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    text: String,
}

/// One text.
pub fn shape() -> Shape {
    let schema = json!({
        "type": "object",
        "properties": { "text": { "type": "string" } },
        "required": ["text"],
        "additionalProperties": false,
    });
    Shape { name: "rewording", schema }
}

/// Reads an answer.
///
/// # Errors
/// When it has another shape.
pub fn read(answer: &str) -> Result<String, String> {
    let object = object_in(answer).ok_or("there is no JSON object in it")?;
    let Answer { text } = serde_json::from_str(object).map_err(|_| "it is not {\"text\":\"…\"}".to_owned())?;
    let text = text.trim();
    if text.is_empty() { Err("the text is empty".to_owned()) } else { Ok(text.to_owned()) }
}
