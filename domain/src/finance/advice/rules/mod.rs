//! The rules of FINANCE §3.2. Each looks at a [`Case`] and says what to do, or that there is nothing to do. A rule whose
//! trigger cannot be computed does not speak; an effect whose inputs are not there is omitted.

mod ads;
mod cash;
mod costs;
mod customers;
mod delivery;
mod owed;
mod prices;
mod products;
mod returns;
mod shipping;
mod stock;

use super::case::Case;
use super::ranking::ranked;
use super::recommendation::{Code, Recommendation};
use crate::finance::figures::Undefined;

/// What a rule says; an undefined figure among its triggers is silence.
type Said = Result<Option<Recommendation>, Undefined>;
type Rule = fn(&Case<'_>) -> Said;

const RULES: [(Code, Rule); 16] = [
    (Code::CollectCod, owed::collect_cod),
    (Code::CollectInvoices, owed::collect_invoices),
    (Code::CashFreeze, cash::cash_freeze),
    (Code::StopBleeding, products::stop_bleeding),
    (Code::AdsCut, ads::ads_cut),
    (Code::AdsGrow, ads::ads_grow),
    (Code::DeliveryUp, delivery::delivery_up),
    (Code::PriceUp, prices::price_up),
    (Code::DiscountCap, prices::discount_cap),
    (Code::ReturnsFix, returns::returns_fix),
    (Code::FreightGap, shipping::freight_gap),
    (Code::FixedTrim, costs::fixed_trim),
    (Code::StockFree, stock::stock_free),
    (Code::TaxJar, cash::tax_jar),
    (Code::WinBack, customers::win_back),
    (Code::CostsMissing, costs::costs_missing),
];

/// Everything that the rules say of a shop, the first thing to do first.
///
/// # Errors
/// When a number does not fit.
pub(super) fn all(case: &Case<'_>) -> Result<Vec<Recommendation>, Undefined> {
    let mut said = Vec::new();
    for (_, rule) in RULES {
        match rule(case) {
            Ok(more) => said.extend(more),
            Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
            // A trigger that is undefined is silence.
            Err(_) => {}
        }
    }
    Ok(ranked(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_recommendation_has_its_rule() {
        assert_eq!(RULES.map(|(code, _)| code).as_slice(), Code::ALL);
    }
}
