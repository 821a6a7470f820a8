//! A day book with all that a question needs of it.
//!
//! What a computation asks for and is not there is noted ([`Gathered::wanted`]) and is undefined until it is given: whoever
//! computes brings it and computes again, until nothing is wanted. So a computation does not say beforehand what it will
//! need, and nothing that was not read is ever taken for zero.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use jiff::civil::Date;

use super::super::accounts::Accounts;
use super::super::breakdown::{Breakdown, Dimension, Part, date_key};
use super::super::cohorts::Cohorts;
use super::super::days::Days;
use super::super::evaluate::{Defined, Figures};
use super::super::health::Health;
use super::super::ledger::{Ledger, Totals};
use super::super::metric::Metric;
use super::super::part::Narrowing;
use super::super::sums::Sums;
use super::super::tally::{Baskets, Gateways, Lags, Open, Sales, Tallied, Tally};
use super::super::undefined::Undefined;
use super::book::Parts;
use super::pack::Damaged;
use super::pages::shelves;
use super::reading::{Behind, Beside, Reading};
use crate::Timestamp;
use crate::finance::facts::{FactSet, Product, Shop};

/// All days that pages can be of.
const ALL: Days = Days { first: Date::ZERO, last: Date::MAX };

/// What a computation asked for and was not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Want {
    /// The sums of parts over some days.
    Parts(Dimension, Days),
    /// The pages of a tally, of periods from the first to the last day.
    Tally(Tally, Days),
    /// The facts that are no sale.
    BesideSales,
}

/// A day book with all that a question needs of it.
pub struct Gathered {
    /// The book.
    pub reading: Reading,
    /// What is beside it.
    pub beside: Beside,
    /// Facts behind figures.
    pub behind: Vec<(Metric, Behind)>,
    parts: Vec<((Dimension, Days), Parts)>,
    beside_sales: Option<Ledger>,
    open: Option<Defined<Open>>,
    cohorts: Option<Cohorts>,
    sales: Option<Sales>,
    lags: Vec<(Days, Lags)>,
    baskets: Vec<(Days, Baskets)>,
    gateways: Vec<(Days, Gateways)>,
    wanted: Mutex<BTreeSet<Want>>,
}

impl Gathered {
    /// A book, before anything was asked of it.
    pub fn new(reading: Reading, beside: Beside) -> Self {
        Self {
            reading,
            beside,
            behind: Vec::new(),
            parts: Vec::new(),
            beside_sales: None,
            open: None,
            cohorts: None,
            sales: None,
            lags: Vec::new(),
            baskets: Vec::new(),
            gateways: Vec::new(),
            wanted: Mutex::default(),
        }
    }

    /// Whether it can say anything of a part, in parts of its own or not: of one part by day and month, of the whole by
    /// anything.
    pub fn answers(narrowing: &[Narrowing], by: Option<Dimension>) -> bool {
        match narrowing {
            [] => true,
            [Narrowing::Of(..)] => by.is_none_or(|by| shelves(by).is_none()),
            _ => false,
        }
    }

    /// What was asked for since the last call and was not there. While it is not empty, what was computed says nothing.
    pub fn wanted(&self) -> BTreeSet<Want> {
        std::mem::take(&mut *self.wanted.lock().unwrap_or_else(PoisonError::into_inner))
    }
    /// Gives the sums of parts over some days.
    pub fn give_parts(&mut self, by: Dimension, days: Days, parts: Parts) {
        self.parts.push(((by, days), parts));
    }
    /// Gives the pages of a tally, each with its period.
    ///
    /// # Errors
    /// When a page is damaged.
    pub fn give_tally<'a>(
        &mut self,
        tally: Tally,
        days: Days,
        pages: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<(), Damaged> {
        match tally {
            Tally::Open => self.open = Some(Ok(Open::of_pages(pages)?)),
            Tally::Cohorts => self.cohorts = Some(Cohorts::of_pages(pages)?),
            Tally::Sales => self.sales = Some(Sales::of_pages(pages)?),
            Tally::Lags => self.lags.push((days, Lags::of_pages(pages)?)),
            Tally::Baskets => self.baskets.push((days, Baskets::of_pages(pages)?)),
            Tally::Gateways => self.gateways.push((days, Gateways::of_pages(pages)?)),
            // No computation asks for it.
            Tally::Moved => {}
        }
        Ok(())
    }
    /// Says that more is open than is read: what needs it item by item is undefined.
    pub fn too_much_open(&mut self) {
        self.open = Some(Err(Undefined::TooMuchOpen));
    }
    /// Gives the facts that are no sale, as the cluster of the shop holds them.
    pub fn give_beside_sales(&mut self, facts: FactSet) {
        self.beside_sales = Some(Ledger::new(facts, self.reading.book.as_of()));
    }
    /// Some of the facts behind a figure.
    pub fn behind(&self, metric: Metric) -> Option<&Behind> {
        self.behind.iter().find(|(of, _)| *of == metric).map(|(_, behind)| behind)
    }

    fn want(&self, want: Want) -> Undefined {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).insert(want);
        Undefined::Impossible
    }
    fn parts_of(&self, by: Dimension, days: Days) -> Defined<&Parts> {
        let known = self.parts.iter().find(|(of, _)| *of == (by, days)).map(|(_, parts)| parts);
        known.ok_or_else(|| self.want(Want::Parts(by, days)))
    }
    fn totals_of(&self, by: Dimension, key: &str, days: Days) -> Totals {
        match self.parts_of(by, days) {
            Ok(parts) => parts.totals_of(key),
            Err(why) => Totals::unknown(why),
        }
    }
    /// A part by day or month: one reading for each of them.
    fn over_time(&self, by: Dimension, (of, key): (Dimension, &str), days: Days) -> Breakdown<'_, dyn Sums> {
        let mut pieces: BTreeMap<Option<String>, Days> = BTreeMap::new();
        for day in days.first.series(jiff::Span::new().days(1)).take_while(|day| *day <= days.last) {
            let piece = pieces.entry(date_key(by, day)).or_insert(Days::new(day, day));
            piece.last = day;
        }
        let book: &dyn Sums = &self.reading.book;
        let parts = pieces.into_iter().filter_map(|(name, piece)| {
            let posted = self.parts_of(of, piece).is_ok_and(|parts| parts.keys().any(|known| known == key));
            let figures = || Figures::of_part(book, days, self.totals_of(of, key, piece));
            posted.then(|| Part { key: name, figures: figures() })
        });
        Breakdown { by, parts: parts.collect() }
    }
}

impl Accounts for Gathered {
    fn sums(&self) -> &dyn Sums {
        &self.reading.book
    }
    fn shop(&self) -> &Shop {
        &self.reading.shop
    }
    fn products(&self) -> &BTreeMap<String, Product> {
        &self.beside.products
    }
    fn as_of(&self) -> Timestamp {
        self.reading.book.as_of()
    }
    fn synced_at(&self) -> Option<Timestamp> {
        self.reading.synced_at
    }
    fn last_balance(&self) -> Option<Timestamp> {
        self.beside.last_balance
    }
    fn health(&self) -> Defined<Health> {
        self.reading.book.health()
    }
    /// Of several parts at once nothing is known; it is never zero.
    fn part(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_, dyn Sums> {
        let book: &dyn Sums = &self.reading.book;
        match narrowing {
            [] => Figures::new(book, days),
            [Narrowing::Of(by, key)] => Figures::of_part(book, days, self.totals_of(*by, key, days)),
            _ => Figures::of_part(book, days, Totals::unknown(Undefined::Impossible)),
        }
    }
    /// Of the whole shop by anything, and of a part by day and month; whoever asks for more gets no parts.
    fn parts(&self, by: Dimension, narrowing: &[Narrowing], days: Days) -> Breakdown<'_, dyn Sums> {
        let none = Parts::default();
        match narrowing {
            [] => {
                let held = if shelves(by).is_some() { self.parts_of(by, days).unwrap_or(&none) } else { &none };
                let parts = self.reading.book.breakdown(by, days, held).parts.into_iter();
                let parts = parts.map(|part| Part { key: part.key, figures: part.figures.over_any() });
                Breakdown { by, parts: parts.collect() }
            }
            [Narrowing::Of(of, key)] if shelves(by).is_none() => self.over_time(by, (*of, key), days),
            _ => Breakdown { by, parts: Vec::new() },
        }
    }
    fn beside_sales(&self) -> Defined<&Ledger> {
        self.beside_sales.as_ref().ok_or_else(|| self.want(Want::BesideSales))
    }
    fn all_facts(&self) -> Option<&Ledger> {
        None
    }
    fn open(&self) -> Defined<&Open> {
        match &self.open {
            Some(open) => open.as_ref().map_err(|why| *why),
            None => Err(self.want(Want::Tally(Tally::Open, ALL))),
        }
    }
    fn cohort_sums(&self) -> Defined<&Cohorts> {
        self.cohorts.as_ref().ok_or_else(|| self.want(Want::Tally(Tally::Cohorts, ALL)))
    }
    fn sales(&self) -> Defined<&Sales> {
        self.sales.as_ref().ok_or_else(|| self.want(Want::Tally(Tally::Sales, ALL)))
    }
    fn lags(&self, days: Days) -> Defined<&Lags> {
        let known = self.lags.iter().find(|(of, _)| *of == days).map(|(_, lags)| lags);
        known.ok_or_else(|| self.want(Want::Tally(Tally::Lags, days)))
    }
    fn baskets(&self, days: Days) -> Defined<&Baskets> {
        let known = self.baskets.iter().find(|(of, _)| *of == days).map(|(_, baskets)| baskets);
        known.ok_or_else(|| self.want(Want::Tally(Tally::Baskets, days)))
    }
    fn gateways(&self, days: Days) -> Defined<&Gateways> {
        let known = self.gateways.iter().find(|(of, _)| *of == days).map(|(_, gateways)| gateways);
        known.ok_or_else(|| self.want(Want::Tally(Tally::Gateways, days)))
    }
}
