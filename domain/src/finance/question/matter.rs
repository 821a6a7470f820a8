//! What people ask figures of and the books do not keep.

use serde::{Deserialize, Serialize};

/// Something of which no figure is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Visits, carts that were left, the conversion rate of the shop's page.
    Visits,
    /// Followers, likes, messages, reviews.
    Audience,
    /// What others sell, earn or charge.
    Others,
    /// Currencies, gold, the price of petrol: what the day's market says.
    Market,
    /// Taxes on income, property and vehicles: what is not in the sales.
    IncomeTax,
    /// Loans, interest, cards and the credit score.
    Credit,
    /// Hours, holidays, number and commissions of the people who work there.
    Staff,
    /// Stock by warehouse, by size, by expiry: only its value is kept.
    StockInPlaces,
    /// Orders that wait to be packed and sent.
    Undispatched,
    /// What the business is worth, its shares, its investors.
    Worth,
    /// Weights, sizes, distances.
    Measures,
    /// What a household or person spends and owns.
    Private,
}

impl Matter {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Visits,
        Self::Audience,
        Self::Others,
        Self::Market,
        Self::IncomeTax,
        Self::Credit,
        Self::Staff,
        Self::StockInPlaces,
        Self::Undispatched,
        Self::Worth,
        Self::Measures,
        Self::Private,
    ];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::Audience => "audience",
            Self::Others => "others",
            Self::Market => "market",
            Self::IncomeTax => "income_tax",
            Self::Credit => "credit",
            Self::Staff => "staff",
            Self::StockInPlaces => "stock_in_places",
            Self::Undispatched => "undispatched",
            Self::Worth => "worth",
            Self::Measures => "measures",
            Self::Private => "private",
        }
    }
}
