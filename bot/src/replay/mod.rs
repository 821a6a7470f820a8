//! Recorded webhooks through the real pipeline: parsers, inbox, engine, desk. The clock is the recording's, the senders
//! only write down, the database is a new one in memory.

mod dry;
mod recording;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use recado_domain::clock::ManualClock;
use recado_domain::contact::Channel;
use recado_domain::event::{AcceptError, Arrival, Delivery, Destination, Inbox as _, Source};
use recado_domain::outbound::Sender;
use recado_domain::{ArrivalId, Clock, ReplicaId, Timestamp, TraceId};
use recado_store::engine::{Engine, Rules};
use recado_store::inbox::StoreInbox;
use recado_store::volatile::{self, VolatileSettings};
use recado_store::{Store, StoreOptions};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::engine::{Parts, Settings, Stepper};
use crate::serve::ServeError;

pub use dry::WouldSend;
pub use recording::{BadLine, Recorded, Recording, read};

/// After a failed turn its lane rests for less than this.
const REST: Duration = Duration::from_secs(1);
/// More rests than any event has tries.
const RESTS: u32 = 16;
/// Timers that the recording's end leaves are still due within this time of it.
const AFTERWARDS: Duration = Duration::from_secs(24 * 3600);

/// Why a replay ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The pipeline could not be put together, or the store did not answer.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A delivery could not be stored.
    #[error("a delivery was not stored: {0}")]
    Inbox(#[from] AcceptError),
    /// What would have been sent could not be written.
    #[error("cannot write: {0}")]
    Output(#[from] std::io::Error),
}

impl From<recado_store::StoreError> for ReplayError {
    fn from(error: recado_store::StoreError) -> Self {
        Self::Serve(ServeError::Store(error))
    }
}

/// What it came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Deliveries fed.
    pub deliveries: u64,
    /// Events accepted.
    pub events: u64,
    /// Events that were there already.
    pub duplicates: u64,
    /// Committed turns.
    pub turns: u64,
    /// Turns that failed and were tried again.
    pub failed_turns: u64,
    /// Messages that would have been sent.
    pub messages: u64,
    /// Events given up.
    pub dead: i64,
    /// Events that need no turn.
    pub skipped: i64,
    /// Events still open: a fault of this program.
    pub open: i64,
    /// Addresses that no shop of the configuration has; the default shop took them.
    pub adopted: Vec<String>,
}

/// Feeds a recording. `say` gets each message that would have been sent, in order.
///
/// # Errors
/// See [`ReplayError`].
pub async fn run(
    config: &Config,
    recording: &Recording,
    mut say: impl FnMut(&WouldSend) -> std::io::Result<()>,
) -> Result<Summary, ReplayError> {
    let mut summary = Summary::default();
    let Some(first) = recording.deliveries.first() else { return Ok(summary) };
    let hand = ManualClock::at(first.at);
    let clock: Arc<dyn Clock> = Arc::new(hand.clone());
    let options = StoreOptions { patience: Duration::from_secs(30), ..StoreOptions::new("sqlite::memory:") };
    let store = Store::open(&options, Arc::clone(&clock)).await.map_err(ServeError::Open)?;
    crate::serve::prepare(config, &store).await?;
    summary.adopted = adopt(config, &store, recording).await?;

    let stop = CancellationToken::new();
    let volatile = volatile::open(&VolatileSettings::default(), Arc::clone(&clock), &stop)
        .map_err(|error| ReplayError::Serve(ServeError::Volatile(error)))?;
    let desk = recado_agents::Desk::new().map_err(|error| ServeError::Desk(error.to_string()))?;
    let replica = ReplicaId::new(clock.now());
    let written = dry::Written::default();
    let sender: Arc<dyn Sender> = Arc::new(dry::DrySender::new(written.clone(), Arc::clone(&clock)));
    // Time stands still between two recorded deliveries: there is nothing to gather for.
    let rules = Rules { gather: Duration::ZERO, ..crate::serve::rules(config) };
    let stepper = Stepper::new(Parts {
        engine: Engine::new(store.clone(), replica, rules.clone()),
        desk: Arc::new(desk),
        volatile,
        senders: HashMap::from([(Channel::WhatsApp, Arc::clone(&sender)), (Channel::Telegram, sender)]),
        shops: Vec::new(),
        taps: None,
        ears: None,
        meanings: None,
        erasures_file: None,
        summariser: None,
        settings: Settings::default(),
    });
    let engine = Engine::new(store.clone(), replica, rules);
    let (inbox, writers) = StoreInbox::start(&store, replica, Arc::new(|| {}));

    let mut pass = Pass { hand, engine, stepper, written, summary };
    for recorded in &recording.deliveries {
        pass.until(recorded.at, &mut say).await?;
        let events = parse(config, recorded);
        let arrival = arrival(recorded);
        let outcome = inbox.accept(Delivery { arrival, events }).await?;
        pass.summary.deliveries += 1;
        pass.summary.events += outcome.accepted as u64;
        pass.summary.duplicates += outcome.duplicates as u64;
        pass.settle(&mut say).await?;
    }
    let last = recording.deliveries.last().map_or(first.at, |recorded| recorded.at);
    pass.until(last.plus(AFTERWARDS), &mut say).await?;
    drop(inbox);
    for writer in writers {
        // A writer only ends; a panic in it was told as a delivery that was not stored.
        let _ = writer.await;
    }
    let counts = store.counts().await?;
    let mut summary = pass.summary;
    (summary.dead, summary.skipped, summary.open) = (counts.dead, counts.skipped, counts.open);
    store.close().await;
    Ok(summary)
}

struct Pass {
    hand: ManualClock,
    engine: Engine,
    stepper: Stepper,
    written: dry::Written,
    summary: Summary,
}

type Say<'a> = dyn FnMut(&WouldSend) -> std::io::Result<()> + 'a;

impl Pass {
    /// Moves the clock, stopping at each timer on the way.
    async fn until(&mut self, at: Timestamp, say: &mut Say<'_>) -> Result<(), ReplayError> {
        loop {
            let due = self.engine.next_timer().await?.filter(|due| *due <= at);
            let next = due.unwrap_or(at);
            self.hand.advance(next.since(self.hand.now()));
            if due.is_none() {
                return Ok(());
            }
            self.engine.fire_timers().await?;
            self.settle(say).await?;
        }
    }

    async fn settle(&mut self, say: &mut Say<'_>) -> Result<(), ReplayError> {
        for _ in 0..RESTS {
            let stepped = self.stepper.settle().await?;
            self.summary.turns += stepped.turns;
            self.summary.failed_turns += stepped.failed;
            for message in self.written.take() {
                self.summary.messages += 1;
                say(&message)?;
            }
            if stepped.failed == 0 {
                break;
            }
            self.hand.advance(REST);
        }
        Ok(())
    }
}

/// Gives addresses of the recording that nobody has to the default shop, so that any recording can be replayed.
async fn adopt(config: &Config, store: &Store, recording: &Recording) -> Result<Vec<String>, ReplayError> {
    let mut adopted = Vec::new();
    for event in recording.deliveries.iter().flat_map(|recorded| parse(config, recorded)) {
        if matches!(event.destination, Destination::TelegramBot(_)) {
            continue;
        }
        let known = store.directory().await?;
        if known.merchant_of(&event.destination).is_some() {
            continue;
        }
        let Some(shop) = known.merchants().next().map(|shop| shop.id) else { continue };
        store.bind_channel(&event.destination, shop).await?;
        let (kind, value) = event.destination.parts();
        adopted.push(format!("{kind} {value}"));
    }
    Ok(adopted)
}

fn parse(config: &Config, recorded: &Recorded) -> Vec<recado_domain::event::Incoming> {
    let body = recorded.body.as_bytes();
    match recorded.source {
        Source::Shopify => {
            let labels = recado_webhooks::shopify::Labels::from_headers(&recorded.headers);
            recado_webhooks::shopify::parse(&labels, body, recorded.at)
        }
        Source::Telegram => {
            let bot = config.telegram.as_ref().map_or("staff", |section| section.bot.as_str());
            recado_webhooks::telegram::parse(bot, body, recorded.at)
        }
        _ => recado_webhooks::whatsapp::parse(body, recorded.at),
    }
}

fn arrival(recorded: &Recorded) -> Arrival {
    use sha2::Digest as _;
    // Of the headers only those that the parsers look at: a recording may hold signatures and tokens.
    let kept = recorded.headers.iter().filter(|(name, _)| {
        let name = name.as_str();
        name.contains("shopify") && !["hmac", "token", "secret"].iter().any(|word| name.contains(word))
    });
    Arrival {
        id: ArrivalId::new(recorded.at),
        source: recorded.source,
        headers: kept
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect(),
        body: recorded.body.as_bytes().to_vec(),
        body_hash: sha2::Sha256::digest(recorded.body.as_bytes()).into(),
        received_at: recorded.at,
        trace: TraceId::new(recorded.at),
    }
}
