//! What somebody owes on invoices, and how they can be reached.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::record::Past;
use crate::finance::facts::Invoice;
use crate::merchant::Member;
use crate::shipment::place_key;
use crate::{ConversationId, Language, Money, Timestamp};

/// An invoice with something open, in its own currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvoice {
    /// Its id.
    pub id: String,
    /// What is not paid yet; above zero.
    pub balance: Money,
    /// When it is due.
    pub due_on: Date,
}

impl OpenInvoice {
    /// Days since it was due; negative before.
    pub fn days_past_due(&self, today: Date) -> i64 {
        self.due_on.duration_until(today).as_hours() / 24
    }
}

/// Where a phone of a debtor comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneSource {
    /// A member of the shop said it.
    Told,
    /// It stands on a customer of the shop with exactly that name.
    Customer,
    /// Somebody who wrote to the shop goes by exactly that name. Anybody may call themselves so: it is shown, and it is
    /// never used for many at once.
    Profile,
}

impl PhoneSource {
    /// The word in texts.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Customer => "customer",
            Self::Profile => "profile",
        }
    }
}

/// Why no phone is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPhone {
    /// Nobody of that name has one.
    Unknown,
    /// Several have that name: none is guessed.
    Several,
}

/// The conversation that a debtor already has with the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub id: ConversationId,
    /// Their last message: it opens WhatsApp's window of 24 hours.
    pub last_inbound_at: Option<Timestamp>,
    /// Whether they asked for no unasked messages.
    pub stopped: bool,
    /// Whether a person of the shop talks with them now.
    pub with_person: bool,
    /// Their language.
    pub language: Option<Language>,
}

/// How a debtor can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtorContact {
    /// The phone as it is dialled: digits with the country's code.
    pub digits: String,
    /// Where it comes from.
    pub source: PhoneSource,
    /// Their conversation, if there is one.
    pub reached: Option<Reached>,
    /// The member of the shop whose phone it is: nobody of the shop is written to as its debtor.
    pub member: Option<Member>,
}

/// What somebody owes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// Who, as the invoices say it.
    pub debtor: String,
    /// On which invoices, the earliest due first.
    pub invoices: Vec<OpenInvoice>,
    /// Reminders that they got or are to get.
    pub past: Vec<Past>,
}

impl Debt {
    /// By which the same debtor is known: without accents, marks and capitals.
    pub fn key(&self) -> String {
        place_key(&self.debtor)
    }
    /// Days since the earliest was due.
    pub fn days_past_due(&self, today: Date) -> i64 {
        self.invoices.first().map_or(i64::MIN, |invoice| invoice.days_past_due(today))
    }
}

/// A payment laid on open invoices, the earliest due first. `None` when they owe less than that in its currency: then nobody
/// can tell what it is for.
pub fn settled_by(invoices: &[OpenInvoice], paid: Money) -> Option<Vec<(String, Money)>> {
    let mut left = paid.minor;
    let mut parts = Vec::new();
    for invoice in invoices.iter().filter(|invoice| invoice.balance.currency == paid.currency) {
        let part = left.min(invoice.balance.minor);
        if part > 0 {
            parts.push((invoice.id.clone(), Money::new(part, paid.currency)));
            left -= part;
        }
    }
    (left == 0 && !parts.is_empty()).then_some(parts)
}

/// What is open by debtor, whoever owes longest first. Invoices that name nobody, and overpaid ones, are nobody's debt.
pub fn debts(invoices: &[Invoice], mut past: Vec<(String, Past)>) -> Vec<Debt> {
    let mut by_key: BTreeMap<String, Debt> = BTreeMap::new();
    for invoice in invoices {
        let (Ok(open), key) = (i64::try_from(invoice.open()), place_key(&invoice.customer)) else { continue };
        if open <= 0 || key.is_empty() {
            continue;
        }
        let debt = by_key.entry(key).or_insert_with(|| Debt {
            debtor: invoice.customer.split_whitespace().collect::<Vec<_>>().join(" "),
            invoices: Vec::new(),
            past: Vec::new(),
        });
        let balance = Money::new(open, invoice.currency);
        debt.invoices.push(OpenInvoice { id: invoice.id.clone(), balance, due_on: invoice.due_on });
    }
    past.sort_by_key(|(_, one)| one.approved_at);
    for (key, one) in past {
        if let Some(debt) = by_key.get_mut(&key) {
            debt.past.push(one);
        }
    }
    let mut all: Vec<Debt> = by_key.into_values().collect();
    for debt in &mut all {
        debt.invoices.sort_by(|one, other| (one.due_on, &one.id).cmp(&(other.due_on, &other.id)));
    }
    let first_due = |debt: &Debt| debt.invoices.first().map(|invoice| invoice.due_on);
    all.sort_by(|one, other| first_due(one).cmp(&first_due(other)).then_with(|| one.debtor.cmp(&other.debtor)));
    all
}
