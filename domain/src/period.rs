//! Periods as people say them, resolved in the merchant's zone (FINANCE §1.4).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// A period that a person may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "period", rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Period {
    Today,
    Yesterday,
    /// Monday to now.
    ThisWeek,
    /// The Monday-to-Sunday week before.
    LastWeek,
    /// The 1st to now.
    ThisMonth,
    LastMonth,
    /// A calendar month; without a year the latest that has begun.
    Month {
        month: i8,
        year: Option<i16>,
    },
    /// 1 January to now.
    ThisYear,
    /// A calendar year, as far as it has come.
    Year {
        year: i16,
    },
    /// Three months, 1 to 4; without a year the latest that has begun.
    Quarter {
        quarter: i8,
        year: Option<i16>,
    },
    /// Six months, 1 or 2; without a year the latest that has begun.
    Half {
        half: i8,
        year: Option<i16>,
    },
    /// That many full days, without today.
    LastDays {
        days: u16,
    },
    /// Both days included.
    Range {
        first: Date,
        last: Date,
    },
}

/// A resolved period: `[from, to)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First instant.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// First local day.
    pub first: Date,
    /// Last local day, included.
    pub last: Date,
    /// Whether it is still running.
    pub partial: bool,
}

impl Period {
    /// The instants of this period in a zone at `now`. A day starts at its first instant there, daylight saving
    /// included.
    pub fn resolve(self, now: Timestamp, zone: &TimeZone) -> Span {
        let today = now.in_zone(zone).date();
        let (first, last) = self.days(today);
        let from = start_of(first, zone);
        let end = start_of(last.saturating_add(1.day()), zone);
        Span { from, to: end, first, last, partial: end > now }
    }

    fn days(self, today: Date) -> (Date, Date) {
        match self {
            Self::Today => (today, today),
            Self::Yesterday => {
                let day = today.saturating_sub(1.day());
                (day, day)
            }
            Self::ThisWeek => (monday(today), today),
            Self::LastWeek => {
                let first = monday(today).saturating_sub(7.days());
                (first, first.saturating_add(6.days()))
            }
            Self::ThisMonth => (today.first_of_month(), today),
            Self::LastMonth => {
                let last = today.first_of_month().saturating_sub(1.day());
                (last.first_of_month(), last)
            }
            Self::Month { month, year } => {
                let month = month.clamp(1, 12);
                let year = year.unwrap_or(if month <= today.month() { today.year() } else { today.year() - 1 });
                let first = Date::new(year, month, 1).unwrap_or_else(|_| today.first_of_month());
                let last = first.last_of_month();
                (first, if first <= today && today < last { today } else { last })
            }
            Self::ThisYear => (today.first_of_year(), today),
            Self::Year { year } => months(today, 1, 12, Some(year)),
            Self::Quarter { quarter, year } => months(today, quarter.clamp(1, 4) * 3 - 2, 3, year),
            Self::Half { half, year } => months(today, half.clamp(1, 2) * 6 - 5, 6, year),
            Self::LastDays { days } => {
                let days = i64::from(days.clamp(1, 3660));
                (today.saturating_sub(days.days()), today.saturating_sub(1.day()))
            }
            Self::Range { first, last } if first <= last => (first, last),
            Self::Range { first, last } => (last, first),
        }
    }
}

/// So many months from the first of one, cut at today where it is running.
fn months(today: Date, month: i8, count: i8, year: Option<i16>) -> (Date, Date) {
    let year = year.unwrap_or(if month <= today.month() { today.year() } else { today.year() - 1 });
    let first = Date::new(year, month, 1).unwrap_or_else(|_| today.first_of_month());
    let last = first.saturating_add(i64::from(count).months()).saturating_sub(1.day());
    (first, if first <= today && today < last { today } else { last })
}

fn monday(day: Date) -> Date {
    day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days())
}

fn start_of(day: Date, zone: &TimeZone) -> Timestamp {
    day.to_zoned(zone.clone())
        .and_then(|midnight: Zoned| midnight.start_of_day())
        .map_or(Timestamp::EPOCH, |zoned| zoned.timestamp().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(period: Period, now: &str) -> (String, String, bool) {
        let zone = TimeZone::get("America/Bogota").unwrap();
        let span = period.resolve(Timestamp::parse(now).unwrap(), &zone);
        (span.from.to_string(), span.to.to_string(), span.partial)
    }

    #[test]
    fn days_are_those_of_the_merchant() {
        // 23:40 in Bogotá is already the next day in UTC.
        let now = "2026-10-01T04:40:00Z";
        assert_eq!(span(Period::Today, now), ("2026-09-30T05:00:00Z".into(), "2026-10-01T05:00:00Z".into(), true));
        assert_eq!(span(Period::Month { month: 9, year: None }, now).0, "2026-09-01T05:00:00Z");
    }

    #[test]
    fn weeks_start_on_monday() {
        // 26 November 2026 is a Thursday.
        let now = "2026-11-26T17:00:00Z";
        assert_eq!(span(Period::ThisWeek, now).0, "2026-11-23T05:00:00Z");
        assert_eq!(span(Period::LastWeek, now), ("2026-11-16T05:00:00Z".into(), "2026-11-23T05:00:00Z".into(), false));
    }

    #[test]
    fn a_month_without_a_year_is_the_latest_begun() {
        let now = "2026-11-26T17:00:00Z";
        assert_eq!(span(Period::Month { month: 12, year: None }, now).0, "2025-12-01T05:00:00Z");
        assert_eq!(
            span(Period::Month { month: 10, year: None }, now),
            ("2026-10-01T05:00:00Z".into(), "2026-11-01T05:00:00Z".into(), false)
        );
    }

    #[test]
    fn quarters_halves_and_years_end_today_while_they_run() {
        let now = "2026-11-26T17:00:00Z";
        let days = |period: Period| {
            let zone = TimeZone::get("America/Bogota").unwrap();
            let span = period.resolve(Timestamp::parse(now).unwrap(), &zone);
            (span.first.to_string(), span.last.to_string())
        };
        let pair = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(days(Period::Quarter { quarter: 3, year: None }), pair("2026-07-01", "2026-09-30"));
        assert_eq!(days(Period::Quarter { quarter: 4, year: None }), pair("2026-10-01", "2026-11-26"));
        assert_eq!(days(Period::Half { half: 1, year: Some(2025) }), pair("2025-01-01", "2025-06-30"));
        assert_eq!(days(Period::Year { year: 2025 }), pair("2025-01-01", "2025-12-31"));
        assert_eq!(days(Period::Year { year: 2026 }), pair("2026-01-01", "2026-11-26"));
    }

    #[test]
    fn daylight_saving_days_are_23_or_25_hours() {
        let zone = TimeZone::get("America/Santiago").unwrap();
        let day = Date::constant(2026, 9, 6);
        let span =
            Period::Range { first: day, last: day }.resolve(Timestamp::parse("2026-12-01T00:00:00Z").unwrap(), &zone);
        assert_eq!(span.to.since(span.from).as_secs(), 23 * 3600);
    }
}
