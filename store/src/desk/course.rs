//! The course of a conversation for whoever opens it: how long it is, what was wanted and done, and what is open. From facts, at
//! every look; beside them what a model worded of them, if one did.

use recado_domain::Timestamp;
use recado_domain::request::{Request, RequestStatus};
use recado_domain::story::Story;
use recado_domain::summary::Summary;
use sqlx::FromRow;

use super::ConversationRow;
use crate::db::At;
use crate::{Store, StoreError, read};

/// Turns that are told of, the newest.
const TURNS: i64 = 400;

crate::sql! {
    SAID = "SELECT CAST(COUNT(*) AS BIGINT) AS messages, MIN(at) AS first_at, MAX(at) AS last_at FROM messages \
        WHERE merchant_id = $1 AND conversation_id = $2 AND direction = 'in'";
}

/// The course of a conversation.
#[derive(Clone, Debug)]
pub struct Course {
    /// Messages of the person.
    pub messages: i64,
    /// The first of them that is kept.
    pub first_at: Option<Timestamp>,
    /// The last.
    pub last_at: Option<Timestamp>,
    /// What was wanted and done, in order, and which orders and parcels were named.
    pub story: Story,
    /// What a model worded of its older part, where one is configured.
    pub summary: Option<Summary>,
    /// What the shop has not decided yet, newest first.
    pub open: Vec<Request>,
}

#[derive(FromRow)]
struct SaidRow {
    messages: i64,
    first_at: Option<At>,
    last_at: Option<At>,
}

impl Store {
    /// The course of a conversation with at least so many messages of its person; `None` when it is shorter.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn course(&self, conversation: &ConversationRow, least: i64) -> Result<Option<Course>, StoreError> {
        let said: SaidRow = read!(&self.db, pool => sqlx::query_as(SAID)
            .bind(conversation.merchant.0).bind(conversation.id.0).fetch_one(pool).await)?;
        if said.messages < least {
            return Ok(None);
        }
        let story = Story::of_turns(&self.past_turns(conversation.id, TURNS).await?);
        let facts = self.merchant(conversation.merchant);
        let summary = facts.summary(conversation.id).await?;
        let mut open = facts.requests_of(conversation.id).await?;
        open.retain(|request| request.status == RequestStatus::Open);
        let (first_at, last_at) = (said.first_at.map(|at| at.0), said.last_at.map(|at| at.0));
        Ok(Some(Course { messages: said.messages, first_at, last_at, story, summary, open }))
    }
}
