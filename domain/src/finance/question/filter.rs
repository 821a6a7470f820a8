//! Of what part a question is.

use serde::{Deserialize, Serialize};

use crate::finance::figures::Dimension;

/// What a filter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterBy {
    /// A product, by what people call it.
    Product,
    /// Where it was sold.
    Channel,
    /// Where it went.
    City,
    /// Who carried it.
    Carrier,
    /// `prepaid` or `cod`.
    Payment,
    /// `new` or `returning`.
    Customer,
    /// Where it was advertised.
    Platform,
    /// An order, by its name.
    Order,
    /// What an expense is for, by a word of it.
    Expense,
    /// Whatever has this name in the books.
    Any,
}

impl FilterBy {
    /// The dimension of it.
    pub const fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Product => Some(Dimension::Product),
            Self::Channel => Some(Dimension::Channel),
            Self::City => Some(Dimension::City),
            Self::Carrier => Some(Dimension::Carrier),
            Self::Payment => Some(Dimension::Payment),
            Self::Customer => Some(Dimension::Customer),
            Self::Platform => Some(Dimension::Platform),
            Self::Order | Self::Expense | Self::Any => None,
        }
    }
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Any => "any",
            Self::Expense => "expense",
            Self::Product => "product",
            Self::Channel => "channel",
            Self::City => "city",
            Self::Carrier => "carrier",
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::Platform => "platform",
        }
    }
}

/// A part that was named. The name is as it was said: the books know which part that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// What it is about.
    pub by: FilterBy,
    /// Its name, in normalised spelling.
    pub name: String,
}
