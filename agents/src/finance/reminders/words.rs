//! The words of a reminder, and those around it.

use jiff::civil::Date;
use recado_domain::finance::reminder::{DebtorContact, MOST_PER_INVOICE, OpenInvoice, Skip, Tone};
use recado_domain::{Language, Money};
use serde_json::json;

use super::prepare::Left;
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::clip;

/// Invoices that are listed one by one; of more, the sum and the oldest are told.
const LISTED: usize = 4;
/// Letters of a name.
const NAME: usize = 60;

/// What is spoken of.
pub(super) struct Spoken<'a> {
    debtor: String,
    invoices: &'a [OpenInvoice],
    tone: Tone,
    /// The day on which it is read.
    day: Date,
    /// What is owed, as it is written.
    pub total: String,
}

impl<'a> Spoken<'a> {
    /// `None` when the sum does not fit.
    pub fn of(debtor: &str, invoices: &'a [OpenInvoice], tone: Tone, day: Date) -> Option<Self> {
        let mut sums: Vec<Money> = Vec::new();
        for invoice in invoices {
            match sums.iter_mut().find(|sum| sum.currency == invoice.balance.currency) {
                Some(sum) => *sum = sum.plus(invoice.balance).ok()?,
                None => sums.push(invoice.balance),
            }
        }
        Some(Self { debtor: plain(debtor), invoices, tone, day, total: self::sums(&sums) })
    }
}

/// Amounts of several currencies, each in its own.
pub fn sums(amounts: &[Money]) -> String {
    amounts.iter().map(|amount| amount.shown()).collect::<Vec<_>>().join(" + ")
}

/// A name without what WhatsApp would read as marks, and no longer than a name is.
fn plain(name: &str) -> String {
    let kept: String =
        name.chars().filter(|letter| !matches!(letter, '*' | '_' | '~' | '`') && !letter.is_control()).collect();
    clip(&kept.split_whitespace().collect::<Vec<_>>().join(" "), NAME)
}

/// The language in which a debtor is written to: theirs, else the shop's.
pub(super) fn language_of(turn: &Turn<'_>, contact: Option<&DebtorContact>) -> Language {
    let theirs = contact.and_then(|contact| contact.reached.as_ref()).and_then(|reached| reached.language);
    theirs.unwrap_or(turn.input.merchant.language)
}

/// «venció el sábado 19 de septiembre», «vence hoy».
fn when(turn: &Turn<'_>, language: Language, due: Date, day: Date) -> String {
    let key = match due.cmp(&day) {
        std::cmp::Ordering::Less => "reminder.was_due",
        std::cmp::Ordering::Equal => "reminder.due_today",
        std::cmp::Ordering::Greater => "reminder.due",
    };
    turn.wording.word(language, key).replace("{day}", &turn.moments_in(language).date(due))
}

/// The text of its own that goes to a debtor.
pub(super) fn text(turn: &Turn<'_>, language: Language, spoken: &Spoken<'_>) -> Result<String, TurnError> {
    let line = |invoice: &OpenInvoice| json!({"invoice": plain(&invoice.id), "amount": invoice.balance.shown(), "when": when(turn, language, invoice.due_on, spoken.day)});
    let first = spoken.invoices.first();
    let context = json!({
        "tone": spoken.tone.code(),
        "debtor": spoken.debtor,
        "merchant": plain(&turn.input.merchant.name),
        "total": spoken.total,
        "count": spoken.invoices.len(),
        "invoice": first.map(|invoice| plain(&invoice.id)),
        "when": first.map(|invoice| when(turn, language, invoice.due_on, spoken.day)),
        "lines": spoken.invoices.iter().take(LISTED).map(line).collect::<Vec<_>>(),
        "more": spoken.invoices.len().saturating_sub(LISTED),
    });
    turn.wording.say(language, "reminder_text", &context)
}

/// What stands for the variables of the template: who owes, the shop, how much, for what. Without line breaks.
pub(super) fn variables(turn: &Turn<'_>, language: Language, spoken: &Spoken<'_>) -> Vec<String> {
    let first = spoken.invoices.first();
    let (key, invoice) = match spoken.invoices.len() {
        1 => ("reminder.one", first.map(|invoice| plain(&invoice.id)).unwrap_or_default()),
        _ => ("reminder.several", String::new()),
    };
    let when = first.map(|invoice| when(turn, language, invoice.due_on, spoken.day)).unwrap_or_default();
    let what = turn
        .wording
        .word(language, key)
        .replace("{invoice}", &invoice)
        .replace("{n}", &spoken.invoices.len().to_string())
        .replace("{when}", &when);
    vec![spoken.debtor.clone(), plain(&turn.input.merchant.name), spoken.total.clone(), what]
}

/// The template as it reads with its variables: what the member confirms and the conversation keeps.
pub(super) fn template(turn: &Turn<'_>, language: Language, variables: &[String]) -> Result<String, TurnError> {
    turn.wording.say(language, "reminder_template", &json!({"variables": variables}))
}

/// «47 días de vencido».
pub(super) fn age(turn: &Turn<'_>, days: i64) -> String {
    let word = |key: &str| turn.wording.word(turn.language, key).to_owned();
    match days {
        1.. => word("advice.age.overdue").replace("{n}", &days.to_string()),
        0 => word("advice.age.today"),
        _ => word("advice.age.due").replace("{n}", &(-days).to_string()),
    }
}

/// Why a debtor gets none now.
pub(super) fn why_not(turn: &Turn<'_>, left: &Left) -> String {
    let key = format!("reminder.skip.{}", left.skip.code());
    let when = match left.skip {
        Skip::Recent(at) => turn.moments().ago(at),
        Skip::Scheduled(at) => turn.moments().day_and_hour(at),
        _ => String::new(),
    };
    turn.wording
        .word(turn.language, &key)
        .replace("{debtor}", &plain(&left.debtor))
        .replace("{when}", &when)
        .replace("{n}", &MOST_PER_INVOICE.to_string())
}
