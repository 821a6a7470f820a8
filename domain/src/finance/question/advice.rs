//! What asks for more than a figure: a judgement, a price, a look ahead.

use serde::{Deserialize, Serialize};

/// A kind of advice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Advice {
    /// How healthy is the business?
    HealthScore,
    /// What should I do first?
    Recommendations,
    /// At what price do I reach a margin?
    TargetPrice,
    /// How much discount can I afford?
    MaxDiscount,
    /// At what price do I sell these together?
    Bundle,
    /// What if I raise or lower a price? What happened when I did?
    PriceChange,
    /// Cash of the next weeks; can I pay this on that day?
    CashForecast,
    /// Whom do I ask for money first?
    Collections,
    /// How much must I sell to earn this, or to carry one more cost?
    RequiredRevenue,
    /// What if the delivery rate falls, what budget for ads?
    Scenario,
}

impl Advice {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::HealthScore,
        Self::Recommendations,
        Self::TargetPrice,
        Self::MaxDiscount,
        Self::Bundle,
        Self::PriceChange,
        Self::CashForecast,
        Self::Collections,
        Self::RequiredRevenue,
        Self::Scenario,
    ];
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::HealthScore => "health_score",
            Self::Recommendations => "recommendations",
            Self::TargetPrice => "target_price",
            Self::MaxDiscount => "max_discount",
            Self::Bundle => "bundle",
            Self::PriceChange => "price_change",
            Self::CashForecast => "cash_forecast",
            Self::Collections => "collections",
            Self::RequiredRevenue => "required_revenue",
            Self::Scenario => "scenario",
        }
    }
}
