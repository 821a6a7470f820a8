//! A scale of money or counts: from zero, in round steps, in whole numbers.

use crate::scene::Area;

/// The ends and steps of a scale; zero is always on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The lower end: zero, or a multiple of the step below every value.
    pub low: i128,
    /// The upper end: a multiple of the step.
    pub high: i128,
    /// Between two lines: 1, 2 or 5 times a power of ten.
    pub step: i128,
}

impl Axis {
    /// A scale over values, with at most so many steps. `unit` is the least that is worth a line.
    pub fn over(values: impl IntoIterator<Item = i64>, most: i128, unit: i128) -> Self {
        let (low, high) = values
            .into_iter()
            .map(i128::from)
            .fold((0_i128, 0_i128), |(low, high), value| (low.min(value), high.max(value)));
        let down = |step: i128| low.div_euclid(step) * step;
        let up = |step: i128| -((-high).div_euclid(step)) * step;
        let mut power = unit.max(1);
        loop {
            for step in [power, 2 * power, 5 * power] {
                let (low, high) = (down(step), up(step));
                if (high - low) / step <= most.max(1) {
                    return Self { low, high: if high == low { low + step } else { high }, step };
                }
            }
            power *= 10;
        }
    }
    /// The lines, from the lowest.
    pub fn ticks(self) -> impl Iterator<Item = i64> {
        let count = (self.high - self.low) / self.step;
        (0..=count).map(move |place| i64::try_from(self.low + place * self.step).unwrap_or(i64::MAX))
    }
    /// How far along the scale a value is, from 0 to 1.
    pub fn share(self, value: i64) -> f64 {
        (i128::from(value) - self.low) as f64 / (self.high - self.low) as f64
    }
    /// Its height in a plot.
    pub fn y(self, value: i64, plot: Area) -> f64 {
        plot.bottom() - self.share(value) * plot.height
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn steps_are_round_and_zero_is_on_the_scale() {
        let axis = Axis::over([350, 1_340], 4, 1);
        assert_eq!((axis.low, axis.high, axis.step), (0, 1_500, 500));
        let axis = Axis::over([-120, 90], 4, 1);
        assert_eq!((axis.low, axis.high, axis.step), (-200, 100, 100));
        assert_eq!(Axis::over([0, 0], 4, 100).high, 100);
        assert!(Axis::over([i64::MIN, i64::MAX], 5, 100).ticks().count() <= 6);
    }

    proptest! {
        #[test]
        fn every_value_is_on_the_scale(values in proptest::collection::vec(any::<i64>(), 1..40), most in 2_i128..8) {
            let axis = Axis::over(values.iter().copied(), most, 1);
            prop_assert!((axis.high - axis.low) / axis.step <= most);
            for value in values {
                prop_assert!((0.0..=1.0).contains(&axis.share(value)));
            }
            prop_assert!(axis.low <= 0 && axis.high >= 0 && axis.low % axis.step == 0 && axis.high % axis.step == 0);
        }
    }
}
