//! The running queues of one replica: workers that turn events into turns, senders that empty the outbox, and the
//! housekeeping between them.
//!
//! Every loop asks the store and converges; a wake-up only makes it ask sooner. Bounds: [`Settings::lanes`] lanes are
//! worked on at once, [`Settings::sends`] messages are on their way at once. A drain stops taking, finishes what runs,
//! and frees the rest at once.

mod actor;
mod attachments;
mod books;
mod chaos;
mod committer;
mod decide;
mod hearing;
mod housekeeping;
mod joining;
mod liveness;
mod meanings;
mod memory;
mod principals;
mod privacy;
mod sender;
mod step;
mod summaries;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use recado_agents::Gateway;
use recado_agents::model::Summariser;
use recado_domain::contact::Channel;
use recado_domain::outbound::{Sender, Settlement};
use recado_store::StoreError;
use recado_store::engine::{Claim, Engine};
use recado_store::volatile::{Volatile, Wake};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use actor::ShopActor;
pub use chaos::ChaosDesk;
pub use decide::{Decide, DecideError};
pub use hearing::Ears;
pub use step::{Stepped, Stepper};

/// Bounds and times of the loops.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Lanes worked on at once.
    pub lanes: usize,
    /// Lanes taken in one claim.
    pub claim: i64,
    /// Messages on their way at once over WhatsApp; over Telegram a quarter of that beside them.
    pub sends: usize,
    /// A turn that takes longer failed. Shorter than the lease, so a lane is never lost to slowness alone.
    pub turn_timeout: Duration,
    /// How often the queues are asked without a wake-up.
    pub poll: Duration,
    /// After this long a change that an outside system does not show was never taken by it.
    pub settle: Duration,
    /// How long raw deliveries and settled events are kept.
    pub keep: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lanes: 96,
            claim: 48,
            sends: 128,
            turn_timeout: Duration::from_secs(5),
            poll: Duration::from_millis(250),
            settle: Duration::from_secs(60),
            keep: Duration::from_secs(90 * 86_400),
        }
    }
}

/// No question of a loop to the database takes longer. A server that vanished without a word never answers, and the
/// loops must be there when it is back.
const STORE: Duration = Duration::from_secs(5);

/// Bounds a question of a loop to the database. What it left half-done is undone by the database; what it did without
/// being heard is found again by owner and lease.
async fn bounded<T>(question: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    tokio::time::timeout(STORE, question).await.unwrap_or(Err(StoreError::TimedOut))
}

/// What is held against the events of a turn that was not committed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Blame {
    /// Why the turn failed.
    Failed(String),
    /// The database did not take it in time, which says little of the turn.
    TimedOut,
    /// Nothing: the disk took nothing from anybody.
    Nothing,
}

impl From<&StoreError> for Blame {
    fn from(error: &StoreError) -> Self {
        if error.is_of_disk() {
            Self::Nothing
        } else if error.is_of_time() {
            Self::TimedOut
        } else {
            Self::Failed(error.to_string())
        }
    }
}

/// Gives a lane back after a failure.
async fn set_back(engine: &Engine, claim: &Claim, blame: &Blame, pause: Duration) -> Result<(), StoreError> {
    match blame {
        Blame::Failed(problem) => engine.fail(claim, problem, pause).await,
        Blame::TimedOut => engine.time_out(claim).await,
        Blame::Nothing => engine.rest(claim, engine.store().clock().now().plus(pause)).await,
    }
}

/// The same, insisting. What is not recorded is found by whoever takes the lane next, as a timeout of a living process.
async fn give_back(engine: &Engine, claim: &Claim, blame: &Blame, pause: Duration) {
    for attempt in 0..4 {
        match bounded(set_back(engine, claim, blame, pause)).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, attempt, lane.id = %claim.lane, "a failed turn could not be recorded"),
        }
        tokio::time::sleep(Duration::from_millis(250 << attempt)).await;
    }
    tracing::error!(lane.id = %claim.lane, "a failed turn was not recorded; its lease will run out");
}

/// Everything the loops need.
#[derive(Clone)]
pub struct Parts {
    /// The queues.
    pub engine: Engine,
    /// Who decides.
    pub desk: Arc<dyn Decide>,
    /// What may be lost.
    pub volatile: Arc<dyn Volatile>,
    /// Who sends, by channel.
    pub senders: HashMap<Channel, Arc<dyn Sender>>,
    /// Who changes which shop.
    pub shops: Vec<ShopActor>,
    /// Stops the spinner of a tapped Telegram button.
    pub taps: Option<Arc<dyn AnswerTaps>>,
    /// Hears voice notes; without it people are asked to write.
    pub ears: Option<Arc<Ears>>,
    /// Asks what shops' own answers mean; without it they are found by words alone.
    pub meanings: Option<Arc<Gateway>>,
    /// Where the list of erasures is kept beside the database.
    pub erasures_file: Option<PathBuf>,
    /// Words summaries of long conversations; without it the facts alone tell their course.
    pub summariser: Option<Arc<Summariser>>,
    /// Bounds.
    pub settings: Settings,
}

/// Answers taps: a courtesy, at most once, whose loss nobody notices.
#[async_trait::async_trait]
pub trait AnswerTaps: Send + Sync {
    /// Stops the spinner.
    async fn answer(&self, callback_id: &str, text: Option<&str>);
}

/// Which loops a replica runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Turns.
    pub worker: bool,
    /// Sends, and changes on outside systems.
    pub sender: bool,
    /// Timers, unclear sends, what is forgotten.
    pub timers: bool,
}

/// Starts the loops of a replica. Each ends after `stop`, when its work is finished.
pub fn start(parts: &Parts, roles: Roles, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let inbox = Arc::new(Notify::new());
    let outbox = Arc::new(Notify::new());
    let mut tasks =
        vec![tokio::spawn(relay(Arc::clone(&parts.volatile), Arc::clone(&inbox), Arc::clone(&outbox), stop.clone()))];
    let (announced, known) = liveness::channel();
    if roles.worker || roles.sender || roles.timers {
        tasks.push(tokio::spawn(liveness::run(parts.clone(), announced, stop.clone())));
    }
    if roles.worker {
        let (decided, waiting) = mpsc::channel(parts.settings.lanes.max(1) * 2);
        let hint = parts.summariser.clone().map(|summariser| {
            let (hint, long) = summaries::hints();
            tasks.push(tokio::spawn(summaries::make(parts.clone(), summariser, long, stop.clone())));
            hint
        });
        tasks.extend(committer::start(parts, waiting, &inbox, &known, hint.as_ref()));
        tasks.push(tokio::spawn(worker::run(parts.clone(), decided, Arc::clone(&inbox), known, stop.clone())));
    }
    if roles.sender {
        tasks.extend(sender::start(parts, &outbox, stop));
        tasks.push(actor::start(parts, stop));
    }
    if roles.timers {
        tasks.push(tokio::spawn(housekeeping::run(parts.clone(), stop.clone())));
        tasks.push(tokio::spawn(housekeeping::forget(parts.clone(), stop.clone())));
        tasks.push(tokio::spawn(books::keep(parts.clone(), stop.clone())));
        tasks.push(tokio::spawn(privacy::run(parts.clone(), stop.clone())));
    }
    if let Some(gateway) = parts.meanings.clone().filter(|_| roles.worker || roles.timers) {
        tasks.push(tokio::spawn(meanings::keep(parts.clone(), gateway, roles.timers, stop.clone())));
    }
    tasks
}

/// Turns wake-ups, from here or from other replicas, into nudges of the loops.
async fn relay(volatile: Arc<dyn Volatile>, inbox: Arc<Notify>, outbox: Arc<Notify>, stop: CancellationToken) {
    let mut wakes = volatile.subscribe();
    loop {
        let wake = tokio::select! {
            // Dropping a receive loses at most a hint.
            () = stop.cancelled() => return,
            wake = wakes.recv() => wake,
        };
        match wake {
            Ok(Wake::Inbox) => inbox.notify_one(),
            Ok(Wake::Outbox) => outbox.notify_one(),
            Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {
                inbox.notify_one();
                outbox.notify_one();
            }
            Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
        }
    }
}

impl Parts {
    /// How unclear sends are settled, by channel.
    pub fn settlements(&self) -> Vec<(Channel, Settlement)> {
        self.senders.iter().map(|(channel, sender)| (*channel, sender.settlement())).collect()
    }
}
