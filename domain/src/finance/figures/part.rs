//! Figures of a part of the shop: of a product in a city, of an order, of a customer.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::breakdown::{Breakdown, Dimension, Part};
use super::days::Days;
use super::evaluate::Figures;
use super::ledger::{Ledger, Totals};
use super::metric::Metric;
use super::posting::{Posting, Sink};
use super::undefined::Undefined;

/// A part that is asked for; several narrow each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Narrowing {
    /// What has a key in a dimension, as [`Ledger::breakdown`] writes it.
    Of(Dimension, String),
    /// What belongs to an order, by its id.
    Order(String),
}

/// What a customer contributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerShare {
    /// The customer's id; `None` = the orders have none.
    pub customer: Option<String>,
    /// The ids of their orders that moved in the period.
    pub orders: BTreeSet<String>,
    /// What these contributed, in minor units.
    pub contribution: i64,
}

/// Who has not paid an invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debtor {
    /// As the invoices name them.
    pub customer: String,
    /// Minor units of the shop's currency, at today's rate.
    pub open: i64,
    /// Of it past its due day.
    pub overdue: i64,
    /// Their oldest due day that is open.
    pub oldest: Date,
    /// The ids of the open invoices.
    pub invoices: Vec<String>,
}

/// The product that is asked for.
fn product_of(narrowing: &[Narrowing]) -> Option<&str> {
    narrowing.iter().find_map(|one| match one {
        Narrowing::Of(Dimension::Product, key) => Some(key.as_str()),
        _ => None,
    })
}

impl Ledger {
    /// The figures of a part. Figures that parts do not have (balances, ratios of the whole) still stand for the whole:
    /// ask only for [`Metric::DIVISIBLE`] and [`Metric::OF_PARTS`].
    pub fn part(&self, narrowing: &[Narrowing], days: Days) -> Figures<'_> {
        let mut totals = Totals::new();
        let products = product_of(narrowing).is_some();
        self.each_piece(narrowing, days, products, |posting, _, amount| totals.add(posting.measure, amount));
        Figures::of_part(self, days, totals)
    }

    /// The figures of a part, in parts of its own.
    pub fn breakdown_of(&self, by: Dimension, narrowing: &[Narrowing], days: Days) -> Breakdown<'_> {
        if narrowing.is_empty() {
            return self.breakdown(by, days);
        }
        let mut parts: BTreeMap<Option<String>, Totals> = BTreeMap::new();
        let products = by == Dimension::Product || product_of(narrowing).is_some();
        self.each_piece(narrowing, days, products, |posting, product, amount| {
            let key = if by == Dimension::Product { product } else { self.books.key(by, posting) };
            parts.entry(key).or_insert_with(Totals::new).add(posting.measure, amount);
        });
        let parts = parts.into_iter();
        let parts = parts.map(|(key, totals)| Part { key, figures: Figures::of_part(self, days, totals) });
        Breakdown { by, parts: parts.collect() }
    }

    /// What carriers owe, hold or are owed, of some of them; `None` when the figure is no such balance, or the part is no
    /// carrier.
    pub fn balance_of(&self, metric: Metric, narrowing: &[Narrowing]) -> Option<Result<i64, Undefined>> {
        let of_carriers = [
            Metric::CodReceivable,
            Metric::CodOverdue,
            Metric::CodOverpaid,
            Metric::CodOnTheWay,
            Metric::CarriersPayable,
        ];
        let carriers = narrowing.iter().all(|one| matches!(one, Narrowing::Of(Dimension::Carrier, _)));
        if narrowing.is_empty() || !carriers || !of_carriers.contains(&metric) {
            return None;
        }
        let measures = metric.measures();
        let mut totals = Totals::new();
        self.books.post_balances(&mut Sink::new(&mut |posting: Posting<'_>| {
            let wanted = measures.contains(&posting.measure);
            if wanted && self.belongs(narrowing, &posting) {
                totals.add(posting.measure, posting.amount);
            }
        }));
        let sum = measures.iter().try_fold(0_i128, |sum, measure| Ok::<_, Undefined>(sum + totals.get(*measure)?));
        Some(sum.and_then(|sum| i64::try_from(sum).map_err(|_| Undefined::TooLarge)))
    }

    /// Whether a posting belongs to a part; of products the pieces decide.
    fn belongs(&self, narrowing: &[Narrowing], posting: &Posting<'_>) -> bool {
        narrowing.iter().all(|one| match one {
            Narrowing::Of(Dimension::Product, _) => true,
            Narrowing::Of(by, key) => self.books.key(*by, posting).as_deref() == Some(key),
            Narrowing::Order(id) => posting.source.order.is_some_and(|place| self.books.facts.orders[place].id == *id),
        })
    }

    /// The orders that moved a figure of a part, by id.
    pub fn orders_behind(&self, narrowing: &[Narrowing], metric: Metric, days: Days) -> BTreeSet<String> {
        let measures = metric.measures();
        let mut orders = BTreeSet::new();
        self.each_piece(narrowing, days, product_of(narrowing).is_some(), |posting, _, _| {
            if let Some(place) = posting.source.order.filter(|_| measures.contains(&posting.measure)) {
                orders.insert(place);
            }
        });
        orders.into_iter().map(|place| self.books.facts.orders[place].id.clone()).collect()
    }

    /// Each posting of some days that belongs to a part, divided by product where that is asked for.
    fn each_piece(
        &self,
        narrowing: &[Narrowing],
        days: Days,
        products: bool,
        mut take: impl FnMut(&Posting<'_>, Option<String>, Result<i64, Undefined>),
    ) {
        let wanted = product_of(narrowing);
        let of_wanted = |key: &Option<String>| wanted.is_none_or(|wanted| key.as_deref() == Some(wanted));
        self.books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
            if !days.holds(posting.day) || !self.belongs(narrowing, &posting) {
                return;
            }
            match (posting.source.order, posting.source.line, posting.amount) {
                _ if !products => take(&posting, None, posting.amount),
                (Some(order), None, Ok(amount)) if posting.measure.is_of_the_order() => {
                    for (key, share) in self.books.by_line(order, amount).into_iter().filter(|(key, _)| of_wanted(key))
                    {
                        take(&posting, key, Ok(share));
                    }
                }
                _ => {
                    let key = self.books.key(Dimension::Product, &posting);
                    if of_wanted(&key) {
                        take(&posting, key, posting.amount);
                    }
                }
            }
        }));
    }

    /// What each customer contributed on some days, the largest first.
    ///
    /// # Errors
    /// When an amount is not known or does not fit.
    pub fn customer_shares(&self, days: Days) -> Result<Vec<CustomerShare>, Undefined> {
        let books = &self.books;
        let mut shares: BTreeMap<usize, (i128, BTreeSet<usize>)> = BTreeMap::new();
        let mut wrong = None;
        books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
            let sign = i128::from(posting.measure.contributes());
            let Some(order) = posting.source.order.filter(|_| sign != 0 && days.holds(posting.day)) else { return };
            let (sum, orders) = shares.entry(books.customers.of_order[order]).or_default();
            orders.insert(order);
            match posting.amount {
                Ok(amount) => *sum += sign * i128::from(amount),
                Err(why) => wrong = Some(why),
            }
        }));
        if let Some(why) = wrong {
            return Err(why);
        }
        let mut all = Vec::with_capacity(shares.len());
        for (sum, orders) in shares.into_values() {
            let first = orders.first().map(|place| &books.facts.orders[*place]);
            all.push(CustomerShare {
                customer: first.and_then(|order| order.customer_id.clone()),
                orders: orders.iter().map(|place| books.facts.orders[*place].id.clone()).collect(),
                contribution: i64::try_from(sum).map_err(|_| Undefined::TooLarge)?,
            });
        }
        all.sort_by(|one, other| (other.contribution, &one.orders).cmp(&(one.contribution, &other.orders)));
        Ok(all)
    }

    pub(super) fn owing(&self) -> Result<Vec<Debtor>, Undefined> {
        let books = &self.books;
        let mut all: BTreeMap<&str, Debtor> = BTreeMap::new();
        for invoice in &books.facts.invoices {
            let open = i64::try_from(invoice.open()).map_err(|_| Undefined::TooLarge)?;
            if open == 0 {
                continue;
            }
            let open = books.converted(open, invoice.currency, books.today)?;
            let debtor = all.entry(&invoice.customer).or_insert_with(|| Debtor {
                customer: invoice.customer.clone(),
                open: 0,
                overdue: 0,
                oldest: invoice.due_on,
                invoices: Vec::new(),
            });
            debtor.open = debtor.open.checked_add(open).ok_or(Undefined::TooLarge)?;
            if invoice.due_on < books.today {
                debtor.overdue = debtor.overdue.checked_add(open).ok_or(Undefined::TooLarge)?;
            }
            debtor.oldest = debtor.oldest.min(invoice.due_on);
            debtor.invoices.push(invoice.id.clone());
        }
        let mut all: Vec<Debtor> = all.into_values().collect();
        all.sort_by(|one, other| (other.open, &one.customer).cmp(&(one.open, &other.customer)));
        Ok(all)
    }
}
