//! Postings folded into totals per day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jiff::civil::Date;

use super::books::Books;
use super::cohorts::Cohorts;
use super::days::{Days, distance};
use super::evaluate::Figures;
use super::measure::Measure;
use super::posting::{Fact, FactKind, Posting, Sink, Source};
use super::sums::Sums;
use super::tally::{Baskets, Gateways, Lags, Open, Sales};
use super::undefined::Undefined;
use crate::Timestamp;
use crate::finance::facts::{Expense, ExpenseKind, FactSet};
use crate::money::divide_half_even;

/// Sums of all measures over some days.
#[derive(Clone)]
pub struct Totals {
    sums: [i128; Measure::COUNT],
    /// Why a sum is not known.
    gaps: BTreeMap<Measure, Undefined>,
}

impl Totals {
    pub(super) const fn new() -> Self {
        Self { sums: [0; Measure::COUNT], gaps: BTreeMap::new() }
    }
    /// Sums of which nothing is known.
    pub(super) fn unknown(why: Undefined) -> Self {
        Self { gaps: Measure::ALL.iter().map(|measure| (*measure, why)).collect(), ..Self::new() }
    }
    pub(super) fn add(&mut self, measure: Measure, amount: Result<i64, Undefined>) {
        match amount {
            Ok(amount) => self.sums[measure.index()] += i128::from(amount),
            Err(why) => self.gap(measure, why),
        }
    }
    /// Of several reasons the last of their order remains, whatever came first.
    pub(super) fn gap(&mut self, measure: Measure, why: Undefined) {
        let known = self.gaps.entry(measure).or_insert(why);
        *known = (*known).max(why);
    }
    /// Adds a sum of many amounts.
    pub(super) fn add_sum(&mut self, measure: Measure, sum: i128) {
        self.sums[measure.index()] += sum;
    }
    fn merge(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
        for (measure, why) in &other.gaps {
            self.gap(*measure, *why);
        }
    }
    /// A sum, within 64 bits of minor units.
    pub(super) fn get(&self, measure: Measure) -> Result<i128, Undefined> {
        match self.gaps.get(&measure) {
            Some(why) => Err(*why),
            None => {
                let sum = self.sums[measure.index()];
                i64::try_from(sum).map(i128::from).map_err(|_| Undefined::TooLarge)
            }
        }
    }
}

/// An expense that lowers the profit day by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accrual {
    pub measure: Measure,
    pub days: Days,
    pub amount: Result<i64, Undefined>,
}

impl Accrual {
    /// What falls on a range of days. Rounding is cumulative, so that adjacent ranges add up.
    pub(super) fn within(&self, days: Days) -> Result<i64, Undefined> {
        let amount = self.amount?;
        let total = self.days.count();
        // The amount up to the end of a day that is so many days into the range.
        let until = |elapsed: i64| {
            divide_half_even(i128::from(amount) * i128::from(elapsed.clamp(0, total)), i128::from(total))
        };
        let from = until(distance(self.days.first, days.first));
        let to = until(distance(self.days.first, days.last) + 1);
        i64::try_from(to - from).map_err(|_| Undefined::TooLarge)
    }
    /// The same, if there is anything.
    pub(super) fn some_within(&self, days: Days) -> Option<Result<i64, Undefined>> {
        let within = self.within(days);
        let meets = self.days.first <= days.last && days.first <= self.days.last;
        Some(within).filter(|within| meets && *within != Ok(0))
    }
    /// From the first to the last day on which anything accrues.
    pub(super) fn ends<'a>(accruals: impl Iterator<Item = &'a Self> + Clone) -> Option<Days> {
        let first = accruals.clone().map(|accrual| accrual.days.first).min()?;
        let last = accruals.map(|accrual| accrual.days.last).max()?;
        Some(Days { first, last })
    }
}

/// The facts of a shop as totals per day, ready to compute any figure of any days.
pub struct Ledger {
    pub(super) books: Books,
    days: BTreeMap<Date, Totals>,
    /// Each with the place of its expense.
    accruals: Vec<(usize, Accrual)>,
    pub(super) balances: Totals,
    pub(super) tallies: Tallies,
}

/// What advisors ask besides, computed when it is asked for first.
#[derive(Default)]
pub(super) struct Tallies {
    pub open: OnceLock<Open>,
    pub cohorts: OnceLock<Cohorts>,
    pub sales: OnceLock<Sales>,
    pub lags: OnceLock<Lags>,
    pub baskets: OnceLock<Baskets>,
    pub gateways: OnceLock<Gateways>,
}

impl Ledger {
    /// Folds the facts known at `as_of`.
    pub fn new(facts: FactSet, as_of: Timestamp) -> Self {
        let books = Books::new(facts, as_of);
        let accruals = accruals(&books);
        let (days, balances, tallies) = (BTreeMap::new(), Totals::new(), Tallies::default());
        let mut ledger = Self { books, days, accruals, balances, tallies };
        let mut days: BTreeMap<Date, Totals> = BTreeMap::new();
        let mut contributions = Contributions::new(&ledger.books);
        let mut gift_cards = Totals::new();
        ledger.books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
            days.entry(posting.day).or_insert_with(Totals::new).add(posting.measure, posting.amount);
            if posting.measure == Measure::OwedGiftCards {
                gift_cards.add(posting.measure, posting.amount);
            }
            contributions.take(&posting);
        }));
        ledger.books.post_customers(
            &contributions.0,
            &mut Sink::new(&mut |posting: Posting<'_>| {
                days.entry(posting.day).or_insert_with(Totals::new).add(posting.measure, posting.amount);
            }),
        );
        let mut balances = gift_cards;
        ledger.books.post_balances(&mut Sink::new(&mut |posting: Posting<'_>| {
            balances.add(posting.measure, posting.amount);
        }));
        ledger.days = days;
        ledger.balances = balances;
        ledger
    }

    /// The figures of some days.
    pub fn figures(&self, days: Days) -> Figures<'_> {
        Figures::new(self, days)
    }
    /// The day of `as_of`.
    pub fn today(&self) -> Date {
        self.books.today
    }
    /// The facts behind it: those that were known at `as_of`.
    pub fn facts(&self) -> &FactSet {
        &self.books.facts
    }

    /// Each expense's part that falls on some days.
    pub(super) fn accrued(&self, days: Days, mut take: impl FnMut(&Expense, Measure, Result<i64, Undefined>)) {
        for (expense, accrual) in &self.accruals {
            if let Some(within) = accrual.some_within(days) {
                take(&self.books.facts.expenses[*expense], accrual.measure, within);
            }
        }
    }

    /// From the first to the last day on which anything accrues.
    pub(super) fn accrual_ends(&self) -> Option<Days> {
        Accrual::ends(self.accruals.iter().map(|(_, accrual)| accrual))
    }

    /// The facts that moved some measures on some days, each once.
    pub(super) fn behind(&self, measures: &[Measure], days: Days) -> BTreeSet<(FactKind, String)> {
        let mut facts = BTreeSet::new();
        let mut take = |fact: Fact<'_>| {
            if !fact.id.is_empty() {
                facts.insert((fact.kind, fact.id.to_owned()));
            }
        };
        let mut flow = |posting: Posting<'_>| {
            if days.holds(posting.day) && measures.contains(&posting.measure) {
                take(posting.source.fact);
            }
        };
        self.books.post_flows(&mut Sink::new(&mut flow));
        self.books.post_customers(&vec![Ok(1); self.books.facts.orders.len()], &mut Sink::new(&mut flow));
        self.books.post_balances(&mut Sink::new(&mut |posting: Posting<'_>| {
            if measures.contains(&posting.measure) {
                take(posting.source.fact);
            }
        }));
        self.accrued(days, |expense, measure, _| {
            if measures.contains(&measure) {
                take(Source::of(FactKind::Expense, &expense.id).fact);
            }
        });
        facts
    }
}

/// What each order contributed to date.
pub(super) struct Contributions(pub Vec<Result<i128, Undefined>>);

impl Contributions {
    pub(super) fn new(books: &Books) -> Self {
        Self(vec![Ok(0); books.facts.orders.len()])
    }
    pub(super) fn take(&mut self, posting: &Posting<'_>) {
        let sign = i128::from(posting.measure.contributes());
        if let Some(order) = posting.source.order.filter(|_| sign != 0) {
            let sum = &mut self.0[order];
            *sum = sum.and_then(|sum| posting.amount.map(|amount| sum + sign * i128::from(amount)));
        }
    }
}

impl Sums for Ledger {
    fn totals(&self, days: Days) -> Totals {
        let days = Days::new(days.first, days.last);
        let mut totals = Totals::new();
        for (_, day) in self.days.range(days.first..=days.last) {
            totals.merge(day);
        }
        self.accrued(days, |_, measure, amount| totals.add(measure, amount));
        totals
    }
    fn balances(&self) -> &Totals {
        &self.balances
    }
    fn today(&self) -> Date {
        self.books.today
    }
    fn is_vat_registered(&self) -> bool {
        self.books.facts.shop.vat_registered
    }
    fn customers(&self, days: Days, returning: bool) -> i128 {
        let visits = self.books.customers.visits(days.first, days.last);
        let visits = visits.iter().filter(|visit| !returning || !visit.first);
        let mut customers: Vec<usize> = visits.map(|visit| visit.customer).collect();
        customers.sort_unstable();
        customers.dedup();
        customers.len() as i128
    }
    fn stock_on(&self, day: Date) -> Option<i64> {
        let counts = self.books.facts.inventory.iter().filter(|stock| stock.date <= day);
        counts.max_by_key(|stock| stock.date).map(|stock| stock.value)
    }
}

pub(super) fn accruals(books: &Books) -> Vec<(usize, Accrual)> {
    let expenses = books.facts.expenses.iter().enumerate();
    expenses
        .filter_map(|(place, expense)| {
            let measure = match expense.kind {
                ExpenseKind::Fixed => Measure::FixedExpenses,
                ExpenseKind::Variable => Measure::VariableExpenses,
                ExpenseKind::Marketing => Measure::MarketingExpenses,
                ExpenseKind::Capex | ExpenseKind::Financing | ExpenseKind::Owner | ExpenseKind::Tax => return None,
            };
            let amount = books.converted_cost(expense.amount, expense.vat, expense.currency, expense.invoiced_on);
            Some((place, Accrual { measure, days: Days::new(expense.from, expense.to), amount }))
        })
        .collect()
}

impl Books {
    /// Posts all that moves day by day.
    pub(super) fn post_flows(&self, sink: &mut Sink<'_>) {
        for place in 0..self.facts.orders.len() {
            self.post_order(place, sink);
        }
        self.post_costs(sink);
        self.post_parcels(sink);
    }

    /// Posts customers on the day of their first realised order, with what their orders contributed to date.
    pub(super) fn post_customers(&self, contributions: &[Result<i128, Undefined>], sink: &mut Sink<'_>) {
        let mut totals = vec![Ok(0_i128); self.customers.first.len()];
        for (customer, contribution) in self.customers.of_order.iter().zip(contributions) {
            let total = &mut totals[*customer];
            *total = total.and_then(|total| contribution.map(|more| total + more));
        }
        for (first, total) in self.customers.first.iter().zip(totals) {
            let Some((at, order)) = *first else { continue };
            let source = Source::of(FactKind::Order, &self.facts.orders[order].id).order(Some(order));
            let day = self.day(at);
            let fits = |sum: i128| i64::try_from(sum).map_err(|_| Undefined::TooLarge);
            sink.post(source, day, Measure::NewCustomers, 1);
            sink.post_or(source, day, Measure::FirstContribution, contributions[order].and_then(fits));
            sink.post_or(source, day, Measure::CustomerContribution, total.and_then(fits));
        }
    }
}
