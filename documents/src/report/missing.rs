//! What is not known, and what would make it known.

use std::collections::BTreeMap;

use recado_domain::finance::figures::{Accounts, Days, Dimension, Metric, Undefined, Value};

use crate::comparison::{SECTIONS, titled};
use crate::write::Writer;

/// Names of products in one line; the rest is counted.
const NAMES: usize = 4;

/// What is missing: a name and a sentence for each.
pub fn missing(accounts: &dyn Accounts, days: Days, writer: Writer) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(text) = without_cost(accounts, days, writer) {
        found.push((titled(writer, Metric::CostCoverage), text));
    }
    let figures = accounts.figures(days);
    // One line a reason, with the figures that lack it.
    let mut reasons: BTreeMap<Undefined, Vec<String>> = BTreeMap::new();
    for metric in SECTIONS.iter().flat_map(|(_, metrics)| *metrics) {
        if let Err(why) = figures.value(*metric) {
            reasons.entry(why).or_default().push(titled(writer, *metric));
        }
    }
    if let Err(why) = accounts.forecast(recado_domain::finance::figures::Scenario::Committed) {
        reasons.entry(why).or_default().push(writer.say("section.weeks", &[]));
    }
    found.extend(reasons.into_iter().map(|(why, names)| {
        let why = writer.code("why", &why.to_string());
        (names.join(", "), why)
    }));
    found
}

fn without_cost(accounts: &dyn Accounts, days: Days, writer: Writer) -> Option<String> {
    let breakdown = accounts.breakdown(Dimension::Product, days);
    let products = accounts.products();
    let mut names: Vec<String> = breakdown
        .parts
        .iter()
        .filter(|part| {
            let coverage = part.figures.value(Metric::CostCoverage).map(Value::ratio);
            coverage.is_ok_and(|coverage| coverage.numerator() < coverage.denominator())
        })
        .map(|part| {
            let key = part.key.as_deref().unwrap_or_default();
            products.get(key).map_or_else(|| writer.say("parts.none", &[]), |product| product.title.clone())
        })
        .collect();
    if names.is_empty() {
        return None;
    }
    let count = names.len();
    names.truncate(NAMES);
    let more = count - names.len();
    let count = writer.count(i64::try_from(count).unwrap_or(i64::MAX));
    let names = if more > 0 { format!("{}, +{more}", names.join(", ")) } else { names.join(", ") };
    Some(writer.say("missing.costs", &[("count", &count), ("names", &names)]))
}
