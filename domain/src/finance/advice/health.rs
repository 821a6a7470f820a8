//! Why the health score is what it is, and why it moved (FINANCE §3.1).

use std::cmp::Reverse;

use super::analysis::{Analysis, Kind};
use super::case::trust;
use super::number::{Finding, Named};
use crate::finance::figures::{Accounts, Health, State, Undefined};
use crate::finance::ratio::Ratio;
use crate::money::divide_half_even;

/// One point, in the unit of scores.
const POINT: i128 = 1_000_000_000_000;

/// What an input gives to the raw score: its weight among the inputs and components that count, times its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    /// Its component.
    pub component: &'static str,
    /// The input.
    pub input: &'static str,
    /// Its value.
    pub value: Option<Ratio>,
    /// Points of the raw score, in 10⁻¹².
    pub points: i128,
    /// Points that it could give at most.
    pub most: i128,
}

/// How an input moved the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its component.
    pub component: &'static str,
    /// The input.
    pub input: &'static str,
    /// Its value then.
    pub then: Option<Ratio>,
    /// Its value now.
    pub now: Option<Ratio>,
    /// Points of the raw score that it gives now − then, in 10⁻¹².
    pub points: i128,
}

/// The score against an earlier one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthChange {
    /// The score then.
    pub then: Health,
    /// The score now.
    pub now: Health,
    /// By input, what moved most first; together they are what the raw score moved, but for rounding of 10⁻¹².
    pub inputs: Vec<Moved>,
    /// Caps that hold now and did not then.
    pub caps_new: Vec<&'static str>,
    /// Caps that held then and do not now.
    pub caps_gone: Vec<&'static str>,
}

/// What each input gives to the raw score.
pub fn given(health: &Health) -> Vec<Given> {
    let scored = |weight: i64, score: Option<i128>| if score.is_some() { i128::from(weight) } else { 0 };
    let all: i128 = health.components.iter().map(|component| scored(component.weight, component.score)).sum();
    let mut given = Vec::new();
    for component in &health.components {
        let inside: i128 = component.inputs.iter().map(|input| scored(input.weight, input.score)).sum();
        for input in &component.inputs {
            let share = scored(input.weight, input.score) * scored(component.weight, component.score);
            let unit = (inside * all).max(1);
            given.push(Given {
                component: component.id,
                input: input.id,
                value: input.value,
                points: divide_half_even(input.score.unwrap_or(0) * share, unit),
                most: divide_half_even(100 * POINT * share, unit),
            });
        }
    }
    given
}

/// Compares two scores.
pub fn health_change(then: Health, now: Health) -> HealthChange {
    let before = given(&then);
    let mut inputs: Vec<Moved> = given(&now)
        .into_iter()
        .map(|now| {
            let then = before.iter().find(|then| then.input == now.input && then.component == now.component);
            Moved {
                component: now.component,
                input: now.input,
                then: then.and_then(|then| then.value),
                now: now.value,
                points: now.points - then.map_or(0, |then| then.points),
            }
        })
        .collect();
    inputs.sort_by_key(|moved| Reverse(moved.points.abs()));
    let caps = |of: &Health, other: &Health| -> Vec<&'static str> {
        of.caps.iter().filter(|cap| !other.caps.contains(cap)).map(|(cap, _)| *cap).collect()
    };
    HealthChange { caps_new: caps(&now, &then), caps_gone: caps(&then, &now), inputs, then, now }
}

/// The score as an analysis, against an earlier one if there is one.
///
/// # Errors
/// When a number does not fit.
pub fn health(accounts: &dyn Accounts, earlier: Option<&dyn Accounts>) -> Result<Analysis, Undefined> {
    let health = accounts.health()?;
    let mut analysis = Analysis::new(Kind::Health, accounts.as_of(), accounts.currency(), trust(&health));
    for input in health.components.iter().flat_map(|component| &component.inputs) {
        analysis.inputs.push(match (input.value, input.state) {
            (Some(value), _) => Named::ratio(input.id, value),
            (None, State::NotApplicable) => Named::word(input.id, "not_applicable"),
            (None, _) => Named::missing(input.id, Undefined::ZeroDenominator),
        });
    }
    let score = |score: i128| Ratio::new(score, POINT).unwrap_or(Ratio::ZERO);
    let mut shop = Vec::new();
    if let Some(total) = health.score {
        shop.push(Named::count("score", total));
    }
    if let Some((low, high)) = health.range {
        shop.extend([Named::count("lowest", low), Named::count("highest", high)]);
    }
    shop.extend(health.raw.map(|raw| Named::ratio("raw", score(raw))));
    analysis.findings.push(Finding::new("score", shop));
    for component in &health.components {
        let numbers = component.score.map(|points| Named::ratio("score", score(points)));
        let weight = Named::count("weight", component.weight);
        analysis.findings.push(Finding::about(
            "component",
            component.id,
            numbers.into_iter().chain([weight]).collect(),
        ));
    }
    for (cap, at) in &health.caps {
        analysis.findings.push(Finding::about("cap", *cap, vec![Named::count("at", *at)]));
    }
    for given in given(&health).iter().filter(|given| given.most > 0) {
        let numbers = vec![Named::ratio("points", score(given.points)), Named::ratio("most", score(given.most))];
        analysis.findings.push(Finding::about("input", given.input, numbers));
    }
    if let Some(earlier) = earlier {
        let change = health_change(earlier.health()?, health);
        let then = change.then.score.map(|then| Named::count("score_then", then));
        analysis.findings.push(Finding::new("change", then.into_iter().collect()));
        for moved in change.inputs.iter().filter(|moved| moved.points != 0) {
            let mut numbers = vec![Named::ratio("points", score(moved.points))];
            numbers.extend(moved.then.map(|then| Named::ratio("then", then)));
            numbers.extend(moved.now.map(|now| Named::ratio("now", now)));
            analysis.findings.push(Finding::about("moved", moved.input, numbers));
        }
    }
    Ok(analysis)
}
