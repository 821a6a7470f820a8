//! Several messages in a row are one thing said, and are answered once.

use jiff::civil::Date;
use recado_domain::Language;
use recado_domain::command::Command;
use recado_domain::conversation::{Owner, Pending, Session};
use recado_domain::digest::Wish;
use recado_domain::effect::Effect;
use recado_domain::finance::advice::AdviceQuestion;
use recado_domain::finance::figures::{Dimension, Metric};
use recado_domain::finance::question::{Filter, FilterBy, Order, Question, Shape, Subject};
use recado_domain::finance::reminder::Whom;
use recado_domain::flow::{FlowKind, Slot};
use recado_domain::intent::Intent;
use recado_domain::message::{InboundMessage, MessageBody};
use recado_domain::period::Period;
use serde_json::json;

use super::{asked, beside, clauses, joint, talk};
use crate::commands::{Asked, commands, of_intent_alone};
use crate::desk::TurnError;
use crate::router::{Agent, route};
use crate::turn::Turn;
use crate::understanding::asks::{place, speaks_to_a_program};
use crate::understanding::normalise::normalise;
use crate::understanding::rules::{Global, global};
use crate::understanding::{Role, Understander};
use crate::wording::clip;
use crate::{crisis, finance, flows, knowledge, orders, person, requests};

/// Letters that are said back of what was spoken.
const SPOKEN: usize = 200;

/// What a burst comes to.
enum Said {
    /// A tapped answer of ours.
    Tap(String),
    /// The same, and words that came with it.
    TapAndWords(String, String),
    /// Words.
    Words(String),
    /// Something without words that deserves an answer: the template's name.
    Thing(&'static str),
    /// Nothing to answer: a reaction, a withdrawn message, a change of number.
    Nothing,
}

fn said(burst: &[&InboundMessage]) -> Said {
    let mut words: Vec<&str> = Vec::new();
    let mut tap = None;
    let mut thing = None;
    for message in burst {
        match &message.body {
            MessageBody::Choice { id, .. } => tap = Some(id.clone()),
            MessageBody::Welcome => thing = Some("greeting"),
            MessageBody::Reaction { .. } | MessageBody::Revoke { .. } | MessageBody::IdentityChange { .. } => {}
            body => match body.words().filter(|text| !text.trim().is_empty()) {
                Some(text) if !matches!(body, MessageBody::Location { .. }) => words.push(text),
                _ => thing = Some(thing_of(body)),
            },
        }
    }
    let joined = words.join("\n");
    // A word that must always be heard outweighs a tap in the same breath.
    let urgent = global(&normalise(&joined)).is_some_and(|word| word != Global::Repeat);
    match (tap, joined.is_empty(), thing) {
        (Some(id), true, _) => Said::Tap(id),
        (Some(id), false, _) if !urgent => Said::TapAndWords(id, joined),
        (_, false, _) => Said::Words(joined),
        (_, true, Some(name)) => Said::Thing(name),
        (_, true, None) => Said::Nothing,
    }
}

fn thing_of(body: &MessageBody) -> &'static str {
    match body {
        MessageBody::Media(media) if media.voice => "voice_note",
        MessageBody::Media(_) => match body.label() {
            "audio" => "voice_note",
            "sticker" => "sticker",
            _ => "media",
        },
        MessageBody::Location { .. } => "location",
        MessageBody::Cart { .. } => "cart",
        MessageBody::Text { .. } => "empty",
        _ => "unsupported",
    }
}

/// Answers a burst.
pub async fn answer(
    turn: &mut Turn<'_>,
    understander: &Understander,
    burst: &[&InboundMessage],
) -> Result<(), TurnError> {
    let texts: Vec<String> = burst
        .iter()
        .filter(|message| !matches!(message.body, MessageBody::Reaction { .. } | MessageBody::Revoke { .. }))
        .map(|message| person::described(turn, message))
        .collect();
    turn.texts = texts;
    turn.asked.clear();
    match said(burst) {
        Said::Nothing => turn.decided(Agent::Desk.name(), "nothing_to_answer"),
        Said::Tap(id) | Said::TapAndWords(id, _) if turn.owner.is_human() && id != "menu" => {
            person::forward(turn).await?
        }
        Said::TapAndWords(id, text) => tap_and_words(turn, understander, &id, &text).await?,
        Said::Tap(id) => {
            let command = tapped(turn, &id);
            run(turn, &[command]).await?;
        }
        Said::Thing(_) if turn.owner.is_human() => person::forward(turn).await?,
        Said::Thing("greeting") => run(turn, &[Command::Greet]).await?,
        Said::Thing("cart") => run(turn, &[Command::Escalate { intent: Intent::PlaceOrder }]).await?,
        Said::Thing(name) => {
            let start = turn.effects.len();
            talk::thing(turn, name)?;
            flows::resume(turn).await?;
            joint::reply(turn, start);
        }
        Said::Words(text) => words(turn, understander, &text, spoken(burst)).await?,
    }
    // What waited for the member to write comes below the answer.
    finance::digest::release(turn).await
}

/// A tap with words beside it: one reply to both.
async fn tap_and_words(
    turn: &mut Turn<'_>,
    understander: &Understander,
    id: &str,
    text: &str,
) -> Result<(), TurnError> {
    text.clone_into(&mut turn.asked);
    let start = turn.effects.len();
    let plan = beside::plan(understander, text, Some(turn.language), role(turn), &standing(turn), tapped(turn, id));
    if turn.session.pending.is_some() {
        // The tap answers what waits, and an answer to something else would drop it.
        run_from(turn, &[plan.tap], start).await?;
        return match [plan.before, plan.after].concat().as_slice() {
            [] => Ok(()),
            wishes => run_from(turn, wishes, start).await,
        };
    }
    run_from(turn, &[plan.before, vec![plan.tap], plan.after].concat(), start).await
}

fn role(turn: &Turn<'_>) -> Role {
    if turn.is_member() { Role::Member } else { Role::Shopper }
}

/// What a text of this turn stands in.
fn standing<'turn>(turn: &'turn Turn<'_>) -> Asked<'turn> {
    let merchant = &turn.input.merchant;
    Asked {
        session: &turn.session,
        member: turn.is_member(),
        today: turn.input.now.in_zone(&merchant.zone()).date(),
        country: &merchant.country,
    }
}

/// What was said aloud in a burst, as it was written down.
fn spoken(burst: &[&InboundMessage]) -> Option<String> {
    let notes = burst.iter().filter_map(|message| match &message.body {
        MessageBody::Media(media) => media.transcript.as_deref(),
        _ => None,
    });
    let said = notes.collect::<Vec<_>>().join(" ");
    (!said.is_empty()).then(|| said.split_whitespace().collect::<Vec<_>>().join(" "))
}

async fn words(
    turn: &mut Turn<'_>,
    understander: &Understander,
    text: &str,
    spoken: Option<String>,
) -> Result<(), TurnError> {
    text.clone_into(&mut turn.asked);
    let role = role(turn);
    let remembered = turn.input.conversation.as_ref().and_then(|one| one.language);
    let hint = remembered.or(Some(turn.input.merchant.language));
    let asked = standing(turn);
    let context = asked.context();
    let (understanding, readings) = understander.understand_in(text, hint, role, &context);
    let settled = understander.settled_language(text, hint);
    let commands = if turn.owner.is_human() {
        called_back(text)
    } else if let Some(id) = numbered(&turn.session, text) {
        vec![tapped(turn, &id)]
    } else {
        let built_in = clauses::several(understander, text, hint, role, &asked)
            .unwrap_or_else(|| commands(text, &understanding, &readings, &asked));
        crate::model::consult(turn, text, &understanding, &readings, built_in).await
    };
    // Names of streets and products speak no language: answers to a request keep the one that is spoken.
    let names = |command: &Command| {
        matches!(
            command,
            Command::Answer { .. } | Command::SetSlot { .. } | Command::Correct { .. } | Command::Skip { .. }
        )
    };
    let of_person = !speaks_to_a_program(text);
    if of_person && (remembered.is_none() || !commands.iter().all(names)) {
        choose_language(turn, settled, remembered);
    }
    turn.readings = readings;
    turn.understood(understanding);
    let start = turn.effects.len();
    if let Some(spoken) = spoken.filter(|_| !turn.owner.is_human()) {
        // What was heard is said first, so that a mistake is seen; «repeat» means the answer, so the session knows nothing
        // of it.
        let heard = turn.message("voice_heard", &json!({"text": clip(&spoken, SPOKEN)}), vec![])?;
        turn.effects.push(Effect::Reply(heard));
    }
    run_from(turn, &commands, start).await
}

/// The offered answer that a text names by its place («2», «la primera»): where buttons cannot be shown, they are
/// numbered.
fn numbered(session: &Session, text: &str) -> Option<String> {
    let place = place(&normalise(text))?;
    session.last_options.get(place.checked_sub(1)?).cloned()
}

/// While a person answers, only a text that is nothing but one of these words is for the bot.
fn called_back(text: &str) -> Vec<Command> {
    match global(&normalise(text)) {
        Some(Global::Menu | Global::Bot) => vec![Command::Menu],
        Some(Global::Cancel) => vec![Command::Cancel],
        _ => vec![Command::Unclear],
    }
}

fn choose_language(turn: &mut Turn<'_>, heard: Option<Language>, remembered: Option<Language>) {
    let Some(heard) = heard else { return };
    turn.language = heard;
    if remembered != Some(heard) {
        turn.effects.push(Effect::SetLanguage(heard));
    }
}

/// What a tapped answer asks for. An id that is not ours (an old template, a forged one) shows the menu.
fn tapped(turn: &Turn<'_>, id: &str) -> Command {
    let (kind, rest) = id.split_once(':').unwrap_or((id, ""));
    let reference = || (!rest.is_empty()).then(|| rest.chars().take(40).collect::<String>());
    let figure = |period| asked(Question::of(Metric::BookedNetSales).within(period));
    match kind {
        "track" => Command::TrackOrder { reference: None },
        "order" if flows::waits_for_order(&turn.session.flows) => {
            Command::SetSlot { slot: Slot::Order, value: reference().unwrap_or_default() }
        }
        "order" => Command::TrackOrder { reference: reference() },
        "flow" => of_request(rest),
        "fix" => Slot::from_name(rest).map_or(Command::Menu, |slot| Command::AskSlot { slot }),
        "items" => Command::OrderContents { reference: reference().or_else(|| turn.session.last_order.clone()) },
        "human" => Command::Human,
        "cancel" => Command::Cancel,
        "incidents" => Command::IncidentStatus,
        "period" => match rest {
            "today" => figure(Period::Today),
            "yesterday" => figure(Period::Yesterday),
            "this_week" => figure(Period::ThisWeek),
            "last_week" => figure(Period::LastWeek),
            "this_month" => figure(Period::ThisMonth),
            "last_month" => figure(Period::LastMonth),
            _ => Command::Menu,
        },
        "ask" => {
            let (code, days) = rest.split_once('@').unwrap_or((rest, ""));
            let asks = |subject| asked(Question { period: range(days), ..Question::about(subject) });
            Subject::of_code(code).map_or(Command::Menu, asks)
        }
        "adv" => Command::Advice { question: AdviceQuestion::of_button(rest) },
        "fin" => match rest.split_once('@').map(|(shape, days)| (shape, range(days))) {
            Some((shape, Some(period))) => of_money(Some(&Question::of(Metric::BookedNetSales).within(period)), shape),
            _ => of_money(turn.session.last_question.as_ref(), rest),
        },
        "rem" => of_reminders(rest),
        "digest" => Command::Digest { wish: (rest != "off").then_some(Wish::weekly(1, 8 * 60)) },
        "intent" => Intent::from_name(rest).map_or(Command::Menu, of_intent_alone),
        _ => Command::Menu,
    }
}

fn asked(question: Question) -> Command {
    Command::Figure { question: Box::new(question) }
}

/// What an answer offered below a figure means: the same period and part, seen otherwise.
fn of_money(last: Option<&Question>, rest: &str) -> Command {
    let of = |subject: Subject| {
        let (period, filters) = last.map(|last| (last.period, last.filters.clone())).unwrap_or_default();
        asked(Question { period, filters, ..Question::about(subject) })
    };
    let sales = || Subject::Metrics(vec![Metric::BookedNetSales]);
    if let Some(name) = rest.strip_prefix("only:") {
        let filters = vec![Filter { by: FilterBy::Any, name: normalise(name) }];
        return asked(Question { filters, ..last.cloned().unwrap_or_else(|| Question::of(Metric::BookedNetSales)) });
    }
    match rest {
        "whole" => {
            let last = last.cloned().unwrap_or_else(|| Question::of(Metric::BookedNetSales));
            asked(Question { filters: Vec::new(), ..last })
        }
        "yes" => Command::KeepFact,
        "no" => Command::DropFact,
        "undo" => Command::UndoFact,
        "orders" => of(Subject::Metrics(vec![Metric::Orders])),
        "proof" => of(Subject::Proof),
        "why" => match last {
            Some(last) => {
                let subject = Subject::Why(last.metric());
                asked(Question { subject, by: None, order: None, ..last.clone() })
            }
            None => of(Subject::Why(None)),
        },
        "chart" => shaped(last, Shape::Chart),
        "pdf" => shaped(last, Shape::Pdf),
        "excel" => shaped(last, Shape::Workbook),
        "parts" => {
            let subject = match last.map(|last| &last.subject) {
                Some(Subject::Metrics(metrics)) => Subject::Metrics(metrics.clone()),
                Some(Subject::Why(Some(metric))) => Subject::Metrics(vec![*metric]),
                _ => sales(),
            };
            let (period, filters) = last.map(|last| (last.period, last.filters.clone())).unwrap_or_default();
            let (by, order) = (Some(Dimension::Product), Some(Order::Top));
            asked(Question { period, filters, by, order, ..Question::about(subject) })
        }
        _ => of(sales()),
    }
}

/// What an answer offered beside debts means.
fn of_reminders(rest: &str) -> Command {
    let (what, value) = rest.split_once(':').unwrap_or((rest, ""));
    match what {
        "all" => Command::Remind { whom: Whom::Overdue },
        "of" => Command::Remind { whom: Whom::Invoice { id: value.chars().take(60).collect() } },
        "no" => Command::LeaveReminders,
        // Without its preview it means nothing, and nothing is sent.
        "send" => value.parse().map_or(Command::Menu, |batch| Command::SendReminders { batch: Some(batch) }),
        _ => Command::Menu,
    }
}

/// The days in a button: `2026-11-16..2026-11-22`.
fn range(days: &str) -> Option<Period> {
    let (first, last) = days.split_once("..")?;
    let (first, last): (Date, Date) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some(Period::Range { first, last })
}

/// The last question as a picture or document.
fn shaped(last: Option<&Question>, shape: Shape) -> Command {
    let sales = || Question::of(Metric::BookedNetSales);
    asked(Question { shape: Some(shape), ..last.cloned().unwrap_or_else(sales) })
}

/// What an answer offered by a request means.
fn of_request(rest: &str) -> Command {
    let (what, value) = rest.split_once(':').unwrap_or((rest, ""));
    let tag = Some(value.to_owned());
    match what {
        "yes" => Command::Affirm { tag },
        "no" => Command::Deny { tag },
        "fix" => Command::Amend { tag },
        "skip" => Command::Skip { tag },
        "date" => Command::SetSlot { slot: Slot::Date, value: value.chars().take(10).collect() },
        // Products are offered by their place.
        "product" => match value.parse::<usize>() {
            Ok(index) if index < 10 => Command::SetSlot { slot: Slot::Product, value: (index + 1).to_string() },
            _ => Command::Menu,
        },
        _ => FlowKind::from_name(what).map_or(Command::Menu, |kind| of_intent_alone(kind.intent())),
    }
}

/// Runs commands in order; each goes to the agent that the router names.
async fn run(turn: &mut Turn<'_>, commands: &[Command]) -> Result<(), TurnError> {
    let start = turn.effects.len();
    run_from(turn, commands, start).await
}

/// The same; what was said since `start` is said together with the answers.
async fn run_from(turn: &mut Turn<'_>, commands: &[Command], start: usize) -> Result<(), TurnError> {
    if let [Command::TrackOrder { reference: Some(reference) }, Command::Prove { text }] = commands
        && !turn.owner.is_human()
    {
        turn.trace.commands = commands.iter().map(|command| command.name().to_owned()).collect();
        orders::with_proof(turn, reference, text).await?;
        joint::reply(turn, start);
        return Ok(());
    }
    turn.trace.commands.extend(commands.iter().map(|command| command.name().to_owned()));
    turn.session.last_options.clear();
    // An offer stands for one answer only: a later «ok» means something else.
    if turn.session.pending == Some(Pending::Person) {
        turn.session.pending = None;
    }
    // What was echoed or shown waits for the very next words; a yes to something else records and sends nothing.
    let waits = |command: &Command| match &turn.session.pending {
        Some(Pending::Record { .. } | Pending::DebtPaid { .. }) => {
            matches!(command, Command::KeepFact | Command::DropFact | Command::Unclear)
        }
        Some(Pending::Remind { .. }) => {
            matches!(command, Command::SendReminders { .. } | Command::LeaveReminders | Command::Unclear)
        }
        Some(Pending::DebtorPhone { .. }) => matches!(command, Command::DebtorPhone { .. } | Command::Unclear),
        _ => true,
    };
    if !commands.iter().all(waits) {
        turn.session.pending = None;
    }
    for command in commands {
        let agent = route(&turn.input.principal, command, &turn.owner);
        if requests::answers(turn, command).await?
            || finance::reminders::answers(turn, command).await?
            || knowledge::answers(turn, command).await?
        {
            continue;
        }
        if agent != Agent::Desk || !matches!(command, Command::Unclear) {
            turn.session.confusions = 0;
        }
        match agent {
            Agent::Flows => {
                joint::drop_question(turn, start);
                flows::run(turn, command).await?;
            }
            Agent::Orders => orders::run(turn, command).await?,
            Agent::Finance => {
                finance::run(turn, command).await?;
                asked::keep(turn, command);
            }
            Agent::Advice => finance::advice::run(turn, command).await?,
            Agent::Crisis => crisis::member_status(turn).await?,
            Agent::Person if turn.owner.is_human() => person::forward(turn).await?,
            Agent::Person => person::hand_over(turn, intent_of(command)).await?,
            Agent::Desk => {
                if turn.owner.is_human() {
                    turn.set_owner(Owner::Bot);
                    person::returned(turn)?;
                }
                match command {
                    Command::Cancel if !turn.session.flows.is_empty() => flows::leave(turn)?,
                    Command::Repeat if !turn.session.flows.is_empty() && turn.session.pending.is_none() => {}
                    _ => talk::run(turn, command).await?,
                }
            }
        }
    }
    if !turn.owner.is_human() && !commands.last().is_some_and(Command::is_of_flow) {
        flows::resume(turn).await?;
    }
    joint::reply(turn, start);
    Ok(())
}

fn intent_of(command: &Command) -> Option<Intent> {
    match command {
        Command::Escalate { intent } => Some(*intent),
        Command::IncidentStatus => Some(Intent::IncidentStatus),
        Command::Human => Some(Intent::TalkToHuman),
        _ => None,
    }
}

/// Context shared by greetings.
pub(super) fn greeting_context(turn: &Turn<'_>) -> serde_json::Value {
    let name = turn.input.conversation.as_ref().and_then(|one| one.profile_name.as_deref());
    json!({
        "name": name.and_then(person::first_name),
        "merchant": turn.input.merchant.name,
        "member": turn.is_member(),
    })
}
