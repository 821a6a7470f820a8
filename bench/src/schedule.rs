//! When the requests of an open-loop load are due.
//!
//! A request's latency counts from here and not from when a connection was free for it: a service that stalls for a
//! second makes every request of that second late, and the numbers say so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// Evenly spaced requests.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    start: Instant,
    rate: f64,
    requests: u64,
}

impl Schedule {
    /// `rate` requests a second for `length`, the first one at `start`.
    pub fn new(start: Instant, rate: f64, length: Duration) -> Self {
        Self { start, rate, requests: (rate * length.as_secs_f64()).round().max(1.0) as u64 }
    }

    /// How many requests there are in all.
    pub fn requests(&self) -> u64 {
        self.requests
    }

    /// When request `number` is due, counted from 0.
    pub fn due(&self, number: u64) -> Instant {
        self.start + Duration::from_secs_f64(number as f64 / self.rate)
    }

    /// How many requests are due by `now`.
    pub fn due_by(&self, now: Instant) -> u64 {
        match now.checked_duration_since(self.start) {
            None => 0,
            Some(passed) => ((passed.as_secs_f64() * self.rate).floor() as u64 + 1).min(self.requests),
        }
    }

    /// Opens `gate` by one for each request as it falls due. A thread of its own, because the runtime's timers are a
    /// millisecond coarse, which is longer than much of what is measured. It ends with the schedule, or when the
    /// returned guard is dropped.
    pub fn pace(self, gate: Arc<Semaphore>) -> Pacing {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut opened = 0;
            while opened < self.requests && !stopped.load(Ordering::Relaxed) {
                std::thread::sleep(self.due(opened).saturating_duration_since(Instant::now()));
                let due = self.due_by(Instant::now()).max(opened + 1);
                gate.add_permits((due - opened) as usize);
                opened = due;
            }
        });
        Pacing(stop)
    }
}

/// Stops the pacing thread when dropped.
#[derive(Debug)]
pub struct Pacing(Arc<AtomicBool>);

impl Drop for Pacing {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_fall_due_evenly_and_end_with_the_schedule() {
        let start = Instant::now();
        let schedule = Schedule::new(start, 500.0, Duration::from_secs(2));
        assert_eq!(schedule.requests(), 1_000);
        assert_eq!(schedule.due(250), start + Duration::from_millis(500));
        let at = |millis| schedule.due_by(start + Duration::from_millis(millis));
        assert_eq!(at(0), 1, "the first is due at once");
        assert_eq!(at(1), 1);
        assert_eq!(at(2), 2);
        assert_eq!(at(60_000), 1_000);
    }

    #[test]
    fn nothing_is_due_before_the_start() {
        let start = Instant::now() + Duration::from_secs(3600);
        assert_eq!(Schedule::new(start, 10.0, Duration::from_secs(1)).due_by(Instant::now()), 0);
    }

    #[test]
    fn a_late_sender_does_not_move_the_requests_after_it() {
        let start = Instant::now();
        let schedule = Schedule::new(start, 1_000.0, Duration::from_secs(1));
        // A pause of 200 ms leaves 200 requests overdue, each measured from its own time.
        let resumed = start + Duration::from_millis(200);
        assert_eq!(schedule.due_by(resumed), 201);
        assert_eq!(resumed - schedule.due(1), Duration::from_millis(199));
    }

    #[tokio::test]
    async fn the_gate_opens_once_for_each_request() {
        let gate = Arc::new(Semaphore::new(0));
        let schedule = Schedule::new(Instant::now(), 2_000.0, Duration::from_millis(50));
        let _pacing = schedule.pace(Arc::clone(&gate));
        let all = tokio::time::timeout(Duration::from_secs(20), gate.acquire_many(100)).await;
        all.expect("the schedule must end").expect("open").forget();
        assert_eq!(gate.available_permits(), 0);
    }
}
