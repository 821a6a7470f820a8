//! Periods told by the one that was spoken of before.

use jiff::ToSpan;
use jiff::civil::Date;
use recado_domain::period::Period;

/// «¿y la pasada?», «e o anterior?», «and the one before?»: the period before the last one that was spoken of. «La
/// pasada» is a week and «el pasado» a month unless the last one already was another.
pub fn relative(normalised: &str, last: Period, today: Date) -> Option<Period> {
    const AROUND: &[&str] = &[
        "y", "e", "and", "la", "el", "los", "las", "a", "o", "da", "do", "de", "en", "na", "no", "the", "what",
        "about", "how", "one", "del", "que", "tal", "for", "in",
    ];
    let words: Vec<&str> = normalised.split(' ').collect();
    let telling: Vec<&str> = words.iter().copied().filter(|word| !AROUND.contains(word)).collect();
    let [word] = telling.as_slice() else { return None };
    match *word {
        "pasada" | "passada" if !is_weekly(last) => Some(Period::LastWeek),
        "pasado" | "passado" if is_weekly(last) || is_daily(last) => Some(Period::LastMonth),
        "pasada" | "passada" | "pasado" | "passado" | "anterior" | "antes" | "previous" | "before" | "last"
        | "prior" => previous(last, today),
        _ => None,
    }
}

fn is_weekly(period: Period) -> bool {
    let days = |first: Date, last: Date| (last - first).get_days();
    match period {
        Period::ThisWeek | Period::LastWeek | Period::LastDays { .. } => true,
        Period::Range { first, last } => days(first, last) > 0,
        _ => false,
    }
}

fn is_daily(period: Period) -> bool {
    match period {
        Period::Today | Period::Yesterday => true,
        Period::Range { first, last } => first == last,
        _ => false,
    }
}

/// The period of the same kind before one.
pub(super) fn previous(period: Period, today: Date) -> Option<Period> {
    let back = |first: Date, last: Date| {
        let length = (last - first).get_days() + 1;
        Period::Range { first: first.saturating_sub(length.days()), last: last.saturating_sub(length.days()) }
    };
    let month_before = |month: i8, year: i16| match month {
        1 => Period::Month { month: 12, year: Some(year - 1) },
        month => Period::Month { month: month - 1, year: Some(year) },
    };
    Some(match period {
        Period::Today => Period::Yesterday,
        Period::Yesterday => back(today.saturating_sub(1.day()), today.saturating_sub(1.day())),
        Period::ThisWeek => Period::LastWeek,
        Period::LastWeek => {
            let monday = today.saturating_sub(i64::from(today.weekday().to_monday_zero_offset()).days());
            back(monday.saturating_sub(7.days()), monday.saturating_sub(1.day()))
        }
        Period::ThisMonth => Period::LastMonth,
        Period::LastMonth => {
            let first = today.first_of_month().saturating_sub(1.month());
            month_before(first.month(), first.year())
        }
        Period::Month { month, year } => {
            month_before(month, year.unwrap_or(if month <= today.month() { today.year() } else { today.year() - 1 }))
        }
        Period::ThisYear => {
            let last = today.first_of_year().saturating_sub(1.day());
            Period::Range { first: last.first_of_year(), last }
        }
        Period::Year { year } => Period::Year { year: year - 1 },
        Period::Quarter { quarter, year } => {
            let year = year.unwrap_or(if quarter * 3 - 2 <= today.month() { today.year() } else { today.year() - 1 });
            match quarter {
                1 => Period::Quarter { quarter: 4, year: Some(year - 1) },
                quarter => Period::Quarter { quarter: quarter - 1, year: Some(year) },
            }
        }
        Period::Half { half, year } => {
            let year = year.unwrap_or(if half * 6 - 5 <= today.month() { today.year() } else { today.year() - 1 });
            match half {
                1 => Period::Half { half: 2, year: Some(year - 1) },
                half => Period::Half { half: half - 1, year: Some(year) },
            }
        }
        Period::LastDays { days } => back(today.saturating_sub(i64::from(days).days()), today.saturating_sub(1.day())),
        Period::Range { first, last } if first <= last => back(first, last),
        Period::Range { .. } => return None,
    })
}
