//! Delivery reports of accepted messages (CONTRACTS A6).

use std::sync::Arc;
use std::time::Duration;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::emulator::Inner;
use super::errors::known;
use crate::ledger::SentMessage;
use crate::webhook::DeliverOptions;

/// A step on the way of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusName {
    /// Left the platform.
    Sent,
    /// On the phone.
    Delivered,
    /// Seen.
    Read,
    /// Came to nothing after all.
    Failed,
}

impl StatusName {
    const fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// How statuses are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatusOptions {
    /// Whether at all.
    pub enabled: bool,
    /// Which, in order.
    pub steps: Vec<StatusName>,
    /// The first arrives before the call is answered.
    pub before_reply: bool,
    /// All at once in an order drawn from this seed.
    pub shuffle: Option<u64>,
    /// How often each arrives.
    pub copies: u8,
    /// Before each step.
    pub delay_millis: u64,
    /// The code of `failed`.
    pub failed_code: i64,
    /// How often an undelivered status is repeated, doubling a quarter of a second.
    pub retries: u8,
}

impl Default for StatusOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            steps: vec![StatusName::Sent, StatusName::Delivered, StatusName::Read],
            before_reply: false,
            shuffle: None,
            copies: 1,
            delay_millis: 0,
            failed_code: 131_026,
            retries: 8,
        }
    }
}

/// Sends the statuses of a message just taken. Returns once those that must precede the answer have arrived.
pub(super) async fn follow(inner: &Arc<Inner>, message: SentMessage) {
    let Some(url) = inner.webhook_url() else { return };
    let options = inner.settings().statuses.clone();
    if !options.enabled || options.steps.is_empty() {
        return;
    }
    let mut steps = options.steps.clone();
    if let Some(seed) = options.shuffle {
        steps.shuffle(&mut StdRng::seed_from_u64(seed ^ inner.ledger.counters().accepted));
    }
    let first = if options.before_reply { Some(steps.remove(0)) } else { None };
    if let Some(step) = first {
        post(inner, &url, &message, step, &options).await;
    }
    let inner = Arc::clone(inner);
    tokio::spawn(async move {
        if options.shuffle.is_some() {
            let all = steps.iter().map(|step| post(&inner, &url, &message, *step, &options));
            futures::future::join_all(all).await;
        } else {
            for step in steps {
                post(&inner, &url, &message, step, &options).await;
            }
        }
    });
}

async fn post(inner: &Inner, url: &str, message: &SentMessage, step: StatusName, options: &StatusOptions) {
    tokio::time::sleep(Duration::from_millis(options.delay_millis)).await;
    let value = json!({ "statuses": [status(inner, message, step, options)] });
    let post = inner.signed(&inner.envelope(None, value), false);
    let deliver = DeliverOptions { retries: options.retries, retry_after_millis: 250, ..DeliverOptions::default() };
    let copies = vec![post; usize::from(options.copies.max(1))];
    inner.poster.together(url, vec![(message.id.clone(), copies)], &deliver).await;
}

fn status(inner: &Inner, message: &SentMessage, step: StatusName, options: &StatusOptions) -> Value {
    let mut status = json!({
        "id": message.id,
        "status": step.word(),
        "timestamp": inner.seconds().to_string(),
    });
    let digits: String = message.to.chars().filter(char::is_ascii_digit).collect();
    if !digits.is_empty() {
        status["recipient_id"] = json!(digits);
    }
    if let Some(user) = &message.user_id {
        status["recipient_user_id"] = json!(user);
    }
    if let Some(opaque) = &message.opaque {
        status["biz_opaque_callback_data"] = json!(opaque);
    }
    match step {
        StatusName::Sent => {
            status["pricing"] = json!({
                "billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service",
            });
        }
        StatusName::Failed => {
            let (_, title) = known(options.failed_code);
            status["errors"] = json!([{
                "code": options.failed_code, "title": title, "message": title, "error_data": { "details": title },
            }]);
        }
        StatusName::Delivered | StatusName::Read => {}
    }
    status
}
