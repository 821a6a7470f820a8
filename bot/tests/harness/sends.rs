//! D4 and O4: sends whose answer is lost, and delivery reports in every order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use recado_emulators::DeliverOptions;
use recado_emulators::behaviour::{Behaviour, Mix, MixPart};
use recado_emulators::ledger::Happening;
use recado_emulators::telegram::{TelegramMessage, TelegramUser};
use recado_emulators::whatsapp::StatusOptions;

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{Talk, message, seed};
use super::verdict::{Said, Verdict};

/// Half of the sends are taken although the caller hears otherwise.
fn ambiguous(seed: u64) -> Mix {
    let part = |percent, behaviour| MixPart { percent, behaviour };
    Mix {
        seed,
        parts: vec![
            part(20, Behaviour::AcceptThenCut),
            part(20, Behaviour::AcceptThen500),
            part(8, Behaviour::AcceptThenGarbage),
            part(2, Behaviour::Hang { millis: 5_000, accepted: true }),
        ],
    }
}

async fn whatsapp(sabotage: Option<&'static str>, people: usize) -> (Verdict, i64, String) {
    let mut plan = Plan { settle: 10, ..Plan::new(Kind::Sqlite, 1) };
    if let Some(promise) = sabotage {
        plan = plan.sabotaged(promise);
    }
    let desk = Desk::start(plan).await;
    let seed = seed("ambiguous sends");
    desk.platforms.whatsapp.plan().mix(Some(ambiguous(seed)));
    let talk = Talk::new(people, 5, Duration::from_millis(100));
    talk.run(&desk.platforms).await;
    // Longer than the wait after which a message without a report is sent again.
    let verdict = desk.judge(&talk.said(), Duration::from_secs(60), Duration::from_secs(14)).await;
    let unsettled = desk.database.number("SELECT COUNT(*) FROM outbox WHERE status <> 2").await;
    let words = desk.words();
    desk.end().await;
    (verdict, unsettled, words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ambiguous_send_on_whatsapp_is_settled_by_its_report_and_never_repeated() {
    let (verdict, unsettled, words) = whatsapp(None, 40).await;
    assert!(verdict.is_good(), "{verdict:?}\n{words}");
    verdict.demand_good("ambiguous sends on WhatsApp");
    assert_eq!(unsettled, 0, "{words}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_blind_resend_is_seen_to_double() {
    let (verdict, ..) = whatsapp(Some("blind_resend"), 6).await;
    println!("control blind_resend: {} doubled", verdict.doubled.len());
    assert!(!verdict.doubled.is_empty(), "the harness is blind to repeated sends: {verdict:?}");
}

/// What the platform got.
struct Documents {
    /// Messages.
    taken: usize,
    /// Of them without their document.
    plain: usize,
    /// Files that were given to it.
    uploads: usize,
}

/// Documents whose upload and whose message lose their answers half of the time.
async fn documents(sabotage: Option<&'static str>, people: usize) -> (Verdict, Documents, String) {
    let mut plan = Plan { settle: 10, ..Plan::new(Kind::Sqlite, 1) }.with("RECADO_CHAOS_FILES", "on");
    if let Some(promise) = sabotage {
        plan = plan.sabotaged(promise);
    }
    let desk = Desk::start(plan).await;
    let seed = seed("ambiguous documents");
    let whatsapp = &desk.platforms.whatsapp;
    whatsapp.plan().mix(Some(ambiguous(seed)));
    whatsapp.upload_plan().mix(Some(ambiguous(seed ^ 1)));
    let talk = Talk::new(people, 3, Duration::from_millis(100));
    talk.run(&desk.platforms).await;
    let verdict = desk.judge(&talk.said(), Duration::from_secs(90), Duration::from_secs(14)).await;
    let taken: Vec<_> = whatsapp.sends().into_iter().filter(|send| send.accepted).collect();
    let of_document = |send: &&recado_emulators::SentMessage| {
        send.media.as_ref().is_some_and(|media| media.filename.as_deref() == Some("hoy.xlsx"))
    };
    let plain = taken.len() - taken.iter().filter(of_document).count();
    let documents = Documents { taken: taken.len(), plain, uploads: whatsapp.uploads() };
    let words = desk.words();
    desk.end().await;
    (verdict, documents, words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_whose_upload_or_message_lost_its_answer_arrives_once() {
    let (verdict, Documents { taken, plain, uploads }, words) = documents(None, 12).await;
    println!("ambiguous documents: {uploads} uploads for {taken} messages");
    assert!(verdict.is_good(), "{verdict:?}\n{words}");
    verdict.demand_good("ambiguous documents");
    assert_eq!(plain, 0, "{plain} messages came without their document\n{words}");
    // The test bites only if files were given more than once: their loss must not double a message.
    assert!(uploads > taken, "{uploads} uploads for {taken} messages");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_a_blind_resend_of_documents_is_seen_to_double() {
    let (verdict, ..) = documents(Some("blind_resend"), 6).await;
    println!("control blind_resend of documents: {} doubled", verdict.doubled.len());
    assert!(!verdict.doubled.is_empty(), "the harness is blind to repeated documents: {verdict:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ambiguous_send_on_telegram_is_shown_to_staff_and_never_repeated() {
    let desk = Desk::start(Plan { settle: 5, ..Plan::new(Kind::Sqlite, 1) }).await;
    let seed = seed("ambiguous sends on Telegram");
    desk.platforms.telegram.plan().mix(Some(ambiguous(seed)));
    let mut said = Said::new();
    let staff = (0..20_i64).map(|person| {
        let words: Vec<String> = (0..10).map(|number| format!("t{person}n{number}")).collect();
        said.insert((9_000 + person).to_string(), words.clone());
        let platforms = &desk.platforms;
        async move {
            for (number, word) in words.into_iter().enumerate() {
                let update_id = Some(1_000_000 + person * 100 + number as i64);
                let from = TelegramUser::new(9_000 + person, "Eva");
                let message = TelegramMessage { from, chat: None, text: word, reply_to: None, update_id };
                platforms.insist_staff(&message).await;
                tokio::time::sleep(Duration::from_millis(250)).await;
            }
        }
    });
    let staff: Vec<_> = staff.collect();
    futures::future::join_all(staff).await;
    let verdict = desk.judge(&said, Duration::from_secs(60), Duration::from_secs(10)).await;
    let calls = unheard(&desk);
    let uncertain = desk.database.number("SELECT COUNT(*) FROM outbox WHERE status = 5").await;
    println!("ambiguous sends on Telegram: {calls} unheard, {uncertain} flagged");
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("ambiguous sends on Telegram");
    assert!(calls > 0 && calls == uncertain, "{calls} unheard, {uncertain} flagged");
    // Counted at most every five seconds.
    let started = Instant::now();
    loop {
        let (_, health) = desk.replicas[0].probe("/health").await.unwrap();
        let health: serde_json::Value = serde_json::from_str(&health).unwrap();
        if health["queues"]["uncertain"] == uncertain {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{health}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    desk.end().await;
}

/// How often WhatsApp was asked to send a message, answered or not.
fn asked(desk: &Desk) -> usize {
    let entries = desk.platforms.whatsapp.ledger().entries();
    let asks = |what: &Happening| matches!(what, Happening::Request { path, .. } if path.ends_with("/messages"));
    entries.iter().filter(|entry| asks(&entry.what)).count()
}

/// Six shoppers wait for a WhatsApp that answers nothing, with room for two calls; then staff asks on Telegram.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whatsapp_that_hangs_takes_no_room_from_staff_on_telegram() {
    let plan = Plan { settle: 30, ..Plan::new(Kind::Sqlite, 1) };
    let plan = plan.with("RECADO_SENDER__CONCURRENCY", "2").with("RECADO_SENDER__TIMEOUT_SECONDS", "20");
    let desk = Desk::start(plan).await;
    let hang = MixPart { percent: 100, behaviour: Behaviour::Hang { millis: 60_000, accepted: false } };
    desk.platforms.whatsapp.plan().mix(Some(Mix { seed: 1, parts: vec![hang] }));
    for person in 0..6 {
        desk.platforms.insist(&message(person, "hola"), &DeliverOptions::default()).await;
    }
    let started = Instant::now();
    while asked(&desk) < 2 {
        assert!(started.elapsed() < Duration::from_secs(15), "nothing was sent\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let from = TelegramUser::new(9_000, "Eva");
    let question = TelegramMessage { from, chat: None, text: "sigue".to_owned(), reply_to: None, update_id: Some(1) };
    desk.platforms.insist_staff(&question).await;
    while desk.platforms.telegram.sends().is_empty() {
        assert!(started.elapsed() < Duration::from_secs(40), "staff heard nothing\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(asked(&desk), 2, "staff waited for a call to WhatsApp\n{}", desk.words());
    desk.end().await;
}

/// Messages that Telegram took without the caller hearing so.
fn unheard(desk: &Desk) -> i64 {
    let mut sends = BTreeMap::new();
    for entry in desk.platforms.telegram.ledger().entries() {
        match entry.what {
            Happening::Request { request, path, .. } if path.ends_with("/sendMessage") => {
                sends.insert(request, false);
            }
            Happening::Reply { request, status, body } => {
                let heard = status == Some(200) && serde_json::from_slice::<serde_json::Value>(&body).is_ok();
                sends.entry(request).and_modify(|whole| *whole = heard);
            }
            _ => {}
        }
    }
    // A caller that left during a hang did not hear either, though the reply was written.
    let slow = slow_replies(desk);
    sends.iter().filter(|(request, heard)| !**heard || slow.contains(*request)).count() as i64
}

fn slow_replies(desk: &Desk) -> Vec<u64> {
    let mut begun = BTreeMap::new();
    let mut slow = Vec::new();
    for entry in desk.platforms.telegram.ledger().entries() {
        match entry.what {
            Happening::Request { request, .. } => {
                begun.insert(request, entry.at);
            }
            Happening::Reply { request, .. }
                if begun.get(&request).is_some_and(|at| entry.at.since(*at) > Duration::from_secs(3)) =>
            {
                slow.push(request);
            }
            _ => {}
        }
    }
    slow
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_that_come_early_shuffled_and_twice_only_move_a_message_forward() {
    let seed = seed("shuffled reports");
    let desk = Desk::start(Plan::new(Kind::Postgres, 1)).await;
    desk.platforms.whatsapp.set_statuses(StatusOptions {
        before_reply: true,
        shuffle: Some(seed),
        copies: 2,
        ..StatusOptions::default()
    });
    let talk = Talk::new(40, 4, Duration::from_millis(50));
    talk.run(&desk.platforms).await;
    let verdict = desk.judge(&talk.said(), Duration::from_secs(30), Duration::ZERO).await;
    verdict.demand_good("shuffled reports");
    // 4 is "read", the furthest that any message got.
    let started = Instant::now();
    while desk.database.number("SELECT COUNT(*) FROM outbox WHERE status <> 2 OR receipt <> 4").await > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "a message went back or stood still\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let backwards = backward_reports(&desk);
    println!("shuffled reports: {backwards} came after a later one");
    assert!(backwards > 0, "no report came out of order: the test did not bite");
    desk.end().await;
}

/// Reports that arrived after one that is further on.
fn backward_reports(desk: &Desk) -> usize {
    let mut furthest: BTreeMap<String, usize> = BTreeMap::new();
    let mut backwards = 0;
    for entry in desk.platforms.whatsapp.ledger().entries() {
        let Happening::Webhook { body, .. } = entry.what else { continue };
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let report = &body["entry"][0]["changes"][0]["value"]["statuses"][0];
        let Some(rank) = ["sent", "delivered", "read"].iter().position(|name| report["status"] == *name) else {
            continue;
        };
        let before = furthest.entry(report["id"].to_string()).or_insert(rank);
        backwards += usize::from(rank < *before);
        *before = rank.max(*before);
    }
    backwards
}
