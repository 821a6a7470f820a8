//! What people do, as updates (CONTRACTS C).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who writes or taps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelegramUser {
    /// Their id.
    pub id: i64,
    /// First name.
    #[serde(default)]
    pub first_name: String,
    /// Username without `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Language of their app (`es`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language_code: Option<String>,
    /// Whether it is a bot.
    #[serde(default)]
    pub is_bot: bool,
}

impl TelegramUser {
    /// A person with an id and a name.
    pub fn new(id: i64, first_name: &str) -> Self {
        Self { id, first_name: first_name.to_owned(), username: None, language_code: None, is_bot: false }
    }
}

/// Where they do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub struct TelegramChat(pub i64);

impl From<i64> for TelegramChat {
    fn from(id: i64) -> Self {
        Self(id)
    }
}
impl From<TelegramChat> for i64 {
    fn from(chat: TelegramChat) -> Self {
        chat.0
    }
}

impl TelegramChat {
    /// The chat object; the sign of the id tells what it is.
    pub(super) fn object(self, user: Option<&TelegramUser>) -> Value {
        match (self.0, user) {
            (id, _) if id <= -1_000_000_000_000 => json!({ "id": id, "type": "supergroup", "title": "Mesa de ayuda" }),
            (id, _) if id < 0 => {
                json!({ "id": id, "type": "group", "title": "Mesa de ayuda", "all_members_are_administrators": true })
            }
            (id, Some(user)) => json!({ "id": id, "type": "private", "first_name": user.first_name }),
            (id, None) => json!({ "id": id, "type": "private" }),
        }
    }
}

/// A message to be delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelegramMessage {
    /// Who writes.
    pub from: TelegramUser,
    /// Where; the private chat if not said.
    #[serde(default)]
    pub chat: Option<TelegramChat>,
    /// The text.
    pub text: String,
    /// The id of the answered message.
    #[serde(default)]
    pub reply_to: Option<i64>,
    /// An update id of the caller's choice.
    #[serde(default)]
    pub update_id: Option<i64>,
}

/// A tap on an inline button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelegramTap {
    /// Who taps.
    pub from: TelegramUser,
    /// Where; the private chat if not said.
    #[serde(default)]
    pub chat: Option<TelegramChat>,
    /// The message with the button.
    pub message_id: i64,
    /// Its callback data.
    pub data: String,
    /// An update id of the caller's choice.
    #[serde(default)]
    pub update_id: Option<i64>,
}

fn user_object(user: &TelegramUser) -> Value {
    // What is not known is left out, as there.
    json!(user)
}

pub(super) fn message(update_id: i64, message_id: i64, at: i64, message: &TelegramMessage, bot: &Value) -> Value {
    let chat = message.chat.unwrap_or(TelegramChat(message.from.id));
    let mut object = json!({
        "message_id": message_id,
        "from": user_object(&message.from),
        "chat": chat.object(Some(&message.from)),
        "date": at,
        "text": message.text,
    });
    if message.text.starts_with('/') {
        // Offsets count UTF-16 units.
        let command = message.text.split_whitespace().next().unwrap_or_default();
        object["entities"] = json!([{ "offset": 0, "length": command.encode_utf16().count(), "type": "bot_command" }]);
    }
    if let Some(answered) = message.reply_to {
        object["reply_to_message"] = json!({
            "message_id": answered, "from": bot, "chat": chat.object(Some(&message.from)), "date": at, "text": "…",
        });
    }
    json!({ "update_id": update_id, "message": object })
}

pub(super) fn tap(update_id: i64, at: i64, tap: &TelegramTap, text: &str, bot: &Value) -> Value {
    let chat = tap.chat.unwrap_or(TelegramChat(tap.from.id));
    json!({
        "update_id": update_id,
        "callback_query": {
            "id": format!("{}{:08}", tap.from.id, update_id),
            "from": user_object(&tap.from),
            "message": {
                "message_id": tap.message_id,
                "from": bot,
                "chat": chat.object(Some(&tap.from)),
                "date": at,
                "text": text,
            },
            "chat_instance": "-4611686018427387904",
            "data": tap.data,
        },
    })
}
