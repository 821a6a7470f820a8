//! Which facts belong together. What an order posts depends on its parcels, their charges and collections, its payments,
//! and on the other orders of its customer (which of them came first); on nothing else but the shop and its products.
//!
//! Facts point at *nodes*: a customer, an order, a parcel. All that hangs together by such links, in whatever direction,
//! is one cluster; its first node in the order of texts names it, and is its *root*.
//!
//! What webhooks told hangs there too, under every name by which the books may know it. So all orders that share a name
//! are in one cluster, and joining them with what was imported ([`FactSet::with_shop`](crate::finance::facts::FactSet::with_shop)) within the cluster gives what
//! joining the whole shop gives.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::super::super::facts::{ORDER_GID, PARCEL_GID};

/// The root of all that is no sale.
pub const SHOP: &str = "shop";
/// The kind of an order that webhooks told; its id is ours.
pub const TOLD_ORDERS: &str = "told_orders";
/// The kind of a parcel that webhooks told; its id is ours.
pub const TOLD_PARCELS: &str = "told_parcels";

/// What a fact points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The node above it.
    pub parent: String,
    /// What it says to that node, if that is not the whole fact: of a remittance, the lines of one parcel.
    pub body: Option<String>,
}

/// The node of a fact to which others may point; `None` for those of the shop and for leaves.
pub fn node(kind: &str, id: &str) -> Option<String> {
    match kind {
        "orders" => Some(format!("o:{id}")),
        "shipments" => Some(format!("s:{id}")),
        // Nobody points at it; its own money is folded under this root.
        "remittances" => Some(format!("r:{id}")),
        TOLD_ORDERS => Some(format!("u:{id}")),
        TOLD_PARCELS => Some(format!("p:{id}")),
        _ => None,
    }
}

/// The kind and id of the fact of a node; `None` for a customer, who is no fact.
pub fn fact_of(node: &str) -> Option<(&'static str, &str)> {
    let (kind, id) = node.split_at_checked(2)?;
    match kind {
        "u:" => Some((TOLD_ORDERS, id)),
        "p:" => Some((TOLD_PARCELS, id)),
        "o:" => Some(("orders", id)),
        "s:" => Some(("shipments", id)),
        "r:" => Some(("remittances", id)),
        _ => None,
    }
}

/// A node by what a fact calls it. Postgres keeps no NUL in a text, and no fact has one in its id; that two names become
/// one node folds more facts together than need be, and changes nothing.
fn named(prefix: &str, id: &str) -> String {
    format!("{prefix}{}", id.replace('\0', "\u{fffd}"))
}

/// The node of an order by what a fact calls it: the shop's global id of an order is its id.
fn order_named(id: &str) -> String {
    named("o:", id.strip_prefix(ORDER_GID).unwrap_or(id))
}
/// Likewise of a parcel.
fn parcel_named(id: &str) -> String {
    named("s:", id.strip_prefix(PARCEL_GID).unwrap_or(id))
}

/// The nodes at which an order points that webhooks told: each name by which the books may know it, and its customer.
pub fn of_told_order(external_id: &str, name: &str, customer: Option<&str>) -> Vec<String> {
    let mut nodes = vec![order_named(external_id)];
    // As it is written, too: so is the name of an order that was deleted.
    for name in [name.trim(), name] {
        if !name.is_empty() {
            nodes.push(order_named(name));
        }
    }
    nodes.extend(customer.map(|customer| named("c:", customer)));
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// The nodes at which a parcel points that webhooks told: its order's by our id, and each of its names.
pub fn of_told_parcel(order: &str, external_id: &str, tracking_number: Option<&str>) -> Vec<String> {
    let mut nodes = vec![format!("u:{order}"), parcel_named(external_id)];
    let number = tracking_number.map(str::trim).filter(|number| !number.is_empty());
    nodes.extend(number.map(parcel_named));
    nodes.sort_unstable();
    nodes.dedup();
    nodes
}

/// Whether facts of a kind are not imported but told by webhooks.
pub fn is_told(kind: &str) -> bool {
    matches!(kind, TOLD_ORDERS | TOLD_PARCELS)
}

/// Whether facts of a kind are folded with the shop as a whole.
pub fn is_of_the_shop(kind: &str) -> bool {
    !matches!(
        kind,
        "orders" | "shipments" | "carrier_charges" | "payments" | "remittances" | TOLD_ORDERS | TOLD_PARCELS
    )
}

#[derive(Deserialize)]
struct OrderLinks {
    id: String,
    #[serde(default)]
    customer_id: Option<String>,
}
#[derive(Deserialize)]
struct ParcelLinks {
    id: String,
    order_id: String,
}
#[derive(Deserialize)]
struct OfOrder {
    order_id: String,
}
#[derive(Deserialize)]
struct OfParcel {
    shipment_id: String,
}
#[derive(Deserialize)]
struct RemittanceLinks<'a> {
    #[serde(borrow)]
    id: &'a RawValue,
    #[serde(borrow)]
    carrier: &'a RawValue,
    #[serde(borrow)]
    remitted_at: &'a RawValue,
    #[serde(borrow, default)]
    lines: Option<Vec<&'a RawValue>>,
}

/// What a fact points at.
///
/// # Errors
/// When its JSON is no fact of that kind.
pub fn links(kind: &str, body: &str) -> Result<Vec<Link>, serde_json::Error> {
    let link = |parent: String| Link { parent, body: None };
    // One that goes by its global id hangs at the node of its id.
    let global = |node: String, id: &str, prefix: &str| id.starts_with(prefix).then(|| link(node));
    Ok(match kind {
        "orders" => {
            let order = serde_json::from_str::<OrderLinks>(body)?;
            let customer = order.customer_id.map(|customer| link(named("c:", &customer)));
            customer.into_iter().chain(global(order_named(&order.id), &order.id, ORDER_GID)).collect()
        }
        "shipments" => {
            let parcel = serde_json::from_str::<ParcelLinks>(body)?;
            let order = link(order_named(&parcel.order_id));
            [order].into_iter().chain(global(parcel_named(&parcel.id), &parcel.id, PARCEL_GID)).collect()
        }
        "payments" => vec![link(order_named(&serde_json::from_str::<OfOrder>(body)?.order_id))],
        "carrier_charges" => vec![link(parcel_named(&serde_json::from_str::<OfParcel>(body)?.shipment_id))],
        "remittances" => {
            let remittance: RemittanceLinks<'_> = serde_json::from_str(body)?;
            let mut of_parcel: BTreeMap<String, Vec<&str>> = BTreeMap::new();
            for line in remittance.lines.unwrap_or_default() {
                let parcel = serde_json::from_str::<OfParcel>(line.get())?.shipment_id;
                of_parcel.entry(parcel).or_default().push(line.get());
            }
            let share = |(parcel, lines): (String, Vec<&str>)| {
                // An id of its own: a repeated one would replace what was collected for another parcel.
                let id = format!("{} {parcel}", remittance.id.get());
                let body = format!(
                    "{{\"id\":{},\"carrier\":{},\"remitted_at\":{},\"net\":\"0\",\"lines\":[{}]}}",
                    serde_json::Value::from(id),
                    remittance.carrier.get(),
                    remittance.remitted_at.get(),
                    lines.join(",")
                );
                Link { parent: parcel_named(&parcel), body: Some(body) }
            };
            of_parcel.into_iter().map(share).collect()
        }
        _ => Vec::new(),
    })
}

/// The variants that the lines of an order name: their costs are needed to fold it.
///
/// # Errors
/// When its JSON is no order.
pub fn variants(order: &str) -> Result<Vec<String>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Lines {
        #[serde(default)]
        lines: Option<Vec<Line>>,
    }
    #[derive(Deserialize)]
    struct Line {
        #[serde(default)]
        variant_id: Option<String>,
    }
    let lines = serde_json::from_str::<Lines>(order)?.lines.unwrap_or_default();
    Ok(lines.into_iter().filter_map(|line| line.variant_id).collect())
}
