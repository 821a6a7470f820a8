//! One merchant's facts. A [`MerchantStore`] is bound to its merchant when it is made: every statement names
//! `merchant_id = $1`, and on Postgres row-level security would hide the rest even if one did not.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::contact::{email_key, phone_key};
use recado_domain::incident::Incident;
use recado_domain::order::{OrderFacts, Refund, order_number};
use recado_domain::shipment::{ShipmentStatus, ShipmentView, place_key};
use recado_domain::tools::{OrderView, ParcelCounts};
use recado_domain::{Clock, ContactId, IncidentId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Db, Json, Tx};
use crate::facts::{merge_refunds, tracking_key};
use crate::finance::books::Shelf;
use crate::incident_row::IncidentRow;
use crate::knowledge::meanings::Meanings;
use crate::{StoreError, on};

/// Failed proofs in [`PROOF_WINDOW`] after which a person is locked (OPERATIONS §2.4: two failed challenges).
pub const PROOF_FAILURES: i64 = 3;
/// How long failures count.
pub const PROOF_WINDOW: Duration = Duration::from_secs(24 * 3600);
/// Parcels without news for longer are not part of what detection counts.
const DETECTION_WINDOW: Duration = Duration::from_secs(3 * 24 * 3600);

crate::sql! {
    ORDERS_BY_PHONE = "SELECT id, facts, told_at FROM orders WHERE merchant_id = $1 AND phone_key = $2 AND deleted_at IS NULL \
        ORDER BY processed_at DESC LIMIT 10";
    ORDERS_BY_NUMBER = "SELECT id, facts, told_at FROM orders WHERE merchant_id = $1 AND number = $2 AND deleted_at IS NULL \
        ORDER BY processed_at DESC LIMIT 5";
    ORDERS_BY_TRACKING = "SELECT o.id, o.facts, o.told_at FROM orders o WHERE o.merchant_id = $1 AND o.deleted_at IS NULL AND o.id IN ( \
        SELECT s.order_id FROM shipments s WHERE s.merchant_id = $1 AND s.tracking_key = $2) ORDER BY o.processed_at DESC LIMIT 5";
    REFUNDS_OF_ORDER = "SELECT facts FROM refunds WHERE merchant_id = $1 AND order_id = $2 ORDER BY processed_at";
    SHIPMENTS_OF_ORDER = "SELECT external_id, carrier, tracking_number, tracking_url, status, last_event_at, last_city, last_message, \
        estimated_delivery_at, delivered_at FROM shipments WHERE merchant_id = $1 AND order_id = $2 ORDER BY created_at DESC";
    TOLD_AT = "SELECT MAX(told_at) AS at FROM orders WHERE merchant_id = $1";
    OPEN_INCIDENTS = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
        resolved_by, resolved_at FROM incidents WHERE merchant_id = $1 AND status <> 'resolved' ORDER BY severity, opened_at";
    ALL_INCIDENTS = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
        resolved_by, resolved_at FROM incidents WHERE merchant_id = $1 ORDER BY opened_at DESC LIMIT CAST($2 AS BIGINT)";
    INCIDENT_BY_ID = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
        resolved_by, resolved_at FROM incidents WHERE merchant_id = $1 AND id = $2";
    INCIDENT_BY_NUMBER = "SELECT merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, acknowledged_by, acknowledged_at, \
        resolved_by, resolved_at FROM incidents WHERE merchant_id = $1 AND number = $2";
    COUNT_PARCELS = "SELECT CAST(COALESCE(SUM(CASE WHEN carrier_key = $2 AND city_key = $3 THEN 1 ELSE 0 END), 0) AS BIGINT) AS here, \
        CAST(COALESCE(SUM(CASE WHEN carrier_key = $2 AND city_key = $3 AND problem THEN 1 ELSE 0 END), 0) AS BIGINT) AS here_problems, \
        CAST(COUNT(*) AS BIGINT) AS parcels, CAST(COALESCE(SUM(CASE WHEN problem THEN 1 ELSE 0 END), 0) AS BIGINT) AS problems \
        FROM shipments WHERE merchant_id = $1 AND active AND last_event_at >= $4";
    PROBLEM_ORDERS = "SELECT o.name FROM orders o WHERE o.merchant_id = $1 AND o.id IN (SELECT s.order_id FROM shipments s \
        WHERE s.merchant_id = $1 AND s.carrier_key = $2 AND s.city_key = $3 AND s.problem AND s.active AND s.last_event_at >= $4) \
        ORDER BY o.name LIMIT 20";
    COUNT_FAILURES = "SELECT COUNT(*) FROM proof_failures WHERE merchant_id = $1 AND contact_id = $2 AND at >= $3";
    INSERT_FAILURE = "INSERT INTO proof_failures (merchant_id, id, contact_id, at) VALUES ($1, $2, $3, $4)";
}

/// One merchant's facts.
#[derive(Clone)]
pub struct MerchantStore {
    db: Db,
    clock: Arc<dyn Clock>,
    books: Arc<Shelf>,
    meanings: Arc<Meanings>,
    merchant: MerchantId,
}

impl std::fmt::Debug for MerchantStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MerchantStore").field("merchant", &self.merchant).finish_non_exhaustive()
    }
}

#[derive(FromRow)]
struct OrderRow {
    id: Uuid,
    facts: Json<Box<serde_json::value::RawValue>>,
    told_at: At,
}

#[derive(FromRow)]
struct RefundRow {
    facts: Json<Refund>,
}

#[derive(FromRow)]
struct ShipmentRow {
    external_id: String,
    carrier: Option<String>,
    tracking_number: Option<String>,
    tracking_url: Option<String>,
    status: String,
    last_event_at: At,
    last_city: Option<String>,
    last_message: Option<String>,
    estimated_delivery_at: Option<At>,
    delivered_at: Option<At>,
}

impl From<ShipmentRow> for ShipmentView {
    fn from(row: ShipmentRow) -> Self {
        Self {
            external_id: row.external_id,
            carrier: row.carrier,
            tracking_number: row.tracking_number,
            tracking_url: row.tracking_url,
            status: ShipmentStatus::from_code(&row.status).unwrap_or(ShipmentStatus::Pending),
            last_event_at: row.last_event_at.0,
            last_city: row.last_city,
            last_message: row.last_message,
            estimated_delivery_at: row.estimated_delivery_at.map(Timestamp::from),
            delivered_at: row.delivered_at.map(Timestamp::from),
        }
    }
}

#[derive(FromRow)]
struct CountRow {
    here: i64,
    here_problems: i64,
    parcels: i64,
    problems: i64,
}

#[derive(FromRow)]
struct AtRow {
    at: Option<At>,
}

impl MerchantStore {
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        (books, meanings): (Arc<Shelf>, Arc<Meanings>),
        merchant: MerchantId,
    ) -> Self {
        Self { db, clock, books, meanings, merchant }
    }
    /// What answers mean, as the process keeps it.
    pub(crate) fn meanings(&self) -> &Meanings {
        &self.meanings
    }
    /// The books that the process keeps.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.books
    }
    /// The clock of this store.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Whose facts these are.
    pub fn id(&self) -> MerchantId {
        self.merchant
    }

    pub(crate) async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(self.db.begin_tenant(self.merchant).await?)
    }

    /// For a change: on SQLite it goes to the writer, on Postgres it is bound to the tenant like all else.
    pub(crate) async fn begin_write(&self) -> Result<Tx, StoreError> {
        match &self.db {
            Db::Postgres { .. } => self.begin().await,
            Db::Sqlite { .. } => Ok(self.db.begin().await?),
        }
    }

    /// For a change that is kept in the record of acts, which is not the tenant's to write: as the engine, and so with
    /// nothing but the merchant's name in every statement to keep it apart.
    pub(crate) async fn begin_recorded(&self) -> Result<Tx, StoreError> {
        Ok(self.db.begin().await?)
    }

    /// Orders on a phone (a phone key), newest first, at most 10.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn orders_of_phone(&self, phone_key: &str) -> Result<Vec<OrderView>, StoreError> {
        let mut tx = self.begin().await?;
        let views = self.orders(&mut tx, ORDERS_BY_PHONE, phone_key).await?;
        tx.commit().await?;
        Ok(views)
    }

    /// Orders with a number or a tracking number. A number may repeat over the years; the newest comes first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn orders_of_reference(&self, reference: &str) -> Result<Vec<OrderView>, StoreError> {
        let mut tx = self.begin().await?;
        let mut views = self.orders(&mut tx, ORDERS_BY_NUMBER, &order_number(reference)).await?;
        if views.is_empty() {
            views = self.orders(&mut tx, ORDERS_BY_TRACKING, &tracking_key(reference)).await?;
        }
        tx.commit().await?;
        Ok(views)
    }

    /// The order that the shop calls exactly so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn order_named(&self, name: &str) -> Result<Option<OrderView>, StoreError> {
        let found = self.orders_of_reference(name).await?;
        Ok(found.into_iter().find(|view| view.order.name == name))
    }

    async fn orders(&self, tx: &mut Tx, statement: &'static str, key: &str) -> Result<Vec<OrderView>, StoreError> {
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<OrderRow> = on!(&mut *tx, connection => sqlx::query_as(statement)
            .bind(self.merchant.0).bind(key).fetch_all(connection).await)?;
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            let refunds: Vec<RefundRow> = on!(&mut *tx, connection => sqlx::query_as(REFUNDS_OF_ORDER)
                .bind(self.merchant.0).bind(row.id).fetch_all(connection).await)?;
            let shipments: Vec<ShipmentRow> = on!(&mut *tx, connection => sqlx::query_as(SHIPMENTS_OF_ORDER)
                .bind(self.merchant.0).bind(row.id).fetch_all(connection).await)?;
            views.push(OrderView {
                order: merge_refunds(
                    order_facts(&row.facts)?,
                    refunds.into_iter().map(|refund| refund.facts.0).collect(),
                ),
                shipments: shipments.into_iter().map(ShipmentView::from).collect(),
                told_at: row.told_at.0,
            });
        }
        Ok(views)
    }

    /// When the shop last told anything about orders.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn told_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut tx = self.begin().await?;
        let row: AtRow =
            on!(&mut tx, connection => sqlx::query_as(TOLD_AT).bind(self.merchant.0).fetch_one(connection).await)?;
        tx.commit().await?;
        Ok(row.at.map(Timestamp::from))
    }

    /// Open and acknowledged incidents, worst first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn incidents(&self) -> Result<Vec<Incident>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<IncidentRow> = on!(&mut tx, connection => sqlx::query_as(OPEN_INCIDENTS).bind(self.merchant.0).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(Incident::try_from).collect()
    }

    /// Incidents in every state, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn all_incidents(&self, limit: i64) -> Result<Vec<Incident>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<IncidentRow> = on!(&mut tx, connection => sqlx::query_as(ALL_INCIDENTS)
            .bind(self.merchant.0).bind(limit).fetch_all(connection).await)?;
        tx.commit().await?;
        rows.into_iter().map(Incident::try_from).collect()
    }

    /// An incident.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<IncidentRow> = on!(&mut tx, connection => sqlx::query_as(INCIDENT_BY_ID)
            .bind(self.merchant.0).bind(id.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(Incident::try_from).transpose()
    }

    /// An incident by its number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn incident_by_number(&self, number: i64) -> Result<Option<Incident>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<IncidentRow> = on!(&mut tx, connection => sqlx::query_as(INCIDENT_BY_NUMBER)
            .bind(self.merchant.0).bind(number).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(Incident::try_from).transpose()
    }

    /// The counts behind detection for a carrier in a city.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parcel_counts(&self, carrier: &str, city: &str) -> Result<ParcelCounts, StoreError> {
        let (carrier, city) = (place_key(carrier), place_key(city));
        let since = At(self.clock.now().minus(DETECTION_WINDOW));
        let mut tx = self.begin().await?;
        let row: CountRow = on!(&mut tx, connection => sqlx::query_as(COUNT_PARCELS)
            .bind(self.merchant.0).bind(&carrier).bind(&city).bind(since).fetch_one(connection).await)?;
        let orders: Vec<String> = on!(&mut tx, connection => sqlx::query_scalar(PROBLEM_ORDERS)
            .bind(self.merchant.0).bind(&carrier).bind(&city).bind(since).fetch_all(connection).await)?;
        tx.commit().await?;
        Ok(ParcelCounts {
            active: row.here,
            problems: row.here_problems,
            active_elsewhere: row.parcels - row.here,
            problems_elsewhere: row.problems - row.here_problems,
            orders,
        })
    }

    /// Whether a person has failed too many proofs lately.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_locked(&self, contact: ContactId) -> Result<bool, StoreError> {
        let since = At(self.clock.now().minus(PROOF_WINDOW));
        let mut tx = self.begin().await?;
        let failures: i64 = on!(&mut tx, connection => sqlx::query_scalar(COUNT_FAILURES)
            .bind(self.merchant.0).bind(contact.0).bind(since).fetch_one(connection).await)?;
        tx.commit().await?;
        Ok(failures >= PROOF_FAILURES)
    }

    /// Counts a failed proof. It is kept even when the turn that asked is tried again: a guess is a guess.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_failure(&self, contact: ContactId) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut tx = self.begin_write().await?;
        on!(&mut tx, connection => sqlx::query(INSERT_FAILURE)
            .bind(self.merchant.0).bind(recado_domain::TimerId::new(now).0).bind(contact.0).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether an e-mail or phone, as typed, is the one on the order.
    pub fn proves(order: &OrderFacts, typed: &str, country: &str) -> bool {
        let customer = order.customer.as_ref();
        let emails = [order.email.as_deref(), customer.and_then(|customer| customer.email.as_deref())];
        let phones = [
            order.phone.as_deref(),
            customer.and_then(|customer| customer.phone.as_deref()),
            order.address.as_ref().and_then(|address| address.phone.as_deref()),
        ];
        if let Some(typed) = typed.split_whitespace().find_map(|word| email_key(word.trim_matches([',', '.', ';']))) {
            return emails.into_iter().flatten().filter_map(email_key).any(|email| email == typed);
        }
        phone_key(typed, country).is_some_and(|typed| {
            phones.into_iter().flatten().filter_map(|phone| phone_key(phone, country)).any(|phone| phone == typed)
        })
    }
}

pub(crate) fn order_facts(row: &Json<Box<serde_json::value::RawValue>>) -> Result<OrderFacts, StoreError> {
    serde_json::from_str(row.0.get()).map_err(|error| StoreError::Corrupt {
        table: "orders",
        column: "facts",
        problem: error.to_string(),
    })
}
