//! Incidents: one open of a kind and place, numbered for each shop; and timers.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::ReplicaId;
use recado_domain::clock::ManualClock;
use recado_domain::effect::Effect;
use recado_domain::event::CommerceEvent;
use recado_domain::incident::{Incident, IncidentAction, IncidentStatus};
use recado_store::Store;
use recado_store::desk::Scope;
use recado_store::engine::{Committed, Decided, Engine, Rules};

use crate::shop::incident;
use crate::world::{Fresh, OTHER_SHOP, SHOP, World, fact_of, noon, on_both, options};

/// A turn in a lane of its own with these effects, not yet committed.
async fn turn(world: &World, engine: &Engine, shop: &str, effects: Vec<Effect>) -> Decided {
    let nothing = CommerceEvent::Other { topic: "x".to_owned() };
    world.accept(fact_of(shop, &uuid::Uuid::new_v4().to_string(), nothing)).await;
    let claim = engine.claim(1).await.unwrap().remove(0);
    world.decide(claim, effects)
}

async fn commit(world: &World, engine: &Engine, shop: &str, effects: Vec<Effect>) {
    let decided = turn(world, engine, shop, effects).await;
    assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
    world.settle_all(engine, |_| Vec::new()).await;
}

async fn all(world: &World) -> Vec<Incident> {
    let mut all = world.store.merchant(world.merchant.id).all_incidents(100).await.unwrap();
    all.sort_by_key(|incident| incident.number);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_joined_while_it_is_open_and_opened_anew_afterwards() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let (shop, ours) = (world.merchant.id, world.store.merchant(world.merchant.id));
        let count = "SELECT COUNT(*) FROM events WHERE kind = 'internal.incident_changed'";
        commit(world, &engine, SHOP, vec![incident(shop, "cali", 3, 6)]).await;
        assert_eq!(world.number(count).await, 1);
        // The same place: joined, with the newer evidence and the worse severity; staff is not told twice.
        for (severity, problems) in [(2, 9), (4, 11)] {
            commit(world, &engine, SHOP, vec![incident(shop, "cali", severity, problems)]).await;
        }
        assert_eq!(world.number(count).await, 1);
        let found = all(world).await;
        assert_eq!((found.len(), found[0].severity, found[0].evidence.problems), (1, 2, 11));
        commit(world, &engine, SHOP, vec![incident(shop, "bogota", 3, 6)]).await;
        commit(world, &engine, OTHER_SHOP, vec![incident(world.other.id, "cali", 3, 6)]).await;
        assert_eq!(all(world).await.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2]);
        let others = world.store.merchant(world.other.id).incidents().await.unwrap();
        assert_eq!((others.len(), others[0].number), (1, 1), "each shop counts for itself");

        let act = async |action, by: &str| world.store.handle_incident(Scope::EVERY, found[0].id, action, by).await;
        assert_eq!(act(IncidentAction::Acknowledge, "Ana").await.unwrap(), Some((shop, true)));
        assert_eq!(act(IncidentAction::Acknowledge, "Eva").await.unwrap(), Some((shop, false)));
        // An acknowledged one is joined as well.
        commit(world, &engine, SHOP, vec![incident(shop, "cali", 3, 12)]).await;
        let one = ours.incident_by_number(1).await.unwrap().unwrap();
        assert_eq!((one.status, one.evidence.problems), (IncidentStatus::Acknowledged, 12));
        assert_eq!(one.acknowledged.unwrap().0, "Ana");
        assert_eq!(act(IncidentAction::Resolve, "Eva").await.unwrap(), Some((shop, true)));
        assert_eq!(act(IncidentAction::Resolve, "Ana").await.unwrap(), Some((shop, false)));
        assert_eq!(act(IncidentAction::Acknowledge, "Ana").await.unwrap(), Some((shop, false)));
        let one = ours.incident(found[0].id).await.unwrap().unwrap();
        assert_eq!((one.status, one.resolved.unwrap().0.as_str()), (IncidentStatus::Resolved, "Eva"));
        commit(world, &engine, SHOP, vec![incident(shop, "cali", 3, 6)]).await;
        assert_eq!(all(world).await.iter().map(|one| one.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(ours.incidents().await.unwrap().len(), 2, "the resolved one is not open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_open_incidents_at_once_number_them_one_after_the_other() {
    on_both(async |world: &World| {
        let (one, other) = (world.engine(), world.another_engine().await);
        let shop = world.merchant.id;
        for round in 0..30 {
            // Other places, and every third time the same.
            let second = if round % 3 == 0 { format!("a{round}") } else { format!("b{round}") };
            let first = turn(world, &one, SHOP, vec![incident(shop, &format!("a{round}"), 3, 6)]).await;
            let second = turn(world, &other, SHOP, vec![incident(shop, &second, 3, 6)]).await;
            let (first, second) = tokio::join!(one.commit(vec![first]), other.commit(vec![second]));
            for outcome in first.into_iter().chain(second) {
                assert!(matches!(outcome.unwrap(), Committed::Yes { .. }), "round {round}");
            }
            world.settle_all(&one, |_| Vec::new()).await;
        }
        let numbers: Vec<i64> = all(world).await.iter().map(|one| one.number).collect();
        assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_is_replaced_cancelled_and_outlives_who_started_it() {
    on_both(async |world: &World| {
        let start =
            |kind: &str, seconds| Effect::StartTimer { kind: kind.to_owned(), after: Duration::from_secs(seconds) };
        let fact = || fact_of(SHOP, "1", CommerceEvent::Other { topic: "x".to_owned() });
        for effects in [
            vec![start("nudge", 60), start("close", 100)],
            vec![start("nudge", 200)],
            vec![Effect::CancelTimer { kind: "close".to_owned() }],
        ] {
            world.accept(fact()).await;
            world.settle_all(&world.engine(), |_| effects.clone()).await;
        }
        let heir = world.another_engine().await;
        assert_eq!(heir.next_timer().await.unwrap(), Some(noon().plus(Duration::from_secs(200))));
        world.clock.advance(Duration::from_secs(199));
        assert_eq!(heir.fire_timers().await.unwrap(), 0);
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(heir.fire_timers().await.unwrap(), 1);
        assert_eq!((heir.fire_timers().await.unwrap(), heir.next_timer().await.unwrap()), (0, None));
        assert_eq!(world.settle_all(&heir, |_| Vec::new()).await, 1);
        assert_eq!(world.number("SELECT COUNT(*) FROM events WHERE kind = 'internal.timer_due'").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn timers_that_two_replicas_see_at_once_fire_once_each() {
    const TIMERS: usize = 150;
    on_both(async |world: &World| {
        let (one, other) = (world.engine(), world.another_engine().await);
        let inbox = world.inbox();
        let facts = (0..TIMERS)
            .map(|number| fact_of(SHOP, &number.to_string(), CommerceEvent::Other { topic: "x".to_owned() }));
        recado_domain::event::Inbox::accept(&inbox, world.delivery(facts.collect())).await.unwrap();
        world
            .settle_all(&one, |_| vec![Effect::StartTimer { kind: "nudge".to_owned(), after: Duration::from_secs(60) }])
            .await;
        world.clock.advance(Duration::from_secs(61));
        let mut fired = 0;
        for _ in 0..6 {
            let (first, second) = tokio::join!(one.fire_timers(), other.fire_timers());
            fired += first.unwrap() + second.unwrap();
        }
        assert_eq!(fired, TIMERS);
        assert_eq!(world.number("SELECT COUNT(*) FROM events WHERE kind = 'internal.timer_due'").await, TIMERS as i64);
        assert_eq!(world.settle_all(&one, |_| Vec::new()).await, TIMERS);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = Fresh::create().await;
    for url in [format!("sqlite://{}", folder.path().join("recado.db").display()), fresh.url.clone()] {
        let world = World::open(url.clone()).await;
        world.accept(fact_of(SHOP, "1", CommerceEvent::Other { topic: "x".to_owned() })).await;
        let nudge = Effect::StartTimer { kind: "nudge".to_owned(), after: Duration::from_secs(60) };
        world.settle_all(&world.engine(), |_| vec![nudge.clone()]).await;
        world.store.close().await;
        drop(world);
        // The lock of a SQLite file is free when the last writer has ended.
        let clock = ManualClock::at(noon().plus(Duration::from_secs(61)));
        let mut opened = Err("never tried".to_owned());
        for _ in 0..200 {
            opened = Store::open(&options(&url), Arc::new(clock.clone())).await.map_err(|error| error.to_string());
            if opened.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let store = opened.unwrap();
        let heir = Engine::new(store.clone(), ReplicaId(uuid::Uuid::new_v4()), Rules::default());
        assert_eq!(heir.fire_timers().await.unwrap(), 1, "{url:.8}");
        assert_eq!(heir.fire_timers().await.unwrap(), 0);
        assert_eq!(heir.claim(10).await.unwrap().len(), 1);
        store.close().await;
    }
    fresh.remove().await;
}
