//! Wake-ups and live events within this process.

use tokio::sync::broadcast;

use super::{LiveEvent, Wake};

/// A worker needs to see one wake-up, not each; a short queue is enough.
const WAKES: usize = 64;
const EVENTS: usize = 1024;

#[derive(Debug)]
pub(super) struct Bus {
    wakes: broadcast::Sender<Wake>,
    events: broadcast::Sender<LiveEvent>,
}

impl Bus {
    pub(super) fn new() -> Self {
        Self { wakes: broadcast::Sender::new(WAKES), events: broadcast::Sender::new(EVENTS) }
    }
    pub(super) fn publish(&self, wake: Wake) {
        // An error says that nobody listens, which is fine.
        let _ = self.wakes.send(wake);
    }
    pub(super) fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.wakes.subscribe()
    }
    pub(super) fn announce(&self, event: LiveEvent) {
        let _ = self.events.send(event);
    }
    pub(super) fn live(&self) -> broadcast::Receiver<LiveEvent> {
        self.events.subscribe()
    }
}
