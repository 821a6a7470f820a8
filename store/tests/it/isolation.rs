//! What one shop or person sees of another: nothing (RELIABILITY S8). Two shops share every number, phone, e-mail and
//! tracking number; what the first sees must not change when the second moves in.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use recado_domain::attachment::File;
use recado_domain::conversation::Owner;
use recado_domain::effect::{Effect, Subject};
use recado_domain::event::CommerceEvent;
use recado_domain::incident::{Incident, IncidentAction};
use recado_domain::merchant::{Member, MemberRole, Merchant, Staff, StaffRole};
use recado_domain::outbound::{Away, OutboundMessage, SendResult, Settlement};
use recado_domain::principal::Principal;
use recado_domain::shipment::{ShipmentFacts, ShipmentStatus};
use recado_domain::tools::{ProofOutcome, ShopperTools, StaffTools, ToolBox};
use recado_domain::{
    Clock as _, ContactId, ConversationId, EventId, MerchantId, MessageId, OutboxId, StaffId, Timestamp,
};
use recado_store::desk::{ConversationFilter, Scope};
use recado_store::engine::Settled;

use crate::shop::{at, incident, order, refund, refunded, told};
use crate::world::{NUMBER, OTHER_NUMBER, OTHER_SHOP, SHOP, World, fact_of, noon, on_both, person, reply, text_to};

const ANN: &str = "573001112233";
const LATER: Timestamp = Timestamp::from_seconds(4_000_000_000);

/// What is to be found of a shop.
struct Traces {
    merchant: MerchantId,
    name: &'static str,
    chat: i64,
    conversation: ConversationId,
    message: String,
    incident: Incident,
    dead: EventId,
    failed: OutboxId,
}

/// Fills every list of a shop. The two shops differ in their name alone.
async fn move_in(world: &World, merchant: &Arc<Merchant>) -> Traces {
    let first = merchant.id == world.merchant.id;
    let (name, number, shop, chat) =
        if first { ("canary uno", NUMBER, SHOP, 7_001) } else { ("canary dos", OTHER_NUMBER, OTHER_SHOP, 7_002) };
    let staff = Staff {
        id: StaffId::derived(&[name]),
        name: name.to_owned(),
        role: StaffRole::Lead,
        telegram_user_id: Some(chat),
        merchant: Some(merchant.id),
    };
    world.store.save_staff(&staff).await.unwrap();
    let mut sold = order("1", "#1001", noon(), 100);
    sold.customer.as_mut().unwrap().name = Some(name.to_owned());
    let parcel = ShipmentFacts {
        external_id: "parcel".to_owned(),
        order_external_id: "1".to_owned(),
        carrier: Some("Coordinadora".to_owned()),
        tracking_numbers: vec!["AB 12".to_owned()],
        tracking_url: None,
        status: Some(ShipmentStatus::Exception),
        city: Some("Cali".to_owned()),
        line_ids: Vec::new(),
        created_at: noon(),
        updated_at: at(1),
    };
    for fact in [told(sold), CommerceEvent::Shipment(parcel), refunded("1", refund("r", "1", at(2), 5))] {
        world.accept(fact_of(shop, "1", fact)).await;
    }
    world.accept(text_to(number, "m1", person(None, Some(ANN)), name, noon())).await;
    let engine = world.engine();
    let mut conversation = None;
    for claim in engine.claim(10).await.unwrap() {
        let talk = claim.kind == "conversation";
        let mut decided = world.decide(claim, Vec::new());
        if let Some(row) = decided.conversation.as_mut().filter(|_| talk) {
            row.owner = Owner::Waiting { since: noon() };
            row.profile_name = Some(name.to_owned());
            conversation = Some(row.id);
            let message = OutboundMessage::text("notice", name);
            let notice = Effect::NotifyStaff { merchant: merchant.id, message, subject: Subject::Conversation(row.id) };
            decided.effects = vec![reply(name), reply(name), reply(name), notice, incident(merchant.id, "cali", 2, 6)];
        }
        engine.commit(vec![decided]).await.remove(0).unwrap();
    }
    world.settle_all(&engine, |_| Vec::new()).await;
    // One answer is sent, one fails, and one of the first shop waits for its platform; the notice is sent. Telegram numbers its messages for each chat.
    let mut failed = None;
    for round in 0..3 {
        for row in engine.claim_sends(10).await.unwrap() {
            let result = if round == 0 {
                SendResult::Sent { provider_id: "55".to_owned() }
            } else if round == 2 && merchant.id != world.merchant.id {
                SendResult::Sent { provider_id: "56".to_owned() }
            } else if round == 2 {
                SendResult::Away {
                    why: Away::NoConnection,
                    after: Some(Duration::from_secs(3_600)),
                    reason: name.to_owned(),
                }
            } else {
                failed = Some(row.id);
                let file = File {
                    mime_type: "image/png".to_owned(),
                    name: name.to_owned(),
                    alt: name.to_owned(),
                    bytes: name.as_bytes().to_vec(),
                };
                engine.keep_attachment(row.merchant, row.id, &file).await.unwrap();
                SendResult::Failed { reason: name.to_owned() }
            };
            engine.settle_sends(&[Settled::of(&row, Settlement::Staff, result)]).await.unwrap();
        }
    }
    world.accept(text_to(number, "dead", person(None, Some(ANN)), name, noon())).await;
    world.execute("UPDATE events SET status = 2, reason = 'broken', settled_at = received_at WHERE status = 0").await;
    let dead = world.store.dead_letters(Scope::of(merchant.id)).await.unwrap().remove(0).id;
    Traces {
        merchant: merchant.id,
        name,
        chat,
        conversation: conversation.unwrap(),
        message: format!("{number}|m1"),
        incident: world.store.merchant(merchant.id).incidents().await.unwrap().remove(0),
        dead,
        failed: failed.unwrap(),
    }
}

type Seen = Vec<(&'static str, String)>;

fn shown<T: std::fmt::Debug>(what: T) -> String {
    format!("{what:?}")
}

/// Every read of the desk.
async fn desk(world: &World, scope: Scope, of: &Traces) -> Seen {
    let store = &world.store;
    let today = store.today(scope, Timestamp::EPOCH).await.unwrap();
    vec![
        ("incidents", shown(store.incidents(scope, true).await.unwrap())),
        ("conversations", shown(store.conversations(scope, ConversationFilter::All, "canary").await.unwrap())),
        ("conversation", shown(store.conversation(scope, of.conversation).await.unwrap())),
        ("dead_letters", shown(store.dead_letters(scope).await.unwrap())),
        ("troubled_sends", shown(store.troubled_sends(scope).await.unwrap())),
        ("sends_waiting", shown(store.sends_waiting(scope).await.unwrap())),
        ("orders", shown(store.orders(scope, LATER, "1001", None).await.unwrap())),
        ("parcel_problems", shown(store.parcel_problems(scope).await.unwrap())),
        ("nav_counts", shown(store.nav_counts(scope).await.unwrap())),
        ("channel_pulse", shown(store.channel_pulse(scope).await.unwrap())),
        ("today", shown(today)),
        ("story", shown(store.story(scope, &of.message).await.unwrap())),
        ("sent_file", shown(store.sent_file(scope, of.conversation, MessageId(of.failed.0)).await.unwrap())),
    ]
}

/// The acts of the desk on what is another's: each must find nothing. Says which did.
async fn acts(world: &World, scope: Scope, on: &Traces) -> Vec<&'static str> {
    let store = &world.store;
    let handled = store.handle_incident(scope, on.incident.id, IncidentAction::Acknowledge, "eva").await.unwrap();
    let mut worked = vec![("handle_incident", handled.is_some())];
    worked.push(("replay_dead", store.replay_dead(scope, on.dead, "eva").await.unwrap()));
    world.execute("UPDATE events SET status = 2, reason = 'broken', settled_at = received_at WHERE status = 0").await;
    worked.push(("dismiss_dead", store.dismiss_dead(scope, on.dead, "eva").await.unwrap()));
    worked.push(("repeat_send", store.repeat_send(scope, on.failed, "eva").await.unwrap()));
    world.execute("UPDATE outbox SET status = 4 WHERE status = 0").await;
    worked.push(("dismiss_send", store.dismiss_send(scope, on.failed, "eva").await.unwrap()));
    worked.into_iter().filter(|(_, worked)| *worked).map(|(name, _)| name).collect()
}

/// Every read of a merchant's handle.
async fn handle(world: &World, merchant: MerchantId, of: &Traces) -> Seen {
    let facts = world.store.merchant(merchant);
    vec![
        ("orders_of_phone", shown(facts.orders_of_phone(ANN).await.unwrap())),
        ("orders_of_reference", shown(facts.orders_of_reference("#1001").await.unwrap())),
        ("orders_of_reference", shown(facts.orders_of_reference("ab-12").await.unwrap())),
        ("order_named", shown(facts.order_named("#1001").await.unwrap())),
        ("told_at", shown(facts.told_at().await.unwrap())),
        ("incidents", shown(facts.incidents().await.unwrap())),
        ("all_incidents", shown(facts.all_incidents(50).await.unwrap())),
        ("incident", shown(facts.incident(of.incident.id).await.unwrap())),
        ("incident_by_number", shown(facts.incident_by_number(1).await.unwrap())),
        ("parcel_counts", shown(facts.parcel_counts("Coordinadora", "Cali").await.unwrap())),
        ("is_locked", shown(facts.is_locked(of.conversation.contact()).await.unwrap())),
    ]
}

/// The functions of some sources whose heads hold these words.
fn functions(folder: &str, words: &str) -> BTreeSet<String> {
    let path = std::path::PathBuf::from(format!("{}/src/{folder}", env!("CARGO_MANIFEST_DIR")));
    let files = if path.is_dir() {
        std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).collect()
    } else {
        vec![path]
    };
    let texts: Vec<String> = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    let heads = texts.iter().flat_map(|text| text.split("pub async fn ").skip(1)).map(|rest| rest.split('{').next());
    let wanted = heads.flatten().filter(|head| head.contains(words));
    wanted.map(|head| head.split('(').next().unwrap_or_default().to_owned()).collect()
}

fn names(seen: &Seen) -> BTreeSet<String> {
    seen.iter().map(|(name, _)| (*name).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_sees_nothing_of_another_that_shares_all_its_numbers() {
    on_both(async |world: &World| {
        let dos = move_in(world, &world.other).await;
        let scope = Scope::of(dos.merchant);
        // What waits for less than a minute is on its way.
        world.clock.advance(Duration::from_secs(61));
        let before = (desk(world, scope, &dos).await, handle(world, dos.merchant, &dos).await);
        let everything = desk(world, Scope::EVERY, &dos).await;
        world.clock.advance(Duration::from_secs(60));
        let uno = move_in(world, &world.merchant).await;
        world.clock.advance(Duration::from_secs(61));

        // Every function of the desk with a scope and every read of the handle is here, also those of tomorrow.
        let mut covered = names(&before.0);
        covered.extend(
            ["handle_incident", "replay_dead", "dismiss_dead", "repeat_send", "dismiss_send"].map(str::to_owned),
        );
        assert_eq!(covered, functions("desk", "scope: Scope"));
        let mut covered = names(&before.1);
        covered.insert("count_failure".to_owned());
        assert_eq!(covered, functions("merchant.rs", "&self"));

        assert_eq!(desk(world, scope, &dos).await, before.0);
        world.store.merchant(uno.merchant).count_failure(dos.conversation.contact()).await.unwrap();
        assert_eq!(handle(world, dos.merchant, &dos).await, before.1);
        for (read, seen) in before.0.iter().chain(&before.1) {
            assert!(!seen.contains(uno.name) && !seen.contains(&uno.merchant.to_string()), "{read}: {seen}");
        }
        // The comparison itself: without a scope every list changes.
        for ((read, then), (_, now)) in everything.iter().zip(&desk(world, Scope::EVERY, &dos).await) {
            assert_eq!(then == now, ["conversation", "story", "sent_file"].contains(read), "{read}: {now}");
        }
        // Ids of the other find nothing, and nothing can be done with them.
        let foreign = desk(world, scope, &uno).await;
        for read in ["conversation", "story", "sent_file"] {
            assert!(foreign.iter().any(|(name, seen)| *name == read && seen == "None"), "{read}");
        }
        let foreign = handle(world, dos.merchant, &uno).await;
        assert!(foreign.iter().any(|(name, seen)| *name == "incident" && seen == "None"));
        assert_eq!(acts(world, scope, &uno).await, [""; 0]);
        assert_eq!(acts(world, Scope::of(uno.merchant), &uno).await.len(), 5, "its own shop can do all five");
        assert_eq!(acts(world, Scope::EVERY, &dos).await.len(), 5);
    })
    .await;
}

async fn shopper(world: &World, merchant: &Arc<Merchant>, contact: &str, phone: Option<&str>) -> Box<dyn ShopperTools> {
    let principal = Principal::Shopper { merchant: merchant.id, contact: ContactId::derived(&[contact]) };
    match world.store.tool_box(&principal, merchant, phone.map(str::to_owned)).await.unwrap() {
        ToolBox::Shopper(tools) => tools,
        _ => panic!("a shopper has a shopper's box"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shopper_sees_own_orders_and_another_s_only_with_proof() {
    on_both(async |world: &World| {
        move_in(world, &world.merchant).await;
        move_in(world, &world.other).await;
        let mut bens = order("2", "#2002", noon(), 50);
        (bens.phone, bens.email) = (Some("+573004445566".to_owned()), Some("ben@example.com".to_owned()));
        bens.customer = None;
        let mut evas = order("3", "#3003", noon(), 50);
        (evas.phone, evas.email) = (Some("+573007778899".to_owned()), Some("eva@example.com".to_owned()));
        evas.customer = None;
        world.accept(fact_of(SHOP, "2", told(bens))).await;
        world.accept(fact_of(OTHER_SHOP, "3", told(evas))).await;
        world.settle_all(&world.engine(), |_| Vec::new()).await;

        let ann = shopper(world, &world.merchant, "ann", Some(ANN)).await;
        let own = ann.own_orders().await.unwrap();
        assert_eq!(own.len(), 1, "the same phone at the other shop is not hers here");
        assert_eq!(own[0].order.customer.as_ref().unwrap().name.as_deref(), Some("canary uno"));
        for reference in ["1001", "AB-12"] {
            assert_eq!(ann.own_order(reference).await.unwrap().as_ref(), Some(&own[0]), "{reference}");
        }
        assert_eq!(ann.own_order("2002").await.unwrap(), None);
        let nobody = shopper(world, &world.merchant, "nobody", None).await;
        assert!(nobody.own_orders().await.unwrap().is_empty());
        assert_eq!(nobody.own_order("1001").await.unwrap(), None);

        let proven = |outcome: &ProofOutcome| match outcome {
            ProofOutcome::Proven(view) => view.order.name.clone(),
            other => panic!("{other:?}"),
        };
        for proof in ["es BEN@example.com.", "300 444 5566", "+57 300 4445566"] {
            assert_eq!(proven(&ann.prove("2002", proof).await.unwrap()), "#2002", "{proof}");
        }
        // A wrong proof, an order that nobody has, and one of the other shop with its right proof: all alike, all counted.
        for (reference, proof) in
            [("2002", "eva@example.com"), ("9999", "ben@example.com"), ("3003", "eva@example.com")]
        {
            assert_eq!(ann.prove(reference, proof).await.unwrap(), ProofOutcome::NotProven, "{reference}");
        }
        assert_eq!(ann.prove("2002", "ben@example.com").await.unwrap(), ProofOutcome::Locked);
        assert_eq!(ann.prove("9999", "x").await.unwrap(), ProofOutcome::Locked);
        assert_eq!(ann.own_orders().await.unwrap(), own, "what is hers needs no proof");
        let (again, elsewhere) = (
            shopper(world, &world.merchant, "ann", Some(ANN)).await,
            shopper(world, &world.other, "ann", Some(ANN)).await,
        );
        assert_eq!(
            again.prove("2002", "ben@example.com").await.unwrap(),
            ProofOutcome::Locked,
            "a new box is no way out"
        );
        assert_eq!(proven(&elsewhere.prove("3003", "eva@example.com").await.unwrap()), "#3003");
        assert_eq!(proven(&nobody.prove("2002", "ben@example.com").await.unwrap()), "#2002");
        world.clock.advance(Duration::from_secs(24 * 3_600 + 1));
        assert_eq!(proven(&ann.prove("2002", "ben@example.com").await.unwrap()), "#2002");
    })
    .await;
}

async fn staff(world: &World, limit: Option<MerchantId>) -> Box<dyn StaffTools> {
    let staff = Staff {
        id: StaffId::derived(&["eva"]),
        name: "Eva".to_owned(),
        role: StaffRole::Agent,
        telegram_user_id: None,
        merchant: limit,
    };
    match world.store.tool_box(&Principal::Staff(staff), &world.merchant, None).await.unwrap() {
        ToolBox::Staff(tools) => tools,
        _ => panic!("staff has a staff's box"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_of_a_shop_and_its_members_see_that_shop_only() {
    on_both(async |world: &World| {
        let (uno, dos) = (move_in(world, &world.merchant).await, move_in(world, &world.other).await);
        let mut only_uno = order("2", "#2002", noon(), 50);
        only_uno.phone = None;
        world.accept(fact_of(SHOP, "2", told(only_uno))).await;
        world.settle_all(&world.engine(), |_| Vec::new()).await;
        let (limited, every) = (staff(world, Some(dos.merchant)).await, staff(world, None).await);

        assert_eq!(limited.incidents().await.unwrap(), std::slice::from_ref(&dos.incident));
        assert_eq!(every.incidents().await.unwrap().len(), 2);
        assert_eq!(limited.incident(1).await.unwrap(), Some(dos.incident.clone()));
        let people = limited.with_people().await.unwrap();
        assert_eq!(people.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [dos.name]);
        assert_eq!(every.with_people().await.unwrap().len(), 2);
        assert_eq!(limited.conversation(&dos.conversation.code()).await.unwrap().unwrap().id, dos.conversation);
        assert_eq!(limited.conversation(&uno.conversation.code()).await.unwrap(), None);
        assert_eq!(every.conversation(&uno.conversation.code()).await.unwrap().unwrap().id, uno.conversation);
        for (tools, chat, found) in [
            (&limited, dos.chat, Some(dos.conversation)),
            (&limited, uno.chat, None),
            (&every, uno.chat, Some(uno.conversation)),
        ] {
            let notice = tools.conversation_of_notice(chat, 55).await.unwrap();
            assert_eq!(notice.map(|view| view.id), found);
        }
        let name = limited.order("1001").await.unwrap().unwrap().1.order.customer.unwrap().name;
        assert_eq!(name.as_deref(), Some(dos.name));
        assert_eq!(limited.order("2002").await.unwrap(), None);
        assert!(every.order("2002").await.unwrap().is_some());

        let member = Member { name: "Leo".to_owned(), role: MemberRole::Owner, finance: true };
        let principal = Principal::Member { merchant: dos.merchant, contact: ContactId::derived(&["leo"]), member };
        let ToolBox::Member(tools) = world.store.tool_box(&principal, &world.other, None).await.unwrap() else {
            panic!("a member has a member's box")
        };
        assert_eq!(tools.ledger().await.unwrap().facts().orders.len(), 1);
        assert_eq!(tools.incidents().await.unwrap(), std::slice::from_ref(&dos.incident));
        assert_eq!(tools.order("2002").await.unwrap(), None);
        assert_eq!(tools.told_at().await.unwrap(), Some(world.clock.now()));
        let ToolBox::System(tools) =
            world.store.tool_box(&Principal::System { merchant: dos.merchant }, &world.other, None).await.unwrap()
        else {
            panic!("the shop has the shop's box")
        };
        assert_eq!(tools.incident(uno.incident.id).await.unwrap(), None);
        assert_eq!(tools.parcel_counts("Coordinadora", "Cali").await.unwrap().active, 1);
        assert!(matches!(
            world.store.tool_box(&Principal::Stranger, &world.other, None).await.unwrap(),
            ToolBox::Empty
        ));
    })
    .await;
}
