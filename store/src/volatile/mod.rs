//! What may be lost: sessions, caches, rate counters, wake-ups and the fan-out to live views.
//!
//! Kept in this process, or in Redis when an address is given. Nothing here is the record of anything, therefore no
//! call returns an error: a Redis that is gone, frozen or emptied costs memory of a dialogue at worst, never a turn.
//!
//! A wake-up or a live event is a hint. Receivers read the truth from the store, and poll it now and then, because a
//! hint can be lost between processes. A receiver that sees `RecvError::Lagged` treats it as a hint of every kind.

mod breaker;
mod bus;
mod courier;
mod in_process;
mod link;
mod listener;
mod missed;
mod probe;
mod redis_backed;
mod register;
mod shelf;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use recado_domain::conversation::Session;
use recado_domain::{Clock, ConversationId, Secret};
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

pub use in_process::InProcess;
pub use probe::probe;
pub use redis_backed::RedisBacked;

/// Values of a cache above this size are not kept.
pub const LARGEST_VALUE: usize = 1024 * 1024;

/// Which queue has something new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wake {
    /// An accepted event waits for a worker.
    Inbox,
    /// A message waits for a sender.
    Outbox,
}

/// Something that a live view may want to show again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LiveEvent {
    /// What kind of thing changed: `conversation`, `incident`, `dead`, `counters`.
    pub topic: String,
    /// Which one.
    pub id: String,
}

/// The state of this part, for the health page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VolatileHealth {
    /// `in-process` or `redis`.
    pub kind: &'static str,
    /// Whether it works; when it does not, the desk still does.
    pub ok: bool,
    /// For a person; holds no address and no secret.
    pub detail: String,
}

/// How to keep what may be lost.
#[derive(Clone, Debug)]
pub struct VolatileSettings {
    /// `redis://` or `rediss://`; none keeps everything in this process.
    pub redis_url: Option<Secret>,
    /// Begins every key and the channel, so that several desks can share one Redis.
    pub prefix: String,
    /// How long a dialogue is remembered after its last turn.
    pub session_ttl: Duration,
    /// Bound of the memory for sessions, and again for cached values, in this process.
    pub memory_bytes: u64,
    /// Bound of a connection attempt.
    pub connect_timeout: Duration,
    /// Bound of one exchange.
    pub response_timeout: Duration,
}

impl Default for VolatileSettings {
    fn default() -> Self {
        Self {
            redis_url: None,
            prefix: "recado:".to_owned(),
            session_ttl: Duration::from_secs(24 * 60 * 60),
            memory_bytes: 64 * 1024 * 1024,
            connect_timeout: Duration::from_millis(300),
            response_timeout: Duration::from_millis(150),
        }
    }
}

/// Why it cannot be set up. An unreachable Redis is no reason.
#[derive(Debug, thiserror::Error)]
pub enum VolatileError {
    /// The address is not one of Redis. The address itself may hold a password and is not repeated.
    #[error("the Redis address is not valid: {0}")]
    Address(String),
}

/// Keeps what may be lost. No call fails and every call is bounded.
#[async_trait]
pub trait Volatile: Send + Sync + fmt::Debug + 'static {
    /// The session of a conversation, if it is still remembered.
    async fn load(&self, id: ConversationId) -> Option<Session> {
        self.load_many(&[id]).await.remove(&id)
    }
    /// The sessions that are still remembered among `ids`, in one exchange.
    async fn load_many(&self, ids: &[ConversationId]) -> HashMap<ConversationId, Session>;
    /// Remembers a session and starts its time anew.
    async fn save(&self, id: ConversationId, session: &Session) {
        self.save_many(&[(id, session)]).await;
    }
    /// Remembers several sessions in one exchange. Of two for the same conversation the later one stays.
    async fn save_many(&self, sessions: &[(ConversationId, &Session)]);
    /// Forgets a session, here and in every process.
    async fn forget(&self, id: ConversationId);

    /// A cached value.
    async fn get(&self, key: &str) -> Option<Bytes>;
    /// Caches a value of at most [`LARGEST_VALUE`] bytes for `ttl`.
    async fn put(&self, key: &str, value: Bytes, ttl: Duration);
    /// Drops a cached value.
    async fn invalidate(&self, key: &str);

    /// Counts one more hit of `key` and tells how many there were, this one included, since the window began. A window
    /// begins with its first hit.
    async fn count(&self, key: &str, window: Duration) -> u64;

    /// Wakes who waits for this queue: here at once, in other processes a moment later.
    fn publish(&self, wake: Wake);
    /// Receives the wake-ups from now on.
    fn subscribe(&self) -> broadcast::Receiver<Wake>;
    /// Tells live views, here and in other processes, that something changed.
    fn announce(&self, event: LiveEvent);
    /// Receives the live events from now on.
    fn live(&self) -> broadcast::Receiver<LiveEvent>;

    /// Whether it works.
    async fn health(&self) -> VolatileHealth;
}

/// Opens what the settings ask for. Returns at once: Redis is reached in the background and may come later. The
/// background work ends with `shutdown`, or when the value is dropped.
///
/// # Errors
/// When the address of Redis cannot be understood.
pub fn open(
    settings: &VolatileSettings,
    clock: Arc<dyn Clock>,
    shutdown: &CancellationToken,
) -> Result<Arc<dyn Volatile>, VolatileError> {
    match &settings.redis_url {
        Some(url) if !url.is_empty() => Ok(Arc::new(RedisBacked::open(url, settings, clock, shutdown)?)),
        _ => Ok(Arc::new(InProcess::new(settings))),
    }
}
