//! A person answers: hand-over, forwarding, and the way back.

mod texts;

use std::time::Duration;

use recado_domain::conversation::Owner;
use recado_domain::effect::{Effect, Subject};
use recado_domain::intent::Intent;
use recado_domain::outbound::OutboundMessage;
use recado_domain::tools::ToolBox;
use recado_domain::{ConversationId, Language};
use serde_json::{Value, json};

pub use texts::{described, emergency_number, first_name, shown_name};

use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::clip;
use crate::{flows, knowledge, orders};

const AGENT: &str = "person";
/// The timer that asks staff whether the bot may have a conversation back.
pub const HANDBACK: &str = "handback";
/// After this long without a staff action (OPERATIONS §5).
pub const HANDBACK_AFTER: Duration = Duration::from_secs(4 * 3_600);
/// Who waits longer than this without anybody of the staff hears, when writing again, that it arrived.
const STILL_WAITING: Duration = Duration::from_secs(30 * 60);
/// And again only after this.
const TOLD_AGAIN: Duration = HANDBACK_AFTER;
/// Longest excerpt of a person's words in a notice.
const EXCERPT: usize = 300;

/// Hands the conversation to a person, with the words that fit its reason.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn hand_over(turn: &mut Turn<'_>, intent: Option<Intent>) -> Result<(), TurnError> {
    let template = match intent {
        Some(Intent::SafetyEmergency) => "handover_safety",
        Some(Intent::LegalThreat) => "handover_legal",
        Some(Intent::Complaint | Intent::DeliveryProblem | Intent::PaymentProblem) => "handover_complaint",
        Some(Intent::TalkToHuman) => "handover",
        Some(_) => "handover_request",
        None => "handover_unclear",
    };
    hand_over_with(turn, intent, template).await
}

/// As [`hand_over`], with a given wording.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn hand_over_with(turn: &mut Turn<'_>, intent: Option<Intent>, template: &str) -> Result<(), TurnError> {
    hand_over_about(turn, intent, template, None).await
}

/// The same of what answers a reminder of so much.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn hand_over_about(
    turn: &mut Turn<'_>,
    intent: Option<Intent>,
    template: &str,
    reminded: Option<&str>,
) -> Result<(), TurnError> {
    let order = order_context(turn).await?;
    let request = flows::summary(turn);
    let story = crate::story::told(turn).await?;
    turn.session.pending = None;
    turn.session.flows.clear();
    turn.session.confusions = 0;
    turn.session.told_waiting = None;
    turn.decided(AGENT, "handed_over");
    let topic = intent.map(|intent| topic(turn, turn.language, intent));
    let context = json!({
        "merchant": turn.input.merchant.name,
        "topic": topic,
        "emergency": emergency_number(&turn.input.merchant.country),
    });
    turn.reply(template, &context, vec![])?;
    turn.set_owner(Owner::Waiting { since: turn.input.now });
    let mut notice = notice_context(turn);
    notice["topic"] = json!(intent.map(|intent| self::topic(turn, turn.input.merchant.language, intent)));
    notice["reminded"] = json!(reminded);
    notice["order"] = json!(order);
    notice["request"] = json!(request);
    notice["story"] = story;
    notice["urgent"] = json!(matches!(intent, Some(Intent::SafetyEmergency | Intent::LegalThreat)));
    notice["danger"] = json!(intent == Some(Intent::SafetyEmergency));
    let take = [(format!("take:{}", code(turn)), "button.take")];
    turn.notify(subject(turn), "notice_handover", &notice, &take)?;
    start_handback(turn);
    Ok(())
}

fn topic(turn: &Turn<'_>, language: Language, intent: Intent) -> String {
    turn.wording.word(language, &format!("intent.{}", intent.name())).to_owned()
}

async fn order_context(turn: &mut Turn<'_>) -> Result<Option<String>, TurnError> {
    let ToolBox::Shopper(tools) = turn.tools else { return Ok(turn.session.last_order.clone()) };
    let found = tools.own_orders().await?;
    turn.used(format!("own_orders: {}", found.len()));
    let spoken_of = found.iter().find(|view| Some(&view.order.name) == turn.session.last_order.as_ref());
    let chosen = spoken_of.or_else(|| found.iter().find(|view| orders::is_active(view))).or(found.first());
    let language = std::mem::replace(&mut turn.language, turn.input.merchant.language);
    let text = chosen.map(|view| format!("{} · {}", view.order.name, orders::short_status(turn, view)));
    turn.language = language;
    Ok(text)
}

fn conversation_id(turn: &Turn<'_>) -> Option<ConversationId> {
    turn.input.conversation.as_ref().map(|one| one.id)
}

fn subject(turn: &Turn<'_>) -> Subject {
    conversation_id(turn).map_or(Subject::General, Subject::Conversation)
}

fn code(turn: &Turn<'_>) -> String {
    conversation_id(turn).map(ConversationId::code).unwrap_or_default()
}

fn notice_context(turn: &Turn<'_>) -> Value {
    json!({
        "name": texts::shown_name(turn),
        "code": code(turn),
        "text": clip(&turn.texts.join(" / "), EXCERPT),
        "topic": null,
        "reminded": null,
        "order": null,
        "request": null,
        "story": null,
        "urgent": false,
        "danger": false,
        "staff": null,
    })
}

fn start_handback(turn: &mut Turn<'_>) {
    turn.effects.push(Effect::StartTimer { kind: HANDBACK.to_owned(), after: HANDBACK_AFTER });
}

/// While a person answers, the bot is quiet and passes on what comes. Only who has waited long and was answered by nobody
/// hears once that it arrived.
///
/// # Errors
/// When a template does not render.
pub async fn forward(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.decided(AGENT, "forwarded");
    if turn.texts.is_empty() {
        return Ok(());
    }
    let mut context = notice_context(turn);
    let danger = turn
        .readings
        .iter()
        .any(|(intent, chance)| *intent == Intent::SafetyEmergency && *chance >= crate::commands::DANGER);
    context["danger"] = json!(danger);
    let buttons = match turn.owner {
        Owner::Waiting { .. } => vec![(format!("take:{}", code(turn)), "button.take")],
        _ => Vec::new(),
    };
    turn.notify(subject(turn), "notice_message", &context, &buttons)?;
    // Danger is for people alone.
    if danger || !waits_long(turn) {
        return Ok(());
    }
    turn.session.told_waiting = Some(turn.input.now);
    turn.decided(AGENT, "still_waiting");
    let context = json!({ "merchant": turn.input.merchant.name, "hours": knowledge::hours(turn).await });
    let buttons = vec![turn.button("menu", "button.assistant")];
    turn.reply("waiting_still", &context, buttons)
}

/// Whether nobody took the conversation for long, and the person was not told so of late.
fn waits_long(turn: &Turn<'_>) -> bool {
    let Owner::Waiting { since } = turn.owner else { return false };
    let now = turn.input.now;
    now.since(since) >= STILL_WAITING && turn.session.told_waiting.is_none_or(|at| now.since(at) >= TOLD_AGAIN)
}

/// The person called the bot back.
///
/// # Errors
/// When a template does not render.
pub fn returned(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.effects.push(Effect::CancelTimer { kind: HANDBACK.to_owned() });
    let context = notice_context(turn);
    turn.notify(subject(turn), "notice_returned", &context, &[])
}

/// A member of staff answered; their words go out as they are.
///
/// # Errors
/// None today; the shape is that of the other agents.
pub fn staff_replied(turn: &mut Turn<'_>, staff_name: &str, text: &str) -> Result<(), TurnError> {
    turn.decided(AGENT, "staff_reply");
    turn.session.last_reply = Some(text.to_owned());
    turn.effects.push(Effect::Reply(OutboundMessage::text("staff_reply", text)));
    with_person(turn, staff_name);
    Ok(())
}

/// A member of staff took the conversation.
///
/// # Errors
/// When a template does not render.
pub fn taken_over(turn: &mut Turn<'_>, staff_name: &str) -> Result<(), TurnError> {
    turn.decided(AGENT, "taken_over");
    let already = matches!(&turn.owner, Owner::Person { name, .. } if name == staff_name);
    if !already {
        let name = first_name(staff_name);
        turn.reply("taken_over", &json!({"staff": name}), vec![])?;
    }
    with_person(turn, staff_name);
    Ok(())
}

fn with_person(turn: &mut Turn<'_>, staff_name: &str) {
    turn.session.pending = None;
    turn.session.flows.clear();
    let since = match &turn.owner {
        Owner::Person { name, since } if name == staff_name => *since,
        _ => turn.input.now,
    };
    turn.set_owner(Owner::Person { name: staff_name.to_owned(), since });
    start_handback(turn);
}

/// The conversation is the bot's again.
///
/// # Errors
/// When a template does not render.
pub fn handed_back(turn: &mut Turn<'_>, _staff_name: Option<&str>) -> Result<(), TurnError> {
    turn.decided(AGENT, "handed_back");
    if !turn.owner.is_human() {
        return Ok(());
    }
    turn.set_owner(Owner::Bot);
    turn.effects.push(Effect::CancelTimer { kind: HANDBACK.to_owned() });
    let buttons = crate::desk::talk::menu_buttons(turn);
    turn.reply("handed_back", &json!({"merchant": turn.input.merchant.name}), buttons)
}

/// A timer rang. The bot never takes a conversation back by itself: it asks.
///
/// # Errors
/// When a template does not render.
pub fn timer_due(turn: &mut Turn<'_>, kind: &str) -> Result<(), TurnError> {
    if kind != HANDBACK || !turn.owner.is_human() {
        turn.decided(AGENT, "timer_ignored");
        return Ok(());
    }
    turn.decided(AGENT, "asked_handback");
    let mut context = notice_context(turn);
    if let Owner::Person { name, .. } = &turn.owner {
        context["staff"] = json!(name);
    }
    let code = code(turn);
    let buttons = [(format!("back:{code}"), "button.back"), (format!("take:{code}"), "button.take")];
    turn.notify(subject(turn), "notice_timer", &context, &buttons)?;
    start_handback(turn);
    Ok(())
}
