//! When a debtor may be written to. These rules come before any message, and no recommendation overrides them.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

use crate::Timestamp;

/// The rules as data (FINANCE §2.8). Collecting is bound to the hours of Ley 2300 (OPERATIONS §1.6) wherever they are
/// stricter: on Saturdays until 15:00, never on Sundays. Public holidays are not known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactRules {
    /// First local hour.
    pub from_hour: i8,
    /// First local hour in which nothing is sent any more, Monday to Friday.
    pub until_hour: i8,
    /// The same on Saturdays.
    pub until_hour_saturday: i8,
    /// Full days between two messages.
    pub days_between: i64,
}

/// The rules in force.
pub const CONTACT_RULES: ContactRules =
    ContactRules { from_hour: 8, until_hour: 19, until_hour_saturday: 15, days_between: 3 };

impl ContactRules {
    /// The first local hour in which nothing is sent any more on a day; `None`: nothing is sent on it at all.
    fn closing(&self, day: Date) -> Option<i8> {
        match day.weekday() {
            Weekday::Sunday => None,
            Weekday::Saturday => Some(self.until_hour_saturday),
            _ => Some(self.until_hour),
        }
    }
    /// When a day's hours begin, if it has any.
    fn opening(&self, day: Date) -> DateTime {
        day.to_datetime(Time::midnight().saturating_add(i64::from(self.from_hour).hours()))
    }
    /// The same local time, or the next one at which something may be sent.
    fn at_or_after(&self, local: DateTime) -> DateTime {
        let mut at = local;
        // At most a Saturday's evening and a Sunday are between two hours that are good.
        for _ in 0..3 {
            match self.closing(at.date()) {
                Some(closing) if at.hour() < closing => return at.max(self.opening(at.date())),
                _ => at = self.opening(at.date().saturating_add(1.day())),
            }
        }
        at
    }
}

/// What is known of a debtor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Whether they agreed to be written to.
    pub consent: bool,
    /// When they were last written to about it.
    pub last_sent: Option<Timestamp>,
    /// Until when they promised to pay.
    pub promised: Option<Date>,
    /// Whether they dispute it.
    pub disputed: bool,
    /// Whether it is paid.
    pub paid: bool,
}

/// Whether to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Now.
    Now,
    /// Not before this local time.
    NotBefore(DateTime),
    /// They did not agree to it.
    NoConsent,
    /// A dispute stops it.
    Disputed,
    /// A paid item never gets another message.
    Paid,
}

/// Whether a debtor may be written to at an instant.
pub fn may_contact(rules: &ContactRules, history: &History, now: Timestamp, zone: &TimeZone) -> Contact {
    if history.paid {
        return Contact::Paid;
    }
    if history.disputed {
        return Contact::Disputed;
    }
    if !history.consent {
        return Contact::NoConsent;
    }
    let local = now.in_zone(zone).datetime();
    let mut earliest = local;
    if let Some(sent) = history.last_sent {
        let again = sent.in_zone(zone).datetime().saturating_add(rules.days_between.days());
        earliest = earliest.max(again);
    }
    // A promise holds through its day.
    if let Some(promised) = history.promised.filter(|promised| *promised >= local.date()) {
        earliest = earliest.max(rules.opening(promised.saturating_add(1.day())));
    }
    earliest = rules.at_or_after(earliest);
    if earliest == local { Contact::Now } else { Contact::NotBefore(earliest) }
}
