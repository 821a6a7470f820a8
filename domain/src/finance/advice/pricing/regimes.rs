//! What happened when a price changed: only where enough was sold at both prices, for as long, without a campaign.

use jiff::civil::Date;

use super::super::policy::{ELASTICITY_DAYS, ELASTICITY_UNITS};
use crate::finance::figures::calculators::arc_elasticity;
use crate::finance::figures::{Accounts, Days, Sale, Undefined};
use crate::finance::ratio::Ratio;

/// Two prices of a product, over as many days each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Regimes {
    /// The price before and what was sold at it.
    pub before: (i64, i64),
    /// The price after and what was sold at it.
    pub after: (i64, i64),
    /// Days that are compared on each side of the change.
    pub days: i64,
    /// The first day of the price after.
    pub changed_on: Date,
    /// Arc elasticity: a hint for a test, no verdict (P2).
    pub elasticity: Ratio,
}

/// Why no elasticity is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unidentified {
    /// It was sold at one price only.
    OnePrice,
    /// Fewer than 14 full days at one of the prices.
    FewDays,
    /// Fewer than 30 units at one of the prices.
    FewUnits,
    /// A discount ran in the days that would be compared.
    Campaign,
}

impl Unidentified {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OnePrice => "one_price",
            Self::FewDays => "few_days",
            Self::FewUnits => "few_units",
            Self::Campaign => "campaign",
        }
    }
}

/// The last change of a product's price.
///
/// # Errors
/// When a number does not fit.
pub fn regimes(accounts: &dyn Accounts, variant: &str) -> Result<Result<Regimes, Unidentified>, Undefined> {
    let sales: Vec<&Sale> = accounts.sales()?.of(variant)?.collect();
    let Some(latest) = sales.last().map(|sale| sale.price) else { return Ok(Err(Unidentified::OnePrice)) };
    let Some(earlier) = sales.iter().rposition(|sale| sale.price != latest) else {
        return Ok(Err(Unidentified::OnePrice));
    };
    let price = sales[earlier].price;
    let first = sales[..=earlier].iter().rposition(|sale| sale.price != price).map_or(0, |place| place + 1);
    // The day of the change may hold both prices: it belongs to neither side.
    let changed_on = sales[earlier + 1].day;
    let days_after = Days::new(changed_on, accounts.today()).count() - 1;
    let days_before = Days::new(sales[first].day, changed_on).count() - 1;
    let days = days_after.min(days_before);
    if days < ELASTICITY_DAYS {
        return Ok(Err(Unidentified::FewDays));
    }
    let before = Days::before(changed_on, days);
    let after = Days::new(changed_on, changed_on.saturating_add(jiff::Span::new().days(days - 1)));
    let inside = |days: Days| sales.iter().filter(move |sale| days.holds(sale.day));
    if inside(before).any(|sale| sale.price != price) || inside(after).any(|sale| sale.price != latest) {
        return Ok(Err(Unidentified::FewDays));
    }
    if inside(before).chain(inside(after)).any(|sale| sale.discounted) {
        return Ok(Err(Unidentified::Campaign));
    }
    let units = |days: Days| super::super::number::summed(inside(days).map(|sale| sale.units));
    let (sold_before, sold_after) = (units(before)?, units(after)?);
    if sold_before < ELASTICITY_UNITS || sold_after < ELASTICITY_UNITS {
        return Ok(Err(Unidentified::FewUnits));
    }
    let (before, after) = ((price, sold_before), (latest, sold_after));
    Ok(Ok(Regimes { before, after, days, changed_on, elasticity: arc_elasticity(before, after)? }))
}
