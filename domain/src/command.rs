//! What a message asks the desk to do. The built-in classifier and, where configured, a language model both produce
//! these and nothing else: whatever they say, a command never grants a permission.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::digest::Wish;
pub use crate::entity::{Entity, Mention};
use crate::finance::advice::AdviceQuestion;
use crate::finance::note::Note;
use crate::finance::question::Question;
use crate::finance::reminder::Whom;
use crate::flow::{FlowKind, Slot};
use crate::intent::Intent;
use crate::{Language, Money, ReminderBatchId};

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
    /// What do I have to pay for my order?
    AmountDue {
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
        /// What is asked.
        question: Box<Question>,
    },
    /// What to do about the figures of the shop.
    Advice {
        /// What is asked.
        question: AdviceQuestion,
    },
    /// A member wants to be told a summary or alerts unasked, or no more of them.
    Digest {
        /// When; `None` = no more.
        wish: Option<Wish>,
    },
    /// A member told something about money: it is echoed and asked about.
    TellFact {
        /// What.
        note: Box<Note>,
    },
    /// Yes, record what was echoed.
    KeepFact,
    /// No, leave it.
    DropFact,
    /// Take back what was recorded last.
    UndoFact,
    /// Show whom to remind of what they owe, and with which words. Nothing is sent by it.
    Remind {
        /// Whom.
        whom: Whom,
    },
    /// Yes, send what was shown.
    SendReminders {
        /// Which preview, when a button was tapped.
        batch: Option<ReminderBatchId>,
    },
    /// No, send none of it.
    LeaveReminders,
    /// The phone of a debtor.
    DebtorPhone {
        /// Who, in the words of the message; `None` = who was asked about.
        name: Option<String>,
        /// As it is dialled: digits with the country's code.
        digits: String,
    },
    /// A debtor paid something of what they owe: it is echoed and asked about, like any fact that is told.
    DebtPaid {
        /// Who, in the words of the message.
        name: String,
        /// How much.
        amount: Money,
        /// The shop's day of it.
        day: Date,
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
    /// Begin a request.
    StartFlow {
        /// Which.
        flow: FlowKind,
        /// Of which order; `None` = not said.
        reference: Option<String>,
        /// The words that asked for it: they may hold more.
        text: String,
    },
    /// How is what I asked for?
    RequestStatus,
    /// Words said to the question of a request.
    Answer {
        /// As written.
        text: String,
    },
    /// A datum of a request, given by its name.
    SetSlot {
        /// Which.
        slot: Slot,
        /// As written; judged like an answer.
        value: String,
    },
    /// «No, era la 45, no la 54»: a datum of a request was wrong.
    Correct {
        /// As written.
        text: String,
    },
    /// Ask for a datum of a request once more.
    AskSlot {
        /// Which.
        slot: Slot,
    },
    /// Yes to the question of a request.
    Affirm {
        /// Which question, when a button was tapped.
        tag: Option<String>,
    },
    /// No to it.
    Deny {
        /// As above.
        tag: Option<String>,
    },
    /// Something in what is to be confirmed is wrong.
    Amend {
        /// As above.
        tag: Option<String>,
    },
    /// Rather not say.
    Skip {
        /// As above.
        tag: Option<String>,
    },
    /// Not understood.
    Unclear,
}

impl Command {
    /// The name in traces.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Greet => "greet",
            Self::Menu => "menu",
            Self::Cancel => "cancel",
            Self::Human => "human",
            Self::Stop => "stop",
            Self::Resume => "resume",
            Self::Repeat => "repeat",
            Self::TrackOrder { .. } => "track_order",
            Self::OrderContents { .. } => "order_contents",
            Self::AmountDue { .. } => "amount_due",
            Self::Prove { .. } => "prove",
            Self::Figure { .. } => "figure",
            Self::Advice { .. } => "advice",
            Self::Digest { .. } => "digest",
            Self::TellFact { .. } => "tell_fact",
            Self::KeepFact => "keep_fact",
            Self::DropFact => "drop_fact",
            Self::UndoFact => "undo_fact",
            Self::Remind { .. } => "remind",
            Self::SendReminders { .. } => "send_reminders",
            Self::LeaveReminders => "leave_reminders",
            Self::DebtorPhone { .. } => "debtor_phone",
            Self::DebtPaid { .. } => "debt_paid",
            Self::IncidentStatus => "incident_status",
            Self::Escalate { .. } => "escalate",
            Self::SmallTalk { .. } => "small_talk",
            Self::StartFlow { .. } => "start_flow",
            Self::RequestStatus => "request_status",
            Self::Answer { .. } => "answer",
            Self::SetSlot { .. } => "set_slot",
            Self::Correct { .. } => "correct",
            Self::AskSlot { .. } => "ask_slot",
            Self::Affirm { .. } => "affirm",
            Self::Deny { .. } => "deny",
            Self::Amend { .. } => "amend",
            Self::Skip { .. } => "skip",
            Self::Unclear => "unclear",
        }
    }
    /// Whether it begins a request or says something to one.
    pub const fn is_of_flow(&self) -> bool {
        matches!(
            self,
            Self::StartFlow { .. }
                | Self::Answer { .. }
                | Self::SetSlot { .. }
                | Self::Correct { .. }
                | Self::AskSlot { .. }
                | Self::Affirm { .. }
                | Self::Deny { .. }
                | Self::Amend { .. }
                | Self::Skip { .. }
        )
    }
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
