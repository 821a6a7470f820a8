//! The REST API: figures of a shop for programs.
//!
//! Who asks brings a token of one shop (`recado tokens add`); there is no other way in, cookies of the pages count for
//! nothing here. The answer is the same JSON as `recado finance report --json`, `recado finance analyse KIND --json`
//! and `recado finance forecast --json`. Each question is kept for the record, and
//! each refusal of a known token too. Errors are `application/problem+json` and reflect nothing of the request but the
//! place of a mistake.

mod advisor;
mod problem;
mod report;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use http::{HeaderMap, HeaderValue, header};
use recado_domain::merchant::Merchant;
use recado_store::audit::AuditEntry;
use recado_store::tokens::ApiToken;
use tokio::sync::Semaphore;

use self::advisor::Advisor;
use self::problem::ApiError;
use crate::right::ASKED;
use crate::{AdminState, Desk, Shared};

/// Bytes of a question.
const BODY: usize = 16 * 1024;
/// From the head of a request to its answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Questions that are worked on at once.
const AT_ONCE: usize = 4;

/// Every route of the API with its method; the tests and the description walk it.
pub const API_ROUTES: &[(&str, &str)] = &[("POST", "/api/v1/analyses/{kind}"), ("GET", "/openapi.json")];

/// Kinds of analyses.
pub const KINDS: &[&str] = &["report", "health", "pricing", "growth", "cash", "collections", "advice", "forecast"];

/// What requests share.
pub(crate) struct Asking {
    at_once: Semaphore,
}

impl Default for Asking {
    fn default() -> Self {
        Self { at_once: Semaphore::new(AT_ONCE) }
    }
}

/// The routes.
pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/api/v1/analyses/{kind}", post(analyse).fallback(async || ApiError::Method))
        .route("/openapi.json", get(description))
        .route("/api/{*rest}", any(async || ApiError::Unknown))
}

/// The API in the words of OpenAPI.
async fn description() -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ([kind], include_str!("openapi.json")).into_response()
}

async fn analyse(State(desk): State<Shared>, Path(kind): Path<String>, request: Request) -> Response {
    match tokio::time::timeout(PATIENCE, answer(&desk, &kind, request)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => error.into_response(),
        Err(_) => ApiError::TooSlow.into_response(),
    }
}

async fn answer(desk: &Desk, kind: &str, request: Request) -> Result<Response, ApiError> {
    let state = &desk.state;
    let token = bearer(state, request.headers()).await?;
    if !token.finance {
        record(state, &token, kind, "denied: no right to see money").await?;
        return Err(ApiError::NoMoney);
    }
    let asked = Asked::read(kind, request).await?;
    let (shop, question) = (shop(state, &token).await?, asked.to_string());
    let _place = desk.asking.at_once.try_acquire().map_err(|_| ApiError::Busy)?;
    let answered = match asked {
        Asked::Report(question) => report::answer(state, &shop, &question).await,
        Asked::Advisor(advisor, question) => advisor::answer(state, &shop, advisor, question).await,
    };
    let outcome = match &answered {
        Ok(_) => "done".to_owned(),
        Err(error) => format!("failed: {error}"),
    };
    record(state, &token, &format!("{kind} {question}"), &outcome).await?;
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(([kind], answered?).into_response())
}

/// A question of one of the kinds.
enum Asked {
    Report(report::Question),
    Advisor(Advisor, advisor::Question),
}

impl Asked {
    async fn read(kind: &str, request: Request) -> Result<Self, ApiError> {
        let advisor = Advisor::of_kind(kind);
        if kind != "report" && advisor.is_none() {
            return Err(ApiError::Unknown);
        }
        let body = read(request).await?;
        Ok(match advisor {
            Some(advisor) => Self::Advisor(advisor, advisor::Question::read(advisor, &body)?),
            None => Self::Report(report::Question::read(&body)?),
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Report(question) => question.fmt(f),
            Self::Advisor(_, question) => question.fmt(f),
        }
    }
}

/// The token that a request brings.
async fn bearer(state: &AdminState, headers: &HeaderMap) -> Result<ApiToken, ApiError> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = given.next().filter(|_| given.next().is_none()).and_then(|value| value.to_str().ok());
    let (scheme, token) = value.and_then(|value| value.split_once(' ')).ok_or(ApiError::NoToken)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ApiError::NoToken);
    }
    state.store.token(token.trim()).await?.ok_or(ApiError::NoToken)
}

async fn read(request: Request) -> Result<bytes::Bytes, ApiError> {
    let (parts, body) = request.into_parts();
    let json =
        parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).is_some_and(|kind| {
            kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
        });
    if !json {
        return Err(ApiError::NotJson);
    }
    let told = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if told.is_some_and(|told| told > BODY) {
        return Err(ApiError::TooLarge);
    }
    axum::body::to_bytes(body, BODY).await.map_err(|_| ApiError::TooLarge)
}

async fn shop(state: &AdminState, token: &ApiToken) -> Result<Arc<Merchant>, ApiError> {
    let known = state.store.directory().await?;
    let shop = known.merchants().find(|shop| shop.id == token.merchant).cloned();
    // A shop that was just added, or is gone: the token alone is good for nothing.
    shop.ok_or(ApiError::NoToken)
}

async fn record(state: &AdminState, token: &ApiToken, object: &str, outcome: &str) -> Result<(), ApiError> {
    let (actor, object) = (format!("token:{}", token.name), object.chars().take(200).collect::<String>());
    let entry = AuditEntry { merchant: Some(token.merchant), actor: &actor, action: ASKED, object: &object, outcome };
    Ok(state.store.audit(&entry).await?)
}
