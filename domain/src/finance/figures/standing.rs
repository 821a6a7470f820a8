//! What stands at `as_of`, from balances and trailing windows.

use super::balances::LOSS_RATES;
use super::days::{Days, distance, month_after, shifted};
use super::evaluate::{BOOKED, Defined, Figures, REALISED, WINDOW, fits, ratio, times};
use super::made_of::{OPERATING_CASH, OUTFLOWS, OWED};
use super::measure::Measure as M;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::finance::ratio::Ratio;

impl<S: Sums + ?Sized> Figures<'_, S> {
    pub(super) fn invoices(&self, overdue_only: bool) -> Defined<i128> {
        let buckets = LOSS_RATES.iter().filter(|(bucket, _)| !overdue_only || *bucket != M::InvoicesCurrent);
        buckets.map(|(bucket, _)| *bucket).try_fold(0, |sum, bucket| Ok(sum + self.held(bucket)?))
    }
    pub(super) fn expected_loss(&self) -> Defined<Ratio> {
        let lost = LOSS_RATES.iter().try_fold(0, |sum, (bucket, percent)| {
            Ok::<_, Undefined>(sum + times(self.held(*bucket)?, i128::from(*percent))?)
        })?;
        ratio(lost, 100)
    }
    pub(super) fn receivables(&self) -> Defined<i128> {
        Ok(self.held(M::CodDue)? + self.held(M::GatewayPending)? + self.invoices(false)?)
    }
    pub(super) fn liabilities(&self) -> Defined<i128> {
        OWED.into_iter().try_fold(0, |sum, owed| Ok(sum + self.held(owed)?))
    }
    pub(super) fn liquidity(&self, more: i128) -> Defined<Ratio> {
        let liquid = Ratio::whole(fits(self.held(M::HeldCash)? + self.receivables()? + more)?);
        // The expected loss is money: rounded once, as it is shown.
        let loss = Ratio::whole(self.expected_loss()?.rounded()?);
        let debts = Ratio::whole(fits(self.liabilities()?)?);
        liquid.minus(loss)?.over(debts)?.ok_or(Undefined::ZeroDenominator)
    }
    /// What leaves in operations over the trailing window; positive.
    pub(super) fn outflow(&self) -> Defined<i128> {
        Ok(-self.window().cash(&OUTFLOWS)?)
    }
    pub(super) fn last_full_months(&self, months: i64) -> Days {
        let month = self.sums.today().first_of_month();
        Days::new(month_after(month, -months), shifted(month, -1))
    }
    pub(super) fn monthly_flow(&self) -> Defined<Ratio> {
        ratio(self.over(self.last_full_months(3)).cash(&OPERATING_CASH)?, 3)
    }
    pub(super) fn projection(&self) -> Defined<Ratio> {
        let today = self.sums.today();
        let month = Days::month(today);
        let full = distance(month.first, today);
        if full == 0 {
            return Err(Undefined::FirstDayOfMonth);
        }
        let sold = self.over(Days::new(month.first, shifted(today, -1))).net_sales(&BOOKED)?;
        ratio(times(sold, i128::from(month.count()))?, i128::from(full))
    }
    pub(super) fn stock_days(&self) -> Defined<Ratio> {
        let window = self.window();
        let at_start = self.sums.stock_on(window.days.first);
        let first = i128::from(at_start.ok_or(Undefined::NoStockSnapshot)?);
        let last = self.held(M::HeldInventory)?;
        ratio(times(first + last, i128::from(WINDOW))?, times(window.sum(M::Cogs)?, 2)?)
    }
    pub(super) fn billed(&self) -> Defined<i128> {
        let window = self.window();
        Ok(window.total_sales(&REALISED)? + window.sum(M::Invoiced)?)
    }
    pub(super) fn sales_days(&self) -> Defined<Ratio> {
        ratio(times(self.receivables()?, i128::from(WINDOW))?, self.billed()?)
    }
    pub(super) fn supplier_days(&self) -> Defined<Ratio> {
        ratio(times(self.held(M::OwedSuppliers)?, i128::from(WINDOW))?, self.window().sum(M::Cogs)?)
    }
}
