//! Dead letters: what gave up, why, and another try.

use axum::extract::{Extension, Path, State};
use axum::response::{Html, Redirect};
use recado_domain::contact::Channel;
use recado_domain::{EventId, OutboxId};
use serde::Serialize;

use super::id;
use crate::Shared;
use crate::context::{Page, Visitor};
use crate::error::PageError;
use crate::format::Shown;
use crate::live::{LiveEvent, Topic};

#[derive(Serialize)]
struct Row {
    id: String,
    what: String,
    who: String,
    reason: String,
    tries: i64,
    at: Shown,
}

#[derive(Serialize)]
struct Part {
    name: &'static str,
    rows: Vec<Row>,
}

/// `GET /admin/dead`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(&desk, &visitor, "dead").await?;
    let store = &desk.state.store;
    let no_reason = || page.say("dead.no_reason", &[]);
    let events = store.dead_letters(visitor.scope()).await?;
    let events = events.into_iter().map(|event| Row {
        id: event.id.to_string(),
        what: page.event_kind(&event.kind),
        who: event.who.unwrap_or(event.source),
        reason: event.reason.unwrap_or_else(no_reason),
        tries: event.attempts,
        at: page.clock.shown(event.received_at),
    });
    let sends = store.troubled_sends(visitor.scope()).await?;
    let sends = sends.into_iter().map(|send| {
        let channel = send.channel.map_or("?", channel_name);
        let reason = send.reason.unwrap_or_else(no_reason);
        Row {
            id: send.id.to_string(),
            what: page.say("dead.send_to", &[("channel", channel)]),
            who: send.who.unwrap_or_default(),
            reason: if send.uncertain { format!("{}: {reason}", page.say("dead.uncertain", &[])) } else { reason },
            tries: send.attempts,
            at: page.clock.shown(send.created_at),
        }
    });
    let parts = [Part { name: "events", rows: events.collect() }, Part { name: "sends", rows: sends.collect() }];
    page.context.insert("dead_parts", &parts);
    page.render("dead.html")
}

pub(crate) const fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::WhatsApp => "WhatsApp",
        Channel::Telegram => "Telegram",
    }
}

#[derive(Clone, Copy)]
enum Decision {
    Replay,
    Dismiss,
}

async fn decide(
    desk: &Shared,
    visitor: &Visitor,
    part: &str,
    text: &str,
    decision: Decision,
) -> Result<Redirect, PageError> {
    visitor.may_replay()?;
    let store = &desk.state.store;
    let (scope, by) = (visitor.scope(), visitor.user.name.as_str());
    let changed = match (part, decision) {
        ("events", Decision::Replay) => store.replay_dead(scope, id::<EventId>(text)?, by).await?,
        ("events", Decision::Dismiss) => store.dismiss_dead(scope, id::<EventId>(text)?, by).await?,
        ("sends", Decision::Replay) => store.repeat_send(scope, id::<OutboxId>(text)?, by).await?,
        ("sends", Decision::Dismiss) => store.dismiss_send(scope, id::<OutboxId>(text)?, by).await?,
        _ => return Err(PageError::NotFound),
    };
    desk.state.live.publish(LiveEvent { merchant: visitor.user.merchant, topic: Topic::Dead });
    let done = match (changed, decision) {
        (false, _) => "changed",
        (true, Decision::Replay) => "replayed",
        (true, Decision::Dismiss) => "dismissed",
    };
    Ok(Redirect::to(&format!("/admin/dead?done={done}")))
}

/// `POST /admin/dead/{part}/{id}/replay`.
pub(crate) async fn replay(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path((part, id)): Path<(String, String)>,
) -> Result<Redirect, PageError> {
    decide(&desk, &visitor, &part, &id, Decision::Replay).await
}

/// `POST /admin/dead/{part}/{id}/dismiss`.
pub(crate) async fn dismiss(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path((part, id)): Path<(String, String)>,
) -> Result<Redirect, PageError> {
    decide(&desk, &visitor, &part, &id, Decision::Dismiss).await
}
