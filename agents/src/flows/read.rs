//! How answers to the questions of requests are read and judged.

use std::collections::BTreeMap;

use recado_domain::flow::{FlowKind, FlowState, Slot, Step};
use recado_domain::order::order_number;
use recado_domain::tools::OrderView;

use super::engine::Facts;
use super::heard::{self, Heard};
use super::{address, dates, phrases, says};
use crate::understanding::asks;
use crate::understanding::normalise::normalise;

/// The answer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAnswer;

/// What an answer gives: the datum asked for, and what else stands in it.
///
/// # Errors
/// [`NoAnswer`] when the datum asked for is not in it.
pub fn answer(
    state: &FlowState,
    slot: Slot,
    heard: &Heard,
    text: &str,
    facts: &Facts,
) -> Result<BTreeMap<Slot, String>, NoAnswer> {
    let one = |value: String| Ok(BTreeMap::from([(slot, value)]));
    match slot {
        Slot::Order => Err(NoAnswer),
        Slot::Street | Slot::Area | Slot::City | Slot::Detail => {
            let mut found = address::parts(text, &facts.country, slot, &state.slots);
            let good = found.get(&slot).is_some_and(|value| judge(slot, value, facts));
            found.retain(|slot, value| judge(*slot, value, facts));
            if good { Ok(found) } else { Err(NoAnswer) }
        }
        Slot::Zip => address::zip(text, &facts.country).map_or(Err(NoAnswer), one),
        Slot::Date => match dates::find(&heard.normalised, facts.today) {
            Some(dates::Day::Possible(day)) => one(day.to_string()),
            _ => Err(NoAnswer),
        },
        Slot::Product => product(state, heard).map_or(Err(NoAnswer), one),
        Slot::Wanted | Slot::Reason => {
            let wordy = heard.normalised.chars().filter(|letter| letter.is_alphanumeric()).count() >= 2;
            if wordy { one(heard.text.clone()) } else { Err(NoAnswer) }
        }
    }
}

/// Whether a value can stand for a datum.
fn judge(slot: Slot, value: &str, facts: &Facts) -> bool {
    let letters = value.chars().filter(|letter| letter.is_alphabetic()).count();
    // A yes or a no is no place.
    let normalised = normalise(value);
    if phrases::says_yes(&normalised) || phrases::says_no(&normalised) {
        return false;
    }
    match slot {
        Slot::Street => address::is_street(value),
        Slot::Area => value.chars().any(char::is_alphanumeric) && value.chars().count() <= 60,
        Slot::City => letters >= 3 && value.chars().count() <= 60 && value.split(' ').count() <= 6,
        Slot::Zip => address::zip(value, &facts.country).is_some(),
        _ => value.chars().any(char::is_alphanumeric),
    }
}

/// The product meant: by place, by name, or free where nothing was offered.
fn product(state: &FlowState, heard: &Heard) -> Option<String> {
    if state.choices.is_empty() {
        return (heard.has_words() && heard.normalised.len() >= 3).then(|| heard.text.clone());
    }
    if let Some(place) = asks::place(&heard.normalised) {
        return state.choices.get(place.checked_sub(1)?).cloned();
    }
    if asks::means_all(&heard.normalised) {
        return Some(heard::tidy(&state.choices.join(" + ")));
    }
    let words = |text: &str| -> Vec<String> {
        normalise(text).split(' ').filter(|word| word.len() > 2).map(str::to_owned).collect()
    };
    let said = words(&heard.text);
    let score = |title: &String| {
        let own = words(title);
        said.iter().filter(|word| own.contains(word)).count()
    };
    let best = state.choices.iter().map(score).max().filter(|best| *best > 0)?;
    let mut with_best = state.choices.iter().filter(|title| score(title) == best);
    let first = with_best.next()?.clone();
    with_best.next().is_none().then_some(first)
}

/// The own order meant: by number, or by place among those offered.
pub fn order<'f>(state: &FlowState, heard: &Heard, facts: &'f Facts) -> Option<&'f OrderView> {
    let named = heard.order.as_deref().and_then(|name| facts.order(name));
    let placed = || {
        let place = asks::place(&heard.normalised)?;
        facts.order(state.choices.get(place.checked_sub(1)?)?)
    };
    let within = || {
        let numbers: Vec<String> = state.choices.iter().map(|name| order_number(name)).collect();
        let said = heard.normalised.to_uppercase();
        let found = numbers.iter().find(|number| said.split(' ').any(|word| word == number.as_str()))?;
        facts.order(found)
    };
    named.or_else(placed).or_else(within)
}

/// Takes from the first words what already answers a question.
pub fn prefill(state: &mut FlowState, heard: &Heard, text: &str, facts: &Facts) {
    match state.kind {
        FlowKind::ChangeShippingAddress if address::names_street(text) => {
            let found = address::parts(&address_in(text), &facts.country, Slot::Street, &BTreeMap::new());
            if found.get(&Slot::Street).is_some_and(|street| address::is_street(street)) {
                state.slots.extend(found.into_iter().filter(|(slot, value)| judge(*slot, value, facts)));
            }
        }
        FlowKind::PostponeDelivery => {
            if let Some(dates::Day::Possible(day)) = dates::find(&heard.normalised, facts.today) {
                state.slots.insert(Slot::Date, day.to_string());
            }
        }
        FlowKind::ReturnOrder | FlowKind::ExchangeProduct if state.order.is_some() => {
            let mut probe = state.clone();
            probe.choices = says::products(state, facts);
            if !probe.choices.is_empty()
                && let Some(title) = product(&probe, heard)
            {
                state.slots.insert(Slot::Product, title);
            }
        }
        _ => {}
    }
    if let Step::Ask(Slot::Order) = state.step
        && state.order.is_none()
    {
        state.last_set = None;
    }
}

/// «Quiero cambiar la dirección a Cra 7 # 45-10», «la calle es Cra 7 # 45-10»: from the street on.
pub(super) fn address_in(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let Some(at) = (0..words.len()).find(|at| address::begins_street(&words[*at..])) else { return text.to_owned() };
    let told =
        words.get(at + 1).is_some_and(|word| matches!(normalise(word).as_str(), "es" | "e" | "is" | "era" | "was"));
    match words.get(at + 2..) {
        Some(rest) if told && address::begins_street(rest) => rest.join(" "),
        Some(rest) if told => format!("{} {}", words[at], rest.join(" ")),
        _ => words[at..].join(" "),
    }
}
