//! What members are told unasked: a day or a week in short, and what cannot wait. A timer wakes the conversation; what is
//! told, what was told and what waits are rows of that conversation, kept in the turn that tells it.
//!
//! WhatsApp lets a shop write freely for a day after the member's last message. After that an approved template may be sent,
//! where one is configured; otherwise the summary waits until the member writes, and is then told once.

use jiff::civil::Date;
use recado_domain::conversation::Conversation;
use recado_domain::digest::{Digest, DigestKind, Wish};
use recado_domain::effect::Effect;
use recado_domain::finance::explain::{Explained, change};
use recado_domain::finance::figures::{Days, Metric, Source, Value};
use recado_domain::finance::question::Question;
use recado_domain::outbound::{FREE_WINDOW, OutboundMessage, PlatformTemplate};
use recado_domain::period::Period;
use recado_domain::tools::{MemberTools, ToolBox};
use serde_json::json;

use super::asked::Asked;
use super::compare::driver;
use super::gathering::{opened, put_off, rehearsed};
use super::narrow::Narrowed;
use super::{AGENT, alerts};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Reasons told of a change.
const REASONS: usize = 2;
/// Longest value of a template's variable that is sure to be taken.
const VARIABLE: usize = 300;

/// How an unasked message may leave now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// As it is.
    Freely,
    /// As an approved template.
    Template,
    /// Not before the member writes.
    Waits,
    /// Not at all: the member asked for silence.
    Silent,
}

/// Answers a wish to be told of itself, or no more.
pub fn wished(turn: &mut Turn<'_>, wish: Option<Wish>) -> Result<(), TurnError> {
    let Some(wish) = wish else { return drop_all(turn) };
    let zone = turn.input.merchant.zone();
    let now = turn.input.now;
    start(turn, wish);
    turn.effects.push(Effect::KeepDigest(Digest::new(wish, now, &zone)));
    if wish.kind != DigestKind::Alerts {
        // Whoever wants to hear of the shop wants to hear when it runs out of cash: one switch for both.
        start(turn, Wish::alerts());
        turn.effects.push(Effect::KeepDigest(Digest::new(Wish::alerts(), now, &zone)));
    }
    turn.decided(AGENT, "digest_on");
    let context = json!({
        "kind": wish.kind.code(),
        "day": turn.wording.word(turn.language, &format!("weekday.{}", wish.weekday)),
        "hour": hour(wish.minute),
    });
    let button = turn.button("digest:off", "button.digest_off");
    turn.reply("digest_set", &context, vec![button])
}

fn drop_all(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    for kind in DigestKind::ALL {
        turn.effects.push(Effect::CancelTimer { kind: kind.timer().to_owned() });
    }
    turn.effects.push(Effect::DropDigest(None));
    turn.decided(AGENT, "digest_off");
    let button = turn.button("digest:weekly", "button.digest_weekly");
    turn.reply("digest_off", &json!({}), vec![button])
}

/// `8:00`, `19:30`: as the rest of the desk writes hours.
fn hour(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

fn start(turn: &mut Turn<'_>, wish: Wish) {
    let next = wish.next(turn.input.now, &turn.input.merchant.zone());
    let after = next.since(turn.input.now);
    turn.effects.push(Effect::StartTimer { kind: wish.kind.timer().to_owned(), after });
}

/// A timer of ours rang.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn due(turn: &mut Turn<'_>, kind: DigestKind) -> Result<(), TurnError> {
    if !turn.sees_money() {
        // The right is looked at when it is told, not when it was wished for.
        turn.effects.push(Effect::DropDigest(None));
        turn.decided(AGENT, "digest_refused");
        return Ok(());
    }
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let digests = tools.digests().await?;
    let Some(digest) = digests.into_iter().find(|digest| digest.wish.kind == kind) else {
        turn.decided(AGENT, "digest_gone");
        return Ok(());
    };
    start(turn, digest.wish);
    let day = digest.wish.due(turn.input.now, &turn.input.merchant.zone());
    if digest.untold(day).is_none() {
        turn.decided(AGENT, "digest_told_before");
        return Ok(());
    }
    let way = way(turn);
    if way == Way::Waits && kind != DigestKind::Alerts {
        turn.decided(AGENT, "digest_held");
        turn.effects.push(Effect::KeepDigest(Digest { held: Some(day), ..digest }));
        return Ok(());
    }
    tell(turn, tools.as_ref(), digest, day, way).await
}

/// Tells what waited, below the answer to what the member wrote.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn release(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    if !turn.sees_money() || turn.owner.is_human() {
        return Ok(());
    }
    let decided = (turn.trace.agent.clone(), turn.trace.decision.clone());
    let remembered = turn.session.clone();
    // What was just switched off is not told any more.
    if turn.effects.iter().any(|effect| matches!(effect, Effect::DropDigest(_) | Effect::SetStopped(true))) {
        return Ok(());
    }
    for digest in tools.digests().await? {
        let Some(day) = digest.held else { continue };
        if digest.untold(day).is_none() {
            turn.effects.push(Effect::KeepDigest(Digest { held: None, ..digest }));
            continue;
        }
        tell(turn, tools.as_ref(), digest, day, Way::Freely).await?;
    }
    // The turn was about what the member wrote, and so is what comes next.
    turn.session = remembered;
    turn.decided(&decided.0, &decided.1);
    Ok(())
}

async fn tell(
    turn: &mut Turn<'_>,
    tools: &dyn MemberTools,
    digest: Digest,
    day: Date,
    way: Way,
) -> Result<(), TurnError> {
    if digest.wish.kind == DigestKind::Alerts {
        return alerts::tell(turn, tools, digest, day, way).await;
    }
    let days = digest.wish.days(day);
    let told = Digest { told_through: Some(days.last), held: None, ..digest };
    if way != Way::Silent {
        let period = Period::Range { first: days.first, last: days.last };
        let question = Question::of(Metric::BookedNetSales).within(period);
        let narrowed = Narrowed { parts: Vec::new(), names: Vec::new(), unknown: Vec::new() };
        let kind = told.wish.kind;
        let of_book = match opened(tools).await? {
            Some(book) => {
                let about = (&question, &narrowed);
                rehearsed(turn, tools, book, about, |asked| summary(turn, asked, kind, days, way)).await?
            }
            None => None,
        };
        let message = match of_book {
            Some((message, _)) => {
                turn.used(format!("day book: {question}"));
                message?
            }
            None if !tools.reads_all().await? => {
                put_off(turn, kind.timer());
                return Ok(());
            }
            None => {
                let (ledger, told_at) = (tools.ledger().await?, tools.told_at().await?);
                turn.used(format!("ledger: {question}"));
                let asked = Asked::new(turn, question.clone(), Source::Ledger(ledger), narrowed, told_at);
                summary(turn, &asked, kind, days, way)?
            }
        };
        // «¿Por qué?» is of what was just told.
        turn.session.last_question = Some(question);
        turn.session.last_reply = Some(message.body.clone());
        turn.session.last_options = message.buttons.iter().map(|button| button.id.clone()).collect();
        turn.effects.push(Effect::Reply(message));
    }
    turn.decided(AGENT, if way == Way::Silent { "digest_silent" } else { "digest_told" });
    turn.effects.push(Effect::KeepDigest(told));
    Ok(())
}

/// The number first, what changed and why in a line, what is missing, and how to end it.
fn summary(
    turn: &Turn<'_>,
    asked: &Asked<'_>,
    kind: DigestKind,
    days: Days,
    way: Way,
) -> Result<OutboundMessage, TurnError> {
    let figures = asked.figures(days);
    let written = |metric: Metric| figures.value(metric).ok().map(|value| asked.values.value(metric, value));
    let before = days.previous();
    let why = change(asked.source.accounts(), Explained::NetSales, &[], days, before).ok();
    let reasons = why.as_ref().map(|found| {
        let strongest = found.strongest().into_iter().take(REASONS);
        strongest.map(|(one, amount)| driver(asked, one, amount)).collect::<Vec<_>>().join("; ")
    });
    let difference = why.as_ref().map(|found| i64::try_from(found.difference()).unwrap_or(0));
    let net = figures.value(Metric::BookedNetSales).unwrap_or(Value::Money(0));
    let notes = asked.notes(&[Metric::OperatingProfit, Metric::Cash]);
    let context = json!({
        "kind": kind.code(),
        "period": asked.days_in_words(days),
        "value": asked.values.value(Metric::BookedNetSales, net),
        "orders": written(Metric::Orders),
        "profit": written(Metric::OperatingProfit),
        "cash": written(Metric::Cash),
        "before_period": crate::wording::uncapital(&asked.days_in_words(before)),
        "difference": difference.filter(|moved| *moved != 0).map(|moved| asked.values.money(moved.saturating_abs())),
        "up": difference.is_some_and(|moved| moved > 0),
        "reasons": reasons.filter(|text| !text.is_empty()),
        "notes": notes,
    });
    // Tapped much later, they are still of these days.
    let of = |shape: &str| format!("fin:{shape}@{}..{}", days.first, days.last);
    let buttons = vec![
        turn.button(&of("chart"), "button.chart"),
        turn.button(&of("pdf"), "button.pdf"),
        turn.button("digest:off", "button.digest_off"),
    ];
    let mut message = turn.message("digest", &context, buttons)?;
    if way == Way::Template {
        let first = message.body.lines().next().unwrap_or_default().to_owned();
        as_template(turn, &mut message, &asked.days_in_words(days), &first);
    }
    Ok(message)
}

/// A message as the approved template, with what it is about and its number.
pub(super) fn as_template(turn: &Turn<'_>, message: &mut OutboundMessage, about: &str, first: &str) {
    let Some(name) = turn.digest_template else { return };
    // A variable holds no line breaks and no marks (CONTRACTS A9).
    let plain = |text: &str| crate::wording::clip(&text.replace('*', ""), VARIABLE);
    message.platform_template = Some(PlatformTemplate {
        name: name.to_owned(),
        language: turn.language,
        variables: vec![plain(about), plain(first)],
    });
    message.buttons.clear();
}

/// How an unasked message may leave now.
pub(super) fn way(turn: &Turn<'_>) -> Way {
    let Some(conversation) = turn.input.conversation.as_ref() else { return Way::Silent };
    if conversation.stopped {
        return Way::Silent;
    }
    // While a person answers, the bot is quiet.
    if turn.owner.is_human() {
        return Way::Waits;
    }
    if is_open(turn, conversation) {
        return Way::Freely;
    }
    if turn.digest_template.is_some() { Way::Template } else { Way::Waits }
}

fn is_open(turn: &Turn<'_>, conversation: &Conversation) -> bool {
    conversation.last_inbound_at.is_some_and(|at| turn.input.now.since(at) < FREE_WINDOW)
}
