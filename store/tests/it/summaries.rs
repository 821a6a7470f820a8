//! Summaries of long conversations: made of what is there, kept while it is, and gone with it.

use std::time::Duration;

use recado_domain::contact::PersonIds;
use recado_domain::summary::{AS_THEY_STAND, Author, Summary};
use recado_domain::{Clock as _, ConversationId, Language};
use recado_store::engine::Engine;
use recado_store::summaries::Unsummarised;

use crate::world::{NUMBER, World, on_both, person, reply, text_to};

const PHONE: &str = "573001112233";

/// A person says so many things, each answered in a turn of its own.
async fn talks(world: &World, engine: &Engine, who: PersonIds, from: u64, to: u64) -> ConversationId {
    let mut conversation = None;
    for minute in from..to {
        let id = format!("m{minute}");
        let text = text_to(NUMBER, &id, who.clone(), &format!("digo {minute}"), world.clock.now());
        world.accept(text).await;
        world.clock.advance(Duration::from_secs(1));
        let claim = engine.claim(1).await.unwrap().remove(0);
        conversation = Some(ConversationId(claim.lane.0));
        let decided = world.decide(claim, vec![reply(&format!("contesto {minute}"))]);
        engine.commit(vec![decided]).await.remove(0).unwrap();
        world.clock.advance(Duration::from_secs(59));
    }
    conversation.unwrap()
}

fn worded(world: &World, waits: &Unsummarised, body: &str) -> Summary {
    Summary {
        body: body.to_owned(),
        language: Language::Es,
        model: "m".to_owned(),
        turns: waits.turns,
        through: waits.through,
        through_at: waits.through_at,
        made_at: world.clock.now(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_part_is_summarised_and_the_newest_words_stand() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let conversation = talks(world, &engine, person(None, Some(PHONE)), 0, 2).await;
        assert!(facts.unsummarised(conversation).await.unwrap().is_none(), "four messages are read as they stand");
        talks(world, &engine, person(None, Some(PHONE)), 2, 12).await;
        let waits = facts.unsummarised(conversation).await.unwrap().unwrap();
        assert_eq!((waits.turns, waits.said.len(), waits.before.is_none()), (12, 24 - AS_THEY_STAND, true));
        assert_eq!((waits.said[0].author, waits.said[0].text.as_str()), (Author::Person, "digo 0"));
        assert_eq!(waits.said[1].author, Author::Desk);
        assert!(facts.keep_summary(conversation, Some(&worded(world, &waits, "uno")), &[]).await.unwrap());
        // Told once; then only what was said since, beside what went before.
        assert!(facts.unsummarised(conversation).await.unwrap().is_none());
        talks(world, &engine, person(None, Some(PHONE)), 12, 18).await;
        let more = facts.unsummarised(conversation).await.unwrap().unwrap();
        assert_eq!((more.before.as_ref().map(|one| one.body.as_str()), more.said.len()), (Some("uno"), 12));
        assert!(facts.keep_summary(conversation, Some(&worded(world, &more, "dos")), &[]).await.unwrap());
        let before = facts.before(conversation).await.unwrap();
        assert_eq!(before.summary, Some(worded(world, &more, "dos")));
        assert_eq!(before.last.len(), AS_THEY_STAND);
        assert_eq!(before.last.last().unwrap().text, "contesto 17");
        assert_eq!(world.number("SELECT COUNT(*) FROM summaries").await, 1);
        // Another shop's handle finds nothing of it.
        let theirs = world.store.merchant(world.other.id);
        assert_eq!(theirs.before(conversation).await.unwrap(), Default::default());
        assert!(theirs.unsummarised(conversation).await.unwrap().is_none());
        assert!(!theirs.keep_summary(conversation, Some(&worded(world, &more, "tres")), &[]).await.unwrap());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_summary_of_what_is_gone_is_not_kept() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let conversation = talks(world, &engine, person(None, Some(PHONE)), 0, 12).await;
        let waits = facts.unsummarised(conversation).await.unwrap().unwrap();
        // While a model thought, the person was erased.
        world.execute("DELETE FROM messages").await;
        assert!(!facts.keep_summary(conversation, Some(&worded(world, &waits, "uno")), &[]).await.unwrap());
        assert_eq!(facts.summary(conversation).await.unwrap(), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_turns_out_to_be_one_is_summarised_anew() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let by_user = person(Some("CO.1"), None);
        let stays = talks(world, &engine, by_user, 0, 12).await;
        let ends = talks(world, &engine, person(None, Some(PHONE)), 12, 24).await;
        for conversation in [stays, ends] {
            let waits = facts.unsummarised(conversation).await.unwrap().unwrap();
            assert!(facts.keep_summary(conversation, Some(&worded(world, &waits, "uno")), &[]).await.unwrap());
        }
        world.accept(text_to(NUMBER, "both", person(Some("CO.1"), Some(PHONE)), "soy yo", world.clock.now())).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 1);
        assert_eq!(world.number("SELECT COUNT(*) FROM summaries").await, 0);
        let waits = facts.unsummarised(stays).await.unwrap().unwrap();
        assert!(waits.said.len() > 30, "of both: {}", waits.said.len());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_summary_is_forgotten_after_its_time() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let conversation = talks(world, &engine, person(None, Some(PHONE)), 0, 12).await;
        let waits = facts.unsummarised(conversation).await.unwrap().unwrap();
        facts.keep_summary(conversation, Some(&worded(world, &waits, "uno")), &[]).await.unwrap();
        let keep = Duration::from_secs(90 * 86_400);
        world.clock.advance(Duration::from_secs(89 * 86_400));
        engine.forget(keep).await.unwrap();
        assert!(facts.summary(conversation).await.unwrap().is_some());
        world.clock.advance(Duration::from_secs(2 * 86_400));
        engine.forget(keep).await.unwrap();
        assert_eq!(facts.summary(conversation).await.unwrap(), None);
    })
    .await;
}
