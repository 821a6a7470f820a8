//! The one lane at a time, in this process, whose event would be buried if it ended the process once more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::LaneId;

/// How often it is looked for, since hardly ever is there one.
const PAUSE: Duration = Duration::from_millis(200);

/// Which lane has it, if any. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastChance(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// It is free again then, whatever became of the lane.
    taken: Option<(LaneId, Instant)>,
    looked: Option<Instant>,
}

impl LastChance {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a lane may be looked for now.
    pub(crate) fn is_free(&self) -> bool {
        let now = Instant::now();
        let mut state = self.state();
        if state.taken.is_some_and(|(_, until)| now < until) || state.looked.is_some_and(|at| now - at < PAUSE) {
            return false;
        }
        state.looked = Some(now);
        true
    }

    /// A lane was found: it has the place until it is given back, at the latest when its lease ends.
    pub(crate) fn take(&self, lane: LaneId, lease: Duration) {
        self.state().taken = Some((lane, Instant::now() + lease));
    }

    /// The lane is done with; the next may be looked for at once.
    pub(crate) fn give_back(&self, lane: LaneId) {
        let mut state = self.state();
        if state.taken.is_some_and(|(taken, _)| taken == lane) {
            *state = State::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_lane_at_a_time_has_it_and_only_that_lane_gives_it_back() {
        let place = LastChance::default();
        let [one, other] = [LaneId::derived(&["one"]), LaneId::derived(&["other"])];
        assert!(place.is_free());
        place.take(one, Duration::from_secs(60));
        place.give_back(other);
        assert!(!place.is_free());
        place.give_back(one);
        assert!(place.is_free());
        place.take(other, Duration::ZERO);
        assert!(!place.is_free(), "looked for again at once");
        std::thread::sleep(PAUSE);
        assert!(place.is_free(), "its lease is over");
    }
}
