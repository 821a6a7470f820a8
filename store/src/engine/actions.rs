//! Changes on outside systems, as rows: proposed and confirmed by turns, carried out by whoever holds the lease.
//!
//! The call is committed as made before it is made ([`Engine::mark_call`]), so that a process that ends in between leaves
//! a row that says "perhaps"; what stands there is then read before anything else (`recado_domain::action`).

use std::time::Duration;

use recado_domain::action::{Action, ActionStatus, ActionView, CANCELLED, Planned, SHIPPED, VALID};
use recado_domain::event::InternalEvent;
use recado_domain::request::RequestStatus;
use recado_domain::{ActionId, LaneId, MerchantId, RequestId, Timestamp, TraceId, TurnId};
use sqlx::FromRow;
use uuid::Uuid;

use super::commit::Target;
use super::{Decided, Engine};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Json, Pair, Tx, to_json};
use crate::merchant::MerchantStore;
use crate::{StoreError, on, requests};

/// Longer than a look, a call and another look take together.
const LEASE: Duration = Duration::from_secs(60);
/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 300;

pub(crate) const CLAIM_ACTIONS: Pair = Pair {
    postgres: "UPDATE actions SET status = 2, owner = $1, leased_until = $2, looks = looks + 1 WHERE id IN ( \
        SELECT a.id FROM actions a WHERE (a.status = 1 AND a.available_at <= $3) OR (a.status = 2 AND a.leased_until <= $3) \
        ORDER BY a.available_at, a.id LIMIT $4 FOR UPDATE SKIP LOCKED) AND status IN (1, 2) \
        RETURNING merchant_id, id, action, calls, looks, called_at, trace_id",
    sqlite: "UPDATE actions SET status = 2, owner = $1, leased_until = $2, looks = looks + 1 WHERE id IN ( \
        SELECT a.id FROM actions a WHERE (a.status = 1 AND a.available_at <= $3) OR (a.status = 2 AND a.leased_until <= $3) \
        ORDER BY a.available_at, a.id LIMIT $4) AND status IN (1, 2) \
        RETURNING merchant_id, id, action, calls, looks, called_at, trace_id",
};

crate::sql! {
    PROPOSE_ACTION = "INSERT INTO actions (merchant_id, id, kind, subject, action, status, proposed_by, calls, looks, proposed_at, \
            available_at, turn_id, trace_id, request_id) VALUES ($1, $2, $3, $4, $5, 0, $6, 0, 0, $7, $7, $8, $9, $10) \
        ON CONFLICT (merchant_id, id) DO NOTHING";
    // Once, in time, and not beside another one that changes the same thing.
    CONFIRM_ACTION = "UPDATE actions SET status = 1, confirmed_by = $3, available_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND status = 0 AND proposed_at >= $5 AND NOT EXISTS ( \
            SELECT 1 FROM actions o WHERE o.merchant_id = actions.merchant_id AND o.kind = actions.kind \
                AND o.subject = actions.subject AND o.status IN (1, 2))";
    REQUEST_OF_ACTION = "SELECT request_id FROM actions WHERE merchant_id = $1 AND id = $2 AND request_id IS NOT NULL";
    DISMISS_ACTION = "UPDATE actions SET status = 4, reason = 'dismissed', confirmed_by = $3, settled_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND status = 0";
    CALL_ACTION = "UPDATE actions SET calls = calls + 1, called_at = $3 WHERE id = $1 AND owner = $2 AND status = 2 AND leased_until > $3";
    REST_ACTION = "UPDATE actions SET status = 1, available_at = $3, reason = $4, owner = NULL, leased_until = NULL \
        WHERE id = $1 AND owner = $2 AND status = 2";
    SETTLE_ACTION = "UPDATE actions SET status = $3, settled_at = $4, reason = $5, owner = NULL, leased_until = NULL \
        WHERE id = $1 AND owner = $2 AND status = 2";
    FREE_ACTIONS = "UPDATE actions SET status = 1, owner = NULL, leased_until = NULL WHERE owner = $1 AND status = 2";
    ACTION_BY_ID = "SELECT a.merchant_id, a.id, a.action, a.status, a.proposed_at, a.proposed_by, a.reason, r.number AS request_number \
        FROM actions a LEFT JOIN requests r ON r.merchant_id = a.merchant_id AND r.id = a.request_id \
        WHERE a.merchant_id = $1 AND a.id = $2";
}

#[derive(FromRow)]
struct PlannedRow {
    merchant_id: Uuid,
    id: Uuid,
    action: Json<Action>,
    calls: i64,
    looks: i64,
    called_at: Option<At>,
    trace_id: Uuid,
}

#[derive(FromRow)]
struct ViewRow {
    merchant_id: Uuid,
    id: Uuid,
    action: Json<Action>,
    status: i64,
    proposed_at: At,
    proposed_by: String,
    reason: Option<String>,
    request_number: Option<i64>,
}

/// What an action came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActionOutcome {
    /// Done, and read back.
    Done,
    /// Not done, and will not be.
    Failed(String),
    /// A person has to look.
    Uncertain(String),
}

impl ActionOutcome {
    const fn status(&self) -> ActionStatus {
        match self {
            Self::Done => ActionStatus::Done,
            Self::Failed(_) => ActionStatus::Failed,
            Self::Uncertain(_) => ActionStatus::Uncertain,
        }
    }
    fn reason(&self) -> Option<String> {
        match self {
            Self::Done => None,
            Self::Failed(reason) | Self::Uncertain(reason) => Some(short(reason)),
        }
    }
}

/// The lane in which staff is told what an action came to.
fn lane(merchant: MerchantId, id: ActionId) -> LaneId {
    LaneId::derived(&[&merchant.to_string(), "action", &id.to_string()])
}

/// A change to be kept, and why.
pub(crate) struct Proposal<'a> {
    pub(crate) merchant: MerchantId,
    pub(crate) id: ActionId,
    pub(crate) action: &'a Action,
    /// By whom, by name.
    pub(crate) by: &'a str,
    /// The customer's request that it carries out.
    pub(crate) request: Option<RequestId>,
}

pub(super) async fn propose(
    tx: &mut Tx,
    turn: &Decided,
    proposal: &Proposal<'_>,
    now: Timestamp,
) -> Result<(), StoreError> {
    keep(tx, proposal, Some(turn.id), turn.claim.trace, now).await
}

async fn keep(
    tx: &mut Tx,
    proposal: &Proposal<'_>,
    turn: Option<TurnId>,
    trace: TraceId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Proposal { merchant, id, action, by, request } = proposal;
    on!(tx, connection => sqlx::query(PROPOSE_ACTION)
        .bind(merchant.0).bind(id.0).bind(action.kind()).bind(action.subject()).bind(to_json(*action)).bind(by)
        .bind(At(now)).bind(turn.map(|turn| turn.0)).bind(trace.0).bind(request.map(|request| request.0))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Keeps a change that was shown and confirmed on a page, to be done.
pub(crate) async fn start(tx: &mut Tx, proposal: &Proposal<'_>, now: Timestamp) -> Result<(), StoreError> {
    keep(tx, proposal, None, TraceId::new(now), now).await?;
    confirm(tx, proposal.merchant, proposal.id, proposal.by, now).await.map(|_| ())
}

async fn confirm(
    tx: &mut Tx,
    merchant: MerchantId,
    id: ActionId,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, connection => sqlx::query(CONFIRM_ACTION).bind(merchant.0).bind(id.0).bind(by).bind(At(now))
        .bind(At(now.minus(VALID))).execute(connection).await.map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

async fn request_of(tx: &mut Tx, merchant: MerchantId, id: ActionId) -> Result<Option<RequestId>, StoreError> {
    let request: Option<Uuid> = on!(tx, connection => sqlx::query_scalar(REQUEST_OF_ACTION).bind(merchant.0).bind(id.0)
        .fetch_optional(connection).await)?;
    Ok(request.map(RequestId))
}

/// Confirms a change, or drops it. A customer's request that it carries out is approved with it. Returns the events that
/// were posted.
pub(super) async fn decide(
    tx: &mut Tx,
    merchant: MerchantId,
    id: ActionId,
    confirmed: bool,
    by: &str,
    now: Timestamp,
) -> Result<i64, StoreError> {
    if !confirmed {
        on!(tx, connection => sqlx::query(DISMISS_ACTION).bind(merchant.0).bind(id.0).bind(by).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        return Ok(0);
    }
    if !confirm(tx, merchant, id, by, now).await? {
        return Ok(0);
    }
    match request_of(tx, merchant, id).await? {
        Some(request) => requests::settle(tx, merchant, request, (RequestStatus::Approved, None), by, now).await,
        None => Ok(0),
    }
}

impl Engine {
    /// Takes up to `limit` actions to carry on with.
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then.
    pub async fn claim_actions(&self, limit: i64) -> Result<Vec<(Planned, TraceId)>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let statement = tx.pick(CLAIM_ACTIONS);
        let rows: Vec<PlannedRow> = on!(&mut tx, connection => sqlx::query_as(statement)
            .bind(self.replica.0).bind(At(now.plus(LEASE))).bind(At(now)).bind(limit)
            .fetch_all(connection).await)?;
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        tx.commit().await?;
        let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let planned = |row: PlannedRow| {
            let planned = Planned {
                id: ActionId(row.id),
                merchant: MerchantId(row.merchant_id),
                action: row.action.0,
                calls: count(row.calls),
                looks: count(row.looks),
                called_at: row.called_at.map(Timestamp::from),
            };
            (planned, TraceId(row.trace_id))
        };
        Ok(rows.into_iter().map(planned).collect())
    }

    /// Commits that the call is being made. `false`: the action is no longer ours, and the call must not be made.
    ///
    /// # Errors
    /// When the database does not answer; the call must not be made then.
    pub async fn mark_call(&self, id: ActionId) -> Result<bool, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let ours = on!(&mut tx, connection => sqlx::query(CALL_ACTION).bind(id.0).bind(self.replica.0).bind(At(now))
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(ours == 1)
    }

    /// Gives an action back, to be looked at again after a while.
    ///
    /// # Errors
    /// When the database does not answer; its lease runs out then.
    pub async fn rest_action(&self, id: ActionId, after: Duration, reason: &str) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        on!(&mut tx, connection => sqlx::query(REST_ACTION).bind(id.0).bind(self.replica.0).bind(At(now.plus(after)))
            .bind(short(reason)).execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// Ends an action, and has staff told of it, in one commit.
    ///
    /// # Errors
    /// When the database does not answer; the action is looked at again when its lease runs out.
    pub async fn settle_action(
        &self,
        planned: &Planned,
        trace: TraceId,
        outcome: &ActionOutcome,
    ) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let (status, reason) = (outcome.status(), outcome.reason());
        let ours = on!(&mut tx, connection => sqlx::query(SETTLE_ACTION)
            .bind(planned.id.0).bind(self.replica.0).bind(status.number()).bind(At(now)).bind(reason.as_deref())
            .execute(connection).await.map(|done| done.rows_affected()))?;
        if ours == 1 {
            let told = reason.unwrap_or_else(|| status.code().to_owned());
            let entry = AuditEntry {
                merchant: Some(planned.merchant),
                actor: "recado",
                action: planned.action.kind(),
                object: planned.action.name(),
                outcome: &told,
            };
            audit::record(&mut tx, now, &entry).await?;
            let lane = lane(planned.merchant, planned.id);
            let target = Target { merchant: Some(planned.merchant), lane, kind: "action" };
            let event = InternalEvent::ActionSettled { action: planned.id };
            let mut posted =
                super::commit::post(&mut tx, &format!("action:{}", planned.id), &target, &event, trace, now).await?;
            // The customer whose request this was hears of it: that it is done, or why it cannot be. What nobody can tell,
            // or what went wrong on our side, is for people to finish.
            let settled = match outcome {
                ActionOutcome::Done => Some((RequestStatus::Done, None)),
                ActionOutcome::Failed(why) if matches!(why.as_str(), SHIPPED | CANCELLED) => {
                    Some((RequestStatus::Declined, Some(why.as_str())))
                }
                ActionOutcome::Failed(_) | ActionOutcome::Uncertain(_) => None,
            };
            if let (Some(to), Some(request)) = (settled, request_of(&mut tx, planned.merchant, planned.id).await?) {
                posted += requests::settle(&mut tx, planned.merchant, request, to, "recado", now).await?;
            }
            super::counts::tally_internal(&mut tx, posted).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Frees what this replica holds, at its end.
    ///
    /// # Errors
    /// When the database does not answer; leases run out by themselves.
    pub async fn free_actions(&self) -> Result<u64, StoreError> {
        let mut tx = self.store.db.begin().await?;
        let freed = on!(&mut tx, connection => sqlx::query(FREE_ACTIONS).bind(self.replica.0)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        tx.commit().await?;
        Ok(freed)
    }
}

impl MerchantStore {
    /// An action, and why it ended as it did.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn action(&self, id: ActionId) -> Result<Option<(ActionView, Option<String>)>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<ViewRow> = on!(&mut tx, connection => sqlx::query_as(ACTION_BY_ID)
            .bind(self.id().0).bind(id.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let status = ActionStatus::from_number(row.status).ok_or_else(|| StoreError::Corrupt {
            table: "actions",
            column: "status",
            problem: format!("{} is no status", row.status),
        })?;
        let view = ActionView {
            id: ActionId(row.id),
            merchant: MerchantId(row.merchant_id),
            action: row.action.0,
            status,
            proposed_at: row.proposed_at.into(),
            by: row.proposed_by,
            request: row.request_number,
        };
        Ok(Some((view, row.reason)))
    }
}

fn short(reason: &str) -> String {
    reason.chars().filter(|letter| *letter != '\0').take(LONGEST_REASON).collect()
}
