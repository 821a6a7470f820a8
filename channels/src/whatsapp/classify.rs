//! What the platform's answer means for a send (CONTRACTS A11). The code decides, the HTTP status comes second.

use std::time::Duration;

use recado_domain::outbound::{Away, SendResult};
use serde::Deserialize;
use serde_json::Value;

use crate::text::without_numbers;

/// Longest wait we ask for by ourselves.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
struct Accepted {
    messages: Vec<AcceptedMessage>,
}
#[derive(Deserialize)]
struct AcceptedMessage {
    id: String,
}
#[derive(Deserialize)]
struct Refused {
    error: GraphError,
}
#[derive(Deserialize)]
struct GraphError {
    code: i64,
    #[serde(default)]
    message: String,
    /// An object, or sometimes a plain string.
    #[serde(default)]
    error_data: Value,
}

impl GraphError {
    fn details(&self) -> &str {
        self.error_data.as_str().or_else(|| self.error_data.get("details")?.as_str()).unwrap_or(&self.message)
    }
}

/// Reads a whole answer. `hint` is a `Retry-After`, should there be one.
pub(super) fn answer(status: u16, body: &[u8], attempt: u32, hint: Option<Duration>) -> SendResult {
    if let Ok(Refused { error }) = serde_json::from_slice(body) {
        return refusal(status, &error, attempt, hint);
    }
    if (200..300).contains(&status) {
        return match serde_json::from_slice::<Accepted>(body) {
            Ok(Accepted { mut messages }) if messages.len() == 1 && !messages[0].id.is_empty() => {
                SendResult::Sent { provider_id: messages.swap_remove(0).id }
            }
            _ => SendResult::Ambiguous { reason: format!("HTTP {status} with an answer that cannot be read") },
        };
    }
    without_code(status, hint)
}

/// An answer that something on the way gave, not the platform.
fn without_code(status: u16, hint: Option<Duration>) -> SendResult {
    let reason = format!("HTTP {status} without an error code");
    match status {
        429 => SendResult::Away { why: Away::Limited, after: hint.or(Some(Duration::from_secs(5))), reason },
        // 408 and 5xx may come from a proxy that has already passed the message on.
        408 | 500.. => SendResult::Ambiguous { reason },
        _ => SendResult::Failed { reason },
    }
}

fn refusal(status: u16, error: &GraphError, attempt: u32, hint: Option<Duration>) -> SendResult {
    let code = error.code;
    let told = || format!("({code}): {}", without_numbers(error.details()));
    let reason = |kind: &str| format!("{kind} {}", told());
    let longer = |own: Duration| Some(hint.unwrap_or_default().max(own.min(LONGEST_WAIT)));
    let retry = |kind: &str, own: Duration| SendResult::Retry { after: longer(own), reason: reason(kind) };
    let away = |why: Away, after: Option<Duration>| SendResult::Away { why, after, reason: told() };
    let limited = |own: u64| away(Away::Limited, longer(Duration::from_secs(own)));
    match code {
        131056 => retry("too many messages to this person", backoff(4, attempt)),
        131048 => limited(600),
        4 | 80007 | 130429 | 131064 | 133016 => limited(2),
        131016 | 131057 | 133004 => away(Away::Unavailable, hint),
        // "Something went wrong" does not say that nothing was sent; 503 and 4xx do.
        1 | 2 | 131000 if status >= 500 && status != 503 => {
            SendResult::Ambiguous { reason: reason("the platform failed") }
        }
        1 | 2 | 131000 if status == 503 => away(Away::Unavailable, hint),
        1 | 2 | 131000 => retry("the platform failed", backoff(2, attempt)),
        // What is waiting leaves as soon as there is a new token.
        0 | 190 => away(Away::TokenRefused, hint),
        3 | 10 | 200..=299 | 131005 => SendResult::Failed { reason: reason("the token may not do this") },
        368 | 130497 | 131031 | 131037 | 131042 | 131045 | 133010 | 134011 => {
            SendResult::Failed { reason: reason("the account is limited") }
        }
        131047 => SendResult::Failed { reason: reason("the 24-hour window is closed") },
        131026 | 131030 | 131049 | 131050 | 130472 => {
            SendResult::Failed { reason: reason("it cannot reach this person") }
        }
        // A code we do not know, with a server's failure: better asked than sent twice.
        _ if status >= 500 && !is_permanent(code) => SendResult::Ambiguous { reason: reason("the platform failed") },
        _ => SendResult::Failed { reason: reason("refused") },
    }
}

const fn is_permanent(code: i64) -> bool {
    matches!(code, 33 | 100 | 130_000..=139_999)
}

fn backoff(base: u64, attempt: u32) -> Duration {
    Duration::from_secs(base.saturating_pow(attempt.max(1))).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(status: u16, code: i64, attempt: u32) -> SendResult {
        let body = format!(r#"{{"error":{{"message":"m","code":{code},"error_data":{{"details":"d"}}}}}}"#);
        answer(status, body.as_bytes(), attempt, None)
    }

    #[test]
    fn the_pair_limit_waits_four_to_the_attempt() {
        for (attempt, seconds) in [(1, 4), (2, 16), (3, 64), (40, 3600)] {
            let SendResult::Retry { after, .. } = error(400, 131056, attempt) else { panic!() };
            assert_eq!(after, Some(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn every_documented_code_has_its_class() {
        for code in [4, 80007, 130429, 133016, 131064, 131048] {
            assert!(matches!(error(400, code, 1), SendResult::Away { after: Some(_), .. }), "{code}");
        }
        for (code, told) in [
            (131016, Away::Unavailable),
            (131057, Away::Unavailable),
            (133004, Away::Unavailable),
            (190, Away::TokenRefused),
            (0, Away::TokenRefused),
        ] {
            for status in [400, 401, 500] {
                assert!(matches!(error(status, code, 1), SendResult::Away { why, .. } if why == told), "{code}");
            }
        }
        for code in [3, 10, 200, 299, 368, 100, 33, 131008, 131009, 131021, 131026, 131047, 131051, 132000, 138000] {
            for status in [400, 401, 403, 404, 500] {
                assert!(matches!(error(status, code, 1), SendResult::Failed { .. }), "{code} {status}");
            }
        }
    }

    #[test]
    fn a_failure_that_does_not_say_nothing_was_sent_is_ambiguous() {
        for code in [1, 2, 131000, 999_999] {
            assert!(matches!(error(500, code, 1), SendResult::Ambiguous { .. }), "{code}");
        }
        for code in [1, 2, 131000] {
            assert!(matches!(error(503, code, 1), SendResult::Away { .. }), "{code}");
            assert!(matches!(error(400, code, 1), SendResult::Retry { .. }), "{code}");
        }
        for (status, body) in [(500, "<html>"), (502, ""), (200, "{"), (200, r#"{"messages":[]}"#), (408, "")] {
            assert!(
                matches!(answer(status, body.as_bytes(), 1, None), SendResult::Ambiguous { .. }),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn a_plain_string_as_error_data_is_read_and_a_hint_is_honoured() {
        let body = br#"{"error":{"message":"m","code":130429,"error_data":"too fast"}}"#;
        let SendResult::Away { after, reason, .. } = answer(400, body, 1, Some(Duration::from_secs(30))) else {
            panic!()
        };
        assert_eq!(after, Some(Duration::from_secs(30)));
        assert_eq!(reason, "(130429): too fast");
    }

    #[test]
    fn an_accepted_message_gives_its_id() {
        let body = br#"{"messaging_product":"whatsapp","contacts":[],"messages":[{"id":"wamid.X"}]}"#;
        assert_eq!(answer(200, body, 1, None), SendResult::Sent { provider_id: "wamid.X".into() });
    }
}
