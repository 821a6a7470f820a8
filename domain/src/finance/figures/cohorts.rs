//! Customers by the month of their first realised order (FINANCE §2.3).

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::books::Books;
use super::day_book::{Amounts, Damaged};
use super::days::{distance, month_after, shifted};
use super::posting::Posting;
use super::tally::{Tallied, Tally};
use super::undefined::Undefined;
use crate::Timestamp;
use crate::finance::ratio::Ratio;

/// Days in which a customer may order again to count as one who did (FINANCE §2.3).
pub const REPEAT_DAYS: i64 = 60;

/// Customers of the month.
const MEMBERS: u32 = 0;
/// Of them those who ordered again within [`REPEAT_DAYS`].
const AGAIN: u32 = 1;
/// Customers who ordered in a month.
const ACTIVE: u32 = 2;
/// What their orders contributed in a month.
const CONTRIBUTED: u32 = 3;
/// Reasons why that is not known, one code each.
const GAPS: u32 = 4;

/// The customers won in a month.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort {
    /// The first day of the month.
    pub month: Date,
    /// How many customers.
    pub size: i64,
    /// Share that ordered in month +k, from k = 0 to the month of `as_of`.
    pub retention: Vec<Ratio>,
    /// What all their orders contributed up to the end of month +k ÷ size, in minor units, exact.
    pub ltv_observed: Vec<Result<Ratio, Undefined>>,
    /// Who ordered again within [`REPEAT_DAYS`] days of their first order.
    pub repeat: RepeatRate,
}

/// The share of a month's customers who ordered again within some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatRate {
    /// The share.
    pub rate: Ratio,
    /// Whether every customer of the month has had those days.
    pub complete: bool,
}

/// What cohorts are computed from: numbers by the month in which customers were won and the month in which they ordered.
#[derive(Debug, Default)]
pub struct Cohorts(BTreeMap<Date, BTreeMap<Date, Amounts>>);

impl Cohorts {
    /// The cohorts as they stand on a day, oldest first.
    pub(super) fn on(&self, today: Date) -> Vec<Cohort> {
        let this_month = today.first_of_month();
        let won = self.0.iter().filter_map(|(month, sums)| {
            let members = sums.get(month)?.get(MEMBERS);
            let size = i64::try_from(members).ok().filter(|size| *size > 0)?;
            let share = |count: i128| Ratio::new(count, members).unwrap_or(Ratio::ZERO);
            let months = (0..).map(|k| month_after(*month, k)).take_while(|later| *later <= this_month);
            let months: Vec<Date> = months.collect();
            let active = |later: &Date| sums.get(later).map_or(0, |amounts| amounts.get(ACTIVE));
            let worth = |later: &Date| {
                // A charge may precede the first realised order: from the beginning on.
                let mut sum = 0;
                let mut gap = None;
                for (code, amount) in sums.range(..=*later).flat_map(|(_, amounts)| amounts.iter()) {
                    match code {
                        CONTRIBUTED => sum += amount,
                        GAPS.. => gap = gap.max(Undefined::ALL.get((code - GAPS) as usize).copied()),
                        _ => {}
                    }
                }
                gap.map_or_else(|| Ratio::new(sum, members).ok_or(Undefined::ZeroDenominator), Err)
            };
            Some(Cohort {
                month: *month,
                size,
                retention: months.iter().map(|later| share(active(later))).collect(),
                ltv_observed: months.iter().map(worth).collect(),
                repeat: RepeatRate {
                    rate: share(sums.get(month)?.get(AGAIN)),
                    complete: shifted(month.last_of_month(), REPEAT_DAYS) < today,
                },
            })
        });
        won.collect()
    }
}

impl Tallied for Cohorts {
    const OF: Tally = Tally::Cohorts;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        let month = key.parse().map_err(|_| Damaged)?;
        self.0.entry(day).or_default().insert(month, amounts.clone());
        Ok(())
    }
}

/// Customers under the month in which they were won, by the month in which they ordered, as postings pass by.
pub(super) struct Winning<'b> {
    books: &'b Books,
    /// The month in which each customer was won.
    month_of: Vec<Option<Date>>,
    contributed: BTreeMap<(Date, Date), Amounts>,
}

impl<'b> Winning<'b> {
    pub(super) fn new(books: &'b Books) -> Self {
        let month = |first: &Option<(Timestamp, usize)>| first.map(|(at, _)| books.day(at).first_of_month());
        Self { month_of: books.customers.first.iter().map(month).collect(), contributed: BTreeMap::new(), books }
    }
    /// Takes what an order contributes.
    pub(super) fn take(&mut self, posting: &Posting<'_>) {
        let sign = i128::from(posting.measure.contributes());
        let order = posting.source.order.filter(|_| sign != 0);
        if let Some(cohort) = order.and_then(|order| self.month_of[self.books.customers.of_order[order]]) {
            let sums = self.contributed.entry((cohort, posting.day.first_of_month())).or_default();
            match posting.amount {
                Ok(amount) => sums.add(CONTRIBUTED, sign * i128::from(amount)),
                Err(why) => sums.add(GAPS + why as u32, 1),
            }
        }
    }
    /// Posts it all.
    pub(super) fn post(self, add: &mut dyn FnMut(Date, String, u32, i128)) {
        for month in self.month_of.iter().flatten() {
            add(*month, month.to_string(), MEMBERS, 1);
        }
        for ((cohort, month), sums) in &self.contributed {
            sums.iter().for_each(|(code, amount)| add(*cohort, month.to_string(), code, amount));
        }
        let customers = &self.books.customers;
        let mut active: BTreeSet<(usize, Date)> = BTreeSet::new();
        let mut again: BTreeSet<usize> = BTreeSet::new();
        for visit in &customers.visits {
            let first = customers.first[visit.customer].map(|(at, _)| self.books.day(at));
            let Some((cohort, first)) = self.month_of[visit.customer].zip(first) else { continue };
            let month = visit.day.first_of_month();
            if active.insert((visit.customer, month)) {
                add(cohort, month.to_string(), ACTIVE, 1);
            }
            if !visit.first && distance(first, visit.day) <= REPEAT_DAYS && again.insert(visit.customer) {
                add(cohort, cohort.to_string(), AGAIN, 1);
            }
        }
    }
}
