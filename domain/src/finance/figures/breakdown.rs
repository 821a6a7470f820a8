//! Figures by product, payment, customer, channel, city, carrier, platform, day or month. Parts sum to the whole.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::books::Books;
use super::days::{Days, distance, shifted};
use super::evaluate::Figures;
use super::ledger::{Ledger, Totals};
use super::measure::Measure;
use super::metric::Metric;
use super::posting::{Posting, Sink};
use super::sums::Sums;
use super::undefined::Undefined;

/// By what figures are broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// By variant. Sales, cost and cm1 are exact; below that an order's costs are divided by the net value of its lines.
    Product,
    /// Prepaid or cash on delivery.
    Payment,
    /// New, returning, or not realised.
    Customer,
    /// Where it was sold.
    Channel,
    /// Where it went.
    City,
    /// Who carried it: the carrier of the parcel, else of the order's first parcel.
    Carrier,
    /// Where it was advertised.
    Platform,
    /// By day.
    Day,
    /// By month.
    Month,
}

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Product,
        Self::Payment,
        Self::Customer,
        Self::Channel,
        Self::City,
        Self::Carrier,
        Self::Platform,
        Self::Day,
        Self::Month,
    ];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::Channel => "channel",
            Self::City => "city",
            Self::Carrier => "carrier",
            Self::Platform => "platform",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// A part of the whole.
pub struct Part<'a, S: Sums + ?Sized = Ledger> {
    /// Which one; `None` = what belongs to none.
    pub key: Option<String>,
    /// Its figures.
    pub figures: Figures<'a, S>,
}

/// The figures of some days, in parts.
pub struct Breakdown<'a, S: Sums + ?Sized = Ledger> {
    /// By what.
    pub by: Dimension,
    /// The parts, by key; what belongs to none comes first.
    pub parts: Vec<Part<'a, S>>,
}

/// Whole amounts divided in proportion to weights: each floor, then the remaining units one by one from the first
/// (FINANCE §1.1). Without weight the first takes all.
pub(super) fn allocated(amount: i64, weights: &[i128]) -> Vec<i64> {
    // Weights of 64 bits keep the product within 128.
    let weight = |weight: &i128| (*weight).clamp(0, i64::MAX.into());
    let total: i128 = weights.iter().map(weight).sum();
    if total == 0 {
        return (0..weights.len()).map(|place| if place == 0 { amount } else { 0 }).collect();
    }
    let size = i128::from(amount.unsigned_abs());
    let mut shares: Vec<i128> = weights.iter().map(|share| size * weight(share) / total).collect();
    // Fewer units are left than there are shares.
    let left = size - shares.iter().sum::<i128>();
    for share in shares.iter_mut().take(left as usize) {
        *share += 1;
    }
    let sign = if amount < 0 { -1 } else { 1 };
    shares.into_iter().map(|share| (sign * share) as i64).collect()
}

impl Ledger {
    /// The figures of some days, in parts.
    pub fn breakdown(&self, by: Dimension, days: Days) -> Breakdown<'_> {
        let mut parts: BTreeMap<Option<String>, Totals> = BTreeMap::new();
        let mut add = |key: Option<String>, measure: Measure, amount: Result<i64, Undefined>| {
            parts.entry(key).or_insert_with(Totals::new).add(measure, amount);
        };
        let mut take = |posting: Posting<'_>| {
            if !days.holds(posting.day) {
                return;
            }
            self.books.part(by, &posting, &mut add);
        };
        self.books.post_flows(&mut Sink::new(&mut take));
        match by {
            Dimension::Day | Dimension::Month => {
                let ends = self.accrual_ends().filter(|ends| ends.first <= days.last && days.first <= ends.last);
                for day in
                    ends.into_iter().flat_map(|ends| each_day(ends.first.max(days.first), ends.last.min(days.last)))
                {
                    self.accrued(day, |_, measure, amount| add(date_key(by, day.first), measure, amount));
                }
            }
            _ => self.accrued(days, |_, measure, amount| add(None, measure, amount)),
        }
        let parts = parts
            .into_iter()
            .map(|(key, totals)| Part { key, figures: Figures::of_part(self, days, totals) })
            .collect();
        Breakdown { by, parts }
    }
}

impl Books {
    /// What a posting adds to which part.
    pub(super) fn part(
        &self,
        by: Dimension,
        posting: &Posting<'_>,
        add: &mut impl FnMut(Option<String>, Measure, Result<i64, Undefined>),
    ) {
        match (by, posting.source.order, posting.source.line, posting.amount) {
            (Dimension::Product, Some(order), None, Ok(amount)) if posting.measure.is_of_the_order() => {
                for (key, share) in self.by_line(order, amount) {
                    add(key, posting.measure, Ok(share));
                }
            }
            _ => add(self.key(by, posting), posting.measure, posting.amount),
        }
    }

    /// An amount of an order, divided over the products of its lines.
    pub(super) fn by_line(&self, order: usize, amount: i64) -> Vec<(Option<String>, i64)> {
        let (facts, view) = (&self.facts.orders[order], &self.orders[order]);
        let goods: Vec<_> = facts.lines.iter().zip(&view.lines).filter(|(line, _)| !line.gift_card).collect();
        if goods.is_empty() {
            return vec![(None, amount)];
        }
        let weights: Vec<i128> = goods.iter().map(|(_, view)| view.net.value()).collect();
        let shares = allocated(amount, &weights);
        goods.iter().zip(shares).map(|((line, _), share)| (line.variant_id.clone(), share)).collect()
    }

    pub(super) fn key(&self, by: Dimension, posting: &Posting<'_>) -> Option<String> {
        let books = self;
        let order = posting.source.order.map(|place| &books.facts.orders[place]);
        match by {
            Dimension::Product => {
                let line = posting.source.line?;
                order?.lines.get(line)?.variant_id.clone()
            }
            Dimension::Payment => Some(order?.payment.code().to_owned()),
            Dimension::Customer => {
                let place = posting.source.order?;
                let first = books.customers.first[books.customers.of_order[place]];
                let realised = books.orders[place].realised.is_some() && order?.cancelled_at.is_none();
                let kind = match first {
                    _ if !realised => "not_realised",
                    Some((_, first)) if first == place => "new",
                    _ => "returning",
                };
                Some(kind.to_owned())
            }
            Dimension::Channel => order?.channel.clone(),
            Dimension::City => order?.city.clone(),
            Dimension::Carrier => {
                let first = || {
                    let parcels = &books.orders[posting.source.order?].parcels;
                    parcels.iter().copied().min_by_key(|place| {
                        let parcel = &books.facts.shipments[*place];
                        (parcel.shipped_at, parcel.id.as_str())
                    })
                };
                let parcel = posting.source.parcel.or_else(first)?;
                Some(books.facts.shipments[parcel].carrier.clone())
            }
            Dimension::Platform => posting.source.platform.map(str::to_owned),
            Dimension::Day | Dimension::Month => date_key(by, posting.day),
        }
    }
}

/// Each day of a range.
pub(super) fn each_day(first: Date, last: Date) -> impl Iterator<Item = Days> {
    (0..=distance(first, last)).map(move |elapsed| {
        let day = shifted(first, elapsed);
        Days::new(day, day)
    })
}

pub(super) fn date_key(by: Dimension, day: Date) -> Option<String> {
    Some(match by {
        Dimension::Month => format!("{:04}-{:02}", day.year(), day.month()),
        _ => day.to_string(),
    })
}

impl Metric {
    /// The figures that parts have: those whose parts sum to the whole.
    pub const DIVISIBLE: &'static [Self] = &[
        Self::BookedGrossSales,
        Self::BookedDiscounts,
        Self::BookedReturns,
        Self::BookedNetSales,
        Self::BookedShippingRevenue,
        Self::BookedTaxes,
        Self::BookedNetRevenue,
        Self::BookedTotalSales,
        Self::BookedUnitsSold,
        Self::BookedUnitsReturned,
        Self::RealisedGrossSales,
        Self::RealisedDiscounts,
        Self::RealisedReturns,
        Self::RealisedNetSales,
        Self::RealisedShippingRevenue,
        Self::RealisedTaxes,
        Self::RealisedNetRevenue,
        Self::RealisedTotalSales,
        Self::RealisedUnitsSold,
        Self::RealisedUnitsReturned,
        Self::Orders,
        Self::OrdersCancelled,
        Self::RealisedOrders,
        Self::Cogs,
        Self::GrossProfit,
        Self::Cm1,
        Self::FreightOut,
        Self::FreightReturn,
        Self::CodFees,
        Self::Compensation,
        Self::VariableExpenses,
        Self::Fulfilment,
        Self::InventoryLosses,
        Self::PaymentFees,
        Self::Chargebacks,
        Self::Cm2,
        Self::AdSpend,
        Self::Marketing,
        Self::Cm3,
        Self::FixedExpenses,
        Self::OperatingProfit,
        Self::RefundsPaid,
        Self::GiftCardsSold,
        Self::Withheld,
        Self::CashPayouts,
        Self::CodPlaced,
        Self::CodConfirmed,
        Self::CodShipped,
        Self::CodDelivered,
        Self::CodReturned,
        Self::CodLost,
        Self::CodInTransit,
        Self::CodPlacedDelivered,
        Self::CodLogisticsCost,
    ];

    /// The ratios that parts have beside them, computed within the part.
    pub const OF_PARTS: &'static [Self] = &[
        Self::Aov,
        Self::DiscountRate,
        Self::ReturnRate,
        Self::GrossMargin,
        Self::Cm1Pct,
        Self::Cm2Pct,
        Self::Cm2PerOrder,
        Self::CostCoverage,
        Self::CodDeliveryRate,
        Self::CodConfirmationRate,
        Self::CodCostPerDelivered,
    ];

    /// Whether a breakdown by product divides costs of whole orders for it.
    pub const fn is_allocated_by_product(self) -> bool {
        matches!(
            self,
            Self::BookedShippingRevenue
                | Self::BookedNetRevenue
                | Self::BookedTotalSales
                | Self::RealisedShippingRevenue
                | Self::RealisedNetRevenue
                | Self::RealisedTotalSales
                | Self::FreightOut
                | Self::FreightReturn
                | Self::CodFees
                | Self::Compensation
                | Self::Fulfilment
                | Self::PaymentFees
                | Self::Chargebacks
                | Self::Cm2
                | Self::Cm2Pct
                | Self::Cm3
        )
    }
}
