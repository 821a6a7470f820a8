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
