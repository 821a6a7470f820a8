//! Greeting, menu, thanks, and what was not understood.

use recado_domain::command::Command;
use recado_domain::conversation::Pending;
use recado_domain::effect::Effect;
use recado_domain::intent::Intent;
use recado_domain::outbound::Button;
use serde_json::json;

use super::burst::greeting_context;
use crate::desk::TurnError;
use crate::person;
use crate::turn::Turn;

const AGENT: &str = "desk";
/// A reading less likely than this is no help as a button.
const WORTH_OFFERING: f64 = 0.08;

/// Carries out a command of the desk's own.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    match command {
        Command::Greet => say(turn, "greeting", greeting_context(turn), true),
        Command::Menu => {
            turn.session.pending = None;
            turn.session.flows.clear();
            say(turn, "menu", json!({"member": turn.is_member()}), true)
        }
        Command::Cancel => {
            turn.session.pending = None;
            say(turn, "cancelled", json!({}), true)
        }
        Command::Stop => {
            turn.effects.push(Effect::SetStopped(true));
            say(turn, "stopped", json!({}), false)
        }
        Command::Resume => {
            turn.effects.push(Effect::SetStopped(false));
            say(turn, "resumed", json!({}), true)
        }
        Command::Repeat => repeat(turn),
        Command::SmallTalk { intent } => small_talk(turn, *intent),
        // A shopper asked for figures of the shop.
        Command::Figure { .. }
        | Command::Advice { .. }
        | Command::Remind { .. }
        | Command::SendReminders { .. }
        | Command::LeaveReminders
        | Command::DebtorPhone { .. }
        | Command::DebtPaid { .. } => say(turn, "no_figures", json!({}), true),
        _ => unclear(turn).await,
    }
}

fn say(turn: &mut Turn<'_>, name: &'static str, context: serde_json::Value, menu: bool) -> Result<(), TurnError> {
    turn.decided(AGENT, name);
    let buttons = if menu { menu_buttons(turn) } else { Vec::new() };
    turn.reply(name, &context, buttons)
}

/// What may be tapped, by role.
pub fn menu_buttons(turn: &Turn<'_>) -> Vec<Button> {
    let ids: &[(&str, &str)] = if turn.sees_money() {
        &[
            ("period:today", "button.sales_today"),
            ("period:this_month", "button.sales_month"),
            ("incidents", "button.incidents"),
        ]
    } else if turn.is_member() {
        &[("track", "button.track"), ("incidents", "button.incidents"), ("human", "button.human")]
    } else {
        &[("track", "button.track"), ("items", "button.items"), ("human", "button.human")]
    };
    ids.iter().map(|(id, word)| turn.button(id, word)).collect()
}

fn repeat(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.decided(AGENT, "repeat");
    match turn.session.last_reply.clone() {
        Some(body) => {
            turn.effects.push(Effect::Reply(recado_domain::outbound::OutboundMessage::text("repeat", body)));
            Ok(())
        }
        None => say(turn, "nothing_to_repeat", json!({}), true),
    }
}

fn small_talk(turn: &mut Turn<'_>, intent: Intent) -> Result<(), TurnError> {
    let merchant = json!({"merchant": turn.input.merchant.name, "member": turn.is_member()});
    match intent {
        Intent::Thanks => say(turn, "thanks", json!({}), false),
        Intent::Goodbye => say(turn, "goodbye", json!({}), false),
        Intent::ReviewPraise => say(turn, "praise", merchant, false),
        Intent::WhoAreYou => say(turn, "who_are_you", merchant, true),
        Intent::No => {
            turn.session.pending = None;
            say(turn, "noted", json!({}), false)
        }
        _ => say(turn, "out_of_scope", merchant, true),
    }
}

/// Asks which of the two best readings was meant; the second time, offers a person; the third time, fetches one.
async fn unclear(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.confusions = turn.session.confusions.saturating_add(1);
    // A question of ours that still waits is worth asking once more before anything else.
    if turn.session.confusions == 1
        && let Some(pending) = turn.session.pending.clone().filter(|pending| *pending != Pending::Person)
    {
        return crate::orders::ask_again(turn, &pending).await;
    }
    match turn.session.confusions {
        1 => {
            let buttons = best_readings(turn);
            turn.decided(AGENT, "unclear");
            turn.reply("unclear", &json!({"options": buttons.len() > 1}), buttons)
        }
        2 => {
            turn.session.pending = Some(Pending::Person);
            turn.decided(AGENT, "unclear_again");
            let buttons = vec![turn.button("human", "button.human"), turn.button("menu", "button.menu")];
            turn.reply("unclear_again", &json!({}), buttons)
        }
        _ => {
            turn.session.confusions = 0;
            person::hand_over(turn, None).await
        }
    }
}

fn best_readings(turn: &Turn<'_>) -> Vec<Button> {
    let member = turn.is_member();
    let offered = |intent: Intent| {
        !matches!(
            intent,
            Intent::Yes
                | Intent::No
                | Intent::Correction
                | Intent::OutOfScope
                | Intent::Menu
                | Intent::Repeat
                | Intent::Greeting
                | Intent::Thanks
                | Intent::Goodbye
                | Intent::TalkToHuman
                | Intent::ReviewPraise
                | Intent::WhoAreYou
        ) && member == (intent.is_merchant() || intent == Intent::IncidentStatus)
            || intent == Intent::TrackOrder
    };
    let mut buttons: Vec<Button> = turn
        .readings
        .iter()
        .filter(|(intent, chance)| offered(*intent) && *chance >= WORTH_OFFERING)
        .take(2)
        .map(|(intent, _)| {
            turn.titled(
                &format!("intent:{}", intent.name()),
                turn.wording.word(turn.language, &format!("intent.{}", intent.name())),
            )
        })
        .collect();
    // The people of the shop are not sent to the people of the shop.
    buttons.push(if member { turn.button("menu", "button.menu") } else { turn.button("human", "button.human") });
    buttons
}

/// Answers something without words: a picture, a voice note, a place.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub fn thing(turn: &mut Turn<'_>, name: &'static str) -> Result<(), TurnError> {
    say(turn, name, json!({}), true)
}
