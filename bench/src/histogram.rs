//! Latencies in fixed memory: exact up to 255 µs, beyond that within 0.8 %.

use std::time::Duration;

/// Buckets below this are one microsecond wide.
const EXACT: u64 = 256;
/// Buckets of each further power of two.
const HALF: u64 = EXACT / 2;
/// 2^40 µs are twelve days; nothing here lasts longer.
const LONGEST: u64 = (1 << 40) - 1;

/// Counts of latencies.
#[derive(Clone, Debug)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    longest: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { counts: vec![0; index(LONGEST) + 1], total: 0, longest: 0 }
    }
}

impl Histogram {
    /// Counts one.
    pub fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(LONGEST).min(LONGEST);
        self.counts[index(micros)] += 1;
        self.total += 1;
        self.longest = self.longest.max(micros);
    }

    /// The latency that this share of all did not exceed; of an empty histogram, zero.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = ((self.total as f64 * share).ceil() as u64).clamp(1, self.total.max(1));
        let mut seen = 0;
        for (at, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return Duration::from_micros(highest(at).min(self.longest));
            }
        }
        Duration::from_micros(self.longest)
    }

    /// p50, p95, p99, p99.9 and the longest.
    pub fn summary(&self) -> Latency {
        Latency {
            p50: self.quantile(0.5),
            p95: self.quantile(0.95),
            p99: self.quantile(0.99),
            p999: self.quantile(0.999),
            longest: Duration::from_micros(self.longest),
        }
    }
}

/// What a table says of a histogram.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Latency {
    pub p50: Duration,
    pub p95: Duration,
    pub p99: Duration,
    pub p999: Duration,
    pub longest: Duration,
}

impl std::fmt::Display for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [p50, p95, p99, p999, longest] = [self.p50, self.p95, self.p99, self.p999, self.longest].map(millis);
        write!(f, "p50 {p50} ms, p95 {p95} ms, p99 {p99} ms, p99.9 {p999} ms, max {longest} ms")
    }
}

/// Milliseconds with as many digits as mean something.
pub fn millis(duration: Duration) -> String {
    let millis = duration.as_secs_f64() * 1_000.0;
    if millis < 10.0 { format!("{millis:.2}") } else { format!("{millis:.0}") }
}

fn index(micros: u64) -> usize {
    if micros < EXACT {
        return micros as usize;
    }
    let shift = u64::from(micros.ilog2()) - u64::from(HALF.ilog2());
    // The mantissa lies between HALF and EXACT, so each power of two takes HALF buckets.
    (EXACT + (shift - 1) * HALF + (micros >> shift) - HALF) as usize
}

/// The largest value that falls into a bucket.
fn highest(index: usize) -> u64 {
    let index = index as u64;
    if index < EXACT {
        return index;
    }
    let shift = (index - EXACT) / HALF + 1;
    let mantissa = (index - EXACT) % HALF + HALF;
    ((mantissa + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_lies_within_its_bucket_and_buckets_are_narrow() {
        let mut value = 0_u64;
        while value < LONGEST {
            let top = highest(index(value));
            assert!(top >= value, "{value}");
            assert!(top - value <= value / 128, "{value} is shown as {top}");
            assert!(value == 0 || index(value - 1) <= index(value), "{value}");
            value += 1 + value / 97;
        }
        assert_eq!(index(highest(300) + 1), 301);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let mut histogram = Histogram::default();
        for micros in (1..=1_000).rev() {
            histogram.record(Duration::from_micros(micros));
        }
        assert_eq!(histogram.total, 1_000);
        assert_eq!(histogram.quantile(0.1), Duration::from_micros(100));
        let p99 = histogram.quantile(0.99).as_micros();
        assert!((990..=998).contains(&p99), "{p99}");
        assert_eq!(histogram.summary().longest, Duration::from_micros(1_000));
        assert_eq!(histogram.quantile(1.0), Duration::from_micros(1_000));
    }

    #[test]
    fn an_empty_histogram_and_an_absurd_value_do_no_harm() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.99), Duration::ZERO);
        histogram.record(Duration::MAX);
        assert_eq!(histogram.quantile(0.5), Duration::from_micros(LONGEST));
    }
}
