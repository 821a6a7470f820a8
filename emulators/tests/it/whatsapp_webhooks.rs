//! What the WhatsApp emulator sends on its own: statuses and people's messages.

use std::collections::BTreeSet;

use base64::Engine as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use recado_channels::WhatsAppSender;
use recado_domain::outbound::{SendResult, Sender as _};
use recado_emulators::ledger::Happening;
use recado_emulators::whatsapp::{ContactCard, InboundContent, InboundMessage, Person, StatusName, StatusOptions};
use recado_emulators::{Behaviour, DeliverOptions, WhatsAppEmulator};
use serde_json::{Value, json};

use crate::receiver::{Received, Receiver};
use crate::whatsapp_sender::{emulator, sendable, sender};

async fn wired() -> (WhatsAppEmulator, WhatsAppSender, Receiver) {
    let (emulator, receiver) = (emulator().await, Receiver::start().await);
    emulator.set_webhook_url(&receiver.url);
    let sender = sender(&emulator.api_base());
    (emulator, sender, receiver)
}

fn assert_signed(received: &Received) {
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"emulator-app-secret").unwrap();
    mac.update(&received.body);
    let hex = hex::encode(mac.finalize().into_bytes());
    assert_eq!(received.header("x-hub-signature-256"), format!("sha256={hex}"));
    assert!(received.body.is_ascii(), "non-ASCII leaves escaped");
}

fn value(received: &Received) -> Value {
    received.json()["entry"][0]["changes"][0]["value"].clone()
}

fn ana() -> Person {
    Person { user_id: Some("CO.77".into()), ..Person::new("573001112233", "Ana Ñandú") }
}

#[tokio::test]
async fn statuses_echo_our_id_even_when_the_answer_was_cut() {
    for behaviour in [Behaviour::Accept, Behaviour::AcceptThenCut, Behaviour::AcceptThen500] {
        let (emulator, sender, mut receiver) = wired().await;
        emulator.plan().next([behaviour]);
        let message = sendable("hola", 0);
        sender.send(&message).await;
        for step in ["sent", "delivered", "read"] {
            let received = receiver.next().await;
            assert_signed(&received);
            let status = value(&received)["statuses"][0].clone();
            assert_eq!(status["status"], step);
            assert_eq!(status["biz_opaque_callback_data"], message.id.to_string());
            assert_eq!(status["recipient_id"], "573001112233");
            assert_eq!(status["id"], emulator.sends()[0].id);
        }
    }
}

#[tokio::test]
async fn what_is_not_taken_has_no_status() {
    let (emulator, sender, mut receiver) = wired().await;
    emulator.plan().next([Behaviour::Cut, Behaviour::Refuse { code: 131_026, description: None }]);
    sender.send(&sendable("a", 0)).await;
    sender.send(&sendable("b", 0)).await;
    let third = sendable("c", 0);
    sender.send(&third).await;
    let first_status = value(&receiver.next().await)["statuses"][0].clone();
    assert_eq!(first_status["biz_opaque_callback_data"], third.id.to_string());
}

#[tokio::test]
async fn a_status_can_come_before_the_answer_and_several_times_and_again_after_a_failure() {
    let (emulator, sender, mut receiver) = wired().await;
    receiver.answer([503]);
    emulator.set_statuses(StatusOptions {
        before_reply: true,
        copies: 3,
        steps: vec![StatusName::Sent],
        ..StatusOptions::default()
    });
    let result = sender.send(&sendable("hola", 0)).await;
    assert!(matches!(result, SendResult::Sent { .. }));
    // Three copies and the repetition of the one that was refused, all before the answer.
    for _ in 0..4 {
        let received = receiver.arrivals.try_recv().expect("arrived before the answer");
        assert_eq!(value(&received)["statuses"][0]["status"], "sent");
    }
}

#[tokio::test]
async fn a_failure_can_come_afterwards() {
    let (emulator, sender, mut receiver) = wired().await;
    emulator.set_statuses(StatusOptions { steps: vec![StatusName::Failed], ..StatusOptions::default() });
    sender.send(&sendable("hola", 0)).await;
    let status = value(&receiver.next().await)["statuses"][0].clone();
    assert_eq!((&status["status"], &status["errors"][0]["code"]), (&json!("failed"), &json!(131_026)));
}

/// Every kind of message, its type, and where its substance stands.
fn every_kind() -> Vec<(InboundContent, &'static str, &'static str)> {
    let button = InboundContent::Button { id: "yes".into(), title: "Sí".into() };
    let list = InboundContent::List { id: "r1".into(), title: "Fila".into(), description: None };
    let template = InboundContent::TemplateButton { payload: "p".into(), text: "t".into() };
    let location = InboundContent::Location { latitude: 4.6, longitude: -74.1, name: None, address: None };
    let document = InboundContent::Document { filename: "f.pdf".into(), caption: None };
    let contact = InboundContent::Contacts(vec![ContactCard { name: "Luz".into(), phone: "+57 300".into() }]);
    let reaction = InboundContent::Reaction { message_id: "wamid.X".into(), emoji: Some("👍".into()) };
    vec![
        (InboundContent::Text("¿Dónde está mi pedido? 🎉".into()), "text", "/text/body"),
        (button, "interactive", "/interactive/button_reply/id"),
        (list, "interactive", "/interactive/list_reply/id"),
        (template, "button", "/button/payload"),
        (location, "location", "/location/latitude"),
        (InboundContent::Image { caption: Some("foto".into()) }, "image", "/image/caption"),
        (document, "document", "/document/filename"),
        (InboundContent::Voice {}, "audio", "/audio/voice"),
        (InboundContent::Sticker {}, "sticker", "/sticker/id"),
        (contact, "contacts", "/contacts/0/phones/0/phone"),
        (reaction, "reaction", "/reaction/emoji"),
        (InboundContent::NumberChanged { new_wa_id: "573009".into() }, "system", "/system/wa_id"),
        (InboundContent::Unsupported("poll".into()), "unsupported", "/errors/0/code"),
        (InboundContent::Raw(json!({ "type": "order", "order": { "catalog_id": "9" } })), "order", "/order/catalog_id"),
    ]
}

#[tokio::test]
async fn every_kind_of_message_has_the_documented_shape() {
    let (emulator, _, mut receiver) = wired().await;
    for (content, kind, pointer) in every_kind() {
        let mut inbound = InboundMessage::new(ana(), content);
        inbound.reply_to = Some("wamid.Q".into());
        let delivery = emulator.deliver(&inbound, &DeliverOptions::default()).await.unwrap();
        assert_eq!(delivery.status(), Some(200));
        let received = receiver.next().await;
        assert_signed(&received);
        let value = value(&received);
        let message = &value["messages"][0];
        assert_eq!(message["type"], kind);
        assert!(message.pointer(pointer).is_some(), "{message}");
        assert_eq!(message["id"], delivery.id);
        assert_eq!((&message["from"], &message["from_user_id"]), (&json!("573001112233"), &json!("CO.77")));
        assert_eq!(message["context"]["id"], "wamid.Q");
        assert!(message["timestamp"].is_string());
        assert_eq!(value["metadata"]["phone_number_id"], "106540352242922");
        if kind == "system" {
            assert!(value.get("contacts").is_none());
        } else {
            assert_eq!(value["contacts"][0]["profile"]["name"], "Ana Ñandú");
        }
    }
}

#[tokio::test]
async fn a_delivery_can_be_doubled_shuffled_wrongly_signed_or_repeated() {
    let (emulator, _, mut receiver) = wired().await;
    let texts: Vec<_> = (0..6).map(|n| InboundMessage::text(ana(), &n.to_string())).collect();
    let options = DeliverOptions { copies: 2, shuffle: Some(3), ..DeliverOptions::default() };
    let deliveries = emulator.deliver_many(&texts, &options).await.unwrap();
    assert!(deliveries.iter().all(|delivery| delivery.statuses == [Some(200), Some(200)]));
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(value(&receiver.next().await)["messages"][0]["id"].as_str().unwrap().to_owned());
    }
    for delivery in &deliveries {
        assert_eq!(ids.iter().filter(|id| **id == delivery.id).count(), 2);
    }

    let wrong = DeliverOptions { wrong_signature: true, ..DeliverOptions::default() };
    emulator.deliver(&texts[0], &wrong).await.unwrap();
    let received = receiver.next().await;
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"emulator-app-secret").unwrap();
    mac.update(&received.body);
    assert_ne!(received.header("x-hub-signature-256"), format!("sha256={}", hex::encode(mac.finalize().into_bytes())));

    receiver.answer([503, 500]);
    let again = DeliverOptions { retries: 3, retry_after_millis: 1, ..DeliverOptions::default() };
    let delivery = emulator.deliver(&texts[0], &again).await.unwrap();
    assert_eq!(delivery.status(), Some(200));
    let bodies = [receiver.next().await.body, receiver.next().await.body, receiver.next().await.body];
    assert!(bodies.windows(2).all(|pair| pair[0] == pair[1]), "a repetition is the same bytes");

    let batch = emulator.deliver_batch(&texts, &DeliverOptions::default()).await.unwrap();
    assert_eq!(batch.len(), 6);
    assert_eq!(receiver.next().await.json()["entry"].as_array().unwrap().len(), 6);
    assert!(receiver.arrivals.try_recv().is_err());
}

#[tokio::test]
async fn outside_the_window_and_to_the_unreachable_nothing_is_taken() {
    let (emulator, sender, mut receiver) = wired().await;
    emulator.enforce_window(true);
    let result = sender.send(&sendable("hola", 0)).await;
    assert!(matches!(&result, SendResult::Failed { reason } if reason.contains("131047")), "{result:?}");
    emulator.deliver(&InboundMessage::text(ana(), "hola"), &DeliverOptions::default()).await.unwrap();
    receiver.next().await;
    assert!(matches!(sender.send(&sendable("hola", 0)).await, SendResult::Sent { .. }));
    emulator.set_undeliverable(["573001112233".to_owned()]);
    let result = sender.send(&sendable("hola", 0)).await;
    assert!(matches!(&result, SendResult::Failed { reason } if reason.contains("131026")), "{result:?}");
}

#[tokio::test]
async fn media_lead_from_the_id_to_the_bytes_with_the_token_only() {
    let (emulator, _, mut receiver) = wired().await;
    let image = InboundMessage::new(ana(), InboundContent::Image { caption: None });
    emulator.deliver(&image, &DeliverOptions::default()).await.unwrap();
    let image = value(&receiver.next().await)["messages"][0]["image"].clone();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{}/{}", emulator.api_base(), image["id"].as_str().unwrap());
    let get = |url: String| client.get(url).bearer_auth("emulator-access-token").send();
    let found: Value = get(address.clone()).await.unwrap().json().await.unwrap();
    let url = found["url"].as_str().unwrap().to_owned();
    let bytes = get(url.clone()).await.unwrap().bytes().await.unwrap();
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
    assert_eq!(image["sha256"], base64::engine::general_purpose::STANDARD.encode(digest));
    assert_eq!(found["sha256"], hex::encode(digest));
    assert_eq!(client.get(url).send().await.unwrap().status(), 401);

    let part =
        reqwest::multipart::Part::bytes(b"a\r\n--b\0c".to_vec()).file_name("a.bin").mime_str("image/png").unwrap();
    let form = reqwest::multipart::Form::new().text("messaging_product", "whatsapp").part("file", part);
    let upload = format!("{}/106540352242922/media", emulator.api_base());
    let answer = client.post(upload).bearer_auth("emulator-access-token").multipart(form).send().await.unwrap();
    let id = answer.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned();
    let found: Value = get(format!("{}/{id}", emulator.api_base())).await.unwrap().json().await.unwrap();
    assert_eq!(found["mime_type"], "image/png");
    let bytes = get(found["url"].as_str().unwrap().to_owned()).await.unwrap().bytes().await.unwrap();
    assert_eq!(&bytes[..], b"a\r\n--b\0c");
}

#[tokio::test]
async fn the_ledger_holds_every_call_every_answer_and_every_webhook_but_no_token() {
    let (emulator, sender, mut receiver) = wired().await;
    let mut live = emulator.ledger().subscribe();
    emulator.plan().next([Behaviour::Accept, Behaviour::AcceptThenCut]);
    sender.send(&sendable("uno", 0)).await;
    sender.send(&sendable("dos", 0)).await;
    for _ in 0..6 {
        receiver.next().await;
    }
    let inbound = InboundMessage::text(ana(), "hola");
    emulator.deliver(&inbound, &DeliverOptions::default()).await.unwrap();
    let counters = emulator.ledger().counters();
    assert_eq!((counters.requests, counters.accepted, counters.cut), (2, 2, 1));
    // The note of a status follows its answer, so the last ones may still be on their way: follow until all are there.
    let (mut requests, mut replies, mut sent, mut webhooks) = (vec![], vec![], 0, 0);
    while webhooks < 7 {
        match live.recv().await.unwrap().what {
            Happening::Request { request, headers, body, .. } => {
                assert!(headers.iter().all(|(name, _)| name != "authorization"));
                assert!(serde_json::from_slice::<Value>(&body).unwrap()["text"]["body"].is_string());
                requests.push(request);
            }
            Happening::Reply { request, status, .. } => replies.push((request, status)),
            Happening::Sent(_) => sent += 1,
            Happening::Webhook { status, .. } => {
                assert_eq!(status, Some(200));
                webhooks += 1;
            }
        }
    }
    assert_eq!(replies, [(requests[0], Some(200)), (requests[1], None)]);
    assert_eq!(sent, 2);
    let whole = serde_json::to_string(&emulator.ledger().entries()).unwrap();
    assert!(!whole.contains("emulator-access-token"));
}

/// Every path of keys in a JSON value, with the kind of value that stands there; list items share one path.
fn paths(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| paths(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => items.iter().for_each(|item| paths(item, &format!("{at}[]"), found)),
        Value::String(_) => drop(found.insert(format!("{at}: text"))),
        Value::Number(_) => drop(found.insert(format!("{at}: number"))),
        Value::Bool(_) => drop(found.insert(format!("{at}: bool"))),
        Value::Null => {}
    }
}

#[tokio::test]
async fn the_emulator_writes_no_key_that_recorded_payloads_do_not_have() {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/fixtures/whatsapp"));
    let Ok(files) = std::fs::read_dir(folder) else { return };
    let mut known = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        if let Ok(recorded) = serde_json::from_str::<Value>(&text) {
            paths(&recorded, "", &mut known);
        }
    }
    // Documented, but in no recording.
    let value = "/entry[]/changes[]/value";
    known.insert(format!("{value}/statuses[]/biz_opaque_callback_data: text"));
    known.insert(format!("{value}/messages[]/unsupported/type: text"));
    for key in ["filename", "id", "mime_type", "sha256"] {
        known.insert(format!("{value}/messages[]/document/{key}: text"));
    }
    let (emulator, sender, mut receiver) = wired().await;
    let mut written = BTreeSet::new();
    for (content, _, _) in every_kind() {
        emulator.deliver(&InboundMessage::new(ana(), content), &DeliverOptions::default()).await.unwrap();
        paths(&receiver.next().await.json(), "", &mut written);
    }
    emulator.set_statuses(StatusOptions {
        steps: vec![StatusName::Sent, StatusName::Delivered, StatusName::Read, StatusName::Failed],
        ..StatusOptions::default()
    });
    sender.send(&sendable("hola", 0)).await;
    for _ in 0..4 {
        paths(&receiver.next().await.json(), "", &mut written);
    }
    assert!(written.len() > 40);
    let unknown: Vec<_> = written.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}
