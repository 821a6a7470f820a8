//! From sums to figures.

use jiff::civil::Date;

use super::balances::LOSS_RATES;
use super::days::{Days, distance, month_after, shifted};
use super::ledger::{Ledger, Totals};
use super::measure::Measure as M;
use super::metric::{Metric, Unit};
use super::posting::FactKind;
use super::undefined::Undefined;
use crate::Currency;
use crate::finance::ratio::{Ratio, decimal_text};

/// Days of the trailing window of balances and of the health score.
pub(super) const WINDOW: i64 = 90;
/// Realised orders that a comparison needs.
const ENOUGH_ORDERS: i128 = 30;

type Defined<T> = Result<T, Undefined>;

/// A figure's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Minor units of the shop's currency.
    Money(i64),
    /// A whole number.
    Count(i64),
    /// An exact ratio.
    Ratio(Ratio),
}

impl Value {
    /// As a plain decimal: money with every digit of its minor unit, ratios with six.
    ///
    /// # Errors
    /// When a ratio is too large to be written.
    pub fn published(self, currency: Currency) -> Defined<String> {
        Ok(match self {
            Self::Money(minor) => decimal_text(minor.into(), currency.exponent()),
            Self::Count(count) => count.to_string(),
            Self::Ratio(ratio) => ratio.published()?,
        })
    }
    /// As a ratio: minor units for money.
    pub fn ratio(self) -> Ratio {
        match self {
            Self::Money(whole) | Self::Count(whole) => Ratio::whole(whole),
            Self::Ratio(ratio) => ratio,
        }
    }
}

/// The figures of some days, and the balances at `as_of`.
pub struct Figures<'a> {
    pub(super) ledger: &'a Ledger,
    /// Which days.
    pub days: Days,
    totals: Totals,
}

/// What each sale figure is made of: booked or realised.
struct Sales {
    gross: M,
    discounts: M,
    returns: M,
    shipping: M,
    taxes: M,
}
const BOOKED: Sales = Sales {
    gross: M::BookedGross,
    discounts: M::BookedDiscounts,
    returns: M::BookedReturns,
    shipping: M::BookedShipping,
    taxes: M::BookedTaxes,
};
const REALISED: Sales = Sales {
    gross: M::RealisedGross,
    discounts: M::RealisedDiscounts,
    returns: M::RealisedReturns,
    shipping: M::RealisedShipping,
    taxes: M::RealisedTaxes,
};

fn ratio(numerator: i128, denominator: i128) -> Defined<Ratio> {
    Ratio::new(numerator, denominator).ok_or(Undefined::ZeroDenominator)
}
fn times(left: i128, right: i128) -> Defined<i128> {
    left.checked_mul(right).ok_or(Undefined::TooLarge)
}

impl<'a> Figures<'a> {
    pub(super) fn new(ledger: &'a Ledger, days: Days) -> Self {
        Self { ledger, days, totals: ledger.totals(days) }
    }
    /// The figures of a part of the postings.
    pub(super) fn of_part(ledger: &'a Ledger, days: Days, totals: Totals) -> Self {
        Self { ledger, days, totals }
    }
    /// The figures of other days.
    pub(super) fn over(&self, days: Days) -> Self {
        Self::new(self.ledger, days)
    }
    /// The full days of the trailing window before `as_of`.
    pub(super) fn window(&self) -> Self {
        self.over(Days::before(self.ledger.today(), WINDOW))
    }

    /// The value of a figure.
    ///
    /// # Errors
    /// Why it is undefined.
    pub fn value(&self, metric: Metric) -> Defined<Value> {
        match metric.unit() {
            Unit::Money => {
                let exact = self.exact(metric)?;
                Ok(Value::Money(exact.rounded()?))
            }
            Unit::Count => Ok(Value::Count(self.exact(metric)?.rounded()?)),
            Unit::Ratio | Unit::Days | Unit::Months => Ok(Value::Ratio(self.exact(metric)?)),
        }
    }

    /// The facts behind a figure, each once, by kind and id.
    pub fn proof(&self, metric: Metric) -> Vec<(FactKind, String)> {
        let today = self.ledger.today();
        let days = match metric {
            Metric::AvgDailyOutflow
            | Metric::CashBufferDays
            | Metric::Dso
            | Metric::Dio
            | Metric::Dpo
            | Metric::Ccc => Days::before(today, WINDOW),
            Metric::MonthlyOperatingCashFlow | Metric::RunwayMonths => self.last_full_months(3),
            Metric::MonthEndProjection => Days::new(today.first_of_month(), shifted(today, -1)),
            Metric::GiftCardLiability | Metric::CurrentLiabilities | Metric::QuickRatio | Metric::CurrentRatio => {
                Days { first: Date::MIN, last: today }
            }
            Metric::Growth | Metric::RuleOf40 | Metric::BurnMultiple => {
                Days { first: self.days.previous().first, last: self.days.last }
            }
            _ => self.days,
        };
        let mut facts = self.ledger.behind(&metric.measures(), days);
        if matches!(metric, Metric::ActiveCustomers | Metric::ReturningCustomerRate) {
            let orders = &self.ledger.books.facts.orders;
            let visits = self.ledger.books.customers.visits(days.first, days.last);
            facts.extend(visits.iter().map(|visit| (FactKind::Order, orders[visit.order].id.clone())));
        }
        facts.into_iter().collect()
    }

    fn sum(&self, measure: M) -> Defined<i128> {
        self.totals.get(measure)
    }
    fn held(&self, measure: M) -> Defined<i128> {
        self.ledger.balances.get(measure)
    }
    fn net_sales(&self, basis: &Sales) -> Defined<i128> {
        Ok(self.sum(basis.gross)? - self.sum(basis.discounts)? - self.sum(basis.returns)?)
    }
    fn net_revenue(&self, basis: &Sales) -> Defined<i128> {
        Ok(self.net_sales(basis)? + self.sum(basis.shipping)?)
    }
    fn total_sales(&self, basis: &Sales) -> Defined<i128> {
        Ok(self.net_revenue(basis)? + self.sum(basis.taxes)?)
    }
    fn cm1(&self) -> Defined<i128> {
        Ok(self.net_sales(&REALISED)? - self.sum(M::Cogs)?)
    }
    fn fulfilment(&self) -> Defined<i128> {
        let carriers = [M::FreightOut, M::FreightReturn, M::CodFees, M::Compensation];
        carriers.into_iter().try_fold(self.sum(M::VariableExpenses)?, |sum, more| Ok(sum + self.sum(more)?))
    }
    fn cm2(&self) -> Defined<i128> {
        let costs = self.fulfilment()? + self.sum(M::Losses)? + self.sum(M::PaymentFees)? + self.sum(M::Chargebacks)?;
        Ok(self.cm1()? + self.sum(M::RealisedShipping)? - costs)
    }
    fn marketing(&self) -> Defined<i128> {
        Ok(self.sum(M::AdSpend)? + self.sum(M::MarketingExpenses)?)
    }
    fn cm3(&self) -> Defined<i128> {
        Ok(self.cm2()? - self.marketing()?)
    }
    fn operating_profit(&self) -> Defined<i128> {
        Ok(self.cm3()? - self.sum(M::FixedExpenses)?)
    }
    /// Above zero, or there is no break-even.
    fn cm3_that_pays(&self) -> Defined<i128> {
        let (cm3, revenue) = (self.cm3()?, self.net_revenue(&REALISED)?);
        if cm3 > 0 && revenue > 0 { Ok(cm3) } else { Err(Undefined::NoBreakEven) }
    }
    fn cash(&self, lines: &[M]) -> Defined<i128> {
        lines.iter().try_fold(0, |sum, line| Ok(sum + self.sum(*line)?))
    }
    fn customers(&self, returning: bool) -> i128 {
        let visits = self.ledger.books.customers.visits(self.days.first, self.days.last);
        let visits = visits.iter().filter(|visit| !returning || !visit.first);
        let mut customers: Vec<usize> = visits.map(|visit| visit.customer).collect();
        customers.sort_unstable();
        customers.dedup();
        customers.len() as i128
    }
    fn resolved(&self) -> Defined<i128> {
        Ok(self.sum(M::CodDelivered)? + self.failed()?)
    }
    fn failed(&self) -> Defined<i128> {
        Ok(self.sum(M::CodReturned)? + self.sum(M::CodLost)?)
    }
    /// Cash-on-delivery parcels whose outcome is known.
    pub(super) fn resolved_parcels(&self) -> Defined<i128> {
        self.resolved()
    }
    fn breakeven_delivery_rate(&self) -> Defined<Ratio> {
        let (delivered, failed) = (self.sum(M::CodDelivered)?, self.failed()?);
        if delivered == 0 || failed == 0 {
            return Err(Undefined::NoDeliveredAndFailedParcels);
        }
        let gain = ratio(self.sum(M::CodGain)?, delivered)?;
        let loss = ratio(self.sum(M::CodFailedCost)?, failed)?;
        let shared = ratio(self.marketing()? + self.sum(M::VariableExpenses)?, self.sum(M::ParcelsShipped)?)?;
        let stake = gain.plus(loss)?;
        if !stake.is_positive() {
            return Err(Undefined::NoBreakEven);
        }
        loss.plus(shared)?.over(stake)?.ok_or(Undefined::NoBreakEven)
    }
    fn growth(&self, revenue: impl Fn(&Self) -> Defined<i128>) -> Defined<Ratio> {
        let (now, before) = (revenue(self)?, revenue(&self.over(self.days.previous()))?);
        if before <= 0 { Err(Undefined::NoEarlierSales) } else { ratio(now - before, before) }
    }
    fn rule_of_40(&self) -> Defined<Ratio> {
        let before = self.over(self.days.previous());
        if before.sum(M::RealisedOrders)? < ENOUGH_ORDERS {
            return Err(Undefined::FewEarlierOrders);
        }
        let growth = self.growth(|figures| figures.net_revenue(&REALISED))?;
        Ok(growth.plus(ratio(self.operating_profit()?, self.net_revenue(&REALISED)?)?)?)
    }
    fn burn_multiple(&self) -> Defined<Ratio> {
        let before = self.over(self.days.previous());
        if before.sum(M::RealisedOrders)? < ENOUGH_ORDERS {
            return Err(Undefined::FewEarlierOrders);
        }
        let burn = -self.cash(&NET_CASH)?;
        let increase = self.net_revenue(&REALISED)? - before.net_revenue(&REALISED)?;
        match (burn > 0, increase > 0) {
            (true, true) => ratio(burn, increase),
            (false, _) => Err(Undefined::NotBurningCash),
            (true, false) => Err(Undefined::NoGrowth),
        }
    }
    fn registered(&self) -> Defined<()> {
        if self.ledger.books.facts.shop.vat_registered { Ok(()) } else { Err(Undefined::NotVatRegistered) }
    }

    fn invoices(&self, overdue_only: bool) -> Defined<i128> {
        let buckets = LOSS_RATES.iter().filter(|(bucket, _)| !overdue_only || *bucket != M::InvoicesCurrent);
        buckets.map(|(bucket, _)| *bucket).try_fold(0, |sum, bucket| Ok(sum + self.held(bucket)?))
    }
    fn expected_loss(&self) -> Defined<Ratio> {
        let lost = LOSS_RATES.iter().try_fold(0, |sum, (bucket, percent)| {
            Ok::<_, Undefined>(sum + times(self.held(*bucket)?, i128::from(*percent))?)
        })?;
        ratio(lost, 100)
    }
    fn receivables(&self) -> Defined<i128> {
        Ok(self.held(M::CodDue)? + self.held(M::GatewayPending)? + self.invoices(false)?)
    }
    fn liabilities(&self) -> Defined<i128> {
        OWED.into_iter().try_fold(0, |sum, owed| Ok(sum + self.held(owed)?))
    }
    fn liquidity(&self, more: i128) -> Defined<Ratio> {
        let liquid = Ratio::whole(fits(self.held(M::HeldCash)? + self.receivables()? + more)?);
        // The expected loss is money: rounded once, as it is shown.
        let loss = Ratio::whole(self.expected_loss()?.rounded()?);
        let debts = Ratio::whole(fits(self.liabilities()?)?);
        liquid.minus(loss)?.over(debts)?.ok_or(Undefined::ZeroDenominator)
    }
    /// What leaves in operations over the trailing window; positive.
    fn outflow(&self) -> Defined<i128> {
        Ok(-self.window().cash(&OUTFLOWS)?)
    }
    pub(super) fn last_full_months(&self, months: i64) -> Days {
        let month = self.ledger.today().first_of_month();
        Days::new(month_after(month, -months), shifted(month, -1))
    }
    fn monthly_flow(&self) -> Defined<Ratio> {
        ratio(self.over(self.last_full_months(3)).cash(&OPERATING_CASH)?, 3)
    }
    fn projection(&self) -> Defined<Ratio> {
        let today = self.ledger.today();
        let month = Days::month(today);
        let full = distance(month.first, today);
        if full == 0 {
            return Err(Undefined::FirstDayOfMonth);
        }
        let sold = self.over(Days::new(month.first, shifted(today, -1))).net_sales(&BOOKED)?;
        ratio(times(sold, i128::from(month.count()))?, i128::from(full))
    }
    fn stock_days(&self) -> Defined<Ratio> {
        let window = self.window();
        let stock = &self.ledger.books.facts.inventory;
        let at_start = stock.iter().filter(|stock| stock.date <= window.days.first).max_by_key(|stock| stock.date);
        let first = i128::from(at_start.ok_or(Undefined::NoStockSnapshot)?.value);
        let last = self.held(M::HeldInventory)?;
        ratio(times(first + last, i128::from(WINDOW))?, times(window.sum(M::Cogs)?, 2)?)
    }
    fn billed(&self) -> Defined<i128> {
        let window = self.window();
        Ok(window.total_sales(&REALISED)? + window.sum(M::Invoiced)?)
    }
    fn sales_days(&self) -> Defined<Ratio> {
        ratio(times(self.receivables()?, i128::from(WINDOW))?, self.billed()?)
    }
    fn supplier_days(&self) -> Defined<Ratio> {
        ratio(times(self.held(M::OwedSuppliers)?, i128::from(WINDOW))?, self.window().sum(M::Cogs)?)
    }

    /// The exact value of a figure, before it is rounded to its unit.
    pub(super) fn exact(&self, metric: Metric) -> Defined<Ratio> {
        let whole = |amount: Defined<i128>| Ok(Ratio::whole(fits(amount?)?));
        match metric {
            Metric::BookedGrossSales => whole(self.sum(M::BookedGross)),
            Metric::BookedDiscounts => whole(self.sum(M::BookedDiscounts)),
            Metric::BookedReturns => whole(self.sum(M::BookedReturns)),
            Metric::BookedNetSales => whole(self.net_sales(&BOOKED)),
            Metric::BookedShippingRevenue => whole(self.sum(M::BookedShipping)),
            Metric::BookedTaxes => whole(self.sum(M::BookedTaxes)),
            Metric::BookedNetRevenue => whole(self.net_revenue(&BOOKED)),
            Metric::BookedTotalSales => whole(self.total_sales(&BOOKED)),
            Metric::BookedUnitsSold => whole(self.sum(M::BookedUnits)),
            Metric::BookedUnitsReturned => whole(self.sum(M::BookedUnitsReturned)),
            Metric::RealisedGrossSales => whole(self.sum(M::RealisedGross)),
            Metric::RealisedDiscounts => whole(self.sum(M::RealisedDiscounts)),
            Metric::RealisedReturns => whole(self.sum(M::RealisedReturns)),
            Metric::RealisedNetSales => whole(self.net_sales(&REALISED)),
            Metric::RealisedShippingRevenue => whole(self.sum(M::RealisedShipping)),
            Metric::RealisedTaxes => whole(self.sum(M::RealisedTaxes)),
            Metric::RealisedNetRevenue => whole(self.net_revenue(&REALISED)),
            Metric::RealisedTotalSales => whole(self.total_sales(&REALISED)),
            Metric::RealisedUnitsSold => whole(self.sum(M::RealisedUnits)),
            Metric::RealisedUnitsReturned => whole(self.sum(M::RealisedUnitsReturned)),
            Metric::Orders => whole(self.sum(M::Orders)),
            Metric::OrdersCancelled => whole(self.sum(M::OrdersCancelled)),
            Metric::RealisedOrders => whole(self.sum(M::RealisedOrders)),
            Metric::Aov => ratio(self.sum(M::AtCheckout)?, self.sum(M::Orders)?),
            Metric::DiscountRate => ratio(self.sum(M::BookedDiscounts)?, self.sum(M::BookedGross)?),
            Metric::ReturnRate => {
                ratio(self.sum(M::BookedReturns)?, self.sum(M::BookedGross)? - self.sum(M::BookedDiscounts)?)
            }
            Metric::RefundsPaid => whole(self.sum(M::RefundsPaid)),
            Metric::GiftCardsSold => whole(self.sum(M::GiftCardsSold)),
            Metric::Growth => self.growth(|figures| figures.net_sales(&BOOKED)),
            Metric::MonthEndProjection => self.projection(),

            Metric::Cogs => whole(self.sum(M::Cogs)),
            Metric::CostCoverage => {
                ratio(self.sum(M::KnownValue)?, self.sum(M::RealisedGross)? - self.sum(M::RealisedDiscounts)?)
            }
            Metric::GrossProfit => whole(Ok(self.sum(M::KnownNet)? - self.sum(M::Cogs)?)),
            Metric::GrossMargin => ratio(self.sum(M::KnownNet)? - self.sum(M::Cogs)?, self.sum(M::KnownNet)?),
            Metric::Cm1 => whole(self.cm1()),
            Metric::FreightOut => whole(self.sum(M::FreightOut)),
            Metric::FreightReturn => whole(self.sum(M::FreightReturn)),
            Metric::CodFees => whole(self.sum(M::CodFees)),
            Metric::Compensation => whole(self.sum(M::Compensation)),
            Metric::VariableExpenses => whole(self.sum(M::VariableExpenses)),
            Metric::Fulfilment => whole(self.fulfilment()),
            Metric::InventoryLosses => whole(self.sum(M::Losses)),
            Metric::PaymentFees => whole(self.sum(M::PaymentFees)),
            Metric::Chargebacks => whole(self.sum(M::Chargebacks)),
            Metric::Cm2 => whole(self.cm2()),
            Metric::AdSpend => whole(self.sum(M::AdSpend)),
            Metric::Marketing => whole(self.marketing()),
            Metric::Cm3 => whole(self.cm3()),
            Metric::FixedExpenses => whole(self.sum(M::FixedExpenses)),
            Metric::OperatingProfit => whole(self.operating_profit()),
            Metric::Cm1Pct => ratio(self.cm1()?, self.net_sales(&REALISED)?),
            Metric::Cm2Pct => ratio(self.cm2()?, self.net_revenue(&REALISED)?),
            Metric::Cm3Pct => ratio(self.cm3()?, self.net_revenue(&REALISED)?),
            Metric::OperatingMargin => ratio(self.operating_profit()?, self.net_revenue(&REALISED)?),
            Metric::Cm2PerOrder => ratio(self.cm2()?, self.sum(M::RealisedOrders)?),
            Metric::Cm3PerOrder => ratio(self.cm3()?, self.sum(M::RealisedOrders)?),
            Metric::BreakevenRevenue => {
                let fixed = self.sum(M::FixedExpenses)?;
                ratio(times(fixed, self.net_revenue(&REALISED)?)?, self.cm3_that_pays()?)
            }
            Metric::BreakevenOrders => {
                let fixed = self.sum(M::FixedExpenses)?;
                let orders = match self.sum(M::RealisedOrders)? {
                    0 => return Err(Undefined::ZeroDenominator),
                    orders => orders,
                };
                Ok(Ratio::whole(ratio(times(fixed, orders)?, self.cm3_that_pays()?)?.ceiling()?))
            }
            // (revenue − fixed × revenue ÷ cm3) ÷ revenue
            Metric::MarginOfSafety => {
                let cm3 = self.cm3_that_pays()?;
                ratio(cm3 - self.sum(M::FixedExpenses)?, cm3)
            }
            Metric::OperatingLeverage => match self.operating_profit()? {
                profit if profit > 0 => ratio(self.cm3()?, profit),
                _ => Err(Undefined::NoProfit),
            },
            Metric::BlendedRoas => ratio(self.net_sales(&BOOKED)?, self.sum(M::AdSpend)?),
            Metric::Mer => ratio(self.net_revenue(&REALISED)?, self.marketing()?),
            Metric::AdRatio => ratio(self.marketing()?, self.net_revenue(&REALISED)?),
            Metric::ContributionRoas => ratio(self.cm2()?, self.marketing()?),
            Metric::BreakevenRoas => match self.cm2()? {
                cm2 if cm2 > 0 => ratio(self.net_revenue(&REALISED)?, cm2),
                _ => Err(Undefined::NoBreakEven),
            },
            Metric::NewCustomers => whole(self.sum(M::NewCustomers)),
            Metric::ActiveCustomers => whole(Ok(self.customers(false))),
            Metric::Cac => ratio(self.marketing()?, self.sum(M::NewCustomers)?),
            Metric::FirstOrderContribution => ratio(self.sum(M::FirstContribution)?, self.sum(M::NewCustomers)?),
            Metric::PaybackRatio => ratio(self.sum(M::CustomerContribution)?, self.marketing()?),
            Metric::ReturningCustomerRate => ratio(self.customers(true), self.customers(false)),
            Metric::RuleOf40 => self.rule_of_40(),
            Metric::BurnMultiple => self.burn_multiple(),
            Metric::Withheld => whole(self.sum(M::Withheld)),
            Metric::InputVat => self.registered().and_then(|()| whole(self.sum(M::InputVat))),
            Metric::VatSetAside => {
                self.registered()?;
                let paid = self.sum(M::InputVat)? + self.sum(M::WithheldVat)?;
                whole(Ok(self.sum(M::RealisedTaxes)? - paid))
            }

            Metric::CashPayouts => whole(self.sum(M::CashPayouts)),
            Metric::CashRemittances => whole(self.sum(M::CashRemittances)),
            Metric::CashInvoices => whole(self.sum(M::CashInvoices)),
            Metric::CashCarriers => whole(self.sum(M::CashCarriers)),
            Metric::CashAds => whole(self.sum(M::CashAds)),
            Metric::CashExpenses => whole(self.sum(M::CashExpenses)),
            Metric::CashSuppliers => whole(self.sum(M::CashSuppliers)),
            Metric::CashTaxes => whole(self.sum(M::CashTaxes)),
            Metric::CashCapex => whole(self.sum(M::CashCapex)),
            Metric::CashFinancing => whole(self.sum(M::CashFinancing)),
            Metric::CashOwner => whole(self.sum(M::CashOwner)),
            Metric::CashOperating => whole(self.cash(&OPERATING_CASH)),
            Metric::CashNet => whole(self.cash(&NET_CASH)),

            Metric::CodPlaced => whole(self.sum(M::CodPlaced)),
            Metric::CodConfirmed => whole(self.sum(M::CodConfirmed)),
            Metric::CodConfirmationRate => ratio(self.sum(M::CodConfirmed)?, self.sum(M::CodPlaced)?),
            Metric::CodShipped => whole(self.sum(M::CodShipped)),
            Metric::CodDelivered => whole(self.sum(M::CodDelivered)),
            Metric::CodReturned => whole(self.sum(M::CodReturned)),
            Metric::CodLost => whole(self.sum(M::CodLost)),
            Metric::CodInTransit => whole(self.sum(M::CodInTransit)),
            Metric::CodDeliveryRate => ratio(self.sum(M::CodDelivered)?, self.resolved()?),
            Metric::CodPlacedDelivered => whole(self.sum(M::CodPlacedDelivered)),
            Metric::CodEndToEndRate => ratio(self.sum(M::CodPlacedDelivered)?, self.sum(M::CodPlaced)?),
            Metric::CodLogisticsCost => whole(self.sum(M::CodLogistics)),
            Metric::CodCostPerDelivered => ratio(self.sum(M::CodLogistics)?, self.sum(M::CodDelivered)?),
            Metric::CodBreakevenDeliveryRate => self.breakeven_delivery_rate(),

            Metric::Cash => whole(self.held(M::HeldCash)),
            Metric::CodReceivable => whole(self.held(M::CodDue)),
            Metric::CodOverdue => whole(self.held(M::CodOverdue)),
            Metric::CodOverpaid => whole(self.held(M::CodOverpaid)),
            Metric::CodOnTheWay => whole(self.held(M::CodOnTheWay)),
            Metric::GatewayPending => whole(self.held(M::GatewayPending)),
            Metric::InvoicesOpen => whole(self.invoices(false)),
            Metric::InvoicesOverdue => whole(self.invoices(true)),
            Metric::ExpectedLoss => self.expected_loss(),
            Metric::Receivables => whole(self.receivables()),
            Metric::OverdueShare => ratio(self.held(M::CodOverdue)? + self.invoices(true)?, self.receivables()?),
            Metric::SupplierPayables => whole(self.held(M::OwedSuppliers)),
            Metric::ExpensesPayable => whole(self.held(M::OwedExpenses)),
            Metric::AdsPayable => whole(self.held(M::OwedAds)),
            Metric::CarriersPayable => whole(self.held(M::OwedCarriers)),
            Metric::GiftCardLiability => whole(self.held(M::OwedGiftCards)),
            Metric::CurrentLiabilities => whole(self.liabilities()),
            Metric::Inventory => whole(self.held(M::HeldInventory)),
            Metric::QuickRatio => self.liquidity(0),
            Metric::CurrentRatio => self.liquidity(self.held(M::HeldInventory)?),
            Metric::AvgDailyOutflow => ratio(self.outflow()?, i128::from(WINDOW)),
            Metric::CashBufferDays => match self.outflow()? {
                outflow if outflow > 0 => ratio(times(self.held(M::HeldCash)?, i128::from(WINDOW))?, outflow),
                _ => Err(Undefined::ZeroDenominator),
            },
            Metric::MonthlyOperatingCashFlow => self.monthly_flow(),
            Metric::RunwayMonths => {
                let flow = self.monthly_flow()?;
                if flow.numerator() >= 0 {
                    return Err(Undefined::NotBurningCash);
                }
                let cash = Ratio::whole(fits(self.held(M::HeldCash)?)?);
                cash.over(Ratio::ZERO.minus(flow)?)?.ok_or(Undefined::ZeroDenominator)
            }
            Metric::Dso => self.sales_days(),
            Metric::Dio => self.stock_days(),
            Metric::Dpo => self.supplier_days(),
            Metric::Ccc => Ok(self.stock_days()?.plus(self.sales_days()?)?.minus(self.supplier_days()?)?),
        }
    }
}

fn fits(amount: i128) -> Defined<i64> {
    i64::try_from(amount).map_err(|_| Undefined::TooLarge)
}

/// The lines of operating cash.
const OPERATING_CASH: [M; 8] = [
    M::CashPayouts,
    M::CashRemittances,
    M::CashInvoices,
    M::CashCarriers,
    M::CashAds,
    M::CashExpenses,
    M::CashSuppliers,
    M::CashTaxes,
];
/// Of them what leaves.
const OUTFLOWS: [M; 5] = [M::CashCarriers, M::CashAds, M::CashExpenses, M::CashSuppliers, M::CashTaxes];
/// All lines of cash.
const NET_CASH: [M; 11] = [
    M::CashPayouts,
    M::CashRemittances,
    M::CashInvoices,
    M::CashCarriers,
    M::CashAds,
    M::CashExpenses,
    M::CashSuppliers,
    M::CashTaxes,
    M::CashCapex,
    M::CashFinancing,
    M::CashOwner,
];
/// What is owed soon.
const OWED: [M; 5] = [M::OwedSuppliers, M::OwedExpenses, M::OwedAds, M::OwedCarriers, M::OwedGiftCards];

impl Metric {
    /// The measures it is made of.
    pub(super) fn measures(self) -> Vec<M> {
        const BOOKED_NET: [M; 3] = [M::BookedGross, M::BookedDiscounts, M::BookedReturns];
        const NET: [M; 3] = [M::RealisedGross, M::RealisedDiscounts, M::RealisedReturns];
        const CARRIERS: [M; 4] = [M::FreightOut, M::FreightReturn, M::CodFees, M::Compensation];
        const RECEIVABLES: [M; 8] = [
            M::CodDue,
            M::GatewayPending,
            M::InvoicesCurrent,
            M::InvoicesTo30,
            M::InvoicesTo60,
            M::InvoicesTo90,
            M::InvoicesTo180,
            M::InvoicesOlder,
        ];
        let of = |parts: &[&[M]]| parts.concat();
        let cm1 = || of(&[&NET, &[M::Cogs]]);
        let fulfilment = || of(&[&CARRIERS, &[M::VariableExpenses]]);
        let cm2 = || of(&[&cm1(), &fulfilment(), &[M::RealisedShipping, M::Losses, M::PaymentFees, M::Chargebacks]]);
        const MARKETING: [M; 2] = [M::AdSpend, M::MarketingExpenses];
        let cm3 = || of(&[&cm2(), &MARKETING]);
        let profit = || of(&[&cm3(), &[M::FixedExpenses]]);
        let revenue = || of(&[&NET, &[M::RealisedShipping]]);
        match self {
            Self::BookedGrossSales => vec![M::BookedGross],
            Self::BookedDiscounts => vec![M::BookedDiscounts],
            Self::BookedReturns => vec![M::BookedReturns],
            Self::BookedNetSales | Self::Growth | Self::MonthEndProjection => BOOKED_NET.to_vec(),
            Self::BookedShippingRevenue => vec![M::BookedShipping],
            Self::BookedTaxes => vec![M::BookedTaxes],
            Self::BookedNetRevenue => of(&[&BOOKED_NET, &[M::BookedShipping]]),
            Self::BookedTotalSales => of(&[&BOOKED_NET, &[M::BookedShipping, M::BookedTaxes]]),
            Self::BookedUnitsSold => vec![M::BookedUnits],
            Self::BookedUnitsReturned => vec![M::BookedUnitsReturned],
            Self::RealisedGrossSales => vec![M::RealisedGross],
            Self::RealisedDiscounts => vec![M::RealisedDiscounts],
            Self::RealisedReturns => vec![M::RealisedReturns],
            Self::RealisedNetSales => NET.to_vec(),
            Self::RealisedShippingRevenue => vec![M::RealisedShipping],
            Self::RealisedTaxes => vec![M::RealisedTaxes],
            Self::RealisedNetRevenue => revenue(),
            Self::RealisedTotalSales => of(&[&revenue(), &[M::RealisedTaxes]]),
            Self::RealisedUnitsSold => vec![M::RealisedUnits],
            Self::RealisedUnitsReturned => vec![M::RealisedUnitsReturned],
            Self::Orders => vec![M::Orders],
            Self::OrdersCancelled => vec![M::OrdersCancelled],
            Self::RealisedOrders => vec![M::RealisedOrders],
            Self::Aov => vec![M::AtCheckout, M::Orders],
            Self::DiscountRate => vec![M::BookedDiscounts, M::BookedGross],
            Self::ReturnRate => BOOKED_NET.to_vec(),
            Self::RefundsPaid => vec![M::RefundsPaid],
            Self::GiftCardsSold => vec![M::GiftCardsSold],
            Self::Cogs => vec![M::Cogs],
            Self::CostCoverage => vec![M::KnownValue, M::RealisedGross, M::RealisedDiscounts],
            Self::GrossProfit | Self::GrossMargin => vec![M::KnownNet, M::Cogs],
            Self::Cm1 | Self::Cm1Pct => cm1(),
            Self::FreightOut => vec![M::FreightOut],
            Self::FreightReturn => vec![M::FreightReturn],
            Self::CodFees => vec![M::CodFees],
            Self::Compensation => vec![M::Compensation],
            Self::VariableExpenses => vec![M::VariableExpenses],
            Self::Fulfilment => fulfilment(),
            Self::InventoryLosses => vec![M::Losses],
            Self::PaymentFees => vec![M::PaymentFees],
            Self::Chargebacks => vec![M::Chargebacks],
            Self::Cm2 | Self::Cm2Pct | Self::BreakevenRoas => cm2(),
            Self::Cm2PerOrder => of(&[&cm2(), &[M::RealisedOrders]]),
            Self::AdSpend => vec![M::AdSpend],
            Self::Marketing => MARKETING.to_vec(),
            Self::Cm3 | Self::Cm3Pct | Self::ContributionRoas => cm3(),
            Self::Cm3PerOrder => of(&[&cm3(), &[M::RealisedOrders]]),
            Self::FixedExpenses => vec![M::FixedExpenses],
            Self::OperatingProfit
            | Self::OperatingMargin
            | Self::BreakevenRevenue
            | Self::MarginOfSafety
            | Self::OperatingLeverage
            | Self::RuleOf40 => profit(),
            Self::BreakevenOrders => of(&[&profit(), &[M::RealisedOrders]]),
            Self::BlendedRoas => of(&[&BOOKED_NET, &[M::AdSpend]]),
            Self::Mer | Self::AdRatio => of(&[&revenue(), &MARKETING]),
            Self::NewCustomers => vec![M::NewCustomers],
            Self::ActiveCustomers | Self::ReturningCustomerRate => vec![],
            Self::Cac => of(&[&MARKETING, &[M::NewCustomers]]),
            Self::FirstOrderContribution => vec![M::FirstContribution],
            Self::PaybackRatio => of(&[&MARKETING, &[M::CustomerContribution]]),
            Self::BurnMultiple => of(&[&NET_CASH, &revenue()]),
            Self::Withheld => vec![M::Withheld],
            Self::InputVat => vec![M::InputVat],
            Self::VatSetAside => vec![M::RealisedTaxes, M::InputVat, M::WithheldVat],
            Self::CashPayouts => vec![M::CashPayouts],
            Self::CashRemittances => vec![M::CashRemittances],
            Self::CashInvoices => vec![M::CashInvoices],
            Self::CashCarriers => vec![M::CashCarriers],
            Self::CashAds => vec![M::CashAds],
            Self::CashExpenses => vec![M::CashExpenses],
            Self::CashSuppliers => vec![M::CashSuppliers],
            Self::CashTaxes => vec![M::CashTaxes],
            Self::CashCapex => vec![M::CashCapex],
            Self::CashFinancing => vec![M::CashFinancing],
            Self::CashOwner => vec![M::CashOwner],
            Self::CashOperating | Self::MonthlyOperatingCashFlow => OPERATING_CASH.to_vec(),
            Self::CashNet => NET_CASH.to_vec(),
            Self::CodPlaced => vec![M::CodPlaced],
            Self::CodConfirmed => vec![M::CodConfirmed],
            Self::CodConfirmationRate => vec![M::CodPlaced, M::CodConfirmed],
            Self::CodShipped => vec![M::CodShipped],
            Self::CodDelivered => vec![M::CodDelivered],
            Self::CodReturned => vec![M::CodReturned],
            Self::CodLost => vec![M::CodLost],
            Self::CodInTransit => vec![M::CodInTransit],
            Self::CodDeliveryRate => vec![M::CodDelivered, M::CodReturned, M::CodLost],
            Self::CodPlacedDelivered => vec![M::CodPlacedDelivered],
            Self::CodEndToEndRate => vec![M::CodPlaced, M::CodPlacedDelivered],
            Self::CodLogisticsCost => vec![M::CodLogistics],
            Self::CodCostPerDelivered => vec![M::CodLogistics, M::CodDelivered],
            Self::CodBreakevenDeliveryRate => {
                of(&[&[M::CodGain, M::CodFailedCost, M::ParcelsShipped, M::VariableExpenses], &MARKETING])
            }
            Self::Cash => vec![M::HeldCash],
            Self::CodReceivable => vec![M::CodDue],
            Self::CodOverdue => vec![M::CodOverdue],
            Self::CodOverpaid => vec![M::CodOverpaid],
            Self::CodOnTheWay => vec![M::CodOnTheWay],
            Self::GatewayPending => vec![M::GatewayPending],
            Self::InvoicesOpen | Self::ExpectedLoss => RECEIVABLES[2..].to_vec(),
            Self::InvoicesOverdue => RECEIVABLES[3..].to_vec(),
            Self::Receivables => RECEIVABLES.to_vec(),
            Self::OverdueShare => of(&[&RECEIVABLES, &[M::CodOverdue]]),
            Self::SupplierPayables => vec![M::OwedSuppliers],
            Self::ExpensesPayable => vec![M::OwedExpenses],
            Self::AdsPayable => vec![M::OwedAds],
            Self::CarriersPayable => vec![M::OwedCarriers],
            Self::GiftCardLiability => vec![M::OwedGiftCards],
            Self::CurrentLiabilities => OWED.to_vec(),
            Self::Inventory => vec![M::HeldInventory],
            Self::QuickRatio => of(&[&RECEIVABLES, &OWED, &[M::HeldCash]]),
            Self::CurrentRatio => of(&[&RECEIVABLES, &OWED, &[M::HeldCash, M::HeldInventory]]),
            Self::AvgDailyOutflow => OUTFLOWS.to_vec(),
            Self::CashBufferDays => of(&[&OUTFLOWS, &[M::HeldCash]]),
            Self::RunwayMonths => of(&[&OPERATING_CASH, &[M::HeldCash]]),
            Self::Dso => of(&[&RECEIVABLES, &revenue(), &[M::RealisedTaxes, M::Invoiced]]),
            Self::Dio => vec![M::HeldInventory, M::Cogs],
            Self::Dpo => vec![M::OwedSuppliers, M::Cogs],
            Self::Ccc => of(&[
                &RECEIVABLES,
                &revenue(),
                &[M::RealisedTaxes, M::Invoiced, M::HeldInventory, M::Cogs, M::OwedSuppliers],
            ]),
        }
    }
}
