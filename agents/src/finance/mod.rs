//! Figures of the shop for its members: the number first, then what moves it, what it leaves out, and how old it is. Every
//! number comes from the books of the turn ([`Ledger`](recado_domain::finance::figures::Ledger)); no model computes one.

pub mod advice;
mod alerts;
mod asked;
mod attached;
mod compare;
mod counsel;
pub mod digest;
mod entries;
mod figure;
mod gateways;
mod gathering;
mod interim;
mod large;
mod lists;
mod narrow;
mod parts;
pub mod reminders;
mod spent;
mod unnamed;
mod values;
mod which;

use recado_domain::command::Command;
use recado_domain::conversation::Pending;
use recado_domain::finance::advice::AdviceQuestion;
use recado_domain::finance::figures::{Dimension, Metric, Source};
use recado_domain::finance::note::Note;
use recado_domain::finance::question::{Filter, FilterBy, Question, Subject};
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
        Command::KeepFact if matches!(turn.session.pending, Some(Pending::DebtPaid { .. })) => {
            reminders::payment::keep(turn).await
        }
        Command::KeepFact => entries::keep(turn),
        Command::DropFact => entries::leave(turn),
        Command::UndoFact => entries::undo(turn),
        Command::Digest { wish } => digest::wished(turn, *wish),
        Command::Remind { whom } => reminders::show(turn, whom).await,
        Command::SendReminders { batch } => reminders::send(turn, *batch).await,
        Command::LeaveReminders => reminders::leave(turn),
        Command::DebtPaid { name, amount, day } => reminders::payment::tell(turn, name, *amount, *day).await,
        Command::DebtorPhone { name, digits } => reminders::phone(turn, name.as_deref(), digits).await,
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
    match question.subject {
        // «Ventas», said to that, is of the days that were said before.
        Subject::Which(intent) => {
            turn.session.last_question = Some(question.clone());
            return which::ask(turn, question, intent);
        }
        Subject::NotKept(matter) => {
            turn.session.last_question = None;
            return which::not_kept(turn, question, matter);
        }
        _ => {}
    }
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let told_at = tools.told_at().await?;
    if let Some(large) = large::answering(turn, tools.as_ref(), question).await? {
        turn.used(format!("day book: {}", large.question));
        let asked = Asked::new(turn, large.behind, large.source, large.narrowed, told_at);
        return answered(turn, &asked, &large.question).await;
    }
    let order = behind(turn, question).filters.into_iter().find(|filter| filter.by == FilterBy::Order);
    let of_order = match &order {
        Some(order) => tools.order_ledger(&order.name).await?,
        None => None,
    };
    let ledger = match of_order {
        Some(ledger) => ledger,
        None if !tools.reads_all().await? => return gathering::refuse(turn, tools.as_ref()).await,
        None => tools.ledger().await?,
    };
    let question = completed(turn, question, ledger.as_ref());
    turn.used(format!("ledger: {question}"));
    let behind = behind(turn, &question);
    let narrowed = narrow::narrowed(ledger.as_ref(), &behind);
    let asked = Asked::new(turn, behind, Source::Ledger(ledger), narrowed, told_at);
    answered(turn, &asked, &question).await
}

/// Answers what was asked as it was asked: in words, as a picture or document, or as advice.
async fn answered(turn: &mut Turn<'_>, asked: &Asked<'_>, question: &Question) -> Result<(), TurnError> {
    if question.subject != Subject::Proof {
        // What comes next is asked in words again.
        turn.session.last_question = Some(Question { shape: None, ..question.clone() });
    }
    let of_figures = match &asked.question.subject {
        Subject::Metrics(metrics) => metrics.first().copied(),
        Subject::Why(metric) => *metric,
        _ => None,
    };
    if let Some(metric) = of_figures.filter(|_| !asked.narrowed.unknown.is_empty()) {
        return unnamed::answer(turn, asked, metric);
    }
    if let Some(shape) = question.shape {
        return attached::answer(turn, asked, shape);
    }
    let words = normalise(&turn.texts.join(" "));
    if let Subject::Advice(kind) = &question.subject
        && let Some(mut advised) = counsel::advised(question, *kind, asked.source.accounts(), &words)
    {
        if let AdviceQuestion::CashOn { expense: Some(expense), .. } = &mut advised {
            *expense = spent::as_written(turn, expense);
        }
        return advice::ask(turn, &advised).await;
    }
    answer(turn, asked, &question.subject)
}

/// The question that an answer is about: of a proof, the one before it.
fn behind(turn: &Turn<'_>, question: &Question) -> Question {
    match &question.subject {
        Subject::Proof => turn.session.last_question.clone().unwrap_or_else(|| Question::of(Metric::BookedNetSales)),
        _ => question.clone(),
    }
}

fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, subject: &Subject) -> Result<(), TurnError> {
    let expense = asked.question.filters.iter().find(|filter| filter.by == FilterBy::Expense);
    match subject {
        Subject::Metrics(_) if let Some(expense) = expense => spent::answer(turn, asked, &expense.name),
        Subject::Metrics(metrics) => match (asked.question.by, asked.question.versus) {
            (Some(by), _) => parts::answer(turn, asked, metrics, by),
            (None, Some(_)) => compare::answer(turn, asked, metrics),
            (None, None) => figure::answer(turn, asked, metrics),
        },
        Subject::Why(metric) => compare::why(turn, asked, *metric),
        Subject::Advice(kind) => interim::answer(turn, asked, *kind),
        other => lists::answer(turn, asked, other),
    }
}

/// With the product that the words name, where the question can be of one and names none; and with what a name means that is
/// part of a title («sábanas» of «Juego de sábanas»).
fn completed(turn: &Turn<'_>, question: &Question, names: &dyn narrow::Names) -> Question {
    let mut question = question.clone();
    let divisible = question.metric().is_some_and(narrow::is_of_parts);
    let by_product = question.by == Some(Dimension::Product);
    if divisible && !by_product && question.filters.is_empty() {
        let words = normalise(&turn.texts.join(" "));
        question.filters.extend(narrow::product_in(names, &words));
    }
    for filter in question.filters.iter_mut().filter(|filter| filter.by == FilterBy::Any) {
        if !narrow::is_known(names, filter)
            && let Some(title) = narrow::title_with(names, &filter.name)
        {
            *filter = Filter { by: FilterBy::Product, name: title };
        }
    }
    question
}

/// A line of an answer.
fn line(name: &str, value: &str) -> Json {
    json!({"name": name, "value": value})
}

/// Answers that every figure offers: as a picture, as the report, as the workbook.
fn with_shapes(turn: &Turn<'_>, mut buttons: Vec<Button>) -> Vec<Button> {
    buttons.push(turn.button("fin:chart", "button.chart"));
    buttons.push(turn.button("fin:pdf", "button.pdf"));
    buttons.push(turn.button("fin:excel", "button.excel"));
    buttons
}

fn period_buttons(turn: &Turn<'_>) -> Vec<Button> {
    vec![
        turn.button("period:today", "button.sales_today"),
        turn.button("period:this_week", "button.sales_week"),
        turn.button("period:this_month", "button.sales_month"),
    ]
}
