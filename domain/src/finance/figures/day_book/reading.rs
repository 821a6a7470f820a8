//! The day book as it is read, what is beside it, and facts behind its figures.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::super::moved::Moved;
use super::super::posting::FactKind;
use super::book::DayBook;
use crate::Timestamp;
use crate::finance::facts::{Product, Shop};

/// A day book as it was read, and which version of it.
pub struct Reading {
    /// The book.
    pub book: DayBook,
    /// Whose it is.
    pub shop: Shop,
    /// When the sources were last read.
    pub synced_at: Option<Timestamp>,
    /// Of the book; sums of parts are read of the same version.
    pub version: i64,
}

/// What is beside the sums: what things are called, and how old the last balance is.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// Variants by id, with their titles and costs.
    pub products: BTreeMap<String, Product>,
    /// When an account was last looked at.
    pub last_balance: Option<Timestamp>,
}

/// Some of the facts behind a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Each once, by kind and id.
    pub facts: BTreeSet<(FactKind, String)>,
    /// How they moved the money of the figure ([`Metric::in_money`](super::super::Metric::in_money)), where it has any and is of the whole shop.
    pub moved: BTreeMap<(FactKind, String), Moved>,
    /// From where to read on; `None` = these are all.
    pub next: Option<String>,
}

impl Behind {
    /// Adds facts and how they moved the figure. What of one fact lies apart is added up.
    pub fn add(
        &mut self,
        facts: impl IntoIterator<Item = (FactKind, String)>,
        moved: BTreeMap<(FactKind, String), Moved>,
    ) {
        self.facts.extend(facts);
        for (fact, more) in moved {
            match self.moved.entry(fact) {
                Entry::Vacant(place) => {
                    place.insert(more);
                }
                Entry::Occupied(mut known) => known.get_mut().add(more),
            }
        }
    }
    /// The orders among them, by id.
    pub fn orders(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().filter(|(kind, _)| *kind == FactKind::Order).map(|(_, id)| id.as_str())
    }
}
