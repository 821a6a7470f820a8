//! The JSON of a message to the Cloud API, kept within its limits (CONTRACTS A9).

use recado_domain::Language;
use recado_domain::attachment::{Attachment, AttachmentKind};
use recado_domain::outbound::{Button, OutboundMessage, PlatformTemplate, Sendable};
use serde_json::{Value, json};

use crate::text::{cut_at_word, cut_label, length};

const TEXT_LIMIT: usize = 4096;
const BUTTONS_BODY_LIMIT: usize = 1024;
const CAPTION_LIMIT: usize = 1024;
const BUTTON_TITLE_LIMIT: usize = 20;
const BUTTON_ID_LIMIT: usize = 256;
const ROW_TITLE_LIMIT: usize = 24;
const ROW_ID_LIMIT: usize = 200;
const MAXIMUM_BUTTONS: usize = 3;
const MAXIMUM_ROWS: usize = 10;

/// The body of `POST /{phone_number_id}/messages`.
pub(super) fn payload(sendable: &Sendable, wa_id: Option<&str>, user_id: Option<&str>) -> Value {
    let message = &sendable.message;
    let mut body = match (&message.platform_template, &message.attachment, &sendable.media) {
        (Some(approved), ..) => template(approved),
        (None, Some(attachment), Some(media)) => with_file(message, attachment, media),
        _ => content(message),
    };
    body["messaging_product"] = json!("whatsapp");
    body["recipient_type"] = json!("individual");
    match (wa_id, user_id) {
        // Without `+` the platform may prefix the business's own country code.
        (Some(phone), _) => body["to"] = json!(format!("+{}", phone.trim_start_matches('+'))),
        (None, Some(user)) => body["recipient"] = json!(user),
        (None, None) => {}
    }
    if let Some(answered) = &sendable.message.reply_to {
        body["context"] = json!({ "message_id": answered });
    }
    body["biz_opaque_callback_data"] = json!(sendable.id.to_string());
    body
}

fn content(message: &OutboundMessage) -> Value {
    let buttons = message.buttons.as_slice();
    match buttons.len() {
        0 => text(&cut_at_word(&message.body, TEXT_LIMIT)),
        1..=MAXIMUM_BUTTONS if length(&message.body) <= BUTTONS_BODY_LIMIT => {
            match labelled(buttons, BUTTON_TITLE_LIMIT, BUTTON_ID_LIMIT) {
                Some(labelled) => reply_buttons(&message.body, &labelled),
                None => numbered(message),
            }
        }
        4..=MAXIMUM_ROWS => match labelled(buttons, ROW_TITLE_LIMIT, ROW_ID_LIMIT) {
            Some(labelled) => list(message, &labelled),
            None => numbered(message),
        },
        _ => numbered(message),
    }
}

/// A template that the platform has approved, with its variables.
fn template(approved: &PlatformTemplate) -> Value {
    // Templates are kept by the locale of their country.
    let language = match approved.language {
        Language::Es => "es",
        Language::Pt => "pt_BR",
        Language::En => "en",
    };
    // A variable may hold no line breaks, tabs or more than four spaces in a row.
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let variables: Vec<Value> =
        approved.variables.iter().map(|text| json!({ "type": "text", "text": line(text) })).collect();
    json!({
        "type": "template",
        "template": {
            "name": approved.name,
            "language": { "code": language },
            "components": [{ "type": "body", "parameters": variables }],
        },
    })
}

/// A picture or document with its caption, and buttons below where there are some.
fn with_file(message: &OutboundMessage, attachment: &Attachment, media: &str) -> Value {
    let kind = attachment.form.kind();
    let mut file = json!({ "id": media });
    if kind == AttachmentKind::Document {
        file["filename"] = json!(attachment.filename);
    }
    let few = &message.buttons[..message.buttons.len().min(MAXIMUM_BUTTONS)];
    let labelled = labelled(few, BUTTON_TITLE_LIMIT, BUTTON_ID_LIMIT).filter(|labelled| !labelled.is_empty());
    let caption = cut_at_word(&message.body, CAPTION_LIMIT);
    match labelled {
        Some(labelled) => {
            let mut body = reply_buttons(&caption, &labelled);
            body["interactive"]["header"] = json!({ "type": kind.code(), kind.code(): file });
            body
        }
        None => {
            file["caption"] = json!(caption);
            json!({ "type": kind.code(), kind.code(): file })
        }
    }
}

fn text(body: &str) -> Value {
    json!({ "type": "text", "text": { "body": body, "preview_url": false } })
}

/// Ids and titles as they may stand in a message; `None` when cutting leaves two alike or one empty, which the platform
/// would refuse.
fn labelled(buttons: &[Button], title_limit: usize, id_limit: usize) -> Option<Vec<(&str, String)>> {
    let labelled: Vec<_> = buttons.iter().map(|button| (&*button.id, cut_label(&button.title, title_limit))).collect();
    let usable = labelled.iter().enumerate().all(|(at, (id, title))| {
        let alike = labelled[..at].iter().any(|(other, other_title)| other == id || other_title == title);
        !id.is_empty() && length(id) <= id_limit && !title.is_empty() && !alike
    });
    usable.then_some(labelled)
}

fn reply_buttons(body: &str, labelled: &[(&str, String)]) -> Value {
    let buttons: Vec<Value> =
        labelled.iter().map(|(id, title)| json!({ "type": "reply", "reply": { "id": id, "title": title } })).collect();
    json!({
        "type": "interactive",
        "interactive": { "type": "button", "body": { "text": body }, "action": { "buttons": buttons } },
    })
}

fn list(message: &OutboundMessage, labelled: &[(&str, String)]) -> Value {
    let rows: Vec<Value> = labelled.iter().map(|(id, title)| json!({ "id": id, "title": title })).collect();
    // A sign needs no translation, should a message come without its word.
    let opener = message.list_label.as_deref().map_or_else(|| "☰".to_owned(), |label| cut_label(label, 20));
    json!({
        "type": "interactive",
        "interactive": {
            "type": "list",
            "body": { "text": cut_at_word(&message.body, TEXT_LIMIT) },
            "action": { "button": opener, "sections": [{ "rows": rows }] },
        },
    })
}

/// The same choice as plain text, for what fits no interactive message.
fn numbered(message: &OutboundMessage) -> Value {
    let options: String = message
        .buttons
        .iter()
        .zip(1..)
        .map(|(button, number)| format!("\n{number}. {}", button.title.trim()))
        .collect();
    let room = TEXT_LIMIT.saturating_sub(length(&options) + 1);
    let whole = format!("{}\n{options}", cut_at_word(&message.body, room));
    text(&cut_at_word(&whole, TEXT_LIMIT))
}

#[cfg(test)]
mod tests {
    use recado_domain::attachment::Form;
    use recado_domain::outbound::Recipient;
    use recado_domain::{MerchantId, OutboxId, Timestamp, TraceId};

    use super::*;

    fn sendable(body: &str, titles: &[&str]) -> Sendable {
        let mut message = OutboundMessage::text("test", body);
        message.buttons = titles
            .iter()
            .zip(0..)
            .map(|(title, n)| Button { id: format!("b{n}"), title: (*title).to_owned() })
            .collect();
        let recipient =
            Recipient::WhatsApp { phone_number_id: "1".into(), wa_id: Some("573001112233".into()), user_id: None };
        Sendable {
            id: OutboxId::new(Timestamp::EPOCH),
            merchant: MerchantId::new(Timestamp::EPOCH),
            recipient,
            message,
            media: None,
            attempt: 1,
            decided_at: Timestamp::EPOCH,
            trace: TraceId::new(Timestamp::EPOCH),
        }
    }

    #[test]
    fn a_text_carries_our_id_the_plus_and_the_answered_message() {
        let mut sendable = sendable("¡Hola!", &[]);
        sendable.message.reply_to = Some("wamid.A".into());
        let body = payload(&sendable, Some("573001112233"), Some("CO.1"));
        assert_eq!(body["to"], "+573001112233");
        assert!(body.get("recipient").is_none());
        assert_eq!(body["context"]["message_id"], "wamid.A");
        assert_eq!(body["biz_opaque_callback_data"], sendable.id.to_string());
        assert_eq!(body["text"]["body"], "¡Hola!");
    }

    #[test]
    fn a_person_without_a_phone_is_addressed_by_the_business_scoped_id() {
        let body = payload(&sendable("x", &[]), None, Some("CO.1"));
        assert_eq!(body["recipient"], "CO.1");
        assert!(body.get("to").is_none());
    }

    fn document(buttons: &[&str]) -> Sendable {
        let mut sendable = sendable("Tu informe de octubre", buttons);
        let day = jiff::civil::date(2026, 10, 1);
        sendable.message.attachment = Some(Box::new(Attachment {
            form: Form::Report,
            first: day,
            last: day,
            parts: Vec::new(),
            as_of: Timestamp::EPOCH,
            language: Language::Es,
            filename: "informe.pdf".to_owned(),
            instead: "no".to_owned(),
        }));
        sendable
    }

    #[test]
    fn an_approved_template_goes_by_its_name_with_its_variables_on_one_line() {
        let mut sendable = sendable("lo que dice", &["No más"]);
        sendable.message.platform_template = Some(PlatformTemplate {
            name: "resumen".to_owned(),
            language: Language::Pt,
            variables: vec!["Del 16 al 22".to_owned(), "uno\ndos".to_owned()],
        });
        let body = payload(&sendable, Some("1"), None);
        assert_eq!((&body["type"], &body["template"]["name"]), (&json!("template"), &json!("resumen")));
        assert_eq!(body["template"]["language"]["code"], "pt_BR");
        assert_eq!(body["template"]["components"][0]["parameters"][1], json!({ "type": "text", "text": "uno dos" }));
    }

    #[test]
    fn a_document_goes_by_its_id_with_its_name_and_its_caption_or_above_buttons() {
        let mut plain = document(&[]);
        // Without an id there is nothing to name: it stays a text.
        assert_eq!(payload(&plain, Some("1"), None)["type"], "text");
        plain.media = Some("77".to_owned());
        let body = payload(&plain, Some("1"), None);
        let expected = json!({ "id": "77", "filename": "informe.pdf", "caption": "Tu informe de octubre" });
        assert_eq!((&body["type"], &body["document"]), (&json!("document"), &expected));
        let mut tapped = document(&["Excel", "Gráfica", "Más", "Otra"]);
        tapped.media = Some("77".to_owned());
        let body = payload(&tapped, Some("1"), None);
        let header = json!({ "type": "document", "document": { "id": "77", "filename": "informe.pdf" } });
        assert_eq!(body["interactive"]["header"], header);
        assert_eq!(body["interactive"]["body"]["text"], "Tu informe de octubre");
        assert_eq!(body["interactive"]["action"]["buttons"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn up_to_three_answers_are_buttons_and_up_to_ten_a_list() {
        let three = payload(&sendable("¿Cuál?", &["Uno", "Dos", "Un título demasiado largo"]), Some("1"), None);
        assert_eq!(three["interactive"]["type"], "button");
        let title = three["interactive"]["action"]["buttons"][2]["reply"]["title"].as_str().unwrap();
        assert_eq!(title, "Un título demasiado…");
        let long = "palabra ".repeat(200);
        let four = payload(&sendable(&long, &["1", "2", "3", "4"]), Some("1"), None);
        assert_eq!(four["interactive"]["type"], "list");
        assert_eq!(four["interactive"]["body"]["text"], long);
        assert_eq!(four["interactive"]["action"]["sections"][0]["rows"].as_array().unwrap().len(), 4);
    }

    #[test]
    fn what_fits_no_interactive_message_is_numbered_and_loses_no_option() {
        let eleven: Vec<String> = (1..=11).map(|n| format!("opción {n}")).collect();
        let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
        let cases =
            [sendable(&"palabra ".repeat(600), &["Sí", "No"]), sendable("x", &["Sí", "Sí"]), sendable("x", &eleven)];
        for case in cases {
            let body = payload(&case, Some("1"), None);
            let text = body["text"]["body"].as_str().unwrap();
            assert!(length(text) <= TEXT_LIMIT);
            for (button, number) in case.message.buttons.iter().zip(1..) {
                assert!(text.contains(&format!("\n{number}. {}", button.title)), "{text}");
            }
        }
    }
}
