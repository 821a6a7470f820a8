//! Transcriptions. What is recognised is what the file holds after a mark, so that a test says what was spoken.

use serde_json::json;

use crate::server::{Answer, Call};

/// Before the words that a file "speaks".
const MARK: &[u8] = b"SPOKEN:";

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Answers a request to transcribe.
pub(super) fn transcribed(call: &Call) -> Answer {
    let refuse = |words: &str| Answer::json(400, &json!({ "error": { "message": words, "code": null } }));
    let multipart = call.header("content-type").is_some_and(|kind| kind.starts_with("multipart/form-data"));
    if !multipart {
        return refuse("The request must be multipart.");
    }
    // Servers tell the format by the name.
    let name = find(&call.body, b"filename=\"").map(|at| &call.body[at + 10..]);
    let name = name.and_then(|rest| Some(&rest[..find(rest, b"\"")?])).unwrap_or_default();
    let known =
        [".ogg", ".mp3", ".m4a", ".wav", ".webm", ".flac"].iter().any(|ending| name.ends_with(ending.as_bytes()));
    if !known || find(&call.body, b"name=\"model\"").is_none() {
        return refuse("Invalid file format.");
    }
    let spoken = find(&call.body, MARK).map_or(&b""[..], |at| &call.body[at + MARK.len()..]);
    let end = find(spoken, b"\r\n").unwrap_or(spoken.len());
    Answer::json(200, &json!({ "text": String::from_utf8_lossy(&spoken[..end]) }))
}
