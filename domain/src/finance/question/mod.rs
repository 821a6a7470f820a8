//! What a person may ask about money: a subject, of when, of what part, compared with what, and how it is listed. Asking
//! computes nothing and permits nothing.

mod advice;
mod filter;
mod matter;
mod shape;
mod shown;
mod subject;
mod versus;

use serde::{Deserialize, Serialize};

pub use advice::Advice;
pub use filter::{Filter, FilterBy};
pub use matter::Matter;
pub use shape::Shape;
pub use subject::Subject;
pub use versus::Versus;

use super::figures::{Basis, Dimension, Metric};
use crate::period::Period;

/// A question about money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// About what.
    pub subject: Subject,
    /// Of when; `None` = not said.
    #[serde(default)]
    pub period: Option<Period>,
    /// Of what part.
    #[serde(default)]
    pub filters: Vec<Filter>,
    /// Compared with what.
    #[serde(default)]
    pub versus: Option<Versus>,
    /// In which parts.
    #[serde(default)]
    pub by: Option<Dimension>,
    /// Which of the parts.
    #[serde(default)]
    pub order: Option<Order>,
    /// An amount that was said, in minor units of the shop's currency: a target, a price, a step.
    #[serde(default)]
    pub amount: Option<i64>,
    /// A share that was said, in percent.
    #[serde(default)]
    pub percent: Option<u16>,
    /// As what it is wanted; `None` = words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
}

/// Which of the parts come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The largest.
    Top,
    /// The smallest.
    Bottom,
    /// Those below zero, the worst first.
    Negative,
}

impl Question {
    /// Nothing but a subject.
    pub const fn about(subject: Subject) -> Self {
        Self {
            subject,
            period: None,
            filters: Vec::new(),
            versus: None,
            by: None,
            order: None,
            amount: None,
            percent: None,
            shape: None,
        }
    }
    /// A figure.
    pub fn of(metric: Metric) -> Self {
        Self::about(Subject::Metrics(vec![metric]))
    }
    /// The same of a period.
    #[must_use]
    pub fn within(self, period: Period) -> Self {
        Self { period: Some(period), ..self }
    }
    /// The figure that is asked for first.
    pub fn metric(&self) -> Option<Metric> {
        match &self.subject {
            Subject::Metrics(metrics) => metrics.first().copied(),
            _ => None,
        }
    }
    /// Whether it stands at an instant, so that a period says nothing.
    pub fn is_of_now(&self) -> bool {
        match &self.subject {
            Subject::Metrics(metrics) => metrics.iter().all(|metric| metric.basis() == Basis::Balance),
            Subject::Debtors | Subject::Exceptions | Subject::Aging => true,
            Subject::Advice(kind) => !matches!(kind, Advice::PriceChange | Advice::RequiredRevenue | Advice::Scenario),
            _ => false,
        }
    }
    /// Of when it is, when that was not said: this month.
    pub fn period(&self) -> Period {
        self.period.unwrap_or(Period::ThisMonth)
    }
}
