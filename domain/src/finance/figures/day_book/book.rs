//! The book as it is read.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::super::breakdown::{Breakdown, Dimension, Part, date_key, each_day};
use super::super::days::{Days, distance};
use super::super::evaluate::Figures;
use super::super::health::{Health, Known};
use super::super::ledger::{Accrual, Totals};
use super::super::measure::Measure;
use super::super::sums::Sums;
use super::super::undefined::Undefined;
use super::amounts::Amounts;
use super::fold::Fold;
use super::pack::{Damaged, Unpacker};
use super::visits::Visits;
use crate::finance::facts::Shop;
use crate::{Currency, Timestamp};

/// The sums of a shop by day, without its facts. It gives the same figures as a [`super::super::Ledger`] of the same facts.
pub struct DayBook {
    currency: Currency,
    is_vat_registered: bool,
    today: Date,
    as_of: Timestamp,
    synced_at: Option<Timestamp>,
    days: BTreeMap<Date, Amounts>,
    visits: Visits,
    /// Apart, as it is large and books are handed on.
    held: Box<Totals>,
    accruals: Vec<Accrual>,
    stock: BTreeMap<Date, i64>,
}

/// The sums of parts over some days, as they are gathered from pages.
#[derive(Debug, Default)]
pub struct Parts {
    /// What belongs to none.
    none: Amounts,
    some: HashMap<String, Amounts>,
}

impl Parts {
    /// Adds a page.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn add(&mut self, page: &[u8]) -> Result<(), Damaged> {
        let mut read = Unpacker::new(page);
        while !read.is_done() {
            match read.text()? {
                None => read.amounts_onto(&mut self.none)?,
                Some(key) => match self.some.get_mut(key) {
                    Some(sums) => read.amounts_onto(sums)?,
                    None => {
                        self.some.insert(key.to_owned(), read.amounts()?);
                    }
                },
            }
        }
        Ok(())
    }
    fn posted(&self) -> impl Iterator<Item = (Option<&str>, &Amounts)> {
        let some = self.some.iter().map(|(key, amounts)| (Some(key.as_str()), amounts));
        some.chain([(None, &self.none)]).filter(|(_, amounts)| amounts.is_posted())
    }
    /// The keys of parts to which anything was posted.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.posted().filter_map(|(key, _)| key)
    }
    /// The sums of one part.
    pub(super) fn totals_of(&self, key: &str) -> Totals {
        let mut totals = Totals::new();
        if let Some(amounts) = self.some.get(key) {
            amounts.total(&mut totals, |_| true);
        }
        totals
    }
}

/// The one part of a page of the whole.
fn whole(page: &[u8]) -> Result<Amounts, Damaged> {
    let mut read = Unpacker::new(page);
    match read.text()? {
        None => read.amounts(),
        Some(_) => Err(Damaged),
    }
}

/// What belongs to customers and not to facts; it is in no part.
const fn is_of_customers(measure: Measure) -> bool {
    matches!(measure, Measure::NewCustomers | Measure::FirstContribution | Measure::CustomerContribution)
}

impl DayBook {
    /// An empty book of a shop, at an instant.
    pub fn new(shop: &Shop, as_of: Timestamp, synced_at: Option<Timestamp>) -> Self {
        Self {
            currency: shop.currency,
            is_vat_registered: shop.vat_registered,
            today: as_of.in_zone(&shop.zone).date(),
            as_of,
            synced_at: synced_at.filter(|at| *at <= as_of),
            days: BTreeMap::new(),
            visits: Visits::default(),
            held: Box::new(Totals::new()),
            accruals: Vec::new(),
            stock: BTreeMap::new(),
        }
    }
    /// The sums of a day.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn add_day(&mut self, period: &str, page: &[u8]) -> Result<(), Damaged> {
        let day = period.parse().map_err(|_| Damaged)?;
        self.days.insert(day, whole(page)?);
        Ok(())
    }
    /// The visits of a day.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn add_visits(&mut self, period: &str, page: &[u8]) -> Result<(), Damaged> {
        let day = period.parse().map_err(|_| Damaged)?;
        self.visits.add(day, page)
    }
    /// What is held and owed.
    ///
    /// # Errors
    /// When the page is damaged.
    pub fn add_held(&mut self, page: &[u8]) -> Result<(), Damaged> {
        whole(page)?.total(&mut self.held, |_| true);
        Ok(())
    }
    /// What accrues, and the counts of stock: the fold of the shop.
    pub fn add_shop(&mut self, fold: Fold) {
        self.accruals.extend(fold.accruals);
        self.stock.extend(fold.stock);
    }

    /// The figures of some days.
    pub fn figures(&self, days: Days) -> Figures<'_, Self> {
        Figures::new(self, days)
    }
    /// The currency of its books.
    pub fn currency(&self) -> Currency {
        self.currency
    }
    /// At which instant it stands.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }
    /// The day of that instant.
    pub fn today(&self) -> Date {
        self.today
    }
    /// The health score.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn health(&self) -> Result<Health, Undefined> {
        let first_order = self.visits.first_booked();
        Health::of(self, &Known { first_order, as_of: self.as_of, synced_at: self.synced_at })
    }

    /// The figures of some days, in parts. Days and months need no pages: they are in the book.
    pub fn breakdown(&self, by: Dimension, days: Days, parts: &Parts) -> Breakdown<'_, Self> {
        let mut totals: BTreeMap<Option<String>, Totals> = BTreeMap::new();
        for (key, amounts) in parts.posted() {
            amounts.total(totals.entry(key.map(str::to_owned)).or_insert_with(Totals::new), |_| true);
        }
        let mut accrue = |key: Option<String>, within: Days| {
            for accrual in &self.accruals {
                if let Some(amount) = accrual.some_within(within) {
                    totals.entry(key.clone()).or_insert_with(Totals::new).add(accrual.measure, amount);
                }
            }
        };
        match by {
            Dimension::Day | Dimension::Month => {
                let ends = Accrual::ends(self.accruals.iter());
                let ends = ends.filter(|ends| ends.first <= days.last && days.first <= ends.last);
                for day in
                    ends.into_iter().flat_map(|ends| each_day(ends.first.max(days.first), ends.last.min(days.last)))
                {
                    accrue(date_key(by, day.first), day);
                }
                let posted = self.days.range(days.first..=days.last.max(days.first));
                for (day, amounts) in posted.filter(|(day, amounts)| days.holds(**day) && amounts.is_posted()) {
                    let totals = totals.entry(date_key(by, *day)).or_insert_with(Totals::new);
                    amounts.total(totals, |measure| !is_of_customers(measure));
                }
            }
            _ => accrue(None, days),
        }
        let parts = totals
            .into_iter()
            .map(|(key, totals)| Part { key, figures: Figures::of_part(self, days, totals) })
            .collect();
        Breakdown { by, parts }
    }

    /// Days between the first and the last on which anything was posted.
    pub fn span(&self) -> i64 {
        let ends = self.days.keys().next().zip(self.days.keys().next_back());
        ends.map_or(0, |(first, last)| distance(*first, *last) + 1)
    }
}

impl Sums for DayBook {
    fn totals(&self, days: Days) -> Totals {
        let days = Days::new(days.first, days.last);
        let mut totals = Totals::new();
        for (_, day) in self.days.range(days.first..=days.last) {
            day.total(&mut totals, |_| true);
        }
        for accrual in &self.accruals {
            if let Some(amount) = accrual.some_within(days) {
                totals.add(accrual.measure, amount);
            }
        }
        totals
    }
    fn balances(&self) -> &Totals {
        &self.held
    }
    fn today(&self) -> Date {
        self.today
    }
    fn is_vat_registered(&self) -> bool {
        self.is_vat_registered
    }
    fn customers(&self, days: Days, returning: bool) -> i128 {
        self.visits.customers(days, returning)
    }
    fn stock_on(&self, day: Date) -> Option<i64> {
        self.stock.range(..=day).next_back().map(|(_, value)| *value)
    }
}
