//! Reminders to debtors: a member asks, sees to whom and which words, and confirms; only then one is kept, and it leaves in
//! the debtor's own conversation, once, if what it says is still owed.
//!
//! Nothing that a message or a model says sends anything: [`send`] sends what this same member was shown last, word for
//! word, and shows it anew when a single one of its words, amounts or phones has changed since.

mod answer;
mod due;
pub mod payment;
mod prepare;
mod words;

use recado_domain::contact::masked_phone;
use recado_domain::conversation::Pending;
use recado_domain::digest::DigestKind;
use recado_domain::effect::Effect;
use recado_domain::finance::reminder::{
    Debt, DebtorContact, FOLLOW_UP_DAYS, NewReminder, Skip, Way, Whom, named, spoken_of,
};
use recado_domain::outbound::{Button, OutboundMessage};
use recado_domain::principal::Principal;
use recado_domain::tools::{MemberTools, ToolBox};
use recado_domain::{ReminderBatchId, ReminderId};
use serde_json::json;

pub use answer::answers;
pub use due::due;
pub use words::sums;

use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::{LONGEST_BODY, capital};
use prepare::{Left, Prepared, Ready, prepare};

const AGENT: &str = "reminders";
/// Debtors offered to choose from.
const OFFERED: usize = 9;
/// Why some get none, told at once.
const TOLD: usize = 4;

/// Shows whom to remind and with which words.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn show(turn: &mut Turn<'_>, whom: &Whom) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    turn.session.pending = None;
    let debts = tools.debts().await?;
    turn.used(format!("debts: {}", debts.len()));
    let Some((chosen, whom)) = choose(turn, &debts, whom)? else { return Ok(()) };
    let prepared = prepare(turn, tools.as_ref(), &chosen, None).await?;
    present(turn, &chosen, prepared, whom, Note::None)
}

/// Shows the reminder of an invoice; `false` when it is none, or not open.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn of_invoice(turn: &mut Turn<'_>, id: &str) -> Result<bool, TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(false) };
    let open = tools.debts().await?.iter().any(|debt| debt.invoices.iter().any(|invoice| invoice.id == id));
    if open {
        show(turn, &Whom::Invoice { id: id.to_owned() }).await?;
    }
    Ok(open)
}

/// What is said before a preview.
enum Note {
    None,
    /// It is another than the one that was shown.
    Changed,
    /// A phone was just kept.
    Kept,
}

/// The debts that are meant; answered already when it is nobody, or not clear who.
fn choose<'d>(turn: &mut Turn<'_>, debts: &'d [Debt], whom: &Whom) -> Result<Option<(Vec<&'d Debt>, Whom)>, TurnError> {
    let today = turn.input.now.in_zone(&turn.input.merchant.zone()).date();
    let found: Vec<&Debt> = match whom {
        Whom::Overdue => debts.iter().filter(|debt| debt.days_past_due(today) > 0).collect(),
        Whom::Debtor { name } => named(debts, name),
        Whom::Invoice { id } => {
            debts.iter().filter(|debt| debt.invoices.iter().any(|invoice| invoice.id == *id)).take(1).collect()
        }
    };
    if *whom == Whom::Overdue && !found.is_empty() {
        return Ok(Some((found, Whom::Overdue)));
    }
    match (whom, found.as_slice()) {
        (_, []) => {
            turn.decided(AGENT, "nobody");
            let name = match whom {
                Whom::Debtor { name } => Some(capital(name)),
                _ => None,
            };
            let known: Vec<&str> = debts.iter().take(3).map(|debt| debt.debtor.as_str()).collect();
            let context = json!({"name": name, "names": known.join(", "), "overdue": *whom == Whom::Overdue});
            let buttons =
                if debts.is_empty() { vec![] } else { vec![turn.button("adv:collect", "button.advice_collect")] };
            turn.reply("reminder_nobody", &context, buttons)?;
            Ok(None)
        }
        (_, [one]) => Ok(Some((vec![*one], Whom::Debtor { name: one.debtor.clone() }))),
        (_, several) => {
            turn.decided(AGENT, "which");
            let offered: Vec<&Debt> = several.iter().take(OFFERED).copied().collect();
            let buttons = offered
                .iter()
                .filter_map(|debt| Some(turn.titled(&format!("rem:of:{}", debt.invoices.first()?.id), &debt.debtor)));
            let buttons = buttons.collect();
            turn.reply("reminder_which", &json!({}), buttons)?;
            Ok(None)
        }
    }
}

/// Shows what would be sent and asks; or says why nothing can be.
fn present(turn: &mut Turn<'_>, chosen: &[&Debt], prepared: Prepared, whom: Whom, note: Note) -> Result<(), TurnError> {
    if prepared.ready.is_empty() {
        return match (chosen, prepared.left.as_slice()) {
            ([debt], [left]) => alone(turn, debt, left, &note),
            _ => {
                turn.decided(AGENT, "none_now");
                let lines = lines(turn, &prepared.left);
                turn.reply("reminder_none", &json!({"lines": lines}), vec![])
            }
        };
    }
    let Some(event) = turn.input.events.last() else { return Ok(()) };
    let batch = ReminderBatchId::derived(&[&event.id.to_string()]);
    turn.session.pending = Some(Pending::Remind { batch, whom, shown: prepared.fingerprint() });
    turn.decided(AGENT, "preview");
    let blocks = prepared.ready.iter().map(|ready| block(turn, ready)).collect::<Result<Vec<_>, _>>()?;
    let context = |blocks: &[String]| {
        json!({
            "changed": matches!(note, Note::Changed), "kept": matches!(note, Note::Kept), "blocks": blocks,
            "several": prepared.ready.len() > 1, "count": prepared.ready.len(), "more": prepared.more,
            "lines": lines(turn, &prepared.left),
        })
    };
    let (whole, asked) = (context(&blocks), context(&[]));
    // What does not fit one message is shown in several, each text whole; the last one asks.
    let ask = turn.wording.say(turn.language, "reminder_preview", &asked)?.chars().count();
    let length: usize = blocks.iter().map(|block| block.chars().count() + 1).sum();
    let buttons = ask_buttons(turn, batch);
    if length + ask <= LONGEST_BODY {
        return turn.reply("reminder_preview", &whole, buttons);
    }
    let shown = blocks.into_iter().map(|block| Effect::Reply(OutboundMessage::text("reminder_block", block)));
    turn.effects.extend(shown);
    turn.reply("reminder_preview", &asked, buttons)
}

fn ask_buttons(turn: &Turn<'_>, batch: ReminderBatchId) -> Vec<Button> {
    vec![
        turn.button(&format!("rem:send:{batch}"), "button.remind_send"),
        turn.button(&format!("rem:no:{batch}"), "button.remind_no"),
    ]
}

/// One of them: who, how much, how late, where to, when, and the words.
fn block(turn: &Turn<'_>, ready: &Ready) -> Result<String, TurnError> {
    let later = ready.planned.send_at > turn.input.now;
    let context = json!({
        "debtor": ready.debtor,
        "total": ready.total,
        "age": words::age(turn, ready.days_past_due),
        "phone": masked_phone(&ready.digits),
        "source": ready.source.code(),
        "tone": turn.wording.word(turn.language, &format!("reminder.tone.{}", ready.planned.tone.code())),
        "at": later.then(|| turn.moments().day_and_hour(ready.planned.send_at)),
        "template": ready.planned.way == Way::Template,
        "text": ready.body,
    });
    turn.wording.say(turn.language, "reminder_block", &context)
}

fn lines(turn: &Turn<'_>, left: &[Left]) -> Vec<String> {
    left.iter().take(TOLD).map(|left| words::why_not(turn, left)).collect()
}

/// Why the only one who was asked about gets none, and what can be done instead.
fn alone(turn: &mut Turn<'_>, debt: &Debt, left: &Left, note: &Note) -> Result<(), TurnError> {
    turn.decided(AGENT, left.skip.code());
    let text = text_to_copy(turn, debt, left.contact.as_ref())?;
    let context = json!({
        "debtor": debt.debtor,
        "line": words::why_not(turn, left),
        "text": text,
        "kept": matches!(note, Note::Kept),
        "several": left.skip == Skip::SeveralPhones,
        "link": left.contact.as_ref().map(|contact| format!("https://wa.me/{}", contact.digits)),
    });
    match left.skip {
        Skip::NoPhone | Skip::SeveralPhones => {
            turn.session.pending = Some(Pending::DebtorPhone { debtor: debt.debtor.clone() });
            turn.reply("reminder_no_phone", &context, vec![])
        }
        Skip::WindowShut => turn.reply("reminder_window", &context, vec![]),
        _ => turn.reply("reminder_left", &context, vec![]),
    }
}

/// The words for a member to forward by themselves.
fn text_to_copy(turn: &Turn<'_>, debt: &Debt, contact: Option<&DebtorContact>) -> Result<Option<String>, TurnError> {
    let today = turn.input.now.in_zone(&turn.input.merchant.zone()).date();
    let Ok((invoices, tone)) = spoken_of(debt, today) else { return Ok(None) };
    let language = words::language_of(turn, contact);
    let Some(spoken) = words::Spoken::of(&debt.debtor, &invoices, tone, today) else { return Ok(None) };
    words::text(turn, language, &spoken).map(Some)
}

/// Asks once more for a debtor's phone.
///
/// # Errors
/// When a template does not render.
pub fn ask_phone(turn: &mut Turn<'_>, debtor: &str) -> Result<(), TurnError> {
    turn.decided(AGENT, "ask_phone");
    turn.session.pending = Some(Pending::DebtorPhone { debtor: debtor.to_owned() });
    turn.reply("reminder_ask_phone", &json!({"debtor": debtor}), vec![])
}

/// Keeps the phone of a debtor, and shows what would be sent to it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn phone(turn: &mut Turn<'_>, name: Option<&str>, digits: &str) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let asked = match turn.session.pending.take() {
        Some(Pending::DebtorPhone { debtor }) => Some(debtor),
        _ => None,
    };
    let Some(name) = name.map(str::to_owned).or(asked) else {
        turn.decided(AGENT, "nobody_asked");
        let button = turn.button("rem:all", "button.remind_all");
        return turn.reply("reminder_stale", &json!({}), vec![button]);
    };
    if digits.is_empty() {
        return ask_phone(turn, &capital(&name));
    }
    let debts = tools.debts().await?;
    let Some((chosen, whom)) = choose(turn, &debts, &Whom::Debtor { name })? else { return Ok(()) };
    let [debt] = chosen.as_slice() else { return Ok(()) };
    let contact = tools.contact_of_phone(digits).await?;
    let by = approver(turn);
    turn.audit(&by.1, "debtor.phone", &ReminderId::derived(&[&debt.key()]).to_string(), "allowed");
    turn.effects.push(Effect::KeepDebtor { debtor: debt.debtor.clone(), digits: digits.to_owned(), by: by.0 });
    let prepared = prepare(turn, tools.as_ref(), &chosen, Some(contact)).await?;
    present(turn, &chosen, prepared, whom, Note::Kept)
}

/// The member's name, and how the record calls them.
fn approver(turn: &Turn<'_>) -> (String, String) {
    match &turn.input.principal {
        Principal::Member { contact, member, .. } => (member.name.clone(), format!("member:{contact} {}", member.name)),
        other => (other.label().to_owned(), other.label().to_owned()),
    }
}

/// Has sent what was shown last, if that is still exactly what would be.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn send(turn: &mut Turn<'_>, tapped: Option<ReminderBatchId>) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let (batch, whom, shown) = match turn.session.pending.take() {
        Some(Pending::Remind { batch, whom, shown }) if tapped.is_none_or(|tapped| tapped == batch) => {
            (batch, whom, shown)
        }
        other => {
            turn.session.pending = other;
            return not_at_hand(turn, tools.as_ref(), tapped).await;
        }
    };
    let debts = tools.debts().await?;
    let Some((chosen, whom)) = choose(turn, &debts, &whom)? else { return Ok(()) };
    let prepared = prepare(turn, tools.as_ref(), &chosen, None).await?;
    if prepared.fingerprint() != shown {
        return present(turn, &chosen, prepared, whom, Note::Changed);
    }
    let (name, actor) = approver(turn);
    for ready in &prepared.ready {
        let merchant = turn.merchant().to_string();
        let id = ReminderId::derived(&[&merchant, &batch.to_string(), &ready.key]);
        turn.effects.push(Effect::Remind(Box::new(NewReminder {
            id,
            batch,
            debtor: ready.debtor.clone(),
            digits: ready.digits.clone(),
            invoices: ready.planned.invoices.clone(),
            tone: ready.planned.tone,
            body: ready.body.clone(),
            template: ready.template.clone(),
            send_at: ready.planned.send_at,
            approved_by: name.clone(),
        })));
        turn.audit(&actor, "reminder.approve", &id.to_string(), "allowed");
    }
    turn.decided(AGENT, "approved");
    let told: Vec<_> = prepared
        .ready
        .iter()
        .map(|ready| {
            let later = ready.planned.send_at > turn.input.now;
            json!({
                "debtor": ready.debtor,
                "phone": masked_phone(&ready.digits),
                "at": later.then(|| turn.moments().day_and_hour(ready.planned.send_at)),
            })
        })
        .collect();
    // Whether they paid is told with the alerts, to whoever wants those.
    let checks = tools.digests().await?.iter().any(|digest| digest.wish.kind == DigestKind::Alerts);
    turn.reply("reminder_sent", &json!({"reminders": told, "checks": checks, "days": FOLLOW_UP_DAYS}), vec![])
}

/// A button of a preview that is not the last thing shown: what was sent stays sent, and nothing else is.
async fn not_at_hand(
    turn: &mut Turn<'_>,
    tools: &dyn MemberTools,
    tapped: Option<ReminderBatchId>,
) -> Result<(), TurnError> {
    let debts = tools.debts().await?;
    let sent = tapped.is_some_and(|batch| debts.iter().flat_map(|debt| &debt.past).any(|past| past.batch == batch));
    if sent {
        turn.decided(AGENT, "already");
        return turn.reply("reminder_already", &json!({}), vec![]);
    }
    turn.decided(AGENT, "stale");
    let button = turn.button("rem:all", "button.remind_all");
    turn.reply("reminder_stale", &json!({}), vec![button])
}

/// Sends none of it.
///
/// # Errors
/// When a template does not render.
pub fn leave(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.pending = None;
    turn.decided(AGENT, "left");
    turn.reply("reminder_dropped", &json!({}), vec![])
}
