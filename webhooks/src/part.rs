//! What all three parsers share: events that were not understood, and plausible times.

use std::time::Duration;

use recado_domain::Timestamp;
use recado_domain::event::{Destination, EventContent, Incoming, LaneKey};

use crate::json::cut;

/// 2009-01-01: none of the platforms has events before it.
const EARLIEST: Timestamp = Timestamp::from_seconds(1_230_768_000);
/// How far a platform's clock may run ahead of ours.
const AHEAD: Duration = Duration::from_secs(86_400);

/// The platform's time if it can be true, else when the event reached us.
pub(crate) fn plausible(at: Option<Timestamp>, received_at: Timestamp) -> Timestamp {
    at.filter(|at| *at >= EARLIEST && *at <= received_at.plus(AHEAD)).unwrap_or(received_at)
}

/// Unix seconds, as WhatsApp and Telegram write them.
pub(crate) fn plausible_seconds(seconds: Option<i64>, received_at: Timestamp) -> Timestamp {
    plausible(seconds.map(Timestamp::from_seconds), received_at)
}

/// An event of an unknown kind, or of a known kind without its shape.
pub(crate) fn unknown(
    dedupe: String,
    destination: Destination,
    kind: &str,
    problem: Option<String>,
    at: Timestamp,
) -> Incoming {
    Incoming {
        dedupe,
        body_dedupe: None,
        lane: LaneKey::Thing("unknown", destination.parts().1.to_owned()),
        destination,
        occurred_at: at,
        content: EventContent::Unknown { kind: cut(kind, 120), problem: problem.map(|problem| cut(&problem, 300)) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_times_become_the_time_of_arrival() {
        let now = Timestamp::from_seconds(1_790_000_000);
        for absurd in [i64::MIN, -1, 0, 1, i64::MAX, 1_790_000_000 + 200_000] {
            assert_eq!(plausible_seconds(Some(absurd), now), now);
        }
        assert_eq!(plausible_seconds(Some(1_789_999_999), now), Timestamp::from_seconds(1_789_999_999));
    }
}
