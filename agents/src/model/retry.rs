//! How many extra calls there may be. Every first call earns a part of a token, every retry or hedge costs a whole
//! one: when everything fails, the extra load stays that part, whatever the failures (RELIABILITY L5).

/// Hundredths of a token that may be saved up, so that a burst after a silence is not a burst of retries.
const MOST: u32 = 1_000;
/// What there is at the start: the very first failure may be retried.
const START: u32 = 200;
/// A call.
const ONE: u32 = 100;

/// A bucket of hundredths of tokens.
#[derive(Clone, Copy, Debug)]
pub struct RetryBudget {
    hundredths: u32,
    /// Earned by a first call, in hundredths: the percentage of extra calls.
    percent: u32,
}

impl RetryBudget {
    /// Allows so many extra calls for a hundred first ones.
    pub const fn new(percent: u32) -> Self {
        Self { hundredths: START, percent }
    }
    /// A first call was made.
    pub fn earn(&mut self) {
        self.hundredths = (self.hundredths + self.percent).min(MOST);
    }
    /// Takes an extra call, if there is one.
    pub fn take(&mut self) -> bool {
        let left = self.hundredths.checked_sub(ONE);
        self.hundredths = left.unwrap_or(self.hundredths);
        left.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_calls_stay_a_tenth_when_everything_fails() {
        let mut budget = RetryBudget::new(10);
        let mut extra = 0;
        for _ in 0..1_000 {
            budget.earn();
            while budget.take() {
                extra += 1;
            }
        }
        assert_eq!(extra, 102, "a tenth, and the two of the start");
        let mut none = RetryBudget::new(0);
        (0..1_000).for_each(|_| none.earn());
        assert!(none.take() && none.take() && !none.take());
    }

    #[test]
    fn a_silence_does_not_save_up_a_storm() {
        let mut budget = RetryBudget::new(10);
        (0..1_000_000).for_each(|_| budget.earn());
        assert_eq!((0..1_000).filter(|_| budget.take()).count(), 10);
    }
}
