//! The emulator itself: who may call, what is taken, what goes out.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use bytes::Bytes;
use recado_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::WhatsAppEmulatorConfig;
use super::errors::Refusal;
use super::inbound::{self, InboundMessage};
use super::media::Media;
use super::statuses::StatusOptions;
use crate::behaviour::Plan;
use crate::control::{self, Behave, OneOrMany};
use crate::ledger::{Ledger, SentMessage};
use crate::server::{Answer, Call, Platform, Server};
use crate::webhook::{DeliverOptions, Delivery, Post, Poster};
use crate::{EmulatorError, signature};

/// What can change while it runs.
#[derive(Default)]
pub(super) struct Settings {
    pub statuses: StatusOptions,
    pub enforce_window: bool,
    pub undeliverable: HashSet<String>,
    skew_seconds: i64,
}

pub(super) struct Inner {
    pub config: WhatsAppEmulatorConfig,
    pub ledger: Ledger,
    pub poster: Poster,
    pub media: Media,
    pub plan: Plan,
    pub uploads: Plan,
    settings: Mutex<Settings>,
    webhook_url: RwLock<Option<String>>,
    last_inbound: Mutex<HashMap<String, i64>>,
}

/// A stand-in for the WhatsApp Cloud API. Stops when dropped.
pub struct WhatsAppEmulator {
    inner: Arc<Inner>,
    server: Server,
}

impl WhatsAppEmulator {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address is taken or the webhook client does not start.
    pub async fn start(config: WhatsAppEmulatorConfig) -> Result<Self, EmulatorError> {
        let ledger = Ledger::new(config.keep, Arc::clone(&config.clock));
        let poster = Poster::new(ledger.clone(), Duration::from_secs(20))?;
        let statuses = StatusOptions { enabled: config.statuses, ..StatusOptions::default() };
        let inner = Arc::new(Inner {
            ledger,
            poster,
            media: Media::default(),
            plan: Plan::default(),
            uploads: Plan::default(),
            settings: Mutex::new(Settings { statuses, ..Settings::default() }),
            webhook_url: RwLock::new(config.webhook_url.clone()),
            last_inbound: Mutex::default(),
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
        format!("http://{}/v24.0", self.address())
    }
    /// What came in and went out.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }
    /// The messages, taken and refused.
    pub fn sends(&self) -> Vec<SentMessage> {
        self.inner.ledger.sends()
    }
    /// How sends are met.
    pub fn plan(&self) -> &Plan {
        &self.inner.plan
    }
    /// How uploads of files are met.
    pub fn upload_plan(&self) -> &Plan {
        &self.inner.uploads
    }
    /// How many files were uploaded and are kept.
    pub fn uploads(&self) -> usize {
        self.inner.media.uploads()
    }
    /// Type and bytes of a file.
    pub fn file(&self, media_id: &str) -> Option<(String, Bytes)> {
        self.inner.media.file(media_id)
    }
    /// Forgets what was uploaded, as the platform does after thirty days.
    pub fn expire_uploads(&self) {
        self.inner.media.expire_uploads();
    }
    /// How delivery reports are sent from now on.
    pub fn set_statuses(&self, options: StatusOptions) {
        self.inner.settings().statuses = options;
    }
    /// Whether free text outside the 24-hour window is refused (131047).
    pub fn enforce_window(&self, enforce: bool) {
        self.inner.settings().enforce_window = enforce;
    }
    /// Numbers (digits) that cannot be reached (131026).
    pub fn set_undeliverable(&self, wa_ids: impl IntoIterator<Item = String>) {
        self.inner.settings().undeliverable = wa_ids.into_iter().collect();
    }
    /// Moves the platform's clock away from ours.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.inner.settings().skew_seconds = seconds;
    }
    /// Where webhooks go from now on.
    pub fn set_webhook_url(&self, url: impl Into<String>) {
        self.inner.set_webhook_url(url.into());
    }
    /// Delivers one message.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver(&self, message: &InboundMessage, options: &DeliverOptions) -> Result<Delivery, EmulatorError> {
        let mut deliveries = self.inner.deliver(std::slice::from_ref(message), options, false).await?;
        deliveries.pop().ok_or_else(|| EmulatorError::BadRequest("nothing to deliver".into()))
    }
    /// Delivers several messages at the same time, each in a request of its own.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_many(
        &self,
        messages: &[InboundMessage],
        options: &DeliverOptions,
    ) -> Result<Vec<Delivery>, EmulatorError> {
        self.inner.deliver(messages, options, false).await
    }
    /// Delivers several messages in one request, as the platform may.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_batch(
        &self,
        messages: &[InboundMessage],
        options: &DeliverOptions,
    ) -> Result<Vec<Delivery>, EmulatorError> {
        self.inner.deliver(messages, options, true).await
    }
    /// Signs and posts any bytes.
    ///
    /// # Errors
    /// When no webhook address is set.
    pub async fn deliver_raw(&self, body: Bytes) -> Result<Option<u16>, EmulatorError> {
        let url = self.inner.webhook_url().ok_or(EmulatorError::NoWebhookUrl)?;
        let signature = signature::hub_signature(&self.inner.config.app_secret, &body);
        let headers = vec![("x-hub-signature-256".to_owned(), signature)];
        Ok(self.inner.poster.once(&url, &Post { headers, body }).await)
    }
}

/// A fresh message id in the platform's shape.
pub(super) fn fresh_wamid(person: &str) -> String {
    let mut seed = person.as_bytes().to_vec();
    seed.extend_from_slice(uuid::Uuid::new_v4().as_bytes());
    format!("wamid.{}", base64::engine::general_purpose::STANDARD.encode(seed))
}

impl Inner {
    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn webhook_url(&self) -> Option<String> {
        self.webhook_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
    fn set_webhook_url(&self, url: String) {
        *self.webhook_url.write().unwrap_or_else(PoisonError::into_inner) = Some(url);
    }
    /// The platform's clock in whole seconds.
    pub(super) fn seconds(&self) -> i64 {
        self.ledger.now().as_micros().div_euclid(1_000_000) + self.settings().skew_seconds
    }
    fn serves(&self, phone_number_id: &str) -> bool {
        self.config.phone_number_id == phone_number_id
            || self.config.more_phone_number_ids.iter().any(|id| id == phone_number_id)
    }

    /// The envelope around a `messages` value.
    pub(super) fn envelope(&self, phone_number_id: Option<&str>, mut value: Value) -> Value {
        value["messaging_product"] = json!("whatsapp");
        value["metadata"] = json!({
            "display_phone_number": self.config.display_phone_number,
            "phone_number_id": phone_number_id.unwrap_or(&self.config.phone_number_id),
        });
        json!({
            "object": "whatsapp_business_account",
            "entry": [{ "id": self.config.business_account_id, "changes": [{ "field": "messages", "value": value }] }],
        })
    }

    pub(super) fn signed(&self, body: &Value, wrongly: bool) -> Post {
        let body = Bytes::from(signature::escape_like_meta(&body.to_string()));
        let secret = if wrongly { "not-the-app-secret" } else { &self.config.app_secret };
        let headers = vec![("x-hub-signature-256".to_owned(), signature::hub_signature(secret, &body))];
        Post { headers, body }
    }

    async fn deliver(
        &self,
        messages: &[InboundMessage],
        options: &DeliverOptions,
        batch: bool,
    ) -> Result<Vec<Delivery>, EmulatorError> {
        let url = self.webhook_url().ok_or(EmulatorError::NoWebhookUrl)?;
        let copies = usize::from(options.copies.max(1));
        let mut events = Vec::with_capacity(messages.len());
        let mut together: Option<Value> = None;
        for message in messages {
            let (wamid, value) = inbound::value(self, message);
            self.note_inbound(message);
            let envelope = self.envelope(message.phone_number_id.as_deref(), value);
            match (&mut together, batch) {
                (Some(whole), true) => {
                    let entry = envelope["entry"][0].clone();
                    if let Some(entries) = whole["entry"].as_array_mut() {
                        entries.push(entry);
                    }
                }
                (None, true) => together = Some(envelope),
                (_, false) => {
                    events.push((wamid, vec![self.signed(&envelope, options.wrong_signature); copies]));
                    continue;
                }
            }
            events.push((wamid, Vec::new()));
        }
        let Some(whole) = together else { return Ok(self.poster.together(&url, events, options).await) };
        // One request carries all; every message shares its answers.
        let post = vec![self.signed(&whole, options.wrong_signature); copies];
        let shared = self.poster.together(&url, vec![(String::new(), post)], options).await;
        let statuses = shared.into_iter().next().map(|delivery| delivery.statuses).unwrap_or_default();
        Ok(events.into_iter().map(|(id, _)| Delivery { id, statuses: statuses.clone() }).collect())
    }

    /// An inbound message opens the 24-hour window.
    fn note_inbound(&self, message: &InboundMessage) {
        let at = message.timestamp.unwrap_or_else(|| self.seconds());
        let mut seen = self.last_inbound.lock().unwrap_or_else(PoisonError::into_inner);
        for id in message.from.wa_id.iter().chain(&message.from.user_id) {
            let last = seen.entry(id.clone()).or_insert(at);
            *last = at.max(*last);
        }
    }

    pub(super) fn window_is_open(&self, message: &SentMessage) -> bool {
        let digits: String = message.to.chars().filter(char::is_ascii_digit).collect();
        let now = self.seconds();
        let seen = self.last_inbound.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::once(&digits).chain(&message.user_id).filter_map(|id| seen.get(id)).any(|at| now - at < 24 * 3600)
    }

    async fn control(self: Arc<Self>, call: &Call) -> Answer {
        match call.path.as_str() {
            "/_ledger" => control::ledger(&self.ledger, call),
            "/_behave" => control::done(control::parse::<Behave>(call).map(|behave| self.apply(behave))),
            "/_deliver" => control::done(self.deliver_request(call).await),
            _ => Answer::json(404, &json!({ "error": "there are /_ledger, /_behave and /_deliver" })),
        }
    }

    fn apply(&self, behave: Behave) -> Value {
        behave.apply(&self.plan, &self.ledger);
        if let Some(url) = behave.webhook_url {
            self.set_webhook_url(url);
        }
        let mut settings = self.settings();
        if let Some(statuses) = behave.statuses {
            settings.statuses = statuses;
        }
        if let Some(enforce) = behave.enforce_window {
            settings.enforce_window = enforce;
        }
        if let Some(undeliverable) = behave.undeliverable {
            settings.undeliverable = undeliverable.into_iter().collect();
        }
        if let Some(skew) = behave.skew_seconds {
            settings.skew_seconds = skew;
        }
        json!({ "ok": true })
    }

    async fn deliver_request(&self, call: &Call) -> Result<Value, EmulatorError> {
        #[derive(Deserialize)]
        struct Request {
            #[serde(default)]
            options: DeliverOptions,
            #[serde(default)]
            batch: bool,
            messages: Option<Vec<InboundMessage>>,
        }
        let whole: OneOrMany<Value> = control::parse(call)?;
        let bad = |error: serde_json::Error| EmulatorError::BadRequest(error.to_string());
        let (messages, options, batch) = match whole {
            OneOrMany::One(one) => {
                let request: Request = serde_json::from_value(one.clone()).map_err(bad)?;
                let messages = match request.messages {
                    Some(messages) => messages,
                    None => vec![serde_json::from_value(one).map_err(bad)?],
                };
                (messages, request.options, request.batch)
            }
            many => {
                let messages = many.into_vec().into_iter().map(serde_json::from_value).collect::<Result<_, _>>();
                (messages.map_err(bad)?, DeliverOptions::default(), false)
            }
        };
        Ok(control::delivered(self.deliver(&messages, &options, batch).await?))
    }
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

impl Platform for Inner {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn shown_path(&self, path: &str) -> String {
        path.to_owned()
    }

    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        if call.path.starts_with("/_") {
            return self.control(&call).await;
        }
        let token = call.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
        if token != Some(&self.config.access_token) {
            return Refusal::new(190, "The access token could not be decrypted").answer();
        }
        let segments = call.segments();
        let segments = match segments.as_slice() {
            [version, rest @ ..] if is_version(version) => rest,
            all => all,
        };
        let now: Timestamp = self.ledger.now();
        match (call.method.as_str(), segments) {
            ("POST", [number, "messages"]) if self.serves(number) => self.send(&call).await,
            ("POST", [number, "media"]) if self.serves(number) => self.upload(&call).await,
            ("GET", ["download", id]) => self.media.download(id, now),
            ("GET", [id]) => self.media.address(id, &call, now),
            _ => Refusal {
                code: 100,
                subcode: Some(33),
                details: "Unsupported request. Object does not exist or the operation is not supported.".into(),
            }
            .answer(),
        }
    }
}
