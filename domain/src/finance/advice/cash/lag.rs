//! How long carriers keep what they collected.

use std::collections::BTreeMap;

use crate::finance::facts::Outcome;
use crate::finance::figures::{Days, Ledger, Undefined};
use crate::finance::ratio::Ratio;

/// Days from delivery to remittance, by carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Who.
    pub carrier: String,
    /// Mean days, exact.
    pub days: Ratio,
    /// Parcels it is the mean of.
    pub parcels: i64,
    /// What was agreed; `None` = unknown.
    pub term: Option<i64>,
}

impl Lag {
    /// Whether it takes longer than agreed.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn is_late(&self) -> Result<bool, Undefined> {
        match self.term {
            Some(term) => Ok(self.days.minus(Ratio::whole(term))?.is_positive()),
            None => Ok(false),
        }
    }
}

/// Of parcels paid over on some days: how long each carrier kept the money.
pub fn remittance_lag(ledger: &Ledger, days: Days) -> Vec<Lag> {
    let facts = ledger.facts();
    let day = |at: crate::Timestamp| at.in_zone(&facts.shop.zone).date();
    let delivered: BTreeMap<&str, jiff::civil::Date> = facts
        .shipments
        .iter()
        .filter_map(|parcel| match parcel.outcome() {
            Outcome::Delivered(at) => Some((parcel.id.as_str(), day(at))),
            Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => None,
        })
        .collect();
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for remittance in &facts.remittances {
        let paid = day(remittance.remitted_at);
        for line in remittance.lines.iter().filter(|line| line.collected > 0 && days.holds(paid)) {
            let Some(arrived) = delivered.get(line.shipment_id.as_str()).filter(|arrived| **arrived <= paid) else {
                continue;
            };
            let (days, parcels) = sums.entry(&remittance.carrier).or_default();
            *days += Days::new(*arrived, paid).count() - 1;
            *parcels += 1;
        }
    }
    let lag = |(carrier, (days, parcels)): (&str, (i64, i64))| Lag {
        carrier: carrier.to_owned(),
        days: Ratio::new(days.into(), parcels.into()).unwrap_or(Ratio::ZERO),
        parcels,
        term: facts.shop.carriers.get(carrier).map(|terms| terms.term_days.into()),
    };
    sums.into_iter().map(lag).collect()
}
