//! Exact ratios of whole numbers.

/// Decimals with which a ratio is published.
pub const PUBLISHED_DECIMALS: u32 = 6;

/// An exact ratio in lowest terms; its denominator is positive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: i128,
    denominator: i128,
}

/// An intermediate result does not fit 128 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a number is too large to compute with")]
pub struct TooLarge;

impl Ratio {
    /// Zero.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// A whole number.
    pub const fn whole(number: i64) -> Self {
        Self { numerator: number as i128, denominator: 1 }
    }

    /// `numerator ÷ denominator`; `None` when the denominator is zero.
    pub fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs()) as i128;
        let sign = denominator.signum();
        Some(Self { numerator: sign * (numerator / divisor), denominator: sign * (denominator / divisor) })
    }

    /// The numerator in lowest terms; it carries the sign.
    pub const fn numerator(self) -> i128 {
        self.numerator
    }
    /// The denominator in lowest terms; positive.
    pub const fn denominator(self) -> i128 {
        self.denominator
    }
    /// Whether it is above zero.
    pub const fn is_positive(self) -> bool {
        self.numerator > 0
    }
    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The sum.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn plus(self, other: Self) -> Result<Self, TooLarge> {
        let divisor =
            greatest_common_divisor(self.denominator.unsigned_abs(), other.denominator.unsigned_abs()) as i128;
        let left = self.numerator.checked_mul(other.denominator / divisor).ok_or(TooLarge)?;
        let right = other.numerator.checked_mul(self.denominator / divisor).ok_or(TooLarge)?;
        let denominator = self.denominator.checked_mul(other.denominator / divisor).ok_or(TooLarge)?;
        Self::new(left.checked_add(right).ok_or(TooLarge)?, denominator).ok_or(TooLarge)
    }
    /// The difference.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn minus(self, other: Self) -> Result<Self, TooLarge> {
        self.plus(Self { numerator: -other.numerator, ..other })
    }
    /// The product.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn times(self, other: Self) -> Result<Self, TooLarge> {
        // Crosswise reduction first: it keeps the products as small as the result allows.
        let left = Self::new(self.numerator, other.denominator).ok_or(TooLarge)?;
        let right = Self::new(other.numerator, self.denominator).ok_or(TooLarge)?;
        let numerator = left.numerator.checked_mul(right.numerator).ok_or(TooLarge)?;
        let denominator = left.denominator.checked_mul(right.denominator).ok_or(TooLarge)?;
        Self::new(numerator, denominator).ok_or(TooLarge)
    }
    /// The quotient; `None` inside when `other` is zero.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn over(self, other: Self) -> Result<Option<Self>, TooLarge> {
        match Self::new(other.denominator, other.numerator) {
            None => Ok(None),
            Some(inverse) => self.times(inverse).map(Some),
        }
    }

    /// Rounded half-even to a whole number of `10^-decimals`.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn scaled(self, decimals: u32) -> Result<i128, TooLarge> {
        let scale = 10_i128.checked_pow(decimals).ok_or(TooLarge)?;
        let whole = self.numerator.div_euclid(self.denominator).checked_mul(scale).ok_or(TooLarge)?;
        let rest = self.numerator.rem_euclid(self.denominator).checked_mul(scale).ok_or(TooLarge)?;
        let below = whole.checked_add(rest / self.denominator).ok_or(TooLarge)?;
        // Twice the remainder against the denominator, without doubling: r < d − r. A tie goes to the even neighbour.
        let over = rest % self.denominator;
        let up = match over.cmp(&(self.denominator - over)) {
            std::cmp::Ordering::Less => 0,
            std::cmp::Ordering::Greater => 1,
            std::cmp::Ordering::Equal => below & 1,
        };
        below.checked_add(up).ok_or(TooLarge)
    }
    /// Rounded half-even to a whole number.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn rounded(self) -> Result<i64, TooLarge> {
        i64::try_from(self.scaled(0)?).map_err(|_| TooLarge)
    }
    /// The next whole number at or above it.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn ceiling(self) -> Result<i64, TooLarge> {
        let below = self.numerator.div_euclid(self.denominator);
        let above = below + i128::from(self.numerator.rem_euclid(self.denominator) != 0);
        i64::try_from(above).map_err(|_| TooLarge)
    }
    /// As it is published: six decimals, half-even (`0.102181`).
    ///
    /// # Errors
    /// When it does not fit.
    pub fn published(self) -> Result<String, TooLarge> {
        Ok(decimal_text(self.scaled(PUBLISHED_DECIMALS)?, PUBLISHED_DECIMALS))
    }
}

/// A whole number of `10^-decimals` as plain decimal text.
pub fn decimal_text(scaled: i128, decimals: u32) -> String {
    if decimals == 0 {
        return scaled.to_string();
    }
    let unit = 10_u128.pow(decimals);
    let size = scaled.unsigned_abs();
    let sign = if scaled < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", size / unit, size % unit, width = decimals as usize)
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratio(numerator: i128, denominator: i128) -> Ratio {
        Ratio::new(numerator, denominator).unwrap()
    }

    #[test]
    fn is_kept_in_lowest_terms_with_the_sign_above() {
        assert_eq!(ratio(6, -4), ratio(-3, 2));
        assert_eq!(Ratio::new(1, 0), None);
        assert_eq!(ratio(0, 7), Ratio::ZERO);
    }

    #[test]
    fn is_published_half_even() {
        assert_eq!(ratio(1, 3).published().unwrap(), "0.333333");
        assert_eq!(ratio(-5, 10_000_000).published().unwrap(), "0.000000");
        assert_eq!(ratio(15, 10_000_000).published().unwrap(), "0.000002");
        assert_eq!(ratio(-7, 2).published().unwrap(), "-3.500000");
        assert_eq!((ratio(5, 2).rounded(), ratio(7, 2).rounded(), ratio(-5, 2).rounded()), (Ok(2), Ok(4), Ok(-2)));
        assert_eq!((ratio(41, 10).ceiling(), ratio(4, 1).ceiling(), ratio(-41, 10).ceiling()), (Ok(5), Ok(4), Ok(-4)));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let huge = ratio(i128::MAX, 1);
        assert_eq!(huge.plus(Ratio::ONE), Err(TooLarge));
        assert_eq!(huge.times(ratio(3, 2)), Err(TooLarge));
        assert_eq!(huge.published(), Err(TooLarge));
        assert_eq!(ratio(2, 3).over(ratio(4, 3)).unwrap(), Some(ratio(1, 2)));
        assert_eq!(ratio(2, 3).over(Ratio::ZERO).unwrap(), None);
    }
}
