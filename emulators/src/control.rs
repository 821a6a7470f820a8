//! The control surface of every emulator: `GET /_ledger`, `POST /_behave`, `POST /_deliver`.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::EmulatorError;
use crate::behaviour::{Behaviour, Mix, Plan};
use crate::ledger::Ledger;
use crate::server::{Answer, Call};
use crate::webhook::Delivery;

/// What `POST /_behave` may say; what it leaves out stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Behave {
    /// Back to accepting, before the rest is applied.
    pub reset: bool,
    /// Forgets what the ledger keeps.
    pub clear_ledger: bool,
    pub always: Option<Behaviour>,
    pub next: Vec<Behaviour>,
    pub mix: Option<Mix>,
    /// Where webhooks go from now on.
    pub webhook_url: Option<String>,
    /// WhatsApp: how statuses are sent.
    pub statuses: Option<crate::whatsapp::StatusOptions>,
    /// WhatsApp: refuse free text outside the 24-hour window.
    pub enforce_window: Option<bool>,
    /// WhatsApp: numbers that cannot be reached (131026).
    pub undeliverable: Option<Vec<String>>,
    /// A model: what kind of mind it has.
    pub model: Option<crate::openai::Mind>,
    /// A model: pause before each piece of an answer.
    pub pause_millis: Option<u64>,
    /// WhatsApp: how far the platform's clock is off.
    pub skew_seconds: Option<i64>,
}

impl Behave {
    pub(crate) fn apply(&self, plan: &Plan, ledger: &Ledger) {
        if self.reset {
            plan.reset();
        }
        if self.clear_ledger {
            ledger.clear();
        }
        if let Some(always) = &self.always {
            plan.always(always.clone());
        }
        if self.mix.is_some() {
            plan.mix(self.mix.clone());
        }
        plan.next(self.next.iter().cloned());
    }
}

/// Reads a control request.
pub(crate) fn parse<T: DeserializeOwned>(call: &Call) -> Result<T, EmulatorError> {
    serde_json::from_slice(&call.body).map_err(|error| EmulatorError::BadRequest(error.to_string()))
}

/// One event or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Self::Many(many) => many,
            Self::One(one) => vec![one],
        }
    }
}

/// `GET /_ledger?only=sends|entries|counters&since=<entry number>`.
pub(crate) fn ledger(ledger: &Ledger, call: &Call) -> Answer {
    let parameter = |name: &str| {
        let query = call.query.as_deref().unwrap_or_default();
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let only = parameter("only");
    let since: u64 = parameter("since").and_then(|since| since.parse().ok()).unwrap_or(0);
    let wanted = |part: &str| only.is_none_or(|only| only == part);
    let mut body = json!({ "counters": ledger.counters() });
    if wanted("sends") {
        body["sends"] = json!(ledger.sends());
    }
    if wanted("entries") {
        let entries: Vec<_> = ledger.entries().into_iter().filter(|entry| entry.number > since).collect();
        body["entries"] = json!(entries);
    }
    Answer::json(200, &body)
}

/// The answer to a control request.
pub(crate) fn done(outcome: Result<Value, EmulatorError>) -> Answer {
    match outcome {
        Ok(body) => Answer::json(200, &body),
        Err(error) => Answer::json(400, &json!({ "error": error.to_string() })),
    }
}

/// The answer to a delivery: one object for one event.
pub(crate) fn delivered(deliveries: Vec<Delivery>) -> Value {
    match <[Delivery; 1]>::try_from(deliveries) {
        Ok([one]) => json!({ "id": one.id, "status": one.status(), "statuses": one.statuses }),
        Err(many) => json!({ "deliveries": many }),
    }
}
