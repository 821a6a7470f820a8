//! Disputes of buyers with their banks: staff is told when one waits for the shop's evidence, and once more before its time is
//! over. Answering it is done in the shop.

use recado_domain::effect::{Effect, Subject};
use recado_domain::order::{DisputeKind, REMIND_BEFORE, dispute_timer};
use recado_domain::tools::{DisputeView, ToolBox};
use serde_json::{Value, json};

use crate::desk::TurnError;
use crate::turn::Turn;

/// The name in traces.
const AGENT: &str = "disputes";

/// A dispute waits for evidence: staff is told, and the clock is set for the last days before its deadline. Told once for each
/// deadline, and a new deadline moves the clock.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn opened(turn: &mut Turn<'_>, external_id: &str) -> Result<(), TurnError> {
    let Some(dispute) = waiting(turn, external_id).await? else { return Ok(()) };
    if let Some(due) = dispute.facts.evidence_due_by {
        let after = due.minus(REMIND_BEFORE).since(turn.input.now);
        if !after.is_zero() {
            turn.effects.push(Effect::StartTimer { kind: dispute_timer(external_id), after });
        }
    }
    turn.decided(AGENT, "told");
    tell(turn, &dispute, false)
}

/// The time of a dispute is nearly over.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn due(turn: &mut Turn<'_>, external_id: &str) -> Result<(), TurnError> {
    let Some(dispute) = waiting(turn, external_id).await? else { return Ok(()) };
    turn.decided(AGENT, "reminded");
    tell(turn, &dispute, true)
}

/// The dispute, as long as it waits for evidence.
async fn waiting(turn: &mut Turn<'_>, external_id: &str) -> Result<Option<DisputeView>, TurnError> {
    let ToolBox::System(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(None);
    };
    let found = tools.dispute(external_id).await?;
    turn.used(format!("dispute: {}", usize::from(found.is_some())));
    let waiting = found.filter(|dispute| dispute.facts.needs_response());
    if waiting.is_none() {
        turn.decided(AGENT, "not_open");
    }
    Ok(waiting)
}

fn tell(turn: &mut Turn<'_>, DisputeView { facts, order }: &DisputeView, again: bool) -> Result<(), TurnError> {
    let language = turn.input.merchant.language;
    let due = facts.evidence_due_by;
    let context = json!({
        "kind": match &facts.kind {
            DisputeKind::Chargeback => "chargeback",
            DisputeKind::Inquiry => "inquiry",
            DisputeKind::Other(_) => "other",
        },
        "amount": facts.shown(),
        "order": order,
        "reason": facts.reason.as_deref().map_or(Value::Null, |code| reason(turn, code).into()),
        "due": due.map(|due| turn.moments_in(language).day_and_hour(due)),
        "late": due.is_some_and(|due| due <= turn.input.now),
        "again": again,
    });
    turn.notify(Subject::General, "notice_dispute", &context, &[])
}

/// Why, in plain words; a reason that we have none for is said as the platform writes it.
fn reason(turn: &Turn<'_>, code: &str) -> String {
    let known = turn.wording.known(turn.input.merchant.language, &format!("dispute.{code}"));
    known.map_or_else(|| code.replace('_', " "), str::to_owned)
}
