//! How a provider has been doing: moving averages of its speed and success, and how long its answers usually take.

use std::collections::VecDeque;
use std::time::Duration;

/// Weight of the newest call in the averages.
const NEWEST: f64 = 0.2;
/// Latencies that percentiles are taken of.
const KEPT: usize = 64;
/// Fewer say nothing about a percentile.
const TELLING: usize = 10;
/// An answer that takes so long has no speed to speak of.
const SLOW: f64 = 4.0;

/// The record of one provider.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Seconds; `None` before the first answer.
    latency: Option<f64>,
    success: Option<f64>,
    latencies: VecDeque<Duration>,
}

fn moved(average: Option<f64>, value: f64) -> f64 {
    average.map_or(value, |average| average + NEWEST * (value - average))
}

impl Stats {
    /// Takes the outcome of a call.
    pub fn record(&mut self, took: Duration, good: bool) {
        self.success = Some(moved(self.success, if good { 1.0 } else { 0.0 }));
        if good {
            self.latency = Some(moved(self.latency, took.as_secs_f64()));
            self.latencies.push_back(took);
            if self.latencies.len() > KEPT {
                self.latencies.pop_front();
            }
        }
    }

    /// 0 to 1: half speed, half success. What was never asked counts as good, so that it is tried.
    pub fn performance(&self) -> f64 {
        let speed = self.latency.map_or(1.0, |seconds| (1.0 - seconds / SLOW).clamp(0.0, 1.0));
        0.5 * speed + 0.5 * self.success.unwrap_or(1.0)
    }

    /// The 95th percentile of its answers, once there are enough.
    pub fn p95(&self) -> Option<Duration> {
        if self.latencies.len() < TELLING {
            return None;
        }
        let mut sorted: Vec<Duration> = self.latencies.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() * 95 / 100).or(sorted.last()).copied()
    }
}

/// The worth of a provider at this moment: its performance counts half, its free places three tenths, its health two.
/// All three are 0 to 1.
pub fn score(performance: f64, free: f64, health: f64) -> f64 {
    0.5 * performance + 0.3 * free + 0.2 * health
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(millis: u64, good: bool) -> Stats {
        let mut stats = Stats::default();
        (0..20).for_each(|_| stats.record(Duration::from_millis(millis), good));
        stats
    }

    #[test]
    fn fast_and_reliable_beats_slow_or_failing() {
        assert!(of(200, true).performance() > of(2000, true).performance());
        assert!(of(2000, true).performance() > of(2000, false).performance());
        assert!((Stats::default().performance() - 1.0).abs() < 1e-9, "the unknown is tried");
    }

    #[test]
    fn a_busy_favourite_gives_way() {
        let (fast, slow) = (of(200, true).performance(), of(1200, true).performance());
        assert!(score(fast, 1.0, 1.0) > score(slow, 1.0, 1.0));
        assert!(score(fast, 0.0, 1.0) < score(slow, 1.0, 1.0));
        assert!(score(fast, 0.5, 0.2) < score(fast, 0.5, 1.0));
    }

    #[test]
    fn the_percentile_needs_enough_answers() {
        let mut stats = Stats::default();
        for millis in 1..=9 {
            stats.record(Duration::from_millis(millis * 10), true);
            assert_eq!(stats.p95(), None);
        }
        for millis in 10..=100 {
            stats.record(Duration::from_millis(millis * 10), true);
        }
        let p95 = stats.p95().unwrap();
        assert!((Duration::from_millis(940)..=Duration::from_millis(1000)).contains(&p95), "{p95:?}");
    }
}
