//! Every way in which the API says no, and the one mapping to HTTP (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use recado_store::StoreError;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("bring a token that is in use: Authorization: Bearer rcd_…")]
    NoToken,
    #[error("this token may not see money")]
    NoMoney,
    #[error("there is nothing here")]
    Unknown,
    #[error("ask with POST")]
    Method,
    #[error("the body must be application/json")]
    NotJson,
    #[error("the body is larger than 16 KiB")]
    TooLarge,
    #[error("the body is not a question: {0}")]
    NotAQuestion(String),
    #[error("the days cannot be: {0}")]
    Days(&'static str),
    #[error("{0}")]
    Figures(String),
    #[error("other questions are being worked on; ask again")]
    Busy,
    #[error("it took too long; ask again, or for less")]
    TooSlow,
    #[error("the facts could not be read")]
    Store(#[from] StoreError),
}

impl ApiError {
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::NoToken => "no_token",
            Self::NoMoney => "no_money",
            Self::Unknown => "unknown",
            Self::Method => "method",
            Self::NotJson => "not_json",
            Self::TooLarge => "too_large",
            Self::NotAQuestion(_) => "not_a_question",
            Self::Days(_) => "days",
            Self::Figures(_) => "figures",
            Self::Busy => "busy",
            Self::TooSlow => "too_slow",
            Self::Store(_) => "store",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NoMoney => StatusCode::FORBIDDEN,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotAQuestion(_) => StatusCode::BAD_REQUEST,
            Self::Days(_) | Self::Figures(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Busy | Self::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = self.status();
        match &self {
            Self::Store(error) if status == StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(%error, "a question over the API had wrong data");
            }
            Self::Store(error) => tracing::warn!(%error, "a question over the API had no data"),
            _ => tracing::debug!(reason = self.word(), "a question over the API was refused"),
        }
        let body = serde_json::json!({
            "type": format!("/problems/{}", self.word()),
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "detail": self.to_string(),
        });
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let mut response = (status, [kind], body.to_string()).into_response();
        let headers = response.headers_mut();
        match status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("2"));
            }
            _ => {}
        }
        response
    }
}
