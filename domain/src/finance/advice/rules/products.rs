//! Products that lose money.

use super::Said;
use crate::finance::advice::case::{Case, money};
use crate::finance::advice::effect::{Effect, Omitted, a_month_of};
use crate::finance::advice::number::{Finding, Named, known, summed};
use crate::finance::advice::policy::{BLEEDING_UNITS, DEFAULT_MARGIN_PERCENT, MOST_TOLD, percent};
use crate::finance::advice::pricing::{offers, priced};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

struct Loss {
    product: String,
    cm2: i64,
    units: i64,
}

/// The shop contributes nothing, or a product of which enough was sold loses money.
pub(super) fn stop_bleeding(case: &Case<'_>) -> Said {
    let shop = case.known(Metric::Cm2)?;
    let sinking = shop.is_some_and(|cm2| !cm2.is_positive());
    let mut losses = Vec::new();
    for part in &case.products {
        let Some(product) = &part.key else { continue };
        let (Some(cm2), Some(units)) =
            (known(money(&part.figures, Metric::Cm2))?, known(money(&part.figures, Metric::RealisedUnitsSold))?)
        else {
            continue;
        };
        if cm2 < 0 && (sinking || units >= BLEEDING_UNITS) {
            losses.push(Loss { product: product.clone(), cm2, units });
        }
    }
    // A shop of which nothing is realised yet does not bleed.
    let active = case.known(Metric::RealisedOrders)?.is_some_and(|orders| orders.is_positive());
    if losses.is_empty() && !(sinking && active) {
        return Ok(None);
    }
    losses.sort_by(|one, other| (one.cm2, &one.product).cmp(&(other.cm2, &other.product)));
    let effect = if losses.is_empty() {
        Effect::Omitted(Omitted::NothingToSave)
    } else {
        let lost = summed(losses.iter().map(|loss| loss.cm2))?;
        let lost = lost.checked_neg().ok_or(Undefined::TooLarge)?;
        Effect::Amount(a_month_of(Ratio::whole(lost))?.rounded()?)
    };
    let offers = offers(case.accounts)?;
    let mut details = Vec::new();
    for loss in losses.iter().take(MOST_TOLD) {
        let mut numbers =
            vec![Named::money("cm2", loss.cm2, case.currency), Named::count("realised.units_sold", loss.units)];
        let offer = offers.iter().find(|offer| offer.id == loss.product);
        if let Some(offer) = offer {
            numbers.push(Named::money("price", offer.price, case.currency));
            if let Ok(advice) = priced(case.accounts, &case.terms, offer, percent(DEFAULT_MARGIN_PERCENT)) {
                numbers.push(Named::money("suggested", advice.prepaid.suggested, case.currency));
            }
        }
        details.push(Finding::about("product", case.title(&loss.product), numbers));
    }
    case.recommend(Code::StopBleeding, &[Metric::Cm2], details, effect, case.certainty())
}
