//! Which of the three languages a text is in: words of the language, letters only one of them has, and a classifier
//! over pieces of words.

use recado_domain::Language;

use super::classify::Classifier;

/// Words that only one of the three has, or nearly so.
const SPANISH: &[&str] = &[
    "el", "la", "los", "las", "y", "donde", "esta", "mi", "pedido", "hola", "gracias", "cuanto", "cuando", "quiero",
    "es", "del", "con", "por", "ya", "llego", "hoy", "ayer", "semana", "una", "usted", "muchas", "buenas", "buenos",
    "pero", "al", "lo", "mis", "ventas", "vendi", "hay", "alguien", "hablar", "persona", "ayuda", "mes", "quien",
    "necesito", "puedo", "tienen", "cancelar", "va",
];
const PORTUGUESE: &[&str] = &[
    "o",
    "os",
    "um",
    "uma",
    "e",
    "onde",
    "meu",
    "minha",
    "ola",
    "oi",
    "obrigado",
    "obrigada",
    "quanto",
    "quero",
    "nao",
    "com",
    "voce",
    "voces",
    "esta",
    "chegou",
    "hoje",
    "ontem",
    "muito",
    "boa",
    "bom",
    "dia",
    "tarde",
    "mas",
    "ao",
    "na",
    "no",
    "do",
    "da",
    "em",
    "vendi",
    "vendas",
    "tem",
    "alguem",
    "falar",
    "pessoa",
    "ajuda",
    "mes",
    "quem",
    "preciso",
    "posso",
    "isso",
    "ja",
    "pra",
    "cade",
    "encomenda",
    "rastreio",
];
const ENGLISH: &[&str] = &[
    "the",
    "is",
    "my",
    "where",
    "order",
    "hi",
    "hello",
    "thanks",
    "thank",
    "you",
    "how",
    "much",
    "when",
    "want",
    "not",
    "with",
    "for",
    "it",
    "today",
    "yesterday",
    "week",
    "a",
    "an",
    "i",
    "to",
    "and",
    "please",
    "did",
    "do",
    "what",
    "who",
    "sales",
    "sold",
    "someone",
    "talk",
    "speak",
    "person",
    "help",
    "month",
    "can",
    "need",
    "has",
    "have",
    "of",
    "in",
    "this",
    "last",
    "package",
];
/// Whole texts that are the same in two of them, or are said in all three.
const SHARED: &[&str] = &["no", "ok", "okay", "total", "menu", "bot", "stop", "cancel", "normal", "super", "k"];
/// The likelier language needs this much of the mass before the remembered one is given up.
const SURE: f32 = 0.75;
/// And this much when nothing is remembered.
const LIKELY: f32 = 0.5;

/// The classifier's classes, in order.
pub const ORDER: [Language; 3] = Language::ALL;

/// The language of a text, or `None` when it is too short to tell.
pub fn recognise(
    classifier: &Classifier,
    original: &str,
    normalised: &str,
    hint: Option<Language>,
) -> Option<Language> {
    if !normalised.chars().any(char::is_alphabetic) {
        return None;
    }
    if SHARED.contains(&normalised) {
        return None;
    }
    let mut prior = [0.0_f32; 3];
    for word in normalised.split(' ') {
        for (weight, words) in prior.iter_mut().zip([SPANISH, PORTUGUESE, ENGLISH]) {
            *weight += f32::from(u8::from(words.contains(&word))) * 0.6;
        }
    }
    for letter in original.chars().take(super::normalise::LONGEST).flat_map(char::to_lowercase) {
        match letter {
            'ñ' | '¿' | '¡' => prior[0] += 2.5,
            'ã' | 'õ' | 'ç' | 'ê' | 'â' | 'ô' | 'à' => prior[1] += 2.5,
            _ => {}
        }
    }
    if let Some(hint) = hint {
        prior[index(hint)] += 1.0;
    }
    let probabilities = classifier.probabilities(normalised, &prior);
    let (best, probability) = super::top(&probabilities)?;
    let needed = if hint.is_none_or(|hint| index(hint) == best) { LIKELY } else { SURE };
    (probability >= needed).then(|| ORDER[best])
}

fn index(language: Language) -> usize {
    ORDER.iter().position(|other| *other == language).unwrap_or(0)
}
