//! The gateways of which something is missing: what they take, or when they pay out.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Tallied, Tally};
use crate::finance::facts::Payout;
use crate::finance::figures::Days;
use crate::finance::figures::books::Books;
use crate::finance::figures::day_book::{Amounts, Damaged};

/// Payments of whose fee nobody told.
const FEES: u32 = 0;
/// Payments of whose payout nobody told.
const PAYOUTS: u32 = 1;

/// Payments whose terms nobody told, by gateway as the payments call it.
#[derive(Debug, Default)]
pub struct Gateways(Vec<(Date, String, Amounts)>);

impl Gateways {
    /// Those that took something on some days of which nobody told how much.
    pub fn without_fees(&self, days: Days) -> BTreeSet<&str> {
        self.with(FEES, days)
    }
    /// Those with payments of some days of which nobody told when they are paid out.
    pub fn without_payouts(&self, days: Days) -> BTreeSet<&str> {
        self.with(PAYOUTS, days)
    }

    fn with(&self, code: u32, days: Days) -> BTreeSet<&str> {
        let some = self.0.iter().filter(|(day, _, amounts)| days.holds(*day) && amounts.get(code) != 0);
        some.map(|(_, gateway, _)| gateway.as_str()).collect()
    }
}

impl Tallied for Gateways {
    const OF: Tally = Tally::Gateways;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        self.0.push((day, key.to_owned(), amounts.clone()));
        Ok(())
    }
}

pub(super) fn post(books: &Books, add: &mut dyn FnMut(Date, String, u32, i128)) {
    for payment in &books.facts.payments {
        let day = books.day(payment.processed_at);
        if payment.fee.is_none() {
            add(day, payment.gateway.clone(), FEES, 1);
        }
        if payment.pays_out() && payment.payout == Payout::Untold {
            add(day, payment.gateway.clone(), PAYOUTS, 1);
        }
    }
}
