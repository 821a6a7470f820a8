//! What a question is about.

use serde::{Deserialize, Serialize};

use super::{Advice, Matter};
use crate::finance::figures::Metric;
use crate::intent::Intent;

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Figures, by id; the first is the answer, the others stand beside it.
    Metrics(Vec<Metric>),
    /// Where the money goes: every line of cost.
    Costs,
    /// Products that have no cost.
    MissingCosts,
    /// Why a figure moved: of this figure, or of what was asked before.
    Why(Option<Metric>),
    /// What is behind the last answer.
    Proof,
    /// Why the shop's own page shows another number.
    OtherFigures,
    /// What is booked and not realised yet.
    NotRealised,
    /// What carriers paid over wrongly or not at all.
    Exceptions,
    /// Who owes on invoices.
    Debtors,
    /// Open invoices by age.
    Aging,
    /// From profit to cash.
    ProfitToCash,
    /// Customers by the month they came.
    Cohorts,
    /// Who contributes most.
    BestCustomers,
    /// A page of figures.
    Report,
    /// More than a figure.
    Advice(Advice),
    /// Money is meant, and which figure of it was not said: only what kind of question it sounds like.
    Which(Intent),
    /// Something of which no figure is kept.
    NotKept(Matter),
    /// A figure that nobody defined.
    Unknown,
}

impl Subject {
    /// Its word; of figures, their ids.
    pub fn code(&self) -> String {
        let word = match self {
            Self::Metrics(metrics) => {
                return metrics.iter().map(|metric| metric.id()).collect::<Vec<_>>().join("+");
            }
            Self::Why(Some(metric)) => return format!("why:{}", metric.id()),
            Self::Advice(kind) => return format!("advice:{}", kind.code()),
            Self::Which(intent) => return format!("which:{}", intent.name()),
            Self::NotKept(matter) => return format!("not_kept:{}", matter.code()),
            Self::Why(None) => "why",
            Self::Costs => "costs",
            Self::MissingCosts => "missing_costs",
            Self::Proof => "proof",
            Self::OtherFigures => "other_figures",
            Self::NotRealised => "not_realised",
            Self::Exceptions => "exceptions",
            Self::Debtors => "debtors",
            Self::Aging => "aging",
            Self::ProfitToCash => "profit_to_cash",
            Self::Cohorts => "cohorts",
            Self::BestCustomers => "best_customers",
            Self::Report => "report",
            Self::Unknown => "unknown",
        };
        word.to_owned()
    }
    /// The subject of a word.
    pub fn of_code(code: &str) -> Option<Self> {
        let plain = [
            Self::Costs,
            Self::MissingCosts,
            Self::Why(None),
            Self::Proof,
            Self::OtherFigures,
            Self::NotRealised,
            Self::Exceptions,
            Self::Debtors,
            Self::Aging,
            Self::ProfitToCash,
            Self::Cohorts,
            Self::BestCustomers,
            Self::Report,
            Self::Unknown,
        ];
        if let Some(subject) = plain.into_iter().find(|subject| subject.code() == code) {
            return Some(subject);
        }
        if let Some(id) = code.strip_prefix("why:") {
            return Metric::of_id(id).map(|metric| Self::Why(Some(metric)));
        }
        if let Some(kind) = code.strip_prefix("advice:") {
            return Advice::ALL.into_iter().find(|one| one.code() == kind).map(Self::Advice);
        }
        if let Some(code) = code.strip_prefix("not_kept:") {
            return Matter::ALL.into_iter().find(|matter| matter.code() == code).map(Self::NotKept);
        }
        if let Some(name) = code.strip_prefix("which:") {
            return Intent::from_name(name).map(Self::Which);
        }
        let metrics: Option<Vec<Metric>> = code.split('+').map(Metric::of_id).collect();
        metrics.map(Self::Metrics)
    }
}
