//! When a debtor may be written to. These rules come before any message, and no recommendation overrides them.

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::Timestamp;

/// The rules as data (FINANCE §2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactRules {
    /// First local hour.
    pub from_hour: i8,
    /// First local hour in which nothing is sent any more.
    pub until_hour: i8,
    /// Full days between two messages.
    pub days_between: i64,
}

/// The rules in force.
pub const CONTACT_RULES: ContactRules = ContactRules { from_hour: 8, until_hour: 19, days_between: 3 };

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
    let opening = |day: Date| day.to_datetime(Time::midnight().saturating_add(i64::from(rules.from_hour).hours()));
    let mut earliest = local;
    if let Some(sent) = history.last_sent {
        let again = sent.in_zone(zone).datetime().saturating_add(rules.days_between.days());
        earliest = earliest.max(again);
    }
    // A promise holds through its day.
    if let Some(promised) = history.promised.filter(|promised| *promised >= local.date()) {
        earliest = earliest.max(opening(promised.saturating_add(1.day())));
    }
    if earliest.hour() < rules.from_hour {
        earliest = opening(earliest.date());
    } else if earliest.hour() >= rules.until_hour {
        earliest = opening(earliest.date().saturating_add(1.day()));
    }
    if earliest == local { Contact::Now } else { Contact::NotBefore(earliest) }
}
