//! The emulator itself.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use recado_domain::clock::{Clock, SystemClock};
use serde_json::{Value, json};

use super::mind::Mind;
use super::{audio, chat, vectors};
use crate::EmulatorError;
use crate::behaviour::{Behaviour, Plan};
use crate::control::{self, Behave};
use crate::ledger::{Keep, Ledger};
use crate::server::{Answer, Call, Platform, Server};

/// How the emulator is set up.
#[derive(Clone)]
pub struct OpenAiEmulatorConfig {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The key that callers must show; empty = any or none, as local servers have it.
    pub api_key: String,
    /// The name of its model.
    pub model: String,
    /// What kind of mind it has.
    pub mind: Mind,
    /// How much the ledger keeps.
    pub keep: Keep,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
}

impl Default for OpenAiEmulatorConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            api_key: "emulator-model-key".into(),
            model: "emulated-1".into(),
            mind: Mind::Helpful,
            keep: Keep::Everything,
            clock: Arc::new(SystemClock),
        }
    }
}

struct Inner {
    config: OpenAiEmulatorConfig,
    ledger: Ledger,
    plan: Plan,
    mind: Mutex<Mind>,
    pause: AtomicU64,
    asked: AtomicU64,
}

/// A stand-in for a model. Stops when dropped.
pub struct OpenAiEmulator {
    inner: Arc<Inner>,
    server: Server,
}

impl OpenAiEmulator {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn start(config: OpenAiEmulatorConfig) -> Result<Self, EmulatorError> {
        let inner = Arc::new(Inner {
            ledger: Ledger::new(config.keep, Arc::clone(&config.clock)),
            plan: Plan::default(),
            mind: Mutex::new(config.mind.clone()),
            pause: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            config,
        });
        let server = Server::start(inner.config.listen, Arc::clone(&inner)).await?;
        Ok(Self { inner, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }
    /// What a client is configured with.
    pub fn api_base(&self) -> String {
        format!("http://{}/v1", self.address())
    }
    /// What came in and went out.
    pub fn ledger(&self) -> &Ledger {
        &self.inner.ledger
    }
    /// How calls are met.
    pub fn plan(&self) -> &Plan {
        &self.inner.plan
    }
    /// Another mind from now on.
    pub fn set_mind(&self, mind: Mind) {
        *self.inner.mind.lock().unwrap_or_else(PoisonError::into_inner) = mind;
    }
    /// A pause before each piece of an answer, from now on.
    pub fn set_pause(&self, pause: Duration) {
        self.inner.pause.store(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// An error as the platform words it.
fn refused(status: u16, words: &str, code: &str) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "message": words, "type": "invalid_request_error", "param": null, "code": code } }),
    )
}

impl Inner {
    fn mind(&self) -> Mind {
        self.mind.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn api(&self, call: &Call) -> Answer {
        let key = self.config.api_key.as_str();
        if !key.is_empty() && call.header("authorization") != Some(&format!("Bearer {key}")) {
            return refused(401, "Incorrect API key provided.", "invalid_api_key");
        }
        match self.plan.draw() {
            Behaviour::Accept => self.served(call).await,
            Behaviour::Cut => Answer::Cut,
            Behaviour::AcceptThenCut => self.cut_in_the_middle(call).await,
            Behaviour::AcceptThen500 | Behaviour::Fail500 => Answer::broken(),
            Behaviour::AcceptThenGarbage => Answer::garbage(),
            Behaviour::Refuse { code, description } => {
                let status = u16::try_from(code).ok().filter(|code| (400..600).contains(code)).unwrap_or(400);
                let words = description.unwrap_or_else(|| "Refused.".into());
                // Of the shapes that servers have for errors, a bare text is the one that clients trip over.
                if status == 422 {
                    Answer::json(status, &json!({ "error": words }))
                } else {
                    refused(status, &words, &words)
                }
            }
            Behaviour::Throttle { retry_after, .. } => {
                refused(429, "Rate limit reached.", "rate_limit_exceeded").after(retry_after)
            }
            Behaviour::Hang { millis, .. } => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                self.served(call).await
            }
        }
    }

    /// Half an answer, and the connection ends.
    async fn cut_in_the_middle(&self, call: &Call) -> Answer {
        match self.served(call).await {
            Answer::Stream { content_type, mut pieces, pause, .. } => {
                pieces.truncate(pieces.len() / 2);
                Answer::Stream { content_type, pieces, pause, cut: true }
            }
            Answer::Reply { content_type, body, .. } => {
                let half = body.slice(..body.len() / 2);
                Answer::Stream { content_type, pieces: vec![half], pause: Duration::ZERO, cut: true }
            }
            Answer::Cut => Answer::Cut,
        }
    }

    async fn served(&self, call: &Call) -> Answer {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let pause = Duration::from_millis(self.pause.load(Ordering::Relaxed));
        let path = call.segments();
        if path == ["v1", "models"] {
            let model = json!({ "id": self.config.model, "object": "model", "created": 0, "owned_by": "emulator" });
            return Answer::json(200, &json!({ "object": "list", "data": [model] }));
        }
        if path == ["v1", "audio", "transcriptions"] {
            return audio::transcribed(call);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&call.body) else {
            return refused(400, "We could not parse the JSON body of your request.", "invalid_json");
        };
        if body["model"].as_str() != Some(&self.config.model) {
            return refused(404, "The model does not exist.", "model_not_found");
        }
        match path.as_slice() {
            ["v1", "chat", "completions"] => {
                let now = self.ledger.now().as_micros() / 1_000_000;
                if body["stream"] != Value::Bool(true) {
                    tokio::time::sleep(pause).await;
                }
                chat::answered(&body, &self.mind(), number, now, pause)
            }
            ["v1", "embeddings"] => vectors::answered(&body, &self.mind(), number),
            _ => refused(404, "Invalid URL.", "not_found"),
        }
    }

    fn control(&self, call: &Call) -> Answer {
        match call.path.as_str() {
            "/_ledger" => control::ledger(&self.ledger, call),
            "/_behave" => control::done(control::parse::<Behave>(call).map(|behave| {
                behave.apply(&self.plan, &self.ledger);
                if let Some(mind) = behave.model {
                    *self.mind.lock().unwrap_or_else(PoisonError::into_inner) = mind;
                }
                if let Some(millis) = behave.pause_millis {
                    self.pause.store(millis, Ordering::Relaxed);
                }
                json!({ "ok": true })
            })),
            _ => Answer::json(404, &json!({ "error": "there are /_ledger and /_behave" })),
        }
    }
}

impl Platform for Inner {
    fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    fn shown_path(&self, path: &str) -> String {
        path.to_owned()
    }

    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        if call.path.starts_with("/_") { self.control(&call) } else { self.api(&call).await }
    }
}
