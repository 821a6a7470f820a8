//! Spending in parts: advertising by platform, fixed expenses by what they are for.

use std::collections::BTreeMap;

use super::days::Days;
use super::ledger::Ledger;
use super::measure::Measure;
use super::undefined::Undefined;
use crate::Timestamp;

impl Ledger {
    pub(super) fn spent_by_platform(&self, days: Days) -> Result<BTreeMap<String, i64>, Undefined> {
        let mut spent: BTreeMap<String, i64> = BTreeMap::new();
        for spend in self.books.facts.ad_spend.iter().filter(|spend| days.holds(spend.date)) {
            let cost = self.books.converted_cost(spend.amount, spend.vat, spend.currency, spend.date)?;
            let sum = spent.entry(spend.platform.clone()).or_default();
            *sum = sum.checked_add(cost).ok_or(Undefined::TooLarge)?;
        }
        Ok(spent)
    }

    pub(super) fn fixed_expenses(&self, days: Days) -> Result<BTreeMap<String, i64>, Undefined> {
        self.by_category(days, |measure| measure == Measure::FixedExpenses)
    }

    pub(super) fn all_expenses(&self, days: Days) -> Result<BTreeMap<String, i64>, Undefined> {
        self.by_category(days, |_| true)
    }

    fn by_category(&self, days: Days, counts: impl Fn(Measure) -> bool) -> Result<BTreeMap<String, i64>, Undefined> {
        let mut sums = BTreeMap::new();
        let mut failed = None;
        self.accrued(days, |expense, measure, amount| {
            if counts(measure) {
                let sum: &mut i64 = sums.entry(expense.category.clone()).or_default();
                match amount.and_then(|amount| sum.checked_add(amount).ok_or(Undefined::TooLarge)) {
                    Ok(more) => *sum = more,
                    Err(why) => failed = Some(why),
                }
            }
        });
        failed.map_or(Ok(sums), Err)
    }

    /// The books as they were known at an earlier instant. The sources are taken to have been read then: what they
    /// told later about that time is in them too.
    #[must_use]
    pub fn as_known_at(&self, at: Timestamp) -> Self {
        let mut facts = self.books.facts.clone();
        facts.synced_at = facts.synced_at.map(|synced| synced.min(at));
        Self::new(facts, at)
    }
}
