//! What a person sends, typed. Every kind that a platform documents has its place; the rest is `Unsupported`.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::contact::PersonIds;

/// A message of a person on a merchant's number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The platform's id of the message.
    pub provider_id: String,
    /// Who wrote.
    pub from: PersonIds,
    /// The name on the person's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_name: Option<String>,
    /// When the person sent it, by the platform's clock.
    pub sent_at: Timestamp,
    /// The message that it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// What it says.
    pub body: MessageBody,
}

/// The kinds of content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MessageBody {
    /// Plain text.
    Text {
        /// The words.
        text: String,
    },
    /// A tapped button or list row, or a template's quick reply.
    Choice {
        /// The id that we gave it.
        id: String,
        /// What the person saw.
        title: String,
    },
    /// An image, video, audio, document or sticker.
    Media(Media),
    /// A place.
    Location {
        /// Degrees.
        latitude: f64,
        /// Degrees.
        longitude: f64,
        /// Name and address, as far as given.
        label: Option<String>,
    },
    /// Shared contact cards.
    Contacts {
        /// Name and phone of each card.
        cards: Vec<ContactCard>,
    },
    /// A reaction to a message; `emoji` is `None` when it was taken back.
    Reaction {
        /// The message reacted to.
        message_id: String,
        /// The emoji.
        emoji: Option<String>,
    },
    /// A cart sent from the catalogue.
    Cart {
        /// Product, quantity.
        items: Vec<CartItem>,
        /// A note.
        text: Option<String>,
    },
    /// A filled form; the answer is the platform's JSON text.
    Form {
        /// Which form.
        name: String,
        /// The decoded answers.
        answers: serde_json::Value,
    },
    /// A changed text of an earlier message.
    Edit {
        /// The earlier message.
        original_id: String,
        /// The new text, when it has one.
        text: Option<String>,
    },
    /// A withdrawn message.
    Revoke {
        /// The withdrawn one.
        original_id: String,
    },
    /// The person opened the chat for the first time.
    Welcome,
    /// The person's number or id changed.
    IdentityChange {
        /// New ids, as far as given.
        new: Option<PersonIds>,
        /// The platform's word for the change.
        change: String,
    },
    /// What the platform or we cannot show.
    Unsupported {
        /// The platform's type word.
        platform_type: String,
        /// Its reason, if it gave one.
        reason: Option<String>,
    },
}

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// image, video, audio, document or sticker.
    pub media_kind: MediaKind,
    /// The platform's id, by which it is fetched.
    pub id: String,
    /// Its MIME type.
    pub mime_type: String,
    /// A caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// A file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Whether it is a voice note.
    #[serde(default)]
    pub voice: bool,
    /// What was said in it, once it was written down. A person's words, and as untrusted as any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the word says it")]
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
    Sticker,
}

/// A shared contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// Name, possibly missing.
    pub name: Option<String>,
    /// Phones as written.
    pub phones: Vec<String>,
}

/// One product of a cart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CartItem {
    /// The merchant's product id.
    pub product_id: String,
    /// How many.
    pub quantity: i64,
}

impl MessageBody {
    /// The words in it, as a person would read them: text, caption, what was spoken, or the title of a tapped button.
    pub fn words(&self) -> Option<&str> {
        match self {
            Self::Text { text } => Some(text),
            Self::Choice { title, .. } => Some(title),
            Self::Media(media) => media.transcript.as_deref().or(media.caption.as_deref()),
            Self::Edit { text, .. } | Self::Cart { text, .. } => text.as_deref(),
            Self::Location { label, .. } => label.as_deref(),
            _ => None,
        }
    }

    /// A short word for timelines and metrics.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Choice { .. } => "choice",
            Self::Media(media) => match media.media_kind {
                MediaKind::Image => "image",
                MediaKind::Video => "video",
                MediaKind::Audio => "audio",
                MediaKind::Document => "document",
                MediaKind::Sticker => "sticker",
            },
            Self::Location { .. } => "location",
            Self::Contacts { .. } => "contacts",
            Self::Reaction { .. } => "reaction",
            Self::Cart { .. } => "cart",
            Self::Form { .. } => "form",
            Self::Edit { .. } => "edit",
            Self::Revoke { .. } => "revoke",
            Self::Welcome => "welcome",
            Self::IdentityChange { .. } => "identity_change",
            Self::Unsupported { .. } => "unsupported",
        }
    }
}
