//! What members want to be told unasked, and what goes with messages: kept with its turn, of one shop alone.

use jiff::civil::date;
use recado_domain::attachment::File;
use recado_domain::digest::{Digest, DigestKind, Wish};
use recado_domain::effect::Effect;
use recado_domain::{ConversationId, MessageId};
use recado_store::desk::Scope;
use recado_store::engine::Committed;

use crate::world::{World, noon, on_both, reply, text};

const ANN: &str = "573001112233";

fn digest(told: Option<jiff::civil::Date>) -> Digest {
    Digest { wish: Wish::weekly(1, 480), told_through: told, held: Some(date(2026, 11, 23)), short: true }
}

/// The conversation of the person who wrote; its turn has these effects.
async fn turn(world: &World, id: &str, effects: Vec<Effect>) -> ConversationId {
    world.accept(text(id, ANN, "hola", noon())).await;
    let engine = world.engine();
    let claim = engine.claim(10).await.unwrap().remove(0);
    let conversation = ConversationId(claim.lane.0);
    let decided = world.decide(claim, effects);
    assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
    conversation
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_is_kept_changed_and_dropped_with_its_turn_and_is_of_its_shop_alone() {
    on_both(async |world: &World| {
        let daily = Digest { wish: Wish::daily(1_260), told_through: None, held: None, short: false };
        let kept = vec![Effect::KeepDigest(digest(None)), Effect::KeepDigest(daily.clone())];
        let conversation = turn(world, "1", kept).await;
        let own = world.store.merchant(world.merchant.id);
        assert_eq!(own.digests(conversation).await.unwrap(), [daily.clone(), digest(None)]);
        assert!(world.store.merchant(world.other.id).digests(conversation).await.unwrap().is_empty());
        let changed = digest(Some(date(2026, 11, 22)));
        turn(world, "2", vec![Effect::KeepDigest(changed.clone())]).await;
        assert_eq!(own.digests(conversation).await.unwrap(), [daily, changed.clone()]);
        turn(world, "3", vec![Effect::DropDigest(Some(DigestKind::Daily))]).await;
        assert_eq!(own.digests(conversation).await.unwrap(), [changed]);
        turn(world, "4", vec![Effect::DropDigest(None)]).await;
        assert!(own.digests(conversation).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_turn_notes_nothing_as_told() {
    on_both(async |world: &World| {
        world.accept(text("1", ANN, "hola", noon())).await;
        let slow = world.engine();
        let claim = slow.claim(10).await.unwrap().remove(0);
        let conversation = ConversationId(claim.lane.0);
        let stale = world.decide(claim, vec![reply("resumen"), Effect::KeepDigest(digest(None))]);
        world.clock.advance(std::time::Duration::from_secs(60));
        let fast = world.another_engine().await;
        let again = fast.claim(10).await.unwrap().remove(0);
        let decided = world.decide(again, vec![reply("resumen")]);
        assert!(matches!(fast.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
        assert_eq!(slow.commit(vec![stale]).await.remove(0).unwrap(), Committed::Stale);
        assert!(world.store.merchant(world.merchant.id).digests(conversation).await.unwrap().is_empty());
        assert_eq!(world.number("SELECT COUNT(*) FROM outbox").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_made_first_stays_and_is_seen_by_its_shop_alone() {
    on_both(async |world: &World| {
        let conversation = turn(world, "1", vec![reply("aquí va")]).await;
        let engine = world.engine();
        let row = engine.claim_sends(10).await.unwrap().remove(0);
        assert_eq!(row.merchant, world.merchant.id);
        assert!(engine.attachment(row.merchant, row.id).await.unwrap().is_none());
        let file = |bytes: &[u8]| File {
            mime_type: "application/pdf".to_owned(),
            name: "informe.pdf".to_owned(),
            alt: "octubre".to_owned(),
            bytes: bytes.to_vec(),
        };
        engine.keep_attachment(row.merchant, row.id, &file(b"first")).await.unwrap();
        engine.keep_attachment(row.merchant, row.id, &file(b"second")).await.unwrap();
        let kept = engine.attachment(row.merchant, row.id).await.unwrap().unwrap();
        assert_eq!((kept.file, kept.media), (file(b"first"), None));
        engine.note_upload(row.merchant, row.id, Some("77")).await.unwrap();
        let media = async || engine.attachment(row.merchant, row.id).await.unwrap().unwrap().media;
        assert_eq!(media().await.as_deref(), Some("77"));
        // The platform forgets after thirty days, and what it no longer has is given anew.
        world.clock.advance(std::time::Duration::from_secs(29 * 86_400));
        assert_eq!(media().await, None);
        engine.note_upload(row.merchant, row.id, Some("78")).await.unwrap();
        engine.note_upload(row.merchant, row.id, None).await.unwrap();
        assert_eq!(media().await, None);

        let message = MessageId(row.id.0);
        let seen = async |scope: Scope| world.store.sent_file(scope, conversation, message).await.unwrap();
        assert_eq!(seen(Scope::of(world.merchant.id)).await.map(|file| file.bytes), Some(b"first".to_vec()));
        assert!(seen(Scope::of(world.other.id)).await.is_none());
        let open = world.store.conversation(Scope::EVERY, conversation).await.unwrap().unwrap();
        let later = recado_domain::Timestamp::from_seconds(4_000_000_000);
        let line = world.store.timeline(&open, later, 10).await.unwrap().pop().unwrap();
        assert_eq!(line.file.map(|file| (file.name, file.bytes)), Some(("informe.pdf".to_owned(), 5)));
        engine.say_instead(row.merchant, row.id, "no pude").await.unwrap();
        let line = world.store.timeline(&open, later, 10).await.unwrap().pop().unwrap();
        assert_eq!(line.body, "no pude");
    })
    .await;
}
