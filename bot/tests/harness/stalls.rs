//! Turns that the database neither commits nor lets be recorded as failed, in a process that lives: an overloaded machine.

use std::time::Duration;

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{message, phone};
use super::verdict::Said;

/// Three commits take too long, and so do all tries to say so: as often as an event may end a process.
async fn stalled(kind: Kind) {
    let plan = Plan { lease: 5, turn: 1, ..Plan::new(kind, 1) };
    let desk = Desk::start(plan.with("RECADO_STALL_AT", "committing:3,setting_back:12")).await;
    desk.platforms.insist(&message(1, "hola"), &Default::default()).await;
    let said = Said::from([(phone(1), vec!["hola".to_owned()])]);
    let verdict = desk.judge(&said, Duration::from_secs(60), Duration::from_secs(6)).await;
    let timeouts = desk.database.number("SELECT MAX(timeouts) FROM events").await;
    let ends = desk.database.number("SELECT COUNT(*) FROM process_ends").await;
    let dead = desk.database.number("SELECT COUNT(*) FROM events WHERE status = 2").await;
    println!("stalled on {kind:?}: {timeouts} timeouts, {ends} ends, {dead} dead");
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("a turn whose commit and record both timed out");
    assert_eq!((timeouts, ends, dead), (3, 0, 0), "{}", desk.words());
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_could_be_neither_committed_nor_recorded_is_no_end_of_the_process_on_sqlite() {
    stalled(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_could_be_neither_committed_nor_recorded_is_no_end_of_the_process_on_postgres() {
    stalled(Kind::Postgres).await;
}
