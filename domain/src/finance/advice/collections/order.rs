//! Whom to ask first.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::steps::{Step, next_step, step};
use crate::finance::figures::{Accounts, OpenItem, Undefined};

/// Something open, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collectable {
    /// What.
    pub item: OpenItem,
    /// balance × (1 − loss rate), in minor units.
    pub expected: i64,
    /// What to do now.
    pub step: Step,
    /// What comes after, and when.
    pub next: Option<(Step, Date)>,
}

/// Everything open, by what is expected of it; the oldest first on ties, then by id.
///
/// # Errors
/// When an invoice in another currency has no rate, or an amount does not fit.
pub fn in_order(accounts: &dyn Accounts) -> Result<Vec<Collectable>, Undefined> {
    let mut all = Vec::new();
    for item in accounts.open_items()? {
        all.push(Collectable { expected: item.expected()?, step: step(&item), next: next_step(&item), item });
    }
    all.sort_by(|one, other| {
        // An unknown due day counts as today's.
        let key = |of: &Collectable| (Reverse(of.expected), Reverse(of.item.days_past_due.unwrap_or(0)));
        key(one).cmp(&key(other)).then_with(|| one.item.id.cmp(&other.item.id))
    });
    Ok(all)
}
