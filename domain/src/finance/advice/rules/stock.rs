//! Stock that lies.

use super::Said;
use crate::finance::advice::case::{Case, below, money};
use crate::finance::advice::effect::Effect;
use crate::finance::advice::number::{Finding, Named, known};
use crate::finance::advice::policy::{LONG_STOCK_DAYS, MOST_TOLD, STOCK_RECOVERY_PERCENT};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::Metric;
use crate::finance::ratio::Ratio;

/// Stock lasts more than ninety days.
pub(super) fn stock_free(case: &Case<'_>) -> Said {
    let (long, short) = LONG_STOCK_DAYS;
    let days = case.ratio(Metric::Dio)?;
    if !below(Ratio::whole(long), days)? {
        return Ok(None);
    }
    let kept = Ratio::whole(short).over(days)?.unwrap_or(Ratio::ONE);
    let freed = case.ratio(Metric::Inventory)?.times(Ratio::ONE.minus(kept)?)?;
    let effect = Effect::parts_of(freed, STOCK_RECOVERY_PERCENT)?;
    let mut details = vec![Finding::new("stock", vec![Named::money("above_60_days", freed.rounded()?, case.currency)])];
    details.extend(slow(case)?);
    case.recommend(Code::StockFree, &[Metric::Dio, Metric::Inventory], details, effect, case.certainty())
}

/// The products that sold fewest units; those that did not sell at all first.
fn slow(case: &Case<'_>) -> Result<Vec<Finding>, crate::finance::figures::Undefined> {
    let mut sold = Vec::new();
    for product in case.accounts.products().keys() {
        let part = case.products.iter().find(|part| part.key.as_deref() == Some(product));
        let units = part.map(|part| known(money(&part.figures, Metric::BookedUnitsSold))).transpose()?.flatten();
        sold.push((units.unwrap_or(0), product));
    }
    sold.sort();
    let told = sold.into_iter().take(MOST_TOLD);
    Ok(told
        .map(|(units, product)| {
            Finding::about("product", case.title(product), vec![Named::count("booked.units_sold", units)])
        })
        .collect())
}
