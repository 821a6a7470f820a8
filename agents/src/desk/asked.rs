//! Who asked for which figure, kept for the record.

use recado_domain::command::Command;
use recado_domain::principal::Principal;

use crate::turn::Turn;

/// The act, in the record; questions of programs over the API are kept under the same word.
const ASKED: &str = "figure.ask";

/// Keeps a question for a figure that was just answered or refused.
pub(super) fn keep(turn: &mut Turn<'_>, command: &Command) {
    let actor = match &turn.input.principal {
        Principal::Member { contact, member, .. } => format!("member:{contact} {}", member.name),
        Principal::Shopper { contact, .. } => format!("shopper:{contact}"),
        other => other.label().to_owned(),
    };
    // Which figure and which days, as they were understood; nothing of what was written. Of reminders only that they were
    // asked for: who owes, and their phones, are nobody's record.
    let question = match command {
        Command::Remind { .. }
        | Command::SendReminders { .. }
        | Command::LeaveReminders
        | Command::DebtorPhone { .. }
        | Command::DebtPaid { .. } => command.name().to_owned(),
        command => serde_json::to_string(command).unwrap_or_default(),
    };
    let outcome = match turn.trace.decision.as_str() {
        "refused" => "denied: no right to see money".to_owned(),
        decision => format!("done: {decision}"),
    };
    turn.audit(&actor, ASKED, &question, &outcome);
}
