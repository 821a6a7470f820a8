//! Questions about a shop too large for its facts to be read: answered from its day book, with the sums of the parts that
//! the question is about, and the first facts behind it. What the day book does not hold is answered from the ledger, if the
//! shop is not too large for that, and otherwise refused in words.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use recado_domain::finance::explain::Made;
use recado_domain::finance::facts::Product;
use recado_domain::finance::figures::day_book::{Beside, Reading};
use recado_domain::finance::figures::{Days, Dimension, Metric, Narrowing, Source};
use recado_domain::finance::question::{FilterBy, Question, Shape, Subject};
use recado_domain::tools::{MemberTools, ToolError};

use super::asked::{Asked, compared_days};
use super::gathering::{opened, rehearsed};
use super::narrow::{ANY, Names, Narrowed, always, narrowed};
use super::{attached, behind, completed, figure, interim, lists};
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
/// about all facts.
///
/// # Errors
/// When the facts cannot be read.
pub async fn answering(
    turn: &Turn<'_>,
    tools: &dyn MemberTools,
    question: &Question,
) -> Result<Option<Large>, ToolError> {
    let about = behind(turn, question);
    if !is_held(&question.subject)
        || question.shape == Some(Shape::Workbook)
        || about.filters.len() > 1
        || about.filters.iter().any(|one| one.by == FilterBy::Order)
    {
        return Ok(None);
    }
    let Some(mut accounts) = opened(tools).await? else { return Ok(None) };
    let mut keys = BTreeMap::new();
    for filter in about.filters.iter().filter(|filter| filter.by != FilterBy::Expense) {
        let named = [filter.by];
        let dimensions: &[FilterBy] = if filter.by == FilterBy::Any { &ANY } else { &named };
        for by in dimensions.iter().filter_map(|by| by.dimension()).filter(|by| *by != Dimension::Product) {
            let days = all(&accounts.reading);
            let Some(parts) = tools.day_parts(&accounts.reading, by, days).await? else { return Ok(None) };
            let mut known = always(by);
            known.extend(parts.keys().map(str::to_owned));
            keys.insert(by, known);
        }
    }
    let called = Called { beside: &accounts.beside, keys };
    let question = completed(turn, question, &called);
    let about = if question.subject == Subject::Proof { about } else { question.clone() };
    let narrowed = narrowed(&called, &about);
    let Some(mut wanted) = Wanted::of(turn, &question, &about, &narrowed.parts) else { return Ok(None) };
    // What is said beside a name that is not known.
    if !narrowed.unknown.is_empty() {
        wanted.parts.insert((Dimension::Product, wanted.days));
    }
    for (metric, least) in wanted.behind {
        let listed = tools.behind(&accounts.reading, metric, &narrowed.parts, wanted.days, least).await?;
        let Some(facts) = listed else { return Ok(None) };
        accounts.behind.push((metric, facts));
    }
    let (subject, shape) = (question.subject.clone(), question.shape);
    let gathered = rehearsed(turn, tools, accounts, (&about, &narrowed), |asked| {
        for (by, days) in &wanted.parts {
            asked.source.breakdown(*by, &[], *days);
        }
        match shape {
            Some(_) => attached::rehearse(asked),
            None => rehearse(asked, &subject),
        }
    });
    let Some(((), accounts)) = gathered.await? else { return Ok(None) };
    Ok(Some(Large { question, behind: about, source: Source::Days(accounts), narrowed }))
}

/// Asks for what lists are made of.
fn rehearse(asked: &Asked<'_>, subject: &Subject) {
    let accounts = asked.source.accounts();
    asked.rehearse_gateways(if let Subject::Metrics(metrics) = subject { metrics } else { &[] });
    match subject {
        Subject::Exceptions => drop(accounts.reconciliation()),
        Subject::Debtors => drop(accounts.debtors()),
        Subject::Cohorts => drop(accounts.cohorts()),
        Subject::Why(_) => drop(accounts.fixed_by_category(asked.days)),
        Subject::Metrics(_) if asked.question.filters.iter().any(|one| one.by == FilterBy::Expense) => {
            drop(accounts.expenses_by_category(asked.days));
        }
        _ => {}
    }
}

/// The shop's day of the turn.
fn about_today(turn: &Turn<'_>) -> Date {
    turn.input.now.in_zone(&turn.input.merchant.zone()).date()
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
        | Subject::Exceptions
        | Subject::Debtors
        | Subject::Cohorts
        | Subject::Advice(_)
        | Subject::Report => true,
        // Balances of earlier days, and customers one by one.
        Subject::ProfitToCash | Subject::BestCustomers => false,
        // No figure is asked for.
        Subject::Which(_) | Subject::NotKept(_) | Subject::Unknown => false,
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
            if matches!(question.subject, Subject::Advice(_)) {
                wanted.parts.insert((by, interim::window(about_today(turn))));
            }
        }
        match &question.subject {
            // By day and month a part is drawn; by anything else it has no parts here.
            Subject::Metrics(_) if question.shape.is_some() => {
                let by_time = about.by.is_none_or(|by| matches!(by, Dimension::Day | Dimension::Month));
                if of.is_some() && !(by_time && wanted.days.count() > 1) {
                    return None;
                }
            }
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
            Subject::Why(metric) => {
                if let Some(by) = metric.and_then(Made::of).and_then(Made::dimension) {
                    wanted.parts.extend([days, before].map(|days| (by, days)));
                }
            }
            Subject::MissingCosts => {
                wanted.parts.insert((Dimension::Product, days));
            }
            Subject::Proof => wanted.behind.push((lists::proven(about), lists::PROOFS)),
            _ => {}
        }
        Some(wanted)
    }
}
