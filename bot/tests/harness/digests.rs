//! Summaries that a member asked for: told once for a period, wherever the process ends.

use std::time::Duration;

use recado_emulators::DeliverOptions;

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{message, phone};

/// Wait for a delivery report after an unclear send.
const SETTLE: u64 = 5;
/// On the way of a summary, in order.
const POINTS: [&str; 7] =
    ["claimed", "decided", "turn_written", "turn_committed", "sending", "sent_unrecorded", "sent_recorded"];

/// Summaries on the member's phone.
fn told(desk: &Desk) -> usize {
    let to = format!("+{}", phone(1));
    let sends = desk.platforms.whatsapp.sends();
    let is_summary = |body: &str| body.contains("ventas netas") && body.contains("no más resúmenes");
    sends.iter().filter(|send| send.accepted && send.to == to && is_summary(&send.body)).count()
}

async fn waits(desk: &Desk, count: usize, limit: Duration) -> bool {
    let started = std::time::Instant::now();
    while told(desk) < count {
        if started.elapsed() > limit {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    true
}

/// A desk whose member asked for the day every morning; it stands still, and one is due.
async fn due() -> Desk {
    let plan = Plan { settle: SETTLE, ..Plan::new(Kind::Sqlite, 1) }.with("RECADO_CHAOS_ECHO", "off");
    let mut desk = Desk::prepare(plan).await;
    desk.replicas[0].start().await;
    desk.replicas[0].kill();
    let number = format!("+{}", phone(1));
    desk.replicas[0].run(&["members", "add", "Ana", "--phone", &number, "--role", "owner"]);
    desk.replicas[0].start().await;
    let wish = message(1, "mándame el resumen todos los días a las 8");
    desk.platforms.insist(&wish, &DeliverOptions::default()).await;
    let started = std::time::Instant::now();
    while desk.database.number("SELECT COUNT(*) FROM digests").await < 2 {
        assert!(started.elapsed() < Duration::from_secs(10), "the wish was not kept\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // Its answer is on the phone, so that nothing else is under way when the process is to end.
    while desk.database.number("SELECT COUNT(*) FROM outbox WHERE status <> 2").await > 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    desk.replicas[0].kill();
    assert_eq!(forget(&desk).await, 1);
    ring(&desk).await;
    desk
}

/// As if none had been told yet.
async fn forget(desk: &Desk) -> u64 {
    desk.database.change("UPDATE digests SET told_through = '2000-01-01' WHERE kind = 'daily'").await
}

/// The timer is due.
async fn ring(desk: &Desk) {
    let rung = desk.database.change("UPDATE timers SET due_at = 1 WHERE kind = 'digest.daily' AND status = 0").await;
    assert_eq!(rung, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_summary_is_told_once_wherever_the_process_ends() {
    for point in POINTS {
        let mut desk = due().await;
        desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:1"));
        desk.replicas[0].spawn();
        assert!(desk.replicas[0].ends(Duration::from_secs(30)).await.is_some(), "{point} was never reached");
        desk.replicas[0].unset("RECADO_CRASH_AT");
        desk.replicas[0].start().await;
        let came = waits(&desk, 1, Duration::from_secs(40)).await;
        tokio::time::sleep(Duration::from_secs(SETTLE + 2)).await;
        println!("summary, {point}: {} told", told(&desk));
        assert!(came && told(&desk) == 1, "{point}: {} told\n{}", told(&desk), desk.words());
        assert_eq!(
            desk.database.number("SELECT COUNT(*) FROM timers WHERE kind = 'digest.daily' AND status = 0").await,
            1
        );
        desk.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_timer_that_rings_again_tells_nothing_and_the_control_is_seen_to_double() {
    let mut desk = due().await;
    desk.replicas[0].start().await;
    assert!(waits(&desk, 1, Duration::from_secs(20)).await, "{}", desk.words());
    desk.replicas[0].kill();
    ring(&desk).await;
    desk.replicas[0].start().await;
    let started = std::time::Instant::now();
    // The second ring was heard when its timer is set anew.
    while desk
        .database
        .number("SELECT COUNT(*) FROM timers WHERE kind = 'digest.daily' AND status = 0 AND due_at > 1")
        .await
        < 1
    {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(told(&desk), 1, "{}", desk.words());
    // The control: with its memory gone, the same ring doubles it.
    desk.replicas[0].kill();
    assert_eq!(forget(&desk).await, 1);
    ring(&desk).await;
    desk.replicas[0].start().await;
    assert!(waits(&desk, 2, Duration::from_secs(20)).await, "the harness is blind to a summary that is told twice");
    desk.end().await;
}
