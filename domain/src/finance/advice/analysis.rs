//! An analysis as it is kept and told: what it is made from, what it found, what to do.

use serde::{Serialize, Serializer};

use super::number::{Finding, Named};
use super::policy::POLICY_VERSION;
use super::recommendation::{Recommendation, RecommendationRow};
use crate::{Currency, Timestamp};

/// Which advisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The health score.
    Health,
    /// Prices.
    Pricing,
    /// Customers and advertising.
    Growth,
    /// The next thirteen weeks.
    Cash,
    /// What is owed to the shop.
    Collections,
    /// What to do first.
    Advice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Health, Self::Pricing, Self::Growth, Self::Cash, Self::Collections, Self::Advice];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Health => "health",
            Self::Pricing => "pricing",
            Self::Growth => "growth",
            Self::Cash => "cash",
            Self::Collections => "collections",
            Self::Advice => "advice",
        }
    }
    /// The advisor of a word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// How far an analysis can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Trust {
    /// `high`, `medium`, `low` or `none`.
    pub level: &'static str,
    /// From 0 to 1.
    #[serde(serialize_with = "published")]
    pub value: i128,
}

fn published<S: Serializer>(value: &i128, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::finance::figures::published_score(*value))
}

/// An analysis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Analysis {
    /// By which advisor.
    pub kind: Kind,
    /// The version of its policy numbers.
    pub version: &'static str,
    /// As it was known then.
    pub as_of: Timestamp,
    /// Of all amounts.
    pub currency: Currency,
    /// The figures it is made from.
    pub inputs: Vec<Named>,
    /// What it found.
    pub findings: Vec<Finding>,
    /// What to do, the first thing first.
    #[serde(serialize_with = "rows")]
    pub actions: Actions,
    /// How far to trust it.
    pub confidence: Trust,
}

/// Recommendations with the currency of their amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// In order.
    pub ranked: Vec<Recommendation>,
    currency: Currency,
}

fn rows<S: Serializer>(actions: &Actions, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(actions.ranked.iter().map(|of| -> RecommendationRow<'_> { of.row(actions.currency) }))
}

impl Analysis {
    /// An analysis under the policy in force.
    pub(super) const fn new(kind: Kind, as_of: Timestamp, currency: Currency, confidence: Trust) -> Self {
        Self {
            kind,
            version: POLICY_VERSION,
            as_of,
            currency,
            inputs: Vec::new(),
            findings: Vec::new(),
            actions: Actions { ranked: Vec::new(), currency },
            confidence,
        }
    }
    /// Its findings of a code.
    pub fn of<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Finding> {
        self.findings.iter().filter(move |finding| finding.code == code)
    }
}
