//! What a change of price asks for: how much more must be sold for the same.

use super::super::case::window;
use super::super::number::known;
use super::super::policy::WINDOW_MONTHS;
use super::product::{Refusal, find, unit_contribution};
use super::terms::{Offer, ShopTerms, offers};
use crate::finance::figures::calculators::breakeven_volume_change;
use crate::finance::figures::{Accounts, Dimension, Metric, Undefined};
use crate::finance::ratio::Ratio;

/// A change of a product's price. Prices include VAT; amounts are minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// The product as it is sold.
    pub offer: Offer,
    /// The price after.
    pub price: i64,
    /// What a unit leaves now.
    pub unit: i64,
    /// What it will leave.
    pub unit_after: i64,
    /// By what share the volume must rise, or may fall, for the same contribution; `None` when a unit leaves nothing
    /// after it: no volume makes up for that.
    pub volume_change: Option<Ratio>,
    /// Units realised per month of the window, exact.
    pub units: Ratio,
    /// Units per month for the same contribution, rounded up.
    pub units_needed: Option<i64>,
}

/// What a change of price asks for.
///
/// # Errors
/// When the product or its cost is not known, or nothing would be charged.
pub fn price_change(
    accounts: &dyn Accounts,
    terms: &ShopTerms,
    product: &str,
    by: i64,
) -> Result<PriceChange, Refusal> {
    let offers = offers(accounts)?;
    let offer = find(&offers, product)?;
    let cost = offer.cost.ok_or_else(|| Refusal::CostUnknown(offer.title.clone()))?;
    let price = offer.price.checked_add(by).ok_or(Undefined::TooLarge)?;
    if price <= 0 {
        return Err(Refusal::Impossible);
    }
    let costs = terms.prepaid(cost, offer.tax)?;
    let (unit, unit_after) = (unit_contribution(offer.price, &costs)?, unit_contribution(price, &costs)?);
    let change = unit_after.checked_sub(unit).ok_or(Undefined::TooLarge)?;
    let volume_change = known(breakeven_volume_change(unit, change))?.filter(|_| unit > 0);
    let parts = accounts.breakdown(Dimension::Product, window(accounts)).parts;
    let part = parts.iter().find(|part| part.key.as_deref() == Some(&*offer.id));
    let sold = match part {
        Some(part) => part.figures.value(Metric::RealisedUnitsSold)?.ratio(),
        None => Ratio::ZERO,
    };
    let units = sold.over(Ratio::whole(WINDOW_MONTHS))?.unwrap_or(Ratio::ZERO);
    let units_needed = match volume_change {
        Some(change) => Some(units.times(Ratio::ONE.plus(change)?)?.ceiling()?),
        None => None,
    };
    Ok(PriceChange { price, unit, unit_after, volume_change, units, units_needed, offer: offer.clone() })
}
