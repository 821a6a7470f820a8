//! The one engine of all requests: what is under way, a command and the facts give what is under way next, what is said
//! and what is asked of the shop. Pure and total.

use jiff::civil::Date;
use recado_domain::Timestamp;
use recado_domain::command::Command;
use recado_domain::flow::{FlowKind, FlowStack, FlowState, Slot, Step};
use recado_domain::order::order_number;
use recado_domain::tools::OrderView;
use serde_json::{Value, json};

use super::begin::{choose_order, expire, lost, start};
use super::catalogue::{Blocked, Flow, OnNo, flow};
use super::heard::Heard;
use super::says::{self, Say};
use super::{read, repair};

/// A request whose last question is older than this starts anew.
pub const EXPIRES: std::time::Duration = std::time::Duration::from_secs(2 * 3_600);
/// Failed answers to one question after which a person is offered.
pub const PATIENCE: u8 = 2;
/// And after which one is fetched.
pub const NO_MORE: u8 = 4;

/// What requests may know.
pub struct Facts {
    /// The asker's own orders, newest first.
    pub orders: Vec<OrderView>,
    /// The order spoken of last.
    pub last_order: Option<String>,
    /// The shop's country.
    pub country: String,
    /// The shop's day.
    pub today: Date,
    /// The instant.
    pub now: Timestamp,
    /// The shop's zone.
    pub zone: jiff::tz::TimeZone,
}

impl Facts {
    /// The asker's own order of that name.
    pub fn order(&self, name: &str) -> Option<&OrderView> {
        let number = order_number(name);
        let parcel =
            |view: &&OrderView| view.shipments.iter().any(|parcel| parcel.tracking_number.as_deref() == Some(name));
        self.orders.iter().find(|view| view.order.number() == number).or_else(|| self.orders.iter().find(parcel))
    }
}

/// What the desk must do beyond saying something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// The asker has no orders on this phone: ask for the number of one.
    Reference,
    /// This order is not on this phone: ask for its e-mail or phone.
    Proof(String),
    /// Fetch a person.
    Person(FlowKind),
}

/// Where one step led.
#[derive(Debug, Default)]
pub struct Outcome {
    /// What is under way now.
    pub stack: FlowStack,
    /// What is said, in order.
    pub says: Vec<Say>,
    /// What was confirmed: handed to the shop.
    pub requests: Vec<FlowState>,
    /// Beyond words.
    pub need: Option<Need>,
    /// A person was offered: «sí» takes the offer.
    pub offers_person: bool,
    /// The request that was spoken of is over; what waits below comes back.
    pub ended: bool,
    /// For the trace: `cancel_order.ask.reason`.
    pub decision: String,
}

impl Outcome {
    pub(super) fn say(&mut self, template: &'static str, context: Value) {
        self.says.push(Say { template, context, choices: Vec::new() });
    }
    pub(super) fn decided(&mut self, state: &FlowState, what: &str) {
        self.decision = format!("{}.{what}", state.kind.name());
    }
}

/// Carries out one command of a request.
pub fn step(stack: FlowStack, command: &Command, facts: &Facts) -> Outcome {
    let old = stack.said_at.is_some_and(|at| facts.now.since(at) > EXPIRES);
    let mut outcome = Outcome { stack, ..Outcome::default() };
    if let Command::StartFlow { flow, reference, text } = command {
        if old {
            outcome.stack.clear();
        }
        start(&mut outcome, *flow, reference.as_deref(), text, facts);
    } else if let Some(mut state) = outcome.stack.flows.pop() {
        if old {
            expire(&mut outcome, &mut state, command, facts);
        } else {
            go_on(&mut outcome, state, command, facts);
        }
    } else {
        outcome.decision = "none".to_owned();
        outcome.say("flow_over", json!({}));
    }
    come_back(&mut outcome, facts);
    outcome
}

/// A request is over: the one that waits below says its question again.
pub(super) fn come_back(outcome: &mut Outcome, facts: &Facts) {
    // What waits below about an order that is to be cancelled has no sense any more.
    if let Some(done) = outcome.requests.last().filter(|done| done.kind == FlowKind::CancelOrder).cloned() {
        outcome.stack.flows.retain(|state| state.order != done.order);
    }
    if outcome.ended
        && outcome.need.is_none()
        && let Some(below) = outcome.stack.top().cloned()
    {
        outcome.say("flow_resumed", json!({"flow": below.kind.name()}));
        says::ask(outcome, &below, facts, false);
        outcome.offers_person = false;
    }
    outcome.stack.said_at = (!outcome.stack.is_empty()).then_some(facts.now);
}

/// Says the waiting question again, as after another matter was answered.
pub fn resume(stack: FlowStack, facts: &Facts) -> Outcome {
    let mut outcome = Outcome { stack, ..Outcome::default() };
    if let Some(top) = outcome.stack.flows.last_mut() {
        // The question is asked anew: the person that was offered with it is not any more.
        top.offered = false;
    }
    if let Some(state) = outcome.stack.top().cloned() {
        outcome.say("flow_resumed", json!({"flow": state.kind.name()}));
        says::ask(&mut outcome, &state, facts, false);
        outcome.stack.said_at = Some(facts.now);
    }
    outcome
}

pub(super) fn blocked(outcome: &mut Outcome, state: &FlowState, reason: Blocked) {
    outcome.decided(state, &format!("blocked.{}", reason.code()));
    says::blocked(outcome, state, reason);
}

/// Asks the next open question, or for the confirmation.
pub(super) fn advance(outcome: &mut Outcome, mut state: FlowState, facts: &Facts) {
    let declared = flow(state.kind);
    let open = declared
        .slots
        .iter()
        .find(|spec| declared.asks(spec.slot, &facts.country) && !state.slots.contains_key(&spec.slot));
    state.step = open.map_or(Step::Confirm, |spec| Step::Ask(spec.slot));
    state.failures = 0;
    state.offered = false;
    state.choices = match state.step {
        Step::Ask(Slot::Product) => says::products(&state, facts),
        _ => Vec::new(),
    };
    ask_and_push(outcome, state, facts, false);
}

pub(super) fn ask_and_push(outcome: &mut Outcome, state: FlowState, facts: &Facts, again: bool) {
    let what = match state.step {
        Step::Ask(slot) => format!("ask.{}", slot.name()),
        Step::Confirm => "confirm".to_owned(),
        Step::Fix => "fix".to_owned(),
    };
    outcome.decided(&state, &what);
    if state.step == Step::Ask(Slot::Order) && state.choices.is_empty() {
        outcome.stack.flows.push(state);
        outcome.need = Some(Need::Reference);
        return;
    }
    says::ask(outcome, &state, facts, again);
    outcome.stack.flows.push(state);
}

fn go_on(outcome: &mut Outcome, mut state: FlowState, command: &Command, facts: &Facts) {
    let stale = |tag: &Option<String>| tag.as_ref().is_some_and(|tag| *tag != state.tag());
    match command {
        Command::Affirm { tag } | Command::Deny { tag } | Command::Amend { tag } | Command::Skip { tag }
            if stale(tag) =>
        {
            outcome.say("flow_over", json!({}));
            ask_and_push(outcome, state, facts, false);
        }
        Command::Affirm { .. } if state.offered => {
            outcome.decided(&state, "person");
            outcome.need = Some(Need::Person(state.kind));
            outcome.stack.flows.push(state);
        }
        Command::Affirm { .. } if state.step == Step::Confirm => complete(outcome, state, facts),
        Command::Deny { .. } if state.offered => {
            state.offered = false;
            state.failures = 0;
            ask_and_push(outcome, state, facts, true);
        }
        Command::Deny { .. } if state.step == Step::Confirm => declined(outcome, state, facts),
        Command::Amend { .. } => amend(outcome, state, facts),
        Command::Skip { .. } => skip(outcome, state, facts),
        Command::Deny { .. } if matches!(state.step, Step::Ask(slot) if flow(state.kind).may_skip(slot)) => {
            skip(outcome, state, facts)
        }
        Command::Deny { .. } if state.step == Step::Fix => leave(outcome, &state),
        Command::AskSlot { slot } if flow(state.kind).asks(*slot, &facts.country) => {
            state.slots.remove(slot);
            advance(outcome, state, facts);
        }
        Command::AskSlot { slot: Slot::Order } if facts.orders.len() > 1 => {
            let kind = state.kind;
            start(outcome, kind, None, "", facts);
        }
        Command::SetSlot { slot, value } => repair::set(outcome, state, *slot, value, facts),
        Command::Correct { text } => repair::correct(outcome, state, text, facts),
        Command::Answer { text } => answer(outcome, state, text, facts),
        Command::Affirm { .. } | Command::Deny { .. } => failed(outcome, state, facts),
        _ => ask_and_push(outcome, state, facts, true),
    }
}

fn answer(outcome: &mut Outcome, mut state: FlowState, text: &str, facts: &Facts) {
    let heard = Heard::of(text);
    match state.step {
        Step::Ask(Slot::Order) => match read::order(&state, &heard, facts) {
            Some(view) => choose_order(outcome, state, view, facts),
            None => match heard.order.clone() {
                // A number that is none of theirs by phone.
                Some(name) => foreign(outcome, state, &name, facts),
                None => failed(outcome, state, facts),
            },
        },
        Step::Ask(slot) => match read::answer(&state, slot, &heard, text, facts) {
            Ok(values) => {
                state.last_set = Some(slot);
                state.slots.extend(values);
                advance(outcome, state, facts);
            }
            Err(_) => failed(outcome, state, facts),
        },
        Step::Confirm | Step::Fix => match repair::named(&state, &heard, text, facts) {
            Some((slot, value)) => repair::set(outcome, state, slot, &value, facts),
            None => failed(outcome, state, facts),
        },
    }
}

/// An order that is not the asker's by phone was named.
pub(super) fn foreign(outcome: &mut Outcome, state: FlowState, name: &str, facts: &Facts) {
    if state.step != Step::Ask(Slot::Order) || name.is_empty() {
        return failed(outcome, state, facts);
    }
    outcome.decided(&state, "prove");
    outcome.stack.flows.push(state);
    outcome.need = Some(Need::Proof(name.to_owned()));
}

/// The answer was none: the question once more, then a person is offered, in the end one is fetched.
pub(super) fn failed(outcome: &mut Outcome, mut state: FlowState, facts: &Facts) {
    state.failures = state.failures.saturating_add(1);
    if state.failures >= NO_MORE {
        outcome.decided(&state, "gave_up");
        outcome.need = Some(Need::Person(state.kind));
        outcome.stack.flows.push(state);
    } else if state.failures >= PATIENCE {
        state.offered = true;
        outcome.decided(&state, "offer_person");
        says::offer_person(outcome, &state);
        outcome.stack.flows.push(state);
    } else {
        ask_and_push(outcome, state, facts, true);
    }
}

fn skip(outcome: &mut Outcome, mut state: FlowState, facts: &Facts) {
    let Step::Ask(slot) = state.step else { return ask_and_push(outcome, state, facts, true) };
    if !flow(state.kind).may_skip(slot) {
        return failed(outcome, state, facts);
    }
    state.slots.insert(slot, String::new());
    advance(outcome, state, facts);
}

/// Which datum is wrong? Where there is but one, it is asked at once.
fn amend(outcome: &mut Outcome, mut state: FlowState, facts: &Facts) {
    if state.kind == FlowKind::ConfirmOrder {
        // What can be wrong with an order to confirm is where it goes; the confirmation waits below.
        let order = state.order.clone();
        state.step = Step::Confirm;
        outcome.stack.flows.push(state);
        return start(outcome, FlowKind::ChangeShippingAddress, order.as_deref(), "", facts);
    }
    state.step = Step::Fix;
    ask_and_push(outcome, state, facts, false);
}

fn declined(outcome: &mut Outcome, state: FlowState, facts: &Facts) {
    match flow(state.kind).on_no {
        OnNo::Amend => amend(outcome, state, facts),
        OnNo::Leave => leave(outcome, &state),
        OnNo::Cancel => {
            let order = state.order.clone();
            start(outcome, FlowKind::CancelOrder, order.as_deref(), "", facts);
        }
    }
}

/// Leaves the request that is spoken of; nothing was asked of the shop.
fn leave(outcome: &mut Outcome, state: &FlowState) {
    outcome.decided(state, "left");
    says::left(outcome, state);
}

fn complete(outcome: &mut Outcome, state: FlowState, facts: &Facts) {
    let declared: &Flow = flow(state.kind);
    if declared.of_order && !state.proven {
        // Between the question and the yes a parcel may have left.
        let Some(view) = state.order.as_deref().and_then(|name| facts.order(name)) else {
            return lost(outcome, &state);
        };
        if let Err(reason) = (declared.guard)(view) {
            return blocked(outcome, &state, reason);
        }
    }
    outcome.decided(&state, "done");
    outcome.say("flow_done", says::known(&state));
    outcome.requests.push(state);
    outcome.ended = true;
}
