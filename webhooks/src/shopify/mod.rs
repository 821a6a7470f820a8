//! Shopify: signature, headers and payloads (CONTRACTS B1–B3).
//!
//! The signature covers the body alone. Topic, shop and delivery id are headers that a replay may change, so the body
//! must have the shape of the topic, must not name another shop, and must be new as a body too.

mod amount;
mod bind;
mod compliance;
mod dispute;
mod labels;
mod order;
mod refund;
mod shipment;
mod things;

use recado_domain::event::{CommerceEvent, Destination, EventContent, Incoming, LaneKey};
use recado_domain::{Secret, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use labels::Labels;

use crate::json::{self, Part as _};
use crate::part::{plausible, unknown};
use crate::signature::{MacKey, to_base64_header};
use bind::Family;

/// Stands where a delivery names no valid shop; no shop can have this name.
const NOWHERE: &str = "unknown";

/// The `X-Shopify-Hmac-Sha256` header of a body.
pub fn signature(secret: &Secret, body: &[u8]) -> String {
    to_base64_header(&MacKey::new(secret).sign(body))
}

/// The event in a delivery, always one.
pub fn parse(labels: &Labels, body: &[u8], received_at: Timestamp) -> Vec<Incoming> {
    parse_hashed(labels, body, &Sha256::digest(body).into(), received_at)
}

/// The same, when the body's hash is known already.
pub(crate) fn parse_hashed(labels: &Labels, body: &[u8], hash: &[u8; 32], received_at: Timestamp) -> Vec<Incoming> {
    let body_key = format!("sha256:{}", hex::encode(hash));
    let mut event = match json::parse(body) {
        Ok(body) => read(labels, &body, &body_key, received_at),
        Err(problem) => {
            let destination = Destination::Shop(labels.valid_shop().unwrap_or(NOWHERE).to_owned());
            unknown(body_key.clone(), destination, &labels.kind(), Some(problem), received_at)
        }
    };
    // What was not understood has no effect to be doubled, and must not shadow the same body under true headers.
    if matches!(event.content, EventContent::Commerce(_)) {
        event.body_dedupe = Some(body_key);
    }
    vec![event]
}

fn read(labels: &Labels, body: &Value, body_key: &str, received_at: Timestamp) -> Incoming {
    let refused = |shop: &str, problem: String| {
        unknown(body_key.to_owned(), Destination::Shop(shop.to_owned()), &labels.kind(), Some(problem), received_at)
    };
    let named = bind::named_shops(body);
    let Some(shop) = labels.valid_shop() else {
        // The body is signed, the header is not: what the body says of its shop may be believed.
        return refused(
            named.first().map_or(NOWHERE, String::as_str),
            "no valid shop domain in the headers".to_owned(),
        );
    };
    if let Some(other) = named.iter().find(|named| *named != shop) {
        return refused(other, "the body names another shop than the headers".to_owned());
    }
    if !body.is_object() {
        return refused(shop, "the body is not an object".to_owned());
    }
    let topic = labels.topic();
    let family = Family::of(&topic);
    if let Err(problem) = family.check(body) {
        return refused(shop, problem);
    }
    let at = body.time("updated_at").or(labels.triggered_at());
    let occurred_at = plausible(at, received_at);
    let facts = match family.facts(&topic, body, occurred_at) {
        Ok(facts) => facts,
        Err(problem) => return refused(shop, problem),
    };
    Incoming {
        dedupe: labels.dedupe(body_key),
        body_dedupe: None,
        destination: Destination::Shop(shop.to_owned()),
        lane: lane(&facts, &topic, shop, body),
        occurred_at,
        content: EventContent::Commerce(facts),
    }
}

impl Family {
    fn facts(self, topic: &str, body: &Value, at: Timestamp) -> Result<CommerceEvent, String> {
        let topic = topic.to_owned();
        Ok(match self {
            Self::Order => CommerceEvent::Order { order: order::order(body, at)?, topic },
            Self::OrderDeleted => CommerceEvent::OrderDeleted { external_id: required_id(body, "id")? },
            Self::Shipment => CommerceEvent::Shipment(shipment::shipment(body, at)?),
            Self::ShipmentEvent => CommerceEvent::ShipmentEvent(shipment::event(body, at)?),
            Self::Refund => refund::event(body, at)?,
            Self::Dispute => CommerceEvent::Dispute { dispute: dispute::dispute(body, at)?, at },
            Self::Checkout => CommerceEvent::Checkout(things::checkout(body, at)?),
            Self::Product => CommerceEvent::Product(things::product(body, at)?),
            Self::ProductDeleted => CommerceEvent::ProductDeleted { external_id: required_id(body, "id")? },
            Self::Customer => CommerceEvent::Customer(things::customer(body)),
            Self::Uninstalled => CommerceEvent::Uninstalled,
            Self::Compliance(request) => compliance::event(request, body),
            Self::Other => CommerceEvent::Other { topic },
        })
    }
}

fn required_id(body: &Value, key: &str) -> Result<String, String> {
    body.id(key).ok_or_else(|| format!("no usable {key}"))
}

fn lane(facts: &CommerceEvent, topic: &str, shop: &str, body: &Value) -> LaneKey {
    let thing = |kind, key: &str| LaneKey::Thing(kind, key.to_owned());
    match facts {
        CommerceEvent::Order { order, .. } => LaneKey::Order(order.external_id.clone()),
        CommerceEvent::OrderDeleted { external_id } => LaneKey::Order(external_id.clone()),
        CommerceEvent::Shipment(facts) => LaneKey::Order(facts.order_external_id.clone()),
        CommerceEvent::ShipmentEvent(event) => LaneKey::Order(event.order_external_id.clone()),
        CommerceEvent::Refund { order_external_id, .. } => LaneKey::Order(order_external_id.clone()),
        CommerceEvent::Dispute { dispute, .. } => match &dispute.order_external_id {
            Some(order) => LaneKey::Order(order.clone()),
            None => thing("dispute", &dispute.external_id),
        },
        CommerceEvent::Checkout(checkout) => thing("checkout", &checkout.token),
        CommerceEvent::Product(product) => thing("product", &product.external_id),
        CommerceEvent::ProductDeleted { external_id } => thing("product", external_id),
        CommerceEvent::Customer(customer) => thing("customer", customer.external_id.as_deref().unwrap_or(shop)),
        CommerceEvent::Uninstalled | CommerceEvent::Compliance { .. } => thing("shop", shop),
        // What else speaks of an order keeps its place among that order's events.
        CommerceEvent::Other { .. } => match body.id("order_id").filter(|_| !topic.starts_with("customer")) {
            Some(order) => LaneKey::Order(order),
            None => thing("shop", shop),
        },
    }
}

#[cfg(test)]
mod tests;
