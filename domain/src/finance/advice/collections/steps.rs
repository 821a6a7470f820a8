//! What to do about something open, by its age.

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use crate::finance::figures::{OpenItem, OwedBy};

/// The next best action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nothing yet: it is not due soon.
    Wait,
    /// A friendly reminder.
    Remind,
    /// Today it is due: the payment link.
    PaymentLink,
    /// Ask what stands in the way.
    AskBlocker,
    /// Firmer, to a named contact.
    Firmer,
    /// Call, and offer a plan.
    CallAndPlan,
    /// Formal notice; stop credit.
    FormalNotice,
    /// A third party, or write it off.
    Decide,
    /// Send the carrier the list: guide, date, amount.
    ClaimList,
    /// Escalate at the carrier.
    Escalate,
    /// Offset it, or change the carrier.
    Offset,
    /// Ask for the carrier's terms: when it is due is not known.
    AskTerms,
}

/// Days past due from which a step holds for an invoice (FINANCE §2.8).
const INVOICE: [(i64, Step); 7] = [
    (-3, Step::Remind),
    (0, Step::PaymentLink),
    (3, Step::AskBlocker),
    (7, Step::Firmer),
    (15, Step::CallAndPlan),
    (30, Step::FormalNotice),
    (60, Step::Decide),
];
/// The same for what a carrier collected.
const CARRIER: [(i64, Step); 3] = [(1, Step::ClaimList), (8, Step::Escalate), (31, Step::Offset)];

impl Step {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Remind => "remind",
            Self::PaymentLink => "payment_link",
            Self::AskBlocker => "ask_blocker",
            Self::Firmer => "firmer",
            Self::CallAndPlan => "call_and_plan",
            Self::FormalNotice => "formal_notice",
            Self::Decide => "decide",
            Self::ClaimList => "claim_list",
            Self::Escalate => "escalate",
            Self::Offset => "offset",
            Self::AskTerms => "ask_terms",
        }
    }
}

const fn table(of: &OwedBy) -> &'static [(i64, Step)] {
    match of {
        OwedBy::Customer(_) => &INVOICE,
        OwedBy::Carrier(_) => &CARRIER,
    }
}

/// What to do about an item now.
pub fn step(item: &OpenItem) -> Step {
    item.days_past_due.map_or(Step::AskTerms, |days| reached(table(&item.debtor), days))
}

/// What to do about an invoice so many days after its day; before it they are negative.
pub fn step_of_invoice(days_past_due: i64) -> Step {
    reached(&INVOICE, days_past_due)
}

fn reached(table: &[(i64, Step)], days: i64) -> Step {
    table.iter().rev().find(|(from, _)| days >= *from).map_or(Step::Wait, |(_, step)| *step)
}

/// The step after, and its day.
pub fn next_step(item: &OpenItem) -> Option<(Step, Date)> {
    let (days, due) = item.days_past_due.zip(item.due_on)?;
    let (from, step) = table(&item.debtor).iter().find(|(from, _)| *from > days)?;
    Some((*step, due.saturating_add(from.days())))
}
