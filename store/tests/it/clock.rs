//! Replicas whose machines disagree about the time (RELIABILITY O6).

use std::sync::Arc;
use std::time::Duration;

use recado_domain::event::Inbox as _;
use recado_domain::{Clock, ReplicaId, SystemClock, Timestamp};
use recado_store::Store;
use recado_store::engine::{Engine, Rules};
use recado_store::server_clock::ServerClock;

use crate::world::{Fresh, World, delivery_at, inbox_of, on_postgres, options, text};

/// A machine's clock that is wrong.
enum Wrong {
    Ahead,
    Behind,
}

const OFF: Duration = Duration::from_secs(300);

impl Clock for Wrong {
    fn now(&self) -> Timestamp {
        match self {
            Self::Ahead => SystemClock.now().plus(OFF),
            Self::Behind => SystemClock.now().minus(OFF),
        }
    }
}

async fn replica(url: &str, clock: Arc<dyn Clock>) -> (Store, Engine) {
    let store = Store::open(&options(url), clock).await.unwrap();
    let rules = Rules { gather: Duration::ZERO, ..Rules::default() };
    let engine = Engine::new(store.clone(), ReplicaId(uuid::Uuid::new_v4()), rules);
    (store, engine)
}

/// As a replica is put together: its clock asks the server once the store is open.
async fn following(url: &str, own: Wrong) -> (Store, Engine) {
    let clock = Arc::new(ServerClock::new(Arc::new(own)));
    let (store, engine) = replica(url, Arc::clone(&clock) as Arc<dyn Clock>).await;
    clock.ask(&store).await.unwrap();
    assert!(clock.now().as_micros().abs_diff(SystemClock.now().as_micros()) < 2_000_000);
    (store, engine)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_clock_is_five_minutes_off_takes_no_lease_early_and_leaves_no_event_late() {
    on_postgres(async |_: &World, fresh: &Fresh| {
        let (store, right) = replica(&fresh.url, Arc::new(SystemClock)).await;
        let inbox = inbox_of(&store);
        let accept = async |id: &str, phone: &str| {
            let now = store.clock().now();
            inbox.accept(delivery_at(now, vec![text(id, phone, "hola", now)])).await.unwrap();
        };
        let (_, ahead) = following(&fresh.url, Wrong::Ahead).await;
        let (_, behind) = following(&fresh.url, Wrong::Behind).await;

        accept("m1", "573001112233").await;
        assert_eq!(right.claim(8).await.unwrap().len(), 1);
        assert!(ahead.claim(8).await.unwrap().is_empty(), "the lease of a living replica was taken");
        accept("m2", "573009998877").await;
        let late = behind.claim(8).await.unwrap();
        assert_eq!(late.len(), 1, "an event that waits was not seen");

        // The control: the same machines without the server's time.
        let (_, ahead) = replica(&fresh.url, Arc::new(Wrong::Ahead)).await;
        let (_, behind) = replica(&fresh.url, Arc::new(Wrong::Behind)).await;
        assert!(!ahead.claim(8).await.unwrap().is_empty(), "a clock that is ahead takes what is leased");
        accept("m3", "573005556677").await;
        assert!(behind.claim(8).await.unwrap().is_empty(), "a clock that is behind does not see what waits");
    })
    .await;
}
