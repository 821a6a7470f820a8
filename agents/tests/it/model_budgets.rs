//! A6: budgets of turns, conversations, shops and days; and what else the gateway does besides questions.

use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use recado_agents::Gateway;
use recado_agents::model::audio::VoiceNote;
use recado_agents::model::gateway::{Ask, AskError, Charge};
use recado_agents::model::ledger::InMemoryLedger;
use recado_agents::model::wire::Message;
use recado_domain::spend::{Spend, SpendLedger, SpendScope};
use recado_domain::{ConversationId, Language};
use recado_emulators::Mind;

use crate::fakes::*;
use crate::model_stage::*;

fn accept(answer: &str) -> Result<String, String> {
    Ok(answer.to_owned())
}

fn refuse(_: &str) -> Result<String, String> {
    Err("never good enough".into())
}

#[tokio::test]
async fn a_turn_that_never_gets_a_good_answer_ends_after_two_calls_of_each_provider() {
    let emulator = emulator(Mind::Garbled).await;
    let gateway = gateway(settings(vec![provider("one", &emulator.api_base())]));
    let purse = gateway.purse();
    for _ in 0..50 {
        let ask = question("hola", &purse, 1);
        let _ = gateway.ask(&ask, &refuse).await;
    }
    assert!(purse.used().calls <= 3, "{:?}", purse.used());
    assert!(emulator.ledger().counters().requests <= 3);
    assert!(matches!(gateway.ask(&question("hola", &purse, 1), &refuse).await, Err(AskError::OverBudget("turn"))));
}

fn question<'a>(text: &str, purse: &'a recado_agents::model::purse::Purse, conversation: u32) -> Ask<'a> {
    Ask {
        purpose: "commands",
        merchant: merchant("CO", Language::Es).id,
        conversation: ConversationId::of(recado_domain::ContactId::derived(&[&conversation.to_string()])),
        now: at(NOW),
        messages: vec![Message::system("rules"), Message::user(text)],
        shape: None,
        purse,
    }
}

#[tokio::test]
async fn fifty_questions_at_once_overspend_by_one_call_at_most() {
    let emulator = emulator(Mind::Says { text: "x".repeat(800) }).await;
    let mut bounded = settings(vec![provider("one", &emulator.api_base())]);
    bounded.concurrency = 50;
    bounded.providers[0].concurrency = 50;
    bounded.max_tokens = 100;
    bounded.budgets.house = Spend { micro_dollars: 1_000, ..Spend::UNLIMITED };
    let ledger = Arc::new(InMemoryLedger::default());
    let gateway = Gateway::new(bounded, Arc::clone(&ledger) as Arc<dyn SpendLedger>).unwrap();
    let asks = (0..50).map(|number| {
        let gateway = &gateway;
        async move {
            let purse = gateway.purse();
            gateway.ask(&question("hola", &purse, number), &accept).await
        }
    });
    let outcomes = futures::future::join_all(asks).await;
    let over = outcomes.iter().filter(|outcome| matches!(outcome, Err(AskError::OverBudget("house")))).count();
    let day = at(NOW).as_micros().div_euclid(86_400_000_000);
    let used = ledger.used(day, SpendScope::House).await;
    let dearest = gateway.settings().providers[0].cost(300, 300);
    assert!(over > 0, "the budget never bit");
    assert!(used.micro_dollars <= 1_000 + dearest, "{used:?}");
    assert!(outcomes.iter().any(Result::is_ok));
}

#[tokio::test]
async fn one_conversation_cannot_use_up_the_others() {
    let emulator = emulator(Mind::Helpful).await;
    let mut bounded = settings(vec![provider("one", &emulator.api_base())]);
    bounded.budgets.conversation = Spend { tokens: 1_000, ..Spend::UNLIMITED };
    let gateway = gateway(bounded);
    let mut answers = 0;
    let outcome = loop {
        let purse = gateway.purse();
        match gateway.ask(&question("hola", &purse, 1), &accept).await {
            Ok(_) => answers += 1,
            Err(error) => break error,
        }
        assert!(answers < 200, "no limit");
    };
    assert_eq!(outcome, AskError::OverBudget("conversation"));
    assert!(answers >= 1);
    let purse = gateway.purse();
    assert!(gateway.ask(&question("hola", &purse, 2), &accept).await.is_ok(), "another conversation is free");
}

#[tokio::test]
async fn extra_calls_stay_a_tenth_when_a_provider_fails() {
    let emulator = emulator(Mind::Garbled).await;
    let mut usual = settings(vec![provider("one", &emulator.api_base())]);
    usual.retry_percent = 10;
    let gateway = gateway(usual);
    let mut first = 0u64;
    for number in 0..300 {
        let purse = gateway.purse();
        let outcome = gateway.ask(&question("hola", &purse, number), &refuse).await;
        first += u64::from(!matches!(outcome, Err(AskError::NoProvider)));
    }
    let all = emulator.ledger().counters().requests;
    assert!(first >= 10, "{first}");
    assert!(all <= first + first / 10 + 3, "{all} calls for {first} questions");
}

#[tokio::test]
async fn too_many_at_once_are_not_asked_and_nobody_waits() {
    let emulator = emulator(Mind::Helpful).await;
    emulator.plan().always(HANG);
    let mut narrow = hurried(vec![provider("one", &emulator.api_base())]);
    narrow.concurrency = 3;
    let gateway = gateway(narrow);
    let asks: FuturesUnordered<_> = (0..40)
        .map(|number| {
            let gateway = Arc::clone(&gateway);
            async move {
                let purse = gateway.purse();
                gateway.ask(&question("hola", &purse, number), &accept).await
            }
        })
        .collect();
    // In the order in which they came back: nobody who was not asked waited for one who was.
    let outcomes: Vec<_> = given_up(asks.collect()).await;
    let (first, last) = outcomes.split_at(37);
    assert!(first.iter().all(|outcome| *outcome == Err(AskError::Busy)), "{outcomes:?}");
    assert!(last.iter().all(|outcome| outcome.is_err() && *outcome != Err(AskError::Busy)), "{last:?}");
    assert!(emulator.ledger().counters().requests <= 3);
}

#[tokio::test]
async fn voice_notes_are_written_down_within_budget_and_time() {
    let emulator = emulator(Mind::Helpful).await;
    let mut listening = hurried(vec![provider("one", &emulator.api_base())]);
    listening.transcription_model = Some("whisper".into());
    let note = |mime: &str| VoiceNote {
        bytes: Bytes::from_static(b"OggS SPOKEN:quiero saber de mi pedido"),
        mime_type: mime.to_owned(),
        language: Some(Language::Es),
    };
    let gateway = gateway(listening);
    let purse = gateway.purse();
    let charge = Charge {
        merchant: Some(merchant("CO", Language::Es).id),
        conversation: Some(ConversationId::of(contact())),
        now: at(NOW),
        purse: &purse,
    };
    let heard = gateway.transcribe(note("audio/ogg; codecs=opus"), &charge).await;
    assert_eq!(heard.as_deref(), Ok("quiero saber de mi pedido"));
    assert!(purse.used().calls == 1 && asked(&emulator)[0].contains("voice.ogg"));
    assert_eq!(gateway.transcribe(note("video/mp4"), &charge).await, Err(AskError::NoProvider));
    emulator.plan().always(HANG);
    assert!(given_up(gateway.transcribe(note("audio/ogg"), &charge)).await.is_err());
}
