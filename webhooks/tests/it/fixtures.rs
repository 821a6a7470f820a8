//! Every recorded payload through the real router with a right signature: 200 and stored.

use std::collections::BTreeMap;

use http::StatusCode;
use recado_domain::event::EventContent;
use serde_json::Value;

use crate::support::{
    MemoryInbox, Mood, SHOP, edges, recorded, send, shopify_request, telegram_request, whatsapp_request,
};

/// Sends each, and counts the kinds of what was stored; prints the files of which something stayed unknown.
async fn post(folder: &str, request: impl Fn(&str, Vec<u8>) -> http::Request<axum::body::Body>) -> [usize; 2] {
    let (mut typed, mut unknown) = (0, 0);
    let mut kinds = BTreeMap::<String, usize>::new();
    for (name, body) in recorded(folder) {
        let inbox = MemoryInbox::new(Mood::Well);
        let response = send(&edges(inbox.clone()), request(&name, body)).await;
        assert_eq!(response.status(), StatusCode::OK, "{folder}/{name}");
        let effects = inbox.effects();
        assert!(!effects.is_empty(), "{folder}/{name} left nothing");
        for event in effects {
            *kinds.entry(event.content.kind()).or_default() += 1;
            match event.content {
                EventContent::Unknown { kind, problem } => {
                    println!("  unknown {folder}/{name}: {kind} {problem:?}");
                    unknown += 1;
                }
                _ => typed += 1,
            }
        }
    }
    println!("{folder}: {typed} typed, {unknown} unknown: {kinds:?}");
    [typed, unknown]
}

#[tokio::test]
async fn whatsapp_payloads_are_stored_and_typed() {
    let [typed, unknown] = post("whatsapp", |_, body| whatsapp_request(body)).await;
    // Each is a documented one: nearly all must be understood.
    assert!(unknown * 20 <= typed, "{typed} typed, {unknown} unknown");
    post("whatsapp_malformed_docs", |_, body| whatsapp_request(body)).await;
}

#[tokio::test]
async fn shopify_payloads_are_stored_and_typed() {
    let request = |name: &str, body: Vec<u8>| {
        let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
        let text = |key: &str| parsed.get(key).and_then(Value::as_str);
        let linked = text("order_status_url").and_then(|url| url.split('/').nth(2));
        let named = [text("shop_domain"), text("myshopify_domain"), linked].into_iter().flatten();
        let shop = named.into_iter().find(|shop| shop.ends_with(".myshopify.com")).unwrap_or(SHOP).to_owned();
        shopify_request(&topic_of(name), &shop, name, body)
    };
    let [typed, unknown] = post("shopify", request).await;
    assert!(unknown * 2 <= typed, "{typed} typed, {unknown} unknown");
    post("shopify_rest", request).await;
}

/// `doc_2026-04_orders_paid.json` → `orders/paid`, `exemplar_2024-01_orders_2.json` → `orders/updated`.
fn topic_of(file: &str) -> String {
    let name = file.trim_end_matches(".json");
    let rest = name.splitn(3, '_').nth(2).unwrap_or(name);
    let known = ["fulfillment_events", "fulfillment_orders", "order_transactions", "draft_orders", "inventory_items"];
    let (thing, action) = match known.iter().find(|thing| rest.starts_with(**thing)) {
        Some(thing) => (*thing, rest[thing.len()..].trim_start_matches('_')),
        None => rest.split_once('_').unwrap_or((rest, "update")),
    };
    let action = match (thing, action.parse::<u32>().is_ok()) {
        ("orders", true) => "updated",
        ("refunds" | "fulfillment_events" | "order_transactions", true) => "create",
        (_, true) => "update",
        (_, false) => action,
    };
    format!("{thing}/{action}")
}

#[tokio::test]
async fn telegram_payloads_are_stored_and_the_messages_among_them_are_typed() {
    post("telegram", |_, body| telegram_request("desk", body)).await;
    // Most are parts of updates; the messages and taps among them are sent again as updates.
    let [typed, unknown] = post("telegram", |_, body| {
        let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
        let key = match () {
            () if parsed.get("message_id").is_some() && parsed.get("date").is_some() => "message",
            () if parsed.get("chat_instance").is_some() => "callback_query",
            () => return telegram_request("desk", body),
        };
        let mut update = serde_json::Map::new();
        update.insert("update_id".to_owned(), 1.into());
        update.insert(key.to_owned(), parsed);
        telegram_request("desk", Value::Object(update).to_string().into_bytes())
    })
    .await;
    println!("telegram, parts wrapped: {typed} typed, {unknown} unknown");
}
