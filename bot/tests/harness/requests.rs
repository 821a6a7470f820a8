//! What customers ask for, from their words to the shop: approved by staff, done once, and heard of by whoever asked; and a
//! person who wants to be forgotten is, wherever the process ends.

use std::time::{Duration, Instant};

use recado_emulators::DeliverOptions;
use recado_emulators::SentMessage;
use recado_emulators::behaviour::{Behaviour, Mix, MixPart};
use recado_emulators::telegram::{TelegramMessage, TelegramTap, TelegramUser};
use serde_json::{Value, json};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{message, phone};

/// Telegram's id of the one who decides.
const STAFF: i64 = 7_002;
const ORDER: i64 = 5_700_001;
const PATIENCE: Duration = Duration::from_secs(60);

fn order(fulfilled: bool) -> Value {
    json!({
        "id": ORDER, "name": "#71", "currency": "COP", "taxes_included": true, "test": false,
        "created_at": "2026-11-20T10:00:00-05:00", "processed_at": "2026-11-20T10:00:00-05:00",
        "updated_at": "2026-11-20T10:00:00-05:00", "cancelled_at": null, "financial_status": "pending",
        "fulfillment_status": if fulfilled { json!("fulfilled") } else { json!(null) },
        "payment_gateway_names": ["Cash on Delivery (COD)"], "total_price": "89900.00", "phone": format!("+{}", phone(1)),
        "shipping_address": { "first_name": "Ana", "last_name": "Ruiz", "address1": "Calle 1 # 2-3", "city": "Bogotá",
            "country_code": "CO", "phone": format!("+{}", phone(1)) },
        "line_items": [{ "id": ORDER * 10, "title": "Faja", "quantity": 1, "price": "89900.00", "tax_lines": [],
            "discount_allocations": [] }],
        "shipping_lines": [], "refunds": [],
    })
}

/// Waits for what a condition finds.
async fn found<T>(desk: &Desk, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "{what} never came\n{}\n{}", heard(desk).join("\n"), desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn replies(desk: &Desk) -> Vec<SentMessage> {
    desk.platforms.whatsapp.sends().into_iter().filter(|sent| sent.accepted).collect()
}

/// What the customer reads.
fn heard(desk: &Desk) -> Vec<String> {
    replies(desk).into_iter().map(|sent| sent.body).collect()
}

/// Says something, and waits for the answer.
async fn says(desk: &Desk, words: &str) -> SentMessage {
    let before = replies(desk).len();
    desk.platforms.insist(&message(1, words), &DeliverOptions::default()).await;
    found(desk, words, || replies(desk).get(before).cloned()).await
}

/// Asks for something, and answers what is asked until it is confirmed.
async fn asks(desk: &Desk, words: &str) {
    let mut reply = says(desk, words).await;
    for _ in 0..8 {
        let confirms = reply.buttons.iter().any(|button| button.id.starts_with("flow:yes"));
        let body = reply.body.to_lowercase();
        let answer = match () {
            () if confirms => "sí",
            () if body.contains("calle y número") => "Carrera 7 # 45-10",
            () if body.contains("barrio") => "Chapinero",
            () if body.contains("ciudad") || body.contains("municipio") => "Bogotá",
            () => "apto 301",
        };
        reply = says(desk, answer).await;
        if confirms {
            return;
        }
    }
    panic!("it never asked for a confirmation:\n{}", heard(desk).join("\n"));
}

/// A person of the staff writes, and taps the button that begins so under the answer.
async fn decides(desk: &Desk, words: &str, button: &str) {
    let telegram = &desk.platforms.telegram;
    let from = || TelegramUser::new(STAFF, "Laura");
    let update_id = Some(9_000 + i64::from(rand::random::<u16>()));
    let said = TelegramMessage { from: from(), chat: None, text: words.to_owned(), reply_to: None, update_id };
    desk.platforms.insist_staff(&said).await;
    let (id, data) = found(desk, button, || {
        telegram.sends().into_iter().filter(|sent| sent.accepted).find_map(|sent| {
            let button = sent.buttons.iter().find(|one| one.id.starts_with(button))?;
            Some((sent.id.clone(), button.id.clone()))
        })
    })
    .await;
    let update_id = Some(90_000 + i64::from(rand::random::<u16>()));
    let tap = TelegramTap { from: from(), chat: None, message_id: id.parse().unwrap(), data, update_id };
    let delivered = telegram.deliver_tap(&tap, &DeliverOptions::default()).await.unwrap();
    assert_eq!(delivered.status(), Some(200));
}

/// A desk with a lead, and a customer with an order.
async fn desk(kind: Kind) -> Desk {
    let plan = Plan { settle: 5, ..Plan::new(kind, 1) }.with("RECADO_CHAOS_ECHO", "off");
    let mut desk = Desk::prepare(plan).await;
    desk.replicas[0].run(&["staff", "add", "Laura", "--telegram-user-id", &STAFF.to_string(), "--role", "lead"]);
    desk.replicas[0].start().await;
    desk.platforms.shopify.load_orders(vec![order(false)]);
    let told = desk.platforms.shopify.deliver("orders/create", order(false), &DeliverOptions::default()).await.unwrap();
    assert_eq!(told.status(), Some(200));
    let started = Instant::now();
    while desk.database.number("SELECT COUNT(*) FROM orders").await < 1 {
        assert!(started.elapsed() < PATIENCE, "{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desk
}

async fn wants_another_address(desk: &Desk) {
    asks(desk, "quiero cambiar la dirección de mi pedido").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approved_address_is_changed_once_and_whoever_asked_hears_of_it() {
    for (kind, crash, unclear) in [
        (Kind::Sqlite, None, 0),
        (Kind::Postgres, None, 60),
        (Kind::Sqlite, Some("calling"), 0),
        (Kind::Sqlite, Some("acted"), 0),
    ] {
        let mut desk = desk(kind).await;
        wants_another_address(&desk).await;
        if unclear > 0 {
            let parts = [Behaviour::AcceptThenCut, Behaviour::AcceptThen500, Behaviour::Cut];
            let parts = parts.into_iter().map(|behaviour| MixPart { percent: unclear / 3, behaviour }).collect();
            desk.platforms.shopify.plan().mix(Some(Mix { seed: 7, parts }));
        }
        if let Some(point) = crash {
            // Only changes in the shop pass here, so the first one is ours.
            desk.replicas[0].kill();
            desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:1"));
            desk.replicas[0].start().await;
        }
        decides(&desk, "/aprobar 1", "act:yes:").await;
        if let Some(point) = crash {
            assert!(desk.replicas[0].ends(PATIENCE).await.is_some(), "{point} was never reached\n{}", desk.words());
            desk.replicas[0].unset("RECADO_CRASH_AT");
            desk.replicas[0].start().await;
        }
        found(&desk, "the end", || heard(&desk).into_iter().find(|body| body.contains("ya quedó hecha"))).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        let changes = desk.platforms.shopify.address_changes();
        println!("address {kind:?} {crash:?} unclear {unclear} %: {} calls taken", changes.len());
        assert_eq!(changes.len(), 1, "{kind:?} {crash:?}: {changes:?}\n{}", desk.words());
        assert!(changes[0].address1.contains("7") && changes[0].address1.contains("45"), "{changes:?}");
        let told = heard(&desk).iter().filter(|body| body.contains("ya quedó hecha")).count();
        assert_eq!(told, 1);
        desk.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_that_left_meanwhile_keeps_its_address_and_its_customer_hears_kindly_why() {
    let desk = desk(Kind::Sqlite).await;
    wants_another_address(&desk).await;
    // It leaves the shop while we have not heard of it.
    desk.platforms.shopify.load_orders(vec![order(true)]);
    decides(&desk, "/aprobar 1", "act:yes:").await;
    let body = found(&desk, "why", || heard(&desk).into_iter().find(|body| body.contains("no se pudo"))).await;
    assert!(body.contains("ya había salido") && body.contains("persona"), "{body}");
    assert!(desk.platforms.shopify.address_changes().is_empty());
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_wants_to_be_forgotten_is_told_and_forgotten_wherever_the_process_ends() {
    for crash in [None, Some("erasing:1"), Some("erasing:2")] {
        let mut desk = desk(Kind::Sqlite).await;
        says(&desk, "hola, soy Anacleta").await;
        asks(&desk, "borren mis datos").await;
        if let Some(point) = crash {
            desk.replicas[0].kill();
            desk.replicas[0].set("RECADO_CRASH_AT", point);
            desk.replicas[0].start().await;
        }
        decides(&desk, "/aprobar 1", "prv:yes:").await;
        found(&desk, "the answer", || heard(&desk).into_iter().find(|body| body.contains("Borramos tus datos"))).await;
        if let Some(point) = crash {
            assert!(desk.replicas[0].ends(PATIENCE).await.is_some(), "{point} was never reached\n{}", desk.words());
            desk.replicas[0].unset("RECADO_CRASH_AT");
            desk.replicas[0].start().await;
        }
        // A lease is as long as a minute after a crash.
        let started = Instant::now();
        while desk.database.number("SELECT COUNT(*) FROM compliance_requests WHERE done_at IS NOT NULL").await < 1 {
            assert!(started.elapsed() < Duration::from_secs(120), "{}", desk.words());
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        for (what, sql) in [
            ("conversations", "SELECT COUNT(*) FROM conversations"),
            ("messages", "SELECT COUNT(*) FROM messages"),
            ("ids", "SELECT COUNT(*) FROM identities"),
            ("phones on orders", "SELECT COUNT(*) FROM orders WHERE phone_key IS NOT NULL OR facts LIKE '%57300%'"),
            ("words", "SELECT COUNT(*) FROM events WHERE content LIKE '%Anacleta%' OR content LIKE '%Ruiz%'"),
            ("deliveries", "SELECT COUNT(*) FROM arrivals WHERE CAST(body AS TEXT) LIKE '%Anacleta%'"),
            ("sends", "SELECT COUNT(*) FROM outbox WHERE recipient LIKE '%57300%' OR message LIKE '%Persona 1%'"),
        ] {
            assert_eq!(desk.database.number(sql).await, 0, "{crash:?}: {what}");
        }
        assert_eq!(
            desk.database.number("SELECT COUNT(*) FROM orders WHERE total = 8990000").await,
            1,
            "the sale stays"
        );
        desk.end().await;
    }
}
