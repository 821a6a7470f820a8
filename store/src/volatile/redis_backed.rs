//! Shared by all replicas through Redis, with a copy in this process for the time that Redis is away.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use recado_domain::conversation::Session;
use recado_domain::{Clock, ConversationId, Secret};
use redis::Pipeline;
use sha2::{Digest, Sha256};
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::bus::Bus;
use super::courier::{self, Outgoing};
use super::link::Link;
use super::missed::{Miss, Missed};
use super::shelf::{COUNTERS, Counters, Shelf};
use super::{LARGEST_VALUE, LiveEvent, Volatile, VolatileError, VolatileHealth, VolatileSettings, Wake};
use super::{listener, register};

/// Sessions read or written in one exchange.
const TOGETHER: usize = 500;

/// What the calls and the background work have in common.
pub(super) struct Shared {
    pub(super) link: Link,
    pub(super) bus: Bus,
    pub(super) outgoing: Outgoing,
    pub(super) missed: Missed,
    /// What this process saved.
    pub(super) mirror: Shelf<ConversationId>,
    counters: Counters,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) session_ttl: Duration,
    prefix: String,
    pub(super) channel: String,
    pub(super) origin: String,
}

impl Shared {
    pub(super) fn session_key(&self, id: ConversationId) -> String {
        format!("{}session:{id}", self.prefix)
    }
    pub(super) fn value_key(&self, key: &str) -> String {
        format!("{}value:{}", self.prefix, digest(key))
    }
    pub(super) fn write_session(&self, pipeline: &mut Pipeline, id: ConversationId, bytes: &Bytes) {
        pipeline
            .cmd("SET")
            .arg(self.session_key(id))
            .arg(bytes.as_ref())
            .arg("PX")
            .arg(millis(self.session_ttl))
            .ignore();
    }

    /// The mirror is written before Redis is asked and the write counts as missed until Redis confirms it, so a call
    /// that is given up half-way leaves nothing in doubt.
    async fn store(&self, registers: &[(ConversationId, Bytes)]) {
        for chunk in registers.chunks(TOGETHER) {
            let misses: Vec<Miss> = chunk.iter().map(|(id, _)| Miss::Session(*id)).collect();
            let mut write = redis::pipe();
            for (id, bytes) in chunk {
                self.mirror.put(*id, bytes.clone(), self.session_ttl);
                self.write_session(&mut write, *id, bytes);
            }
            let ticket = self.missed.add(&misses);
            let answer: Option<()> = self.link.ask("save", &write).await;
            if answer.is_some() {
                self.missed.settle(misses.iter().map(|miss| (miss, ticket)));
            }
        }
    }

    /// Of the copy in Redis and the one here, the one to believe. Redis is right while it heard all that was said here.
    /// When it did not, the later copy is right. When it has none it lost it, since forgetting leaves a mark.
    fn choose(&self, id: ConversationId, theirs: Option<register::Register>) -> Option<Session> {
        let Some(theirs) = theirs else { return self.remembered(id) };
        if self.missed.contains(&Miss::Session(id))
            && let Some(mine) = self.mirror.get(&id).as_deref().and_then(register::read)
            && mine.at >= theirs.at
        {
            return mine.session;
        }
        theirs.session
    }

    fn remembered(&self, id: ConversationId) -> Option<Session> {
        register::read(&self.mirror.get(&id)?)?.session
    }
}

/// Keeps all in Redis and survives its absence.
pub struct RedisBacked {
    shared: Arc<Shared>,
    _background: DropGuard,
}

impl fmt::Debug for RedisBacked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisBacked").field("link", &self.shared.link).finish_non_exhaustive()
    }
}

impl RedisBacked {
    /// Begins to reach Redis in the background. Call it within a runtime.
    ///
    /// # Errors
    /// When the address cannot be understood.
    pub fn open(
        url: &Secret,
        settings: &VolatileSettings,
        clock: Arc<dyn Clock>,
        shutdown: &CancellationToken,
    ) -> Result<Self, VolatileError> {
        let shared = Arc::new(Shared {
            link: Link::open(url, settings)?,
            bus: Bus::new(),
            outgoing: Outgoing::default(),
            missed: Missed::default(),
            mirror: Shelf::new(settings.memory_bytes),
            counters: Counters::new(COUNTERS),
            clock,
            session_ttl: settings.session_ttl,
            channel: format!("{}hints", settings.prefix),
            prefix: settings.prefix.clone(),
            origin: uuid::Uuid::new_v4().simple().to_string(),
        });
        let stop = shutdown.child_token();
        tokio::spawn(courier::run(Arc::clone(&shared), stop.clone()));
        tokio::spawn(listener::run(Arc::clone(&shared), stop.clone()));
        Ok(Self { shared, _background: stop.drop_guard() })
    }
    #[cfg(test)]
    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

#[async_trait]
impl Volatile for RedisBacked {
    async fn load_many(&self, ids: &[ConversationId]) -> HashMap<ConversationId, Session> {
        let shared = &self.shared;
        let mut sessions = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(TOGETHER) {
            let mut read = redis::pipe();
            read.cmd("MGET").arg(chunk.iter().map(|id| shared.session_key(*id)).collect::<Vec<_>>());
            let answer: Option<(Vec<Option<Vec<u8>>>,)> = shared.link.ask("load", &read).await;
            if let Some((theirs,)) = answer {
                for (id, bytes) in chunk.iter().zip(theirs) {
                    let session = shared.choose(*id, bytes.as_deref().and_then(register::read));
                    sessions.extend(session.map(|session| (*id, session)));
                }
            } else {
                sessions.extend(chunk.iter().filter_map(|id| Some((*id, shared.remembered(*id)?))));
            }
        }
        sessions
    }
    async fn save_many(&self, sessions: &[(ConversationId, &Session)]) {
        let at = self.shared.clock.now();
        let registers: Vec<_> =
            sessions.iter().map(|(id, session)| (*id, register::write(at, Some(session)))).collect();
        self.shared.store(&registers).await;
    }
    async fn forget(&self, id: ConversationId) {
        let mark = register::write(self.shared.clock.now(), None);
        self.shared.store(&[(id, mark)]).await;
        self.shared.outgoing.forgot(id);
    }

    async fn get(&self, key: &str) -> Option<Bytes> {
        if self.shared.missed.contains(&Miss::Cached(key.to_owned())) {
            return None;
        }
        let mut read = redis::pipe();
        read.cmd("GET").arg(self.shared.value_key(key));
        let (value,): (Option<Vec<u8>>,) = self.shared.link.ask("get", &read).await?;
        value.map(Bytes::from)
    }
    async fn put(&self, key: &str, value: Bytes, ttl: Duration) {
        if value.len() > LARGEST_VALUE {
            return self.invalidate(key).await;
        }
        let mut write = redis::pipe();
        write.cmd("SET").arg(self.shared.value_key(key)).arg(value.as_ref()).arg("PX").arg(millis(ttl)).ignore();
        self.settle_value(key, "put", &write).await;
    }
    async fn invalidate(&self, key: &str) {
        let mut write = redis::pipe();
        write.cmd("DEL").arg(self.shared.value_key(key)).ignore();
        self.settle_value(key, "invalidate", &write).await;
    }

    async fn count(&self, key: &str, window: Duration) -> u64 {
        let name = format!("{}count:{}", self.shared.prefix, digest(key));
        let mut hit = redis::pipe();
        // The window is set together with the key: a counter that could be left without an end would block for ever.
        hit.atomic().cmd("SET").arg(&name).arg(0).arg("PX").arg(millis(window)).arg("NX").ignore();
        hit.cmd("INCR").arg(&name);
        match self.shared.link.ask::<(u64,)>("count", &hit).await {
            Some((count,)) => count,
            None => self.shared.counters.count(key, window),
        }
    }

    fn publish(&self, wake: Wake) {
        self.shared.bus.publish(wake);
        self.shared.outgoing.wake(wake);
    }
    fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.shared.bus.subscribe()
    }
    fn announce(&self, event: LiveEvent) {
        self.shared.bus.announce(event.clone());
        self.shared.outgoing.announce(event);
    }
    fn live(&self) -> broadcast::Receiver<LiveEvent> {
        self.shared.bus.live()
    }

    async fn health(&self) -> VolatileHealth {
        let (ok, detail) = match self.shared.link.probe().await {
            Ok(()) => (true, "answers".to_owned()),
            Err(trouble) => (false, format!("{trouble}; going on from the memory of this process")),
        };
        VolatileHealth { kind: "redis", ok, detail }
    }
}

impl RedisBacked {
    /// Changes a cached value. Until Redis confirms it, what Redis holds under this key is not to be believed.
    async fn settle_value(&self, key: &str, operation: &'static str, write: &Pipeline) {
        let miss = Miss::Cached(key.to_owned());
        let ticket = self.shared.missed.add(std::slice::from_ref(&miss));
        let answer: Option<()> = self.shared.link.ask(operation, write).await;
        if answer.is_some() {
            self.shared.missed.settle([(&miss, ticket)]);
        }
    }
}

/// Names the outside may have chosen (a phone, an address) do not show in Redis and cannot grow.
fn digest(key: &str) -> String {
    hex::encode(&Sha256::digest(key.as_bytes())[..16])
}

/// Redis refuses an end of zero.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).clamp(1, 10 * 365 * 24 * 3_600_000)
}
