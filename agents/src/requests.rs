//! What became of what a customer asked for: told when asked, and when the people of the shop have decided.

use std::time::Duration;

use recado_domain::change;
use recado_domain::command::Command;
use recado_domain::effect::{Effect, Subject};
use recado_domain::flow::FlowKind;
use recado_domain::intent::Intent;
use recado_domain::merchant::Staff;
use recado_domain::request::{Decision, LONGEST_NOTE, Request, RequestStatus};
use recado_domain::tools::{StaffTools, ToolBox};
use recado_domain::{Language, PrivacyId};
use serde_json::{Value, json};

use crate::crisis::authority::RequestName;
use crate::desk::TurnError;
use crate::orders::changes;
use crate::turn::Turn;
use crate::wording::clip;
use crate::{person, privacy};

/// The name in traces.
const AGENT: &str = "requests";
/// WhatsApp takes free words this long after the person's last message (CONTRACTS A9).
const WINDOW: Duration = Duration::from_secs(24 * 3_600);
/// Requests of a list.
const SHOWN: usize = 7;

/// The asker's requests, newest first; nobody else has any here.
///
/// # Errors
/// When facts are away.
pub async fn own(turn: &mut Turn<'_>) -> Result<Vec<Request>, TurnError> {
    let ToolBox::Shopper(tools) = turn.tools else { return Ok(Vec::new()) };
    let found = tools.requests().await?;
    turn.used(format!("requests: {}", found.len()));
    Ok(found)
}

/// The open one of a kind for an order, if there is one.
pub fn open_one<'a>(all: &'a [Request], kind: FlowKind, order: Option<&str>) -> Option<&'a Request> {
    let same = |request: &&Request| {
        request.status == RequestStatus::Open && request.asked.kind == kind && request.asked.order.as_deref() == order
    };
    all.iter().find(same)
}

/// Answers a command about requests: «¿cómo va mi solicitud?», and «¿y mi reembolso?» where one was asked for.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn answers(turn: &mut Turn<'_>, command: &Command) -> Result<bool, TurnError> {
    if turn.owner.is_human() {
        return Ok(false);
    }
    match command {
        Command::RequestStatus if !turn.is_member() => {
            let all = own(turn).await?;
            told(turn, &all)?;
            Ok(true)
        }
        Command::Escalate { intent: Intent::RefundStatus } => {
            let about = [FlowKind::RefundRequest, FlowKind::ReturnOrder, FlowKind::CancelOrder];
            let mut all = own(turn).await?;
            all.retain(|request| about.contains(&request.asked.kind));
            if all.is_empty() {
                return Ok(false);
            }
            told(turn, &all)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn told(turn: &mut Turn<'_>, all: &[Request]) -> Result<(), TurnError> {
    turn.decided(AGENT, "status");
    let rows: Vec<Value> = all.iter().take(3).map(|request| context(turn, turn.language, request)).collect();
    let human = vec![turn.button("human", "button.human")];
    turn.reply("request_status", &json!({"rows": rows}), human)
}

/// A request in words.
fn context(turn: &Turn<'_>, language: Language, request: &Request) -> Value {
    let moments = turn.moments_in(language);
    let asked = &request.asked;
    json!({
        "number": request.number,
        "flow": asked.kind.name(),
        "flow_name": turn.wording.word(language, &format!("flow.{}", asked.kind.name())),
        "order": asked.order,
        "status": request.status.code(),
        "when": moments.ago(request.asked_at),
        "by": request.decided.as_ref().map(|(name, _)| clip(name, 40)),
        "note": request.note,
        "code": request.conversation.code(),
        "details": asked.details.values().map(|value| clip(value, 60)).collect::<Vec<_>>().join(" · "),
    })
}

/// Says that the same was asked for already and waits.
///
/// # Errors
/// When the template does not render.
pub fn already(turn: &mut Turn<'_>, request: &Request) -> Result<(), TurnError> {
    turn.decided(AGENT, "already_open");
    let context = context(turn, turn.language, request);
    let human = vec![turn.button("human", "button.human")];
    turn.reply("request_open", &context, human)
}

/// The people of the shop decided: the customer hears it, if WhatsApp lets us say it; otherwise staff hears that nobody
/// told them.
///
/// # Errors
/// When a template does not render.
pub fn decided(
    turn: &mut Turn<'_>,
    (number, kind, order): (i64, FlowKind, Option<&str>),
    status: RequestStatus,
    (note, why): (Option<&str>, Option<&str>),
    staff_name: &str,
) -> Result<(), TurnError> {
    let in_words = |turn: &Turn<'_>, language: Language| {
        json!({
            "number": number,
            "flow": kind.name(),
            "flow_name": turn.wording.word(language, &format!("flow.{}", kind.name())),
            "order": order,
            "status": status.code(),
            "note": note.map(|note| clip(note, LONGEST_NOTE)),
            "why": why,
            "merchant": turn.input.merchant.name,
            "name": person::shown_name(turn),
            "by": clip(staff_name, 40),
        })
    };
    let conversation = turn.input.conversation.as_ref();
    let open = conversation.and_then(|one| one.last_inbound_at).is_some_and(|at| turn.input.now.since(at) < WINDOW);
    if open {
        turn.decided(AGENT, "told");
        let context = in_words(turn, turn.language);
        return turn.reply("request_decided", &context, vec![]);
    }
    turn.decided(AGENT, "window_closed");
    let subject = conversation.map_or(Subject::General, |one| Subject::Conversation(one.id));
    let context = in_words(turn, turn.input.merchant.language);
    turn.notify(subject, "notice_request_not_told", &context, &[])
}

/// `/requests`.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn list(turn: &mut Turn<'_>, tools: &dyn StaffTools) -> Result<(), TurnError> {
    let all = tools.requests().await?;
    turn.used(format!("requests: {}", all.len()));
    turn.decided(AGENT, "list");
    let rows: Vec<Value> = all.iter().take(SHOWN).map(|request| context(turn, turn.language, request)).collect();
    turn.reply("staff_requests", &json!({"rows": rows, "more": all.len().saturating_sub(SHOWN)}), vec![])
}

/// `/approve`, `/decline`, `/done`, and the buttons under a notice.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn decide(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    name: &RequestName,
    decision: Decision,
    note: Option<String>,
) -> Result<(), TurnError> {
    let found = match name {
        RequestName::Number(number) => tools.request(*number).await?,
        RequestName::Id(id) => tools.request_of_id(*id).await?,
    };
    turn.used(format!("request: {}", usize::from(found.is_some())));
    let Some(request) = found else {
        turn.decided(AGENT, "not_found");
        return turn.reply("staff_request_none", &json!({}), vec![]);
    };
    let mut words = context(turn, turn.language, &request);
    let (from, to) = decision.step();
    if request.status != from {
        turn.decided(AGENT, "unchanged");
        return turn.reply("staff_request_already", &words, vec![]);
    }
    // What it would mean for the person's data is shown first, with buttons of its own.
    let of_data = matches!(request.asked.kind, FlowKind::DeleteMyData | FlowKind::ExportMyData);
    if of_data && decision == Decision::Approve {
        return privacy::show(turn, tools, PrivacyId(request.asked.id.0)).await;
    }
    // So is what we can do in the shop ourselves: the button under it approves.
    if decision == Decision::Approve
        && let Some(name) = &request.asked.order
        && let Some(view) = tools.order_of(request.merchant, name).await?
        && let Some(change) = change::of_request(&request, &view)
    {
        return match change {
            Ok(action) => changes::propose(turn, staff, request.merchant, (&view, action), Some(&request)),
            Err(obstacle) => changes::impossible(turn, name, obstacle, Some(&request)),
        };
    }
    turn.decided(AGENT, decision.action());
    turn.effects.push(Effect::DecideRequest {
        merchant: request.merchant,
        request: request.asked.id,
        decision,
        note,
        by: staff.name.clone(),
    });
    words["status"] = json!(to.code());
    let buttons = match decision {
        Decision::Approve => vec![turn.button(&format!("req:done:{}", request.asked.id), "button.request_done")],
        Decision::Decline | Decision::Finish => Vec::new(),
    };
    turn.reply("staff_request_decided", &words, buttons)
}
