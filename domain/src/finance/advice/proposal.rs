//! A recommendation as it is kept: proposed, decided by a person, and checked after its horizon.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::number::Number;
use super::recommendation::{Code, Recommendation};
use crate::finance::facts::Decimal;
use crate::finance::figures::Unit;
use crate::finance::ratio::Ratio;
use crate::{Currency, Money};

/// Where a recommendation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Told, not decided.
    Proposed,
    /// Somebody wants to do it. That it is done is seen in the figures.
    Accepted,
    /// Somebody does not want to do it.
    Dismissed,
    /// Its horizon has passed and it was checked.
    Done,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Proposed, Self::Accepted, Self::Dismissed, Self::Done];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Dismissed => "dismissed",
            Self::Done => "done",
        }
    }
    /// The status of a word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// What a person decides about a recommendation. It is only recorded: nothing is sent and nothing is changed by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// To do it.
    Accept,
    /// Not to do it.
    Dismiss,
}

impl Decision {
    /// Where the recommendation stands after it.
    pub const fn status(self) -> Status {
        match self {
            Self::Accept => Status::Accepted,
            Self::Dismiss => Status::Dismissed,
        }
    }
}

/// What is kept of a recommendation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Which one.
    pub code: Code,
    /// Of its amounts.
    pub currency: Currency,
    /// What it is expected to bring, in minor units; `None` = omitted.
    pub expected: Option<(i64, i64)>,
    /// The figure by which it is checked, as it stood.
    pub baseline: Option<Number>,
    /// The day from which it can be checked.
    pub horizon_on: Date,
}

impl Proposal {
    /// What is kept of a recommendation made on a day.
    pub fn new(of: &Recommendation, currency: Currency, today: Date) -> Self {
        Self {
            code: of.code,
            currency,
            expected: of.effect.ends(),
            baseline: of.baseline.clone(),
            horizon_on: today.saturating_add(of.code.horizon_days().days()),
        }
    }
    /// The baseline as text: minor units, a count, or six decimals.
    pub fn baseline_text(&self) -> Option<String> {
        match self.baseline.as_ref()? {
            Number::Money(money) => Some(money.minor.to_string()),
            Number::Count(count) => Some(count.to_string()),
            Number::Ratio(ratio) => ratio.published().ok(),
            Number::Day(_) | Number::Word(_) => None,
        }
    }
}

/// A baseline read back from its text.
pub fn baseline_of(code: Code, currency: Currency, text: &str) -> Option<Number> {
    match code.check().0.unit() {
        Unit::Money => text.parse().ok().map(|minor| Number::Money(Money::new(minor, currency))),
        Unit::Count => text.parse().ok().map(Number::Count),
        Unit::Ratio | Unit::Days | Unit::Months => {
            let decimal = Decimal::parse(text).ok()?;
            Ratio::new(decimal.unscaled.into(), 10_i128.pow(decimal.scale)).map(Number::Ratio)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_comes_back_as_it_was() {
        let numbers = [
            (Code::CollectCod, Number::Money(Money::new(-5, Currency::Cop))),
            (Code::DeliveryUp, Number::Ratio(Ratio::new(714_286, 1_000_000).unwrap())),
        ];
        for (code, number) in numbers {
            let kept = Proposal {
                code,
                currency: Currency::Cop,
                expected: None,
                baseline: Some(number.clone()),
                horizon_on: Date::constant(2026, 11, 5),
            };
            assert_eq!(baseline_of(code, Currency::Cop, &kept.baseline_text().unwrap()), Some(number));
        }
        assert_eq!(baseline_of(Code::CollectCod, Currency::Cop, "x"), None);
    }
}
