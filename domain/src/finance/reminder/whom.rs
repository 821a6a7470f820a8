//! Whom a member wants to have reminded, and whom the words they used mean.

use serde::{Deserialize, Serialize};

use super::debt::Debt;
use crate::shipment::place_key;

/// Whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "whom", rename_all = "snake_case")]
pub enum Whom {
    /// Everybody with an invoice past its day.
    Overdue,
    /// One debtor, as a message names them.
    Debtor {
        /// The words.
        name: String,
    },
    /// Whoever owes an invoice.
    Invoice {
        /// Its id.
        id: String,
    },
}

/// The debts that a name may mean: the one that is called exactly so, else all whose name holds each of the words.
pub fn named<'a>(debts: &'a [Debt], name: &str) -> Vec<&'a Debt> {
    let key = place_key(name);
    if let Some(exact) = debts.iter().find(|debt| debt.key() == key) {
        return vec![exact];
    }
    let asked: Vec<String> = name.split_whitespace().map(place_key).filter(|word| !word.is_empty()).collect();
    if asked.is_empty() {
        return Vec::new();
    }
    let holds = |debt: &&Debt| {
        let words: Vec<String> = debt.debtor.split_whitespace().map(place_key).collect();
        asked.iter().all(|word| words.contains(word))
    };
    debts.iter().filter(holds).collect()
}
