//! Changes on outside systems, on both databases: confirmed once, in time, one at a time, and fenced.

use std::time::Duration;

use recado_domain::action::{Action, ActionStatus, VALID};
use recado_domain::change::Obstacle;
use recado_domain::effect::Effect;
use recado_domain::event::{CommerceEvent, EventContent, InternalEvent};
use recado_domain::flow::FlowKind;
use recado_domain::order::PostalAddress;
use recado_domain::request::{Decision, NewRequest, RequestStatus};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{ActionId, RequestId};
use recado_store::engine::{ActionOutcome, Committed, Engine};
use recado_store::requests::Decided;

use crate::facts::parcel;
use crate::shop::{order, told};
use crate::world::{LONG, NUMBER, SHOP, World, fact_of, noon, on_both, person, text_to};

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
    let effect = Effect::ProposeAction { merchant: world.merchant.id, id, action, by: "Laura".into(), request: None };
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

fn address_of(order: &str) -> PostalAddress {
    let line1 = Some(format!("Cra 7 # {order}"));
    PostalAddress { line1, city: Some("Cali".to_owned()), ..PostalAddress::default() }
}

/// A person's request to send an order elsewhere, and the change that staff was shown for it.
async fn asked(world: &World, engine: &Engine, id: &str) -> (RequestId, ActionId) {
    let person = person(None, Some("573001112233"));
    world.accept(text_to(NUMBER, &format!("ask {id}"), person, "otra dirección", noon())).await;
    let request = RequestId::new(noon());
    let details = [("street", "Cra 7 # 1"), ("city", "Cali")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let asked = NewRequest {
        id: request,
        kind: FlowKind::ChangeShippingAddress,
        order: Some(format!("#{id}")),
        details: details.into(),
    };
    let claim = engine.claim(1).await.unwrap().remove(0);
    engine.commit(vec![world.decide(claim, vec![Effect::Request(asked)])]).await.remove(0).unwrap();
    let action = Action::ChangeAddress { order: id.to_owned(), name: format!("#{id}"), address: address_of(id) };
    let (shown, by) = (ActionId::new(noon()), "Laura".to_owned());
    let merchant = world.merchant.id;
    commit(world, engine, vec![Effect::ProposeAction { merchant, id: shown, action, by, request: Some(request) }])
        .await;
    (request, shown)
}

/// What the conversations hear of requests, emptying their lanes.
async fn heard(world: &World, engine: &Engine) -> Vec<(RequestStatus, Option<String>)> {
    let mut heard = Vec::new();
    for claim in engine.claim(10).await.unwrap() {
        for event in &claim.events {
            if let EventContent::Internal(InternalEvent::RequestDecided { status, why, .. }) = &event.content {
                heard.push((*status, why.clone()));
            }
        }
        engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
    }
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_approved_with_its_change_and_told_what_that_came_to() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let status_of = async |id| facts.request_of_id(id).await.unwrap().unwrap().status;
        for (number, outcome, to, why) in [
            ("1", ActionOutcome::Done, RequestStatus::Done, None),
            ("2", ActionOutcome::Failed("shipped".into()), RequestStatus::Declined, Some("shipped".to_owned())),
            ("3", ActionOutcome::Failed("no_access".into()), RequestStatus::Approved, None),
            ("4", ActionOutcome::Uncertain("no answer".into()), RequestStatus::Approved, None),
        ] {
            let (request, shown) = asked(world, &engine, number).await;
            assert_eq!(status_of(request).await, RequestStatus::Open, "shown is not approved");
            decide(world, &engine, shown, true).await;
            assert_eq!(status_of(request).await, RequestStatus::Approved);
            assert_eq!(heard(world, &engine).await, [(RequestStatus::Approved, None)]);
            decide(world, &engine, shown, true).await;
            assert_eq!(heard(world, &engine).await, [], "once");
            let (planned, trace) = engine.claim_actions(8).await.unwrap().remove(0);
            assert_eq!(planned.action.subject(), number);
            for _ in 0..2 {
                engine.settle_action(&planned, trace, &outcome).await.unwrap();
            }
            assert_eq!(status_of(request).await, to);
            let told = heard(world, &engine).await;
            let expected = if to == RequestStatus::Approved { Vec::new() } else { vec![(to, why)] };
            assert_eq!(told, expected, "{number}");
            let view = facts.action(shown).await.unwrap().unwrap().0;
            assert_eq!(view.request, Some(number.parse().unwrap()), "staff reads its number");
        }
        // What was dropped leaves the request to be decided.
        let (request, shown) = asked(world, &engine, "5").await;
        decide(world, &engine, shown, false).await;
        assert_eq!(status_of(request).await, RequestStatus::Open);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn approving_on_a_page_starts_the_change_once_and_not_of_what_has_left() {
    on_both(async |world: &World| {
        let engine = world.engine();
        for id in ["1", "2"] {
            world.accept(fact_of(SHOP, id, told(order(id, &format!("#{id}"), noon(), 100)))).await;
        }
        world.accept(fact_of(SHOP, "2", parcel("2", 20, Some(ShipmentStatus::InTransit), None))).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        let (open, _) = asked(world, &engine, "1").await;
        let (late, _) = asked(world, &engine, "2").await;
        let approve =
            async |id| world.store.decide(world.merchant.id, id, Decision::Approve, None, "Eva").await.unwrap();
        assert_eq!(approve(late).await, Decided::Blocked(Obstacle::Shipped));
        let facts = world.store.merchant(world.merchant.id);
        assert_eq!(facts.request_of_id(late).await.unwrap().unwrap().status, RequestStatus::Open);
        assert_eq!(approve(open).await, Decided::Done);
        assert_eq!(approve(open).await, Decided::Unchanged);
        let claimed = engine.claim_actions(8).await.unwrap();
        let [(planned, _)] = claimed.as_slice() else { panic!("{claimed:?}") };
        let Action::ChangeAddress { order, address, .. } = &planned.action else { panic!("{planned:?}") };
        assert_eq!((order.as_str(), address.line1.as_deref()), ("1", Some("Cra 7 # 1")));
    })
    .await;
}
