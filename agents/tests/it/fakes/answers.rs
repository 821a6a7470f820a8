//! The shop's own answers.

use recado_domain::knowledge::import::{Format, read};
use recado_domain::knowledge::{Entry, NewEntry};
use recado_domain::{KnowledgeId, Language, Timestamp};

/// Entries in Spanish, as they stand in a file.
pub fn answers(markdown: &str) -> Vec<Entry> {
    let keep = |content: NewEntry| Entry {
        id: KnowledgeId::derived(&[&content.title]),
        content,
        updated_at: Timestamp::EPOCH,
        archived: false,
    };
    read(markdown, Format::Markdown, Language::Es, "faq.md").unwrap().into_iter().map(keep).collect()
}
