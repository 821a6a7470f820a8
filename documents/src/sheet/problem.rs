//! What is wrong with a row, and what to do about it.

use recado_domain::Language;

use crate::words::say;

/// What is wrong with a value or a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Trouble {
    /// A needed value is not there.
    Missing,
    /// Not a day.
    NotADay,
    /// Not an amount.
    NotAnAmount,
    /// An amount that can be read in two ways.
    TwoWays,
    /// A number that may be percent or a share of one.
    Percent,
    /// Not a whole number of days.
    Days,
    /// More than can be kept.
    TooLarge,
    /// A formula without a value.
    Fault,
    /// A currency that is not known.
    Currency,
    /// Another currency, where only the shop's can stand.
    ForeignCurrency,
    /// Below zero where that has no meaning.
    Negative,
    /// The same row as another.
    SameRow(u32),
    /// The same id as another row, with other values.
    SameId(u32),
    /// A period that ends before it begins.
    Range,
    /// A kind of expense that is not known.
    Kind,
    /// Paid, but not when.
    NoPaidDay,
    /// A total of the rows above; it is left out.
    Total,
    /// A credit: an amount below zero that lowers spending.
    Credit,
    /// A parcel that is not among the shop's.
    UnknownGuide,
    /// No rate of exchange on or before its day.
    NoRate,
}

impl Trouble {
    /// Whether the row cannot be imported; otherwise it is worth a look.
    pub const fn is_grave(self) -> bool {
        !matches!(self, Self::Total | Self::Credit | Self::UnknownGuide | Self::NoRate)
    }
    const fn key(self) -> &'static str {
        match self {
            Self::Missing => "problem.missing",
            Self::NotADay => "problem.not_a_day",
            Self::NotAnAmount => "problem.not_an_amount",
            Self::TwoWays => "problem.two_ways",
            Self::Percent => "problem.percent",
            Self::Days => "problem.days",
            Self::TooLarge => "problem.too_large",
            Self::Fault => "problem.fault",
            Self::Currency => "problem.currency",
            Self::ForeignCurrency => "problem.foreign_currency",
            Self::Negative => "problem.negative",
            Self::SameRow(_) => "problem.same_row",
            Self::SameId(_) => "problem.same_id",
            Self::Range => "problem.range",
            Self::Kind => "problem.kind",
            Self::NoPaidDay => "problem.no_paid_day",
            Self::Total => "problem.total",
            Self::Credit => "problem.credit",
            Self::UnknownGuide => "problem.unknown_guide",
            Self::NoRate => "problem.no_rate",
        }
    }
}

/// A row that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its number in the file.
    pub row: u32,
    /// The heading of the column.
    pub column: String,
    /// The value, cut.
    pub value: String,
    /// What is wrong.
    pub trouble: Trouble,
}

impl Problem {
    /// In words, with what to do.
    pub fn said(&self, language: Language) -> String {
        let other = match self.trouble {
            Trouble::SameRow(row) | Trouble::SameId(row) => row.to_string(),
            _ => String::new(),
        };
        say(language, self.trouble.key(), &[("column", &self.column), ("value", &self.value), ("other", &other)])
    }
}
