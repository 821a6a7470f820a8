//! An inbox in memory, edges with known secrets, and signed requests.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use recado_domain::clock::ManualClock;
use recado_domain::event::{AcceptError, Acceptance, Delivery, Inbox, Incoming};
use recado_domain::{Secret, Timestamp};
use recado_webhooks::{Edges, ShopifyEdge, TelegramEdge, WhatsAppEdge, router, shopify, whatsapp};
use tower::ServiceExt as _;

pub const APP_SECRET: &str = "whatsapp-app-secret";
pub const VERIFY_TOKEN: &str = "verify-me";
pub const CLIENT_SECRET: &str = "shopify-client-secret";
pub const TELEGRAM_TOKEN: &str = "Telegram_Token-1";
pub const OTHER_TELEGRAM_TOKEN: &str = "Telegram_Token-2";
pub const SHOP: &str = "tienda.myshopify.com";

/// How the inbox behaves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    Well,
    Refusing,
    Frozen,
}

/// Keeps deliveries with the deduplication that the store promises: an event is new if its key is new within source
/// and destination, and its body key, if it has one, is new within its source.
pub struct MemoryInbox {
    mood: Mood,
    pub kept: Mutex<Kept>,
}

#[derive(Default)]
pub struct Kept {
    pub deliveries: Vec<Delivery>,
    pub effects: Vec<Incoming>,
    seen: HashSet<String>,
}

impl MemoryInbox {
    pub fn new(mood: Mood) -> Arc<Self> {
        Arc::new(Self { mood, kept: Mutex::default() })
    }
    pub fn effects(&self) -> Vec<Incoming> {
        self.kept.lock().unwrap().effects.clone()
    }
    pub fn deliveries(&self) -> usize {
        self.kept.lock().unwrap().deliveries.len()
    }
}

#[async_trait::async_trait]
impl Inbox for MemoryInbox {
    async fn accept(&self, delivery: Delivery) -> Result<Acceptance, AcceptError> {
        match self.mood {
            Mood::Well => {}
            Mood::Refusing => {
                let retry_after = Duration::from_millis(1_500);
                return Err(AcceptError::Unavailable { reason: "away".to_owned(), retry_after });
            }
            Mood::Frozen => std::future::pending().await,
        }
        assert!(!delivery.events.is_empty(), "a delivery without events");
        let mut kept = self.kept.lock().unwrap();
        let (mut accepted, mut duplicates) = (0, 0);
        for event in &delivery.events {
            let source = delivery.arrival.source.code();
            let key = format!("{source} {:?} {}", event.destination, event.dedupe);
            let body_key = event.body_dedupe.as_ref().map(|key| format!("{source} body {key}"));
            let known = kept.seen.contains(&key) || body_key.as_ref().is_some_and(|key| kept.seen.contains(key));
            kept.seen.insert(key);
            kept.seen.extend(body_key);
            if known {
                duplicates += 1;
            } else {
                accepted += 1;
                kept.effects.push(event.clone());
            }
        }
        kept.deliveries.push(delivery);
        Ok(Acceptance { accepted, duplicates })
    }
}

pub fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

pub fn edges(inbox: Arc<MemoryInbox>) -> Router {
    let bot = |name: &str, token: &str| TelegramEdge { bot: name.to_owned(), secret_token: Secret::new(token) };
    let edges = Edges::new(
        inbox,
        Arc::new(ManualClock::at(now())),
        Some(WhatsAppEdge { app_secret: Secret::new(APP_SECRET), verify_token: Secret::new(VERIFY_TOKEN) }),
        Some(ShopifyEdge { client_secrets: vec![Secret::new("older-secret"), Secret::new(CLIENT_SECRET)] }),
        vec![bot("desk", TELEGRAM_TOKEN), bot("other", OTHER_TELEGRAM_TOKEN)],
    );
    router(edges.unwrap())
}

pub async fn send(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

pub async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

pub fn whatsapp_request(body: Vec<u8>) -> Request<Body> {
    Request::post("/webhooks/whatsapp")
        .header("content-type", "application/json")
        .header("x-hub-signature-256", whatsapp::signature(&Secret::new(APP_SECRET), &body))
        .body(Body::from(body))
        .unwrap()
}

pub fn shopify_request(topic: &str, shop: &str, id: &str, body: Vec<u8>) -> Request<Body> {
    Request::post("/webhooks/shopify")
        .header("content-type", "application/json")
        .header("x-shopify-topic", topic)
        .header("x-shopify-shop-domain", shop)
        .header("x-shopify-webhook-id", id)
        .header("x-shopify-hmac-sha256", shopify::signature(&Secret::new(CLIENT_SECRET), &body))
        .body(Body::from(body))
        .unwrap()
}

pub fn telegram_request(bot: &str, body: Vec<u8>) -> Request<Body> {
    Request::post(format!("/webhooks/telegram/{bot}"))
        .header("content-type", "application/json")
        .header("x-telegram-bot-api-secret-token", TELEGRAM_TOKEN)
        .body(Body::from(body))
        .unwrap()
}

/// Recorded payloads beside the workspace, by name; none when the folder is absent.
pub fn recorded(folder: &str) -> Vec<(String, Vec<u8>)> {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "shared", "fixtures", folder].iter().collect();
    let Ok(files) = std::fs::read_dir(path) else { return Vec::new() };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    let read =
        |path: &PathBuf| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap());
    files.iter().map(read).collect()
}

/// A WhatsApp delivery with one text message.
pub fn whatsapp_text(id: &str, words: &str) -> serde_json::Value {
    serde_json::json!({"object": "whatsapp_business_account", "entry": [{"id": "1029", "changes": [{
        "field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "573000000000", "phone_number_id": "1065"},
            "contacts": [{"profile": {"name": "Ana María"}, "wa_id": "573001234418", "user_id": "CO.1349"}],
            "messages": [{"from": "573001234418", "id": id, "timestamp": "1795694400", "type": "text",
                "text": {"body": words}}]}}]}]})
}

/// A Shopify order.
pub fn order(id: u64, shop: &str) -> serde_json::Value {
    serde_json::json!({
        "id": id, "admin_graphql_api_id": format!("gid://shopify/Order/{id}"), "name": "#1042", "order_number": 1042,
        "currency": "COP", "total_price": "101900.00", "current_total_price": "101900.00", "taxes_included": true,
        "financial_status": "pending", "fulfillment_status": null, "customer": null, "phone": null,
        "created_at": "2026-11-25T10:00:00-05:00", "updated_at": "2026-11-25T10:05:00-05:00",
        "payment_gateway_names": ["Pago Contra Entrega"],
        "order_status_url": format!("https://{shop}/orders/x"),
        "shipping_address": {"name": "Ana Díaz", "city": "Bogotá", "country_code": "CO", "phone": "+57 300 123 4418"},
        "line_items": [{"id": 9007199254740995_u64, "title": "Camiseta", "variant_title": "Azul / M", "quantity": 1,
            "price": "89900.00", "total_discount": "0.00", "tax_lines": [{"price": "14353.78", "rate": 0.19}],
            "discount_allocations": []}],
        "shipping_lines": [{"price": "12000.00", "tax_lines": [{"price": "1915.97", "rate": 0.19}]}],
        "refunds": []})
}
