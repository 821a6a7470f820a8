//! The durable inbox: `Ok` is a durable row, and one event is one row whatever is repeated.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt as _;
use recado_domain::event::{AcceptError, Destination, EventContent, Inbox as _, LaneKey};
use recado_domain::{ReplicaId, Timestamp};
use recado_store::Store;
use recado_store::inbox::{StoreInbox, WAITING};

use crate::proxy::{Mood, Proxy};
use crate::world::{Fresh, NUMBER, World, inbox_of, noon, on_both, on_postgres, options, person, text, text_to};

const ROWS: &str = "SELECT COUNT(*) FROM events";

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_is_a_durable_row() {
    on_both(async |world: &World| {
        let woken = Arc::new(AtomicUsize::new(0));
        let heard = Arc::clone(&woken);
        let accepted = Arc::new(move || {
            heard.fetch_add(1, Ordering::SeqCst);
        });
        let (inbox, writers) = StoreInbox::start(&world.store, ReplicaId(uuid::Uuid::new_v4()), accepted);
        let outcome = inbox.accept(world.delivery(vec![text("m1", "573001112233", "hola", noon())])).await.unwrap();
        assert_eq!((outcome.accepted, outcome.duplicates), (1, 0));
        // Seen by another connection, so it is committed.
        let other = world.another_store().await;
        assert_eq!(other.counts().await.unwrap().open, 1);
        assert_eq!(world.number("SELECT COUNT(*) FROM arrivals a JOIN events e ON e.arrival_id = a.id").await, 1);
        assert_eq!(woken.load(Ordering::SeqCst), 1);
        drop(inbox);
        futures::future::join_all(writers).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_known_by_its_id_and_by_its_body() {
    on_both(async |world: &World| {
        let inbox = world.inbox();
        let mut first = text("m1", "573001112233", "hola", noon());
        first.body_dedupe = Some("hash-1".to_owned());
        inbox.accept(world.delivery(vec![first.clone()])).await.unwrap();
        let again = inbox.accept(world.delivery(vec![first.clone()])).await.unwrap();
        assert_eq!((again.accepted, again.duplicates), (0, 1));
        // A new id on an old body: the id stood in an unsigned header.
        first.dedupe = "another id".to_owned();
        let replayed = inbox.accept(world.delivery(vec![first.clone()])).await.unwrap();
        assert_eq!((replayed.accepted, replayed.duplicates), (0, 1));
        // Both within one arrival.
        let twins = vec![text("m2", "573001112233", "a", noon()), text("m2", "573001112233", "a", noon())];
        let outcome = inbox.accept(world.delivery(twins)).await.unwrap();
        assert_eq!((outcome.accepted, outcome.duplicates), (1, 1));
        assert_eq!(world.number(ROWS).await, 2);
        // An arrival that brought nothing new leaves nothing behind.
        assert_eq!(world.number("SELECT COUNT(*) FROM arrivals").await, 2);
    })
    .await;
}

/// RELIABILITY D10.
#[tokio::test(flavor = "multi_thread")]
async fn five_copies_on_three_replicas_are_one_row_each() {
    const EVENTS: usize = 1_000;
    on_both(async |world: &World| {
        let mut inboxes = vec![world.inbox()];
        for _ in 0..2 {
            inboxes.push(inbox_of(&world.another_store().await));
        }
        let copies = (0..EVENTS).flat_map(|number| (0..5).map(move |copy| (number, copy)));
        let accepted: usize = futures::stream::iter(copies)
            .map(|(number, copy)| {
                let inbox = &inboxes[copy % 3];
                let phone = format!("57300{:07}", number / 4);
                let mut incoming = text(&format!("m{number}"), &phone, "hola", noon());
                incoming.body_dedupe = Some(format!("hash-{number}"));
                async move {
                    loop {
                        match inbox.accept(world.delivery(vec![incoming.clone()])).await {
                            Ok(outcome) => return outcome.accepted,
                            // A platform that is told to come back does so.
                            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                        }
                    }
                }
            })
            .buffer_unordered(300)
            .fold(0, async |sum, one| sum + one)
            .await;
        assert_eq!(accepted, EVENTS);
        assert_eq!(world.number(ROWS).await, EVENTS as i64);
        assert_eq!(world.number("SELECT COUNT(DISTINCT lane_id) FROM events").await, EVENTS as i64 / 4);
        // Eight days later it still is a duplicate.
        world.clock.advance(Duration::from_secs(8 * 24 * 3600));
        let late = inboxes[1].accept(world.delivery(vec![text("m7", "573000000001", "hola", noon())])).await.unwrap();
        assert_eq!(late.duplicates, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_content_is_stored() {
    on_both(async |world: &World| {
        let inbox = world.inbox();
        let huge = "ñ".repeat(1_000_000);
        let odd = [
            text("nul\0id", "57300\0", "a\0b", noon()),
            text("escaped", "573001112233", "six letters: \\u0000, and a real one: \0", noon()),
            text("huge", "573001112233", &huge, noon()),
            text(&"long id ".repeat(2_000), "573001112233", "x", noon()),
            text("emoji 👩‍👩‍👧", "573001112233", "\u{202e}\u{feff}👩‍👩‍👧", Timestamp::from_micros(i64::from(i32::MAX))),
        ];
        for incoming in odd {
            let mut delivery = world.delivery(vec![incoming.clone()]);
            delivery.arrival.headers = vec![
                ("x-escaped".to_owned(), "\\u0000".to_owned()),
                ("x-nul\0".to_owned(), "\0".to_owned()),
                ("x-backslash".to_owned(), "\\\\u0000\\".to_owned()),
            ];
            delivery.arrival.body = vec![0, 255, 0];
            let outcome = inbox.accept(delivery).await.unwrap();
            assert_eq!(outcome.accepted, 1, "{:.40}", incoming.dedupe);
            let again = inbox.accept(world.delivery(vec![incoming])).await.unwrap();
            assert_eq!(again.duplicates, 1);
        }
        let engine = world.engine();
        let turns = world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(turns, 2, "two people wrote");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_arrival_of_a_thousand_events_is_accepted_whole() {
    on_both(async |world: &World| {
        let events =
            (0..1_000).map(|number| text(&format!("m{number}"), &format!("5730000{number:05}"), "hola", noon()));
        let outcome = world.inbox().accept(world.delivery(events.collect())).await.unwrap();
        assert_eq!((outcome.accepted, outcome.duplicates), (1_000, 0));
        assert_eq!(world.number("SELECT COUNT(DISTINCT lane_id) FROM events").await, 1_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_take_is_skipped_with_its_reason() {
    on_both(async |world: &World| {
        world.accept(text_to("999", "m1", person(None, Some("573001112233")), "hola", noon())).await;
        let mut unknown = text("m2", "573001112233", "hola", noon());
        unknown.content = EventContent::Unknown { kind: "teleport".to_owned(), problem: None };
        unknown.lane = LaneKey::Thing("account", "x".to_owned());
        world.accept(unknown).await;
        let reasons = world.texts("SELECT reason FROM events WHERE status = 3 ORDER BY reason").await;
        assert_eq!(reasons, [Some("unknown_destination".to_owned()), Some("unknown_kind".to_owned())]);
        assert_eq!(world.number("SELECT COUNT(*) FROM events WHERE settled_at IS NULL").await, 0);
        assert!(world.engine().claim(10).await.unwrap().is_empty());
        // An address that was bound meanwhile is known without a restart.
        world.store.bind_channel(&Destination::PhoneNumber("999".to_owned()), world.other.id).await.unwrap();
        world.accept(text_to("999", "m3", person(None, Some("573001112233")), "hola", noon())).await;
        assert_eq!(world.engine().claim(10).await.unwrap()[0].merchant, Some(world.other.id));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_id_of_a_person_leads_to_the_same_lane() {
    on_both(async |world: &World| {
        let ids = [(Some("CO.1"), Some("573001112233")), (Some("CO.1"), None), (None, Some("573001112233"))];
        for (number, (user, phone)) in ids.into_iter().enumerate() {
            // A fresh inbox has an empty memory, as after a restart.
            world.accept(text_to(NUMBER, &format!("m{number}"), person(user, phone), "hola", noon())).await;
        }
        let inbox = world.inbox();
        for (number, (user, phone)) in ids.into_iter().enumerate() {
            let incoming = text_to(NUMBER, &format!("n{number}"), person(user, phone), "hola", noon());
            inbox.accept(world.delivery(vec![incoming])).await.unwrap();
        }
        assert_eq!(world.number("SELECT COUNT(DISTINCT lane_id) FROM events").await, 1);
        // The same ids at another merchant are another person.
        let other =
            text_to(crate::world::OTHER_NUMBER, "o", person(Some("CO.1"), Some("573001112233")), "hola", noon());
        inbox.accept(world.delivery(vec![other])).await.unwrap();
        assert_eq!(world.number("SELECT COUNT(DISTINCT lane_id) FROM events").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_meet_a_person_at_once_agree_on_the_lane() {
    on_both(async |world: &World| {
        let (one, other) = (world.inbox(), inbox_of(&world.another_store().await));
        for number in 0..100 {
            let (user, phone) = (format!("CO.{number}"), format!("57300{number:07}"));
            let both = text_to(NUMBER, &format!("a{number}"), person(Some(&user), Some(&phone)), "hola", noon());
            let only = text_to(NUMBER, &format!("b{number}"), person(None, Some(&phone)), "hola", noon());
            let (first, second) =
                tokio::join!(one.accept(world.delivery(vec![both])), other.accept(world.delivery(vec![only])));
            first.unwrap();
            second.unwrap();
            for (key, inbox) in [("c", &one), ("d", &other)] {
                let later = text_to(NUMBER, &format!("{key}{number}"), person(None, Some(&phone)), "hola", noon());
                inbox.accept(world.delivery(vec![later])).await.unwrap();
            }
        }
        assert_eq!(world.number("SELECT COUNT(DISTINCT lane_id) FROM events").await, 100);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_the_database_refuses_does_not_refuse_the_others() {
    on_both(async |world: &World| {
        // The database itself refuses one row, for a reason that nobody foresaw.
        if world.is_postgres() {
            let url = &world.url;
            let mut owner = <sqlx::PgConnection as sqlx::Connection>::connect(url).await.unwrap();
            let check = "ALTER TABLE events ADD CONSTRAINT refused CHECK (kind <> 'account.quality')";
            sqlx::query(check).execute(&mut owner).await.unwrap();
        } else {
            world
                .execute(
                    "CREATE TRIGGER refused BEFORE INSERT ON events WHEN NEW.kind = 'account.quality' \
                     BEGIN SELECT RAISE(ABORT, 'refused'); END",
                )
                .await;
        }
        let inbox = world.inbox();
        let outcomes = futures::future::join_all((0..60).map(|number| {
            let mut incoming = text(&format!("m{number}"), "573001112233", "hola", noon());
            if number == 30 {
                incoming.content = EventContent::Account(recado_domain::event::AccountNotice {
                    field: "quality".to_owned(),
                    summary: "down".to_owned(),
                });
            }
            inbox.accept(world.delivery(vec![incoming]))
        }))
        .await;
        for (number, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Ok(outcome) => assert_eq!((number == 30, outcome.accepted), (false, 1)),
                Err(error) => assert!(number == 30 && matches!(error, AcceptError::Unavailable { .. }), "{error}"),
            }
        }
        assert_eq!(world.number(ROWS).await, 59);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_can_wait_is_refused_at_once_and_may_come_back() {
    on_both(async |world: &World| {
        let inbox = world.inbox();
        // Nothing can be written while another holds the write lock or the table.
        let (mut owner, mut writing) = (None, None);
        if world.is_postgres() {
            // Not through the store: the server soon ends transactions of the store that stand still.
            let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&world.url).await.unwrap();
            sqlx::raw_sql("BEGIN; LOCK TABLE events IN EXCLUSIVE MODE").execute(&mut connection).await.unwrap();
            owner = Some(connection);
        } else {
            writing = Some(world.store.db().begin().await.unwrap());
        }
        let waiting = WAITING + 1_200;
        let tasks: Vec<_> = (0..waiting)
            .map(|number| {
                let (inbox, delivery) =
                    (inbox.clone(), world.delivery(vec![text(&format!("m{number}"), "573001112233", "hola", noon())]));
                tokio::spawn(async move { inbox.accept(delivery).await })
            })
            .collect();
        let mut overloaded = 0;
        for task in tasks {
            match task.await.unwrap() {
                Err(AcceptError::Overloaded { retry_after }) => {
                    assert!(retry_after > Duration::ZERO);
                    overloaded += 1;
                }
                Err(AcceptError::Unavailable { .. }) => {}
                Ok(_) => panic!("nothing could be committed"),
            }
        }
        assert!(overloaded > 0);
        // What a writer already held may yet be committed: refused means "not promised", and a repetition is a duplicate.
        if let Some(mut connection) = owner {
            sqlx::raw_sql("ROLLBACK").execute(&mut connection).await.unwrap();
        }
        if let Some(writing) = writing {
            writing.rollback().await.unwrap();
        }
        let mut recovered = false;
        for number in 0..40 {
            let incoming = text(&format!("later {number}"), "573001112233", "hola", noon());
            recovered = inbox.accept(world.delivery(vec![incoming])).await.is_ok();
            if recovered {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(recovered);
    })
    .await;
}

/// RELIABILITY D8: gone means refused or frozen; both are told within two seconds, and both pass.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_or_frozen_is_told_within_two_seconds() {
    on_postgres(async |world: &World, fresh: &Fresh| {
        let proxy = Proxy::to(fresh.address()).await;
        let mut options = options(&proxy.through(&fresh.url));
        options.production = true;
        let store = Store::open(&options, Arc::new(world.clock.clone())).await.unwrap();
        let inbox = inbox_of(&store);
        let mut number = 0;
        let mut next = || {
            number += 1;
            text(&format!("m{number}"), "573001112233", "hola", noon())
        };
        inbox.accept(world.delivery(vec![next()])).await.unwrap();
        for mood in [Mood::Frozen, Mood::Refusing] {
            proxy.set(mood);
            for _ in 0..2 {
                let asked = Instant::now();
                let refusals =
                    futures::future::join_all((0..20).map(|_| inbox.accept(world.delivery(vec![next()])))).await;
                let took = asked.elapsed();
                assert!(refusals.iter().all(|one| matches!(one, Err(AcceptError::Unavailable { .. }))), "{mood:?}");
                assert!(took < Duration::from_millis(2_500), "{mood:?}: {took:?}");
            }
            proxy.set(Mood::Passing);
            let back = Instant::now();
            while let Err(error) = inbox.accept(world.delivery(vec![next()])).await {
                assert!(back.elapsed() < Duration::from_secs(10), "{mood:?}: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        store.close().await;
    })
    .await;
}
