//! Advertising, expenses, stock bought.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::Currency;

/// What advertising cost on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdSpend {
    /// Its id.
    pub id: String,
    /// The platform's day.
    pub date: Date,
    /// Which platform.
    pub platform: String,
    /// Of which currency.
    pub currency: Currency,
    /// Without VAT; a credit is negative.
    pub amount: i64,
    /// VAT.
    pub vat: i64,
    /// When it is, or will be, paid.
    pub paid_on: Option<Date>,
}

/// What an expense is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExpenseKind {
    /// Independent of sales.
    Fixed,
    /// Grows with sales.
    Variable,
    /// Marketing beside advertising.
    Marketing,
    /// Equipment.
    Capex,
    /// Loans.
    Financing,
    /// The owner's money.
    Owner,
    /// Taxes.
    Tax,
}

impl ExpenseKind {
    /// Whether it lowers the profit, day by day.
    pub const fn accrues(self) -> bool {
        matches!(self, Self::Fixed | Self::Variable | Self::Marketing)
    }
}

/// An expense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expense {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ExpenseKind,
    /// What it is for.
    pub category: String,
    /// Of which currency.
    pub currency: Currency,
    /// Without VAT.
    pub amount: i64,
    /// VAT.
    pub vat: i64,
    /// When it was billed.
    pub invoiced_on: Date,
    /// First day it is for.
    pub from: Date,
    /// Last day it is for.
    pub to: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// When it is, or will be, paid.
    pub paid_on: Option<Date>,
}

/// Stock bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Its id.
    pub id: String,
    /// From whom.
    pub supplier: String,
    /// Of which currency.
    pub currency: Currency,
    /// Without VAT.
    pub amount: i64,
    /// VAT.
    pub vat: i64,
    /// When it arrived.
    pub received_on: Date,
    /// When it is due.
    pub due_on: Option<Date>,
    /// When it is, or will be, paid.
    pub paid_on: Option<Date>,
}
