//! Webhooks in, 200 back: how fast, how late, how many.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::Secret;
use tokio::sync::Semaphore;

use crate::bodies::{Arena, Webhooks};
use crate::connection::Connection;
use crate::histogram::{Histogram, Latency};
use crate::probe;
use crate::schedule::Schedule;

/// Webhooks signed in advance for each second of a load without a rate. A service that takes more ends its load early,
/// and the rate is that of the shorter time.
const AT_MOST: usize = 20_000;

/// How the load is given.
#[derive(Clone, Copy, Debug)]
pub enum Load {
    /// So many a second, whatever the service does.
    Rate(f64),
    /// As many as it takes, each connection sending its next when its last is answered.
    Most,
}

/// A load of webhooks.
#[derive(Clone, Debug)]
pub struct Ingest {
    /// The service.
    pub address: SocketAddr,
    /// Signs.
    pub secret: Secret,
    /// How many.
    pub load: Load,
    /// How long.
    pub length: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Writers.
    pub persons: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ingested {
    /// Webhooks sent.
    pub sent: u64,
    /// Answered with 200.
    pub accepted: u64,
    /// Answered otherwise.
    pub refused: u64,
    /// Not answered.
    pub broken: u64,
    /// Accepted a second.
    pub rate: f64,
    /// From the time a webhook was due to its 200.
    pub latency: Latency,
}

impl Ingested {
    /// Whether each webhook was accepted.
    pub fn is_clean(&self) -> bool {
        self.refused + self.broken == 0
    }
}

impl Ingest {
    /// Sends, and measures.
    pub async fn run(&self) -> Ingested {
        let webhooks = Webhooks::new(&self.address.to_string(), &self.secret);
        let count = match self.load {
            Load::Rate(rate) => (rate * self.length.as_secs_f64()).round().max(1.0) as usize,
            Load::Most => (AT_MOST as f64 * self.length.as_secs_f64()).ceil() as usize,
        };
        let arena = Arena::of_messages(&webhooks, self.persons.max(1), count);
        self.send(Arc::new(arena), false).await
    }

    /// Sends these requests; again from the first one when `repeated`, for a service that does not mind.
    pub async fn send(&self, requests: Arc<Arena>, repeated: bool) -> Ingested {
        let gate = Arc::new(Semaphore::new(0));
        let start = Instant::now();
        let (schedule, pacing) = match self.load {
            Load::Rate(rate) => {
                let schedule = Schedule::new(start, rate, self.length);
                (Some(schedule), Some(schedule.pace(Arc::clone(&gate))))
            }
            Load::Most => (None, None),
        };
        let shared = Arc::new(Shared {
            requests,
            repeated,
            gate,
            schedule,
            until: start + self.length,
            next: AtomicUsize::new(0),
            accepted: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            broken: AtomicU64::new(0),
            latencies: Mutex::default(),
        });
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..self.connections.max(1) {
            senders.spawn(Arc::clone(&shared).sender(Connection::new(self.address)));
        }
        while senders.join_next().await.is_some() {}
        drop(pacing);
        // The last answers are part of what the rate was reached with.
        let took = start.elapsed();
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (accepted, refused, broken) = (read(&shared.accepted), read(&shared.refused), read(&shared.broken));
        let latencies = shared.latencies.lock().unwrap_or_else(PoisonError::into_inner);
        Ingested {
            sent: accepted + refused + broken,
            accepted,
            refused,
            broken,
            rate: accepted as f64 / took.as_secs_f64(),
            latency: latencies.summary(),
        }
    }
}

struct Shared {
    requests: Arc<Arena>,
    repeated: bool,
    gate: Arc<Semaphore>,
    schedule: Option<Schedule>,
    until: Instant,
    next: AtomicUsize,
    accepted: AtomicU64,
    refused: AtomicU64,
    broken: AtomicU64,
    latencies: Mutex<Histogram>,
}

impl Shared {
    async fn sender(self: Arc<Self>, mut connection: Connection) {
        while let Some((request, due)) = self.next().await {
            let outcome = connection.send(request).await;
            let counter = match outcome {
                Ok(200) => {
                    self.latencies.lock().unwrap_or_else(PoisonError::into_inner).record(due.elapsed());
                    &self.accepted
                }
                Ok(_) => &self.refused,
                Err(_) => &self.broken,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The next request and since when it is due.
    async fn next(&self) -> Option<(&[u8], Instant)> {
        if self.schedule.is_none() && Instant::now() >= self.until {
            return None;
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let request = self.requests.get(if self.repeated { number % self.requests.len() } else { number })?;
        let Some(schedule) = self.schedule else { return Some((request, Instant::now())) };
        if number as u64 >= schedule.requests() {
            return None;
        }
        self.gate.acquire().await.ok()?.forget();
        Some((request, schedule.due(number as u64)))
    }
}

/// Whether the service still has what it acknowledged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Kept {
    /// Acknowledged and not there.
    pub lost: i64,
    /// Accepted − (done + dead + skipped + open), by the service's own count.
    pub gap: i64,
}

/// Compares what was acknowledged with what the service counts since `before`. Events of its own may be among them, so
/// there may be more, never fewer.
///
/// # Errors
/// When the service does not answer.
pub async fn kept(address: SocketAddr, before: i64, acknowledged: u64) -> anyhow::Result<Kept> {
    let acknowledged = i64::try_from(acknowledged)?;
    let enough = |queues: &probe::Queues| queues.accepted - before >= acknowledged && queues.gap == 0;
    let queues = probe::queues_until(address, Duration::from_secs(15), enough).await?;
    Ok(Kept { lost: (acknowledged - (queues.accepted - before)).max(0), gap: queues.gap })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bare;

    async fn ingest(load: Load) -> (Ingested, u64) {
        let secret = Secret::new("s");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = tokio::spawn(bare::serve(listener, secret.clone()));
        let length = Duration::from_millis(100);
        let ingest = Ingest { address, secret, load, length, connections: 4, persons: 3 };
        let webhooks = Webhooks::new("x", &ingest.secret);
        let outcome = ingest.send(Arc::new(Arena::of_messages(&webhooks, 3, 50)), matches!(load, Load::Most)).await;
        server.abort();
        (outcome, 50)
    }

    #[tokio::test]
    async fn an_open_loop_sends_what_is_due_and_a_right_signature_is_accepted() {
        let (outcome, count) = ingest(Load::Rate(500.0)).await;
        assert_eq!((outcome.sent, outcome.accepted), (count, count));
        assert!(outcome.is_clean());
    }

    #[tokio::test]
    async fn a_closed_loop_ends_with_its_time() {
        let (outcome, _) = ingest(Load::Most).await;
        assert!(outcome.accepted > 0 && outcome.is_clean(), "{outcome:?}");
    }

    #[tokio::test]
    async fn nobody_listening_is_counted_and_ends() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let length = Duration::from_millis(20);
        let secret = Secret::new("s");
        let ingest = Ingest { address, secret, load: Load::Rate(500.0), length, connections: 2, persons: 1 };
        let outcome = ingest.run().await;
        assert_eq!((outcome.sent, outcome.broken), (10, 10));
        assert!(!outcome.is_clean());
    }
}
