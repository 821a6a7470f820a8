//! Days as people write them, in three languages and both orders.

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization as _;

use super::cell::Cell;

/// Whether `3/4` is the third of April or the fourth of March.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// Days that a workbook counts: 1 January 1970 to 31 December 2099, from the last day of 1899.
const SERIALS: std::ops::RangeInclusive<i64> = 25_569..=73_050;
/// The first three letters of months, by their number.
const MONTHS: [(&str, i8); 21] = [
    ("ene", 1),
    ("jan", 1),
    ("feb", 2),
    ("fev", 2),
    ("mar", 3),
    ("abr", 4),
    ("apr", 4),
    ("may", 5),
    ("mai", 5),
    ("jun", 6),
    ("jul", 7),
    ("ago", 8),
    ("aug", 8),
    ("sep", 9),
    ("set", 9),
    ("oct", 10),
    ("out", 10),
    ("nov", 11),
    ("dic", 12),
    ("dez", 12),
    ("dec", 12),
];

/// The words and numbers of a text, without the time of the day.
fn parts(text: &str) -> Vec<String> {
    let plain: String = text.nfd().filter(char::is_ascii).collect::<String>().to_lowercase();
    // What looks like a clock and all behind it is no day: `2026-09-01T10:30:00-05:00`, `1/9/2026 10:30`.
    let before = match plain.find(':') {
        None => plain.as_str(),
        Some(colon) => {
            let head = &plain[..colon];
            let cut = head.rfind(|letter: char| letter == 't' || letter.is_whitespace()).unwrap_or(0);
            &head[..cut]
        }
    };
    let words = before.split(|letter: char| !letter.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty() && !matches!(*word, "de" | "del" | "of" | "t")).map(str::to_owned).collect()
}

fn month_of(word: &str) -> Option<i8> {
    let start = word.get(..3)?;
    if !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    MONTHS.iter().find(|(name, _)| *name == start).map(|(_, month)| *month)
}

fn year_of(word: &str) -> Option<i16> {
    let year: i16 = word.parse().ok()?;
    match word.len() {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

impl DayOrder {
    /// The order that the values of a column show; the custom when they show none.
    pub(super) fn of<'a>(cells: impl Iterator<Item = &'a Cell>, custom: Self) -> Self {
        let (mut day_first, mut month_first) = (0_usize, 0_usize);
        for cell in cells {
            let Cell::Text(text) = cell else { continue };
            let parts = parts(text);
            if parts.len() == 3 && parts[0].len() <= 2 {
                let number = |place: usize| parts[place].parse::<u8>().unwrap_or(0);
                day_first += usize::from(number(0) > 12);
                month_first += usize::from(number(1) > 12);
            }
        }
        match day_first.cmp(&month_first) {
            std::cmp::Ordering::Greater => Self::DayFirst,
            std::cmp::Ordering::Less => Self::MonthFirst,
            std::cmp::Ordering::Equal => custom,
        }
    }

    /// The day of a cell.
    pub(super) fn read(self, cell: &Cell) -> Option<Date> {
        match cell {
            Cell::Day(day) => Some(*day),
            Cell::Number(number) => serial(number),
            Cell::Text(text) => self.read_text(text),
            Cell::Empty | Cell::Fault(_) => None,
        }
    }

    fn read_text(self, text: &str) -> Option<Date> {
        let parts = parts(text);
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let number = |word: &str| word.parse::<i8>().ok();
        let (year, month, day) = match parts.as_slice() {
            [all] if all.len() == 8 => (all[..4].parse().ok()?, number(&all[4..6])?, number(&all[6..])?),
            [all] => return serial(all),
            [year, month, day] if year.len() == 4 => {
                (year_of(year)?, month_of(month).or_else(|| number(month))?, number(day)?)
            }
            [first, second, year] => match (month_of(first), month_of(second), self) {
                (Some(month), ..) => (year_of(year)?, month, number(second)?),
                (_, Some(month), _) => (year_of(year)?, month, number(first)?),
                (.., Self::DayFirst) => (year_of(year)?, number(second)?, number(first)?),
                (.., Self::MonthFirst) => (year_of(year)?, number(first)?, number(second)?),
            },
            _ => return None,
        };
        Date::new(year, month, day).ok()
    }
}

/// A day that a workbook counts, as plain number.
fn serial(number: &str) -> Option<Date> {
    let whole: i64 = number.split('.').next()?.parse().ok()?;
    if !SERIALS.contains(&whole) {
        return None;
    }
    jiff::civil::date(1899, 12, 30).checked_add(jiff::Span::new().days(whole)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn read(text: &str) -> Option<Date> {
        DayOrder::DayFirst.read(&Cell::Text(text.to_owned()))
    }

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in [
            "2026-09-05",
            "5/9/2026",
            "05-09-26",
            "5.9.2026",
            "5 sep 2026",
            "5 de septiembre de 2026",
            "5 de setembro de 2026",
            "Sep 5, 2026",
            "2026/09/05",
            "20260905",
            "2026-09-05T10:30:00-05:00",
            "5/9/2026 10:30",
            "46270",
        ] {
            assert_eq!(read(text), Some(date(2026, 9, 5)), "{text}");
        }
        for text in ["", "mañana", "31/2/2026", "5/2026", "12", "99999999"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(DayOrder::DayFirst.read(&Cell::Number("46270.5".into())), Some(date(2026, 9, 5)));
    }

    #[test]
    fn a_column_shows_its_order() {
        let cells = ["9/5/2026", "9/25/2026"].map(|text| Cell::Text(text.to_owned()));
        let order = DayOrder::of(cells.iter(), DayOrder::DayFirst);
        assert_eq!(order.read(&cells[0]), Some(date(2026, 9, 5)));
        assert_eq!(DayOrder::of(cells[..1].iter(), DayOrder::DayFirst), DayOrder::DayFirst);
    }
}
