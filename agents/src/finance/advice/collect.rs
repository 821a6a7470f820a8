//! Whom to ask for money first, and what one could write to a carrier. Nothing is sent from here; what goes to a customer
//! is shown and sent by `reminders`.

use recado_domain::finance::advice::collections::{Collectable, in_order};
use recado_domain::finance::figures::{Accounts, OwedBy, Undefined};
use serde_json::json;

use super::say::Say;
use super::{Answer, Title};

/// Items told at once.
const TOLD: usize = 3;

fn reference(open: &Collectable) -> &str {
    open.item.order.as_deref().unwrap_or(&open.item.id)
}

/// Whom do I ask first?
pub(super) fn order(accounts: &dyn Accounts, say: &Say<'_>) -> Result<Answer, Undefined> {
    let items = in_order(accounts)?;
    let total = items.iter().try_fold(0_i64, |sum, open| sum.checked_add(open.item.balance));
    let line = |open: &Collectable| {
        let age = match open.item.days_past_due {
            Some(days) if days > 0 => say.word("advice.age.overdue").replace("{n}", &days.to_string()),
            Some(0) => say.word("advice.age.today"),
            Some(days) => say.word("advice.age.due").replace("{n}", &(-days).to_string()),
            None => say.word("advice.age.unknown"),
        };
        let step = say.word(&format!("advice.step.{}", open.step.code()));
        let amount = say.money(open.item.balance);
        json!({"debtor": open.item.debtor.name(), "reference": reference(open), "amount": amount, "age": age, "step": step})
    };
    let context = json!({
        "total": say.money(total.ok_or(Undefined::TooLarge)?),
        "items": items.iter().take(TOLD).map(line).collect::<Vec<_>>(),
        "more": items.len().saturating_sub(TOLD),
    });
    let mut answer = Answer::new("advice_collections", context);
    let owes = |open: &Collectable| matches!(open.item.debtor, OwedBy::Customer(_)) && open.item.is_overdue();
    if items.iter().any(owes) {
        answer = answer.button("rem:all", "button.remind_all");
    }
    let draft = say.word("button.advice_draft");
    for (place, open) in items.iter().take(TOLD).enumerate() {
        answer.buttons.push((format!("adv:draft:{}", open.item.id), Title::Name(format!("{draft} {}", place + 1))));
    }
    Ok(answer)
}

/// What would I write to a carrier?
pub(super) fn draft(accounts: &dyn Accounts, say: &Say<'_>, item: &str) -> Result<Answer, Undefined> {
    let carrier = |open: &Collectable| open.item.id == item && matches!(open.item.debtor, OwedBy::Carrier(_));
    let Some(open) = in_order(accounts)?.into_iter().find(carrier) else {
        return Ok(Answer::missing("nothing_open", Some(item)).button("adv:collect", "button.advice_collect"));
    };
    let due = open.item.due_on.map(|due| say.day(due));
    let text = say
        .word(&format!("advice.draft.{}", open.step.code()))
        .replace("{shop}", &accounts.shop().name)
        .replace("{debtor}", open.item.debtor.name())
        .replace("{reference}", reference(&open))
        .replace("{guide}", &open.item.id)
        .replace("{amount}", &say.money(open.item.balance))
        .replace("{day}", due.as_deref().unwrap_or("—"));
    let context = json!({"debtor": open.item.debtor.name(), "text": text});
    Ok(Answer::new("advice_draft", context).button("adv:collect", "button.advice_collect"))
}
