//! The page of the Playground.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::sse::Event;
use axum::response::{Html, Redirect, Response};
use recado_domain::outbound::Button;
use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use super::story::{self, StoryView};
use super::{Persona, Playground, PlaygroundBody, PlaygroundError, PlaygroundInput, PlaygroundMessage};
use crate::Shared;
use crate::context::{Page, Visitor, initials};
use crate::error::PageError;
use crate::file::{ShownFile, served};
use crate::format::{Run, Shown, lines};
use crate::live::{named, streamed};
use crate::pages::dead::channel_name;
use crate::pages::desk::law;

/// Between the id and the title of a tapped button in a form; neither may hold it.
const SEPARATOR: char = '\u{1f}';
/// Changes within this are told together.
const PACE: Duration = Duration::from_millis(60);
/// Longest input.
const LONGEST: usize = 4_000;

#[derive(Serialize)]
struct PersonaView {
    id: String,
    kind: &'static str,
    name: String,
    note: String,
    channel: &'static str,
    channel_name: &'static str,
    suggestions: Vec<String>,
}

#[derive(Serialize)]
struct Counterpart {
    name: String,
    initials: String,
}

#[derive(Serialize)]
struct ShownButton {
    value: String,
    title: String,
    chosen: bool,
}

#[derive(Serialize)]
struct MessageView {
    id: String,
    key: String,
    side: &'static str,
    lines: Vec<Vec<Run>>,
    file: Option<ShownFile>,
    buttons: Vec<ShownButton>,
    answered: bool,
    at: Shown,
    tick: Option<String>,
}

/// Who.
#[derive(Default, Deserialize)]
pub(crate) struct Who {
    #[serde(default)]
    persona: String,
}

impl From<Persona> for PersonaView {
    fn from(persona: Persona) -> Self {
        Self {
            id: persona.id,
            kind: persona.kind.code(),
            name: persona.name,
            note: persona.note,
            channel: persona.channel.code(),
            channel_name: channel_name(persona.channel),
            suggestions: persona.suggestions,
        }
    }
}

/// The Playground, which shows everything of the demonstration's shop and so is for operators.
fn playground<'a>(desk: &'a Shared, visitor: &Visitor) -> Result<&'a Arc<dyn Playground>, PageError> {
    let playground = desk.state.playground.as_ref().ok_or(PageError::NotFound)?;
    if visitor.user.merchant.is_some() { Err(PageError::NotFound) } else { Ok(playground) }
}

/// `GET /admin/playground`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(who): Query<Who>,
) -> Result<Html<String>, PageError> {
    let playground = playground(&desk, &visitor)?;
    let mut page = Page::new(&desk, &visitor, "play").await?;
    let mut personas = playground.personas();
    let chosen = personas.iter().position(|one| one.id == who.persona).unwrap_or(0);
    let persona = personas.get(chosen).cloned().ok_or(PageError::NotFound)?;
    let transcript = playground.transcript(&persona.id).await;
    let last = playground.last_sent(&persona.id).await;
    let story: Option<StoryView> = match &last {
        Some(sent) => {
            let told = desk.state.store.story(visitor.scope(), &sent.provider_id).await?;
            told.map(|told| story::view(&page, &told))
        }
        None => None,
    };
    let said_last = transcript.iter().rev().find(|message| message.mine && !message.body.trim().is_empty());
    let twice = said_last.map(|message| message.body.clone()).or_else(|| persona.suggestions.first().cloned());
    // Only while its turn is not done: then an answer may still come.
    let typing = story.as_ref().is_some_and(|story| story.is_open);
    page.context.insert("twice", &twice);
    page.context.insert("typing", &typing);
    page.context.insert("story", &story);
    page.context.insert("transcript", &messages(&page, &transcript));
    let name = persona.counterpart.clone();
    page.context.insert("counterpart", &Counterpart { initials: initials(&name), name });
    page.context.insert("persona", &PersonaView::from(persona));
    page.context.insert("personas", &personas.drain(..).map(PersonaView::from).collect::<Vec<_>>());
    page.context.insert("law", &law(&desk, Some(playground.duplicates())).await?);
    page.render("playground.html")
}

fn messages(page: &Page<'_>, transcript: &[PlaygroundMessage]) -> Vec<MessageView> {
    transcript
        .iter()
        .enumerate()
        .map(|(index, message)| {
            let answer = transcript[index + 1..].iter().find(|next| next.mine).map(|next| next.body.as_str());
            let chosen = |button: &Button| answer == Some(button.title.as_str());
            MessageView {
                // An id of HTML, from an id of a platform.
                key: message.id.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect(),
                id: message.id.clone(),
                side: if message.mine { "out" } else { "in" },
                lines: lines(&message.body),
                file: message.file.as_ref().map(|file| {
                    let href = format!("/admin/playground/files/{}", crate::guard::percent(&file.id));
                    // The caption stands below and says what the picture shows.
                    ShownFile::new(href, &file.mime_type, &file.name, "", file.bytes)
                }),
                answered: message.buttons.iter().any(chosen),
                buttons: message
                    .buttons
                    .iter()
                    .map(|button| ShownButton {
                        value: format!("{}{SEPARATOR}{}", button.id, button.title),
                        title: button.title.clone(),
                        chosen: chosen(button),
                    })
                    .collect(),
                at: page.clock.shown(message.at),
                tick: message
                    .tick
                    .clone()
                    .filter(|tick| matches!(tick.as_str(), "sent" | "delivered" | "read" | "played")),
            }
        })
        .collect()
}

/// What was typed or tapped.
#[derive(Deserialize)]
pub(crate) struct Say {
    persona: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tap: String,
    #[serde(default)]
    of_message: String,
    #[serde(default)]
    sample: String,
    copies: Option<u8>,
}

fn body_of(say: Say) -> Option<PlaygroundBody> {
    if let Some((id, title)) = say.tap.split_once(SEPARATOR) {
        let (id, title) = (id.to_owned(), title.to_owned());
        return Some(PlaygroundBody::Tap { id, title, of_message: say.of_message });
    }
    match say.sample.as_str() {
        "voice" => return Some(PlaygroundBody::Voice),
        "location" => return Some(PlaygroundBody::Location),
        _ => {}
    }
    let text: String = say.text.trim().chars().take(LONGEST).collect();
    (!text.is_empty()).then_some(PlaygroundBody::Text(text))
}

fn back(persona: &str, done: &str) -> Redirect {
    let done = if done.is_empty() { String::new() } else { format!("&done={done}") };
    Redirect::to(&format!("/admin/playground?persona={}{done}", crate::guard::percent(persona)))
}

/// `POST /admin/playground/send`.
pub(crate) async fn send(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Form(say): Form<Say>,
) -> Result<Redirect, PageError> {
    let playground = playground(&desk, &visitor)?;
    let (persona, copies) = (say.persona.clone(), say.copies.unwrap_or(1).clamp(1, 3));
    let body = body_of(say).ok_or(PageError::BadRequest)?;
    match playground.send(&persona, PlaygroundInput { body, copies }).await {
        Ok(_) => Ok(back(&persona, "")),
        Err(PlaygroundError::Unknown) => Err(PageError::NotFound),
        Err(error) => {
            tracing::warn!(%error, "the playground could not deliver");
            Err(PageError::Unavailable)
        }
    }
}

/// `POST /admin/playground/reset`.
pub(crate) async fn reset(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Form(who): Form<Who>,
) -> Result<Redirect, PageError> {
    playground(&desk, &visitor)?.reset(&who.persona).await;
    Ok(back(&who.persona, "reset"))
}

/// `GET /admin/playground/files/{id}`: a picture or document on a phone.
pub(crate) async fn file(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    served(playground(&desk, &visitor)?.file(&id).ok_or(PageError::NotFound)?)
}

/// `GET /admin/playground/events`: `changed`, when the persona's phone or its story changed.
pub(crate) async fn events(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(who): Query<Who>,
) -> Result<Response, PageError> {
    let changes = playground(&desk, &visitor)?.changes();
    // A phone has no numbered history: whoever connects fetches once, and then what changes.
    let first = futures::stream::once(async { Ok::<_, Infallible>(named("changed", None)) });
    let rest = futures::stream::unfold((changes, who.persona), |(mut changes, persona)| async move {
        loop {
            let mut changed = BTreeSet::new();
            match changes.recv().await {
                Ok(id) => {
                    changed.insert(id);
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {
                    changed.insert(persona.clone());
                }
                Err(broadcast::error::RecvError::Closed) => return None,
            }
            tokio::time::sleep(PACE).await;
            while let Ok(id) = changes.try_recv() {
                changed.insert(id);
            }
            if changed.contains(&persona) {
                let event: Result<Event, Infallible> = Ok(named("changed", None));
                return Some((event, (changes, persona)));
            }
        }
    });
    use futures::StreamExt as _;
    Ok(streamed(&desk, first.chain(rest)))
}
