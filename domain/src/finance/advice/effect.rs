//! What an action is expected to bring.

use serde::{Serialize, Serializer};

use crate::finance::figures::Undefined;
use crate::finance::ratio::Ratio;
use crate::{Currency, Money};

/// How often an effect comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// Each month.
    Month,
    /// Once.
    Once,
}

/// Why no amount is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omitted {
    /// A number that it needs is not there.
    Unknown(Undefined),
    /// It keeps money safe and brings none.
    Protects,
    /// It makes the figures surer, no money.
    RaisesConfidence,
    /// There is nothing in the facts that could be saved.
    NothingToSave,
}

impl Omitted {
    /// Its word.
    pub fn code(self) -> String {
        match self {
            Self::Unknown(why) => why.to_string(),
            Self::Protects => "protects".to_owned(),
            Self::RaisesConfidence => "raises_confidence".to_owned(),
            Self::NothingToSave => "nothing_to_save".to_owned(),
        }
    }
}

/// What an action is expected to bring, in minor units; never invented: what lacks an input is omitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// So much.
    Amount(i64),
    /// Between the two; the first is not above the second.
    Range(i64, i64),
    /// Not told, and why.
    Omitted(Omitted),
}

impl Effect {
    /// An effect from what it needs: without it there is none.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn of(made: Result<Self, Undefined>) -> Result<Self, Undefined> {
        match made {
            Err(Undefined::TooLarge) => Err(Undefined::TooLarge),
            Err(why) => Ok(Self::Omitted(Omitted::Unknown(why))),
            Ok(effect) => Ok(effect),
        }
    }
    /// A range with its ends in order; equal ends are an amount.
    pub fn between(one: i64, other: i64) -> Self {
        if one == other { Self::Amount(one) } else { Self::Range(one.min(other), one.max(other)) }
    }
    /// Two parts of an amount, in percent.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn parts_of(amount: Ratio, percents: (i64, i64)) -> Result<Self, Undefined> {
        let part =
            |whole: i64| -> Result<i64, Undefined> { Ok(amount.times(super::policy::percent(whole))?.rounded()?) };
        Ok(Self::between(part(percents.0)?, part(percents.1)?))
    }
    /// The middle, by which effects are compared; nothing when it is omitted.
    pub fn middle(self) -> i64 {
        match self {
            Self::Amount(amount) => amount,
            Self::Range(low, high) => ((i128::from(low) + i128::from(high)) / 2) as i64,
            Self::Omitted(_) => 0,
        }
    }
    /// Both ends, if it is told.
    pub const fn ends(self) -> Option<(i64, i64)> {
        match self {
            Self::Amount(amount) => Some((amount, amount)),
            Self::Range(low, high) => Some((low, high)),
            Self::Omitted(_) => None,
        }
    }
    /// As it is written beside its currency.
    pub(super) fn row(self, currency: Currency) -> EffectRow {
        let shown = |minor: i64| Money::new(minor, currency).to_decimal();
        match self {
            Self::Amount(amount) => EffectRow { low: Some(shown(amount)), high: Some(shown(amount)), omitted: None },
            Self::Range(low, high) => EffectRow { low: Some(shown(low)), high: Some(shown(high)), omitted: None },
            Self::Omitted(why) => EffectRow { low: None, high: None, omitted: Some(why.code()) },
        }
    }
}

/// An effect in JSON.
#[derive(Serialize)]
pub(super) struct EffectRow {
    low: Option<String>,
    high: Option<String>,
    omitted: Option<String>,
}

/// A month of what the window holds, exact.
///
/// # Errors
/// When it does not fit.
pub(super) fn a_month_of(amount: Ratio) -> Result<Ratio, Undefined> {
    amount.over(Ratio::whole(super::policy::WINDOW_MONTHS))?.ok_or(Undefined::ZeroDenominator)
}

/// How far an effect can be trusted, from 0 to 1, in 10⁻¹².
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Certainty(pub i128);

impl Certainty {
    /// It is in the facts: a sum of listed items.
    pub const CERTAIN: Self = Self(1_000_000_000_000);
}

impl Serialize for Certainty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::finance::figures::published_score(self.0))
    }
}
