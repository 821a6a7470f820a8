//! What is forgotten after its time, on both databases.

use std::time::Duration;

use recado_domain::Clock as _;
use recado_domain::event::Inbox as _;
use recado_store::engine::Forgotten;

use crate::world::{World, on_both, text};

const DAY: Duration = Duration::from_secs(86_400);

#[tokio::test(flavor = "multi_thread")]
async fn settled_events_and_raw_deliveries_are_forgotten_after_their_time_and_the_law_holds() {
    on_both(async |world: &World| {
        if world.is_postgres() {
            // Ids of a process only grow, whatever the clock says: this world comes after the other one.
            world.clock.advance(400 * DAY);
        }
        let engine = world.engine();
        let rows = async |table: &str| world.number(&format!("SELECT COUNT(*) FROM {table}")).await;
        for number in 0..3 {
            world
                .accept(text(&format!("old{number}"), &format!("5730000000{number}"), "hola", world.clock.now()))
                .await;
        }
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 3);
        // One that nobody has answered yet, however old it grows.
        world.accept(text("waiting", "573000000009", "hola", world.clock.now())).await;
        world.clock.advance(40 * DAY);
        world.accept(text("young", "573000000001", "hola", world.clock.now())).await;
        // Ninety days are kept: nothing is that old.
        assert_eq!(engine.forget(90 * DAY).await.unwrap(), Forgotten::default());
        // Less than a month is never allowed, so the young one stays whatever is asked for.
        let forgotten = engine.forget(Duration::ZERO).await.unwrap();
        assert_eq!(forgotten, Forgotten { events: 3, arrivals: 3, attachments: 0 });
        assert!(!forgotten.is_full());
        assert_eq!((rows("events").await, rows("arrivals").await), (2, 2));
        assert_eq!(world.store.counts().await.unwrap().gap(), 0);
        assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 3, "what was said stays");
        // What waited is answered as ever, and a repetition of the young one is still known.
        let again = world.delivery(vec![text("young", "573000000001", "hola", world.clock.now())]);
        assert_eq!(world.inbox().accept(again).await.unwrap().duplicates, 1);
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 2);
        assert_eq!(engine.forget(Duration::ZERO).await.unwrap(), Forgotten { events: 1, arrivals: 1, attachments: 0 });
    })
    .await;
}
