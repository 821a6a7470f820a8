//! Whether words ask something.

use crate::understanding::normalise::normalise;

/// Words with which a question begins, in normalised spelling.
const BEGINNINGS: &[&str] = &[
    "que ",
    "cual ",
    "cuales ",
    "cuando ",
    "cuanto ",
    "cuanta ",
    "cuantos ",
    "cuantas ",
    "como ",
    "donde ",
    "quien ",
    "por que ",
    "hacen ",
    "tienen ",
    "manejan ",
    "reciben ",
    "aceptan ",
    "venden ",
    "hay ",
    "puedo ",
    "se puede ",
    "qual ",
    "quais ",
    "quando ",
    "quanto ",
    "quantos ",
    "quantas ",
    "onde ",
    "quem ",
    "voces ",
    "tem ",
    "aceitam ",
    "fazem ",
    "posso ",
    "da pra ",
    "what ",
    "which ",
    "when ",
    "where ",
    "who ",
    "how ",
    "do you ",
    "does ",
    "can i ",
    "can you ",
    "is ",
    "are ",
    "is there ",
];

/// Words that ask how a return, an exchange or a refund goes, and not for one.
const TERMS: &[&str] = &[
    "politica",
    "politicas",
    "condiciones",
    "requisitos",
    "plazo",
    "plazos",
    "cuanto tiempo",
    "cuantos dias",
    "hasta cuando",
    "como funciona",
    "como funcionan",
    "como es",
    "como son",
    "como hago",
    "como se hace",
    "que debo hacer",
    "condicoes",
    "prazo",
    "quanto tempo",
    "quantos dias",
    "ate quando",
    "como faco",
    "como funciona",
    "o que preciso",
    "policy",
    "policies",
    "conditions",
    "how long",
    "how many days",
    "how do",
    "how does",
    "deadline",
    "what is your return",
    "until when",
    "si no me gusta",
    "si no me gusto",
    "si no me queda",
    "si no me quedo",
    "si no me sirve",
    "si me queda",
    "si no me convence",
    "se eu nao gostar",
    "se nao gostar",
    "se nao servir",
    "se nao ficar",
    "se nao couber",
    "if it s the wrong",
    "if it s not",
    "if it isn t",
    "if it doesn t",
    "if i don t like",
    "if i don t want",
    "if i change my mind",
];

/// Whether a text asks something.
pub fn is_question(text: &str) -> bool {
    let normalised = normalise(text);
    text.contains('?') || BEGINNINGS.iter().any(|word| normalised.starts_with(word))
}

/// Whether a text asks for the terms of something.
pub fn asks_terms(text: &str) -> bool {
    let padded = format!(" {} ", normalise(text));
    TERMS.iter().any(|words| padded.contains(&format!(" {words} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_how_it_goes_is_not_asking_for_it() {
        for text in [
            "¿Cuál es la política de devoluciones?",
            "quantos dias tenho pra trocar?",
            "how do refunds work",
            "me lo cambian si no me gusta?",
            "can I return it if it's the wrong size?",
        ] {
            assert!(asks_terms(text) && is_question(text), "{text}");
        }
        for text in
            ["quiero devolver el termo", "me devuelven la plata", "i want a refund", "si no me lo cambian los demando"]
        {
            assert!(!asks_terms(text) && !is_question(text), "{text}");
        }
    }
}
