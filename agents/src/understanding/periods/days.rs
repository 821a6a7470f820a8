//! Days written in figures: `2026-10-03`, `03/10/2026`, `3/10`. The day stands before the month, as in all the countries
//! of the desk; where that is no day the month does.

use jiff::civil::Date;
use recado_domain::command::{Entity, Mention};
use recado_domain::period::Period;

/// All of a text.
pub(super) fn written(text: &str, today: Option<Date>) -> Vec<Mention> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = (at..bytes.len())
            .find(|&i| !bytes[i].is_ascii_digit() && !matches!(bytes[i], b'/' | b'-'))
            .unwrap_or(bytes.len());
        let whole = text[at..end].trim_end_matches(['/', '-']);
        let free = at == 0
            || !matches!(bytes[at - 1], b'$' | b'#' | b'.' | b',' | b'-' | b'/')
                && !bytes[at - 1].is_ascii_alphabetic();
        if let Some(day) = day(whole, today).filter(|_| free && !bytes.get(end).is_some_and(u8::is_ascii_alphabetic)) {
            let future = today.is_some_and(|today| day > today);
            let entity = if future {
                Entity::Date { value: day }
            } else {
                Entity::Period { value: Period::Range { first: day, last: day }, versus: None }
            };
            found.push(Mention { entity, start: at, end: at + whole.len() });
        }
        at = end;
    }
    found
}

fn day(whole: &str, today: Option<Date>) -> Option<Date> {
    if !(3..=10).contains(&whole.len()) {
        return None;
    }
    let parts: Vec<&str> = whole.split(['/', '-']).collect();
    let number = |part: &str| part.parse::<i16>().ok().filter(|_| part.len() <= 4);
    let date =
        |year: i16, month: i16, day: i16| Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok();
    let slashed = whole.contains('/');
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => date(number(year)?, number(month)?, number(day)?),
        [day, month, year] if year.len() == 4 || year.len() == 2 && slashed => {
            let year = number(year)? + if year.len() == 2 { 2000 } else { 0 };
            let (day, month) = (number(day)?, number(month)?);
            (2000..=2100).contains(&year).then_some(())?;
            date(year, month, day).or_else(|| date(year, day, month))
        }
        [day, month] if slashed => {
            let (day, month) = (number(day)?, number(month)?);
            let today = today?;
            let this = date(today.year(), month, day)?;
            // The latest such day unless it is soon.
            let soon = (this - today).get_days() <= 60;
            if soon { Some(this) } else { date(today.year() - 1, month, day) }
        }
        _ => None,
    }
}
