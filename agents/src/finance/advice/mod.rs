//! Advice for members: the number first, one line of what it means, what to do. Every number comes from an advisor of
//! [`recado_domain::finance::advice`]; here they are only worded. Nothing is sent to anybody, and accepting is a record.

mod cash;
mod collect;
mod first;
mod plan;
mod price;
pub(super) mod say;
mod score;

use recado_domain::command::Command;
use recado_domain::effect::Effect;
use recado_domain::finance::advice::AdviceQuestion;
use recado_domain::finance::figures::Accounts;
use recado_domain::principal::Principal;
use recado_domain::tools::ToolBox;
use serde_json::{Value as Json, json};

use super::gathering::{computed, opened, refuse};
use crate::desk::TurnError;
use crate::moments::Moments;
use crate::turn::Turn;
use say::Say;

const AGENT: &str = "advice";

/// An answer before it is said.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its template.
    pub template: &'static str,
    /// What is filled in.
    pub context: Json,
    /// Buttons: what they ask, and their title: a key of the table of words, or a text of its own.
    pub buttons: Vec<(String, Title)>,
    /// What is recorded with it.
    pub effects: Vec<Effect>,
}

/// The title of a button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Title {
    /// A key of the table of words.
    Word(&'static str),
    /// A name from the facts.
    Name(String),
}

impl Answer {
    fn new(template: &'static str, context: Json) -> Self {
        Self { template, context: json!({"advice": context}), buttons: Vec::new(), effects: Vec::new() }
    }
    fn button(mut self, id: impl Into<String>, word: &'static str) -> Self {
        self.buttons.push((id.into(), Title::Word(word)));
        self
    }
    /// What cannot be told, and why: a word of the table under `advice.missing.`.
    fn missing(why: &str, subject: Option<&str>) -> Self {
        Self::new("advice_missing", json!({"why": why, "subject": subject, "names": Json::Null}))
    }
}

/// Answers a question of a member.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    let Command::Advice { question } = command else { return Ok(()) };
    ask(turn, question).await
}

/// The same of a question that is at hand.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn ask(turn: &mut Turn<'_>, question: &AdviceQuestion) -> Result<(), TurnError> {
    if !turn.sees_money() {
        turn.decided(AGENT, "refused");
        return turn.reply("finance_refused", &json!({}), vec![]);
    }
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    // What would be written about an invoice is shown so that it can be sent.
    if let AdviceQuestion::Draft { item } = question
        && super::reminders::of_invoice(turn, item).await?
    {
        return Ok(());
    }
    let by = match &turn.input.principal {
        Principal::Member { member, .. } => member.name.clone(),
        _ => String::new(),
    };
    // An earlier score is in no sum: where all facts can be read, they are.
    let of_facts = *question == AdviceQuestion::WhyScore && tools.reads_all().await?;
    let of_book = match opened(tools.as_ref()).await? {
        Some(book) if !of_facts => {
            let moments = turn.moments();
            computed(tools.as_ref(), book, |accounts| answer(accounts, question, &moments, &by)).await?
        }
        _ => None,
    };
    let answer = match of_book {
        Some(answer) => {
            turn.used("day book".to_owned());
            answer
        }
        None if !tools.reads_all().await? => return refuse(turn, tools.as_ref()).await,
        None => {
            let ledger = tools.ledger().await?;
            turn.used(format!("ledger: {} orders", ledger.facts().orders.len()));
            answer(ledger.as_ref(), question, &turn.moments(), &by)
        }
    };
    turn.decided(AGENT, question.name());
    turn.session.pending = None;
    let buttons = answer.buttons.iter().map(|(id, title)| match title {
        Title::Word(word) => turn.button(id, word),
        Title::Name(name) => turn.titled(id, name),
    });
    let buttons = buttons.collect();
    turn.effects.extend(answer.effects);
    turn.reply(answer.template, &answer.context, buttons)
}

/// What to answer; `by` is who asks, for the record of what is decided.
pub fn answer(accounts: &dyn Accounts, question: &AdviceQuestion, moments: &Moments<'_>, by: &str) -> Answer {
    let say = Say { moments, currency: accounts.currency() };
    let told = match question {
        AdviceQuestion::HealthScore => score::score(accounts, &say),
        AdviceQuestion::WhyScore => score::moved(accounts, &say),
        AdviceQuestion::FirstThings => first::first(accounts, &say),
        AdviceQuestion::Because { code } => first::because(accounts, &say, code),
        AdviceQuestion::Decide { code, decision } => first::decide(accounts, &say, code, *decision, by),
        AdviceQuestion::TargetPrice { product, margin } => price::target(accounts, &say, product.as_deref(), *margin),
        AdviceQuestion::MaxDiscount { product } => price::discount(accounts, &say, product.as_deref()),
        AdviceQuestion::Bundle { products, price } => price::bundle(accounts, &say, products, *price),
        AdviceQuestion::PriceChange { product, by } => price::change(accounts, &say, product.as_deref(), *by),
        AdviceQuestion::CashForecast => cash::forecast(accounts, &say),
        AdviceQuestion::Payment { amount, on } => cash::payment(accounts, &say, *amount, *on),
        AdviceQuestion::CashOn { on, amount, expense } => {
            cash::on_day(accounts, &say, *on, *amount, expense.as_deref())
        }
        AdviceQuestion::Collections => collect::order(accounts, &say),
        AdviceQuestion::Draft { item } => collect::draft(accounts, &say, item),
        AdviceQuestion::RequiredRevenue { target, more_fixed } => plan::required(accounts, &say, *target, *more_fixed),
        AdviceQuestion::DeliveryRate { percent } => plan::delivery(accounts, &say, *percent),
    };
    told.unwrap_or_else(|why| Answer::missing(&why.to_string(), None))
}
