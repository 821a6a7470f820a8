//! Advertising that does not pay, and advertising that does.

use super::Said;
use crate::finance::advice::case::{Case, below};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::growth::{Platform, platforms};
use crate::finance::advice::number::{Finding, Named, summed};
use crate::finance::advice::policy::{
    DIMINISHING_PERCENT, GROW_BUFFER_DAYS, GROW_ROAS_PERCENT, GROW_STEP_PERCENT, percent,
};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

fn told(case: &Case<'_>, platform: &Platform) -> Finding {
    let mut numbers = vec![Named::money("ad_spend", platform.spend, case.currency)];
    if let Some(cm2) = platform.cm2 {
        numbers.push(Named::money("cm2", cm2, case.currency));
    }
    Finding::about("platform", &*platform.name, numbers)
}

fn monthly(amount: i64) -> Result<i64, Undefined> {
    Ok(a_month_of(Ratio::whole(amount))?.rounded()?)
}

/// A unit of advertising brings less than itself.
pub(super) fn ads_cut(case: &Case<'_>) -> Said {
    if !below(case.ratio(Metric::ContributionRoas)?, Ratio::ONE)? {
        return Ok(None);
    }
    let platforms = platforms(case.accounts, case.window.days)?;
    let unpaying = |platform: &&Platform| platform.cm2.is_some_and(|cm2| platform.spend > 0 && cm2 < platform.spend);
    let mapped: Vec<&Platform> = platforms.iter().filter(unpaying).collect();
    let effect = if mapped.is_empty() {
        // What each platform brought is not known: from nothing to all of it.
        Effect::between(0, monthly(case.money(Metric::Marketing)?)?)
    } else {
        let saved = mapped
            .iter()
            .map(|platform| platform.spend.checked_sub(platform.cm2.unwrap_or(0)).ok_or(Undefined::TooLarge));
        Effect::Amount(monthly(summed(saved.collect::<Result<Vec<_>, _>>()?)?)?)
    };
    let told_of: Vec<&Platform> = if mapped.is_empty() { platforms.iter().collect() } else { mapped };
    let details = told_of.into_iter().map(|platform| told(case, platform)).collect();
    let trigger = [Metric::ContributionRoas, Metric::Marketing];
    case.recommend(Code::AdsCut, &trigger, details, effect, case.certainty())
}

/// A unit of advertising brings half as much again, cash lasts, and parcels arrive.
pub(super) fn ads_grow(case: &Case<'_>) -> Said {
    let roas = case.ratio(Metric::ContributionRoas)?;
    let buffer = case.ratio(Metric::CashBufferDays)?;
    // A shop without enough parcels paid at the door has no cushion to lose.
    let cushion = case.health_input("delivery_cushion").is_none_or(Ratio::is_positive);
    let lasts = !below(buffer, Ratio::whole(GROW_BUFFER_DAYS))?;
    if below(roas, percent(GROW_ROAS_PERCENT))? || !lasts || !cushion {
        return Ok(None);
    }
    let month = a_month_of(Ratio::whole(case.money(Metric::Marketing)?))?;
    let gain = roas.times(percent(DIMINISHING_PERCENT))?.minus(Ratio::ONE)?;
    let effect = Effect::parts_of(month.times(gain)?, GROW_STEP_PERCENT)?;
    let mut platforms = platforms(case.accounts, case.window.days)?;
    platforms.retain(|platform| platform.spend > 0);
    // The best mapped one first, then the largest.
    platforms.sort_by(|one, other| {
        let rank = |platform: &Platform| {
            let pays = platform.cm2.map(|cm2| i128::from(cm2) * 1_000_000 / i128::from(platform.spend));
            (std::cmp::Reverse(pays), std::cmp::Reverse(platform.spend))
        };
        rank(one).cmp(&rank(other)).then_with(|| one.name.cmp(&other.name))
    });
    let details = platforms.iter().map(|platform| told(case, platform)).collect();
    let trigger = [Metric::ContributionRoas, Metric::CashBufferDays, Metric::Marketing];
    case.recommend(Code::AdsGrow, &trigger, details, effect, case.certainty())
}
