//! From sums to figures.

use jiff::civil::Date;

use super::days::{Days, shifted};
use super::ledger::{Ledger, Totals};
use super::made_of::{NET_CASH, OPERATING_CASH};
use super::measure::Measure as M;
use super::metric::{Metric, Unit};
use super::posting::FactKind;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::Currency;
use crate::finance::ratio::{Ratio, decimal_text};

/// Days of the trailing window of balances and of the health score.
pub(super) const WINDOW: i64 = 90;
/// Realised orders that a comparison needs.
const ENOUGH_ORDERS: i128 = 30;

pub(super) type Defined<T> = Result<T, Undefined>;

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
pub struct Figures<'a, S: Sums + ?Sized = Ledger> {
    pub(super) sums: &'a S,
    /// Which days.
    pub days: Days,
    totals: Totals,
}

/// What each sale figure is made of: booked or realised.
pub(super) struct Sales {
    gross: M,
    discounts: M,
    returns: M,
    shipping: M,
    taxes: M,
}
pub(super) const BOOKED: Sales = Sales {
    gross: M::BookedGross,
    discounts: M::BookedDiscounts,
    returns: M::BookedReturns,
    shipping: M::BookedShipping,
    taxes: M::BookedTaxes,
};
pub(super) const REALISED: Sales = Sales {
    gross: M::RealisedGross,
    discounts: M::RealisedDiscounts,
    returns: M::RealisedReturns,
    shipping: M::RealisedShipping,
    taxes: M::RealisedTaxes,
};

pub(super) fn ratio(numerator: i128, denominator: i128) -> Defined<Ratio> {
    Ratio::new(numerator, denominator).ok_or(Undefined::ZeroDenominator)
}
pub(super) fn times(left: i128, right: i128) -> Defined<i128> {
    left.checked_mul(right).ok_or(Undefined::TooLarge)
}

impl<'a, S: Sums + ?Sized> Figures<'a, S> {
    pub(super) fn new(sums: &'a S, days: Days) -> Self {
        Self { sums, days, totals: sums.totals(days) }
    }
    /// The figures of a part of the postings.
    pub(super) fn of_part(sums: &'a S, days: Days, totals: Totals) -> Self {
        Self { sums, days, totals }
    }
    /// The figures of other days.
    pub(super) fn over(&self, days: Days) -> Self {
        Self::new(self.sums, days)
    }
    /// The full days of the trailing window before `as_of`.
    pub(super) fn window(&self) -> Self {
        self.over(Days::before(self.sums.today(), WINDOW))
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

    pub(super) fn sum(&self, measure: M) -> Defined<i128> {
        self.totals.get(measure)
    }
    pub(super) fn held(&self, measure: M) -> Defined<i128> {
        self.sums.balances().get(measure)
    }
    pub(super) fn net_sales(&self, basis: &Sales) -> Defined<i128> {
        Ok(self.sum(basis.gross)? - self.sum(basis.discounts)? - self.sum(basis.returns)?)
    }
    pub(super) fn net_revenue(&self, basis: &Sales) -> Defined<i128> {
        Ok(self.net_sales(basis)? + self.sum(basis.shipping)?)
    }
    pub(super) fn total_sales(&self, basis: &Sales) -> Defined<i128> {
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
    /// All fees, or why they are not known. Whatever lies under them counts those that are ([`Figures::untold_fees`]).
    fn payment_fees(&self) -> Defined<i128> {
        if self.untold_fees()? { Err(Undefined::NoGatewayFees) } else { self.sum(M::PaymentFees) }
    }
    /// Whether charges were made of whose fees nobody told: a profit is then at most what it says (FINANCE, choice 6).
    ///
    /// # Errors
    /// When the sum of them does not fit.
    pub fn untold_fees(&self) -> Defined<bool> {
        Ok(self.sum(M::UntoldFees)? != 0)
    }
    /// Whether payments are held of whose payout nobody told: what is receivable is then at least what it says.
    ///
    /// # Errors
    /// When the sum of them does not fit.
    pub fn untold_payouts(&self) -> Defined<bool> {
        Ok(self.held(M::UntoldPayouts)? != 0)
    }
    /// The fees that are known, in minor units: what profits are made of.
    ///
    /// # Errors
    /// When the sum does not fit.
    pub fn known_fees(&self) -> Defined<i64> {
        fits(self.sum(M::PaymentFees)?)
    }
    fn gateway_pending(&self) -> Defined<i128> {
        if self.untold_payouts()? { Err(Undefined::NoGatewayTerms) } else { self.held(M::GatewayPending) }
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
    pub(super) fn cash(&self, lines: &[M]) -> Defined<i128> {
        lines.iter().try_fold(0, |sum, line| Ok(sum + self.sum(*line)?))
    }
    fn customers(&self, returning: bool) -> i128 {
        self.sums.customers(self.days, returning)
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
        if self.sums.is_vat_registered() { Ok(()) } else { Err(Undefined::NotVatRegistered) }
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
            Metric::PaymentFees => whole(self.payment_fees()),
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
            Metric::GatewayPending => whole(self.gateway_pending()),
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

impl<'a, S: Sums> Figures<'a, S> {
    /// The same, whatever they are computed from.
    pub fn over_any(self) -> Figures<'a, dyn Sums>
    where
        S: 'static,
    {
        Figures { sums: self.sums, days: self.days, totals: self.totals }
    }
}

impl<S: Sums + ?Sized> Figures<'_, S> {
    /// The days on which something moved a figure of these days.
    pub(super) fn proof_days(&self, metric: Metric) -> Days {
        let today = self.sums.today();
        match metric {
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
        }
    }
}

impl Figures<'_> {
    /// The facts behind a figure, each once, by kind and id.
    pub fn proof(&self, metric: Metric) -> Vec<(FactKind, String)> {
        let days = self.proof_days(metric);
        let mut facts = self.sums.behind(&metric.measures(), days);
        if matches!(metric, Metric::ActiveCustomers | Metric::ReturningCustomerRate) {
            let orders = &self.sums.books.facts.orders;
            let visits = self.sums.books.customers.visits(days.first, days.last);
            facts.extend(visits.iter().map(|visit| (FactKind::Order, orders[visit.order].id.clone())));
        }
        facts.into_iter().collect()
    }
}

pub(super) fn fits(amount: i128) -> Defined<i64> {
    i64::try_from(amount).map_err(|_| Undefined::TooLarge)
}
