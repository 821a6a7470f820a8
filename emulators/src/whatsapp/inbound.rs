//! Messages of people, as the platform writes them (CONTRACTS A5).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::emulator::Inner;

/// Who writes. Either id may be missing, as it may there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Phone digits.
    pub wa_id: Option<String>,
    /// Business-scoped id.
    pub user_id: Option<String>,
    /// Profile name.
    pub name: String,
    /// Username, for those who took one.
    pub username: Option<String>,
}

impl Person {
    /// A person with a phone and a name.
    pub fn new(wa_id: &str, name: &str) -> Self {
        Self { wa_id: Some(wa_id.to_owned()), name: name.to_owned(), ..Self::default() }
    }
}

/// A message to be delivered to the webhook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// Who writes.
    pub from: Person,
    /// What.
    #[serde(flatten)]
    pub content: InboundContent,
    /// The wamid of the message that is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// A wamid of the caller's choice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wamid: Option<String>,
    /// The platform's clock, Unix seconds; the present if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<i64>,
    /// Which of our numbers is written to; the configured one if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
}

impl InboundMessage {
    /// A message with nothing but its content.
    pub fn new(from: Person, content: InboundContent) -> Self {
        Self { from, content, reply_to: None, wamid: None, timestamp: None, phone_number_id: None }
    }
    /// A text.
    pub fn text(from: Person, text: &str) -> Self {
        Self::new(from, InboundContent::Text(text.to_owned()))
    }
}

/// What a message holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the fields are the platform's, CONTRACTS A5")]
pub enum InboundContent {
    /// `{"text": "hola"}`
    Text(String),
    /// A tapped reply button.
    Button { id: String, title: String },
    /// A chosen row.
    List {
        id: String,
        title: String,
        #[serde(default)]
        description: Option<String>,
    },
    /// A tapped quick reply of a template.
    TemplateButton { payload: String, text: String },
    /// A place.
    Location {
        latitude: f64,
        longitude: f64,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        address: Option<String>,
    },
    /// A picture; its bytes can be fetched from the emulator.
    Image {
        #[serde(default)]
        caption: Option<String>,
    },
    /// A file; its bytes can be fetched.
    Document {
        filename: String,
        #[serde(default)]
        caption: Option<String>,
    },
    /// A voice note; its bytes can be fetched.
    Voice {},
    /// A sticker.
    Sticker {},
    /// Shared contacts.
    Contacts(Vec<ContactCard>),
    /// A reaction; no emoji takes it back.
    Reaction {
        message_id: String,
        #[serde(default)]
        emoji: Option<String>,
    },
    /// The person has a new number.
    NumberChanged { new_wa_id: String },
    /// Something the API does not carry (`poll`…).
    Unsupported(String),
    /// The message object's own keys, `type` among them, for everything else.
    Raw(Value),
}

/// A shared contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Its name.
    pub name: String,
    /// Its phone as written.
    pub phone: String,
}

/// A PNG of one pixel.
const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, b'I', b'D', b'A', b'T', 0x78, 0x9c, 0x63, 0x60, 0, 0, 0, 2, 0,
    1, 0xe5, 0x27, 0xde, 0xfc, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

/// The `messages` value of one message, and the wamid it has.
pub(super) fn value(inner: &Inner, inbound: &InboundMessage) -> (String, Value) {
    let person = &inbound.from;
    let key = person.wa_id.as_deref().or(person.user_id.as_deref()).unwrap_or_default();
    let wamid = inbound.wamid.clone().unwrap_or_else(|| super::emulator::fresh_wamid(key));
    let at = inbound.timestamp.unwrap_or_else(|| inner.seconds());
    let mut message = json!({ "id": wamid, "timestamp": at.to_string() });
    if let Some(from) = &person.wa_id {
        message["from"] = json!(from);
    }
    if let Some(user) = &person.user_id {
        message["from_user_id"] = json!(user);
    }
    if let Some(answered) = &inbound.reply_to {
        let number = &inner.config.display_phone_number;
        message["context"] = json!({ "from": number, "id": answered });
    }
    if let (Value::Object(message), Value::Object(content)) = (&mut message, content(inner, inbound)) {
        message.extend(content);
    }
    let mut contact = json!({ "profile": { "name": person.name } });
    if let Some(username) = &person.username {
        contact["profile"]["username"] = json!(username);
    }
    if let Some(wa_id) = &person.wa_id {
        contact["wa_id"] = json!(wa_id);
    }
    if let Some(user) = &person.user_id {
        contact["user_id"] = json!(user);
    }
    // System messages come without contacts.
    let value = match inbound.content {
        InboundContent::NumberChanged { .. } => json!({ "messages": [message] }),
        _ => json!({ "contacts": [contact], "messages": [message] }),
    };
    (wamid, value)
}

fn content(inner: &Inner, inbound: &InboundMessage) -> Value {
    let media = |kind: &str, mime: &str, bytes: &'static [u8], more: Value| {
        let mut object = inner.media.keep_inbound(mime, bytes);
        if let (Value::Object(object), Value::Object(more)) = (&mut object, more) {
            object.extend(more.into_iter().filter(|(_, value)| !value.is_null()));
        }
        json!({ "type": kind, kind: object })
    };
    match &inbound.content {
        InboundContent::Text(body) => json!({ "type": "text", "text": { "body": body } }),
        InboundContent::Button { id, title } => json!({
            "type": "interactive",
            "interactive": { "type": "button_reply", "button_reply": { "id": id, "title": title } },
        }),
        InboundContent::List { id, title, description } => {
            let mut reply = json!({ "id": id, "title": title });
            if let Some(description) = description {
                reply["description"] = json!(description);
            }
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": reply } })
        }
        InboundContent::TemplateButton { payload, text } => {
            json!({ "type": "button", "button": { "payload": payload, "text": text } })
        }
        InboundContent::Location { latitude, longitude, name, address } => {
            let mut location = json!({ "latitude": latitude, "longitude": longitude });
            for (key, value) in [("name", name), ("address", address)] {
                if let Some(value) = value {
                    location[key] = json!(value);
                }
            }
            json!({ "type": "location", "location": location })
        }
        InboundContent::Image { caption } => media("image", "image/png", PICTURE, json!({ "caption": caption })),
        InboundContent::Document { filename, caption } => {
            let more = json!({ "filename": filename, "caption": caption });
            media("document", "application/pdf", b"%PDF-1.4\n%%EOF\n", more)
        }
        InboundContent::Voice {} => media("audio", "audio/ogg; codecs=opus", b"OggS\0\x02", json!({ "voice": true })),
        InboundContent::Sticker {} => {
            media("sticker", "image/webp", b"RIFF\x04\0\0\0WEBP", json!({ "animated": false }))
        }
        InboundContent::Contacts(cards) => {
            let cards: Vec<_> = cards
                .iter()
                .map(|card| {
                    json!({
                        "name": { "formatted_name": card.name, "first_name": card.name },
                        "phones": [{ "phone": card.phone, "type": "CELL" }],
                    })
                })
                .collect();
            json!({ "type": "contacts", "contacts": cards })
        }
        InboundContent::Reaction { message_id, emoji } => {
            let mut reaction = json!({ "message_id": message_id });
            if let Some(emoji) = emoji {
                reaction["emoji"] = json!(emoji);
            }
            json!({ "type": "reaction", "reaction": reaction })
        }
        InboundContent::NumberChanged { new_wa_id } => json!({
            "type": "system",
            "system": { "type": "user_changed_number", "body": "User changed number", "wa_id": new_wa_id },
        }),
        InboundContent::Unsupported(kind) => json!({
            "type": "unsupported",
            "errors": [{
                "code": 131051, "title": "Message type unknown", "message": "Message type unknown",
                "error_data": { "details": "Message type is currently not supported." },
            }],
            "unsupported": { "type": kind },
        }),
        InboundContent::Raw(object) => object.clone(),
    }
}
