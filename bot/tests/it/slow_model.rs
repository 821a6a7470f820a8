//! L3: a model that hangs slows down those who ask it, and nobody else.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use recado_emulators::whatsapp::{InboundMessage, Person};
use recado_emulators::{Behaviour, DeliverOptions, WhatsAppEmulator};

use crate::desk::{Desk, stage};

/// How long the hung model would keep whoever waits for its answer, in milliseconds.
const HANG: u64 = 30_000;
/// What a turn waits for models at most (docs/models.md), in milliseconds: who waits beside them waits so long.
const DEADLINE: i64 = 4_000;
/// Far from both: who does not ask takes milliseconds.
const BESIDE: i64 = DEADLINE / 3;
/// Of so many senders one may have met a machine that stood still.
const STOOD_STILL: usize = 20;

/// What the rules know without a model.
const KNOWN: &str = "hola";
/// What they do not, so that the model is asked.
const UNKNOWN: &str = "xqzt blorp encomenda prrt zzkw qwrp";

fn phone(number: usize) -> String {
    format!("57300{number:07}")
}

/// Sends messages at a steady pace; every `nth` of them is one that the model is asked about. Tells how long each kind
/// of sender waited for an answer, in milliseconds, sorted: those who asked no model, and those who did.
async fn waits(whatsapp: &WhatsAppEmulator, from: usize, count: usize, nth: Option<usize>) -> (Vec<i64>, Vec<i64>) {
    let mut sent = HashMap::new();
    let mut pace = tokio::time::interval(Duration::from_millis(25));
    let before = whatsapp.sends().len();
    let asks = |number: usize| nth.is_some_and(|nth| number.is_multiple_of(nth));
    let clock = recado_domain::SystemClock;
    for number in from..from + count {
        pace.tick().await;
        let text = if asks(number) { UNKNOWN } else { KNOWN };
        sent.insert(phone(number), (number, recado_domain::Clock::now(&clock)));
        let message = InboundMessage::text(Person::new(&phone(number), "Ana"), text);
        // The stand-in waits for the 200 and no longer.
        let delivery = whatsapp.deliver(&message, &DeliverOptions::default()).await.unwrap();
        assert_eq!(delivery.status(), Some(200), "ingestion is affected");
    }
    let began = Instant::now();
    while whatsapp.sends().len() < before + count {
        let given_up = began.elapsed() < Duration::from_millis(HANG * 2 / 3);
        assert!(given_up, "{} of {count} answered", whatsapp.sends().len() - before);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut others, mut asking) = (Vec::new(), Vec::new());
    for answer in whatsapp.sends().split_off(before) {
        let (number, at) = sent[answer.to.trim_start_matches('+')];
        let waited = answer.at.since(at).as_millis() as i64;
        if asks(number) { asking.push(waited) } else { others.push(waited) }
    }
    others.sort_unstable();
    asking.sort_unstable();
    (others, asking)
}

fn percentile(sorted: &[i64], percent: usize) -> i64 {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_that_hangs_slows_nobody_who_does_not_ask_it() {
    let (whatsapp, model) = stage().await;
    // The baseline's model takes as long as a quick one does.
    model.plan().always(Behaviour::Hang { millis: 200, accepted: false });
    let desk = Desk::start(&whatsapp, Some(&model), &[]).await;
    waits(&whatsapp, 0, 40, Some(5)).await;
    let (baseline, answered) = waits(&whatsapp, 1_000, 300, Some(5)).await;
    model.plan().always(Behaviour::Hang { millis: HANG, accepted: false });
    let (others, hung) = waits(&whatsapp, 2_000, 300, Some(5)).await;
    let all = waits(&whatsapp, 3_000, 120, Some(1)).await.1;
    let (p99_before, p99) = (percentile(&baseline, 99), percentile(&others, 99));
    println!(
        "others p50/p99: {}/{p99_before} ms before, {}/{p99} ms beside a hung model; those who ask p99: {} ms before, {} ms hung; \
         everybody asks: p99 {} ms; calls {}, busy or left out {}",
        percentile(&baseline, 50),
        percentile(&others, 50),
        percentile(&answered, 99),
        percentile(&hung, 99),
        percentile(&all, 99),
        model.ledger().counters().requests,
        desk.metric("recado_model_questions_total").await - model.ledger().counters().requests as f64,
    );
    // How much slower they are is printed; that they do not wait for the model is what must hold.
    let waited = others.iter().filter(|millis| **millis > BESIDE).count();
    assert!(waited * STOOD_STILL <= others.len(), "{waited} of {} waited beside a hung model", others.len());
    assert!(percentile(&hung, 99) >= BESIDE, "the hung model was never waited for: the test does not bite");
    let calls = model.ledger().counters().requests;
    assert!(calls < 200, "{calls} calls: the breaker does not hold");
    assert_eq!(desk.metric("recado_turns_failed_total").await, 0.0);
}
