//! Who came, in a form from which the distinct customers of any days are counted.
//!
//! A customer who came on some days came there for the first time once. So the customers of days a..b are the visits of
//! those days less those whose customer had come before within them: the visits of a day are kept by how many days
//! before the same customer had come last, and those with a gap that stays within a..b are left out.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::books::Books;
use super::super::customers::Visit;
use super::super::days::{Days, distance};
use super::amounts::Amounts;
use super::pack::{Damaged, Unpacker};

/// Orders booked, realised or not.
const BOOKED: u32 = 0;
/// Realised orders.
const VISITS: u32 = 1;
/// Of them the first of a customer.
const FIRST: u32 = 2;
/// Later ones by days since the one before; two codes for each gap: the second order of a customer, and any after it.
const GAPS: u32 = 3;

/// What came on each day.
pub(super) fn of(books: &Books) -> BTreeMap<Date, Amounts> {
    let mut days: BTreeMap<Date, Amounts> = BTreeMap::new();
    for order in &books.facts.orders {
        days.entry(books.day(order.processed_at)).or_default().add(BOOKED, 1);
    }
    let mut of_customer: BTreeMap<usize, Vec<&Visit>> = BTreeMap::new();
    for visit in &books.customers.visits {
        of_customer.entry(visit.customer).or_default().push(visit);
    }
    for visits in of_customer.values_mut() {
        // The first order comes first on its day; the days of the others are all that counts.
        visits.sort_by_key(|visit| (visit.day, !visit.first));
        for (place, visit) in visits.iter().enumerate() {
            let day = days.entry(visit.day).or_default();
            day.add(VISITS, 1);
            match place.checked_sub(1) {
                None => day.add(FIRST, 1),
                Some(before) => {
                    let gap = u32::try_from(distance(visits[before].day, visit.day)).unwrap_or(u32::MAX / 4);
                    day.add(GAPS + 2 * gap + u32::from(place > 1), 1);
                }
            }
        }
    }
    days
}

/// The visits of a shop, as they are read: in the bytes of their pages, since they are many numbers and most figures need
/// none of them.
#[derive(Default)]
pub(super) struct Visits(BTreeMap<Date, Box<[u8]>>);

impl Visits {
    /// Adds a day, after looking at all of it: it is read again without a doubt.
    pub(super) fn add(&mut self, day: Date, page: &[u8]) -> Result<(), Damaged> {
        scan(page, |_, _| {})?;
        self.0.insert(day, page.into());
        Ok(())
    }
    /// The first day on which an order was booked.
    pub(super) fn first_booked(&self) -> Option<Date> {
        let is_booked = |page: &[u8]| {
            let mut booked = 0;
            let _ = scan(page, |code, count| booked += if code == BOOKED { count } else { 0 });
            booked > 0
        };
        self.0.iter().find(|(_, page)| is_booked(page)).map(|(day, _)| *day)
    }
    /// How many customers came on some days; or came with an order that was not their first.
    pub(super) fn customers(&self, days: Days, returning: bool) -> i128 {
        let days = Days::new(days.first, days.last);
        let mut customers = 0;
        for (date, page) in self.0.range(days.first..=days.last) {
            let since = distance(days.first, *date);
            // It was looked at when it was added.
            let _ = scan(page, |code, count| {
                customers += match code {
                    VISITS => count,
                    FIRST if returning => -count,
                    // The second order of a customer has no returning one before it.
                    GAPS..
                        if i64::from((code - GAPS) / 2) <= since && !(returning && (code - GAPS).is_multiple_of(2)) =>
                    {
                        -count
                    }
                    _ => 0,
                };
            });
        }
        customers
    }
}

fn scan(page: &[u8], take: impl FnMut(u32, i128)) -> Result<(), Damaged> {
    let mut read = Unpacker::new(page);
    match read.text()? {
        None => read.each_amount(take),
        Some(_) => Err(Damaged),
    }
}
