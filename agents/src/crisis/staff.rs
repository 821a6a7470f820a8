//! The staff chat: commands, taps, and answers to notices. Authority comes from the registered person alone.

use recado_domain::effect::Effect;
use recado_domain::event::{InternalEvent, StaffBody, StaffMessage};
use recado_domain::incident::{IncidentAction, IncidentStatus};
use recado_domain::merchant::Staff;
use recado_domain::principal::Principal;
use recado_domain::tools::{ConversationView, OrderView, StaffTools, ToolBox};
use serde_json::{Value, json};

use super::authority::StaffCommand;
use super::{AGENT, incident_context, list};
use crate::desk::TurnError;
use crate::orders::{Audience, changes, short_status, status_context};
use crate::person::first_name;
use crate::turn::Turn;
use crate::wording::clip;
use crate::{privacy, requests};

/// Longest answer of staff that WhatsApp carries in one text.
const LONGEST_ANSWER: usize = 4_000;

/// What came from a staff chat.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn message(turn: &mut Turn<'_>, message: &StaffMessage) -> Result<(), TurnError> {
    let tap = match &message.body {
        StaffBody::Tap { callback_id, .. } => Some(callback_id.clone()),
        _ => None,
    };
    let before = turn.effects.len();
    let outcome = decide(turn, message).await;
    if let Some(callback_id) = tap {
        // The spinner of a tapped button stops whatever came of it; the words are in the answer.
        turn.effects.insert(before, Effect::AnswerTap { callback_id, text: None });
    }
    outcome
}

async fn decide(turn: &mut Turn<'_>, message: &StaffMessage) -> Result<(), TurnError> {
    let staff = match &turn.input.principal {
        Principal::Staff(staff) => staff.clone(),
        _ => return stranger(turn, message),
    };
    let command = match &message.body {
        StaffBody::Tap { data, .. } => Some(StaffCommand::tapped(data)),
        StaffBody::Text { text } => StaffCommand::parse(text),
        StaffBody::Other { .. } => None,
    };
    if message.second_hand {
        return second_hand(turn, &staff, command.as_ref());
    }
    let ToolBox::Staff(tools) = turn.tools else {
        turn.decided(AGENT, "no_tools");
        return Ok(());
    };
    match (command, &message.body) {
        (Some(command), _) => run(turn, tools.as_ref(), &staff, message, command).await,
        (None, StaffBody::Text { text }) => plain(turn, tools.as_ref(), &staff, message, text).await,
        (None, _) if message.reply_to.is_some() => {
            turn.decided(AGENT, "only_text");
            turn.reply("staff_only_text", &json!({}), vec![])
        }
        (None, _) => {
            turn.decided(AGENT, "ignored");
            Ok(())
        }
    }
}

/// Somebody who is no staff: told once how to become one, and recorded every time.
fn stranger(turn: &mut Turn<'_>, message: &StaffMessage) -> Result<(), TurnError> {
    turn.decided(AGENT, "stranger");
    let actor = format!("telegram:{}", message.user_id);
    turn.audit(&actor, "staff.message", "", "denied: not staff");
    let private = message.chat_id == message.user_id;
    let command = matches!(&message.body, StaffBody::Text { text } if text.trim_start().starts_with('/'));
    let first = turn.session.confusions == 0;
    turn.session.confusions = 1;
    // In a group, people talk to each other; only a command is meant for us.
    if first && (private || command) {
        turn.reply("stranger", &json!({"id": message.user_id.to_string()}), vec![])?;
    }
    Ok(())
}

fn second_hand(turn: &mut Turn<'_>, staff: &Staff, command: Option<&StaffCommand>) -> Result<(), TurnError> {
    turn.decided(AGENT, "second_hand");
    let Some(command) = command else { return Ok(()) };
    turn.audit(&staff.name, command.name(), "", "denied: forwarded or edited");
    turn.reply("second_hand", &json!({}), vec![])
}

async fn run(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    message: &StaffMessage,
    command: StaffCommand,
) -> Result<(), TurnError> {
    if !command.allowed(staff) {
        turn.decided(AGENT, "denied");
        turn.audit(&staff.name, command.name(), "", "denied: role");
        return turn.reply("staff_denied", &json!({}), vec![]);
    }
    match command {
        StaffCommand::Help => help(turn, staff, false),
        StaffCommand::Unknown => help(turn, staff, true),
        StaffCommand::Incomplete(example) => incomplete(turn, example),
        // Whose conversation is meant stands in the code, or in the notice that is answered.
        StaffCommand::Take(None) if message.reply_to.is_none() => incomplete(turn, "/tomar A1B2"),
        StaffCommand::Back(None) if message.reply_to.is_none() => incomplete(turn, "/devolver A1B2"),
        StaffCommand::Incidents => {
            let incidents = tools.incidents().await?;
            turn.used(format!("incidents: {}", incidents.len()));
            list(turn, &incidents, true)
        }
        StaffCommand::Acknowledge(number) => incident(turn, tools, staff, number, IncidentAction::Acknowledge).await,
        StaffCommand::Resolve(number) => incident(turn, tools, staff, number, IncidentAction::Resolve).await,
        StaffCommand::Queue => queue(turn, tools).await,
        StaffCommand::Take(code) => {
            let found = conversation(turn, tools, message, code.as_deref()).await?;
            let event = InternalEvent::TakenOver { staff_name: staff.name.clone() };
            post(turn, staff, found, event, "conversation.take", "staff_taken")
        }
        StaffCommand::Back(code) => {
            let found = conversation(turn, tools, message, code.as_deref()).await?;
            let event = InternalEvent::HandedBack { staff_name: Some(staff.name.clone()) };
            post(turn, staff, found, event, "conversation.back", "staff_back")
        }
        StaffCommand::Answer { code, text } => {
            let found = conversation(turn, tools, message, code.as_deref()).await?;
            answer(turn, staff, found, &text)
        }
        StaffCommand::Requests => requests::list(turn, tools).await,
        StaffCommand::Decide { request, decision, note } => {
            requests::decide(turn, tools, staff, &request, decision, note).await
        }
        StaffCommand::Privacy => privacy::list(turn, tools).await,
        StaffCommand::ShowPrivacy(id) => privacy::show(turn, tools, id).await,
        StaffCommand::DecidePrivacy { id, confirmed } => privacy::decide(turn, tools, staff, id, confirmed).await,
        StaffCommand::Unanswered => unanswered(turn, tools).await,
        StaffCommand::Order(reference) => {
            let found = tools.order(&reference).await?;
            turn.used(format!("order: {}", usize::from(found.is_some())));
            order(turn, &reference, found.as_ref().map(|(_, view)| view))
        }
        StaffCommand::CancelOrder(reference) => changes::propose_cancel(turn, tools, staff, &reference).await,
        StaffCommand::Confirm { id, confirmed } => changes::decide(turn, tools, staff, id, confirmed).await,
    }
}

fn incomplete(turn: &mut Turn<'_>, example: &str) -> Result<(), TurnError> {
    turn.decided(AGENT, "incomplete");
    turn.reply("staff_usage", &json!({"example": example}), vec![])
}

/// Text that is no command: an answer to a notice, or people talking.
async fn plain(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    message: &StaffMessage,
    text: &str,
) -> Result<(), TurnError> {
    let found = match message.reply_to {
        Some(notice) => tools.conversation_of_notice(message.chat_id, notice).await?,
        None => None,
    };
    if found.is_none() {
        // Ordinary chat of a group is left alone; alone with the bot, help is due.
        if message.chat_id == message.user_id {
            return help(turn, staff, false);
        }
        turn.decided(AGENT, "ignored");
        return Ok(());
    }
    turn.used("conversation_of_notice: 1");
    if text.trim_start().starts_with("//") {
        turn.decided(AGENT, "note");
        return turn.reply("staff_note", &json!({}), vec![]);
    }
    let command = StaffCommand::Answer { code: None, text: text.to_owned() };
    if !command.allowed(staff) {
        turn.decided(AGENT, "denied");
        turn.audit(&staff.name, command.name(), "", "denied: role");
        return turn.reply("staff_denied", &json!({}), vec![]);
    }
    answer(turn, staff, found, text)
}

async fn conversation(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    message: &StaffMessage,
    code: Option<&str>,
) -> Result<Option<ConversationView>, TurnError> {
    let found = match (code, message.reply_to) {
        (Some(code), _) => tools.conversation(code).await?,
        (None, Some(notice)) => tools.conversation_of_notice(message.chat_id, notice).await?,
        (None, None) => None,
    };
    turn.used(format!("conversation: {}", usize::from(found.is_some())));
    Ok(found)
}

fn answer(turn: &mut Turn<'_>, staff: &Staff, found: Option<ConversationView>, text: &str) -> Result<(), TurnError> {
    let words = text.trim();
    if words.is_empty() || words.chars().count() > LONGEST_ANSWER {
        turn.decided(AGENT, "not_sent");
        return turn.reply("staff_too_long", &json!({"most": LONGEST_ANSWER}), vec![]);
    }
    let event = InternalEvent::StaffReply { staff_name: staff.name.clone(), text: words.to_owned() };
    post(turn, staff, found, event, "conversation.answer", "staff_sent")
}

fn post(
    turn: &mut Turn<'_>,
    staff: &Staff,
    found: Option<ConversationView>,
    event: InternalEvent,
    action: &str,
    template: &str,
) -> Result<(), TurnError> {
    let Some(view) = found else {
        turn.decided(AGENT, "conversation_not_found");
        return turn.reply("conversation_not_found", &json!({}), vec![turn.button("queue", "button.queue")]);
    };
    turn.decided(AGENT, event.label());
    let code = view.id.code();
    turn.effects.push(Effect::Post { merchant: view.merchant, conversation: view.id, event });
    turn.audit(&staff.name, action, &code, "allowed");
    let context = json!({"name": clip(&view.name, 40), "code": code});
    let buttons = match template {
        "staff_taken" | "staff_sent" => vec![turn.button(&format!("back:{code}"), "button.back")],
        _ => Vec::new(),
    };
    turn.reply(template, &context, buttons)
}

async fn incident(
    turn: &mut Turn<'_>,
    tools: &dyn StaffTools,
    staff: &Staff,
    number: i64,
    action: IncidentAction,
) -> Result<(), TurnError> {
    let found = tools.incident(number).await?;
    turn.used(format!("incident: {}", usize::from(found.is_some())));
    let Some(incident) = found else {
        turn.decided(AGENT, "incident_not_found");
        return turn.reply("incident_not_found", &json!({"number": number}), vec![]);
    };
    let resolved = incident.status == IncidentStatus::Resolved;
    let (name, template) = match action {
        IncidentAction::Acknowledge => ("incident.ack", "incident_taken"),
        IncidentAction::Resolve => ("incident.resolve", "incident_resolved"),
    };
    let mut context = incident_context(turn, &incident);
    let taken = incident.status == IncidentStatus::Acknowledged && action == IncidentAction::Acknowledge;
    if resolved || taken {
        turn.decided(AGENT, "incident_unchanged");
        return turn.reply("incident_already", &context, vec![]);
    }
    turn.decided(AGENT, name);
    turn.effects.push(Effect::Incident {
        merchant: incident.merchant,
        incident: incident.id,
        action,
        by: staff.name.clone(),
    });
    turn.audit(&staff.name, name, &format!("#{number}"), "allowed");
    context["by"] = json!(clip(&staff.name, 40));
    let buttons = match action {
        IncidentAction::Acknowledge => vec![turn.button(&format!("inc:resolve:{number}"), "button.resolve")],
        IncidentAction::Resolve => Vec::new(),
    };
    turn.reply(template, &context, buttons)
}

async fn queue(turn: &mut Turn<'_>, tools: &dyn StaffTools) -> Result<(), TurnError> {
    let all = tools.with_people().await?;
    turn.used(format!("with_people: {}", all.len()));
    turn.decided(AGENT, "queue");
    if all.is_empty() {
        return turn.reply("queue_none", &json!({}), vec![]);
    }
    let moments = turn.moments();
    let rows: Vec<Value> = all
        .iter()
        .take(7)
        .map(|view| {
            json!({
                "code": view.id.code(),
                "name": clip(&view.name, 24),
                "waiting": view.waiting_since.map(|since| moments.ago(since)),
                "person": view.person.as_deref().map(|name| clip(name, 24)),
                "text": view.last_text.as_deref().map(|text| clip(text, 60)),
            })
        })
        .collect();
    let buttons = all
        .iter()
        .filter(|view| view.waiting_since.is_some() && view.person.is_none())
        .take(3)
        .map(|view| {
            let title = format!("{} {}", turn.wording.word(turn.language, "button.take"), view.id.code());
            turn.titled(&format!("take:{}", view.id.code()), &title)
        })
        .collect();
    turn.reply("queue", &json!({"rows": rows, "more": all.len().saturating_sub(7), "count": all.len()}), buttons)
}

async fn unanswered(turn: &mut Turn<'_>, tools: &dyn StaffTools) -> Result<(), TurnError> {
    let all = tools.unanswered().await?;
    turn.used(format!("unanswered: {}", all.len()));
    turn.decided(AGENT, "unanswered");
    let rows: Vec<Value> = all
        .iter()
        .take(7)
        .map(|one| json!({"times": one.times, "question": clip(&one.question, 100), "language": one.language}))
        .collect();
    turn.reply("staff_unanswered", &json!({"rows": rows, "more": all.len().saturating_sub(7)}), vec![])
}

fn order(turn: &mut Turn<'_>, reference: &str, found: Option<&OrderView>) -> Result<(), TurnError> {
    let Some(view) = found else {
        turn.decided(AGENT, "order_not_found");
        return turn.reply("staff_order_none", &json!({"order": clip(reference, 24)}), vec![]);
    };
    turn.decided(AGENT, "order");
    let mut context = status_context(turn, view, Audience::Own);
    context["name"] = json!(view.order.first_name().and_then(first_name));
    context["total"] = json!(view.order.total.shown());
    context["cod"] = json!(view.order.payment == recado_domain::order::Payment::Cod);
    context["short"] = json!(short_status(turn, view));
    turn.reply("staff_order", &context, vec![])
}

fn help(turn: &mut Turn<'_>, staff: &Staff, unknown: bool) -> Result<(), TurnError> {
    turn.decided(AGENT, if unknown { "unknown_command" } else { "help" });
    let may_act = StaffCommand::Take(None).allowed(staff);
    let may_change = StaffCommand::CancelOrder(String::new()).allowed(staff);
    let context = json!({
        "name": first_name(&staff.name),
        "may_act": may_act,
        "may_change": may_change,
        "unknown": unknown,
    });
    let buttons = vec![turn.button("queue", "button.queue"), turn.button("incidents", "button.incidents")];
    turn.reply("staff_help", &context, buttons)
}
