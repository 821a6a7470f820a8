//! A browser, as far as these tests need one.

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode, header};
use tower::ServiceExt as _;

use crate::support::{TOKEN, World};

pub struct Client {
    app: Router,
    pub cookies: Vec<(String, String)>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }
}

pub const HOST: &str = "desk.test";

impl Client {
    pub fn new(world: &World) -> Self {
        Self { app: recado_admin::router(world.state.clone()).unwrap(), cookies: Vec::new() }
    }

    pub async fn entered(world: &World) -> Self {
        let mut client = Self::new(world);
        let answer = client.get(&format!("/admin/enter?token={TOKEN}&next=/admin")).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/admin"));
        client
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn request(&self, method: &str, path: &str) -> http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, HOST)
            .header(header::COOKIE, cookies.join("; "))
    }

    pub async fn raw(&self, request: Request<Body>) -> Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.raw(request).await;
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, 1 << 22).await.unwrap();
        Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request("GET", path).body(Body::empty()).unwrap();
        self.send(request).await
    }

    /// A page's token, as its forms carry it.
    pub async fn csrf(&mut self) -> String {
        let page = self.get("/admin").await.body;
        let at = page.find("name=\"csrf\" value=\"").expect("a form with its token") + 19;
        let token = &page[at - 1..];
        token.trim_start_matches('"').split('"').next().unwrap().to_owned()
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let request = self
            .request("POST", path)
            .header(header::ORIGIN, format!("http://{HOST}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body.join("&")))
            .unwrap();
        self.send(request).await
    }

    /// Posts a form with its token.
    pub async fn act(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let mut form = form.to_vec();
        form.push(("csrf", &csrf));
        self.post(path, &form).await
    }
}

pub fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
