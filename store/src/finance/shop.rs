//! The books of a shop from what the store keeps: the facts that were imported, and what the shop's own webhooks told.

use std::collections::HashMap;

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
use crate::db::{At, Json, Tx};
use crate::facts::{merge_refunds, order_id};
use crate::merchant::{MerchantStore, order_facts};
use crate::{StoreError, on};

crate::sql! {
    SHOP_ORDERS = "SELECT id, external_id, name, facts, told_at, deleted_at FROM orders WHERE merchant_id = $1 ORDER BY processed_at, id";
    SHOP_REFUNDS = "SELECT order_id, facts FROM refunds WHERE merchant_id = $1 ORDER BY processed_at";
    SHOP_PARCELS = "SELECT external_id, order_id, carrier, tracking_number, line_ids, status, created_at, last_event_at, delivered_at \
        FROM shipments WHERE merchant_id = $1 ORDER BY created_at, id";
    SHOP_PRODUCTS = "SELECT facts FROM things WHERE merchant_id = $1 AND kind = 'product' ORDER BY external_id";
}

#[derive(FromRow)]
struct OrderRow {
    id: Uuid,
    external_id: String,
    name: String,
    facts: Json<Box<RawValue>>,
    told_at: At,
    deleted_at: Option<At>,
}

#[derive(FromRow)]
struct RefundRow {
    order_id: Uuid,
    facts: Json<Refund>,
}

#[derive(FromRow)]
struct ParcelRow {
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

/// The facts in force. A shop that was told only single facts has no word of its own about itself: then ours is taken.
fn imported(merchant: &Merchant, entries: &[(String, String)], now: Timestamp) -> Result<FactSet, StoreError> {
    if entries.is_empty() {
        return Ok(FactSet::of_shop(merchant, now));
    }
    let has = |kind: &str| entries.iter().any(|(known, _)| known == kind);
    let itself = json!({
        "name": merchant.name, "timezone": merchant.timezone, "currency": merchant.currency.code(), "vat_registered": true,
    });
    let (itself, reading) = (itself.to_string(), json!({ "as_of": now, "synced_at": null }).to_string());
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
    let parcels: Vec<ParcelRow> = on!(&mut *tx, connection => sqlx::query_as(SHOP_PARCELS)
        .bind(merchant.0).fetch_all(connection).await)?;
    let products: Vec<serde_json::Value> = on!(&mut *tx, connection => sqlx::query_scalar(SHOP_PRODUCTS)
        .bind(merchant.0).fetch_all(connection).await)?;

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
        external.insert(order_id(merchant, &row.external_id).0, row.external_id);
    }
    // What belongs to no order that is known says nothing of the books yet.
    shop.parcels = parcels.into_iter().filter_map(|row| row.parcel(&external)).collect();
    // A product that was deleted before it was told left a mark without facts.
    shop.products =
        products.into_iter().filter_map(|facts| serde_json::from_value::<ProductFacts>(facts).ok()).collect();
    Ok(shop)
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
