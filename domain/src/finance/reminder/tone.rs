//! How a reminder is worded: by the age of what is owed, never as a threat.

use serde::{Deserialize, Serialize};

use crate::finance::advice::collections::Step;

/// The tone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It is due soon, or since less than a week.
    Friendly,
    /// Since a week.
    Firm,
    /// Since a month. It says that it is the last one, and so it is.
    LastNotice,
}

impl Tone {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Friendly => "friendly",
            Self::Firm => "firm",
            Self::LastNotice => "last_notice",
        }
    }
    /// Reads [`Tone::code`].
    pub fn of_code(code: &str) -> Option<Self> {
        [Self::Friendly, Self::Firm, Self::LastNotice].into_iter().find(|tone| tone.code() == code)
    }
    /// The tone of a step of collections; `None` where nobody is written to yet, or it is a carrier's matter.
    pub const fn of_step(step: Step) -> Option<Self> {
        match step {
            Step::Remind | Step::PaymentLink | Step::AskBlocker => Some(Self::Friendly),
            Step::Firmer | Step::CallAndPlan => Some(Self::Firm),
            Step::FormalNotice | Step::Decide => Some(Self::LastNotice),
            Step::Wait | Step::ClaimList | Step::Escalate | Step::Offset | Step::AskTerms => None,
        }
    }
}
