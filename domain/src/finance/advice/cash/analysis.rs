//! The next thirteen weeks.

use serde::Serialize;

use super::super::analysis::{Analysis, Kind};
use super::super::case::{below, trust, window};
use super::super::number::{Finding, Named, known};
use super::super::policy::{FREEZE_BUFFER_DAYS, GROW_BUFFER_DAYS, STALE_CASH_DAYS};
use super::lag::{Lag, remittance_lag};
use super::what_if::first_negative;
use crate::finance::figures::{Accounts, Days, Forecast, Metric, Scenario, Undefined};
use crate::finance::ratio::Ratio;

/// What to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CashAlert {
    /// A week closes below zero with what is committed.
    NegativeWeek,
    /// A week closes below zero if a fifth less is collected.
    NegativeIfCollectionsFall,
    /// Cash covers fewer than 15 days.
    ShortBuffer,
    /// Cash covers fewer than 27 days.
    ThinBuffer,
    /// The last balance is more than three days old.
    StaleBalance,
    /// A carrier keeps the money longer than agreed.
    LateRemittance,
}

impl CashAlert {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NegativeWeek => "negative_week",
            Self::NegativeIfCollectionsFall => "negative_if_collections_fall",
            Self::ShortBuffer => "short_buffer",
            Self::ThinBuffer => "thin_buffer",
            Self::StaleBalance => "stale_balance",
            Self::LateRemittance => "late_remittance",
        }
    }
}

/// Cash and what is expected of it. Amounts are minor units.
#[derive(Clone, Debug)]
pub struct CashOutlook {
    /// What is held.
    pub cash: i64,
    /// How many days of spending that is; `None` when nothing is spent.
    pub buffer_days: Option<Ratio>,
    /// What is committed, no new sales.
    pub committed: Forecast,
    /// The same with collections a fifth lower.
    pub collections_down: Forecast,
    /// The same with sales as in the last 28 days.
    pub new_sales: Forecast,
    /// How long carriers keep what they collected.
    pub lags: Vec<Lag>,
    /// What to watch, the worst first.
    pub alerts: Vec<CashAlert>,
}

/// Cash and what is expected of it.
///
/// # Errors
/// When cash, a rate of exchange or a carrier's terms are unknown.
pub fn outlook(accounts: &dyn Accounts) -> Result<CashOutlook, Undefined> {
    let figures = accounts.figures(window(accounts));
    let cash = super::super::case::money(&figures, Metric::Cash)?;
    let buffer_days = known(figures.value(Metric::CashBufferDays))?.map(|days| days.ratio());
    let committed = accounts.forecast(Scenario::Committed)?;
    let collections_down = accounts.forecast(Scenario::CollectionsDown)?;
    let lags = remittance_lag(accounts, figures.days)?;
    let mut alerts = Vec::new();
    if first_negative(&committed).is_some() {
        alerts.push(CashAlert::NegativeWeek);
    } else if first_negative(&collections_down).is_some() {
        alerts.push(CashAlert::NegativeIfCollectionsFall);
    }
    if let Some(days) = buffer_days {
        if below(days, Ratio::whole(FREEZE_BUFFER_DAYS))? {
            alerts.push(CashAlert::ShortBuffer);
        } else if below(days, Ratio::whole(GROW_BUFFER_DAYS))? {
            alerts.push(CashAlert::ThinBuffer);
        }
    }
    let told = accounts.last_balance();
    let age = told.map(|at| Days::new(at.in_zone(&accounts.shop().zone).date(), accounts.today()).count() - 1);
    if age.is_some_and(|age| age > STALE_CASH_DAYS) {
        alerts.push(CashAlert::StaleBalance);
    }
    if lags.iter().map(Lag::is_late).collect::<Result<Vec<_>, _>>()?.contains(&true) {
        alerts.push(CashAlert::LateRemittance);
    }
    let new_sales = accounts.forecast(Scenario::NewSales)?;
    Ok(CashOutlook { cash, buffer_days, committed, collections_down, new_sales, lags, alerts })
}

/// Cash as an analysis; without a balance it says what is missing.
///
/// # Errors
/// When a number does not fit.
pub fn cash(accounts: &dyn Accounts) -> Result<Analysis, Undefined> {
    const INPUTS: [Metric; 8] = [
        Metric::Cash,
        Metric::AvgDailyOutflow,
        Metric::CashBufferDays,
        Metric::MonthlyOperatingCashFlow,
        Metric::RunwayMonths,
        Metric::Receivables,
        Metric::CurrentLiabilities,
        Metric::CodOnTheWay,
    ];
    let currency = accounts.currency();
    let figures = accounts.figures(window(accounts));
    let mut analysis = Analysis::new(Kind::Cash, accounts.as_of(), currency, trust(&accounts.health()?));
    let inputs = INPUTS.iter().map(|metric| Named::figure(&figures, *metric, currency));
    analysis.inputs = inputs.collect::<Result<_, _>>()?;
    let outlook = match outlook(accounts) {
        Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
        Err(why) => {
            analysis.findings.push(Finding::new("forecast", vec![Named::missing("closing", why)]));
            return Ok(analysis);
        }
        Ok(outlook) => outlook,
    };
    let scenarios = [
        ("committed", &outlook.committed),
        ("collections_down", &outlook.collections_down),
        ("new_sales", &outlook.new_sales),
    ];
    for (name, forecast) in scenarios {
        let (week, lowest) = forecast.lowest();
        let mut numbers = vec![Named::count("lowest_week", week as i64), Named::money("lowest", lowest, currency)];
        numbers.extend(first_negative(forecast).map(|week| Named::count("first_negative_week", week as i64)));
        numbers.push(Named::count("parcels_left_out", forecast.left_out.len() as i64));
        analysis.findings.push(Finding::about("scenario", name, numbers));
    }
    for week in 0..outlook.committed.closing.len() {
        let numbers = scenarios.iter().map(|(name, forecast)| Named::money(name, forecast.closing[week], currency));
        analysis.findings.push(Finding::about("week", (week + 1).to_string(), numbers.collect()));
    }
    for lag in &outlook.lags {
        let mut numbers = vec![Named::ratio("days", lag.days), Named::count("parcels", lag.parcels)];
        numbers.extend(lag.term.map(|term| Named::count("term_days", term)));
        analysis.findings.push(Finding::about("remittance_lag", &*lag.carrier, numbers));
    }
    let alerts = outlook.alerts.iter().map(|alert| Finding::about("alert", alert.code(), Vec::new()));
    analysis.findings.extend(alerts);
    Ok(analysis)
}
