//! D8 and D9: Postgres away, Redis away.

use std::time::{Duration, Instant};

use recado_emulators::whatsapp::{StatusName, StatusOptions};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::load::Load;
use super::relay::Mode;
use super::talk::Talk;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_postgres_every_webhook_is_told_to_come_back_and_nothing_is_lost() {
    let plan = Plan { faulty_postgres: true, settle: 20, ..Plan::new(Kind::Postgres, 1) };
    let mut desk = Desk::start(plan).await;
    // One report of each message is enough here.
    let steps = vec![StatusName::Sent];
    desk.platforms.whatsapp.set_statuses(StatusOptions { steps, retries: 10, ..StatusOptions::default() });
    let relay = desk.relay.take().unwrap();
    let mut load = Load::new(desk.front());
    load.run(Duration::from_secs(2)).await;
    let before = desk.replicas[0].memory();
    let mut outages = Vec::new();
    let mut most = before;
    for mode in [Mode::Refuse, Mode::Freeze] {
        relay.set(mode);
        let began = Instant::now();
        load.run(Duration::from_secs(6)).await;
        most = most.max(desk.replicas[0].memory());
        relay.set(Mode::Pass);
        let back = Instant::now();
        outages.push((mode, began, back));
        let ready = desk.replicas[0].becomes_ready(Duration::from_secs(10)).await;
        println!("{mode:?}: ready again after {:?}", back.elapsed());
        assert!(ready, "not ready 10 s after Postgres came back\n{}", desk.words());
        load.run(Duration::from_secs(2)).await;
    }
    let grown = most.saturating_sub(before) / 1024;
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for posted in load.answers().await {
        let (number, answer, began) = (posted.number, &posted.answer, posted.began);
        slowest = slowest.max(answer.took);
        let within = outages.iter().find(|(_, from, to)| began > *from && began < *to).map(|(mode, ..)| mode);
        match answer.status {
            Some(200) => {}
            Some(503) if answer.retry_after => refused += 1,
            _ => panic!("message {number} ({within:?}): {answer:?}\n{}", desk.words()),
        }
    }
    let repeated = load.repeat().await;
    println!("Postgres away: {} messages, {refused} refused, slowest answer {slowest:?}, {grown} MiB more", load.sent);
    assert!(refused > 600 && repeated == refused, "the outage did not bite: {refused} refused");
    assert!(slowest < Duration::from_millis(2_500), "an answer took {slowest:?}");
    assert!(grown < 50, "memory grew by {grown} MiB");
    let mut verdict = desk.judge(&load.said(), Duration::from_secs(60), Duration::from_secs(5)).await;
    // What was refused came later, by the platform's choice.
    verdict.reordered.clear();
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("Postgres refused and frozen");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_redis_no_webhook_fails_and_answers_keep_coming() {
    let mut desk = Desk::start(Plan::new(Kind::Postgres, 2)).await;
    let talk = Talk::new(20, 28, Duration::from_millis(700));
    let mut redis = desk.redis.take().unwrap();
    let platforms = &desk.platforms;
    let faults = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        redis.kill();
        tokio::time::sleep(Duration::from_secs(5)).await;
        redis.run().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        redis.flush().await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        redis.freeze();
        tokio::time::sleep(Duration::from_secs(5)).await;
        redis.thaw();
        redis
    };
    let (redis, deliveries) = tokio::join!(faults, talk.run(platforms));
    let verdict = desk.judge(&talk.said(), Duration::from_secs(30), Duration::from_secs(2)).await;
    let sends = desk.platforms.sends();
    let longest = sends.windows(2).map(|pair| pair[1].at.since(pair[0].at)).max().unwrap_or_default();
    println!("Redis away: longest silence {longest:?}");
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("Redis killed, emptied and frozen");
    assert_eq!(deliveries as usize, verdict.messages, "a webhook failed");
    assert!(longest < Duration::from_secs(3), "nobody was answered for {longest:?}");
    drop(redis);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_answer_before_the_commit_is_seen_while_postgres_is_away() {
    let plan = Plan { faulty_postgres: true, ..Plan::new(Kind::Postgres, 1) }.sabotaged("ack_before_commit");
    let mut desk = Desk::start(plan).await;
    let relay = desk.relay.take().unwrap();
    relay.set(Mode::Refuse);
    // What was accepted before the outage was noticed is not meant.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut load = Load::new(desk.front());
    load.run(Duration::from_secs(2)).await;
    let accepted = load.answers().await.iter().filter(|one| one.accepted()).count();
    println!("control ack_before_commit: {accepted} accepted without Postgres");
    assert!(accepted > 0, "the harness is blind to promises that nothing keeps");
    relay.set(Mode::Pass);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_an_inbox_that_needs_redis_is_seen_to_refuse_webhooks() {
    let mut desk = Desk::start(Plan::new(Kind::Postgres, 1).sabotaged("redis_needed")).await;
    let talk = Talk::new(5, 6, Duration::from_millis(500));
    let mut redis = desk.redis.take().unwrap();
    let platforms = &desk.platforms;
    let fault = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        redis.kill();
        tokio::time::sleep(Duration::from_secs(2)).await;
        redis.run().await;
        redis
    };
    let (redis, deliveries) = tokio::join!(fault, talk.run(platforms));
    println!("control redis_needed: {deliveries} deliveries of {} messages", 5 * 6);
    assert!(deliveries > 5 * 6, "the harness is blind to refused webhooks");
    drop(redis);
    desk.end().await;
}
