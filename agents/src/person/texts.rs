//! How people and what they send are shown to staff.

use recado_domain::contact::masked_phone;
use recado_domain::message::{InboundMessage, MessageBody};

use crate::turn::Turn;
use crate::wording::clip;

/// A first name that can stand in a sentence: letters only, no longer than a name is.
pub fn first_name(profile: &str) -> Option<String> {
    let first = profile.split_whitespace().next()?;
    let name: String = first.chars().filter(|letter| letter.is_alphabetic() || matches!(letter, '-' | '\'')).collect();
    let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
    (2..=20).contains(&letters).then_some(name)
}

/// The person's name for staff, else the masked phone.
pub fn shown_name(turn: &Turn<'_>) -> String {
    let Some(conversation) = turn.input.conversation.as_ref() else { return "—".to_owned() };
    let name = conversation.profile_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    name.map(|name| clip(&name.split_whitespace().collect::<Vec<_>>().join(" "), 40))
        .or_else(|| conversation.person.wa_id.as_deref().map(masked_phone))
        .unwrap_or_else(|| conversation.id.code())
}

/// A message as staff reads it: its words, or what it is.
pub fn described(turn: &Turn<'_>, message: &InboundMessage) -> String {
    let label = match &message.body {
        MessageBody::Text { .. } | MessageBody::Choice { .. } => None,
        MessageBody::Media(media) if media.voice => Some("voice"),
        body => Some(body.label()),
    };
    let words = message.body.words().map(|words| words.split_whitespace().collect::<Vec<_>>().join(" "));
    let kind = label.map(|label| {
        let key = format!("thing.{label}");
        let word = turn.wording.word(turn.input.merchant.language, &key);
        format!("[{}]", if word == key { label } else { word })
    });
    match (kind, words.filter(|words| !words.is_empty())) {
        (Some(kind), Some(words)) => format!("{kind} {words}"),
        (Some(kind), None) => kind,
        (None, Some(words)) => words,
        (None, None) => "—".to_owned(),
    }
}

/// Emergency numbers by country (OPERATIONS §4.3).
pub fn emergency_number(country: &str) -> Option<&'static str> {
    Some(match country {
        "CO" => "123",
        "MX" | "EC" | "AR" | "US" | "UY" => "911",
        "PE" => "105 / 116",
        "CL" => "131 / 132 / 133",
        "BR" => "190 / 192 / 193",
        _ => return None,
    })
}
