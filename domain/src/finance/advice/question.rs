//! What a member may ask the advisors. Asking computes nothing and permits nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::proposal::Decision;

/// A question for the advisors. Products are named as people call them; amounts are minor units of the shop's currency,
/// with VAT where they are prices; shares are percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum AdviceQuestion {
    /// How healthy is the business?
    HealthScore,
    /// Why did the score move?
    WhyScore,
    /// What should I do first?
    FirstThings,
    /// Why should I do that, and how is it checked?
    Because {
        /// The id of a recommendation.
        code: String,
    },
    /// I will do it, or not.
    Decide {
        /// The id of a recommendation.
        code: String,
        /// Which of the two.
        decision: Decision,
    },
    /// At what price do I reach a margin?
    TargetPrice {
        /// Of what; `None` = not said.
        product: Option<String>,
        /// The margin on the net price; `None` = the default.
        margin: Option<u16>,
    },
    /// How much discount can I afford?
    MaxDiscount {
        /// On what; `None` = not said.
        product: Option<String>,
    },
    /// At what price do I sell these together?
    Bundle {
        /// Which.
        products: Vec<String>,
        /// At this price; `None` = say one.
        price: Option<i64>,
    },
    /// What if I raise (+) or lower (−) a price?
    PriceChange {
        /// Of what; `None` = not said.
        product: Option<String>,
        /// By how much.
        by: i64,
    },
    /// Cash of the next thirteen weeks.
    CashForecast,
    /// Can I pay this on that day: stock, payroll, equipment?
    Payment {
        /// How much.
        amount: i64,
        /// When; `None` = today.
        on: Option<Date>,
    },
    /// How much cash is there on that day, and is it enough for this expense?
    CashOn {
        /// When; `None` = when the expense is due, else at the end of the month.
        on: Option<Date>,
        /// How much it is; `None` = not said.
        amount: Option<i64>,
        /// What it is for, as it was said.
        expense: Option<String>,
    },
    /// Whom do I ask for money first?
    Collections,
    /// What would I write to them? A draft, never sent from here.
    Draft {
        /// The invoice or parcel.
        item: String,
    },
    /// How much must I sell to gain this, carrying so much more a month?
    RequiredRevenue {
        /// The wish for 30 days.
        target: i64,
        /// Fixed expenses to be added.
        more_fixed: i64,
    },
    /// What if the delivery rate becomes that?
    DeliveryRate {
        /// In percent.
        percent: u16,
    },
}

/// The longest name of a product in a button.
const LONGEST_NAME: usize = 40;

impl AdviceQuestion {
    /// What a button of ours asks (`adv:…`, without its beginning). What is not ours asks what to do first.
    pub fn of_button(rest: &str) -> Self {
        let (what, of) = rest.split_once(':').unwrap_or((rest, ""));
        let named = || Some(of.chars().take(LONGEST_NAME).collect::<String>()).filter(|name| !name.is_empty());
        let code = || of.chars().take(LONGEST_NAME).collect::<String>();
        match what {
            "score" => Self::HealthScore,
            "moved" => Self::WhyScore,
            "because" => Self::Because { code: code() },
            "accept" => Self::Decide { code: code(), decision: Decision::Accept },
            "dismiss" => Self::Decide { code: code(), decision: Decision::Dismiss },
            "price" => Self::TargetPrice { product: named(), margin: None },
            "discount" => Self::MaxDiscount { product: named() },
            "cash" => Self::CashForecast,
            "collect" => Self::Collections,
            "draft" => Self::Draft { item: code() },
            _ => Self::FirstThings,
        }
    }
    /// Its word in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::HealthScore => "health_score",
            Self::WhyScore => "why_score",
            Self::FirstThings => "first_things",
            Self::Because { .. } => "because",
            Self::Decide { .. } => "decide",
            Self::TargetPrice { .. } => "target_price",
            Self::MaxDiscount { .. } => "max_discount",
            Self::Bundle { .. } => "bundle",
            Self::PriceChange { .. } => "price_change",
            Self::CashForecast => "cash_forecast",
            Self::Payment { .. } => "payment",
            Self::CashOn { .. } => "cash_on",
            Self::Collections => "collections",
            Self::Draft { .. } => "draft",
            Self::RequiredRevenue { .. } => "required_revenue",
            Self::DeliveryRate { .. } => "delivery_rate",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_asks_what_it_says_and_a_forged_one_nothing_more() {
        assert_eq!(AdviceQuestion::of_button("score"), AdviceQuestion::HealthScore);
        let accept = AdviceQuestion::of_button("accept:collect-cod");
        assert_eq!(accept, AdviceQuestion::Decide { code: "collect-cod".to_owned(), decision: Decision::Accept });
        assert_eq!(AdviceQuestion::of_button("price"), AdviceQuestion::TargetPrice { product: None, margin: None });
        assert_eq!(AdviceQuestion::of_button("drop table"), AdviceQuestion::FirstThings);
        let long = AdviceQuestion::of_button(&format!("discount:{}", "ñ".repeat(500)));
        assert_eq!(long, AdviceQuestion::MaxDiscount { product: Some("ñ".repeat(40)) });
    }
}
