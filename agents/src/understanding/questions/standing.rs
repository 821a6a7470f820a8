//! «Mándame el resumen todos los lunes a las 8», «no más resúmenes», "a daily summary at 7pm": what is wanted unasked.

use recado_domain::digest::Wish;

use super::Ground;
use crate::understanding::rules::contains;

/// When nothing is said: eight in the morning.
const USUAL: u16 = 8 * 60;
const MONDAY: u8 = 1;

/// What is told of itself.
const SUMMARIES: &[&str] = &[
    "resumen",
    "resumenes",
    "reporte",
    "reportes",
    "informe",
    "informes",
    "cifras",
    "numeros",
    "resumo",
    "resumos",
    "relatorio",
    "relatorios",
    "summary",
    "summaries",
    "report",
    "reports",
    "digest",
    "figures",
    "numbers",
];
/// What cannot wait.
const ALERTS: &[&str] = &[
    "avisame", "avisarme", "avisenme", "alertame", "alerta", "alertas", "avisa", "alert", "alerts", "warn", "warning",
];
/// Cash that runs out.
const OF_CASH: &[&str] = &["caja", "plata", "dinero", "efectivo", "caixa", "dinheiro", "cash", "money"];
/// That it does.
const RUNS_OUT: &[&str] = &[
    "quede", "quedar", "quedo", "quedarme", "acabe", "acabar", "acaba", "falte", "faltar", "falta", "sin", "acabando",
    "sem", "run", "runs", "running", "out", "low", "short",
];
/// Words that make it one after another, beside a day or «día», «semana».
const EACH: &[&str] = &["todos", "todas", "todo", "toda", "cada", "every", "each"];
/// The same in one word.
const DAILY: &[&str] = &["diariamente", "daily"];
const WEEKLY: &[&str] = &["semanalmente", "weekly"];
const DAYS: &[&str] =
    &["dia", "dias", "day", "manana", "mananas", "morning", "noche", "noches", "night", "evening", "manha"];
const WEEKS: &[&str] = &["semana", "semanas", "week"];
const WEEKDAYS: [&[&str]; 7] = [
    &["lunes", "segunda", "segundas", "monday", "mondays"],
    &["martes", "terca", "tercas", "tuesday", "tuesdays"],
    &["miercoles", "quarta", "quartas", "wednesday", "wednesdays"],
    &["jueves", "quinta", "quintas", "thursday", "thursdays"],
    &["viernes", "sexta", "sextas", "friday", "fridays"],
    &["sabado", "sabados", "saturday", "saturdays"],
    &["domingo", "domingos", "sunday", "sundays"],
];
/// Words that end it.
const NO_MORE: &[&str] = &[
    "no mas",
    "ya no quiero",
    "ya no me mandes",
    "ya no me envies",
    "no me mandes mas",
    "no me envies mas",
    "no quiero mas",
    "quita los",
    "quitame los",
    "cancela los",
    "cancela el",
    "cancelar los",
    "cancelar el",
    "deja de mandarme",
    "deja de enviarme",
    "para los",
    "apaga los",
    "desactiva",
    "nao quero mais",
    "chega de",
    "nao me mande mais",
    "pare de mandar",
    "cancela o",
    "cancela os",
    "cancelar o",
    "cancelar os",
    "no more",
    "stop sending",
    "stop the",
    "turn off",
    "cancel the",
    "unsubscribe",
];
const AFTERNOON: &[&str] =
    &["pm", "p m", "de la tarde", "de la noche", "da tarde", "da noite", "in the evening", "at night"];
const MORNING: &[&str] = &["am", "a m", "de la manana", "da manha", "in the morning"];
/// Words before an hour.
const AT: &[&str] = &["las", "la", "as", "at", "a"];

/// What a text wants to be told unasked: `Some(None)` = no more of it.
pub fn standing(ground: &Ground<'_>) -> Option<Option<Wish>> {
    let words = ground.words();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let (of_summaries, of_alerts) = (has(SUMMARIES), has(ALERTS));
    if !of_summaries && !of_alerts {
        return None;
    }
    if NO_MORE.iter().any(|phrase| contains(ground.normalised, phrase)) {
        return Some(None);
    }
    if of_alerts && !of_summaries {
        return (has(OF_CASH) && has(RUNS_OUT)).then(|| Some(Wish::alerts()));
    }
    let minute = minute(ground.normalised, &words).unwrap_or(USUAL);
    let each = has(EACH);
    let weekday = words
        .iter()
        .find_map(|word| WEEKDAYS.iter().zip(1..).find(|(names, _)| names.contains(word)).map(|(_, number)| number));
    match weekday {
        Some(day) if each => return Some(Some(Wish::weekly(day, minute))),
        _ => {}
    }
    if has(DAILY) || each && has(DAYS) {
        return Some(Some(Wish::daily(minute)));
    }
    (has(WEEKLY) || each && has(WEEKS)).then(|| Some(Wish::weekly(weekday.unwrap_or(MONDAY), minute)))
}

/// The minute of the day that is said: «a las 8», «7:30 pm», «at 9».
fn minute(normalised: &str, words: &[&str]) -> Option<u16> {
    let (hour, minute) = words.iter().enumerate().find_map(|(at, word)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).copied().unwrap_or_default();
        let next = words.get(at + 1).copied().unwrap_or_default();
        spoken(word, next, AT.contains(&before) || is_half(next))
    })?;
    let says = |list: &[&str]| list.iter().any(|phrase| contains(normalised, phrase));
    let glued =
        |end: &str| words.iter().any(|word| word.strip_suffix(end).is_some_and(|rest| rest.parse::<u16>().is_ok()));
    let hour = if (says(AFTERNOON) || glued("pm")) && hour < 12 {
        hour + 12
    } else if (says(MORNING) || glued("am")) && hour == 12 {
        0
    } else {
        hour
    };
    Some(hour * 60 + minute)
}

fn is_half(word: &str) -> bool {
    matches!(word, "am" | "pm")
}

/// «8», «8am», «7:30» and, as normalising leaves it, «7 30».
fn spoken(word: &str, next: &str, led: bool) -> Option<(u16, u16)> {
    let bare = word.trim_end_matches("am").trim_end_matches("pm").trim_end_matches('h');
    let marked = bare.len() < word.len();
    let (hour, minutes) = match bare.split_once(':') {
        Some((hour, minutes)) => (hour.parse::<u16>().ok()?, minutes.parse::<u16>().ok()?),
        None => {
            let hour = bare.parse::<u16>().ok()?;
            let follows = (next.len() == 2).then(|| next.parse::<u16>().ok()).flatten();
            (hour, follows.filter(|_| led).unwrap_or(0))
        }
    };
    let timed = led || marked || word.contains(':');
    (timed && hour < 24 && minutes < 60).then_some((hour, minutes))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::understanding::normalise::normalise;

    fn heard(text: &str) -> Option<Option<Wish>> {
        let normalised = normalise(text);
        standing(&Ground { text, normalised: &normalised, entities: &[], today: date(2026, 11, 26) })
    }

    #[test]
    fn wishes_are_heard_in_three_languages() {
        for (text, wish) in [
            ("mándame el resumen todos los lunes a las 8", Wish::weekly(1, 480)),
            ("mándame el resumen todos los viernes a las 6 de la tarde", Wish::weekly(5, 1080)),
            ("quiero el resumen todos los días a las 7:30 am", Wish::daily(450)),
            ("mándame las cifras cada día a las 9 pm", Wish::daily(1260)),
            ("envíame el reporte cada semana", Wish::weekly(1, 480)),
            ("me manda o resumo toda segunda às 8", Wish::weekly(1, 480)),
            ("quero o relatório todos os dias", Wish::daily(480)),
            ("send me a summary every Monday at 8", Wish::weekly(1, 480)),
            ("send me a daily report at 7pm", Wish::daily(1140)),
            ("avísame si me voy a quedar sin caja", Wish::alerts()),
        ] {
            assert_eq!(heard(text), Some(Some(wish)), "{text}");
        }
    }

    #[test]
    fn no_more_is_heard_and_a_single_report_is_no_wish() {
        for text in [
            "no más resúmenes",
            "ya no quiero los resúmenes",
            "quita los resúmenes",
            "chega de resumos",
            "no more summaries",
            "stop sending me reports",
        ] {
            assert_eq!(heard(text), Some(None), "{text}");
        }
        for text in [
            "mándame el reporte de la semana",
            "resumen de ayer",
            "pásame el informe de octubre en PDF",
            "¿cuánto vendí el lunes?",
            "send me last month's report",
            "hola",
        ] {
            assert_eq!(heard(text), None, "{text}");
        }
    }
}
