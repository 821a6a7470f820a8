//! What words mean while a request waits for an answer: the answer, a correction, or something else that comes first.

use recado_domain::command::{Command, Understanding};
use recado_domain::flow::{FlowKind, FlowState, Slot, Step};
use recado_domain::intent::Intent;

use super::catalogue::flow;
use super::heard::{self, Heard};
use super::{address, dates, phrases, repair};
use crate::understanding::asks;

/// A reading this likely comes before an answer that could not be read.
const SURE: f64 = 0.5;
/// A legal threat this likely is heard whatever is asked.
const GRAVE: f64 = 0.6;
/// Another request this likely begins in the midst of one.
const SWITCH: f64 = 0.6;

/// The commands of a text said to a waiting question; `None` when it is about something else.
pub fn commands(
    text: &str,
    understanding: &Understanding,
    state: &FlowState,
    today: jiff::civil::Date,
) -> Option<Vec<Command>> {
    let cleaned = phrases::without_fillers(text);
    let text = cleaned.as_str();
    let heard = Heard::of(text);
    let normalised = heard.normalised.as_str();
    let reading = |least: f64| understanding.intent.filter(|_| understanding.confidence >= least);
    if reading(GRAVE) == Some(Intent::LegalThreat) {
        return None;
    }
    let tag = None;
    let answers = state.step == Step::Confirm || state.step == Step::Fix || state.offered;
    if answers && (phrases::says_yes(normalised) || lone(reading(SURE), &heard, Intent::Yes)) {
        return Some(vec![Command::Affirm { tag }]);
    }
    if answers && phrases::says_no(normalised) {
        return Some(vec![Command::Deny { tag }]);
    }
    // «Cancelar» alone leaves; a wish to cancel said to the confirmation of a cancellation is its yes.
    if state.kind == FlowKind::CancelOrder && state.step == Step::Confirm && asks::wishes_to_cancel(normalised) {
        return Some(vec![Command::Affirm { tag }]);
    }
    if let Step::Ask(slot) = state.step
        && flow(state.kind).may_skip(slot)
        && phrases::skips(normalised)
    {
        return Some(vec![Command::Skip { tag }]);
    }
    // «Ok» to a question that may stay open: heard, and nothing is told.
    if state.step == Step::Ask(Slot::Reason) && phrases::says_yes(normalised) {
        return Some(vec![Command::Skip { tag }]);
    }
    let free = matches!(
        state.step,
        Step::Ask(Slot::Street | Slot::Area | Slot::City | Slot::Zip | Slot::Detail | Slot::Reason | Slot::Wanted)
    );
    // What is told freely may sound like anything.
    let reason = matches!(state.step, Step::Ask(Slot::Reason | Slot::Wanted));
    if heard::corrects(normalised) && !(reason && heard::exchange(normalised).is_none() && heard.order.is_none()) {
        return Some(vec![Command::Correct { text: text.to_owned() }]);
    }
    if small_talk(&heard) {
        return None;
    }
    if answers && !state.offered && (repair::names_datum(state, &heard) || address::begins_detail(text)) {
        return Some(vec![Command::Answer { text: text.to_owned() }]);
    }
    let question = phrases::asks_something(text, normalised);
    if !reason
        && let Some(kind) = phrases::begun(normalised).or_else(|| reading(SWITCH).and_then(FlowKind::of))
        && kind != state.kind
        && phrases::wishes_something(normalised)
    {
        return None;
    }
    if free {
        let aside = question && reading(SURE).is_some_and(is_matter) && !address::names_street(text);
        return (!aside).then(|| vec![Command::Answer { text: text.to_owned() }]);
    }
    if state.step == Step::Ask(Slot::Date) && phrases::leaves_open(normalised) {
        return Some(vec![Command::Answer { text: text.to_owned() }]);
    }
    if reads(state, &heard, today) {
        return Some(vec![Command::Answer { text: text.to_owned() }]);
    }
    let same = understanding.intent.and_then(FlowKind::of) == Some(state.kind);
    let aside = !same && reading(SURE).is_some_and(is_matter) && heard.words() >= 2;
    (!aside).then(|| vec![Command::Answer { text: text.to_owned() }])
}

/// Whether an answer to choose from stands in the text.
fn reads(state: &FlowState, heard: &Heard, today: jiff::civil::Date) -> bool {
    match state.step {
        Step::Ask(Slot::Order) => {
            !phrases::asks_something(&heard.text, &heard.normalised)
                && (heard.order.is_some() || asks::place(&heard.normalised).is_some())
        }
        Step::Ask(Slot::Date) => dates::find(&heard.normalised, today).is_some(),
        Step::Ask(Slot::Product) => {
            let said: Vec<&str> = heard.normalised.split(' ').collect();
            !phrases::asks_something(&heard.text, &heard.normalised)
                && (state.choices.is_empty()
                    || state.choices.iter().any(|title| {
                        crate::understanding::normalise::normalise(title)
                            .split(' ')
                            .any(|word| word.len() > 2 && said.contains(&word))
                    }))
        }
        _ => false,
    }
}

/// A short text with that reading and nothing more.
fn lone(found: Option<Intent>, heard: &Heard, intent: Intent) -> bool {
    found == Some(intent) && heard.words() <= 3 && !heard.normalised.bytes().any(|byte| byte.is_ascii_digit())
}

/// Thanks, greetings and laughter: answered kindly, and the question comes back.
fn small_talk(heard: &Heard) -> bool {
    let normalised = heard.normalised.as_str();
    asks::laughs(normalised) || asks::is_anyone_there(normalised) || phrases::is_courtesy(normalised)
}

/// Whether an intent is a matter of its own.
fn is_matter(intent: Intent) -> bool {
    !matches!(intent, Intent::Yes | Intent::No | Intent::Correction | Intent::Repeat | Intent::Menu)
}
