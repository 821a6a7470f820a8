//! Two persons that are one (CONTRACTS A8): brought together once, with all that was said, whatever runs meanwhile.

use std::collections::BTreeMap;

use recado_domain::ConversationId;
use recado_domain::contact::PersonIds;
use recado_domain::conversation::Owner;
use recado_domain::effect::Effect;
use recado_domain::event::Inbox as _;
use recado_domain::flow::FlowKind;
use recado_domain::request::NewRequest;
use recado_domain::{Language, RequestId};
use recado_store::engine::{Claim, Committed, Engine, Rules, Sabotage};

use crate::shop::at;
use crate::world::{LONG, NUMBER, World, noon, on_both, person, reply, text_to, words};

const PHONE: &str = "573001112233";

fn by_user() -> PersonIds {
    person(Some("CO.1"), None)
}
fn by_phone() -> PersonIds {
    person(None, Some(PHONE))
}
fn by_both() -> PersonIds {
    person(Some("CO.1"), Some(PHONE))
}

/// A person says something through an inbox that remembers nobody, as after a restart.
async fn says(world: &World, id: &str, who: PersonIds, minutes: u64) {
    world.accept(text_to(NUMBER, id, who, &format!("digo {id}"), at(minutes))).await;
}

/// Commits the one claim there is.
async fn turn(
    world: &World,
    engine: &Engine,
    change: impl FnOnce(&mut recado_domain::conversation::Conversation),
    effects: Vec<Effect>,
) -> ConversationId {
    let claim = engine.claim(1).await.unwrap().remove(0);
    let lane = ConversationId(claim.lane.0);
    let mut decided = world.decide(claim, effects);
    change(decided.conversation.as_mut().unwrap());
    assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
    lane
}

fn ask(kind: FlowKind) -> Effect {
    Effect::Request(NewRequest {
        id: RequestId::new(noon()),
        kind,
        order: Some("#1".to_owned()),
        details: BTreeMap::new(),
    })
}

/// Two persons with a history of their own, of whom nobody knows that they are one.
async fn two(world: &World, engine: &Engine) -> (ConversationId, ConversationId) {
    says(world, "u1", by_user(), 1).await;
    let user = turn(world, engine, |_| (), vec![reply("hola"), ask(FlowKind::CancelOrder)]).await;
    says(world, "p1", by_phone(), 2).await;
    let effects = vec![
        reply("hola"),
        ask(FlowKind::CancelOrder),
        ask(FlowKind::ReturnOrder),
        Effect::Unanswered { question: "hacen envios".to_owned(), language: Language::Es },
        Effect::StartTimer { kind: "hand_back".to_owned(), after: LONG },
    ];
    let stop = |one: &mut recado_domain::conversation::Conversation| {
        one.stopped = true;
        one.profile_name = Some("Ana".to_owned());
        one.owner = Owner::Waiting { since: at(2) };
    };
    let phone = turn(world, engine, stop, effects).await;
    assert_ne!(user, phone);
    (user, phone)
}

/// Everything stands with the one who stays, once.
async fn assert_merged(world: &World, stays: ConversationId) {
    let count = async |sql: &str| world.number(sql).await;
    assert_eq!(count("SELECT COUNT(*) FROM conversations").await, 1);
    assert_eq!(count("SELECT COUNT(DISTINCT contact_id) FROM identities").await, 1);
    assert_eq!(count("SELECT COUNT(DISTINCT conversation_id) FROM messages").await, 1);
    assert_eq!(count("SELECT COUNT(DISTINCT conversation_id) FROM outbox").await, 1);
    assert_eq!(count("SELECT COUNT(*) FROM requests WHERE status = 'open'").await, 2, "one of each kind");
    assert_eq!(count("SELECT COUNT(DISTINCT conversation_id) FROM requests").await, 1);
    assert_eq!(count("SELECT COUNT(*) FROM timers WHERE status = 0").await, 1);
    assert_eq!(count("SELECT COUNT(*) FROM audit WHERE action = 'person.merged'").await, 1);
    let kept = world.store.merchant(world.merchant.id).requests_of(stays).await.unwrap();
    assert_eq!(kept.len(), 3, "the history stays");
    // «Stop» holds, whoever waits for a person goes on waiting, and both ids are known.
    let strict = "SELECT COUNT(*) FROM conversations WHERE stopped AND owner_kind = 'waiting' AND waiting_since IS NOT NULL \
        AND user_id = 'CO.1' AND wa_id = '573001112233' AND phone_key IS NOT NULL AND profile_name = 'Ana'";
    assert_eq!(count(strict).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_first_seen_apart_become_one_person_when_a_message_shows_both() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let (user, phone) = two(world, &engine).await;
        says(world, "both", by_both(), 3).await;
        // Once more before anybody worked: it is the same merge.
        says(world, "both again", by_both(), 4).await;
        let told = world.number("SELECT COUNT(*) FROM events WHERE kind = 'internal.same_person'").await;
        assert_eq!(told, 1);
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_merged(world, user).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE direction = 'in'").await, 4);
        // Each id alone leads there now, and a replica that still puts something into the old lane does no harm.
        says(world, "u2", by_user(), 5).await;
        says(world, "p2", by_phone(), 6).await;
        let lanes: Vec<_> = engine.claim(10).await.unwrap();
        let [claim] = lanes.as_slice() else { panic!("{} lanes", lanes.len()) };
        assert_eq!((claim.lane, words(claim).len()), (user.lane(), 2));
        engine.commit(vec![world.decide(lanes.into_iter().next().unwrap(), Vec::new())]).await.remove(0).unwrap();
        world
            .execute(&format!(
                "UPDATE identities SET contact_id = {} WHERE value LIKE 'phone:%'",
                if world.is_postgres() { format!("'{}'", phone.0) } else { format!("x'{}'", phone.0.simple()) }
            ))
            .await;
        says(world, "p3", by_phone(), 7).await;
        assert!(engine.claim(10).await.unwrap().is_empty(), "it is moved to where its lane leads");
        let claims = engine.claim(10).await.unwrap();
        assert_eq!((claims[0].lane, words(&claims[0])), (user.lane(), vec!["digo p3".to_owned()]));
        engine.commit(vec![world.decide(claims.into_iter().next().unwrap(), Vec::new())]).await.remove(0).unwrap();
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_under_way_meanwhile_is_decided_anew_with_what_came_in() {
    on_both(async |world: &World| {
        let (engine, other) = (world.engine(), world.another_engine_here());
        let (user, phone) = two(world, &engine).await;
        says(world, "both", by_both(), 3).await;
        let claims = engine.claim(10).await.unwrap();
        let of = |lane: ConversationId| move |claim: &&Claim| claim.lane == lane.lane();
        let stays = claims.iter().find(of(user)).unwrap().clone();
        let ends = claims.iter().find(of(phone)).unwrap().clone();
        assert!(!stays.conversation.as_ref().unwrap().stopped, "it was claimed before");
        assert!(matches!(
            engine.commit(vec![world.decide(ends, Vec::new())]).await.remove(0).unwrap(),
            Committed::Yes { .. }
        ));
        let late = engine.commit(vec![world.decide(stays, vec![reply("sin saber")])]).await.remove(0).unwrap();
        assert_eq!(late, Committed::Stale, "it would have undone the stop");
        let again = other.claim(10).await.unwrap().remove(0);
        assert!(again.conversation.as_ref().unwrap().stopped);
        assert_eq!(words(&again), ["digo both"]);
        let blamed = "SELECT (SELECT COUNT(*) FROM process_ends) + (SELECT MAX(timeouts) FROM events)";
        assert_eq!(world.number(blamed).await, 0, "nobody is to blame");
        other.commit(vec![world.decide(again, Vec::new())]).await.remove(0).unwrap();
        assert_merged(world, user).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_fence_a_late_turn_is_seen_to_undo_a_stop() {
    on_both(async |world: &World| {
        let sabotage = Sabotage { fencing_off: true, ..Sabotage::default() };
        let engine = world.engine_with(Rules { sabotage, ..Rules::default() });
        let (user, _) = two(world, &engine).await;
        says(world, "both", by_both(), 3).await;
        let claims = engine.claim(10).await.unwrap();
        let (stays, ends): (Vec<Claim>, Vec<Claim>) = claims.into_iter().partition(|claim| claim.lane == user.lane());
        for claim in ends.into_iter().chain(stays) {
            engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
        }
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations WHERE stopped").await, 0, "the test is blind");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_meet_at_once_on_two_replicas_are_each_one_person_in_the_end() {
    on_both(async |world: &World| {
        let engines = [world.engine(), world.another_engine().await];
        let stores = [world.store.clone(), world.another_store().await];
        let ids = |number: usize| (format!("CO.{number}"), format!("57300{number:07}"));
        for number in 0..20 {
            let (user, phone) = ids(number);
            says(world, &format!("u{number}"), person(Some(&user), None), 1).await;
            says(world, &format!("p{number}"), person(None, Some(&phone)), 1).await;
        }
        world.settle_all(&engines[0], |_| vec![reply("hola")]).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 40);
        let accepting = stores.iter().enumerate().map(|(replica, store)| async move {
            let inbox = crate::world::inbox_of(store);
            for number in 0..20 {
                let (user, phone) = ids(number);
                let who = person(Some(&user), Some(&phone));
                let incoming = text_to(NUMBER, &format!("b{replica}{number}"), who, "los dos", at(2));
                inbox.accept(world.delivery(vec![incoming])).await.unwrap();
            }
        });
        let working = engines.iter().map(|engine| async move {
            let mut idle = 0;
            while idle < 40 {
                let claims = engine.claim(4).await.unwrap();
                idle = if claims.is_empty() { idle + 1 } else { 0 };
                let decided = claims.into_iter().map(|claim| world.decide(claim, vec![reply("hola")]));
                for outcome in engine.commit(decided.collect()).await {
                    // Whoever loses a lane, or meets another in a ring of locks, comes again.
                    drop(outcome);
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        });
        tokio::join!(futures::future::join_all(accepting), futures::future::join_all(working));
        // Lanes whose commit lost in a ring are taken over when their lease is over.
        world.clock.advance(LONG);
        world.settle_all(&engines[0], |_| Vec::new()).await;
        world.settle_all(&engines[0], |_| Vec::new()).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 20);
        assert_eq!(world.number("SELECT COUNT(*) FROM messages WHERE direction = 'in'").await, 80, "nothing is lost or doubled");
        let astray = "SELECT COUNT(*) FROM messages m WHERE NOT EXISTS (SELECT 1 FROM conversations c WHERE c.id = m.conversation_id)";
        assert_eq!(world.number(astray).await, 0);
        assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'person.merged'").await, 20);
        assert_eq!(world.number("SELECT COUNT(*) FROM events WHERE status = 0").await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_its_own_that_had_the_phone_before_stays_a_person_of_its_own() {
    on_both(async |world: &World| {
        let engine = world.engine();
        says(world, "before", person(Some("CO.0"), Some(PHONE)), 1).await;
        let before = turn(world, &engine, |_| (), vec![reply("hola")]).await;
        says(world, "u1", by_user(), 2).await;
        let user = turn(world, &engine, |_| (), vec![reply("hola")]).await;
        says(world, "both", by_both(), 3).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 2, "two accounts are two persons");
        assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'person.phone_moved'").await, 1);
        says(world, "phone", by_phone(), 4).await;
        let claim = engine.claim(1).await.unwrap().remove(0);
        assert_eq!(claim.lane, user.lane(), "the phone is the newer account's");
        engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
        says(world, "old", person(Some("CO.0"), None), 5).await;
        let claim = engine.claim(1).await.unwrap().remove(0);
        assert_eq!(claim.lane, before.lane());
        engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
    })
    .await;
}
