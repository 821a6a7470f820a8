//! The change of net sales or of profit, driver by driver.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::split::{Sold, split};
use crate::finance::figures::{Accounts, Days, Dimension, Figures, Metric, Narrowing, Sums, Undefined, Value};

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Explained {
    /// `booked.net_sales`.
    NetSales,
    /// `operating_profit`.
    Profit,
}

impl Explained {
    /// The figure.
    pub const fn metric(self) -> Metric {
        match self {
            Self::NetSales => Metric::BookedNetSales,
            Self::Profit => Metric::OperatingProfit,
        }
    }
    /// What explains a figure: profit for what stands below sales, sales for the rest.
    pub const fn of(metric: Metric) -> Self {
        match metric {
            Metric::Cm1
            | Metric::Cm2
            | Metric::Cm3
            | Metric::OperatingProfit
            | Metric::OperatingMargin
            | Metric::Cm1Pct
            | Metric::Cm2Pct
            | Metric::Cm3Pct
            | Metric::GrossProfit
            | Metric::GrossMargin
            | Metric::Cm2PerOrder
            | Metric::Cm3PerOrder => Self::Profit,
            _ => Self::NetSales,
        }
    }
}

/// What moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Driver {
    Price,
    Volume,
    Mix,
    Discounts,
    Returns,
    Shipping,
    Cogs,
    Freight,
    Losses,
    Fees,
    Ads,
    Fixed,
}

impl Driver {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Volume => "volume",
            Self::Mix => "mix",
            Self::Discounts => "discounts",
            Self::Returns => "returns",
            Self::Shipping => "shipping",
            Self::Cogs => "cogs",
            Self::Freight => "freight",
            Self::Losses => "losses",
            Self::Fees => "fees",
            Self::Ads => "ads",
            Self::Fixed => "fixed",
        }
    }
}

/// A change and its parts, in minor units. The parts add up to `now − before`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of what.
    pub of: Explained,
    /// The figure before.
    pub before: i64,
    /// The figure now.
    pub now: i64,
    /// What each driver did to it; positive raised it. Those that did nothing are left out.
    pub parts: Vec<(Driver, i64)>,
}

impl Change {
    /// now − before.
    pub fn difference(&self) -> i128 {
        i128::from(self.now) - i128::from(self.before)
    }
    /// The parts, the one that moved most first.
    pub fn strongest(&self) -> Vec<(Driver, i64)> {
        let mut parts = self.parts.clone();
        parts.sort_by_key(|(driver, amount)| (std::cmp::Reverse(amount.unsigned_abs()), *driver));
        parts
    }
}

/// What moved a figure from some days to others, of a part of the shop or, without narrowing, of all of it.
///
/// # Errors
/// Why an amount is not known.
pub fn change(
    accounts: &dyn Accounts,
    of: Explained,
    narrowing: &[Narrowing],
    now: Days,
    before: Days,
) -> Result<Change, Undefined> {
    let (late, early) = (accounts.part(narrowing, now), accounts.part(narrowing, before));
    let (gross, units) = match of {
        Explained::NetSales => (Metric::BookedGrossSales, Metric::BookedUnitsSold),
        Explained::Profit => (Metric::RealisedGrossSales, Metric::RealisedUnitsSold),
    };
    let sales =
        split(&sold(accounts, narrowing, now, gross, units)?, &sold(accounts, narrowing, before, gross, units)?);
    let mut parts = vec![(Driver::Price, sales.price), (Driver::Volume, sales.volume), (Driver::Mix, sales.mix)];
    let moves: &[(Driver, i8, &[Metric])] = match of {
        Explained::NetSales => {
            &[(Driver::Discounts, -1, &[Metric::BookedDiscounts]), (Driver::Returns, -1, &[Metric::BookedReturns])]
        }
        Explained::Profit => &[
            (Driver::Discounts, -1, &[Metric::RealisedDiscounts]),
            (Driver::Returns, -1, &[Metric::RealisedReturns]),
            (Driver::Shipping, 1, &[Metric::RealisedShippingRevenue]),
            (Driver::Cogs, -1, &[Metric::Cogs]),
            (Driver::Freight, -1, &[Metric::Fulfilment]),
            (Driver::Losses, -1, &[Metric::InventoryLosses]),
            (Driver::Fees, -1, &[Metric::PaymentFees, Metric::Chargebacks]),
            (Driver::Ads, -1, &[Metric::Marketing]),
            (Driver::Fixed, -1, &[Metric::FixedExpenses]),
        ],
    };
    for (driver, sign, metrics) in moves {
        let mut moved = 0;
        for metric in *metrics {
            moved += profit_bears(&late, *metric)? - profit_bears(&early, *metric)?;
        }
        parts.push((*driver, i128::from(*sign) * moved));
    }
    let fits = |amount: i128| i64::try_from(amount).map_err(|_| Undefined::TooLarge);
    let parts = parts.into_iter().filter(|(_, moved)| *moved != 0);
    Ok(Change {
        of,
        before: fits(amount(&early, of.metric())?)?,
        now: fits(amount(&late, of.metric())?)?,
        parts: parts.map(|(driver, moved)| Ok((driver, fits(moved)?))).collect::<Result<_, Undefined>>()?,
    })
}

/// What was sold of each product.
fn sold(
    accounts: &dyn Accounts,
    narrowing: &[Narrowing],
    days: Days,
    gross: Metric,
    units: Metric,
) -> Result<BTreeMap<Option<String>, Sold>, Undefined> {
    let fits = |amount: i128| i64::try_from(amount).map_err(|_| Undefined::TooLarge);
    let mut products = BTreeMap::new();
    for part in accounts.parts(Dimension::Product, narrowing, days).parts {
        let one = Sold { units: fits(amount(&part.figures, units)?)?, gross: fits(amount(&part.figures, gross)?)? };
        if one != Sold::default() {
            products.insert(part.key, one);
        }
    }
    Ok(products)
}

/// What a profit counts of a figure: of the fees of gateways those that are known, even where all of them are not.
fn profit_bears(figures: &Figures<'_, dyn Sums>, metric: Metric) -> Result<i128, Undefined> {
    match metric {
        Metric::PaymentFees => figures.known_fees().map(i128::from),
        _ => amount(figures, metric),
    }
}

fn amount(figures: &Figures<'_, dyn Sums>, metric: Metric) -> Result<i128, Undefined> {
    match figures.value(metric)? {
        Value::Money(whole) | Value::Count(whole) => Ok(whole.into()),
        Value::Ratio(_) => Err(Undefined::Impossible),
    }
}
