//! RELIABILITY S3, and that a channel without its secret does not start.

use std::sync::Arc;

use axum::body::Body;
use http::{Request, StatusCode};
use recado_domain::clock::ManualClock;
use recado_domain::{Secret, Timestamp};
use recado_webhooks::{Edges, EdgesError, ShopifyEdge, TelegramEdge, WhatsAppEdge};

use crate::support::{MemoryInbox, Mood, VERIFY_TOKEN, edges, send, text};

async fn ask(query: &str) -> (StatusCode, Option<String>, Option<String>, String) {
    let router = edges(MemoryInbox::new(Mood::Well));
    let request = Request::get(format!("/webhooks/whatsapp?{query}")).body(Body::empty()).unwrap();
    let response = send(&router, request).await;
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (kind, sniff) = (header("content-type"), header("x-content-type-options"));
    (response.status(), kind, sniff, text(response).await)
}

#[tokio::test]
async fn a_request_with_our_token_gets_its_challenge_as_plain_text() {
    let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}");
    let (status, kind, sniff, body) = ask(&query).await;
    assert_eq!((status, body.as_str()), (StatusCode::OK, "1158201444"));
    assert_eq!(kind.as_deref(), Some("text/plain; charset=utf-8"));
    assert_eq!(sniff.as_deref(), Some("nosniff"));
}

#[tokio::test]
async fn other_requests_get_403_and_nothing_of_theirs_back() {
    let long = "7".repeat(513);
    let right = format!("hub.verify_token={VERIFY_TOKEN}");
    for query in [
        String::new(),
        "hub.mode=subscribe&hub.challenge=MARK".to_owned(),
        "hub.mode=subscribe&hub.challenge=MARK&hub.verify_token=".to_owned(),
        "hub.mode=subscribe&hub.challenge=MARK&hub.verify_token=verify-m".to_owned(),
        "hub.mode=subscribe&hub.challenge=MARK&hub.verify_token=VERIFY-ME".to_owned(),
        format!("hub.mode=unsubscribe&hub.challenge=MARK&{right}"),
        format!("hub.challenge=MARK&{right}"),
        format!("hub.mode=subscribe&hub.challenge=&{right}"),
        format!("hub.mode=subscribe&{right}"),
        format!("hub.mode=subscribe&hub.challenge={long}&{right}"),
        format!("hub.mode=subscribe&hub.challenge=%3Cscript%3EMARK&{right}"),
        format!("hub.mode=subscribe&hub.challenge=MARK%0d%0aX:1&{right}"),
        format!("hub.mode=subscribe&hub.challenge=MARK&hub.verify_token=no&{right}"),
        format!("hub.mode=subscribe&hub.challenge=MARK&hub.challenge=MARK&{right}"),
        format!("hub.mode=subscribe&hub.challenge=%ff%fe&{right}"),
    ] {
        let (status, kind, sniff, body) = ask(&query).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{query}");
        assert_eq!(kind.as_deref(), Some("application/problem+json"));
        assert_eq!(sniff.as_deref(), Some("nosniff"));
        assert!(!body.contains("MARK") && !body.contains("script") && !body.contains("777"), "{body}");
    }
}

#[test]
fn a_channel_that_is_on_without_its_secret_refuses_to_start() {
    let start = |whatsapp: Option<[&str; 2]>, shopify: Option<Vec<&str>>, telegram: Vec<(&str, &str)>| {
        let whatsapp = whatsapp
            .map(|[secret, token]| WhatsAppEdge { app_secret: Secret::new(secret), verify_token: Secret::new(token) });
        let shopify =
            shopify.map(|secrets| ShopifyEdge { client_secrets: secrets.into_iter().map(Secret::new).collect() });
        let bot = |(bot, token): (&str, &str)| TelegramEdge { bot: bot.to_owned(), secret_token: Secret::new(token) };
        let clock = Arc::new(ManualClock::at(Timestamp::EPOCH));
        let telegram = telegram.into_iter().map(bot).collect();
        Edges::new(MemoryInbox::new(Mood::Well), clock, whatsapp, shopify, telegram).map(|_| ())
    };
    let empty = |channel, secret| Err(EdgesError::EmptySecret { channel, secret });
    assert_eq!(start(Some(["", "t"]), None, vec![]), empty("whatsapp", "app_secret"));
    assert_eq!(start(Some(["s", " "]), None, vec![]), empty("whatsapp", "verify_token"));
    assert_eq!(start(None, Some(vec![]), vec![]), empty("shopify", "client_secret"));
    assert_eq!(start(None, Some(vec!["a", ""]), vec![]), empty("shopify", "client_secret"));
    assert_eq!(start(None, None, vec![("desk", "")]), empty("telegram", "secret_token"));
    assert!(matches!(start(None, None, vec![("desk", "a b")]), Err(EdgesError::TelegramToken { .. })));
    assert!(matches!(start(None, None, vec![("desk", "a"), ("desk", "b")]), Err(EdgesError::TelegramBot { .. })));
    assert_eq!(start(Some(["s", "t"]), Some(vec!["a", "b"]), vec![("desk", "a")]), Ok(()));
}
