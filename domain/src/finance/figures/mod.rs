//! Every figure of the shop, from its facts.
//!
//! A fact moves [`Measure`]s on days of the shop: these are [`Posting`]s. [`Ledger`] folds them into totals per day, and
//! [`Figures`] computes each [`Metric`] of a range of days from the sums. So what is additive adds up by construction,
//! every figure can list the facts behind it ([`Figures::proof`]), and a breakdown is the same computation over a part
//! of the postings. What else advisors, pictures and reports ask of a shop is [`Accounts`].

mod accounts;
mod at_most;
mod balances;
mod books;
mod breakdown;
mod bridge;
pub mod calculators;
mod cohorts;
mod costs;
mod customers;
pub mod day_book;
mod days;
mod evaluate;
mod forecast;
mod health;
mod ledger;
mod made_of;
mod measure;
mod metric;
mod moved;
mod open_items;
mod order_costs;
mod parcels;
mod part;
mod posting;
mod reconciliation;
mod report;
mod sales;
mod source;
mod spending;
mod stakes;
mod standing;
mod sums;
mod tally;
mod undefined;

pub use accounts::Accounts;
pub use breakdown::{Breakdown, Dimension, Part};
pub use bridge::Bridge;
pub use cohorts::{Cohort, Cohorts, REPEAT_DAYS, RepeatRate};
pub use day_book::DayBook;
pub use days::Days;
pub use evaluate::{Figures, Value};
pub use forecast::{CashOn, Forecast, PlannedExpense, Scenario, WEEKS};
pub use health::{Band, Component, Confidence, HEALTH_VERSION, Health, Input, State, published_score};
pub use ledger::Ledger;
pub use measure::Measure;
pub use metric::{Basis, Metric, Unit};
pub use moved::Moved;
pub use open_items::{OpenItem, OwedBy};
pub use order_costs::OrderCosts;
pub use part::{CustomerShare, Debtor, Narrowing};
pub use posting::{Fact, FactKind};
pub use reconciliation::{Finding, FindingKind};
pub use report::{FigureError, Report};
pub use source::{Listed, Source};
pub use stakes::Stakes;
pub use sums::Sums;
pub use tally::{Baskets, Gateways, Kept, Lags, LastSale, Open, OpenParcel, Sale, Sales, Tally};
pub use undefined::Undefined;
