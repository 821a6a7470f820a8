//! The shop's own answers found by what a question means, and whatever the model that says so does: the answer by words
//! stands, in time, and nobody sees an error.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recado_agents::Gateway;
use recado_agents::model::gateway::{AskError, Charge};
use recado_agents::model::ledger::InMemoryLedger;
use recado_agents::model::settings::{Embedding, Settings};
use recado_domain::Language;
use recado_domain::effect::Effect;
use recado_domain::knowledge::meaning::{Meaning, text_of};
use recado_domain::spend::{Spend, SpendLedger, SpendScope};
use recado_emulators::{Behaviour, Mind, OpenAiEmulator};

use crate::fakes::*;
use crate::model_stage::*;

const ANSWERS: &str = "## Envío nacional\nDespachamos con Coordinadora.\n\n## Medios de pago\nTarjeta, PSE y Nequi.\n\n\
    ## Horario de la tienda\nLunes a viernes de 9 a 6.\n\n## Garantía\nUn año por defectos de fábrica.\n";
/// A question that shares no word with any of them, and the same thing in two more languages.
const COAST: [&str; 3] = ["¿llega a la costa?", "chega no litoral?", "does it reach the coast?"];

fn with_vectors(emulator: &OpenAiEmulator, within: Duration) -> Settings {
    let embedding = Embedding { provider: provider("embedding", &emulator.api_base()), within };
    Settings { embedding: Some(embedding), ..settings(Vec::new()) }
}

/// A gateway that has learned what to compare with, and what the answers mean.
async fn ready(settings: Settings) -> (Arc<Gateway>, Vec<Meaning>) {
    let gateway = gateway(settings);
    let purse = gateway.task_purse();
    gateway.background(at(NOW), &purse).await.unwrap();
    let texts: Vec<String> = answers(ANSWERS).iter().map(|entry| text_of(&entry.content)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let charge =
        Charge { merchant: Some(merchant("CO", Language::Es).id), conversation: None, now: at(NOW), purse: &purse };
    let meanings = gateway.meanings_in_time(&texts, &charge).await.unwrap();
    (gateway, meanings)
}

fn asking(gateway: &Arc<Gateway>, meanings: &[Meaning]) -> Dialogue {
    let facts = Facts { knowledge: answers(ANSWERS), meanings: meanings.to_vec(), ..Facts::default() };
    let mut dialogue = Dialogue::of(shopper(), facts);
    dialogue.desk = Some(desk(Arc::clone(gateway) as Arc<dyn recado_agents::Proposer>));
    dialogue
}

fn collected(dialogue: &Dialogue) -> usize {
    dialogue.last.effects.iter().filter(|effect| matches!(effect, Effect::Unanswered { .. })).count()
}

/// What is said to the question without a model.
async fn by_words(question: &str) -> (String, usize) {
    let mut dialogue = Dialogue::of(shopper(), Facts { knowledge: answers(ANSWERS), ..Facts::default() });
    (dialogue.says(question).await, collected(&dialogue))
}

#[tokio::test]
async fn a_question_finds_the_answer_that_means_the_same_in_three_languages() {
    let emulator = emulator(Mind::Helpful).await;
    let (gateway, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
    for question in COAST {
        let plain = by_words(question).await.0;
        assert!(!plain.contains("Coordinadora"), "the control: words do not find it: {plain}");
        let mut dialogue = asking(&gateway, &meanings);
        let reply = dialogue.says(question).await;
        assert!(reply.contains("Despachamos con Coordinadora."), "{question}: {reply}");
        let trace = dialogue.last.trace.tools.join(" | ");
        assert!(trace.contains("(faq.md)") && trace.contains("likeness"), "staff sees source and nearness: {trace}");
        assert!(trace.contains("model embedding meaning: ok"), "and what was asked: {trace}");
    }
}

#[tokio::test]
async fn a_question_about_something_else_finds_nothing_and_is_collected_as_before() {
    let emulator = emulator(Mind::Helpful).await;
    let (gateway, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
    for question in ["¿venden bicicletas eléctricas?", "do you sell electric bikes?", "vocês vendem bicicletas?"] {
        let mut dialogue = asking(&gateway, &meanings);
        let reply = dialogue.says(question).await;
        assert_eq!((reply, collected(&dialogue)), by_words(question).await, "{question}");
    }
}

#[tokio::test]
async fn what_words_are_sure_of_asks_no_model_and_what_tells_who_asks_never_leaves() {
    let emulator = emulator(Mind::Helpful).await;
    let (gateway, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
    let before = emulator.ledger().counters().requests;
    let reply = asking(&gateway, &meanings).says("¿qué medios de pago reciben?").await;
    assert!(reply.contains("Nequi"), "{reply}");
    assert_eq!(emulator.ledger().counters().requests, before);
    asking(&gateway, &meanings).says("soy ana@correo.co, 300 123 4567, ¿llega a la costa?").await;
    let bodies = asked(&emulator);
    assert!(bodies.len() > usize::try_from(before).unwrap(), "the control: it was asked");
    for body in &bodies {
        assert!(!body.contains("ana@") && !body.contains("300 123") && !body.contains("[NUMBER"), "{body}");
    }
}

#[tokio::test]
async fn every_failure_of_the_model_for_vectors_ends_in_the_answer_by_words() {
    let expected = by_words(COAST[0]).await;
    for fault in [
        Behaviour::Cut,
        Behaviour::AcceptThenCut,
        Behaviour::AcceptThen500,
        Behaviour::AcceptThenGarbage,
        Behaviour::Throttle { code: 0, retry_after: Some(30) },
        Behaviour::Refuse { code: 401, description: None },
        Behaviour::Refuse { code: 422, description: Some("text".into()) },
    ] {
        let emulator = emulator(Mind::Helpful).await;
        let (gateway, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
        let before = emulator.ledger().counters().requests;
        emulator.plan().always(fault.clone());
        let mut dialogue = asking(&gateway, &meanings);
        let reply = dialogue.says(COAST[0]).await;
        assert_eq!((reply, collected(&dialogue)), expected, "{fault:?}");
        assert!(emulator.ledger().counters().requests > before, "{fault:?}: it was never asked");
    }
}

#[tokio::test]
async fn vectors_that_are_none_end_in_the_answer_by_words() {
    let expected = by_words(COAST[0]).await;
    let emulator = emulator(Mind::Helpful).await;
    let mut asked = 0;
    for round in 0..24 {
        // A new gateway each time, so that its breaker does not end the test.
        emulator.set_mind(Mind::Helpful);
        let (gateway, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
        let before = emulator.ledger().counters().requests;
        emulator.set_mind(if round % 2 == 0 { Mind::Garbled } else { Mind::Hostile });
        // Two questions more, so that every kind of nonsense has its turn.
        for text in ["hola", "gracias"] {
            let purse = gateway.task_purse();
            let charge = Charge { merchant: None, conversation: None, now: at(NOW), purse: &purse };
            let _ = gateway.meanings_at_once(&[text], &charge).await;
        }
        let mut dialogue = asking(&gateway, &meanings);
        let reply = dialogue.says(COAST[0]).await;
        asked += emulator.ledger().counters().requests - before;
        if reply != expected.0 {
            // A single text leaves some kinds without fault: the vector of the first is that of the only one.
            assert!(reply.contains("Despachamos con Coordinadora."), "round {round}: {reply}");
        }
    }
    assert!(asked >= 48, "{asked}");
}

#[tokio::test]
async fn a_background_of_vectors_that_are_none_is_not_believed() {
    let emulator = emulator(Mind::Garbled).await;
    let mut refused = 0;
    for _ in 0..12 {
        let gateway = gateway(with_vectors(&emulator, PATIENT));
        let purse = gateway.task_purse();
        let outcome = gateway.background(at(NOW), &purse).await;
        refused += usize::from(matches!(outcome, Err(AskError::Call(_))));
        assert_eq!(purse.used().calls, 1, "it is paid all the same");
    }
    assert_eq!(refused, 12, "each kind of nonsense");
}

#[tokio::test]
async fn a_model_that_hangs_costs_its_bound_and_then_nothing() {
    let emulator = emulator(Mind::Helpful).await;
    let within = Duration::from_millis(300);
    let (gateway, meanings) = ready(with_vectors(&emulator, within)).await;
    emulator.plan().always(HANG);
    let before = emulator.ledger().counters().requests;
    let expected = by_words(COAST[0]).await.0;
    for _ in 0..12 {
        assert_eq!(given_up(asking(&gateway, &meanings).says(COAST[0])).await, expected);
    }
    // Its breaker keeps it out: the rest did not even wait.
    let asked = emulator.ledger().counters().requests - before;
    assert!((1..=5).contains(&asked), "{asked} of 12");
    let began = Instant::now();
    asking(&gateway, &meanings).says(COAST[0]).await;
    assert!(began.elapsed() < within * 10, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_broken_model_for_vectors_leaves_the_others_in_and_staff_is_told_once() {
    let (vectors, helpful) = (emulator(Mind::Helpful).await, emulator(Mind::Helpful).await);
    let mut both = with_vectors(&vectors, PATIENT);
    both.providers = vec![provider("one", &helpful.api_base())];
    let (gateway, meanings) = ready(both).await;
    vectors.plan().always(Behaviour::Fail500);
    let mut notices = 0;
    for _ in 0..10 {
        let mut dialogue = asking(&gateway, &meanings);
        dialogue.says(COAST[0]).await;
        notices += dialogue.notices().iter().filter(|notice| notice.template == "model_outage").count();
    }
    assert_eq!(notices, 1);
    let mut dialogue = Dialogue::shopper(vec![]);
    dialogue.desk = Some(desk(Arc::clone(&gateway) as Arc<dyn recado_agents::Proposer>));
    dialogue.says(UNSURE).await;
    assert!(dialogue.last.trace.tools.iter().any(|tool| tool.contains("model one commands: ok")));
}

#[tokio::test]
async fn a_shop_without_budget_is_answered_by_words() {
    let emulator = emulator(Mind::Helpful).await;
    let (_, meanings) = ready(with_vectors(&emulator, PATIENT)).await;
    let mut poor = with_vectors(&emulator, PATIENT);
    poor.budgets.merchant = Spend { tokens: 0, ..Spend::UNLIMITED };
    let ledger = Arc::new(InMemoryLedger::default());
    let gateway = Arc::new(Gateway::new(poor, Arc::clone(&ledger) as Arc<dyn SpendLedger>).unwrap());
    let purse = gateway.task_purse();
    gateway.background(at(NOW), &purse).await.unwrap();
    let before = emulator.ledger().counters().requests;
    assert_eq!(asking(&gateway, &meanings).says(COAST[0]).await, by_words(COAST[0]).await.0);
    assert_eq!(emulator.ledger().counters().requests, before, "nothing was asked");
    let day = at(NOW).as_micros().div_euclid(86_400_000_000);
    assert!(ledger.used(day, SpendScope::House).await.tokens > 0, "everybody pays for the background");
}

#[tokio::test]
async fn another_model_under_the_same_name_is_found_out() {
    let emulator = emulator(Mind::Helpful).await;
    let (gateway, _) = ready(with_vectors(&emulator, PATIENT)).await;
    let purse = gateway.task_purse();
    let charge = Charge { merchant: None, conversation: None, now: at(NOW), purse: &purse };
    // Vectors of two numbers instead of 64, the seventh kind of nonsense.
    emulator.set_mind(Mind::Garbled);
    for _ in 0..12 {
        let _ = gateway.meanings_at_once(&["hola"], &charge).await;
    }
    emulator.set_mind(Mind::Helpful);
    let known = gateway.meanings_at_once(&["hola"], &charge).await;
    assert_eq!(known, Err(AskError::NoProvider), "what it is compared with is not known any more");
    gateway.background(at(NOW), &purse).await.unwrap();
    assert_eq!(gateway.meanings_at_once(&["hola"], &charge).await.unwrap().len(), 1);
}
