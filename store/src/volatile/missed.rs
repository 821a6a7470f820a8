//! What Redis did not confirm, and must be told when it answers again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use recado_domain::ConversationId;

/// Beyond this, what Redis holds is believed again, which costs memory of a dialogue and nothing else.
const LIMIT: usize = 50_000;

/// One write that is not confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Miss {
    /// The copy in this process is newer.
    Session(ConversationId),
    /// What Redis holds under this key is not to be read any more.
    Cached(String),
}

/// Tells a write from a later one of the same thing, so that the confirmation of one does not settle the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

#[derive(Debug, Default)]
struct Open {
    last: u64,
    misses: HashMap<Miss, Ticket>,
}

#[derive(Debug, Default)]
pub(super) struct Missed(Mutex<Open>);

impl Missed {
    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// Opens writes; their ticket settles them.
    pub(super) fn add(&self, misses: &[Miss]) -> Ticket {
        let mut open = self.open();
        open.last += 1;
        let ticket = Ticket(open.last);
        for miss in misses {
            if open.misses.len() >= LIMIT && !open.misses.contains_key(miss) {
                metrics::counter!("recado_volatile_dropped_total", "what" => "missed").increment(1);
            } else {
                open.misses.insert(miss.clone(), ticket);
            }
        }
        ticket
    }
    /// Redis confirmed these.
    pub(super) fn settle<'a>(&self, confirmed: impl IntoIterator<Item = (&'a Miss, Ticket)>) {
        let mut open = self.open();
        for (miss, ticket) in confirmed {
            if open.misses.get(miss) == Some(&ticket) {
                open.misses.remove(miss);
            }
        }
    }
    pub(super) fn contains(&self, miss: &Miss) -> bool {
        self.open().misses.contains_key(miss)
    }
    /// Some of the open ones.
    pub(super) fn some(&self, most: usize) -> Vec<(Miss, Ticket)> {
        self.open().misses.iter().take(most).map(|(miss, ticket)| (miss.clone(), *ticket)).collect()
    }
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.open().misses.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_confirmation_does_not_settle_a_newer_write() {
        let missed = Missed::default();
        let miss = Miss::Cached("key".to_owned());
        let first = missed.add(std::slice::from_ref(&miss));
        let second = missed.add(std::slice::from_ref(&miss));
        missed.settle([(&miss, first)]);
        assert!(missed.contains(&miss));
        missed.settle([(&miss, second)]);
        assert!(missed.is_empty());
    }

    #[test]
    fn the_memory_of_a_long_outage_is_bounded() {
        let missed = Missed::default();
        let flood: Vec<_> = (0..LIMIT + 10).map(|number| Miss::Cached(number.to_string())).collect();
        missed.add(&flood);
        assert_eq!(missed.some(usize::MAX).len(), LIMIT);
    }
}
