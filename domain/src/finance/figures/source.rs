//! Where the figures of a question come from: all facts in memory, or the day book of a large shop. Both give the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::accounts::Accounts;
use super::breakdown::{Breakdown, Dimension};
use super::day_book::Gathered;
use super::days::Days;
use super::evaluate::Figures;
use super::ledger::Ledger;
use super::metric::Metric;
use super::part::Narrowing;
use super::posting::FactKind;
use super::sums::Sums;
use crate::Timestamp;
use crate::finance::facts::{Product, Shop};

/// What answers a question.
#[derive(Clone)]
pub enum Source {
    /// All facts.
    Ledger(Arc<Ledger>),
    /// Sums, as far as the question needs them.
    Days(Arc<Gathered>),
}

/// Some facts behind a figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// By kind and id.
    pub facts: Vec<(FactKind, String)>,
    /// Whether there are more.
    pub more: bool,
}

impl Source {
    /// The facts, where all of them are at hand.
    pub fn ledger(&self) -> Option<&Arc<Ledger>> {
        match self {
            Self::Ledger(ledger) => Some(ledger),
            Self::Days(_) => None,
        }
    }
    /// What advisors, pictures and reports ask.
    pub fn accounts(&self) -> &dyn Accounts {
        match self {
            Self::Ledger(ledger) => ledger.as_ref(),
            Self::Days(book) => book.as_ref(),
        }
    }
    /// The figures of some days, of a part of the shop or, without narrowing, of all of it.
    pub fn figures(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_, dyn Sums> {
        self.accounts().part(narrowing, days)
    }
    /// The same in parts. Of a day book, of the whole shop, or of a part by day and month.
    pub fn breakdown(&self, by: Dimension, narrowing: &[Narrowing], days: Days) -> Breakdown<'_, dyn Sums> {
        self.accounts().parts(by, narrowing, days)
    }
    /// What moved a figure: of a part the orders, of the whole every fact. Of a day book, those that were gathered.
    pub fn behind(&self, narrowing: &[Narrowing], metric: Metric, days: Days) -> Listed {
        match self {
            Self::Ledger(ledger) if narrowing.is_empty() => {
                Listed { facts: ledger.figures(days).proof(metric), more: false }
            }
            Self::Ledger(ledger) => {
                let orders = ledger.orders_behind(narrowing, metric, days).into_iter();
                Listed { facts: orders.map(|id| (FactKind::Order, id)).collect(), more: false }
            }
            Self::Days(book) => match book.behind(metric) {
                Some(behind) => Listed { facts: behind.facts.iter().cloned().collect(), more: behind.next.is_some() },
                None => Listed { facts: Vec::new(), more: true },
            },
        }
    }
    /// The orders that moved a figure, by id, and whether there are more. Of a day book, those that were gathered.
    pub fn orders_behind(&self, narrowing: &[Narrowing], metric: Metric, days: Days) -> (Vec<String>, bool) {
        match self {
            Self::Ledger(ledger) => (ledger.orders_behind(narrowing, metric, days).into_iter().collect(), false),
            Self::Days(_) => {
                let listed = self.behind(narrowing, metric, days);
                let orders = listed.facts.into_iter().filter(|(kind, _)| *kind == FactKind::Order);
                (orders.map(|(_, id)| id).collect(), listed.more)
            }
        }
    }
    /// Whose books they are.
    pub fn shop(&self) -> &Shop {
        self.accounts().shop()
    }
    /// Variants by id.
    pub fn products(&self) -> &BTreeMap<String, Product> {
        self.accounts().products()
    }
    /// The day at which they stand.
    pub fn today(&self) -> Date {
        self.accounts().today()
    }
    /// The instant at which they stand.
    pub fn as_of(&self) -> Timestamp {
        self.accounts().as_of()
    }
    /// When the sources were last read.
    pub fn synced_at(&self) -> Option<Timestamp> {
        self.accounts().synced_at()
    }
    /// When an account was last looked at.
    pub fn last_balance(&self) -> Option<Timestamp> {
        self.accounts().last_balance()
    }
}
