//! The time of an approved reminder has come, in the conversation of whoever owes. What was approved is looked at once more:
//! if it is no longer true, or they may not be written to any more, it is dropped and the people of the shop hear why.

use recado_domain::ReminderId;
use recado_domain::effect::{Effect, Subject};
use recado_domain::finance::advice::collections::{CONTACT_RULES, Contact, History, may_contact};
use recado_domain::finance::reminder::{Dropped, DueReminder, Reminder, State, TemplateWords, timer_kind};
use recado_domain::outbound::{FREE_WINDOW, OutboundMessage, PlatformTemplate};
use recado_domain::tools::ToolBox;
use serde_json::json;

use super::AGENT;
use super::words::sums;
use crate::desk::TurnError;
use crate::turn::Turn;

/// Sends a reminder whose timer rang, waits with it, or drops it.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn due(turn: &mut Turn<'_>, id: ReminderId) -> Result<(), TurnError> {
    let ToolBox::Shopper(tools) = turn.tools else {
        // Whoever became a member meanwhile is not written to as a debtor.
        turn.decided(AGENT, "not_a_debtor");
        return Ok(());
    };
    let found = tools.reminder(id).await?.filter(|found| found.reminder.state == State::Scheduled);
    let Some(DueReminder { reminder, stands }) = found else {
        turn.decided(AGENT, "gone");
        return Ok(());
    };
    let zone = turn.input.merchant.zone();
    let history = History { consent: true, ..History::default() };
    if let Contact::NotBefore(local) = may_contact(&CONTACT_RULES, &history, turn.input.now, &zone) {
        // We were away for long: it waits for the next hour that is good.
        turn.decided(AGENT, "postponed");
        let at = local.to_zoned(zone).map_or(turn.input.now, |at| at.timestamp().into());
        let after = at.since(turn.input.now);
        turn.effects.push(Effect::StartTimer { kind: timer_kind(id), after });
        return Ok(());
    }
    match message(turn, &reminder, stands) {
        Ok(message) => {
            turn.decided(AGENT, "sent");
            turn.session.last_reply = Some(message.body.clone());
            turn.session.reminded = Some(id);
            turn.effects.push(Effect::Reply(message));
            turn.effects.push(Effect::SettleReminder { id, dropped: None });
            Ok(())
        }
        Err(why) => give_up(turn, &reminder, why),
    }
}

/// The message, as it was approved.
fn message(turn: &Turn<'_>, reminder: &Reminder, stands: bool) -> Result<OutboundMessage, Dropped> {
    let conversation = turn.input.conversation.as_ref();
    if conversation.is_some_and(|one| one.stopped) {
        return Err(Dropped::Stopped);
    }
    if !stands {
        return Err(Dropped::Changed);
    }
    if turn.owner.is_human() {
        return Err(Dropped::WithPerson);
    }
    let mut message = OutboundMessage::text("reminder", reminder.body.clone());
    let wrote = conversation.and_then(|one| one.last_inbound_at);
    match (reminder.template.clone(), turn.reminder_template) {
        (Some(TemplateWords { language, variables }), Some(name)) => {
            message.platform_template = Some(PlatformTemplate { name: name.to_owned(), language, variables });
        }
        (None, _) if wrote.is_some_and(|at| turn.input.now.since(at) < FREE_WINDOW) => {}
        _ => return Err(Dropped::WindowShut),
    }
    Ok(message)
}

fn give_up(turn: &mut Turn<'_>, reminder: &Reminder, why: Dropped) -> Result<(), TurnError> {
    turn.decided(AGENT, why.code());
    turn.effects.push(Effect::SettleReminder { id: reminder.id, dropped: Some(why) });
    let subject = turn.input.conversation.as_ref().map_or(Subject::General, |one| Subject::Conversation(one.id));
    let context = json!({
        "debtor": reminder.debtor,
        "total": reminder.totals().map(|totals| sums(&totals)),
        "approved_by": reminder.approved_by,
        "why": why.code(),
    });
    turn.notify(subject, "notice_reminder", &context, &[])
}
