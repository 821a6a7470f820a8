//! Carries hints to the other processes, asks whether Redis is back, and then tells it what it missed.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use recado_domain::ConversationId;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::missed::Miss;
use super::redis_backed::Shared;
use super::{LiveEvent, Wake, register};

/// Hints that arise within this time travel together.
const GATHER: Duration = Duration::from_millis(2);
/// How often it looks after Redis.
const UPKEEP: Duration = Duration::from_millis(500);
/// Distinct hints that may wait for the next departure.
const WAITING: usize = 4096;
/// Missed writes told in one exchange.
const CATCH_UP: usize = 256;

/// What one process tells the others.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Bulletin {
    /// Who says it: its own process has heard it already.
    #[serde(default)]
    pub(super) from: String,
    #[serde(default, skip_serializing_if = "HashSet::is_empty")]
    pub(super) wakes: HashSet<Wake>,
    #[serde(default, skip_serializing_if = "HashSet::is_empty")]
    pub(super) live: HashSet<LiveEvent>,
    #[serde(default, skip_serializing_if = "HashSet::is_empty")]
    pub(super) forgotten: HashSet<ConversationId>,
}

impl Bulletin {
    fn is_empty(&self) -> bool {
        self.wakes.is_empty() && self.live.is_empty() && self.forgotten.is_empty()
    }
}

/// The hints that wait for the next departure.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    waiting: Mutex<Bulletin>,
    arrived: Notify,
}

impl Outgoing {
    fn add(&self, change: impl FnOnce(&mut Bulletin)) {
        change(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        self.arrived.notify_one();
    }
    pub(super) fn wake(&self, wake: Wake) {
        self.add(|waiting| {
            waiting.wakes.insert(wake);
        });
    }
    pub(super) fn announce(&self, event: LiveEvent) {
        self.add(|waiting| {
            if waiting.live.len() < WAITING {
                waiting.live.insert(event);
            } else {
                metrics::counter!("recado_volatile_dropped_total", "what" => "live").increment(1);
            }
        });
    }
    pub(super) fn forgot(&self, id: ConversationId) {
        self.add(|waiting| {
            if waiting.forgotten.len() < WAITING {
                waiting.forgotten.insert(id);
            }
        });
    }
    fn take(&self) -> Bulletin {
        std::mem::take(&mut self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs until told to stop.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    let work = async {
        let mut upkeep = tokio::time::interval(UPKEEP);
        upkeep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shared.outgoing.arrived.notified() => {
                    depart(&shared).await;
                    tokio::time::sleep(GATHER).await;
                }
                _ = upkeep.tick() => look_after(&shared).await,
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {
            // A last wake-up spares the others the wait for their next poll.
            depart(&shared).await;
        }
        () = work => {}
    }
}

async fn depart(shared: &Shared) {
    let mut bulletin = shared.outgoing.take();
    if bulletin.is_empty() {
        return;
    }
    bulletin.from.clone_from(&shared.origin);
    let Ok(text) = serde_json::to_vec(&bulletin) else { return };
    let mut publish = redis::pipe();
    publish.cmd("PUBLISH").arg(&shared.channel).arg(text).ignore();
    // Not repeated when it fails: the others poll, and live views reload.
    let _: Option<()> = shared.link.ask("publish", &publish).await;
}

async fn look_after(shared: &Shared) {
    if shared.link.is_down() && shared.link.probe().await.is_err() {
        return;
    }
    while catch_up(shared).await == CATCH_UP {}
}

/// Tells Redis some of what it missed and says how many; zero when there is nothing or no answer.
async fn catch_up(shared: &Shared) -> usize {
    let batch = shared.missed.some(CATCH_UP);
    if batch.is_empty() || deliver(shared, batch.iter().map(|(miss, _)| miss)).await.is_none() {
        return 0;
    }
    shared.missed.settle(batch.iter().map(|(miss, ticket)| (miss, *ticket)));
    batch.len()
}

async fn deliver(shared: &Shared, batch: impl Iterator<Item = &Miss>) -> Option<()> {
    let mut ours = Vec::new();
    let mut write = redis::pipe();
    for miss in batch {
        match miss {
            Miss::Session(id) => ours.extend(shared.mirror.get(id).map(|bytes| (*id, bytes))),
            Miss::Cached(key) => {
                write.cmd("DEL").arg(shared.value_key(key)).ignore();
            }
        }
    }
    if !ours.is_empty() {
        let mut read = redis::pipe();
        read.cmd("MGET").arg(ours.iter().map(|(id, _)| shared.session_key(*id)).collect::<Vec<_>>());
        let (theirs,): (Vec<Option<Vec<u8>>>,) = shared.link.ask("catch up", &read).await?;
        for ((id, bytes), theirs) in ours.iter().zip(theirs) {
            // Another process may have gone on with the dialogue meanwhile.
            let newer = theirs.as_deref().and_then(register::read).map(|register| register.at);
            if register::read(bytes).is_some_and(|mine| newer.is_none_or(|newer| mine.at > newer)) {
                shared.write_session(&mut write, *id, bytes);
            }
        }
    }
    if write.is_empty() { Some(()) } else { shared.link.ask("catch up", &write).await }
}
