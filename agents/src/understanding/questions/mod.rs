//! Questions about money in members' words: a subject by the phrases of a lexicon, the rest by what was found in the text.
//! No model, no classifier, and no ledger: what a name means is decided where the books are.

mod carriers;
mod follow;
mod lexicon;
mod parts;
mod shape;
mod standing;
mod told;
mod told_words;

use jiff::civil::Date;
use recado_domain::command::{Entity, Mention};
use recado_domain::finance::question::{Question, Subject};

pub use follow::{carried, follow_up};
pub use shape::shaped;
pub use standing::standing;
pub use told::{answers_no, answers_yes, told, undoes};

use super::asks::unlinked;
use super::normalise::core;

/// What a text is read with.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// As written.
    pub text: &'a str,
    /// In normalised spelling.
    pub normalised: &'a str,
    /// What was found in it.
    pub entities: &'a [Mention],
    /// The shop's day.
    pub today: Date,
}

impl Ground<'_> {
    fn words(&self) -> Vec<&str> {
        unlinked(core(self.normalised)).split(' ').filter(|word| !word.is_empty()).take(60).collect()
    }
    /// The amount in it, in the minor units of its currency.
    fn amount(&self) -> Option<i64> {
        self.entities.iter().find_map(|mention| match mention.entity {
            Entity::Money { minor, .. } => Some(minor),
            _ => None,
        })
    }
}

/// Words of trouble that many have: how many are affected is no figure of the books.
const OF_INCIDENTS: &[&str] = &[
    "afectados",
    "afectadas",
    "afetados",
    "afetadas",
    "affected",
    "incidente",
    "incident",
    "notificar",
    "novedad",
    "novedades",
];

/// What a text asks about money, if it asks anything of the kind.
pub fn ask(ground: &Ground<'_>) -> Option<Question> {
    let words = ground.words();
    if words.iter().any(|word| OF_INCIDENTS.contains(word)) {
        return None;
    }
    let heard = lexicon::heard(&words)?;
    let mut question = heard.section.question.clone();
    let said = parts::period(ground).filter(|_| !heard.section.fixed);
    question.period = said.map(|(period, _)| period).or(heard.section.usual);
    if question.is_of_now() {
        question.period = said.map(|(period, _)| period).filter(|_| matches!(question.subject, Subject::Advice(_)));
    }
    question.versus = parts::versus(ground, &question, said.and_then(|(_, versus)| versus));
    question.filters = parts::filters(ground, &words, &question, heard.name);
    if question.by.is_none() && parts::may_be_divided(&question.subject) {
        question.by = parts::dimension(&words);
    }
    // What is listed best first is listed worst first when that was said.
    if let Some(order) = parts::order(&words).filter(|_| question.by.is_some()) {
        question.order = Some(question.order.unwrap_or(order));
    }
    if parts::holds_amount(&question.subject) {
        question.amount = ground.amount();
        question.percent = parts::percent(ground);
    }
    Some(question)
}
