//! When a model is worth asking: when the built-in reading is unsure, or when a text says more than one thing. Never
//! about words that always work, and never about danger.

use recado_domain::command::Command;
use recado_domain::intent::Intent;

use super::settings::Settings;
use crate::commands::DANGER;
use crate::understanding::Readings;
use crate::understanding::normalise::normalise;
use crate::understanding::rules::{global, speaks_of_danger};

/// Words that join two requests.
const JOINING: &[&str] = &[
    "y tambien",
    "ademas",
    "aparte",
    "otra cosa",
    "tambien quiero",
    "e tambem",
    "alem disso",
    "outra coisa",
    "and also",
    "as well as",
    "another thing",
    "besides",
];
/// Longer texts are read by people, not models.
const TOO_LONG: usize = 4_000;

/// Why a model is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The built-in reading is not sure.
    Unsure,
    /// The text is long or says several things.
    Several,
}

/// Whether to ask. Pure.
pub fn reason(
    text: &str,
    confidence: f64,
    readings: &Readings,
    built_in: &[Command],
    settings: &Settings,
) -> Option<Reason> {
    let normalised = normalise(text);
    let length = text.chars().count();
    let letters = normalised.chars().filter(|letter| letter.is_alphabetic()).count();
    if letters < 3 || length > TOO_LONG || global(&normalised).is_some() || speaks_of_danger(&normalised) {
        return None;
    }
    let danger = readings.iter().any(|(intent, chance)| *intent == Intent::SafetyEmergency && *chance >= DANGER);
    if danger || built_in.iter().any(is_beyond_doubt) {
        return None;
    }
    let several = length > settings.ask_above || JOINING.iter().any(|words| contains_words(&normalised, words));
    if several {
        return Some(Reason::Several);
    }
    let unsure = built_in.contains(&Command::Unclear) || confidence < settings.ask_below;
    unsure.then_some(Reason::Unsure)
}

fn contains_words(normalised: &str, words: &str) -> bool {
    format!(" {normalised} ").contains(&format!(" {words} "))
}

/// What the built-in reading is never wrong about: a number that was written, a proof that was awaited, a person asked
/// for.
fn is_beyond_doubt(command: &Command) -> bool {
    matches!(
        command,
        Command::Prove { .. }
            | Command::TrackOrder { reference: Some(_) }
            | Command::Human
            | Command::Stop
            | Command::Resume
            | Command::Cancel
            | Command::Escalate { intent: Intent::SafetyEmergency | Intent::LegalThreat }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str, confidence: f64, built_in: &[Command]) -> Option<Reason> {
        reason(text, confidence, &Vec::new(), built_in, &Settings::new(Vec::new()))
    }

    #[test]
    fn words_that_always_work_and_danger_are_never_asked_about() {
        let unclear = [Command::Unclear];
        for text in
            ["menú", "cancelar", "stop", "humano", "quiero hablar con una persona", "el paquete se incendió", "?", "👍"]
        {
            assert_eq!(asked(text, 0.0, &unclear), None, "{text}");
        }
        let danger = vec![(Intent::SafetyEmergency, 0.3)];
        assert_eq!(reason("algo raro aquí", 0.1, &danger, &unclear, &Settings::new(Vec::new())), None);
    }

    #[test]
    fn unsure_or_several_things_are() {
        let track = [Command::TrackOrder { reference: None }];
        assert_eq!(asked("y lo mío qué pasó", 0.2, &[Command::Unclear]), Some(Reason::Unsure));
        assert_eq!(asked("dónde está mi pedido", 0.95, &track), None);
        assert_eq!(asked("dónde está mi pedido y además quiero cambiarlo", 0.95, &track), Some(Reason::Several));
        assert_eq!(asked(&"mi pedido no llega ".repeat(12), 0.95, &track), Some(Reason::Several));
        assert_eq!(asked("pedido 1042", 0.2, &[Command::TrackOrder { reference: Some("1042".into()) }]), None);
    }
}
