//! A replica that died gives back what it held at once; a living one keeps it.

use std::time::Duration;

use recado_domain::contact::Channel;
use recado_domain::outbound::Settlement;
use recado_store::engine::Engine;

use crate::world::{World, noon, on_postgres, on_sqlite, reply, text};

/// A lane and a send in the hands of a replica.
async fn busy(world: &World, engine: &Engine, phone: &str) {
    world.accept(text(&format!("a {phone}"), phone, "hola", noon())).await;
    world.settle_all(engine, |_| vec![reply("hola")]).await;
    assert_eq!(engine.claim_sends(10).await.unwrap().len(), 1);
    world.accept(text(&format!("b {phone}"), phone, "hola", noon())).await;
    assert_eq!(engine.claim(10).await.unwrap().len(), 1);
}

const UNCLEAR: [(Channel, Settlement); 1] = [(Channel::WhatsApp, Settlement::Echo(Duration::from_secs(60)))];

#[tokio::test(flavor = "multi_thread")]
async fn the_dead_are_reaped_and_the_living_are_not() {
    on_postgres(async |world, _| {
        let (dead, living, heir) = (world.engine(), world.another_engine().await, world.another_engine().await);
        let dying = dead.announce().await.unwrap();
        let _alive = living.announce().await.unwrap();
        let mut reaper = heir.announce().await.unwrap();
        busy(world, &dead, "573001112233").await;
        busy(world, &living, "573004445566").await;
        assert_eq!(heir.reap(&mut reaper).await.unwrap(), 0, "all three live");
        assert!(heir.claim(10).await.unwrap().is_empty());
        assert_eq!(heir.settle_unclear(&UNCLEAR).await.unwrap(), 0);

        // Its connection goes, as with its process; the server notices in its own time.
        drop(dying);
        let mut reaped = 0;
        for _ in 0..500 {
            reaped = heir.reap(&mut reaper).await.unwrap();
            if reaped > 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(reaped, 1);
        assert_eq!(heir.settle_unclear(&UNCLEAR).await.unwrap(), 1, "its send is unclear, the other's is not");
        let claims = heir.claim(10).await.unwrap();
        assert_eq!(claims.len(), 1, "its lane is free, the other's is not");
        let phone = claims[0].conversation.as_ref().and_then(|one| one.person.wa_id.clone());
        assert_eq!(phone.as_deref(), Some("573001112233"));
        assert_eq!(world.number("SELECT COUNT(*) FROM replicas").await, 2);
        assert_eq!(heir.reap(&mut reaper).await.unwrap(), 0, "once");
        heir.depart(reaper).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM replicas").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_process_on_a_sqlite_file_frees_everything_at_once() {
    on_sqlite(async |world| {
        busy(world, &world.engine(), "573001112233").await;
        let heir = world.engine();
        assert!(heir.claim(10).await.unwrap().is_empty());
        assert_eq!(heir.settle_unclear(&UNCLEAR).await.unwrap(), 0);
        let mut liveness = heir.announce().await.unwrap();
        assert_eq!(heir.claim(10).await.unwrap().len(), 1);
        assert_eq!(heir.settle_unclear(&UNCLEAR).await.unwrap(), 1);
        assert_eq!(heir.reap(&mut liveness).await.unwrap(), 0);
    })
    .await;
}
