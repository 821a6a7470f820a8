//! What can be wrong with a fact set.

/// A fact that cannot be read, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct FactsError {
    /// JSON path of the value (`orders[3].lines[0].tax`).
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Not the JSON that was expected there.
    #[error("{0}")]
    Json(String),
    /// Not a plain decimal.
    #[error("not a decimal string: {0:?}")]
    NotDecimal(String),
    /// More than fits 64 bits of minor units, or more than 18 digits.
    #[error("the number is too large")]
    TooLarge,
    /// A currency outside the table.
    #[error(transparent)]
    Currency(#[from] crate::money::UnknownCurrency),
    /// A zone outside the tz database.
    #[error("unknown time zone {0:?}")]
    TimeZone(String),
    /// Another format.
    #[error("unknown schema {0:?}, expected \"finance-facts/1\"")]
    Schema(String),
    /// Negative where that has no meaning.
    #[error("must not be negative")]
    Negative,
    /// Zero where that has no meaning.
    #[error("must be above zero")]
    NotPositive,
    /// A range that ends before it begins.
    #[error("the range ends before it begins")]
    Range,
}
