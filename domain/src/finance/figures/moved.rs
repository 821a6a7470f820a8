//! By how much each fact moved a figure, so that a proof can be added up: the amounts of all its facts are the figure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::days::Days;
use super::evaluate::{Defined, Figures, Value};
use super::ledger::{Ledger, Totals};
use super::metric::{Basis, Metric};
use super::posting::{FactKind, Posting, Sink};
use super::undefined::Undefined;

/// How a fact moved a figure in money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The first of the days on which it did; of a balance, the day of the fact itself where it has one.
    pub day: Option<Date>,
    /// Its order, by id.
    pub order: Option<String>,
    /// By how many minor units, or why that is not known.
    pub amount: Defined<i64>,
}

impl Moved {
    /// Adds what the same fact moved elsewhere.
    pub(super) fn add(&mut self, more: Self) {
        self.day = self.day.into_iter().chain(more.day).min();
        self.order = self.order.take().filter(|order| more.order.as_ref().is_none_or(|other| other == order));
        let sum = |one: i64| more.amount.and_then(|other| one.checked_add(other).ok_or(Undefined::TooLarge));
        self.amount = self.amount.and_then(sum);
    }
}

/// Balances that are the sum of what facts hold of them.
const HELD: [Metric; 12] = [
    Metric::Cash,
    Metric::CodReceivable,
    Metric::CodOverdue,
    Metric::CodOverpaid,
    Metric::CodOnTheWay,
    Metric::InvoicesOpen,
    Metric::InvoicesOverdue,
    Metric::SupplierPayables,
    Metric::ExpensesPayable,
    Metric::AdsPayable,
    Metric::CarriersPayable,
    Metric::Inventory,
];
/// What flows and is no figure of parts.
const FLOWS: [Metric; 13] = [
    Metric::InputVat,
    Metric::CashRemittances,
    Metric::CashInvoices,
    Metric::CashCarriers,
    Metric::CashAds,
    Metric::CashExpenses,
    Metric::CashSuppliers,
    Metric::CashTaxes,
    Metric::CashCapex,
    Metric::CashFinancing,
    Metric::CashOwner,
    Metric::CashOperating,
    Metric::CashNet,
];

impl Metric {
    /// The money that the facts behind it moved: itself where their amounts sum to it; else, of counts and rates, the sum that
    /// people think of beside it; `None` where there is none.
    pub fn in_money(self) -> Option<Self> {
        let money = match self {
            Self::Orders | Self::OrdersCancelled | Self::Aov => Self::BookedGrossSales,
            Self::RealisedOrders => Self::RealisedGrossSales,
            Self::DiscountRate => Self::BookedDiscounts,
            Self::ReturnRate => Self::BookedReturns,
            Self::GrossMargin => Self::GrossProfit,
            Self::Cm1Pct => Self::Cm1,
            Self::Cm2Pct | Self::Cm2PerOrder => Self::Cm2,
            Self::Cm3Pct | Self::Cm3PerOrder => Self::Cm3,
            Self::OperatingMargin => Self::OperatingProfit,
            own => own,
        };
        let summed = money.unit() == super::Unit::Money && Self::DIVISIBLE.contains(&money)
            || FLOWS.contains(&money)
            || HELD.contains(&money);
        summed.then_some(money)
    }
}

/// What is gathered of a fact.
struct Gathered {
    day: Option<Date>,
    order: Option<usize>,
    totals: Totals,
}

impl Ledger {
    /// How some facts moved a figure of some days; those that moved it not at all are left out. `metric` is its own
    /// [`Metric::in_money`].
    pub fn moved(
        &self,
        metric: Metric,
        days: Days,
        facts: &BTreeSet<(FactKind, String)>,
    ) -> BTreeMap<(FactKind, String), Moved> {
        let held = metric.basis() == Basis::Balance;
        let measures = metric.measures();
        let mut gathered: BTreeMap<(FactKind, String), Gathered> = BTreeMap::new();
        let mut take = |posting: &Posting<'_>, day: Option<Date>| {
            let fact = posting.source.fact;
            let key = (fact.kind, fact.id.to_owned());
            if !measures.contains(&posting.measure) || !facts.contains(&key) {
                return;
            }
            let known = gathered.entry(key).or_insert(Gathered { day, order: None, totals: Totals::new() });
            known.day = known.day.into_iter().chain(day).min();
            known.order = known.order.or(posting.source.order);
            known.totals.add(posting.measure, posting.amount);
        };
        if held {
            self.books.post_balances(&mut Sink::new(&mut |posting: Posting<'_>| take(&posting, None)));
        } else {
            self.books.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| {
                if days.holds(posting.day) {
                    take(&posting, Some(posting.day));
                }
            }));
            self.accrued(days, |expense, measure, amount| {
                let day = expense.from.max(days.first);
                let source = super::posting::Source::of(FactKind::Expense, &expense.id);
                take(&Posting { day, measure, amount, source }, Some(day));
            });
        }
        let own = if held { self.own_days(facts) } else { BTreeMap::new() };
        let read = |Gathered { day, order, totals }, key: &(FactKind, String)| Moved {
            day: day.or_else(|| own.get(key).copied()),
            order: order.map(|place| self.books.facts.orders[place].id.clone()),
            amount: if held { sum(&totals, &measures) } else { self.amount(metric, days, totals) },
        };
        gathered.into_iter().map(|(key, fact)| (key.clone(), read(fact, &key))).collect()
    }

    /// The figure of what one fact posted.
    fn amount(&self, metric: Metric, days: Days, totals: Totals) -> Defined<i64> {
        match Figures::of_part(self, days, totals).value(metric)? {
            Value::Money(amount) => Ok(amount),
            Value::Count(_) | Value::Ratio(_) => Err(Undefined::Impossible),
        }
    }

    /// The days of facts by their own word: what was due, delivered, billed or looked at then.
    fn own_days(&self, facts: &BTreeSet<(FactKind, String)>) -> BTreeMap<(FactKind, String), Date> {
        let (books, known) = (&self.books, &self.books.facts);
        let parcels = known.shipments.iter().map(|parcel| {
            let at = parcel.delivered_at.unwrap_or(parcel.shipped_at);
            (FactKind::Shipment, parcel.id.as_str(), books.day(at))
        });
        let charges =
            known.charges.iter().map(|one| (FactKind::CarrierCharge, one.id.as_str(), books.day(one.occurred_at)));
        let invoices = known.invoices.iter().map(|one| (FactKind::Invoice, one.id.as_str(), one.due_on));
        let purchases = known.purchases.iter().map(|one| (FactKind::Purchase, one.id.as_str(), one.received_on));
        let expenses = known.expenses.iter().map(|one| (FactKind::Expense, one.id.as_str(), one.invoiced_on));
        let ads = known.ad_spend.iter().map(|one| (FactKind::AdSpend, one.id.as_str(), one.date));
        let cash = known.cash.iter().map(|one| (FactKind::Cash, one.account.as_str(), books.day(one.at)));
        let days = parcels.chain(charges).chain(invoices).chain(purchases).chain(expenses).chain(ads).chain(cash);
        let mut own: BTreeMap<(FactKind, String), Date> = BTreeMap::new();
        for (kind, id, day) in days {
            let key = (kind, id.to_owned());
            if facts.contains(&key) {
                // Of an account the last look at it.
                let last = own.entry(key).or_insert(day);
                *last = day.max(*last);
            }
        }
        own
    }
}

/// What facts hold of a balance.
fn sum(totals: &Totals, measures: &[super::Measure]) -> Defined<i64> {
    let sum = measures.iter().try_fold(0_i128, |sum, measure| Ok::<_, Undefined>(sum + totals.get(*measure)?))?;
    i64::try_from(sum).map_err(|_| Undefined::TooLarge)
}
