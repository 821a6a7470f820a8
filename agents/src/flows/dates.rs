//! Days to come, as people name them.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use crate::understanding::rules::contains;

const MONTHS: [&[&str]; 12] = [
    &["enero", "janeiro", "january"],
    &["febrero", "fevereiro", "february"],
    &["marzo", "marco", "march"],
    &["abril", "april"],
    &["mayo", "maio", "may"],
    &["junio", "junho", "june"],
    &["julio", "julho", "july"],
    &["agosto", "august"],
    &["septiembre", "setiembre", "setembro", "september"],
    &["octubre", "outubro", "october"],
    &["noviembre", "novembro", "november"],
    &["diciembre", "dezembro", "december"],
];
const WEEKDAYS: [(&[&str], Weekday); 7] = [
    (&["lunes", "segunda", "segunda feira", "monday"], Weekday::Monday),
    (&["martes", "terca", "terca feira", "tuesday"], Weekday::Tuesday),
    (&["miercoles", "quarta", "quarta feira", "wednesday"], Weekday::Wednesday),
    (&["jueves", "quinta", "quinta feira", "thursday"], Weekday::Thursday),
    (&["viernes", "sexta", "sexta feira", "friday"], Weekday::Friday),
    (&["sabado", "saturday"], Weekday::Saturday),
    (&["domingo", "sunday"], Weekday::Sunday),
];
/// Farther than this a delivery is not postponed.
pub const FARTHEST_DAYS: i32 = 60;

/// A named day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// One that can be.
    Possible(Date),
    /// Today, gone, or too far away.
    Impossible,
}

/// The first day named in a normalised text.
pub fn find(normalised: &str, today: Date) -> Option<Day> {
    let date = day_of_month(normalised, today)
        .or_else(|| relative(normalised, today))
        .or_else(|| weekday(normalised, today))
        .or_else(|| written(normalised, today))?;
    let days = (date - today).get_days();
    Some(if (1..=FARTHEST_DAYS).contains(&days) { Day::Possible(date) } else { Day::Impossible })
}

fn relative(normalised: &str, today: Date) -> Option<Date> {
    let any = |phrases: &[&str]| phrases.iter().any(|phrase| contains(normalised, phrase));
    let after = |days: i32| today.checked_add(days.days()).ok();
    if any(&["pasado manana", "depois de amanha", "day after tomorrow"]) {
        return after(2);
    }
    if any(&["manana", "amanha", "tomorrow"]) {
        return after(1);
    }
    if any(&["hoy", "hoje", "today", "ayer", "ontem", "yesterday"]) {
        return after(0);
    }
    let words: Vec<&str> = normalised.split(' ').collect();
    let count = |word: &str| match word {
        "un" | "una" | "um" | "uma" | "a" | "one" => Some(1),
        "dos" | "dois" | "duas" | "two" => Some(2),
        "tres" | "three" => Some(3),
        "cuatro" | "quatro" | "four" => Some(4),
        "cinco" | "five" => Some(5),
        "ocho" | "oito" | "eight" => Some(8),
        "quince" | "quinze" | "fifteen" => Some(15),
        word => word.parse::<i32>().ok().filter(|days| (1..=365).contains(days)),
    };
    for pair in words.windows(2) {
        match (count(pair[0]), pair[1]) {
            (Some(days), "dias" | "dia" | "days" | "day") => return after(days),
            (Some(weeks), "semana" | "semanas" | "week" | "weeks") => return after(weeks * 7),
            _ => {}
        }
    }
    any(&["proxima semana", "semana que viene", "semana entrante", "otra semana", "semana que vem", "next week"])
        .then(|| next(today, Weekday::Monday))
        .flatten()
}

/// The next such day after today.
fn next(today: Date, weekday: Weekday) -> Option<Date> {
    (1..=7).filter_map(|days: i32| today.checked_add(days.days()).ok()).find(|date| date.weekday() == weekday)
}

fn weekday(normalised: &str, today: Date) -> Option<Date> {
    let (_, day) = WEEKDAYS.iter().find(|(names, _)| names.iter().any(|name| contains(normalised, name)))?;
    next(today, *day)
}

/// «3 de diciembre», «December 3», «el 3».
fn day_of_month(normalised: &str, today: Date) -> Option<Date> {
    let words: Vec<&str> = normalised.split(' ').collect();
    let number = |word: &str| {
        let digits = word.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th");
        digits.parse::<i8>().ok().filter(|day| (1..=31).contains(day))
    };
    let month = words.iter().find_map(|word| MONTHS.iter().position(|names| names.contains(word)));
    let day = words.iter().find_map(|word| number(word));
    if let (Some(month), Some(day)) = (month, day) {
        return coming(day, i8::try_from(month + 1).ok()?, today);
    }
    // «el 3», «dia 3»: of this month, or of the next when it is gone.
    let at = words.iter().position(|word| matches!(*word, "el" | "dia" | "the" | "o"))?;
    let day = words
        .get(at + 1)
        .copied()
        .and_then(|word| if word == "dia" { words.get(at + 2).copied() } else { Some(word) })
        .and_then(number)?;
    let of_month = |date: Date| Date::new(date.year(), date.month(), day).ok();
    of_month(today)
        .filter(|date| *date > today)
        .or_else(|| of_month(today.first_of_month().checked_add(1.month()).ok()?))
}

/// «3/12», «03-12-2026», read day first as all home markets write it; normalising made blanks of the strokes.
fn written(normalised: &str, today: Date) -> Option<Date> {
    let numbers: Vec<i16> = normalised.split(' ').map_while(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [day, month] => coming(i8::try_from(*day).ok()?, i8::try_from(*month).ok()?, today),
        [year, month, day] if *year > 2000 => {
            Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
        }
        [day, month, year] if *year > 2000 => {
            Date::new(*year, i8::try_from(*month).ok()?, i8::try_from(*day).ok()?).ok()
        }
        _ => None,
    }
}

/// That day this year, or next year when it is long gone.
fn coming(day: i8, month: i8, today: Date) -> Option<Date> {
    let this = Date::new(today.year(), month, day).ok()?;
    if (today - this).get_days() > 180 { Date::new(today.year() + 1, month, day).ok() } else { Some(this) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::understanding::normalise::normalise;

    #[test]
    fn days_to_come_are_read_in_three_languages() {
        // A Thursday.
        let today = date(2026, 11, 26);
        for (text, found) in [
            ("mañana", date(2026, 11, 27)),
            ("pasado mañana por favor", date(2026, 11, 28)),
            ("el lunes", date(2026, 11, 30)),
            ("jueves", date(2026, 12, 3)),
            ("el 3 de diciembre", date(2026, 12, 3)),
            ("3/12", date(2026, 12, 3)),
            ("03-12-2026", date(2026, 12, 3)),
            ("2026-12-03", date(2026, 12, 3)),
            ("el 5", date(2026, 12, 5)),
            ("en 8 días", date(2026, 12, 4)),
            ("la próxima semana", date(2026, 11, 30)),
            ("amanhã", date(2026, 11, 27)),
            ("segunda-feira", date(2026, 11, 30)),
            ("dia 10", date(2026, 12, 10)),
            ("next week", date(2026, 11, 30)),
            ("December 3rd", date(2026, 12, 3)),
            ("in two weeks", date(2026, 12, 10)),
            ("5 de enero", date(2027, 1, 5)),
        ] {
            assert_eq!(find(&normalise(text), today), Some(Day::Possible(found)), "{text}");
        }
        for text in ["hoy", "ayer", "20 de noviembre", "hoje", "1 de junio de 2027"] {
            assert_eq!(find(&normalise(text), today), Some(Day::Impossible), "{text}");
        }
        for text in ["hola", "no sé", "", "1042", "🙏", "32 de diciembre"] {
            assert_eq!(find(&normalise(text), today), None, "{text}");
        }
    }
}
