//! When time alone changes what is known.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::super::days::shifted;
use crate::Timestamp;
use crate::finance::facts::FactSet;

/// The first instant after `as_of` at which something dated later is reached: a scheduled payout, a due date, the end of
/// a carrier's term. Until then the same facts give the same sums.
pub(super) fn next(facts: &FactSet, as_of: Timestamp) -> Option<Timestamp> {
    let zone = &facts.shop.zone;
    let mut wake = Wake { as_of, zone, next: None };
    wake.ats([facts.synced_at]);
    for order in &facts.orders {
        wake.ats([Some(order.processed_at), order.confirmed_at, order.paid_at, order.cancelled_at]);
        wake.ats(order.lines.iter().map(|line| line.added_at));
        wake.ats(order.refunds.iter().map(|refund| Some(refund.processed_at)));
    }
    for parcel in &facts.shipments {
        wake.ats([Some(parcel.shipped_at), parcel.delivered_at, parcel.returned_at, parcel.lost_at]);
        if let (Some(at), Some(terms)) = (parcel.delivered_at, facts.shop.carriers.get(&parcel.carrier)) {
            // Overdue from the day after the term.
            wake.day(shifted(at.in_zone(zone).date(), i64::from(terms.term_days) + 1));
        }
    }
    for charge in &facts.charges {
        wake.ats([Some(charge.occurred_at)]);
        wake.days([charge.paid_on]);
    }
    for payment in &facts.payments {
        wake.ats([Some(payment.processed_at), payment.payout_at()]);
    }
    wake.ats(facts.remittances.iter().map(|remittance| Some(remittance.remitted_at)));
    wake.ats(facts.cash.iter().map(|balance| Some(balance.at)));
    wake.next
}

/// The start of the day after that of an instant.
pub(super) fn tomorrow(as_of: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    start_of(shifted(as_of.in_zone(zone).date(), 1), zone)
}

fn start_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = day.to_zoned(zone.clone()).and_then(|midnight| midnight.start_of_day()).ok()?;
    Some(Timestamp::from_micros(midnight.timestamp().as_microsecond()))
}

struct Wake<'a> {
    as_of: Timestamp,
    zone: &'a TimeZone,
    next: Option<Timestamp>,
}

impl Wake<'_> {
    fn ats(&mut self, ats: impl IntoIterator<Item = Option<Timestamp>>) {
        let later = ats.into_iter().flatten().filter(|at| *at > self.as_of);
        self.next = self.next.into_iter().chain(later).min();
    }
    fn day(&mut self, day: Date) {
        // Most days lie behind, and need no midnight.
        if day > self.as_of.in_zone(self.zone).date() {
            self.ats([start_of(day, self.zone)]);
        }
    }
    fn days(&mut self, days: impl IntoIterator<Item = Option<Date>>) {
        days.into_iter().flatten().for_each(|day| self.day(day));
    }
}
