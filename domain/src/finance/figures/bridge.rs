//! From profit to cash: why one is not the other.

use super::days::{Days, shifted};
use super::ledger::Ledger;
use super::measure::Measure;
use super::metric::Metric;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::Timestamp;

/// The steps from operating profit to operating cash, in minor units; each is added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// Where it starts.
    pub operating_profit: i64,
    /// Each step, by name.
    pub steps: Vec<(&'static str, i64)>,
    /// What the steps do not explain.
    pub unexplained: i64,
    /// Where it ends: `cash.operating`.
    pub cash_operating: i64,
}

impl Ledger {
    /// The bridge of some days. It needs the balances at both ends.
    ///
    /// # Errors
    /// What is missing.
    pub fn profit_to_cash(&self, days: Days) -> Result<Bridge, Undefined> {
        let figures = self.figures(days);
        let amount = |metric: Metric| figures.exact(metric)?.rounded().map_err(Undefined::from);
        let opening = self.at_end_of(shifted(days.first, -1));
        let closing = self.at_end_of(days.last);
        let rise = |metric: Metric| -> Result<i64, Undefined> {
            let at = |ledger: &Self| -> Result<i64, Undefined> { Ok(ledger.figures(days).exact(metric)?.rounded()?) };
            at(&closing)?.checked_sub(at(&opening)?).ok_or(Undefined::TooLarge)
        };
        let totals = self.totals(days);
        let stock = totals.get(Measure::StockBought)? - totals.get(Measure::Cogs)? - totals.get(Measure::Losses)?;
        let stock = i64::try_from(stock).map_err(|_| Undefined::TooLarge)?;
        let input_vat = match amount(Metric::InputVat) {
            Err(Undefined::NotVatRegistered) => 0,
            other => other?,
        };
        let steps = vec![
            ("vat_charged", amount(Metric::RealisedTaxes)?),
            ("input_vat", -input_vat),
            ("withheld", -amount(Metric::Withheld)?),
            ("rise_of_receivables", -rise(Metric::Receivables)?),
            ("stock_bought_less_used", -stock),
            ("rise_of_payables", rise(Metric::CurrentLiabilities)?),
            ("tax_bills_paid", amount(Metric::CashTaxes)?),
        ];
        let operating_profit = amount(Metric::OperatingProfit)?;
        let cash_operating = amount(Metric::CashOperating)?;
        let explained = steps.iter().map(|(_, step)| i128::from(*step)).sum::<i128>() + i128::from(operating_profit);
        let unexplained = i64::try_from(i128::from(cash_operating) - explained).map_err(|_| Undefined::TooLarge)?;
        Ok(Bridge { operating_profit, steps, unexplained, cash_operating })
    }

    /// The ledger as it stood at the end of a day, or now if that day has not ended.
    fn at_end_of(&self, day: jiff::civil::Date) -> Self {
        let facts = self.facts();
        let end = shifted(day, 1)
            .to_zoned(facts.shop.zone.clone())
            .and_then(|midnight| midnight.start_of_day())
            .map_or(facts.as_of, |midnight| Timestamp::from_micros(midnight.timestamp().as_microsecond() - 1));
        Self::new(facts.clone(), end.min(facts.as_of))
    }
}
