//! What is owed to the shop, item by item: invoices, and what carriers collected at the door (FINANCE §2.8).

use jiff::civil::Date;

use super::balances::{age, loss_percent};
use super::days::{distance, shifted};
use super::ledger::Ledger;
use super::tally::Open;
use super::undefined::Undefined;
use crate::finance::facts::Outcome;
use crate::finance::ratio::Ratio;

/// Who owes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwedBy {
    /// A customer, for an invoice.
    Customer(String),
    /// A carrier, for what it collected.
    Carrier(String),
}

impl OwedBy {
    /// What they are called.
    pub fn name(&self) -> &str {
        match self {
            Self::Customer(name) | Self::Carrier(name) => name,
        }
    }
}

/// Something that is owed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenItem {
    /// Of the invoice or the parcel.
    pub id: String,
    /// Who owes it.
    pub debtor: OwedBy,
    /// The order of a parcel.
    pub order: Option<String>,
    /// What is open, in minor units of the shop's currency; above zero.
    pub balance: i64,
    /// When it is due; `None` when the carrier's terms are unknown.
    pub due_on: Option<Date>,
    /// Days since it was due; negative before.
    pub days_past_due: Option<i64>,
    /// What is expected to be lost of it, in percent: by age for an invoice, nothing for a carrier.
    pub loss_percent: i64,
}

impl OpenItem {
    /// balance × (1 − loss rate), rounded half-even to the minor unit.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn expected(&self) -> Result<i64, Undefined> {
        let kept = Ratio::new(i128::from(100 - self.loss_percent), 100).ok_or(Undefined::TooLarge)?;
        Ok(Ratio::whole(self.balance).times(kept)?.rounded()?)
    }
    /// Whether it is past its due day; due today is not.
    pub fn is_overdue(&self) -> bool {
        self.days_past_due.is_some_and(|days| days > 0)
    }
}

pub(super) fn of(open: &Open, beside: &Ledger) -> Result<Vec<OpenItem>, Undefined> {
    let books = &beside.books;
    let mut items = Vec::new();
    for invoice in &books.facts.invoices {
        let unpaid = i64::try_from(invoice.open()).map_err(|_| Undefined::TooLarge)?;
        let balance = books.converted(unpaid, invoice.currency, books.today)?;
        if balance <= 0 {
            continue;
        }
        let past_due = distance(invoice.due_on, books.today);
        items.push(OpenItem {
            id: invoice.id.clone(),
            debtor: OwedBy::Customer(invoice.customer.clone()),
            order: None,
            balance,
            due_on: Some(invoice.due_on),
            days_past_due: Some(past_due),
            loss_percent: loss_percent(age(past_due)),
        });
    }
    for parcel in &open.parcels {
        let Outcome::Delivered(at) = parcel.outcome else { continue };
        let unpaid = i128::from(parcel.due) - parcel.collected;
        if unpaid <= 0 {
            continue;
        }
        let due_on = parcel.terms.map(|terms| shifted(books.day(at), terms.term_days.into()));
        items.push(OpenItem {
            id: parcel.id.clone(),
            debtor: OwedBy::Carrier(parcel.carrier.clone()),
            order: parcel.order.clone(),
            balance: i64::try_from(unpaid).map_err(|_| Undefined::TooLarge)?,
            due_on,
            days_past_due: due_on.map(|due| distance(due, books.today)),
            loss_percent: 0,
        });
    }
    Ok(items)
}
