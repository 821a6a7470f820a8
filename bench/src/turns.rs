//! Whole turns: a signed webhook in, the reply received by the platform's stand-in.
//!
//! A person has at most one message under way, so the next message to that person is its reply.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::Secret;
use tokio::sync::Semaphore;

use crate::bodies::{Arena, Webhooks};
use crate::connection::Connection;
use crate::histogram::{Histogram, Latency};
use crate::ingest::{Ingest, Load};
use crate::receiver::Receiver;
use crate::schedule::Schedule;

/// Messages signed in advance for each second of a load without a rate; a faster service ends its load early.
const AT_MOST: f64 = 5_000.0;
/// How long to wait for the replies that are missing at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// A load of conversations.
#[derive(Clone, Debug)]
pub struct Turns {
    /// The service.
    pub address: SocketAddr,
    /// Signs.
    pub secret: Secret,
    /// `Rate`: messages a second; `Most`: as many as come back.
    pub load: Load,
    /// How long.
    pub length: Duration,
    /// Persons who wait for a reply at the same time, when there is no rate.
    pub outstanding: usize,
    /// Connections at once.
    pub connections: usize,
    /// Persons who write in turn.
    pub persons: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turned {
    /// Messages sent.
    pub sent: u64,
    /// Webhooks not answered with 200.
    pub refused: u64,
    /// Messages without a reply.
    pub unanswered: u64,
    /// Replies to nobody who waited.
    pub further: u64,
    /// Replies a second.
    pub rate: f64,
    /// From the time a webhook was due to its reply.
    pub latency: Latency,
    /// From the time a webhook was due to its 200.
    pub accepted: Latency,
}

impl Turned {
    /// Whether each message was answered once.
    pub fn is_clean(&self) -> bool {
        self.refused + self.unanswered + self.further == 0
    }
}

impl Turns {
    /// Tells the service of an order of each person, so that questions about it find one.
    ///
    /// # Errors
    /// When an order is refused.
    pub async fn tell_orders(&self) -> anyhow::Result<()> {
        let arena = Arena::of_orders(&Webhooks::new(&self.address.to_string(), &self.secret), self.persons);
        let ingest = Ingest {
            address: self.address,
            secret: self.secret.clone(),
            load: Load::Most,
            // Ended by the last order, not by the clock.
            length: Duration::from_secs(120),
            connections: self.connections,
            persons: self.persons,
        };
        let outcome = ingest.send(Arc::new(arena), false).await;
        anyhow::ensure!(outcome.is_clean(), "orders were refused: {outcome:?}");
        Ok(())
    }

    /// Talks, and measures. The first second, or a quarter of a short load, warms up and is not counted.
    pub async fn run(&self, receiver: &Receiver) -> Turned {
        let webhooks = Webhooks::new(&self.address.to_string(), &self.secret);
        let persons = self.persons.max(1);
        let rate = match self.load {
            Load::Rate(rate) => rate,
            Load::Most => AT_MOST,
        };
        let rounds = (rate * self.length.as_secs_f64() / persons as f64).ceil() as usize + 2;
        let requests = Arena::of_messages(&webhooks, persons, persons * rounds);
        let gate = Arc::new(Semaphore::new(0));
        let start = Instant::now();
        let (schedule, pacing) = match self.load {
            Load::Rate(rate) => {
                let schedule = Schedule::new(start, rate, self.length);
                (Some(schedule), Some(schedule.pace(Arc::clone(&gate))))
            }
            Load::Most => {
                gate.add_permits(self.outstanding.clamp(1, persons));
                (None, None)
            }
        };
        let talk = Arc::new(Talk {
            requests,
            persons,
            gate,
            schedule,
            from: start + Duration::from_secs(1).min(self.length / 4),
            until: start + self.length,
            taken: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            free: Semaphore::new(persons),
            idle: Mutex::new((0..persons).map(|person| (person, 0)).collect()),
            waiting: (0..persons).map(|_| Mutex::default()).collect(),
            refused: AtomicU64::new(0),
            outstanding: AtomicU64::new(0),
            further: AtomicU64::new(0),
            measured: Mutex::default(),
        });
        let told = Arc::clone(&talk);
        receiver.tell(Arc::new(move |person| told.replied(person)));
        let mut senders = tokio::task::JoinSet::new();
        for _ in 0..self.connections.max(1) {
            senders.spawn(Arc::clone(&talk).sender(Connection::new(self.address)));
        }
        // A gate that no reply opens any more would hold the senders for ever.
        let end = tokio::time::Instant::from_std(talk.until) + PATIENCE;
        let _ = tokio::time::timeout_at(end, async { while senders.join_next().await.is_some() {} }).await;
        senders.abort_all();
        drop(pacing);
        let waited = Instant::now();
        while talk.outstanding.load(Ordering::Relaxed) > 0 && waited.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // A second reply to the last message would come now.
        tokio::time::sleep(Duration::from_millis(300)).await;
        receiver.tell(Arc::new(|_| {}));
        let measured = lock(&talk.measured);
        let end = measured.used_up.map_or(talk.until, |at| at.min(talk.until));
        let window = end.saturating_duration_since(talk.from).as_secs_f64();
        Turned {
            sent: talk.sent.load(Ordering::Relaxed),
            refused: talk.refused.load(Ordering::Relaxed),
            unanswered: talk.outstanding.load(Ordering::Relaxed),
            further: talk.further.load(Ordering::Relaxed),
            rate: if window > 0.0 { measured.replies as f64 / window } else { 0.0 },
            latency: measured.replied.summary(),
            accepted: measured.accepted.summary(),
        }
    }
}

struct Talk {
    requests: Arena,
    persons: usize,
    gate: Arc<Semaphore>,
    schedule: Option<Schedule>,
    from: Instant,
    until: Instant,
    /// Permits of the gate that were taken.
    taken: AtomicU64,
    sent: AtomicU64,
    /// Persons in `idle`.
    free: Semaphore,
    /// Who may write next, and how often they have written: those who rested longest first.
    idle: Mutex<VecDeque<(usize, usize)>>,
    /// Since when each person's message is due, and how many it is of theirs.
    waiting: Vec<Mutex<Option<(Instant, usize)>>>,
    refused: AtomicU64,
    outstanding: AtomicU64,
    further: AtomicU64,
    measured: Mutex<Measured>,
}

#[derive(Default)]
struct Measured {
    replied: Histogram,
    accepted: Histogram,
    /// Replies between `from` and `until`.
    replies: u64,
    /// When the prepared messages were used up.
    used_up: Option<Instant>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Talk {
    async fn sender(self: Arc<Self>, mut connection: Connection) {
        while let Some((person, round, due)) = self.next().await {
            let Some(request) = self.requests.get(round * self.persons + person) else {
                lock(&self.measured).used_up.get_or_insert_with(Instant::now);
                self.gate.close();
                return;
            };
            *lock(&self.waiting[person]) = Some((due, round));
            self.sent.fetch_add(1, Ordering::Relaxed);
            self.outstanding.fetch_add(1, Ordering::Relaxed);
            match connection.send(request).await {
                Ok(200) if due >= self.from => lock(&self.measured).accepted.record(due.elapsed()),
                Ok(200) => {}
                // Not taken, so no reply will come.
                Ok(_) => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                    self.end_of(person);
                }
                // Perhaps taken: if so, the reply ends it, else it stays unanswered.
                Err(_) => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
    }

    /// Who writes next, which of their messages, and since when it is due.
    async fn next(&self) -> Option<(usize, usize, Instant)> {
        self.gate.acquire().await.ok()?.forget();
        let due = match self.schedule {
            Some(schedule) => {
                let number = self.taken.fetch_add(1, Ordering::Relaxed);
                if number + 1 >= schedule.requests() {
                    self.gate.close();
                }
                schedule.due(number)
            }
            None if Instant::now() >= self.until => {
                self.gate.close();
                return None;
            }
            None => Instant::now(),
        };
        self.free.acquire().await.ok()?.forget();
        let (person, round) = lock(&self.idle).pop_front()?;
        Some((person, round, due))
    }

    fn replied(&self, person: usize) {
        let now = Instant::now();
        let Some(due) = self.end_of(person) else {
            self.further.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let mut measured = lock(&self.measured);
        if due >= self.from {
            measured.replied.record(now - due);
        }
        if now >= self.from && now < self.until {
            measured.replies += 1;
        }
    }

    /// The person may write again. Since when their message was due, if there was one.
    fn end_of(&self, person: usize) -> Option<Instant> {
        let (due, round) = lock(self.waiting.get(person)?).take()?;
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
        lock(&self.idle).push_back((person, round + 1));
        self.free.add_permits(1);
        if self.schedule.is_none() {
            self.gate.add_permits(1);
        }
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stub;

    async fn talk(load: Load, replies: usize) -> Turned {
        let receiver = Receiver::start(([127, 0, 0, 1], 0).into()).await.unwrap();
        let service = stub::Service::start(receiver.address, replies).await;
        let turns = Turns {
            address: service.address,
            secret: Secret::new("s"),
            load,
            length: Duration::from_millis(200),
            outstanding: 4,
            connections: 4,
            persons: 16,
        };
        turns.run(&receiver).await
    }

    #[tokio::test]
    async fn each_message_finds_its_reply_in_an_open_loop() {
        let turned = talk(Load::Rate(300.0), 1).await;
        assert_eq!(turned.sent, 60);
        assert!(turned.is_clean(), "{turned:?}");
        assert!(turned.latency.longest > Duration::ZERO && turned.accepted.longest > Duration::ZERO);
    }

    #[tokio::test]
    async fn replies_drive_a_closed_loop() {
        let turned = talk(Load::Most, 1).await;
        assert!(turned.sent > 4 && turned.rate > 0.0, "{turned:?}");
        assert!(turned.is_clean(), "{turned:?}");
    }

    #[tokio::test]
    async fn a_second_reply_is_noticed() {
        let turned = talk(Load::Rate(100.0), 2).await;
        assert!(turned.further > 0 && !turned.is_clean(), "{turned:?}");
    }
}
