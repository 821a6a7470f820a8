//! What a text is compared by: its words without accents and endings, and what they are about.
//!
//! Endings are cut by rule, for Spanish, Portuguese and English together: «envíos», «enviamos» and «envío» become one
//! stem. Words that mean the same belong to one concept, across the three languages.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Terms of a question that are looked at.
const MOST: usize = 40;
/// Letters of a text that are looked at.
const LONGEST: usize = 2_000;
/// Letters that begin a word and by which a database finds it.
const PREFIX: usize = 4;
/// Prefixes that a database is asked for at most.
const MOST_PREFIXES: usize = 160;

/// A word as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Term {
    /// Without its ending.
    pub stem: String,
    /// What it is about, if that is known.
    pub concept: Option<u16>,
}

struct Lexicon {
    stop: HashSet<&'static str>,
    concepts: HashMap<String, u16>,
    /// The first letters of each concept's words.
    beginnings: Vec<Vec<String>>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let stop = include_str!("stopwords.txt").split_whitespace().collect();
    let mut concepts = HashMap::new();
    let mut beginnings = Vec::new();
    for (index, line) in (0_u16..).zip(include_str!("concepts.txt").lines().filter(|line| !line.trim().is_empty())) {
        let mut letters: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            letters.push(beginning(word));
            concepts.entry(stem(word)).or_insert(index);
        }
        letters.sort();
        letters.dedup();
        beginnings.push(letters);
    }
    Lexicon { stop, concepts, beginnings }
});

/// Words that are written apart and together.
const JOINED: &[(&str, &str)] =
    &[("contra entrega", "contraentrega"), ("al por mayor", "mayorista"), ("cash on delivery", "cod")];

/// Lower case without accents, one space between words; letters and digits only.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(LONGEST));
    let letters = text.chars().take(LONGEST).flat_map(char::to_lowercase);
    for letter in letters.nfd().filter(|letter| !is_combining_mark(*letter)) {
        if letter.is_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The terms of a text, in its order, without words that say nothing.
pub fn terms(text: &str) -> Vec<Term> {
    let plain = JOINED.iter().fold(plain(text), |text, (apart, together)| text.replace(apart, together));
    plain.split(' ').filter(|word| !word.is_empty() && !LEXICON.stop.contains(word)).map(term).collect()
}

/// The terms of a question: each once, at most forty.
pub fn of_question(text: &str) -> Vec<Term> {
    let mut seen = HashSet::new();
    let mut terms = terms(text);
    terms.retain(|term| seen.insert(term.clone()));
    terms.truncate(MOST);
    terms
}

fn term(word: &str) -> Term {
    let stem = stem(word);
    let concept = LEXICON.concepts.get(&stem).copied();
    Term { stem, concept }
}

/// The first letters of all words that may fit a question, for the database: what has none of them cannot fit.
pub fn prefixes(question: &[Term]) -> Vec<String> {
    let mut found = Vec::new();
    for term in question {
        found.push(term.stem.chars().take(PREFIX).collect());
        if let Some(words) = term.concept.and_then(|concept| LEXICON.beginnings.get(usize::from(concept))) {
            found.extend(words.iter().cloned());
        }
    }
    found.sort();
    found.dedup();
    found.truncate(MOST_PREFIXES);
    found
}

fn beginning(word: &str) -> String {
    stem(word).chars().take(PREFIX).collect()
}

/// Endings, the longest first, after the `s` of a plural is gone. What is left keeps three letters.
const ENDINGS: &[&str] = &[
    "amiento", "imiento", "acione", "icione", "amento", "imento", "cione", "sione", "acoe", "icoe", "acion", "icion",
    "adore", "adora", "iremo", "aremo", "eremo", "ieron", "ment", "cion", "sion", "acao", "icao", "ador", "iendo",
    "aron", "ando", "endo", "indo", "ing", "coe", "cao", "amo", "emo", "imo", "ado", "ada", "ido", "ida", "aba", "ava",
    "ie", "ou", "ar", "er", "ir", "an", "en", "am", "em", "ed", "ly", "a", "e", "o", "y", "i",
];

/// A word without its ending; numbers stay.
pub fn stem(word: &str) -> String {
    if word.len() <= 3 || word.bytes().any(|byte| byte.is_ascii_digit()) || !word.is_ascii() {
        return word.to_owned();
    }
    let plural = word.ends_with('s') && !["is", "us", "ss"].iter().any(|ending| word.ends_with(ending));
    let one = if plural { &word[..word.len() - 1] } else { word };
    let cut = ENDINGS.iter().find_map(|ending| one.strip_suffix(ending).filter(|rest| rest.len() >= 3));
    let mut stem = cut.unwrap_or(one).to_owned();
    // «shipping» and «ship».
    let doubled = matches!(stem.as_bytes(), [.., before, last] if before == last);
    if doubled && stem.len() > 3 {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for group in [
            &["envio", "envios", "enviar", "enviamos", "enviado", "envian"][..],
            &["pago", "pagos", "pagar", "pagan"],
            &["tarjeta", "tarjetas"],
            &["devolucion", "devoluciones"],
            &["cover", "covers"],
            &["mes", "meses"],
            &["ship", "shipping", "shipped", "ships"],
            &["delivery", "deliveries", "delivered"],
            &["entrega", "entregas", "entregan", "entregar"],
        ] {
            let stems: HashSet<String> = group.iter().map(|word| stem(word)).collect();
            assert_eq!(stems.len(), 1, "{group:?}: {stems:?}");
        }
    }

    #[test]
    fn accents_marks_and_empty_words_are_no_terms() {
        assert_eq!(plain("  ¿CUÁNTO demora, el Envío?! "), "cuanto demora el envio");
        assert!(terms("¿y el de la para?").is_empty() && terms("").is_empty());
        let [one, other] = ["¿Hacen ENVÍOS?", "hacen envio"].map(terms);
        assert_eq!(one, other);
    }

    #[test]
    fn what_means_the_same_in_three_languages_is_one_concept() {
        let concept = |word: &str| terms(word).first().and_then(|term| term.concept);
        for (one, other) in [("envío", "shipping"), ("envío", "frete"), ("tarjeta", "card"), ("devolver", "return")] {
            assert!(concept(one).is_some(), "{one}");
            assert_eq!(concept(one), concept(other), "{one} {other}");
        }
        assert_ne!(concept("envío"), concept("tarjeta"));
    }

    #[test]
    fn a_database_is_asked_for_few_prefixes() {
        let long =
            "envio tarjeta garantia horario factura tienda talla lavar regalo descuento devolver cambio ".repeat(20);
        let found = prefixes(&of_question(&long));
        assert!(found.len() <= MOST_PREFIXES && found.contains(&"envi".to_owned()), "{}", found.len());
        assert!(found.iter().all(|prefix| prefix.chars().all(char::is_alphanumeric)));
    }
}
