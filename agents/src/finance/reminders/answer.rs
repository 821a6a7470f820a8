//! What a debtor writes after a reminder is theirs to the shop: a person answers it, in the conversation where it stands.

use recado_domain::command::Command;
use recado_domain::effect::Effect;
use recado_domain::finance::reminder::Reminder;
use recado_domain::intent::Intent;
use recado_domain::principal::Principal;
use recado_domain::tools::ToolBox;

use super::words::sums;
use crate::desk::TurnError;
use crate::person;
use crate::turn::Turn;
use crate::understanding::normalise::normalise;
use crate::understanding::rules::global;

/// Hands the first words after a reminder to a person; `false` when there was none, or they are clearly about something
/// else.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn answers(turn: &mut Turn<'_>, command: &Command) -> Result<bool, TurnError> {
    if !matches!(turn.input.principal, Principal::Shopper { .. }) || turn.owner.is_human() || !may_answer(turn, command)
    {
        return Ok(false);
    }
    let Some(reminder) = awaited(turn).await? else { return Ok(false) };
    turn.session.reminded = None;
    keep_language(turn);
    turn.effects.push(Effect::ReminderAnswered { id: reminder.id });
    let amount = reminder.totals().map(|totals| sums(&totals));
    person::hand_over_about(turn, None, "reminder_answered", amount.as_deref()).await?;
    Ok(true)
}

/// The reminder that waits for an answer. A session that is fresh may have been lost, so the rows are asked then too.
async fn awaited(turn: &Turn<'_>) -> Result<Option<Reminder>, TurnError> {
    let known_before = turn.input.conversation.as_ref().is_some_and(|one| one.turns > 0);
    let lost = turn.input.session.turn == 0 && known_before;
    let ToolBox::Shopper(tools) = turn.tools else { return Ok(None) };
    if turn.session.reminded.is_none() && !lost {
        return Ok(None);
    }
    Ok(tools.unanswered_reminder().await?)
}

/// «Ok» is said in every language: so few words are answered in the one in which the reminder was written.
fn keep_language(turn: &mut Turn<'_>) {
    let theirs = turn.input.conversation.as_ref().and_then(|one| one.language);
    let written = theirs.unwrap_or(turn.input.merchant.language);
    if turn.asked.split_whitespace().count() <= 2 && turn.language != written {
        turn.language = written;
        turn.effects.retain(|effect| !matches!(effect, Effect::SetLanguage(_)));
    }
}

/// Whether words may be meant for whoever sent the reminder. What always works, works here too, and so does asking for an
/// order; danger and threats have their own way to a person.
fn may_answer(turn: &Turn<'_>, command: &Command) -> bool {
    match command {
        // A bare yes shows the menu, when nothing was asked; here something was.
        Command::Menu => !turn.asked.is_empty() && global(&normalise(&turn.asked)).is_none(),
        Command::Unclear | Command::SmallTalk { .. } | Command::Figure { .. } | Command::Advice { .. } => true,
        Command::Escalate { intent } => !matches!(intent, Intent::SafetyEmergency | Intent::LegalThreat),
        _ => false,
    }
}
