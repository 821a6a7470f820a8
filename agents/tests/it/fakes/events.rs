//! What arrives.

use recado_domain::contact::PersonIds;
use recado_domain::event::{EventContent, StaffBody, StaffMessage};
use recado_domain::message::{InboundMessage, MessageBody};

use super::{NOW, at};

pub fn message(body: MessageBody) -> EventContent {
    EventContent::Message(InboundMessage {
        provider_id: "wamid.1".into(),
        from: PersonIds { user_id: None, wa_id: Some("573009998877".into()) },
        profile_name: None,
        sent_at: at(NOW),
        reply_to: None,
        body,
    })
}

pub fn text_event(text: &str) -> EventContent {
    message(MessageBody::Text { text: text.into() })
}

pub fn staff_event(body: StaffBody, reply_to: Option<i64>, second_hand: bool) -> EventContent {
    EventContent::Staff(StaffMessage {
        chat_id: 5,
        user_id: 5,
        display_name: "Operador".into(),
        reply_to,
        second_hand,
        body,
    })
}
