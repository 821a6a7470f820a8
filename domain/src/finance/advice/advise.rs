//! The financial advisor: what to do first.

use super::analysis::{Analysis, Kind};
use super::case::{Case, trust};
use super::number::{Finding, Named};
use super::policy::MOST_TOLD;
use super::recommendation::Recommendation;
use super::rules;
use crate::finance::figures::{Accounts, Metric, Undefined};

/// The figures that the rules look at.
const INPUTS: [Metric; 18] = [
    Metric::RealisedNetRevenue,
    Metric::GrossMargin,
    Metric::Cm2,
    Metric::Cm3Pct,
    Metric::OperatingProfit,
    Metric::FixedExpenses,
    Metric::DiscountRate,
    Metric::ReturnRate,
    Metric::CostCoverage,
    Metric::Marketing,
    Metric::ContributionRoas,
    Metric::ReturningCustomerRate,
    Metric::CodOverdue,
    Metric::InvoicesOverdue,
    Metric::Cash,
    Metric::CashBufferDays,
    Metric::Dio,
    Metric::VatSetAside,
];

/// Everything recommended to a shop, the first thing to do first, with the health score it is made beside.
///
/// # Errors
/// When a number does not fit.
pub fn advise(accounts: &dyn Accounts) -> Result<Analysis, Undefined> {
    let case = Case::new(accounts)?;
    let trust = trust(&case.health);
    let mut analysis = Analysis::new(Kind::Advice, accounts.as_of(), case.currency, trust);
    let inputs = INPUTS.iter().map(|metric| Named::figure(&case.window, *metric, case.currency));
    analysis.inputs = inputs.collect::<Result<_, _>>()?;
    let score = case.health.score.map(|score| Named::count("score", score));
    analysis.findings.push(Finding::new("score", score.into_iter().collect()));
    analysis.actions.ranked = rules::all(&case)?;
    Ok(analysis)
}

/// What one answer tells: at most three.
pub fn first_things(analysis: &Analysis) -> &[Recommendation] {
    let ranked = &analysis.actions.ranked;
    &ranked[..ranked.len().min(MOST_TOLD)]
}
