//! A change of sales in price, volume and mix.

use std::collections::BTreeMap;

use crate::money::divide_half_even;

/// What was sold of a product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sold {
    /// How many.
    pub units: i64,
    /// For how much, in minor units, before discounts.
    pub gross: i64,
}

/// The parts of a change, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Split {
    /// The same units at other prices.
    pub price: i128,
    /// More or fewer units, at the average price of before.
    pub volume: i128,
    /// Dearer or cheaper products among the units; what is new or gone is here.
    pub mix: i128,
}

impl Split {
    /// All of it.
    pub const fn total(self) -> i128 {
        self.price + self.volume + self.mix
    }
}

/// Divides the change of gross sales. Price: units now × (price now − price before), of products sold in both. Volume:
/// (units now − units before) × the average price before. Mix is what is left, so that the three add up; each is rounded
/// half-even where it is made. Without anything sold before, all of it is volume.
pub fn split<K: Ord>(now: &BTreeMap<K, Sold>, before: &BTreeMap<K, Sold>) -> Split {
    let sum = |sold: &BTreeMap<K, Sold>| {
        sold.values().fold((0_i128, 0_i128), |(units, gross), one| {
            (units + i128::from(one.units), gross + i128::from(one.gross))
        })
    };
    let ((units, gross), (units_before, gross_before)) = (sum(now), sum(before));
    let change = gross - gross_before;
    if units_before <= 0 {
        return Split { volume: change, ..Split::default() };
    }
    let mut price = 0;
    for (key, sold) in now {
        if let Some(old) = before.get(key).filter(|old| old.units > 0 && sold.units > 0) {
            let at_old_price = i128::from(sold.units) * i128::from(old.gross);
            price += i128::from(sold.gross) - divide_half_even(at_old_price, i128::from(old.units));
        }
    }
    // Sums of 64 bits: the product stays within 128.
    let volume = (units - units_before)
        .checked_mul(gross_before)
        .map_or(change - price, |product| divide_half_even(product, units_before));
    Split { price, volume, mix: change - price - volume }
}
