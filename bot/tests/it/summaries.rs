//! A long conversation on its whole way: summarised behind its turns by the running desk, and told to the model as data.

use std::time::{Duration, Instant};

use recado_emulators::ledger::Happening;
use recado_emulators::whatsapp::{InboundContent, InboundMessage, Person, StatusOptions};
use recado_emulators::{
    DeliverOptions, Mind, OpenAiEmulator, OpenAiEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig,
};

use crate::desk::{Desk, prepare};

async fn says(whatsapp: &WhatsAppEmulator, text: &str) {
    let before = whatsapp.sends().len();
    let message = InboundMessage::new(Person::new("573000000001", "Ana"), InboundContent::Text(text.to_owned()));
    let delivery = whatsapp.deliver(&message, &DeliverOptions::default()).await.unwrap();
    assert_eq!(delivery.status(), Some(200));
    until("no answer", async || whatsapp.sends().len() > before).await;
}

async fn until(what: &str, is: impl AsyncFn() -> bool) {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn asked(model: &OpenAiEmulator) -> Vec<String> {
    let entries = model.ledger().entries().into_iter();
    let bodies = entries.filter_map(|entry| match entry.what {
        Happening::Request { body, .. } => Some(String::from_utf8_lossy(&body).into_owned()),
        _ => None,
    });
    bodies.collect()
}

async fn of(mind: Mind, outcome: &str) -> (Desk, WhatsAppEmulator, OpenAiEmulator) {
    prepare();
    let whatsapp = WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap();
    whatsapp.set_statuses(StatusOptions { enabled: false, ..StatusOptions::default() });
    let model = OpenAiEmulator::start(OpenAiEmulatorConfig { mind, ..OpenAiEmulatorConfig::default() }).await.unwrap();
    let desk = Desk::start(&whatsapp, Some(&model), &[]).await;
    for round in 0..12 {
        says(&whatsapp, ["hola", "¿dónde está mi pedido?", "gracias", "menú"][round % 4]).await;
    }
    until("it is not summarised", async || desk.metric("recado_summaries_total").await >= 1.0).await;
    let page = reqwest::get(format!("http://{}/metrics", desk.address)).await.unwrap().text().await.unwrap();
    assert!(page.contains(&format!("recado_summaries_total{{outcome=\"{outcome}\"}} 1")), "{outcome}: {page}");
    (desk, whatsapp, model)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_conversation_is_summarised_behind_its_turns_and_the_summary_is_told_as_data() {
    let (desk, whatsapp, model) = of(Mind::Helpful, "kept").await;
    let asked_for = asked(&model).into_iter().filter(|body| body.contains("\\\"said\\\"")).count();
    assert_eq!(asked_for, 1, "one call for twelve turns");
    says(&whatsapp, "xqzt blorp encomenda prrt zzkw qwrp").await;
    let last = asked(&model).pop().unwrap();
    // The stand-in's summary: the first words of what was said, and the last.
    assert!(last.contains("earlier_summary\\\":\\\"hola / "), "{last}");
    assert!(last.contains("\\\"by\\\":\\\"assistant\\\""), "{last}");
    assert_eq!(desk.metric("recado_turns_failed_total").await, 0.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_hostile_model_makes_of_a_long_conversation_is_kept_nowhere() {
    let (desk, whatsapp, model) = of(Mind::Hostile, "refused").await;
    says(&whatsapp, "xqzt blorp encomenda prrt zzkw qwrp").await;
    let last = asked(&model).pop().unwrap();
    assert!(last.contains("earlier_summary\\\":null"), "{last}");
    assert_eq!(desk.metric("recado_turns_failed_total").await, 0.0);
}
