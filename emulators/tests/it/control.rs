//! The control surface, as a shell would use it.

use recado_domain::outbound::{SendResult, Sender as _};
use recado_emulators::{ShopifyEmulator, ShopifyEmulatorConfig, TelegramEmulator, TelegramEmulatorConfig};
use serde_json::{Value, json};

use crate::prepare;
use crate::receiver::Receiver;
use crate::whatsapp_sender::{emulator, sendable, sender};

async fn post(address: std::net::SocketAddr, path: &str, body: Value) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(format!("http://{address}{path}")).json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn whatsapp_behaves_delivers_and_shows_its_ledger() {
    let emulator = emulator().await;
    let mut receiver = Receiver::start().await;
    let behave = json!({
        "next": [{ "do": "accept_then_cut" }, { "do": "throttle", "code": 131056 }],
        "webhook_url": receiver.url,
        "statuses": { "enabled": false },
    });
    assert_eq!(post(emulator.address(), "/_behave", behave).await, (200, json!({ "ok": true })));
    let sender = sender(&emulator.api_base());
    assert!(matches!(sender.send(&sendable("a", 0)).await, SendResult::Ambiguous { .. }));
    assert!(matches!(sender.send(&sendable("b", 0)).await, SendResult::Retry { .. }));

    let deliver = json!({ "from": { "wa_id": "573001112233", "name": "Ana" }, "text": "hola" });
    let (status, answer) = post(emulator.address(), "/_deliver", deliver).await;
    assert_eq!((status, &answer["status"]), (200, &json!(200)));
    let received = receiver.next().await.json();
    let message = &received["entry"][0]["changes"][0]["value"]["messages"][0];
    assert_eq!((&message["text"]["body"], &message["id"]), (&json!("hola"), &answer["id"]));

    let several = json!({
        "messages": [
            { "from": { "wa_id": "573001112233", "name": "Ana" }, "button": { "id": "yes", "title": "Sí" } },
            { "from": { "user_id": "CO.9", "name": "Luz" }, "voice": {} },
        ],
        "options": { "copies": 2 },
    });
    let (_, answer) = post(emulator.address(), "/_deliver", several).await;
    assert_eq!(answer["deliveries"].as_array().unwrap().len(), 2);
    for _ in 0..4 {
        receiver.next().await;
    }

    let ledger: Value =
        reqwest::get(format!("http://{}/_ledger", emulator.address())).await.unwrap().json().await.unwrap();
    let accepted: Vec<_> = ledger["sends"].as_array().unwrap().iter().map(|sent| &sent["accepted"]).collect();
    assert_eq!(accepted, [true, false]);
    assert_eq!(ledger["counters"]["requests"], 2);
    assert!(ledger["entries"].as_array().unwrap().iter().any(|entry| entry["kind"] == "webhook"));
}

#[tokio::test]
async fn nonsense_is_refused_with_a_reason() {
    let emulator = emulator().await;
    for (path, body) in [
        ("/_behave", json!({ "nxt": [] })),
        ("/_behave", json!({ "always": { "do": "dance" } })),
        ("/_deliver", json!({ "text": "hola" })),
        ("/_deliver", json!({ "from": { "wa_id": "573001112233" }, "text": "no webhook is set" })),
    ] {
        let (status, answer) = post(emulator.address(), path, body).await;
        assert_eq!(status, 400, "{path}");
        assert!(answer["error"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn telegram_and_shopify_deliver_too() {
    prepare();
    let mut receiver = Receiver::start().await;
    let telegram = TelegramEmulator::start(TelegramEmulatorConfig {
        webhook_url: Some(receiver.url.clone()),
        ..TelegramEmulatorConfig::default()
    });
    let telegram = telegram.await.unwrap();
    let (_, answer) =
        post(telegram.address(), "/_deliver", json!({ "from": { "id": 7, "first_name": "Eva" }, "text": "/ayuda" }))
            .await;
    assert_eq!(answer["status"], 200);
    assert_eq!(receiver.next().await.json()["message"]["chat"]["id"], 7);
    let tap = json!({ "from": { "id": 7 }, "chat": -5, "message_id": 3, "data": "take:1" });
    post(telegram.address(), "/_deliver", tap).await;
    assert_eq!(receiver.next().await.json()["callback_query"]["data"], "take:1");

    let shopify = ShopifyEmulator::start(ShopifyEmulatorConfig {
        webhook_url: Some(receiver.url.clone()),
        ..ShopifyEmulatorConfig::default()
    });
    let shopify = shopify.await.unwrap();
    let event = json!({ "topic": "orders/paid", "payload": { "id": 1 }, "options": { "copies": 2 } });
    let (_, answer) = post(shopify.address(), "/_deliver", event).await;
    assert_eq!(answer["statuses"], json!([200, 200]));
    assert_eq!(receiver.next().await.header("x-shopify-topic"), "orders/paid");
}
