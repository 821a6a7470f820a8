//! Whether a message looks as if its writer goes on at once: then the answer waits a moment for the rest.

use recado_domain::message::{MediaKind, MessageBody};

use crate::understanding::normalise::normalise;
use crate::understanding::rules::{global, speaks_of_danger};

/// Letters of a text whose end is looked at; what is longer was written in one go.
const LONGEST: usize = 300;
/// Signs after which more comes.
const SIGNS: &[&str] = &[",", ":", ";", "…", "...", "(", "-", "–", "="];
/// Words after which more comes, in Spanish, Portuguese and English. None of them is an answer by itself.
const WORDS: &[&str] = &[
    // Spanish
    "y", "que", "pero", "porque", "por", "de", "del", "la", "el", "los", "las", "mi", "mis", "para", "con", "en", "al",
    "un", "una", "quiero", "quisiera", "necesito", "si", "como", "sobre", "desde", "hasta", "cuando", "donde", "sea",
    // Portuguese
    "e", "mas", "do", "da", "os", "as", "meu", "minha", "pra", "com", "em", "um", "uma", "quero", "queria", "preciso",
    "se", // English
    "and", "but", "or", "because", "the", "my", "to", "for", "with", "of", "want", "need", "is", "an", "about", "so",
];

/// Whether more is likely to come: a text that breaks off, or a picture without a word about it.
pub fn seems(body: &MessageBody) -> bool {
    match body {
        MessageBody::Text { text } => breaks_off(text),
        MessageBody::Media(media) => {
            let wordless = media.caption.as_deref().is_none_or(|caption| caption.trim().is_empty());
            wordless && matches!(media.media_kind, MediaKind::Image | MediaKind::Video | MediaKind::Document)
        }
        _ => false,
    }
}

fn breaks_off(text: &str) -> bool {
    let text = text.trim_end();
    if text.chars().count() > LONGEST {
        return false;
    }
    let normalised = normalise(text);
    // What must always be heard is heard at once.
    if normalised.is_empty() || global(&normalised).is_some() || speaks_of_danger(&normalised) {
        return false;
    }
    if SIGNS.iter().any(|sign| text.ends_with(sign)) {
        return true;
    }
    let mut words = normalised.rsplit(' ');
    let last = words.next().unwrap_or_default();
    // One word alone may be an answer, and a sign at the end ends it.
    words.next().is_some() && WORDS.contains(&last) && text.ends_with(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> bool {
        seems(&MessageBody::Text { text: text.to_owned() })
    }

    #[test]
    fn what_breaks_off_is_waited_for_and_what_is_whole_is_not() {
        for more in [
            "hola, mi pedido",
            "buenas...",
            "te escribo por",
            "quiero que",
            "oi, é sobre o meu",
            "hi, I want to",
            "el 1042 y",
        ] {
            assert_eq!(text(more), more != "hola, mi pedido", "{more}");
        }
        for whole in [
            "hola",
            "sí",
            "no",
            "1042",
            "¿dónde está mi pedido?",
            "¿para qué?",
            "gracias",
            "stop",
            "y",
            "¡quiero una!",
            "menu...",
        ] {
            assert!(!text(whole), "{whole}");
        }
        assert!(!text(&"quiero que ".repeat(60)));
        assert!(!text("el paquete se incendió y..."));
    }
}
