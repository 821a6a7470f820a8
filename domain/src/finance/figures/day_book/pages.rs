//! Pages: where the sums of a day book lie.
//!
//! A *shelf* holds one kind of sums: of the whole shop by day, of each part of a dimension by day and by month, visits by
//! day, each tally by day, and what is held and owed. Each of its periods is divided into pages by a hash of the part's key, so that one
//! order rewrites few bytes and a year of parts is few rows.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::super::breakdown::{Dimension, date_key};
use super::super::days::Days;
use super::super::tally::Tally;
use super::amounts::Amounts;
use super::fold::{Fold, TRAITS};
use super::pack::{Damaged, Packer, Unpacker};

/// Pages of one period.
const PAGES: u64 = 32;

/// The shelf of the whole shop, by day.
pub const WHOLE: &str = "whole";
/// The shelf of visits, by day.
pub const VISITS: &str = "visits";
/// The shelf of what is held and owed; it has one page, of no period.
pub const HELD: &str = "held";

/// The shelves of a dimension, by day and by month; `None` for days and months, which are read from the whole.
pub const fn shelves(by: Dimension) -> Option<(&'static str, &'static str)> {
    match by {
        Dimension::Product => Some(("product/day", "product/month")),
        Dimension::Payment => Some(("payment/day", "payment/month")),
        Dimension::Customer => Some(("customer/day", "customer/month")),
        Dimension::Channel => Some(("channel/day", "channel/month")),
        Dimension::City => Some(("city/day", "city/month")),
        Dimension::Carrier => Some(("carrier/day", "carrier/month")),
        Dimension::Platform => Some(("platform/day", "platform/month")),
        Dimension::Day | Dimension::Month => None,
    }
}

/// Where a page lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which shelf.
    pub shelf: &'static str,
    /// `YYYY-MM-DD`, `YYYY-MM`, or empty.
    pub period: String,
    /// Which page of the period.
    pub page: i64,
}

/// The sums of a page, by the key of the part.
pub(super) type Content = BTreeMap<Option<String>, Amounts>;

/// What pages must be changed by.
#[derive(Debug, Default)]
pub struct Changes {
    cells: HashMap<Shelf, HashMap<Date, Content>>,
    count: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shelf {
    Whole,
    Visits,
    Held,
    Of(Dimension),
    Tally(Tally),
}

impl Changes {
    /// How many sums are gathered, roughly: what they take of memory.
    pub fn len(&self) -> usize {
        self.count
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
    /// Adds what some facts post now.
    pub fn add(&mut self, fold: &Fold) {
        self.apply(fold, 1);
    }
    /// Takes back what some facts posted.
    pub fn subtract(&mut self, fold: &Fold) {
        self.apply(fold, -1);
    }
    fn apply(&mut self, fold: &Fold, times: i128) {
        for ((day, traits), amounts) in &fold.flows {
            self.cell(Shelf::Whole, *day, None).merge(amounts, times);
            for (by, key) in TRAITS.into_iter().zip(traits) {
                self.cell(Shelf::Of(by), *day, key.as_deref()).merge(amounts, times);
            }
        }
        for ((day, key), amounts) in &fold.products {
            self.cell(Shelf::Of(Dimension::Product), *day, key.as_deref()).merge(amounts, times);
        }
        for (day, amounts) in &fold.customers {
            self.cell(Shelf::Whole, *day, None).merge(amounts, times);
        }
        for (day, amounts) in &fold.visits {
            self.cell(Shelf::Visits, *day, None).merge(amounts, times);
        }
        for ((tally, day, key), amounts) in &fold.tallies {
            self.cell(Shelf::Tally(*tally), *day, Some(key)).merge(amounts, times);
        }
        if !fold.held.is_empty() {
            self.cell(Shelf::Held, Date::ZERO, None).merge(&fold.held, times);
        }
    }
    fn cell(&mut self, shelf: Shelf, day: Date, key: Option<&str>) -> &mut Amounts {
        let content = self.cells.entry(shelf).or_default().entry(day).or_default();
        if !content.contains_key(&key.map(str::to_owned)) {
            self.count += 1;
        }
        content.entry(key.map(str::to_owned)).or_default()
    }

    /// The pages to change, each with what is added to it.
    pub fn pages(self) -> BTreeMap<Place, Addition> {
        let mut pages: BTreeMap<Place, Addition> = BTreeMap::new();
        for (shelf, days) in self.cells {
            for (day, content) in days {
                for (key, amounts) in content.into_iter().filter(|(_, amounts)| !amounts.is_empty()) {
                    let page = page(key.as_deref());
                    let mut add = |shelf: &'static str, period: String| {
                        let place = Place { shelf, period, page };
                        pages.entry(place).or_default().0.entry(key.clone()).or_default().merge(&amounts, 1);
                    };
                    match shelf {
                        Shelf::Whole => add(WHOLE, day.to_string()),
                        Shelf::Visits => add(VISITS, day.to_string()),
                        Shelf::Held => add(HELD, String::new()),
                        Shelf::Tally(tally) => add(tally.shelf(), day.to_string()),
                        Shelf::Of(by) => {
                            if let Some((by_day, by_month)) = shelves(by) {
                                add(by_day, day.to_string());
                                add(by_month, date_key(Dimension::Month, day).unwrap_or_default());
                            }
                        }
                    }
                }
            }
        }
        pages.retain(|_, addition| {
            addition.0.retain(|_, amounts| !amounts.is_empty());
            !addition.0.is_empty()
        });
        pages
    }
}

/// What is added to a page.
#[derive(Debug, Default)]
pub struct Addition(Content);

impl Addition {
    /// The page as it is afterwards; `None` when nothing is left of it.
    ///
    /// # Errors
    /// When the page as it was is damaged.
    pub fn onto(self, before: Option<&[u8]>) -> Result<Option<Vec<u8>>, Damaged> {
        let mut content = before.map(unpacked).transpose()?.unwrap_or_default();
        for (key, amounts) in self.0 {
            match content.entry(key) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(amounts);
                }
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    place.get_mut().merge(&amounts, 1);
                    if place.get().is_empty() {
                        place.remove();
                    }
                }
            }
        }
        Ok((!content.is_empty()).then(|| packed(&content)))
    }
}

fn packed(content: &Content) -> Vec<u8> {
    let mut packer = Packer::default();
    for (key, amounts) in content {
        packer.text(key.as_deref());
        packer.amounts(amounts);
    }
    packer.done()
}

/// Each key of a page with its sums.
///
/// # Errors
/// When the page is damaged, or what takes them says so.
pub(in super::super) fn keys_of(
    page: &[u8],
    mut take: impl FnMut(&str, &Amounts) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut read = Unpacker::new(page);
    while !read.is_done() {
        let key = read.text()?.ok_or(Damaged)?;
        take(key, &read.amounts()?)?;
    }
    Ok(())
}

fn unpacked(bytes: &[u8]) -> Result<Content, Damaged> {
    let mut content = Content::new();
    let mut read = Unpacker::new(bytes);
    while !read.is_done() {
        let sums = content.entry(read.text()?.map(str::to_owned)).or_default();
        read.amounts_onto(sums)?;
    }
    Ok(content)
}

fn page(key: Option<&str>) -> i64 {
    // FNV-1a, as pages are kept: the standard hasher is not promised to stay the same.
    let hash = key
        .unwrap_or_default()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    ((hash >> 32) % PAGES) as i64
}

/// The periods in which the sums of some days lie: whole months, and days at both ends. Texts, first and last included;
/// an empty span has its last before its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Whole months, `YYYY-MM`.
    pub months: (String, String),
    /// Days before and after them, `YYYY-MM-DD`.
    pub days: [(String, String); 2],
}

impl Periods {
    /// Of some days.
    pub fn of(days: Days) -> Self {
        let days = Days::new(days.first, days.last);
        let month = |day: Date| date_key(Dimension::Month, day).unwrap_or_default();
        let span = |first: Date, last: Date| (first.to_string(), last.to_string());
        let none = || ("1".to_owned(), "0".to_owned());
        let day_before = |day: Date| super::super::days::shifted(day, -1);
        let day_after = |day: Date| super::super::days::shifted(day, 1);
        // The first day of the first whole month, and the last of the last.
        let first = match days.first {
            day if day == day.first_of_month() => day,
            day => day_after(day.last_of_month()),
        };
        let last = match days.last {
            day if day == day.last_of_month() => day,
            day => day_before(day.first_of_month()),
        };
        if first > last {
            return Self { months: none(), days: [span(days.first, days.last), none()] };
        }
        let before = if days.first < first { span(days.first, day_before(first)) } else { none() };
        let after = if days.last > last { span(day_after(last), days.last) } else { none() };
        Self { months: (month(first), month(last)), days: [before, after] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn periods(first: Date, last: Date) -> [(String, String); 3] {
        let Periods { months, days: [before, after] } = Periods::of(Days::new(first, last));
        [months, before, after]
    }
    fn texts(spans: [(&str, &str); 3]) -> [(String, String); 3] {
        spans.map(|(first, last)| (first.to_owned(), last.to_owned()))
    }

    #[test]
    fn days_are_whole_months_and_days_at_both_ends() {
        let none = ("1", "0");
        assert_eq!(periods(date(2026, 9, 1), date(2026, 9, 30)), texts([("2026-09", "2026-09"), none, none]));
        assert_eq!(
            periods(date(2024, 11, 27), date(2026, 11, 26)),
            texts([("2024-12", "2026-10"), ("2024-11-27", "2024-11-30"), ("2026-11-01", "2026-11-26")])
        );
        assert_eq!(periods(date(2026, 9, 2), date(2026, 9, 30)), texts([none, ("2026-09-02", "2026-09-30"), none]));
        assert_eq!(periods(date(2026, 9, 20), date(2026, 10, 3)), texts([none, ("2026-09-20", "2026-10-03"), none]));
        assert_eq!(
            periods(date(2026, 8, 1), date(2026, 9, 3)),
            texts([("2026-08", "2026-08"), none, ("2026-09-01", "2026-09-03")])
        );
    }
}
