//! The day book as a question needs it: read once, with the sums of those parts that are asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::super::breakdown::{Breakdown, Dimension, Part};
use super::super::days::Days;
use super::super::evaluate::Figures;
use super::super::ledger::Totals;
use super::super::metric::Metric;
use super::super::part::Narrowing;
use super::super::posting::FactKind;
use super::super::sums::Sums;
use super::super::undefined::Undefined;
use super::book::{DayBook, Parts};
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

/// A day book with all that a question needs of it.
pub struct Gathered {
    /// The book.
    pub reading: Reading,
    /// What is beside it.
    pub beside: Beside,
    /// The sums of parts.
    pub parts: Vec<((Dimension, Days), Parts)>,
    /// Facts behind figures.
    pub behind: Vec<(Metric, Behind)>,
}

impl Gathered {
    fn parts(&self, by: Dimension, days: Days) -> Option<&Parts> {
        self.parts.iter().find(|(of, _)| *of == (by, days)).map(|(_, parts)| parts)
    }
    /// The figures of some days, of a part of the shop or, without narrowing, of all of it. What was not gathered is not
    /// known; it is never zero.
    pub fn figures(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_, dyn Sums> {
        let book: &dyn Sums = &self.reading.book;
        let [] = narrowing else {
            let totals = match narrowing {
                [Narrowing::Of(by, key)] => self.parts(*by, days).map(|parts| parts.totals_of(key)),
                _ => None,
            };
            return Figures::of_part(book, days, totals.unwrap_or_else(|| Totals::unknown(Undefined::Impossible)));
        };
        Figures::new(book, days)
    }
    /// The figures of some days in parts; none, when they were not gathered.
    pub fn breakdown(&self, by: Dimension, days: Days) -> Breakdown<'_, dyn Sums> {
        let none = Parts::default();
        let parts = self.parts(by, days).unwrap_or(&none);
        let parts = self.reading.book.breakdown(by, days, parts).parts.into_iter();
        Breakdown { by, parts: parts.map(|part| Part { key: part.key, figures: part.figures.over_any() }).collect() }
    }
    /// Some of the facts behind a figure.
    pub fn behind(&self, metric: Metric) -> Option<&Behind> {
        self.behind.iter().find(|(of, _)| *of == metric).map(|(_, behind)| behind)
    }
}
