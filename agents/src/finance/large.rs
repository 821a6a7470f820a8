//! Questions about a shop too large for its facts to be read: answered from its day book, with the sums of the parts that
//! the question is about, and the first facts behind it. What the day book does not hold is answered from the ledger.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use recado_domain::finance::facts::Product;
use recado_domain::finance::figures::day_book::{Beside, Gathered, Reading};
use recado_domain::finance::figures::{Days, Dimension, Metric, Narrowing, Source};
use recado_domain::finance::question::{FilterBy, Question, Subject};
use recado_domain::tools::{MemberTools, ToolError};

use super::asked::compared_days;
use super::narrow::{ANY, Names, Narrowed, always, narrowed};
use super::{behind, completed, figure, lists};
use crate::turn::Turn;

/// A question that a day book answers.
pub struct Large {
    /// As it was asked, completed.
    pub question: Question,
    /// What the answer is about: of a proof, the question before it.
    pub behind: Question,
    /// What answers it.
    pub source: Source,
    /// The part it is of.
    pub narrowed: Narrowed,
}

/// What a large shop calls things.
struct Called<'a> {
    beside: &'a Beside,
    keys: BTreeMap<Dimension, BTreeSet<String>>,
}

impl Names for Called<'_> {
    fn products(&self) -> &BTreeMap<String, Product> {
        &self.beside.products
    }
    fn keys(&self, by: Dimension) -> BTreeSet<String> {
        self.keys.get(&by).cloned().unwrap_or_else(|| always(by))
    }
    fn order(&self, _name: &str) -> Option<String> {
        None
    }
}

/// Gathers what the day book of the shop says to a question; `None` when there is none, it is behind, or the question is
/// about the facts themselves.
///
/// # Errors
/// When the facts cannot be read.
pub async fn answering(
    turn: &Turn<'_>,
    tools: &dyn MemberTools,
    question: &Question,
) -> Result<Option<Large>, ToolError> {
    let about = behind(turn, question);
    // Pictures, documents and what expenses are for are made from the facts.
    if question.shape.is_some() || about.filters.iter().any(|one| one.by == FilterBy::Expense) {
        return Ok(None);
    }
    if !is_held(&question.subject)
        || about.filters.len() > 1
        || about.filters.iter().any(|one| one.by == FilterBy::Order)
    {
        return Ok(None);
    }
    let Some((reading, beside)) = tools.day_book().await? else { return Ok(None) };
    let mut called = Called { beside: &beside, keys: BTreeMap::new() };
    for filter in &about.filters {
        let named = [filter.by];
        let dimensions: &[FilterBy] = if filter.by == FilterBy::Any { &ANY } else { &named };
        for by in dimensions.iter().filter_map(|by| by.dimension()).filter(|by| *by != Dimension::Product) {
            let Some(parts) = tools.day_parts(&reading, by, all(&reading)).await? else { return Ok(None) };
            let mut keys = always(by);
            keys.extend(parts.keys().map(str::to_owned));
            called.keys.insert(by, keys);
        }
    }
    let question = completed(turn, question, &called);
    let about = if question.subject == Subject::Proof { about } else { question.clone() };
    let narrowed = narrowed(&called, &about);
    let Some(wanted) = Wanted::of(turn, &question, &about, &narrowed.parts) else { return Ok(None) };
    let mut parts = Vec::with_capacity(wanted.parts.len());
    for (by, days) in wanted.parts {
        let Some(sums) = tools.day_parts(&reading, by, days).await? else { return Ok(None) };
        parts.push(((by, days), sums));
    }
    let mut listed = Vec::with_capacity(wanted.behind.len());
    for (metric, least) in wanted.behind {
        let Some(facts) = tools.behind(&reading, metric, &narrowed.parts, wanted.days, least).await? else {
            return Ok(None);
        };
        listed.push((metric, facts));
    }
    let source = Source::Days(Arc::new(Gathered { reading, beside, parts, behind: listed }));
    Ok(Some(Large { question, behind: about, source, narrowed }))
}

/// All days there are.
fn all(reading: &Reading) -> Days {
    Days::new(Date::constant(1970, 1, 1), reading.book.today())
}

/// Whether a day book can say anything to a subject.
fn is_held(subject: &Subject) -> bool {
    match subject {
        Subject::Metrics(_)
        | Subject::Costs
        | Subject::MissingCosts
        | Subject::Why(_)
        | Subject::Proof
        | Subject::OtherFigures
        | Subject::NotRealised
        | Subject::Aging
        | Subject::Report => true,
        // Of the others that ask for advice an advisor reads the facts.
        Subject::Advice(_)
        | Subject::Exceptions
        | Subject::Debtors
        | Subject::ProfitToCash
        | Subject::Cohorts
        | Subject::BestCustomers
        | Subject::Unknown => false,
    }
}

/// What is to be gathered for an answer.
struct Wanted {
    days: Days,
    parts: BTreeSet<(Dimension, Days)>,
    behind: Vec<(Metric, usize)>,
}

impl Wanted {
    /// `None`: more than the day book holds.
    fn of(turn: &Turn<'_>, question: &Question, about: &Question, narrowing: &[Narrowing]) -> Option<Self> {
        let (days, before) = compared_days(turn, about);
        let mut wanted = Self { days, parts: BTreeSet::new(), behind: Vec::new() };
        let of = match narrowing {
            [] => None,
            [Narrowing::Of(by, _)] => Some(*by),
            _ => return None,
        };
        // The part of the days that are asked for, of those before, and of those that notes look at.
        if let Some(by) = of {
            wanted.parts.extend([days, before].map(|days| (by, days)));
        }
        match &question.subject {
            Subject::Metrics(metrics) => {
                // What carriers hold of a part is a list of parcels.
                let balance = |metric: &Metric| of == Some(Dimension::Carrier) && !super::narrow::is_of_parts(*metric);
                if metrics.iter().any(balance) || of.is_some() && about.by.is_some() {
                    return None;
                }
                if let Some(by) = about.by {
                    wanted.parts.insert((by, days));
                }
                match metrics.first() {
                    Some(Metric::BookedNetSales | Metric::Orders) if about.by.is_none() => {
                        wanted.behind.push((Metric::Orders, figure::ALL_NAMES));
                    }
                    Some(Metric::OperatingProfit) if about.by.is_none() => {
                        wanted.behind.push((Metric::RealisedOrders, figure::FEW));
                    }
                    _ => {}
                }
            }
            Subject::Why(_) if of.is_some() => return None,
            Subject::Why(_) => wanted.parts.extend([days, before].map(|days| (Dimension::Product, days))),
            Subject::MissingCosts => {
                wanted.parts.insert((Dimension::Product, days));
            }
            Subject::Proof => wanted.behind.push((lists::proven(about), lists::PROOFS)),
            _ => {}
        }
        Some(wanted)
    }
}
