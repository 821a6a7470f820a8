//! What was said before in a conversation: its last words as they stand, and a summary of those before them, which a language
//! model words where one is configured. The summary is data like the words themselves: made of what others wrote, and so
//! neither an instruction nor a fact.

use crate::story::LONG;
use crate::{Language, MessageId, Timestamp};

/// Turns between one summary of a conversation and the next.
pub const EVERY: i64 = 6;
/// Messages that are never summarised, the newest: they are read as they stand.
pub const AS_THEY_STAND: usize = 6;

/// Whether a conversation's older part is summarised after this turn, counted from 1.
pub const fn is_due(turn: i64) -> bool {
    turn >= LONG as i64 && (turn - LONG as i64) % EVERY == 0
}

/// Who said something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Author {
    /// The person.
    Person,
    /// The desk.
    Desk,
    /// Somebody of the staff.
    Staff,
}

impl Author {
    /// From what is stored of a message: `person`, `bot` or `staff`.
    pub fn from_code(code: &str) -> Self {
        match code {
            "bot" => Self::Desk,
            "staff" => Self::Staff,
            _ => Self::Person,
        }
    }
    /// What a model is told of the author.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Desk => "assistant",
            Self::Staff => "staff",
        }
    }
}

/// Something that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// By whom.
    pub author: Author,
    /// The words.
    pub text: String,
}

/// A summary of the older part of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The text: each number, date, name and link in it stands in what was said.
    pub body: String,
    /// Its language: that of the shop's people.
    pub language: Language,
    /// Which model worded it.
    pub model: String,
    /// The conversation's turns when it was made.
    pub turns: i64,
    /// The last message that it tells of.
    pub through: MessageId,
    /// When that was said.
    pub through_at: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
}

/// What was said before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Before {
    /// Of what is older than the last words; `None` while the conversation is short, or nobody words any.
    pub summary: Option<Summary>,
    /// The last words, oldest first.
    pub last: Vec<Said>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_conversation_is_summarised_now_and_then_and_a_short_one_never() {
        let due: Vec<i64> = (0..40).filter(|turn| is_due(*turn)).collect();
        assert_eq!(due, [12, 18, 24, 30, 36]);
    }
}
