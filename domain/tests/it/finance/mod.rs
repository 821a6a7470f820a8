//! Figures as code.

mod day_book;
mod disputes;
mod documented;
mod entries;
mod explain;
mod from_shop;
mod golden;
mod moved;
mod notes;
mod payments;
mod properties;
mod rules;
pub(crate) mod shop;
mod told;

use jiff::civil::Date;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Accounts, Days, Figures, Ledger, Metric};

/// The worked example of FINANCE §5.
pub(crate) const GOLDEN: &str = include_str!("golden.json");

pub(crate) fn golden() -> Ledger {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    Ledger::new(facts, as_of)
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn days(first: &str, last: &str) -> Days {
    Days::new(day(first), day(last))
}

/// A figure as it is published; `null` when it is undefined.
pub(crate) fn published(figures: &Figures<'_>, metric: Metric) -> String {
    let currency = recado_domain::Currency::Cop;
    figures.value(metric).and_then(|value| value.published(currency)).unwrap_or_else(|_| "null".to_owned())
}
