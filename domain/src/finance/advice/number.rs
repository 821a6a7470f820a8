//! Numbers as advice tells them: each with its name, or why it is not there.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};

use crate::finance::figures::{Figures, Metric, Sums, Undefined, Value};
use crate::finance::ratio::Ratio;
use crate::{Currency, Money};

/// A number, a day or a word in advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Number {
    /// An amount.
    Money(Money),
    /// A whole number.
    Count(i64),
    /// An exact ratio; published with six decimals.
    Ratio(Ratio),
    /// A day of the shop.
    Day(Date),
    /// A word of a fixed set, or a name from the facts.
    Word(Cow<'static, str>),
}

impl Number {
    /// The value of a figure.
    pub const fn of(value: Value, currency: Currency) -> Self {
        match value {
            Value::Money(minor) => Self::Money(Money::new(minor, currency)),
            Value::Count(count) => Self::Count(count),
            Value::Ratio(ratio) => Self::Ratio(ratio),
        }
    }
    /// As people read it in a table: money in the style of its currency, the rest plain.
    pub fn shown(&self) -> String {
        match self {
            Self::Money(money) => money.shown(),
            Self::Count(count) => count.to_string(),
            Self::Ratio(ratio) => ratio.published().unwrap_or_else(|error| error.to_string()),
            Self::Day(day) => day.to_string(),
            Self::Word(word) => word.to_string(),
        }
    }
}

impl Serialize for Number {
    /// Decimal text in major units, as everywhere in reports; counts as numbers.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Money(money) => serializer.serialize_str(&money.to_decimal()),
            Self::Count(count) => serializer.serialize_i64(*count),
            Self::Ratio(ratio) => serializer.serialize_str(&ratio.published().map_err(S::Error::custom)?),
            Self::Day(day) => serializer.collect_str(day),
            Self::Word(word) => serializer.serialize_str(word),
        }
    }
}

/// A number with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What it is; the id of a figure where it is one.
    pub id: &'static str,
    /// The number, or why there is none.
    pub value: Result<Number, Undefined>,
}

impl Named {
    /// A figure of some days.
    ///
    /// # Errors
    /// When a number does not fit; a figure that is undefined is no error.
    pub fn figure(figures: &Figures<'_, dyn Sums>, metric: Metric, currency: Currency) -> Result<Self, Undefined> {
        let value = match figures.value(metric) {
            Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
            value => value.map(|value| Number::of(value, currency)),
        };
        Ok(Self { id: metric.id(), value })
    }
    /// An amount in minor units.
    pub const fn money(id: &'static str, minor: i64, currency: Currency) -> Self {
        Self { id, value: Ok(Number::Money(Money::new(minor, currency))) }
    }
    /// A ratio.
    pub const fn ratio(id: &'static str, ratio: Ratio) -> Self {
        Self { id, value: Ok(Number::Ratio(ratio)) }
    }
    /// A whole number.
    pub const fn count(id: &'static str, count: i64) -> Self {
        Self { id, value: Ok(Number::Count(count)) }
    }
    /// A day.
    pub const fn day(id: &'static str, day: Date) -> Self {
        Self { id, value: Ok(Number::Day(day)) }
    }
    /// A word of a fixed set.
    pub const fn word(id: &'static str, word: &'static str) -> Self {
        Self { id, value: Ok(Number::Word(Cow::Borrowed(word))) }
    }
    /// A name from the facts.
    pub fn name(id: &'static str, name: &str) -> Self {
        Self { id, value: Ok(Number::Word(Cow::Owned(name.to_owned()))) }
    }
    /// What could not be computed.
    pub const fn missing(id: &'static str, why: Undefined) -> Self {
        Self { id, value: Err(why) }
    }
}

/// A finding: numbers that belong together, of the shop or of one thing in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub code: &'static str,
    /// Of which product, carrier, invoice, week; `None` = of the shop.
    pub subject: Option<String>,
    /// Its numbers.
    pub numbers: Vec<Named>,
}

impl Finding {
    /// Of the shop.
    pub const fn new(code: &'static str, numbers: Vec<Named>) -> Self {
        Self { code, subject: None, numbers }
    }
    /// Of one thing.
    pub fn about(code: &'static str, subject: impl Into<String>, numbers: Vec<Named>) -> Self {
        Self { code, subject: Some(subject.into()), numbers }
    }
    /// One of its numbers.
    pub fn number(&self, id: &str) -> Option<&Number> {
        self.numbers.iter().find(|named| named.id == id)?.value.as_ref().ok()
    }
    /// One of its amounts.
    pub fn money(&self, id: &str) -> Option<Money> {
        match self.number(id) {
            Some(Number::Money(money)) => Some(*money),
            _ => None,
        }
    }
}

/// `{"id": value, …}`; what is not there is `null`.
#[derive(Serialize)]
#[serde(transparent)]
struct Values<'a>(std::collections::BTreeMap<&'static str, Option<&'a Number>>);

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut finding = serializer.serialize_struct("Finding", 4)?;
        finding.serialize_field("code", self.code)?;
        finding.serialize_field("subject", &self.subject)?;
        let values = self.numbers.iter().map(|named| (named.id, named.value.as_ref().ok())).collect();
        finding.serialize_field("values", &Values(values))?;
        let reasons: std::collections::BTreeMap<&str, Undefined> =
            self.numbers.iter().filter_map(|named| Some((named.id, *named.value.as_ref().err()?))).collect();
        finding.serialize_field("reasons", &reasons)?;
        finding.end()
    }
}

impl Serialize for Named {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut named = serializer.serialize_struct("Named", 3)?;
        named.serialize_field("id", self.id)?;
        named.serialize_field("value", &self.value.as_ref().ok())?;
        named.serialize_field("reason", &self.value.as_ref().err())?;
        named.end()
    }
}

/// A number that is there, or `None`; what does not fit stays an error.
pub(super) fn known<T>(value: Result<T, Undefined>) -> Result<Option<T>, Undefined> {
    match value {
        Ok(value) => Ok(Some(value)),
        Err(Undefined::TooLarge) => Err(Undefined::TooLarge),
        Err(_) => Ok(None),
    }
}

/// A part of an amount, rounded half-even.
pub(super) fn part_of(amount: i64, part: Ratio) -> Result<i64, Undefined> {
    Ok(Ratio::whole(amount).times(part)?.rounded()?)
}

/// Sums that fit, or an error.
pub(super) fn summed(amounts: impl IntoIterator<Item = i64>) -> Result<i64, Undefined> {
    amounts.into_iter().try_fold(0_i64, |sum, more| sum.checked_add(more).ok_or(Undefined::TooLarge))
}
