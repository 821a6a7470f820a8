//! What customers asked the shop for: written in the turn that asked, decided by people, told in the conversation's own
//! lane. Each decision is made once, whoever comes first.

use recado_domain::action::Action;
use recado_domain::change::{self, Obstacle};
use recado_domain::event::InternalEvent;
use recado_domain::flow::FlowKind;
use recado_domain::request::{Decision, LONGEST_NOTE, NewRequest, Request, RequestStatus};
use recado_domain::{ActionId, ConversationId, MerchantId, RequestId, Timestamp, TraceId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::audit::{self, AuditEntry};
use crate::db::{At, Json, Tx, to_json};
use crate::engine::{LOCK_MERCHANT, Proposal, Target, post, start_action};
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on, privacy};

crate::sql! {
    INSERT_REQUEST = "INSERT INTO requests (merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at) \
        SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, $6, 'open', $7 FROM requests WHERE merchant_id = $1 \
        ON CONFLICT (merchant_id, conversation_id, kind, order_name) WHERE status = 'open' DO NOTHING";
    REQUESTS = "SELECT merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note \
        FROM requests WHERE merchant_id = $1 AND ($2 = '' OR status = $2) ORDER BY asked_at DESC, number DESC LIMIT CAST($3 AS BIGINT)";
    REQUESTS_OF_CONVERSATION = "SELECT merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note \
        FROM requests WHERE merchant_id = $1 AND conversation_id = $2 ORDER BY asked_at DESC, number DESC LIMIT 10";
    REQUEST_BY_NUMBER = "SELECT merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note \
        FROM requests WHERE merchant_id = $1 AND number = $2";
    REQUEST_BY_ID = "SELECT merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note \
        FROM requests WHERE merchant_id = $1 AND id = $2";
    DECIDE_REQUEST = "UPDATE requests SET status = $4, decided_by = $5, decided_at = $6, note = COALESCE($7, note) \
        WHERE merchant_id = $1 AND id = $2 AND status = $3 \
        RETURNING merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note";
    SETTLE_REQUEST = "UPDATE requests SET status = $3, decided_by = $4, decided_at = $5 \
        WHERE merchant_id = $1 AND id = $2 AND status IN ('open', 'approved') AND status <> $3 \
        RETURNING merchant_id, id, number, conversation_id, order_name, kind, details, status, asked_at, decided_by, decided_at, note";
}

#[derive(FromRow)]
struct RequestRow {
    merchant_id: Uuid,
    id: Uuid,
    number: i64,
    conversation_id: Uuid,
    order_name: String,
    kind: String,
    details: Json<std::collections::BTreeMap<String, String>>,
    status: String,
    asked_at: At,
    decided_by: Option<String>,
    decided_at: Option<At>,
    note: Option<String>,
}

impl TryFrom<RequestRow> for Request {
    type Error = StoreError;
    fn try_from(row: RequestRow) -> Result<Self, StoreError> {
        let corrupt =
            |column, problem: &str| StoreError::Corrupt { table: "requests", column, problem: problem.to_owned() };
        Ok(Self {
            merchant: MerchantId(row.merchant_id),
            number: row.number,
            conversation: ConversationId(row.conversation_id),
            asked: NewRequest {
                id: RequestId(row.id),
                kind: FlowKind::from_name(&row.kind).ok_or_else(|| corrupt("kind", &row.kind))?,
                order: Some(row.order_name).filter(|name| !name.is_empty()),
                details: row.details.0,
            },
            status: RequestStatus::from_code(&row.status).ok_or_else(|| corrupt("status", &row.status))?,
            asked_at: row.asked_at.into(),
            decided: row.decided_by.zip(row.decided_at.map(Timestamp::from)),
            note: row.note,
        })
    }
}

/// Keeps a request within the turn that asked. One that is open already stays as it is.
pub(crate) async fn add_request(
    tx: &mut Tx,
    merchant: MerchantId,
    conversation: ConversationId,
    request: &NewRequest,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Numbers are given one after the other: two that ask a shop at once meet at its row.
    on!(&mut *tx, connection => sqlx::query(LOCK_MERCHANT).bind(merchant.0).execute(connection).await.map(|_| ()))?;
    let added = on!(&mut *tx, connection => sqlx::query(INSERT_REQUEST)
        .bind(merchant.0).bind(request.id.0).bind(conversation.0)
        .bind(request.order.as_deref().unwrap_or_default().replace('\0', "")).bind(request.kind.name())
        .bind(to_json(&request.details)).bind(At(now))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if added == 1 {
        privacy::asked_in_chat(tx, merchant, request.id, (request.kind, conversation), now).await?;
    }
    metrics::counter!("recado_requests_total", "kind" => request.kind.name()).increment(1);
    Ok(())
}

/// Decides a request, once: what is not in the state that the decision is made in stays as it is. The conversation's lane
/// is told in the same transaction. Returns the events that were posted, to be tallied, and whether it was decided.
pub(crate) async fn decide_request(
    tx: &mut Tx,
    merchant: MerchantId,
    id: RequestId,
    (decision, note): (Decision, Option<&str>),
    by: &str,
    now: Timestamp,
) -> Result<(i64, bool), StoreError> {
    let (from, to) = decision.step();
    let note =
        note.map(|note| note.trim().chars().filter(|letter| *letter != '\0').take(LONGEST_NOTE).collect::<String>());
    let note = note.filter(|note| !note.is_empty());
    let row: Option<RequestRow> = on!(&mut *tx, connection => sqlx::query_as(DECIDE_REQUEST)
        .bind(merchant.0).bind(id.0).bind(from.code()).bind(to.code()).bind(by).bind(At(now)).bind(note.as_deref())
        .fetch_optional(connection).await)?;
    let object = id.to_string();
    let outcome = if row.is_some() { "done" } else { "already decided" };
    let entry = AuditEntry { merchant: Some(merchant), actor: by, action: decision.action(), object: &object, outcome };
    audit::record(tx, now, &entry).await?;
    let Some(row) = row else { return Ok((0, false)) };
    let request = Request::try_from(row)?;
    privacy::follow(tx, merchant, id, (request.asked.kind, decision), by, now).await?;
    Ok((tell(tx, request, (note, None), by, now).await?, true))
}

/// Moves a request that is not settled to where what it asked for has come, and tells its conversation. Returns the events
/// that were posted.
pub(crate) async fn settle(
    tx: &mut Tx,
    merchant: MerchantId,
    id: RequestId,
    (to, why): (RequestStatus, Option<&str>),
    by: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let row: Option<RequestRow> = on!(&mut *tx, connection => sqlx::query_as(SETTLE_REQUEST)
        .bind(merchant.0).bind(id.0).bind(to.code()).bind(by).bind(At(now)).fetch_optional(connection).await)?;
    match row {
        Some(row) => tell(tx, Request::try_from(row)?, (None, why), by, now).await,
        None => Ok(0),
    }
}

/// Tells a conversation what its request has come to.
async fn tell(
    tx: &mut Tx,
    request: Request,
    (note, why): (Option<String>, Option<&str>),
    by: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let (merchant, id) = (request.merchant, request.asked.id);
    let key = format!("request:{id}:{}", request.status.code());
    let target = Target { merchant: Some(merchant), lane: request.conversation.lane(), kind: "conversation" };
    let event = InternalEvent::RequestDecided {
        number: request.number,
        kind: request.asked.kind,
        order: request.asked.order,
        status: request.status,
        note,
        why: why.map(str::to_owned),
        staff_name: by.to_owned(),
    };
    post(tx, &key, &target, &event, TraceId::new(now), now).await
}

/// What became of a decision outside of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decided {
    /// It is made.
    Done,
    /// It was made already, or there is no such request.
    Unchanged,
    /// The order cannot be changed any more.
    Blocked(Obstacle),
}

impl MerchantStore {
    /// What customers asked for, newest first; in one state or, without one, in all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn requests(&self, status: Option<RequestStatus>, limit: u32) -> Result<Vec<Request>, StoreError> {
        let status = status.map_or("", RequestStatus::code);
        let mut tx = self.begin().await?;
        let rows: Vec<RequestRow> = on!(&mut tx, connection => sqlx::query_as(REQUESTS)
            .bind(self.id().0).bind(status).bind(i64::from(limit)).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// What one person asked for, newest first, at most 10.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn requests_of(&self, conversation: ConversationId) -> Result<Vec<Request>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<RequestRow> = on!(&mut tx, connection => sqlx::query_as(REQUESTS_OF_CONVERSATION)
            .bind(self.id().0).bind(conversation.0).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// A request by its number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn request(&self, number: i64) -> Result<Option<Request>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<RequestRow> = on!(&mut tx, connection => sqlx::query_as(REQUEST_BY_NUMBER)
            .bind(self.id().0).bind(number).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(TryInto::try_into).transpose()
    }

    /// A request by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn request_of_id(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<RequestRow> = on!(&mut tx, connection => sqlx::query_as(REQUEST_BY_ID)
            .bind(self.id().0).bind(id.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(TryInto::try_into).transpose()
    }
}

impl Store {
    /// Decides a request of a shop outside of a turn. Approving what we can do in the shop ourselves starts it there, in
    /// the same commit; where the order stands in the way, nothing is decided.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decide(
        &self,
        merchant: MerchantId,
        request: RequestId,
        decision: Decision,
        note: Option<&str>,
        by: &str,
    ) -> Result<Decided, StoreError> {
        let now = self.clock.now();
        let action = match self.change_of(merchant, request, decision).await? {
            Some(Err(obstacle)) => return Ok(Decided::Blocked(obstacle)),
            Some(Ok(action)) => Some(action),
            None => None,
        };
        let mut tx = self.db.begin().await?;
        let (posted, decided) = decide_request(&mut tx, merchant, request, (decision, note), by, now).await?;
        if let Some(action) = action.filter(|_| decided) {
            let id = ActionId::derived(&[&request.to_string(), action.kind()]);
            let proposal = Proposal { merchant, id, action: &action, by, request: Some(request) };
            start_action(&mut tx, &proposal, now).await?;
        }
        crate::engine::tally_internal(&mut tx, posted).await?;
        tx.commit().await?;
        Ok(if decided { Decided::Done } else { Decided::Unchanged })
    }

    /// The change in the shop that an approval starts, or what stands in its way.
    async fn change_of(
        &self,
        merchant: MerchantId,
        request: RequestId,
        decision: Decision,
    ) -> Result<Option<Result<Action, Obstacle>>, StoreError> {
        let facts = self.merchant(merchant);
        let asked = facts.request_of_id(request).await?.filter(|asked| asked.status == RequestStatus::Open);
        let (Some(asked), Decision::Approve) = (asked, decision) else { return Ok(None) };
        let Some(name) = &asked.asked.order else { return Ok(None) };
        Ok(facts.order_named(name).await?.and_then(|view| change::of_request(&asked, &view)))
    }
}
