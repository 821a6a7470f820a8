//! L8 in small: replicas asked to stop, one after the other, under load.

use std::time::{Duration, Instant};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::Talk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rolling_restarts_under_load_lose_and_double_nothing() {
    let mut desk = Desk::start(Plan::new(Kind::Postgres, 2)).await;
    let talk = Talk::new(20, 20, Duration::from_millis(700));
    let mut replicas = std::mem::take(&mut desk.replicas);
    let platforms = &desk.platforms;
    let restarts = async {
        let mut slowest = Duration::ZERO;
        for _ in 0..3 {
            for replica in &mut replicas {
                tokio::time::sleep(Duration::from_millis(500)).await;
                let asked = Instant::now();
                replica.signal("TERM");
                let status = replica.ends(Duration::from_secs(25)).await;
                let words = replica.words();
                assert_eq!(status.and_then(|status| status.code()), Some(0), "{words}");
                slowest = slowest.max(asked.elapsed());
                replica.start().await;
            }
        }
        (replicas, slowest)
    };
    let ((replicas, slowest), deliveries) = tokio::join!(restarts, talk.run(platforms));
    desk.replicas = replicas;
    let verdict = desk.judge(&talk.said(), Duration::from_secs(30), Duration::from_secs(2)).await;
    println!("rolling restarts: slowest exit {slowest:?}, {deliveries} deliveries of {} messages", verdict.messages);
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("six drains of two replicas");
    assert_eq!(desk.database.number("SELECT COUNT(*) FROM lanes WHERE owner IS NOT NULL").await, 0);
    desk.end().await;
}

/// Stops one busy replica several times, and counts what each stop left in its hands.
async fn left_behind(stops: usize, sabotage: Option<&'static str>) -> i64 {
    let mut plan = Plan::new(Kind::Postgres, 1);
    if let Some(promise) = sabotage {
        plan = plan.sabotaged(promise);
    }
    let mut desk = Desk::start(plan).await;
    let talk = Talk { suffix: " chaos:slow", ..Talk::new(20, 6 * stops, Duration::from_millis(250)) };
    let mut replica = desk.replicas.remove(0);
    let (platforms, database) = (&desk.platforms, &desk.database);
    let restarts = async {
        let mut left = 0;
        for _ in 0..stops {
            tokio::time::sleep(Duration::from_millis(900)).await;
            replica.signal("TERM");
            assert!(replica.ends(Duration::from_secs(25)).await.is_some());
            left += database.number("SELECT COUNT(*) FROM lanes WHERE owner IS NOT NULL").await;
            left += database.number("SELECT COUNT(*) FROM outbox WHERE status = 1").await;
            replica.start().await;
        }
        (replica, left)
    };
    let ((replica, left), _) = tokio::join!(restarts, talk.run(platforms));
    desk.replicas.push(replica);
    let verdict = desk.judge(&talk.said(), Duration::from_secs(40), Duration::from_secs(2)).await;
    // A message that met three abrupt ends is buried, as one that kills its process should be.
    assert!(sabotage.is_some() || verdict.lost.is_empty(), "{verdict:?}\n{}", desk.words());
    desk.end().await;
    left
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_leaves_nothing_in_its_hands() {
    assert_eq!(left_behind(3, None).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_end_without_a_drain_is_seen_to_leave_work_behind() {
    let left = left_behind(3, Some("drain_off")).await;
    println!("control drain_off: {left} lanes and sends left");
    assert!(left > 0, "the harness is blind to what a stop leaves behind");
}
