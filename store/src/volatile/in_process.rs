//! Everything in this process: for one replica, and for tests.

use std::collections::HashMap;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use recado_domain::conversation::Session;
use recado_domain::{ConversationId, Timestamp};
use tokio::sync::broadcast;

use super::bus::Bus;
use super::shelf::{COUNTERS, Counters, Shelf};
use super::{LARGEST_VALUE, LiveEvent, Volatile, VolatileHealth, VolatileSettings, Wake, register};

/// Keeps all in bounded memory of this process.
#[derive(Debug)]
pub struct InProcess {
    sessions: Shelf<ConversationId>,
    values: Shelf<String>,
    counters: Counters,
    bus: Bus,
    session_ttl: Duration,
}

impl InProcess {
    /// An empty one.
    pub fn new(settings: &VolatileSettings) -> Self {
        Self {
            sessions: Shelf::new(settings.memory_bytes),
            values: Shelf::new(settings.memory_bytes),
            counters: Counters::new(COUNTERS),
            bus: Bus::new(),
            session_ttl: settings.session_ttl,
        }
    }
    /// Bytes held and things counted.
    #[cfg(test)]
    pub(super) fn weight(&self) -> (u64, u64, u64) {
        (self.sessions.weight(), self.values.weight(), self.counters.len())
    }
}

#[async_trait]
impl Volatile for InProcess {
    async fn load_many(&self, ids: &[ConversationId]) -> HashMap<ConversationId, Session> {
        ids.iter().filter_map(|id| Some((*id, register::read(&self.sessions.get(id)?)?.session?))).collect()
    }
    async fn save_many(&self, sessions: &[(ConversationId, &Session)]) {
        for (id, session) in sessions {
            // There is one copy, so its time decides nothing.
            self.sessions.put(*id, register::write(Timestamp::EPOCH, Some(session)), self.session_ttl);
        }
    }
    async fn forget(&self, id: ConversationId) {
        self.sessions.remove(&id);
    }

    async fn get(&self, key: &str) -> Option<Bytes> {
        self.values.get(&key.to_owned())
    }
    async fn put(&self, key: &str, value: Bytes, ttl: Duration) {
        if value.len() > LARGEST_VALUE {
            // The old value would be read on as if it were this one.
            self.values.remove(&key.to_owned());
        } else {
            self.values.put(key.to_owned(), value, ttl);
        }
    }
    async fn invalidate(&self, key: &str) {
        self.values.remove(&key.to_owned());
    }

    async fn count(&self, key: &str, window: Duration) -> u64 {
        self.counters.count(key, window)
    }

    fn publish(&self, wake: Wake) {
        self.bus.publish(wake);
    }
    fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.bus.subscribe()
    }
    fn announce(&self, event: LiveEvent) {
        self.bus.announce(event);
    }
    fn live(&self) -> broadcast::Receiver<LiveEvent> {
        self.bus.live()
    }

    async fn health(&self) -> VolatileHealth {
        VolatileHealth { kind: "in-process", ok: true, detail: "memory of this process".to_owned() }
    }
}
