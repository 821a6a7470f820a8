//! What Redis did not hear while it was away and must hear when it is back.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use recado_domain::ConversationId;

/// Beyond this the oldest truth of Redis wins, which costs memory of a dialogue and nothing else.
const LIMIT: usize = 50_000;

/// One write that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Miss {
    /// The copy in this process is newer.
    Session(ConversationId),
    /// This key must not be read any more.
    Cached(String),
}

#[derive(Debug, Default)]
pub(super) struct Missed(Mutex<HashSet<Miss>>);

impl Missed {
    fn set(&self) -> std::sync::MutexGuard<'_, HashSet<Miss>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(super) fn add(&self, misses: impl IntoIterator<Item = Miss>) {
        let mut set = self.set();
        for miss in misses {
            if set.len() >= LIMIT {
                metrics::counter!("recado_volatile_dropped_total", "what" => "missed").increment(1);
                break;
            }
            set.insert(miss);
        }
    }
    pub(super) fn settle<'a>(&self, misses: impl IntoIterator<Item = &'a Miss>) {
        let mut set = self.set();
        for miss in misses {
            set.remove(miss);
        }
    }
    pub(super) fn contains(&self, miss: &Miss) -> bool {
        let set = self.set();
        !set.is_empty() && set.contains(miss)
    }
    /// Takes some out; who takes them adds them again if they cannot be delivered.
    pub(super) fn take(&self, most: usize) -> Vec<Miss> {
        let mut set = self.set();
        let some: Vec<Miss> = set.iter().take(most).cloned().collect();
        for miss in &some {
            set.remove(miss);
        }
        some
    }
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.set().is_empty()
    }
}
