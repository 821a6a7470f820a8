//! Prices that are too low, and discounts that are too high.

use super::Said;
use crate::finance::advice::case::{Case, below, money};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::number::{Finding, Named, known, part_of};
use crate::finance::advice::policy::{
    DEFAULT_MARGIN_PERCENT, DISCOUNT_CAP_PERCENT, DISCOUNT_VOLUME_AT_RISK_PERCENT, PRICE_STEP_PERCENT,
    THIN_CM3_PERCENT, THIN_GROSS_PERCENT, percent,
};
use crate::finance::advice::pricing::{PriceAdvice, Refusal, offers, priced, unit_contribution};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::calculators::{breakeven_volume_change, customary_price};
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

/// A price that could be raised.
struct Raise {
    advice: PriceAdvice,
    units: i64,
    price: i64,
    gain: i64,
}

/// Little is left after advertising because products cost too much of their price.
pub(super) fn price_up(case: &Case<'_>) -> Said {
    let thin = below(case.ratio(Metric::Cm3Pct)?, percent(THIN_CM3_PERCENT))?
        && below(case.ratio(Metric::GrossMargin)?, percent(THIN_GROSS_PERCENT))?;
    if !thin {
        return Ok(None);
    }
    let Some(raise) = best_raise(case)? else { return Ok(None) };
    let (advice, costs) = (&raise.advice, &raise.advice.prepaid.costs);
    let units = a_month_of(Ratio::whole(raise.units))?;
    let most = units.times(Ratio::whole(raise.gain))?;
    let effect = match &advice.regimes {
        Ok(seen) => {
            // Units lost at the elasticity that was seen: |e| × Δp ÷ p; those leave what a unit leaves now.
            let rise = Ratio::new(i128::from(raise.price) - i128::from(advice.offer.price), advice.offer.price.into());
            let lost = seen.elasticity.times(rise.unwrap_or(Ratio::ZERO))?.times(units)?;
            let after = unit_contribution(raise.price, costs)?;
            Effect::Amount(most.plus(lost.times(Ratio::whole(after))?)?.rounded()?)
        }
        // How many stay away is not known: from the break-even to none.
        Err(_) => Effect::between(0, most.rounded()?),
    };
    let mut numbers = vec![
        Named::money("price", advice.offer.price, case.currency),
        Named::money("next_price", raise.price, case.currency),
        Named::money("target_price", advice.prepaid.target, case.currency),
        Named::count("realised.units_sold", raise.units),
    ];
    if let Some(change) = known(breakeven_volume_change(advice.unit, raise.gain))? {
        numbers.push(Named::ratio("breakeven_volume_change", change));
    }
    let details = vec![Finding::about("product", &*advice.offer.title, numbers)];
    case.recommend(Code::PriceUp, &[Metric::Cm3Pct, Metric::GrossMargin], details, effect, case.certainty())
}

/// The raise that brings most at the present volume.
fn best_raise(case: &Case<'_>) -> Result<Option<Raise>, Undefined> {
    let offers = offers(case.accounts)?;
    let mut best: Option<Raise> = None;
    for part in &case.products {
        let offer = part.key.as_deref().and_then(|key| offers.iter().find(|offer| offer.id == key));
        let (Some(offer), Some(units)) = (offer, known(money(&part.figures, Metric::RealisedUnitsSold))?) else {
            continue;
        };
        let advice = match priced(case.accounts, &case.terms, offer, percent(DEFAULT_MARGIN_PERCENT)) {
            Ok(advice) => advice,
            Err(Refusal::Undefined(Undefined::TooLarge)) => return Err(Undefined::TooLarge),
            Err(_) => continue,
        };
        let step = part_of(offer.price, Ratio::ONE.plus(percent(PRICE_STEP_PERCENT))?)?;
        let price = customary_price(advice.prepaid.target.min(step), case.currency)?;
        if advice.prepaid.target <= offer.price || price <= offer.price || units <= 0 {
            continue;
        }
        let after = unit_contribution(price, &advice.prepaid.costs)?;
        let gain = after.checked_sub(advice.unit).ok_or(Undefined::TooLarge)?;
        let worth = |raise: &Raise| i128::from(raise.gain) * i128::from(raise.units);
        let raise = Raise { advice, units, price, gain };
        if best.as_ref().is_none_or(|best| worth(best) < worth(&raise)) {
            best = Some(raise);
        }
    }
    Ok(best)
}

/// Little is left after advertising because much is given away.
pub(super) fn discount_cap(case: &Case<'_>) -> Said {
    let (rate, cap) = (case.ratio(Metric::DiscountRate)?, percent(DISCOUNT_CAP_PERCENT));
    if !below(cap, rate)? || !below(case.ratio(Metric::Cm3Pct)?, percent(THIN_CM3_PERCENT))? {
        return Ok(None);
    }
    let given = a_month_of(Ratio::whole(case.money(Metric::BookedDiscounts)?))?;
    let removed = rate.minus(cap)?.over(rate)?.unwrap_or(Ratio::ZERO);
    let (least, most) = DISCOUNT_VOLUME_AT_RISK_PERCENT;
    let kept = (100 - most, 100 - least);
    let effect = Effect::parts_of(given.times(removed)?, kept)?;
    let details =
        vec![Finding::new("discounts", vec![Named::ratio("cap", cap), Named::ratio("share_removed", removed)])];
    let trigger = [Metric::DiscountRate, Metric::Cm3Pct, Metric::BookedDiscounts];
    case.recommend(Code::DiscountCap, &trigger, details, effect, case.certainty())
}
