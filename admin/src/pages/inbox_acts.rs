//! What staff does in a conversation. Each act is an event in the conversation's lane, decided there like any other, so
//! that it keeps its order with what the person writes.

use axum::extract::{Extension, Form, Path, State};
use axum::response::Redirect;
use recado_domain::ConversationId;
use recado_domain::conversation::Owner;
use recado_domain::event::InternalEvent;
use recado_store::desk::ConversationRow;
use serde::Deserialize;

use super::id;
use super::inbox::window_left;
use crate::Shared;
use crate::context::Visitor;
use crate::error::PageError;
use crate::live::{LiveEvent, Topic};

/// WhatsApp's limit of a text.
const LONGEST: usize = 4_000;

async fn conversation(desk: &Shared, visitor: &Visitor, text: &str) -> Result<ConversationRow, PageError> {
    visitor.may_handle()?;
    let id: ConversationId = id(text)?;
    desk.state.store.conversation(visitor.scope(), id).await?.ok_or(PageError::NotFound)
}

async fn tell(
    desk: &Shared,
    visitor: &Visitor,
    row: &ConversationRow,
    event: InternalEvent,
    key: &str,
) -> Result<(), PageError> {
    desk.state.store.tell_conversation(row, &event, key, &visitor.user.name).await?;
    desk.state.live.publish(LiveEvent { merchant: Some(row.merchant), topic: Topic::Conversation(row.id) });
    Ok(())
}

fn back(row: &ConversationRow, done: &str) -> Redirect {
    Redirect::to(&format!("/admin/inbox/{}?done={done}", row.id))
}

/// The composer.
#[derive(Deserialize)]
pub(crate) struct Reply {
    text: String,
    /// Made with the page: a form that is posted twice is one answer.
    key: String,
}

/// `POST /admin/inbox/{conversation}/reply`.
pub(crate) async fn reply(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(conversation_id): Path<String>,
    Form(reply): Form<Reply>,
) -> Result<Redirect, PageError> {
    let row = conversation(&desk, &visitor, &conversation_id).await?;
    let text: String = reply.text.trim().chars().take(LONGEST).collect();
    let key: uuid::Uuid = reply.key.parse().map_err(|_| PageError::BadRequest)?;
    // The platform would refuse it; the page says so before anybody writes.
    if text.is_empty() || window_left(&row, desk.state.clock.now()).is_none() {
        return Err(PageError::BadRequest);
    }
    let staff_name = visitor.user.name.clone();
    // Two different answers from one page are two answers: the key is of the page, the digest of the words.
    let digest = hex::encode(&recado_store::login::token_hash(&text)[..8]);
    tell(&desk, &visitor, &row, InternalEvent::StaffReply { staff_name, text }, &format!("{key}:{digest}")).await?;
    Ok(back(&row, "replied"))
}

/// `POST /admin/inbox/{conversation}/take`.
pub(crate) async fn take(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(conversation_id): Path<String>,
) -> Result<Redirect, PageError> {
    let row = conversation(&desk, &visitor, &conversation_id).await?;
    if matches!(row.owner, Owner::Person { .. }) {
        return Ok(back(&row, "changed"));
    }
    let event = InternalEvent::TakenOver { staff_name: visitor.user.name.clone() };
    tell(&desk, &visitor, &row, event, &format!("take:{}", row_version(&row))).await?;
    Ok(back(&row, "taken"))
}

/// `POST /admin/inbox/{conversation}/hand-back`.
pub(crate) async fn hand_back(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(conversation_id): Path<String>,
) -> Result<Redirect, PageError> {
    let row = conversation(&desk, &visitor, &conversation_id).await?;
    if row.owner == Owner::Bot {
        return Ok(back(&row, "changed"));
    }
    let event = InternalEvent::HandedBack { staff_name: Some(visitor.user.name.clone()) };
    tell(&desk, &visitor, &row, event, &format!("hand-back:{}", row_version(&row))).await?;
    Ok(back(&row, "handed_back"))
}

/// A button that is pressed twice on the same state counts once.
fn row_version(row: &ConversationRow) -> i64 {
    let since = match &row.owner {
        Owner::Bot => row.last_message_at,
        Owner::Waiting { since } | Owner::Person { since, .. } => Some(*since),
    };
    since.map_or(0, |at| at.as_micros())
}
