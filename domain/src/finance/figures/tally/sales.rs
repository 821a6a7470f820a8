//! What was sold at which price.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Tallied, Tally};
use crate::finance::facts::{Decimal, Line, Order};
use crate::finance::figures::books::Books;
use crate::finance::figures::day_book::{Amounts, Damaged};
use crate::finance::figures::undefined::Undefined;
use crate::finance::ratio::Ratio;

/// Units sold, cancelled since or not.
const UNITS: u32 = 0;
/// Of them those whose order was not cancelled.
const KEPT: u32 = 1;
/// Marks a price that does not fit.
const TOO_LARGE: &str = "!";

/// What was sold of a product on a day at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// The day it was booked.
    pub day: Date,
    /// What one unit costs the buyer, with VAT, before discounts, in minor units.
    pub price: i64,
    /// Whether a discount was given.
    pub discounted: bool,
    /// Units whose order was not cancelled.
    pub units: i64,
    /// All units, cancelled ones too.
    sold: i64,
    tax: Decimal,
}

/// At what price a product was last sold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSale {
    /// What one unit costs the buyer, with VAT, before discounts, in minor units.
    pub price: i64,
    /// Its VAT.
    pub tax: Ratio,
}

/// What was sold, by product.
#[derive(Debug, Default)]
pub struct Sales {
    of_product: BTreeMap<String, Vec<Sale>>,
    /// Whether a price does not fit.
    too_large: bool,
}

impl Sales {
    /// The price at which each product was last sold: that of its last day; of several on that day, the one at which most
    /// units were sold, and of equals the highest.
    ///
    /// # Errors
    /// When a price does not fit.
    pub fn last(&self) -> Result<BTreeMap<&str, LastSale>, Undefined> {
        if self.too_large {
            return Err(Undefined::TooLarge);
        }
        let last = |sales: &[Sale]| {
            let day = sales.last()?.day;
            let mut prices: BTreeMap<(i64, i64, u32), i64> = BTreeMap::new();
            for sale in sales.iter().rev().take_while(|sale| sale.day == day) {
                let sold = prices.entry((sale.price, sale.tax.unscaled, sale.tax.scale)).or_default();
                *sold = sold.saturating_add(sale.sold);
            }
            let ((price, unscaled, scale), _) = prices.into_iter().max_by_key(|(price, sold)| (*sold, *price))?;
            Some(LastSale { price, tax: rate(Decimal { unscaled, scale }) })
        };
        let all = self.of_product.iter();
        Ok(all.filter_map(|(product, sales)| Some((product.as_str(), last(sales)?))).collect())
    }

    /// What was sold of a product and not cancelled, by day and price.
    ///
    /// # Errors
    /// When a price does not fit.
    pub fn of(&self, product: &str) -> Result<impl Iterator<Item = &Sale>, Undefined> {
        if self.too_large {
            return Err(Undefined::TooLarge);
        }
        let sales = self.of_product.get(product).into_iter().flatten();
        Ok(sales.filter(|sale| sale.units > 0))
    }
}

fn rate(tax: Decimal) -> Ratio {
    Ratio::new(tax.unscaled.into(), 10_i128.pow(tax.scale)).unwrap_or(Ratio::ZERO)
}

/// The price of one unit as the buyer sees it.
fn with_tax(order: &Order, line: &Line) -> Result<i64, Undefined> {
    if order.taxes_included {
        return Ok(line.unit_price);
    }
    Ok(Ratio::whole(line.unit_price).times(Ratio::ONE.plus(rate(line.tax_rate))?)?.rounded()?)
}

impl Tallied for Sales {
    const OF: Tally = Tally::Sales;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        // `price|VAT|its decimals|discounted|product`: a product's id may hold anything.
        let mut parts = key.splitn(5, '|');
        let mut part = || parts.next().ok_or(Damaged);
        let price = part()?;
        if price == TOO_LARGE {
            self.too_large = true;
            return Ok(());
        }
        let number = |text: &str| text.parse::<i64>().map_err(|_| Damaged);
        let (price, unscaled) = (number(price)?, number(part()?)?);
        let scale = part()?.parse().ok().filter(|scale| *scale <= 18).ok_or(Damaged)?;
        let discounted = part()? == "d";
        let product = part()?;
        let count = |code| i64::try_from(amounts.get(code)).unwrap_or(i64::MAX);
        let tax = Decimal { unscaled, scale };
        let sale = Sale { day, price, discounted, units: count(KEPT), sold: count(UNITS), tax };
        match self.of_product.get_mut(product) {
            Some(sales) => sales.push(sale),
            None => {
                self.of_product.insert(product.to_owned(), vec![sale]);
            }
        }
        Ok(())
    }
    fn finish(&mut self) {
        for sales in self.of_product.values_mut() {
            sales.sort_unstable_by_key(|sale| (sale.day, sale.price, sale.discounted, sale.tax.unscaled));
        }
    }
}

pub(super) fn post(books: &Books, add: &mut dyn FnMut(Date, String, u32, i128)) {
    for order in &books.facts.orders {
        for line in order.lines.iter().filter(|line| !line.gift_card && line.quantity > 0) {
            let Some(product) = &line.variant_id else { continue };
            let price = with_tax(order, line).map_or_else(|_| TOO_LARGE.to_owned(), |price| price.to_string());
            let Decimal { unscaled, scale } = line.tax_rate;
            let discounted = if line.discount == 0 { "" } else { "d" };
            let key = format!("{price}|{unscaled}|{scale}|{discounted}|{product}");
            let day = books.day(line.added_at.unwrap_or(order.processed_at));
            if order.cancelled_at.is_none() {
                add(day, key.clone(), KEPT, line.quantity.into());
            }
            add(day, key, UNITS, line.quantity.into());
        }
    }
}
