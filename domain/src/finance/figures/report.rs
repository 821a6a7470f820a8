//! All of it, ready to be written as JSON: every value a decimal string, or `null` with its reason beside it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::accounts::Accounts;
use super::balances::LOSS_RATES;
use super::breakdown::{Breakdown, Dimension};
use super::bridge::Bridge;
use super::day_book::Gathered;
use super::days::Days;
use super::evaluate::Figures;
use super::forecast::Scenario;
use super::health::{Health, State, published_score};
use super::ledger::Ledger;
use super::measure::Measure;
use super::metric::{Basis, Metric};
use super::sums::Sums;
use super::undefined::Undefined;
use crate::finance::ratio::decimal_text;
use crate::{Currency, Timestamp};

/// The version of the definitions and of this shape.
pub const REPORT_SCHEMA: &str = "finance-report/1";

type Figure = Option<String>;

/// Every figure of some days, and everything that stands at `as_of`.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct Report {
    pub schema: &'static str,
    pub merchant: String,
    pub currency: Currency,
    pub from: Date,
    pub to: Date,
    pub as_of: Timestamp,
    pub as_of_date: Date,
    pub synced_at: Option<Timestamp>,
    pub metrics: BTreeMap<&'static str, Figure>,
    pub reasons: BTreeMap<String, Undefined>,
    pub caveats: Vec<&'static str>,
    pub balances: BTreeMap<&'static str, Figure>,
    pub invoice_aging: BTreeMap<&'static str, Figure>,
    pub remittance_exceptions: Vec<Exception>,
    pub forecast_closing: Option<Vec<String>>,
    pub forecast_left_out: Vec<String>,
    pub profit_to_cash: Option<BTreeMap<&'static str, String>>,
    pub cohorts: Vec<CohortRow>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<&'static str>,
    pub health: HealthRow,
    pub breakdowns: Vec<BreakdownRow>,
}

/// A parcel or remittance that does not add up.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct Exception {
    pub kind: super::FindingKind,
    pub subject: String,
    pub shipment: Option<String>,
    pub carrier: String,
    pub amount: String,
}

/// The customers won in a month.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct CohortRow {
    pub month: String,
    pub size: i64,
    pub retention: Vec<String>,
    pub ltv_observed: Vec<Figure>,
    pub repeat_rate_60: Figure,
    pub repeat_rate_60_complete: bool,
}

/// The health score.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct HealthRow {
    pub version: &'static str,
    pub score: Option<i64>,
    pub raw: Figure,
    pub band: Option<&'static str>,
    pub range: Option<(i64, i64)>,
    pub caps: BTreeMap<&'static str, i64>,
    pub confidence: String,
    pub confidence_level: &'static str,
    pub confidence_parts: BTreeMap<&'static str, String>,
    pub components: BTreeMap<&'static str, ComponentRow>,
    pub missing: Vec<&'static str>,
}

/// A part of the score.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct ComponentRow {
    pub weight: i64,
    pub score: Figure,
    pub inputs: BTreeMap<&'static str, InputRow>,
}

/// An input of a part.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct InputRow {
    pub weight: i64,
    pub value: Figure,
    pub score: Figure,
    pub state: &'static str,
}

/// The figures in parts.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct BreakdownRow {
    pub by: Dimension,
    pub parts: Vec<PartRow>,
    /// Figures in which costs of whole orders were divided by the value of their lines.
    pub allocated: Vec<&'static str>,
}

/// A part of the whole.
#[derive(Debug, Serialize)]
#[allow(missing_docs, reason = "docs/finance.md says it")]
pub struct PartRow {
    pub key: Option<String>,
    pub title: Option<String>,
    pub metrics: BTreeMap<&'static str, Figure>,
}

/// A figure is too large to be computed: the facts hold an amount that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: the amounts are too large to compute with")]
pub struct FigureError(pub String);

/// Undefined figures are `null`; what does not fit is an error.
fn kept<T>(id: &str, value: Result<T, Undefined>) -> Result<Result<T, Undefined>, FigureError> {
    match value {
        Err(Undefined::TooLarge) => Err(FigureError(id.to_owned())),
        other => Ok(other),
    }
}

/// What only all facts tell; a report from a day book leaves it out, and says so.
const OF_FACTS: &str = "profit_to_cash";

fn money(accounts: &dyn Accounts, minor: i128) -> String {
    decimal_text(minor, accounts.currency().exponent())
}

/// Everything, for some days, broken down as asked; the way from profit to cash is given where all facts are at hand.
fn report(
    accounts: &dyn Accounts,
    days: Days,
    by: &[Dimension],
    bridge: Option<Result<Bridge, Undefined>>,
) -> Result<Report, FigureError> {
    let figures = accounts.figures(days);
    let currency = accounts.currency();
    let mut reasons = BTreeMap::new();
    let mut metrics = BTreeMap::new();
    for metric in Metric::ALL {
        let value = kept(metric.id(), figures.value(*metric).and_then(|value| value.published(currency)))?;
        if let Err(why) = &value {
            reasons.insert(metric.id().to_owned(), *why);
        }
        metrics.insert(metric.id(), value.ok());
    }
    let balances = Metric::ALL.iter().filter(|metric| metric.basis() == Basis::Balance);
    let balances = balances.map(|metric| (metric.id(), metrics.get(metric.id()).cloned().flatten())).collect();
    let mut invoice_aging = BTreeMap::new();
    for (bucket, _) in LOSS_RATES {
        let code = bucket_code(bucket);
        let amount = kept(code, figures.held(bucket))?.ok();
        invoice_aging.insert(code, amount.map(|minor| money(accounts, minor)));
    }
    let unknown_cost = figures
        .value(Metric::CostCoverage)
        .is_ok_and(|coverage| coverage.ratio().numerator() < coverage.ratio().denominator());
    let untold_fees = kept(Metric::PaymentFees.id(), figures.untold_fees())?.unwrap_or(false);
    let health = health_row(kept("health", accounts.health())?.map_err(|why| FigureError(why.to_string()))?)?;
    let breakdowns = by.iter().map(|by| breakdown_row(accounts, &accounts.breakdown(*by, days)));
    let breakdowns = breakdowns.collect::<Result<_, _>>()?;
    let mut reason = |id: &str, why: Undefined| {
        reasons.insert(id.to_owned(), why);
    };
    let (mut forecast_closing, mut forecast_left_out) = (None, Vec::new());
    match kept("forecast_closing", accounts.forecast(Scenario::Committed))? {
        Ok(forecast) => {
            let weeks = forecast.closing.iter().map(|cash| money(accounts, (*cash).into()));
            forecast_closing = Some(weeks.collect());
            forecast_left_out = forecast.left_out;
        }
        Err(why) => reason("forecast_closing", why),
    }
    let mut left_out = Vec::new();
    let mut profit_to_cash = None;
    match bridge.map(|bridge| kept(OF_FACTS, bridge)).transpose()? {
        Some(Ok(bridge)) => {
            let ends = [
                ("operating_profit", bridge.operating_profit),
                ("unexplained", bridge.unexplained),
                ("cash.operating", bridge.cash_operating),
            ];
            let lines = bridge.steps.into_iter().chain(ends);
            profit_to_cash = Some(lines.map(|(name, amount)| (name, money(accounts, amount.into()))).collect());
        }
        Some(Err(why)) => reason(OF_FACTS, why),
        None => left_out.push(OF_FACTS),
    }
    let exceptions = accounts.reconciliation();
    if let Err(why) = &exceptions {
        reason("remittance_exceptions", *why);
    }
    let exceptions = exceptions.unwrap_or_default().into_iter().map(|finding| Exception {
        amount: money(accounts, finding.amount),
        kind: finding.kind,
        subject: finding.subject,
        shipment: finding.shipment,
        carrier: finding.carrier,
    });
    let today = accounts.today();
    Ok(Report {
        schema: REPORT_SCHEMA,
        merchant: accounts.shop().name.clone(),
        currency,
        from: days.first,
        to: days.last,
        as_of: accounts.as_of(),
        as_of_date: today,
        synced_at: accounts.synced_at(),
        caveats: caveats(unknown_cost, untold_fees, days, today),
        remittance_exceptions: exceptions.collect(),
        cohorts: cohort_rows(accounts)?,
        metrics,
        balances,
        invoice_aging,
        forecast_closing,
        forecast_left_out,
        profit_to_cash,
        left_out,
        health,
        breakdowns,
        reasons,
    })
}

impl Gathered {
    /// Everything, for some days, broken down as asked, but the way from profit to cash: that needs the balances of
    /// earlier days, and is left out.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn report(&self, days: Days, by: &[Dimension]) -> Result<Report, FigureError> {
        report(self, days, by, None)
    }
}

impl Ledger {
    /// Everything, for some days, broken down as asked.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn report(&self, days: Days, by: &[Dimension]) -> Result<Report, FigureError> {
        report(self, days, by, Some(self.profit_to_cash(days)))
    }
}

fn cohort_rows(accounts: &dyn Accounts) -> Result<Vec<CohortRow>, FigureError> {
    let large = |_| FigureError("cohorts".to_owned());
    let row = |cohort: super::Cohort| {
        let retention = cohort.retention.iter().map(|share| share.published().map_err(large));
        let observed = cohort.ltv_observed.into_iter().map(|value| {
            let rounded = value.and_then(|value| Ok(value.rounded()?));
            Ok(kept("ltv_observed", rounded)?.ok().map(|minor| money(accounts, minor.into())))
        });
        Ok(CohortRow {
            month: format!("{:04}-{:02}", cohort.month.year(), cohort.month.month()),
            size: cohort.size,
            retention: retention.collect::<Result<_, _>>()?,
            ltv_observed: observed.collect::<Result<_, _>>()?,
            repeat_rate_60: Some(cohort.repeat.rate.published().map_err(large)?),
            repeat_rate_60_complete: cohort.repeat.complete,
        })
    };
    accounts.cohorts().unwrap_or_default().into_iter().map(row).collect()
}

fn breakdown_row(accounts: &dyn Accounts, breakdown: &Breakdown<'_, dyn Sums>) -> Result<BreakdownRow, FigureError> {
    let (by, currency) = (breakdown.by, accounts.currency());
    let of_part = |figures: &Figures<'_, dyn Sums>| {
        let metrics = Metric::DIVISIBLE.iter().chain(Metric::OF_PARTS);
        metrics
            .map(|metric| {
                let value = figures.value(*metric).and_then(|value| value.published(currency));
                Ok((metric.id(), kept(metric.id(), value)?.ok()))
            })
            .collect::<Result<BTreeMap<_, _>, FigureError>>()
    };
    let title = |key: &str| match by {
        Dimension::Product => accounts.products().get(key).map(|product| product.title.clone()),
        _ => None,
    };
    let parts = breakdown.parts.iter().map(|part| {
        let metrics = of_part(&part.figures)?;
        Ok(PartRow { metrics, title: part.key.as_deref().and_then(title), key: part.key.clone() })
    });
    let allocated = Metric::DIVISIBLE.iter().chain(Metric::OF_PARTS);
    let allocated = allocated.filter(|metric| by == Dimension::Product && metric.is_allocated_by_product());
    Ok(BreakdownRow {
        by,
        parts: parts.collect::<Result<_, _>>()?,
        allocated: allocated.map(|metric| metric.id()).collect(),
    })
}

/// `unknown_costs`, `unknown_fees`: profit is at most what it says, as costs of goods or fees of gateways are unknown;
/// `partial`: the last day has not ended.
fn caveats(unknown_cost: bool, untold_fees: bool, days: Days, today: Date) -> Vec<&'static str> {
    let mut caveats = Vec::new();
    if unknown_cost {
        caveats.push("unknown_costs");
    }
    if untold_fees {
        caveats.push("unknown_fees");
    }
    if days.last >= today {
        caveats.push("partial");
    }
    caveats
}

const fn bucket_code(bucket: Measure) -> &'static str {
    match bucket {
        Measure::InvoicesTo30 => "1-30",
        Measure::InvoicesTo60 => "31-60",
        Measure::InvoicesTo90 => "61-90",
        Measure::InvoicesTo180 => "91-180",
        Measure::InvoicesOlder => "181+",
        _ => "current",
    }
}

fn health_row(health: Health) -> Result<HealthRow, FigureError> {
    let band = health.band().map(|band| match band {
        super::Band::Healthy => "healthy",
        super::Band::Stable => "stable",
        super::Band::Warning => "warning",
        super::Band::Critical => "critical",
    });
    let confidence_level = health.confidence_level();
    let mut components = BTreeMap::new();
    for component in health.components {
        let mut inputs = BTreeMap::new();
        for input in component.inputs {
            let value = input.value.map(|value| value.published()).transpose();
            let row = InputRow {
                weight: input.weight,
                value: value.map_err(|_| FigureError(input.id.to_owned()))?,
                score: input.score.map(published_score),
                state: match input.state {
                    State::Scored => "scored",
                    State::NotApplicable => "not_applicable",
                    State::Missing => "missing",
                },
            };
            inputs.insert(input.id, row);
        }
        let score = component.score.map(published_score);
        components.insert(component.id, ComponentRow { weight: component.weight, score, inputs });
    }
    Ok(HealthRow {
        version: super::health::HEALTH_VERSION,
        score: health.score,
        raw: health.raw.map(published_score),
        band,
        range: health.range,
        caps: health.caps.into_iter().collect(),
        confidence: published_score(health.confidence.value),
        confidence_level,
        confidence_parts: health.confidence.parts.into_iter().map(|(id, part)| (id, published_score(part))).collect(),
        components,
        missing: health.missing,
    })
}
