//! Money: whole minor units with their currency. Sums are checked and refuse to mix currencies; there are no floats.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A currency we know how to write. Exponents from ISO 4217 (COP has 2 there, and is shown with none: FINANCE §1.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "the ISO code says it")]
pub enum Currency {
    Cop,
    Mxn,
    Brl,
    Pen,
    Clp,
    Ars,
    Uyu,
    Pyg,
    Usd,
    Eur,
}

/// A currency code outside the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown currency {0:?}; known: COP, MXN, BRL, PEN, CLP, ARS, UYU, PYG, USD, EUR")]
pub struct UnknownCurrency(pub String);

impl Currency {
    const ALL: [Self; 10] =
        [Self::Cop, Self::Mxn, Self::Brl, Self::Pen, Self::Clp, Self::Ars, Self::Uyu, Self::Pyg, Self::Usd, Self::Eur];

    /// The ISO 4217 code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cop => "COP",
            Self::Mxn => "MXN",
            Self::Brl => "BRL",
            Self::Pen => "PEN",
            Self::Clp => "CLP",
            Self::Ars => "ARS",
            Self::Uyu => "UYU",
            Self::Pyg => "PYG",
            Self::Usd => "USD",
            Self::Eur => "EUR",
        }
    }
    /// Decimal digits of the minor unit.
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Clp | Self::Pyg => 0,
            _ => 2,
        }
    }
    /// Digits shown to people: COP is kept with two and shown with none.
    pub const fn shown_digits(self) -> u32 {
        match self {
            Self::Cop | Self::Clp | Self::Pyg => 0,
            _ => 2,
        }
    }
    /// What stands before the figure.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Brl => "R$ ",
            Self::Pen => "S/ ",
            Self::Usd => "US$",
            Self::Eur => "€",
            Self::Pyg => "₲",
            _ => "$",
        }
    }
    /// Whether figures are written `1.234,56` (else `1,234.56`). CLDR, by FINANCE §1.4.
    pub const fn comma_decimal(self) -> bool {
        !matches!(self, Self::Mxn | Self::Pen | Self::Usd)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;
    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|currency| currency.code().eq_ignore_ascii_case(code.trim()))
            .ok_or_else(|| UnknownCurrency(code.chars().take(12).collect()))
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units of one currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    /// Minor units (cents); negative is owed.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// Why an amount could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum MoneyError {
    #[error("not a decimal amount: {0:?}")]
    NotDecimal(String),
    #[error("amounts of {0} and {1} cannot be added")]
    Mixed(Currency, Currency),
    #[error("amount too large")]
    Overflow,
}

impl Money {
    /// An amount from minor units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }
    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self { minor: 0, currency }
    }
    /// Parses a plain decimal in major units, as platforms write it (`"89900.00"`, `"-8403.36"`). Digits beyond the
    /// minor unit are rounded half-even (FINANCE §0.9).
    ///
    /// # Errors
    /// When the text is no decimal or does not fit.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        parse_decimal(text, currency.exponent()).map(|minor| Self { minor, currency })
    }
    /// The sum.
    ///
    /// # Errors
    /// When the currencies differ or the sum does not fit.
    pub fn plus(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::Mixed(self.currency, other.currency));
        }
        let minor = self.minor.checked_add(other.minor).ok_or(MoneyError::Overflow)?;
        Ok(Self { minor, ..self })
    }
    /// The difference.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyError> {
        self.plus(Self { minor: other.minor.checked_neg().ok_or(MoneyError::Overflow)?, ..other })
    }
    /// As a plain decimal string in major units with every digit of the minor unit (`663794.12`).
    pub fn to_decimal(self) -> String {
        let exponent = self.currency.exponent();
        if exponent == 0 {
            return self.minor.to_string();
        }
        let unit = 10_u64.pow(exponent);
        let whole = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        format!("{sign}{}.{:0width$}", whole / unit, whole % unit, width = exponent as usize)
    }
    /// As people of the currency's home write it: `$663.794`, `R$ 1.234,56`, `−$1,200.00`. The minus is U+2212.
    pub fn shown(self) -> String {
        let exponent = self.currency.exponent();
        let digits = self.currency.shown_digits();
        let dropped = 10_i64.pow(exponent - digits);
        let rounded = divide_half_even(i128::from(self.minor), i128::from(dropped)) as i64;
        let unit = 10_u64.pow(digits);
        let (group, point) = if self.currency.comma_decimal() { ('.', ',') } else { (',', '.') };
        let whole = rounded.unsigned_abs();
        let mut text = String::new();
        if rounded < 0 {
            text.push('\u{2212}');
        }
        text.push_str(self.currency.symbol());
        text.push_str(&grouped(whole / unit, group));
        if digits > 0 {
            text.push(point);
            text.push_str(&format!("{:0width$}", whole % unit, width = digits as usize));
        }
        text
    }
}

/// Writes a whole number with a separator between groups of three.
pub fn grouped(value: u64, separator: char) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

/// `numerator / denominator`, rounded half to even. The denominator must be positive.
pub fn divide_half_even(numerator: i128, denominator: i128) -> i128 {
    debug_assert!(denominator > 0, "the caller divides by a positive unit");
    let quotient = numerator.div_euclid(denominator);
    let twice = numerator.rem_euclid(denominator) * 2;
    match twice.cmp(&denominator) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}

/// Parses a plain decimal into an integer scaled by ten to the `scale`, rounding further digits half-even.
///
/// # Errors
/// When the text is no decimal or does not fit.
pub fn parse_decimal(text: &str, scale: u32) -> Result<i64, MoneyError> {
    let wrong = || MoneyError::NotDecimal(text.chars().take(40).collect());
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !plain(whole) || !plain(fraction) {
        return Err(wrong());
    }
    if whole.len() > 18 || fraction.len() > 18 {
        return Err(MoneyError::Overflow);
    }
    let parse = |part: &str| if part.is_empty() { Ok(0_i128) } else { part.parse().map_err(|_| wrong()) };
    let all = parse(whole)? * 10_i128.pow(fraction.len() as u32) + parse(fraction)?;
    let signed = if negative { -all } else { all };
    let have = fraction.len() as u32;
    let scaled = if have <= scale {
        signed * 10_i128.pow(scale - have)
    } else {
        divide_half_even(signed, 10_i128.pow(have - scale))
    };
    i64::try_from(scaled).map_err(|_| MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_platforms_write() {
        let cop = |text| Money::parse(text, Currency::Cop).map(|money| money.minor);
        assert_eq!(cop("89900.00"), Ok(8_990_000));
        assert_eq!(cop("-8403.36"), Ok(-840_336));
        assert_eq!(cop("0.005"), Ok(0));
        assert_eq!(cop("0.015"), Ok(2));
        assert_eq!(cop("-0.015"), Ok(-2));
        assert!(cop("1,5").is_err() && cop("").is_err() && cop("1e9").is_err() && cop(".").is_err());
        assert_eq!(cop("99999999999999999999"), Err(MoneyError::Overflow));
    }

    #[test]
    fn is_shown_as_its_country_writes_it() {
        assert_eq!(Money::new(66_379_412, Currency::Cop).shown(), "$663.794");
        assert_eq!(Money::new(123_456, Currency::Brl).shown(), "R$ 1.234,56");
        assert_eq!(Money::new(-120_000, Currency::Mxn).shown(), "\u{2212}$1,200.00");
        assert_eq!(Money::new(5, Currency::Clp).shown(), "$5");
    }

    #[test]
    fn decimals_survive_a_round_trip() {
        for minor in [0, 1, -1, 99, -100, 66_379_412, i64::MAX / 1000] {
            let money = Money::new(minor, Currency::Cop);
            assert_eq!(Money::parse(&money.to_decimal(), Currency::Cop), Ok(money));
        }
    }

    #[test]
    fn currencies_do_not_mix() {
        let sum = Money::new(1, Currency::Cop).plus(Money::new(1, Currency::Usd));
        assert_eq!(sum, Err(MoneyError::Mixed(Currency::Cop, Currency::Usd)));
    }
}
