//! Changes in the shop that staff asks for.

use recado_domain::action::{Action, ActionStatus, ActionView};
use recado_domain::effect::Effect;
use recado_domain::event::{InternalEvent, StaffBody};
use recado_domain::merchant::StaffRole;
use recado_domain::order::Payment;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{ActionId, Language};

use crate::fakes::*;

fn desk(role: StaffRole) -> Dialogue {
    let own = vec![order("#1042", 89_900), shipped("#1050", ShipmentStatus::InTransit)];
    Dialogue::of(staff(role), Facts { own, ..Facts::default() })
}

fn view(status: ActionStatus, proposed_at: &str) -> ActionView {
    ActionView {
        id: ActionId::derived(&["one"]),
        merchant: merchant("CO", Language::Es).id,
        action: Action::CancelOrder { order: "77".into(), name: "#1042".into(), refund: false },
        status,
        proposed_at: at(proposed_at),
        by: "Laura".into(),
        request: None,
    }
}

async fn tap(dialogue: &mut Dialogue, data: &str) -> String {
    let body = StaffBody::Tap { data: data.into(), callback_id: "cb".into() };
    dialogue.events(vec![staff_event(body, None, false)]).await
}

fn yes() -> String {
    format!("act:yes:{}", ActionId::derived(&["one"]).0.simple())
}

#[tokio::test]
async fn what_cancelling_means_is_shown_before_anything_happens() {
    let mut paid = desk(StaffRole::Lead);
    let reply = paid.staff_says("/cancelar 1042", None).await;
    assert!(reply.contains("se devuelve por el mismo medio"), "{reply}");
    let mut dialogue = desk(StaffRole::Lead);
    dialogue.facts.own[0].order.payment = Payment::Cod;
    let reply = dialogue.staff_says("/cancelar 1042", None).await;
    assert!(
        reply.contains("*#1042*") && reply.contains("$89.900") && reply.contains("No se puede deshacer"),
        "{reply}"
    );
    assert!(!reply.contains("se devuelve"), "cash on delivery gives nothing back: {reply}");
    let proposed: Vec<_> = dialogue
        .last
        .effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::ProposeAction { id, action, .. } => Some((*id, action.clone())),
            _ => None,
        })
        .collect();
    let [(id, Action::CancelOrder { name, refund: false, .. })] = proposed.as_slice() else { panic!("{proposed:?}") };
    assert_eq!(name, "#1042");
    let simple = id.0.simple().to_string();
    assert_eq!(dialogue.buttons(), [format!("act:yes:{simple}"), format!("act:no:{simple}")]);
    assert!(dialogue.buttons().iter().all(|button| button.len() <= 64));
}

#[tokio::test]
async fn two_orders_in_one_burst_are_two_actions() {
    let mut dialogue = desk(StaffRole::Lead);
    dialogue.facts.own.push(order("#1043", 10_000));
    let say = |text: &str| staff_event(StaffBody::Text { text: text.into() }, None, false);
    dialogue.events(vec![say("/cancelar 1042"), say("/cancelar 1043")]).await;
    let mut ids: Vec<ActionId> = dialogue
        .last
        .effects
        .iter()
        .filter_map(|effect| if let Effect::ProposeAction { id, .. } = effect { Some(*id) } else { None })
        .collect();
    ids.dedup();
    assert_eq!(ids.len(), 2);
}

#[tokio::test]
async fn what_has_left_is_not_cancelled_and_who_may_not_does_not() {
    let mut dialogue = desk(StaffRole::Lead);
    let reply = dialogue.staff_says("/cancelar 1050", None).await;
    assert!(reply.contains("ya salió"), "{reply}");
    let mut agent = desk(StaffRole::Agent);
    let reply = agent.staff_says("/cancelar 1042", None).await;
    let changes = |effect: &Effect| matches!(effect, Effect::ProposeAction { .. } | Effect::DecideAction { .. });
    assert!(!dialogue.last.effects.iter().any(changes) && !agent.last.effects.iter().any(changes), "{reply}");
    agent.facts.action = Some((view(ActionStatus::Proposed, NOW), None));
    tap(&mut agent, &yes()).await;
    assert!(!agent.last.effects.iter().any(changes), "a tapped button grants nothing");
}

#[tokio::test]
async fn a_button_is_good_once_and_for_ten_minutes() {
    let mut dialogue = desk(StaffRole::Lead);
    let decided = |dialogue: &Dialogue| {
        let is = |effect: &&Effect| matches!(effect, Effect::DecideAction { confirmed: true, .. });
        dialogue.last.effects.iter().filter(is).count()
    };
    dialogue.facts.action = Some((view(ActionStatus::Proposed, "2026-11-26T16:51:00Z"), None));
    let reply = tap(&mut dialogue, &yes()).await;
    assert_eq!(decided(&dialogue), 1, "{reply}");
    for (status, at, words) in [
        (ActionStatus::Proposed, "2026-11-26T16:49:00Z", "venció"),
        (ActionStatus::Working, "2026-11-26T16:59:00Z", "Ya estoy cancelando"),
        (ActionStatus::Done, "2026-11-26T16:59:00Z", "ya se canceló"),
        (ActionStatus::Uncertain, "2026-11-26T16:59:00Z", "revísalo"),
    ] {
        dialogue.facts.action = Some((view(status, at), None));
        let reply = tap(&mut dialogue, &yes()).await;
        assert!(reply.contains(words) && decided(&dialogue) == 0, "{status:?}: {reply}");
    }
    dialogue.facts.action = None;
    assert!(tap(&mut dialogue, &yes()).await.contains("No encuentro"));
}

#[tokio::test]
async fn staff_is_told_what_came_of_it() {
    let mut dialogue = Dialogue::of(system(), Facts::default());
    let id = ActionId::derived(&["one"]);
    for (status, reason, words) in [
        (ActionStatus::Done, None, "✅ #1042 quedó cancelado"),
        (ActionStatus::Failed, Some("Cannot cancel"), "❌ No pude cancelar #1042: Cannot cancel"),
        (ActionStatus::Failed, Some("no_access"), "shopify.access_token"),
        (ActionStatus::Uncertain, Some("no answer"), "⚠️"),
    ] {
        dialogue.facts.action = Some((view(status, NOW), reason.map(str::to_owned)));
        dialogue.internal(InternalEvent::ActionSettled { action: id }).await;
        let notices: Vec<String> = dialogue.notices().iter().map(|notice| notice.body.clone()).collect();
        assert!(notices.len() == 1 && notices[0].contains(words), "{notices:?}");
    }
}
