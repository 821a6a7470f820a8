//! The time of the tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use recado_domain::{Clock, Timestamp};

pub const START: &str = "2026-11-21T15:42:00Z";

/// A fixed start that moves with the time since, and further when told.
pub struct TestClock {
    start: Timestamp,
    since: Instant,
    more: AtomicI64,
    frozen: bool,
}

impl TestClock {
    pub fn new(frozen: bool) -> Arc<Self> {
        let start = Timestamp::parse(START).unwrap();
        Arc::new(Self { start, since: Instant::now(), more: AtomicI64::new(0), frozen })
    }
    pub fn advance(&self, by: Duration) {
        self.more.fetch_add(by.as_micros() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let passed = if self.frozen { 0 } else { self.since.elapsed().as_micros() as i64 };
        Timestamp::from_micros(self.start.as_micros() + passed + self.more.load(Ordering::SeqCst))
    }
}
