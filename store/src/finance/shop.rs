//! The books of a shop from what the store keeps: the facts that were imported, and what the shop's own webhooks told.

use std::collections::{BTreeMap, HashMap};

use recado_domain::finance::facts::entry::{MERCHANT, READING, put_together};
use recado_domain::finance::facts::{FactSet, ShopFacts, ShopParcel};
use recado_domain::merchant::Merchant;
use recado_domain::order::{OrderFacts, ProductFacts, Refund};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{MerchantId, Timestamp};
use serde_json::json;
use serde_json::value::RawValue;
use sqlx::FromRow;
use uuid::Uuid;

use super::FACTS_IN_FORCE;
use crate::db::{At, Json, Pair, Tx};
use crate::disputes::{DisputeRow, disputes};
use crate::facts::merge_refunds;
use crate::merchant::{MerchantStore, order_facts};
use crate::{StoreError, on};

crate::sql! {
    SHOP_ORDERS = "SELECT id, external_id, name, facts, processed_at, told_at, deleted_at FROM orders WHERE merchant_id = $1 \
        ORDER BY processed_at, id";
    SHOP_REFUNDS = "SELECT order_id, facts, processed_at FROM refunds WHERE merchant_id = $1 ORDER BY processed_at";
    SHOP_DISPUTES = "SELECT external_id, order_id, facts, first_at, last_at FROM disputes WHERE merchant_id = $1 AND order_id IS NOT NULL";
    SHOP_PARCELS = "SELECT id, external_id, order_id, carrier, tracking_number, line_ids, status, created_at, last_event_at, delivered_at \
        FROM shipments WHERE merchant_id = $1 ORDER BY created_at, id";
    SHOP_PRODUCTS = "SELECT facts FROM things WHERE merchant_id = $1 AND kind = 'product' ORDER BY external_id";
}

/// Orders, refunds, disputes and parcels by our id; `$2` is a JSON list of ids in hexadecimal.
const ORDERS_BY_ID: Pair = Pair {
    postgres: "SELECT o.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.id, k.external_id, k.name, k.facts, k.processed_at, k.told_at, k.deleted_at FROM orders k \
            WHERE k.merchant_id = $1 AND k.id = CAST(told.id AS UUID) OFFSET 0) AS o",
    sqlite: "SELECT o.id, o.external_id, o.name, o.facts, o.processed_at, o.told_at, o.deleted_at FROM json_each($2) AS told \
        CROSS JOIN orders o ON o.merchant_id = $1 AND o.id = unhex(told.value)",
};
const REFUNDS_BY_ORDER: Pair = Pair {
    postgres: "SELECT r.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.order_id, k.facts, k.processed_at FROM refunds k \
            WHERE k.merchant_id = $1 AND k.order_id = CAST(told.id AS UUID) OFFSET 0) AS r",
    sqlite: "SELECT r.order_id, r.facts, r.processed_at FROM json_each($2) AS told \
        CROSS JOIN refunds r ON r.merchant_id = $1 AND r.order_id = unhex(told.value)",
};
const DISPUTES_BY_ORDER: Pair = Pair {
    postgres: "SELECT d.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.external_id, k.order_id, k.facts, k.first_at, k.last_at FROM disputes k \
            WHERE k.merchant_id = $1 AND k.order_id = CAST(told.id AS UUID) OFFSET 0) AS d",
    sqlite: "SELECT d.external_id, d.order_id, d.facts, d.first_at, d.last_at FROM json_each($2) AS told \
        CROSS JOIN disputes d ON d.merchant_id = $1 AND d.order_id = unhex(told.value)",
};
const PARCELS_BY_ID: Pair = Pair {
    postgres: "SELECT s.* FROM json_array_elements_text(CAST(CAST($2 AS TEXT) AS JSON)) AS told (id) \
        CROSS JOIN LATERAL (SELECT k.id, k.external_id, k.order_id, k.carrier, k.tracking_number, k.line_ids, k.status, k.created_at, \
            k.last_event_at, k.delivered_at FROM shipments k WHERE k.merchant_id = $1 AND k.id = CAST(told.id AS UUID) OFFSET 0) AS s",
    sqlite: "SELECT s.id, s.external_id, s.order_id, s.carrier, s.tracking_number, s.line_ids, s.status, s.created_at, \
            s.last_event_at, s.delivered_at FROM json_each($2) AS told \
        CROSS JOIN shipments s ON s.merchant_id = $1 AND s.id = unhex(told.value)",
};

/// Where the two databases differ: how lists are read from JSON.
pub(super) const PAIRS: &[(&str, Pair)] = &[
    ("ORDERS_BY_ID", ORDERS_BY_ID),
    ("REFUNDS_BY_ORDER", REFUNDS_BY_ORDER),
    ("DISPUTES_BY_ORDER", DISPUTES_BY_ORDER),
    ("PARCELS_BY_ID", PARCELS_BY_ID),
];

/// Ids of one statement.
const LIST: usize = 1_000;

#[derive(FromRow)]
struct OrderRow {
    id: Uuid,
    external_id: String,
    name: String,
    facts: Json<Box<RawValue>>,
    processed_at: At,
    told_at: At,
    deleted_at: Option<At>,
}

#[derive(FromRow)]
struct RefundRow {
    order_id: Uuid,
    facts: Json<Refund>,
    processed_at: At,
}

#[derive(FromRow)]
struct ParcelRow {
    id: Uuid,
    external_id: String,
    order_id: Uuid,
    carrier: Option<String>,
    tracking_number: Option<String>,
    line_ids: Option<Json<Vec<String>>>,
    status: String,
    created_at: At,
    last_event_at: At,
    delivered_at: Option<At>,
}

/// What a read of the books brought.
pub(super) struct Read {
    /// All that is known.
    pub(super) facts: FactSet,
    /// The version that it is at least as new as.
    pub(super) version: i64,
}

impl MerchantStore {
    /// All that is known of the shop's money: the facts in force, joined with what its webhooks told
    /// (`recado_domain::finance::facts`, module `from_shop`, has the rule where both speak of one thing). `as_of` is now; of a
    /// shop that only an import speaks of, it is what the import says.
    ///
    /// # Errors
    /// When the database does not answer, or what it keeps is no fact.
    pub async fn books(&self, merchant: &Merchant) -> Result<FactSet, StoreError> {
        Ok(self.read_books(merchant).await?.facts)
    }

    pub(super) async fn read_books(&self, merchant: &Merchant) -> Result<Read, StoreError> {
        let now = self.clock().now();
        let mut tx = self.begin().await?;
        // Before the facts: see `changes`.
        let version = super::changes::books_version(&mut tx, self.id()).await?;
        let entries: Vec<(String, String)> = on!(&mut tx, connection => sqlx::query_as(FACTS_IN_FORCE)
            .bind(self.id().0).fetch_all(connection).await)?;
        let told = read_shop(&mut tx, self.id()).await?;
        tx.commit().await?;
        let mut facts = imported(merchant, &entries, now)?;
        if told.told_at.is_some() {
            facts.as_of = now;
        }
        let facts = facts.with_shop(&told).map_err(|error| StoreError::Corrupt {
            table: "orders",
            column: "facts",
            problem: error.to_string(),
        })?;
        Ok(Read { facts, version })
    }
}

/// What a shop is that has told nothing of itself.
pub(super) fn itself(name: &str, timezone: &str, currency: &str) -> String {
    json!({ "name": name, "timezone": timezone, "currency": currency, "vat_registered": true }).to_string()
}

/// When the sources of a shop were read that said nothing of it.
pub(super) fn unread(now: Timestamp) -> String {
    json!({ "as_of": now, "synced_at": null }).to_string()
}

/// The facts in force. A shop that was told only single facts has no word of its own about itself: then ours is taken.
pub(super) fn imported(
    merchant: &Merchant,
    entries: &[(String, String)],
    now: Timestamp,
) -> Result<FactSet, StoreError> {
    if entries.is_empty() {
        return Ok(FactSet::of_shop(merchant, now));
    }
    let has = |kind: &str| entries.iter().any(|(known, _)| known == kind);
    let (itself, reading) = (itself(&merchant.name, &merchant.timezone, merchant.currency.code()), unread(now));
    let mut parts: Vec<(&str, &str)> = Vec::with_capacity(entries.len() + 2);
    if !has(MERCHANT) {
        parts.push((MERCHANT, &itself));
    }
    if !has(READING) {
        parts.push((READING, &reading));
    }
    parts.extend(entries.iter().map(|(kind, body)| (kind.as_str(), body.as_str())));
    FactSet::from_json(&put_together(parts)).map_err(|error| StoreError::Corrupt {
        table: "finance_entries",
        column: "body",
        problem: error.to_string(),
    })
}

async fn read_shop(tx: &mut Tx, merchant: MerchantId) -> Result<ShopFacts, StoreError> {
    let orders: Vec<OrderRow> = on!(&mut *tx, connection => sqlx::query_as(SHOP_ORDERS)
        .bind(merchant.0).fetch_all(connection).await)?;
    let refunds: Vec<RefundRow> = on!(&mut *tx, connection => sqlx::query_as(SHOP_REFUNDS)
        .bind(merchant.0).fetch_all(connection).await)?;
    let disputes: Vec<DisputeRow> = on!(&mut *tx, connection => sqlx::query_as(SHOP_DISPUTES)
        .bind(merchant.0).fetch_all(connection).await)?;
    let parcels: Vec<ParcelRow> = on!(&mut *tx, connection => sqlx::query_as(SHOP_PARCELS)
        .bind(merchant.0).fetch_all(connection).await)?;
    let mut shop = together(Rows { orders, refunds, disputes, parcels })?;
    shop.products = read_products(tx, merchant).await?;
    Ok(shop)
}

/// The products that the shop told. One that was deleted before it was told left a mark without facts.
pub(super) async fn read_products(tx: &mut Tx, merchant: MerchantId) -> Result<Vec<ProductFacts>, StoreError> {
    let products: Vec<serde_json::Value> = on!(&mut *tx, connection => sqlx::query_scalar(SHOP_PRODUCTS)
        .bind(merchant.0).fetch_all(connection).await)?;
    Ok(products.into_iter().filter_map(|facts| serde_json::from_value::<ProductFacts>(facts).ok()).collect())
}

/// What a shop told, from its rows; orders and refunds in the order of time.
fn together(rows: Rows) -> Result<ShopFacts, StoreError> {
    let Rows { orders, refunds, disputes: disputed, parcels } = rows;
    let mut apart: HashMap<Uuid, Vec<Refund>> = HashMap::new();
    for refund in refunds {
        apart.entry(refund.order_id).or_default().push(refund.facts.0);
    }
    let mut shop = ShopFacts { told_at: orders.iter().map(|row| row.told_at.0).max(), ..ShopFacts::default() };
    let mut external: HashMap<Uuid, String> = HashMap::with_capacity(orders.len());
    for row in orders {
        if row.deleted_at.is_some() {
            shop.deleted.push(row.external_id);
            if !row.name.is_empty() {
                shop.deleted.push(row.name);
            }
            continue;
        }
        let facts: OrderFacts = order_facts(&row.facts)?;
        shop.orders.push(merge_refunds(facts, apart.remove(&row.id).unwrap_or_default()));
        external.insert(row.id, row.external_id);
    }
    shop.disputes = disputes(disputed);
    // What belongs to no order that is known says nothing of the books yet.
    shop.parcels = parcels.into_iter().filter_map(|row| row.parcel(&external)).collect();
    Ok(shop)
}

/// What a shop told, or what it told of a cluster.
#[derive(Default)]
struct Rows {
    orders: Vec<OrderRow>,
    refunds: Vec<RefundRow>,
    disputes: Vec<DisputeRow>,
    parcels: Vec<ParcelRow>,
}

/// What a shop told of some clusters: each with our ids of its orders and parcels.
pub(super) async fn read_clusters<'a>(
    tx: &mut Tx,
    merchant: MerchantId,
    clusters: impl Iterator<Item = (&'a String, &'a [Uuid], &'a [Uuid])>,
) -> Result<BTreeMap<String, ShopFacts>, StoreError> {
    let (text_orders, text_refunds) = (tx.pick(ORDERS_BY_ID), tx.pick(REFUNDS_BY_ORDER));
    let (text_disputes, text_parcels) = (tx.pick(DISPUTES_BY_ORDER), tx.pick(PARCELS_BY_ID));
    let mut of_root: BTreeMap<String, Rows> = BTreeMap::new();
    let mut root_of: HashMap<Uuid, &String> = HashMap::new();
    let (mut orders, mut parcels) = (Vec::new(), Vec::new());
    for (root, some_orders, some_parcels) in clusters {
        root_of.extend(some_orders.iter().chain(some_parcels).map(|id| (*id, root)));
        orders.extend_from_slice(some_orders);
        parcels.extend_from_slice(some_parcels);
    }
    for list in orders.chunks(LIST) {
        let list = ids(list);
        let rows: Vec<OrderRow> = on!(&mut *tx, connection => sqlx::query_as(text_orders)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        let refunds: Vec<RefundRow> = on!(&mut *tx, connection => sqlx::query_as(text_refunds)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        for row in rows {
            if let Some(root) = root_of.get(&row.id) {
                of_root.entry((*root).clone()).or_default().orders.push(row);
            }
        }
        for row in refunds {
            if let Some(root) = root_of.get(&row.order_id) {
                of_root.entry((*root).clone()).or_default().refunds.push(row);
            }
        }
        let disputes: Vec<DisputeRow> = on!(&mut *tx, connection => sqlx::query_as(text_disputes)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        for row in disputes {
            if let Some(root) = row.order_id.as_ref().and_then(|order| root_of.get(order)) {
                of_root.entry((*root).clone()).or_default().disputes.push(row);
            }
        }
    }
    for list in parcels.chunks(LIST) {
        let list = ids(list);
        let rows: Vec<ParcelRow> = on!(&mut *tx, connection => sqlx::query_as(text_parcels)
            .bind(merchant.0).bind(&list).fetch_all(connection).await)?;
        for row in rows {
            if let Some(root) = root_of.get(&row.id) {
                of_root.entry((*root).clone()).or_default().parcels.push(row);
            }
        }
    }
    let mut shops = BTreeMap::new();
    for (root, mut rows) in of_root {
        rows.orders.sort_by_key(|row| (row.processed_at.0, row.id));
        rows.refunds.sort_by_key(|row| row.processed_at.0);
        rows.parcels.sort_by_key(|row| (row.created_at.0, row.id));
        shops.insert(root, together(rows)?);
    }
    Ok(shops)
}

/// A list of ids as one parameter.
pub(super) fn ids(list: &[Uuid]) -> String {
    serde_json::Value::from_iter(list.iter().map(|id| id.simple().to_string())).to_string()
}

impl ParcelRow {
    fn parcel(self, external: &HashMap<Uuid, String>) -> Option<ShopParcel> {
        Some(ShopParcel {
            order_external_id: external.get(&self.order_id)?.clone(),
            external_id: self.external_id,
            carrier: self.carrier,
            tracking_number: self.tracking_number,
            line_ids: self.line_ids.map(|ids| ids.0).unwrap_or_default(),
            status: ShipmentStatus::from_code(&self.status).unwrap_or(ShipmentStatus::Pending),
            created_at: self.created_at.0,
            last_event_at: self.last_event_at.0,
            delivered_at: self.delivered_at.map(Timestamp::from),
        })
    }
}
