//! What both implementations promise.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::{PATIENCE, conversation, eventually, redis_at, session, settings};
use crate::volatile::{InProcess, LARGEST_VALUE, LiveEvent, Volatile, VolatileSettings, Wake};

async fn in_process(settings: &VolatileSettings) -> Arc<dyn Volatile> {
    Arc::new(InProcess::new(settings))
}

async fn in_redis(settings: &VolatileSettings) -> Arc<dyn Volatile> {
    let redis = redis_at("redis://127.0.0.1:6379/", settings);
    let health = redis.health().await;
    assert!(health.ok, "these tests need a Redis on 127.0.0.1:6379: {}", health.detail);
    Arc::new(redis)
}

macro_rules! contract {
    ($($name:ident),+ $(,)?) => {
        mod process {
            $(#[tokio::test] async fn $name() {
                super::$name(super::in_process).await;
            })+
        }
        mod redis {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                super::$name(super::in_redis).await;
            })+
        }
    };
}

contract! {
    a_session_is_remembered_replaced_and_forgotten,
    many_sessions_travel_together,
    a_session_ends_with_its_time,
    saving_starts_the_time_anew,
    a_value_is_cached_until_its_time_or_until_dropped,
    a_value_that_is_too_large_is_not_kept_nor_is_its_predecessor,
    hits_are_counted_exactly_from_many_tasks,
    a_window_ends_and_a_new_one_begins,
    wakes_and_live_events_reach_everyone_here,
    it_is_healthy,
}

async fn a_session_is_remembered_replaced_and_forgotten(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let id = conversation("one");
    assert_eq!(volatile.load(id).await, None);
    volatile.save(id, &session("first")).await;
    assert_eq!(volatile.load(id).await, Some(session("first")));
    volatile.save(id, &session("second")).await;
    assert_eq!(volatile.load(id).await, Some(session("second")));
    assert_eq!(volatile.load(conversation("other")).await, None);
    volatile.forget(id).await;
    assert_eq!(volatile.load(id).await, None);
    volatile.save(id, &session("third")).await;
    assert_eq!(volatile.load(id).await, Some(session("third")));
}

async fn many_sessions_travel_together(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let ids: Vec<_> = (0..1200).map(|number| conversation(&number.to_string())).collect();
    let sessions: Vec<_> = (0..1200).map(|number| session(&number.to_string())).collect();
    // All but the last, and the first one twice.
    let mut batch: Vec<_> = ids.iter().copied().zip(&sessions).take(1199).collect();
    let again = session("again");
    batch.push((ids[0], &again));
    volatile.save_many(&batch).await;
    let found = volatile.load_many(&ids).await;
    assert_eq!(found.len(), 1199);
    assert_eq!(found[&ids[0]], again);
    assert!((1..1199).all(|number| found[&ids[number]] == sessions[number]));
    assert!(volatile.load_many(&[]).await.is_empty());
    volatile.save_many(&[]).await;
}

async fn a_session_ends_with_its_time(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let short = VolatileSettings { session_ttl: Duration::from_millis(60), ..settings() };
    let volatile = open(&short).await;
    let id = conversation("short");
    volatile.save(id, &session("soon gone")).await;
    eventually("the session ends", async || volatile.load(id).await.is_none()).await;
}

async fn saving_starts_the_time_anew(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let short = open(&VolatileSettings { session_ttl: Duration::from_secs(2), ..settings() }).await;
    let id = conversation("kept");
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_millis(2200) {
        short.save(id, &session("kept")).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(short.load(id).await, Some(session("kept")));
}

async fn a_value_is_cached_until_its_time_or_until_dropped(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let hour = Duration::from_secs(3600);
    assert_eq!(volatile.get("answer").await, None);
    volatile.put("answer", Bytes::from_static(b"\x00\xff42"), hour).await;
    assert_eq!(volatile.get("answer").await, Some(Bytes::from_static(b"\x00\xff42")));
    volatile.invalidate("answer").await;
    assert_eq!(volatile.get("answer").await, None);
    volatile.put("answer", Bytes::from_static(b"long"), hour).await;
    volatile.put("answer", Bytes::from_static(b"short"), Duration::from_millis(50)).await;
    eventually("the value ends", async || volatile.get("answer").await.is_none()).await;
}

async fn a_value_that_is_too_large_is_not_kept_nor_is_its_predecessor(
    open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>,
) {
    let volatile = open(&settings()).await;
    let hour = Duration::from_secs(3600);
    volatile.put("page", Bytes::from_static(b"old"), hour).await;
    volatile.put("page", Bytes::from(vec![0; LARGEST_VALUE + 1]), hour).await;
    assert_eq!(volatile.get("page").await, None);
}

async fn hits_are_counted_exactly_from_many_tasks(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let volatile = Arc::clone(&volatile);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                for _ in 0..25 {
                    seen.push(volatile.count("door", Duration::from_secs(600)).await);
                }
                seen
            })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await.unwrap());
    }
    seen.sort_unstable();
    assert_eq!(seen, (1..=200).collect::<Vec<u64>>(), "each hit gets a number of its own");
    assert_eq!(volatile.count("other door", Duration::from_secs(600)).await, 1);
}

async fn a_window_ends_and_a_new_one_begins(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let window = Duration::from_millis(200);
    assert_eq!(volatile.count("door", window).await, 1);
    // Goes on hitting: the window must end although it is hit all the time.
    eventually("a new window begins", async || volatile.count("door", window).await == 1).await;
}

async fn wakes_and_live_events_reach_everyone_here(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let volatile = open(&settings()).await;
    let (mut one, mut two) = (volatile.subscribe(), volatile.subscribe());
    volatile.publish(Wake::Outbox);
    for receiver in [&mut one, &mut two] {
        // The listener's own first wake-up may come before ours.
        while timeout(PATIENCE, receiver.recv()).await.unwrap().unwrap() != Wake::Outbox {}
    }
    let mut live = volatile.live();
    let event = LiveEvent { topic: "conversation".to_owned(), id: "7".to_owned() };
    volatile.announce(event.clone());
    assert_eq!(timeout(PATIENCE, live.recv()).await.unwrap().unwrap(), event);
    assert!(timeout(Duration::from_millis(50), live.recv()).await.is_err(), "once and not twice");
}

async fn it_is_healthy(open: impl AsyncFn(&VolatileSettings) -> Arc<dyn Volatile>) {
    let health = open(&settings()).await.health().await;
    assert!(health.ok, "{}", health.detail);
}
