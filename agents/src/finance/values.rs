//! Values as people of the shop's country write them.

use recado_domain::finance::figures::{Metric, Unit, Value};
use recado_domain::finance::ratio::Ratio;
use recado_domain::money::grouped;
use recado_domain::{Currency, Language, Money};

use crate::wording::Wording;

/// Ratios that are told as a multiple, not in percent.
const MULTIPLES: &[Metric] = &[
    Metric::BlendedRoas,
    Metric::Mer,
    Metric::ContributionRoas,
    Metric::BreakevenRoas,
    Metric::PaybackRatio,
    Metric::QuickRatio,
    Metric::CurrentRatio,
    Metric::OperatingLeverage,
    Metric::BurnMultiple,
];

/// Writes values.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    /// Words.
    pub wording: &'a Wording,
    /// Language.
    pub language: Language,
    /// Of the books.
    pub currency: Currency,
}

impl Values<'_> {
    /// What people call a figure.
    pub fn name(&self, metric: Metric) -> String {
        let key = format!("metric.{}", metric.id());
        self.wording.word(self.language, &key).to_owned()
    }
    /// What one line says about what a figure means, where that helps.
    pub fn meaning(&self, metric: Metric) -> Option<String> {
        self.wording.known(self.language, &format!("means.{}", metric.id())).map(str::to_owned)
    }
    /// An amount.
    pub fn money(&self, minor: i64) -> String {
        Money::new(minor, self.currency).shown()
    }
    /// A value of a figure.
    pub fn value(&self, metric: Metric, value: Value) -> String {
        match value {
            Value::Money(minor) => self.money(minor),
            Value::Count(count) => self.count(count),
            Value::Ratio(ratio) => match metric.unit() {
                Unit::Days => self.worded("unit.days", ratio, 0),
                Unit::Months => self.worded("unit.months", ratio, 1),
                _ if MULTIPLES.contains(&metric) => self.decimal(ratio, 2),
                _ => self.percent(ratio),
            },
        }
    }
    /// A whole number.
    pub fn count(&self, count: i64) -> String {
        let sign = if count < 0 { "\u{2212}" } else { "" };
        format!("{sign}{}", grouped(count.unsigned_abs(), self.separators().0))
    }
    /// A share, with one decimal.
    pub fn percent(&self, ratio: Ratio) -> String {
        let hundred = ratio.times(Ratio::whole(100)).unwrap_or(ratio);
        format!("{}{}%", self.decimal(hundred, 1), self.percent_space())
    }
    /// What stands between a number and its sign of per cent.
    pub fn percent_space(&self) -> &'static str {
        if self.language == Language::En { "" } else { " " }
    }
    /// A decimal number.
    pub fn decimal(&self, ratio: Ratio, digits: u32) -> String {
        let scaled = ratio.scaled(digits).unwrap_or_default();
        let unit = 10_u128.pow(digits);
        let size = scaled.unsigned_abs();
        let (group, point) = self.separators();
        let sign = if scaled < 0 { "\u{2212}" } else { "" };
        let whole = grouped(u64::try_from(size / unit).unwrap_or(u64::MAX), group);
        if digits == 0 || size.is_multiple_of(unit) {
            return format!("{sign}{whole}");
        }
        format!("{sign}{whole}{point}{:0width$}", size % unit, width = digits as usize)
    }
    /// A sign before what grew.
    pub fn signed(&self, minor: i64) -> String {
        let plus = if minor > 0 { "+" } else { "" };
        format!("{plus}{}", self.money(minor))
    }
    fn worded(&self, key: &str, ratio: Ratio, digits: u32) -> String {
        self.wording.word(self.language, key).replace("{n}", &self.decimal(ratio, digits))
    }
    const fn separators(&self) -> (char, char) {
        if self.currency.comma_decimal() { ('.', ',') } else { (',', '.') }
    }
}
