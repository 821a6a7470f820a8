//! As what an answer is wanted.

use serde::{Deserialize, Serialize};

/// A picture or document instead of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// A picture.
    Chart,
    /// The report.
    Pdf,
    /// The workbook.
    Workbook,
}

impl Shape {
    /// Its word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Chart => "chart",
            Self::Pdf => "pdf",
            Self::Workbook => "workbook",
        }
    }
}
