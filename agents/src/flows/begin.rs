//! How requests begin: which order they are about, whether they may be made of it, and how they begin anew.

use recado_domain::command::Command;
use recado_domain::flow::{FlowKind, FlowStack, FlowState, Slot, Step};
use recado_domain::tools::OrderView;

use super::catalogue::flow;
use super::engine::{Facts, Need, Outcome, advance, ask_and_push, blocked, come_back};
use super::heard::{self, Heard};
use super::{address, read, says};

/// The asker proved to know an order that is not theirs by phone.
pub fn proven(stack: FlowStack, view: &OrderView, facts: &Facts) -> Outcome {
    let mut outcome = Outcome { stack, ..Outcome::default() };
    let Some(mut state) = outcome.stack.flows.pop() else { return outcome };
    state.proven = true;
    choose_order(&mut outcome, state, view, facts);
    come_back(&mut outcome, facts);
    outcome
}

/// Begins a request, or goes on with the one of its kind that is under way.
pub(super) fn start(outcome: &mut Outcome, kind: FlowKind, reference: Option<&str>, text: &str, facts: &Facts) {
    // The same request again is the one under way, told with new words.
    let mut state = match outcome.stack.flows.iter().position(|state| state.kind == kind) {
        Some(at) => outcome.stack.flows.remove(at),
        None => FlowState::new(kind),
    };
    while outcome.stack.flows.len() >= FlowStack::DEEPEST {
        outcome.stack.flows.remove(0);
    }
    let heard = Heard::of(text);
    read::prefill(&mut state, &heard, text, facts);
    let declared = flow(kind);
    if !declared.of_order {
        return advance(outcome, state, facts);
    }
    // «Calle 100 # 15-20»: a number of the street is no order's.
    let of_street = |name: &&str| {
        kind == FlowKind::ChangeShippingAddress && address::names_street(text) && read::address_in(text).contains(*name)
    };
    let named = reference.filter(|name| !of_street(name)).map(str::to_owned).or_else(|| state.order.clone());
    if let Some(name) = named {
        return match facts.order(&name) {
            Some(view) => choose_order(outcome, state, view, facts),
            None => {
                state.step = Step::Ask(Slot::Order);
                outcome.decided(&state, "prove");
                outcome.stack.flows.push(state);
                outcome.need = Some(Need::Proof(name));
            }
        };
    }
    match facts.orders.as_slice() {
        [] => {
            outcome.decided(&state, "ask.order");
            outcome.stack.flows.push(state);
            outcome.need = Some(Need::Reference);
        }
        [only] => choose_order(outcome, state, only, facts),
        several => {
            let possible: Vec<&OrderView> = several.iter().filter(|view| (declared.guard)(view).is_ok()).collect();
            let spoken_of = facts.last_order.as_deref().and_then(|name| facts.order(name));
            match possible.as_slice() {
                // None can be: the reason is that of the order spoken of, or else of the newest.
                [] => choose_order(outcome, state, spoken_of.unwrap_or(&several[0]), facts),
                [one] => choose_order(outcome, state, one, facts),
                many => {
                    state.choices = many.iter().take(10).map(|view| view.order.name.clone()).collect();
                    state.step = Step::Ask(Slot::Order);
                    ask_and_push(outcome, state, facts, false);
                }
            }
        }
    }
}

/// Takes an order, if this may be asked of it now.
pub(super) fn choose_order(outcome: &mut Outcome, mut state: FlowState, view: &OrderView, facts: &Facts) {
    state.order = Some(view.order.name.clone());
    state.failures = 0;
    state.offered = false;
    state.choices.clear();
    if let Err(reason) = (flow(state.kind).guard)(view) {
        return blocked(outcome, &state, reason);
    }
    // The only product needs no question. What is in another's order is not shown.
    if !state.proven
        && let [line] = view.order.lines.as_slice()
        && flow(state.kind).asks(Slot::Product, &facts.country)
    {
        state.slots.entry(Slot::Product).or_insert_with(|| heard::tidy(&line.title));
    }
    advance(outcome, state, facts);
}

/// Time passed: what was known stays, what was agreed does not.
pub(super) fn expire(outcome: &mut Outcome, state: &mut FlowState, command: &Command, facts: &Facts) {
    outcome.stack.clear();
    let mut fresh = FlowState::new(state.kind);
    fresh.slots = std::mem::take(&mut state.slots);
    fresh.proven = state.proven;
    fresh.order = state.order.take();
    if let (Command::Answer { text }, Step::Ask(slot)) = (command, state.step)
        && slot != Slot::Order
        && let Ok(values) = read::answer(&fresh, slot, &Heard::of(text), text, facts)
    {
        fresh.slots.extend(values);
    }
    outcome.say("flow_expired", says::known(&fresh));
    match fresh.order.clone() {
        Some(name) if !fresh.proven => match facts.order(&name) {
            Some(view) => choose_order(outcome, fresh, view, facts),
            None => lost(outcome, &fresh),
        },
        None if flow(fresh.kind).of_order => {
            let (kind, slots) = (fresh.kind, fresh.slots);
            start(outcome, kind, None, "", facts);
            if let Some(top) = outcome.stack.flows.last_mut() {
                top.slots.extend(slots);
            }
        }
        _ => advance(outcome, fresh, facts),
    }
    let decision = std::mem::take(&mut outcome.decision);
    outcome.decision = format!("{decision}.expired");
}

/// What is remembered does not fit the facts any more: ours to admit.
pub(super) fn lost(outcome: &mut Outcome, state: &FlowState) {
    outcome.decided(state, "lost");
    says::lost(outcome, state);
}
