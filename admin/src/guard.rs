//! The gate: headers on every answer, a sign-in for every page, origin and token for every post.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Form, FromRequest as _, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use recado_domain::Secret;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use crate::context::{Look, Visitor};
use crate::error::PageError;
use crate::{AdminState, Shared};

/// What a browser may load, of every page: our own files and nothing inline (ui guide §8).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
    font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Paths without a sign-in; a path ending in `/` stands for what is below it. Everything else needs one.
pub const OPEN: &[&str] = &["/", "/assets/", "/admin/login", "/admin/setup", "/admin/enter"];

/// Bytes of a posted form.
const FORM: usize = 64 * 1024;

/// Sets the security headers of every answer, errors included.
pub(crate) async fn headers(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::X_FRAME_OPTIONS, "DENY");
    // Same origin, not none: without a referrer browsers send `Origin: null` with a form, and we check the origin.
    set(header::REFERRER_POLICY, "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if desk.state.secure_cookies {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn is_open(path: &str) -> bool {
    OPEN.iter().any(|open| if open.len() > 1 && open.ends_with('/') { path.starts_with(open) } else { path == *open })
}

/// The cookie that holds a sign-in's token.
pub(crate) const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-recado" } else { "recado_login" }
}

/// A cookie of ours.
pub(crate) fn cookie(state: &AdminState, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value)).path("/").http_only(true).secure(state.secure_cookies).same_site(SameSite::Lax).build()
}

/// Lets only signed-in visitors pass, and only posts that come from our own pages.
pub(crate) async fn require_sign_in(State(desk): State<Shared>, request: Request, next: Next) -> Response {
    let look = Look::of(&request);
    let posting = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if posting && !same_origin(request.headers()) {
        return PageError::Forbidden.into_response();
    }
    let mut request = request;
    if is_open(request.uri().path()) {
        request.extensions_mut().insert(look);
        return next.run(request).await;
    }
    let visitor = match visitor(&desk, request.headers(), look.clone()).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return to_sign_in(&request, &look),
        Err(error) => return error.into_response(),
    };
    if posting {
        request = match with_token(request, &visitor.csrf).await {
            Ok(request) => request,
            Err(error) => return error.into_response(),
        };
    }
    request.extensions_mut().insert(visitor);
    next.run(request).await
}

async fn visitor(desk: &Shared, headers: &HeaderMap, mut look: Look) -> Result<Option<Visitor>, PageError> {
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(cookie_name(desk.state.secure_cookies)) else { return Ok(None) };
    // A token of ours has 64 digits; anything else costs no question to the database.
    if cookie.value().len() != 64 {
        return Ok(None);
    }
    let Some(login) = desk.state.store.login(cookie.value()).await? else { return Ok(None) };
    if jar.get(crate::context::LANGUAGE).is_none() {
        look.language = login.user.language;
    }
    Ok(Some(Visitor { user: login.user, csrf: login.csrf, token: Secret::new(cookie.value()), look }))
}

/// Pages lead to the sign-in and back; what script asks for is told so.
fn to_sign_in(request: &Request, look: &Look) -> Response {
    let by_script = request.headers().contains_key("hx-request");
    let stream = request.headers().get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == b"text/event-stream");
    let login = "/admin/login";
    if by_script {
        return (StatusCode::UNAUTHORIZED, [("hx-redirect", login)]).into_response();
    }
    if stream || request.method() != Method::GET {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let back: String = if look.here == "/admin" { String::new() } else { format!("?next={}", percent(&look.here)) };
    Redirect::to(&format!("{login}{back}")).into_response()
}

/// Percent-encodes a value of a query.
pub(crate) fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// A path of ours to go back to; never another host's.
pub(crate) fn own_path(path: &str) -> &str {
    let ours = path.starts_with("/admin")
        && matches!(path.as_bytes().get(6), None | Some(b'/' | b'?'))
        && !path.contains(['\\', '\r', '\n']);
    if ours { path } else { "/admin" }
}

/// Whether a post comes from a page of this host. Browsers send `Origin` with every post; where a proxy took it away,
/// `Sec-Fetch-Site` says the same.
fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(header::ORIGIN), text(header::HOST)) {
        (Some(origin), Some(host)) => {
            let authority = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            authority.is_some_and(|authority| authority.eq_ignore_ascii_case(host))
        }
        _ => text(HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

#[derive(Deserialize)]
struct Token {
    csrf: String,
}

/// Lets a request pass whose header or form carries the sign-in's token.
async fn with_token(request: Request, expected: &str) -> Result<Request, PageError> {
    let fits = |given: &[u8]| bool::from(given.ct_eq(expected.as_bytes()));
    if request.headers().get("x-csrf-token").is_some_and(|token| fits(token.as_bytes())) {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, FORM).await.map_err(|_| PageError::BadRequest)?;
    let mut copy = Request::new(axum::body::Body::from(bytes.clone()));
    *copy.method_mut() = parts.method.clone();
    *copy.headers_mut() = parts.headers.clone();
    let Form(form) = Form::<Token>::from_request(copy, &()).await.map_err(|_| PageError::Forbidden)?;
    if !fits(form.csrf.as_bytes()) {
        return Err(PageError::Forbidden);
    }
    Ok(Request::from_parts(parts, axum::body::Body::from(bytes)))
}

/// The address a request came from, as the server tells: it knows which forwarded headers to believe (`http.proxies`).
pub(crate) fn peer(request: &axum::http::Extensions) -> String {
    request.get::<ConnectInfo<SocketAddr>>().map_or_else(|| "unknown".to_owned(), |info| info.0.ip().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    #[test]
    fn only_a_page_of_this_host_may_post() {
        let host = ("host", "desk.test:8080");
        assert!(same_origin(&headers(&[host, ("origin", "http://desk.test:8080")])));
        for origin in
            ["http://evil.test", "null", "http://desk.test", "http://desk.test:8080.evil.test", "desk.test:8080"]
        {
            assert!(!same_origin(&headers(&[host, ("origin", origin)])), "{origin}");
        }
        assert!(!same_origin(&headers(&[host])));
        assert!(same_origin(&headers(&[host, ("sec-fetch-site", "same-origin")])));
        assert!(!same_origin(&headers(&[host, ("sec-fetch-site", "cross-site")])));
        assert!(!same_origin(&headers(&[host, ("origin", "http://evil.test"), ("sec-fetch-site", "same-origin")])));
    }

    #[test]
    fn the_way_back_never_leaves_the_desk() {
        assert_eq!(own_path("/admin/inbox?show=waiting"), "/admin/inbox?show=waiting");
        for path in
            ["//evil.test", "https://evil.test", "/administrator", "/admin\\evil", "/admin.evil", "", "/admin/\nx"]
        {
            assert_eq!(own_path(path), "/admin", "{path}");
        }
    }

    #[test]
    fn what_is_not_named_open_is_closed() {
        assert!(is_open("/assets/desk-1.css") && is_open("/admin/login"));
        for path in ["/admin", "/admin/inbox", "/admin/login/x", "/admin/loginx", "/anything"] {
            assert!(!is_open(path), "{path}");
        }
    }
}
