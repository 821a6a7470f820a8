//! What the Cloud API checks before it takes a message (CONTRACTS A9).

use recado_domain::Timestamp;
use serde_json::Value;

use super::errors::Refusal;
use crate::ledger::{SentButton, SentMedia, SentMessage};

fn length(text: &str) -> usize {
    text.chars().count()
}

fn missing(name: &str) -> Refusal {
    Refusal::new(131008, format!("The parameter {name} is required."))
}
fn invalid(details: impl Into<String>) -> Refusal {
    Refusal::new(131009, details)
}

/// A text that must be there, with 1 to `most` characters.
fn text<'a>(value: &'a Value, name: &str, most: usize) -> Result<&'a str, Refusal> {
    let text = value.as_str().filter(|text| !text.is_empty()).ok_or_else(|| missing(name))?;
    if length(text) > most {
        return Err(invalid(format!("{name} is too long. Min length: 1, Max length: {most}")));
    }
    Ok(text)
}

/// Checks a message and reads what the ledger wants to know of it. The id is given later.
pub(super) fn message(body: &Value, at: Timestamp) -> Result<SentMessage, Refusal> {
    if body["messaging_product"] != "whatsapp" {
        return Err(Refusal::new(100, "The parameter messaging_product is required."));
    }
    let kind = body["type"].as_str().unwrap_or("text");
    let to = body["to"].as_str().unwrap_or_default();
    let user_id = body["recipient"].as_str().filter(|id| !id.is_empty());
    if to.is_empty() && user_id.is_none() {
        return Err(missing("to"));
    }
    let digits = to.chars().filter(char::is_ascii_digit).count();
    if !to.is_empty() && !(7..=15).contains(&digits) {
        return Err(invalid("to is not a phone number"));
    }
    let opaque = body["biz_opaque_callback_data"].as_str();
    if opaque.is_some_and(|opaque| length(opaque) > 512) {
        return Err(invalid("biz_opaque_callback_data is too long. Max length: 512"));
    }
    let content = &body[kind];
    if content.is_null() {
        return Err(missing(kind));
    }
    let (shown, buttons) = content_of(kind, content)?;
    let media = media_of(kind, content);
    Ok(SentMessage {
        id: String::new(),
        to: to.to_owned(),
        user_id: user_id.map(str::to_owned),
        body: shown,
        buttons,
        opaque: opaque.map(str::to_owned),
        reply_to: body["context"]["message_id"].as_str().map(str::to_owned),
        kind: kind.to_owned(),
        media,
        accepted: false,
        at,
    })
}

/// The file that a message names by an id, its own or its header's.
fn media_of(kind: &str, content: &Value) -> Option<SentMedia> {
    let (kind, file) = match kind {
        "interactive" => {
            let header = &content["header"];
            let kind = header["type"].as_str().filter(|kind| matches!(*kind, "image" | "video" | "document"))?;
            (kind, &header[kind])
        }
        "image" | "video" | "audio" | "document" | "sticker" => (kind, content),
        _ => return None,
    };
    let id = file["id"].as_str()?.to_owned();
    Some(SentMedia { kind: kind.to_owned(), id, filename: file["filename"].as_str().map(str::to_owned) })
}

fn content_of(kind: &str, content: &Value) -> Result<(String, Vec<SentButton>), Refusal> {
    let none = Vec::new();
    match kind {
        "text" => {
            let body =
                content["body"].as_str().filter(|body| !body.is_empty()).ok_or_else(|| missing("text['body']"))?;
            if length(body) > 4096 {
                return Err(Refusal::new(100, "Param text['body'] must be at most 4096 characters long."));
            }
            Ok((body.to_owned(), none))
        }
        "interactive" => interactive(content),
        "image" | "video" | "audio" | "document" | "sticker" => {
            if content["id"].as_str().is_none() && content["link"].as_str().is_none() {
                return Err(missing(&format!("{kind}['id']")));
            }
            let caption = content["caption"].as_str().unwrap_or_default();
            if length(caption) > 1024 {
                return Err(invalid("caption is too long. Max length: 1024"));
            }
            Ok((caption.to_owned(), none))
        }
        "location" if content["latitude"].is_number() && content["longitude"].is_number() => Ok((String::new(), none)),
        "location" => Err(missing("location['latitude']")),
        "reaction" => {
            text(&content["message_id"], "reaction['message_id']", 512)?;
            Ok((content["emoji"].as_str().unwrap_or_default().to_owned(), none))
        }
        "contacts" => Ok((String::new(), none)),
        "template" => {
            let name = text(&content["name"], "template['name']", 512)?;
            text(&content["language"]["code"], "template['language']['code']", 20)?;
            Ok((name.to_owned(), none))
        }
        _ => Err(Refusal::new(131051, format!("Message type {kind} is not supported."))),
    }
}

fn interactive(content: &Value) -> Result<(String, Vec<SentButton>), Refusal> {
    let action = &content["action"];
    // A list's body may be four times as long as the others'.
    let most = if content["type"] == "list" { 4096 } else { 1024 };
    let body = text(&content["body"]["text"], "interactive['body']['text']", most)?.to_owned();
    let header = &content["header"];
    if let Some(kind @ ("image" | "video" | "document")) = header["type"].as_str() {
        if content["type"] == "list" {
            return Err(invalid("The header of a list must be text"));
        }
        if header[kind]["id"].as_str().is_none() && header[kind]["link"].as_str().is_none() {
            return Err(missing(&format!("header['{kind}']['id']")));
        }
    }
    for part in ["header", "footer"] {
        if let Some(shown) = content[part]["text"].as_str().filter(|shown| length(shown) > 60) {
            return Err(invalid(format!("{part} text length invalid: {}. Max length: 60", length(shown))));
        }
    }
    let buttons = match content["type"].as_str() {
        Some("button") => {
            let buttons = action["buttons"].as_array().map_or(&[][..], Vec::as_slice);
            if !(1..=3).contains(&buttons.len()) {
                return Err(invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
            }
            buttons.iter().map(|button| reply(&button["reply"], "Button", 256, 20)).collect::<Result<Vec<_>, _>>()?
        }
        Some("list") => {
            text(&action["button"], "interactive['action']['button']", 20)?;
            let sections = action["sections"].as_array().map_or(&[][..], Vec::as_slice);
            if !(1..=10).contains(&sections.len()) {
                return Err(invalid("Invalid sections count. Min allowed: 1, Max allowed: 10"));
            }
            let mut rows = Vec::new();
            for section in sections {
                if sections.len() > 1 {
                    text(&section["title"], "section title", 24)?;
                }
                for row in section["rows"].as_array().map_or(&[][..], Vec::as_slice) {
                    if row["description"].as_str().is_some_and(|description| length(description) > 72) {
                        return Err(invalid("Row description is too long. Max length: 72"));
                    }
                    rows.push(reply(row, "Row", 200, 24)?);
                }
            }
            if !(1..=10).contains(&rows.len()) {
                return Err(invalid("Total row count exceed max allowed count: 10"));
            }
            rows
        }
        Some("cta_url") => {
            text(&action["parameters"]["display_text"], "display_text", 20)?;
            text(&action["parameters"]["url"], "url", 2000)?;
            Vec::new()
        }
        Some("flow" | "location_request_message" | "address_message" | "request_contact_info") => Vec::new(),
        _ => return Err(invalid("Invalid interactive type")),
    };
    for (at, button) in buttons.iter().enumerate() {
        let alike = |other: &SentButton| other.id == button.id || other.title == button.title;
        // Titles of rows may repeat, ids may not; buttons need both apart.
        let clash = buttons[..at]
            .iter()
            .any(|other| if content["type"] == "button" { alike(other) } else { other.id == button.id });
        if clash {
            return Err(invalid("Duplicated id or title among buttons or rows"));
        }
    }
    Ok((body, buttons))
}

fn reply(value: &Value, name: &str, longest_id: usize, longest_title: usize) -> Result<SentButton, Refusal> {
    let id = text(&value["id"], &format!("{name} id"), longest_id)?.to_owned();
    let title = text(&value["title"], &format!("{name} title length invalid: title"), longest_title)?.to_owned();
    Ok(SentButton { id, title })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: &str, content: Value) -> Result<SentMessage, i64> {
        let body = json!({ "messaging_product": "whatsapp", "to": "+573001112233", "type": kind, kind: content });
        message(&body, Timestamp::EPOCH).map_err(|refusal| refusal.code)
    }
    fn buttons(count: usize, title: &str, body: &str) -> Value {
        let buttons: Vec<_> = (0..count)
            .map(|n| json!({ "type": "reply", "reply": { "id": format!("b{n}"), "title": format!("{title}{n}") } }))
            .collect();
        json!({ "type": "button", "body": { "text": body }, "action": { "buttons": buttons } })
    }
    fn list(count: usize, body: &str) -> Value {
        let rows: Vec<_> = (0..count).map(|n| json!({ "id": format!("r{n}"), "title": format!("Fila {n}") })).collect();
        json!({ "type": "list", "body": { "text": body }, "action": { "button": "Ver", "sections": [{ "rows": rows }] } })
    }

    #[test]
    fn limits_are_the_documented_ones() {
        assert!(check("text", json!({ "body": "á".repeat(4096) })).is_ok());
        assert_eq!(check("text", json!({ "body": "á".repeat(4097) })), Err(100));
        assert_eq!(check("text", json!({})), Err(131008));
        assert!(check("interactive", buttons(3, "Título", &"á".repeat(1024))).is_ok());
        assert_eq!(check("interactive", buttons(4, "T", "x")), Err(131009));
        assert_eq!(check("interactive", buttons(2, &"t".repeat(20), "x")), Err(131009));
        assert_eq!(check("interactive", buttons(1, "T", &"x".repeat(1025))), Err(131009));
        assert!(check("interactive", list(10, &"x".repeat(4096))).is_ok());
        assert_eq!(check("interactive", list(11, "x")), Err(131009));
        assert_eq!(check("interactive", list(3, &"x".repeat(4097))), Err(131009));
        assert_eq!(check("hologram", json!({})), Err(131051));
    }

    #[test]
    fn a_message_needs_a_product_and_a_recipient() {
        let code = |body: Value| message(&body, Timestamp::EPOCH).map_err(|refusal| refusal.code).map(|_| ());
        assert_eq!(code(json!({ "to": "+573001112233", "type": "text", "text": { "body": "x" } })), Err(100));
        assert_eq!(
            code(json!({ "messaging_product": "whatsapp", "type": "text", "text": { "body": "x" } })),
            Err(131008)
        );
        let scoped =
            json!({ "messaging_product": "whatsapp", "recipient": "CO.1", "type": "text", "text": { "body": "x" } });
        assert_eq!(code(scoped), Ok(()));
    }
}
