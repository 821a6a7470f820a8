//! The one lane at a time, in this process, whose event is buried if it ends the process once more. Run side by side,
//! such lanes would bury each other: whoever stands beside a poisoned one at each of its crashes looks as guilty.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use recado_domain::LaneId;

/// Which lane it is, if any, and until when at the latest. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastChance(Arc<Mutex<Option<(LaneId, Instant)>>>);

impl LastChance {
    fn place(&self) -> MutexGuard<'_, Option<(LaneId, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the place, if no other lane has it. It is free again after `lease`, whatever became of the lane.
    pub(crate) fn take(&self, lane: LaneId, lease: Duration) -> bool {
        let now = Instant::now();
        let mut place = self.place();
        if place.is_some_and(|(other, until)| other != lane && now < until) {
            return false;
        }
        *place = Some((lane, now + lease));
        true
    }

    /// The lane is done with.
    pub(crate) fn give_back(&self, lane: LaneId) {
        let mut place = self.place();
        if place.is_some_and(|(taken, _)| taken == lane) {
            *place = None;
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
        assert!(place.take(one, Duration::from_secs(60)));
        place.give_back(other);
        assert!(!place.take(other, Duration::from_secs(60)));
        place.give_back(one);
        assert!(place.take(other, Duration::ZERO));
        assert!(place.take(one, Duration::from_secs(60)), "the other's lease is over");
    }
}
