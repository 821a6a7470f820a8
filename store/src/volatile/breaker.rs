//! Stops asking a server that does not answer. Callers then go on without it; the courier alone asks whether it is
//! back, so that no turn pays for the question.

use std::sync::atomic::{AtomicU32, Ordering};

/// Failures in a row that open it.
const TOLERATED: u32 = 3;

#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: AtomicU32,
}

impl Breaker {
    /// Whether the server is given up for now.
    pub(super) fn is_open(&self) -> bool {
        self.failures.load(Ordering::Relaxed) >= TOLERATED
    }
    /// A call was answered. Tells whether that ends an outage.
    pub(super) fn succeeded(&self) -> bool {
        // Read first: this runs after every call, and a write would move the cache line between cores each time.
        self.failures.load(Ordering::Relaxed) != 0 && self.failures.swap(0, Ordering::Relaxed) >= TOLERATED
    }
    /// A call was not.
    pub(super) fn failed(&self) {
        // Saturates, so that a very long outage does not wrap around to zero.
        let _ = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_add(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_three_failures_in_a_row_and_closes_on_an_answer() {
        let breaker = Breaker::default();
        breaker.failed();
        breaker.failed();
        assert!(!breaker.is_open());
        breaker.failed();
        assert!(breaker.is_open());
        assert!(breaker.succeeded(), "an outage ends");
        assert!(!breaker.is_open());
        assert!(!breaker.succeeded(), "no outage to end");
    }

    #[test]
    fn an_answer_between_failures_starts_the_count_anew() {
        let breaker = Breaker::default();
        for _ in 0..5 {
            breaker.failed();
            breaker.failed();
            assert!(!breaker.is_open());
            assert!(!breaker.succeeded());
        }
    }
}
