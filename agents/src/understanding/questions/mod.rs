//! Questions about money in members' words: a subject by the phrases of a lexicon, the rest by what was found in the text.
//! No model, no classifier, and no ledger: what a name means is decided where the books are.

mod carriers;
mod coming;
mod follow;
mod lexicon;
mod named;
mod parts;
mod shape;
mod standing;
mod told;
mod told_fee;
pub(super) mod told_words;
mod why;

use jiff::civil::Date;
use recado_domain::command::{Entity, Mention};
use recado_domain::finance::question::{Advice, Filter, FilterBy, Matter, Question, Subject};
use recado_domain::period::Period;

pub use follow::{carried, follow_up};
pub use shape::shaped;
pub use standing::standing;
pub use told::{answers_no, answers_yes, told, undoes};
pub use told_fee::told_fee;

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

/// Words that ask how much or how many.
const OF_AMOUNTS: &[&str] = &[
    "cuanto", "cuanta", "cuantos", "cuantas", "quanto", "quanta", "quantos", "quantas", "how", "que", "cual", "cuales",
    "qual", "quais", "what", "which", "como", "total",
];

/// What a text, in normalised spelling, names that no figure is kept of, if it asks how much of it there is.
pub fn not_kept(normalised: &str) -> Option<Matter> {
    let words: Vec<&str> = normalised.split(' ').collect();
    let asks = words.iter().any(|word| OF_AMOUNTS.contains(word)) || lexicon::heard(&words).is_some();
    lexicon::not_kept(&words).filter(|_| asks)
}

/// What a text asks about money, if it asks anything of the kind. Only what it names is asked: of what it names beside
/// that, the books know whether there is such a thing.
pub fn ask(ground: &Ground<'_>) -> Option<Question> {
    let words = ground.words();
    if words.iter().any(|word| OF_INCIDENTS.contains(word)) {
        return None;
    }
    if lexicon::not_kept(&words).is_some() {
        let period = parts::period(ground).map(|(period, _)| period);
        return not_kept(ground.normalised)
            .map(|matter| Question { period, ..Question::about(Subject::NotKept(matter)) });
    }
    let heard = lexicon::heard(&words);
    // A phrase that asks no figure («¿por qué vendo y no veo plata?») says more than the figure it names.
    let of_a_figure = heard.as_ref().is_none_or(|heard| {
        matches!(heard.section.question.subject, Subject::Metrics(_) | Subject::Costs | Subject::Why(_))
    });
    let why = why::named(ground, &words).filter(|_| of_a_figure);
    if let Some((question, usual)) = why.filter(|_| !heard.as_ref().is_some_and(is_a_why)) {
        return Some(beside(ground, question, usual));
    }
    let heard = heard?;
    let usual = heard.section.usual;
    let mut question = heard.section.question.clone();
    let said = parts::period(ground).filter(|_| !heard.section.fixed);
    question.period = said.map(|(period, _)| period).or(usual);
    if question.is_of_now() {
        question.period = said.map(|(period, _)| period).filter(|_| matches!(question.subject, Subject::Advice(_)));
    }
    if question.subject == Subject::Advice(Advice::CashForecast) {
        question.period = coming::day(ground).map(|day| Period::Range { first: day, last: day });
    }
    question.versus = parts::versus(ground, &question, said.and_then(|(_, versus)| versus));
    question.filters = parts::filters(ground, &words, &question, heard.name);
    if question.by.is_none() && parts::may_be_divided(&question.subject) {
        question.by = parts::dimension(&words);
    }
    let whole = question.filters.is_empty() && question.by.is_none() && parts::may_be_divided(&question.subject);
    if let Some(name) = named::unexplained(ground, &words, &heard.place).filter(|_| whole) {
        question.filters.push(Filter { by: FilterBy::Any, name });
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

fn is_a_why(heard: &lexicon::Heard) -> bool {
    matches!(heard.section.question.subject, Subject::Why(_))
}

/// A why with its days and what they are compared with.
fn beside(ground: &Ground<'_>, question: Question, usual: Option<Period>) -> Question {
    let said = parts::period(ground);
    let mut question = Question { period: said.map(|(period, _)| period).or(usual), ..question };
    question.versus = parts::versus(ground, &question, said.and_then(|(_, versus)| versus));
    question
}
