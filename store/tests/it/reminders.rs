//! Reminders: approved once whoever confirms, begun as the debtor's own conversation, settled in its lane, and checked
//! against the facts of the moment.

use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::{CommerceEvent, EventContent, InternalEvent, LaneKey};
use recado_domain::finance::facts::entry::{Entry, take_apart};
use recado_domain::finance::reminder::{
    Dropped, NewReminder, NoPhone, OpenInvoice, PhoneSource, State, TemplateWords, Tone, timer_of,
};
use recado_domain::order::CustomerFacts;
use recado_domain::{ConversationId, Currency, Language, Money, ReminderBatchId, ReminderId};
use recado_store::StoreError;
use recado_store::engine::{Committed, Engine};

use crate::world::{NUMBER, SHOP, World, fact_of, noon, on_both, person, text, text_to};

const DEBTOR: &str = "573001234567";
const MEMBER: &str = "573009990000";

fn invoices(paid: &str) -> Vec<Entry> {
    let facts = serde_json::json!({
        "schema": "finance-facts/1", "as_of": noon(), "synced_at": null,
        "merchant": {"name": "Uno", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true, "carriers": {}},
        "invoices": [
            {"id": "F1", "customer": "Ferretería El Tornillo", "amount": "500000", "issued_on": "2026-09-01", "due_on": "2026-10-01",
                "payments": [{"date": "2026-10-15", "amount": paid}]},
            {"id": "F2", "customer": "Ferreteria  el TORNILLO", "amount": "80000", "issued_on": "2026-10-01", "due_on": "2026-11-01", "payments": []},
            {"id": "F3", "customer": "Paga Siempre", "amount": "9", "issued_on": "2026-10-01", "due_on": "2026-11-01",
                "payments": [{"date": "2026-10-02", "amount": "9"}]},
        ],
    });
    take_apart(&facts.to_string()).unwrap().1
}

fn only<T>(mut list: Vec<T>) -> T {
    assert_eq!(list.len(), 1);
    list.remove(0)
}

fn new(batch: &str, debtor: &str) -> NewReminder {
    let open = |id: &str, minor, due: &str| OpenInvoice {
        id: id.to_owned(),
        balance: Money::new(minor, Currency::Cop),
        due_on: due.parse().unwrap(),
    };
    NewReminder {
        id: ReminderId::derived(&[batch, debtor]),
        batch: ReminderBatchId::derived(&[batch]),
        debtor: debtor.to_owned(),
        digits: DEBTOR.to_owned(),
        invoices: vec![open("F1", 30_000_000, "2026-10-01"), open("F2", 8_000_000, "2026-11-01")],
        tone: Tone::Firm,
        body: "Hola, Ferretería El Tornillo.".to_owned(),
        template: Some(TemplateWords { language: Language::Es, variables: vec!["a".to_owned()] }),
        send_at: noon(),
        approved_by: "Marta".to_owned(),
    }
}

/// A turn of a member with these effects.
async fn turn(world: &World, engine: &Engine, from: &str, effects: Vec<Effect>) -> Result<Committed, StoreError> {
    let id = uuid::Uuid::new_v4().to_string();
    world.accept(text_to(NUMBER, &id, person(None, Some(from)), "envíalo", noon())).await;
    let claim = engine.claim(1).await.unwrap().remove(0);
    engine.commit(vec![world.decide(claim, effects)]).await.remove(0)
}

fn remind(reminder: &NewReminder) -> Vec<Effect> {
    vec![Effect::Remind(Box::new(reminder.clone()))]
}

/// The conversation whose lane a reminder's timer wakes.
async fn rung(engine: &Engine) -> (recado_store::engine::Claim, ReminderId) {
    assert_eq!(engine.fire_timers().await.unwrap(), 1);
    let claim = engine.claim(5).await.unwrap().remove(0);
    let EventContent::Internal(InternalEvent::TimerDue { kind, .. }) = &claim.events[0].content else { panic!() };
    let id = timer_of(kind).unwrap();
    (claim, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_kept_once_and_wakes_the_debtors_own_conversation() {
    on_both(async |world: &World| {
        let engine = world.engine();
        world.store.import_facts(world.merchant.id, "f", &invoices("200000"), |_| {}).await.unwrap();
        let facts = world.store.merchant(world.merchant.id);
        let debt = only(facts.debts(&world.merchant).await.unwrap());
        assert_eq!((debt.debtor.as_str(), debt.invoices.len(), debt.past.len()), ("Ferretería El Tornillo", 2, 0));
        assert_eq!(
            debt.invoices,
            new("b", "x").invoices,
            "what is open, the earliest due first; what is paid is nobody's debt"
        );

        let reminder = new("b", "Ferretería El Tornillo");
        for _ in 0..2 {
            // The same once more, as after a crash: it is there already.
            turn(world, &engine, MEMBER, remind(&reminder)).await.unwrap();
        }
        assert_eq!(world.number("SELECT COUNT(*) FROM reminders").await, 1);
        assert_eq!(world.number("SELECT COUNT(*) FROM timers WHERE status = 0").await, 1);
        let (claim, id) = rung(&engine).await;
        assert_eq!(id, reminder.id);
        let conversation = claim.conversation.clone().unwrap();
        assert_eq!((conversation.person.wa_id.as_deref(), conversation.last_inbound_at), (Some(DEBTOR), None));
        assert_eq!(conversation.profile_name.as_deref(), Some("Ferretería El Tornillo"));

        let due = facts.due_reminder(&world.merchant, conversation.id, id).await.unwrap().unwrap();
        assert!(due.stands && due.reminder.body == reminder.body && due.reminder.template == reminder.template);
        let elsewhere = ConversationId::derived(&["other"]);
        assert!(
            facts.due_reminder(&world.merchant, elsewhere, id).await.unwrap().is_none(),
            "it is of one conversation"
        );
        let neighbour = world.store.merchant(world.other.id);
        assert!(neighbour.due_reminder(&world.other, conversation.id, id).await.unwrap().is_none());
        assert!(neighbour.debts(&world.other).await.unwrap().is_empty());

        engine
            .commit(vec![world.decide(claim, vec![Effect::SettleReminder { id, dropped: None }])])
            .await
            .remove(0)
            .unwrap();
        let waits = facts.unanswered_reminder(conversation.id).await.unwrap().unwrap();
        assert_eq!(waits.state, State::Sent);
        // What they write comes into the same conversation.
        world.accept(text("answer", DEBTOR, "ya te pagué", noon())).await;
        let claim = engine.claim(1).await.unwrap().remove(0);
        assert_eq!(ConversationId(claim.lane.0), conversation.id);
        engine.commit(vec![world.decide(claim, vec![Effect::ReminderAnswered { id }])]).await.remove(0).unwrap();
        assert!(facts.unanswered_reminder(conversation.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_confirm_at_once_remind_a_debtor_once() {
    on_both(async |world: &World| {
        let (one, other) = (world.engine(), world.another_engine().await);
        let name = "Ferretería El Tornillo";
        turn(world, &one, MEMBER, remind(&new("a", name))).await.unwrap();
        // Another member, another preview, spelled otherwise, on another replica.
        let refused = turn(world, &other, "573009990001", remind(&new("b", "FERRETERIA EL TORNILLO"))).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        assert_eq!(world.number("SELECT COUNT(*) FROM reminders").await, 1);
        // Its turn is decided anew, with what is known by then. Nobody recorded that it was refused, so its lane rests first.
        world.clock.advance(Duration::from_secs(20));
        assert!(other.claim(5).await.unwrap().is_empty());
        world.clock.advance(Duration::from_secs(1));
        let claim = other.claim(5).await.unwrap().remove(0);
        other.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
        // The control: one that was dropped stands in nobody's way.
        world.execute("UPDATE reminders SET state = 'dropped', reason = 'changed'").await;
        turn(world, &other, "573009990001", remind(&new("c", name))).await.unwrap();
        assert_eq!(world.number("SELECT COUNT(*) FROM reminders WHERE state = 'scheduled'").await, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stands_only_while_exactly_that_is_owed_and_is_checked_after_a_week() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let merchant = world.merchant.id;
        let facts = world.store.merchant(merchant);
        world.store.import_facts(merchant, "f", &invoices("200000"), |_| {}).await.unwrap();
        let reminder = new("b", "Ferretería El Tornillo");
        turn(world, &engine, MEMBER, remind(&reminder)).await.unwrap();
        let (claim, id) = rung(&engine).await;
        let conversation = ConversationId(claim.lane.0);
        let stands = async || facts.due_reminder(&world.merchant, conversation, id).await.unwrap().unwrap().stands;
        assert!(stands().await);
        let paid = world.store.import_facts(merchant, "paid", &invoices("300000"), |_| {}).await.unwrap();
        assert!(!stands().await, "a part was paid since");
        world.store.undo_import(merchant, paid.id).await.unwrap();
        assert!(stands().await);
        engine
            .commit(vec![world.decide(claim, vec![Effect::SettleReminder { id, dropped: None }])])
            .await
            .remove(0)
            .unwrap();

        let due = async |day: &str| facts.due_reminders(&world.merchant, day.parse().unwrap()).await.unwrap();
        let today = noon().in_zone(&world.merchant.zone()).date();
        assert!(due(&today.to_string()).await.is_empty());
        world.store.import_facts(merchant, "paid", &invoices("500000"), |_| {}).await.unwrap();
        let later = today.checked_add(jiff::Span::new().days(7)).unwrap().to_string();
        let returned = only(due(&later).await);
        assert_eq!(returned.then, [Money::new(38_000_000, Currency::Cop)]);
        assert_eq!(returned.open, [Money::new(8_000_000, Currency::Cop)]);
        turn(world, &engine, MEMBER, vec![Effect::CheckReminder { id }]).await.unwrap();
        assert!(due(&later).await.is_empty(), "it is looked once");

        // The words go with the raw deliveries; that it was said, and of what, stays.
        world.clock.advance(Duration::from_secs(100 * 86_400));
        engine.forget(Duration::from_secs(90 * 86_400)).await.unwrap();
        assert_eq!(world.number("SELECT COUNT(*) FROM reminders WHERE body = '' AND template IS NULL").await, 1);
        assert_eq!(facts.debts(&world.merchant).await.unwrap()[0].past.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_debtor_turns_out_to_be_somebody_known_the_reminder_goes_along() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let reminder = new("b", "Ferretería El Tornillo");
        turn(world, &engine, MEMBER, remind(&reminder)).await.unwrap();
        world.accept(text_to(NUMBER, "u", person(Some("CO.9"), None), "hola", noon())).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        world.accept(text_to(NUMBER, "both", person(Some("CO.9"), Some(DEBTOR)), "hola", noon())).await;
        // One after the other: a merge makes what is under way in the other lane stale.
        while let Some(claim) = engine.claim(1).await.unwrap().pop() {
            engine.commit(vec![world.decide(claim, Vec::new())]).await.remove(0).unwrap();
        }
        let (claim, id) = rung(&engine).await;
        let conversation = claim.conversation.clone().unwrap();
        assert_eq!((id, conversation.person.user_id.as_deref()), (reminder.id, Some("CO.9")));
        let facts = world.store.merchant(world.merchant.id);
        assert!(facts.due_reminder(&world.merchant, conversation.id, id).await.unwrap().is_some());
        engine.commit(vec![world.decide(claim, vec![])]).await.remove(0).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_was_told_settles_its_invoice_and_can_be_taken_back() {
    on_both(async |world: &World| {
        let engine = world.engine();
        world.store.import_facts(world.merchant.id, "f", &invoices("200000"), |_| {}).await.unwrap();
        let facts = world.store.merchant(world.merchant.id);
        let open = async || facts.debts(&world.merchant).await.unwrap().remove(0).invoices;
        let version = facts.books_version().await.unwrap();
        let cop = |minor| Money::new(minor, Currency::Cop);
        let parts =
            vec![("F1".to_owned(), cop(30_000_000)), ("F2".to_owned(), cop(2_000_000)), ("none".to_owned(), cop(1))];
        let source = "chat:1".to_owned();
        let day = "2026-11-26".parse().unwrap();
        turn(world, &engine, MEMBER, vec![Effect::RecordPayment { parts, day, source: source.clone() }]).await.unwrap();
        let left: Vec<(String, Money)> = open().await.into_iter().map(|one| (one.id, one.balance)).collect();
        assert_eq!(left, [("F2".to_owned(), cop(6_000_000))]);
        assert!(facts.books_version().await.unwrap() > version, "the books hear of it");
        turn(world, &engine, MEMBER, vec![Effect::UndoFinance { source }]).await.unwrap();
        assert_eq!(open().await, new("b", "x").invoices);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_dropped_is_not_sent_and_does_not_count() {
    on_both(async |world: &World| {
        let engine = world.engine();
        world.store.import_facts(world.merchant.id, "f", &invoices("200000"), |_| {}).await.unwrap();
        turn(world, &engine, MEMBER, remind(&new("b", "Ferretería El Tornillo"))).await.unwrap();
        let (claim, id) = rung(&engine).await;
        let conversation = ConversationId(claim.lane.0);
        let settle = |dropped| vec![Effect::SettleReminder { id, dropped }];
        engine.commit(vec![world.decide(claim, settle(Some(Dropped::Stopped)))]).await.remove(0).unwrap();
        // What is settled stays so.
        world.accept(text("m", DEBTOR, "hola", noon())).await;
        let claim = engine.claim(1).await.unwrap().remove(0);
        engine.commit(vec![world.decide(claim, settle(None))]).await.remove(0).unwrap();
        let facts = world.store.merchant(world.merchant.id);
        assert!(facts.unanswered_reminder(conversation).await.unwrap().is_none());
        let past = facts.debts(&world.merchant).await.unwrap().remove(0).past;
        assert_eq!((past[0].state, past[0].counts()), (State::Dropped(Dropped::Stopped), false));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_found_where_it_is_sure_and_several_are_none() {
    on_both(async |world: &World| {
        let engine = world.engine();
        let facts = world.store.merchant(world.merchant.id);
        let phone = async |name: &str| facts.debtor_phone(&world.merchant, name).await.unwrap();
        assert_eq!(phone("Ferretería El Tornillo").await, Err(NoPhone::Unknown));

        // Somebody calls themselves so.
        world.accept(text("m1", "573005550001", "hola", noon())).await;
        let claim = engine.claim(1).await.unwrap().remove(0);
        let mut decided = world.decide(claim, vec![]);
        decided.conversation.as_mut().unwrap().profile_name = Some("Ferretería El Tornillo".to_owned());
        engine.commit(vec![decided]).await.remove(0).unwrap();
        assert_eq!(phone("Ferretería El Tornillo").await, Ok(("573005550001".to_owned(), PhoneSource::Profile)));

        // A customer of the shop is called so.
        let customer = |id: &str, phone: &str| {
            let facts = CustomerFacts {
                external_id: Some(id.to_owned()),
                name: Some("Ferretería El Tornillo".to_owned()),
                email: None,
                phone: Some(phone.to_owned()),
            };
            let mut known = fact_of(SHOP, id, CommerceEvent::Customer(facts));
            known.lane = LaneKey::Thing("customer", id.to_owned());
            known
        };
        world.accept(customer("1", "300 555 0002")).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(phone("Ferretería El Tornillo").await, Ok(("573005550002".to_owned(), PhoneSource::Customer)));
        world.accept(customer("2", "+57 300 555 0003")).await;
        world.settle_all(&engine, |_| Vec::new()).await;
        assert_eq!(phone("Ferretería El Tornillo").await, Err(NoPhone::Several));

        // A member says it, and that holds.
        let keep = Effect::KeepDebtor {
            debtor: "Ferretería El Tornillo".to_owned(),
            digits: DEBTOR.to_owned(),
            by: "Marta".to_owned(),
        };
        turn(world, &engine, MEMBER, vec![keep]).await.unwrap();
        assert_eq!(phone("ferreteria el tornillo").await, Ok((DEBTOR.to_owned(), PhoneSource::Told)));
        let neighbour = world.store.merchant(world.other.id);
        assert_eq!(
            neighbour.debtor_phone(&world.other, "Ferretería El Tornillo").await.unwrap(),
            Err(NoPhone::Unknown)
        );
    })
    .await;
}
