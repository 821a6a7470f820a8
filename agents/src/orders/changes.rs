//! Changes in the shop that staff asks for: shown with what they bring about, confirmed with a button that is good once
//! and for ten minutes, and reported back after they were read in the shop.

use recado_domain::action::{Action, ActionStatus};
use recado_domain::change::{self, Obstacle};
use recado_domain::effect::{Effect, Subject};
use recado_domain::flow::FlowKind;
use recado_domain::merchant::Staff;
use recado_domain::order::{Payment, PostalAddress};
use recado_domain::request::Request;
use recado_domain::tools::{OrderView, StaffTools, ToolBox};
use recado_domain::{ActionId, MerchantId};
use serde_json::json;

use crate::desk::TurnError;
use crate::person::first_name;
use crate::turn::Turn;
use crate::wording::clip;

const AGENT: &str = "orders";

/// Shows what cancelling an order means, with the two buttons.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn propose_cancel(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    reference: &str,
) -> Result<(), TurnError> {
    let found = tools.order(reference).await?;
    turn.used(format!("order: {}", usize::from(found.is_some())));
    let Some((merchant, view)) = found else {
        turn.decided(AGENT, "order_not_found");
        return turn.reply("staff_order_none", &json!({"order": clip(reference, 24)}), vec![]);
    };
    if let Some(obstacle) = Obstacle::of(&view) {
        return impossible(turn, &view.order.name, obstacle, None);
    }
    propose(turn, staff, merchant, (&view, change::cancel(&view)), None)
}

/// Says why an order is not changed any more.
///
/// # Errors
/// When a template does not render.
pub fn impossible(
    turn: &mut Turn<'_>,
    order: &str,
    obstacle: Obstacle,
    request: Option<&Request>,
) -> Result<(), TurnError> {
    turn.decided(AGENT, "impossible");
    let number = request.map(|request| request.number);
    let address = request.is_some_and(|request| request.asked.kind == FlowKind::ChangeShippingAddress);
    turn.reply(
        "action_impossible",
        &json!({"order": order, "why": obstacle.code(), "number": number, "address": address}),
        vec![],
    )
}

/// Keeps a change and shows what it means, with the two buttons. Confirming it approves the request that it carries out.
///
/// # Errors
/// When a template does not render.
pub fn propose(
    turn: &mut Turn<'_>,
    staff: &Staff,
    merchant: MerchantId,
    (view, action): (&OrderView, Action),
    request: Option<&Request>,
) -> Result<(), TurnError> {
    let order = &view.order;
    let Some(event) = turn.input.events.last() else { return Ok(()) };
    // Several commands may stand in one turn, and a turn may be tried again.
    let id = ActionId::derived(&[&event.id.to_string(), action.kind(), &order.external_id]);
    turn.decided(AGENT, if action.kind() == "cancel_order" { "cancel_proposed" } else { "address_proposed" });
    turn.audit(&staff.name, &format!("order.{}", action.kind()), &order.name, "proposed");
    let (refund, address) = match &action {
        Action::CancelOrder { refund, .. } => (*refund, None),
        Action::ChangeAddress { address, .. } => (false, Some(in_one_line(address))),
    };
    let yes = if address.is_some() { "button.change_address" } else { "button.cancel_order" };
    let context = json!({
        "order": order.name,
        "name": order.first_name().and_then(first_name),
        "total": order.total.shown(),
        "cod": order.payment == Payment::Cod,
        "refund": refund,
        "address": address,
        "before": order.address.as_ref().map(in_one_line),
        "number": request.map(|request| request.number),
        "items": order.lines.iter().take(3).map(|line| json!({"quantity": line.quantity, "title": clip(&line.title, 40)})).collect::<Vec<_>>(),
        "more": order.lines.len().saturating_sub(3),
    });
    let request = request.map(|request| request.asked.id);
    turn.effects.push(Effect::ProposeAction { merchant, id, action, by: staff.name.clone(), request });
    let simple = id.0.simple();
    let buttons = vec![
        turn.button(&format!("act:yes:{simple}"), yes),
        turn.button(&format!("act:no:{simple}"), "button.keep_order"),
    ];
    turn.reply("action_preview", &context, buttons)
}

fn in_one_line(address: &PostalAddress) -> String {
    let parts = [&address.line1, &address.line2, &address.city, &address.zip];
    let parts: Vec<&str> = parts.into_iter().filter_map(|part| part.as_deref()).collect();
    clip(&parts.join(", "), 160)
}

/// Confirms a change, or drops it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn decide(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    id: ActionId,
    confirmed: bool,
) -> Result<(), TurnError> {
    let found = tools.action(id).await?;
    turn.used(format!("action: {}", usize::from(found.is_some())));
    let Some(view) = found else {
        turn.decided(AGENT, "action_gone");
        return turn.reply("action_gone", &json!({}), vec![]);
    };
    let (name, kind) = (view.action.name().to_owned(), view.action.kind());
    if !view.is_valid(turn.input.now) {
        turn.decided(AGENT, "action_stale");
        let status = if view.status == ActionStatus::Proposed { "expired" } else { view.status.code() };
        let context = json!({"order": name, "status": status, "kind": kind, "number": view.request});
        return turn.reply("action_stale", &context, vec![]);
    }
    let (decision, template) =
        if confirmed { ("confirmed", "action_confirmed") } else { ("dropped", "action_dropped") };
    turn.decided(AGENT, decision);
    turn.audit(&staff.name, view.action.kind(), &name, decision);
    let by = staff.name.clone();
    turn.effects.push(Effect::DecideAction { merchant: view.merchant, id, confirmed, by });
    turn.reply(template, &json!({"order": name, "kind": kind, "number": view.request}), vec![])
}

/// Tells staff what a change came to.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn settled(turn: &mut Turn<'_>, id: ActionId) -> Result<(), TurnError> {
    let ToolBox::System(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(());
    };
    let found = tools.action(id).await?;
    turn.used(format!("action: {}", usize::from(found.is_some())));
    let Some((view, reason)) = found else {
        turn.decided(AGENT, "action_gone");
        return Ok(());
    };
    turn.decided(AGENT, "action_told");
    let context = json!({
        "order": view.action.name(),
        "status": view.status.code(),
        "reason": reason.map(|reason| clip(&reason, 160)),
        "by": clip(&view.by, 40),
        "kind": view.action.kind(),
        "number": view.request,
    });
    turn.notify(Subject::General, "notice_action", &context, &[])
}
