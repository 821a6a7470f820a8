//! A text as the questions of a request need it. The only place where requests meet the entities of understanding.

use recado_domain::command::Entity;

use crate::understanding::entities::{self, Context};
use crate::understanding::normalise::normalise;

/// Longest answer that is kept.
pub const LONGEST: usize = 160;

/// A text, with what stands in it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// As written, blanks folded, clipped.
    pub text: String,
    /// One spelling for many.
    pub normalised: String,
    /// An order number in it.
    pub order: Option<String>,
}

impl Heard {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let order = entities::find(text, &Context::default()).into_iter().find_map(|mention| match mention.entity {
            Entity::OrderNumber { value } => Some(value),
            _ => None,
        });
        Self { text: tidy(text), normalised: normalise(text), order }
    }
    /// Whether there are letters or digits at all.
    pub fn has_words(&self) -> bool {
        self.text.chars().any(char::is_alphanumeric)
    }
    /// Number of words.
    pub fn words(&self) -> usize {
        self.normalised.split(' ').filter(|word| !word.is_empty()).count()
    }
}

/// Blanks folded, control characters and braces dropped, clipped: what may stand in a reply and in a notice.
pub fn tidy(text: &str) -> String {
    let plain: String = text
        .chars()
        .filter(|letter| !matches!(letter, '{' | '}' | '*' | '_' | '~' | '`' | '\u{202a}'..='\u{202e}' | '\u{200b}'))
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(4 * LONGEST)
        .collect();
    crate::wording::clip(&plain.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST)
}

const CORRECTION_STARTS: &[&str] = &[
    "no era ",
    "no es ",
    "no no ",
    "perdon ",
    "me equivoque",
    "corrijo",
    "correccion",
    "quise decir",
    "no perdon",
    "disculpa ",
    "mejor dicho",
    "no la ",
    "no el ",
    "era ",
    "es la ",
    "en realidad",
    "digo ",
    "ay no ",
    "nao era ",
    "nao e ",
    "nao nao ",
    "desculpa ",
    "me enganei",
    "errei",
    "quis dizer",
    "na verdade",
    "corrigindo",
    "alias ",
    "nao a ",
    "nao o ",
    "actually",
    "i meant",
    "sorry ",
    "correction",
    "my mistake",
    "no it s ",
    "no it is ",
    "no not ",
    "i mean ",
    "not the ",
    "it s not ",
    "it was ",
    "oops ",
];
const CHANGES: &[&str] =
    &["cambia ", "cambie ", "corrige ", "corrija ", "muda ", "mude ", "troca ", "change ", "fix ", "make it "];

/// «No, era la 45, no la 54.»
pub fn corrects(normalised: &str) -> bool {
    let starts = |phrases: &[&str]| phrases.iter().any(|phrase| format!("{normalised} ").starts_with(phrase));
    let linked = normalised.strip_prefix("no ").or_else(|| normalised.strip_prefix("nao ")).unwrap_or(normalised);
    let words = normalised.split(' ').count();
    (words > 1
        && (starts(CORRECTION_STARTS) || CORRECTION_STARTS.iter().any(|start| format!("{linked} ").starts_with(start))))
        || (words <= 12 && starts(CHANGES))
        || exchange(normalised).is_some_and(|(right, wrong)| {
            [right, wrong].iter().all(|one| one.bytes().any(|byte| byte.is_ascii_digit()))
        })
}

/// The right and the wrong value of «era la 45, no la 54», «no la 54 sino la 45», «45 not 54», «era a 45, não a 54».
pub fn exchange(normalised: &str) -> Option<(String, String)> {
    const ARTICLES: &[&str] =
        &["la", "el", "o", "a", "the", "es", "era", "e", "it", "s", "is", "was", "lo", "mi", "por", "calle", "numero"];
    let words: Vec<&str> = normalised.split(' ').collect();
    let telling = |range: &[&str]| range.iter().copied().find(|word| !ARTICLES.contains(word)).map(str::to_owned);
    let last = |range: &[&str]| range.iter().rev().copied().find(|word| !ARTICLES.contains(word)).map(str::to_owned);
    // «no la 54 sino la 45», «cambia 54 por 45»
    for link in ["sino", "mas", "but", "por"] {
        if let Some(at) = words.iter().position(|word| *word == link) {
            let denies = words[..at].iter().any(|word| {
                matches!(*word, "no" | "nao" | "not" | "cambia" | "cambie" | "corrige" | "troca" | "troque")
            });
            if let (true, Some(wrong), Some(right)) = (denies, last(&words[..at]), telling(&words[at + 1..])) {
                return (wrong != right).then_some((right, wrong));
            }
        }
    }
    // «era la 45 no la 54»: the last «no» parts them.
    let at = words.iter().rposition(|word| matches!(*word, "no" | "nao" | "not")).filter(|at| *at > 0)?;
    let (right, wrong) = (last(&words[..at])?, telling(&words[at + 1..])?);
    let denial = |word: &str| matches!(word, "no" | "nao" | "not" | "sorry" | "perdon");
    (right != wrong && !denial(&right) && words.len() <= 12).then_some((right, wrong))
}

/// What follows the words that announce a correction.
pub fn corrected(text: &str) -> String {
    let mut rest = text.trim();
    loop {
        let lower = rest.to_lowercase();
        let cut = [
            "no,",
            "no ",
            "não,",
            "não ",
            "perdón",
            "perdon",
            "me equivoqué",
            "me equivoque",
            "corrijo",
            "quise decir",
            "en realidad",
            "mejor dicho",
            "digo ",
            "disculpa",
            "desculpa",
            "errei",
            "quis dizer",
            "na verdade",
            "aliás",
            "actually",
            "i meant",
            "i mean",
            "sorry",
            "oops",
            "it's",
            "it is",
            "era ",
            "é ",
            "es ",
            "cambia ",
            "corrige ",
            "change ",
            "make it ",
            ",",
            ":",
            ".",
            ";",
            "a ",
            "to ",
        ]
        .iter()
        .filter(|start| {
            lower.starts_with(**start) && lower.is_char_boundary(start.len()) && rest.is_char_boundary(start.len())
        })
        .map(|start| start.len())
        .max();
        match cut {
            Some(cut) if cut < rest.len() => rest = rest[cut..].trim_start(),
            _ => return rest.trim_end_matches(['.', '!', ' ']).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wrong_and_what_is_right_are_told_apart() {
        for (text, right, wrong) in [
            ("no, era la 45 no la 54", "45", "54"),
            ("no la 54 sino la 45", "45", "54"),
            ("não, era a 45, não a 54", "45", "54"),
            ("45 not 54", "45", "54"),
            ("it's 45, not 54", "45", "54"),
            ("cambia 54 por 45", "45", "54"),
        ] {
            let normalised = normalise(text);
            assert_eq!(exchange(&normalised), Some((right.into(), wrong.into())), "{text}");
            assert!(corrects(&normalised), "{text}");
        }
        for text in ["no", "sí", "no me gustó", "Calle 10 # 45-20", "no quiero", "bogotá"] {
            assert_eq!(exchange(&normalise(text)), None, "{text}");
        }
    }

    #[test]
    fn the_words_around_a_correction_are_dropped() {
        assert_eq!(corrected("No, perdón, era Laureles."), "Laureles");
        assert_eq!(corrected("na verdade é Moema"), "Moema");
        assert_eq!(corrected("sorry, I meant Chapinero"), "Chapinero");
        assert_eq!(corrected("era"), "era");
    }

    #[test]
    fn answers_are_kept_without_what_could_do_harm() {
        assert_eq!(tidy("  Calle {{ 7 }}\n# *4*\u{202e} "), "Calle 7 # 4");
        assert!(tidy(&"a".repeat(5_000)).chars().count() <= LONGEST);
    }
}
