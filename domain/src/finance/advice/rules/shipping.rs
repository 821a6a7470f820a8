//! Freight that nobody pays for.

use super::Said;
use crate::finance::advice::case::{Case, below};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::number::{Finding, Named};
use crate::finance::advice::policy::{
    FREE_SHIPPING_PERCENT, FREIGHT_AT_RISK_PERCENT, FREIGHT_CHARGED_PERCENT, FREIGHT_GAP_PERCENT, percent,
};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::calculators::customary_price;
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

/// Shipping charged is below freight by more than five percent of revenue.
pub(super) fn freight_gap(case: &Case<'_>) -> Said {
    let (charged, freight) = (case.ratio(Metric::RealisedShippingRevenue)?, case.ratio(Metric::FreightOut)?);
    let gap = charged.minus(freight)?;
    let allowed = case.ratio(Metric::RealisedNetRevenue)?.times(percent(FREIGHT_GAP_PERCENT))?;
    if !below(gap, allowed)? {
        return Ok(None);
    }
    let parcels = case.parcels()?;
    let mut numbers = vec![Named::money("gap", gap.rounded()?, case.currency), Named::count("parcels", parcels)];
    let threshold = threshold(case);
    if let Ok(threshold) = threshold {
        numbers.push(Named::money("free_shipping_from", threshold, case.currency));
    }
    let effect = threshold.and_then(|threshold| {
        let mean = freight.over(Ratio::whole(parcels))?.ok_or(Undefined::ZeroDenominator)?;
        let charge = mean.times(percent(FREIGHT_CHARGED_PERCENT))?.rounded()?;
        let under = case.accounts.baskets(case.window.days)?.under(threshold, case.window.days);
        numbers.push(Named::money("charge", charge, case.currency));
        numbers.push(Named::count("orders_under_it", under));
        let all = a_month_of(Ratio::whole(charge).times(Ratio::whole(under))?)?;
        let (least, most) = FREIGHT_AT_RISK_PERCENT;
        Effect::parts_of(all, (100 - most, 100 - least))
    });
    let effect = Effect::of(effect)?;
    let details = vec![Finding::new("shipping", numbers)];
    let trigger = [Metric::RealisedShippingRevenue, Metric::FreightOut, Metric::RealisedNetRevenue];
    case.recommend(Code::FreightGap, &trigger, details, effect, case.certainty())
}

/// 120 % of the average order as the buyer sees it, with the customary ending. VAT is that of the average line.
fn threshold(case: &Case<'_>) -> Result<i64, Undefined> {
    let aov = case.ratio(Metric::Aov)?;
    let sold = case.ratio(Metric::BookedGrossSales)?.minus(case.ratio(Metric::BookedDiscounts)?)?;
    let taxed = sold.plus(case.ratio(Metric::BookedTaxes)?)?.over(sold)?.ok_or(Undefined::ZeroDenominator)?;
    let wanted = aov.times(taxed)?.times(percent(FREE_SHIPPING_PERCENT))?.rounded()?;
    customary_price(wanted, case.currency)
}
