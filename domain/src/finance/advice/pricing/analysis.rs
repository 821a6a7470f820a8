//! The prices of a shop as an analysis.

use super::super::analysis::{Analysis, Kind};
use super::super::case::trust;
use super::super::number::{Finding, Named};
use super::super::policy::{DEFAULT_MARGIN_PERCENT, percent};
use super::product::{PriceAdvice, Refusal, find, priced};
use super::regimes::Regimes;
use super::shop_terms;
use super::terms::{ShopTerms, offers};
use crate::Currency;
use crate::finance::figures::{Accounts, Undefined};
use crate::finance::ratio::Ratio;

/// The prices of one product, or of all that are sold; those whose cost is unknown are named without a price.
///
/// # Errors
/// When the named product is unknown or has no price with that margin, or a number does not fit.
pub fn pricing(accounts: &dyn Accounts, product: Option<&str>, margin: Option<Ratio>) -> Result<Analysis, Refusal> {
    let terms = shop_terms(accounts)?;
    let (currency, margin) = (accounts.currency(), margin.unwrap_or_else(|| percent(DEFAULT_MARGIN_PERCENT)));
    let mut analysis = Analysis::new(Kind::Pricing, accounts.as_of(), currency, trust(&accounts.health()?));
    analysis.inputs = inputs(&terms, margin, currency)?;
    let offers = offers(accounts)?;
    let chosen = match product {
        Some(wanted) => vec![find(&offers, wanted)?],
        None => offers.iter().collect(),
    };
    for offer in chosen {
        let finding = match priced(accounts, &terms, offer, margin) {
            Ok(advice) => finding(&advice, currency),
            Err(refusal) if product.is_some() => return Err(refusal),
            Err(Refusal::Undefined(Undefined::TooLarge)) => return Err(Undefined::TooLarge.into()),
            Err(Refusal::CostUnknown(title)) => {
                Finding::about("price", title, vec![Named::word("refused", "cost_unknown")])
            }
            Err(_) => Finding::about("price", &*offer.title, vec![Named::word("refused", "impossible")]),
        };
        analysis.findings.push(finding);
    }
    Ok(analysis)
}

fn inputs(terms: &ShopTerms, margin: Ratio, currency: Currency) -> Result<Vec<Named>, Undefined> {
    let mut inputs = vec![Named::ratio("margin", margin)];
    inputs.push(match terms.freight {
        Some(freight) => Named::money("freight_per_prepaid_parcel", freight, currency),
        None => Named::missing("freight_per_prepaid_parcel", Undefined::ZeroDenominator),
    });
    inputs.push(Named::money("variable_per_order", terms.variable, currency));
    inputs.push(Named::money("marketing_per_order", terms.marketing, currency));
    inputs.push(match terms.fee {
        Some(fee) => Named::ratio("fee_rate", fee),
        None => Named::missing("fee_rate", Undefined::ZeroDenominator),
    });
    if let Some(door) = terms.door {
        inputs.push(Named::ratio("cod.delivery_rate", door.rate));
        inputs.push(Named::count("cod.resolved", door.resolved));
        inputs.push(Named::money("cod.cost_of_a_failure", door.loss.rounded()?, currency));
        inputs.push(Named::money("cod.charges_per_delivered", door.charges.rounded()?, currency));
        inputs.push(Named::money("marketing_per_parcel", door.marketing.rounded()?, currency));
    }
    Ok(inputs)
}

fn finding(advice: &PriceAdvice, currency: Currency) -> Finding {
    let money = |id, minor| Named::money(id, minor, currency);
    let mut numbers = vec![
        money("price", advice.offer.price),
        money("cost", advice.prepaid.costs.product),
        Named::ratio("margin_now", advice.margin_now),
        money("unit_contribution", advice.unit),
        money("target_price", advice.prepaid.target),
        money("suggested", advice.prepaid.suggested),
        money("floor", advice.prepaid.floor),
        Named::ratio("max_discount", advice.max_discount),
    ];
    numbers.push(match advice.volume_change {
        Some(change) => Named::ratio("breakeven_volume_change", change),
        None => Named::missing("breakeven_volume_change", Undefined::NoBreakEven),
    });
    if let Some(door) = &advice.door {
        numbers.push(money("cod_target_price", door.target));
        numbers.push(money("cod_suggested", door.suggested));
        numbers.push(money("cod_floor", door.floor));
    }
    match advice.regimes {
        Ok(Regimes { before, after, days, changed_on, elasticity }) => numbers.extend([
            Named::ratio("arc_elasticity", elasticity),
            money("price_before", before.0),
            Named::count("units_before", before.1),
            Named::count("units_after", after.1),
            Named::count("days_compared", days),
            Named::day("changed_on", changed_on),
        ]),
        Err(why) => numbers.push(Named::word("arc_elasticity_unidentified", why.code())),
    }
    Finding::about("price", &*advice.offer.title, numbers)
}
