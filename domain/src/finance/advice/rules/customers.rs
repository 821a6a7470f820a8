//! Customers who do not come back.

use super::Said;
use crate::finance::advice::case::{Case, below};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::number::{Finding, Named};
use crate::finance::advice::policy::{FEW_RETURNING_PERCENT, WIN_BACK_CUSTOMERS, WIN_BACK_POINTS, percent};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::Metric;
use crate::finance::ratio::Ratio;

/// Few customers come back, and there are enough to write to.
pub(super) fn win_back(case: &Case<'_>) -> Said {
    let customers = case.ratio(Metric::ActiveCustomers)?;
    let returning = case.ratio(Metric::ReturningCustomerRate)?;
    if below(customers, Ratio::whole(WIN_BACK_CUSTOMERS))? || !below(returning, percent(FEW_RETURNING_PERCENT))? {
        return Ok(None);
    }
    let effect = case.ratio(Metric::Cm2PerOrder).and_then(|left| {
        let monthly = a_month_of(customers)?;
        Ok(Effect::Amount(monthly.times(percent(WIN_BACK_POINTS))?.times(left)?.rounded()?))
    });
    let details = vec![Finding::new("customers", vec![Named::count("active_customers", customers.rounded()?)])];
    let trigger = [Metric::ReturningCustomerRate, Metric::ActiveCustomers, Metric::Cm2PerOrder];
    case.recommend(Code::WinBack, &trigger, details, Effect::of(effect)?, case.certainty())
}
