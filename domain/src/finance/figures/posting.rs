//! What a fact moved.

use std::fmt;

use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::measure::Measure;
use super::undefined::Undefined;

/// What kind of fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum FactKind {
    Order,
    Refund,
    Shipment,
    CarrierCharge,
    Payment,
    Remittance,
    AdSpend,
    Expense,
    Purchase,
    Inventory,
    Invoice,
    Cash,
    OtherCash,
}

impl FactKind {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Refund => "refund",
            Self::Shipment => "shipment",
            Self::CarrierCharge => "carrier_charge",
            Self::Payment => "payment",
            Self::Remittance => "remittance",
            Self::AdSpend => "ad_spend",
            Self::Expense => "expense",
            Self::Purchase => "purchase",
            Self::Inventory => "inventory",
            Self::Invoice => "invoice",
            Self::Cash => "cash",
            Self::OtherCash => "other_cash",
        }
    }
}

/// A fact, by kind and id: the proof of a figure is a list of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fact<'a> {
    /// What kind.
    pub kind: FactKind,
    /// Which one.
    pub id: &'a str,
}

impl<'a> Fact<'a> {
    pub(super) const fn new(kind: FactKind, id: &'a str) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for Fact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.code(), self.id)
    }
}

impl Serialize for Fact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A fact moved a measure on a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Posting<'a> {
    pub day: Date,
    pub measure: Measure,
    /// By how much; or why that is not known.
    pub amount: Result<i64, Undefined>,
    pub source: Source<'a>,
}

/// What a posting is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Source<'a> {
    pub fact: Fact<'a>,
    /// Place of its order.
    pub order: Option<usize>,
    /// Place of its line in the order.
    pub line: Option<usize>,
    /// Place of its parcel.
    pub parcel: Option<usize>,
    /// Advertising platform.
    pub platform: Option<&'a str>,
}

impl<'a> Source<'a> {
    pub(super) const fn of(kind: FactKind, id: &'a str) -> Self {
        Self { fact: Fact::new(kind, id), order: None, line: None, parcel: None, platform: None }
    }
    pub(super) const fn order(self, order: Option<usize>) -> Self {
        Self { order, ..self }
    }
    pub(super) const fn line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
    pub(super) const fn parcel(self, parcel: Option<usize>) -> Self {
        Self { parcel, ..self }
    }
}

/// Takes postings.
pub(super) struct Sink<'s> {
    take: &'s mut dyn FnMut(Posting<'_>),
}

impl<'s> Sink<'s> {
    pub(super) fn new(take: &'s mut dyn FnMut(Posting<'_>)) -> Self {
        Self { take }
    }
    /// Posts an amount; what does not fit is posted as such and fails the figures that need it.
    pub(super) fn post(&mut self, source: Source<'_>, day: Date, measure: Measure, amount: i128) {
        if amount != 0 {
            self.post_or(source, day, measure, i64::try_from(amount).map_err(|_| Undefined::TooLarge));
        }
    }
    pub(super) fn post_or(&mut self, source: Source<'_>, day: Date, measure: Measure, amount: Result<i64, Undefined>) {
        (self.take)(Posting { day, measure, amount, source });
    }
}
