//! The emulator itself.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

use super::updates::{self, TelegramMessage, TelegramTap};
use super::{TelegramEmulatorConfig, methods};
use crate::EmulatorError;
use crate::behaviour::Plan;
use crate::control::{self, Behave, OneOrMany};
use crate::ledger::{Ledger, SentMessage};
use crate::server::{Answer, Call, Platform, Server};
use crate::webhook::{DeliverOptions, Delivery, Post, Poster};

struct Webhook {
    url: Option<String>,
    secret_token: String,
    allowed_updates: Value,
}

pub(super) struct Inner {
    pub config: TelegramEmulatorConfig,
    pub ledger: Ledger,
    poster: Poster,
    pub plan: Plan,
    webhook: Mutex<Webhook>,
    commands: Mutex<Value>,
    /// Texts of the bot's messages by chat and id, for edits, replies and taps.
    texts: Mutex<HashMap<(i64, i64), String>>,
    pub next_message: AtomicI64,
    next_update: AtomicI64,
}

/// A stand-in for the Telegram Bot API. Stops when dropped.
pub struct TelegramEmulator {
    inner: Arc<Inner>,
    server: Server,
}

impl TelegramEmulator {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address is taken or the webhook client does not start.
    pub async fn start(config: TelegramEmulatorConfig) -> Result<Self, EmulatorError> {
        let ledger = Ledger::new(config.keep, Arc::clone(&config.clock));
        let webhook = Webhook {
            url: config.webhook_url.clone(),
            secret_token: config.secret_token.clone(),
            allowed_updates: Value::Null,
        };
        let first_update = ledger.now().as_micros().div_euclid(1_000_000).rem_euclid(1_000_000_000);
        let inner = Arc::new(Inner {
            poster: Poster::new(ledger.clone(), Duration::from_secs(20))?,
            ledger,
            plan: Plan::default(),
            webhook: Mutex::new(webhook),
            commands: Mutex::new(json!([])),
            texts: Mutex::default(),
            next_message: AtomicI64::new(1),
            // Grows over restarts too, so that an update is not taken for one of the last run.
            next_update: AtomicI64::new(first_update),
            config,
        });
        let server = Server::start(inner.config.listen, Arc::clone(&inner)).await?;
        Ok(Self { inner, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
    /// What a sender takes as its API base.
    pub fn api_base(&self) -> String {
        format!("http://{}", self.address())
    }
    /// What came in and went out.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }
    /// The messages, taken and refused.
    pub fn sends(&self) -> Vec<SentMessage> {
        self.inner.ledger.sends()
    }
    /// How `sendMessage` and `editMessageText` are met.
    pub fn plan(&self) -> &Plan {
        &self.inner.plan
    }
    /// Where webhooks go from now on.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.inner.webhook().url = Some(url.into());
    }
    /// Delivers a message; the id of the delivery is the update id.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_message(
        &self,
        message: &TelegramMessage,
        options: &DeliverOptions,
    ) -> Result<Delivery, EmulatorError> {
        self.inner.one(Update::Message(message.clone()), options).await
    }
    /// Delivers a tap on an inline button.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_tap(&self, tap: &TelegramTap, options: &DeliverOptions) -> Result<Delivery, EmulatorError> {
        self.inner.one(Update::Tap(tap.clone()), options).await
    }
    /// Delivers several messages at the same time.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_many(
        &self,
        messages: &[TelegramMessage],
        options: &DeliverOptions,
    ) -> Result<Vec<Delivery>, EmulatorError> {
        self.inner.deliver(messages.iter().cloned().map(Update::Message).collect(), options).await
    }
    /// Delivers any update object, which needs an `update_id`.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_raw(&self, update: &Value, options: &DeliverOptions) -> Result<Delivery, EmulatorError> {
        self.inner.one(Update::Raw(update.clone()), options).await
    }
}

/// What `POST /_deliver` takes besides options.
#[derive(Deserialize)]
#[serde(untagged)]
enum Update {
    Tap(TelegramTap),
    Message(TelegramMessage),
    Raw(Value),
}

impl Inner {
    fn webhook(&self) -> MutexGuard<'_, Webhook> {
        self.webhook.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn texts(&self) -> MutexGuard<'_, HashMap<(i64, i64), String>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn seconds(&self) -> i64 {
        self.ledger.now().as_micros().div_euclid(1_000_000)
    }
    pub(super) fn bot(&self) -> Value {
        let id: i64 = self.config.bot_token.split(':').next().and_then(|id| id.parse().ok()).unwrap_or(1);
        json!({ "id": id, "is_bot": true, "first_name": "Recado", "username": self.config.bot_username })
    }

    fn object(&self, update: Update) -> Value {
        let fresh = |chosen: Option<i64>| chosen.unwrap_or_else(|| self.next_update.fetch_add(1, Ordering::Relaxed));
        match update {
            Update::Message(message) => {
                let message_id = self.next_message.fetch_add(1, Ordering::Relaxed);
                updates::message(fresh(message.update_id), message_id, self.seconds(), &message, &self.bot())
            }
            Update::Tap(tap) => {
                let chat = tap.chat.map_or(tap.from.id, |chat| chat.0);
                let text = self.texts().get(&(chat, tap.message_id)).cloned().unwrap_or_else(|| "…".into());
                updates::tap(fresh(tap.update_id), self.seconds(), &tap, &text, &self.bot())
            }
            Update::Raw(update) => update,
        }
    }

    async fn one(&self, update: Update, options: &DeliverOptions) -> Result<Delivery, EmulatorError> {
        let mut deliveries = self.deliver(vec![update], options).await?;
        deliveries.pop().ok_or_else(|| EmulatorError::BadRequest("nothing to deliver".into()))
    }

    async fn deliver(&self, updates: Vec<Update>, options: &DeliverOptions) -> Result<Vec<Delivery>, EmulatorError> {
        let (url, secret) = {
            let webhook = self.webhook();
            (webhook.url.clone().ok_or(EmulatorError::NoWebhookUrl)?, webhook.secret_token.clone())
        };
        let secret = if options.wrong_signature { "not-the-secret-token".to_owned() } else { secret };
        let events = updates.into_iter().map(|update| {
            let object = self.object(update);
            let headers = vec![("x-telegram-bot-api-secret-token".to_owned(), secret.clone())];
            let post = Post { headers, body: Bytes::from(object.to_string()) };
            (object["update_id"].to_string(), vec![post; usize::from(options.copies.max(1))])
        });
        Ok(self.poster.together(&url, events.collect(), options).await)
    }

    async fn method(&self, name: &str, parameters: Value) -> Answer {
        match name {
            "getMe" => methods::result(&self.bot()),
            "sendMessage" | "editMessageText" => self.message(name == "editMessageText", &parameters).await,
            "answerCallbackQuery" if parameters["callback_query_id"].as_str().is_some_and(|id| !id.is_empty()) => {
                methods::result(&json!(true))
            }
            "answerCallbackQuery" => {
                methods::error(400, "Bad Request: query is too old and response timeout expired or query id is invalid")
            }
            "setWebhook" => {
                let mut webhook = self.webhook();
                webhook.url = parameters["url"].as_str().filter(|url| !url.is_empty()).map(str::to_owned);
                if let Some(secret) = parameters["secret_token"].as_str() {
                    webhook.secret_token = secret.to_owned();
                }
                webhook.allowed_updates = parameters["allowed_updates"].clone();
                methods::result(&json!(true))
            }
            "deleteWebhook" => {
                self.webhook().url = None;
                methods::result(&json!(true))
            }
            "getWebhookInfo" => {
                let webhook = self.webhook();
                let mut info = json!({
                    "url": webhook.url.clone().unwrap_or_default(),
                    "has_custom_certificate": false,
                    "pending_update_count": 0,
                    "max_connections": 40,
                });
                if webhook.allowed_updates.is_array() {
                    info["allowed_updates"] = webhook.allowed_updates.clone();
                }
                methods::result(&info)
            }
            "setMyCommands" => {
                *self.commands.lock().unwrap_or_else(PoisonError::into_inner) = parameters["commands"].clone();
                methods::result(&json!(true))
            }
            "getMyCommands" => {
                let commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone();
                methods::result(&commands)
            }
            _ => methods::error(404, "Not Found"),
        }
    }

    async fn control(&self, call: &Call) -> Answer {
        match call.path.as_str() {
            "/_ledger" => control::ledger(&self.ledger, call),
            "/_behave" => control::done(control::parse::<Behave>(call).map(|behave| {
                behave.apply(&self.plan, &self.ledger);
                if let Some(url) = behave.webhook_url {
                    self.webhook().url = Some(url);
                }
                json!({ "ok": true })
            })),
            "/_deliver" => control::done(self.deliver_request(call).await),
            _ => Answer::json(404, &json!({ "error": "there are /_ledger, /_behave and /_deliver" })),
        }
    }

    async fn deliver_request(&self, call: &Call) -> Result<Value, EmulatorError> {
        #[derive(Deserialize)]
        struct Options {
            #[serde(default)]
            options: DeliverOptions,
        }
        let bad = |error: serde_json::Error| EmulatorError::BadRequest(error.to_string());
        let whole: OneOrMany<Value> = control::parse(call)?;
        let objects = whole.into_vec();
        let options = match objects.first() {
            Some(first) => serde_json::from_value::<Options>(first.clone()).map_err(bad)?.options,
            None => DeliverOptions::default(),
        };
        let updates: Vec<Update> =
            objects.into_iter().map(serde_json::from_value).collect::<Result<_, _>>().map_err(bad)?;
        if updates.iter().any(|update| matches!(update, Update::Raw(raw) if raw.get("update_id").is_none())) {
            let expected = "expected from+text, from+message_id+data, or an update with its update_id";
            return Err(EmulatorError::BadRequest(expected.into()));
        }
        Ok(control::delivered(self.deliver(updates, &options).await?))
    }
}

impl Platform for Inner {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn shown_path(&self, path: &str) -> String {
        path.replace(&self.config.bot_token, "***")
    }

    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        if call.path.starts_with("/_") {
            return self.control(&call).await;
        }
        let segments = call.segments();
        let [bot, method] = segments.as_slice() else { return methods::error(404, "Not Found") };
        // Clients may escape the colon of the token in the path.
        if bot.replace("%3A", ":").strip_prefix("bot") != Some(&self.config.bot_token) {
            return methods::error(401, "Unauthorized");
        }
        let parameters = match call.body.as_ref() {
            [] => json!({}),
            body => match serde_json::from_slice(body) {
                Ok(parameters) => parameters,
                Err(_) => return methods::error(400, "Bad Request: can't parse JSON"),
            },
        };
        self.method(method, parameters).await
    }
}
