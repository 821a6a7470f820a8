//! Telegram Bot API updates of staff (CONTRACTS C).
//!
//! Read with our own keys: `teloxide`'s update type drops the payload of kinds newer than itself.

use recado_domain::Timestamp;
use recado_domain::event::{Destination, EventContent, Incoming, LaneKey, StaffBody, StaffMessage};
use serde_json::Value;

use crate::json::{self, Part as _, cut, hash_key};
use crate::part::{plausible_seconds, unknown};

/// Keys of updates that carry a message, and whether such a message is second hand by itself: edited, posted in the
/// name of a channel, or seen through somebody's business account.
const MESSAGES: [(&str, bool); 8] = [
    ("message", false),
    ("edited_message", true),
    ("channel_post", true),
    ("edited_channel_post", true),
    ("business_message", true),
    ("edited_business_message", true),
    ("guest_message", true),
    ("deleted_business_messages", true),
];
/// What shows that somebody else than the sender wrote the words.
const SECOND_HAND: [&str; 9] = [
    "forward_origin",
    "forward_date",
    "forward_from",
    "forward_from_chat",
    "forward_sender_name",
    "is_automatic_forward",
    "sender_chat",
    "via_bot",
    "sender_business_bot",
];
/// Keys of a message that are no content.
const FRAME: [&str; 22] = [
    "message_id",
    "message_thread_id",
    "is_topic_message",
    "from",
    "chat",
    "date",
    "edit_date",
    "author_signature",
    "sender_chat",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_markup",
    "entities",
    "caption",
    "caption_entities",
    "has_protected_content",
    "media_group_id",
    "link_preview_options",
    "via_bot",
    "business_connection_id",
    "show_caption_above_media",
];
/// Telegram's limit of a button's data, in bytes.
const TAP_LIMIT: usize = 64;

/// The event in an update, always one. `bot` is the name in the webhook's path.
pub fn parse(bot: &str, body: &[u8], received_at: Timestamp) -> Vec<Incoming> {
    let destination = Destination::TelegramBot(bot.to_owned());
    let by_body = || format!("body:{}", hash_key(body));
    let update = match json::parse(body) {
        Ok(update) => update,
        Err(problem) => return vec![unknown(by_body(), destination, "telegram", Some(problem), received_at)],
    };
    let Some(update_id) = update.whole("update_id") else {
        let problem = Some("no update_id".to_owned());
        return vec![unknown(by_body(), destination, "telegram", problem, received_at)];
    };
    let dedupe = update_id.to_string();
    let known = |key: &str| key == "callback_query" || MESSAGES.iter().any(|(name, _)| *name == key);
    let keys = || update.as_object().into_iter().flatten().filter(|(key, _)| *key != "update_id");
    // At most one is there (CONTRACTS C); should a later version add another, the one we know is read.
    let read = match keys().find(|(key, _)| known(key)).or_else(|| keys().next()) {
        None => Err(("telegram".to_owned(), Some("an update without content".to_owned()))),
        Some((key, content)) => staff(key, content).map_err(|problem| (format!("telegram:{key}"), problem)),
    };
    let (message, date) = match read {
        Ok(read) => read,
        Err((kind, problem)) => return vec![unknown(dedupe, destination, &kind, problem, received_at)],
    };
    vec![Incoming {
        dedupe,
        body_dedupe: None,
        destination,
        lane: LaneKey::Staff { chat_id: message.chat_id, user_id: message.user_id },
        occurred_at: plausible_seconds(date, received_at),
        content: EventContent::Staff(message),
    }]
}

/// The staff message of an update and its date. The error is what is wrong, or nothing for a kind that needs no
/// handling.
fn staff(key: &str, content: &Value) -> Result<(StaffMessage, Option<i64>), Option<String>> {
    if key == "callback_query" {
        return tap(content).ok_or_else(|| Some("a tap without id or sender".to_owned())).map(|tap| (tap, None));
    }
    let Some((_, second_hand)) = MESSAGES.iter().find(|(known, _)| *known == key) else { return Err(None) };
    let message = message(content, *second_hand).ok_or_else(|| Some("a message without chat".to_owned()))?;
    // An edit happened when it was edited.
    Ok((message, content.whole("edit_date").or_else(|| content.whole("date"))))
}

fn message(content: &Value, second_hand: bool) -> Option<StaffMessage> {
    let chat_id = content.part("chat")?.whole("id")?;
    let from = content.part("from");
    let sender = from.or_else(|| content.part("sender_chat"));
    let said_by_other = SECOND_HAND.iter().any(|key| present(content, key));
    let by_bot = from.is_none_or(|from| from.flag("is_bot").unwrap_or(false));
    let body = match content.text("text") {
        Some(text) => StaffBody::Text { text },
        None => StaffBody::Other { what: what(content) },
    };
    Some(StaffMessage {
        chat_id,
        // Nobody has the id 0: a post without a sender has no authority.
        user_id: sender.and_then(|sender| sender.whole("id")).unwrap_or(0),
        display_name: sender.map(display_name).unwrap_or_default(),
        reply_to: content.part("reply_to_message").and_then(|message| message.whole("message_id")),
        second_hand: second_hand || said_by_other || by_bot,
        body,
    })
}

fn tap(content: &Value) -> Option<StaffMessage> {
    let from = content.part("from")?;
    let user_id = from.whole("id")?;
    let callback_id = content.id("id")?;
    let message = content.part("message");
    let chat_id = message.and_then(|message| message.part("chat")).and_then(|chat| chat.whole("id"));
    let body = match content.text("data") {
        Some(data) if data.len() <= TAP_LIMIT => StaffBody::Tap { data, callback_id },
        _ => StaffBody::Other { what: "callback_query".to_owned() },
    };
    Some(StaffMessage {
        chat_id: chat_id.unwrap_or(user_id),
        user_id,
        display_name: display_name(from),
        reply_to: message.and_then(|message| message.whole("message_id")),
        second_hand: from.flag("is_bot").unwrap_or(false),
        body,
    })
}

/// `false` and `null` say that it is not so.
fn present(content: &Value, key: &str) -> bool {
    !matches!(content.get(key), None | Some(Value::Null | Value::Bool(false)))
}

fn display_name(sender: &Value) -> String {
    let names: Vec<String> = ["first_name", "last_name", "title"].iter().filter_map(|key| sender.text(key)).collect();
    cut(&names.join(" "), 128)
}

/// The key that carries the content (`photo`, `dice`, …).
fn what(content: &Value) -> String {
    let framed = |key: &str| FRAME.contains(&key) || SECOND_HAND.contains(&key);
    let given = content.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let key = given.map(|(key, _)| key.as_str()).find(|key| !framed(key));
    cut(key.unwrap_or("empty"), 40)
}

#[cfg(test)]
mod tests;
