//! The connection to Redis: every exchange is bounded, and a server that does not answer is left alone for a while.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::Secret;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, FromRedisValue, Pipeline, RedisError};
use tokio::time::timeout;

use super::breaker::Breaker;
use super::{VolatileError, VolatileSettings};

/// At most one complaint in the log per this time.
const QUIET: Duration = Duration::from_secs(10);

/// Why an exchange gave nothing. It shows a kind of error and never an address, a key or a value.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("no answer in time")]
    Slow,
    #[error("left alone after failures")]
    Open,
    #[error("the connection ended")]
    Ended,
    #[error("{}", .0.code().unwrap_or_else(|| .0.category()))]
    Redis(#[from] RedisError),
}

#[derive(Default)]
struct Slot {
    connection: Option<MultiplexedConnection>,
    generation: u64,
}

#[derive(Default)]
struct Complaints {
    last: Option<Instant>,
    unsaid: u64,
}

pub(super) struct Link {
    client: redis::Client,
    connect_timeout: Duration,
    response_timeout: Duration,
    slot: Mutex<Slot>,
    connecting: tokio::sync::Mutex<()>,
    breaker: Breaker,
    complaints: Mutex<Complaints>,
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client would show its address.
        f.debug_struct("Link").field("breaker", &self.breaker).finish_non_exhaustive()
    }
}

impl Link {
    pub(super) fn open(url: &Secret, settings: &VolatileSettings) -> Result<Self, VolatileError> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // The client takes the provider of the process and panics where there is none. Losing a race to set it is
            // as good as winning it.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let client = redis::Client::open(url.expose().trim())
            .map_err(|error| VolatileError::Address(error.category().to_owned()))?;
        Ok(Self {
            client,
            connect_timeout: settings.connect_timeout,
            response_timeout: settings.response_timeout,
            slot: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
            breaker: Breaker::default(),
            complaints: Mutex::default(),
        })
    }

    /// Whether callers go on without Redis for now.
    pub(super) fn is_down(&self) -> bool {
        self.breaker.is_open()
    }

    /// One exchange; nothing when Redis does not answer, which is logged and counted here.
    pub(super) async fn ask<T: FromRedisValue>(&self, operation: &'static str, pipeline: &Pipeline) -> Option<T> {
        if self.breaker.is_open() {
            self.complain(operation, &Trouble::Open);
            return None;
        }
        self.exchange(operation, pipeline).await.ok()
    }

    /// Asks for a sign of life, whatever happened before; an answer ends an outage.
    pub(super) async fn probe(&self) -> Result<(), Trouble> {
        let mut ping = redis::pipe();
        ping.cmd("PING").ignore();
        self.exchange("ping", &ping).await
    }

    /// A connection of its own for a subscriber: a reader that waits would hold up every command that shares its
    /// connection.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<PubSub, Trouble> {
        let attempt = async {
            let mut subscriber = self.client.get_async_pubsub().await?;
            subscriber.subscribe(channel).await?;
            Ok(subscriber)
        };
        timeout(self.connect_timeout + self.response_timeout, attempt).await.unwrap_or(Err(Trouble::Slow))
    }

    async fn exchange<T: FromRedisValue>(&self, operation: &'static str, pipeline: &Pipeline) -> Result<T, Trouble> {
        let mut used = None;
        // The outer bound covers the wait for someone else's connection attempt.
        let result = timeout(self.connect_timeout + self.response_timeout, async {
            let (mut connection, generation) = self.connection().await?;
            used = Some(generation);
            match timeout(self.response_timeout, pipeline.query_async::<T>(&mut connection)).await {
                Ok(answer) => Ok(answer?),
                Err(_) => Err(Trouble::Slow),
            }
        })
        .await
        .unwrap_or(Err(Trouble::Slow));
        match &result {
            Ok(_) => {
                if self.breaker.succeeded() {
                    tracing::info!("redis answers again");
                }
                metrics::gauge!("recado_volatile_redis_up").set(1.0);
            }
            Err(trouble) => {
                self.breaker.failed();
                let broken = matches!(trouble, Trouble::Redis(error) if error.is_unrecoverable_error());
                // A connection can be dead without knowing it: when nothing came back several times, begin with a new
                // one instead of waiting for the network to give up on the old.
                if broken || self.breaker.is_open() {
                    self.drop_connection(used);
                }
                metrics::gauge!("recado_volatile_redis_up").set(0.0);
                self.complain(operation, trouble);
            }
        }
        result
    }

    async fn connection(&self) -> Result<(MultiplexedConnection, u64), Trouble> {
        if let Some(ready) = self.ready() {
            return Ok(ready);
        }
        let _one_attempt_at_a_time = self.connecting.lock().await;
        if let Some(ready) = self.ready() {
            return Ok(ready);
        }
        // The bounds are ours, around the whole of it.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let attempt = self.client.get_multiplexed_async_connection_with_config(&config);
        let connection = timeout(self.connect_timeout, attempt).await.map_err(|_| Trouble::Slow)??;
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.generation += 1;
        slot.connection = Some(connection.clone());
        Ok((connection, slot.generation))
    }

    fn ready(&self) -> Option<(MultiplexedConnection, u64)> {
        let slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.connection.clone().map(|connection| (connection, slot.generation))
    }

    /// Lets go of the connection that failed, unless a newer one took its place.
    fn drop_connection(&self, generation: Option<u64>) {
        let mut slot = self.slot.lock().unwrap_or_else(PoisonError::into_inner);
        if generation == Some(slot.generation) {
            slot.connection = None;
        }
    }

    /// Counts always, logs rarely.
    pub(super) fn complain(&self, operation: &'static str, trouble: &Trouble) {
        metrics::counter!("recado_volatile_failures_total", "operation" => operation).increment(1);
        let unsaid = {
            let mut complaints = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            if complaints.last.is_some_and(|last| now.duration_since(last) < QUIET) {
                complaints.unsaid += 1;
                return;
            }
            complaints.last = Some(now);
            std::mem::take(&mut complaints.unsaid)
        };
        tracing::warn!(operation, %trouble, unsaid, "redis does not serve; going on from the memory of this process");
    }
}
