//! One spelling for many: people write «Holaaa!!», «dónde», «DONDE».

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest text that is looked at. What a message wants stands in its first sentences.
pub const LONGEST: usize = 2_000;

/// Lower case, no accents, elongations shortened, punctuation turned to single spaces.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    let mut last = ' ';
    let mut run = 0_usize;
    let letters = text.chars().take(LONGEST).flat_map(char::to_lowercase);
    for letter in letters.nfd().filter(|letter| !is_combining_mark(*letter)) {
        let letter = if keeps(letter) { letter } else { ' ' };
        if letter == ' ' && last == ' ' {
            continue;
        }
        // «holaaaa» is «hola»; a doubled letter may be right («llegó»), digits are never touched.
        run = if letter == last { run + 1 } else { 1 };
        if run >= 3 && letter.is_alphabetic() {
            if run == 3 {
                out.pop();
            }
            last = letter;
            continue;
        }
        out.push(letter);
        last = letter;
    }
    if out.ends_with(' ') {
        out.pop();
    }
    out
}

/// Letters, digits and pictures stay; selectors and joiners of pictures do not.
fn keeps(letter: char) -> bool {
    letter.is_alphanumeric()
        || ('\u{1F300}'..='\u{1FAFF}').contains(&letter)
        || ('\u{2600}'..='\u{27BF}').contains(&letter)
}

/// Said before or after what one wants.
const POLITE: &[&str] = &[
    "hola ",
    "buenas tardes ",
    "buenas noches ",
    "buenos dias ",
    "buen dia ",
    "buenas ",
    "ola ",
    "oi ",
    "bom dia ",
    "boa tarde ",
    "boa noite ",
    "hello ",
    "hi there ",
    "hi ",
    "hey ",
    "good morning ",
    "good afternoon ",
    "parce ",
    "vecino ",
    "vecina ",
    "disculpa ",
    "disculpe ",
    "una pregunta ",
    "una consulta ",
    "amigo ",
    "amiga ",
    "oye ",
    "oiga ",
    "eeh ",
    "eh ",
    "mire ",
    "che ",
    "wey ",
];

/// A text without its greetings, when more than a word is left.
pub fn core(normalised: &str) -> &str {
    let mut text = normalised;
    while let Some(rest) = POLITE.iter().find_map(|start| text.strip_prefix(start)) {
        if rest.split(' ').count() < 2 {
            break;
        }
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_thing_become_one() {
        for text in ["Holaaaa!!", "HOLA", "  hólaaa ", "¡¿hola?!"] {
            assert_eq!(normalise(text).replace(' ', ""), "hola", "{text}");
        }
        assert_eq!(normalise("¿Dónde está mi pedido #1000?"), "donde esta mi pedido 1000");
        assert_eq!(normalise("não chegou"), "nao chegou");
    }

    #[test]
    fn right_double_letters_and_digits_survive() {
        assert_eq!(normalise("llegó 2000123456 00011"), "llego 2000123456 00011");
        assert_eq!(normalise(""), "");
        assert_eq!(normalise("🙏🙏"), "🙏🙏");
    }

    #[test]
    fn a_very_long_text_is_cut() {
        assert!(normalise(&"ab ".repeat(100_000)).len() <= LONGEST);
    }
}
