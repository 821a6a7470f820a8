//! Theme and language: cookies, so that the page is right from its first byte.

use axum::extract::{Extension, Form, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use recado_domain::Language;
use serde::Deserialize;

use crate::Shared;
use crate::context::{LANGUAGE, THEME, Visitor, theme as known_theme};
use crate::error::PageError;
use crate::guard::{cookie, own_path};

/// The choice of a preference.
#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    back: String,
}

/// A cookie that outlives the browser: a preference, not a sign-in.
fn lasting(mut cookie: Cookie<'static>) -> Cookie<'static> {
    cookie.make_permanent();
    cookie
}

/// `POST /admin/theme`.
pub(crate) async fn theme(State(desk): State<Shared>, jar: CookieJar, Form(choice): Form<Choice>) -> Response {
    let cookie = lasting(cookie(&desk.state, THEME, known_theme(&choice.theme).to_owned()));
    (jar.add(cookie), Redirect::to(own_path(&choice.back))).into_response()
}

/// `POST /admin/language`.
pub(crate) async fn language(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, PageError> {
    let language = Language::from_tag(&choice.language).ok_or(PageError::BadRequest)?;
    desk.state.store.set_admin_language(visitor.user.id, language).await?;
    let cookie = lasting(cookie(&desk.state, LANGUAGE, language.code().to_owned()));
    Ok((jar.add(cookie), Redirect::to(own_path(&choice.back))).into_response())
}
