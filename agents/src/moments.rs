//! Instants and days as people say them, in the merchant's zone.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use recado_domain::period::{Period, Span};
use recado_domain::{Language, Timestamp};

use crate::wording::Wording;

/// Says moments in one language and zone at one instant.
pub struct Moments<'a> {
    /// Words.
    pub wording: &'a Wording,
    /// Language.
    pub language: Language,
    /// The merchant's zone.
    pub zone: TimeZone,
    /// The instant of the turn.
    pub now: Timestamp,
}

impl Moments<'_> {
    fn word(&self, key: &str) -> String {
        self.wording.word(self.language, key).to_owned()
    }

    /// «hace 3 min».
    pub fn ago(&self, at: Timestamp) -> String {
        let seconds = self.now.since(at).as_secs();
        let (key, count) = match seconds {
            0..60 => return self.word("ago.now"),
            60..3_600 => ("ago.minutes", seconds / 60),
            3_600..86_400 => ("ago.hours", seconds / 3_600),
            86_400..172_800 => ("ago.day", 1),
            _ => ("ago.days", seconds / 86_400),
        };
        self.word(key).replace("{n}", &count.to_string())
    }

    /// An age within the day, else the day with its hour: «hace 3 h», «ayer 18:40», «lunes 23 de noviembre, 18:40».
    pub fn moment(&self, at: Timestamp) -> String {
        let there = at.in_zone(&self.zone);
        let today = self.now.in_zone(&self.zone).date();
        let hour = format!("{}:{:02}", there.hour(), there.minute());
        if there.date() >= today {
            return self.ago(at);
        }
        if there.date().tomorrow().is_ok_and(|next| next == today) {
            return format!("{} {hour}", self.word("yesterday"));
        }
        format!("{}, {hour}", self.date(there.date()))
    }

    /// «lunes 30 de noviembre a las 8:00».
    pub fn day_and_hour(&self, at: Timestamp) -> String {
        let there = at.in_zone(&self.zone);
        let hour = format!("{}:{:02}", there.hour(), there.minute());
        self.word("reminder.at").replace("{day}", &self.date(there.date())).replace("{hour}", &hour)
    }

    /// «martes 12 de noviembre», with the year when it is another one.
    pub fn date(&self, date: Date) -> String {
        let weekday = format!("weekday.{}", date.weekday().to_monday_one_offset());
        let text = self
            .word("date.long")
            .replace("{weekday}", &self.word(&weekday))
            .replace("{day}", &date.day().to_string())
            .replace("{month}", &self.month(date.month()));
        self.with_year(text, date.year())
    }

    /// «martes 12», for a button.
    pub fn weekday_and_day(&self, date: Date) -> String {
        format!("{} {}", self.word(&format!("weekday.{}", date.weekday().to_monday_one_offset())), date.day())
    }

    /// The day of an instant.
    pub fn day_of(&self, at: Timestamp) -> String {
        self.date(at.in_zone(&self.zone).date())
    }

    /// A month's name.
    pub fn month(&self, month: i8) -> String {
        self.word(&format!("month.{month}"))
    }

    fn with_year(&self, text: String, year: i16) -> String {
        if year == self.now.in_zone(&self.zone).year() {
            return text;
        }
        self.word("date.year").replace("{text}", &text).replace("{year}", &year.to_string())
    }

    /// A period at the beginning of a sentence: «En octubre», «La semana pasada».
    pub fn period(&self, period: Period, span: &Span) -> String {
        let fixed = |key: &str| self.word(&format!("period.{key}"));
        match period {
            Period::Today => fixed("today"),
            Period::Yesterday => fixed("yesterday"),
            Period::ThisWeek => fixed("this_week"),
            Period::LastWeek => fixed("last_week"),
            Period::ThisMonth => fixed("this_month").replace("{month}", &self.month(span.first.month())),
            Period::LastMonth => fixed("last_month").replace("{month}", &self.month(span.first.month())),
            Period::Month { .. } => {
                let text = fixed("month").replace("{month}", &self.month(span.first.month()));
                self.with_year(text, span.first.year())
            }
            Period::ThisYear => fixed("this_year"),
            Period::LastDays { days } => fixed("last_days").replace("{n}", &days.to_string()),
            Period::Range { .. } | Period::Year { .. } | Period::Quarter { .. } | Period::Half { .. } => {
                self.range(span)
            }
        }
    }

    fn range(&self, span: &Span) -> String {
        let short = |date: Date| {
            self.word("date.short")
                .replace("{day}", &date.day().to_string())
                .replace("{month}", &self.month(date.month()))
        };
        if span.first != span.last && span.first.first_of_month() == span.last.first_of_month() {
            let text = self
                .word("period.range_month")
                .replace("{first}", &span.first.day().to_string())
                .replace("{last}", &span.last.day().to_string())
                .replace("{month}", &self.month(span.last.month()));
            return self.with_year(text, span.last.year());
        }
        let key = if span.first == span.last { "period.day" } else { "period.range" };
        let text = self.word(key).replace("{first}", &short(span.first)).replace("{last}", &short(span.last));
        self.with_year(text, span.last.year())
    }
}
