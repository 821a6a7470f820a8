//! What requests say: names of texts, what goes into them, and the answers to tap.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use recado_domain::flow::{FlowKind, FlowState, Slot, Step};
use recado_domain::order::order_number;
use serde_json::{Value, json};

use super::address;
use super::catalogue::{Blocked, OnNo, Progress, Window, flow};
use super::engine::{Facts, Outcome};
use super::heard::tidy;
use crate::wording::clip;

/// Something to say; worded elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Say {
    /// The text.
    pub template: &'static str,
    /// What goes into it.
    pub context: Value,
    /// Answers to tap.
    pub choices: Vec<Choice>,
}

/// An answer to tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its id.
    pub id: String,
    /// What people see.
    pub title: Title,
}

/// What people see on an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Title {
    /// A word of the table.
    Word(String),
    /// A name.
    Text(String),
    /// A day.
    Day(Date),
}

fn word(id: String, key: &str) -> Choice {
    Choice { id, title: Title::Word(key.to_owned()) }
}

/// The question that a request waits with.
pub fn ask(outcome: &mut Outcome, state: &FlowState, facts: &Facts, again: bool) {
    let mut context = known(state);
    context["again"] = json!(again);
    context["country"] = json!(facts.country);
    let (template, choices) = match state.step {
        Step::Ask(slot) => question(state, slot, facts, &mut context),
        Step::Confirm => confirmation(state, facts, &mut context),
        Step::Fix => {
            let mut choices: Vec<Choice> = flow(state.kind)
                .slots
                .iter()
                .filter(|spec| state.slots.contains_key(&spec.slot))
                .map(|spec| word(format!("fix:{}", spec.slot.name()), &format!("slot.{}", spec.slot.name())))
                .collect();
            choices.push(word("cancel".into(), "button.flow_leave"));
            ("flow_fix", choices)
        }
    };
    outcome.says.push(Say { template, context, choices });
}

fn question(state: &FlowState, slot: Slot, facts: &Facts, context: &mut Value) -> (&'static str, Vec<Choice>) {
    let skip = || vec![word(format!("flow:skip:{}", state.tag()), "button.flow_skip")];
    match slot {
        Slot::Order if state.choices.is_empty() => {
            context["member"] = json!(false);
            ("ask_reference", Vec::new())
        }
        Slot::Order => {
            context["count"] = json!(state.choices.len());
            let orders = state
                .choices
                .iter()
                .map(|name| Choice { id: format!("order:{}", order_number(name)), title: Title::Text(name.clone()) });
            ("flow_pick_order", orders.collect())
        }
        Slot::Street => ("ask_street", Vec::new()),
        Slot::Area => ("ask_area", Vec::new()),
        Slot::City => ("ask_city", Vec::new()),
        Slot::Zip => ("ask_zip", Vec::new()),
        Slot::Detail => ("ask_detail", skip()),
        Slot::Date => {
            let days = working_days(facts.today).into_iter();
            let choices = days.map(|day| Choice { id: format!("flow:date:{day}"), title: Title::Day(day) });
            ("ask_date", choices.collect())
        }
        Slot::Product => {
            let titles = state.choices.iter().enumerate().map(|(index, title)| Choice {
                id: format!("flow:product:{index}"),
                title: Title::Text(title.clone()),
            });
            ("ask_product", titles.collect())
        }
        Slot::Wanted => ("ask_wanted", Vec::new()),
        Slot::Reason => ("ask_reason", skip()),
    }
}

fn confirmation(state: &FlowState, facts: &Facts, context: &mut Value) -> (&'static str, Vec<Choice>) {
    let id = |what: &str| format!("flow:{what}:{}", state.tag());
    let view = state.order.as_deref().and_then(|name| facts.order(name)).filter(|_| !state.proven);
    context["labelled"] = json!(view.is_some_and(|view| Progress::of(view) == Progress::Labelled));
    context["window"] = json!(window(state, facts).code());
    if state.kind == FlowKind::ConfirmOrder {
        let lines: Vec<Value> = view
            .iter()
            .flat_map(|view| view.order.lines.iter().take(5))
            .map(|line| json!({"quantity": line.quantity, "title": clip(&line.title, 60)}))
            .collect();
        let place = view.and_then(|view| view.order.address.as_ref());
        context["lines"] = json!(lines);
        context["cash"] = json!(view.map(|view| view.order.total.shown()));
        context["street"] = json!(place.and_then(|place| place.line1.as_deref()).map(address::masked));
        context["city"] = json!(place.and_then(|place| place.city.as_deref()).map(|city| clip(city, 40)));
        let choices =
            vec![word(id("yes"), "button.cod_yes"), word(id("fix"), "button.cod_fix"), word(id("no"), "button.cod_no")];
        return ("flow_cod", choices);
    }
    let mut choices = vec![word(id("yes"), "button.flow_yes")];
    if flow(state.kind).on_no == OnNo::Amend {
        choices.push(word(id("fix"), "button.flow_fix"));
        choices.push(word("cancel".into(), "button.flow_leave"));
    } else {
        choices.push(word(id("no"), "button.flow_no"));
    }
    ("flow_confirm", choices)
}

/// Whether a delivered order may still be withdrawn from, as evidence and never as a refusal.
pub fn window(state: &FlowState, facts: &Facts) -> Window {
    if !matches!(state.kind, FlowKind::ReturnOrder | FlowKind::ExchangeProduct) {
        return Window::Unknown;
    }
    let view = state.order.as_deref().and_then(|name| facts.order(name));
    let delivered = view.and_then(|view| view.shipments.iter().filter_map(|parcel| parcel.delivered_at).max());
    Window::of(&facts.country, delivered.map(|at| at.in_zone(&facts.zone).date()), facts.today)
}

/// The next three days that are no Sunday, the first of them not tomorrow morning's surprise.
fn working_days(today: Date) -> Vec<Date> {
    (1..=6)
        .filter_map(|days: i32| today.checked_add(days.days()).ok())
        .filter(|day| day.weekday() != Weekday::Sunday)
        .take(3)
        .collect()
}

/// Titles of an own order's products.
pub fn products(state: &FlowState, facts: &Facts) -> Vec<String> {
    let view = state.order.as_deref().and_then(|name| facts.order(name)).filter(|_| !state.proven);
    view.map(|view| view.order.lines.iter().take(9).map(|line| tidy(&line.title)).collect()).unwrap_or_default()
}

/// The request, its order and what is known, in the order of its questions.
pub fn known(state: &FlowState) -> Value {
    let slots = flow(state.kind).slots.iter();
    let known: Vec<Value> = slots
        .filter_map(|spec| state.value(spec.slot).map(|value| json!({"slot": spec.slot.name(), "value": value})))
        .collect();
    json!({"flow": state.kind.name(), "order": state.order, "known": known, "proven": state.proven})
}

/// Why it cannot be done by the bot, and what can.
pub fn blocked(outcome: &mut Outcome, state: &FlowState, reason: Blocked) {
    let mut context = known(state);
    context["reason"] = json!(reason.code());
    let mut choices = Vec::new();
    match (reason, state.kind) {
        (Blocked::NotDelivered | Blocked::NothingPaid, _) => {
            choices.push(word("intent:cancel_order".into(), "intent.cancel_order"));
        }
        (Blocked::Delivered, FlowKind::CancelOrder | FlowKind::RefundRequest) => {
            choices.push(word("intent:return_order".into(), "intent.return_order"));
        }
        _ => {}
    }
    choices.push(word("human".into(), "button.human"));
    outcome.offers_person = true;
    outcome.ended = true;
    outcome.says.push(Say { template: "flow_blocked", context, choices });
}

/// After two answers that were none.
pub fn offer_person(outcome: &mut Outcome, state: &FlowState) {
    let choices = vec![
        word("human".into(), "button.human"),
        word(format!("flow:no:{}", state.tag()), "button.flow_retry"),
        word("cancel".into(), "button.flow_leave"),
    ];
    outcome.says.push(Say { template: "flow_offer_person", context: known(state), choices });
}

/// Nothing was asked of the shop.
pub fn left(outcome: &mut Outcome, state: &FlowState) {
    outcome.ended = true;
    outcome.says.push(Say { template: "flow_left", context: known(state), choices: Vec::new() });
}

/// What is remembered does not fit the facts.
pub fn lost(outcome: &mut Outcome, state: &FlowState) {
    outcome.ended = true;
    let choices = vec![
        word(format!("intent:{}", state.kind.name()), "button.flow_restart"),
        word("human".into(), "button.human"),
    ];
    outcome.says.push(Say { template: "flow_lost", context: known(state), choices });
}
