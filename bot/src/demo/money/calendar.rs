//! Days of the sample shop, relative to the instant at which it is made.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan as _, Unit};
use recado_domain::Timestamp;

/// Full months of history before this month.
const MONTHS: i64 = 5;
/// Days of the last stretch, this one included, in which the week goes badly.
const WEEK: i64 = 7;
/// Days before today on which the history of other channels ends; what is younger comes by webhook.
const HISTORY_ENDS: i64 = 8;
/// Since so many days, Shopify's orders come by webhook.
const LIVE_SINCE: i64 = 45;

/// The days around an instant.
pub(super) struct Calendar {
    pub(super) now: Timestamp,
    pub(super) today: Date,
    zone: TimeZone,
}

impl Calendar {
    pub(super) fn at(now: Timestamp) -> Self {
        let zone = TimeZone::get(super::TIMEZONE).unwrap_or(TimeZone::UTC);
        Self { now, today: now.in_zone(&zone).date(), zone }
    }

    /// The first day of the books: the first of a month.
    pub(super) fn opening(&self) -> Date {
        self.today.first_of_month().saturating_sub(MONTHS.months())
    }

    /// The last day of sales that are no webhooks.
    pub(super) fn closing(&self) -> Date {
        self.before(HISTORY_ENDS)
    }

    /// Whether Shopify's own orders of a day come by webhook.
    pub(super) fn is_live(&self, day: Date) -> bool {
        day >= self.before(LIVE_SINCE)
    }

    /// Whether a day is of the bad week.
    pub(super) fn is_bad(&self, day: Date) -> bool {
        day > self.before(WEEK)
    }

    /// So many days before today.
    pub(super) fn before(&self, days: i64) -> Date {
        self.today.saturating_sub(days.days())
    }

    /// How far the books have come on a day, in parts per thousand.
    pub(super) fn progress(&self, day: Date) -> i64 {
        let all = days_between(self.opening(), self.today).max(1);
        days_between(self.opening(), day) * 1_000 / all
    }

    /// Every day of the books up to today.
    pub(super) fn days(&self) -> impl Iterator<Item = Date> {
        let (opening, today) = (self.opening(), self.today);
        (0..).map(move |index: i64| opening.saturating_add(index.days())).take_while(move |day| *day <= today)
    }

    /// The first days of the months of the books, this one's too.
    pub(super) fn months(&self) -> impl Iterator<Item = Date> {
        let opening = self.opening();
        (0..=MONTHS).map(move |index| opening.saturating_add(index.months()))
    }

    /// A minute of a day.
    pub(super) fn instant(&self, day: Date, minute: i64) -> Timestamp {
        let midnight = day.to_zoned(self.zone.clone()).map_or(0, |zoned| zoned.timestamp().as_second());
        Timestamp::from_seconds(midnight + minute * 60)
    }

    pub(super) fn day(&self, at: Timestamp) -> Date {
        at.in_zone(&self.zone).date()
    }

    /// Paid on a day that has come; otherwise it is still to be paid.
    pub(super) fn paid(&self, day: Date) -> Option<Date> {
        (day <= self.today).then_some(day)
    }
}

/// Days from one to another.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until((Unit::Day, to)).map_or(0, |span| i64::from(span.get_days()))
}

/// A day of the month after that of a day.
pub(super) fn next_month(day: Date, of_month: i64) -> Date {
    day.first_of_month().saturating_add(1.month()).saturating_add((of_month - 1).days())
}
