//! What members are told unasked: when, within which window, once for each period, and with a way to end it.

use std::sync::Arc;

use jiff::civil::date;
use recado_agents::Desk;
use recado_domain::digest::{Digest, DigestKind, Wish};
use recado_domain::effect::Effect;
use recado_domain::event::InternalEvent;
use recado_domain::finance::advice::{Code, Number, Proposal, Verdict};
use recado_domain::finance::figures::{Accounts as _, Scenario};
use recado_domain::merchant::MemberRole;
use recado_domain::{Currency, Money, Timestamp};

use crate::fakes::*;
use crate::questions::owner;

pub fn rings(kind: DigestKind) -> InternalEvent {
    InternalEvent::TimerDue { kind: kind.timer().to_owned(), conversation: None }
}

/// The owner of the worked example (a Thursday), who wants the week every Monday at eight and wrote a while ago.
async fn subscribed() -> Dialogue {
    let mut dialogue = owner();
    let reply = dialogue.says("mándame el resumen todos los lunes a las 8").await;
    assert_eq!(dialogue.decision(), ("finance", "digest_on"), "{reply}");
    dialogue
}

/// Monday 9 November 2026, 8:00 in Bogotá.
fn monday() -> Timestamp {
    at("2026-11-09T13:00:00Z")
}

fn hours_before(at: Timestamp, hours: u64) -> Timestamp {
    at.minus(std::time::Duration::from_secs(hours * 3_600))
}

#[tokio::test]
async fn a_wish_is_kept_with_its_timer_and_said_back() {
    let mut dialogue = owner();
    let reply = dialogue.says("mándame el resumen todos los lunes a las 8").await;
    assert!(reply.contains("todos los lunes a las 8:00") && reply.contains("no más resúmenes"), "{reply}");
    let kept: Vec<Wish> = dialogue.facts.digests.iter().map(|digest| digest.wish).collect();
    assert_eq!(kept, [Wish::weekly(1, 480), Wish::alerts()]);
    let timers: Vec<(String, Timestamp)> = dialogue
        .last
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::StartTimer { kind, after } => Some((kind.clone(), dialogue.now.plus(*after))),
            _ => None,
        })
        .collect();
    assert!(timers.contains(&("digest.weekly".to_owned(), monday())), "{timers:?}");
    for (text, said) in
        [("quiero el resumen todos los días a las 7 pm", "19:00"), ("send me a summary every Monday at 8", "Monday")]
    {
        let reply = owner().says(text).await;
        assert!(reply.to_lowercase().contains(&said.to_lowercase()), "{text}: {reply}");
    }
}

#[tokio::test]
async fn a_summary_says_the_number_first_then_why_then_what_is_missing_and_how_to_end_it() {
    let mut dialogue = subscribed().await;
    dialogue.now = monday();
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(monday(), 5));
    let reply = dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!(dialogue.decision(), ("finance", "digest_told"), "{reply}");
    let lines: Vec<&str> = reply.lines().collect();
    assert!(lines[0].contains("noviembre") && lines[0].contains("*$") && lines[0].contains("ventas netas"), "{reply}");
    assert!(lines[1].contains("que antes"), "{reply}");
    assert!(reply.contains("Datos:") && reply.ends_with("«no más resúmenes»."), "{reply}");
    assert_eq!(
        dialogue.buttons(),
        ["fin:chart@2026-11-02..2026-11-08", "fin:pdf@2026-11-02..2026-11-08", "digest:off"]
    );
    let next = dialogue
        .last
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::StartTimer { kind, .. } if kind == "digest.weekly"));
    assert!(next, "the next one is not waited for");
    // Its buttons are of its days, whatever was asked since.
    dialogue.says("¿cuánto vendí en septiembre?").await;
    dialogue.taps("fin:pdf@2026-11-02..2026-11-08").await;
    let attachment = dialogue.replies()[0].attachment.clone().unwrap();
    assert_eq!((attachment.first, attachment.last), (date(2026, 11, 2), date(2026, 11, 8)));
}

#[tokio::test]
async fn a_period_is_told_once_however_often_its_timer_rings() {
    let mut dialogue = subscribed().await;
    dialogue.now = monday();
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(monday(), 1));
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!(dialogue.replies().len(), 1);
    for minutes in [0, 1, 600] {
        dialogue.now = monday().plus(std::time::Duration::from_secs(60 * minutes));
        let reply = dialogue.internal(rings(DigestKind::Weekly)).await;
        assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "digest_told_before"), "{reply}");
    }
    // The control: what was told must be remembered, or it is told again.
    for digest in &mut dialogue.facts.digests {
        digest.told_through = None;
    }
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!(dialogue.replies().len(), 1, "the test is blind to a summary that comes twice");
}

#[tokio::test]
async fn outside_of_the_window_it_waits_until_the_member_writes_and_is_told_once() {
    let mut dialogue = subscribed().await;
    dialogue.now = monday();
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(monday(), 24));
    let reply = dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "digest_held"), "{reply}");
    dialogue.now = monday().plus(std::time::Duration::from_secs(7_200));
    dialogue.says("¿cuánto vendí en octubre?").await;
    let replies: Vec<String> = dialogue.replies().iter().map(|reply| reply.body.clone()).collect();
    assert_eq!(replies.len(), 2, "{replies:?}");
    assert!(replies[0].starts_with("En octubre vendiste"), "{replies:?}");
    assert!(replies[1].contains("no más resúmenes"), "{replies:?}");
    assert_eq!(dialogue.decision(), ("finance", "sales"));
    // What is carried on is what the member asked.
    let reply = dialogue.says("¿y en septiembre?").await;
    assert!(reply.starts_with("En septiembre vendiste"), "{reply}");
    assert_eq!(dialogue.replies().len(), 1, "it was told twice");
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!(dialogue.replies().len(), 0);
}

#[tokio::test]
async fn with_an_approved_template_it_leaves_as_one() {
    let mut dialogue = subscribed().await;
    dialogue.desk = Some(Arc::new(Desk::new().unwrap().with_digest_template(Some("resumen_listo".to_owned()))));
    dialogue.now = monday();
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(monday(), 30));
    dialogue.internal(rings(DigestKind::Weekly)).await;
    let message = dialogue.replies()[0].clone();
    let template = message.platform_template.clone().unwrap();
    assert_eq!(template.name, "resumen_listo");
    assert_eq!(template.variables.len(), 2);
    assert!(template.variables[1].contains('$') && !template.variables.iter().any(|text| text.contains('\n')));
    assert!(message.buttons.is_empty());
    // Within the window it is a plain message.
    dialogue.now = monday().plus(std::time::Duration::from_secs(7 * 86_400));
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(dialogue.now, 1));
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert!(dialogue.replies()[0].platform_template.is_none());
}

#[tokio::test]
async fn no_more_means_no_more() {
    for end in ["no más resúmenes", "chega de resumos", "no more summaries"] {
        let mut dialogue = subscribed().await;
        dialogue.says(end).await;
        assert_eq!(dialogue.decision(), ("finance", "digest_off"), "{end}");
        assert!(dialogue.facts.digests.is_empty());
        let cancelled =
            dialogue.last.effects.iter().filter(|effect| matches!(effect, Effect::CancelTimer { .. })).count();
        assert_eq!(cancelled, 3);
        dialogue.now = monday();
        dialogue.internal(rings(DigestKind::Weekly)).await;
        assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "digest_gone"));
    }
    let mut dialogue = subscribed().await;
    dialogue.taps("digest:off").await;
    assert!(dialogue.facts.digests.is_empty());
    dialogue.taps("digest:weekly").await;
    assert_eq!(dialogue.facts.digests.len(), 2);
}

#[tokio::test]
async fn who_stopped_everything_or_lost_the_right_hears_nothing() {
    let mut dialogue = subscribed().await;
    dialogue.conversation.as_mut().unwrap().stopped = true;
    dialogue.now = monday();
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "digest_silent"));
    let mut dialogue = subscribed().await;
    dialogue.principal = member(MemberRole::Employee, false);
    dialogue.now = monday();
    dialogue.internal(rings(DigestKind::Weekly)).await;
    assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "digest_refused"));
    assert!(dialogue.facts.digests.is_empty());
    // Nobody without the right can wish for one.
    for who in [member(MemberRole::Employee, false), shopper()] {
        let mut dialogue = Dialogue::of(who, Facts::default());
        dialogue.says("mándame el resumen todos los lunes a las 8").await;
        assert!(dialogue.facts.digests.is_empty());
        dialogue.taps("digest:weekly").await;
        assert!(dialogue.facts.digests.is_empty());
    }
}

/// The owner's alerts, as they stand before they are looked at.
fn watched(short: bool, due: Vec<Proposal>) -> Dialogue {
    let mut dialogue = owner();
    dialogue.facts.due = due;
    dialogue.facts.digests = vec![Digest { wish: Wish::alerts(), told_through: None, held: None, short }];
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(dialogue.now, 2));
    dialogue
}

/// The worked example with so much less cash that it runs out.
fn poorer(dialogue: &mut Dialogue) {
    let mut facts = dialogue.facts.ledger.as_ref().unwrap().facts().clone();
    for balance in &mut facts.cash {
        balance.balance = 1_000;
    }
    let ledger = recado_domain::finance::figures::Ledger::new(facts, dialogue.now);
    assert!(ledger.forecast(Scenario::Committed).unwrap().lowest().1 < 0, "cash does not run out");
    dialogue.facts.ledger = Some(Arc::new(ledger));
}

#[tokio::test]
async fn cash_that_runs_out_is_told_when_it_does_and_not_every_day() {
    let mut dialogue = watched(false, Vec::new());
    let enough = dialogue.facts.ledger.as_ref().unwrap().forecast(Scenario::Committed).unwrap().lowest().1;
    assert!(enough >= 0);
    dialogue.internal(rings(DigestKind::Alerts)).await;
    assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "alert_none"));
    poorer(&mut dialogue);
    let day = std::time::Duration::from_secs(86_400);
    dialogue.now = dialogue.now.plus(day);
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(dialogue.now);
    let reply = dialogue.internal(rings(DigestKind::Alerts)).await;
    assert_eq!(dialogue.decision().1, "alert_told", "{reply}");
    assert!(
        reply.starts_with("Ojo con la caja") && reply.contains("*−$") && reply.contains("no más resúmenes"),
        "{reply}"
    );
    for _ in 0..3 {
        dialogue.now = dialogue.now.plus(day);
        dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(dialogue.now);
        let reply = dialogue.internal(rings(DigestKind::Alerts)).await;
        assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "alert_none"), "{reply}");
    }
    // The control: once it was enough again, the next crossing is told.
    dialogue.facts.digests[0].short = false;
    dialogue.now = dialogue.now.plus(day);
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(dialogue.now);
    dialogue.internal(rings(DigestKind::Alerts)).await;
    assert_eq!(dialogue.replies().len(), 1);
}

#[tokio::test]
async fn an_alarm_that_is_over_when_the_member_writes_is_not_told() {
    let mut dialogue = watched(false, Vec::new());
    let rich = dialogue.facts.ledger.clone();
    poorer(&mut dialogue);
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(hours_before(dialogue.now, 48));
    dialogue.internal(rings(DigestKind::Alerts)).await;
    assert_eq!((dialogue.replies().len(), dialogue.decision().1), (0, "alert_held"));
    dialogue.facts.ledger = rich;
    dialogue.says("¿cuánto vendí en octubre?").await;
    assert_eq!(dialogue.replies().len(), 1);
    assert_eq!(dialogue.facts.digests[0].held, None);
}

#[tokio::test]
async fn whether_it_worked_is_told_once_after_its_horizon() {
    let proposal = Proposal {
        code: Code::CollectCod,
        currency: Currency::Cop,
        expected: None,
        baseline: Some(Number::Money(Money::new(100_000_000, Currency::Cop))),
        horizon_on: date(2026, 11, 4),
    };
    let mut dialogue = watched(false, vec![proposal]);
    let reply = dialogue.internal(rings(DigestKind::Alerts)).await;
    assert!(reply.contains("¿Funcionó reclamarle a la transportadora?") && reply.contains("Sí, mejoró."), "{reply}");
    let found = dialogue.last.effects.iter().find_map(|effect| match effect {
        Effect::CheckRecommendation { code, found } => Some((*code, found.verdict)),
        _ => None,
    });
    assert_eq!(found, Some((Code::CollectCod, Verdict::Better)));
    dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(86_400));
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(dialogue.now);
    dialogue.internal(rings(DigestKind::Alerts)).await;
    assert_eq!(dialogue.replies().len(), 0);
}
