//! Decimal strings.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer};

use super::error::Problem;
use crate::money::divide_half_even;

/// A decimal number as it was written: `unscaled ÷ 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// Its digits, with the sign.
    pub unscaled: i64,
    /// How many of them are decimals; at most 18.
    pub scale: u32,
}

impl Decimal {
    /// Nothing.
    pub const ZERO: Self = Self { unscaled: 0, scale: 0 };

    /// Reads a plain decimal (`"-8403.36"`).
    ///
    /// # Errors
    /// When it is none, or has more than 18 digits.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::NotDecimal(text.chars().take(40).collect());
        let trimmed = text.trim();
        let (negative, digits) = match trimmed.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, trimmed),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !plain(whole) || !plain(fraction) || (digits.contains('.') && fraction.is_empty()) {
            return Err(wrong());
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        if whole.len() + fraction.len() > 18 {
            return Err(Problem::TooLarge);
        }
        let size = format!("0{whole}{fraction}").parse::<i64>().map_err(|_| wrong())?;
        Ok(Self { unscaled: if negative { -size } else { size }, scale: fraction.len() as u32 })
    }

    /// As a whole number of `10^-exponent`, rounded half-even.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn to_minor(self, exponent: u32) -> Result<i64, Problem> {
        let unscaled = i128::from(self.unscaled);
        let scaled = if self.scale <= exponent {
            unscaled.checked_mul(10_i128.pow(exponent - self.scale)).ok_or(Problem::TooLarge)?
        } else {
            divide_half_even(unscaled, 10_i128.pow(self.scale - exponent))
        };
        i64::try_from(scaled).map_err(|_| Problem::TooLarge)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::finance::ratio::decimal_text(i128::from(self.unscaled), self.scale))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> serde::de::Visitor<'de> for Text {
            type Value = Cow<'de, str>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal string, e.g. \"89900.00\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Cow::Owned(text.to_owned()))
            }
            fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Cow::Borrowed(text))
            }
        }
        let text = deserializer.deserialize_str(Text)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
