//! The pages, one file each.

pub(crate) mod answers;
pub(crate) mod course;
pub(crate) mod dead;
pub(crate) mod desk;
pub(crate) mod finance;
pub(crate) mod inbox;
pub(crate) mod inbox_acts;
pub(crate) mod incidents;
pub(crate) mod login;
pub(crate) mod orders;
pub(crate) mod preferences;
pub(crate) mod privacy;
pub(crate) mod requests;

use axum::response::{IntoResponse as _, Redirect, Response};

use crate::error::PageError;

/// `GET /`.
pub(crate) async fn home() -> Redirect {
    Redirect::to("/admin")
}

/// Any path that is not ours.
pub(crate) async fn nowhere() -> Response {
    PageError::NotFound.into_response()
}

/// An id in a path; what is none does not exist.
pub(crate) fn id<T: std::str::FromStr>(text: &str) -> Result<T, PageError> {
    text.parse().map_err(|_| PageError::NotFound)
}
