//! Figures of the shop for its members: the number first, then what moves it, what it leaves out, and how old it is. Every
//! number comes from the books of the turn ([`Ledger`](recado_domain::finance::figures::Ledger)); no model computes one.

pub mod advice;
mod asked;
mod compare;
mod counsel;
mod entries;
mod figure;
mod interim;
mod lists;
mod narrow;
mod parts;
mod values;

use recado_domain::command::Command;
use recado_domain::finance::figures::Metric;
use recado_domain::finance::note::Note;
use recado_domain::finance::question::{Question, Subject};
use recado_domain::outbound::Button;
use recado_domain::tools::ToolBox;
use serde_json::{Value as Json, json};

use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::normalise::normalise;
use asked::Asked;

const AGENT: &str = "finance";

/// Answers a question about money, or records what was told of it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    if !turn.sees_money() {
        turn.decided(AGENT, "refused");
        return turn.reply("finance_refused", &json!({}), vec![]);
    }
    match command {
        Command::Figure { question } => figure(turn, question).await,
        Command::TellFact { note } => entries::tell(turn, note),
        Command::KeepFact => entries::keep(turn),
        Command::DropFact => entries::leave(turn),
        Command::UndoFact => entries::undo(turn),
        _ => Ok(()),
    }
}

/// Asks once more whether to record a fact.
///
/// # Errors
/// When a template does not render.
pub fn ask_record(turn: &mut Turn<'_>, note: &Note) -> Result<(), TurnError> {
    entries::ask(turn, note)
}

async fn figure(turn: &mut Turn<'_>, question: &Question) -> Result<(), TurnError> {
    if question.subject == Subject::Unknown {
        turn.decided(AGENT, "unknown");
        turn.session.last_question = None;
        let buttons = period_buttons(turn);
        return turn.reply("finance_unknown", &json!({}), buttons);
    }
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let ledger = tools.ledger().await?;
    let told_at = tools.told_at().await?;
    let question = completed(turn, question, &ledger);
    turn.used(format!("ledger: {question}"));
    if question.subject != Subject::Proof {
        turn.session.last_question = Some(question.clone());
    }
    if let Subject::Advice(kind) = &question.subject
        && let Some(asked) = counsel::advised(&question, *kind, &ledger, &normalise(&turn.texts.join(" ")))
    {
        return advice::ask(turn, &asked).await;
    }
    let narrowed = narrow::narrowed(&ledger, &question);
    let subject = question.subject.clone();
    // A proof is of the question before it.
    let behind = match &subject {
        Subject::Proof => turn.session.last_question.clone().unwrap_or_else(|| Question::of(Metric::BookedNetSales)),
        _ => question,
    };
    let narrowed = if subject == Subject::Proof { narrow::narrowed(&ledger, &behind) } else { narrowed };
    let asked = Asked::new(turn, behind, ledger, narrowed, told_at);
    match &subject {
        Subject::Metrics(metrics) => match (asked.question.by, asked.question.versus) {
            (Some(by), _) => parts::answer(turn, &asked, metrics, by),
            (None, Some(_)) => compare::answer(turn, &asked, metrics),
            (None, None) => figure::answer(turn, &asked, metrics),
        },
        Subject::Why(metric) => compare::why(turn, &asked, *metric),
        Subject::Advice(kind) => interim::answer(turn, &asked, *kind),
        other => lists::answer(turn, &asked, other),
    }
}

/// With the product that the words name, where the question can be of one and names none.
fn completed(turn: &Turn<'_>, question: &Question, ledger: &recado_domain::finance::figures::Ledger) -> Question {
    let mut question = question.clone();
    let divisible = question.metric().is_some_and(narrow::is_of_parts);
    let by_product = question.by == Some(recado_domain::finance::figures::Dimension::Product);
    if divisible && !by_product && question.filters.is_empty() {
        let words = normalise(&turn.texts.join(" "));
        question.filters.extend(narrow::product_in(ledger, &words));
    }
    question
}

/// A line of an answer.
fn line(name: &str, value: &str) -> Json {
    json!({"name": name, "value": value})
}

fn period_buttons(turn: &Turn<'_>) -> Vec<Button> {
    vec![
        turn.button("period:today", "button.sales_today"),
        turn.button("period:this_week", "button.sales_week"),
        turn.button("period:this_month", "button.sales_month"),
    ]
}
