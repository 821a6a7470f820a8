//! «El 30», «el viernes», «fin de mes», «la quincena»: the day to come that a payment or the cash of a day is about.

use jiff::ToSpan;
use jiff::civil::Date;
use recado_domain::command::Entity;
use recado_domain::period::Period;

use super::Ground;
use crate::understanding::rules::contains;

/// The last day of the month, in words.
const MONTH_ENDS: &[&str] = &[
    "fin de mes",
    "fin del mes",
    "final de mes",
    "final del mes",
    "cierre de mes",
    "cierre del mes",
    "termine el mes",
    "acabe el mes",
    "acabar el mes",
    "terminar el mes",
    "fim do mes",
    "fim de mes",
    "final do mes",
    "end of the month",
    "end of month",
    "month end",
    "month s end",
];
/// The last day of the year.
const YEAR_ENDS: &[&str] = &["fin de ano", "final de ano", "fim do ano", "fim de ano", "end of the year", "year end"];
/// The day on which fortnights are paid.
const PAYDAYS: &[&str] = &["quincena", "quinzena"];
const NEXT_WEEK: &[&str] =
    &["proxima semana", "la otra semana", "semana entrante", "semana que viene", "semana que vem", "next week"];
const THIS_WEEK: &[&str] = &["esta semana", "essa semana", "this week"];

/// The day to come that is said; of a day that has gone, the next one of the same name.
pub fn day(ground: &Ground<'_>) -> Option<Date> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| contains(ground.normalised, phrase));
    let today = ground.today;
    let said = ground.entities.iter().find_map(|mention| match mention.entity {
        Entity::Date { value } => Some(value),
        Entity::Period { value: Period::Today, .. } => Some(today),
        Entity::Period { value: Period::Range { first, last }, .. } if first == last => {
            let span = ground.text.get(mention.start..mention.end).unwrap_or_default();
            // «El viernes», heard as the one that has gone, is the next one; «el 2» is that of the next month.
            let numbered = span.bytes().any(|byte| byte.is_ascii_digit());
            let step = if numbered { 1.month() } else { 7.days() };
            Some(if first < today { first.saturating_add(step) } else { first })
        }
        _ => None,
    });
    said.filter(|day| *day >= today).or_else(|| {
        let sunday = today.saturating_add(i64::from(6 - today.weekday().to_monday_zero_offset()).days());
        if says(MONTH_ENDS) {
            Some(today.last_of_month())
        } else if says(YEAR_ENDS) {
            Some(today.last_of_year())
        } else if says(PAYDAYS) {
            let middle = today.first_of_month().saturating_add(14.days());
            Some(if today <= middle { middle } else { today.last_of_month() })
        } else if says(NEXT_WEEK) {
            Some(sunday.saturating_add(7.days()))
        } else if says(THIS_WEEK) {
            Some(sunday)
        } else {
            None
        }
    })
}
