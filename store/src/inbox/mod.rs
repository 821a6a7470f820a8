//! The durable inbox.
//!
//! Deliveries that wait together share one commit. A delivery is answered only after that commit; when it cannot be
//! had in time, the answer is [`AcceptError`] and the platform repeats the delivery, which the unique keys of `events`
//! make harmless. Guarantees: `Ok` = durable; one event → exactly one row, whatever is repeated, by whichever replica.
//! Refuses: more than [`WAITING`] deliveries at once (503), and waiting longer than [`PATIENCE`].

mod insert;
mod people;
mod rows;
mod writer;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use recado_domain::ReplicaId;
use recado_domain::event::{AcceptError, Acceptance, Delivery, Inbox};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};

use self::writer::Writer;
use crate::Store;
use crate::db::{Db, Pair};

pub(crate) use self::rows::{content_json, order_lane};
pub use self::rows::{crisis_lane, staff_lane};

/// Deliveries that may wait for a commit; more are refused at once.
pub const WAITING: usize = 2_048;
/// How long a delivery waits for its commit. Discord's limit of 3 s is the shortest; RELIABILITY D8 asks 2 s.
pub const PATIENCE: Duration = Duration::from_millis(1_800);
/// Deliveries that share a commit at most.
const BATCH: usize = 256;
/// Bytes that share a commit, about; a delivery that is larger is committed alone.
const LARGE: usize = 512 * 1024;
/// Commits at once on Postgres: one is written while the other is on its way to the disk. SQLite has one writer.
const COMMITS: usize = 2;
/// As many deliveries are worth a commit of their own beside one that runs. A commit costs what some ten rows cost, so
/// few large ones leave more of the machine to the deliveries than many small ones, and who waits for the one that runs
/// waits no longer than for a sync.
const ENOUGH: usize = 32;
/// The same three over a connection that is encrypted: a statement has to fit into one record of TLS. Each is a write of its
/// own, sqlx leaves Nagle's algorithm on, and the last part of several waits for the server's delayed acknowledgement,
/// 40 ms.
const LARGE_ENCRYPTED: usize = 15 * 1024;
const COMMITS_ENCRYPTED: usize = 6;
const ENOUGH_ENCRYPTED: usize = 8;
/// A commit of few deliveries begins beside one that takes longer than this; before, they are better off waiting for it:
/// a few large commits cost much less than many small ones.
const SLOW: Duration = Duration::from_millis(3);

/// States of an event.
pub mod status {
    /// Waits for its turn.
    pub const OPEN: i64 = 0;
    /// Part of a committed turn.
    pub const DONE: i64 = 1;
    /// Gave up; staff may replay it.
    pub const DEAD: i64 = 2;
    /// Needs no turn, with a reason.
    pub const SKIPPED: i64 = 3;
}

/// Where the two databases differ.
pub const PAIRS: &[(&str, Pair)] = &[
    ("KNOWN_IDENTITIES", people::KNOWN_IDENTITIES),
    ("INSERT_IDENTITIES", people::INSERT_IDENTITIES),
    ("INSERT_EVENTS", insert::INSERT_EVENTS),
];

/// Every statement of the inbox.
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [insert::STATEMENTS, people::STATEMENTS].concat()
}

/// Told after each commit that brought open events.
pub type OnAccepted = Arc<dyn Fn() + Send + Sync>;

/// Accepts deliveries into the store.
#[derive(Clone)]
pub struct StoreInbox {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Result<Acceptance, AcceptError>>,
}

impl Waiting {
    /// What it adds to a statement, about: the body, and what was understood of it.
    fn weight(&self) -> usize {
        2 * self.delivery.arrival.body.len() + 300 * (1 + self.delivery.events.len())
    }
}

impl std::fmt::Debug for StoreInbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreInbox").finish_non_exhaustive()
    }
}

impl StoreInbox {
    /// Starts the commits. They end when the last clone of the inbox is dropped, after answering what waits.
    pub fn start(store: &Store, replica: ReplicaId, accepted: OnAccepted) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let (number, large, enough) = match store.db() {
            Db::Postgres { engine, .. } if engine.may_encrypt() => {
                (COMMITS_ENCRYPTED, LARGE_ENCRYPTED, ENOUGH_ENCRYPTED)
            }
            Db::Postgres { .. } => (COMMITS, LARGE, ENOUGH),
            Db::Sqlite { .. } => (1, LARGE, ENOUGH),
        };
        let free = Writer::several(number, store, replica, &accepted);
        let commits =
            Commits { queue: waiting, waiting: VecDeque::new(), large, enough, free, running: JoinSet::new() };
        (Self { queue }, vec![tokio::spawn(commits.run())])
    }
}

#[async_trait::async_trait]
impl Inbox for StoreInbox {
    async fn accept(&self, delivery: Delivery) -> Result<Acceptance, AcceptError> {
        crate::chaos::point("verified");
        let (answer, answered) = oneshot::channel();
        let retry_after = Duration::from_secs(1);
        match self.queue.try_send(Waiting { delivery, answer }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(AcceptError::Overloaded { retry_after }),
            Err(mpsc::error::TrySendError::Closed(_)) => {
                return Err(AcceptError::Unavailable { reason: "shutting down".to_owned(), retry_after });
            }
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(AcceptError::Unavailable { reason: "the writer stopped".to_owned(), retry_after }),
            // It may yet be committed; then the repetition is a duplicate.
            Err(_) => Err(AcceptError::Unavailable { reason: "no commit in time".to_owned(), retry_after }),
        }
    }
}

/// Decides what is committed together, and when.
struct Commits {
    queue: mpsc::Receiver<Waiting>,
    /// Taken from the queue, and not begun.
    waiting: VecDeque<Waiting>,
    large: usize,
    /// As many waiting are worth a further commit.
    enough: usize,
    free: Vec<Writer>,
    running: JoinSet<Writer>,
}

impl Commits {
    async fn run(mut self) {
        loop {
            if self.running.is_empty() {
                // Nothing to share a commit with: whoever comes first is not kept waiting.
                if self.waiting.is_empty() {
                    match self.queue.recv().await {
                        Some(first) => self.waiting.push_back(first),
                        None => return,
                    }
                }
            } else {
                self.until_worth_it().await;
            }
            self.begin();
        }
    }

    /// Waits until a commit has ended, or a further one beside it is worth its cost.
    async fn until_worth_it(&mut self) {
        let slow = tokio::time::sleep(SLOW);
        tokio::pin!(slow);
        let mut taken = Vec::new();
        loop {
            let may_begin = !self.free.is_empty();
            tokio::select! {
                Some(done) = self.running.join_next() => {
                    self.free.push(finished(done));
                    return;
                }
                () = &mut slow, if may_begin => return,
                _ = self.queue.recv_many(&mut taken, BATCH), if may_begin && !self.queue.is_closed() => {
                    self.waiting.extend(taken.drain(..));
                    if self.waiting.len() >= self.enough {
                        return;
                    }
                }
            }
        }
    }

    /// Commits what waits, with a further batch when it is too much for one.
    fn begin(&mut self) {
        while let Some(writer) = self.free.pop() {
            let batch = self.batch();
            if batch.is_empty() {
                self.free.push(writer);
                return;
            }
            self.running.spawn(writer.answer_all(batch));
            if self.waiting.len() + self.queue.len() < self.enough {
                return;
            }
        }
    }

    fn batch(&mut self) -> Vec<Waiting> {
        let mut batch = Vec::with_capacity((self.waiting.len() + self.queue.len()).min(BATCH));
        let mut weight = 0;
        while batch.len() < BATCH {
            let Some(one) = self.waiting.pop_front().or_else(|| self.queue.try_recv().ok()) else { break };
            // Those who gave up waiting have been told to come back.
            if one.answer.is_closed() {
                continue;
            }
            weight += one.weight();
            if weight > self.large && !batch.is_empty() {
                self.waiting.push_front(one);
                break;
            }
            batch.push(one);
        }
        batch
    }
}

/// A panic of a commit ends the inbox, as one of its own would.
fn finished(commit: Result<Writer, JoinError>) -> Writer {
    match commit {
        Ok(writer) => writer,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => unreachable!("nobody aborts a commit: {error}"),
        },
    }
}
