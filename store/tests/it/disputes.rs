//! Disputes: kept as they are told, counted with their order whenever it comes, and told to staff once for each deadline.

use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::{CommerceEvent, EventContent, InternalEvent, LaneKey};
use recado_domain::finance::facts::PaymentKind;
use recado_domain::order::{DisputeFacts, DisputedAmount, dispute_timer};
use recado_domain::{Clock as _, Timestamp};
use recado_store::engine::Claim;

use crate::shop::{at, order, pesos, told};
use crate::world::{Dice, OTHER_SHOP, SHOP, World, fact_of, noon, on_both};

/// A chargeback of an order, as it begins.
pub(crate) fn chargeback(id: &str, order: Option<&str>, amount: i64) -> DisputeFacts {
    DisputeFacts {
        external_id: id.to_owned(),
        order_external_id: order.map(str::to_owned),
        kind: "chargeback".to_owned().into(),
        status: "needs_response".to_owned().into(),
        amount: DisputedAmount::Money(pesos(amount)),
        reason: Some("fraudulent".to_owned()),
        network_reason_code: None,
        evidence_due_by: Some(at(10_000)),
        evidence_sent_on: None,
        finalized_on: None,
        initiated_at: noon(),
    }
}

/// It, told at an instant.
pub(crate) fn disputed(dispute: DisputeFacts, at: Timestamp) -> CommerceEvent {
    CommerceEvent::Dispute { dispute, at }
}

async fn tell(world: &World, shop: &str, lane: &str, fact: CommerceEvent) {
    world.accept(fact_of(shop, lane, fact)).await;
    world.settle_all(&world.engine(), |_| Vec::new()).await;
}

/// The chargebacks of the books, with pesos taken above zero.
async fn moved(world: &World) -> Vec<(i64, Timestamp)> {
    let books = world.store.merchant(world.merchant.id).books(&world.merchant).await.unwrap();
    let signed = books.payments.iter().filter_map(|payment| match payment.kind {
        PaymentKind::Chargeback => Some((payment.amount / 100, payment.processed_at)),
        PaymentKind::ChargebackReversal => Some((-payment.amount / 100, payment.processed_at)),
        _ => None,
    });
    signed.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_may_come_before_its_order_and_is_the_same_in_whatever_order_it_is_told() {
    on_both(async |world: &World| {
        let open = chargeback("d", Some("1"), 40);
        let less = DisputeFacts { amount: DisputedAmount::Money(pesos(30)), ..open.clone() };
        let won = DisputeFacts {
            status: "won".to_owned().into(),
            evidence_sent_on: Some(at(6)),
            finalized_on: Some(at(9)),
            ..less.clone()
        };
        // It names its order in all tellings but one.
        let nameless = DisputeFacts { order_external_id: None, reason: None, ..less.clone() };
        let mut story = vec![(open, at(1)), (less, at(5)), (nameless, at(7)), (won, at(20))];
        story.extend_from_within(..);
        for seed in 1..=4_u64 {
            Dice::new(seed).shuffle(&mut story);
            for (one, when) in story.clone() {
                tell(world, SHOP, "1", disputed(one, when)).await;
            }
            if seed == 1 {
                assert_eq!(world.number("SELECT COUNT(*) FROM disputes").await, 4, "each telling once");
                assert_eq!(world.number("SELECT COUNT(*) FROM disputes WHERE order_id IS NULL").await, 0);
                assert!(moved(world).await.is_empty(), "its order is not known");
                tell(world, SHOP, "1", told(order("1", "#1001", noon(), 100))).await;
            }
            assert_eq!(moved(world).await, [(40, noon()), (-10, at(5)), (-30, at(9))], "seed {seed}");
            let view = world.store.merchant(world.merchant.id).dispute("d").await.unwrap().unwrap();
            assert_eq!((view.facts.status.code(), view.order.as_deref()), ("won", Some("#1001")));
        }
        assert_eq!(world.number("SELECT COUNT(*) FROM disputes").await, 4);
        // Another shop's dispute of the same number is its own.
        tell(world, OTHER_SHOP, "1", disputed(chargeback("d", Some("1"), 7), at(1))).await;
        assert_eq!(moved(world).await.len(), 3);
        let theirs = world.store.merchant(world.other.id).dispute("d").await.unwrap().unwrap();
        assert_eq!((theirs.facts.money(), theirs.order), (Some(pesos(7)), None));
        tell(world, SHOP, "1", CommerceEvent::OrderDeleted { external_id: "1".to_owned() }).await;
        assert!(moved(world).await.is_empty(), "what the shop deleted is not there");
    })
    .await;
}

/// What wakes a lane for a dispute, in the order of the claims.
fn woken(claim: &Claim) -> Vec<String> {
    let events = claim.events.iter().filter_map(|event| match &event.content {
        EventContent::Internal(InternalEvent::DisputeOpen { dispute }) => Some(format!("open {dispute}")),
        EventContent::Internal(InternalEvent::TimerDue { kind, .. }) => Some(kind.clone()),
        _ => None,
    });
    events.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_is_woken_once_for_each_deadline_of_a_dispute_that_waits() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let woken_by = async |fact: CommerceEvent| {
            world.accept(fact_of(SHOP, "1", fact)).await;
            let heard = std::sync::Mutex::new(Vec::new());
            world
                .settle_all(&engine, |claim| {
                    let woken = woken(claim);
                    assert!(woken.is_empty() || !matches!(claim.kind.as_str(), "order" | "thing"), "it is decided");
                    heard.lock().unwrap().extend(woken);
                    Vec::new()
                })
                .await;
            heard.into_inner().unwrap()
        };
        let open = chargeback("d", Some("1"), 40);
        assert_eq!(woken_by(disputed(open.clone(), at(1))).await, ["open d"]);
        assert!(woken_by(disputed(open.clone(), at(2))).await.is_empty(), "told again");
        let changed = DisputeFacts { reason: Some("general".to_owned()), ..open.clone() };
        assert!(woken_by(disputed(changed, at(3))).await.is_empty(), "the deadline is the same");
        let later = DisputeFacts { evidence_due_by: Some(at(20_000)), ..open.clone() };
        assert_eq!(woken_by(disputed(later, at(4))).await, ["open d"], "a new deadline");
        for word in ["under_review", "lost", "a_new_word"] {
            let dispute = DisputeFacts { status: word.to_owned().into(), ..chargeback(word, None, 1) };
            assert!(woken_by(disputed(dispute, at(5))).await.is_empty(), "{word}");
        }
        // The same number at a neighbour's is another one.
        world.accept(fact_of(OTHER_SHOP, "1", disputed(open, at(1)))).await;
        let turns = world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(turns, 2, "its fact, and its people");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timer_of_a_dispute_is_a_row_that_wakes_its_own_lane_and_a_newer_one_replaces_it() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let set = async |dispute: DisputeFacts, when: Timestamp, minutes: u64| {
            let lane = LaneKey::Order("1".to_owned());
            let mut event = fact_of(SHOP, "1", disputed(dispute, when));
            event.lane = lane;
            world.accept(event).await;
            world
                .settle_all(&engine, |claim| match &woken(claim)[..] {
                    [] => Vec::new(),
                    _ => {
                        vec![Effect::StartTimer { kind: dispute_timer("d"), after: Duration::from_secs(60 * minutes) }]
                    }
                })
                .await
        };
        let open = chargeback("d", Some("1"), 40);
        set(open.clone(), at(1), 30).await;
        set(DisputeFacts { evidence_due_by: Some(at(20_000)), ..open }, at(2), 60).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM timers WHERE status = 0").await, 1);
        world.clock.advance(Duration::from_secs(60 * 45));
        assert_eq!(engine.fire_timers().await.unwrap(), 0, "the first was replaced");
        world.clock.advance(Duration::from_secs(60 * 20));
        assert_eq!(engine.fire_timers().await.unwrap(), 1);
        let claim = engine.claim(4).await.unwrap().remove(0);
        assert_eq!(woken(&claim), [dispute_timer("d")]);
        assert_eq!(claim.merchant, Some(world.merchant.id));
        // A lane of this kind stores facts and decides nothing.
        assert!(!matches!(claim.kind.as_str(), "order" | "receipts" | "thing"), "{}", claim.kind);
        engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
        assert!(world.clock.now() > at(60));
    })
    .await;
}
