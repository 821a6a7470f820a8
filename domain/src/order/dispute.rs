//! A buyer's dispute with their bank about a payment, as the shop's gateway tells it (CONTRACTS B3). The shop tells the whole
//! dispute again after each change; one such telling is a [`DisputeFacts`], all of them together are a [`super::Dispute`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Money, Timestamp};

/// How long before its deadline a dispute without an answer is told once more.
pub const REMIND_BEFORE: Duration = Duration::from_secs(48 * 3_600);
/// Begins the kind of a timer of a dispute.
const TIMER: &str = "dispute:";

/// One telling of a dispute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeFacts {
    /// The shop's id of the dispute.
    pub external_id: String,
    /// The shop's id of the order; `None` = it is about a payment without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_external_id: Option<String>,
    /// Whether money was taken.
    pub kind: DisputeKind,
    /// How far it is.
    pub status: DisputeStatus,
    /// How much is disputed, never below zero.
    pub amount: DisputedAmount,
    /// Why, in the shop platform's word (`fraudulent`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why, in the card network's code (`4837`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_reason_code: Option<String>,
    /// Until when the shop may answer with evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_due_by: Option<Timestamp>,
    /// When it answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence_sent_on: Option<Timestamp>,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finalized_on: Option<Timestamp>,
    /// When it began.
    pub initiated_at: Timestamp,
}

/// How much is disputed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputedAmount {
    /// In a currency that we know.
    Money(Money),
    /// In another, as it was written (`11.50 CAD`): it is shown, and never counted.
    Written(String),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$of])* $variant,)+
            /// A word that we do not know, as it came.
            Other(String),
        }

        impl $name {
            /// The platform's word for it.
            pub fn code(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($code => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.code().to_owned()
            }
        }
    };
}

words! {
    /// Whether money was taken.
    DisputeKind {
        /// The bank took the money back.
        Chargeback = "chargeback",
        /// The bank only asks; it may become a chargeback.
        Inquiry = "inquiry",
    }
}

words! {
    /// How far a dispute is.
    DisputeStatus {
        /// It waits for the shop's evidence.
        NeedsResponse = "needs_response",
        /// The bank looks at the evidence.
        UnderReview = "under_review",
        /// The shop gave the money back itself.
        ChargeRefunded = "charge_refunded",
        /// The shop let it be.
        Accepted = "accepted",
        /// The shop was right: the money comes back.
        Won = "won",
        /// The buyer was.
        Lost = "lost",
    }
}

impl DisputeStatus {
    /// Whether nothing more is expected to happen.
    pub fn is_final(&self) -> bool {
        match self {
            Self::ChargeRefunded | Self::Accepted | Self::Won | Self::Lost => true,
            Self::NeedsResponse | Self::UnderReview | Self::Other(_) => false,
        }
    }
}

impl DisputeFacts {
    /// Whether it was decided.
    pub fn is_final(&self) -> bool {
        self.status.is_final() || self.finalized_on.is_some()
    }

    /// The amount in a currency that we know.
    pub fn money(&self) -> Option<Money> {
        match self.amount {
            DisputedAmount::Money(money) => Some(money),
            DisputedAmount::Written(_) => None,
        }
    }

    /// The amount as people write it.
    pub fn shown(&self) -> String {
        match &self.amount {
            DisputedAmount::Money(money) => money.shown(),
            DisputedAmount::Written(text) => text.clone(),
        }
    }

    /// Whether the shop is asked for evidence that it has not sent.
    pub fn needs_response(&self) -> bool {
        self.status == DisputeStatus::NeedsResponse && self.evidence_sent_on.is_none() && self.finalized_on.is_none()
    }
}

/// The kind of the timer that wakes a dispute before its deadline.
pub fn dispute_timer(external_id: &str) -> String {
    format!("{TIMER}{external_id}")
}

/// The dispute of a timer, if it is one's: reads [`dispute_timer`].
pub fn dispute_of_timer(kind: &str) -> Option<&str> {
    kind.strip_prefix(TIMER)
}
