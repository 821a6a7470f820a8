//! At what price a product should be sold (FINANCE §2.6).

use super::super::number::known;
use super::super::policy::{DEFAULT_MARGIN_PERCENT, percent};
use super::regimes::{Regimes, Unidentified, regimes};
use super::terms::{Offer, ShopTerms, offers};
use crate::finance::figures::calculators::{
    Costs, Delivery, breakeven_volume_change, customary_price, max_discount, target_price,
};
use crate::finance::figures::{Accounts, Undefined};
use crate::finance::ratio::Ratio;

/// Why no price is told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No product of that name was sold.
    #[error("no product called {0:?} was sold")]
    UnknownProduct(String),
    /// Several products have that name.
    #[error("several products are called so: {}", .0.iter().map(|one| one.title.as_str()).collect::<Vec<_>>().join(", "))]
    Several(Vec<Named>),
    /// Its cost is not known.
    #[error("the cost of {0:?} is not known")]
    CostUnknown(String),
    /// No price leaves that margin.
    #[error("no price leaves that margin")]
    Impossible,
    /// A number is not there, or does not fit.
    #[error(transparent)]
    Undefined(#[from] Undefined),
}

/// A product that may have been meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub title: String,
}

impl From<crate::finance::ratio::TooLarge> for Refusal {
    fn from(_: crate::finance::ratio::TooLarge) -> Self {
        Self::Undefined(Undefined::TooLarge)
    }
}

/// A price that leaves a margin, and what it must cover.
#[derive(Clone, Copy, Debug)]
pub struct Priced {
    /// What it covers.
    pub costs: Costs,
    /// What cash on delivery adds, if it is paid at the door.
    pub delivery: Option<Delivery>,
    /// The lowest price with the margin.
    pub target: i64,
    /// The next one with the customary ending: what to ask.
    pub suggested: i64,
    /// The lowest price that loses nothing.
    pub floor: i64,
}

/// Advice on the price of a product. Prices include VAT; amounts are minor units.
#[derive(Clone, Debug)]
pub struct PriceAdvice {
    /// The product as it is sold.
    pub offer: Offer,
    /// The margin on the net price.
    pub margin: Ratio,
    /// Paid beforehand.
    pub prepaid: Priced,
    /// Paid at the door; `None` where nothing was delivered so.
    pub door: Option<Priced>,
    /// The margin that the present price leaves, paid beforehand.
    pub margin_now: Ratio,
    /// The largest discount on the present price that loses nothing, paid beforehand; negative below the floor.
    pub max_discount: Ratio,
    /// Of the present price, what a unit leaves, paid beforehand.
    pub unit: i64,
    /// By what share the volume may change at the suggested price for the same contribution; `None` when the present
    /// price leaves nothing.
    pub volume_change: Option<Ratio>,
    /// What the last change of its price did, where that can be told.
    pub regimes: Result<Regimes, Unidentified>,
    /// Whether freight is in the costs: no prepaid parcel left in the window otherwise.
    pub freight_known: bool,
}

/// Products that are named when several may have been meant.
const NAMED: usize = 8;

/// Finds a product by its id, its title, or a part of one; letters with and without accents are the same, and so are a
/// word and its plural.
///
/// # Errors
/// When there is none, or several.
pub fn find<'a>(offers: &'a [Offer], wanted: &str) -> Result<&'a Offer, Refusal> {
    let key = folded(wanted);
    let exact = |offer: &&Offer| offer.id == wanted || folded(&offer.title) == key;
    if let Some(offer) = offers.iter().find(exact) {
        return Ok(offer);
    }
    let mut found: Vec<&Offer> =
        offers.iter().filter(|offer| !key.is_empty() && folded(&offer.title).contains(&key)).collect();
    if found.is_empty() {
        found.extend(offers.iter().filter(|offer| has_words(&offer.title, wanted)));
    }
    match found.as_slice() {
        [] => Err(Refusal::UnknownProduct(wanted.chars().take(60).collect())),
        [one] => Ok(one),
        several => Err(Refusal::Several(named(several))),
    }
}

fn named(offers: &[&Offer]) -> Vec<Named> {
    let named = offers.iter().take(NAMED).map(|offer| Named { id: offer.id.clone(), title: offer.title.clone() });
    named.collect()
}

/// Whether a title has each word that was said, in the singular or the plural.
fn has_words(title: &str, wanted: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(folded).filter(|word| !word.is_empty()).collect::<Vec<_>>();
    let (title, wanted) = (words(title), words(wanted));
    !wanted.is_empty() && wanted.iter().all(|said| title.iter().any(|word| singular(word) == singular(said)))
}

/// Without the ending of the plural: «toallas», «cojines».
fn singular(word: &str) -> &str {
    match word.strip_suffix("es") {
        Some(stem) if stem.len() >= 4 && stem.ends_with(['n', 'r', 'l', 'd', 'z', 's']) => stem,
        _ => word.strip_suffix('s').filter(|stem| stem.len() >= 3).unwrap_or(word),
    }
}

fn folded(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    text.nfd().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// At what price to sell a product for a margin on its net price; without one, the default of the policy.
///
/// # Errors
/// When the product or its cost is not known, or no price leaves the margin.
pub fn price(
    accounts: &dyn Accounts,
    terms: &ShopTerms,
    product: &str,
    margin: Option<Ratio>,
) -> Result<PriceAdvice, Refusal> {
    let offers = offers(accounts)?;
    let offer = find(&offers, product)?;
    priced(accounts, terms, offer, margin.unwrap_or_else(|| percent(DEFAULT_MARGIN_PERCENT)))
}

/// The same of a product that is at hand.
///
/// # Errors
/// As [`price`].
pub fn priced(
    accounts: &dyn Accounts,
    terms: &ShopTerms,
    offer: &Offer,
    margin: Ratio,
) -> Result<PriceAdvice, Refusal> {
    let cost = offer.cost.ok_or_else(|| Refusal::CostUnknown(offer.title.clone()))?;
    let currency = accounts.currency();
    let one = |costs: Costs, delivery: Option<Delivery>| -> Result<Priced, Refusal> {
        let at = |margin: Ratio| match target_price(&costs, margin, delivery.as_ref()) {
            Err(Undefined::Impossible) => Err(Refusal::Impossible),
            other => other.map_err(Refusal::from),
        };
        let target = at(margin)?;
        Ok(Priced { costs, delivery, target, suggested: customary_price(target, currency)?, floor: at(Ratio::ZERO)? })
    };
    let prepaid = one(terms.prepaid(cost, offer.tax)?, None)?;
    let door = match terms.at_the_door(cost, offer.tax)? {
        Some((costs, delivery)) => Some(one(costs, Some(delivery))?),
        None => None,
    };
    let net = net_of(offer.price, offer.tax)?;
    let unit = unit_contribution(offer.price, &prepaid.costs)?;
    let change = net_of(prepaid.suggested, offer.tax)?.checked_sub(net).ok_or(Undefined::TooLarge)?;
    Ok(PriceAdvice {
        margin,
        margin_now: Ratio::new(unit.into(), net.into()).ok_or(Undefined::ZeroDenominator)?,
        max_discount: max_discount(offer.price, &prepaid.costs)?,
        volume_change: known(breakeven_volume_change(unit, change))?.filter(|_| unit > 0),
        regimes: regimes(accounts, &offer.id)?,
        freight_known: terms.freight.is_some(),
        unit,
        prepaid,
        door,
        offer: offer.clone(),
    })
}

/// A price without its VAT, rounded half-even.
pub(super) fn net_of(price: i64, tax: Ratio) -> Result<i64, Undefined> {
    Ok(Ratio::whole(price).over(Ratio::ONE.plus(tax)?)?.ok_or(Undefined::Impossible)?.rounded()?)
}

/// What a unit leaves at a price: net − product − order − fee.
pub(in super::super) fn unit_contribution(price: i64, costs: &Costs) -> Result<i64, Undefined> {
    let fee = Ratio::whole(price).times(costs.fee)?.rounded()?;
    let left =
        i128::from(net_of(price, costs.tax)?) - i128::from(costs.product) - i128::from(costs.order) - i128::from(fee);
    i64::try_from(left).map_err(|_| Undefined::TooLarge)
}
