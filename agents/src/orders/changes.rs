//! Changes in the shop that staff asks for: shown with what they bring about, confirmed with a button that is good once
//! and for ten minutes, and reported back after they were read in the shop.

use recado_domain::ActionId;
use recado_domain::action::{Action, ActionStatus};
use recado_domain::effect::{Effect, Subject};
use recado_domain::merchant::Staff;
use recado_domain::order::Payment;
use recado_domain::tools::{OrderView, StaffTools, ToolBox};
use serde_json::json;

use crate::desk::TurnError;
use crate::person::first_name;
use crate::turn::Turn;
use crate::wording::clip;

const AGENT: &str = "orders";

/// Why an order is not cancelled any more (OPERATIONS §1.2).
fn obstacle(view: &OrderView) -> Option<&'static str> {
    if view.order.cancelled_at.is_some() {
        return Some("cancelled");
    }
    let left = matches!(view.order.fulfillment_status.as_deref(), Some("fulfilled" | "partial"));
    (left || !view.shipments.is_empty()).then_some("shipped")
}

/// Whether money was taken that would go back.
fn is_paid(view: &OrderView) -> bool {
    view.order.payment == Payment::Prepaid
        && matches!(view.order.financial_status.as_deref(), Some("paid" | "partially_paid" | "partially_refunded"))
}

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
    let order = &view.order;
    if let Some(obstacle) = obstacle(&view) {
        turn.decided(AGENT, "cannot_cancel");
        return turn.reply("action_impossible", &json!({"order": order.name, "why": obstacle}), vec![]);
    }
    let Some(event) = turn.input.events.last() else { return Ok(()) };
    // Several commands may stand in one turn, and a turn may be tried again.
    let id = ActionId::derived(&[&event.id.to_string(), "cancel_order", &order.external_id]);
    let refund = is_paid(&view);
    let action = Action::CancelOrder { order: order.external_id.clone(), name: order.name.clone(), refund };
    turn.decided(AGENT, "cancel_proposed");
    turn.effects.push(Effect::ProposeAction { merchant, id, action, by: staff.name.clone() });
    turn.audit(&staff.name, "order.cancel", &order.name, "proposed");
    let context = json!({
        "order": order.name,
        "name": order.first_name().and_then(first_name),
        "total": order.total.shown(),
        "cod": order.payment == Payment::Cod,
        "refund": refund,
        "items": order.lines.iter().take(3).map(|line| json!({"quantity": line.quantity, "title": clip(&line.title, 40)})).collect::<Vec<_>>(),
        "more": order.lines.len().saturating_sub(3),
    });
    let simple = id.0.simple();
    let buttons = vec![
        turn.button(&format!("act:yes:{simple}"), "button.cancel_order"),
        turn.button(&format!("act:no:{simple}"), "button.keep_order"),
    ];
    turn.reply("action_preview", &context, buttons)
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
    let name = view.action.name().to_owned();
    if !view.is_valid(turn.input.now) {
        turn.decided(AGENT, "action_stale");
        let status = if view.status == ActionStatus::Proposed { "expired" } else { view.status.code() };
        return turn.reply("action_stale", &json!({"order": name, "status": status}), vec![]);
    }
    let (decision, template) =
        if confirmed { ("confirmed", "action_confirmed") } else { ("dropped", "action_dropped") };
    turn.decided(AGENT, decision);
    turn.audit(&staff.name, view.action.kind(), &name, decision);
    let by = staff.name.clone();
    turn.effects.push(Effect::DecideAction { merchant: view.merchant, id, confirmed, by });
    turn.reply(template, &json!({"order": name}), vec![])
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
    });
    turn.notify(Subject::General, "notice_action", &context, &[])
}
