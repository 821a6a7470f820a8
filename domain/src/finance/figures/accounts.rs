//! What advisors, pictures, reports and summaries ask of a shop. [`Ledger`] answers from all facts in memory,
//! [`Gathered`](super::day_book::Gathered) from a day book; both give the same, since each formula is written once, over this.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::breakdown::{Breakdown, Dimension, Part};
use super::cohorts::{Cohort, Cohorts};
use super::days::Days;
use super::evaluate::{Defined, Figures};
use super::forecast::{self, CashOn, Forecast, PlannedExpense, Scenario};
use super::health::Health;
use super::ledger::Ledger;
use super::open_items::{self, OpenItem};
use super::part::{Debtor, Narrowing};
use super::reconciliation::{self, Finding};
use super::sums::Sums;
use super::tally::{Baskets, Gateways, Lags, Open, Sales, Tallied};
use crate::finance::facts::{Product, Shop};
use crate::{Currency, Timestamp};

/// A shop as it stands at an instant.
pub trait Accounts: Send + Sync {
    /// Its sums by day, and its balances.
    fn sums(&self) -> &dyn Sums;
    /// Whose accounts they are.
    fn shop(&self) -> &Shop;
    /// Variants by id.
    fn products(&self) -> &BTreeMap<String, Product>;
    /// The instant at which they stand.
    fn as_of(&self) -> Timestamp;
    /// When the sources were last read.
    fn synced_at(&self) -> Option<Timestamp>;
    /// When an account was last looked at.
    fn last_balance(&self) -> Option<Timestamp>;
    /// The health score.
    ///
    /// # Errors
    /// When a number does not fit.
    fn health(&self) -> Defined<Health>;
    /// The figures of some days, of a part of the shop or, without narrowing, of all of it.
    fn part(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_, dyn Sums>;
    /// The same in parts.
    fn parts(&self, by: Dimension, narrowing: &[Narrowing], days: Days) -> Breakdown<'_, dyn Sums>;
    /// The facts that are no sale: spending, stock, invoices, accounts.
    ///
    /// # Errors
    /// When they are not at hand.
    fn beside_sales(&self) -> Defined<&Ledger>;
    /// All facts, where they are at hand.
    fn all_facts(&self) -> Option<&Ledger>;
    /// What is still open of what was sold.
    ///
    /// # Errors
    /// When it is not at hand.
    fn open(&self) -> Defined<&Open>;
    /// What cohorts are computed from.
    ///
    /// # Errors
    /// When it is not at hand.
    fn cohort_sums(&self) -> Defined<&Cohorts>;
    /// What was sold at which price.
    ///
    /// # Errors
    /// When it is not at hand.
    fn sales(&self) -> Defined<&Sales>;
    /// How long carriers kept what they paid over on some days.
    ///
    /// # Errors
    /// When it is not at hand.
    fn lags(&self, days: Days) -> Defined<&Lags>;
    /// The orders of some days that were sent for free.
    ///
    /// # Errors
    /// When it is not at hand.
    fn baskets(&self, days: Days) -> Defined<&Baskets>;
    /// The gateways with payments on some days whose terms nobody told.
    ///
    /// # Errors
    /// When it is not at hand.
    fn gateways(&self, days: Days) -> Defined<&Gateways>;

    /// The day of the instant at which they stand.
    fn today(&self) -> Date {
        self.sums().today()
    }
    /// The currency of the books.
    fn currency(&self) -> Currency {
        self.shop().currency
    }
    /// The figures of some days, of the whole shop.
    fn figures(&self, days: Days) -> Figures<'_, dyn Sums> {
        self.part(&[], days)
    }
    /// The same in parts.
    fn breakdown(&self, by: Dimension, days: Days) -> Breakdown<'_, dyn Sums> {
        self.parts(by, &[], days)
    }
    /// Cash of the next thirteen weeks.
    ///
    /// # Errors
    /// When cash, a rate of exchange or a carrier's terms are unknown.
    fn forecast(&self, scenario: Scenario) -> Defined<Forecast> {
        forecast::forecast(self.open()?, self.beside_sales()?, self.sums(), scenario)
    }
    /// Cash at the end of a day to come, from what is committed; `None` when the day has gone or lies beyond the thirteen
    /// weeks.
    ///
    /// # Errors
    /// As [`Accounts::forecast`].
    fn cash_on(&self, day: Date) -> Defined<Option<CashOn>> {
        forecast::cash_on(self.open()?, self.beside_sales()?, self.sums(), day)
    }
    /// Expenses that are noted and not paid yet, the earliest first: the forecast holds them.
    ///
    /// # Errors
    /// When a rate of exchange is missing, or an amount does not fit.
    fn planned_expenses(&self) -> Defined<Vec<PlannedExpense>> {
        self.beside_sales()?.planned_expenses()
    }
    /// Everything that is open at `as_of`: invoices, then delivered parcels by the instant they left.
    ///
    /// # Errors
    /// When an invoice in another currency has no rate, or an amount does not fit.
    fn open_items(&self) -> Defined<Vec<OpenItem>> {
        open_items::of(self.open()?, self.beside_sales()?)
    }
    /// Everything of carriers that does not add up at `as_of`: parcels by the instant they left, then remittances.
    ///
    /// # Errors
    /// When it is not at hand.
    fn reconciliation(&self) -> Defined<Vec<Finding>> {
        Ok(reconciliation::findings(self.open()?, self.shop(), self.today()))
    }
    /// The customers won in each month, oldest first.
    ///
    /// # Errors
    /// When they are not at hand.
    fn cohorts(&self) -> Defined<Vec<Cohort>> {
        Ok(self.cohort_sums()?.on(self.today()))
    }
    /// Advertising of some days by platform, in minor units.
    ///
    /// # Errors
    /// When a rate of exchange is missing, or a sum does not fit.
    fn ad_spend_by_platform(&self, days: Days) -> Defined<BTreeMap<String, i64>> {
        self.beside_sales()?.spent_by_platform(days)
    }
    /// Fixed expenses that fall on some days, by category, in minor units.
    ///
    /// # Errors
    /// When a rate of exchange is missing, or a sum does not fit.
    fn fixed_by_category(&self, days: Days) -> Defined<BTreeMap<String, i64>> {
        self.beside_sales()?.fixed_expenses(days)
    }
    /// Expenses that fall on some days by category, of every kind that counts in the results, in minor units.
    ///
    /// # Errors
    /// When a rate of exchange is missing, or a sum does not fit.
    fn expenses_by_category(&self, days: Days) -> Defined<BTreeMap<String, i64>> {
        self.beside_sales()?.all_expenses(days)
    }
    /// Who owes on invoices, the largest first.
    ///
    /// # Errors
    /// When an amount has no rate or does not fit.
    fn debtors(&self) -> Defined<Vec<Debtor>> {
        self.beside_sales()?.owing()
    }
}

impl Accounts for Ledger {
    fn sums(&self) -> &dyn Sums {
        self
    }
    fn shop(&self) -> &Shop {
        &self.books.facts.shop
    }
    fn products(&self) -> &BTreeMap<String, Product> {
        &self.books.facts.products
    }
    fn as_of(&self) -> Timestamp {
        self.books.facts.as_of
    }
    fn synced_at(&self) -> Option<Timestamp> {
        self.books.facts.synced_at
    }
    fn last_balance(&self) -> Option<Timestamp> {
        self.books.facts.cash.iter().map(|balance| balance.at).max()
    }
    fn health(&self) -> Defined<Health> {
        Self::health(self)
    }
    fn part(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_, dyn Sums> {
        if narrowing.is_empty() { self.figures(days).over_any() } else { Self::part(self, narrowing, days).over_any() }
    }
    fn parts(&self, by: Dimension, narrowing: &[Narrowing], days: Days) -> Breakdown<'_, dyn Sums> {
        let parts = self.breakdown_of(by, narrowing, days).parts.into_iter();
        Breakdown { by, parts: parts.map(|part| Part { key: part.key, figures: part.figures.over_any() }).collect() }
    }
    fn beside_sales(&self) -> Defined<&Self> {
        Ok(self)
    }
    fn all_facts(&self) -> Option<&Self> {
        Some(self)
    }
    fn open(&self) -> Defined<&Open> {
        Ok(self.tallies.open.get_or_init(|| Open::of_books(&self.books)))
    }
    fn cohort_sums(&self) -> Defined<&Cohorts> {
        Ok(self.tallies.cohorts.get_or_init(|| Cohorts::of_books(&self.books)))
    }
    fn sales(&self) -> Defined<&Sales> {
        Ok(self.tallies.sales.get_or_init(|| Sales::of_books(&self.books)))
    }
    fn lags(&self, _: Days) -> Defined<&Lags> {
        Ok(self.tallies.lags.get_or_init(|| Lags::of_books(&self.books)))
    }
    fn baskets(&self, _: Days) -> Defined<&Baskets> {
        Ok(self.tallies.baskets.get_or_init(|| Baskets::of_books(&self.books)))
    }
    fn gateways(&self, _: Days) -> Defined<&Gateways> {
        Ok(self.tallies.gateways.get_or_init(|| Gateways::of_books(&self.books)))
    }
}
