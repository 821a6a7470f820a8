//! What advisors ask besides sums of measures, as whole numbers by day and key: what is still open, who came back, how long
//! carriers keep money, what was sold at which price, which baskets were sent for free, which gateways nobody told the terms of.
//!
//! A [`Tally`] is posted by the facts of a cluster, added and subtracted like any other sum of a day book, and read by the
//! same code whether its rows come from all facts in memory or from the pages of a large shop.

mod baskets;
mod gateways;
mod lags;
mod open;
mod sales;

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::books::Books;
use super::cohorts::Winning;
use super::day_book::{Amounts, Cluster, Damaged, keys_of};
use super::posting::{Posting, Sink};

pub use baskets::Baskets;
pub use gateways::Gateways;
pub use lags::{Kept, Lags};
pub use open::{Open, OpenParcel};
pub use sales::{LastSale, Sale, Sales};

/// Numbers of one kind, by day and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tally {
    /// Parcels whose money is not settled, payouts to come, bills of carriers, remittances that do not add up.
    Open,
    /// Customers by the month of their first realised order.
    Cohorts,
    /// Days from delivery to remittance, by carrier, on the day of the remittance.
    Lags,
    /// Units sold by product and price, on the day they were booked.
    Sales,
    /// Orders sent for free by what their goods cost the buyer, on the day they were booked.
    Baskets,
    /// Payments of whose fee or payout nobody told, by gateway, on the day they were made.
    Gateways,
    /// How many clusters moved each measure on a day: what is behind a figure is not looked for where there is nothing.
    Moved,
}

impl Tally {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Open, Self::Cohorts, Self::Lags, Self::Sales, Self::Baskets, Self::Gateways, Self::Moved];
    /// Where its pages lie.
    pub const fn shelf(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Cohorts => "cohorts",
            Self::Lags => "lags",
            Self::Sales => "sales",
            Self::Baskets => "baskets",
            Self::Gateways => "gateways",
            Self::Moved => "moved",
        }
    }
}

/// The rows of a tally.
pub(super) type Rows = BTreeMap<(Date, String), Amounts>;

/// A tally as it is read.
pub(super) trait Tallied: Default {
    /// Which one.
    const OF: Tally;
    /// Takes a row.
    fn take(&mut self, day: Date, key: &str, amounts: &Amounts) -> Result<(), Damaged>;
    /// After the last row.
    fn finish(&mut self) {}

    /// From pages.
    fn of_pages<'a>(pages: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<Self, Damaged> {
        let mut tallied = Self::default();
        for (period, page) in pages {
            let day = period.parse().map_err(|_| Damaged)?;
            keys_of(page, |key, amounts| tallied.take(day, key, amounts))?;
        }
        tallied.finish();
        Ok(tallied)
    }

    /// Of facts in memory.
    fn of_books(books: &Books) -> Self {
        let mut tallied = Self::default();
        for ((day, key), amounts) in books.tally(Self::OF, Cluster::Whole) {
            let taken = tallied.take(day, &key, &amounts);
            debug_assert!(taken.is_ok(), "what was just written is read: {key}");
        }
        tallied.finish();
        tallied
    }
}

impl Books {
    /// The rows that these facts post.
    pub(super) fn tally(&self, of: Tally, cluster: Cluster) -> Rows {
        let mut rows = Rows::new();
        let mut add = |day: Date, key: String, code: u32, amount: i128| {
            rows.entry((day, key)).or_default().add(code, amount);
        };
        match of {
            Tally::Open => open::post(self, cluster, &mut add),
            Tally::Cohorts => {
                let mut winning = Winning::new(self);
                self.post_flows(&mut Sink::new(&mut |posting: Posting<'_>| winning.take(&posting)));
                winning.post(&mut add);
            }
            Tally::Lags => lags::post(self, &mut add),
            Tally::Sales => sales::post(self, &mut add),
            Tally::Baskets => baskets::post(self, &mut add),
            Tally::Gateways => gateways::post(self, &mut add),
            // It is of folds, and counted by them.
            Tally::Moved => {}
        }
        rows.retain(|_, amounts| !amounts.is_empty());
        rows
    }
}
