//! Facts that a member tells: echoed in figures, recorded on a yes, taken back within the day.

use recado_domain::Language;
use recado_domain::conversation::{Pending, Recorded};
use recado_domain::effect::Effect;
use recado_domain::event::EventContent;
use recado_domain::finance::facts::{Decimal, ExpenseKind};
use recado_domain::finance::note::{Note, Told};
use recado_domain::principal::Principal;
use serde_json::{Value as Json, json};

use super::AGENT;
use super::gateways::terms;
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::capital;

/// Echoes what was told and asks whether to record it.
pub fn tell(turn: &mut Turn<'_>, note: &Note) -> Result<(), TurnError> {
    if turn.input.merchant.currency != note.amount.currency && needs_own_currency(&note.told) {
        turn.decided(AGENT, "other_currency");
        let context = context(turn, note);
        return turn.reply("finance_entry_currency", &context, vec![]);
    }
    // The message that told it gives the facts their id: the same words in the same message are one fact.
    let said = turn.input.events.iter().rev().find(|event| matches!(event.content, EventContent::Message(_)));
    let Some(event) = said else { return Ok(()) };
    let pending = Pending::Record { note: note.clone(), told_by: event.id, told_at: event.occurred_at };
    turn.session.pending = Some(pending);
    ask(turn, note)
}

/// Asks whether to record it.
pub fn ask(turn: &mut Turn<'_>, note: &Note) -> Result<(), TurnError> {
    turn.decided(AGENT, "ask_record");
    let context = context(turn, note);
    let buttons = vec![turn.button("fin:yes", "button.record_yes"), turn.button("fin:no", "button.record_no")];
    turn.reply("finance_entry", &context, buttons)
}

/// A remittance, the owner's money and what a gateway takes have no currency of their own among the facts.
const fn needs_own_currency(told: &Told) -> bool {
    matches!(told, Told::Remittance { .. } | Told::Owner { .. } | Told::Gateway { .. })
}

fn context(turn: &Turn<'_>, note: &Note) -> Json {
    let word = |key: &str| turn.wording.word(turn.language, key).to_owned();
    let class = match &note.told {
        Told::Expense { kind, .. } => Some(word(match kind {
            ExpenseKind::Fixed => "expense.fixed",
            ExpenseKind::Variable => "expense.variable",
            ExpenseKind::Marketing => "expense.marketing",
            ExpenseKind::Capex => "expense.capex",
            ExpenseKind::Financing => "expense.financing",
            ExpenseKind::Owner => "expense.owner",
            ExpenseKind::Tax => "expense.tax",
        })),
        _ => None,
    };
    // A company's name has its capital again, which normalising took.
    let name = note.told.name().filter(|name| !matches!(*name, "-" | "other"));
    let name = name.map(|name| match note.told {
        Told::Ads { .. } | Told::Remittance { .. } | Told::Gateway { .. } => capital(name),
        _ => name.to_owned(),
    });
    let space = if turn.language == Language::En { "" } else { " " };
    let (terms, days, since) = match &note.told {
        Told::Gateway { rate, vat_rate, payout_days, from, .. } => {
            let share = |text: &str| Decimal::parse(text).unwrap_or(Decimal::ZERO);
            let terms = terms(share(rate), note.amount, share(vat_rate), &word("gateway.vat"), space);
            (Some(terms), *payout_days, from.map(|day| turn.moments().date(day)))
        }
        _ => (None, None, None),
    };
    // «La pasarela» has no name.
    let name = name.filter(|name| !name.is_empty()).or_else(|| terms.as_ref().map(|_| capital(&word("gateway.any"))));
    json!({
        "terms": terms,
        "payout_days": days,
        "since": since,
        "kind": note.told.code(),
        "name": name,
        "class": class,
        "amount": note.amount.shown(),
        "other": note.alternatives.first().map(|other| other.shown()),
        "currency": turn.input.merchant.currency.code(),
        "date": turn.moments().date(note.day),
    })
}

/// Records what was echoed.
pub fn keep(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let Some(Pending::Record { note, told_by, told_at }) = turn.session.pending.take() else {
        turn.decided(AGENT, "nothing_to_record");
        return turn.reply("finance_entry_none", &json!({}), vec![]);
    };
    let Ok(entries) = note.entries(&turn.input.merchant, told_by, told_at) else {
        turn.decided(AGENT, "not_a_fact");
        return turn.reply("finance_failed", &json!({}), vec![]);
    };
    let source = format!("chat:{told_by}");
    let object = format!("{} {}", note.told.code(), note.amount.to_decimal());
    let actor = actor(turn);
    turn.effects.push(Effect::RecordFinance { entries, source: source.clone() });
    turn.audit(&actor, "finance.record", &object, "allowed");
    turn.session.last_record = Some(Recorded { source, at: turn.input.now });
    turn.decided(AGENT, "recorded");
    let context = context(turn, &note);
    let button = turn.button("fin:undo", "button.undo");
    turn.reply("finance_entry_done", &context, vec![button])
}

/// Leaves it.
pub fn leave(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.pending = None;
    turn.decided(AGENT, "not_recorded");
    turn.reply("finance_entry_left", &json!({}), vec![])
}

/// Takes back what was recorded last, on the same day of the shop.
pub fn undo(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let zone = turn.input.merchant.zone();
    let today = turn.input.now.in_zone(&zone).date();
    let last = turn.session.last_record.take().filter(|record| record.at.in_zone(&zone).date() == today);
    let Some(record) = last else {
        turn.decided(AGENT, "nothing_to_undo");
        return turn.reply("finance_entry_none", &json!({}), vec![]);
    };
    let actor = actor(turn);
    turn.audit(&actor, "finance.undo", &record.source, "allowed");
    turn.effects.push(Effect::UndoFinance { source: record.source });
    turn.decided(AGENT, "undone");
    turn.reply("finance_entry_undone", &json!({}), vec![])
}

fn actor(turn: &Turn<'_>) -> String {
    match &turn.input.principal {
        Principal::Member { member, .. } => member.name.clone(),
        _ => "-".to_owned(),
    }
}
