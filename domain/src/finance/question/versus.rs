//! What a period is compared with.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::finance::figures::Days;
use crate::period::Period;

/// With what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Versus {
    /// The calendar month before a calendar month, else as many days just before.
    Previous,
    /// The same days of the year before.
    YearBefore,
    /// As many days of the week, month or year before as have passed of this one.
    LikeDays,
    /// Another period.
    Other(Period),
}

impl Versus {
    /// The days it is compared with. `other` resolves a named period.
    pub fn days(self, period: Period, days: Days, other: impl Fn(Period) -> Days) -> Days {
        match self {
            Self::Previous => days.previous(),
            Self::YearBefore => Days::new(year_before(days.first), year_before(days.last)),
            Self::Other(named) => other(named),
            Self::LikeDays => {
                let length = days.count() - 1;
                let first = match period {
                    Period::ThisWeek => days.first.saturating_sub(7.days()),
                    Period::ThisMonth | Period::Month { .. } => days.first.saturating_sub(1.month()),
                    Period::ThisYear | Period::Year { .. } => year_before(days.first),
                    Period::Quarter { .. } => days.first.saturating_sub(3.months()),
                    Period::Half { .. } => days.first.saturating_sub(6.months()),
                    _ => return days.previous(),
                };
                // A day that the month before does not have is its last one.
                Days::new(first, first.saturating_add(length.days()).min(days.first.saturating_sub(1.day())))
            }
        }
    }
}

/// 29 February becomes the 28th.
fn year_before(day: Date) -> Date {
    day.saturating_sub(1.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn range(first: Date, last: Date) -> Days {
        Days::new(first, last)
    }

    #[test]
    fn like_days_are_as_many_of_the_one_before() {
        let none = |_| range(date(2000, 1, 1), date(2000, 1, 1));
        let like = |period, first, last| Versus::LikeDays.days(period, range(first, last), none);
        let month = like(Period::ThisMonth, date(2026, 3, 1), date(2026, 3, 30));
        assert_eq!(month, range(date(2026, 2, 1), date(2026, 2, 28)), "February has no 30th");
        let week = like(Period::ThisWeek, date(2026, 11, 2), date(2026, 11, 4));
        assert_eq!(week, range(date(2026, 10, 26), date(2026, 10, 28)));
        let year = like(Period::ThisYear, date(2026, 1, 1), date(2026, 11, 5));
        assert_eq!(year, range(date(2025, 1, 1), date(2025, 11, 5)));
        let days = like(Period::LastDays { days: 7 }, date(2026, 10, 29), date(2026, 11, 4));
        assert_eq!(days, range(date(2026, 10, 22), date(2026, 10, 28)));
    }

    #[test]
    fn a_year_before_and_another_period_are_what_they_say() {
        let leap = range(date(2024, 2, 29), date(2024, 3, 1));
        let none = |_| leap;
        let before = Versus::YearBefore.days(Period::Today, leap, none);
        assert_eq!(before, range(date(2023, 2, 28), date(2023, 3, 1)));
        assert_eq!(Versus::Other(Period::LastMonth).days(Period::ThisMonth, before, none), leap);
        assert_eq!(Versus::Previous.days(Period::Today, leap, none), range(date(2024, 2, 27), date(2024, 2, 28)));
    }
}
