//! Requests about people's data, as rows: listed with their term, decided once, and carried out under a lease.
//!
//! A request keeps whom it is about in `subject`, and no longer than it takes: with its end that is emptied in the same
//! commit. What is recorded of it (who confirmed it, when it was done) names nobody.

mod copy;
mod erase;
mod list;
mod marked;
mod person;
mod work;

use recado_domain::event::ComplianceRequest;
use recado_domain::flow::FlowKind;
use recado_domain::privacy::{Origin, Outcome, PrivacyRequest, Reach, due_at};
use recado_domain::request::{Decision, RequestStatus};
use recado_domain::{ConversationId, MerchantId, PrivacyId, RequestId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

pub(crate) use self::erase::{ERASE_ARRIVAL, forget_event};
pub use self::list::Applied;
pub use self::work::PrivacyTask;
use crate::audit::{self, AuditEntry};
use crate::db::{At, Pair, Tx};
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, on, requests};

/// A request with what is known of it; the rest says which.
macro_rules! of_requests {
    ($which:literal) => {
        concat!(
            "SELECT c.merchant_id, c.id, c.request, c.received_at, c.confirmed_by, c.confirmed_at, c.done_at, c.outcome, \
                r.id AS request_id, r.number, r.conversation_id, m.country \
            FROM compliance_requests c JOIN merchants m ON m.id = c.merchant_id \
                LEFT JOIN requests r ON r.merchant_id = c.merchant_id AND r.id = c.request_id ",
            $which
        )
    };
}

crate::sql! {
    PRIVACY_REQUESTS = of_requests!("WHERE c.merchant_id = $1 AND ($2 OR c.done_at IS NULL) ORDER BY c.received_at DESC LIMIT CAST($3 AS BIGINT)");
    PRIVACY_REQUEST = of_requests!("WHERE c.merchant_id = $1 AND c.id = $2");
    ASK_PRIVACY = "INSERT INTO compliance_requests (merchant_id, id, request, subject, received_at, request_id) \
        VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (merchant_id, id) DO NOTHING";
    // A copy is handed over by a person, so confirming it ends it; an erasure is carried out from then on.
    CONFIRM_PRIVACY = "UPDATE compliance_requests SET confirmed_by = $3, confirmed_at = $4, available_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND confirmed_at IS NULL AND done_at IS NULL";
    END_PRIVACY = "UPDATE compliance_requests SET confirmed_by = COALESCE(confirmed_by, $3), done_at = $4, outcome = $5, subject = $6 \
        WHERE merchant_id = $1 AND id = $2 AND confirmed_at IS NULL AND done_at IS NULL";
}

/// Where the two databases differ: how a part of some bytes is found.
pub(crate) const PAIRS: &[(&str, Pair)] = &[("ERASE_REPORTS", erase::ERASE_REPORTS)];

/// Every statement of these files.
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [
        STATEMENTS,
        copy::STATEMENTS,
        erase::STATEMENTS,
        list::STATEMENTS,
        marked::STATEMENTS,
        person::STATEMENTS,
        work::STATEMENTS,
    ]
    .concat()
}

#[derive(FromRow)]
struct Row {
    merchant_id: Uuid,
    id: Uuid,
    request: String,
    received_at: At,
    confirmed_by: Option<String>,
    confirmed_at: Option<At>,
    done_at: Option<At>,
    outcome: Option<String>,
    request_id: Option<Uuid>,
    number: Option<i64>,
    conversation_id: Option<Uuid>,
    country: String,
}

impl TryFrom<Row> for PrivacyRequest {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let asked = ComplianceRequest::from_code(&row.request).ok_or_else(|| StoreError::Corrupt {
            table: "compliance_requests",
            column: "request",
            problem: row.request.clone(),
        })?;
        let origin = match (row.request_id, row.number, row.conversation_id) {
            (Some(request), Some(number), Some(conversation)) => {
                Origin::Chat { request: RequestId(request), number, conversation: ConversationId(conversation) }
            }
            _ => Origin::Platform,
        };
        let received_at = row.received_at.0;
        Ok(Self {
            merchant: MerchantId(row.merchant_id),
            id: PrivacyId(row.id),
            asked,
            due_at: due_at(asked, origin == Origin::Platform, &row.country, received_at),
            origin,
            received_at,
            confirmed: row.confirmed_by.zip(row.confirmed_at.map(Timestamp::from)),
            done_at: row.done_at.map(Timestamp::from),
            outcome: row.outcome.as_deref().and_then(Outcome::from_code),
        })
    }
}

/// What a request in the chat asks of somebody's data.
fn asked_by(kind: FlowKind) -> Option<ComplianceRequest> {
    match kind {
        FlowKind::DeleteMyData => Some(ComplianceRequest::CustomerRedact),
        FlowKind::ExportMyData => Some(ComplianceRequest::DataRequest),
        _ => None,
    }
}

/// Keeps what a person asks of their data, beside the request by which people speak of it.
pub(crate) async fn asked_in_chat(
    tx: &mut Tx,
    merchant: MerchantId,
    request: RequestId,
    (kind, conversation): (FlowKind, ConversationId),
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(asked) = asked_by(kind) else { return Ok(()) };
    on!(tx, connection => sqlx::query(ASK_PRIVACY)
        .bind(merchant.0).bind(request.0).bind(asked.code()).bind(person::of_conversation(conversation)).bind(At(now))
        .bind(request.0).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// A request in the chat was decided: what it asks of somebody's data goes the same way.
pub(crate) async fn follow(
    tx: &mut Tx,
    merchant: MerchantId,
    request: RequestId,
    (kind, decision): (FlowKind, Decision),
    by: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let Some(asked) = asked_by(kind) else { return Ok(()) };
    let id = PrivacyId(request.0);
    match (asked, decision) {
        (_, Decision::Decline) => end(tx, merchant, id, Outcome::Declined, by, now).await.map(|_| ()),
        (ComplianceRequest::DataRequest, Decision::Finish) => {
            end(tx, merchant, id, Outcome::Delivered, by, now).await.map(|_| ())
        }
        (ComplianceRequest::DataRequest, Decision::Approve) | (_, Decision::Finish) => Ok(()),
        (_, Decision::Approve) => confirm(tx, merchant, id, by, now).await.map(|_| ()),
    }
}

async fn confirm(
    tx: &mut Tx,
    merchant: MerchantId,
    id: PrivacyId,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, connection => sqlx::query(CONFIRM_PRIVACY).bind(merchant.0).bind(id.0).bind(by).bind(At(now))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

async fn end(
    tx: &mut Tx,
    merchant: MerchantId,
    id: PrivacyId,
    outcome: Outcome,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, connection => sqlx::query(END_PRIVACY).bind(merchant.0).bind(id.0).bind(by).bind(At(now))
        .bind(outcome.code()).bind(serde_json::json!({})).execute(connection).await.map(|done| done.rows_affected()))?;
    Ok(changed == 1)
}

/// Decides about a request, once. Returns the events that were posted, to be tallied, and whether it was decided.
pub(crate) async fn decide(
    tx: &mut Tx,
    merchant: MerchantId,
    id: PrivacyId,
    confirmed: bool,
    by: &str,
    now: Timestamp,
) -> Result<(i64, bool), StoreError> {
    let row: Option<Row> = on!(&mut *tx, connection => sqlx::query_as(PRIVACY_REQUEST).bind(merchant.0).bind(id.0)
        .fetch_optional(connection).await)?;
    let Some(known) = row.map(PrivacyRequest::try_from).transpose()? else { return Ok((0, false)) };
    let (action, changed) = match (confirmed, known.erases()) {
        (true, true) => ("privacy.erase", confirm(tx, merchant, id, by, now).await?),
        (true, false) => ("privacy.deliver", end(tx, merchant, id, Outcome::Delivered, by, now).await?),
        (false, _) => ("privacy.decline", end(tx, merchant, id, Outcome::Declined, by, now).await?),
    };
    let (object, outcome) = (id.to_string(), if changed { "confirmed" } else { "already decided" });
    let entry = AuditEntry { merchant: Some(merchant), actor: by, action, object: &object, outcome };
    audit::record(tx, now, &entry).await?;
    let Origin::Chat { request, .. } = known.origin else { return Ok((0, changed)) };
    if !changed {
        return Ok((0, false));
    }
    let to = match (confirmed, known.erases()) {
        (true, true) => RequestStatus::Approved,
        (true, false) => RequestStatus::Done,
        (false, _) => RequestStatus::Declined,
    };
    Ok((requests::settle(tx, merchant, request, (to, None), by, now).await?, true))
}

impl MerchantStore {
    /// Requests about people's data, newest first: those that are not done, or all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn privacy_requests(&self, all: bool, limit: u32) -> Result<Vec<PrivacyRequest>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<Row> = on!(&mut tx, connection => sqlx::query_as(PRIVACY_REQUESTS)
            .bind(self.id().0).bind(all).bind(i64::from(limit)).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(TryInto::try_into).collect()
    }

    /// One of them, and how much it reaches as things stand; nothing, once it is done.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<Row> = on!(&mut tx, connection => sqlx::query_as(PRIVACY_REQUEST).bind(self.id().0).bind(id.0)
            .fetch_optional(connection).await)?;
        let Some(row) = row else { return Ok(None) };
        let country = row.country.clone();
        let request = PrivacyRequest::try_from(row)?;
        let reach = match (request.done_at, request.asked) {
            (Some(_), _) => Reach::default(),
            (None, ComplianceRequest::ShopRedact) => person::reach_of_shop(&mut tx, self.id()).await?,
            (None, _) => {
                let person = person::Person::of(&mut tx, self.id(), &country, id).await?;
                person.reach(&mut tx, self.id()).await?
            }
        };
        tx.commit().await?;
        Ok(Some((request, reach)))
    }
}

impl Store {
    /// Decides about a request outside of a turn. False when it was decided already, or there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn decide_privacy(
        &self,
        merchant: MerchantId,
        id: PrivacyId,
        confirmed: bool,
        by: &str,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.db.begin().await?;
        let (posted, decided) = decide(&mut tx, merchant, id, confirmed, by, now).await?;
        crate::engine::tally_internal(&mut tx, posted).await?;
        tx.commit().await?;
        Ok(decided)
    }
}
