//! Disputes of a shop's payments. A dispute has no version, so each telling is a row of its own that no other replaces; told
//! again, it only says since when and until when. What they say together, `recado_domain::order::Dispute` has.

use std::collections::BTreeMap;

use recado_domain::event::InternalEvent;
use recado_domain::order::{Dispute, DisputeFacts, DisputeTold};
use recado_domain::tools::DisputeView;
use recado_domain::{LaneId, MerchantId, OrderId, Timestamp};
use sha2::{Digest as _, Sha256};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Json, Tx, to_json};
use crate::facts::order_id;
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    KEEP_DISPUTE = "INSERT INTO disputes (merchant_id, external_id, version, order_id, facts, first_at, last_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT (merchant_id, external_id, version) DO UPDATE SET \
        first_at = CASE WHEN excluded.first_at < disputes.first_at THEN excluded.first_at ELSE disputes.first_at END, \
        last_at = CASE WHEN excluded.last_at > disputes.last_at THEN excluded.last_at ELSE disputes.last_at END";
    // A telling that names no order is of the order that another names.
    PLACE_DISPUTE = "UPDATE disputes SET order_id = $3 WHERE merchant_id = $1 AND external_id = $2 AND order_id IS NULL";
    TOLD_OF_DISPUTE = "SELECT external_id, order_id, facts, first_at, last_at FROM disputes \
        WHERE merchant_id = $1 AND external_id = $2";
    NAME_OF_ORDER = "SELECT name FROM orders WHERE merchant_id = $1 AND id = $2 AND deleted_at IS NULL AND name <> ''";
}

/// A telling.
#[derive(FromRow)]
pub(crate) struct DisputeRow {
    external_id: String,
    pub(crate) order_id: Option<Uuid>,
    facts: Json<DisputeFacts>,
    first_at: At,
    last_at: At,
}

/// What is to be done about a dispute that was told.
pub(crate) struct Told {
    /// The order whose money it moves.
    pub(crate) order: Option<OrderId>,
    /// Whether it waits for evidence, and until when at most.
    pub(crate) open: Option<Option<Timestamp>>,
}

/// The disputes in rows, each of one order.
pub(crate) fn disputes(rows: Vec<DisputeRow>) -> Vec<Dispute> {
    let mut of: BTreeMap<(Option<Uuid>, String), Vec<DisputeTold>> = BTreeMap::new();
    for row in rows {
        of.entry((row.order_id, row.external_id.clone())).or_default().push(row.told());
    }
    of.into_values().filter_map(Dispute::of).collect()
}

/// Keeps a telling.
pub(crate) async fn keep(
    tx: &mut Tx,
    shop: MerchantId,
    told: &DisputeFacts,
    at: Timestamp,
) -> Result<Told, StoreError> {
    let facts = to_json(told);
    let version = hex::encode(Sha256::digest(facts.to_string().as_bytes()));
    let order = told.order_external_id.as_deref().map(|order| order_id(shop, order));
    on!(&mut *tx, connection => sqlx::query(KEEP_DISPUTE)
        .bind(shop.0).bind(&told.external_id).bind(version).bind(order.map(|order| order.0)).bind(facts).bind(At(at))
        .execute(connection).await.map(|_| ()))?;
    let rows = rows_of(tx, shop, &told.external_id).await?;
    let order = order.or_else(|| rows.iter().find_map(|row| row.order_id).map(OrderId));
    if let Some(order) = order.filter(|_| rows.iter().any(|row| row.order_id.is_none())) {
        on!(&mut *tx, connection => sqlx::query(PLACE_DISPUTE).bind(shop.0).bind(&told.external_id).bind(order.0)
            .execute(connection).await.map(|_| ()))?;
    }
    let newest = Dispute::of(rows.into_iter().map(DisputeRow::told).collect());
    let open = newest.as_ref().map(Dispute::newest).filter(|newest| newest.needs_response());
    Ok(Told { order, open: open.map(|newest| newest.evidence_due_by) })
}

async fn rows_of(tx: &mut Tx, shop: MerchantId, external_id: &str) -> Result<Vec<DisputeRow>, StoreError> {
    Ok(on!(&mut *tx, connection => sqlx::query_as(TOLD_OF_DISPUTE)
        .bind(shop.0).bind(external_id).fetch_all(connection).await)?)
}

/// The lane in which staff is told of a dispute.
pub(crate) fn lane(shop: MerchantId, external_id: &str) -> LaneId {
    LaneId::derived(&[&shop.to_string(), "dispute", external_id])
}

/// The key by which staff is told once of each deadline, and the event.
pub(crate) fn open_event(shop: MerchantId, external_id: &str, due: Option<Timestamp>) -> (String, InternalEvent) {
    let due = due.map(|due| due.to_string()).unwrap_or_default();
    let event = InternalEvent::DisputeOpen { dispute: external_id.to_owned() };
    (format!("dispute:{shop}:{external_id}:{due}"), event)
}

impl DisputeRow {
    fn told(self) -> DisputeTold {
        DisputeTold { facts: self.facts.0, first_at: self.first_at.0, last_at: self.last_at.0 }
    }
}

impl MerchantStore {
    /// A dispute as it is now, by the shop's id of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn dispute(&self, external_id: &str) -> Result<Option<DisputeView>, StoreError> {
        let mut tx = self.begin().await?;
        let rows = rows_of(&mut tx, self.id(), external_id).await?;
        let order = rows.iter().find_map(|row| row.order_id);
        let name: Option<String> = match order {
            Some(order) => on!(&mut tx, connection => sqlx::query_scalar(NAME_OF_ORDER)
                .bind(self.id().0).bind(order).fetch_optional(connection).await)?,
            None => None,
        };
        tx.commit().await?;
        let dispute = Dispute::of(rows.into_iter().map(DisputeRow::told).collect());
        Ok(dispute.map(|dispute| DisputeView { facts: dispute.newest().clone(), order: name }))
    }
}
