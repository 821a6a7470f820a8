//! The day book as it is read, what is beside it, and facts behind its figures.

use std::collections::{BTreeMap, BTreeSet};

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
    /// From where to read on; `None` = these are all.
    pub next: Option<String>,
}

impl Behind {
    /// The orders among them, by id.
    pub fn orders(&self) -> impl Iterator<Item = &str> {
        self.facts.iter().filter(|(kind, _)| *kind == FactKind::Order).map(|(_, id)| id.as_str())
    }
}
