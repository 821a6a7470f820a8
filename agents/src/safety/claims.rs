//! What a text claims: its numbers with their currency, its codes, links, e-mails, names and words of time.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::Language;

use crate::understanding::normalise::normalise;

/// The claims of a text. Sets compare; the numbers count, so that none is said twice in place of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Plain digits with a `.` before decimals, and how often.
    pub numbers: BTreeMap<String, usize>,
    /// Numbers that stand beside a currency or a percent sign, with it.
    pub amounts: BTreeSet<(String, String)>,
    /// Words of letters and digits: names of orders, guides.
    pub codes: BTreeSet<String>,
    /// Addresses on the web, in lower case.
    pub links: BTreeSet<String>,
    /// E-mails, in lower case.
    pub emails: BTreeSet<String>,
    /// Words that begin with a capital letter, plain.
    pub capitalised: BTreeSet<String>,
    /// Words for numbers and times («mañana», «lunes», «dos»), plain.
    pub words: BTreeSet<String>,
}

/// Signs and words of money, each with the name under which it is compared.
const CURRENCIES: &[(&str, &str)] = &[
    ("$", "$"),
    ("us$", "usd"),
    ("r$", "brl"),
    ("s/", "pen"),
    ("€", "eur"),
    ("£", "gbp"),
    ("%", "%"),
    ("cop", "cop"),
    ("usd", "usd"),
    ("brl", "brl"),
    ("mxn", "mxn"),
    ("eur", "eur"),
    ("pen", "pen"),
    ("clp", "clp"),
    ("ars", "ars"),
    ("pesos", "pesos"),
    ("peso", "pesos"),
    ("reais", "brl"),
    ("real", "brl"),
    ("dolares", "usd"),
    ("dolar", "usd"),
    ("dollars", "usd"),
    ("dollar", "usd"),
    ("euros", "eur"),
    ("euro", "eur"),
    ("soles", "pen"),
];

/// Words that count or tell a time. Articles («un», «uma») are not among them.
const TELLING: &[&str] = &[
    // Spanish
    "cero",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "quince",
    "veinte",
    "treinta",
    "cuarenta",
    "cincuenta",
    "sesenta",
    "setenta",
    "ochenta",
    "noventa",
    "cien",
    "ciento",
    "mil",
    "millon",
    "millones",
    "medio",
    "media",
    "mitad",
    "doble",
    "hoy",
    "ayer",
    "manana",
    "pasado",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
    "dia",
    "dias",
    "semana",
    "semanas",
    "mes",
    "meses",
    "hora",
    "horas",
    "minuto",
    "minutos",
    "tarde",
    "noche",
    "pronto",
    "inmediatamente",
    "enseguida",
    // Portuguese
    "zero",
    "dois",
    "duas",
    "quatro",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "vinte",
    "trinta",
    "quarenta",
    "cinquenta",
    "sessenta",
    "oitenta",
    "cem",
    "cento",
    "milhao",
    "milhoes",
    "meio",
    "metade",
    "hoje",
    "ontem",
    "amanha",
    "segunda",
    "terca",
    "quarta",
    "quinta",
    "sexta",
    "janeiro",
    "fevereiro",
    "marco",
    "maio",
    "junho",
    "julho",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
    "semanas",
    "logo",
    "imediatamente",
    "noite",
    "manha",
    // English
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "fifteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "hundred",
    "thousand",
    "million",
    "half",
    "double",
    "today",
    "yesterday",
    "tomorrow",
    "tonight",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "hour",
    "hours",
    "minute",
    "minutes",
    "soon",
    "immediately",
    "morning",
    "afternoon",
    "evening",
];

impl Claims {
    /// Of a text in a language; the language decides what a dot in a number means.
    pub fn of(text: &str, language: Language) -> Self {
        let mut claims = Self::default();
        let tokens: Vec<&str> = text.split_whitespace().collect();
        for (place, token) in tokens.iter().enumerate() {
            claims.token(token, tokens.get(place + 1).copied(), language);
        }
        claims.words = normalise(text).split(' ').filter(|word| TELLING.contains(word)).map(str::to_owned).collect();
        claims
    }

    /// Those of another text as well.
    pub fn add(&mut self, other: Self) {
        for (number, count) in other.numbers {
            *self.numbers.entry(number).or_default() += count;
        }
        self.amounts.extend(other.amounts);
        self.codes.extend(other.codes);
        self.links.extend(other.links);
        self.emails.extend(other.emails);
        self.capitalised.extend(other.capitalised);
        self.words.extend(other.words);
    }

    fn token(&mut self, token: &str, next: Option<&str>, language: Language) {
        let bare = token.trim_matches(|letter: char| !letter.is_alphanumeric());
        let lower = bare.to_lowercase();
        if lower.contains('@') {
            self.emails.insert(lower);
            return;
        }
        if is_link(&lower) {
            self.links.insert(token.trim_matches(|letter: char| "()<>[]*_,.;:!?\"'".contains(letter)).to_lowercase());
            return;
        }
        // «$89.900», «10-12», «14:30», «#1042», «A-1042».
        for piece in bare.split(['/', ':', '(', ')', '–', '—', '-', '$', '€', '£']).filter(|piece| !piece.is_empty())
        {
            self.piece(piece, token, next, language);
        }
        let joined: String = bare.chars().filter(|letter| letter.is_alphanumeric()).collect();
        if has_both(&joined) && !bare.contains(['$', '€', '£']) {
            self.codes.insert(joined.to_uppercase());
        }
        if !has_digit(bare) && (is_name(bare) || is_shouted(bare)) {
            self.capitalised.insert(normalise(bare));
        }
    }

    fn piece(&mut self, piece: &str, token: &str, next: Option<&str>, language: Language) {
        let digits: String = piece.chars().filter(|letter| letter.is_ascii_digit() || ".,".contains(*letter)).collect();
        let digits = digits.trim_matches(['.', ',']);
        if digits.is_empty() || has_both(&piece.chars().filter(|one| one.is_alphanumeric()).collect::<String>()) {
            return;
        }
        let number = plain(digits, language);
        *self.numbers.entry(number.clone()).or_default() += 1;
        let lower = token.to_lowercase();
        let following = next.map(normalise).unwrap_or_default();
        let unit = CURRENCIES
            .iter()
            .filter(|(sign, _)| sign.chars().any(|letter| !letter.is_alphanumeric()))
            .filter(|(sign, _)| lower.contains(sign))
            .max_by_key(|(sign, _)| sign.len())
            .or_else(|| CURRENCIES.iter().find(|(word, _)| *word == following));
        if let Some((_, name)) = unit {
            self.amounts.insert((number, (*name).to_owned()));
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && word.chars().any(char::is_lowercase)
}

fn is_shouted(word: &str) -> bool {
    word.chars().count() >= 2 && word.chars().all(|letter| letter.is_uppercase() || !letter.is_alphabetic())
}

fn has_digit(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
}

fn has_both(text: &str) -> bool {
    has_digit(text) && text.chars().any(char::is_alphabetic)
}

/// Whether a word is an address: a scheme, `www.`, or labels with a dot between letters («tienda.co/x»).
pub fn is_link(lower: &str) -> bool {
    if lower.contains("://") || lower.starts_with("www.") || lower.starts_with("wa.me") {
        return true;
    }
    let host = lower.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let Some((before, last)) = host.rsplit_once('.') else { return false };
    let letters = last.len() >= 2 && last.chars().all(char::is_alphabetic);
    letters && before.chars().any(char::is_alphanumeric) && before.chars().last().is_some_and(char::is_alphanumeric)
}

/// A number in one spelling: no thousands, a dot before decimals, no zeros at either end that mean nothing.
pub fn plain(digits: &str, language: Language) -> String {
    let (thousands, decimal) = if language == Language::En { (',', '.') } else { ('.', ',') };
    let (whole, fraction) = match digits.rsplit_once(decimal) {
        // «12.5» in Spanish is a decimal in the wrong dress; «1.250» is not.
        Some((whole, fraction)) => (whole, fraction),
        None => match digits.rsplit_once(thousands) {
            Some((whole, last)) if last.len() != 3 => (whole, last),
            _ => (digits, ""),
        },
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_spelling_whatever_the_language() {
        for (text, language, expected) in [
            ("89.900", Language::Es, "89900"),
            ("89,900", Language::En, "89900"),
            ("1.250,50", Language::Pt, "1250.5"),
            ("1,250.50", Language::En, "1250.5"),
            ("12.5", Language::Es, "12.5"),
            ("007", Language::Es, "7"),
            ("0,00", Language::Es, "0"),
        ] {
            assert_eq!(plain(text, language), expected, "{text}");
        }
    }

    #[test]
    fn a_text_tells_all_that_it_claims() {
        let text = "Tu pedido *#1042* va con Coordinadora, guía RR473124829CO. Llega el martes 3 de marzo a las 14:30 por \
                    $ 89.900 (10%). Escribe a ana@correo.co o https://x.co/t?1, 2 paquetes.";
        let claims = Claims::of(text, Language::Es);
        assert_eq!(
            claims.numbers.keys().map(String::as_str).collect::<Vec<_>>(),
            ["10", "1042", "14", "2", "3", "30", "89900"]
        );
        assert!(claims.amounts.contains(&("10".into(), "%".into())));
        assert_eq!(claims.codes, BTreeSet::from(["RR473124829CO".to_owned()]));
        assert_eq!(claims.emails, BTreeSet::from(["ana@correo.co".to_owned()]));
        assert_eq!(claims.links, BTreeSet::from(["https://x.co/t?1".to_owned()]));
        assert!(claims.capitalised.contains("coordinadora"));
        assert_eq!(claims.words, ["martes", "marzo"].map(str::to_owned).into());
    }

    #[test]
    fn a_currency_belongs_to_its_number() {
        let amounts = |text: &str| Claims::of(text, Language::Es).amounts;
        assert_eq!(amounts("US$10"), BTreeSet::from([("10".into(), "usd".into())]));
        assert_eq!(amounts("R$ 10"), BTreeSet::new(), "the sign stands alone: compared as a word");
        assert_eq!(amounts("10 pesos"), BTreeSet::from([("10".into(), "pesos".into())]));
    }

    #[test]
    fn links_are_seen_in_any_dress() {
        for text in ["https://a.b", "www.a.com", "tienda.co", "tienda.co/pago", "bit.ly/x", "a.b.c.com:80"] {
            assert!(is_link(text), "{text}");
        }
        for text in ["hola", "3.14", "etc", "1.250", "v2"] {
            assert!(!is_link(text), "{text}");
        }
    }
}
