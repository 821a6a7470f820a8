//! What becomes of a message that the bot sends or edits.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::TelegramChat;
use super::emulator::Inner;
use super::methods;
use crate::behaviour::Behaviour;
use crate::ledger::{Keep, SentMessage};
use crate::server::Answer;

impl Inner {
    pub(super) async fn message(&self, edit: bool, parameters: &Value) -> Answer {
        // Both spellings are taken there.
        let Some(chat) = parameters["chat_id"].as_i64().or_else(|| parameters["chat_id"].as_str()?.parse().ok()) else {
            return methods::error(400, "Bad Request: chat_id is empty");
        };
        let (text, buttons) = match (methods::shown_text(parameters), methods::buttons(parameters)) {
            (Ok(text), Ok(buttons)) => (text, buttons),
            (Err(answer), _) | (_, Err(answer)) => return answer,
        };
        let edited = parameters["message_id"].as_i64();
        if edit && !edited.is_some_and(|id| self.texts().contains_key(&(chat, id))) {
            return methods::error(400, "Bad Request: message to edit not found");
        }
        let message = SentMessage {
            id: String::new(),
            to: chat.to_string(),
            user_id: None,
            body: text,
            buttons,
            opaque: None,
            reply_to: parameters["reply_parameters"]["message_id"].as_i64().map(|id| id.to_string()),
            kind: if edit { "edit" } else { "text" }.to_owned(),
            media: None,
            accepted: false,
            at: self.ledger.now(),
        };
        let accept = |message: SentMessage| self.accept(chat, edited.filter(|_| edit), message);
        let refuse = |message: SentMessage| self.ledger.sent(message);
        match self.plan.draw() {
            Behaviour::Accept => accept(message),
            Behaviour::AcceptThenCut => {
                accept(message);
                Answer::Cut
            }
            Behaviour::AcceptThen500 => {
                accept(message);
                Answer::broken()
            }
            Behaviour::AcceptThenGarbage => {
                accept(message);
                Answer::garbage()
            }
            Behaviour::Cut => {
                refuse(message);
                Answer::Cut
            }
            Behaviour::Fail500 => {
                refuse(message);
                Answer::broken()
            }
            Behaviour::Refuse { code, description } => {
                refuse(message);
                refusal(code, description)
            }
            Behaviour::Throttle { retry_after, .. } => {
                refuse(message);
                methods::too_many(retry_after.unwrap_or(5))
            }
            Behaviour::Hang { millis, accepted: true } => {
                let answer = accept(message);
                tokio::time::sleep(Duration::from_millis(millis)).await;
                answer
            }
            Behaviour::Hang { millis, accepted: false } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                accept(message)
            }
        }
    }

    fn accept(&self, chat: i64, edited: Option<i64>, mut message: SentMessage) -> Answer {
        let id = edited.unwrap_or_else(|| self.next_message.fetch_add(1, Ordering::Relaxed));
        message.id = id.to_string();
        message.accepted = true;
        let object = json!({
            "message_id": id,
            "from": self.bot(),
            "chat": TelegramChat(chat).object(None),
            "date": self.seconds(),
            "text": message.body,
        });
        // A counting ledger is for benches, whose memory must not grow.
        if self.config.keep != Keep::Counters {
            self.texts().insert((chat, id), message.body.clone());
        }
        self.ledger.sent(message);
        methods::result(&object)
    }
}

fn refusal(code: i64, description: Option<String>) -> Answer {
    let code = u16::try_from(code).unwrap_or(400);
    let usual = match code {
        401 => "Unauthorized",
        403 => "Forbidden: bot was blocked by the user",
        404 => "Not Found",
        500 => "Internal Server Error",
        _ => "Bad Request: chat not found",
    };
    methods::error(code, &description.unwrap_or_else(|| usual.to_owned()))
}
