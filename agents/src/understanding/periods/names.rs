//! Names of months and days of the week in three languages.

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

/// The number of a month named by a folded word. «may», «set» and «marco» are words too: their place decides.
pub(super) fn month(word: &str) -> Option<i8> {
    let extra = match word {
        "ene" => 1,
        "fev" => 2,
        "mar" => 3,
        "abr" | "apr" => 4,
        "may" => 5,
        "jun" => 6,
        "jul" => 7,
        "ago" | "aug" => 8,
        "set" | "sep" => 9,
        "out" => 10,
        "dez" | "dec" => 12,
        _ => 0,
    };
    let named = MONTHS.iter().position(|names| names.contains(&word)).map(|index| index as i8 + 1);
    named.or((extra > 0).then_some(extra))
}

/// Whether a month's name is also another word, so that it needs a preposition or a number beside it.
pub(super) fn is_also_a_word(word: &str) -> bool {
    word.len() <= 3 || word == "marco" || word == "march"
}

/// A day of the week by its word, Monday 0. Portuguese «segunda» to «sexta» are ordinals too.
pub(super) fn weekday(word: &str) -> Option<(i8, bool)> {
    Some(match word {
        "lunes" | "monday" => (0, false),
        "martes" | "tuesday" => (1, false),
        "miercoles" | "wednesday" => (2, false),
        "jueves" | "thursday" => (3, false),
        "viernes" | "friday" => (4, false),
        "sabado" | "saturday" => (5, false),
        "domingo" | "sunday" => (6, false),
        "segunda" => (0, true),
        "terca" => (1, true),
        "quarta" => (2, true),
        "quinta" => (3, true),
        "sexta" => (4, true),
        _ => return None,
    })
}
