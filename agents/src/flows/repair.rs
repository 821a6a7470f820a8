//! Corrections: what was wrong is set again, and the new value is said.

use recado_domain::flow::{FlowState, Slot, Step};
use serde_json::json;

use super::catalogue::flow;
use super::engine::{self, Facts, Outcome};
use super::heard::{self, Heard};
use super::{address, begin, dates, read};
use crate::understanding::normalise::normalise;
use crate::understanding::rules::contains;

/// Words that name a datum.
const NAMES: &[(Slot, &[&str])] = &[
    (Slot::Area, &["barrio", "bairro", "colonia", "distrito", "comuna", "sector", "neighborhood", "neighbourhood"]),
    (Slot::City, &["ciudad", "cidade", "city", "municipio"]),
    (Slot::Zip, &["cep", "codigo postal", "cp", "zip", "postal code"]),
    (
        Slot::Detail,
        &["apto", "apartamento", "apt", "torre", "interior", "referencia", "complemento", "apartment", "unit", "depto"],
    ),
    (Slot::Street, &["calle", "carrera", "direccion", "rua", "endereco", "street", "address", "cra", "avenida"]),
    (Slot::Date, &["fecha", "dia", "data", "date", "day"]),
    (Slot::Reason, &["motivo", "razon", "reason", "razao"]),
    (Slot::Product, &["producto", "produto", "product"]),
    (Slot::Wanted, &["talla", "tamanho", "size", "color", "cor"]),
];

/// Carries out a correction in words.
pub fn correct(outcome: &mut Outcome, state: FlowState, text: &str, facts: &Facts) {
    let heard = Heard::of(text);
    if let Some((right, wrong)) = heard::exchange(&heard.normalised) {
        if let Some((slot, value)) = exchanged(&state, &right, &wrong) {
            return set(outcome, state, slot, &value, facts);
        }
        if facts.order(&right).is_some() {
            return set(outcome, state, Slot::Order, &right, facts);
        }
    }
    if let Some(name) = heard.order.clone().filter(|name| facts.order(name).is_some()) {
        return set(outcome, state, Slot::Order, &name, facts);
    }
    if let Some((slot, value)) = named(&state, &heard, text, facts) {
        return set(outcome, state, slot, &value, facts);
    }
    let rest = heard::corrected(text);
    // A number that stands nowhere: better to ask what is wrong than to guess.
    let placed = heard::exchange(&heard.normalised).is_none();
    let last = state.last_set.filter(|slot| placed && state.slots.contains_key(slot));
    match last {
        Some(slot) if !rest.is_empty() && rest != text.trim() => set(outcome, state, slot, &rest, facts),
        _ if !state.slots.is_empty() && flow(state.kind).slots.iter().any(|spec| state.value(spec.slot).is_some()) => {
            let mut state = state;
            state.step = Step::Fix;
            engine::ask_and_push(outcome, state, facts, false);
        }
        _ => engine::failed(outcome, state, facts),
    }
}

/// The datum in which the wrong value stands, with the right one in its place.
fn exchanged(state: &FlowState, right: &str, wrong: &str) -> Option<(Slot, String)> {
    let latest_first = state.last_set.into_iter().chain(Slot::ALL);
    latest_first.filter_map(|slot| state.value(slot).map(|value| (slot, value))).find_map(|(slot, value)| {
        let lower = value.to_lowercase();
        let whole = lower.match_indices(wrong).find(|(at, _)| {
            let before = lower[..*at].chars().next_back().is_none_or(|letter| !letter.is_alphanumeric());
            let after = lower[at + wrong.len()..].chars().next().is_none_or(|letter| !letter.is_alphanumeric());
            before && after
        });
        let (at, _) = whole.filter(|_| lower.len() == value.len())?;
        value.is_char_boundary(at).then(|| (slot, format!("{}{right}{}", &value[..at], &value[at + wrong.len()..])))
    })
}

/// Whether a datum of the request is called by its name.
pub fn names_datum(state: &FlowState, heard: &Heard) -> bool {
    let of_request = |slot: Slot| flow(state.kind).slots.iter().any(|spec| spec.slot == slot);
    let called = |names: &[&str]| names.iter().any(|name| contains(&heard.normalised, name));
    NAMES.iter().any(|(slot, names)| of_request(*slot) && called(names))
}

/// A datum that the words name: «el barrio es Laureles», «otro día: el martes», or a street, or a day by itself.
pub fn named(state: &FlowState, heard: &Heard, text: &str, facts: &Facts) -> Option<(Slot, String)> {
    let asks = |slot: Slot| flow(state.kind).asks(slot, &facts.country);
    if asks(Slot::Date)
        && let Some(dates::Day::Possible(day)) = dates::find(&heard.normalised, facts.today)
    {
        return Some((Slot::Date, day.to_string()));
    }
    if asks(Slot::Street) && address::names_street(text) {
        return Some((Slot::Street, read::address_in(text)));
    }
    if asks(Slot::Detail) && address::begins_detail(text) {
        // More of it is added; another flat takes the place of the flat.
        let first = |text: &str| normalise(text).split(' ').next().map(str::to_owned);
        let more = state.value(Slot::Detail).filter(|old| first(old) != first(&heard.text));
        return Some((Slot::Detail, more.map_or_else(|| heard.text.clone(), |old| format!("{old}, {}", heard.text))));
    }
    let (slot, name) = NAMES.iter().filter(|(slot, _)| asks(*slot)).find_map(|(slot, names)| {
        names.iter().find(|name| contains(&heard.normalised, name)).map(|name| (*slot, *name))
    })?;
    // «Envigado el barrio»: the name stands last.
    let trailing = text.trim_end_matches(['.', '!', ' ']).split_whitespace().collect::<Vec<_>>();
    if let [before @ .., last] = trailing.as_slice()
        && slot != Slot::Detail
        && before.len() > 1
        && normalise(last) == *name
    {
        let article = |word: &str| matches!(word.to_lowercase().as_str(), "el" | "la" | "o" | "a" | "the");
        let kept = if article(before[before.len() - 1]) { &before[..before.len() - 1] } else { before };
        return Some((slot, heard::corrected(&kept.join(" "))));
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let last_of_name = name.rsplit(' ').next().unwrap_or(name);
    let at = words.iter().position(|word| normalise(word) == last_of_name)?;
    let rest = if slot == Slot::Detail { &words[at..] } else { words.get(at + 1..)? };
    let value = heard::corrected(&rest.join(" "));
    let value = ["es ", "é ", "is ", "era ", "to ", "a ", "por ", "for "]
        .iter()
        .find_map(|start| value.strip_prefix(start))
        .unwrap_or(&value)
        .to_owned();
    value.chars().any(char::is_alphanumeric).then_some((slot, value))
}

/// Sets one datum again and says it.
pub fn set(outcome: &mut Outcome, mut state: FlowState, slot: Slot, value: &str, facts: &Facts) {
    if slot == Slot::Order {
        let Some(view) = facts.order(value) else { return engine::foreign(outcome, state, value, facts) };
        if state.order.is_none() {
            return begin::choose_order(outcome, state, view, facts);
        }
        state.slots.remove(&Slot::Product);
        outcome.say("flow_corrected", json!({"flow": state.kind.name(), "slot": "order", "value": view.order.name}));
        return begin::choose_order(outcome, state, view, facts);
    }
    if !flow(state.kind).asks(slot, &facts.country) {
        return engine::failed(outcome, state, facts);
    }
    let heard = Heard::of(value);
    let known_before = state.slots.remove(&slot);
    if slot == Slot::Product && state.choices.is_empty() {
        state.choices = super::says::products(&state, facts);
    }
    match read::answer(&state, slot, &heard, value, facts) {
        Ok(found) => {
            let value = found.get(&slot).cloned().unwrap_or_default();
            if known_before.is_some() {
                outcome.say("flow_corrected", json!({"flow": state.kind.name(), "slot": slot.name(), "value": value}));
            }
            state.slots.insert(slot, value);
            state.last_set = Some(slot);
            engine::advance(outcome, state, facts);
        }
        Err(_) => {
            // It was said to be wrong: it is asked again, and nobody can confirm the old one by mistake.
            if known_before.is_some() {
                state.step = Step::Ask(slot);
                state.failures = state.failures.saturating_add(1);
                return engine::ask_and_push(outcome, state, facts, true);
            }
            engine::failed(outcome, state, facts);
        }
    }
}
