//! «Envíalo», «todavía no»: what a member answers to the reminders that were shown.

use crate::understanding::questions::{answers_no, answers_yes};

/// Whether a text sends what was shown.
pub fn sends(normalised: &str) -> bool {
    const SENDS: &[&str] = &[
        "enviar",
        "envialo",
        "envialos",
        "enviales",
        "enviale",
        "envia",
        "mandalo",
        "mandalos",
        "mandale",
        "mandales",
        "manda",
        "si envialo",
        "si enviar",
        "si envialos",
        "si mandalo",
        "si mandalos",
        "si manda",
        "dale envialo",
        "dale enviar",
        "send",
        "send it",
        "send them",
        "yes send",
        "yes send it",
        "yes send them",
        "pode enviar",
        "pode mandar",
        "sim pode enviar",
        "sim enviar",
        "sim envia",
        "sim manda",
    ];
    SENDS.contains(&normalised) || answers_yes(normalised)
}

/// Whether a text leaves it.
pub fn leaves(normalised: &str) -> bool {
    const LEAVES: &[&str] = &[
        "no enviar",
        "no lo envies",
        "no los envies",
        "no envies",
        "no lo mandes",
        "no los mandes",
        "todavia no",
        "nao envia",
        "nao envie",
        "nao enviar",
        "nao manda",
        "ainda nao",
        "don t send",
        "do not send",
        "don t send it",
        "not yet",
    ];
    LEAVES.contains(&normalised) || answers_no(normalised)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understanding::normalise::normalise;

    #[test]
    fn only_clear_words_send() {
        for text in ["sí", "envíalo", "dale", "Sim, pode enviar", "yes, send it"] {
            assert!(sends(&normalise(text)) && !leaves(&normalise(text)), "{text}");
        }
        for text in ["no", "no lo envíes", "todavía no", "não", "don't send"] {
            assert!(leaves(&normalise(text)) && !sends(&normalise(text)), "{text}");
        }
        for text in ["tal vez", "mañana", "¿cuánto vendí?", "envía el reporte"] {
            assert!(!sends(&normalise(text)) && !leaves(&normalise(text)), "{text}");
        }
    }
}
