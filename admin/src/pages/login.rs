//! The first account, signing in and out, and the way into the demonstration.

use axum::extract::{Extension, Form, Query, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use http::{Extensions, StatusCode};
use recado_domain::Secret;
use recado_domain::contact::email_key;
use recado_domain::merchant::StaffRole;
use recado_store::StoreError;
use recado_store::login::{
    LONGEST_PASSWORD, NewAdminUser, SHORTEST_PASSWORD, hash_password, token_hash, verify_password,
};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::Shared;
use crate::context::{Look, Problem, Visitor, render_error};
use crate::error::PageError;
use crate::guard::{cookie, cookie_name, own_path, peer};

/// The account of `/admin/enter`. Its hash fits no password.
const DEMO_EMAIL: &str = "demo@recado.invalid";

fn page_of(desk: &Shared, template: &str, context: &tera::Context) -> Result<Html<String>, PageError> {
    desk.templates.render(template, context).map(Html).map_err(render_error)
}

/// Where a sign-in leads back to.
#[derive(Default, Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// `GET /admin/login`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(look): Extension<Look>,
    Query(next): Query<Next>,
) -> Result<Response, PageError> {
    if !desk.state.store.has_admin_users().await? {
        return Ok(Redirect::to("/admin/setup").into_response());
    }
    sign_in_page(&desk, &look, &next.next, "", &[]).map(IntoResponse::into_response)
}

fn sign_in_page(
    desk: &Shared,
    look: &Look,
    next: &str,
    email: &str,
    problems: &[Problem],
) -> Result<Html<String>, PageError> {
    let mut context = look.context();
    context.insert("next", own_path(next));
    context.insert("email", email);
    context.insert("problems", problems);
    context.insert("demo", &desk.state.demo);
    page_of(desk, "login.html", &context)
}

/// The sign-in form.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    email: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /admin/login`. An unknown account, a wrong password and a disabled account look and last the same.
pub(crate) async fn sign_in(
    State(desk): State<Shared>,
    Extension(look): Extension<Look>,
    jar: CookieJar,
    extensions: Extensions,
    Form(form): Form<SignIn>,
) -> Result<Response, PageError> {
    let store = &desk.state.store;
    let address = peer(&extensions);
    let email: String = form.email.trim().to_lowercase().chars().take(254).collect();
    // Only digests: neither an address nor what somebody typed belongs in this table.
    let keys = [("account", email.as_str()), ("address", address.as_str())]
        .map(|(kind, value)| format!("{kind}:{}", hex::encode(token_hash(value))));
    let refuse = |status: StatusCode, key: &'static str| {
        let problem = Problem { field: "email", key };
        Ok((status, sign_in_page(&desk, &look, &form.next, &email, &[problem])?).into_response())
    };
    let Some(counted) = store.begin_try(&keys).await? else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "login.locked");
    };
    let account = store.admin_user(&email).await?;
    let hash = account.as_ref().map(|(_, hash)| hash.clone());
    let password = Secret::new(form.password.chars().take(LONGEST_PASSWORD).collect::<String>());
    let fits = verify_password(password, hash).await;
    let Some((user, _)) = account.filter(|_| fits) else {
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, "login.wrong");
    };
    store.forget_try(&counted).await?;
    let jar = begin(&desk, jar, user.id, &address).await?;
    Ok((jar, Redirect::to(own_path(&form.next))).into_response())
}

/// Begins a fresh sign-in; one that the browser had before ends, so that a planted token is worth nothing.
async fn begin(desk: &Shared, jar: CookieJar, user: uuid::Uuid, address: &str) -> Result<CookieJar, PageError> {
    let name = cookie_name(desk.state.secure_cookies);
    if let Some(old) = jar.get(name) {
        desk.state.store.end_login(old.value()).await?;
    }
    let token = desk.state.store.begin_login(user, Some(address)).await?;
    Ok(jar.add(cookie(&desk.state, name, token.expose().to_owned())))
}

/// `POST /admin/logout`.
pub(crate) async fn sign_out(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    jar: CookieJar,
) -> Result<Response, PageError> {
    desk.state.store.end_login(visitor.token.expose()).await?;
    let name = cookie_name(desk.state.secure_cookies);
    let gone = Cookie::build((name, "")).path("/").secure(desk.state.secure_cookies).http_only(true).removal().build();
    Ok((jar.add(gone), Redirect::to("/admin/login")).into_response())
}

/// `GET /admin/setup`, while nobody has an account.
pub(crate) async fn setup_page(
    State(desk): State<Shared>,
    Extension(look): Extension<Look>,
) -> Result<Response, PageError> {
    if desk.state.store.has_admin_users().await? {
        return Ok(Redirect::to("/admin/login").into_response());
    }
    set_up_page(&desk, &look, "", "", &[]).map(IntoResponse::into_response)
}

fn set_up_page(
    desk: &Shared,
    look: &Look,
    name: &str,
    email: &str,
    problems: &[Problem],
) -> Result<Html<String>, PageError> {
    let mut context = look.context();
    context.insert("name", name);
    context.insert("email", email);
    context.insert("problems", problems);
    page_of(desk, "setup.html", &context)
}

/// The set-up form.
#[derive(Deserialize)]
pub(crate) struct SetUp {
    name: String,
    email: String,
    password: String,
}

/// `POST /admin/setup`.
pub(crate) async fn set_up(
    State(desk): State<Shared>,
    Extension(look): Extension<Look>,
    jar: CookieJar,
    extensions: Extensions,
    Form(form): Form<SetUp>,
) -> Result<Response, PageError> {
    if desk.state.store.has_admin_users().await? {
        return Ok(Redirect::to("/admin/login").into_response());
    }
    let name: String = form.name.trim().chars().take(80).collect();
    let email = email_key(&form.email);
    let mut problems = Vec::new();
    if name.is_empty() {
        problems.push(Problem { field: "name", key: "setup.bad_name" });
    }
    if email.is_none() {
        problems.push(Problem { field: "email", key: "setup.bad_email" });
    }
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&form.password.chars().count()) {
        problems.push(Problem { field: "password", key: "setup.bad_password" });
    }
    let Some(email) = email.filter(|_| problems.is_empty()) else {
        let page = set_up_page(&desk, &look, &name, form.email.trim(), &problems)?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    let password_hash = hash_password(Secret::new(form.password)).await?;
    let new = NewAdminUser {
        email,
        name,
        password_hash,
        role: StaffRole::Operator,
        merchant: None,
        language: look.language,
        finance: true,
    };
    let Some(user) = desk.state.store.add_first_admin_user(&new).await? else {
        return Ok(Redirect::to("/admin/login").into_response());
    };
    let jar = begin(&desk, jar, user.id, &peer(&extensions)).await?;
    Ok((jar, Redirect::to("/admin")).into_response())
}

/// The token of the printed address.
#[derive(Deserialize)]
pub(crate) struct Enter {
    #[serde(default)]
    token: String,
    #[serde(default)]
    next: String,
}

/// `GET /admin/enter`: signs in as the operator of the demonstration.
pub(crate) async fn enter(
    State(desk): State<Shared>,
    Extension(look): Extension<Look>,
    jar: CookieJar,
    extensions: Extensions,
    Query(enter): Query<Enter>,
) -> Result<Response, PageError> {
    let expected = desk.state.enter_token.as_ref().filter(|token| !token.is_empty()).ok_or(PageError::NotFound)?;
    // Digests have one length, so the comparison tells nothing about the token's.
    if !bool::from(token_hash(&enter.token).ct_eq(&token_hash(expected.expose()))) {
        return Err(PageError::NotFound);
    }
    let store = &desk.state.store;
    let found = store.admin_user(DEMO_EMAIL).await?;
    let user = match found {
        Some((user, _)) => user,
        None => {
            let new = NewAdminUser {
                email: DEMO_EMAIL.to_owned(),
                name: "Demo".to_owned(),
                password_hash: "!".to_owned(),
                role: StaffRole::Operator,
                merchant: None,
                language: look.language,
                finance: true,
            };
            match store.add_admin_user(&new).await {
                Ok(user) => user,
                // Two browsers came at once.
                Err(StoreError::Exists(_)) => store.admin_user(DEMO_EMAIL).await?.ok_or(PageError::NotFound)?.0,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let jar = begin(&desk, jar, user.id, &peer(&extensions)).await?;
    let next = if enter.next.is_empty() && desk.state.playground.is_some() {
        "/admin/playground"
    } else {
        own_path(&enter.next)
    };
    Ok((jar, Redirect::to(next)).into_response())
}
