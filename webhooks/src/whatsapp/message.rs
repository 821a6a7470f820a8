//! Messages and who wrote them (CONTRACTS A5, A8).

use recado_domain::contact::PersonIds;
use recado_domain::event::{EventContent, Incoming, LaneKey};
use recado_domain::message::InboundMessage;
use serde_json::Value;

use super::body::body;
use super::{Change, first_error};
use crate::json::{Part as _, cut, value_key};
use crate::part::plausible_seconds;

impl Change<'_> {
    pub(super) fn messages(&self, events: &mut Vec<Incoming>) {
        let messages = self.value.items("messages");
        // A truncated message leaves its error beside it, not in it.
        let shared_error = if messages.len() == 1 { first_error(self.value) } else { None };
        for (index, message) in messages.iter().enumerate() {
            events.push(self.message(messages, index, message, shared_error.clone()));
        }
    }

    fn message(&self, all: &[Value], index: usize, message: &Value, shared_error: Option<String>) -> Incoming {
        let platform_type = message.text("type").unwrap_or_default();
        let Some(id) = message.id("id") else {
            return self.unknown_part(message, &format!("messages/{platform_type}"), "no message id");
        };
        let dedupe = if id.len() <= 400 { id.clone() } else { value_key(message) };
        let contact = self.contact(all, index, message);
        let from_contact = |key: &str| contact.and_then(|contact| contact.id(key));
        let user_id = message.id("from_user_id").or_else(|| from_contact("user_id"));
        let wa_id = message.id("from").or_else(|| from_contact("wa_id"));
        let Some(from) = PersonIds::from_parts(user_id.as_deref(), wa_id.as_deref()) else {
            return self.anonymous(dedupe, &platform_type);
        };
        let sent_at = plausible_seconds(message.whole("timestamp"), self.received_at);
        let profile = contact.and_then(|contact| contact.part("profile"));
        Incoming {
            dedupe,
            body_dedupe: None,
            destination: self.destination.clone(),
            lane: LaneKey::Conversation(from.clone()),
            occurred_at: sent_at,
            content: EventContent::Message(InboundMessage {
                provider_id: id,
                from,
                profile_name: profile.and_then(|profile| profile.text("name")).map(|name| cut(&name, 200)),
                sent_at,
                reply_to: message.part("context").and_then(|context| context.id("id")),
                body: body(message, first_error(message).or(shared_error)),
            }),
        }
    }

    /// The contact of a message: the one with its ids, else the one at its place, unless that one is another's.
    fn contact(&self, all: &[Value], index: usize, message: &Value) -> Option<&Value> {
        let contacts = self.value.items("contacts");
        if let Some(named) = contacts.iter().find(|contact| is_of(contact, message)) {
            return Some(named);
        }
        let beside = contacts.get(index).filter(|_| contacts.len() == all.len())?;
        let differs = match (beside.id("user_id"), message.id("from_user_id")) {
            (Some(theirs), Some(mine)) => theirs != mine,
            _ => false,
        };
        let taken = all.iter().any(|other| is_of(beside, other));
        (!differs && !taken).then_some(beside)
    }
}

fn is_of(contact: &Value, message: &Value) -> bool {
    let same = |theirs: &str, mine: &str| contact.id(theirs).is_some_and(|id| message.id(mine) == Some(id));
    same("user_id", "from_user_id") || same("wa_id", "from")
}
