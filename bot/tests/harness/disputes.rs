//! A chargeback, from the shop's webhook to the staff's phones: told once, and once more before its deadline, wherever the
//! process ends.

use std::time::{Duration, Instant};

use recado_domain::{Clock as _, SystemClock};
use recado_emulators::DeliverOptions;
use serde_json::{Value, json};

use super::database::Kind;
use super::desk::{Desk, Plan};

const STAFF: i64 = 7_004;
const PATIENCE: Duration = Duration::from_secs(40);
/// Before anything leaves; and at which time each is passed: the first turn keeps the fact, the second tells staff.
const CRASHES: [(&str, u32); 6] = [
    ("claimed", 1),
    ("decided", 2),
    ("turn_written", 1),
    ("turn_written", 2),
    ("turn_committed", 1),
    ("turn_committed", 2),
];

fn dispute(reason: &str) -> Value {
    let now = SystemClock.now();
    json!({
        "id": 285_332_461_850_802_050_u64, "order_id": 5_600_001, "type": "chargeback", "amount": "89900.00", "currency": "COP",
        "reason": reason, "network_reason_code": "4837", "status": "needs_response",
        "evidence_due_by": now.plus(Duration::from_secs(9 * 86_400)), "evidence_sent_on": null, "finalized_on": null,
        "initiated_at": now,
    })
}

async fn deliver(desk: &Desk, body: &Value) {
    let started = Instant::now();
    loop {
        let told = desk.platforms.shopify.deliver("disputes/create", body.clone(), &DeliverOptions::default()).await;
        if told.ok().and_then(|one| one.status()) == Some(200) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "never accepted\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
}

/// What staff got of it: the first word, and that of the last days.
fn told(desk: &Desk) -> (usize, usize) {
    let sends = desk.platforms.telegram.sends().into_iter();
    let bodies: Vec<String> =
        sends.filter(|sent| sent.accepted && sent.body.contains("$89.900")).map(|sent| sent.body).collect();
    let again = bodies.iter().filter(|body| body.contains('⏰')).count();
    (bodies.len() - again, again)
}

async fn until(desk: &Desk, wanted: (usize, usize)) {
    let started = Instant::now();
    while told(desk) != wanted {
        assert!(started.elapsed() < PATIENCE, "{wanted:?} never came, {:?} did\n{}", told(desk), desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The process ends at a point, and another takes over.
async fn ends_and_comes_back(desk: &mut Desk, point: &str) {
    assert!(desk.replicas[0].ends(Duration::from_secs(30)).await.is_some(), "{point} was never reached");
    desk.replicas[0].unset("RECADO_CRASH_AT");
    desk.replicas[0].start().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chargeback_is_told_once_and_once_more_before_its_deadline_wherever_the_process_ends() {
    for (point, nth) in CRASHES {
        let mut desk = Desk::prepare(Plan::new(Kind::Sqlite, 1).with("RECADO_CHAOS_ECHO", "off")).await;
        desk.replicas[0].run(&["staff", "add", "Laura", "--telegram-user-id", &STAFF.to_string(), "--role", "lead"]);
        desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:{nth}"));
        desk.replicas[0].start().await;
        let body = dispute("fraudulent");
        deliver(&desk, &body).await;
        ends_and_comes_back(&mut desk, point).await;
        until(&desk, (1, 0)).await;
        // The same once more, and with another reason: the deadline is the one that was told.
        deliver(&desk, &body).await;
        let mut changed = body.clone();
        changed["reason"] = json!("general");
        deliver(&desk, &changed).await;
        let started = Instant::now();
        while desk.database.number("SELECT COUNT(*) FROM disputes").await < 2 {
            assert!(started.elapsed() < PATIENCE, "{}", desk.words());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        desk.replicas[0].kill();
        assert_eq!(told(&desk), (1, 0), "{point}:{nth}");
        let ring = "UPDATE timers SET due_at = 1 WHERE kind LIKE 'dispute:%' AND status = 0";
        assert_eq!(desk.database.change(ring).await, 1);
        desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:1"));
        desk.replicas[0].spawn();
        ends_and_comes_back(&mut desk, point).await;
        until(&desk, (1, 1)).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("dispute, {point}:{nth}: {:?}", told(&desk));
        assert_eq!(told(&desk), (1, 1), "{point}:{nth}\n{}", desk.words());
        desk.end().await;
    }
}
