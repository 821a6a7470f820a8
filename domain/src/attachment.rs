//! A picture or document that goes with a message. A message says what it shows, of which days, and as of when; the bytes
//! are made once, when it leaves, and are the same however often it is sent.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::finance::figures::{Days, Dimension, Metric, Narrowing};
use crate::{Language, Timestamp};

/// Which picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Picture {
    /// A figure day by day, against the period before.
    Days(Metric),
    /// From sales to profit, step by step.
    Profit,
    /// Cash of the next thirteen weeks.
    Cash,
    /// What became of cash-on-delivery parcels.
    Cod,
    /// A figure in parts.
    Parts(Dimension, Metric),
}

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// A picture (PNG).
    Picture(Picture),
    /// The report (PDF).
    Report,
    /// The workbook (XLSX).
    Workbook,
}

impl Form {
    /// What the platforms call it.
    pub const fn kind(self) -> AttachmentKind {
        match self {
            Self::Picture(_) => AttachmentKind::Image,
            Self::Report | Self::Workbook => AttachmentKind::Document,
        }
    }
    /// The MIME type of its bytes.
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::Picture(_) => "image/png",
            Self::Report => "application/pdf",
            Self::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
    /// How the name of its file ends.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Picture(_) => "png",
            Self::Report => "pdf",
            Self::Workbook => "xlsx",
        }
    }
    /// The most bytes that are sent: 5 MB for a picture, which is WhatsApp's own bound, and 16 MB for a document, which a
    /// phone still loads (WhatsApp takes 100).
    pub const fn most_bytes(self) -> usize {
        match self {
            Self::Picture(_) => 5 << 20,
            Self::Report | Self::Workbook => 16 << 20,
        }
    }
}

/// How a platform shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum AttachmentKind {
    Image,
    Document,
}

impl AttachmentKind {
    /// Its word, WhatsApp's too.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Document => "document",
        }
    }
}

/// What goes with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// What is made.
    pub form: Form,
    /// First day of the shop.
    pub first: Date,
    /// Last day of the shop, included.
    pub last: Date,
    /// Of what part of the shop; empty = of the whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Narrowing>,
    /// The figures are those known then: the ones that the message tells.
    pub as_of: Timestamp,
    /// Of its words.
    pub language: Language,
    /// The name people see of a document.
    pub filename: String,
    /// What is said instead when it cannot be made.
    pub instead: String,
}

impl Attachment {
    /// Its days.
    pub fn days(&self) -> Days {
        Days::new(self.first, self.last)
    }
}

/// The bytes of one that was made.
#[derive(Clone, PartialEq, Eq)]
pub struct File {
    /// MIME type.
    pub mime_type: String,
    /// Name.
    pub name: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// Content.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("File").field("name", &self.name).field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}
