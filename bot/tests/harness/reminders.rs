//! A reminder to a debtor, from the member's words to the debtor's phone: confirmed once, sent once, wherever the process
//! ends, and answered into the desk.
//!
//! Debtors are written to in the hours of the law alone, and the clock is the machine's. So the shop is moved to a zone in
//! which it is such an hour, or night; on a Sunday there is no such zone at times, and then it is the waiting that is judged.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use recado_domain::finance::advice::collections::{CONTACT_RULES, Contact, History, may_contact};
use recado_domain::{Clock as _, SystemClock};
use recado_emulators::{DeliverOptions, SentMessage};

use super::database::Kind;
use super::desk::{Desk, Plan};
use super::talk::{message, phone};

/// Wait for a delivery report after an unclear send.
const SETTLE: u64 = 5;
const PATIENCE: Duration = Duration::from_secs(40);
/// On the way of a reminder through the debtor's lane, in order.
const POINTS: [&str; 7] =
    ["claimed", "decided", "turn_written", "turn_committed", "sending", "sent_unrecorded", "sent_recorded"];
const MEMBER: usize = 1;
const DEBTOR: usize = 2;
const STAFF: i64 = 7_003;
const NAME: &str = "Ferretería El Tornillo";

/// Hours from now until a debtor may be written to in a zone.
fn waits(zone: &TimeZone) -> f64 {
    let now = SystemClock.now();
    match may_contact(&CONTACT_RULES, &History { consent: true, ..History::default() }, now, zone) {
        Contact::NotBefore(local) => {
            let at: recado_domain::Timestamp = local.to_zoned(zone.clone()).unwrap().timestamp().into();
            at.since(now).as_secs_f64() / 3_600.0
        }
        _ => 0.0,
    }
}

/// The names of zones in which a debtor may be written to for two hours more, and in which it is night until tomorrow.
fn zones() -> (Option<String>, Option<String>) {
    let names = (-12..=14).map(|east: i32| match east {
        0 => "Etc/GMT".to_owned(),
        1.. => format!("Etc/GMT-{east}"),
        _ => format!("Etc/GMT+{}", -east),
    });
    let later = |zone: &TimeZone| {
        let at = SystemClock.now().plus(Duration::from_secs(7_200));
        may_contact(&CONTACT_RULES, &History { consent: true, ..History::default() }, at, zone) == Contact::Now
    };
    let (mut day, mut night) = (None, None);
    for name in names {
        let zone = TimeZone::get(&name).unwrap();
        match waits(&zone) {
            0.0 if later(&zone) => day = Some(name),
            hours if (2.0..18.0).contains(&hours) => night = Some(name),
            _ => {}
        }
    }
    (day, night)
}

/// Moves the shop to a zone; nothing of it runs.
async fn moved(desk: &Desk, zone: &str) {
    let statement = format!("UPDATE merchants SET timezone = '{zone}'");
    assert_eq!(desk.database.change(Box::leak(statement.into_boxed_str())).await, 1);
}

/// A shop with a member, a person of the staff, and an invoice that is a month late. It stands still.
async fn shop(template: bool) -> Desk {
    let mut plan = Plan { settle: SETTLE, ..Plan::new(Kind::Sqlite, 1) }.with("RECADO_CHAOS_ECHO", "off");
    if template {
        plan = plan.with("RECADO_WHATSAPP__REMINDER_TEMPLATE", "recordatorio_pago");
    }
    let mut desk = Desk::prepare(plan).await;
    desk.replicas[0].start().await;
    desk.replicas[0].kill();
    let member = format!("+{}", phone(MEMBER));
    desk.replicas[0].run(&["members", "add", "Marta", "--phone", &member, "--role", "owner"]);
    desk.replicas[0].run(&["staff", "add", "Laura", "--telegram-user-id", &STAFF.to_string(), "--role", "lead"]);
    let today = SystemClock.now().in_zone(&TimeZone::UTC).date();
    let day = |ago: i64| today.checked_sub(jiff::Span::new().days(ago)).unwrap();
    let facts = serde_json::json!({
        "schema": "finance-facts/1", "as_of": SystemClock.now(), "synced_at": null,
        "merchant": {"name": "Mi tienda", "timezone": "America/Bogota", "currency": "COP", "vat_registered": true, "carriers": {}},
        "invoices": [{"id": "F1", "customer": NAME, "amount": "500000", "issued_on": day(40), "due_on": day(10),
            "payments": [{"date": day(5), "amount": "200000"}]}],
    });
    let file = tempfile::NamedTempFile::with_suffix(".json").unwrap();
    std::fs::write(file.path(), facts.to_string()).unwrap();
    desk.replicas[0].run(&["finance", "import", file.path().to_str().unwrap(), "--merchant", "Mi tienda"]);
    desk
}

fn sent_to(desk: &Desk, person: usize) -> Vec<SentMessage> {
    let to = phone(person);
    let sends = desk.platforms.whatsapp.sends().into_iter();
    sends.filter(|send| send.accepted && send.to.trim_start_matches('+') == to).collect()
}

/// Reminders on the debtor's phone.
fn reminders(desk: &Desk) -> Vec<SentMessage> {
    sent_to(desk, DEBTOR).into_iter().filter(|send| send.kind == "template" || send.body.contains("F1")).collect()
}

async fn until(desk: &Desk, what: &str, mut is: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is() {
        assert!(started.elapsed() < PATIENCE, "{what} never came\n{}", desk.words());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Says something, and waits for the answer.
async fn says(desk: &Desk, person: usize, words: &str) -> SentMessage {
    let before = sent_to(desk, person).len();
    desk.platforms.insist(&message(person, words), &DeliverOptions::default()).await;
    until(desk, words, || sent_to(desk, person).len() > before).await;
    sent_to(desk, person)[before].clone()
}

/// Tells the debtor's number and confirms what is shown. Returns what was shown, and what was said to the yes.
async fn approved(desk: &Desk) -> (String, String) {
    let number = format!("el número de {NAME} es +{}", phone(DEBTOR));
    let shown = says(desk, MEMBER, &number).await;
    assert!(shown.body.contains("*$300.000* (") && shown.buttons[0].id.starts_with("rem:send:"), "{}", shown.body);
    assert!(reminders(desk).is_empty(), "nothing leaves before the yes");
    let done = says(desk, MEMBER, "sí").await;
    (shown.body, done.body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_confirmed_reminder_leaves_once_wherever_the_process_ends() {
    let (day, night) = zones();
    let night = night.expect("it is night somewhere");
    for point in POINTS {
        let mut desk = shop(false).await;
        moved(&desk, &night).await;
        desk.replicas[0].start().await;
        // The debtor wrote lately: a text of its own may leave within a day.
        says(&desk, DEBTOR, "hola").await;
        let (shown, done) = approved(&desk).await;
        assert!(shown.contains("Sale el") && done.contains("le llega el"), "{shown}\n{done}");
        let started = Instant::now();
        while desk.database.number("SELECT COUNT(*) FROM outbox WHERE status <> 2").await > 0 {
            assert!(started.elapsed() < PATIENCE, "{}", desk.words());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(desk.database.number("SELECT COUNT(*) FROM reminders WHERE state = 'scheduled'").await, 1);
        assert!(reminders(&desk).is_empty(), "it waits for the morning");
        desk.replicas[0].kill();
        let Some(day) = &day else {
            println!("a Sunday everywhere: it is scheduled, and nothing more can be judged today");
            return desk.end().await;
        };
        moved(&desk, day).await;
        let ring = "UPDATE timers SET due_at = 1 WHERE kind LIKE 'reminder:%'";
        assert_eq!(desk.database.change(ring).await, 1);
        desk.replicas[0].set("RECADO_CRASH_AT", &format!("{point}:1"));
        desk.replicas[0].spawn();
        assert!(desk.replicas[0].ends(Duration::from_secs(30)).await.is_some(), "{point} was never reached");
        desk.replicas[0].unset("RECADO_CRASH_AT");
        desk.replicas[0].start().await;
        until(&desk, "the reminder", || !reminders(&desk).is_empty()).await;
        tokio::time::sleep(Duration::from_secs(SETTLE + 2)).await;
        let got = reminders(&desk);
        println!("reminder, {point}: {} sent", got.len());
        assert_eq!(got.len(), 1, "{point}\n{}", desk.words());
        assert!(shown.contains(&got[0].body), "the words that were approved: {}\n{shown}", got[0].body);
        if point == POINTS[6] {
            // The control: with its state forgotten, another ring sends it once more. A timer that rang rings no more, so
            // it takes another one.
            desk.replicas[0].kill();
            let again = "UPDATE reminders SET state = 'scheduled'";
            assert_eq!(desk.database.change(again).await, 1);
            let ring = "INSERT INTO timers (merchant_id, id, lane_id, conversation_id, kind, due_at, status, created_at) \
                SELECT merchant_id, randomblob(16), lane_id, conversation_id, kind, 1, 0, created_at FROM timers \
                WHERE kind LIKE 'reminder:%'";
            assert_eq!(desk.database.change(ring).await, 1);
            desk.replicas[0].start().await;
            until(&desk, "the doubled reminder", || reminders(&desk).len() == 2).await;
        }
        desk.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_of_the_window_exactly_one_template_leaves_and_the_answer_comes_to_the_desk() {
    let (Some(day), _) = zones() else {
        println!("a Sunday everywhere: nobody is written to");
        return;
    };
    let mut desk = shop(true).await;
    moved(&desk, &day).await;
    desk.platforms.whatsapp.enforce_window(true);
    desk.replicas[0].start().await;
    let (shown, done) = approved(&desk).await;
    assert!(shown.contains("con la plantilla de WhatsApp") && done.starts_with("Enviado a"), "{shown}\n{done}");
    until(&desk, "the template", || !reminders(&desk).is_empty()).await;
    // A second yes, and the same once more: the debtor gets no other.
    says(&desk, MEMBER, "sí").await;
    let again = says(&desk, MEMBER, &format!("cóbrale a {NAME}")).await;
    assert!(again.body.contains("ya se le escribió"), "{}", again.body);
    tokio::time::sleep(Duration::from_secs(2)).await;
    let got = reminders(&desk);
    assert_eq!((got.len(), got[0].kind.as_str()), (1, "template"), "{got:?}");
    assert_eq!(
        desk.database
            .number("SELECT COUNT(*) FROM audit WHERE action = 'reminder.approve' AND actor LIKE '%Marta'")
            .await,
        1
    );
    // They answer: a person hears of it where everything is heard of.
    let reply = says(&desk, DEBTOR, "ya te pagué ayer por Nequi").await;
    assert!(reply.body.starts_with("Gracias por responder."), "{}", reply.body);
    let told = || {
        let sends = desk.platforms.telegram.sends().into_iter();
        sends.filter(|send| send.accepted && send.body.contains("Responde al recordatorio de $300.000")).count()
    };
    until(&desk, "the notice", || told() == 1).await;
    // A shopper who says the member's words gets nothing sent.
    let reply = says(&desk, 3, &format!("cóbrale a {NAME}")).await;
    assert!(!reply.body.contains("300.000") && reminders(&desk).len() == 1, "{}", reply.body);
    desk.end().await;
}
