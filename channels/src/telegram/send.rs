//! The calls themselves.
//!
//! The payloads, the types and the HTTP client are teloxide's. The answer is read here, because teloxide's own reader
//! sleeps ten seconds on every 5xx and calls a message of a kind it does not know an error, both of which would hide
//! whether the message was taken.

use recado_domain::outbound::{Away, Recipient, SendResult, Sendable, Sender, Settlement};
use serde::Serialize;
use teloxide::Bot;
use teloxide::payloads::{AnswerCallbackQuery, AnswerCallbackQuerySetters};
use teloxide::types::CallbackQueryId;

use super::TelegramConfig;
use super::classify::{self, Answer};
use super::payload::{self, Markup};
use crate::ChannelError;
use crate::text::cut_at_word;

const CHANNEL: &str = "telegram";
const LONGEST_ANSWER: usize = 256 * 1024;
/// The first call, one without markup, one to a chat's new id.
const MOST_CALLS: usize = 3;

/// Sends over the Telegram Bot API.
#[derive(Clone)]
pub struct TelegramSender {
    bot: Bot,
}

impl std::fmt::Debug for TelegramSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The bot holds its token.
        f.write_str("TelegramSender(..)")
    }
}

impl TelegramSender {
    /// A sender for one bot.
    ///
    /// # Errors
    /// When the address or the token is unusable, or the HTTP client does not start.
    pub fn new(config: TelegramConfig) -> Result<Self, ChannelError> {
        let base = reqwest::Url::parse(config.api_base.trim_end_matches('/'))
            .ok()
            .filter(|base| matches!(base.scheme(), "http" | "https"))
            .ok_or(ChannelError::BadApiBase { channel: CHANNEL })?;
        let token = config.bot_token.expose();
        // The token becomes part of the path.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":_-".contains(&byte);
        if token.is_empty() || !token.bytes().all(plain) {
            return Err(ChannelError::BadToken { channel: CHANNEL });
        }
        let mut builder = teloxide::net::default_reqwest_settings()
            .timeout(config.timeout)
            .connect_timeout((config.timeout / 2).min(std::time::Duration::from_secs(5)));
        if crate::is_loopback(&base) {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| ChannelError::Client { channel: CHANNEL, reason: error.without_url().to_string() })?;
        Ok(Self { bot: Bot::with_client(token, client).set_api_url(base) })
    }

    /// Stops the spinner on a tapped button, with a short note if there is one. Best effort: a spinner stops by itself.
    pub async fn answer_callback(&self, callback_id: &str, text: Option<&str>) {
        let mut payload = AnswerCallbackQuery::new(CallbackQueryId(callback_id.to_owned()));
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            payload = payload.text(cut_at_word(text, 200));
        }
        if !matches!(self.call("answerCallbackQuery", &payload).await, Ok((200, _))) {
            tracing::debug!("a callback query stayed without its answer");
        }
    }

    /// One call: the status and the body, or what the lack of an answer means.
    async fn call<P: Serialize + Sync>(&self, method: &str, payload: &P) -> Result<(u16, Vec<u8>), SendResult> {
        let mut url = self.bot.api_url();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(&format!("bot{}", self.bot.token())).push(method);
        }
        let sent = self.bot.client().post(url).json(payload).send().await;
        let mut response = sent.map_err(|error| {
            if error.is_connect() {
                return SendResult::Away { why: Away::NoConnection, after: None, reason: "no answer to a call".into() };
            }
            if error.is_builder() {
                return SendResult::Failed { reason: "the request could not be built".into() };
            }
            let reason = if error.is_timeout() { "no answer in time" } else { "the connection broke before an answer" };
            SendResult::Ambiguous { reason: reason.into() }
        })?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, body))
    }

    async fn deliver(&self, sendable: &Sendable, chat_id: i64) -> SendResult {
        let (mut markup, mut chat_id) = (Markup::Html, chat_id);
        for _ in 0..MOST_CALLS {
            let payload = payload::payload(&sendable.message, chat_id, markup);
            let (status, body) = match self.call("sendMessage", &payload).await {
                Ok(answered) => answered,
                Err(unanswered) => return unanswered,
            };
            // Both say for certain that nothing was sent, so a second call cannot double the message.
            match classify::answer(status, &body) {
                Answer::Final(result) => return result,
                Answer::PlainText => markup = Markup::Plain,
                Answer::Moved(moved) => chat_id = moved,
            }
        }
        SendResult::Failed { reason: "the platform takes the text neither with nor without markup".into() }
    }
}

#[async_trait::async_trait]
impl Sender for TelegramSender {
    async fn send(&self, message: &Sendable) -> SendResult {
        let Recipient::Telegram { chat_id } = message.recipient else {
            return SendResult::Failed { reason: "not a Telegram recipient".into() };
        };
        if message.message.body.trim().is_empty() {
            return SendResult::Failed { reason: "the message is empty".into() };
        }
        let outcome = self.deliver(message, chat_id).await;
        tracing::debug!(outbox = %message.id, trace = %message.trace, attempt = message.attempt, ?outcome, "telegram send");
        outcome
    }

    fn settlement(&self) -> Settlement {
        Settlement::Staff
    }
}
