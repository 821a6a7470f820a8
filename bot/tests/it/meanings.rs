//! A shop's own answers on their whole way: written on the command line, their meaning made behind it by the running desk,
//! found by a message that shares no word with them, and by words alone when the model is broken.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use recado_emulators::whatsapp::{InboundContent, InboundMessage, Person, StatusOptions};
use recado_emulators::{
    Behaviour, DeliverOptions, OpenAiEmulator, OpenAiEmulatorConfig, WhatsAppEmulator, WhatsAppEmulatorConfig,
};

use crate::desk::{Desk, prepare};

const ANSWERS: &str = "## Envío nacional\nDespachamos con Coordinadora.\n\n## Medios de pago\nTarjeta, PSE y Nequi.\n\n\
    ## Horario de la tienda\nLunes a viernes de 9 a 6.\n";

fn recado(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_recado"));
    command.env_clear().env("RECADO_DATA_DIR", folder).current_dir(folder).args(arguments);
    assert!(command.stdout(Stdio::null()).status().unwrap().success(), "{arguments:?}");
}

/// A shop with its answers, written while no desk runs.
fn shop() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("faq.md"), ANSWERS).unwrap();
    recado(folder.path(), &["merchants", "add", "Casa"]);
    recado(folder.path(), &["knowledge", "import", "faq.md"]);
    folder
}

async fn answer(whatsapp: &WhatsAppEmulator, from: &str, text: &str) -> String {
    let before = whatsapp.sends().len();
    let message = InboundMessage::new(Person::new(from, "Ana"), InboundContent::Text(text.to_owned()));
    let delivery = whatsapp.deliver(&message, &DeliverOptions::default()).await.unwrap();
    assert_eq!(delivery.status(), Some(200));
    let began = Instant::now();
    while whatsapp.sends().len() == before {
        assert!(began.elapsed() < Duration::from_secs(30), "no answer to {text}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    whatsapp.sends()[before].body.clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_is_found_by_its_meaning_and_without_the_model_as_before() {
    prepare();
    let whatsapp = WhatsAppEmulator::start(WhatsAppEmulatorConfig::default()).await.unwrap();
    whatsapp.set_statuses(StatusOptions { enabled: false, ..StatusOptions::default() });
    let vectors = OpenAiEmulator::start(OpenAiEmulatorConfig::default()).await.unwrap();
    let usual = OpenAiEmulatorConfig::default();
    let folder = shop();
    let data = folder.path().to_string_lossy().into_owned();
    let base = vectors.api_base();
    let own = [
        ("DATA_DIR", data.as_str()),
        ("LLM__EMBEDDING_MODEL", usual.model.as_str()),
        ("LLM__EMBEDDING_BASE_URL", base.as_str()),
        ("LLM__EMBEDDING_API_KEY", usual.api_key.as_str()),
        // A busy machine is no reason to find nothing.
        ("LLM__EMBEDDING_MILLISECONDS", "3000"),
    ];
    let desk = Desk::start(&whatsapp, None, &own).await;
    let began = Instant::now();
    while desk.metric("recado_knowledge_meanings_total").await < 3.0 {
        assert!(began.elapsed() < Duration::from_secs(60), "what the answers mean is not made");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let found = answer(&whatsapp, "573000000001", "¿llega a la costa?").await;
    assert!(found.contains("Despachamos con Coordinadora."), "{found}");
    // The same question beside a model that is broken: answered in time, by words, which do not find it.
    vectors.plan().always(Behaviour::Hang { millis: 60_000, accepted: false });
    let lost = answer(&whatsapp, "573000000002", "¿llega a la costa?").await;
    assert!(!lost.contains("Coordinadora"), "{lost}");
    let sure = answer(&whatsapp, "573000000003", "¿qué medios de pago reciben?").await;
    assert!(sure.contains("Nequi"), "{sure}");
    assert_eq!(desk.metric("recado_turns_failed_total").await, 0.0);
}
