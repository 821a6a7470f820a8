//! The growth analyzer (FINANCE §2.3): who came, who came back, what they left, what they cost.

use jiff::civil::Date;

use super::analysis::{Analysis, Kind};
use super::case::{money, trust, window};
use super::number::{Finding, Named, known, summed};
use super::policy::{LIFETIME_COHORTS, LIFETIME_DISCOUNT_PERCENT, LIFETIME_MONTHS, percent};
use crate::finance::figures::calculators::ltv_model;
use crate::finance::figures::{Accounts, Cohort, Days, Dimension, Metric, Undefined};
use crate::finance::ratio::Ratio;

const INPUTS: [Metric; 14] = [
    Metric::NewCustomers,
    Metric::ActiveCustomers,
    Metric::ReturningCustomerRate,
    Metric::Marketing,
    Metric::Cac,
    Metric::FirstOrderContribution,
    Metric::PaybackRatio,
    Metric::Mer,
    Metric::AdRatio,
    Metric::BlendedRoas,
    Metric::ContributionRoas,
    Metric::BreakevenRoas,
    Metric::Growth,
    Metric::RuleOf40,
];

/// Advertising on a platform. Amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Its name.
    pub name: String,
    /// What was spent.
    pub spend: i64,
    /// cm2 of the orders sold through the channel of the same name; `None` = which orders it brought is not known.
    pub cm2: Option<i64>,
}

impl Platform {
    /// cm2 ÷ spend, where it is mapped.
    pub fn contribution_roas(&self) -> Option<Ratio> {
        Ratio::new(self.cm2?.into(), self.spend.into())
    }
}

/// Advertising by platform. A platform is mapped when orders came through a channel of its name.
///
/// # Errors
/// When a rate of exchange is missing, or a number does not fit.
pub fn platforms(accounts: &dyn Accounts, days: Days) -> Result<Vec<Platform>, Undefined> {
    let spent = accounts.ad_spend_by_platform(days)?;
    let parts = if spent.is_empty() { Vec::new() } else { accounts.breakdown(Dimension::Channel, days).parts };
    let mut platforms = Vec::new();
    for (name, spend) in spent {
        let same = |key: &Option<String>| key.as_ref().is_some_and(|key| key.to_lowercase() == name.to_lowercase());
        let mine: Vec<i64> = parts
            .iter()
            .filter(|part| same(&part.key))
            .map(|part| money(&part.figures, Metric::Cm2))
            .collect::<Result<_, _>>()?;
        let cm2 = if mine.is_empty() { None } else { Some(summed(mine)?) };
        platforms.push(Platform { name, spend, cm2 });
    }
    Ok(platforms)
}

/// Customers won in a month, what they cost and when they paid for themselves.
#[derive(Clone, Debug)]
pub struct Won {
    /// The cohort.
    pub cohort: Cohort,
    /// Marketing of the month ÷ its new customers, in minor units; `None` where nothing was spent or it is not known.
    pub cac: Option<i64>,
    /// The first month +k by whose end they had contributed what they cost; `None` = not yet, or nothing was spent.
    pub payback_months: Option<usize>,
}

/// The customers of a shop by the month they came, oldest first.
///
/// # Errors
/// When a number does not fit.
pub fn won(accounts: &dyn Accounts) -> Result<Vec<Won>, Undefined> {
    let mut all = Vec::new();
    for cohort in accounts.cohorts()? {
        let spent = known(accounts.figures(Days::month(cohort.month)).value(Metric::Cac))?;
        let cac = spent.map(|cac| cac.ratio().rounded()).transpose()?.filter(|cac| *cac > 0);
        let mut payback_months = None;
        for (month, ltv) in cohort.ltv_observed.iter().enumerate() {
            let (Some(cac), Some(ltv)) = (cac, known(*ltv)?) else { continue };
            if ltv.minus(Ratio::whole(cac))?.numerator() >= 0 {
                payback_months = Some(month);
                break;
            }
        }
        all.push(Won { cohort, cac, payback_months });
    }
    Ok(all)
}

/// What a customer is estimated to be worth over a year: what cohorts contribute in their first month, the share that
/// orders again in the month after, and 2 % a month; an estimate.
///
/// # Errors
/// [`Undefined::FewEarlierOrders`] below three cohorts with a full month after their own; or a number does not fit.
pub fn lifetime(cohorts: &[Won], this_month: Date) -> Result<i64, Undefined> {
    // The month after must have ended: k = 2 exists and is not the first that runs.
    let full: Vec<&Cohort> = cohorts
        .iter()
        .map(|won| &won.cohort)
        .filter(|cohort| cohort.retention.len() > 2 && cohort.month < this_month)
        .collect();
    if full.len() < LIFETIME_COHORTS {
        return Err(Undefined::FewEarlierOrders);
    }
    let (mut size, mut first, mut again) = (Ratio::ZERO, Ratio::ZERO, Ratio::ZERO);
    for cohort in full {
        let members = Ratio::whole(cohort.size);
        let of = |part: Option<Ratio>| part.ok_or(Undefined::ZeroDenominator)?.times(members).map_err(Undefined::from);
        size = size.plus(members)?;
        first = first.plus(of(cohort.ltv_observed.first().copied().transpose()?)?)?;
        again = again.plus(of(cohort.retention.get(1).copied())?)?;
    }
    let margin = first.over(size)?.ok_or(Undefined::ZeroDenominator)?.rounded()?;
    let retention = again.over(size)?.ok_or(Undefined::ZeroDenominator)?;
    ltv_model(margin, retention, percent(LIFETIME_DISCOUNT_PERCENT), LIFETIME_MONTHS)
}

/// Growth as an analysis.
///
/// # Errors
/// When a number does not fit.
pub fn growth(accounts: &dyn Accounts) -> Result<Analysis, Undefined> {
    let currency = accounts.currency();
    let figures = accounts.figures(window(accounts));
    let mut analysis = Analysis::new(Kind::Growth, accounts.as_of(), currency, trust(&accounts.health()?));
    let inputs = INPUTS.iter().map(|metric| Named::figure(&figures, *metric, currency));
    analysis.inputs = inputs.collect::<Result<_, _>>()?;
    let cohorts = won(accounts)?;
    for won in &cohorts {
        let mut numbers = vec![Named::count("size", won.cohort.size)];
        let repeat = won.cohort.repeat;
        numbers.push(Named::ratio("repeat_rate_60", repeat.rate));
        numbers.push(Named::word("repeat_rate_60_window", if repeat.complete { "complete" } else { "partial" }));
        if let Some(ltv) = won.cohort.ltv_observed.last().copied().map(known).transpose()?.flatten() {
            numbers.push(Named::money("ltv_observed", ltv.rounded()?, currency));
        }
        numbers.extend(won.cac.map(|cac| Named::money("cac", cac, currency)));
        numbers.extend(won.payback_months.map(|months| Named::count("payback_months", months as i64)));
        let month = format!("{:04}-{:02}", won.cohort.month.year(), won.cohort.month.month());
        analysis.findings.push(Finding::about("cohort", month, numbers));
    }
    let estimate = match lifetime(&cohorts, accounts.today().first_of_month()) {
        Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
        Err(why) => Named::missing("ltv_estimated_12_months", why),
        Ok(worth) => Named::money("ltv_estimated_12_months", worth, currency),
    };
    analysis.findings.push(Finding::new("lifetime", vec![estimate]));
    for platform in known(platforms(accounts, figures.days))?.unwrap_or_default() {
        let mut numbers = vec![Named::money("ad_spend", platform.spend, currency)];
        numbers.extend(platform.cm2.map(|cm2| Named::money("cm2", cm2, currency)));
        numbers.extend(platform.contribution_roas().map(|roas| Named::ratio("contribution_roas", roas)));
        analysis.findings.push(Finding::about("platform", platform.name, numbers));
    }
    Ok(analysis)
}
