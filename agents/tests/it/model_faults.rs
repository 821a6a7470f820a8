//! A7: whatever a provider does, the turn ends in the built-in answer, in time, and nobody sees an error.

use std::time::Duration;

use recado_agents::model::settings::Structure;
use recado_domain::shipment::ShipmentStatus;
use recado_emulators::{Behaviour, Mind};

use crate::fakes::*;
use crate::model_stage::*;

fn own() -> Vec<recado_domain::tools::OrderView> {
    vec![shipped("#1042", ShipmentStatus::InTransit)]
}

async fn built_in(text: &str) -> (String, String) {
    let mut dialogue = Dialogue::shopper(own());
    let reply = dialogue.says(text).await;
    (reply, dialogue.decision().1.to_owned())
}

#[tokio::test]
async fn a_helpful_model_reads_what_the_rules_cannot() {
    let emulator = emulator(Mind::Helpful).await;
    assert_eq!(built_in(UNSURE).await.1, "unclear", "the control: without a model it is not understood");
    for structure in [Structure::Auto, Structure::Schema, Structure::Object, Structure::Tool, Structure::Text] {
        for stream in [false, true] {
            let mut one = provider("one", &emulator.api_base());
            (one.structure, one.stream) = (structure, stream);
            let mut dialogue = Dialogue::shopper(own());
            dialogue.desk = Some(desk(gateway(settings(vec![one]))));
            let reply = dialogue.says(UNSURE).await;
            assert_eq!(dialogue.decision(), ("orders", "order_status"), "{structure:?} {stream}: {reply}");
            assert!(dialogue.last.trace.tools.iter().any(|tool| tool.contains("model one commands: ok")));
        }
    }
}

#[tokio::test]
async fn every_failure_ends_in_the_built_in_answer_in_time() {
    let expected = built_in(UNSURE).await;
    let faults = [
        Behaviour::Cut,
        Behaviour::AcceptThenCut,
        Behaviour::AcceptThen500,
        Behaviour::AcceptThenGarbage,
        Behaviour::Throttle { code: 0, retry_after: Some(30) },
        Behaviour::Refuse { code: 401, description: None },
        Behaviour::Refuse { code: 400, description: None },
        Behaviour::Refuse { code: 404, description: None },
        Behaviour::Refuse { code: 422, description: Some("text".into()) },
        Behaviour::Refuse { code: 429, description: Some("insufficient_quota".into()) },
        Behaviour::Refuse { code: 503, description: None },
        HANG,
    ];
    for fault in faults {
        for stream in [false, true] {
            let emulator = emulator(Mind::Helpful).await;
            emulator.plan().always(fault.clone());
            let mut one = provider("one", &emulator.api_base());
            one.stream = stream;
            let mut dialogue = Dialogue::shopper(own());
            dialogue.desk = Some(desk(gateway(hurried(vec![one]))));
            let reply = given_up(dialogue.says(UNSURE)).await;
            assert_eq!(
                (reply.as_str(), dialogue.decision().1),
                (expected.0.as_str(), expected.1.as_str()),
                "{fault:?}"
            );
            assert!(emulator.ledger().counters().requests >= 1, "{fault:?}: it was never asked");
        }
    }
}

#[tokio::test]
async fn nonsense_of_every_kind_ends_in_the_built_in_answer() {
    let emulator = emulator(Mind::Garbled).await;
    let expected = built_in(UNSURE).await.0;
    let mut asked = 0;
    for round in 0..60 {
        // A new gateway each time, so that its breaker does not end the test.
        let mut dialogue = Dialogue::shopper(own());
        dialogue.desk = Some(desk_over(&emulator));
        let reply = dialogue.says(UNSURE).await;
        assert_eq!(reply, expected, "round {round}");
        asked = emulator.ledger().counters().requests;
    }
    assert!(asked >= 60, "{asked}");
}

#[tokio::test]
async fn a_model_that_cannot_be_reached_costs_nothing_but_its_help() {
    prepare();
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut dialogue = Dialogue::shopper(own());
    dialogue.desk = Some(desk(gateway(settings(vec![provider("gone", &format!("http://{nobody}/v1"))]))));
    assert_eq!(dialogue.says(UNSURE).await, built_in(UNSURE).await.0);
}

#[tokio::test]
async fn a_broken_provider_is_left_out_and_staff_is_told_once() {
    let emulator = emulator(Mind::Helpful).await;
    emulator.plan().always(Behaviour::Fail500);
    let shared = desk_over(&emulator);
    let mut notices = 0;
    for _ in 0..20 {
        let mut dialogue = Dialogue::shopper(own());
        dialogue.desk = Some(std::sync::Arc::clone(&shared));
        dialogue.says(UNSURE).await;
        notices += dialogue.notices().iter().filter(|notice| notice.template == "model_outage").count();
    }
    assert_eq!(notices, 1);
    let calls = emulator.ledger().counters().requests;
    assert!((2..=6).contains(&calls), "{calls} calls of 20 turns");
}

#[tokio::test]
async fn a_second_provider_answers_for_a_silent_first_one() {
    let (silent, helpful) = (emulator(Mind::Helpful).await, emulator(Mind::Helpful).await);
    silent.plan().always(HANG);
    let providers = vec![provider("silent", &silent.api_base()), provider("helpful", &helpful.api_base())];
    let shared = desk(gateway(settings(providers)));
    for turn in 0..8 {
        let mut dialogue = Dialogue::shopper(own());
        dialogue.desk = Some(std::sync::Arc::clone(&shared));
        dialogue.says(UNSURE).await;
        // Only the second can have said it: the first would have used up the turn's time.
        assert_eq!(dialogue.decision(), ("orders", "order_status"), "turn {turn}");
    }
    assert!(silent.ledger().counters().requests < 8, "it is still asked first every time");
}

#[tokio::test]
async fn a_refused_shape_is_asked_for_otherwise_and_remembered() {
    let emulator = emulator(Mind::Helpful).await;
    let refuse = || Behaviour::Refuse { code: 400, description: Some("response_format is not supported".into()) };
    emulator.plan().next([refuse(), refuse()]);
    let shared = desk_over(&emulator);
    for expected in [3, 4] {
        let mut dialogue = Dialogue::shopper(own());
        dialogue.desk = Some(std::sync::Arc::clone(&shared));
        dialogue.says(UNSURE).await;
        assert_eq!(dialogue.decision(), ("orders", "order_status"));
        assert_eq!(emulator.ledger().counters().requests, expected);
    }
    assert!(asked(&emulator)[3].contains("tool_choice"));
}

#[tokio::test]
async fn words_that_always_work_and_danger_never_wait_for_a_model() {
    let emulator = emulator(Mind::Helpful).await;
    emulator.plan().always(HANG);
    for text in [
        "menú",
        "cancelar",
        "stop",
        "quiero hablar con una persona",
        "el paquete explotó",
        "¿dónde está mi pedido?",
        "gracias",
    ] {
        let mut dialogue = Dialogue::shopper(own());
        dialogue.desk = Some(desk_over(&emulator));
        dialogue.says(text).await;
        assert!(!dialogue.last.trace.tools.iter().any(|tool| tool.starts_with("model ")), "{text}");
    }
    assert_eq!(emulator.ledger().counters().requests, 0);
}

#[tokio::test]
async fn the_same_question_of_the_same_shop_is_asked_once() {
    let emulator = emulator(Mind::Helpful).await;
    let mut with_memory = settings(vec![provider("one", &emulator.api_base())]);
    with_memory.cache = Duration::from_secs(60);
    let shared = desk(gateway(with_memory));
    for shop in ["shop", "shop", "other"] {
        let mut dialogue = Dialogue::shopper(own());
        dialogue.merchant.id = recado_domain::MerchantId::derived(&[shop]);
        dialogue.desk = Some(std::sync::Arc::clone(&shared));
        dialogue.says(UNSURE).await;
        assert_eq!(dialogue.decision(), ("orders", "order_status"));
    }
    assert_eq!(emulator.ledger().counters().requests, 2, "one for each shop");
}
