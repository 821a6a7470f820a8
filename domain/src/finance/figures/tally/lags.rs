//! How long carriers kept what they collected.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Tallied, Tally};
use crate::finance::facts::Outcome;
use crate::finance::figures::Days;
use crate::finance::figures::books::Books;
use crate::finance::figures::day_book::{Amounts, Damaged};
use crate::finance::figures::days::distance;

/// Days that were waited, of all parcels together.
const WAITED: u32 = 0;
/// Parcels.
const PARCELS: u32 = 1;

/// How long a carrier kept what it collected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Days that were waited, of all parcels together.
    pub waited: i128,
    /// Parcels.
    pub parcels: i128,
    /// Days that were agreed; `None` = unknown.
    pub term: Option<i64>,
}

/// Of parcels paid over on each day, how long each carrier kept the money.
#[derive(Debug, Default)]
pub struct Lags(Vec<(Date, String, Kept)>);

impl Lags {
    /// Of parcels paid over on some days, by carrier.
    pub fn within(&self, days: Days) -> BTreeMap<&str, Kept> {
        let mut sums: BTreeMap<&str, Kept> = BTreeMap::new();
        for (_, carrier, kept) in self.0.iter().filter(|(day, ..)| days.holds(*day)) {
            let sum = sums.entry(carrier).or_default();
            sum.waited += kept.waited;
            sum.parcels += kept.parcels;
            sum.term = sum.term.or(kept.term);
        }
        sums
    }
}

impl Tallied for Lags {
    const OF: Tally = Tally::Lags;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        let (term, carrier) = key.split_once('|').ok_or(Damaged)?;
        let term = if term.is_empty() { None } else { Some(term.parse().map_err(|_| Damaged)?) };
        let kept = Kept { waited: amounts.get(WAITED), parcels: amounts.get(PARCELS), term };
        self.0.push((day, carrier.to_owned(), kept));
        Ok(())
    }
}

pub(super) fn post(books: &Books, add: &mut dyn FnMut(Date, String, u32, i128)) {
    for remittance in &books.facts.remittances {
        let paid = books.day(remittance.remitted_at);
        let terms = books.facts.shop.carriers.get(&remittance.carrier);
        let key =
            format!("{}|{}", terms.map_or_else(String::new, |terms| terms.term_days.to_string()), remittance.carrier);
        for line in remittance.lines.iter().filter(|line| line.collected > 0) {
            let Some(place) = books.parcel_places.get(&line.shipment_id) else { continue };
            let Outcome::Delivered(at) = books.facts.shipments[*place].outcome() else { continue };
            let arrived = books.day(at);
            if arrived <= paid {
                add(paid, key.clone(), WAITED, distance(arrived, paid).into());
                add(paid, key.clone(), PARCELS, 1);
            }
        }
    }
}
