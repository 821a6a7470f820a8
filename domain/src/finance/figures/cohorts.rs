//! Customers by the month of their first realised order (FINANCE §2.3).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::civil::Date;

use super::days::{Days, distance, month_after, shifted};
use super::ledger::Ledger;
use super::posting::{Posting, Sink};
use super::undefined::Undefined;
use crate::finance::ratio::Ratio;

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
}

/// The share of a month's customers who ordered again within some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepeatRate {
    /// The share.
    pub rate: Ratio,
    /// Whether every customer of the month has had those days.
    pub complete: bool,
}

impl Ledger {
    /// The cohorts, oldest first.
    pub fn cohorts(&self) -> Vec<Cohort> {
        let books = &self.books;
        let mut members: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
        let mut month_of: Vec<Option<Date>> = vec![None; books.customers.first.len()];
        for (customer, first) in books.customers.first.iter().enumerate() {
            if let Some((at, _)) = first {
                let month = books.day(*at).first_of_month();
                members.entry(month).or_default().push(customer);
                month_of[customer] = Some(month);
            }
        }
        // What each cohort contributed, month by month.
        let mut contributed: BTreeMap<(Date, Date), Result<i128, Undefined>> = BTreeMap::new();
        books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
            let sign = i128::from(posting.measure.contributes());
            let order = posting.source.order.filter(|_| sign != 0);
            if let Some(cohort) = order.and_then(|order| month_of[books.customers.of_order[order]]) {
                let sum = contributed.entry((cohort, posting.day.first_of_month())).or_insert(Ok(0));
                *sum = sum.and_then(|sum| posting.amount.map(|amount| sum + sign * i128::from(amount)));
            }
        }));
        let mut active: BTreeMap<(Date, Date), HashSet<usize>> = BTreeMap::new();
        for visit in &books.customers.visits {
            if let Some(cohort) = month_of[visit.customer] {
                active.entry((cohort, visit.day.first_of_month())).or_default().insert(visit.customer);
            }
        }
        let this_month = books.today.first_of_month();
        members
            .into_iter()
            .map(|(month, members)| {
                let size = members.len() as i64;
                let share = |count: usize| Ratio::new(count as i128, i128::from(size)).unwrap_or(Ratio::ZERO);
                let months = (0..).map(|k| month_after(month, k)).take_while(|later| *later <= this_month);
                let months: Vec<Date> = months.collect();
                let retention =
                    months.iter().map(|later| share(active.get(&(month, *later)).map_or(0, HashSet::len))).collect();
                let ltv_observed = months
                    .iter()
                    .map(|later| {
                        // A charge may precede the first realised order: from the beginning on.
                        let all = contributed.range((month, Date::MIN)..=(month, *later));
                        let sum =
                            all.map(|(_, sum)| *sum).try_fold(0, |sum, more| Ok::<i128, Undefined>(sum + more?))?;
                        Ratio::new(sum, i128::from(size)).ok_or(Undefined::ZeroDenominator)
                    })
                    .collect();
                Cohort { month, size, retention, ltv_observed }
            })
            .collect()
    }

    /// The share of the customers won in a month who ordered again within `days` days of their first order.
    ///
    /// # Errors
    /// When nobody was won in that month.
    pub fn repeat_rate(&self, month: Date, days: i64) -> Result<RepeatRate, Undefined> {
        let books = &self.books;
        let month = Days::month(month);
        let first_day = |customer: usize| books.customers.first[customer].map(|(at, _)| books.day(at));
        let won: BTreeSet<usize> = (0..books.customers.first.len())
            .filter(|customer| first_day(*customer).is_some_and(|day| month.holds(day)))
            .collect();
        let again: BTreeSet<usize> = books
            .customers
            .visits
            .iter()
            .filter(|visit| !visit.first && won.contains(&visit.customer))
            .filter(|visit| first_day(visit.customer).is_some_and(|day| distance(day, visit.day) <= days))
            .map(|visit| visit.customer)
            .collect();
        let rate = Ratio::new(again.len() as i128, won.len() as i128).ok_or(Undefined::ZeroDenominator)?;
        Ok(RepeatRate { rate, complete: shifted(month.last, days) < books.today })
    }
}
