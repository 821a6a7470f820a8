//! Errors in Graph's shape (CONTRACTS A11).

use serde_json::json;

use crate::server::Answer;

/// A refusal on its way to becoming an answer.
#[derive(Debug)]
pub(super) struct Refusal {
    pub code: i64,
    pub subcode: Option<i64>,
    pub details: String,
}

impl Refusal {
    pub(super) fn new(code: i64, details: impl Into<String>) -> Self {
        Self { code, subcode: None, details: details.into() }
    }

    pub(super) fn answer(&self) -> Answer {
        let (status, title) = known(self.code);
        let mut error = json!({
            "message": format!("(#{}) {title}", self.code),
            "type": "OAuthException",
            "code": self.code,
            "error_data": { "messaging_product": "whatsapp", "details": self.details },
            "fbtrace_id": "AEmulatedTraceId00000",
        });
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = json!(subcode);
        }
        Answer::json(status, &json!({ "error": error }))
    }
}

/// HTTP status and title of a code. Rate limits are 400 here, as they are there.
pub(super) const fn known(code: i64) -> (u16, &'static str) {
    match code {
        0 => (401, "AuthException"),
        190 => (401, "Invalid OAuth access token - Cannot parse access token"),
        10 | 200..=299 => (403, "Permission denied"),
        131005 => (403, "Access denied"),
        368 => (403, "Temporarily blocked for policies violations"),
        131031 => (403, "Account has been locked"),
        1 => (500, "An unknown error occurred"),
        131000 => (500, "Something went wrong"),
        131016 => (500, "Service unavailable"),
        131057 => (500, "Account in maintenance mode"),
        131045 => (500, "Incorrect certificate"),
        2 => (503, "Service temporarily unavailable"),
        133004 => (503, "Server temporarily unavailable"),
        132001 => (404, "Template does not exist"),
        4 => (400, "Application request limit reached"),
        80007 => (400, "Rate limit issues"),
        130429 => (400, "Rate limit hit"),
        131048 => (400, "Spam rate limit hit"),
        131056 => (400, "Pair rate limit hit"),
        100 => (400, "Invalid parameter"),
        131008 => (400, "Required parameter is missing"),
        131009 => (400, "Parameter value is not valid"),
        131026 => (400, "Message undeliverable"),
        131030 => (400, "Recipient phone number not in allowed list"),
        131047 => (400, "Re-engagement message"),
        131051 => (400, "Unsupported message type"),
        131053 => (400, "Media upload error"),
        _ => (400, "Error"),
    }
}
