//! The Shopify emulator.

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use recado_emulators::{Behaviour, DeliverOptions, ShopifyEmulator, ShopifyEmulatorConfig};
use serde_json::{Value, json};

use crate::prepare;
use crate::receiver::Receiver;

#[tokio::test]
async fn webhooks_are_signed_over_their_bytes_and_a_replay_has_a_new_delivery_id() {
    prepare();
    let emulator = ShopifyEmulator::start(ShopifyEmulatorConfig::default()).await.unwrap();
    let mut receiver = Receiver::start().await;
    emulator.set_webhook_url(&receiver.url);
    let order = json!({ "id": 820_982_911_946_154_508_i64, "name": "#1001", "note": "Señora Núñez" });
    let options = DeliverOptions { copies: 3, new_ids: true, ..DeliverOptions::default() };
    let delivery = emulator.deliver("orders/create", order.clone(), &options).await.unwrap();
    assert_eq!(delivery.statuses, [Some(200); 3]);
    let mut webhook_ids = std::collections::HashSet::new();
    let mut event_ids = std::collections::HashSet::new();
    for _ in 0..3 {
        let received = receiver.next().await;
        assert_eq!(received.json(), order);
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"emulator-client-secret").unwrap();
        mac.update(&received.body);
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(received.header("x-shopify-hmac-sha256"), signature);
        assert_eq!(received.header("x-shopify-topic"), "orders/create");
        assert_eq!(received.header("x-shopify-shop-domain"), "emulated.myshopify.com");
        webhook_ids.insert(received.header("x-shopify-webhook-id").to_owned());
        event_ids.insert(received.header("x-shopify-event-id").to_owned());
    }
    assert_eq!((webhook_ids.len(), event_ids.len()), (3, 1));
    assert!(webhook_ids.contains(&delivery.id));
}

#[tokio::test]
async fn graphql_needs_the_token_shows_the_orders_and_throttles() {
    prepare();
    let emulator = ShopifyEmulator::start(ShopifyEmulatorConfig::default()).await.unwrap();
    emulator.load_orders(vec![json!({ "name": "#1001" })]);
    let url = format!("{}/admin/api/2026-07/graphql.json", emulator.api_base());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = |token: &str| {
        let query = json!({ "query": "{ shop { name } orders(first: 5) { nodes { name } } }" });
        client.post(&url).header("x-shopify-access-token", token).json(&query).send()
    };
    assert_eq!(ask("wrong").await.unwrap().status(), 401);
    let answer: Value = ask("emulator-shop-token").await.unwrap().json().await.unwrap();
    assert_eq!(answer["data"]["shop"]["name"], "Tienda");
    assert_eq!(answer["data"]["orders"]["nodes"], json!([{ "name": "#1001" }]));
    assert!(answer["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"].is_number());
    emulator.plan().next([Behaviour::Throttle { code: 0, retry_after: None }]);
    let answer: Value = ask("emulator-shop-token").await.unwrap().json().await.unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "THROTTLED");
}
