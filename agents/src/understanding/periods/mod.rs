//! Periods and days as people say them, in three languages.

mod days;
mod names;
mod relative;
mod spoken;

use jiff::civil::Date;
use recado_domain::command::{Entity, Mention};
use recado_domain::period::Period;

pub use relative::relative;
use spoken::{Said, said_at};

use super::entities::tokens::{Kind, Token};

/// The first period named in a normalised text. Days need `today` to know their date.
pub fn find(normalised: &str, today: Option<Date>) -> Option<Period> {
    let words: Vec<&str> = normalised.split(' ').collect();
    all(&words, today).into_iter().find_map(|(said, _, _)| match said {
        Said::Period(period) => Some(period),
        Said::Day(_) => None,
    })
}

/// All that is said, with the words it covers.
fn all(words: &[&str], today: Option<Date>) -> Vec<(Said, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match said_at(words, at, today) {
            Some((said, length)) => {
                found.push((said, at, at + length));
                at += length;
            }
            None => at += 1,
        }
    }
    found
}

/// Words of comparison between two periods, or before one.
const COMPARED: &[&str] =
    &["vs", "versus", "contra", "frente", "comparado", "comparada", "compared", "against", "que", "than", "x"];

/// All periods and days of a text, a comparison as one.
pub(super) fn mentions(tokens: &[Token], text: &str, today: Option<Date>) -> Vec<Mention> {
    // Words as they stand: «3rd», «Q3», «1.5» are one each.
    let mut words: Vec<String> = Vec::with_capacity(tokens.len());
    let mut spans: Vec<(usize, usize)> = Vec::with_capacity(tokens.len());
    let mut joins = false;
    for token in tokens {
        let spoken = token.kind != Kind::Sign;
        if spoken && joins && token.glued {
            if let (Some(word), Some(span)) = (words.last_mut(), spans.last_mut()) {
                word.push_str(&token.folded);
                span.1 = token.span.end;
            }
        } else if spoken {
            words.push(token.folded.clone());
            spans.push((token.span.start, token.span.end));
        }
        joins = spoken;
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let mut found = all(&words, today);
    found.retain(|(_, from, _)| !is_amount(text, spans[*from].0));
    let mut mentions: Vec<Mention> = Vec::new();
    let mut next = 0;
    while next < found.len() {
        let (said, from, mut to) = found[next];
        next += 1;
        let compares =
            |from: usize, to: usize| to - from <= 4 && words[from..to].iter().any(|word| COMPARED.contains(word));
        let entity = match said {
            Said::Day(value) => Entity::Date { value },
            Said::Period(value) => match found.get(next) {
                Some((Said::Period(other), begin, end)) if *begin > to && compares(to, *begin) => {
                    next += 1;
                    to = *end;
                    Entity::Period { value, versus: Some(*other) }
                }
                _ => match elliptic(&words, to, value, today) {
                    Some((versus, end)) => {
                        to = end;
                        Entity::Period { value, versus: Some(versus) }
                    }
                    None => alone(&words, from, value),
                },
            },
        };
        mentions.push(Mention { entity, start: spans[from].0, end: spans[to - 1].1 });
    }
    mentions.extend(days::written(text, today));
    mentions
}

/// A figure after a sign of money is no year.
fn is_amount(text: &str, start: usize) -> bool {
    text[..start].trim_end().ends_with(['$', '#', '€'])
}

/// «este mes vs el pasado», «this month vs the previous one».
fn elliptic(words: &[&str], from: usize, value: Period, today: Option<Date>) -> Option<(Period, usize)> {
    let mut at = from;
    let linked = COMPARED.contains(words.get(at)?);
    at += 1;
    while matches!(
        words.get(at).copied(),
        Some("el" | "la" | "o" | "a" | "the" | "con" | "com" | "with" | "to" | "al" | "ao")
    ) {
        at += 1;
    }
    let before = matches!(
        words.get(at).copied()?,
        "pasado" | "pasada" | "anterior" | "passado" | "passada" | "previous" | "last" | "prior"
    );
    (linked && before).then_some(())?;
    relative::previous(value, today?).map(|versus| (versus, at + 1))
}

/// «¿vendí más que el mes pasado?»: a past period after words of comparison is what the running one is compared with.
fn alone(words: &[&str], from: usize, value: Period) -> Entity {
    let before = |back: usize| from.checked_sub(back).and_then(|at| words.get(at)).copied().unwrap_or_default();
    let skip = if matches!(before(1), "el" | "la" | "los" | "o" | "a" | "no" | "na" | "on" | "the" | "do" | "da" | "al")
    {
        2
    } else {
        1
    };
    let compared = match before(skip) {
        "que" | "than" => matches!(
            before(skip + 1),
            "mas" | "mais" | "more" | "menos" | "less" | "mejor" | "peor" | "melhor" | "pior" | "better" | "worse"
        ),
        "contra" | "vs" | "versus" | "against" => true,
        "on" => before(skip + 1) == "up" || before(skip + 1) == "down",
        "a" => before(skip + 1) == "frente",
        _ => before(1) == "on" && matches!(before(2), "up" | "down"),
    };
    let running = match value {
        Period::LastMonth => Some(Period::ThisMonth),
        Period::LastWeek => Some(Period::ThisWeek),
        Period::Yesterday => Some(Period::Today),
        Period::Year { .. } => Some(Period::ThisYear),
        _ => None,
    };
    match running.filter(|_| compared) {
        Some(running) => Entity::Period { value: running, versus: Some(value) },
        None => Entity::Period { value, versus: None },
    }
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
