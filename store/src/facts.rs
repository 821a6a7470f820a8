//! Facts that a shop's webhooks bring: orders, refunds, disputes, parcels, products. Each is applied in the turn of its own lane,
//! in the turn's transaction. Webhooks arrive repeated and out of order, so an older version never replaces a newer one,
//! and what arrives before its order waits for it.

use recado_domain::contact::{email_key, phone_key};
use recado_domain::event::CommerceEvent;
use recado_domain::merchant::Merchant;
use recado_domain::order::{OrderFacts, Refund};
use recado_domain::shipment::{ShipmentEvent, ShipmentFacts, ShipmentStatus, place_key};
use recado_domain::{EventId, MerchantId, OrderId, ShipmentId, Timestamp};
use sqlx::FromRow;

use crate::db::{At, Tx, to_json};
use crate::{StoreError, disputes, on};

crate::sql! {
    UPSERT_ORDER = "INSERT INTO orders (merchant_id, id, external_id, name, number, phone_key, email_key, customer_id, currency, total, \
            financial_status, fulfillment_status, processed_at, last_money_at, updated_at, cancelled_at, told_at, facts) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
        ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, number = excluded.number, phone_key = excluded.phone_key, \
            email_key = excluded.email_key, customer_id = excluded.customer_id, currency = excluded.currency, total = excluded.total, \
            financial_status = excluded.financial_status, fulfillment_status = excluded.fulfillment_status, \
            processed_at = excluded.processed_at, last_money_at = excluded.last_money_at, updated_at = excluded.updated_at, \
            cancelled_at = excluded.cancelled_at, told_at = excluded.told_at, facts = excluded.facts \
        WHERE orders.updated_at <= excluded.updated_at";
    // A deletion may overtake its order, so it leaves a mark that the order, when it comes, does not remove.
    DELETE_ORDER = "INSERT INTO orders (merchant_id, id, external_id, name, number, currency, total, processed_at, last_money_at, updated_at, \
            deleted_at, told_at, facts) VALUES ($1, $2, $4, '', '', $5, 0, $6, $6, $6, $3, $3, $7) \
        ON CONFLICT (merchant_id, id) DO UPDATE SET deleted_at = COALESCE(orders.deleted_at, excluded.deleted_at), told_at = excluded.told_at";
    INSERT_REFUND = "INSERT INTO refunds (merchant_id, order_id, external_id, facts, processed_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (merchant_id, order_id, external_id) DO UPDATE SET facts = excluded.facts, processed_at = excluded.processed_at";
    RAISE_MONEY_AT = "UPDATE orders SET last_money_at = $3, told_at = $4 WHERE merchant_id = $1 AND id = $2 AND last_money_at < $3";
    KNOWN_ORDER = "SELECT facts, erased_at FROM orders WHERE merchant_id = $1 AND id = $2";
    LATE_REFUND = "SELECT MAX(processed_at) AS at FROM refunds WHERE merchant_id = $1 AND order_id = $2";
    FIND_SHIPMENT = "SELECT status, last_event_at, updated_at, carrier, city FROM shipments WHERE merchant_id = $1 AND id = $2";
    UPSERT_SHIPMENT = "INSERT INTO shipments (merchant_id, id, order_id, external_id, carrier, carrier_key, city, city_key, tracking_number, \
            tracking_key, tracking_url, status, problem, active, last_event_at, delivered_at, created_at, updated_at, line_ids) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) \
        ON CONFLICT (merchant_id, id) DO UPDATE SET carrier = COALESCE(excluded.carrier, shipments.carrier), \
            carrier_key = CASE WHEN excluded.carrier IS NULL THEN shipments.carrier_key ELSE excluded.carrier_key END, \
            city = COALESCE(excluded.city, shipments.city), \
            city_key = CASE WHEN excluded.city IS NULL THEN shipments.city_key ELSE excluded.city_key END, \
            tracking_number = COALESCE(excluded.tracking_number, shipments.tracking_number), \
            tracking_key = COALESCE(excluded.tracking_key, shipments.tracking_key), \
            tracking_url = COALESCE(excluded.tracking_url, shipments.tracking_url), \
            line_ids = COALESCE(excluded.line_ids, shipments.line_ids), \
            status = excluded.status, problem = excluded.problem, active = excluded.active, \
            last_event_at = excluded.last_event_at, \
            delivered_at = CASE WHEN shipments.delivered_at IS NULL OR excluded.delivered_at > shipments.delivered_at \
                THEN excluded.delivered_at ELSE shipments.delivered_at END, \
            created_at = excluded.created_at, updated_at = excluded.updated_at";
    // An older fact only fills what the newer one left open.
    FILL_SHIPMENT = "UPDATE shipments SET carrier_key = CASE WHEN carrier IS NULL THEN $4 ELSE carrier_key END, carrier = COALESCE(carrier, $3), \
            city_key = CASE WHEN city IS NULL THEN $6 ELSE city_key END, city = COALESCE(city, $5), \
            tracking_number = COALESCE(tracking_number, $7), tracking_key = COALESCE(tracking_key, $8), tracking_url = COALESCE(tracking_url, $9), \
        line_ids = COALESCE(line_ids, $10) \
        WHERE merchant_id = $1 AND id = $2";
    TELL_ORDER = "UPDATE orders SET told_at = $3 WHERE merchant_id = $1 AND id = $2 AND told_at < $3";
    INSERT_SCAN = "INSERT INTO shipment_events (merchant_id, id, shipment_id, status, raw, message, city, happened_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (merchant_id, id) DO NOTHING";
    // last_event_at is the instant of the newest word on the status, so what says nothing of it does not move it.
    MOVE_SHIPMENT = "UPDATE shipments SET status = $3, problem = $4, active = $5, last_event_at = $6 \
        WHERE merchant_id = $1 AND id = $2 AND last_event_at <= $6";
    DELIVERED_SHIPMENT = "UPDATE shipments SET delivered_at = $3 WHERE merchant_id = $1 AND id = $2 AND (delivered_at IS NULL OR delivered_at < $3)";
    // Where it was last seen is told by the newest scan, whatever facts came after it.
    LOCATE_SHIPMENT = "UPDATE shipments SET last_city = $4, last_message = $5, estimated_delivery_at = COALESCE($6, estimated_delivery_at) \
        WHERE merchant_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM shipment_events e \
            WHERE e.merchant_id = $1 AND e.shipment_id = $2 AND e.happened_at > $3)";
    ESTIMATE_SHIPMENT = "UPDATE shipments SET estimated_delivery_at = COALESCE(estimated_delivery_at, $3) WHERE merchant_id = $1 AND id = $2";
    UPSERT_THING = "INSERT INTO things (merchant_id, kind, external_id, facts, updated_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (merchant_id, kind, external_id) DO UPDATE SET facts = excluded.facts, updated_at = excluded.updated_at \
        WHERE things.updated_at <= excluded.updated_at";
    DELETE_THING = "INSERT INTO things (merchant_id, kind, external_id, facts, updated_at, deleted_at) VALUES ($1, $2, $3, $5, $6, $4) \
        ON CONFLICT (merchant_id, kind, external_id) DO UPDATE SET deleted_at = COALESCE(things.deleted_at, excluded.deleted_at)";
    INSERT_COMPLIANCE = "INSERT INTO compliance_requests (merchant_id, id, request, subject, received_at) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (merchant_id, id) DO NOTHING";
}

/// The id of an order of a shop.
pub fn order_id(merchant: MerchantId, external_id: &str) -> OrderId {
    OrderId::derived(&[&merchant.to_string(), external_id])
}

/// The id of a parcel of a shop.
pub fn shipment_id(merchant: MerchantId, external_id: &str) -> ShipmentId {
    ShipmentId::derived(&[&merchant.to_string(), external_id])
}

/// A tracking number as a comparison key.
pub fn tracking_key(number: &str) -> String {
    number.chars().filter(|letter| letter.is_ascii_alphanumeric()).flat_map(char::to_uppercase).collect()
}

/// What another lane is to be told of a fact.
pub(crate) enum Follows {
    /// A parcel became a problem: those of its carrier and city should be counted again.
    CountParcels { carrier: String, city: String },
    /// A dispute waits for the shop's evidence, until then at most.
    DisputeOpen { dispute: String, due: Option<Timestamp> },
}

/// Applies a fact. Returns what follows from it, if anything does.
pub(crate) async fn apply(
    tx: &mut Tx,
    merchant: &Merchant,
    event: EventId,
    fact: &CommerceEvent,
    now: Timestamp,
) -> Result<Option<Follows>, StoreError> {
    let shop = merchant.id;
    let count = |place: Option<(String, String)>| place.map(|(carrier, city)| Follows::CountParcels { carrier, city });
    crate::finance::days::told::tell(tx, shop, fact).await?;
    match fact {
        CommerceEvent::Order { order, .. } => {
            if upsert_order(tx, merchant, order, now).await? == People::Erased {
                crate::privacy::forget_event(tx, event).await?;
            }
        }
        CommerceEvent::OrderDeleted { external_id } => {
            on!(&mut *tx, connection => sqlx::query(DELETE_ORDER).bind(shop.0).bind(order_id(shop, external_id).0).bind(At(now))
                .bind(external_id).bind(merchant.currency.code()).bind(At(Timestamp::EPOCH)).bind(serde_json::json!({}))
                .execute(connection).await.map(|_| ()))?;
        }
        CommerceEvent::Refund { order_external_id, refund, .. } => {
            insert_refund(tx, shop, order_external_id, refund, now).await?;
        }
        CommerceEvent::Dispute { dispute, at } => {
            let told = disputes::keep(tx, shop, dispute, *at).await?;
            if let Some(order) = told.order {
                crate::finance::days::told::tell_order(tx, shop, order).await?;
                on!(&mut *tx, connection => sqlx::query(TELL_ORDER).bind(shop.0).bind(order.0).bind(At(now))
                    .execute(connection).await.map(|_| ()))?;
            }
            let dispute = dispute.external_id.clone();
            return Ok(told.open.map(|due| Follows::DisputeOpen { dispute, due }));
        }
        CommerceEvent::Shipment(shipment) => return upsert_shipment(tx, shop, shipment, now).await.map(count),
        CommerceEvent::ShipmentEvent(scan) => return apply_scan(tx, shop, scan, now).await.map(count),
        CommerceEvent::Product(product) => {
            upsert_thing(tx, shop, "product", &product.external_id, to_json(product), product.updated_at).await?;
        }
        CommerceEvent::ProductDeleted { external_id } => {
            on!(&mut *tx, connection => sqlx::query(DELETE_THING).bind(shop.0).bind("product").bind(external_id).bind(At(now))
                .bind(serde_json::json!({})).bind(At(Timestamp::EPOCH))
                .execute(connection).await.map(|_| ()))?;
        }
        CommerceEvent::Customer(customer) => {
            if let Some(id) = &customer.external_id {
                upsert_thing(tx, shop, "customer", id, to_json(customer), now).await?;
            }
        }
        CommerceEvent::Checkout(checkout) => {
            upsert_thing(tx, shop, "checkout", &checkout.token, to_json(checkout), checkout.updated_at).await?;
        }
        CommerceEvent::Compliance { request, customer, orders } => {
            let subject = serde_json::json!({ "customer": customer, "orders": orders });
            on!(&mut *tx, connection => sqlx::query(INSERT_COMPLIANCE)
                .bind(shop.0).bind(event.0).bind(request.code()).bind(subject).bind(At(now))
                .execute(connection).await.map(|_| ()))?;
        }
        CommerceEvent::Uninstalled => {
            upsert_thing(tx, shop, "shop", "uninstalled", serde_json::json!({ "at": now }), now).await?;
        }
        CommerceEvent::Other { .. } => {}
    }
    Ok(None)
}

#[derive(FromRow)]
struct LateRow {
    at: Option<At>,
}

#[derive(FromRow)]
struct KnownRow {
    facts: serde_json::Value,
    erased_at: Option<At>,
}

/// Whether the people in an order are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum People {
    Kept,
    Erased,
}

async fn upsert_order(
    tx: &mut Tx,
    merchant: &Merchant,
    order: &OrderFacts,
    now: Timestamp,
) -> Result<People, StoreError> {
    let shop = merchant.id;
    let id = order_id(shop, &order.external_id);
    let known: Option<KnownRow> = on!(&mut *tx, connection => sqlx::query_as(KNOWN_ORDER).bind(shop.0).bind(id.0).fetch_optional(connection).await)?;
    let erased = known.as_ref().is_some_and(|known| known.erased_at.is_some());
    // The mark that a deletion leaves before its order holds no facts.
    let known = known.and_then(|known| serde_json::from_value::<OrderFacts>(known.facts).ok());
    // Once its people were erased, the shop's later word is kept without them, and under the number they have here.
    let number = known.as_ref().and_then(|known| known.customer.as_ref()?.external_id.clone());
    // What an older version tells beside a newer one (since when it is paid, what an edit added) is kept as well.
    let order = match known {
        Some(known) => order.clone().joined(known),
        None => order.clone(),
    };
    let order = &if erased { order.without_person(number.as_deref()) } else { order };
    let late: LateRow =
        on!(&mut *tx, connection => sqlx::query_as(LATE_REFUND).bind(shop.0).bind(id.0).fetch_one(connection).await)?;
    let money_at = late.at.map_or(order.last_money_at(), |at| order.last_money_at().max(at.0));
    let phone = order.phone.as_deref().and_then(|phone| phone_key(phone, &merchant.country));
    let email = order
        .email
        .as_deref()
        .or(order.customer.as_ref().and_then(|customer| customer.email.as_deref()))
        .and_then(email_key);
    on!(&mut *tx, connection => sqlx::query(UPSERT_ORDER)
        .bind(shop.0).bind(id.0).bind(&order.external_id).bind(&order.name).bind(order.number())
        .bind(phone).bind(email).bind(order.customer.as_ref().and_then(|customer| customer.external_id.as_deref()))
        .bind(order.currency.code()).bind(order.total.minor)
        .bind(order.financial_status.as_deref()).bind(order.fulfillment_status.as_deref())
        .bind(At(order.processed_at)).bind(At(money_at)).bind(At(order.updated_at))
        .bind(order.cancelled_at.map(At)).bind(At(now)).bind(to_json(order))
        .execute(connection).await.map(|_| ()))?;
    Ok(if erased { People::Erased } else { People::Kept })
}

async fn insert_refund(
    tx: &mut Tx,
    shop: MerchantId,
    order_external_id: &str,
    refund: &Refund,
    now: Timestamp,
) -> Result<(), StoreError> {
    let order = order_id(shop, order_external_id);
    on!(&mut *tx, connection => sqlx::query(INSERT_REFUND)
        .bind(shop.0).bind(order.0).bind(&refund.external_id).bind(to_json(refund)).bind(At(refund.processed_at))
        .execute(connection).await.map(|_| ()))?;
    on!(&mut *tx, connection => sqlx::query(RAISE_MONEY_AT)
        .bind(shop.0).bind(order.0).bind(At(refund.processed_at)).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

#[derive(FromRow)]
struct ShipmentRow {
    status: String,
    last_event_at: At,
    updated_at: At,
    carrier: Option<String>,
    city: Option<String>,
}

async fn find_shipment(tx: &mut Tx, shop: MerchantId, id: ShipmentId) -> Result<Option<ShipmentRow>, StoreError> {
    Ok(on!(tx, connection => sqlx::query_as(FIND_SHIPMENT).bind(shop.0).bind(id.0).fetch_optional(connection).await)?)
}

async fn upsert_shipment(
    tx: &mut Tx,
    shop: MerchantId,
    shipment: &ShipmentFacts,
    now: Timestamp,
) -> Result<Option<(String, String)>, StoreError> {
    let id = shipment_id(shop, &shipment.external_id);
    let known = find_shipment(tx, shop, id).await?;
    let number = shipment.tracking_numbers.first();
    let lines = (!shipment.line_ids.is_empty()).then(|| to_json(&shipment.line_ids));
    if known.as_ref().is_some_and(|known| known.updated_at.0 > shipment.updated_at) {
        on!(&mut *tx, connection => sqlx::query(FILL_SHIPMENT).bind(shop.0).bind(id.0)
            .bind(shipment.carrier.as_deref()).bind(place_key(shipment.carrier.as_deref().unwrap_or_default()))
            .bind(shipment.city.as_deref()).bind(place_key(shipment.city.as_deref().unwrap_or_default()))
            .bind(number).bind(number.map(|number| tracking_key(number))).bind(shipment.tracking_url.as_deref())
            .bind(lines).execute(connection).await.map(|_| ()))?;
        if let Some(status) = shipment.status {
            move_shipment(tx, shop, id, status, shipment.updated_at).await?;
        }
        return Ok(None);
    }
    let before = known.as_ref().and_then(|known| ShipmentStatus::from_code(&known.status));
    // A scan that is younger than this fact knows better where the parcel is.
    let scanned = known.as_ref().filter(|known| known.last_event_at.0 > shipment.updated_at).and(before);
    let status = scanned.or(shipment.status).or(before).unwrap_or(ShipmentStatus::InfoReceived);
    let told_at = if shipment.status.is_some() { shipment.updated_at } else { shipment.created_at };
    let last_event_at = match &known {
        Some(known) if shipment.status.is_some() => known.last_event_at.0.max(told_at),
        Some(known) => known.last_event_at.0.max(shipment.created_at),
        None => told_at,
    };
    let delivered_at = (shipment.status == Some(ShipmentStatus::Delivered)).then_some(At(shipment.updated_at));
    on!(&mut *tx, connection => sqlx::query(UPSERT_SHIPMENT)
        .bind(shop.0).bind(id.0).bind(order_id(shop, &shipment.order_external_id).0).bind(&shipment.external_id)
        .bind(shipment.carrier.as_deref()).bind(place_key(shipment.carrier.as_deref().unwrap_or_default()))
        .bind(shipment.city.as_deref()).bind(place_key(shipment.city.as_deref().unwrap_or_default()))
        .bind(number).bind(number.map(|number| tracking_key(number))).bind(shipment.tracking_url.as_deref())
        .bind(status.code()).bind(status.is_problem()).bind(status.is_active())
        .bind(At(last_event_at)).bind(delivered_at)
        .bind(At(shipment.created_at)).bind(At(shipment.updated_at)).bind(lines)
        .execute(connection).await.map(|_| ()))?;
    on!(&mut *tx, connection => sqlx::query(TELL_ORDER)
        .bind(shop.0).bind(order_id(shop, &shipment.order_external_id).0).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    // A scan that overtook its parcel was not counted, since nobody knew the place yet.
    let placeless = known.as_ref().is_some_and(|known| known.carrier.is_none() || known.city.is_none());
    let became = status.is_problem() && (placeless || !before.is_some_and(ShipmentStatus::is_problem));
    let carrier = shipment.carrier.clone().or(known.as_ref().and_then(|known| known.carrier.clone()));
    let city = shipment.city.clone().or(known.and_then(|known| known.city));
    Ok(if became { carrier.zip(city) } else { None })
}

/// Moves a parcel on, unless something newer is known. Returns whether it did.
async fn move_shipment(
    tx: &mut Tx,
    shop: MerchantId,
    id: ShipmentId,
    status: ShipmentStatus,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let moved = on!(&mut *tx, connection => sqlx::query(MOVE_SHIPMENT)
        .bind(shop.0).bind(id.0).bind(status.code()).bind(status.is_problem()).bind(status.is_active()).bind(At(at))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if status == ShipmentStatus::Delivered {
        on!(&mut *tx, connection => sqlx::query(DELIVERED_SHIPMENT).bind(shop.0).bind(id.0).bind(At(at))
            .execute(connection).await.map(|_| ()))?;
    }
    Ok(moved > 0)
}

async fn apply_scan(
    tx: &mut Tx,
    shop: MerchantId,
    scan: &ShipmentEvent,
    now: Timestamp,
) -> Result<Option<(String, String)>, StoreError> {
    let id = shipment_id(shop, &scan.shipment_external_id);
    let scan_id = ShipmentId::derived(&[&shop.to_string(), "scan", &scan.external_id]);
    let new = on!(&mut *tx, connection => sqlx::query(INSERT_SCAN)
        .bind(shop.0).bind(scan_id.0).bind(id.0).bind(scan.status.map(ShipmentStatus::code)).bind(&scan.raw)
        .bind(scan.message.as_deref()).bind(scan.city.as_deref()).bind(At(scan.happened_at))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if new == 0 {
        return Ok(None);
    }
    if find_shipment(tx, shop, id).await?.is_none() {
        // The scan overtook its parcel: keep what it tells, the parcel's own fact fills the rest.
        let placeholder = ShipmentFacts {
            external_id: scan.shipment_external_id.clone(),
            order_external_id: scan.order_external_id.clone(),
            carrier: None,
            tracking_numbers: Vec::new(),
            tracking_url: None,
            status: None,
            city: None,
            line_ids: Vec::new(),
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        };
        upsert_shipment(tx, shop, &placeholder, now).await?;
    }
    let Some(known) = find_shipment(tx, shop, id).await? else { return Ok(None) };
    let before = ShipmentStatus::from_code(&known.status).unwrap_or(ShipmentStatus::Pending);
    let status = scan.status.unwrap_or(before);
    let moved = match scan.status {
        Some(status) => move_shipment(tx, shop, id, status, scan.happened_at).await?,
        None => false,
    };
    let estimate = scan.estimated_delivery_at.map(At);
    let newest = on!(&mut *tx, connection => sqlx::query(LOCATE_SHIPMENT)
        .bind(shop.0).bind(id.0).bind(At(scan.happened_at)).bind(scan.city.as_deref()).bind(scan.message.as_deref())
        .bind(estimate).execute(connection).await.map(|done| done.rows_affected()))?;
    if newest == 0 && estimate.is_some() {
        on!(&mut *tx, connection => sqlx::query(ESTIMATE_SHIPMENT).bind(shop.0).bind(id.0).bind(estimate)
            .execute(connection).await.map(|_| ()))?;
    }
    on!(&mut *tx, connection => sqlx::query(TELL_ORDER)
        .bind(shop.0).bind(order_id(shop, &scan.order_external_id).0).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    let became = moved && status.is_problem() && !before.is_problem();
    Ok(if became { known.carrier.zip(known.city) } else { None })
}

async fn upsert_thing(
    tx: &mut Tx,
    shop: MerchantId,
    kind: &str,
    external_id: &str,
    facts: serde_json::Value,
    updated_at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(UPSERT_THING)
        .bind(shop.0).bind(kind).bind(external_id).bind(facts).bind(At(updated_at))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// An order's facts with the refunds that arrived by themselves. Both are keyed by the refund's id; the
/// order's own copy wins, since the shop sends the whole order after each change.
pub(crate) fn merge_refunds(mut order: OrderFacts, apart: Vec<Refund>) -> OrderFacts {
    for refund in apart {
        match order.refunds.iter_mut().find(|known| known.external_id == refund.external_id) {
            // A copy without money may be of a time at which none had gone back yet.
            Some(known) if known.payments.is_empty() => known.payments = refund.payments,
            Some(_) => {}
            None => order.refunds.push(refund),
        }
    }
    order.refunds.sort_by_key(|refund| refund.processed_at);
    order
}
