//! Redis emptied, killed, frozen, never there; two processes side by side.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use recado_domain::{Secret, SystemClock, Timestamp};
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::server::Server;
use super::{PATIENCE, conversation, eventually, redis_at, session, settings};
use crate::volatile::missed::Miss;
use crate::volatile::{LiveEvent, RedisBacked, Volatile, VolatileSettings, Wake, open, register};

fn event(id: &str) -> LiveEvent {
    LiveEvent { topic: "counters".to_owned(), id: id.to_owned() }
}

/// Waits until what `from` says arrives at `to`.
async fn connected(from: &RedisBacked, to: &RedisBacked) {
    let mut live = to.live();
    eventually("hints cross", async || {
        from.announce(event("hello"));
        timeout(Duration::from_millis(50), live.recv()).await.is_ok()
    })
    .await;
}

async fn woken(receiver: &mut Receiver<Wake>, wake: Wake) {
    while timeout(PATIENCE, receiver.recv()).await.expect("woken").expect("open") != wake {}
}

/// Any call comes back well within this, on a busy machine too; without a bound of their own they would not at all.
async fn bounded<T>(call: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(3), call).await.expect("the call is bounded")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_share_sessions_counts_values_and_hints() {
    let server = Server::start().await;
    let settings = settings();
    let (a, b) = (redis_at(&server.url(), &settings), redis_at(&server.url(), &settings));
    let id = conversation("shared");
    a.save(id, &session("from a")).await;
    assert_eq!(b.load(id).await, Some(session("from a")));
    b.save(id, &session("from b")).await;
    assert_eq!(a.load(id).await, Some(session("from b")), "the copy in a is older");
    b.forget(id).await;
    assert_eq!(a.load(id).await, None, "the copy in a does not come back");
    assert_eq!(a.count("door", Duration::from_secs(600)).await, 1);
    assert_eq!(b.count("door", Duration::from_secs(600)).await, 2);
    a.put("answer", Bytes::from_static(b"42"), Duration::from_secs(600)).await;
    assert_eq!(b.get("answer").await, Some(Bytes::from_static(b"42")));

    connected(&a, &b).await;
    connected(&b, &a).await;
    let (mut wakes, mut live) = (b.subscribe(), b.live());
    a.publish(Wake::Inbox);
    assert_eq!(timeout(PATIENCE, wakes.recv()).await.unwrap().unwrap(), Wake::Inbox);
    a.announce(event("9"));
    while timeout(PATIENCE, live.recv()).await.unwrap().unwrap() != event("9") {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_costs_nothing_that_this_process_saved_and_nothing_forgotten_returns() {
    let server = Server::start().await;
    let settings = settings();
    let (a, b) = (redis_at(&server.url(), &settings), redis_at(&server.url(), &settings));
    connected(&b, &a).await;
    let (kept, gone) = (conversation("kept"), conversation("gone"));
    a.save(kept, &session("kept")).await;
    a.save(gone, &session("gone")).await;
    b.forget(gone).await;
    eventually("a hears that it is forgotten", async || {
        a.shared()
            .mirror
            .get(&gone)
            .is_some_and(|mark| register::read(&mark).is_some_and(|register| register.session.is_none()))
    })
    .await;
    server.run("FLUSHALL").await;
    assert_eq!(a.load(kept).await, Some(session("kept")));
    assert_eq!(a.load(gone).await, None);
    assert_eq!(b.load(kept).await, None, "another process lost it, as it may");
    a.save(kept, &session("goes on")).await;
    assert_eq!(b.load(kept).await, Some(session("goes on")));
    assert!(a.health().await.ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_is_done_without_and_found_again() {
    let mut server = Server::start().await;
    let settings = settings();
    let (a, b) = (redis_at(&server.url(), &settings), redis_at(&server.url(), &settings));
    connected(&a, &b).await;
    let id = conversation("one");
    a.save(id, &session("before")).await;
    server.kill();
    assert_eq!(bounded(a.load(id)).await, Some(session("before")));
    bounded(a.save(id, &session("meanwhile"))).await;
    for expected in 1..=5 {
        assert_eq!(bounded(a.count("door", Duration::from_secs(600))).await, expected, "counts on by itself");
    }
    assert_eq!(bounded(a.load(id)).await, Some(session("meanwhile")));
    assert!(!bounded(a.health()).await.ok);
    server.start_again().await;
    eventually("b reads what a saved meanwhile", async || b.load(id).await == Some(session("meanwhile"))).await;
    connected(&a, &b).await;
    connected(&b, &a).await;
    assert!(a.health().await.ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_redis_slows_nothing_for_long_and_hears_later_what_it_missed() {
    let server = Server::start().await;
    let settings = settings();
    let (a, b) = (redis_at(&server.url(), &settings), redis_at(&server.url(), &settings));
    connected(&a, &b).await;
    let (changed, forgotten) = (conversation("changed"), conversation("forgotten"));
    a.save(changed, &session("old")).await;
    a.save(forgotten, &session("old")).await;
    a.put("answer", Bytes::from_static(b"old"), Duration::from_secs(600)).await;
    server.freeze();
    for _ in 0..3 {
        bounded(a.load(changed)).await;
    }
    assert!(a.shared().link.is_down(), "three failures and callers stop asking");
    bounded(async {
        // Without the breaker these would take half a minute.
        for number in 0..200 {
            a.save(conversation(&number.to_string()), &session("burst")).await;
        }
        a.save(changed, &session("new")).await;
        a.forget(forgotten).await;
        a.invalidate("answer").await;
    })
    .await;
    assert_eq!(bounded(a.load(changed)).await, Some(session("new")));
    assert_eq!(bounded(a.load(forgotten)).await, None);
    assert_eq!(bounded(a.get("answer")).await, None);
    let mut wakes = a.subscribe();
    a.publish(Wake::Outbox);
    assert_eq!(wakes.try_recv(), Ok(Wake::Outbox), "wakes here at once");
    assert!(!bounded(a.health()).await.ok);
    server.thaw();
    eventually("b reads the changes of a", async || {
        b.load(changed).await == Some(session("new"))
            && b.load(forgotten).await.is_none()
            && b.get("answer").await.is_none()
            && b.load(conversation("199")).await == Some(session("burst"))
    })
    .await;
    let mut wakes = b.subscribe();
    connected(&a, &b).await;
    a.publish(Wake::Inbox);
    woken(&mut wakes, Wake::Inbox).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_saved_later_is_not_overwritten_by_what_was_missed() {
    let server = Server::start().await;
    let settings = settings();
    let (a, b) = (redis_at(&server.url(), &settings), redis_at(&server.url(), &settings));
    let id = conversation("raced");
    server.freeze();
    bounded(a.save(id, &session("earlier"))).await;
    server.thaw();
    // The write that was given up lies in the socket still; what answers after it on the same connection is past it.
    eventually("a is answered again", async || a.health().await.ok).await;
    b.save(id, &session("later")).await;
    assert!(b.shared().missed.is_empty());
    eventually("a settles", async || a.shared().missed.is_empty()).await;
    assert_eq!(a.load(id).await, Some(session("later")));
    assert_eq!(b.load(id).await, Some(session("later")));
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_no_reason_to_fail() {
    let volatile = redis_at("redis://:hidden@127.0.0.1:1/", &settings());
    let id = conversation("alone");
    volatile.save(id, &session("alone")).await;
    assert_eq!(volatile.load(id).await, Some(session("alone")));
    let health = volatile.health().await;
    assert!(!health.ok);
    assert!(!health.detail.contains("hidden") && !format!("{volatile:?}").contains("hidden"));
}

#[tokio::test]
async fn a_tls_address_without_a_server_fails_softly() {
    let volatile = redis_at("rediss://127.0.0.1:1/", &settings());
    assert!(!volatile.health().await.ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_of_wakes_travels_as_few_messages() {
    use futures::StreamExt;
    let server = Server::start().await;
    let (a, client) = (redis_at(&server.url(), &settings()), redis::Client::open(server.url()).unwrap());
    let mut outside = client.get_async_pubsub().await.unwrap();
    outside.subscribe(&a.shared().channel).await.unwrap();
    let mut messages = outside.on_message();
    for _ in 0..10_000 {
        a.publish(Wake::Inbox);
    }
    a.announce(event("last"));
    let mut heard = 0;
    loop {
        let message = timeout(PATIENCE, messages.next()).await.unwrap().unwrap();
        heard += 1;
        if String::from_utf8_lossy(message.get_payload_bytes()).contains("last") {
            break;
        }
    }
    assert!(heard < 1_000, "{heard} messages");
}

#[tokio::test]
async fn the_background_work_ends_with_the_token_and_with_the_value() {
    let server = Server::start().await;
    let stop = CancellationToken::new();
    let url = Secret::new(server.url());
    let kept = RedisBacked::open(&url, &settings(), Arc::new(SystemClock), &stop).unwrap();
    let shared = Arc::downgrade(kept.shared());
    stop.cancel();
    eventually("both tasks end", async || shared.strong_count() == 1).await;
    // Without them the calls go on.
    kept.save(conversation("late"), &session("late")).await;
    assert_eq!(kept.load(conversation("late")).await, Some(session("late")));

    let dropped = RedisBacked::open(&url, &settings(), Arc::new(SystemClock), &CancellationToken::new()).unwrap();
    let shared = Arc::downgrade(dropped.shared());
    drop(dropped);
    eventually("both tasks end", async || shared.strong_count() == 0).await;
}

#[test]
fn an_address_of_something_else_is_refused_without_repeating_it() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    let settings = VolatileSettings { redis_url: Some(Secret::new("http://user:hidden@shop/")), ..settings() };
    let refused = open(&settings, Arc::new(SystemClock), &CancellationToken::new()).unwrap_err();
    assert!(!refused.to_string().contains("hidden") && !format!("{refused:?}").contains("hidden"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn until_redis_confirms_a_write_the_later_copy_counts_and_its_cached_value_does_not() {
    let server = Server::start().await;
    let stop = CancellationToken::new();
    // Nobody catches up here, so that the state between is seen.
    stop.cancel();
    let a = RedisBacked::open(&Secret::new(server.url()), &settings(), Arc::new(SystemClock), &stop).unwrap();
    let id = conversation("unconfirmed");
    a.save(id, &session("in redis")).await;
    a.put("answer", Bytes::from_static(b"in redis"), Duration::from_secs(600)).await;
    assert_eq!(a.get("answer").await, Some(Bytes::from_static(b"in redis")));

    let shared = a.shared();
    shared.missed.add(&[Miss::Session(id), Miss::Cached("answer".to_owned())]);
    let later = shared.clock.now().plus(Duration::from_secs(1));
    shared.mirror.put(id, register::write(later, Some(&session("later"))), shared.session_ttl);
    assert_eq!(a.load(id).await, Some(session("later")));
    assert_eq!(a.get("answer").await, None);

    shared.mirror.put(id, register::write(Timestamp::EPOCH, Some(&session("earlier"))), shared.session_ttl);
    assert_eq!(a.load(id).await, Some(session("in redis")));
}
