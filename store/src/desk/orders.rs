//! Orders with their parcels: two axes, never one status.

use recado_domain::order::OrderFacts;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{ConversationId, MerchantId, OrderId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::Scope;
use super::conversations::like;
use crate::db::{At, Json, from_json};
use crate::{Store, StoreError, read};

/// Rows of a page; one more is asked for, to know whether there is a next.
pub(super) const PAGE: i64 = 50;

crate::sql! {
    LIST_ORDERS = "SELECT o.merchant_id, o.id, o.processed_at, o.facts, s.status AS parcel, s.carrier, s.tracking_number \
        FROM orders o LEFT JOIN shipments s ON s.merchant_id = o.merchant_id AND s.order_id = o.id \
            AND s.id = (SELECT x.id FROM shipments x WHERE x.merchant_id = o.merchant_id AND x.order_id = o.id \
                ORDER BY x.created_at DESC, x.id DESC LIMIT 1) \
        WHERE (o.merchant_id = $1 OR $1 IS NULL) AND o.deleted_at IS NULL AND o.processed_at < $2 \
            AND ($3 = '' OR LOWER(o.number) LIKE $3 OR LOWER(o.name) LIKE $3 OR COALESCE(o.phone_key, '') LIKE $3 \
                OR COALESCE(o.email_key, '') LIKE $3 OR LOWER(CAST(o.facts AS TEXT)) LIKE $3 OR LOWER(COALESCE(s.tracking_number, '')) LIKE $3) \
            AND ($4 = '' OR ($4 = 'none' AND s.id IS NULL) OR ($4 = 'problem' AND s.problem) OR ($4 = 'delivered' AND s.status = 'delivered') \
                OR ($4 = 'delivery' AND s.status = 'out_for_delivery') OR ($4 = 'pickup' AND s.status = 'available_for_pickup') \
                OR ($4 = 'transit' AND s.status IN ('info_received', 'in_transit'))) \
        ORDER BY o.processed_at DESC, o.id LIMIT $5";
    ORDERS_OF_PHONE = "SELECT o.merchant_id, o.id, o.processed_at, o.facts, s.status AS parcel, s.carrier, s.tracking_number \
        FROM conversations c JOIN orders o ON o.merchant_id = c.merchant_id AND o.phone_key = c.phone_key \
        LEFT JOIN shipments s ON s.merchant_id = o.merchant_id AND s.order_id = o.id \
        WHERE c.merchant_id = $1 AND c.id = $2 AND o.deleted_at IS NULL ORDER BY o.processed_at DESC, s.created_at DESC LIMIT 12";
    PROBLEMS = "SELECT s.status, s.carrier, s.city, s.last_event_at, o.name, o.number, o.facts \
        FROM shipments s JOIN orders o ON o.merchant_id = s.merchant_id AND o.id = s.order_id \
        WHERE s.problem AND s.active AND (s.merchant_id = $1 OR $1 IS NULL) ORDER BY s.last_event_at, s.id LIMIT 6";
    COUNT_PROBLEMS = "SELECT COUNT(*) FROM shipments WHERE problem AND active AND (merchant_id = $1 OR $1 IS NULL)";
}

/// Which orders a list shows, by their newest parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum ParcelFilter {
    Problem,
    Delivery,
    Transit,
    Pickup,
    Delivered,
    None,
}

impl ParcelFilter {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] =
        [Self::Problem, Self::Delivery, Self::Transit, Self::Pickup, Self::Delivered, Self::None];

    /// The word in addresses.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Delivery => "delivery",
            Self::Transit => "transit",
            Self::Pickup => "pickup",
            Self::Delivered => "delivered",
            Self::None => "none",
        }
    }
    /// Reads [`ParcelFilter::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.code() == code)
    }
}

/// An order in a list.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// Shop.
    pub merchant: MerchantId,
    /// Id.
    pub id: OrderId,
    /// When it was booked.
    pub processed_at: Timestamp,
    /// What the shop says.
    pub facts: OrderFacts,
    /// What the carrier says of its newest parcel.
    pub parcel: Option<ParcelOfOrder>,
}

/// A parcel in a list of orders.
#[derive(Clone, Debug)]
pub struct ParcelOfOrder {
    /// Where it is.
    pub status: ShipmentStatus,
    /// Carrier.
    pub carrier: Option<String>,
    /// Tracking number.
    pub tracking_number: Option<String>,
}

/// A parcel with a problem.
#[derive(Clone, Debug)]
pub struct ProblemRow {
    /// Which problem.
    pub status: ShipmentStatus,
    /// Carrier.
    pub carrier: Option<String>,
    /// Where it goes.
    pub city: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// Its order.
    pub order_name: String,
    /// The order's number, for a link.
    pub order_number: String,
    /// Who waits for it.
    pub customer: Option<String>,
}

#[derive(FromRow)]
struct Row {
    merchant_id: Uuid,
    id: Uuid,
    processed_at: At,
    facts: Json<serde_json::Value>,
    parcel: Option<String>,
    carrier: Option<String>,
    tracking_number: Option<String>,
}

impl TryFrom<Row> for OrderRow {
    type Error = StoreError;
    fn try_from(row: Row) -> Result<Self, StoreError> {
        let parcel = row.parcel.as_deref().and_then(ShipmentStatus::from_code).map(|status| ParcelOfOrder {
            status,
            carrier: row.carrier,
            tracking_number: row.tracking_number,
        });
        Ok(Self {
            merchant: MerchantId(row.merchant_id),
            id: OrderId(row.id),
            processed_at: row.processed_at.0,
            facts: from_json(row.facts.0, "orders", "facts")?,
            parcel,
        })
    }
}

#[derive(FromRow)]
struct ProblemOfRow {
    status: String,
    carrier: Option<String>,
    city: Option<String>,
    last_event_at: At,
    name: String,
    number: String,
    facts: Json<serde_json::Value>,
}

impl Store {
    /// Orders booked before an instant, newest first, with whether there are more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn orders(
        &self,
        scope: Scope,
        before: Timestamp,
        words: &str,
        parcel: Option<ParcelFilter>,
    ) -> Result<(Vec<OrderRow>, bool), StoreError> {
        let rows: Vec<Row> = read!(&self.db, pool => sqlx::query_as(LIST_ORDERS)
            .bind(scope.bound()).bind(At(before)).bind(like(words.trim_start_matches('#')))
            .bind(parcel.map_or("", ParcelFilter::code)).bind(PAGE + 1).fetch_all(pool).await)?;
        let more = rows.len() as i64 > PAGE;
        let orders = rows.into_iter().take(PAGE as usize).map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok((orders, more))
    }

    /// The newest orders with the phone of a conversation, at most 4.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn orders_of_person(
        &self,
        merchant: MerchantId,
        conversation: ConversationId,
    ) -> Result<Vec<OrderRow>, StoreError> {
        let rows: Vec<Row> = read!(&self.db, pool => sqlx::query_as(ORDERS_OF_PHONE)
            .bind(merchant.0).bind(conversation.0).fetch_all(pool).await)?;
        let mut orders: Vec<OrderRow> = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        // An order with several parcels came once for each, the newest parcel first.
        orders.dedup_by_key(|order| order.id);
        orders.truncate(4);
        Ok(orders)
    }

    /// Parcels with a problem, those that wait longest first, and how many there are in all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parcel_problems(&self, scope: Scope) -> Result<(Vec<ProblemRow>, i64), StoreError> {
        let rows: Vec<ProblemOfRow> =
            read!(&self.db, pool => sqlx::query_as(PROBLEMS).bind(scope.bound()).fetch_all(pool).await)?;
        let total: i64 =
            read!(&self.db, pool => sqlx::query_scalar(COUNT_PROBLEMS).bind(scope.bound()).fetch_one(pool).await)?;
        let problems = rows.into_iter().filter_map(|row| {
            let facts: Option<OrderFacts> = serde_json::from_value(row.facts.0).ok();
            Some(ProblemRow {
                status: ShipmentStatus::from_code(&row.status)?,
                carrier: row.carrier,
                city: row.city,
                since: row.last_event_at.0,
                order_name: row.name,
                order_number: row.number,
                customer: facts.and_then(|facts| facts.customer).and_then(|customer| customer.name),
            })
        });
        Ok((problems.collect(), total))
    }
}
