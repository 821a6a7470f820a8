//! Orders that were sent for free, by what their goods cost the buyer.

use jiff::civil::Date;

use super::{Tallied, Tally};
use crate::finance::facts::Order;
use crate::finance::figures::Days;
use crate::finance::figures::books::Books;
use crate::finance::figures::day_book::{Amounts, Damaged};

/// How many.
const ORDERS: u32 = 0;

/// Orders of some days that were not cancelled and paid no shipping.
#[derive(Debug, Default)]
pub struct Baskets(Vec<(Date, i128, i128)>);

impl Baskets {
    /// How many of some days cost less than an amount, in minor units.
    pub fn under(&self, amount: i64, days: Days) -> i64 {
        let cheap = self.0.iter().filter(|(day, goods, _)| days.holds(*day) && *goods < i128::from(amount));
        cheap.map(|(_, _, orders)| *orders).sum::<i128>().try_into().unwrap_or(i64::MAX)
    }
}

impl Tallied for Baskets {
    const OF: Tally = Tally::Baskets;
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged> {
        self.0.push((day, key.parse().map_err(|_| Damaged)?, amounts.get(ORDERS)));
        Ok(())
    }
}

pub(super) fn post(books: &Books, add: &mut dyn FnMut(Date, String, u32, i128)) {
    for order in &books.facts.orders {
        let free = order.cancelled_at.is_none() && order.shipping.price <= order.shipping.discount;
        if let Some(goods) = goods(order).filter(|_| free) {
            add(books.day(order.processed_at), goods.to_string(), ORDERS, 1);
        }
    }
}

/// What the buyer pays for goods; `None` for gift cards alone, which ship nothing.
fn goods(order: &Order) -> Option<i128> {
    let mut lines = order.lines.iter().filter(|line| !line.gift_card).peekable();
    lines.peek()?;
    let cost = lines.map(|line| {
        let tax = if order.taxes_included { 0 } else { i128::from(line.tax) };
        i128::from(line.unit_price) * i128::from(line.quantity) - i128::from(line.discount) + tax
    });
    Some(cost.sum())
}
