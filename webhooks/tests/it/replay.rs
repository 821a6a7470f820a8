//! RELIABILITY S2: a valid delivery played again has no second effect, here or at another tenant.

use http::StatusCode;
use recado_domain::event::{CommerceEvent, Destination, EventContent};

use crate::support::{
    MemoryInbox, Mood, OTHER_TELEGRAM_TOKEN, SHOP, edges, order, send, shopify_request, telegram_request,
    whatsapp_request, whatsapp_text,
};

#[tokio::test]
async fn the_same_delivery_twice_is_200_and_one_effect() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    for _ in 0..3 {
        let body = whatsapp_text("wamid.1", "hola").to_string().into_bytes();
        assert_eq!(send(&router, whatsapp_request(body)).await.status(), StatusCode::OK);
        let body = order(1, SHOP).to_string().into_bytes();
        assert_eq!(send(&router, shopify_request("orders/create", SHOP, "w-1", body)).await.status(), StatusCode::OK);
        let body = br#"{"update_id":7,"message":{"message_id":1,"date":1795694400,"chat":{"id":5,"type":"private"},
            "from":{"id":5,"is_bot":false,"first_name":"Eva"},"text":"/ack 1"}}"#;
        assert_eq!(send(&router, telegram_request("desk", body.to_vec())).await.status(), StatusCode::OK);
    }
    assert_eq!((inbox.deliveries(), inbox.effects().len()), (9, 3));
}

#[tokio::test]
async fn a_repeat_in_another_envelope_is_one_effect() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let single = whatsapp_text("wamid.1", "hola");
    let mut batch = whatsapp_text("wamid.2", "otra");
    let other = single["entry"][0].clone();
    batch["entry"].as_array_mut().unwrap().push(other);
    send(&router, whatsapp_request(single.to_string().into_bytes())).await;
    send(&router, whatsapp_request(batch.to_string().into_bytes())).await;
    assert_eq!(inbox.effects().len(), 2);
}

#[tokio::test]
async fn a_shopify_body_with_another_id_topic_or_shop_has_no_second_effect() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let body = order(1, SHOP).to_string().into_bytes();
    let victim = "victima.myshopify.com";
    for (topic, shop, id) in [
        ("orders/create", SHOP, "w-1"),
        ("orders/create", SHOP, "w-2"),
        ("orders/cancelled", SHOP, "w-3"),
        ("orders/delete", SHOP, "w-4"),
        ("app/uninstalled", SHOP, "w-5"),
        ("shop/redact", SHOP, "w-6"),
        ("orders/create", victim, "w-1"),
        ("orders/create", victim, "w-7"),
        ("orders/create", "not a shop", "w-8"),
    ] {
        let response = send(&router, shopify_request(topic, shop, id, body.clone())).await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    let mut effects = inbox.effects();
    effects.retain(|event| !matches!(event.content, EventContent::Unknown { .. }));
    assert_eq!(effects.len(), 1, "{effects:?}");
    assert!(matches!(effects[0].content, EventContent::Commerce(CommerceEvent::Order { .. })));
    assert_eq!(effects[0].destination, Destination::Shop(SHOP.to_owned()));
}

#[tokio::test]
async fn even_the_first_sight_of_a_body_under_false_headers_is_not_believed() {
    let victim = "victima.myshopify.com";
    for (topic, shop) in [
        ("orders/create", victim),
        ("orders/delete", SHOP),
        ("products/update", SHOP),
        ("fulfillments/update", SHOP),
        ("refunds/create", SHOP),
        ("disputes/update", SHOP),
        ("checkouts/create", SHOP),
        ("customers/update", SHOP),
        ("customers/redact", SHOP),
        ("shop/redact", SHOP),
        ("app/uninstalled", SHOP),
        ("orders/create", "TIENDA.myshopify.com"),
        ("orders/create", "tienda.myshopify.com.evil.example"),
    ] {
        let inbox = MemoryInbox::new(Mood::Well);
        let body = order(1, SHOP).to_string().into_bytes();
        send(&edges(inbox.clone()), shopify_request(topic, shop, "w-1", body)).await;
        let effects = inbox.effects();
        let EventContent::Unknown { kind, problem } = &effects[0].content else { panic!("{topic} {shop}") };
        assert!(kind.starts_with("shopify:") && problem.is_some());
        assert_ne!(effects[0].destination, Destination::Shop(victim.to_owned()));
    }
}

#[tokio::test]
async fn a_body_seen_under_false_headers_still_counts_under_its_true_ones() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let body = order(1, SHOP).to_string().into_bytes();
    send(&router, shopify_request("orders/create", "victima.myshopify.com", "w-1", body.clone())).await;
    send(&router, shopify_request("orders/create", SHOP, "w-1", body)).await;
    let last = inbox.effects().pop().unwrap();
    assert!(matches!(last.content, EventContent::Commerce(CommerceEvent::Order { .. })));
}

#[tokio::test]
async fn an_update_at_another_bots_address_is_refused() {
    let inbox = MemoryInbox::new(Mood::Well);
    let router = edges(inbox.clone());
    let body = br#"{"update_id":7}"#.to_vec();
    assert_eq!(send(&router, telegram_request("other", body.clone())).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(send(&router, telegram_request("nobody", body.clone())).await.status(), StatusCode::UNAUTHORIZED);
    let mut request = telegram_request("desk", body);
    request.headers_mut().insert("x-telegram-bot-api-secret-token", OTHER_TELEGRAM_TOKEN.parse().unwrap());
    assert_eq!(send(&router, request).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(inbox.deliveries(), 0);
}
