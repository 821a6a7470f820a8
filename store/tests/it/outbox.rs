//! The outbox: nothing is lost, nothing is repeated on suspicion, and each recipient gets its messages in order.

use std::collections::HashSet;
use std::time::Duration;

use recado_domain::OutboxId;
use recado_domain::clock::Clock as _;
use recado_domain::contact::Channel;
use recado_domain::effect::{Effect, Subject};
use recado_domain::event::{Destination, EventContent, Inbox as _, InternalEvent, LaneKey, Receipt, ReceiptStatus};
use recado_domain::outbound::{Away, OutboundMessage, SendResult, Sendable, Settlement};
use recado_store::desk::Scope;
use recado_store::engine::{Engine, Rules, Sabotage, Settled};

use crate::world::{OTHER_NUMBER, World, noon, on_both, reply, text};

const ANN: &str = "573001112233";
const BEN: &str = "573004445566";
const ECHO: Settlement = Settlement::Echo(Duration::from_secs(60));
const HOW: [(Channel, Settlement); 2] = [(Channel::WhatsApp, ECHO), (Channel::Telegram, Settlement::Staff)];

const QUEUED: i64 = 0;
const SENDING: i64 = 1;
const SENT: i64 = 2;
const SETTLING: i64 = 3;
const FAILED: i64 = 4;
const UNCERTAIN: i64 = 5;
const DISMISSED: i64 = 6;

/// A person writes, and these answers wait to be sent.
async fn answer(world: &World, engine: &Engine, phone: &str, answers: &[&str]) {
    world.accept(text(&uuid::Uuid::new_v4().to_string(), phone, "hola", noon())).await;
    assert_eq!(world.settle_all(engine, |_| answers.iter().map(|words| reply(words)).collect()).await, 1);
}

async fn state(world: &World, words: &str) -> i64 {
    world.number(&format!("SELECT status FROM outbox WHERE message ->> 'body' = '{words}'")).await
}

async fn reason(world: &World, words: &str) -> String {
    let sql = format!("SELECT reason FROM outbox WHERE message ->> 'body' = '{words}'");
    world.texts(&sql).await.remove(0).unwrap_or_default()
}

async fn taken(engine: &Engine) -> Vec<Sendable> {
    engine.claim_sends(10).await.unwrap()
}

fn bodies(rows: &[Sendable]) -> Vec<&str> {
    rows.iter().map(|row| row.message.body.as_str()).collect()
}

async fn settle(engine: &Engine, row: &Sendable, settlement: Settlement, result: SendResult) {
    let settled = Settled::of(row, settlement, result);
    engine.settle_sends(&[settled]).await.unwrap();
}

fn sent(id: &str) -> SendResult {
    SendResult::Sent { provider_id: id.to_owned() }
}

fn retry(after: Option<u64>) -> SendResult {
    SendResult::Retry { after: after.map(Duration::from_secs), reason: "busy".to_owned() }
}

fn away() -> SendResult {
    SendResult::Away { why: Away::NoConnection, after: None, reason: "no answer to a call".to_owned() }
}

fn ambiguous() -> SendResult {
    SendResult::Ambiguous { reason: "the answer was lost".to_owned() }
}

async fn report(world: &World, engine: &Engine, outbox: Option<OutboxId>, provider: &str, status: ReceiptStatus) {
    let mut incoming = text(&format!("{provider} {}", status.code()), ANN, "", noon());
    incoming.lane = LaneKey::Receipts;
    incoming.content =
        EventContent::Receipt(Receipt { provider_id: provider.to_owned(), status, outbox, at: noon(), error: None });
    world.accept(incoming).await;
    world.settle_all(engine, |_| Vec::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_send_rests_longer_each_time_and_is_given_up_after_eight() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one", "two"]).await;
        answer(world, &engine, BEN, &["apart"]).await;
        for attempt in 1..=8 {
            let rows = taken(&engine).await;
            let row = rows.iter().find(|row| row.message.body == "one").unwrap();
            assert_eq!(row.attempt, attempt);
            assert_eq!(bodies(&rows).contains(&"apart"), attempt == 1, "another recipient does not wait");
            settle(&engine, row, ECHO, retry(None)).await;
            if attempt == 8 {
                break;
            }
            // At least half of 1, 2, 4 … seconds; nobody overtakes it meanwhile.
            world.clock.advance(Duration::from_millis(490 << (attempt - 1)));
            assert_eq!(bodies(&taken(&engine).await), [""; 0], "after {attempt}");
            world.clock.advance(Duration::from_secs(300));
        }
        assert_eq!(state(world, "one").await, FAILED);
        assert_eq!(reason(world, "one").await, "gave up after 8 tries: busy");
        let next = taken(&engine).await;
        assert_eq!(bodies(&next), ["two"], "what was given up holds nobody up");
        settle(&engine, &next[0], ECHO, retry(Some(90))).await;
        world.clock.advance(Duration::from_secs(89));
        assert!(taken(&engine).await.is_empty(), "the platform asked for 90 seconds");
        world.clock.advance(Duration::from_secs(2));
        let next = taken(&engine).await;
        settle(&engine, &next[0], ECHO, SendResult::Failed { reason: "blocked".to_owned() }).await;
        assert_eq!((state(world, "two").await, reason(world, "two").await.as_str()), (FAILED, "blocked"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_platform_that_is_away_keeps_waits_for_hours_and_no_try_counts() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one", "two"]).await;
        let behind = async || world.store.sends_waiting(Scope::EVERY).await.unwrap();
        let began = world.clock.now();
        let mut tries = 0;
        // Longest rest: two minutes. Within an hour that is more tries than a message has that reaches the platform.
        while world.clock.now().since(began) < Duration::from_secs(3_600) {
            let rows = taken(&engine).await;
            assert_eq!((bodies(&rows), rows[0].attempt), (vec!["one"], 1), "after {tries}");
            settle(&engine, &rows[0], ECHO, away()).await;
            assert!(taken(&engine).await.is_empty(), "it rests");
            assert_eq!(behind().await.len(), usize::from(tries > 0), "a minute is no delay worth telling");
            tries += 1;
            world.clock.advance(Duration::from_secs(121));
        }
        assert!(tries > 20, "{tries}");
        let waiting = behind().await[0];
        assert_eq!((waiting.channel, waiting.messages, waiting.since), (Channel::WhatsApp, 1, began));
        assert_eq!(world.store.counts().await.unwrap().oldest_unsent_seconds, tries * 121);
        // Back, and in order.
        let rows = taken(&engine).await;
        settle(&engine, &rows[0], ECHO, sent("wamid.1")).await;
        assert!(behind().await.is_empty());
        let rows = taken(&engine).await;
        assert_eq!(bodies(&rows), ["two"]);
        // Away again, half a day after it was decided.
        settle(&engine, &rows[0], ECHO, away()).await;
        world.clock.advance(Duration::from_secs(11 * 3_600));
        let rows = taken(&engine).await;
        assert_eq!(rows[0].attempt, 1);
        settle(&engine, &rows[0], ECHO, away()).await;
        assert_eq!(
            (state(world, "two").await, reason(world, "two").await.as_str()),
            (FAILED, "gave up after 12 hours: away, no_connection: no answer to a call")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_is_told_once_of_a_platform_that_takes_nothing() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one"]).await;
        answer(world, &engine, BEN, &["busy"]).await;
        let noted = "SELECT COUNT(*) FROM events WHERE kind = 'internal.platform_away'";
        for row in taken(&engine).await {
            // What is one person's limit is nobody's outage.
            settle(&engine, &row, ECHO, if row.message.body == "one" { away() } else { retry(Some(3_000)) }).await;
        }
        world.clock.advance(Duration::from_secs(179));
        assert_eq!((engine.watch_platforms().await.unwrap(), world.number(noted).await), (0, 0));
        world.clock.advance(Duration::from_secs(1));
        assert_eq!((engine.watch_platforms().await.unwrap(), world.number(noted).await), (1, 1));
        let claim = engine.claim(10).await.unwrap().remove(0);
        let event = &claim.events[0].content;
        let EventContent::Internal(InternalEvent::PlatformAway { channel, messages, why, .. }) = event else {
            panic!("{event:?}")
        };
        assert_eq!((*channel, *messages, why.as_deref()), (Channel::WhatsApp, 1, Some("no_connection")));
        engine.release(&claim).await.unwrap();
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 1);
        // As long as it lasts.
        for _ in 0..20 {
            world.clock.advance(Duration::from_secs(600));
            assert_eq!(engine.watch_platforms().await.unwrap(), 0);
        }
        assert_eq!(world.store.counts().await.unwrap().gap(), 0);
        let row = taken(&engine).await.into_iter().find(|row| row.message.body == "one").unwrap();
        settle(&engine, &row, ECHO, sent("wamid.1")).await;
        world.clock.advance(Duration::from_secs(3_600));
        answer(world, &engine, ANN, &["three"]).await;
        let row = taken(&engine).await.into_iter().find(|row| row.message.body == "three").unwrap();
        settle(&engine, &row, ECHO, away()).await;
        world.clock.advance(Duration::from_secs(180));
        assert_eq!(engine.watch_platforms().await.unwrap(), 1, "another outage");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sends_of_one_channel_can_be_taken_while_another_has_no_room() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one"]).await;
        assert!(engine.claim_sends_over(Some(Channel::Telegram), 10).await.unwrap().is_empty());
        assert_eq!(bodies(&engine.claim_sends_over(Some(Channel::WhatsApp), 10).await.unwrap()), ["one"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_send_is_settled_by_the_report_that_carries_our_id() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one", "two"]).await;
        let row = taken(&engine).await.remove(0);
        settle(&engine, &row, ECHO, ambiguous()).await;
        assert_eq!(state(world, "one").await, SETTLING);
        assert!(taken(&engine).await.is_empty(), "what follows waits");
        world.clock.advance(Duration::from_secs(59));
        assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
        report(world, &engine, Some(row.id), "wamid.1", ReceiptStatus::Sent).await;
        assert_eq!(state(world, "one").await, SENT);
        assert_eq!(reason(world, "one").await, "settled by its delivery report");
        world.clock.advance(Duration::from_secs(3_600));
        assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
        assert_eq!(bodies(&taken(&engine).await), ["two"]);
        // From then on the platform's own id is enough.
        report(world, &engine, None, "wamid.1", ReceiptStatus::Read).await;
        assert_eq!(world.number("SELECT receipt FROM outbox WHERE provider_id = 'wamid.1'").await, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_report_it_is_sent_again_until_a_person_must_decide() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one"]).await;
        for attempt in 1..=8 {
            let row = taken(&engine).await.remove(0);
            assert_eq!(row.attempt, attempt);
            settle(&engine, &row, ECHO, ambiguous()).await;
            world.clock.advance(Duration::from_secs(59));
            assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
            assert!(taken(&engine).await.is_empty(), "not before its time");
            world.clock.advance(Duration::from_secs(2));
            assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 1);
        }
        assert_eq!(state(world, "one").await, UNCERTAIN);
        assert!(taken(&engine).await.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_overtakes_the_sender_s_own_answer_is_the_truth() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let answers = [retry(Some(0)), ambiguous(), sent("wamid.2"), SendResult::Failed { reason: "no".to_owned() }];
        for (number, late) in answers.into_iter().enumerate() {
            let words = format!("words {number}");
            answer(world, &engine, ANN, &[&words]).await;
            let row = taken(&engine).await.remove(0);
            report(world, &engine, Some(row.id), &format!("wamid.{number}"), ReceiptStatus::Delivered).await;
            settle(&engine, &row, ECHO, late).await;
            world.clock.advance(Duration::from_secs(600));
            assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
            assert_eq!(state(world, &words).await, SENT);
            assert!(taken(&engine).await.is_empty(), "{words}");
        }
        // Nor does a report of one shop touch the send of another, whoever echoes its id.
        answer(world, &engine, ANN, &["mine"]).await;
        let row = taken(&engine).await.remove(0);
        let mut foreign = text("foreign", ANN, "", noon());
        foreign.lane = LaneKey::Receipts;
        foreign.destination = Destination::PhoneNumber(OTHER_NUMBER.to_owned());
        foreign.content = EventContent::Receipt(Receipt {
            provider_id: "wamid.x".to_owned(),
            status: ReceiptStatus::Failed,
            outbox: Some(row.id),
            at: noon(),
            error: None,
        });
        world.accept(foreign).await;
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 1);
        assert_eq!(state(world, "mine").await, SENDING);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_that_came_in_time_are_heard_before_anything_is_sent_again() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one"]).await;
        let row = taken(&engine).await.remove(0);
        settle(&engine, &row, ECHO, ambiguous()).await;
        let mut waiting = text("r", ANN, "", noon());
        waiting.lane = LaneKey::Receipts;
        waiting.content = EventContent::Receipt(Receipt {
            provider_id: "wamid.1".to_owned(),
            status: ReceiptStatus::Delivered,
            outbox: Some(row.id),
            at: noon(),
            error: None,
        });
        world.accept(waiting).await;
        world.clock.advance(Duration::from_secs(61));
        assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 1);
        assert_eq!(state(world, "one").await, SENT);
    })
    .await;
}

/// RELIABILITY D4, and the same with the promise broken.
#[tokio::test(flavor = "multi_thread")]
async fn an_unclear_send_is_not_repeated_at_once() {
    on_both(async |world: &World| {
        for (number, settlement, blind, after) in [
            (1, ECHO, false, SETTLING),
            (2, Settlement::Staff, false, UNCERTAIN),
            (3, ECHO, true, QUEUED),
            (4, Settlement::Staff, true, QUEUED),
        ] {
            let sabotage = Sabotage { blind_resend: blind, ..Sabotage::default() };
            let engine = world.engine_with(Rules { sabotage, ..Rules::default() });
            let words = format!("words {number}");
            answer(world, &engine, &format!("57300111000{number}"), &[&words]).await;
            let row = taken(&engine).await.remove(0);
            settle(&engine, &row, settlement, ambiguous()).await;
            assert_eq!(state(world, &words).await, after);
            let repeated = taken(&engine).await;
            assert_eq!(repeated.len(), usize::from(blind), "{words}");
            for row in repeated {
                settle(&engine, &row, settlement, sent(&words)).await;
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_decide_holds_nobody_up_and_is_decided_once() {
    on_both(async |world: &World| {
        let engine = world.engine();
        answer(world, &engine, ANN, &["one", "two", "three"]).await;
        for words in ["one", "two"] {
            let row = taken(&engine).await.remove(0);
            assert_eq!(row.message.body, words);
            settle(&engine, &row, Settlement::Staff, ambiguous()).await;
            assert_eq!(state(world, words).await, UNCERTAIN);
        }
        world.clock.advance(Duration::from_secs(3_600));
        assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0, "time does not decide");
        let troubled = world.store.troubled_sends(Scope::EVERY).await.unwrap();
        assert!(troubled.len() == 2 && troubled.iter().all(|send| send.uncertain));
        let three = taken(&engine).await.remove(0);
        assert_eq!(three.message.body, "three");
        assert!(!world.store.repeat_send(Scope::EVERY, three.id, "ana").await.unwrap(), "it is on its way");
        settle(&engine, &three, ECHO, sent("wamid.3")).await;
        assert!(!world.store.dismiss_send(Scope::EVERY, three.id, "ana").await.unwrap(), "it was sent");

        let (one, two) =
            (troubled.iter().map(|send| send.id).min().unwrap(), troubled.iter().map(|send| send.id).max().unwrap());
        assert!(world.store.dismiss_send(Scope::EVERY, two, "ana").await.unwrap());
        assert_eq!((state(world, "two").await, reason(world, "two").await.as_str()), (DISMISSED, "dismissed by ana"));
        assert!(!world.store.dismiss_send(Scope::EVERY, two, "ana").await.unwrap());
        assert!(!world.store.repeat_send(Scope::EVERY, two, "ana").await.unwrap());
        assert!(world.store.repeat_send(Scope::EVERY, one, "ana").await.unwrap());
        assert!(!world.store.repeat_send(Scope::EVERY, one, "ana").await.unwrap(), "it waits already");
        let again = taken(&engine).await.remove(0);
        assert_eq!((again.id, again.attempt), (one, 1));
        settle(&engine, &again, ECHO, sent("wamid.1")).await;
        assert_eq!(state(world, "one").await, SENT);
        let acts = "SELECT COUNT(*) FROM audit WHERE action LIKE 'send.%' AND outcome = ";
        assert_eq!(world.number(&format!("{acts}'done'")).await, 2);
        assert_eq!(world.number(&format!("{acts}'nothing to do'")).await, 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_vanished_sender_left_is_unclear_after_its_lease() {
    on_both(async |world: &World| {
        let engine = world.engine_with(Rules { staff_chat: Some(77), ..Rules::default() });
        world.accept(text("m", ANN, "hola", noon())).await;
        world
            .settle_all(&engine, |_| {
                let notice = OutboundMessage::text("test", "notice");
                let (merchant, subject) = (world.merchant.id, Subject::General);
                vec![reply("answer"), Effect::NotifyStaff { merchant, message: notice, subject }]
            })
            .await;
        let rows = taken(&engine).await;
        assert_eq!(rows.len(), 2);
        world.clock.advance(Duration::from_secs(39));
        assert_eq!(engine.settle_unclear(&HOW).await.unwrap(), 0);
        assert_eq!((state(world, "answer").await, state(world, "notice").await), (SENDING, SENDING));
        world.clock.advance(Duration::from_secs(2));
        let heir = world.engine();
        assert_eq!(heir.settle_unclear(&HOW).await.unwrap(), 2);
        assert_eq!((state(world, "answer").await, state(world, "notice").await), (SETTLING, UNCERTAIN));
        // It was only slow. What it says now changes nothing: the report will tell, or a person.
        for row in &rows {
            settle(&engine, row, ECHO, retry(Some(0))).await;
        }
        assert_eq!((state(world, "answer").await, state(world, "notice").await), (SETTLING, UNCERTAIN));
        assert!(taken(&engine).await.is_empty());
        world.clock.advance(Duration::from_secs(61));
        assert_eq!(heir.settle_unclear(&HOW).await.unwrap(), 1);
        assert_eq!(bodies(&taken(&heir).await), ["answer"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_race_for_sends_and_never_take_the_same() {
    const ROWS: usize = 300;
    on_both(async |world: &World| {
        let (one, other) = (world.engine(), world.another_engine().await);
        let inbox = world.inbox();
        for start in (0..ROWS).step_by(100) {
            let events = (start..start + 100)
                .map(|number| text(&format!("m{number}"), &format!("57300{number:07}"), "hola", noon()));
            inbox.accept(world.delivery(events.collect())).await.unwrap();
        }
        world.settle_all(&one, |_| vec![reply("hola")]).await;
        let (mut taken, mut ones, mut others) = (HashSet::new(), 0, 0);
        for _ in 0..ROWS {
            let (first, second) = tokio::join!(one.claim_sends(10), other.claim_sends(10));
            let (first, second) = (first.unwrap(), second.unwrap());
            if first.is_empty() && second.is_empty() {
                break;
            }
            ones += first.len();
            others += second.len();
            for row in first.iter().chain(&second) {
                assert!(taken.insert(row.id), "two have {:?}", row.id);
            }
        }
        assert_eq!((taken.len(), ones + others), (ROWS, ROWS));
        assert!(ones > 0 && others > 0, "a race has two: {ones} and {others}");
    })
    .await;
}
