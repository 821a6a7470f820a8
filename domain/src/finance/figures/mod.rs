//! Every figure of the shop, from its facts.
//!
//! A fact moves [`Measure`]s on days of the shop: these are [`Posting`]s. [`Ledger`] folds them into totals per day, and
//! [`Figures`] computes each [`Metric`] of a range of days from the sums. So what is additive adds up by construction,
//! every figure can list the facts behind it ([`Figures::proof`]), and a breakdown is the same computation over a part
//! of the postings.

mod balances;
mod books;
mod costs;
mod customers;
mod days;
mod evaluate;
mod ledger;
mod measure;
mod metric;
mod parcels;
mod posting;
mod sales;
mod undefined;

pub use days::Days;
pub use evaluate::{Figures, Value};
pub use ledger::Ledger;
pub use measure::Measure;
pub use metric::{Basis, Metric, Unit};
pub use posting::{Fact, FactKind};
pub use undefined::Undefined;
