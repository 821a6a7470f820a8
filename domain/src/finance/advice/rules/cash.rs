//! Cash that must last.

use super::Said;
use crate::finance::advice::case::{Case, below, money};
use crate::finance::advice::effect::{Certainty, Effect, Omitted};
use crate::finance::advice::number::{Finding, Named, known, part_of, summed};
use crate::finance::advice::policy::{FREEZE_BUFFER_DAYS, VAT_COVER, WINDOW_DAYS};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{Days, Forecast, Metric, Undefined};
use crate::finance::ratio::Ratio;

/// Full days whose pace of advertising the forecast goes on with.
const PACE_DAYS: i64 = 28;

/// The last week that closes below zero, counted from one.
pub(in super::super) fn last_negative(forecast: &Forecast) -> Option<usize> {
    forecast.closing.iter().rposition(|cash| *cash < 0).map(|week| week + 1)
}

/// Cash covers fewer than fifteen days, or a week of the forecast closes below zero.
pub(super) fn cash_freeze(case: &Case<'_>) -> Said {
    let buffer = case.known(Metric::CashBufferDays)?;
    let short = match buffer {
        Some(days) => below(days, Ratio::whole(FREEZE_BUFFER_DAYS))?,
        None => false,
    };
    let forecast = known(case.forecast.clone())?;
    let negative = forecast.as_ref().and_then(last_negative);
    if !short && negative.is_none() {
        return Ok(None);
    }
    let draws = summed([case.money(Metric::CashOwner)?, case.money(Metric::CashCapex)?])?.min(0);
    let weekly_draws = part_of(draws, Ratio::new(-7, WINDOW_DAYS.into()).unwrap_or(Ratio::ZERO))?;
    let unpaying = case.known(Metric::ContributionRoas)?.map(|roas| below(roas, Ratio::ONE)).transpose()?;
    let weekly_ads = match unpaying {
        Some(true) => {
            let pace = case.accounts.figures(Days::before(case.accounts.today(), PACE_DAYS));
            part_of(money(&pace, Metric::AdSpend)?, Ratio::new(7, PACE_DAYS.into()).unwrap_or(Ratio::ZERO))?
        }
        Some(false) | None => 0,
    };
    let mut numbers = vec![
        Named::money("weekly_draws_and_equipment", weekly_draws, case.currency),
        Named::money("weekly_ads_that_do_not_pay", weekly_ads, case.currency),
    ];
    let effect = match &forecast {
        None => {
            Effect::Omitted(Omitted::Unknown(case.forecast.as_ref().err().copied().unwrap_or(Undefined::Impossible)))
        }
        Some(forecast) => {
            let (week, lowest) = forecast.lowest();
            numbers.push(Named::count("lowest_week", week as i64));
            numbers.push(Named::money("lowest_cash", lowest, case.currency));
            let weeks = negative.unwrap_or(week) as i64;
            numbers.push(Named::count("weeks_frozen", weeks));
            let weekly = summed([weekly_draws, weekly_ads])?;
            match weekly.checked_mul(weeks).ok_or(Undefined::TooLarge)? {
                0 => Effect::Omitted(Omitted::NothingToSave),
                saved => Effect::Amount(saved),
            }
        }
    };
    let details = vec![Finding::new("freeze", numbers)];
    let trigger = [Metric::CashBufferDays, Metric::Cash];
    case.recommend(Code::CashFreeze, &trigger, details, effect, case.certainty())
}

/// The VAT to keep is not twice covered by cash.
pub(super) fn tax_jar(case: &Case<'_>) -> Said {
    let (kept, cash) = (case.money(Metric::VatSetAside)?, case.money(Metric::Cash)?);
    let cover = kept.checked_mul(VAT_COVER).ok_or(Undefined::TooLarge)?;
    if kept <= 0 || cash >= cover {
        return Ok(None);
    }
    // A week's part of what three months left.
    let weekly = part_of(kept, Ratio::new(7, WINDOW_DAYS.into()).unwrap_or(Ratio::ZERO))?;
    let details = vec![Finding::new("tax", vec![Named::money("weekly", weekly, case.currency)])];
    let trigger = [Metric::VatSetAside, Metric::Cash];
    case.recommend(Code::TaxJar, &trigger, details, Effect::Omitted(Omitted::Protects), Certainty::CERTAIN)
}
