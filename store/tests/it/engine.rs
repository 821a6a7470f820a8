//! Lanes and turns.

use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::{Inbox as _, InternalEvent};
use recado_domain::{Clock as _, ConversationId, EventId, ReplicaId};
use recado_store::StoreError;
use recado_store::desk::{ConversationFilter, Scope};
use recado_store::engine::{Committed, Engine, Rules, Sabotage};
use recado_store::events::{EventFilter, EventStatus};

use crate::world::{Dice, LONG, NUMBER, SHOP, World, fact_of, noon, on_both, on_postgres, reply, text, words};

const ANN: &str = "573001112233";

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_is_one_turn_in_the_order_of_the_platform() {
    on_both(async |world: &World| {
        for (id, second) in [("c", 3), ("a", 1), ("b", 2)] {
            world.accept(text(id, ANN, id, noon().plus(Duration::from_secs(second)))).await;
        }
        let engine = world.engine();
        let claims = engine.claim(10).await.unwrap();
        assert_eq!(claims.len(), 1);
        assert_eq!(words(&claims[0]), ["a", "b", "c"]);
        assert!(engine.claim(10).await.unwrap().is_empty(), "the lane is leased");
        let decided = world.decide(claims[0].clone(), vec![reply("1"), reply("2")]);
        let outcome = engine.commit(vec![decided]).await.remove(0).unwrap();
        assert_eq!(outcome, Committed::Yes { sends: true, posts: false });
        let counts = world.store.counts().await.unwrap();
        assert_eq!((counts.done, counts.open, counts.outbox_open), (3, 0, 2));
        assert_eq!(world.number("SELECT COUNT(*) FROM messages").await, 5);
        world.accept(text("d", ANN, "d", noon())).await;
        let next = engine.claim(10).await.unwrap().remove(0);
        assert_eq!((next.epoch, next.conversation.map(|one| one.turns)), (2, Some(1)));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_gathers_what_is_sent_together() {
    on_both(async |world: &World| {
        let gathering = Engine::new(world.store.clone(), ReplicaId(uuid::Uuid::new_v4()), Rules::default());
        world.accept(text("a", ANN, "a", noon())).await;
        assert!(gathering.claim(10).await.unwrap().is_empty(), "more may come");
        world.clock.advance(Duration::from_millis(20));
        world.accept(text("b", ANN, "b", noon().plus(Duration::from_secs(1)))).await;
        let order = recado_domain::event::CommerceEvent::Other { topic: "x".to_owned() };
        world.accept(fact_of(SHOP, "1", order)).await;
        let at_once = gathering.claim(10).await.unwrap();
        assert_eq!(at_once.iter().map(|claim| claim.kind.as_str()).collect::<Vec<_>>(), ["order"]);
        world.clock.advance(Duration::from_millis(11));
        let claims = gathering.claim(10).await.unwrap();
        assert_eq!(claims.len(), 1);
        assert_eq!(words(&claims[0]), ["a", "b"], "the first one's time is over, and all that is there goes along");
    })
    .await;
}

/// Whoever stands beside a poisoned event at each of its crashes looks as guilty: their last chances come one by one.
#[tokio::test(flavor = "multi_thread")]
async fn what_may_end_the_process_for_the_last_time_runs_alone() {
    on_both(async |world: &World| {
        for name in ["killer", "bystander"] {
            world.accept(text(name, if name == "killer" { ANN } else { "573004445566" }, name, noon())).await;
        }
        for _ in 0..2 {
            assert_eq!(world.engine().claim(10).await.unwrap().len(), 2, "both run, and the process ends");
            world.clock.advance(LONG);
        }
        let engine = world.engine();
        let first = engine.claim(10).await.unwrap();
        assert_eq!(first.len(), 1, "one at a time now");
        world.clock.advance(Duration::from_millis(200));
        assert!(engine.claim(10).await.unwrap().is_empty());
        engine.commit(vec![world.decide(first[0].clone(), vec![])]).await.remove(0).unwrap();
        world.clock.advance(Duration::from_millis(200));
        let second = engine.claim(10).await.unwrap();
        assert_eq!(second.len(), 1);
        assert_ne!(words(&first[0]), words(&second[0]));
        // This one does end the process: it alone is dead.
        world.clock.advance(LONG);
        assert!(world.engine().claim(10).await.unwrap().is_empty());
        let counts = world.store.counts().await.unwrap();
        assert_eq!((counts.done, counts.dead), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_full_disk_kept_out_rests_and_never_dies_of_it() {
    on_both(async |world: &World| {
        world.accept(text("first", ANN, "first", noon())).await;
        world.accept(text("second", ANN, "second", noon().plus(Duration::from_secs(1)))).await;
        let engine = world.engine();
        for _ in 0..20 {
            let claim = engine.claim(10).await.unwrap().remove(0);
            // Nobody is to blame, so they stay together.
            assert_eq!(words(&claim), ["first", "second"]);
            engine.rest(&claim, world.clock.now().plus(Duration::from_secs(1))).await.unwrap();
            assert!(engine.claim(10).await.unwrap().is_empty(), "the lane rests");
            world.clock.advance(Duration::from_secs(2));
        }
        let claim = engine.claim(10).await.unwrap().remove(0);
        engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        assert!(world.store.dead_events(10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_rests_runs_alone_and_dies_without_its_neighbours() {
    on_both(async |world: &World| {
        world.accept(text("poison", ANN, "poison", noon())).await;
        world.accept(text("good", ANN, "good", noon().plus(Duration::from_secs(1)))).await;
        let engine = world.engine();
        for attempt in 0..5 {
            let claim = engine.claim(10).await.unwrap().remove(0);
            assert_eq!(claim.events.len(), if attempt == 0 { 2 } else { 1 });
            assert_eq!(words(&claim)[0], "poison");
            engine.fail(&claim, "it broke", Duration::from_secs(5)).await.unwrap();
            assert!(engine.claim(10).await.unwrap().is_empty(), "the lane rests");
            world.clock.advance(Duration::from_secs(6));
        }
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!(words(&claim), ["good"]);
        engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        let dead = world.store.dead_events(10).await.unwrap();
        assert_eq!((dead.len(), dead[0].failures, dead[0].status), (1, 5, EventStatus::Dead));
        assert_eq!(dead[0].reason.as_deref(), Some("gave up after 5 failed tries"));
        // Staff gives it another chance: exactly one turn.
        let detail = world.store.event(dead[0].id).await.unwrap().unwrap();
        assert_eq!(detail.content["type"], "message");
        assert_eq!(detail.arrival.unwrap().body, b"{}");
        world.store.replay_event(dead[0].id).await.unwrap();
        assert!(matches!(world.store.replay_event(dead[0].id).await, Err(StoreError::Refused(_))));
        assert_eq!(world.settle_all(&engine, |_| vec![reply("at last")]).await, 1);
        assert!(matches!(world.store.replay_event(dead[0].id).await, Err(StoreError::Refused(_))));
        assert!(matches!(world.store.dismiss_dead(Scope::EVERY, dead[0].id, "ana").await, Ok(false)));
        let missing = world.store.replay_event(EventId::new(noon())).await;
        assert!(matches!(missing, Err(StoreError::Missing(_))));
        let done =
            EventFilter { status: Some(EventStatus::Done), merchant: Some(world.merchant.id), ..Default::default() };
        assert_eq!(world.store.events(&done).await.unwrap().len(), 2);
        assert_eq!(world.store.counts().await.unwrap().outbox_open, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_the_process_dies_after_three_times() {
    on_both(async |world: &World| {
        world.accept(text("killer", ANN, "killer", noon())).await;
        for _ in 0..3 {
            let claims = world.engine().claim(10).await.unwrap();
            assert_eq!(claims.len(), 1);
            world.clock.advance(LONG);
        }
        world.accept(text("good", ANN, "good", noon().plus(LONG))).await;
        let claims = world.engine().claim(10).await.unwrap();
        assert_eq!(words(&claims[0]), ["good"], "what waits behind it runs at once");
        let dead = world.store.dead_events(10).await.unwrap();
        assert_eq!(dead[0].reason.as_deref(), Some("gave up after it ended the process 3 times"));
        assert!(world.store.dismiss_dead(Scope::EVERY, dead[0].id, "ana").await.unwrap());
        assert_eq!(world.store.counts().await.unwrap().skipped, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_gives_back_untouched_however_often() {
    on_both(async |world: &World| {
        world.accept(text("m", ANN, "m", noon())).await;
        for round in 0..8 {
            let engine = world.engine();
            let claim = engine.claim(10).await.unwrap().remove(0);
            if round % 2 == 0 {
                engine.release(&claim).await.unwrap();
            } else {
                assert_eq!(engine.release_all().await.unwrap(), 1);
            }
        }
        assert_eq!(world.number("SELECT attempts FROM events").await, 0);
        assert_eq!(
            world.number("SELECT COUNT(*) FROM process_ends").await,
            0,
            "a drain is no end that it brought about"
        );
    })
    .await;
}

/// RELIABILITY O3.
#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_race_for_a_lane_and_one_wins() {
    const RACES: usize = 1_000;
    on_both(async |world: &World| {
        let inbox = world.inbox();
        for start in (0..RACES).step_by(200) {
            let lanes = (start..start + 200)
                .map(|number| text(&format!("m{number}"), &format!("57300{number:07}"), "hola", noon()));
            inbox.accept(world.delivery(lanes.collect())).await.unwrap();
        }
        let (one, other) = (world.engine(), world.another_engine().await);
        let (mut taken, mut ones, mut others) = (std::collections::HashSet::new(), 0, 0);
        for _ in 0..RACES / 20 + 5 {
            let (first, second) = tokio::join!(one.claim(20), other.claim(20));
            let (first, second) = (first.unwrap(), second.unwrap());
            ones += first.len();
            others += second.len();
            for claim in first.iter().chain(&second) {
                assert_eq!((claim.epoch, claim.events.len()), (1, 1));
                assert!(taken.insert(claim.lane), "two have {}", claim.lane);
            }
        }
        assert_eq!((taken.len(), ones + others), (RACES, RACES));
        assert!(ones > 0 && others > 0, "a race has two: {ones} and {others}");
    })
    .await;
}

/// RELIABILITY O2: the zombie's commit, and the same with the check switched off.
#[tokio::test(flavor = "multi_thread")]
async fn a_stale_commit_is_refused() {
    on_both(async |world: &World| {
        for sabotage in [false, true] {
            let sabotaged = Sabotage { fencing_off: sabotage, ..Sabotage::default() };
            let zombie = world.engine_with(Rules { sabotage: sabotaged, ..Rules::default() });
            let mut refused = 0;
            for number in 0..20 {
                let phone = format!("5730{}{number:07}", i32::from(sabotage));
                world.accept(text(&format!("m{sabotage}{number}"), &phone, "hola", noon())).await;
                let stale = zombie.claim(10).await.unwrap().remove(0);
                world.clock.advance(LONG);
                let heir = world.another_engine_here();
                let fresh = heir.claim(10).await.unwrap().remove(0);
                assert_eq!(fresh.epoch, stale.epoch + 1);
                let outcome = zombie.commit(vec![world.decide(stale, vec![reply("stale")])]).await.remove(0).unwrap();
                refused += usize::from(outcome == Committed::Stale);
                let outcome = heir.commit(vec![world.decide(fresh, vec![reply("fresh")])]).await.remove(0).unwrap();
                assert_eq!(outcome == Committed::Stale, sabotage);
            }
            assert_eq!(refused, if sabotage { 0 } else { 20 });
        }
        let stale = "SELECT COUNT(*) FROM messages WHERE body = 'stale'";
        assert_eq!(world.number(stale).await, 20, "only the sabotaged ones");
    })
    .await;
}

/// RELIABILITY O5, as far as one writer can show it: what arrived earlier is committed later.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_commits_late_is_not_skipped() {
    on_both(async |world: &World| {
        let (engine, inbox) = (world.engine(), world.inbox());
        for number in 0..50 {
            let phone = format!("57300{number:07}");
            let early = world.delivery(vec![text(&format!("early{number}"), &phone, "early", noon())]);
            world.clock.advance(Duration::from_millis(1));
            let late = text(&format!("late{number}"), &phone, "late", noon().plus(LONG));
            inbox.accept(world.delivery(vec![late])).await.unwrap();
            let claim = engine.claim(10).await.unwrap().remove(0);
            engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
            inbox.accept(early).await.unwrap();
            let claim = engine.claim(10).await.unwrap().remove(0);
            assert_eq!(words(&claim), ["early"]);
            engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        }
        assert_eq!(world.store.counts().await.unwrap().done, 100);
    })
    .await;
}

/// RELIABILITY O5: two transactions are open at once, and the one with the smaller arrival commits last: before the
/// other's lane is claimed, while it is, or after its turn.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_whose_transaction_was_open_meanwhile_is_not_skipped() {
    on_postgres(async |world: &World, _| {
        let (engine, inbox) = (world.engine(), world.inbox());
        let mut early_alone = 0;
        for number in 0..100 {
            let (phone, id) = (format!("57300{number:07}"), EventId::new(world.clock.now()));
            // The person is known, so that both transactions write events of one lane and nothing else in common.
            inbox.accept(world.delivery(vec![text(&format!("first{number}"), &phone, "first", noon())])).await.unwrap();
            world.settle_all(&engine, |_| Vec::new()).await;
            let mut open = world.store.db().begin().await.unwrap();
            recado_store::on!(&mut open, connection => {
                let copy = "INSERT INTO events (id, arrival_id, merchant_id, source, dedupe, lane_id, lane_kind, kind, content, occurred_at, \
                    received_at, available_at, status, attempts, failures, trace_id) \
                    SELECT $1, arrival_id, merchant_id, source, dedupe || ' early', lane_id, lane_kind, kind, content, occurred_at, \
                    received_at, available_at, 0, 0, 0, trace_id FROM events WHERE dedupe = $2";
                sqlx::query(copy).bind(id.0).bind(format!("whatsapp|{NUMBER}|first{number}"))
                    .execute(&mut *connection).await.map(|done| assert_eq!(done.rows_affected(), 1)).unwrap();
                let tally = "INSERT INTO tallies (name, value) VALUES ($1, 1)";
                sqlx::query(tally).bind(format!("accepted:test:{number}")).execute(&mut *connection).await.map(|_| ())
            })
            .unwrap();
            world.clock.advance(Duration::from_millis(1));
            let late = text(&format!("late{number}"), &phone, "late", noon().plus(LONG));
            inbox.accept(world.delivery(vec![late])).await.unwrap();
            let mut open = Some(open);
            if number % 3 == 0 {
                open.take().unwrap().commit().await.unwrap();
            }
            let claim = engine.claim(10).await.unwrap().remove(0);
            assert_eq!(words(&claim).last().map(String::as_str), Some("late"));
            if let Some(open) = open.take_if(|_| number % 3 == 1) {
                open.commit().await.unwrap();
            }
            engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
            if let Some(open) = open {
                assert!(engine.claim(10).await.unwrap().is_empty(), "nobody sees it yet");
                open.commit().await.unwrap();
            }
            early_alone += world.settle_all(&engine, |_| Vec::new()).await;
        }
        assert_eq!(early_alone, 66);
        let counts = world.store.counts().await.unwrap();
        assert_eq!((counts.done, counts.open), (300, 0), "none was skipped");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lanes_tell_each_other_things_once_and_timers_fire_once() {
    on_both(async |world: &World| {
        let product = recado_domain::event::CommerceEvent::Other { topic: "x".to_owned() };
        world.accept(fact_of(SHOP, "1", product)).await;
        let (one, other) = (world.engine(), world.another_engine().await);
        let claim = one.claim(10).await.unwrap().remove(0);
        let lane = claim.lane;
        let effects = vec![
            Effect::Post {
                merchant: world.merchant.id,
                conversation: ConversationId::derived(&["somebody"]),
                event: InternalEvent::TakenOver { staff_name: "Ana".to_owned() },
            },
            Effect::StartTimer { kind: "nudge".to_owned(), after: Duration::from_secs(60) },
        ];
        let outcome = one.commit(vec![world.decide(claim, effects)]).await.remove(0).unwrap();
        assert_eq!(outcome, Committed::Yes { sends: false, posts: true });
        assert_eq!(one.fire_timers().await.unwrap(), 0);
        world.clock.advance(Duration::from_secs(61));
        let (first, second) = tokio::join!(one.fire_timers(), other.fire_timers());
        assert_eq!(first.unwrap() + second.unwrap(), 1);
        assert_eq!(one.fire_timers().await.unwrap(), 0);
        // The timer calls the order's lane a thing, and so does another event in it: every lane can be claimed still.
        let more = recado_domain::event::CommerceEvent::Other { topic: "y".to_owned() };
        world.accept(fact_of(SHOP, "1", more)).await;
        let claims = one.claim(10).await.unwrap();
        assert_eq!(claims.len(), 2);
        let order = claims.iter().find(|claim| claim.lane == lane).unwrap();
        assert_eq!((order.kind.as_str(), order.events.len()), ("order", 2));
        for claim in claims {
            one.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        }
        assert_eq!(world.store.counts().await.unwrap().accepted, 4);
    })
    .await;
}

/// RELIABILITY O4, for delivery reports.
#[tokio::test(flavor = "multi_thread")]
async fn reports_end_in_one_state_in_any_order() {
    use recado_domain::event::{EventContent, LaneKey, Receipt, ReceiptStatus};
    use recado_store::engine::Settled;
    on_both(async |world: &World| {
        let engine = world.engine();
        let mut dice = Dice::new(11);
        for number in 0..24 {
            world.accept(text(&format!("m{number}"), ANN, "hola", noon())).await;
            world.settle_all(&engine, |_| vec![reply("hola")]).await;
            let row = engine.claim_sends(10).await.unwrap().remove(0);
            let mut steps: Vec<Option<ReceiptStatus>> = vec![
                None,
                Some(ReceiptStatus::Sent),
                Some(ReceiptStatus::Failed),
                Some(ReceiptStatus::Delivered),
                Some(ReceiptStatus::Read),
            ];
            dice.shuffle(&mut steps);
            for step in steps {
                let Some(status) = step else {
                    let sent = recado_domain::outbound::SendResult::Sent { provider_id: format!("wamid.{number}") };
                    let settlement = recado_domain::outbound::Settlement::Echo(LONG);
                    engine.settle_sends(&[Settled::of(&row, settlement, sent)]).await.unwrap();
                    continue;
                };
                let mut report = text(&format!("r{number}{}", status.code()), ANN, "", noon());
                report.lane = LaneKey::Receipts;
                report.content = EventContent::Receipt(Receipt {
                    provider_id: format!("wamid.{number}"),
                    status,
                    outbox: Some(row.id),
                    at: noon(),
                    error: None,
                });
                world.accept(report).await;
                world.settle_all(&engine, |_| Vec::new()).await;
            }
        }
        assert_eq!(
            world.number("SELECT COUNT(*) FROM outbox WHERE status = 2 AND receipt = 4 AND owner IS NULL").await,
            24
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_admin_view_tells_a_conversation_is_accepted_once() {
    on_both(async |world: &World| {
        let engine = world.engine();
        world.accept(text("1", "573000000001", "hola", world.clock.now())).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        let row = world.store.conversations(Scope::EVERY, ConversationFilter::All, "").await.unwrap().remove(0);
        let event = InternalEvent::HandedBack { staff_name: None };
        for _ in 0..2 {
            world.store.tell_conversation(&row, &event, "once", "Ana").await.unwrap();
        }
        let counts = world.store.counts().await.unwrap();
        assert_eq!((counts.open, counts.gap()), (1, 0));
    })
    .await;
}
