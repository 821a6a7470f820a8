//! D1: the process ends at each point of a message's way, and nothing is lost or doubled.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{Talk, seed};
use super::verdict::Verdict;

/// In the order of a message's way. Those of RELIABILITY §4 that are not here: 8, which is in `actions`, 15, since leases are
/// not renewed, and 16, which has tests of its own.
const POINTS: [(&str, &str); 14] = [
    ("received", "1 before the body is read"),
    ("verified", "2 verified, before the insert"),
    ("inserted", "3 inserted, before the commit"),
    ("committed", "4 committed"),
    ("before_answer", "4 committed, before the 200"),
    ("answered", "5 after the 200"),
    ("claimed", "6 claimed, attempt counted"),
    ("deciding", "7 deciding"),
    ("decided", "9 decided, before the commit"),
    ("turn_written", "10 during the turn's commit"),
    ("turn_committed", "11 committed, the outbox not woken"),
    ("sending", "12 marked as sending, before the call"),
    ("sent_unrecorded", "13 taken by the platform, not recorded"),
    ("sent_recorded", "14 recorded"),
];

/// Wait for a delivery report after an unclear send.
const SETTLE: u64 = 5;

struct Outcome {
    verdict: Verdict,
    /// From the restart to the first message that the platform took.
    first_reply: Option<Duration>,
    words: String,
}

async fn trial(kind: Kind, point: &str, nth: u32, sabotage: Option<&'static str>) -> Outcome {
    let mut plan = Plan { settle: SETTLE, ..Plan::new(kind, 1) };
    if let Some(promise) = sabotage {
        plan = plan.sabotaged(promise);
    }
    trial_of(plan, point, nth).await
}

async fn trial_of(plan: Plan, point: &str, nth: u32) -> Outcome {
    let mut desk = Desk::prepare(plan).await;
    desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:{nth}"));
    desk.replicas[0].start().await;
    let talk = Talk::new(5, 4, Duration::from_millis(40));
    let said = talk.said();
    let mut replica = desk.replicas.remove(0);
    let platforms = &desk.platforms;
    let crash = async {
        assert!(replica.ends(Duration::from_secs(30)).await.is_some(), "{point}:{nth} was never reached");
        let before = platforms.sends().len();
        replica.unset("RECADO_CRASH_AT");
        let restarted = Instant::now();
        replica.start().await;
        let mut first_reply = None;
        while restarted.elapsed() < Duration::from_secs(20) {
            if platforms.sends().len() > before {
                first_reply = Some(restarted.elapsed());
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (replica, first_reply)
    };
    let ((replica, first_reply), _) = tokio::join!(crash, talk.run(platforms));
    desk.replicas.push(replica);
    let unclear = matches!(point, "sending" | "sent_unrecorded" | "attachment_kept" | "attachment_uploaded");
    let quiet = if unclear { Duration::from_secs(SETTLE + 2) } else { Duration::from_millis(1_200) };
    let verdict = desk.judge(&said, Duration::from_secs(40), quiet).await;
    let words = desk.words();
    desk.end().await;
    Outcome { verdict, first_reply, words }
}

async fn every_point(kind: Kind) {
    let seed = seed("crash points");
    let mut random = StdRng::seed_from_u64(seed);
    let trials: Vec<_> = POINTS.iter().map(|(point, meaning)| (*point, *meaning, random.random_range(1..=4))).collect();
    let outcomes: Vec<_> = futures::stream::iter(trials)
        .map(|(point, meaning, nth)| async move {
            let outcome = trial(kind, point, nth, None).await;
            (point, meaning, nth, outcome)
        })
        .buffer_unordered(5)
        .collect()
        .await;
    let mut total = Verdict::default();
    let mut slowest = Duration::ZERO;
    for (point, meaning, nth, outcome) in outcomes {
        let Outcome { mut verdict, first_reply, words } = outcome;
        println!("{kind:?} {point}:{nth} ({meaning}): {verdict:?}, first reply after {first_reply:?}");
        assert!(verdict.is_good(), "{kind:?} {point}:{nth}: {verdict:?}\n{words}");
        let first = first_reply.unwrap_or_default();
        // An unclear message waits for its report; the others of that moment do not.
        slowest = slowest.max(first);
        assert!(first < Duration::from_secs(15), "{kind:?} {point}:{nth}: first reply after {first:?}\n{words}");
        total.messages += verdict.messages;
        total.lost.append(&mut verdict.lost);
        total.doubled.append(&mut verdict.doubled);
        total.reordered.append(&mut verdict.reordered);
    }
    println!("slowest first reply after a restart: {slowest:?} (settling wait {SETTLE} s)");
    total.demand_good(&format!("crash points on {kind:?}"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_point_loses_and_doubles_nothing_on_sqlite() {
    every_point(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_at_any_point_loses_and_doubles_nothing_on_postgres() {
    every_point(Kind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_answer_before_the_commit_is_seen_to_lose() {
    let outcome = trial(Kind::Sqlite, "inserted", 2, Some("ack_before_commit")).await;
    println!("control ack_before_commit: {:?}", outcome.verdict);
    assert!(!outcome.verdict.lost.is_empty(), "the harness is blind to lost messages: {:?}", outcome.verdict);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_inbox_without_deduplication_is_seen_to_double() {
    let outcome = trial(Kind::Sqlite, "before_answer", 2, Some("dedupe_off")).await;
    println!("control dedupe_off: {:?}", outcome.verdict);
    assert!(!outcome.verdict.doubled.is_empty(), "the harness is blind to doubled messages: {:?}", outcome.verdict);
}

/// Where a document is on its way when the process ends.
const FILE_POINTS: [(&str, &str); 5] = [
    ("sending", "marked as sending, nothing made"),
    ("attachment_kept", "made and kept, not given to the platform"),
    ("attachment_uploaded", "given to the platform, the message not sent"),
    ("sent_unrecorded", "taken by the platform, not recorded"),
    ("sent_recorded", "recorded"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_on_the_way_of_a_document_loses_and_doubles_nothing() {
    let mut total = Verdict::default();
    for (point, meaning) in FILE_POINTS {
        let plan = Plan { settle: SETTLE, ..Plan::new(Kind::Sqlite, 1) }.with("RECADO_CHAOS_FILES", "on");
        let Outcome { mut verdict, words, .. } = trial_of(plan, point, 2).await;
        println!("document {point} ({meaning}): {verdict:?}");
        assert!(verdict.is_good(), "{point}: {verdict:?}\n{words}");
        total.messages += verdict.messages;
        total.lost.append(&mut verdict.lost);
        total.doubled.append(&mut verdict.doubled);
        total.reordered.append(&mut verdict.reordered);
    }
    total.demand_good("crash points of documents");
}
