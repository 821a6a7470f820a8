//! What a person writes while a turn is under way.

use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::InternalEvent;
use recado_domain::{Clock as _, ConversationId};
use recado_store::engine::{Committed, Engine, Rules};

use crate::world::{World, noon, on_both, reply, text, words};

const ANN: &str = "573001112233";

fn joining(world: &World, join: Duration) -> Engine {
    world.engine_with(Rules { join, ..Rules::default() })
}

/// Accepts a message that arrives a moment after everything before.
async fn later(world: &World, id: &str) {
    world.clock.advance(Duration::from_millis(300));
    world.accept(text(id, ANN, id, world.clock.now())).await;
}

fn model_call() -> Effect {
    Effect::Audit {
        actor: "model".to_owned(),
        action: "model.call".to_owned(),
        object: "c".to_owned(),
        outcome: "ok".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_gives_way_to_what_was_written_before_its_commit() {
    on_both(async |world: &World| {
        let engine = joining(world, Duration::from_secs(4));
        world.accept(text("a", ANN, "a", noon())).await;
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert!(!engine.is_superseded(&claim).await.unwrap());
        later(world, "b").await;
        assert!(engine.is_superseded(&claim).await.unwrap());
        let decided = world.decide(claim, vec![reply("to a"), model_call()]);
        assert_eq!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Superseded);
        assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 0, "nothing of it happened");
        assert_eq!(world.number("SELECT COUNT(*) FROM turns").await, 0);
        assert_eq!(
            world.number("SELECT COUNT(*) FROM audit WHERE action = 'model.call'").await,
            1,
            "but for its price"
        );
        assert_eq!(world.number("SELECT MAX(attempts) FROM events").await, 0, "and nobody is blamed");
        // The lane is free, and both are answered once.
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!(words(&claim), ["a", "b"]);
        let decided = world.decide(claim, vec![reply("to both")]);
        assert_eq!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { sends: true, posts: false });
        assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 1);
    })
    .await;
}

/// The control: who joins nothing answers each by itself, and what is counted above sees it.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_joining_each_message_has_its_own_reply() {
    on_both(async |world: &World| {
        let engine = joining(world, Duration::ZERO);
        world.accept(text("a", ANN, "a", noon())).await;
        let claim = engine.claim(10).await.unwrap().remove(0);
        later(world, "b").await;
        let decided = world.decide(claim, vec![reply("to a")]);
        assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!(words(&claim), ["b"]);
        engine.commit(vec![world.decide(claim, vec![reply("to b")])]).await.remove(0).unwrap();
        assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_stops_writing_is_answered_all_the_same() {
    on_both(async |world: &World| {
        let engine = joining(world, Duration::from_secs(4));
        world.accept(text("0", ANN, "0", noon())).await;
        let mut superseded = 0;
        let committed = loop {
            let claim = engine.claim(10).await.unwrap().remove(0);
            let count = claim.events.len();
            later(world, &format!("more {superseded}")).await;
            match engine.commit(vec![world.decide(claim, vec![reply("x")])]).await.remove(0).unwrap() {
                Committed::Superseded => superseded += 1,
                Committed::Yes { .. } => break count,
                Committed::Stale => panic!("the lane was its own"),
            }
            assert!(superseded < 100, "it is never answered");
        };
        // 300 ms apart: the fourteenth is beyond four seconds.
        assert_eq!((superseded, committed), (13, 14));
        let claim = engine.claim(10).await.unwrap().remove(0);
        engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_does_not_undo_a_turn() {
    on_both(async |world: &World| {
        let engine = joining(world, Duration::from_secs(4));
        world.accept(text("a", ANN, "a", noon())).await;
        let claim = engine.claim(10).await.unwrap().remove(0);
        world.clock.advance(Duration::from_millis(300));
        // A member of staff takes the conversation meanwhile.
        let conversation = ConversationId(claim.lane.0);
        world.execute(&staff_takes(world, conversation)).await;
        assert!(!engine.is_superseded(&claim).await.unwrap());
        let outcome = engine.commit(vec![world.decide(claim, vec![reply("to a")])]).await.remove(0).unwrap();
        assert!(matches!(outcome, Committed::Yes { .. }));
        world.execute("DELETE FROM events WHERE kind = 'internal.taken_over'").await;
    })
    .await;
}

/// An event of staff in the lane, as its own turn would post it.
fn staff_takes(world: &World, conversation: ConversationId) -> String {
    let content = serde_json::to_string(&recado_domain::event::EventContent::Internal(InternalEvent::TakenOver {
        staff_name: "Laura".to_owned(),
    }))
    .unwrap();
    let (id, at) = if world.is_postgres() {
        ("gen_random_uuid()".to_owned(), format!("TIMESTAMPTZ '{}'", world.clock.now()))
    } else {
        ("randomblob(16)".to_owned(), world.clock.now().as_micros().to_string())
    };
    let of = |uuid: uuid::Uuid| {
        if world.is_postgres() { format!("'{uuid}'") } else { format!("x'{}'", uuid.simple()) }
    };
    format!(
        "INSERT INTO events (id, merchant_id, source, dedupe, lane_id, lane_kind, kind, content, occurred_at, received_at, available_at, \
            status, attempts, failures, trace_id) \
         VALUES ({id}, {}, 'internal', 'taken', {}, 'conversation', 'internal.taken_over', '{content}', {at}, {at}, {at}, 0, 0, 0, {id})",
        of(world.merchant.id.0),
        of(conversation.0),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_waits_for_the_rest_is_taken_up_with_it() {
    on_both(async |world: &World| {
        let engine = joining(world, Duration::from_secs(4));
        let pause = Duration::from_millis(1_200);
        world.accept(text("a", ANN, "mi pedido y", noon())).await;
        let claim = engine.claim(10).await.unwrap().remove(0);
        let until = engine.rest_of_pause(&claim, pause).expect("it is young");
        engine.rest(&claim, until).await.unwrap();
        later(world, "b").await;
        assert!(engine.claim(10).await.unwrap().is_empty(), "it rests");
        world.clock.advance(Duration::from_millis(901));
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!(claim.events.len(), 2);
        assert_eq!(world.number("SELECT MAX(attempts) FROM events").await, 1, "a rest is no attempt");
        // The newer one is waited for as well, but nobody for ever.
        assert!(engine.rest_of_pause(&claim, pause).is_some());
        world.clock.advance(Duration::from_secs(3));
        engine.release(&claim).await.unwrap();
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!(engine.rest_of_pause(&claim, pause), None);
        engine.commit(vec![world.decide(claim, vec![reply("x")])]).await.remove(0).unwrap();
    })
    .await;
}
