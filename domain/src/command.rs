//! What a message asks the desk to do. The built-in classifier and, where configured, a language model both produce
//! these and nothing else: whatever they say, a command never grants a permission.

use serde::{Deserialize, Serialize};

use crate::Language;
pub use crate::entity::{Entity, Mention};
use crate::intent::Intent;
use crate::period::Period;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Say hello and offer the menu.
    Greet,
    /// Show the menu.
    Menu,
    /// Leave what is going on.
    Cancel,
    /// Fetch a person.
    Human,
    /// Send nothing more unasked.
    Stop,
    /// Undo `Stop`.
    Resume,
    /// Say the last answer again.
    Repeat,
    /// Where is my order?
    TrackOrder {
        /// Order number, tracking number; `None` = mine.
        reference: Option<String>,
    },
    /// What is in my order?
    OrderContents {
        /// As above.
        reference: Option<String>,
    },
    /// Prove that an order is mine.
    Prove {
        /// E-mail or phone as written.
        text: String,
    },
    /// A figure of the shop.
    Figure {
        /// Which.
        metric: Metric,
        /// Of when; `None` = not said.
        period: Option<Period>,
    },
    /// Is there an incident?
    IncidentStatus,
    /// Something we understand but cannot do yet by ourselves: it goes to a person with its name.
    Escalate {
        /// What it was about.
        intent: Intent,
    },
    /// Thanks, goodbye, praise: a short friendly word.
    SmallTalk {
        /// Which kind.
        intent: Intent,
    },
    /// Not understood.
    Unclear,
}

/// A figure that can be asked for today.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Booked net sales and what stands around them.
    Sales,
    /// Number of orders.
    Orders,
    /// Average order value.
    AverageOrder,
    /// A figure that needs facts we do not keep yet (profit, cash…): said, not invented.
    NotYet,
}

/// What understanding made of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Understanding {
    /// The likeliest intent; `None` when nothing stands out.
    pub intent: Option<Intent>,
    /// 0..=1.
    pub confidence: f64,
    /// The language of the text; `None` when it is too short to tell.
    pub language: Option<Language>,
    /// Found things. Those of a form that is not known are left out when read.
    #[serde(default, deserialize_with = "crate::entity::readable")]
    pub entities: Vec<Mention>,
}
