use axum::body::Body;
use http::{StatusCode, header};
use recado_admin::{OPEN, ROUTES};

use crate::client::{Client, HOST};
use crate::support;

fn filled(path: &str) -> String {
    path.replace("{part}", "events")
        .replace("{file}", "none.css")
        .replace("{conversation}", &uuid::Uuid::nil().to_string())
        .replace("{message}", &uuid::Uuid::nil().to_string())
        .replace("{incident}", &uuid::Uuid::nil().to_string())
        .replace("{id}", &uuid::Uuid::nil().to_string())
}

fn is_open(path: &str) -> bool {
    OPEN.iter().any(|open| path == *open || (open.len() > 1 && open.ends_with('/') && path.starts_with(open)))
}

#[tokio::test]
async fn a_stranger_gets_nothing_but_the_doors() {
    let world = support::busy(true).await;
    let mut client = Client::new(&world);
    let mut closed = 0;
    for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| !is_open(path)) {
        closed += 1;
        if *method == "GET" {
            let answer = client.get(&filled(path)).await;
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
            assert!(answer.location().starts_with("/admin/login"), "{path} leads to {}", answer.location());
            assert!(!answer.body.contains("Yuliana"), "{path}");
            let scripted =
                client.request("GET", &filled(path)).header("hx-request", "true").body(Body::empty()).unwrap();
            assert_eq!(client.send(scripted).await.status, StatusCode::UNAUTHORIZED, "{path}");
        } else {
            assert_eq!(client.post(&filled(path), &[]).await.status, StatusCode::UNAUTHORIZED, "{path}");
        }
    }
    assert!(closed >= 20, "{closed} routes were tried");
    for path in ["/admin/nothing", "/nothing", "/admin/inbox/x/y"] {
        assert_eq!(client.get(path).await.status, StatusCode::SEE_OTHER, "{path}: closed, although it does not exist");
    }
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let mut world = support::busy(true).await;
    world.state.secure_cookies = true;
    let mut client = Client::entered(&world).await;
    assert!(client.cookie("__Host-recado").is_some());
    for (method, path, _) in ROUTES.iter().filter(|(_, path, _)| !path.ends_with("events")) {
        let answer =
            if *method == "GET" { client.get(&filled(path)).await } else { client.post(&filled(path), &[]).await };
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("strict-transport-security"), "max-age=31536000; includeSubDomains", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn a_post_needs_its_origin_and_the_token_of_the_sign_in() {
    let world = support::busy(true).await;
    let mut client = Client::entered(&world).await;
    for (_, path, _) in ROUTES.iter().filter(|(method, path, _)| *method == "POST" && !is_open(path)) {
        assert_eq!(client.post(&filled(path), &[]).await.status, StatusCode::FORBIDDEN, "{path} without a token");
        assert_eq!(
            client.post(&filled(path), &[("csrf", "x")]).await.status,
            StatusCode::FORBIDDEN,
            "{path} with a wrong token"
        );
    }
    let csrf = client.csrf().await;
    for origin in [None, Some("http://evil.test"), Some("null")] {
        for (_, path, _) in ROUTES.iter().filter(|(method, _, _)| *method == "POST") {
            let mut request = client.request("POST", &filled(path)).header("x-csrf-token", &csrf);
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            let answer = client.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} from {origin:?}");
        }
    }
    let allowed = client
        .request("POST", "/admin/theme")
        .header("x-csrf-token", &csrf)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("theme=dark"))
        .unwrap();
    assert_eq!(client.send(allowed).await.status, StatusCode::SEE_OTHER);
    assert_eq!(client.cookie("recado_theme"), Some("dark"));
    assert!(client.get("/admin").await.body.contains("media=\"all\" id=\"dark-theme\""));
}

#[tokio::test]
async fn files_have_their_hash_in_the_name_and_stay_for_good() {
    let world = support::empty(true).await;
    let mut client = Client::new(&world);
    let page = client.get("/admin/setup").await.body;
    let mut seen = 0;
    for part in page.split('"').filter(|part| part.starts_with("/assets/")) {
        let path = part.split('#').next().unwrap();
        let answer = client.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable", "{path}");
        seen += 1;
    }
    assert!(seen >= 7, "{seen} files");
    assert_eq!(client.get("/assets/desk.css").await.status, StatusCode::NOT_FOUND);
    assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("<style"), "nothing inline");
}
