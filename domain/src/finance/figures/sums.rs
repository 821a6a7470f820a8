//! What figures are computed from.

use jiff::civil::Date;

use super::days::Days;
use super::ledger::Totals;

/// Sums of a shop by day, its balances, and who came. [`super::Ledger`] folds them from all facts in memory;
/// [`super::DayBook`] holds them without the facts. Each figure's formula is written once, over this.
pub trait Sums {
    /// The sums of some days.
    fn totals(&self, days: Days) -> Totals;
    /// What is held and owed at `as_of`.
    fn balances(&self) -> &Totals;
    /// The day of `as_of`.
    fn today(&self) -> Date;
    /// Whether VAT it pays is given back.
    fn is_vat_registered(&self) -> bool;
    /// How many customers had a realised order on some days; or one that was not their first.
    fn customers(&self, days: Days, returning: bool) -> i128;
    /// Stock as last counted up to a day.
    fn stock_on(&self, day: Date) -> Option<i64>;
}
