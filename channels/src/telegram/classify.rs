//! What the platform's answer means for a send (CONTRACTS C).

use std::time::Duration;

use recado_domain::outbound::{Away, SendResult};
use serde::Deserialize;

use crate::text::without_numbers;

/// What an answer asks of the sender.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It is decided.
    Final(SendResult),
    /// Our markup was not understood; nothing was sent.
    PlainText,
    /// The chat has another id now; nothing was sent.
    Moved(i64),
}

/// The part of an answer we need. Not the whole message: a kind of message that we do not know yet must not turn a
/// successful send into an unclear one.
#[derive(Deserialize)]
struct Envelope {
    ok: bool,
    result: Option<Sent>,
    #[serde(default)]
    error_code: u16,
    #[serde(default)]
    description: String,
    parameters: Option<Parameters>,
}
#[derive(Deserialize)]
struct Sent {
    message_id: i64,
}
#[derive(Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

/// Reads a whole answer.
pub(super) fn answer(status: u16, body: &[u8]) -> Answer {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else { return Answer::Final(without_envelope(status)) };
    if envelope.ok {
        return Answer::Final(match envelope.result {
            Some(sent) => SendResult::Sent { provider_id: sent.message_id.to_string() },
            None => SendResult::Ambiguous { reason: "an answer without a message id".into() },
        });
    }
    let code = if envelope.error_code == 0 { status } else { envelope.error_code };
    let parameters = envelope.parameters;
    if let Some(chat_id) = parameters.as_ref().and_then(|parameters| parameters.migrate_to_chat_id) {
        return Answer::Moved(chat_id);
    }
    let description = envelope.description.to_lowercase();
    if code == 400 && description.contains("can't parse entities") {
        return Answer::PlainText;
    }
    let told = || format!("({code}): {}", without_numbers(&envelope.description));
    let reason = |kind: &str| format!("{kind} {}", told());
    Answer::Final(match code {
        429 => {
            let seconds = parameters.and_then(|parameters| parameters.retry_after).unwrap_or(5);
            SendResult::Away { why: Away::Limited, after: Some(Duration::from_secs(seconds)), reason: told() }
        }
        // Telegram names no id of ours, so a failure of its servers cannot be told from a success.
        500.. => SendResult::Ambiguous { reason: reason("the platform failed") },
        // What is waiting leaves as soon as there is a new token.
        401 | 404 => SendResult::Away { why: Away::TokenRefused, after: None, reason: told() },
        403 => SendResult::Failed { reason: reason("the chat does not take messages from the bot") },
        _ => SendResult::Failed { reason: reason("refused") },
    })
}

fn without_envelope(status: u16) -> SendResult {
    let reason = format!("HTTP {status} with an answer that cannot be read");
    match status {
        429 => SendResult::Away { why: Away::Limited, after: Some(Duration::from_secs(5)), reason },
        300..=407 | 409..=499 => SendResult::Failed { reason },
        _ => SendResult::Ambiguous { reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(status: u16, body: &str) -> SendResult {
        match answer(status, body.as_bytes()) {
            Answer::Final(result) => result,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn answers_mean_what_they_say() {
        let sent = decided(200, r#"{"ok":true,"result":{"message_id":42,"surprise":{"new":true}}}"#);
        assert_eq!(sent, SendResult::Sent { provider_id: "42".into() });
        let throttled =
            r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}"#;
        assert!(matches!(decided(429, throttled), SendResult::Away { after: Some(after), .. } if after.as_secs() == 7));
        let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert!(matches!(decided(403, blocked), SendResult::Failed { .. }));
        for (status, body) in
            [(500, r#"{"ok":false,"error_code":500,"description":"Internal"}"#), (502, "<html>"), (200, "{")]
        {
            assert!(matches!(decided(status, body), SendResult::Ambiguous { .. }), "{status} {body}");
        }
    }

    #[test]
    fn bad_markup_and_a_moved_chat_are_told_apart() {
        let markup = br#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: x"}"#;
        assert_eq!(answer(400, markup), Answer::PlainText);
        let moved = br#"{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-1009}}"#;
        assert_eq!(answer(400, moved), Answer::Moved(-1009));
    }
}
