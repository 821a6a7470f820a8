//! Stock counted, invoices, balances of accounts.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Currency, Timestamp};

/// The value of the stock at the end of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Which day.
    pub date: Date,
    /// At cost, minor units of the shop's currency.
    pub value: i64,
}

/// An invoice to a customer, outside the shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// Who owes it.
    pub customer: String,
    /// Of which currency.
    pub currency: Currency,
    /// What was billed.
    pub amount: i64,
    /// When.
    pub issued_on: Date,
    /// When it is due.
    pub due_on: Date,
    /// What was paid of it.
    pub payments: Vec<Installment>,
}

impl Invoice {
    /// What is not paid yet, in its own currency.
    pub fn open(&self) -> i128 {
        i128::from(self.amount) - self.payments.iter().map(|part| i128::from(part.amount)).sum::<i128>()
    }
}

/// A payment of an invoice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Installment {
    /// When.
    pub date: Date,
    /// How much.
    pub amount: i64,
}

/// The balance of an account at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CashBalance {
    /// When.
    pub at: Timestamp,
    /// Which account.
    pub account: String,
    /// Of which currency.
    pub currency: Currency,
    /// How much.
    pub balance: i64,
}

/// What other cash is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OtherCashKind {
    /// Loans.
    Financing,
    /// The owner's money.
    Owner,
    /// Equipment.
    Capex,
}

/// Cash that moved for another reason; towards the shop is positive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherCash {
    /// Its id.
    pub id: String,
    /// When.
    pub date: Date,
    /// What for.
    pub kind: OtherCashKind,
    /// How much.
    pub amount: i64,
}
