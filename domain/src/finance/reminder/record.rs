//! Reminders as they are kept: approved, then sent once or dropped, and looked at once more after a week.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::debt::OpenInvoice;
use super::plan::totals;
use super::tone::Tone;
use crate::{ConversationId, Language, Money, ReminderBatchId, ReminderId, Timestamp};

/// Days after which it is looked whether the money came.
pub const FOLLOW_UP_DAYS: i64 = 7;
/// What a debtor writes within this time after a reminder, first of all, is taken as their answer to it.
pub const ANSWERED_WITHIN: Duration = Duration::from_secs(7 * 86_400);

const TIMER: &str = "reminder:";

/// The kind of timer that wakes the debtor's conversation for a reminder.
pub fn timer_kind(id: ReminderId) -> String {
    format!("{TIMER}{id}")
}

/// The reminder of a timer's kind.
pub fn timer_of(kind: &str) -> Option<ReminderId> {
    kind.strip_prefix(TIMER)?.parse().ok()
}

/// What a template is filled with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateWords {
    /// In which language.
    pub language: Language,
    /// What stands for its variables, in order.
    pub variables: Vec<String>,
}

/// One that a member saw and confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReminder {
    /// Its id: the same for the same debtor of the same preview, so that a second tap approves nothing twice.
    pub id: ReminderId,
    /// The preview that was confirmed.
    pub batch: ReminderBatchId,
    /// Who owes.
    pub debtor: String,
    /// Where it goes: digits with the country's code.
    pub digits: String,
    /// Of what, as it was open when it was confirmed.
    pub invoices: Vec<OpenInvoice>,
    /// How it is worded.
    pub tone: Tone,
    /// Its words, as they were shown.
    pub body: String,
    /// As which template it leaves; `None`: it leaves as a text of its own.
    pub template: Option<TemplateWords>,
    /// When it leaves.
    pub send_at: Timestamp,
    /// Who confirmed it, by name.
    pub approved_by: String,
}

/// Where one stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Approved; leaves at its time.
    Scheduled,
    /// Handed to the outbox.
    Sent,
    /// Not sent, and will not be.
    Dropped(Dropped),
}

/// Why one was not sent after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// What is owed is no longer what the text says.
    Changed,
    /// They asked for no unasked messages meanwhile.
    Stopped,
    /// A person of the shop talks with them.
    WithPerson,
    /// WhatsApp's window closed before it left, and it was approved as a text of its own.
    WindowShut,
}

impl Dropped {
    const ALL: [Self; 4] = [Self::Changed, Self::Stopped, Self::WithPerson, Self::WindowShut];

    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Stopped => "stopped",
            Self::WithPerson => "with_person",
            Self::WindowShut => "window_shut",
        }
    }
}

impl State {
    /// The words in rows: the state, and why.
    pub const fn codes(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Scheduled => ("scheduled", None),
            Self::Sent => ("sent", None),
            Self::Dropped(why) => ("dropped", Some(why.code())),
        }
    }
    /// Reads [`State::codes`].
    pub fn of_codes(state: &str, reason: Option<&str>) -> Option<Self> {
        match state {
            "scheduled" => Some(Self::Scheduled),
            "sent" => Some(Self::Sent),
            "dropped" => Dropped::ALL.into_iter().find(|why| Some(why.code()) == reason).map(Self::Dropped),
            _ => None,
        }
    }
}

/// What counts of one when another is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The preview that was confirmed.
    pub batch: ReminderBatchId,
    /// Which invoices it spoke of.
    pub invoices: Vec<String>,
    /// How.
    pub tone: Tone,
    /// When it was confirmed.
    pub approved_at: Timestamp,
    /// When it left or leaves.
    pub send_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

impl Past {
    /// Whether the debtor got it or will.
    pub const fn counts(&self) -> bool {
        matches!(self.state, State::Scheduled | State::Sent)
    }
    /// Whether it still has to leave.
    pub const fn is_waiting(&self) -> bool {
        matches!(self.state, State::Scheduled)
    }
}

/// One as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// Its id.
    pub id: ReminderId,
    /// Who owes.
    pub debtor: String,
    /// Their conversation.
    pub conversation: ConversationId,
    /// Of what, as it was when it was confirmed.
    pub invoices: Vec<OpenInvoice>,
    /// Its words.
    pub body: String,
    /// As in [`NewReminder::template`].
    pub template: Option<TemplateWords>,
    /// When it leaves or left.
    pub send_at: Timestamp,
    /// Where it stands.
    pub state: State,
    /// Who confirmed it.
    pub approved_by: String,
}

impl Reminder {
    /// What it speaks of, by currency; `None` when it does not fit.
    pub fn totals(&self) -> Option<Vec<Money>> {
        totals(&self.invoices)
    }
}

/// One whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReminder {
    /// Which.
    pub reminder: Reminder,
    /// Whether exactly that is owed now.
    pub stands: bool,
}

/// What came of one after [`FOLLOW_UP_DAYS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    /// Which.
    pub id: ReminderId,
    /// Who owed.
    pub debtor: String,
    /// What it spoke of, by currency.
    pub then: Vec<Money>,
    /// What is open of the same invoices now, by currency; empty when all is paid.
    pub open: Vec<Money>,
}

impl Returned {
    /// What became of the debt since.
    pub fn of(reminder: &Reminder, open: &[OpenInvoice]) -> Option<Self> {
        let still: Vec<OpenInvoice> = open
            .iter()
            .filter(|invoice| reminder.invoices.iter().any(|spoken| spoken.id == invoice.id))
            .cloned()
            .collect();
        Some(Self { id: reminder.id, debtor: reminder.debtor.clone(), then: reminder.totals()?, open: totals(&still)? })
    }
}
