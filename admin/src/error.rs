//! What goes wrong, at the start and in a page.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use recado_store::StoreError;

use crate::Shared;
use crate::context::Look;

/// Why the admin view cannot start.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A template is wrong.
    #[error("a template of the admin view is wrong: {0}")]
    Template(#[from] tera::Error),
    /// Words are missing or wrong.
    #[error("the words of the admin view are wrong: {0}")]
    Words(String),
    /// A file that pages need is not built in.
    #[error("the admin view lacks its file {0}")]
    Asset(String),
    /// A listed route without its handler.
    #[error("no handler for {0}")]
    Route(String),
}

/// Why a page or an act did not come about.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    #[error("not here, or not yours")]
    NotFound,
    #[error("not allowed, or not from our page")]
    Forbidden,
    #[error("no right to see money")]
    NoMoney,
    #[error("the form lacks data")]
    BadRequest,
    #[error("what it needs does not answer")]
    Unavailable,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a page could not be written: {0}")]
    Render(String),
}

/// Travels with an error answer to [`pages`], which has the templates to write it with.
#[derive(Clone, Copy)]
struct Kind(&'static str);

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let (status, kind) = match &self {
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::NoMoney => (StatusCode::FORBIDDEN, "no_money"),
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Store(error) if error.is_transient() => {
                tracing::warn!(%error, "a page had no data");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
            Self::Store(error) => {
                tracing::error!(%error, "a page had wrong data");
                (StatusCode::INTERNAL_SERVER_ERROR, "unavailable")
            }
            Self::Render(error) => {
                tracing::error!(error, "a page could not be written");
                (StatusCode::INTERNAL_SERVER_ERROR, "unavailable")
            }
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(Kind(kind));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(http::header::RETRY_AFTER, http::HeaderValue::from_static("2"));
        }
        response
    }
}

/// Writes the page of an error in the visitor's language.
pub(crate) async fn pages(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    let look = Look::of(&request);
    let response = next.run(request).await;
    let Some(Kind(kind)) = response.extensions().get::<Kind>().copied() else { return response };
    let mut context = look.context();
    context.insert("kind", kind);
    context.insert("back", "/admin");
    match desk.templates.render("error.html", &context) {
        Ok(html) => {
            let (mut parts, _) = response.into_parts();
            parts
                .headers
                .insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/html; charset=utf-8"));
            parts.headers.remove(http::header::CONTENT_LENGTH);
            Response::from_parts(parts, axum::body::Body::from(html))
        }
        Err(error) => {
            tracing::error!(%error, "the error page could not be written");
            response
        }
    }
}
