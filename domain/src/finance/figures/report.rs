//! All of it, ready to be written as JSON: every value a decimal string, or `null` with its reason beside it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::balances::LOSS_RATES;
use super::breakdown::{Breakdown, Dimension};
use super::day_book::{Parts, Reading};
use super::days::Days;
use super::evaluate::Figures;
use super::forecast::Scenario;
use super::health::{Health, State, published_score};
use super::ledger::Ledger;
use super::measure::Measure;
use super::metric::{Basis, Metric};
use super::sums::Sums;
use super::undefined::Undefined;
use crate::finance::facts::{Product, Shop};
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

/// Whose report it is, and what is known beside its sums.
struct Head<'a> {
    shop: &'a Shop,
    as_of: Timestamp,
    synced_at: Option<Timestamp>,
    products: &'a BTreeMap<String, Product>,
}

/// What only the facts themselves tell; a report from a day book leaves it out, and says so.
const OF_FACTS: [&str; 4] = ["remittance_exceptions", "forecast_closing", "profit_to_cash", "cohorts"];

/// What sums say.
fn of_sums<S: Sums + ?Sized>(
    head: &Head<'_>,
    figures: &Figures<'_, S>,
    health: Result<Health, Undefined>,
    breakdowns: &[Breakdown<'_, S>],
) -> Result<Report, FigureError> {
    let currency = head.shop.currency;
    let days = figures.days;
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
    let aging = LOSS_RATES.iter().map(|(bucket, _)| (bucket_code(*bucket), figures.held(*bucket)));
    let mut invoice_aging = BTreeMap::new();
    for (code, amount) in aging {
        invoice_aging.insert(code, kept(code, amount)?.ok().map(|minor| decimal_text(minor, currency.exponent())));
    }
    let unknown_cost = figures
        .value(Metric::CostCoverage)
        .is_ok_and(|coverage| coverage.ratio().numerator() < coverage.ratio().denominator());
    let today = figures.sums.today();
    Ok(Report {
        schema: REPORT_SCHEMA,
        merchant: head.shop.name.clone(),
        currency,
        from: days.first,
        to: days.last,
        as_of: head.as_of,
        as_of_date: today,
        synced_at: head.synced_at,
        caveats: caveats(unknown_cost, days, today),
        metrics,
        balances,
        invoice_aging,
        remittance_exceptions: Vec::new(),
        forecast_closing: None,
        forecast_left_out: Vec::new(),
        profit_to_cash: None,
        cohorts: Vec::new(),
        left_out: OF_FACTS.to_vec(),
        health: health_row(kept("health", health)?.map_err(|why| FigureError(why.to_string()))?)?,
        breakdowns: breakdowns.iter().map(|parts| breakdown_row(head, parts)).collect::<Result<_, _>>()?,
        reasons,
    })
}

impl Reading {
    /// Every figure and balance, the health score and the breakdowns, for some days. What only facts tell is left out.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn report(
        &self,
        products: &BTreeMap<String, Product>,
        days: Days,
        parts: &[(Dimension, Parts)],
    ) -> Result<Report, FigureError> {
        let head = Head { shop: &self.shop, as_of: self.book.as_of(), synced_at: self.synced_at, products };
        let breakdowns: Vec<_> = parts.iter().map(|(by, parts)| self.book.breakdown(*by, days, parts)).collect();
        of_sums(&head, &self.book.figures(days), self.book.health(), &breakdowns)
    }
}

impl Ledger {
    /// Everything, for some days, broken down as asked.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn report(&self, days: Days, by: &[Dimension]) -> Result<Report, FigureError> {
        let facts = self.facts();
        let head =
            Head { shop: &facts.shop, as_of: facts.as_of, synced_at: facts.synced_at, products: &facts.products };
        let breakdowns: Vec<_> = by.iter().map(|by| self.breakdown(*by, days)).collect();
        let mut report = of_sums(&head, &self.figures(days), self.health(), &breakdowns)?;
        report.left_out.clear();
        let currency = facts.shop.currency;
        let money = |minor: i128| decimal_text(minor, currency.exponent());
        match kept("forecast_closing", self.forecast(Scenario::Committed))? {
            Ok(forecast) => {
                report.forecast_closing = Some(forecast.closing.iter().map(|cash| money((*cash).into())).collect());
                report.forecast_left_out = forecast.left_out;
            }
            Err(why) => {
                report.reasons.insert("forecast_closing".to_owned(), why);
            }
        }
        match kept("profit_to_cash", self.profit_to_cash(days))? {
            Ok(bridge) => {
                let ends = [
                    ("operating_profit", bridge.operating_profit),
                    ("unexplained", bridge.unexplained),
                    ("cash.operating", bridge.cash_operating),
                ];
                let lines = bridge.steps.into_iter().chain(ends).map(|(name, amount)| (name, money(amount.into())));
                report.profit_to_cash = Some(lines.collect());
            }
            Err(why) => {
                report.reasons.insert("profit_to_cash".to_owned(), why);
            }
        }
        let exceptions = self.reconciliation().into_iter().map(|finding| Exception {
            amount: money(finding.amount),
            kind: finding.kind,
            subject: finding.subject,
            shipment: finding.shipment,
            carrier: finding.carrier,
        });
        report.remittance_exceptions = exceptions.collect();
        report.cohorts = self.cohort_rows(currency)?;
        Ok(report)
    }

    fn cohort_rows(&self, currency: Currency) -> Result<Vec<CohortRow>, FigureError> {
        let large = |_| FigureError("cohorts".to_owned());
        let row = |cohort: super::Cohort| {
            let retention = cohort.retention.iter().map(|share| share.published().map_err(large));
            let observed = cohort.ltv_observed.into_iter().map(|value| {
                let rounded = value.and_then(|value| Ok(value.rounded()?));
                Ok(kept("ltv_observed", rounded)?.ok().map(|minor| decimal_text(minor.into(), currency.exponent())))
            });
            let repeat = kept("repeat_rate", self.repeat_rate(cohort.month, 60))?.ok();
            Ok(CohortRow {
                month: format!("{:04}-{:02}", cohort.month.year(), cohort.month.month()),
                size: cohort.size,
                retention: retention.collect::<Result<_, _>>()?,
                ltv_observed: observed.collect::<Result<_, _>>()?,
                repeat_rate_60: repeat.map(|repeat| repeat.rate.published().map_err(large)).transpose()?,
                repeat_rate_60_complete: repeat.is_some_and(|repeat| repeat.complete),
            })
        };
        self.cohorts().into_iter().map(row).collect()
    }
}

fn breakdown_row<S: Sums + ?Sized>(head: &Head<'_>, breakdown: &Breakdown<'_, S>) -> Result<BreakdownRow, FigureError> {
    let (by, currency) = (breakdown.by, head.shop.currency);
    let of_part = |figures: &Figures<'_, S>| {
        let metrics = Metric::DIVISIBLE.iter().chain(Metric::OF_PARTS);
        metrics
            .map(|metric| {
                let value = figures.value(*metric).and_then(|value| value.published(currency));
                Ok((metric.id(), kept(metric.id(), value)?.ok()))
            })
            .collect::<Result<BTreeMap<_, _>, FigureError>>()
    };
    let title = |key: &str| match by {
        Dimension::Product => head.products.get(key).map(|product| product.title.clone()),
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

/// `unknown_costs`: profit is at most what it says; `partial`: the last day has not ended.
fn caveats(unknown_cost: bool, days: Days, today: Date) -> Vec<&'static str> {
    let mut caveats = Vec::new();
    if unknown_cost {
        caveats.push("unknown_costs");
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
