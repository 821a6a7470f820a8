//! Fulfillments and their scans (CONTRACTS B3).

use recado_domain::Timestamp;
use recado_domain::shipment::{ShipmentEvent, ShipmentFacts, ShipmentStatus};
use serde_json::Value;

use super::required_id;
use crate::json::{Part as _, cut};

/// Reads a fulfillment. `at` stands for missing times.
pub(super) fn shipment(body: &Value, at: Timestamp) -> Result<ShipmentFacts, String> {
    let updated_at = body.time("updated_at").unwrap_or(at);
    let scanned = body.text("shipment_status").and_then(|word| ShipmentStatus::from_shopify(&word));
    // A cancelled fulfillment keeps the last scan's word; the parcel is cancelled all the same.
    let cancelled = matches!(body.text("status").as_deref(), Some("cancelled" | "canceled"));
    Ok(ShipmentFacts {
        external_id: required_id(body, "id")?,
        order_external_id: required_id(body, "order_id")?,
        carrier: body.text("tracking_company").map(|name| cut(&name, 120)),
        tracking_numbers: listed(body, "tracking_numbers", "tracking_number"),
        tracking_url: listed(body, "tracking_urls", "tracking_url").into_iter().next(),
        status: if cancelled { Some(ShipmentStatus::Cancelled) } else { scanned },
        city: body.part("destination").and_then(|address| address.text("city")),
        line_ids: body.items("line_items").iter().filter_map(|line| line.id("id")).collect(),
        created_at: body.time("created_at").unwrap_or(updated_at),
        updated_at,
    })
}

/// The single value first, then the others of the list.
fn listed(body: &Value, list: &str, single: &str) -> Vec<String> {
    let mut values: Vec<String> = body.id(single).into_iter().collect();
    for item in body.items(list) {
        let text = match item {
            Value::String(text) => cut(text.trim(), 512),
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => continue,
        };
        if !text.is_empty() && !values.contains(&text) {
            values.push(text);
        }
    }
    values
}

/// Reads a scan.
pub(super) fn event(body: &Value, at: Timestamp) -> Result<ShipmentEvent, String> {
    let raw = body.text("status").ok_or("a scan without status")?;
    Ok(ShipmentEvent {
        external_id: required_id(body, "id")?,
        shipment_external_id: required_id(body, "fulfillment_id")?,
        order_external_id: required_id(body, "order_id")?,
        status: ShipmentStatus::from_shopify(&raw),
        raw: cut(&raw, 80),
        message: body.text("message").map(|text| cut(&text, 500)),
        city: body.text("city"),
        happened_at: ["happened_at", "created_at"].iter().find_map(|key| body.time(key)).unwrap_or(at),
        estimated_delivery_at: body.time("estimated_delivery_at"),
    })
}
