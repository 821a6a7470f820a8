//! Ranges of the shop's days.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

/// Days of the shop, first and last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Days {
    /// The first.
    pub first: Date,
    /// The last.
    pub last: Date,
}

impl Days {
    /// A range; reversed ends are put in order.
    pub fn new(first: Date, last: Date) -> Self {
        if first <= last { Self { first, last } } else { Self { first: last, last: first } }
    }
    /// The calendar month of a day.
    pub fn month(day: Date) -> Self {
        Self { first: day.first_of_month(), last: day.last_of_month() }
    }
    /// The full days before a day, without it.
    pub fn before(day: Date, count: i64) -> Self {
        Self { first: shifted(day, -count), last: shifted(day, -1) }
    }
    /// Whether it holds a day.
    pub fn holds(self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }
    /// How many they are.
    pub fn count(self) -> i64 {
        distance(self.first, self.last) + 1
    }
    /// What it is compared with: the month before a calendar month, else as many days just before.
    #[must_use]
    pub fn previous(self) -> Self {
        if self == Self::month(self.first) {
            Self::month(shifted(self.first, -1))
        } else {
            Self::before(self.first, self.count())
        }
    }
}

/// A day moved by whole days; at the ends of the calendar it stays there.
pub(super) fn shifted(day: Date, days: i64) -> Date {
    day.saturating_add(days.clamp(-4_000_000, 4_000_000).days())
}

/// Days from one day to another; negative when it is earlier.
pub(super) fn distance(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// The first day of the calendar month so many months later.
pub(super) fn month_after(month: Date, months: i64) -> Date {
    month.first_of_month().saturating_add(months.clamp(-120_000, 120_000).months())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_month_is_compared_with_the_month_before_and_other_days_with_as_many() {
        let march = Days::month(date(2026, 3, 10));
        assert_eq!(march.previous(), Days::new(date(2026, 2, 1), date(2026, 2, 28)));
        let ten = Days::new(date(2026, 3, 1), date(2026, 3, 10));
        assert_eq!(ten.previous(), Days::new(date(2026, 2, 19), date(2026, 2, 28)));
        assert_eq!(Days::before(date(2026, 11, 5), 90).first, date(2026, 8, 7));
    }
}
