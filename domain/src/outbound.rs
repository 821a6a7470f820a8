//! What we send, and what a platform's answer to it means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::attachment::{Attachment, File};
use crate::contact::Channel;
use crate::{Language, MerchantId, OutboxId, Timestamp, TraceId};

/// For so long after a person's last message they may be written to freely: a little less than WhatsApp's day (CONTRACTS
/// A10), since a message takes its time. After that only an approved template may be sent.
pub const FREE_WINDOW: Duration = Duration::from_secs(24 * 3_600 - 600);

/// A message to a person or a staff chat, already worded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboundMessage {
    /// Plain text. `*bold*` as WhatsApp writes it; senders translate.
    pub body: String,
    /// Answers to tap; a sender shows up to 3 as buttons and more as a list (CONTRACTS A9).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// The word on a list's opener, when there are more than 3 buttons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list_label: Option<String>,
    /// The platform's id of the message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// Which text of ours it is, for the timeline.
    pub template: String,
    /// A picture or document, of which the body is the caption. At most 3 buttons go with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Box<Attachment>>,
    /// The template as which it leaves, where a platform takes nothing else; the body is what it comes to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_template: Option<PlatformTemplate>,
}

/// A template that a platform has approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformTemplate {
    /// Its name there.
    pub name: String,
    /// In which language.
    pub language: Language,
    /// What stands for its variables, in order; without line breaks.
    pub variables: Vec<String>,
}

/// An answer to tap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// Comes back with the tap; at most 64 bytes, so that every channel can carry it.
    pub id: String,
    /// What people see; at most 20 characters.
    pub title: String,
}

impl OutboundMessage {
    /// A text without buttons.
    pub fn text(template: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            body: body.into(),
            buttons: Vec::new(),
            list_label: None,
            reply_to: None,
            template: template.into(),
            attachment: None,
            platform_template: None,
        }
    }
}

/// Whom a message goes to. Messages to one recipient leave in order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "channel", rename_all = "lowercase")]
pub enum Recipient {
    /// A person on a merchant's WhatsApp number.
    WhatsApp {
        /// Our number's id.
        phone_number_id: String,
        /// Phone digits.
        wa_id: Option<String>,
        /// Business-scoped id.
        user_id: Option<String>,
    },
    /// A Telegram chat.
    Telegram {
        /// Its id.
        chat_id: i64,
    },
}

impl Recipient {
    /// The channel that carries it.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::WhatsApp { .. } => Channel::WhatsApp,
            Self::Telegram { .. } => Channel::Telegram,
        }
    }
    /// The key by which sends are ordered.
    pub fn key(&self) -> String {
        match self {
            Self::WhatsApp { phone_number_id, wa_id, user_id } => {
                let person = user_id.as_deref().or(wa_id.as_deref()).unwrap_or_default();
                format!("whatsapp:{phone_number_id}:{person}")
            }
            Self::Telegram { chat_id } => format!("telegram:{chat_id}"),
        }
    }
}

/// A row of the outbox on its way to a sender.
#[derive(Clone, Debug)]
pub struct Sendable {
    /// Our id; echoed by WhatsApp, by which an unclear send is settled.
    pub id: OutboxId,
    /// Whose.
    pub merchant: MerchantId,
    /// To whom.
    pub recipient: Recipient,
    /// What.
    pub message: OutboundMessage,
    /// The platform's id of its picture or document, once that is there.
    pub media: Option<String>,
    /// 1 for the first try.
    pub attempt: u32,
    /// When the turn decided it.
    pub decided_at: Timestamp,
    /// For logs.
    pub trace: TraceId,
}

/// Why a platform takes nothing from us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// It cannot be reached.
    NoConnection,
    /// It says that it is not available.
    Unavailable,
    /// It does not take our token: somebody has to make a new one.
    TokenRefused,
    /// It takes no more from us for now.
    Limited,
    /// Its answers take so long that others are still waiting for theirs.
    Slow,
    /// It is not configured in this process.
    NotHere,
}

impl Away {
    const ALL: [Self; 6] =
        [Self::NoConnection, Self::Unavailable, Self::TokenRefused, Self::Limited, Self::Slow, Self::NotHere];

    /// The word in rows and logs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoConnection => "no_connection",
            Self::Unavailable => "unavailable",
            Self::TokenRefused => "token_refused",
            Self::Limited => "limited",
            Self::Slow => "slow",
            Self::NotHere => "not_here",
        }
    }

    /// How it stands in a row: the word first, then what the platform said.
    pub fn noted(self, reason: &str) -> String {
        format!("away, {}: {reason}", self.code())
    }

    /// Reads [`Away::noted`].
    pub fn of_note(note: &str) -> Option<Self> {
        let (code, _) = note.strip_prefix("away, ")?.split_once(':')?;
        Self::ALL.into_iter().find(|away| away.code() == code)
    }
}

/// What a send came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// The platform took it.
    Sent {
        /// Its id there.
        provider_id: String,
    },
    /// It was certainly not taken, and may be tried again.
    Retry {
        /// The platform's wish, if it has one.
        after: Option<Duration>,
        /// For staff.
        reason: String,
    },
    /// It was certainly not taken, for a reason that is none of this message's: the platform cannot be reached, or takes
    /// nothing from us, or no more for now. Tried again for hours, and no try counts.
    Away {
        /// Why.
        why: Away,
        /// The platform's wish, if it has one.
        after: Option<Duration>,
        /// What it said, for staff.
        reason: String,
    },
    /// It may have been taken: the answer was lost. Never repeated blindly.
    Ambiguous {
        /// For staff.
        reason: String,
    },
    /// It was certainly not taken, and never will be.
    Failed {
        /// For staff.
        reason: String,
    },
}

/// How an unclear send is settled on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The platform echoes our id in delivery reports; without an echo in the given time it was not taken.
    Echo(Duration),
    /// There is no way to know: a person decides.
    Staff,
}

/// A picture or document did not get to the platform. Nobody saw anything of it: giving it once more doubles nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// It may be given again.
    #[error("{reason}")]
    Again {
        /// The platform's wish, if it has one.
        after: Option<Duration>,
        /// For staff.
        reason: String,
    },
    /// The platform cannot be reached, or takes nothing from us, or no more for now.
    #[error("{reason}")]
    Away {
        /// Why.
        why: Away,
        /// The platform's wish, if it has one.
        after: Option<Duration>,
        /// For staff.
        reason: String,
    },
    /// The platform will not take it.
    #[error("{0}")]
    Never(String),
}

/// Sends messages over one channel.
#[async_trait::async_trait]
pub trait Sender: Send + Sync + 'static {
    /// Sends one message; bounded in time. Never panics on what a platform answers.
    async fn send(&self, message: &Sendable) -> SendResult;
    /// How unclear sends are settled.
    fn settlement(&self) -> Settlement;
    /// Gives a picture or document to the platform, for a message that will name it by the id that comes back. Bounded in
    /// time.
    ///
    /// # Errors
    /// See [`UploadError`].
    async fn upload(&self, _to: &Recipient, _file: &File) -> Result<String, UploadError> {
        Err(UploadError::Never("this channel carries no files".to_owned()))
    }
}
