//! Requests that take several questions: change of address, cancellation, return… Each ends in a request handed to the
//! people of the shop with its evidence; nothing outside is changed, and nothing is said to be.

pub mod address;
pub mod begin;
pub mod catalogue;
pub mod dates;
pub mod engine;
pub mod heard;
pub mod interpret;
pub mod phrases;
pub mod read;
mod repair;
pub mod says;

use recado_domain::RequestId;
use recado_domain::command::Command;
use recado_domain::conversation::Pending;
use recado_domain::effect::{Effect, Subject};
use recado_domain::flow::{FlowKind, FlowStack, FlowState, Slot, Step};
use recado_domain::outbound::Button;
use recado_domain::request::NewRequest;
use recado_domain::tools::{OrderView, ToolBox};
use serde_json::{Value, json};

use crate::desk::{TurnError, talk};
use crate::turn::Turn;
use crate::{orders, person, requests};
use engine::{Facts, Need, Outcome};
use says::{Say, Title};

const AGENT: &str = "flows";

/// Carries out a command of a request.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    turn.session.pending = None;
    let facts = facts(turn).await?;
    let outcome = engine::step(std::mem::take(&mut turn.session.flows), command, &facts);
    carry_out(turn, outcome, &facts).await
}

/// Whether a request waits to hear which order it is about.
pub fn waits_for_order(stack: &FlowStack) -> bool {
    stack.top().is_some_and(|state| state.step == Step::Ask(Slot::Order))
}

/// The asker proved to know the order that a request waits for.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn proven(turn: &mut Turn<'_>, view: &OrderView) -> Result<(), TurnError> {
    turn.session.pending = None;
    let facts = facts(turn).await?;
    let outcome = begin::proven(std::mem::take(&mut turn.session.flows), view, &facts);
    carry_out(turn, outcome, &facts).await
}

/// After another matter was answered: the waiting question comes back, unless it is too old.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn resume(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let old = turn.session.flows.said_at.is_some_and(|at| turn.input.now.since(at) > engine::EXPIRES);
    if old {
        turn.session.flows.clear();
    }
    // A question of the orders agent (which order? which e-mail?) is the request's own question.
    if matches!(turn.session.pending, Some(Pending::Person)) && !turn.session.flows.is_empty() {
        turn.session.pending = None;
    }
    if turn.session.flows.is_empty() || turn.session.pending.is_some() {
        return Ok(());
    }
    let only_again = turn.trace.commands.last().is_some_and(|command| command == "repeat");
    let (agent, decision) = (turn.trace.agent.clone(), turn.trace.decision.clone());
    let facts = facts(turn).await?;
    let mut outcome = engine::resume(std::mem::take(&mut turn.session.flows), &facts);
    if only_again {
        outcome.says.retain(|say| say.template != "flow_resumed");
        outcome.decision = "repeat".to_owned();
        return carry_out(turn, outcome, &facts).await;
    }
    carry_out(turn, outcome, &facts).await?;
    turn.decided(&agent, &decision);
    Ok(())
}

/// Leaves all requests under way and says that nothing was asked of the shop.
///
/// # Errors
/// When a template does not render.
pub fn leave(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let stack = std::mem::take(&mut turn.session.flows);
    let Some(state) = stack.top() else { return Ok(()) };
    turn.session.pending = None;
    turn.decided(AGENT, &format!("{}.left", state.kind.name()));
    let say = Say { template: "flow_left", context: says::known(state), choices: Vec::new() };
    let menu = talk::menu_buttons(turn);
    word(turn, say, menu)
}

/// What a request knew, in a line, for the person who takes over.
pub fn summary(turn: &Turn<'_>) -> Option<String> {
    let state = turn.session.flows.top()?;
    let language = turn.input.merchant.language;
    let name = turn.wording.word(language, &format!("flow.{}", state.kind.name())).to_owned();
    let known = state.slots.values().filter(|value| !value.is_empty()).cloned();
    Some(std::iter::once(name).chain(state.order.clone()).chain(known).collect::<Vec<_>>().join(" · "))
}

async fn facts(turn: &mut Turn<'_>) -> Result<Facts, TurnError> {
    let orders = match turn.tools {
        ToolBox::Shopper(tools) => tools.own_orders().await?,
        _ => Vec::new(),
    };
    turn.used(format!("own_orders: {}", orders.len()));
    let zone = turn.input.merchant.zone();
    Ok(Facts {
        orders,
        last_order: turn.session.last_order.clone(),
        country: turn.input.merchant.country.clone(),
        today: turn.input.now.in_zone(&zone).date(),
        now: turn.input.now,
        zone,
    })
}

/// Takes a request out of what is under way when the same waits for a decision already, and says so once.
async fn drop_what_waits(turn: &mut Turn<'_>, outcome: &mut Outcome) -> Result<bool, TurnError> {
    let top = outcome.stack.top().filter(|state| state.order.is_some() || !catalogue::flow(state.kind).of_order);
    if top.is_none() && outcome.requests.is_empty() {
        return Ok(false);
    }
    let all = requests::own(turn).await?;
    let waits = |state: &FlowState| requests::open_one(&all, state.kind, state.order.as_deref());
    let found = outcome.requests.iter().chain(top).find_map(waits).cloned();
    let Some(found) = found else { return Ok(false) };
    let same = |state: &FlowState| state.kind == found.asked.kind && state.order == found.asked.order;
    outcome.requests.retain(|state| !same(state));
    outcome.stack.flows.retain(|state| !same(state));
    turn.session.flows = std::mem::take(&mut outcome.stack);
    requests::already(turn, &found)?;
    Ok(true)
}

async fn carry_out(turn: &mut Turn<'_>, mut outcome: Outcome, facts: &Facts) -> Result<(), TurnError> {
    if drop_what_waits(turn, &mut outcome).await? {
        return Ok(());
    }
    turn.decided(AGENT, &outcome.decision);
    turn.session.flows = outcome.stack;
    let last = outcome.says.len().saturating_sub(1);
    for (index, say) in outcome.says.into_iter().enumerate() {
        let menu =
            if index == last && matches!(say.template, "flow_over" | "flow_left") && turn.session.flows.is_empty() {
                talk::menu_buttons(turn)
            } else {
                Vec::new()
            };
        word(turn, say, menu)?;
    }
    for request in &outcome.requests {
        hand_in(turn, request, facts)?;
    }
    if outcome.offers_person {
        turn.session.pending = Some(Pending::Person);
    }
    let decision = turn.trace.decision.clone();
    match outcome.need {
        None => {}
        Some(Need::Reference) => {
            orders::ask_again(turn, &Pending::OrderReference).await?;
            turn.decided(AGENT, &decision);
        }
        Some(Need::Proof(name)) => {
            orders::run(turn, &Command::TrackOrder { reference: Some(name) }).await?;
            turn.decided(AGENT, &decision);
        }
        Some(Need::Person(kind)) => person::hand_over(turn, Some(kind.intent())).await?,
    }
    Ok(())
}

/// Hands a confirmed request to the people of the shop: a notice with its evidence, and a line for the record.
fn hand_in(turn: &mut Turn<'_>, request: &FlowState, facts: &Facts) -> Result<(), TurnError> {
    let language = turn.input.merchant.language;
    let view = request.order.as_deref().and_then(|name| facts.order(name)).filter(|_| !request.proven);
    let conversation = turn.input.conversation.as_ref().map(|one| one.id);
    let code = conversation.map(recado_domain::ConversationId::code).unwrap_or_default();
    let mut context = in_words(turn, language, says::known(request));
    let spoken = std::mem::replace(&mut turn.language, language);
    let stage = view.map(|view| orders::short_status(turn, view).to_owned());
    turn.language = spoken;
    context["stage"] = json!(stage);
    context["name"] = json!(person::shown_name(turn));
    context["code"] = json!(code);
    context["window"] = json!(says::window(request, facts).code());
    let words = turn.texts.join(" / ");
    context["text"] = json!(crate::wording::clip(&words, 200));
    let id = RequestId::new(turn.input.now);
    let details = request.slots.iter().filter(|(_, value)| !value.is_empty());
    turn.effects.push(Effect::Request(NewRequest {
        id,
        kind: request.kind,
        order: request.order.clone(),
        details: details.map(|(slot, value)| (slot.name().to_owned(), value.clone())).collect(),
    }));
    let buttons = [
        (format!("req:approve:{id}"), "button.request_approve"),
        (format!("req:decline:{id}"), "button.request_decline"),
        (format!("take:{code}"), "button.take"),
    ];
    let subject = conversation.map_or(Subject::General, Subject::Conversation);
    turn.notify(subject, "notice_request", &context, &buttons)?;
    let order = request.order.as_deref().unwrap_or("-");
    turn.audit("shopper", &format!("request.{}", request.kind.name()), &format!("{code} {order}"), "requested");
    Ok(())
}

fn word(turn: &mut Turn<'_>, say: Say, menu: Vec<Button>) -> Result<(), TurnError> {
    let context = in_words(turn, turn.language, say.context);
    let own: Vec<Button> = say
        .choices
        .iter()
        .map(|choice| match &choice.title {
            Title::Word(key) => turn.button(&choice.id, key),
            Title::Text(text) => turn.titled(&choice.id, text),
            Title::Day(day) => turn.titled(&choice.id, &turn.moments().weekday_and_day(*day)),
        })
        .collect();
    turn.reply(say.template, &context, own.into_iter().chain(menu).collect())
}

/// Names of requests and data, and days, as people say them.
fn in_words(turn: &Turn<'_>, language: recado_domain::Language, mut context: Value) -> Value {
    let moments = turn.moments_in(language);
    let shown = |slot: &str, value: &str| match (slot, value.parse::<jiff::civil::Date>()) {
        ("date", Ok(day)) => moments.date(day),
        _ => value.to_owned(),
    };
    let named = |slot: &str| turn.wording.word(language, &format!("slot.{slot}")).to_owned();
    if let Some(kind) = context["flow"].as_str().and_then(FlowKind::from_name) {
        context["flow_name"] = json!(turn.wording.word(language, &format!("flow.{}", kind.name())));
    }
    if let Some(known) = context.get_mut("known").and_then(Value::as_array_mut) {
        for one in known {
            let (slot, value) = (one["slot"].as_str().unwrap_or_default(), one["value"].as_str().unwrap_or_default());
            let (name, value) = (named(slot), shown(slot, value));
            one["name"] = json!(name);
            one["value"] = json!(value);
        }
    }
    if let (Some(slot), Some(value)) = (context["slot"].as_str(), context["value"].as_str()) {
        let (name, value) = (named(slot), shown(slot, value));
        context["slot_name"] = json!(name);
        context["value"] = json!(value);
    }
    context
}
