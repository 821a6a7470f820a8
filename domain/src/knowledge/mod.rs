//! A shop's own answers: what it wrote once about shipping, payments, returns. They are found by words, and by meaning
//! where a model makes vectors of texts, and said as they stand; what nobody wrote an answer to is collected for the shop.
//!
//! [`terms`] turns a text into what it is compared by, [`rank`] compares, [`meaning`] compares what texts mean, [`fuse`]
//! joins both, [`import`] reads files. All of it is pure; a database only narrows down what is compared.

pub mod fuse;
pub mod import;
pub mod meaning;
pub mod rank;
pub mod terms;

use serde::{Deserialize, Serialize};

use crate::{ConversationId, KnowledgeId, Language, Timestamp, UnansweredId};

/// Letters of a title at most.
pub const LONGEST_TITLE: usize = 160;
/// Letters of an answer at most: with its link it fits a WhatsApp message that has buttons.
pub const LONGEST_BODY: usize = 900;
/// Letters of a link at most.
pub const LONGEST_URL: usize = 100;
/// Letters of a source at most.
pub const LONGEST_SOURCE: usize = 80;
/// Letters of a question that are looked at or kept.
pub const LONGEST_QUESTION: usize = 200;
/// Hits that a search gives at most.
pub const MOST_HITS: usize = 5;
/// From this score on an entry answers a question. Measured on the labelled questions beside the tests of the store.
pub const ANSWERS: f64 = 0.42;
/// From this score on it answers even where the words might be meant as a request.
pub const SURELY: f64 = 0.6;

/// An answer to be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewEntry {
    /// In which language it is written.
    pub language: Language,
    /// The question it answers, in a customer's words.
    pub title: String,
    /// The answer, said as it stands.
    pub body: String,
    /// Where it comes from, for staff: a file, a page, a name.
    pub source: String,
    /// A page of the shop that says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Why an answer cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says it")]
pub enum NotKept {
    #[error("a title is needed, of at most {LONGEST_TITLE} letters")]
    Title,
    #[error("an answer is needed, of at most {LONGEST_BODY} letters")]
    Body,
    #[error("a link must begin with https:// and have at most {LONGEST_URL} letters")]
    Url,
    #[error("letters that are not shown, or a NUL, stand in it")]
    Letters,
    #[error("the title has no word to find it by")]
    NoWords,
}

/// Letters that change how a text is read and show nothing.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{E0000}'..='\u{E0FFF}')
        || (letter.is_control() && !matches!(letter, '\n' | '\t'))
}

impl NewEntry {
    /// The same, trimmed and within its bounds.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn checked(self) -> Result<Self, NotKept> {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let url = self.url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
        let entry = Self {
            language: self.language,
            title: line(&self.title),
            body: self.body.replace("\r\n", "\n").trim().to_owned(),
            source: line(&self.source).chars().take(LONGEST_SOURCE).collect(),
            url,
        };
        let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        if !within(&entry.title, LONGEST_TITLE) {
            return Err(NotKept::Title);
        }
        if !within(&entry.body, LONGEST_BODY) {
            return Err(NotKept::Body);
        }
        if entry.url.as_ref().is_some_and(|url| !is_link(url)) {
            return Err(NotKept::Url);
        }
        if entry.title.chars().chain(entry.body.chars()).chain(entry.source.chars()).any(is_hidden) {
            return Err(NotKept::Letters);
        }
        if terms::terms(&entry.title).is_empty() {
            return Err(NotKept::NoWords);
        }
        Ok(entry)
    }
}

fn is_link(url: &str) -> bool {
    let rest = url.strip_prefix("https://").unwrap_or_default();
    let plain = |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '\\' | '`');
    url.chars().count() <= LONGEST_URL && rest.contains('.') && rest.chars().all(plain)
}

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Id.
    pub id: KnowledgeId,
    /// What it says.
    #[serde(flatten)]
    pub content: NewEntry,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Whether it is put away: kept, and never said.
    pub archived: bool,
}

/// An entry that fits a question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// Which.
    pub id: KnowledgeId,
    /// Its language.
    pub language: Language,
    /// Its title.
    pub title: String,
    /// The whole answer.
    pub body: String,
    /// Its page.
    pub url: Option<String>,
    /// Where it comes from.
    pub source: String,
    /// The part of the answer that shows why it fits.
    pub excerpt: String,
    /// How well, 0..=1; see [`ANSWERS`].
    pub score: f64,
    /// How near it is in meaning, in spreads (see [`meaning`]); `None` when words alone found it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub likeness: Option<f64>,
}

/// What becomes of a question that had no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnansweredState {
    /// Waits for somebody to write one.
    Open,
    /// An answer was written.
    Answered,
    /// Not worth one.
    Dismissed,
}

impl UnansweredState {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered => "answered",
            Self::Dismissed => "dismissed",
        }
    }
    /// Reads [`UnansweredState::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Answered, Self::Dismissed].into_iter().find(|state| state.code() == code)
    }
}

/// A question of customers that had no answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unanswered {
    /// Id.
    pub id: UnansweredId,
    /// In normalised spelling, without phones, e-mails and long numbers.
    pub question: String,
    /// Its language.
    pub language: Language,
    /// How often it was asked.
    pub times: i64,
    /// When it was asked last.
    pub last_at: Timestamp,
    /// Who asked last.
    pub conversation: ConversationId,
    /// What became of it.
    pub state: UnansweredState,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str, body: &str, url: Option<&str>) -> NewEntry {
        let url = url.map(str::to_owned);
        NewEntry { language: Language::Es, title: title.into(), body: body.into(), source: "faq.md".into(), url }
    }

    #[test]
    fn what_cannot_be_said_or_found_is_not_kept() {
        let good =
            entry("  ¿Cuánto demora\nel envío? ", "De 2 a 5 días.\r\n", Some("https://casa.co/envios")).checked();
        let good = good.unwrap();
        assert_eq!((good.title.as_str(), good.body.as_str()), ("¿Cuánto demora el envío?", "De 2 a 5 días."));
        for (title, body, url, why) in [
            ("", "x", None, NotKept::Title),
            ("¿Envíos?", " ", None, NotKept::Body),
            ("¿Envíos?", &*"x".repeat(LONGEST_BODY + 1), None, NotKept::Body),
            ("¿Envíos?", "x", Some("http://casa.co"), NotKept::Url),
            ("¿Envíos?", "x", Some("https://casa.co/\" onclick"), NotKept::Url),
            ("¿Envíos?", "x\u{202E}y", None, NotKept::Letters),
            ("¿y el de la?", "x", None, NotKept::NoWords),
        ] {
            assert_eq!(entry(title, body, url).checked(), Err(why), "{title}");
        }
    }
}
