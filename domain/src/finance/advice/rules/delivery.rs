//! Parcels that are refused.

use super::Said;
use crate::finance::advice::case::{Case, below};
use crate::finance::advice::effect::{Effect, a_month_of};
use crate::finance::advice::number::{Finding, Named};
use crate::finance::advice::policy::{DELIVERY_RISE_POINTS, THIN_CUSHION_POINTS, percent};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::Metric;
use crate::finance::ratio::Ratio;

/// The delivery rate is less than five points above the rate that loses nothing.
pub(super) fn delivery_up(case: &Case<'_>) -> Said {
    let Some(cushion) = case.health_input("delivery_cushion") else { return Ok(None) };
    if !below(cushion, percent(THIN_CUSHION_POINTS))? {
        return Ok(None);
    }
    let effect = case.stakes.and_then(|stakes| {
        let stake = stakes.gain.plus(stakes.loss)?;
        let parcels = a_month_of(Ratio::whole(stakes.parcels))?;
        Ok(Effect::Amount(parcels.times(percent(DELIVERY_RISE_POINTS))?.times(stake)?.rounded()?))
    });
    let mut numbers = vec![Named::ratio("delivery_cushion", cushion)];
    if let Ok(stakes) = case.stakes {
        numbers.push(Named::money("gain_per_delivered", stakes.gain.rounded()?, case.currency));
        numbers.push(Named::money("cost_of_a_failure", stakes.loss.rounded()?, case.currency));
        numbers.push(Named::count("parcels", stakes.parcels));
    }
    let details = vec![Finding::new("delivery", numbers)];
    let trigger = [Metric::CodDeliveryRate, Metric::CodBreakevenDeliveryRate];
    case.recommend(Code::DeliveryUp, &trigger, details, Effect::of(effect)?, case.certainty())
}
