//! Chat completions, whole and in pieces.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::mind::{Asked, Mind, Thought};
use crate::server::Answer;

/// Letters of a piece of a stream.
const PIECE: usize = 12;

/// Answers a chat request.
pub(super) fn answered(body: &Value, mind: &Mind, number: u64, now: i64, pause: Duration) -> Answer {
    let asked = Asked::of(body);
    let thought = mind.think(&asked, number);
    let text = match thought {
        Thought::Text(text) => text,
        Thought::Whole(answer) => return Answer::json(200, &answer),
    };
    // About four letters make a token; what is longer than asked for is cut, as models do.
    let most = body["max_tokens"].as_u64().unwrap_or(4_096) as usize * 4;
    let cut = text.chars().count() > most;
    let text: String = text.chars().take(most).collect();
    let usage = json!({
        "prompt_tokens": body["messages"].to_string().len() / 4,
        "completion_tokens": text.len() / 4,
        "total_tokens": (body["messages"].to_string().len() + text.len()) / 4,
    });
    let head = |object: &str| json!({ "id": format!("chatcmpl-{number}"), "object": object, "created": now, "model": body["model"] });
    let tool = body["tools"][0]["function"]["name"].as_str();
    if body["stream"] == Value::Bool(true) {
        return streamed(&head("chat.completion.chunk"), &text, tool, cut, &usage, pause);
    }
    let message = match tool {
        Some(name) => json!({ "role": "assistant", "content": null, "tool_calls": [
            { "id": "call_1", "type": "function", "function": { "name": name, "arguments": text } }] }),
        None => json!({ "role": "assistant", "content": text, "refusal": null }),
    };
    let mut answer = head("chat.completion");
    let reason = if cut {
        "length"
    } else if tool.is_some() {
        "tool_calls"
    } else {
        "stop"
    };
    answer["choices"] = json!([{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }]);
    answer["usage"] = usage;
    Answer::json(200, &answer)
}

fn streamed(head: &Value, text: &str, tool: Option<&str>, cut: bool, usage: &Value, pause: Duration) -> Answer {
    let chunk = |delta: Value, reason: Value| {
        let mut chunk = head.clone();
        chunk["choices"] = json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        Bytes::from(format!("data: {chunk}\n\n"))
    };
    let mut pieces = vec![chunk(json!({ "role": "assistant", "content": "" }), Value::Null)];
    let letters: Vec<char> = text.chars().collect();
    for (place, piece) in letters.chunks(PIECE).enumerate() {
        let piece: String = piece.iter().collect();
        let delta = match tool {
            // Id and name stand in the first piece only.
            Some(name) if place == 0 => json!({ "tool_calls": [{ "index": 0, "id": "call_1", "type": "function",
                "function": { "name": name, "arguments": piece } }] }),
            Some(_) => json!({ "tool_calls": [{ "index": 0, "function": { "arguments": piece } }] }),
            None => json!({ "content": piece }),
        };
        pieces.push(chunk(delta, Value::Null));
    }
    pieces.push(chunk(json!({}), json!(if cut { "length" } else { "stop" })));
    let mut last = head.clone();
    last["choices"] = json!([]);
    last["usage"] = usage.clone();
    pieces.push(Bytes::from(format!("data: {last}\n\n")));
    pieces.push(Bytes::from_static(b"data: [DONE]\n\n"));
    Answer::Stream { content_type: "text/event-stream", pieces, pause, cut: false }
}
