//! What goes over the wire and comes back. Questions are plain; answers are read leniently, because every server that
//! calls itself compatible differs somewhere (CONTRACTS G): content as text, parts or null, tool arguments as text or
//! as an object, usage absent, unknown words anywhere.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::settings::Structure;

/// A message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The words.
    pub content: String,
}

impl Message {
    /// Rules of ours.
    pub fn system(content: impl Into<String>) -> Self {
        Self { role: "system".to_owned(), content: content.into() }
    }
    /// Data.
    pub fn user(content: impl Into<String>) -> Self {
        Self { role: "user".to_owned(), content: content.into() }
    }
    /// An earlier answer of the model.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self { role: "assistant".to_owned(), content: content.into() }
    }
}

/// The wanted shape of an answer.
#[derive(Clone, Debug)]
pub struct Shape {
    /// At most 64 of A-Z a-z 0-9 _ -.
    pub name: &'static str,
    /// A JSON schema in the strict dialect: every property required, no others allowed.
    pub schema: Value,
}

/// The body of a chat request. `max_tokens` and the role `system` are the words that all servers know.
pub fn chat(
    model: &str,
    messages: &[Message],
    shape: Option<&Shape>,
    structure: Structure,
    max_tokens: u32,
    stream: bool,
) -> Value {
    let mut body = json!({
        "model": model,
        "messages": messages,
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": stream,
    });
    if stream {
        body["stream_options"] = json!({ "include_usage": true });
    }
    let Some(shape) = shape else { return body };
    match structure {
        Structure::Auto | Structure::Schema => {
            body["response_format"] = json!({
                "type": "json_schema",
                "json_schema": { "name": shape.name, "schema": shape.schema, "strict": true },
            });
        }
        Structure::Object => body["response_format"] = json!({ "type": "json_object" }),
        Structure::Tool => {
            body["tools"] = json!([{
                "type": "function",
                "function": { "name": shape.name, "description": "Gives the answer.", "parameters": shape.schema },
            }]);
            body["tool_choice"] = json!({ "type": "function", "function": { "name": shape.name } });
        }
        Structure::Text => {}
    }
    body
}

/// Tokens as a server counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Of the question.
    pub prompt: u64,
    /// Of the answer.
    pub completion: u64,
}

/// What an answer came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The words, or the arguments of the tool that stands for them.
    pub text: String,
    /// `None` when the server does not count.
    pub usage: Option<Usage>,
    /// Whether it ended for lack of room.
    pub cut: bool,
    /// Whether the model declined.
    pub refused: bool,
}

fn usage(value: &Value) -> Option<Usage> {
    let number = |name: &str| value[name].as_u64();
    let prompt = number("prompt_tokens").or_else(|| number("input_tokens"))?;
    Some(Usage { prompt, completion: number("completion_tokens").or_else(|| number("output_tokens")).unwrap_or(0) })
}

/// Content as text, a list of parts, or nothing.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// Arguments of a tool, as text or, against the rules, as an object.
fn arguments(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => Some(value.to_string()),
        _ => None,
    }
}

/// Reads a whole answer. `None` when there is nothing in it that could be one.
pub fn reply(body: &Value) -> Option<Reply> {
    let choice = body["choices"].as_array()?.first()?;
    let message = &choice["message"];
    let called = message["tool_calls"].as_array().and_then(|calls| calls.first());
    let arguments = called.and_then(|call| arguments(&call["function"]["arguments"]));
    let text = arguments.unwrap_or_else(|| content(&message["content"]));
    Some(Reply {
        text,
        usage: usage(&body["usage"]),
        cut: choice["finish_reason"] == "length",
        refused: message["refusal"].as_str().is_some_and(|text| !text.is_empty())
            || choice["finish_reason"] == "content_filter",
    })
}

/// An answer that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Pieces {
    reply: Reply,
    tool: String,
    /// Whether the server said that it is finished.
    pub finished: bool,
}

impl Pieces {
    /// Adds a piece. An error that came in place of one is given back, as the server's text.
    ///
    /// # Errors
    /// When the server reports a failure in the middle.
    pub fn add(&mut self, piece: &Value) -> Result<(), String> {
        if !piece["error"].is_null() {
            return Err(error_words(piece).1);
        }
        if let Some(counted) = usage(&piece["usage"]) {
            self.reply.usage = Some(counted);
        }
        let Some(choice) = piece["choices"].as_array().and_then(|choices| choices.first()) else { return Ok(()) };
        let delta = &choice["delta"];
        self.reply.text.push_str(&content(&delta["content"]));
        self.reply.refused |= delta["refusal"].as_str().is_some_and(|text| !text.is_empty());
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            // Only the first call is ours; id and name come once, arguments in pieces.
            if call["index"].as_u64().unwrap_or(0) == 0 {
                self.tool.push_str(&arguments(&call["function"]["arguments"]).unwrap_or_default());
            }
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.finished = true;
            self.reply.cut |= reason == "length";
            self.reply.refused |= reason == "content_filter";
        }
        Ok(())
    }

    /// Characters so far.
    pub fn len(&self) -> usize {
        self.reply.text.len() + self.tool.len()
    }
    /// Whether nothing came yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The whole.
    pub fn reply(self) -> Reply {
        let Self { mut reply, tool, .. } = self;
        if !tool.is_empty() {
            reply.text = tool;
        }
        reply
    }
}

/// Code and words of an error body in any of the shapes seen: `{"error":{…}}`, `{"error":"…"}`, `{"object":"error",…}`,
/// `{"detail":…}`. The words are cut; they are for logs of ours and never for people.
pub fn error_words(body: &Value) -> (Option<String>, String) {
    let error = if body["error"].is_null() { body } else { &body["error"] };
    let words = error.as_str().or_else(|| error["message"].as_str()).or_else(|| body["detail"].as_str());
    let code = match &error["code"] {
        Value::String(code) => Some(code.clone()),
        Value::Number(code) => Some(code.to_string()),
        _ => error["type"].as_str().map(str::to_owned),
    };
    (code, words.unwrap_or_default().chars().take(200).collect())
}

/// An answer's text without the thoughts that some models put before it.
pub fn without_thoughts(text: &str) -> &str {
    let text = text.trim();
    match text.rfind("</think>") {
        Some(end) => text[end + "</think>".len()..].trim(),
        None => text,
    }
}

/// The outermost JSON object in a text: bare, in a fence, or with prose around it.
pub fn object_in(text: &str) -> Option<&str> {
    let text = without_thoughts(text);
    let start = text.find('{')?;
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (offset, letter) in text[start..].char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' if !in_string => depth += 1,
            '}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(&text[start..=start + offset]);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_in_every_shape_that_servers_give_them() {
        let read = |message: Value| reply(&json!({ "choices": [{ "message": message, "finish_reason": "eos" }] }));
        assert_eq!(read(json!({ "content": "a" })).unwrap().text, "a");
        assert_eq!(read(json!({ "content": [{ "type": "text", "text": "a" }, { "text": "b" }] })).unwrap().text, "ab");
        assert_eq!(read(json!({ "content": null })).unwrap().text, "");
        let tool =
            |arguments: Value| json!({ "content": "", "tool_calls": [{ "function": { "arguments": arguments } }] });
        assert_eq!(read(tool(json!("{\"a\":1}"))).unwrap().text, "{\"a\":1}");
        assert_eq!(read(tool(json!({ "a": 1 }))).unwrap().text, "{\"a\":1}");
        assert!(read(json!({ "refusal": "no" })).unwrap().refused);
        for nothing in [json!({}), json!({ "choices": [] }), json!({ "choices": "x" }), json!(null), json!([1])] {
            assert_eq!(reply(&nothing), None, "{nothing}");
        }
    }

    #[test]
    fn pieces_become_the_whole_and_errors_in_between_are_seen() {
        let mut pieces = Pieces::default();
        for piece in [
            json!({ "choices": [{ "delta": { "role": "assistant" } }] }),
            json!({ "choices": [{ "delta": { "content": "{\"a\"" } }] }),
            json!({ "choices": [{ "delta": { "content": ":1}" }, "finish_reason": "stop" }] }),
            json!({ "choices": [], "usage": { "prompt_tokens": 7, "completion_tokens": 3 } }),
        ] {
            pieces.add(&piece).unwrap();
        }
        assert!(pieces.finished);
        let reply = pieces.reply();
        assert_eq!((reply.text.as_str(), reply.usage), ("{\"a\":1}", Some(Usage { prompt: 7, completion: 3 })));
        let mut tools = Pieces::default();
        for arguments in ["{\"b\"", ":2}"] {
            let call = json!({ "index": 0, "function": { "arguments": arguments } });
            tools.add(&json!({ "choices": [{ "delta": { "tool_calls": [call] } }] })).unwrap();
        }
        assert_eq!(tools.reply().text, "{\"b\":2}");
        assert_eq!(Pieces::default().add(&json!({ "error": { "message": "boom" } })), Err("boom".to_owned()));
        assert_eq!(Pieces::default().add(&json!({ "error": "boom" })), Err("boom".to_owned()));
    }

    #[test]
    fn errors_are_read_in_every_shape() {
        let words = |body: Value| error_words(&body);
        assert_eq!(words(json!({ "error": { "message": "m", "code": "c" } })), (Some("c".into()), "m".into()));
        assert_eq!(words(json!({ "error": "m" })), (None, "m".into()));
        assert_eq!(words(json!({ "object": "error", "message": "m", "code": 40 })), (Some("40".into()), "m".into()));
        assert_eq!(words(json!({ "detail": "m" })), (None, "m".into()));
        assert_eq!(words(json!(null)), (None, String::new()));
    }

    #[test]
    fn the_object_is_found_among_prose_fences_and_thoughts() {
        for text in [
            "{\"a\":{\"b\":\"}\"}}",
            "Sure! {\"a\":{\"b\":\"}\"}} Anything else?",
            "```json\n{\"a\":{\"b\":\"}\"}}\n```",
            "<think>maybe {\"no\":1}</think>{\"a\":{\"b\":\"}\"}}",
        ] {
            assert_eq!(object_in(text), Some("{\"a\":{\"b\":\"}\"}}"), "{text}");
        }
        for text in ["", "no object", "{\"a\":", "{\"a\":\"}", "}{"] {
            assert_eq!(object_in(text), None, "{text}");
        }
    }
}
