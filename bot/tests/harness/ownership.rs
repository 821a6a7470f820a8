//! O2: a replica that stands still loses its lanes, and what it writes afterwards is refused.

use std::time::Duration;

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::Talk;
use super::verdict::Verdict;

/// Freezes replicas in the middle of slow turns, for twice their lease. Tells how many stale writes were refused.
async fn zombies(freezes: usize, sabotage: Option<&'static str>) -> (Verdict, f64, String) {
    let mut plan = Plan { lease: 4, turn: 1, ..Plan::new(Kind::Postgres, 2) };
    if let Some(promise) = sabotage {
        plan = plan.sabotaged(promise);
    }
    let mut desk = Desk::start(plan).await;
    let talk = Talk { suffix: " chaos:slow", ..Talk::new(30, 9 * freezes, Duration::from_millis(500)) };
    let mut replicas = std::mem::take(&mut desk.replicas);
    let platforms = &desk.platforms;
    let freeze = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for round in 0..freezes {
            let zombie = &mut replicas[round % 2];
            zombie.signal("STOP");
            tokio::time::sleep(Duration::from_secs(8)).await;
            zombie.signal("CONT");
            tokio::time::sleep(Duration::from_millis(1_500)).await;
        }
        replicas
    };
    let (replicas, _) = tokio::join!(freeze, talk.run(platforms));
    desk.replicas = replicas;
    let verdict = desk.judge(&talk.said(), Duration::from_secs(40), Duration::from_secs(7)).await;
    let mut refused = 0.0;
    for replica in &desk.replicas {
        refused += replica.metric("recado_stale_writes_refused_total").await;
    }
    let words = desk.words();
    desk.end().await;
    (verdict, refused, words)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_stood_still_cannot_answer_again() {
    let (verdict, refused, words) = zombies(4, None).await;
    println!("zombies: {refused} stale writes refused");
    assert!(verdict.is_good(), "{verdict:?}\n{words}");
    verdict.demand_good("four freezes of twice the lease");
    assert!(refused > 0.0, "no stale write was tried: the test did not bite");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_without_fencing_a_zombie_is_seen_to_double() {
    let mut last = String::new();
    // Whether a freeze meets a turn between its decision and its commit is chance; that none does in twelve is not.
    for _ in 0..4 {
        let (verdict, _, words) = zombies(3, Some("fencing_off")).await;
        println!("control fencing_off: {} doubled", verdict.doubled.len());
        if !verdict.doubled.is_empty() {
            return;
        }
        last = format!("{verdict:?}\n{words}");
    }
    panic!("the harness is blind to stale writes: {last}");
}
