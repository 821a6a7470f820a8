//! «El Tornillo me pagó 200 mil»: laid on their invoices, the earliest due first, echoed with what is left, and recorded on a
//! yes. It is taken back like any fact that was told.

use jiff::civil::Date;
use recado_domain::Money;
use recado_domain::conversation::{Pending, Recorded};
use recado_domain::effect::Effect;
use recado_domain::event::EventContent;
use recado_domain::finance::reminder::{Debt, Whom, settled_by};
use recado_domain::tools::ToolBox;
use serde_json::{Value as Json, json};

use super::words::sums;
use super::{AGENT, approver, choose};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Echoes a payment and asks whether to record it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn tell(turn: &mut Turn<'_>, name: &str, amount: Money, day: Date) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let said = turn.input.events.iter().rev().find(|event| matches!(event.content, EventContent::Message(_)));
    let Some(told_by) = said.map(|event| event.id) else { return Ok(()) };
    turn.session.pending = None;
    let debts = tools.debts().await?;
    let Some((chosen, _)) = choose(turn, &debts, &Whom::Debtor { name: name.to_owned() })? else { return Ok(()) };
    let [debt] = chosen.as_slice() else { return Ok(()) };
    let context = context(turn, debt, amount, day);
    if settled_by(&debt.invoices, amount).is_none() {
        turn.decided(AGENT, "paid_too_much");
        return turn.reply("debt_paid_too_much", &context, vec![]);
    }
    turn.decided(AGENT, "ask_paid");
    turn.session.pending = Some(Pending::DebtPaid { debtor: debt.debtor.clone(), amount, day, told_by });
    let buttons = vec![turn.button("fin:yes", "button.record_yes"), turn.button("fin:no", "button.record_no")];
    turn.reply("debt_paid", &context, buttons)
}

/// What is said of a payment: who, how much, when, and what is left.
fn context(turn: &Turn<'_>, debt: &Debt, amount: Money, day: Date) -> Json {
    let owed: Vec<Money> = debt.invoices.iter().map(|invoice| invoice.balance).collect();
    let in_currency = owed.iter().filter(|balance| balance.currency == amount.currency);
    let total = in_currency.map(|balance| balance.minor).fold(0_i64, i64::saturating_add);
    let left = total.saturating_sub(amount.minor);
    json!({
        "debtor": debt.debtor,
        "amount": amount.shown(),
        "date": turn.moments().date(day),
        "total": sums(&[Money::new(total, amount.currency)]),
        "remaining": (left > 0).then(|| Money::new(left, amount.currency).shown()),
    })
}

/// Records what was echoed, if they still owe as much.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn keep(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let Some(Pending::DebtPaid { debtor, amount, day, told_by }) = turn.session.pending.take() else { return Ok(()) };
    let debts = tools.debts().await?;
    let Some((chosen, _)) = choose(turn, &debts, &Whom::Debtor { name: debtor })? else { return Ok(()) };
    let [debt] = chosen.as_slice() else { return Ok(()) };
    let context = context(turn, debt, amount, day);
    let Some(parts) = settled_by(&debt.invoices, amount) else {
        turn.decided(AGENT, "paid_too_much");
        return turn.reply("debt_paid_too_much", &context, vec![]);
    };
    let source = format!("chat:{told_by}");
    turn.effects.push(Effect::RecordPayment { parts, day, source: source.clone() });
    let (_, actor) = approver(turn);
    turn.audit(&actor, "finance.record", &format!("payment {}", amount.to_decimal()), "allowed");
    turn.session.last_record = Some(Recorded { source, at: turn.input.now });
    turn.decided(AGENT, "paid");
    let button = turn.button("fin:undo", "button.undo");
    turn.reply("debt_paid_done", &context, vec![button])
}
