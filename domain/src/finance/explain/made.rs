//! What a figure is made of, so that its change can be told in parts that add up to it.

use std::collections::BTreeMap;

use super::change::Explained;
use crate::finance::figures::{Accounts, Days, Dimension, Metric, Narrowing, Undefined, Value};
use crate::finance::ratio::Ratio;

/// How a figure is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// Driver by driver: price, volume, mix and what stands below.
    Drivers(Explained),
    /// A sum of other figures, each added (`1`) or taken off (`-1`).
    Terms(&'static [(Metric, i8)]),
    /// The sum of its parts.
    Parts(Dimension),
    /// What it is for: expenses by category.
    Categories,
    /// One figure over another; `None` is what no figure says, and follows from the other one.
    Quotient(Option<Metric>, Option<Metric>),
}

impl Made {
    /// How a figure is made; `None` when no parts of its change are known: balances, and what is counted of customers.
    pub const fn of(metric: Metric) -> Option<Self> {
        use Metric as M;
        Some(match metric {
            M::BookedNetSales => Self::Drivers(Explained::NetSales),
            M::OperatingProfit => Self::Drivers(Explained::Profit),
            M::BookedNetRevenue => Self::Terms(&[(M::BookedNetSales, 1), (M::BookedShippingRevenue, 1)]),
            M::BookedTotalSales => {
                Self::Terms(&[(M::BookedNetSales, 1), (M::BookedShippingRevenue, 1), (M::BookedTaxes, 1)])
            }
            M::RealisedNetSales => {
                Self::Terms(&[(M::RealisedGrossSales, 1), (M::RealisedDiscounts, -1), (M::RealisedReturns, -1)])
            }
            M::RealisedNetRevenue => Self::Terms(&[(M::RealisedNetSales, 1), (M::RealisedShippingRevenue, 1)]),
            M::Cm1 => Self::Terms(&[(M::RealisedNetSales, 1), (M::Cogs, -1)]),
            M::Cm2 => Self::Terms(&[
                (M::RealisedNetSales, 1),
                (M::Cogs, -1),
                (M::RealisedShippingRevenue, 1),
                (M::Fulfilment, -1),
                (M::InventoryLosses, -1),
                (M::PaymentFees, -1),
                (M::Chargebacks, -1),
            ]),
            M::Cm3 => Self::Terms(&[(M::Cm2, 1), (M::Marketing, -1)]),
            M::Fulfilment => Self::Terms(&[
                (M::FreightOut, 1),
                (M::FreightReturn, 1),
                (M::CodFees, 1),
                (M::Compensation, 1),
                (M::VariableExpenses, 1),
            ]),
            M::CashOperating => Self::Terms(&[
                (M::CashPayouts, 1),
                (M::CashRemittances, 1),
                (M::CashInvoices, 1),
                (M::CashCarriers, 1),
                (M::CashAds, 1),
                (M::CashExpenses, 1),
                (M::CashSuppliers, 1),
                (M::CashTaxes, 1),
            ]),
            M::CashNet => {
                Self::Terms(&[(M::CashOperating, 1), (M::CashCapex, 1), (M::CashFinancing, 1), (M::CashOwner, 1)])
            }
            M::BookedGrossSales
            | M::BookedDiscounts
            | M::BookedReturns
            | M::BookedUnitsSold
            | M::BookedUnitsReturned
            | M::BookedShippingRevenue
            | M::BookedTaxes
            | M::RealisedGrossSales
            | M::RealisedUnitsSold
            | M::Cogs
            | M::GrossProfit => Self::Parts(Dimension::Product),
            M::Orders | M::OrdersCancelled | M::RealisedOrders | M::RefundsPaid => Self::Parts(Dimension::City),
            M::FreightOut
            | M::FreightReturn
            | M::CodFees
            | M::CodShipped
            | M::CodDelivered
            | M::CodReturned
            | M::CodLost
            | M::CodLogisticsCost
            | M::InventoryLosses => Self::Parts(Dimension::Carrier),
            M::PaymentFees => Self::Parts(Dimension::Channel),
            M::AdSpend => Self::Parts(Dimension::Platform),
            M::FixedExpenses => Self::Categories,
            M::OperatingMargin => Self::Quotient(Some(M::OperatingProfit), Some(M::RealisedNetRevenue)),
            M::GrossMargin => Self::Quotient(Some(M::GrossProfit), None),
            M::Cm1Pct => Self::Quotient(Some(M::Cm1), Some(M::RealisedNetSales)),
            M::Aov => Self::Quotient(None, Some(M::Orders)),
            M::ReturnRate => Self::Quotient(Some(M::BookedReturns), None),
            M::CodDeliveryRate => Self::Quotient(Some(M::CodDelivered), None),
            M::Cm2Pct => Self::Quotient(Some(M::Cm2), Some(M::RealisedNetRevenue)),
            M::Cm3Pct => Self::Quotient(Some(M::Cm3), Some(M::RealisedNetRevenue)),
            M::Cm2PerOrder => Self::Quotient(Some(M::Cm2), Some(M::RealisedOrders)),
            M::Cm3PerOrder => Self::Quotient(Some(M::Cm3), Some(M::RealisedOrders)),
            M::DiscountRate => Self::Quotient(Some(M::BookedDiscounts), Some(M::BookedGrossSales)),
            M::BlendedRoas => Self::Quotient(Some(M::BookedNetSales), Some(M::AdSpend)),
            M::Mer => Self::Quotient(Some(M::RealisedNetRevenue), Some(M::Marketing)),
            M::AdRatio => Self::Quotient(Some(M::Marketing), Some(M::RealisedNetRevenue)),
            M::ContributionRoas => Self::Quotient(Some(M::Cm2), Some(M::Marketing)),
            M::Cac => Self::Quotient(Some(M::Marketing), Some(M::NewCustomers)),
            M::CodConfirmationRate => Self::Quotient(Some(M::CodConfirmed), Some(M::CodPlaced)),
            M::CodEndToEndRate => Self::Quotient(Some(M::CodPlacedDelivered), Some(M::CodPlaced)),
            M::CodCostPerDelivered => Self::Quotient(Some(M::CodLogisticsCost), Some(M::CodDelivered)),
            _ => return None,
        })
    }
    /// By what the books are divided to tell it.
    pub const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Parts(by) => Some(by),
            Self::Drivers(_) => Some(Dimension::Product),
            Self::Terms(_) | Self::Categories | Self::Quotient(..) => None,
        }
    }
}

/// What moved a figure.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mover {
    /// A figure that it is made of.
    Figure(Metric),
    /// What it is made of besides, which no figure says.
    Rest,
    /// A part of the shop; `None` = what belongs to none.
    Part(Option<String>),
    /// What it is for.
    Category(String),
}

/// A change and its parts, exact. The parts add up to `now − before`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The figure before.
    pub before: Ratio,
    /// The figure now.
    pub now: Ratio,
    /// What each did to it, the one that moved most first; those that did nothing are left out.
    pub parts: Vec<(Mover, Ratio)>,
}

/// What moved a figure that is made of others, from some days to others, of a part of the shop or all of it. Of
/// [`Made::Drivers`] see [`super::change`].
///
/// # Errors
/// Why an amount is not known.
pub fn moved(
    accounts: &dyn Accounts,
    metric: Metric,
    made: Made,
    narrowing: &[Narrowing],
    (now, before): (Days, Days),
) -> Result<Moved, Undefined> {
    let value = |metric: Metric, days: Days| -> Result<Ratio, Undefined> {
        Ok(accounts.part(narrowing, days).value(metric)?.ratio())
    };
    let mut parts: BTreeMap<Mover, Ratio> = BTreeMap::new();
    let mut add = |mover: Mover, amount: Ratio| -> Result<(), Undefined> {
        let sum = parts.entry(mover).or_insert(Ratio::ZERO);
        *sum = sum.plus(amount)?;
        Ok(())
    };
    let (late, early) = (value(metric, now)?, value(metric, before)?);
    match made {
        Made::Drivers(_) => {}
        Made::Terms(terms) => {
            for (term, sign) in terms {
                let moved = value(*term, now)?.minus(value(*term, before)?)?;
                add(Mover::Figure(*term), moved.times(Ratio::whole((*sign).into()))?)?;
            }
        }
        Made::Parts(by) => {
            for (days, sign) in [(now, 1), (before, -1)] {
                for part in accounts.parts(by, narrowing, days).parts {
                    let amount = match part.figures.value(metric)? {
                        Value::Money(whole) | Value::Count(whole) => Ratio::whole(whole),
                        Value::Ratio(_) => return Err(Undefined::Impossible),
                    };
                    add(Mover::Part(part.key), amount.times(Ratio::whole(sign))?)?;
                }
            }
        }
        Made::Categories => {
            for (days, sign) in [(now, 1), (before, -1)] {
                for (category, amount) in accounts.fixed_by_category(days)? {
                    add(Mover::Category(category), Ratio::whole(amount).times(Ratio::whole(sign))?)?;
                }
            }
        }
        Made::Quotient(above, below) => {
            let quotient = |over: Ratio, under: Ratio| over.over(under)?.ok_or(Undefined::ZeroDenominator);
            let sides = |days: Days, whole: Ratio| -> Result<(Ratio, Ratio), Undefined> {
                let known = |metric: Option<Metric>| metric.map(|metric| value(metric, days)).transpose();
                match (known(above)?, known(below)?) {
                    (Some(over), Some(under)) => Ok((over, under)),
                    (Some(over), None) => Ok((over, quotient(over, whole)?)),
                    (None, Some(under)) => Ok((whole.times(under)?, under)),
                    (None, None) => Err(Undefined::Impossible),
                }
            };
            let (_, under) = sides(before, early)?;
            let (over, _) = sides(now, late)?;
            // What is above the line moved first, at the divisor of before; what is left is the divisor's.
            let between = quotient(over, under)?;
            let named = |metric: Option<Metric>| metric.map_or(Mover::Rest, Mover::Figure);
            add(named(above), between.minus(early)?)?;
            add(named(below), late.minus(between)?)?;
        }
    }
    let mut parts: Vec<(Mover, Ratio)> = parts.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
    let size = |amount: &Ratio| amount.scaled(6).map_or(u128::MAX, i128::unsigned_abs);
    parts.sort_by(|(one, left), (other, right)| size(right).cmp(&size(left)).then_with(|| one.cmp(other)));
    Ok(Moved { before: early, now: late, parts })
}
