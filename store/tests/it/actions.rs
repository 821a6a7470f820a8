//! Changes on outside systems, on both databases: confirmed once, in time, one at a time, and fenced.

use std::time::Duration;

use recado_domain::ActionId;
use recado_domain::action::{Action, ActionStatus, VALID};
use recado_domain::effect::Effect;
use recado_domain::event::CommerceEvent;
use recado_store::engine::{ActionOutcome, Committed, Engine};

use crate::world::{LONG, SHOP, World, fact_of, on_both};

async fn commit(world: &World, engine: &Engine, effects: Vec<Effect>) {
    let nothing = CommerceEvent::Other { topic: "x".to_owned() };
    world.accept(fact_of(SHOP, &uuid::Uuid::new_v4().to_string(), nothing)).await;
    let claim = engine.claim(1).await.unwrap().remove(0);
    let decided = world.decide(claim, effects);
    assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
}

async fn propose(world: &World, engine: &Engine, order: &str) -> ActionId {
    let id = ActionId::new(recado_domain::Clock::now(&world.clock));
    let action = Action::CancelOrder { order: order.into(), name: format!("#{order}"), refund: false };
    let effect = Effect::ProposeAction { merchant: world.merchant.id, id, action, by: "Laura".into() };
    // A turn that is decided again proposes the same.
    commit(world, engine, vec![effect.clone()]).await;
    commit(world, engine, vec![effect]).await;
    id
}

async fn decide(world: &World, engine: &Engine, id: ActionId, confirmed: bool) {
    let by = "Ana".to_owned();
    commit(world, engine, vec![Effect::DecideAction { merchant: world.merchant.id, id, confirmed, by }]).await;
}

async fn status(world: &World, id: ActionId) -> ActionStatus {
    world.store.merchant(world.merchant.id).action(id).await.unwrap().unwrap().0.status
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_is_done_only_after_it_was_confirmed_and_told_once() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let id = propose(world, &engine, "77").await;
        assert!(engine.claim_actions(8).await.unwrap().is_empty(), "nobody has confirmed it");
        decide(world, &engine, id, true).await;
        decide(world, &engine, id, true).await;
        let (planned, trace) = engine.claim_actions(8).await.unwrap().remove(0);
        assert_eq!((planned.id, planned.calls, planned.looks, planned.called_at), (id, 0, 1, None));
        assert!(engine.claim_actions(8).await.unwrap().is_empty(), "it is leased");
        assert!(engine.mark_call(id).await.unwrap());
        engine.rest_action(id, Duration::from_secs(2), "does not show yet").await.unwrap();
        assert!(engine.claim_actions(8).await.unwrap().is_empty(), "it rests");
        world.clock.advance(Duration::from_secs(3));
        let (again, _) = engine.claim_actions(8).await.unwrap().remove(0);
        assert_eq!((again.calls, again.looks), (1, 2));
        assert!(again.called_at.is_some());
        for _ in 0..2 {
            engine.settle_action(&planned, trace, &ActionOutcome::Done).await.unwrap();
        }
        assert_eq!(status(world, id).await, ActionStatus::Done);
        let told = world.number("SELECT COUNT(*) FROM events WHERE kind = 'internal.action_settled'").await;
        assert_eq!(told, 1);
        let other = world.store.merchant(world.other.id);
        assert!(other.action(id).await.unwrap().is_none(), "another shop sees nothing of it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmation_that_comes_late_or_for_another_shop_or_twice_for_one_order_changes_nothing() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let late = propose(world, &engine, "1").await;
        world.clock.advance(VALID + Duration::from_secs(1));
        decide(world, &engine, late, true).await;
        assert_eq!(status(world, late).await, ActionStatus::Proposed);
        let foreign = propose(world, &engine, "2").await;
        let (merchant, by) = (world.other.id, "Ana".to_owned());
        commit(world, &engine, vec![Effect::DecideAction { merchant, id: foreign, confirmed: true, by }]).await;
        assert_eq!(status(world, foreign).await, ActionStatus::Proposed);
        let (first, second) = (propose(world, &engine, "3").await, propose(world, &engine, "3").await);
        decide(world, &engine, first, true).await;
        decide(world, &engine, second, true).await;
        assert_eq!(status(world, second).await, ActionStatus::Proposed, "the same order is being cancelled already");
        decide(world, &engine, second, false).await;
        assert_eq!(status(world, second).await, ActionStatus::Failed);
        decide(world, &engine, second, true).await;
        assert_eq!(status(world, second).await, ActionStatus::Failed, "what was dropped stays dropped");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_lease_neither_calls_nor_settles() {
    on_both(async |world: &World| {
        let (zombie, heir) = (world.engine(), world.another_engine_here());
        let id = propose(world, &zombie, "5").await;
        decide(world, &zombie, id, true).await;
        let (planned, trace) = zombie.claim_actions(8).await.unwrap().remove(0);
        world.clock.advance(LONG);
        assert!(!zombie.mark_call(id).await.unwrap(), "its lease is over");
        assert_eq!(heir.claim_actions(8).await.unwrap().len(), 1);
        assert!(!zombie.mark_call(id).await.unwrap());
        zombie.settle_action(&planned, trace, &ActionOutcome::Failed("stale".into())).await.unwrap();
        zombie.rest_action(id, Duration::ZERO, "stale").await.unwrap();
        assert_eq!(status(world, id).await, ActionStatus::Working);
        assert!(heir.mark_call(id).await.unwrap());
        assert_eq!(heir.free_actions().await.unwrap(), 1);
        assert_eq!(zombie.claim_actions(8).await.unwrap().len(), 1, "what was given back may be taken");
    })
    .await;
}
