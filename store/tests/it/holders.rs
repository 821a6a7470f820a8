//! What is held against an event that somebody took and nobody settled: ends of processes, and turns that a living one
//! could not commit in time.

use std::time::Duration;

use recado_domain::event::Inbox as _;
use recado_store::engine::{Committed, Engine};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::world::{LONG, World, noon, on_both, on_postgres, reply, text, words};

const ANN: &str = "573001112233";
/// The longest rest after a timeout.
const REST: Duration = Duration::from_secs(60);

async fn ends(world: &World) -> i64 {
    world.number("SELECT COUNT(*) FROM process_ends").await
}

async fn timeouts(world: &World) -> i64 {
    world.number("SELECT MAX(timeouts) FROM events").await
}

/// A claim of which nothing is heard again, though its process lives; then the rest that the next claim begins.
async fn unsettled(world: &World, engine: &Engine) {
    assert_eq!(engine.claim(10).await.unwrap().len(), 1);
    world.clock.advance(LONG);
    assert!(engine.claim(10).await.unwrap().is_empty(), "the lane rests");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_living_process_could_neither_commit_nor_record_is_no_end_of_it() {
    on_both(async |world: &World| {
        world.accept(text("m", ANN, "m", noon())).await;
        let engine = world.engine();
        for number in 1..=9 {
            unsettled(world, &engine).await;
            assert_eq!((timeouts(world).await, ends(world).await), (number, 0));
            world.clock.advance(REST);
        }
        let claim = engine.claim(10).await.unwrap().remove(0);
        assert_eq!((words(&claim), claim.timeouts), (vec!["m".to_owned()], 9));
        let outcome = engine.commit(vec![world.decide(claim, vec![reply("at last")])]).await.remove(0).unwrap();
        assert!(matches!(outcome, Committed::Yes { .. }));
        assert!(world.store.dead_events(10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_taken_in_time_is_given_up_for_that_reason_and_its_neighbours_are_not() {
    on_both(async |world: &World| {
        world.accept(text("heavy", ANN, "heavy", noon())).await;
        world.accept(text("light", ANN, "light", noon().plus(Duration::from_secs(1)))).await;
        let engine = world.engine();
        for number in 0..10 {
            let claim = engine.claim(10).await.unwrap().remove(0);
            assert_eq!(claim.events.len(), if number == 0 { 2 } else { 1 });
            assert_eq!((words(&claim).remove(0), claim.timeouts), ("heavy".to_owned(), number));
            if number % 2 == 0 {
                engine.time_out(&claim).await.unwrap();
            } else {
                world.clock.advance(LONG);
                let found = engine.claim(10).await.unwrap();
                // The tenth is found by a claim that buries it and takes what waits behind it, which was with it once.
                assert!(found.is_empty() || number == 9, "{found:?}");
            }
            if number < 9 {
                assert!(engine.claim(10).await.unwrap().is_empty(), "the lane rests");
            }
            world.clock.advance(REST);
        }
        world.clock.advance(LONG);
        let dead = world.store.dead_events(10).await.unwrap();
        assert_eq!(dead.len(), 1);
        assert_eq!(
            dead[0].reason.as_deref(),
            Some("gave up after 10 tries that the database did not take in time"),
            "and not that it ended the process"
        );
        assert_eq!(ends(world).await, 0);
        // Staff gives it another chance, with nothing held against it.
        world.store.replay_event(dead[0].id).await.unwrap();
        world.clock.advance(REST);
        let mut heard = Vec::new();
        for _ in 0..4 {
            for claim in engine.claim(10).await.unwrap() {
                heard.extend(words(&claim));
                engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
            }
            world.clock.advance(LONG);
        }
        heard.sort_unstable();
        assert_eq!(heard, ["heavy", "light"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ended_counts_once_for_each_event_it_held() {
    on_both(async |world: &World| {
        world.accept(text("a", ANN, "a", noon())).await;
        world.accept(text("b", ANN, "b", noon().plus(Duration::from_secs(1)))).await;
        assert_eq!(world.engine().claim(10).await.unwrap()[0].events.len(), 2);
        world.clock.advance(LONG);
        let heir = world.engine();
        let claim = heir.claim(10).await.unwrap().remove(0);
        assert_eq!((words(&claim), ends(world).await), (vec!["a".to_owned()], 1), "it runs alone");
        // What is given back untouched is found by nobody, and the dead one is not counted again.
        heir.release(&claim).await.unwrap();
        let claim = heir.claim(10).await.unwrap().remove(0);
        heir.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        let claim = heir.claim(10).await.unwrap().remove(0);
        assert_eq!((words(&claim), ends(world).await), (vec!["b".to_owned()], 2));
        heir.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        assert_eq!(timeouts(world).await, 0);
        // They are forgotten with what is settled.
        world.clock.advance(Duration::from_secs(91 * 86_400));
        heir.forget(Duration::from_secs(90 * 86_400)).await.unwrap();
        assert_eq!(ends(world).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_living_replica_holds_too_long_is_no_end_of_it_until_it_ends() {
    on_postgres(async |world, _| {
        let (slow, heir) = (world.engine(), world.another_engine().await);
        let living = slow.announce().await.unwrap();
        let mut reaper = heir.announce().await.unwrap();
        world.accept(text("m", ANN, "m", noon())).await;
        // Longer than the bound for ends of processes, and it stays a timeout.
        for number in 1..=4 {
            assert_eq!(slow.claim(10).await.unwrap().len(), 1);
            world.clock.advance(LONG);
            assert!(heir.claim(10).await.unwrap().is_empty());
            assert_eq!((timeouts(world).await, ends(world).await), (number, 0));
            world.clock.advance(REST);
        }
        assert_eq!(slow.claim(10).await.unwrap().len(), 1);
        drop(living);
        while heir.reap(&mut reaper).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let claim = heir.claim(10).await.unwrap().remove(0);
        assert_eq!((words(&claim), timeouts(world).await, ends(world).await), (vec!["m".to_owned()], 4, 1));
        heir.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        heir.depart(reaper).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_lost_its_lock_and_lives_takes_back_what_was_held_against_it() {
    on_postgres(async |world, fresh| {
        let (blinking, heir) = (world.engine(), world.another_engine().await);
        let mut living = blinking.announce().await.unwrap();
        let mut reaper = heir.announce().await.unwrap();
        world.accept(text("m", ANN, "m", noon())).await;
        let stale = blinking.claim(10).await.unwrap().remove(0);
        // Its connection is cut, as by a network that blinks; it lives on.
        let cut = format!(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN replicas r ON l.locktype = 'advisory' \
                AND CAST(l.classid AS BIGINT) = (r.lock_key >> 32) & 4294967295 \
                AND CAST(l.objid AS BIGINT) = r.lock_key & 4294967295 WHERE r.id = '{}'",
            blinking.replica().0
        );
        // Only a superuser may; the desk's own roles may not.
        let mut superuser = PgConnection::connect(&fresh.url).await.unwrap();
        sqlx::query(AssertSqlSafe(cut)).execute(&mut superuser).await.unwrap();
        superuser.close().await.unwrap();
        while heir.reap(&mut reaper).await.unwrap() == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let fresh = heir.claim(10).await.unwrap().remove(0);
        assert_eq!(ends(world).await, 1, "for all that anybody can know");
        blinking.reap(&mut living).await.unwrap();
        assert_eq!(ends(world).await, 0, "it is not blamed for what it did not do");
        let outcome = blinking.commit(vec![world.decide(stale, vec![reply("stale")])]).await.remove(0).unwrap();
        assert_eq!(outcome, Committed::Stale);
        heir.commit(vec![world.decide(fresh, vec![])]).await.remove(0).unwrap();
        assert_eq!(world.number("SELECT COUNT(*) FROM replicas").await, 2, "and it is known again");
        blinking.depart(living).await;
        heir.depart(reaper).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted_while_a_lane_is_held_is_not_blamed() {
    on_both(async |world: &World| {
        world.accept(text("a", ANN, "a", noon())).await;
        let dead = world.engine();
        assert_eq!(dead.claim(10).await.unwrap().len(), 1);
        let inbox = world.inbox();
        inbox.accept(world.delivery(vec![text("b", ANN, "b", noon().plus(Duration::from_secs(1)))])).await.unwrap();
        world.clock.advance(LONG);
        let heir = world.engine();
        world.settle_all(&heir, |_| Vec::new()).await;
        let blamed = "SELECT COUNT(DISTINCT event_id) FROM process_ends";
        assert_eq!(world.number(blamed).await, 1, "only what it had taken");
    })
    .await;
}
