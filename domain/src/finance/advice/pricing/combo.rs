//! Several products at one price (FINANCE §2.6).

use super::super::policy::{DEFAULT_MARGIN_PERCENT, percent};
use super::product::{Refusal, find, net_of};
use super::terms::{Offer, ShopTerms, offers};
use crate::finance::figures::calculators::{Bundle, bundle, customary_price, target_price};
use crate::finance::figures::{Accounts, Undefined};
use crate::finance::ratio::Ratio;

/// The most products in one bundle.
pub const MOST_PRODUCTS: usize = 10;

/// Advice on a bundle. Prices include VAT; amounts are minor units.
#[derive(Clone, Debug)]
pub struct BundleAdvice {
    /// The products, as they are sold.
    pub offers: Vec<Offer>,
    /// Sum of their prices.
    pub list: i64,
    /// The price asked about, else the suggested one.
    pub price: i64,
    /// Whether it was asked about.
    pub asked: bool,
    /// What it leaves.
    pub bundle: Bundle,
    /// The price that leaves the default margin, with the customary ending.
    pub suggested: i64,
    /// The lowest price that loses nothing.
    pub floor: i64,
    /// What the discount costs, without VAT.
    pub given: i64,
    /// Freight, variable expenses and marketing saved by one order instead of several.
    pub saved: i64,
}

impl BundleAdvice {
    /// Whether its discount costs less than what it saves.
    pub const fn is_sensible(&self) -> bool {
        self.given < self.saved
    }
}

/// What a bundle leaves: at a price, or at the one that leaves the default margin but asks no more than its parts.
///
/// # Errors
/// When a product or its cost is not known, there are fewer than two, or no price leaves anything.
pub fn combo(
    accounts: &dyn Accounts,
    terms: &ShopTerms,
    products: &[String],
    price: Option<i64>,
) -> Result<BundleAdvice, Refusal> {
    if products.len() < 2 || products.len() > MOST_PRODUCTS {
        return Err(Refusal::Impossible);
    }
    let known = offers(accounts)?;
    let chosen = products.iter().map(|wanted| find(&known, wanted).cloned()).collect::<Result<Vec<_>, _>>()?;
    let (mut cost, mut list, mut net_list) = (0_i64, 0_i64, 0_i64);
    for offer in &chosen {
        let unit = offer.cost.ok_or_else(|| Refusal::CostUnknown(offer.title.clone()))?;
        cost = cost.checked_add(unit).ok_or(Undefined::TooLarge)?;
        list = list.checked_add(offer.price).ok_or(Undefined::TooLarge)?;
        net_list = net_list.checked_add(net_of(offer.price, offer.tax)?).ok_or(Undefined::TooLarge)?;
    }
    // The highest VAT of the parts: never less than what is owed.
    let tax = chosen.iter().map(|offer| offer.tax).try_fold(Ratio::ZERO, |most, tax| {
        Ok::<_, Undefined>(if most.minus(tax)?.numerator() < 0 { tax } else { most })
    })?;
    let costs = terms.prepaid(cost, tax)?;
    let at = |margin: Ratio| match target_price(&costs, margin, None) {
        Err(Undefined::Impossible) => Err(Refusal::Impossible),
        other => other.map_err(Refusal::from),
    };
    let floor = at(Ratio::ZERO)?;
    let suggested = customary_price(at(percent(DEFAULT_MARGIN_PERCENT))?, accounts.currency())?;
    let told = price.unwrap_or_else(|| suggested.min(list).max(floor));
    let made = bundle(told, &costs, list)?;
    let per_order = terms.order()?.checked_add(terms.marketing).ok_or(Undefined::TooLarge)?;
    let fewer = i64::try_from(chosen.len() - 1).unwrap_or(i64::MAX);
    Ok(BundleAdvice {
        given: net_list.checked_sub(made.net).ok_or(Undefined::TooLarge)?,
        saved: per_order.checked_mul(fewer).ok_or(Undefined::TooLarge)?,
        price: told,
        asked: price.is_some(),
        bundle: made,
        offers: chosen,
        list,
        suggested,
        floor,
    })
}
