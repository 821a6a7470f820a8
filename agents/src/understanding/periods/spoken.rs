//! The grammar of periods: what begins at a word.

use jiff::ToSpan;
use jiff::civil::Date;
use recado_domain::period::Period;

use super::names::{is_also_a_word, month, weekday};
use crate::understanding::entities::numbers::small;

/// What is said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Said {
    /// A period.
    Period(Period),
    /// A day to come.
    Day(Date),
}

/// Phrases that always mean the same.
const PHRASES: &[(&str, Period)] = &[
    ("la semana pasada", Period::LastWeek),
    ("semana pasada", Period::LastWeek),
    ("semana anterior", Period::LastWeek),
    ("semana passada", Period::LastWeek),
    ("last week", Period::LastWeek),
    ("previous week", Period::LastWeek),
    ("pasada semana", Period::LastWeek),
    ("mes pasado", Period::LastMonth),
    ("mes anterior", Period::LastMonth),
    ("pasado mes", Period::LastMonth),
    ("mes passado", Period::LastMonth),
    ("last month", Period::LastMonth),
    ("previous month", Period::LastMonth),
    ("esta semana", Period::ThisWeek),
    ("essa semana", Period::ThisWeek),
    ("en la semana", Period::ThisWeek),
    ("de la semana", Period::ThisWeek),
    ("na semana", Period::ThisWeek),
    ("da semana", Period::ThisWeek),
    ("this week", Period::ThisWeek),
    ("lo que va de la semana", Period::ThisWeek),
    ("week to date", Period::ThisWeek),
    ("este mes", Period::ThisMonth),
    ("esse mes", Period::ThisMonth),
    ("del mes", Period::ThisMonth),
    ("do mes", Period::ThisMonth),
    ("no mes", Period::ThisMonth),
    ("en el mes", Period::ThisMonth),
    ("mes actual", Period::ThisMonth),
    ("mes corriente", Period::ThisMonth),
    ("lo que va del mes", Period::ThisMonth),
    ("this month", Period::ThisMonth),
    ("month to date", Period::ThisMonth),
    ("mtd", Period::ThisMonth),
    ("este ano", Period::ThisYear),
    ("esse ano", Period::ThisYear),
    ("lo que va del ano", Period::ThisYear),
    ("del ano", Period::ThisYear),
    ("no ano", Period::ThisYear),
    ("this year", Period::ThisYear),
    ("year to date", Period::ThisYear),
    ("ytd", Period::ThisYear),
    ("hoy", Period::Today),
    ("hoje", Period::Today),
    ("today", Period::Today),
    ("ayer", Period::Yesterday),
    ("ontem", Period::Yesterday),
    ("yesterday", Period::Yesterday),
    ("ultima semana", Period::LastDays { days: 7 }),
    ("ultimo mes", Period::LastDays { days: 30 }),
    ("past week", Period::LastDays { days: 7 }),
    ("past month", Period::LastDays { days: 30 }),
];

/// What a phrase means on a day.
type FromToday = fn(Date) -> Said;

/// Phrases that need today.
const COUNTED: &[(&str, FromToday)] = &[
    ("day before yesterday", |today| day_back(today, 2)),
    ("antes de ayer", |today| day_back(today, 2)),
    ("anteayer", |today| day_back(today, 2)),
    ("antier", |today| day_back(today, 2)),
    ("anteontem", |today| day_back(today, 2)),
    ("antes de ontem", |today| day_back(today, 2)),
    ("day after tomorrow", |today| Said::Day(today.saturating_add(2.days()))),
    ("pasado manana", |today| Said::Day(today.saturating_add(2.days()))),
    ("depois de amanha", |today| Said::Day(today.saturating_add(2.days()))),
    ("manana", |today| Said::Day(today.saturating_add(1.day()))),
    ("amanha", |today| Said::Day(today.saturating_add(1.day()))),
    ("tomorrow", |today| Said::Day(today.saturating_add(1.day()))),
    ("ano pasado", last_year),
    ("ano anterior", last_year),
    ("ano passado", last_year),
    ("last year", last_year),
    ("este trimestre", |today| quarter(today, 0)),
    ("this quarter", |today| quarter(today, 0)),
    ("trimestre pasado", |today| quarter(today, 1)),
    ("ultimo trimestre", |today| quarter(today, 1)),
    ("trimestre anterior", |today| quarter(today, 1)),
    ("trimestre passado", |today| quarter(today, 1)),
    ("last quarter", |today| quarter(today, 1)),
    ("este semestre", |today| half(today, 0)),
    ("semestre pasado", |today| half(today, 1)),
    ("semestre passado", |today| half(today, 1)),
    ("ultimo semestre", |today| half(today, 1)),
    ("esta quincena", |today| fortnight(today, 0)),
    ("esta quinzena", |today| fortnight(today, 0)),
    ("quincena pasada", |today| fortnight(today, 1)),
    ("ultima quincena", |today| fortnight(today, 1)),
    ("quincena anterior", |today| fortnight(today, 1)),
    ("quinzena passada", |today| fortnight(today, 1)),
    ("primera quincena", |today| fortnight_of(today, 1)),
    ("primeira quinzena", |today| fortnight_of(today, 1)),
    ("segunda quincena", |today| fortnight_of(today, 2)),
    ("segunda quinzena", |today| fortnight_of(today, 2)),
    ("fin de semana pasado", weekend),
    ("fin de semana", weekend),
    ("finde pasado", weekend),
    ("finde", weekend),
    ("fim de semana passado", weekend),
    ("fim de semana", weekend),
    ("last weekend", weekend),
    ("weekend", weekend),
];

fn range(first: Date, last: Date) -> Said {
    Said::Period(Period::Range { first, last })
}
fn day_back(today: Date, days: i64) -> Said {
    let day = today.saturating_sub(days.days());
    range(day, day)
}
fn last_year(today: Date) -> Said {
    Said::Period(Period::Year { year: today.year() - 1 })
}
fn quarter(today: Date, back: i16) -> Said {
    let index = today.year() * 4 + i16::from(today.month() - 1) / 3 - back;
    Said::Period(Period::Quarter { quarter: (index.rem_euclid(4) + 1) as i8, year: Some(index.div_euclid(4)) })
}
fn half(today: Date, back: i16) -> Said {
    let index = today.year() * 2 + i16::from(today.month() - 1) / 6 - back;
    Said::Period(Period::Half { half: (index.rem_euclid(2) + 1) as i8, year: Some(index.div_euclid(2)) })
}
/// Fortnights run from the 1st to the 15th and from the 16th to the end (FINANCE §1.4); this one until today.
fn fortnight(today: Date, back: i8) -> Said {
    let first = today.first_of_month();
    let middle = first.saturating_add(15.days());
    match (today.day() > 15, back) {
        (false, 0) => range(first, today),
        (true, 0) => range(middle, today),
        (true, _) => range(first, middle.saturating_sub(1.day())),
        (false, _) => {
            let last = first.saturating_sub(1.day());
            range(last.first_of_month().saturating_add(15.days()), last)
        }
    }
}
fn fortnight_of(today: Date, which: i8) -> Said {
    let first = today.first_of_month();
    let middle = first.saturating_add(15.days());
    if which == 1 { range(first, middle.saturating_sub(1.day())) } else { range(middle, today.last_of_month()) }
}
fn weekend(today: Date) -> Said {
    let since_sunday = i64::from(today.weekday().to_sunday_zero_offset());
    let sunday = today.saturating_sub(since_sunday.days());
    range(sunday.saturating_sub(1.day()), sunday)
}

fn starts(words: &[&str], at: usize, phrase: &str) -> Option<usize> {
    let mut length = 0;
    for expected in phrase.split(' ') {
        if words.get(at + length) != Some(&expected) {
            return None;
        }
        length += 1;
    }
    Some(length)
}

/// What begins at a word, and how many words it takes.
pub(super) fn said_at(words: &[&str], at: usize, today: Option<Date>) -> Option<(Said, usize)> {
    let first = words.get(at)?;
    if first.is_empty() {
        return None;
    }
    let letter = first.as_bytes().first();
    let alike = |phrase: &str| phrase.as_bytes().first() == letter && phrase.starts_with(first);
    let fixed = PHRASES.iter().filter(|(phrase, _)| alike(phrase));
    let fixed = fixed.filter_map(|(phrase, period)| {
        let length = starts(words, at, phrase)?;
        // «no mês passado» is not «no mês».
        let other = matches!(
            words.get(at + length).copied(),
            Some("pasado" | "pasada" | "passado" | "passada" | "anterior") if matches!(*period, Period::ThisMonth | Period::ThisWeek | Period::ThisYear)
        );
        (!other).then_some((Said::Period(*period), length))
    });
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let counted = COUNTED.iter().filter(|(phrase, _)| alike(phrase)).filter_map(|(phrase, make)| {
        // «por la mañana» is a time of day.
        let morning = *phrase == "manana" && matches!(before, "la" | "esta" | "de" | "una" | "las")
            || *phrase == "amanha" && before == "da";
        let length = starts(words, at, phrase).filter(|_| !morning)?;
        Some((make(today?), length))
    });
    let longest = fixed.chain(counted).max_by_key(|(_, length)| *length);
    let ranged = ranges(words, at, today);
    [ranged, longest].into_iter().flatten().max_by_key(|(_, length)| *length).or_else(|| {
        last_counted(words, at)
            .or_else(|| ago(words, at, today))
            .or_else(|| ordinal(words, at))
            .or_else(|| dated(words, at, today))
            .or_else(|| named_month(words, at))
            .or_else(|| week_day(words, at, today))
            .or_else(|| year_alone(words, at))
    })
}

fn count(word: Option<&&str>) -> Option<u16> {
    let word = word?;
    word.parse()
        .ok()
        .or_else(|| small(word).and_then(|value| u16::try_from(value).ok()))
        .filter(|days| (1..=3660).contains(days))
}

fn unit(word: Option<&&str>) -> Option<u16> {
    Some(match *word? {
        "dia" | "dias" | "day" | "days" => 1,
        "semana" | "semanas" | "week" | "weeks" => 7,
        "mes" | "meses" | "month" | "months" => 30,
        _ => return None,
    })
}

/// «últimos 7 días», «last two weeks», «7 días pasados».
fn last_counted(words: &[&str], at: usize) -> Option<(Said, usize)> {
    let leads = matches!(words[at], "ultimos" | "ultimas" | "last" | "past" | "pasados" | "passados" | "previous");
    let (number, length) = if leads {
        (count(words.get(at + 1))?.checked_mul(unit(words.get(at + 2))?)?, 3)
    } else {
        let follows = matches!(words.get(at + 2).copied(), Some("pasados" | "passados" | "anteriores"));
        (count(words.get(at)).filter(|_| follows)?.checked_mul(unit(words.get(at + 1))?)?, 3)
    };
    Some((Said::Period(Period::LastDays { days: number.min(3660) }), length))
}

/// «hace 3 días», «há 2 dias», «3 days ago».
fn ago(words: &[&str], at: usize, today: Option<Date>) -> Option<(Said, usize)> {
    let today = today?;
    let spanish = matches!(words[at], "hace" | "ha" | "faz");
    let from = if spanish { at + 1 } else { at };
    let days = count(words.get(from))?.checked_mul(unit(words.get(from + 1))?)?;
    if spanish {
        return Some((day_back(today, i64::from(days)), 3));
    }
    (words.get(at + 2) == Some(&"ago")).then(|| (day_back(today, i64::from(days)), 3))
}

/// «Q3», «T3», «primer trimestre», «second half», «segundo semestre de 2025».
fn ordinal(words: &[&str], at: usize) -> Option<(Said, usize)> {
    let place = match words[at] {
        "q1" | "1t" | "primer" | "primeiro" | "first" | "1er" => 1,
        "q2" | "2t" | "segundo" | "second" | "2do" => 2,
        "q3" | "3t" | "tercer" | "terceiro" | "third" | "3er" => 3,
        "q4" | "4t" | "cuarto" | "quarto" | "fourth" | "4to" => 4,
        _ => return None,
    };
    let short = words[at].len() == 2;
    let what = words.get(at + 1).copied().unwrap_or_default();
    let length = if short { 1 } else { 2 };
    let (year, end) = year_after(words, at + length);
    if short || matches!(what, "trimestre" | "quarter") {
        return Some((Said::Period(Period::Quarter { quarter: place, year }), end - at));
    }
    let halves = matches!(what, "semestre" | "half") && place <= 2;
    halves.then_some((Said::Period(Period::Half { half: place, year }), end - at))
}

fn year(word: Option<&&str>) -> Option<i16> {
    word.and_then(|word| word.parse::<i16>().ok()).filter(|year| (2000..=2100).contains(year))
}

/// The year after a place, with or without a link, and the place after it.
fn year_after(words: &[&str], at: usize) -> (Option<i16>, usize) {
    if let Some(year) = year(words.get(at)) {
        return (Some(year), at + 1);
    }
    let linked = matches!(words.get(at).copied(), Some("de" | "del" | "do" | "of" | "in"));
    match year(words.get(at + 1)).filter(|_| linked) {
        Some(year) => (Some(year), at + 2),
        None => (None, at),
    }
}

fn day(word: Option<&&str>) -> Option<i8> {
    let word = word?;
    let plain = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    plain.parse::<i8>().ok().filter(|day| (1..=31).contains(day))
}

/// A day with its month in either order: «3 de octubre (de 2025)», «october 3rd», and the place after it.
fn day_and_month(words: &[&str], at: usize) -> Option<(i8, i8, Option<i16>, usize)> {
    if let Some(number) = words.get(at).and_then(|word| month(word)) {
        let day = day(words.get(at + 1))?;
        let (year, end) = year_after(words, at + 2);
        return Some((day, number, year, end));
    }
    let day = day(words.get(at))?;
    let link = usize::from(matches!(words.get(at + 1).copied(), Some("de" | "of")));
    let number = words.get(at + 1 + link).and_then(|word| month(word))?;
    let (year, end) = year_after(words, at + 2 + link);
    Some((day, number, year, end))
}

/// «el 15 de octubre», «october 15», «el 15», «dia 15», «the 30th»: the past day nearest, or a day to come.
fn dated(words: &[&str], at: usize, today: Option<Date>) -> Option<(Said, usize)> {
    let today = today?;
    if let Some((day, month, year, end)) = day_and_month(words, at) {
        let guess = |year: i16| Date::new(year, month, day).ok();
        let found = match year {
            Some(year) => guess(year)?,
            None => {
                let this = guess(today.year())?;
                if (this - today).get_days() > 60 { guess(today.year() - 1)? } else { this }
            }
        };
        return Some((on(found, today), end - at));
    }
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let ordinal = words[at].len() > 2 && words[at].ends_with(['h', 't', 'd']);
    let introduced = match before {
        "dia" => true,
        "el" | "del" | "al" => words.get(at + 1).is_none_or(|next| *next != "por"),
        "the" => ordinal,
        _ => false,
    };
    let closed = before == "dia"
        || words.get(at + 1).is_none_or(|next| {
            matches!(
                *next,
                "y" | "e" | "and" | "no" | "me" | "por" | "para" | "ya" | "llega" | "a" | "que" | "de" | "porque"
            )
        });
    let number = day(words.get(at)).filter(|_| introduced && closed)?;
    let this = Date::new(today.year(), today.month(), number).ok()?;
    Some((on(this, today), 1))
}

fn on(day: Date, today: Date) -> Said {
    if day > today { Said::Day(day) } else { range(day, day) }
}

/// «octubre», «en octubre de 2025», «in may». A month's name that is also a word needs a preposition or a year.
fn named_month(words: &[&str], at: usize) -> Option<(Said, usize)> {
    let number = month(words[at])?;
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let (year, end) = year_after(words, at + 1);
    let led = matches!(
        before,
        "en" | "em" | "in" | "de" | "of" | "during" | "mes" | "for" | "desde" | "since" | "a" | "hasta"
    );
    if is_also_a_word(words[at]) && !led && year.is_none() {
        return None;
    }
    Some((Said::Period(Period::Month { month: number, year }), end - at))
}

/// «el lunes», «lunes pasado», «last friday», «el próximo martes», «na segunda».
fn week_day(words: &[&str], at: usize, today: Option<Date>) -> Option<(Said, usize)> {
    let today = today?;
    let (number, ordinal) = weekday(words[at])?;
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let mut length = 1;
    let fair = words.get(at + 1) == Some(&"feira");
    length += usize::from(fair);
    let after = words.get(at + length).copied().unwrap_or_default();
    let two = words.get(at + length + 1).copied().unwrap_or_default();
    let coming = matches!(before, "proximo" | "proxima" | "next")
        || matches!(after, "proximo" | "proxima")
        || after == "que" && matches!(two, "viene" | "vem");
    let past = matches!(before, "pasado" | "last") || matches!(after, "pasado" | "passada" | "passado");
    let led = matches!(before, "el" | "este" | "on" | "na" | "no" | "del" | "al" | "da" | "do");
    if !(coming || past || fair || led && (!ordinal || matches!(before, "na" | "da") && after.is_empty())) {
        return None;
    }
    length += if after == "que" && coming {
        2
    } else {
        usize::from(past && before != "last" && before != "pasado" || coming && matches!(after, "proximo" | "proxima"))
    };
    let since = (i64::from(today.weekday().to_monday_zero_offset()) - i64::from(number)).rem_euclid(7);
    if coming {
        return Some((Said::Day(today.saturating_add((7 - since).days())), length));
    }
    Some((day_back(today, if since == 0 { 7 } else { since }), length))
}

/// A year that is introduced, or stands alone: «en 2025», «2025».
fn year_alone(words: &[&str], at: usize) -> Option<(Said, usize)> {
    let year = year(words.get(at)).filter(|_| words[at].len() == 4)?;
    let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let led = matches!(
        before,
        "en" | "em"
            | "in"
            | "ano"
            | "year"
            | "durante"
            | "during"
            | "vs"
            | "versus"
            | "contra"
            | "todo"
            | "desde"
            | "since"
            | "total"
    ) || matches!(before, "del" | "de")
        && words
            .get(at.wrapping_sub(2))
            .is_some_and(|word| matches!(*word, "ano" | "ventas" | "vendas" | "reporte" | "resultados"));
    (led || words.len() == 1 || words.get(at + 1).is_some_and(|next| matches!(*next, "vs" | "versus" | "contra")))
        .then_some((Said::Period(Period::Year { year }), 1))
}

/// Ranges: «del 3 al 10 (de octubre)», «entre el 3 y el 10», «del 28 de septiembre al 5 de octubre», «de enero a marzo»,
/// «desde el 15», «since march».
fn ranges(words: &[&str], at: usize, today: Option<Date>) -> Option<(Said, usize)> {
    let today = today?;
    let article = |at: usize| {
        at + usize::from(matches!(
            words.get(at).copied(),
            Some("el" | "o" | "dia" | "los" | "the" | "dias" | "as" | "os")
        ))
    };
    let lead = words[at];
    if matches!(lead, "desde" | "since") {
        let from = article(article(at + 1));
        let closed = open_range(words, from, today);
        let until = closed.and_then(|(_, end)| to_word(words, end, false).map(|_| ()));
        if until.is_none() {
            return closed.filter(|(first, _)| *first <= today).map(|(first, end)| (range(first, today), end - at));
        }
    }
    let introduced =
        matches!(lead, "del" | "de" | "do" | "from" | "between" | "entre" | "desde" | "dias" | "dia" | "days");
    let start = if introduced { article(article(at + 1)) } else { at };
    let both = matches!(lead, "entre" | "between");
    // «de enero a marzo (de 2025)».
    if let Some(one) = words.get(start).and_then(|word| month(word)).filter(|_| day(words.get(start + 1)).is_none()) {
        let (own, next) = year_after(words, start + 1);
        let other = article(to_word(words, next, both)?);
        let two =
            words.get(other).and_then(|word| month(word)).filter(|_| introduced || !is_also_a_word(words[start]))?;
        let (said, end) = year_after(words, other + 1);
        let last_year = said.unwrap_or(if two <= today.month() { today.year() } else { today.year() - 1 });
        let first_year = own.unwrap_or(if one <= two { last_year } else { last_year - 1 });
        let last = Date::new(last_year, two, 1).ok()?.last_of_month();
        let last = if said.is_none() && last > today && two == today.month() { today } else { last };
        return Some((range(Date::new(first_year, one, 1).ok()?, last), end - at));
    }
    let (one, own, next) = match day_and_month(words, start) {
        Some((day, month, year, end)) => (day, Some((month, year)), end),
        None => (day(words.get(start))?, None, start + 1),
    };
    let other = article(to_word(words, next, both)?);
    let (two, theirs, end) = match day_and_month(words, other) {
        Some((day, month, year, end)) => (day, Some((month, year)), end),
        None => (day(words.get(other))?, None, other + 1),
    };
    // «de 9 a 5» of opening hours is no range of days: a month or the usual words are needed.
    let telling = own.is_some()
        || theirs.is_some()
        || matches!(lead, "del" | "do" | "from" | "between" | "entre" | "dias" | "dia" | "days");
    let hours =
        matches!(words.get(end).copied(), Some("am" | "pm" | "horas" | "h" | "hours" | "mil" | "pesos" | "unidades"));
    if !telling || hours {
        return None;
    }
    let guess = |month: i8| if month <= today.month() { today.year() } else { today.year() - 1 };
    let (last_month, last_year) = match (theirs, own) {
        (Some((month, year)), _) | (None, Some((month, year))) => (month, year.unwrap_or_else(|| guess(month))),
        (None, None) if one <= today.day() => (today.month(), today.year()),
        (None, None) => {
            let month = if today.month() == 1 { 12 } else { today.month() - 1 };
            (month, guess(month))
        }
    };
    let (first_month, first_year) = match own {
        Some((month, year)) => (month, year.unwrap_or(if month <= last_month { last_year } else { last_year - 1 })),
        None => (last_month, last_year),
    };
    let first = Date::new(first_year, first_month, one).ok()?;
    let month = Date::new(last_year, last_month, 1).ok()?;
    let last = Date::new(last_year, last_month, two.min(month.days_in_month())).ok()?;
    (first <= last).then(|| (range(first, last), end - at))
}

/// The place after a word that leads to the end of a range; «y» only after «entre».
fn to_word(words: &[&str], at: usize, both: bool) -> Option<usize> {
    let leads = matches!(words.get(at).copied()?, "al" | "a" | "ao" | "to" | "hasta" | "ate" | "through" | "until");
    let and = both && matches!(words[at], "y" | "e" | "and");
    (leads || and).then_some(at + 1)
}

/// The first day of a range without an end.
fn open_range(words: &[&str], at: usize, today: Date) -> Option<(Date, usize)> {
    if let Some((day, month, year, end)) = day_and_month(words, at) {
        let year = year.unwrap_or(if month <= today.month() { today.year() } else { today.year() - 1 });
        return Some((Date::new(year, month, day).ok()?, end));
    }
    if let Some(month) = words.get(at).and_then(|word| month(word)) {
        let (year, end) = year_after(words, at + 1);
        let year = year.unwrap_or(if month <= today.month() { today.year() } else { today.year() - 1 });
        return Some((Date::new(year, month, 1).ok()?, end));
    }
    let number = day(words.get(at))?;
    let (year, month) = match (number <= today.day(), today.month()) {
        (true, month) => (today.year(), month),
        (false, 1) => (today.year() - 1, 12),
        (false, month) => (today.year(), month - 1),
    };
    Some((Date::new(year, month, number).ok()?, at + 1))
}
