//! D13: messages that break their turn, among healthy people.

use std::time::{Duration, Instant};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::replica::Replica;
use super::talk::{Talk, message, phone};
use super::verdict::Said;

const POISONS: [&str; 4] = ["chaos:panic", "chaos:hang", "chaos:error", "chaos:abort"];

/// Starts a replica again whenever it ends, as a service manager does, until told to stop. Tells how often.
async fn supervise(
    mut replica: Replica,
    mut stop: tokio::sync::oneshot::Receiver<()>,
    enough: usize,
) -> (Replica, usize) {
    let mut deaths = 0;
    while stop.try_recv().is_err() && deaths < enough {
        if replica.ended().is_some() {
            deaths += 1;
            // What killed it may do so again before it is ready.
            replica.spawn();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    (replica, deaths)
}

/// Each of a few people says a word, a poisoned one, and another word.
async fn poisoned(desk: &Desk, poisons: &[&str], first: usize) -> (Said, Said) {
    let (mut healthy, mut sick) = (Said::new(), Said::new());
    for (number, poison) in poisons.iter().enumerate() {
        let person = first + number;
        let words = ["before", "poison", "after"].map(|word| format!("{word}{person}"));
        for word in &words {
            let text = if word.starts_with("poison") { format!("{word} {poison}") } else { word.clone() };
            desk.platforms.insist(&message(person, &text), &Default::default()).await;
        }
        let [before, poison, after] = words;
        healthy.insert(phone(person), vec![before, after]);
        sick.insert(phone(person), vec![poison]);
    }
    (healthy, sick)
}

async fn poison(kind: Kind) {
    let mut desk = Desk::start(Plan { turn: 1, ..Plan::new(kind, 1) }).await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let supervised = tokio::spawn(supervise(desk.replicas.remove(0), stopped, usize::MAX));
    let talk = Talk { first: 100, ..Talk::new(30, 12, Duration::from_millis(600)) };
    let ((mut said, sick), _) = tokio::join!(poisoned(&desk, &POISONS, 0), talk.run(&desk.platforms));
    // A body as large as a platform's largest, of a person in good health.
    let large = format!("large {}", "x".repeat(2_900_000));
    desk.platforms.insist(&message(50, &large), &Default::default()).await;
    said.insert(phone(50), vec!["large".to_owned()]);
    said.extend(talk.said());
    let verdict = desk.judge(&said, Duration::from_secs(40), Duration::ZERO).await;
    let started = Instant::now();
    while desk.database.number("SELECT COUNT(*) FROM events WHERE status = 0").await > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "an event is stuck\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stop.send(()).unwrap();
    let (mut replica, deaths) = supervised.await.unwrap();
    let words = replica.words();
    let dead = desk.database.number("SELECT COUNT(*) FROM events WHERE status = 2").await;
    let failures = desk.database.number("SELECT MAX(failures) FROM events WHERE status = 2").await;
    println!("poison on {kind:?}: {deaths} deaths, {dead} dead events after at most {failures} failures");
    assert!(verdict.is_good(), "{verdict:?}\n{words}");
    verdict.demand_good("healthy words around poisoned ones");
    assert_eq!((dead, failures, deaths), (POISONS.len() as i64, 5, 3), "{words}");

    // Cured and replayed, each is answered once.
    replica.signal("TERM");
    assert_eq!(replica.ends(Duration::from_secs(25)).await.and_then(|status| status.code()), Some(0));
    replica.set("RECADO_CHAOS_FAULTS", "off");
    assert_eq!(desk.database.replay_dead().await, POISONS.len());
    replica.start().await;
    desk.replicas.push(replica);
    let cured = desk.judge(&sick, Duration::from_secs(20), Duration::from_secs(1)).await;
    assert!(cured.is_good(), "{cured:?}\n{}", desk.words());
    cured.demand_good("replayed once cured");
    desk.judge(&said, Duration::ZERO, Duration::ZERO).await.demand_good("the others still once");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_message_is_buried_while_others_are_answered_on_sqlite() {
    poison(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_message_is_buried_while_others_are_answered_on_postgres() {
    poison(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_attempts_that_are_not_counted_are_seen_to_crash_for_ever() {
    let mut desk = Desk::start(Plan { turn: 1, ..Plan::new(Kind::Sqlite, 1) }.sabotaged("attempts_off")).await;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let supervised = tokio::spawn(supervise(desk.replicas.remove(0), stopped, 5));
    let poisoned = tokio::time::timeout(Duration::from_secs(40), poisoned(&desk, &["chaos:abort"], 0));
    // The fifth death ends the supervision; the deliveries that nobody takes then do not matter.
    let (replica, deaths) = tokio::select! {
        outcome = supervised => outcome.unwrap(),
        () = async { let _ = poisoned.await; tokio::time::sleep(Duration::from_secs(40)).await } => panic!("no five deaths"),
    };
    drop(stop);
    let dead = desk.database.number("SELECT COUNT(*) FROM events WHERE status = 2").await;
    println!("control attempts_off: {deaths} deaths, {dead} dead");
    assert!(deaths > 4 && dead == 0, "{deaths} deaths, {dead} dead\n{}", replica.words());
    drop(replica);
    desk.end().await;
}
