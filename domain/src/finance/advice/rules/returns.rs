//! The product that comes back.

use super::Said;
use crate::finance::advice::case::{Case, below, money};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::number::{Finding, Named, known};
use crate::finance::advice::policy::{HIGH_RETURNS_PERCENT, RETURNS_AVOIDABLE_PERCENT, percent};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

/// Much comes back, and more than half of it is one product.
pub(super) fn returns_fix(case: &Case<'_>) -> Said {
    if !below(percent(HIGH_RETURNS_PERCENT), case.ratio(Metric::ReturnRate)?)? {
        return Ok(None);
    }
    let all = i128::from(case.money(Metric::BookedReturns)?);
    for part in &case.products {
        let Some(product) = part.key.as_deref() else { continue };
        let Some(back) = known(money(&part.figures, Metric::BookedReturns))? else { continue };
        if 2 * i128::from(back) <= all || back <= 0 {
            continue;
        }
        let freight = money(&part.figures, Metric::FreightReturn)?;
        let avoided = case.ratio(Metric::Cm1Pct).and_then(|kept| {
            let value = Ratio::whole(back).times(kept)?;
            // The way out is taken to have cost what the way back did.
            let both_ways = Ratio::whole(freight.checked_mul(2).ok_or(Undefined::TooLarge)?);
            Effect::parts_of(a_month_of(value.plus(both_ways)?)?, RETURNS_AVOIDABLE_PERCENT)
        });
        let numbers = vec![
            Named::money("booked.returns", back, case.currency),
            Named::money("freight_return", freight, case.currency),
            Named::count("booked.units_returned", money(&part.figures, Metric::BookedUnitsReturned)?),
        ];
        let details = vec![Finding::about("product", case.title(product), numbers)];
        let trigger = [Metric::ReturnRate, Metric::BookedReturns, Metric::Cm1Pct];
        return case.recommend(Code::ReturnsFix, &trigger, details, Effect::of(avoided)?, case.certainty());
    }
    Ok(None)
}
