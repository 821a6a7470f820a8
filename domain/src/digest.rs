//! What a member wants to be told unasked: a summary every day or every week, and what cannot wait. When it is due and of
//! which days it is follows from the wish alone, in the shop's time zone, so that no summary is told twice for one period.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::finance::figures::Days;

/// From this minute of the day on, a daily summary is of the day itself; before it, of the day before.
const EVENING: u16 = 17 * 60;
/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DigestKind {
    /// A day in short.
    Daily,
    /// A week in short.
    Weekly,
    /// What cannot wait: cash that runs out, and whether what was recommended worked. Looked at every day.
    Alerts,
}

impl DigestKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Daily, Self::Weekly, Self::Alerts];
    /// Its word in the store.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Alerts => "alerts",
        }
    }
    /// The kind of a word.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
    /// The kind of timer that wakes the conversation for it.
    pub const fn timer(self) -> &'static str {
        match self {
            Self::Daily => "digest.daily",
            Self::Weekly => "digest.weekly",
            Self::Alerts => "digest.alerts",
        }
    }
    /// The kind of a timer.
    pub fn of_timer(timer: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.timer() == timer)
    }
}

/// When it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What.
    pub kind: DigestKind,
    /// Of a weekly one, the day: 1 = Monday … 7 = Sunday. Nothing else reads it.
    pub weekday: u8,
    /// Minute of the shop's day, 0 to 1439.
    pub minute: u16,
}

/// A wish that was made, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// When it is wanted.
    pub wish: Wish,
    /// The last day of the last period that was told; a period that does not end after it is told already.
    pub told_through: Option<Date>,
    /// The day on which one came due that could not be told, and is told when the member writes.
    pub held: Option<Date>,
    /// Of alerts: whether cash was short when it was last looked at. It is told when it becomes so, and not again before
    /// it was not.
    pub short: bool,
}

impl Wish {
    /// A daily one.
    pub const fn daily(minute: u16) -> Self {
        Self { kind: DigestKind::Daily, weekday: 1, minute }
    }
    /// A weekly one.
    pub const fn weekly(weekday: u8, minute: u16) -> Self {
        Self { kind: DigestKind::Weekly, weekday, minute }
    }
    /// Alerts, looked for in the morning.
    pub const fn alerts() -> Self {
        Self { kind: DigestKind::Alerts, weekday: 1, minute: 8 * 60 }
    }

    fn is_on(self, day: Date) -> bool {
        self.kind != DigestKind::Weekly || day.weekday().to_monday_one_offset() == self.weekday as i8
    }
    /// The instant of it on a day: where the clock jumps over that minute, the first one after the jump.
    fn at(self, day: Date, zone: &TimeZone) -> Option<Zoned> {
        let minute = self.minute.min(DAY - 1);
        let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
        day.to_datetime(time).to_zoned(zone.clone()).ok()
    }
    /// When it is due next, after an instant.
    pub fn next(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let here = now.in_zone(zone);
        let mut day = here.date();
        // A week holds each weekday once; one more since today may be over.
        for _ in 0..9 {
            if self.is_on(day)
                && let Some(at) = self.at(day, zone).filter(|at| *at > here)
            {
                return Timestamp::from_micros(at.timestamp().as_microsecond());
            }
            day = day.saturating_add(1.day());
        }
        now.plus(std::time::Duration::from_secs(86_400))
    }
    /// The day on which it was due last, at or before an instant.
    pub fn due(self, now: Timestamp, zone: &TimeZone) -> Date {
        let here = now.in_zone(zone);
        let mut day = here.date();
        for _ in 0..9 {
            if self.is_on(day) && self.at(day, zone).is_some_and(|at| at <= here) {
                return day;
            }
            day = day.saturating_sub(1.day());
        }
        here.date()
    }
    /// The days that one is of which is due on a day: the day before, or in the evening the day itself; of a weekly one,
    /// the seven days before.
    pub fn days(self, due: Date) -> Days {
        match self.kind {
            DigestKind::Daily | DigestKind::Alerts if self.minute >= EVENING => Days::new(due, due),
            DigestKind::Daily | DigestKind::Alerts => {
                let before = due.saturating_sub(1.day());
                Days::new(before, before)
            }
            DigestKind::Weekly => Days::new(due.saturating_sub(7.days()), due.saturating_sub(1.day())),
        }
    }
}

impl Digest {
    /// One that was just wished for. What is past is not told: the first is the next one.
    pub fn new(wish: Wish, now: Timestamp, zone: &TimeZone) -> Self {
        let told_through = Some(wish.days(wish.due(now, zone)).last);
        Self { wish, told_through, held: None, short: false }
    }
    /// The days that are to be told of one that is due on a day, unless they were told.
    pub fn untold(&self, due: Date) -> Option<Days> {
        let days = self.wish.days(due);
        self.told_through.is_none_or(|told| days.last > told).then_some(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn bogota() -> TimeZone {
        TimeZone::get("America/Bogota").unwrap()
    }
    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn a_weekly_one_is_due_on_its_day_and_of_the_seven_days_before() {
        let monday = Wish::weekly(1, 8 * 60);
        // Thursday noon in Bogotá; the next Monday, eight in the morning there.
        let now = at("2026-11-26T17:00:00Z");
        assert_eq!(monday.next(now, &bogota()), at("2026-11-30T13:00:00Z"));
        assert_eq!(monday.due(now, &bogota()), date(2026, 11, 23));
        assert_eq!(monday.days(date(2026, 11, 30)), Days::new(date(2026, 11, 23), date(2026, 11, 29)));
        // At the very minute it is due, and the next is a week away.
        let due = at("2026-11-30T13:00:00Z");
        assert_eq!(monday.due(due, &bogota()), date(2026, 11, 30));
        assert_eq!(monday.next(due, &bogota()), at("2026-12-07T13:00:00Z"));
    }

    #[test]
    fn a_daily_one_is_of_yesterday_in_the_morning_and_of_today_in_the_evening() {
        let (morning, evening) = (Wish::daily(7 * 60), Wish::daily(21 * 60));
        let day = date(2026, 11, 26);
        assert_eq!(morning.days(day).last, date(2026, 11, 25));
        assert_eq!(evening.days(day).last, day);
        assert_eq!(morning.next(at("2026-11-26T11:59:59Z"), &bogota()), at("2026-11-26T12:00:00Z"));
        assert_eq!(morning.next(at("2026-11-26T12:00:00Z"), &bogota()), at("2026-11-27T12:00:00Z"));
    }

    #[test]
    fn an_hour_that_the_clock_jumps_over_comes_after_the_jump() {
        let santiago = TimeZone::get("America/Santiago").unwrap();
        // Midnight of 6 September 2026 does not exist there.
        let wish = Wish::daily(0);
        let next = wish.next(at("2026-09-06T00:00:00Z"), &santiago);
        assert_eq!(next.in_zone(&santiago).date(), date(2026, 9, 6));
        assert!(next > at("2026-09-06T00:00:00Z"));
    }

    #[test]
    fn a_period_is_told_once_and_what_was_missed_is_not_made_up_for() {
        let now = at("2026-11-26T17:00:00Z");
        let mut digest = Digest::new(Wish::daily(7 * 60), now, &bogota());
        assert_eq!(digest.untold(digest.wish.due(now, &bogota())), None, "what is past is not told");
        // Three days without us: one is due, of the last day.
        let later = at("2026-11-29T17:00:00Z");
        let days = digest.untold(digest.wish.due(later, &bogota())).unwrap();
        assert_eq!(days, Days::new(date(2026, 11, 28), date(2026, 11, 28)));
        digest.told_through = Some(days.last);
        assert_eq!(digest.untold(digest.wish.due(later, &bogota())), None);
        // The control: unless it is noted, it would be told again.
        digest.told_through = None;
        assert!(digest.untold(digest.wish.due(later, &bogota())).is_some());
    }
}
