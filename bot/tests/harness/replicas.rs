//! D2 and D10: several replicas of one desk, killed at random, or given everything several times.

use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use recado_emulators::DeliverOptions;

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{Talk, message, phone, seed};
use super::verdict::Said;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_killed_at_random_under_load_lose_double_and_reorder_nothing() {
    let seed = seed("random kills");
    let mut random = StdRng::seed_from_u64(seed);
    let mut desk = Desk::start(Plan::new(Kind::Postgres, 2)).await;
    let talk = Talk::new(24, 32, Duration::from_millis(1_000));
    let mut replicas = std::mem::take(&mut desk.replicas);
    let platforms = &desk.platforms;
    let started = Instant::now();
    let kills = async {
        let mut kills = 0;
        while started.elapsed() < Duration::from_secs(36) {
            tokio::time::sleep(Duration::from_millis(random.random_range(500..2_500))).await;
            let victim = &mut replicas[random.random_range(0..2)];
            victim.kill();
            kills += 1;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..1_500))).await;
            victim.start().await;
        }
        (replicas, kills)
    };
    let ((replicas, kills), deliveries) = tokio::join!(kills, talk.run(platforms));
    desk.replicas = replicas;
    let settle = Duration::from_secs(8);
    let verdict = desk.judge(&talk.said(), Duration::from_secs(40), settle).await;
    println!("random kills: {kills} kills, {deliveries} deliveries");
    assert!(verdict.is_good() && kills > 2, "seed {seed}: {verdict:?}\n{}", desk.words());
    verdict.demand_good("random kills of two replicas");
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_delivered_five_times_to_two_replicas_is_answered_once() {
    let desk = Desk::start(Plan::new(Kind::Postgres, 2)).await;
    let (people, each) = (60, 5);
    let mut said = Said::new();
    let mut spoken = Vec::new();
    for person in 0..people {
        let mut messages = Vec::new();
        for number in 0..each {
            let word = format!("w{person}n{number}");
            messages.push(message(person, &word));
            said.entry(phone(person)).or_default().push(word);
        }
        spoken.push(messages);
    }
    // Three at once, and two more when the first may long be answered.
    let (first, again) = (
        DeliverOptions { copies: 3, ..DeliverOptions::default() },
        DeliverOptions { copies: 2, ..DeliverOptions::default() },
    );
    let platforms = &desk.platforms;
    let talks = spoken.iter().map(|messages| {
        let (first, again) = (&first, &again);
        async move {
            for message in messages {
                platforms.insist(message, first).await;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
            for message in messages {
                platforms.insist(message, again).await;
            }
        }
    });
    futures::future::join_all(talks).await;
    let verdict = desk.judge(&said, Duration::from_secs(40), Duration::from_secs(2)).await;
    let rows = desk.database.number("SELECT COUNT(*) FROM events WHERE kind = 'message.text'").await;
    assert!(verdict.is_good(), "{verdict:?}\n{}", desk.words());
    verdict.demand_good("five deliveries of each");
    assert_eq!(rows, (people * each) as i64);
    desk.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn control_without_deduplication_random_kills_are_seen_to_double() {
    let mut desk = Desk::start(Plan::new(Kind::Postgres, 2).sabotaged("dedupe_off")).await;
    let talk = Talk {
        // Each arrives twice, as after a kill between the commit and the answer.
        options: DeliverOptions { copies: 2, ..DeliverOptions::default() },
        ..Talk::new(6, 6, Duration::from_millis(700))
    };
    let mut replicas = std::mem::take(&mut desk.replicas);
    let platforms = &desk.platforms;
    let kill = async {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        replicas[0].kill();
        replicas[0].start().await;
        replicas
    };
    let (replicas, _) = tokio::join!(kill, talk.run(platforms));
    desk.replicas = replicas;
    let verdict = desk.judge(&talk.said(), Duration::from_secs(20), Duration::from_secs(2)).await;
    println!("control dedupe_off under kills: {} doubled", verdict.doubled.len());
    assert!(!verdict.doubled.is_empty(), "the harness is blind to doubled messages");
    desk.end().await;
}
