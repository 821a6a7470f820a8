//! What webhooks told and is not folded yet.
//!
//! Whoever applies a fact of an order or parcel leaves a row in `finance_told` in the same transaction, under an id of its
//! own: nobody waits there for a fold. A fold takes rows that are committed, reads the orders and parcels they name as they
//! are then, and removes just those rows: what is told meanwhile has another row, and is folded once more.

use std::collections::HashMap;

use recado_domain::event::CommerceEvent;
use recado_domain::finance::figures::day_book::kin::{self, TOLD_ORDERS, TOLD_PARCELS};
use recado_domain::{MerchantId, OrderId};
use sqlx::FromRow;
use uuid::Uuid;

use super::super::shop::ids;
use super::gather::Key;
use crate::db::{Pair, Tx};
use crate::facts::{order_id, shipment_id};
use crate::{StoreError, on};

crate::sql! {
    TELL = "INSERT INTO finance_told (merchant_id, id, kind, thing_id) VALUES ($1, $2, $3, $4)";
    TOLD = "SELECT id, kind, thing_id FROM finance_told WHERE merchant_id = $1 ORDER BY id LIMIT CAST($2 AS BIGINT)";
    FORGET_TOLD = "DELETE FROM finance_told WHERE NOT EXISTS \
        (SELECT 1 FROM finance_books b WHERE b.merchant_id = finance_told.merchant_id)";
    ORDERS_AFTER = "SELECT id FROM orders WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)";
    PARCELS_AFTER = "SELECT id FROM shipments WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)";
}

/// By what names orders and parcels are known; `$2` is a JSON list of our ids in hexadecimal.
const NAMES_OF_ORDERS: Pair = Pair {
    postgres: "SELECT o.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.id, k.external_id, k.name AS other, k.customer_id AS above FROM orders k \
            WHERE k.merchant_id = $1 AND k.id = CAST(told.id AS UUID) OFFSET 0) AS o",
    sqlite: "SELECT o.id, o.external_id, o.name AS other, o.customer_id AS above FROM json_each($2) AS told \
        CROSS JOIN orders o ON o.merchant_id = $1 AND o.id = unhex(told.value)",
};
const NAMES_OF_PARCELS: Pair = Pair {
    postgres: "SELECT s.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.id, k.external_id, k.tracking_number AS other, CAST(k.order_id AS TEXT) AS above FROM shipments k \
            WHERE k.merchant_id = $1 AND k.id = CAST(told.id AS UUID) OFFSET 0) AS s",
    sqlite: "SELECT s.id, s.external_id, s.tracking_number AS other, hex(s.order_id) AS above FROM json_each($2) AS told \
        CROSS JOIN shipments s ON s.merchant_id = $1 AND s.id = unhex(told.value)",
};
/// Removes rows by their id; `$2` is a JSON list of them in hexadecimal.
const END_TOLD: Pair = Pair {
    postgres: "DELETE FROM finance_told t USING json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS done (id) \
        WHERE t.merchant_id = $1 AND t.id = CAST(done.id AS UUID)",
    sqlite: "DELETE FROM finance_told WHERE merchant_id = $1 AND id IN (SELECT unhex(done.value) FROM json_each($2) AS done)",
};

/// Where the two databases differ: how lists are read from JSON, and how an id becomes a text.
pub(super) const PAIRS: [(&str, Pair); 3] =
    [("NAMES_OF_ORDERS", NAMES_OF_ORDERS), ("NAMES_OF_PARCELS", NAMES_OF_PARCELS), ("END_TOLD", END_TOLD)];

#[derive(FromRow)]
struct ToldRow {
    id: Uuid,
    kind: String,
    thing_id: Uuid,
}

#[derive(FromRow)]
struct NamesRow {
    id: Uuid,
    external_id: String,
    other: Option<String>,
    above: Option<String>,
}

/// Orders and parcels that were told.
#[derive(Default)]
pub(super) struct Told {
    rows: Vec<Uuid>,
    pub orders: Vec<Uuid>,
    pub parcels: Vec<Uuid>,
}

impl Told {
    pub(super) fn len(&self) -> usize {
        self.orders.len() + self.parcels.len()
    }
}

/// Notes what a fact of commerce changes, in the transaction that applies it. Titles of products move no figure.
pub(crate) async fn tell(tx: &mut Tx, shop: MerchantId, fact: &CommerceEvent) -> Result<(), StoreError> {
    let (kind, thing) = match fact {
        CommerceEvent::Order { order, .. } => (TOLD_ORDERS, order_id(shop, &order.external_id).0),
        CommerceEvent::OrderDeleted { external_id } => (TOLD_ORDERS, order_id(shop, external_id).0),
        CommerceEvent::Refund { order_external_id, .. } => (TOLD_ORDERS, order_id(shop, order_external_id).0),
        CommerceEvent::Shipment(parcel) => (TOLD_PARCELS, shipment_id(shop, &parcel.external_id).0),
        CommerceEvent::ShipmentEvent(scan) => (TOLD_PARCELS, shipment_id(shop, &scan.shipment_external_id).0),
        // Of which order it is, its other tellings may have to say: see `facts`.
        CommerceEvent::Dispute { .. }
        | CommerceEvent::Product(_)
        | CommerceEvent::ProductDeleted { .. }
        | CommerceEvent::Checkout(_)
        | CommerceEvent::Customer(_)
        | CommerceEvent::Uninstalled
        | CommerceEvent::Compliance { .. }
        | CommerceEvent::Other { .. } => return Ok(()),
    };
    note(tx, shop, kind, thing).await
}

/// Notes that an order is another one than it was, whoever changed it.
pub(crate) async fn tell_order(tx: &mut Tx, shop: MerchantId, order: OrderId) -> Result<(), StoreError> {
    note(tx, shop, TOLD_ORDERS, order.0).await
}

async fn note(tx: &mut Tx, shop: MerchantId, kind: &str, thing: Uuid) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(TELL)
        .bind(shop.0).bind(Uuid::now_v7()).bind(kind).bind(thing).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Some of what was told.
pub(super) async fn some(tx: &mut Tx, merchant: MerchantId, most: i64) -> Result<Told, StoreError> {
    let rows: Vec<ToldRow> = on!(&mut *tx, connection => sqlx::query_as(TOLD)
        .bind(merchant.0).bind(most).fetch_all(connection).await)?;
    let mut told = Told::default();
    for row in rows {
        told.rows.push(row.id);
        let list = if row.kind == TOLD_ORDERS { &mut told.orders } else { &mut told.parcels };
        list.push(row.thing_id);
    }
    for list in [&mut told.orders, &mut told.parcels] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(told)
}

/// Removes what was taken up.
pub(super) async fn end(tx: &mut Tx, merchant: MerchantId, told: &Told) -> Result<(), StoreError> {
    let (text, list) = (tx.pick(END_TOLD), ids(&told.rows));
    on!(&mut *tx, connection => sqlx::query(text)
        .bind(merchant.0).bind(&list).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Orders or parcels after an id, whether they are folded or not.
pub(super) async fn after(
    tx: &mut Tx,
    merchant: MerchantId,
    statement: &'static str,
    after: Uuid,
    most: i64,
) -> Result<Vec<Uuid>, StoreError> {
    Ok(on!(&mut *tx, connection => sqlx::query_scalar(statement)
        .bind(merchant.0).bind(after).bind(most).fetch_all(connection).await)?)
}

/// At which nodes each of them points now; one that is not there any more, at none.
pub(super) async fn pointing(
    tx: &mut Tx,
    merchant: MerchantId,
    told: &Told,
) -> Result<Vec<(Key, Vec<String>)>, StoreError> {
    let mut pointing = Vec::with_capacity(told.len());
    for (kind, things, pair) in
        [(TOLD_ORDERS, &told.orders, NAMES_OF_ORDERS), (TOLD_PARCELS, &told.parcels, NAMES_OF_PARCELS)]
    {
        if things.is_empty() {
            continue;
        }
        let (text, list) = (tx.pick(pair), ids(things));
        let rows: Vec<NamesRow> = on!(&mut *tx, connection => sqlx::query_as(text)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        let rows: HashMap<Uuid, NamesRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        for thing in things {
            let nodes = rows.get(thing).map(|row| {
                let other = row.other.as_deref();
                if kind == TOLD_ORDERS {
                    kin::of_told_order(&row.external_id, other.unwrap_or_default(), row.above.as_deref())
                } else {
                    let order = row.above.as_deref().and_then(|id| Uuid::parse_str(id).ok()).unwrap_or_default();
                    kin::of_told_parcel(&order.to_string(), &row.external_id, other)
                }
            });
            pointing.push(((kind.to_owned(), thing.to_string()), nodes.unwrap_or_default()));
        }
    }
    Ok(pointing)
}
