//! Every way in which an edge says no, and the one mapping to HTTP (RFC 9457).

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use recado_domain::event::AcceptError;

/// Why a request was not accepted. Texts are fixed: nothing of the request is reflected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No signature, or no secret token.
    #[error("the signature is missing")]
    Unsigned,
    /// A signature that the key did not make, or that is malformed.
    #[error("the signature does not match the body")]
    Signature,
    /// The GET handshake failed.
    #[error("the verification request is not ours to confirm")]
    Handshake,
    /// This channel is switched off.
    #[error("this channel is not switched on")]
    Off,
    /// More bytes than a platform sends.
    #[error("the body is larger than 3 MB")]
    TooLarge,
    /// The body did not arrive in time.
    #[error("the body did not arrive within 10 seconds")]
    TooSlow,
    /// The connection broke inside the body.
    #[error("the body could not be read")]
    Unreadable,
    /// Nothing was promised: the platform must come back.
    #[error("the delivery could not be stored now; repeat it")]
    Unavailable {
        /// When to come back.
        retry_after: Duration,
    },
}

impl Refusal {
    /// The status that each refusal has.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Unsigned | Self::Signature => StatusCode::UNAUTHORIZED,
            Self::Handshake => StatusCode::FORBIDDEN,
            Self::Off => StatusCode::NOT_FOUND,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// A stable word for metrics and the problem's type.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unsigned => "unsigned",
            Self::Signature => "signature",
            Self::Handshake => "handshake",
            Self::Off => "off",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::Unreadable => "unreadable",
            Self::Unavailable { .. } => "unavailable",
        }
    }
}

impl From<AcceptError> for Refusal {
    fn from(error: AcceptError) -> Self {
        match error {
            AcceptError::Unavailable { retry_after, .. } | AcceptError::Overloaded { retry_after } => {
                Self::Unavailable { retry_after }
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = self.status();
        let problem = serde_json::json!({
            "type": format!("urn:recado:problem:{}", self.reason()),
            "title": status.canonical_reason().unwrap_or("refused"),
            "status": status.as_u16(),
            "detail": self.to_string(),
        });
        let mut response = (status, problem.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Self::Unavailable { retry_after } = self {
            let whole = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole.clamp(1, 3_600)));
        }
        response
    }
}
