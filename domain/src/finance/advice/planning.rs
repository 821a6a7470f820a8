//! How much to sell for a wish, and what another delivery rate would do (FINANCE §2.2, §2.4). Over 30 full days.

use super::case::{money, window};
use super::policy::{PLAN_DAYS, WINDOW_MONTHS};
use crate::finance::figures::calculators::required_revenue;
use crate::finance::figures::{Accounts, Days, Metric, Undefined};
use crate::finance::ratio::Ratio;

/// What must be sold for a profit. Amounts are minor units, without VAT, per 30 days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Required {
    /// The wish.
    pub target: i64,
    /// Fixed expenses of the last 30 full days, and what is added to them.
    pub fixed: i64,
    /// What is left of revenue after advertising.
    pub cm3_pct: Ratio,
    /// (fixed + target) ÷ cm3_pct.
    pub revenue: i64,
    /// Net revenue of the last 30 full days.
    pub now: i64,
    /// Orders for it at the present revenue per order, rounded up; `None` when there were none.
    pub orders: Option<i64>,
}

/// What must be sold in 30 days to gain a target after fixed expenses and what is added to them.
///
/// # Errors
/// When nothing is left of revenue, or a number does not fit.
pub fn required(accounts: &dyn Accounts, target: i64, more_fixed: i64) -> Result<Required, Undefined> {
    let figures = accounts.figures(Days::before(accounts.today(), PLAN_DAYS));
    let fixed = money(&figures, Metric::FixedExpenses)?.checked_add(more_fixed).ok_or(Undefined::TooLarge)?;
    let cm3_pct = figures.value(Metric::Cm3Pct)?.ratio();
    let revenue = required_revenue(fixed, target, cm3_pct)?;
    let now = money(&figures, Metric::RealisedNetRevenue)?;
    let sold = figures.value(Metric::RealisedOrders)?.ratio();
    let per_order = Ratio::whole(now).over(sold)?;
    let orders = match per_order {
        Some(each) if each.is_positive() => match Ratio::whole(revenue).over(each)? {
            Some(orders) => Some(orders.ceiling()?),
            None => None,
        },
        _ => None,
    };
    Ok(Required { target, fixed, cm3_pct, revenue, now, orders })
}

/// What another delivery rate would do. Amounts are minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryScenario {
    /// The rate of the window.
    pub now: Ratio,
    /// The rate asked about.
    pub then: Ratio,
    /// Parcels of the window that are resolved: below 20 the sample is small.
    pub resolved: i64,
    /// What a parcel is expected to leave now, after advertising.
    pub parcel_now: i64,
    /// What it would leave.
    pub parcel_then: i64,
    /// What that changes in a month of the window.
    pub monthly: i64,
    /// The rate that loses nothing; `None` when none failed.
    pub breakeven: Option<Ratio>,
}

/// What another delivery rate would do to a month.
///
/// # Errors
/// [`Undefined::Impossible`] when the rate is not between 0 and 1; when no parcel was delivered, or a number does not fit.
pub fn delivery_scenario(accounts: &dyn Accounts, rate: Ratio) -> Result<DeliveryScenario, Undefined> {
    if rate.numerator() < 0 || rate.minus(Ratio::ONE)?.is_positive() {
        return Err(Undefined::Impossible);
    }
    let figures = accounts.figures(window(accounts));
    let stakes = figures.stakes()?;
    let parcels = Ratio::new(stakes.parcels.into(), WINDOW_MONTHS.into()).unwrap_or(Ratio::ZERO);
    let (now, then) = (stakes.expected_at(stakes.rate)?, stakes.expected_at(rate)?);
    Ok(DeliveryScenario {
        now: stakes.rate,
        then: rate,
        resolved: stakes.resolved,
        parcel_now: now.rounded()?,
        parcel_then: then.rounded()?,
        monthly: then.minus(now)?.times(parcels)?.rounded()?,
        breakeven: super::number::known(figures.value(Metric::CodBreakevenDeliveryRate))?.map(|rate| rate.ratio()),
    })
}
