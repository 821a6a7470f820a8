//! Erasure, copies, and what is said of every column (RELIABILITY S18), on both databases.

mod classified;
mod restored;

use std::collections::BTreeMap;
use std::time::Duration;

use recado_domain::action::Action;
use recado_domain::contact::PersonIds;
use recado_domain::effect::Effect;
use recado_domain::event::{
    CommerceEvent, ComplianceRequest, EventContent, Inbox as _, Incoming, InternalEvent, LaneKey, Receipt,
    ReceiptStatus,
};
use recado_domain::finance::figures::{Days, Metric};
use recado_domain::finance::reminder::{NewReminder, TemplateWords, Tone};
use recado_domain::flow::FlowKind;
use recado_domain::order::{CheckoutFacts, CustomerFacts, OrderFacts, PostalAddress};
use recado_domain::privacy::{Origin, Outcome, Reach};
use recado_domain::request::{NewRequest, RequestStatus};
use recado_domain::{ActionId, ConversationId, Currency, Language, PrivacyId, ReminderBatchId, ReminderId, RequestId};
use recado_store::engine::{Committed, Engine};
use recado_store::requests::Decided;
use recado_store::{PrivacyTask, db::Db};
use sqlx::{AssertSqlSafe, Row as _};

use crate::facts::{parcel, scan};
use crate::shop::{at, order, told};
use crate::world::{LONG, NUMBER, SHOP, World, delivery_at, fact_of, noon, on_both, person, reply, text_to};

/// Whose data go.
const PHONE: &str = "573001119999";
/// What must be nowhere once they are gone: the ends of phones, names, words, addresses, numbers.
const CANARIES: [&str; 6] = ["3001119999", "canary", "CANARY", "Calle Canaria", "998877665544", "secreto"];
/// Who stays.
const NEIGHBOUR: &str = "573002223333";

fn ids() -> PersonIds {
    person(Some("CO.CANARY1"), Some(PHONE))
}

fn customer() -> CustomerFacts {
    CustomerFacts {
        external_id: Some("998877665544".to_owned()),
        name: Some("canary Ruiz".to_owned()),
        email: Some("canary@example.com".to_owned()),
        phone: Some(format!("+{PHONE}")),
    }
}

fn their_order(id: &str) -> OrderFacts {
    let mut order = order(id, &format!("#{id}"), noon(), 100);
    order.email = customer().email;
    order.phone = customer().phone;
    order.customer = Some(customer());
    order.address = Some(PostalAddress {
        name: Some("canary Ruiz".to_owned()),
        line1: Some("Calle Canaria 77".to_owned()),
        city: Some("Cali".to_owned()),
        ..PostalAddress::default()
    });
    order
}

/// Accepts one event in a delivery whose raw bytes hold a canary of their own.
async fn accept(world: &World, incoming: Incoming) {
    let mut delivery = delivery_at(recado_domain::Clock::now(&world.clock), vec![incoming]);
    delivery.arrival.body = b"{\"raw\":\"canary\"}".to_vec();
    delivery.arrival.headers.push(("x-who".to_owned(), "canary".to_owned()));
    assert_eq!(world.inbox().accept(delivery).await.unwrap().accepted, 1);
}

/// Commits the one claim there is with these effects, leaving canaries in why.
async fn turn(world: &World, engine: &Engine, effects: Vec<Effect>) -> ConversationId {
    let claim = engine.claim(1).await.unwrap().remove(0);
    let conversation = ConversationId(claim.lane.0);
    let mut decided = world.decide(claim, effects);
    decided.trace.decision = "canary".to_owned();
    if let Some(conversation) = decided.conversation.as_mut() {
        conversation.profile_name = Some("canary Ruiz".to_owned());
    }
    assert!(matches!(engine.commit(vec![decided]).await.remove(0).unwrap(), Committed::Yes { .. }));
    conversation
}

/// Everything that a shop may know of a person, and beside it a neighbour who has the same.
async fn move_in(world: &World, engine: &Engine) -> ConversationId {
    for (phone, lane) in [(NEIGHBOUR, "7"), (PHONE, "1")] {
        let who = if phone == PHONE { ids() } else { person(None, Some(phone)) };
        let id = if phone == PHONE { "m-them" } else { "m-neighbour" };
        accept(world, text_to(NUMBER, id, who, "un secreto", noon())).await;
        let asked = NewRequest {
            id: RequestId::new(noon()),
            kind: FlowKind::ReturnOrder,
            order: Some(format!("#{lane}")),
            details: [("reason".to_owned(), "canary".to_owned())].into(),
        };
        let unanswered = Effect::Unanswered { question: format!("secreto {phone}"), language: Language::Es };
        let name = if phone == PHONE { "canary Ruiz" } else { "Vecino" };
        let digits = phone.to_owned();
        let debtor = Effect::KeepDebtor { debtor: name.to_owned(), digits: digits.clone(), by: "Eva".to_owned() };
        let reminder = Effect::Remind(Box::new(NewReminder {
            id: ReminderId::derived(&[phone]),
            batch: ReminderBatchId::derived(&[phone]),
            debtor: name.to_owned(),
            digits,
            invoices: Vec::new(),
            tone: Tone::Firm,
            body: format!("debes, {name}"),
            template: Some(TemplateWords { language: Language::Es, variables: vec![name.to_owned()] }),
            send_at: noon().plus(Duration::from_secs(86_400)),
            approved_by: "Eva".to_owned(),
        }));
        turn(world, engine, vec![reply("hola canary"), unanswered, Effect::Request(asked), debtor, reminder]).await;
    }
    world.execute("UPDATE requests SET note = 'canary'").await;
    let staff = fact_of(SHOP, "none", CommerceEvent::Other { topic: "x".to_owned() });
    let conversation = ConversationId::of(recado_domain::ContactId::derived(&[
        &world.merchant.id.to_string(),
        "whatsapp",
        "user:CO.CANARY1",
    ]));
    // Staff writes to the person: the words stand in the staff chat's own event as well.
    let mut written = staff;
    written.lane = LaneKey::Staff { chat_id: 5, user_id: 5 };
    written.content = recado_domain::event::EventContent::Staff(recado_domain::event::StaffMessage {
        chat_id: 5,
        user_id: 5,
        display_name: "Laura".to_owned(),
        reply_to: None,
        second_hand: false,
        body: recado_domain::event::StaffBody::Text { text: "hola canary".to_owned() },
    });
    accept(world, written).await;
    let event = InternalEvent::StaffReply { staff_name: "Laura".to_owned(), text: "hola canary".to_owned() };
    let merchant = world.merchant.id;
    turn(world, engine, vec![Effect::Post { merchant, conversation, event }, reply("enviado a canary")]).await;
    world.settle_all(engine, |_| Vec::new()).await;

    for id in ["1", "2"] {
        accept(world, fact_of(SHOP, id, told(their_order(id)))).await;
    }
    let mut shipped = parcel("1", 20, Some(recado_domain::shipment::ShipmentStatus::Delivered), Some("Cali"));
    if let CommerceEvent::Shipment(parcel) = &mut shipped {
        parcel.tracking_url = Some("https://track.example/canary".to_owned());
    }
    accept(world, fact_of(SHOP, "1", shipped)).await;
    let mut seen = scan("1", 30, None);
    if let CommerceEvent::ShipmentEvent(scan) = &mut seen {
        (scan.message, scan.raw) = (Some("recibió canary".to_owned()), "RECIBIO canary".to_owned());
    }
    accept(world, fact_of(SHOP, "1", seen)).await;
    world.accept(fact_of(SHOP, "7", told(order("7", "#7", noon(), 30)))).await;
    world.settle_all(engine, |_| Vec::new()).await;
    // Somebody proposed to send it elsewhere.
    accept(world, fact_of(SHOP, "1", CommerceEvent::Other { topic: "x".to_owned() })).await;
    let address = their_order("1").address.unwrap();
    let action = Action::ChangeAddress { order: "1".to_owned(), name: "#1".to_owned(), address };
    let (id, by) = (ActionId::new(noon()), "Laura".to_owned());
    let claim = engine.claim(1).await.unwrap().remove(0);
    let proposed = world.decide(claim, vec![Effect::ProposeAction { merchant, id, action, by, request: None }]);
    assert!(matches!(engine.commit(vec![proposed]).await.remove(0).unwrap(), Committed::Yes { .. }));
    let mut known = fact_of(SHOP, "x", CommerceEvent::Customer(customer()));
    known.lane = LaneKey::Thing("customer", "998877665544".to_owned());
    accept(world, known).await;
    let mut left = fact_of(
        SHOP,
        "x",
        CommerceEvent::Checkout(CheckoutFacts {
            token: "canary-token".to_owned(),
            email: customer().email,
            phone: None,
            completed_at: None,
            updated_at: noon(),
            titles: vec!["Camiseta".to_owned()],
            total: None,
        }),
    );
    left.lane = LaneKey::Thing("checkout", "canary-token".to_owned());
    accept(world, left).await;
    // WhatsApp reports what became of the answers, naming whom they went to.
    for (id, phone) in [("r-them", PHONE), ("r-other", NEIGHBOUR)] {
        let report = Receipt {
            provider_id: id.to_owned(),
            status: ReceiptStatus::Delivered,
            outbox: None,
            at: noon(),
            error: None,
        };
        let mut reported = fact_of(SHOP, "x", CommerceEvent::Other { topic: "x".to_owned() });
        (reported.lane, reported.content) = (LaneKey::Receipts, EventContent::Receipt(report));
        let mut delivery = delivery_at(noon(), vec![reported]);
        delivery.arrival.body = format!("{{\"recipient_id\":\"{phone}\"}}").into_bytes();
        assert_eq!(world.inbox().accept(delivery).await.unwrap().accepted, 1);
    }
    world.settle_all(engine, |_| Vec::new()).await;
    let picture = "INSERT INTO attachments (merchant_id, id, mime_type, name, alt, bytes, made_at) \
        SELECT o.merchant_id, o.id, 'image/png', 'canary.png', 'canary', o.id, o.created_at FROM outbox o";
    let bytes = if world.is_postgres() {
        picture.replace("o.id, o.created_at", "CAST('canary' AS BYTEA), o.created_at")
    } else {
        picture.to_owned()
    };
    world.execute(&bytes).await;
    // A model summarised what either of them said.
    world
        .execute(
            "INSERT INTO summaries (merchant_id, conversation_id, body, language, model, turns, through_id, through_at, made_at) \
            SELECT m.merchant_id, m.conversation_id, 'canary', 'es', 'm', 12, m.id, m.at, m.at FROM messages m WHERE m.direction = 'in'",
        )
        .await;
    conversation
}

/// Where each canary is found: `table.column`, with how often.
async fn canaries(world: &World) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for (table, column, kind) in columns_of(world).await {
        let text = match kind.as_str() {
            "bytea" => format!("encode({column}, 'escape')"),
            _ => format!("CAST({column} AS TEXT)"),
        };
        let any: Vec<String> = CANARIES.iter().map(|canary| format!("{text} LIKE '%{canary}%'")).collect();
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {}", any.join(" OR "));
        let number = world.number(&sql).await;
        if number > 0 {
            found.insert(format!("{table}.{column}"), number);
        }
    }
    found
}

/// What is left of canaries when the neighbour, who has the same words, is set aside.
async fn without_neighbour(world: &World) {
    for sql in [
        "DELETE FROM messages WHERE conversation_id IN (SELECT id FROM conversations)",
        "DELETE FROM summaries WHERE conversation_id IN (SELECT id FROM conversations)",
        "DELETE FROM attachments",
        "DELETE FROM outbox",
        "DELETE FROM turns",
        "DELETE FROM unanswered",
        "UPDATE conversations SET profile_name = NULL, last_text = NULL",
        "UPDATE requests SET details = '{}', note = NULL",
        "UPDATE events SET content = '{\"type\":\"unknown\",\"kind\":\"x\"}' WHERE id IN (SELECT a.id FROM events a WHERE a.dedupe LIKE '%m-neighbour%')",
        "DELETE FROM arrivals WHERE id IN (SELECT e.arrival_id FROM events e WHERE e.dedupe LIKE '%m-neighbour%')",
    ] {
        world.execute(sql).await;
    }
}

fn redact(customer_of: CustomerFacts, orders: &[&str]) -> Incoming {
    let request = ComplianceRequest::CustomerRedact;
    let orders = orders.iter().map(|id| (*id).to_owned()).collect();
    let mut incoming = fact_of(SHOP, "x", CommerceEvent::Compliance { request, customer: Some(customer_of), orders });
    incoming.lane = LaneKey::Thing("shop", SHOP.to_owned());
    incoming
}

async fn only_task(engine: &Engine) -> PrivacyTask {
    engine.claim_privacy().await.unwrap().expect("it was confirmed")
}

async fn carry_out(engine: &Engine) -> Vec<ConversationId> {
    let task = only_task(engine).await;
    let conversations = engine.erase(&task).await.unwrap().expect("nothing waits");
    engine.finish_privacy(&task).await.unwrap();
    conversations
}

async fn figures(world: &World) -> Vec<String> {
    let days = Days::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap());
    let now = recado_domain::Clock::now(&world.clock);
    let books = world.store.merchant(world.merchant.id).ledger(&world.merchant, now).await.unwrap();
    let figures = books.figures(days);
    let of = |metric| figures.value(metric).and_then(|value| value.published(Currency::Cop)).unwrap_or_default();
    [Metric::BookedNetSales, Metric::RealisedNetSales, Metric::CodReceivable, Metric::ReturningCustomerRate]
        .map(of)
        .to_vec()
}

/// The one request of the platform, once its event was applied.
async fn asked(world: &World) -> PrivacyId {
    let requests = world.store.merchant(world.merchant.id).privacy_requests(false, 10).await.unwrap();
    requests.iter().find(|one| one.origin == Origin::Platform).expect("the platform asked").id
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_an_erased_person_is_left_in_any_table_and_everything_of_the_neighbour_is() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let conversation = move_in(world, &engine).await;
        accept(world, redact(customer(), &["1", "2"])).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        let noted = "SELECT COUNT(*) FROM events WHERE kind = 'internal.privacy_asked'";
        assert_eq!(world.number(noted).await, 1, "staff is told of it");
        // The test bites: before, canaries stand in every place that is said to be erased.
        let before = canaries(world).await;
        for place in classified::erased_places() {
            assert!(before.contains_key(&place), "nothing was put into {place}: {before:?}");
        }
        let facts = world.store.merchant(world.merchant.id);
        let id = asked(world).await;
        let (request, reach) = facts.privacy_request(id).await.unwrap().unwrap();
        assert_eq!(request.due_at, noon().plus(Duration::from_secs(30 * 86_400)));
        let expected = Reach { conversations: 1, messages: 2, orders: 2, under_way: 1, records: 2, requests: 1 };
        assert_eq!(reach, expected);
        assert!(facts.privacy_copy(id).await.unwrap().unwrap().to_string().contains("Calle Canaria"));
        let books = figures(world).await;
        assert!(engine.claim_privacy().await.unwrap().is_none(), "nobody confirmed it");
        assert!(!world.store.decide_privacy(world.other.id, id, true, "Leo").await.unwrap(), "not theirs");
        assert!(world.store.decide_privacy(world.merchant.id, id, true, "Eva").await.unwrap());
        assert!(!world.store.decide_privacy(world.merchant.id, id, false, "Leo").await.unwrap(), "decided");

        // What is under way when it begins writes nothing any more.
        accept(world, text_to(NUMBER, "late", ids(), "secreto", noon())).await;
        let late = engine.claim(1).await.unwrap().remove(0);
        assert_eq!(carry_out(&engine).await, [conversation]);
        let stale = engine.commit(vec![world.decide(late, vec![reply("canary")])]).await.remove(0).unwrap();
        assert_eq!(stale, Committed::Stale);
        assert_eq!(world.settle_all(&engine, |_| Vec::new()).await, 0, "what waited runs no more");

        let done = facts.privacy_request(id).await.unwrap().unwrap();
        assert_eq!((done.0.outcome, done.1), (Some(Outcome::Erased), Reach::default()));
        assert_eq!(facts.privacy_copy(id).await.unwrap(), None, "nobody knows any more whom it was about");
        assert_eq!(figures(world).await, books, "the books of the shop stay what they are");
        let said = "SELECT COUNT(*) FROM messages m JOIN conversations c ON c.id = m.conversation_id";
        assert_eq!(world.number(said).await, 2, "the neighbour's words");
        assert_eq!(facts.requests(None, 10).await.unwrap().len(), 2);
        assert_eq!(world.number("SELECT COUNT(*) FROM orders WHERE phone_key IS NOT NULL").await, 1);

        // The shop's later word of an order does not bring them back.
        let mut later = their_order("1");
        later.updated_at = at(500);
        accept(world, fact_of(SHOP, "1", told(later))).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(figures(world).await, books);
        let reports = "SELECT COUNT(*) FROM arrivals WHERE CAST(body AS TEXT) LIKE '%recipient%'";
        let reports = if world.is_postgres() {
            reports.replace("CAST(body AS TEXT)", "encode(body, 'escape')")
        } else {
            reports.to_owned()
        };
        assert_eq!(world.number(&reports).await, 1, "the neighbour's");
        without_neighbour(world).await;
        assert_eq!(canaries(world).await, BTreeMap::new());
        // Carried out again, it finds nothing to do.
        assert!(engine.claim_privacy().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_is_killed_anywhere_is_carried_to_its_end_by_another() {
    on_both(async |world: &World| {
        let engine = world.engine();
        move_in(world, &engine).await;
        accept(world, redact(customer(), &["1", "2"])).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        let books = figures(world).await;
        let id = asked(world).await;
        world.store.decide_privacy(world.merchant.id, id, true, "Eva").await.unwrap();
        let mut kills = 0;
        for steps in 1.. {
            let heir = world.engine();
            let task = only_task(&heir).await;
            let mut erasing = Box::pin(heir.erase(&task));
            // Let it go on for so many turns of the executor, then drop it where it stands.
            let mut ended = false;
            for _ in 0..steps * 9 {
                if let std::task::Poll::Ready(outcome) = futures::poll!(erasing.as_mut()) {
                    outcome.unwrap().expect("it is ours");
                    ended = true;
                    break;
                }
                tokio::time::sleep(Duration::from_micros(300)).await;
            }
            drop(erasing);
            if ended {
                heir.finish_privacy(&task).await.unwrap();
                // Whoever comes back late ends nothing twice.
                engine.finish_privacy(&task).await.unwrap();
                break;
            }
            kills += 1;
            world.clock.advance(LONG);
        }
        println!("killed {kills} times");
        assert!(kills >= 3, "killed {kills} times only");
        assert_eq!(world.number("SELECT COUNT(*) FROM audit WHERE action = 'privacy.erased'").await, 1);
        let buyers = "SELECT COUNT(DISTINCT customer_id) FROM orders WHERE customer_id LIKE 'erased-%'";
        assert_eq!(world.number(buyers).await, 1, "one buyer stays one buyer");
        assert_eq!(figures(world).await[0], books[0]);
        without_neighbour(world).await;
        assert_eq!(canaries(world).await, BTreeMap::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_in_the_chat_is_answered_first_and_erased_then_and_reaches_nobody_else() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let conversation = move_in(world, &engine).await;
        accept(world, text_to(NUMBER, "bye", ids(), "borren mis datos", at(1))).await;
        let asked = NewRequest {
            id: RequestId::new(noon()),
            kind: FlowKind::DeleteMyData,
            order: None,
            details: BTreeMap::new(),
        };
        let id = PrivacyId(asked.id.0);
        turn(world, &engine, vec![Effect::Request(asked.clone())]).await;
        let facts = world.store.merchant(world.merchant.id);
        let (request, reach) = facts.privacy_request(id).await.unwrap().unwrap();
        assert!(matches!(request.origin, Origin::Chat { number: 3, .. }), "{request:?}");
        assert_eq!((reach.conversations, reach.orders), (1, 2));
        // Approving the request is confirming the erasure.
        let approve = recado_domain::request::Decision::Approve;
        assert!(world.store.decide(world.merchant.id, asked.id, approve, None, "Eva").await.unwrap() == Decided::Done);
        let task = only_task(&engine).await;
        assert!(engine.erase(&task).await.unwrap().is_none(), "the person has not heard of it");
        turn(world, &engine, vec![reply("lo borramos")]).await;
        world.clock.advance(Duration::from_secs(5));
        let task = only_task(&engine).await;
        assert!(engine.erase(&task).await.unwrap().is_none(), "the answer has not left");
        world.execute("UPDATE outbox SET status = 2").await;
        world.clock.advance(Duration::from_secs(5));
        assert_eq!(carry_out(&engine).await, [conversation]);
        let kept = facts.request_of_id(asked.id).await.unwrap().unwrap();
        assert_eq!(kept.status, RequestStatus::Done);
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 1, "the neighbour's");
        // The same words again are a new conversation.
        accept(world, text_to(NUMBER, "again", ids(), "hola", at(9))).await;
        assert_eq!(turn(world, &engine, vec![reply("hola")]).await, conversation);
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_delivered_once_and_a_declined_request_keeps_nobody() {
    on_both(async |world: &World| {
        let engine = world.engine();
        move_in(world, &engine).await;
        for (words, kind) in [("copia", FlowKind::ExportMyData), ("borren", FlowKind::DeleteMyData)] {
            accept(world, text_to(NUMBER, words, ids(), words, at(1))).await;
            let asked = NewRequest { id: RequestId::new(noon()), kind, order: None, details: BTreeMap::new() };
            turn(world, &engine, vec![Effect::Request(asked)]).await;
        }
        let facts = world.store.merchant(world.merchant.id);
        let all = facts.privacy_requests(false, 10).await.unwrap();
        let of = |asked| all.iter().find(|one| one.asked == asked).unwrap().id;
        let (copy, erase) = (of(ComplianceRequest::DataRequest), of(ComplianceRequest::CustomerRedact));
        let document = facts.privacy_copy(copy).await.unwrap().unwrap();
        let said = document["conversations"][0]["messages"].as_array().unwrap();
        let kept = world.number("SELECT COUNT(*) FROM messages").await - 2;
        assert_eq!(said.len() as i64, kept, "all that was said, and nothing of the neighbour");
        assert_eq!(document["orders"].as_array().unwrap().len(), 2);
        assert!(!document.to_string().contains(NEIGHBOUR));
        let decide = async |id, yes| world.store.decide_privacy(world.merchant.id, id, yes, "Eva").await.unwrap();
        assert!(decide(copy, true).await && !decide(copy, true).await);
        assert!(decide(erase, false).await && !decide(erase, true).await);
        assert!(engine.claim_privacy().await.unwrap().is_none(), "neither erases");
        let subjects = world.texts("SELECT CAST(subject AS TEXT) FROM compliance_requests").await;
        assert!(subjects.iter().all(|subject| subject.as_deref() == Some("{}")), "{subjects:?}");
        let statuses: Vec<_> = facts.requests(None, 10).await.unwrap().iter().map(|one| one.status).collect();
        assert!(statuses.contains(&RequestStatus::Done) && statuses.contains(&RequestStatus::Declined), "{statuses:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_that_is_erased_keeps_its_amounts_and_nobody() {
    on_both(async |world: &World| {
        let engine = world.engine();
        move_in(world, &engine).await;
        let request = ComplianceRequest::ShopRedact;
        let mut incoming =
            fact_of(SHOP, "x", CommerceEvent::Compliance { request, customer: None, orders: Vec::new() });
        incoming.lane = LaneKey::Thing("shop", SHOP.to_owned());
        accept(world, incoming).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        let books = figures(world).await;
        let id = asked(world).await;
        world.store.decide_privacy(world.merchant.id, id, true, "Eva").await.unwrap();
        assert_eq!(carry_out(&engine).await.len(), 2);
        assert_eq!(canaries(world).await, BTreeMap::new());
        assert_eq!(world.number("SELECT COUNT(*) FROM conversations").await, 0);
        assert_eq!(figures(world).await, books);
    })
    .await;
}

/// The kind of database decides how a column is read; both are walked.
pub async fn columns_of(world: &World) -> Vec<(String, String, String)> {
    match world.store.db() {
        Db::Postgres { engine, .. } => {
            let rows = sqlx::query(
                "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c, CAST(data_type AS TEXT) AS k \
                 FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
            )
            .fetch_all(&mut *engine.acquire().await.unwrap())
            .await
            .unwrap();
            rows.iter().map(|row| (row.get("t"), row.get("c"), row.get("k"))).collect()
        }
        Db::Sqlite { writer, .. } => {
            let mut all = Vec::new();
            let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'";
            let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(writer).await.unwrap();
            for table in tables {
                let text = AssertSqlSafe(format!("PRAGMA table_info({table})"));
                for row in sqlx::query(text).fetch_all(writer).await.unwrap() {
                    all.push((table.clone(), row.get("name"), row.get::<String, _>("type").to_lowercase()));
                }
            }
            all
        }
    }
}
