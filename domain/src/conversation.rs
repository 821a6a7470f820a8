//! A conversation: what is durable about it, and the session that may be lost.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::contact::PersonIds;
use crate::finance::note::Note;
use crate::finance::question::Question;
use crate::finance::reminder::Whom;
use crate::story::Story;
use crate::{ConversationId, EventId, Language, MerchantId, Money, ReminderBatchId, ReminderId, Timestamp};

/// Who answers. A state with an end, never a sentence in a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "owner", rename_all = "lowercase")]
pub enum Owner {
    /// The desk.
    #[default]
    Bot,
    /// The person asked for a human; nobody took it yet.
    Waiting {
        /// Since when.
        since: Timestamp,
    },
    /// A person of the staff.
    Person {
        /// Their name.
        name: String,
        /// Since when.
        since: Timestamp,
    },
}

impl Owner {
    /// Whether the bot must stay quiet.
    pub const fn is_human(&self) -> bool {
        !matches!(self, Self::Bot)
    }
}

/// The durable state of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its id; also its lane and its contact.
    pub id: ConversationId,
    /// The shop.
    pub merchant: MerchantId,
    /// The person's ids, as last seen.
    pub person: PersonIds,
    /// Our number's id that the person wrote to.
    pub phone_number_id: String,
    /// Name on the profile.
    pub profile_name: Option<String>,
    /// Language, sticky.
    pub language: Option<Language>,
    /// Who answers.
    pub owner: Owner,
    /// Whether the person asked to get no more messages on their own.
    pub stopped: bool,
    /// The last message of the person, by the platform's clock: opens the 24-hour window.
    pub last_inbound_at: Option<Timestamp>,
    /// Number of committed turns.
    pub turns: i64,
}

/// What the desk remembers of the dialogue; may vanish at any time without loss of a fact.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Session {
    /// How many turns the conversation had when this was left: tells a memory that is behind from the last one.
    #[serde(default)]
    pub turn: i64,
    /// What we asked last, if we wait for an answer.
    #[serde(default)]
    pub pending: Option<Pending>,
    /// The order spoken of last (its name).
    #[serde(default)]
    pub last_order: Option<String>,
    /// The last answer, for "repeat".
    #[serde(default)]
    pub last_reply: Option<String>,
    /// Misunderstandings in a row.
    #[serde(default)]
    pub confusions: u8,
    /// The last question about money, for follow-ups. One that cannot be read back (another version's) is none.
    #[serde(default, deserialize_with = "readable_question")]
    pub last_question: Option<Question>,
    /// What was recorded last, while it can be taken back.
    #[serde(default)]
    pub last_record: Option<Recorded>,
    /// When this person, who waits for somebody of the staff, was last told that the message arrived. Lost, it is told anew.
    #[serde(default)]
    pub told_waiting: Option<Timestamp>,
    /// The reminder that this person got and did not answer yet.
    #[serde(default)]
    pub reminded: Option<ReminderId>,
    /// Ids of the answers that the last reply offered, in order: a person may write their number.
    #[serde(default)]
    pub last_options: Vec<String>,
    /// Requests under way. What cannot be read back (another version's) is none.
    #[serde(default, deserialize_with = "crate::flow::FlowStack::readable")]
    pub flows: crate::flow::FlowStack,
    /// The course of the dialogue so far. One that cannot be read back is none.
    #[serde(default, deserialize_with = "readable_story")]
    pub story: Story,
}

/// What was recorded of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// The name by which it can be taken back.
    pub source: String,
    /// When.
    pub at: Timestamp,
}

fn readable_question<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Question>, D::Error> {
    let value = Option::<serde_json::Value>::deserialize(deserializer)?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

fn readable_story<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Story, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// A question that waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Pending {
    /// Which order?
    OrderReference,
    /// E-mail or phone of an order that is not the asker's own.
    Proof {
        /// The order's name as given.
        order: String,
        /// Failed answers so far.
        failures: u8,
    },
    /// Which of these orders?
    PickOrder {
        /// Their names.
        names: Vec<String>,
    },
    /// Shall this be recorded?
    Record {
        /// What.
        note: Note,
        /// The message that told it.
        told_by: EventId,
        /// When it was told.
        told_at: Timestamp,
    },
    /// Shall these reminders be sent?
    Remind {
        /// The preview.
        batch: ReminderBatchId,
        /// Of whom.
        whom: Whom,
        /// Tells what exactly was shown: to whom, which words, as what. Anything else is shown anew before it is sent.
        shown: String,
    },
    /// What is the phone of a debtor who is to be reminded?
    DebtorPhone {
        /// Who, as the invoices say it.
        debtor: String,
    },
    /// Shall this payment of a debtor be recorded?
    DebtPaid {
        /// Who paid, as the invoices say it.
        debtor: String,
        /// How much.
        amount: Money,
        /// The shop's day of it.
        day: Date,
        /// The message that told it.
        told_by: EventId,
    },
    /// Shall a person take over?
    Person,
}
