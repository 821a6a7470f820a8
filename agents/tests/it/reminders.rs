//! Reminders to debtors: shown, confirmed by the same member, sent once and only while they are true.

use std::sync::Arc;
use std::time::Duration;

use recado_agents::Desk;
use recado_domain::conversation::{Owner, Pending};
use recado_domain::digest::DigestKind;
use recado_domain::effect::Effect;
use recado_domain::event::InternalEvent;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::Ledger;
use recado_domain::finance::reminder::{
    DebtorContact, Dropped, DueReminder, NewReminder, OpenInvoice, Past, PhoneSource, Reached, Reminder, Returned,
    State, TemplateWords, Tone, timer_kind,
};
use recado_domain::merchant::{Member, MemberRole};
use recado_domain::{ConversationId, Currency, Language, Money, ReminderBatchId, ReminderId, Timestamp};

use crate::digests::rings;
use crate::fakes::*;
use crate::questions::{GOLDEN, owner};

const PHONE: &str = "573001234567";

/// Somebody who wrote to the shop so many hours before.
fn reached(now: Timestamp, hours: u64) -> Reached {
    Reached {
        id: ConversationId::derived(&["debtor"]),
        last_inbound_at: Some(now.minus(Duration::from_secs(3_600 * hours))),
        stopped: false,
        with_person: false,
        language: None,
    }
}

fn phone(reached: Option<Reached>) -> DebtorContact {
    DebtorContact { digits: PHONE.to_owned(), source: PhoneSource::Told, reached, member: None }
}

/// The worked example on its Thursday at nine: Boutique Sol owes 138.000 since 47 days and wrote two hours ago.
fn shop() -> Dialogue {
    let mut dialogue = owner();
    let contact = phone(Some(reached(dialogue.now, 2)));
    dialogue.facts.debtors.push(("Boutique Sol".to_owned(), contact));
    dialogue
}

/// The same with another worked example.
fn with_invoices(change: impl Fn(&mut serde_json::Value)) -> Dialogue {
    let mut dialogue = shop();
    change_invoices(&mut dialogue, change);
    dialogue
}

fn change_invoices(dialogue: &mut Dialogue, change: impl Fn(&mut serde_json::Value)) {
    let mut facts: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    change(&mut facts["invoices"]);
    let facts = FactSet::from_json(&facts.to_string()).unwrap();
    let as_of = facts.as_of;
    dialogue.facts.ledger = Some(Arc::new(Ledger::new(facts, as_of)));
}

fn approved(dialogue: &Dialogue) -> Vec<NewReminder> {
    let effects = dialogue.last.effects.iter();
    effects.filter_map(|effect| if let Effect::Remind(one) = effect { Some((**one).clone()) } else { None }).collect()
}

fn only<T>(mut list: Vec<T>) -> T {
    assert_eq!(list.len(), 1);
    list.remove(0)
}

fn audited(dialogue: &Dialogue, act: &str) -> usize {
    let effects = dialogue.last.effects.iter();
    effects.filter(|effect| matches!(effect, Effect::Audit { action, .. } if action == act)).count()
}

#[tokio::test]
async fn whom_and_which_words_are_shown_in_three_languages_and_nothing_is_sent() {
    for (text, has) in [
        (
            "cóbrale a Boutique Sol",
            ["*Boutique Sol* debe *$138.000* (47 días de vencido)", "en tono de último aviso", "¿Lo envío?"],
        ),
        (
            "manda um lembrete de pagamento pra Boutique Sol",
            ["*Boutique Sol* deve *$138.000*", "em tom de último aviso", "Envio?"],
        ),
        (
            "please send a payment reminder to Boutique Sol",
            ["*Boutique Sol* owes *$138.000*", "in a last-notice tone", "Shall I send it?"],
        ),
        (
            "mándales recordatorio a los vencidos",
            ["*Boutique Sol* debe *$138.000*", "Va al +57 300 ··· 4567", "¿Lo envío?"],
        ),
    ] {
        let mut dialogue = shop();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("reminders", "preview"), "{text}: {reply}");
        for part in has {
            assert!(reply.contains(part), "{text}: {part} is not in {reply}");
        }
        // The debtor is written to in the shop's language, whatever the member speaks.
        assert!(
            reply.contains("La factura F1 por *$138.000* venció el sábado 19 de septiembre y sigue pendiente."),
            "{reply}"
        );
        assert!(!reply.contains(PHONE), "the number is masked: {reply}");
        assert!(approved(&dialogue).is_empty() && audited(&dialogue, "reminder.approve") == 0);
        assert!(dialogue.buttons()[0].starts_with("rem:send:") && dialogue.buttons()[1].starts_with("rem:no:"));
    }
}

#[tokio::test]
async fn what_was_shown_is_approved_once_word_for_word() {
    let mut dialogue = shop();
    let shown = dialogue.says("cóbrale a Boutique Sol").await;
    let send = dialogue.buttons()[0].clone();
    let pending = dialogue.session.pending.clone();
    let reply = dialogue.taps(&send).await;
    let reminder = only(approved(&dialogue));
    assert!(shown.contains(&reminder.body), "{shown}\nis not\n{}", reminder.body);
    assert_eq!((reminder.digits.as_str(), reminder.tone, reminder.send_at), (PHONE, Tone::LastNotice, dialogue.now));
    assert_eq!((reminder.template, reminder.approved_by.as_str()), (None, "Marta"));
    assert_eq!(reminder.invoices[0].balance, Money::new(13_800_000, Currency::Cop));
    assert_eq!(audited(&dialogue, "reminder.approve"), 1);
    assert!(reply.starts_with("Enviado a Boutique Sol (+57 300 ··· 4567)."), "{reply}");
    // A second tap, and a second tap whose session was lost and came back from before.
    let again = dialogue.taps(&send).await;
    assert_eq!((approved(&dialogue).len(), again.as_str()), (0, "Eso ya quedó enviado; no lo envío dos veces."));
    dialogue.session.pending = pending.clone();
    let again = dialogue.taps(&send).await;
    assert_eq!(approved(&dialogue).len(), 0, "{again}");
    assert!(again.contains("ya recibió el último aviso"), "{again}");
    // The control: with what was sent forgotten, the same tap sends it once more.
    dialogue.facts.reminded.clear();
    dialogue.session.pending = pending;
    dialogue.taps(&send).await;
    assert_eq!(approved(&dialogue).len(), 1, "the test is blind to a reminder that is sent twice");
}

#[tokio::test]
async fn a_written_yes_sends_a_no_or_another_matter_does_not() {
    for (text, sent) in [("sí", 1), ("envíalo", 1), ("no", 0), ("todavía no", 0), ("mañana te digo", 0)] {
        let mut dialogue = shop();
        dialogue.says("cóbrale a Boutique Sol").await;
        dialogue.says(text).await;
        assert_eq!(approved(&dialogue).len(), sent, "{text}");
    }
    // What was shown before another question is no longer what a yes is said to.
    let mut dialogue = shop();
    dialogue.says("cóbrale a Boutique Sol").await;
    let send = dialogue.buttons()[0].clone();
    dialogue.says("¿cuánto vendí en octubre?").await;
    for reply in [dialogue.says("sí").await, dialogue.taps(&send).await] {
        assert!(approved(&dialogue).is_empty(), "{reply}");
    }
    assert_eq!(dialogue.decision(), ("reminders", "stale"));
}

#[tokio::test]
async fn what_changed_since_is_shown_anew_and_not_sent() {
    let mut dialogue = shop();
    dialogue.says("cóbrale a Boutique Sol").await;
    let send = dialogue.buttons()[0].clone();
    change_invoices(&mut dialogue, |invoices| {
        invoices[0]["payments"] = serde_json::json!([{"date": "2026-10-08", "amount": "188000"}]);
    });
    let reply = dialogue.taps(&send).await;
    assert!(approved(&dialogue).is_empty());
    assert!(
        reply.starts_with("Cambió desde que te lo mostré, así que no envié nada.") && reply.contains("*$50.000*"),
        "{reply}"
    );
    dialogue.taps(&dialogue.buttons()[0].clone()).await;
    assert_eq!(approved(&dialogue)[0].invoices[0].balance, Money::new(5_000_000, Currency::Cop));
    // Paid in full meanwhile: nothing is left to send.
    let mut paid = shop();
    paid.says("cóbrale a Boutique Sol").await;
    let send = paid.buttons()[0].clone();
    change_invoices(&mut paid, |invoices| {
        invoices[0]["payments"] = serde_json::json!([{"date": "2026-10-08", "amount": "238000"}])
    });
    let reply = paid.taps(&send).await;
    assert!(approved(&paid).is_empty() && reply.contains("No encuentro una factura abierta"), "{reply}");
}

#[tokio::test]
async fn why_somebody_gets_none_is_said() {
    let past = |now: Timestamp, hours: u64, tone, state| Past {
        batch: ReminderBatchId::derived(&[&hours.to_string()]),
        invoices: vec!["F1".to_owned()],
        tone,
        approved_at: now.minus(Duration::from_secs(3_600 * hours)),
        send_at: now.minus(Duration::from_secs(3_600 * hours)),
        state,
    };
    type Case = (&'static str, fn(&mut DebtorContact), Vec<(u64, Tone, State)>, &'static str);
    let cases: [Case; 7] = [
        ("recent", |_| (), vec![(71, Tone::Firm, State::Sent)], "ya se le escribió hace 2 días: espero 3 días"),
        (
            "enough",
            |_| (),
            vec![(200, Tone::Firm, State::Sent), (300, Tone::Firm, State::Sent), (400, Tone::Friendly, State::Sent)],
            "ya recibió 3 recordatorios",
        ),
        ("last_notice_sent", |_| (), vec![(200, Tone::LastNotice, State::Sent)], "ya recibió el último aviso"),
        ("scheduled", |_| (), vec![(0, Tone::Firm, State::Scheduled)], "ya le va uno el"),
        ("stopped", |one| one.reached.as_mut().unwrap().stopped = true, vec![], "pidió no recibir mensajes"),
        (
            "with_person",
            |one| one.reached.as_mut().unwrap().with_person = true,
            vec![],
            "está hablando con alguien de tu equipo",
        ),
        (
            "member",
            |one| one.member = Some(Member { name: "Luis".into(), role: MemberRole::Employee, finance: false }),
            vec![],
            "es de alguien de tu equipo",
        ),
    ];
    for (name, change, before, said) in cases {
        let mut dialogue = shop();
        change(&mut dialogue.facts.debtors[0].1);
        let now = dialogue.now;
        dialogue.facts.reminded = before
            .into_iter()
            .map(|(hours, tone, state)| ("boutiquesol".to_owned(), past(now, hours, tone, state)))
            .collect();
        let reply = dialogue.says("cóbrale a Boutique Sol").await;
        assert!(dialogue.decision().1 == name && reply.contains(said), "{name}: {:?} {reply}", dialogue.decision());
        assert!(approved(&dialogue).is_empty() && dialogue.buttons().is_empty(), "{name}");
    }
    // What was not sent counts for nothing.
    let mut dialogue = shop();
    let now = dialogue.now;
    dialogue.facts.reminded =
        vec![("boutiquesol".to_owned(), past(now, 1, Tone::Firm, State::Dropped(Dropped::Changed)))];
    dialogue.says("cóbrale a Boutique Sol").await;
    assert_eq!(dialogue.decision().1, "preview");
    let reply = shop().says("cóbrale a Tienda Luna").await;
    assert!(reply.contains("Tienda Luna no tiene nada vencido"), "{reply}");
    let reply = shop().says("cóbrale a Panadería Pepe").await;
    assert!(
        reply.contains("No encuentro una factura abierta a nombre de «Panaderia pepe»")
            && reply.contains("Boutique Sol"),
        "{reply}"
    );
}

#[tokio::test]
async fn the_tone_follows_the_age_and_never_threatens() {
    for (due, tone, said) in [
        ("2026-11-07", Tone::Friendly, "Hola, Boutique Sol. Te escribimos de"),
        ("2026-11-05", Tone::Friendly, "vence hoy"),
        ("2026-11-01", Tone::Friendly, "Si ya pagaste, cuéntanos por aquí"),
        ("2026-10-25", Tone::Firm, "¿Qué día de esta semana nos pagas?"),
        ("2026-09-19", Tone::LastNotice, "este es nuestro último recordatorio por aquí"),
    ] {
        let mut dialogue = with_invoices(|invoices| invoices[0]["due_on"] = serde_json::json!(due));
        dialogue.says("cóbrale a Boutique Sol").await;
        dialogue.taps(&dialogue.buttons()[0].clone()).await;
        let reminder = only(approved(&dialogue));
        assert!(reminder.tone == tone && reminder.body.contains(said), "{due}: {}", reminder.body);
        assert!(reminder.body.ends_with("responde BAJA."), "{}", reminder.body);
        for threat in ["demand", "jurídic", "reporta", "central", "abogad", "embarg", "policía", "cobro externo"] {
            assert!(!reminder.body.to_lowercase().contains(threat), "{}", reminder.body);
        }
    }
    // Several invoices are one message, the tone that of the oldest.
    let mut dialogue = with_invoices(|invoices| {
        invoices[1]["customer"] = serde_json::json!("BOUTIQUE SOL");
        invoices[1]["due_on"] = serde_json::json!("2026-11-06");
    });
    dialogue.says("cóbrale a Boutique Sol").await;
    dialogue.taps(&dialogue.buttons()[0].clone()).await;
    let reminder = only(approved(&dialogue));
    assert!(
        reminder.body.contains("Siguen pendientes 2 facturas por *$257.000*:\n• F1: $138.000, venció el sábado 19"),
        "{}",
        reminder.body
    );
}

#[tokio::test]
async fn at_night_and_on_sundays_it_waits_for_the_next_hour_and_says_so() {
    for (now, at, said) in [
        ("2026-11-06T01:00:00Z", "2026-11-06T13:00:00Z", "Sale el viernes 6 de noviembre a las 8:00"),
        ("2026-11-07T21:00:00Z", "2026-11-09T13:00:00Z", "Sale el lunes 9 de noviembre a las 8:00"),
        ("2026-11-08T16:00:00Z", "2026-11-09T13:00:00Z", "Sale el lunes 9 de noviembre a las 8:00"),
    ] {
        let mut dialogue = shop();
        dialogue.now = Timestamp::parse(now).unwrap();
        dialogue.facts.debtors[0].1.reached = Some(reached(Timestamp::parse(at).unwrap(), 20));
        let reply = dialogue.says("cóbrale a Boutique Sol").await;
        assert!(reply.contains(said), "{now}: {reply}");
        let reply = dialogue.taps(&dialogue.buttons()[0].clone()).await;
        assert_eq!(approved(&dialogue)[0].send_at, Timestamp::parse(at).unwrap(), "{now}");
        assert!(reply.contains("le llega el") && reply.contains("a las 8:00"), "{reply}");
    }
}

#[tokio::test]
async fn outside_of_the_window_only_the_template_leaves_and_without_one_it_is_said() {
    // Wrote a day ago, wrote never, and wrote lately but not any more when it may leave.
    for contact in [phone(None), phone(Some(reached(owner().now, 24)))] {
        let mut dialogue = shop();
        dialogue.facts.debtors[0].1 = contact.clone();
        let reply = dialogue.says("cóbrale a Boutique Sol").await;
        assert_eq!(dialogue.decision(), ("reminders", "window_shut"), "{reply}");
        assert!(
            reply.contains("WhatsApp no me deja escribirle a Boutique Sol")
                && reply.contains("https://wa.me/573001234567"),
            "{reply}"
        );
        assert!(reply.contains("La factura F1 por *$138.000*") && dialogue.buttons().is_empty(), "{reply}");

        let mut dialogue = shop();
        dialogue.desk =
            Some(Arc::new(Desk::new().unwrap().with_reminder_template(Some("recordatorio_pago".to_owned()))));
        dialogue.facts.debtors[0].1 = contact;
        let shown = dialogue.says("cóbrale a Boutique Sol").await;
        assert!(shown.contains("con la plantilla de WhatsApp"), "{shown}");
        dialogue.taps(&dialogue.buttons()[0].clone()).await;
        let reminder = only(approved(&dialogue));
        let template = reminder.template.unwrap();
        assert_eq!(template.variables.len(), 4);
        assert_eq!(template.variables[2..], ["$138.000", "factura F1, venció el sábado 19 de septiembre"]);
        assert!(
            shown.contains(&reminder.body) && !template.variables.iter().any(|text| text.contains('\n')),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn a_phone_that_is_not_known_is_asked_for_kept_and_used() {
    let mut dialogue = owner();
    let reply = dialogue.says("cóbrale a Boutique Sol").await;
    assert!(
        reply.starts_with("No tengo el número de Boutique Sol. ¿Cuál es?") && reply.contains("La factura F1"),
        "{reply}"
    );
    dialogue.desk = Some(Arc::new(Desk::new().unwrap().with_reminder_template(Some("recordatorio_pago".to_owned()))));
    let reply = dialogue.says("300 123 4567").await;
    assert!(
        reply.starts_with("Guardé el número.") && reply.contains("+57 300 ··· 4567") && !reply.contains("1234567"),
        "{reply}"
    );
    let kept = |dialogue: &Dialogue| {
        dialogue
            .last
            .effects
            .iter()
            .any(|effect| matches!(effect, Effect::KeepDebtor { digits, .. } if digits == PHONE))
    };
    assert!(kept(&dialogue) && audited(&dialogue, "debtor.phone") == 1);
    dialogue.taps(&dialogue.buttons()[0].clone()).await;
    assert_eq!(approved(&dialogue)[0].digits, PHONE);
    // The same in one sentence.
    let mut told = owner();
    let reply = told.says("el número de Boutique Sol es 300 123 4567").await;
    assert!(kept(&told) && reply.contains("Guardé el número"), "{reply}");
}

#[tokio::test]
async fn a_name_on_a_profile_is_shown_and_never_used_for_many() {
    let both = |invoices: &mut serde_json::Value| invoices[1]["due_on"] = serde_json::json!("2026-10-20");
    let mut dialogue = with_invoices(both);
    let now = dialogue.now;
    let profile =
        DebtorContact { source: PhoneSource::Profile, digits: "573009990000".into(), ..phone(Some(reached(now, 1))) };
    dialogue.facts.debtors.push(("Tienda Luna".to_owned(), profile));
    let reply = dialogue.says("mándales recordatorio a los vencidos").await;
    assert!(reply.contains("De Tienda Luna no tengo un número seguro") && !reply.contains("··· 0000"), "{reply}");
    dialogue.taps(&dialogue.buttons()[0].clone()).await;
    assert_eq!(approved(&dialogue).len(), 1);
    let reply = dialogue.says("cóbrale a Tienda Luna").await;
    assert!(reply.contains("de quien se llama así en WhatsApp: mira que sea su número"), "{reply}");
}

#[tokio::test]
async fn no_shopper_and_nobody_without_the_right_sends_anything() {
    let batch = ReminderBatchId::derived(&["x"]);
    let mut shopper = Dialogue::shopper(vec![]);
    let mut employee = shop();
    employee.principal = member(MemberRole::Employee, false);
    for dialogue in [&mut shopper, &mut employee] {
        for text in [
            "cóbrale a Boutique Sol",
            "mándales recordatorio a los vencidos",
            "sí",
            "envíalo",
            "el número de Boutique Sol es 300 123 4567",
        ] {
            // Even a session that says it was asked.
            dialogue.session.pending = Some(Pending::Remind {
                batch,
                whom: recado_domain::finance::reminder::Whom::Overdue,
                shown: String::new(),
            });
            let reply = dialogue.says(text).await;
            let none = !dialogue
                .last
                .effects
                .iter()
                .any(|effect| matches!(effect, Effect::Remind(_) | Effect::KeepDebtor { .. }));
            assert!(none && !reply.contains("138.000"), "{text}: {reply}");
        }
        for tap in [format!("rem:send:{batch}"), "rem:all".to_owned(), "rem:of:F1".to_owned()] {
            let reply = dialogue.taps(&tap).await;
            assert!(approved(dialogue).is_empty() && !reply.contains("138.000"), "{tap}: {reply}");
        }
    }
}

#[tokio::test]
async fn what_a_debtor_paid_is_echoed_recorded_on_a_yes_and_taken_back() {
    let paid = |dialogue: &Dialogue| {
        dialogue.last.effects.iter().find_map(|effect| match effect {
            Effect::RecordPayment { parts, source, .. } => Some((parts.clone(), source.clone())),
            _ => None,
        })
    };
    let mut dialogue = shop();
    let reply = dialogue.says("Boutique Sol me pagó 50 mil").await;
    assert_eq!(
        reply,
        "*Boutique Sol* pagó *$50.000*, jueves 5 de noviembre. Le quedan $88.000 por pagar. ¿Lo registro?"
    );
    assert!(paid(&dialogue).is_none());
    let reply = dialogue.says("sí").await;
    let (parts, source) = paid(&dialogue).unwrap();
    assert_eq!(parts, [("F1".to_owned(), Money::new(5_000_000, Currency::Cop))]);
    assert!(reply.starts_with("Registrado: *Boutique Sol* pagó *$50.000*. Le quedan $88.000."), "{reply}");
    dialogue.says("deshacer").await;
    assert!(dialogue.last.effects.contains(&Effect::UndoFinance { source }));
    // More than is owed is for something else: it is asked.
    let reply = shop().says("Boutique Sol me pagó 200 mil").await;
    assert_eq!(reply, "Boutique Sol te debe $138.000 y me dices que pagó $200.000. ¿Cuánto fue de esas facturas?");
    for text in ["no", "¿cuánto vendí en octubre?"] {
        let mut left = shop();
        left.says("Boutique Sol me pagó 50 mil").await;
        left.says(text).await;
        left.says("sí").await;
        assert!(paid(&left).is_none(), "{text}");
    }
}

#[tokio::test]
async fn who_owes_is_told_with_a_way_to_remind_them() {
    let mut dialogue = shop();
    let reply = dialogue.says("¿quién me debe?").await;
    assert!(reply.contains("Boutique Sol: $138.000") && dialogue.buttons().contains(&"rem:all".to_owned()), "{reply}");
    assert_eq!(dialogue.taps("rem:all").await.matches("¿Lo envío?").count(), 1);
    // The draft of an invoice is the reminder itself.
    let mut dialogue = shop();
    dialogue.taps("adv:draft:F1").await;
    assert_eq!(dialogue.decision(), ("reminders", "preview"));
}

/// The conversation of a debtor with an approved reminder.
fn debtor(template: Option<TemplateWords>) -> (Dialogue, ReminderId) {
    let mut dialogue = Dialogue::shopper(vec![]);
    // A Thursday noon.
    let id = ReminderId::derived(&["r"]);
    let due_on = "2026-10-20".parse().unwrap();
    let reminder = Reminder {
        id,
        debtor: "Boutique Sol".to_owned(),
        conversation: dialogue.conversation.as_ref().unwrap().id,
        invoices: vec![OpenInvoice { id: "F1".to_owned(), balance: Money::new(13_800_000, Currency::Cop), due_on }],
        body: "Hola, Boutique Sol. La factura F1 por *$138.000* venció.".to_owned(),
        template,
        send_at: dialogue.now,
        state: State::Scheduled,
        approved_by: "Marta".to_owned(),
    };
    dialogue.facts.reminder = Some(DueReminder { reminder, stands: true });
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(dialogue.now.minus(Duration::from_secs(3_600)));
    (dialogue, id)
}

fn rung(id: ReminderId) -> InternalEvent {
    InternalEvent::TimerDue { kind: timer_kind(id), conversation: None }
}

fn settled(dialogue: &Dialogue) -> Option<Option<Dropped>> {
    dialogue.last.effects.iter().find_map(|effect| match effect {
        Effect::SettleReminder { dropped, .. } => Some(*dropped),
        _ => None,
    })
}

#[tokio::test]
async fn when_its_time_has_come_it_leaves_as_it_was_approved_and_once() {
    let (mut dialogue, id) = debtor(None);
    let body = dialogue.internal(rung(id)).await;
    assert_eq!(
        (body.as_str(), settled(&dialogue)),
        ("Hola, Boutique Sol. La factura F1 por *$138.000* venció.", Some(None))
    );
    dialogue.internal(rung(id)).await;
    assert_eq!((dialogue.replies().len(), settled(&dialogue)), (0, None), "it rang twice");
    // As the template, whatever the window.
    let words =
        TemplateWords { language: Language::Pt, variables: vec!["a".into(), "b".into(), "c".into(), "d".into()] };
    let (mut dialogue, id) = debtor(Some(words));
    dialogue.desk = Some(Arc::new(Desk::new().unwrap().with_reminder_template(Some("recordatorio_pago".to_owned()))));
    dialogue.conversation.as_mut().unwrap().last_inbound_at = None;
    dialogue.internal(rung(id)).await;
    let template = dialogue.replies()[0].platform_template.clone().unwrap();
    assert_eq!(
        (template.name.as_str(), template.language, template.variables.len()),
        ("recordatorio_pago", Language::Pt, 4)
    );
}

#[tokio::test]
async fn what_is_no_longer_so_is_dropped_and_the_shop_hears_why() {
    type Case = (Dropped, fn(&mut Dialogue), &'static str);
    let cases: [Case; 4] = [
        (Dropped::Stopped, |one| one.conversation.as_mut().unwrap().stopped = true, "pidió no recibir mensajes"),
        (Dropped::Changed, |one| one.facts.reminder.as_mut().unwrap().stands = false, "lo que debe ya no es eso"),
        (
            Dropped::WithPerson,
            |one| one.conversation.as_mut().unwrap().owner = Owner::Waiting { since: one.now },
            "está hablando con una persona",
        ),
        (Dropped::WindowShut, |one| one.conversation.as_mut().unwrap().last_inbound_at = None, "ya no permite"),
    ];
    for (why, change, said) in cases {
        let (mut dialogue, id) = debtor(None);
        change(&mut dialogue);
        dialogue.internal(rung(id)).await;
        assert_eq!((dialogue.replies().len(), settled(&dialogue)), (0, Some(Some(why))));
        let notice = &dialogue.notices()[0].body;
        assert!(notice.contains("$138.000") && notice.contains("Marta") && notice.contains(said), "{notice}");
    }
    // Late, at night: it waits.
    let (mut dialogue, id) = debtor(None);
    dialogue.now = at("2026-11-27T03:00:00Z");
    dialogue.internal(rung(id)).await;
    assert_eq!((dialogue.replies().len(), settled(&dialogue)), (0, None));
    let waits = dialogue.last.effects.iter().any(|effect| {
        matches!(effect, Effect::StartTimer { kind, after } if *kind == timer_kind(id) && dialogue.now.plus(*after) == at("2026-11-27T13:00:00Z"))
    });
    assert!(waits);
}

#[tokio::test]
async fn what_the_debtor_answers_goes_to_a_person_with_what_it_is_about() {
    for text in ["ya te pagué ayer por Nequi", "ok", "el viernes te pago la mitad", "sí"] {
        let (mut dialogue, id) = debtor(None);
        dialogue.internal(rung(id)).await;
        let reply = dialogue.says(text).await;
        assert!(reply.starts_with("Gracias por responder. Ya se lo paso a Tienda Luna"), "{text}: {reply}");
        let notice = &dialogue.notices()[0].body;
        assert!(notice.contains("Responde al recordatorio de $138.000.") && notice.contains(text), "{notice}");
        assert!(dialogue.owner().is_human());
        assert!(dialogue.last.effects.contains(&Effect::ReminderAnswered { id }));
    }
    // What always works, works.
    let (mut dialogue, id) = debtor(None);
    dialogue.internal(rung(id)).await;
    let reply = dialogue.says("BAJA").await;
    assert!(dialogue.conversation.as_ref().unwrap().stopped && !dialogue.owner().is_human(), "{reply}");
    // Without a reminder the same words go their usual way.
    let mut other = Dialogue::shopper(vec![]);
    let reply = other.says("ok").await;
    assert!(!reply.contains("Gracias por responder") && !other.owner().is_human(), "{reply}");
}

#[tokio::test]
async fn after_a_week_it_is_told_whether_the_money_came() {
    let cop = |minor| vec![Money::new(minor, Currency::Cop)];
    for (open, said) in [
        (vec![], "Después del recordatorio, Boutique Sol pagó los $138.000."),
        (cop(5_000_000), "Boutique Sol debe $50.000 de los $138.000."),
        (cop(13_800_000), "Boutique Sol sigue debiendo los $138.000 del recordatorio: mejor llama."),
    ] {
        let mut dialogue = owner();
        dialogue.says("mándame el resumen todos los lunes a las 8").await;
        let id = ReminderId::derived(&["r"]);
        dialogue.facts.returned = vec![Returned { id, debtor: "Boutique Sol".into(), then: cop(13_800_000), open }];
        dialogue.now = at("2026-11-06T13:00:00Z");
        let reply = dialogue.internal(rings(DigestKind::Alerts)).await;
        assert!(reply.contains(said), "{reply}");
        assert!(dialogue.last.effects.contains(&Effect::CheckReminder { id }));
        dialogue.now = at("2026-11-07T13:00:00Z");
        let reply = dialogue.internal(rings(DigestKind::Alerts)).await;
        assert!(!reply.contains("recordatorio"), "it is told once: {reply}");
    }
}
