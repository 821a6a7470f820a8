//! Periods as people say them, in three languages, found in a normalised text.

use jiff::ToSpan;
use jiff::civil::Date;
use recado_domain::period::Period;

use super::rules::contains;

/// Month names without accents, by number − 1.
const MONTHS: [&[&str]; 12] = [
    &["enero", "janeiro", "january", "jan"],
    &["febrero", "fevereiro", "february", "feb"],
    &["marzo", "marco", "march"],
    &["abril", "april"],
    &["mayo", "maio"],
    &["junio", "junho", "june"],
    &["julio", "julho", "july"],
    &["agosto", "august"],
    &["septiembre", "setiembre", "setembro", "september", "sept"],
    &["octubre", "outubro", "october", "oct"],
    &["noviembre", "novembro", "november", "nov"],
    &["diciembre", "dezembro", "december", "dic"],
];

/// Fixed phrases; the longer ones first, so that «anteayer» is not «ayer».
const PHRASES: &[(&str, Period)] = &[
    ("la semana pasada", Period::LastWeek),
    ("semana pasada", Period::LastWeek),
    ("semana anterior", Period::LastWeek),
    ("semana passada", Period::LastWeek),
    ("last week", Period::LastWeek),
    ("mes pasado", Period::LastMonth),
    ("mes anterior", Period::LastMonth),
    ("mes passado", Period::LastMonth),
    ("last month", Period::LastMonth),
    ("esta semana", Period::ThisWeek),
    ("essa semana", Period::ThisWeek),
    ("en la semana", Period::ThisWeek),
    ("na semana", Period::ThisWeek),
    ("this week", Period::ThisWeek),
    ("este mes", Period::ThisMonth),
    ("esse mes", Period::ThisMonth),
    ("del mes", Period::ThisMonth),
    ("do mes", Period::ThisMonth),
    ("no mes", Period::ThisMonth),
    ("en el mes", Period::ThisMonth),
    ("this month", Period::ThisMonth),
    ("este ano", Period::ThisYear),
    ("esse ano", Period::ThisYear),
    ("this year", Period::ThisYear),
    ("hoy", Period::Today),
    ("hoje", Period::Today),
    ("today", Period::Today),
    ("ayer", Period::Yesterday),
    ("ontem", Period::Yesterday),
    ("yesterday", Period::Yesterday),
];

/// The first period named in the text. Day ranges need `today` to know their year.
pub fn find(normalised: &str, today: Option<Date>) -> Option<Period> {
    let words: Vec<&str> = normalised.split(' ').collect();
    range(&words, today)
        .or_else(|| day_before_yesterday(normalised, today))
        .or_else(|| last_days(&words))
        .or_else(|| phrase(normalised))
        .or_else(|| month(&words))
}

fn day_before_yesterday(normalised: &str, today: Option<Date>) -> Option<Period> {
    const NAMES: &[&str] = &["anteayer", "antier", "antes de ayer", "anteontem", "day before yesterday"];
    let day = today?.saturating_sub(2.days());
    NAMES.iter().any(|name| contains(normalised, name)).then_some(Period::Range { first: day, last: day })
}

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
fn previous(period: Period, today: Date) -> Option<Period> {
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
        Period::LastDays { days } => back(today.saturating_sub(i64::from(days).days()), today.saturating_sub(1.day())),
        Period::Range { first, last } if first <= last => back(first, last),
        Period::Range { .. } => return None,
    })
}

fn phrase(normalised: &str) -> Option<Period> {
    let padded = format!(" {normalised} ");
    PHRASES.iter().find(|(phrase, _)| padded.contains(&format!(" {phrase} "))).map(|(_, period)| *period)
}

fn month_number(word: &str) -> Option<i8> {
    MONTHS.iter().position(|names| names.contains(&word)).map(|index| index as i8 + 1)
}

fn year(word: Option<&&str>) -> Option<i16> {
    word.and_then(|word| word.parse::<i16>().ok()).filter(|year| (2000..=2100).contains(year))
}

fn year_after(words: &[&str], at: usize) -> Option<i16> {
    year(words.get(at)).or_else(|| {
        let linked = matches!(words.get(at).copied(), Some("de" | "del" | "of"));
        if linked { year(words.get(at + 1)) } else { None }
    })
}

/// «octubre», «en octubre de 2025», «in may». A month's name that is also a word needs a preposition.
fn month(words: &[&str]) -> Option<Period> {
    words.iter().enumerate().find_map(|(index, word)| {
        let number = match *word {
            "may" => Some(5),
            "set" => Some(9),
            _ => month_number(word),
        }?;
        let before = index.checked_sub(1).and_then(|index| words.get(index)).copied().unwrap_or_default();
        let after_preposition = matches!(before, "en" | "em" | "in" | "de" | "of" | "during");
        if matches!(*word, "may" | "set" | "marco") && !after_preposition {
            return None;
        }
        Some(Period::Month { month: number, year: year_after(words, index + 1) })
    })
}

/// «últimos 7 días», «last 30 days», «últimos sete dias» as digits only.
fn last_days(words: &[&str]) -> Option<Period> {
    words.windows(3).find_map(|three| {
        let last = matches!(three[0], "ultimos" | "ultimas" | "last" | "past" | "pasados" | "passados");
        let days = matches!(three[2], "dias" | "days" | "dia" | "day");
        let number = three[1].parse::<u16>().ok().filter(|days| (1..=3660).contains(days))?;
        (last && days).then_some(Period::LastDays { days: number })
    })
}

fn day(word: Option<&&str>) -> Option<i8> {
    let word = word?.trim_end_matches(['s', 't', 'n', 'd', 'r', 'h']);
    word.parse::<i8>().ok().filter(|day| (1..=31).contains(day))
}

/// «del 3 al 10 (de octubre (de 2025))», «de 3 a 10 de outubro», «from 3 to 10 october», «october 3 to 10».
fn range(words: &[&str], today: Option<Date>) -> Option<Period> {
    let today = today?;
    (0..words.len()).find_map(|at| {
        let first = day(words.get(at))?;
        if !matches!(words.get(at + 1).copied(), Some("al" | "a" | "ao" | "to" | "hasta" | "ate" | "through")) {
            return None;
        }
        let last = day(words.get(at + 2))?;
        let mut next = at + 3;
        if matches!(words.get(next).copied(), Some("de" | "del" | "of")) {
            next += 1;
        }
        let after = words.get(next).and_then(|word| month_number(word));
        let before = at.checked_sub(1).and_then(|index| words.get(index)).and_then(|word| month_number(word));
        let named = after.or(before);
        // «de 9 a 5» of opening hours is no range of days; a month or the usual words are needed.
        let introduced = at > 0 && matches!(words[at - 1], "del" | "dia" | "do" | "from" | "between" | "dias");
        if named.is_none() && !introduced {
            return None;
        }
        let said = after.and_then(|_| year_after(words, next + 1));
        days(today, first, last, named, said)
    })
}

fn days(today: Date, first: i8, last: i8, month: Option<i8>, year: Option<i16>) -> Option<Period> {
    let month = month.unwrap_or(if first <= today.day() { today.month() } else { previous_month(today) });
    let guessed = if month <= today.month() { today.year() } else { today.year() - 1 };
    let year = year.unwrap_or(guessed);
    let first = Date::new(year, month, first).ok()?;
    let last = Date::new(year, month, last.min(first.days_in_month())).ok()?;
    (first <= last).then_some(Period::Range { first, last })
}

fn previous_month(today: Date) -> i8 {
    if today.month() == 1 { 12 } else { today.month() - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::normalise::normalise;

    fn of(text: &str) -> Option<Period> {
        find(&normalise(text), Some(Date::constant(2026, 11, 26)))
    }
    fn october(first: i8, last: i8) -> Option<Period> {
        Some(Period::Range { first: Date::constant(2026, 10, first), last: Date::constant(2026, 10, last) })
    }

    #[test]
    fn periods_are_found_in_three_languages() {
        let table = [
            ("¿cuánto vendí hoy?", Period::Today),
            ("quanto vendi ontem", Period::Yesterday),
            ("sales this week", Period::ThisWeek),
            ("¿y la semana pasada?", Period::LastWeek),
            ("semana passada", Period::LastWeek),
            ("este mês", Period::ThisMonth),
            ("o mês passado", Period::LastMonth),
            ("ventas en octubre", Period::Month { month: 10, year: None }),
            ("em outubro de 2025", Period::Month { month: 10, year: Some(2025) }),
            ("October 2025", Period::Month { month: 10, year: Some(2025) }),
            ("in may", Period::Month { month: 5, year: None }),
            ("últimos 7 días", Period::LastDays { days: 7 }),
            ("last 30 days", Period::LastDays { days: 30 }),
            ("este año", Period::ThisYear),
        ];
        for (text, period) in table {
            assert_eq!(of(text), Some(period), "{text}");
        }
    }

    #[test]
    fn ranges_of_days_find_their_month_and_year() {
        assert_eq!(of("del 3 al 10 de octubre"), october(3, 10));
        assert_eq!(of("de 3 a 10 de outubro"), october(3, 10));
        assert_eq!(of("from 3 to 10 october"), october(3, 10));
        assert_eq!(of("october 3rd to 10th"), october(3, 10));
        assert_eq!(of("del 27 al 30"), october(27, 30));
        assert_eq!(
            of("del 3 al 10"),
            Some(Period::Range { first: Date::constant(2026, 11, 3), last: Date::constant(2026, 11, 10) })
        );
        assert_eq!(of("abierto de 9 a 5"), None);
    }

    #[test]
    fn the_period_before_is_counted_from_the_last_one() {
        let today = Date::constant(2026, 11, 26);
        let day = |month, day| Date::constant(2026, month, day);
        let range = |first, last| Period::Range { first, last };
        for (text, last, found) in [
            ("¿y la pasada?", Period::ThisWeek, Period::LastWeek),
            ("¿y la pasada?", Period::ThisMonth, Period::LastWeek),
            ("¿y el pasado?", Period::ThisMonth, Period::LastMonth),
            ("e a passada?", Period::ThisWeek, Period::LastWeek),
            ("y la anterior", Period::LastWeek, range(day(11, 9), day(11, 15))),
            ("y el anterior?", Period::Today, Period::Yesterday),
            ("y el anterior?", Period::Yesterday, range(day(11, 24), day(11, 24))),
            ("e o anterior?", Period::LastMonth, Period::Month { month: 9, year: Some(2026) }),
            (
                "and the one before?",
                Period::Month { month: 1, year: None },
                Period::Month { month: 12, year: Some(2025) },
            ),
            ("and the previous one?", range(day(11, 9), day(11, 15)), range(day(11, 2), day(11, 8))),
        ] {
            assert_eq!(relative(&normalise(text), last, today), Some(found), "{text} after {last:?}");
        }
        for text in ["y el pedido pasado de Ana", "hola", "lo pasado pisado", ""] {
            assert_eq!(relative(&normalise(text), Period::ThisWeek, today), None, "{text}");
        }
        assert_eq!(of("ventas de anteayer"), Some(range(day(11, 24), day(11, 24))));
    }

    #[test]
    fn other_words_are_no_period() {
        for text in ["may I ask something", "hola", "", "pedido 1042", "marco el pedido"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
