//! Which days are looked at, and with which they are compared: as the chat takes them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use recado_domain::Timestamp;
use recado_domain::finance::figures::Days;
use recado_domain::finance::question::Versus;
use recado_domain::period::Period;

use super::address::Address;

/// Days that are looked at at once: ten years, as programs may ask.
const MOST_DAYS: i64 = 3_660;

/// A period to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    ThisWeek,
    LastWeek,
    ThisMonth,
    LastMonth,
    Last30,
    Dates,
}

impl Named {
    pub(super) const ALL: [Self; 6] =
        [Self::ThisWeek, Self::LastWeek, Self::ThisMonth, Self::LastMonth, Self::Last30, Self::Dates];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::ThisWeek => "this_week",
            Self::LastWeek => "last_week",
            Self::ThisMonth => "this_month",
            Self::LastMonth => "last_month",
            Self::Last30 => "last_30",
            Self::Dates => "dates",
        }
    }
}

/// The days that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// As what they were chosen.
    pub(super) named: Named,
    /// Which days.
    pub(super) days: Days,
    /// The whole week or month where they are its first days: what a picture by day is drawn of.
    pub(super) drawn: Days,
    /// With which they are compared.
    pub(super) before: Days,
    /// Whether they are still running.
    pub(super) partial: bool,
    /// The key of what was wrong with the choice; then this month is shown.
    pub(super) problem: Option<&'static str>,
}

impl Chosen {
    /// What an address chooses, at an instant of the shop.
    pub(super) fn of(address: &Address, at: Timestamp, zone: &TimeZone) -> Self {
        let today = at.in_zone(zone).date();
        let code = address.get("period");
        let dated = !address.get("from").is_empty() || !address.get("to").is_empty();
        let named = match code {
            "" if dated => Some(Named::Dates),
            "" => Some(Named::ThisMonth),
            code => Named::ALL.into_iter().find(|named| named.code() == code),
        };
        let period = match named {
            None => Err("finance.wrong.period"),
            Some(Named::Dates) => dates(address, today).map(|(first, last)| Period::Range { first, last }),
            Some(Named::ThisWeek) => Ok(Period::ThisWeek),
            Some(Named::LastWeek) => Ok(Period::LastWeek),
            Some(Named::ThisMonth) => Ok(Period::ThisMonth),
            Some(Named::LastMonth) => Ok(Period::LastMonth),
            Some(Named::Last30) => Ok(Period::LastDays { days: 30 }),
        };
        let (named, period, problem) = match (named, period) {
            (Some(named), Ok(period)) => (named, period, None),
            (_, Err(problem)) => (Named::ThisMonth, Period::ThisMonth, Some(problem)),
            (None, Ok(period)) => (Named::ThisMonth, period, None),
        };
        let span = period.resolve(at, zone);
        let days = Days::new(span.first, span.last);
        let running = matches!(named, Named::ThisWeek | Named::ThisMonth);
        let versus = if running { Versus::LikeDays } else { Versus::Previous };
        let drawn = match named {
            Named::ThisWeek => Days::new(days.first, days.first.saturating_add(Span::new().days(6))),
            Named::ThisMonth => Days::month(days.first),
            _ => days,
        };
        let before = versus.days(period, days, |_| days.previous());
        Self { named, days, drawn, before, partial: span.partial, problem }
    }
}

/// Two days; reversed ones are put in order.
fn dates(address: &Address, today: Date) -> Result<(Date, Date), &'static str> {
    let day = |name: &str| address.get(name).parse::<Date>().map_err(|_| "finance.wrong.dates");
    let days = Days::new(day("from")?, day("to")?);
    if days.first > today {
        return Err("finance.wrong.future");
    }
    // Far beyond any shop's facts, and beyond the calendar's reach of what is compared.
    if days.count() > MOST_DAYS || days.first < today.saturating_sub(100.years()) {
        return Err("finance.wrong.long");
    }
    Ok((days.first, days.last))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;

    fn chosen(said: &[(&str, &str)]) -> Chosen {
        let said: BTreeMap<String, String> =
            said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let zone = TimeZone::get("America/Bogota").unwrap();
        // In Bogotá it is still Saturday the 21st.
        Chosen::of(&Address::new(said), Timestamp::parse("2026-11-22T03:00:00Z").unwrap(), &zone)
    }

    #[test]
    fn running_days_are_compared_with_as_many_of_the_period_before() {
        let month = chosen(&[]);
        assert_eq!(month.days, Days::new(date(2026, 11, 1), date(2026, 11, 21)));
        assert_eq!(month.before, Days::new(date(2026, 10, 1), date(2026, 10, 21)));
        assert_eq!(month.drawn, Days::month(date(2026, 11, 1)));
        assert!(month.partial);
        let week = chosen(&[("period", "this_week")]);
        assert_eq!(week.days, Days::new(date(2026, 11, 16), date(2026, 11, 21)));
        assert_eq!(week.before, Days::new(date(2026, 11, 9), date(2026, 11, 14)));
        let last = chosen(&[("period", "last_month")]);
        assert_eq!((last.days, last.before), (Days::month(date(2026, 10, 1)), Days::month(date(2026, 9, 1))));
        assert!(!last.partial);
        let thirty = chosen(&[("period", "last_30")]);
        assert_eq!(thirty.days, Days::new(date(2026, 10, 22), date(2026, 11, 20)));
    }

    #[test]
    fn what_is_wrong_is_told_and_this_month_is_shown() {
        for (said, problem) in [
            (vec![("period", "' OR 1=1")], "finance.wrong.period"),
            (vec![("period", "dates")], "finance.wrong.dates"),
            (vec![("from", "2026-13-01"), ("to", "2026-09-30")], "finance.wrong.dates"),
            (vec![("from", "2027-01-01"), ("to", "2027-01-02")], "finance.wrong.future"),
            (vec![("from", "0001-01-01"), ("to", "2026-09-30")], "finance.wrong.long"),
            (vec![("from", "-009999-01-01"), ("to", "-009999-01-02")], "finance.wrong.long"),
        ] {
            let found = chosen(&said);
            assert_eq!((found.problem, found.named), (Some(problem), Named::ThisMonth), "{said:?}");
            assert_eq!(found.days, chosen(&[]).days, "{said:?}");
        }
        let reversed = chosen(&[("from", "2026-09-30"), ("to", "2026-09-01")]);
        assert_eq!((reversed.problem, reversed.days), (None, Days::month(date(2026, 9, 1))));
        assert_eq!(reversed.before, Days::month(date(2026, 8, 1)));
    }
}
