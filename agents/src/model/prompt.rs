//! What a model is told. The rules are ours and fixed; everything else is data, as JSON text in the message of the
//! user, where no word of it can end the string that it stands in.

use recado_domain::Language;
use recado_domain::conversation::Pending;
use recado_domain::summary::Author;
use serde_json::{Value, json};

use super::proposer::Question;
use super::wire::Message;
use crate::safety::untrusted;

/// Characters of a burst that a model gets to read.
const LONGEST: usize = 3_000;

const fn rules(language: Language) -> &'static str {
    match language {
        Language::Es => include_str!("prompts/es.txt"),
        Language::Pt => include_str!("prompts/pt.txt"),
        Language::En => include_str!("prompts/en.txt"),
    }
}

const fn reword_rules(language: Language) -> &'static str {
    match language {
        Language::Es => include_str!("prompts/reword.es.txt"),
        Language::Pt => include_str!("prompts/reword.pt.txt"),
        Language::En => include_str!("prompts/reword.en.txt"),
    }
}

const fn summary_rules(language: Language) -> &'static str {
    match language {
        Language::Es => include_str!("prompts/summary.es.txt"),
        Language::Pt => include_str!("prompts/summary.pt.txt"),
        Language::En => include_str!("prompts/summary.en.txt"),
    }
}

/// Characters of a message that was said before, and of a summary.
const LONGEST_BEFORE: usize = 300;

/// What was said before, redacted.
#[derive(Default)]
pub struct Past {
    /// The summary of what is older than the last words.
    pub summary: Option<String>,
    /// The last words, oldest first.
    pub last: Vec<(Author, String)>,
}

fn said(author: Author, text: &str) -> Value {
    let text: String = untrusted::cleaned(text).chars().take(LONGEST_BEFORE).collect();
    json!({ "by": author.code(), "text": text })
}

/// The prompt that asks for commands. `texts` and `past` are redacted already.
pub fn commands(question: &Question<'_>, texts: &[String], past: &Past) -> Vec<Message> {
    let mut room = LONGEST;
    let messages: Vec<String> = texts
        .iter()
        .map_while(|text| {
            let text: String = untrusted::cleaned(text).chars().take(room).collect();
            room = room.saturating_sub(text.chars().count());
            (room > 0 || !text.is_empty()).then_some(text)
        })
        .collect();
    let waiting = question.session.pending.as_ref().map(|pending| match pending {
        Pending::OrderReference => "which_order",
        Pending::Proof { .. } => "proof_of_order",
        Pending::PickOrder { .. } => "which_of_several_orders",
        Pending::Record { .. } => "shall_this_be_recorded",
        Pending::Remind { .. } => "shall_these_reminders_be_sent",
        Pending::DebtorPhone { .. } => "phone_of_a_debtor",
        Pending::DebtPaid { .. } => "shall_this_be_recorded",
        Pending::Person => "shall_a_person_take_over",
    });
    let data = json!({
        "asker": match question.asker { super::allowed::Asker::Shopper => "shopper", super::allowed::Asker::Member => "member" },
        "question_we_asked": waiting,
        "so_far": question.session.story.codes(),
        "earlier_summary": past.summary.as_deref().map(untrusted::cleaned),
        "before": past.last.iter().map(|(author, text)| said(*author, text)).collect::<Vec<_>>(),
        "commands_allowed": question.asker.commands(),
        "messages": messages,
    });
    vec![Message::system(rules(question.language)), Message::user(data.to_string())]
}

/// The prompt that asks for a summary of what was said, in the language of those who read it. All of it is redacted already.
pub fn summary(language: Language, past: &Past) -> Vec<Message> {
    let data = json!({
        "earlier_summary": past.summary.as_deref().map(untrusted::cleaned),
        "said": past.last.iter().map(|(author, text)| said(*author, text)).collect::<Vec<_>>(),
    });
    vec![Message::system(summary_rules(language)), Message::user(data.to_string())]
}

/// The prompt that asks for other words.
pub fn rewording(language: Language, text: &str) -> Vec<Message> {
    vec![Message::system(reword_rules(language)), Message::user(json!({ "text": text }).to_string())]
}
