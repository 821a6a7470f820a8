//! The content of a message, kind by kind (CONTRACTS A5).

use recado_domain::contact::PersonIds;
use recado_domain::message::{CartItem, ContactCard, Media, MediaKind, MessageBody};
use serde_json::Value;

use crate::json::{self, Part as _, clean_value, cut};

/// Reads the content. A type that we do not know, or that lacks its content, is `Unsupported`: the person still gets
/// an answer.
pub(super) fn body(message: &Value, error: Option<String>) -> MessageBody {
    let platform_type = message.text("type").unwrap_or_else(|| "none".to_owned());
    let typed = match message.part(&platform_type) {
        Some(content) => with_content(&platform_type, content),
        None if platform_type == "request_welcome" => Some(MessageBody::Welcome),
        None => None,
    };
    typed.unwrap_or_else(|| {
        let inner = message.part("unsupported").and_then(|content| content.text("type"));
        MessageBody::Unsupported { platform_type: cut(&inner.unwrap_or(platform_type), 80), reason: error }
    })
}

fn with_content(platform_type: &str, content: &Value) -> Option<MessageBody> {
    match platform_type {
        "text" => Some(MessageBody::Text { text: content.text("body")? }),
        "image" => media(MediaKind::Image, content),
        "video" => media(MediaKind::Video, content),
        "audio" | "voice" => media(MediaKind::Audio, content),
        "document" => media(MediaKind::Document, content),
        "sticker" => media(MediaKind::Sticker, content),
        "location" => location(content),
        "contacts" => Some(MessageBody::Contacts { cards: content.as_array()?.iter().map(card).collect() }),
        "button" => choice(content.text("payload"), content.text("text")),
        "interactive" => interactive(content),
        "order" => Some(cart(content)),
        "reaction" => {
            Some(MessageBody::Reaction { message_id: content.id("message_id")?, emoji: content.text("emoji") })
        }
        "system" => Some(MessageBody::IdentityChange {
            new: PersonIds::from_parts(content.id("user_id").as_deref(), content.id("wa_id").as_deref()),
            change: cut(&content.text("type").unwrap_or_else(|| "unnamed".to_owned()), 80),
        }),
        "request_welcome" => Some(MessageBody::Welcome),
        "edit" => {
            Some(MessageBody::Edit { original_id: content.id("original_message_id")?, text: edited_text(content) })
        }
        "revoke" => Some(MessageBody::Revoke { original_id: content.id("original_message_id")? }),
        _ => None,
    }
}

fn media(media_kind: MediaKind, content: &Value) -> Option<MessageBody> {
    Some(MessageBody::Media(Media {
        media_kind,
        id: content.id("id")?,
        mime_type: content.text("mime_type").unwrap_or_else(|| "application/octet-stream".to_owned()),
        caption: content.text("caption"),
        filename: content.text("filename").map(|name| cut(&name, 255)),
        voice: content.flag("voice").unwrap_or(false),
        transcript: None,
    }))
}

fn location(content: &Value) -> Option<MessageBody> {
    let degrees = |key: &str, limit: f64| {
        let value = content.get(key)?;
        let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
        (number.is_finite() && number.abs() <= limit).then_some(number)
    };
    let label: Vec<String> = [content.text("name"), content.text("address")].into_iter().flatten().collect();
    Some(MessageBody::Location {
        latitude: degrees("latitude", 90.0)?,
        longitude: degrees("longitude", 180.0)?,
        label: (!label.is_empty()).then(|| label.join(", ")),
    })
}

fn card(contact: &Value) -> ContactCard {
    let name = contact.part("name");
    let formatted = name.and_then(|name| name.text("formatted_name"));
    let composed = || {
        let parts: Vec<String> =
            ["first_name", "last_name"].iter().filter_map(|key| name.and_then(|name| name.text(key))).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    let phone = |phone: &Value| phone.id("phone").or_else(|| phone.id("wa_id"));
    ContactCard {
        name: formatted.or_else(composed),
        phones: contact.items("phones").iter().filter_map(phone).collect(),
    }
}

/// A tap; one of id and title may be missing.
fn choice(id: Option<String>, title: Option<String>) -> Option<MessageBody> {
    let id = id.or_else(|| title.clone())?;
    let title = title.unwrap_or_else(|| id.clone());
    Some(MessageBody::Choice { id, title })
}

fn interactive(content: &Value) -> Option<MessageBody> {
    let kind = content.text("type")?;
    let Some(reply) = content.part(&kind) else {
        return Some(MessageBody::Unsupported { platform_type: cut(&format!("interactive/{kind}"), 80), reason: None });
    };
    match kind.as_str() {
        "button_reply" | "list_reply" => choice(reply.id("id"), reply.text("title")),
        "nfm_reply" => Some(MessageBody::Form {
            name: cut(&reply.text("name").unwrap_or_else(|| kind.clone()), 80),
            answers: answers(reply),
        }),
        "call_permission_reply" => Some(MessageBody::Form { name: kind, answers: clean_value(reply.clone()) }),
        _ => Some(MessageBody::Unsupported { platform_type: cut(&format!("interactive/{kind}"), 80), reason: None }),
    }
}

/// The answers are JSON inside a JSON text; a text that is none is kept as it is.
fn answers(reply: &Value) -> Value {
    match reply.get("response_json") {
        Some(Value::String(text)) => {
            json::parse(text.as_bytes()).map_or_else(|_| Value::String(json::clean(text)), clean_value)
        }
        Some(other) => clean_value(other.clone()),
        None => Value::Null,
    }
}

fn cart(content: &Value) -> MessageBody {
    let item = |item: &Value| {
        let quantity = item.whole("quantity").unwrap_or(1).max(0);
        Some(CartItem { product_id: item.id("product_retailer_id")?, quantity })
    };
    MessageBody::Cart {
        items: content.items("product_items").iter().filter_map(item).collect(),
        text: content.text("text"),
    }
}

/// The text of the new version: a text message's, or a file's caption.
fn edited_text(content: &Value) -> Option<String> {
    let message = content.part("message")?;
    let changed = message.text("type").and_then(|kind| message.part(&kind)).or_else(|| message.part("text"))?;
    changed.text("body").or_else(|| changed.text("caption"))
}
