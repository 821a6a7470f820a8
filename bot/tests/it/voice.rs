//! A voice note on its whole way: webhook, fetching, writing down, answer. What goes wrong on it costs no message and
//! answers none twice.

use std::time::{Duration, Instant};

use recado_emulators::whatsapp::{InboundContent, InboundMessage, Person};
use recado_emulators::{Behaviour, DeliverOptions, WhatsAppEmulator, WhatsAppEmulatorConfig};
use serde_json::json;

use crate::desk::{Desk, stage};

const ASKED_TO_WRITE: &str = "No pude escuchar la nota de voz. ¿Me lo escribes?";

/// Keeps a recording at the stand-in, as if a person had sent it. Its id.
async fn recorded(whatsapp: &WhatsAppEmulator, bytes: Vec<u8>) -> String {
    let config = WhatsAppEmulatorConfig::default();
    let file = reqwest::multipart::Part::bytes(bytes).file_name("note.ogg").mime_str("audio/ogg").unwrap();
    let form = reqwest::multipart::Form::new()
        .text("messaging_product", "whatsapp")
        .text("type", "audio/ogg; codecs=opus")
        .part("file", file);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(format!("{}/{}/media", whatsapp.api_base(), config.phone_number_id))
        .bearer_auth(config.access_token)
        .multipart(form)
        .send()
        .await
        .unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    answer["id"].as_str().unwrap().to_owned()
}

fn note(from: &str, media: &str) -> InboundMessage {
    let audio = json!({ "id": media, "mime_type": "audio/ogg; codecs=opus", "voice": true });
    InboundMessage::new(Person::new(from, "Ana"), InboundContent::Raw(json!({ "type": "audio", "audio": audio })))
}

/// Delivers a voice note and waits for what it is answered.
async fn said(whatsapp: &WhatsAppEmulator, from: &str, media: &str) -> String {
    let before = whatsapp.sends().len();
    let delivery = whatsapp.deliver(&note(from, media), &DeliverOptions::default()).await.unwrap();
    assert_eq!(delivery.status(), Some(200));
    let began = Instant::now();
    while whatsapp.sends().len() == before {
        assert!(began.elapsed() < Duration::from_secs(30), "no answer to the voice note");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Nothing comes after the answer: what was asked once is answered once.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let sends = whatsapp.sends().split_off(before);
    assert_eq!(sends.len(), 1, "{sends:?}");
    sends[0].body.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_voice_note_is_heard_and_answered_or_its_person_is_asked_to_write() {
    let (whatsapp, model) = stage().await;
    let desk = Desk::start(&whatsapp, Some(&model), &[("LLM__TRANSCRIPTION_MODEL", "emulated-1")]).await;

    let spoken = recorded(&whatsapp, b"OggS SPOKEN:hola, muy buenos dias".to_vec()).await;
    let answer = said(&whatsapp, "573000000001", &spoken).await;
    assert!(answer.contains("Entendí: «hola, muy buenos dias»") && !answer.contains(ASKED_TO_WRITE), "{answer}");
    // What is said aloud is obeyed like what is written, and in its language.
    let spoken = recorded(&whatsapp, b"OggS SPOKEN:hello, I want to talk to a human please".to_vec()).await;
    let answer = said(&whatsapp, "573000000002", &spoken).await;
    assert!(answer.contains("I heard: “hello, I want to talk to a human please”"), "{answer}");
    let queue_before = desk.metric("recado_turns_failed_total").await;
    assert_eq!(queue_before, 0.0);

    // Whatever goes wrong, people are asked to write: an id that is none, silence, and a model that is broken or gone.
    let silent = recorded(&whatsapp, b"OggS SPOKEN:".to_vec()).await;
    assert!(said(&whatsapp, "573000000003", "404404404").await.contains(ASKED_TO_WRITE));
    assert!(said(&whatsapp, "573000000004", &silent).await.contains(ASKED_TO_WRITE));
    let faults = [
        Behaviour::Fail500,
        Behaviour::AcceptThenGarbage,
        Behaviour::Cut,
        Behaviour::Hang { millis: 60_000, accepted: false },
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        model.plan().always(fault.clone());
        let spoken = recorded(&whatsapp, format!("OggS SPOKEN:hola {number}").into_bytes()).await;
        let answer = said(&whatsapp, &format!("57300000001{number}"), &spoken).await;
        assert!(answer.contains(ASKED_TO_WRITE), "{fault:?}: {answer}");
    }
    assert_eq!(desk.metric("recado_turns_failed_total").await, 0.0);
    assert!(desk.metric("recado_voice_notes_total").await >= 8.0);
}
