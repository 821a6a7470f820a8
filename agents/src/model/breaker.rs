//! Whether a provider is asked at all. Closed: yes. Open: no, until a rest is over. Half open: one question at a time,
//! whose outcome decides.

use std::time::{Duration, Instant};

/// Failures in a row that open it.
const IN_A_ROW: u32 = 4;
/// The last outcomes that are looked at.
const WINDOW: u32 = 20;
/// Of a full half window so many failures in a hundred open it.
const BAD_PERCENT: u32 = 50;
/// The first rest; it doubles with every failed probe.
const FIRST_REST: Duration = Duration::from_secs(10);
/// The longest rest: a provider that is back is found within it.
const LONGEST_REST: Duration = Duration::from_secs(30);

/// What a call says about its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Good,
    /// It did not, or not in time.
    Bad,
    /// It will not, until someone changes something: a wrong key, no credit, no such model.
    Hopeless,
    /// It asks for patience.
    Throttled(Duration),
    /// It answered what is no use; it is there, all the same.
    Useless,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open { until: Instant, rest: Duration },
    HalfOpen { rest: Duration, probing: bool },
}

/// What changed by an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// It opened: an outage begins.
    Opened,
    /// It closed: the outage is over.
    Closed,
}

/// The breaker of one provider.
#[derive(Clone, Copy, Debug)]
pub struct Breaker {
    state: State,
    in_a_row: u32,
    /// The last outcomes, the newest in the lowest bit; 1 = bad.
    recent: u32,
    seen: u32,
    /// Not to be asked before, by its own wish.
    patience: Option<Instant>,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { state: State::Closed, in_a_row: 0, recent: 0, seen: 0, patience: None }
    }
}

impl Breaker {
    /// Whether a question may be asked now, without asking it.
    pub fn would_admit(&self, now: Instant) -> bool {
        let patient = self.patience.is_none_or(|until| now >= until);
        patient
            && match self.state {
                State::Closed => true,
                State::Open { until, .. } => now >= until,
                State::HalfOpen { probing, .. } => !probing,
            }
    }

    /// Lets a question through, or not. What is let through must be followed by [`Breaker::record`].
    pub fn admit(&mut self, now: Instant) -> bool {
        if !self.would_admit(now) {
            return false;
        }
        match self.state {
            State::Closed => {}
            State::Open { rest, .. } | State::HalfOpen { rest, .. } => {
                self.state = State::HalfOpen { rest, probing: true };
            }
        }
        true
    }

    /// An admitted question was given up before it could say anything.
    pub fn forget(&mut self) {
        if let State::HalfOpen { rest, .. } = self.state {
            self.state = State::HalfOpen { rest, probing: false };
        }
    }

    /// Takes the outcome of an admitted question.
    pub fn record(&mut self, outcome: Outcome, now: Instant) -> Change {
        match outcome {
            Outcome::Throttled(pause) => {
                self.patience = Some(now + pause.min(LONGEST_REST));
                if let State::HalfOpen { rest, .. } = self.state {
                    self.state = State::HalfOpen { rest, probing: false };
                }
                return Change::None;
            }
            Outcome::Good | Outcome::Useless => self.note(false),
            Outcome::Bad | Outcome::Hopeless => self.note(true),
        }
        match (self.state, outcome) {
            (State::HalfOpen { .. }, Outcome::Good | Outcome::Useless) => {
                *self = Self::default();
                Change::Closed
            }
            (State::HalfOpen { rest, .. }, _) => {
                let rest = (rest * 2).min(LONGEST_REST);
                self.state = State::Open { until: now + rest, rest };
                Change::None
            }
            (State::Closed, Outcome::Hopeless) => self.open(now, LONGEST_REST),
            (State::Closed, Outcome::Bad) if self.is_bad() => self.open(now, FIRST_REST),
            _ => Change::None,
        }
    }

    fn open(&mut self, now: Instant, rest: Duration) -> Change {
        self.state = State::Open { until: now + rest, rest };
        Change::Opened
    }

    fn note(&mut self, bad: bool) {
        self.in_a_row = if bad { self.in_a_row + 1 } else { 0 };
        self.recent = ((self.recent << 1) | u32::from(bad)) & ((1 << WINDOW) - 1);
        self.seen = (self.seen + 1).min(WINDOW);
    }

    fn is_bad(&self) -> bool {
        let failures = self.recent.count_ones();
        self.in_a_row >= IN_A_ROW || (self.seen >= WINDOW / 2 && failures * 100 >= self.seen * BAD_PERCENT)
    }

    /// 1 when all is well, 0 when it is open.
    pub fn health(&self) -> f64 {
        match self.state {
            State::Closed if self.seen == 0 => 1.0,
            State::Closed => 1.0 - f64::from(self.recent.count_ones()) / f64::from(self.seen),
            State::HalfOpen { .. } | State::Open { .. } => 0.0,
        }
    }

    /// Whether it is not closed.
    pub fn is_open(&self) -> bool {
        self.state != State::Closed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 1..IN_A_ROW {
            assert!(breaker.admit(now));
            assert_eq!(breaker.record(Outcome::Bad, now), Change::None);
        }
        assert!(breaker.admit(now));
        assert_eq!(breaker.record(Outcome::Bad, now), Change::Opened);
        breaker
    }

    #[test]
    fn failures_in_a_row_open_it_and_one_probe_closes_it() {
        let now = Instant::now();
        let mut breaker = broken(now);
        assert!(!breaker.admit(now + FIRST_REST - Duration::from_millis(1)));
        let later = now + FIRST_REST;
        assert!(breaker.admit(later));
        assert!(!breaker.admit(later), "one probe at a time");
        assert_eq!(breaker.record(Outcome::Good, later), Change::Closed);
        assert!(breaker.admit(later) && breaker.admit(later));
    }

    #[test]
    fn failed_probes_rest_longer_but_never_longer_than_half_a_minute() {
        let mut now = Instant::now();
        let mut breaker = broken(now);
        let mut rests = Vec::new();
        for _ in 0..5 {
            let began = now;
            while !breaker.admit(now) {
                now += Duration::from_secs(1);
            }
            rests.push((now - began).as_secs());
            assert_eq!(breaker.record(Outcome::Bad, now), Change::None, "told once");
        }
        assert_eq!(rests, [10, 20, 30, 30, 30]);
    }

    #[test]
    fn half_of_the_calls_failing_opens_it_too_and_a_wrong_key_at_once() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        let mut opened = 0;
        for turn in 0..40 {
            if breaker.admit(now) {
                let outcome = if turn % 2 == 0 { Outcome::Good } else { Outcome::Bad };
                opened += u32::from(breaker.record(outcome, now) == Change::Opened);
            }
        }
        assert_eq!(opened, 1);
        let mut breaker = Breaker::default();
        assert!(breaker.admit(now));
        assert_eq!(breaker.record(Outcome::Hopeless, now), Change::Opened);
        assert!(!breaker.would_admit(now + Duration::from_secs(29)));
    }

    #[test]
    fn patience_is_kept_without_an_outage() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        assert!(breaker.admit(now));
        assert_eq!(breaker.record(Outcome::Throttled(Duration::from_secs(7)), now), Change::None);
        assert!(!breaker.admit(now + Duration::from_secs(6)) && breaker.admit(now + Duration::from_secs(7)));
        assert!(!breaker.is_open());
    }
}
