//! Limits, and an inbox that is away or frozen (RELIABILITY D8).

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures::StreamExt as _;
use http::{Request, StatusCode};
use recado_domain::Secret;
use recado_domain::event::{EventContent, Source};
use recado_webhooks::{BODY_LIMIT, whatsapp};

use crate::support::{
    APP_SECRET, MemoryInbox, Mood, SHOP, edges, order, send, shopify_request, telegram_request, text, whatsapp_request,
    whatsapp_text,
};

fn one_of_each() -> [Request<Body>; 3] {
    [
        whatsapp_request(whatsapp_text("wamid.1", "hola").to_string().into_bytes()),
        shopify_request("orders/create", SHOP, "w-1", order(1, SHOP).to_string().into_bytes()),
        telegram_request("desk", br#"{"update_id":1}"#.to_vec()),
    ]
}

#[tokio::test(start_paused = true)]
async fn an_inbox_that_is_away_or_frozen_gives_503_with_retry_after_within_two_seconds() {
    for mood in [Mood::Refusing, Mood::Frozen] {
        let router = edges(MemoryInbox::new(mood));
        for request in one_of_each() {
            let before = tokio::time::Instant::now();
            let response = send(&router, request).await;
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()["retry-after"], "2");
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            // The clock is paused: this is the time waited, not the machine's speed.
            assert!(before.elapsed() <= Duration::from_secs(2));
            let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
            assert_eq!(problem["status"], 503);
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_413_with_or_without_an_announced_length() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let announced = Request::post("/webhooks/whatsapp")
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .header("content-length", BODY_LIMIT + 1)
        .body(Body::from("x"))
        .unwrap();
    assert_eq!(send(&router, announced).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let chunk = Bytes::from(vec![b' '; 1 << 20]);
    let chunked = Request::post("/webhooks/whatsapp")
        .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
        .body(Body::from_stream(futures::stream::repeat(chunk).map(Ok::<_, std::io::Error>)))
        .unwrap();
    assert_eq!(send(&router, chunked).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(inbox.deliveries(), 0);
}

#[tokio::test]
async fn three_megabytes_in_pieces_are_accepted() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let body = whatsapp_text("wamid.big", &"a".repeat(3_000_000)).to_string().into_bytes();
    let signature = whatsapp::signature(&Secret::new(APP_SECRET), &body);
    let pieces: Vec<_> =
        body.chunks(65_536).map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece))).collect();
    let request = Request::post("/webhooks/whatsapp")
        .header("x-hub-signature-256", signature)
        .body(Body::from_stream(futures::stream::iter(pieces)))
        .unwrap();
    assert_eq!(send(&router, request).await.status(), StatusCode::OK);
    let kept = inbox.kept.lock().unwrap();
    assert_eq!(kept.deliveries[0].arrival.body, body);
    assert!(matches!(kept.effects[0].content, EventContent::Message(_)));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_end_is_408_and_a_broken_one_400() {
    let router = edges(MemoryInbox::new(Mood::Well));
    let request = |body| {
        Request::post("/webhooks/whatsapp")
            .header("x-hub-signature-256", format!("sha256={}", "0".repeat(64)))
            .body(body)
            .unwrap()
    };
    let endless = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    assert_eq!(send(&router, request(endless)).await.status(), StatusCode::REQUEST_TIMEOUT);
    let broken = Body::from_stream(futures::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]));
    assert_eq!(send(&router, request(broken)).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_content_type_with_a_right_signature_is_stored_as_it_came() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    for mut request in one_of_each() {
        request.headers_mut().insert("content-type", "text/html".parse().unwrap());
        request.headers_mut().insert("x-secret-note", "keep out".parse().unwrap());
        assert_eq!(send(&router, request).await.status(), StatusCode::OK);
    }
    let kept = inbox.kept.lock().unwrap();
    let sources: Vec<_> = kept.deliveries.iter().map(|delivery| delivery.arrival.source).collect();
    assert_eq!(sources, [Source::WhatsApp, Source::Shopify, Source::Telegram]);
    for delivery in &kept.deliveries {
        let headers = format!("{:?}", delivery.arrival.headers);
        assert!(headers.contains("text/html"));
        for secret in ["keep out", "sha256", "Telegram_Token", "hmac"] {
            assert!(!headers.contains(secret), "{headers}");
        }
    }
}

#[tokio::test]
async fn channels_that_are_off_answer_404() {
    let clock = std::sync::Arc::new(recado_domain::SystemClock);
    let edges = recado_webhooks::Edges::new(MemoryInbox::new(Mood::Well), clock, None, None, vec![]).unwrap();
    let router = recado_webhooks::router(edges);
    for request in one_of_each() {
        assert_eq!(send(&router, request).await.status(), StatusCode::NOT_FOUND);
    }
}
