//! Which facts belong together. What an order posts depends on its parcels, their charges and collections, its payments,
//! and on the other orders of its customer (which of them came first); on nothing else but the shop and its products.
//!
//! Facts point at *nodes*: a customer, an order, a parcel. Going up from a fact to the last node that points nowhere
//! finds the *root* of its cluster; going down from a root finds all facts of the cluster.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::super::super::facts::FactSet;

/// The root of all that is no sale.
pub const SHOP: &str = "shop";

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
        _ => None,
    }
}

/// The kind and id of the fact of a node; `None` for a customer, who is no fact.
pub fn fact_of(node: &str) -> Option<(&'static str, &str)> {
    let (kind, id) = node.split_at_checked(2)?;
    match kind {
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

/// Whether facts of a kind are folded with the shop as a whole.
pub fn is_of_the_shop(kind: &str) -> bool {
    !matches!(kind, "orders" | "shipments" | "carrier_charges" | "payments" | "remittances")
}

#[derive(Deserialize)]
struct OrderLinks {
    #[serde(default)]
    customer_id: Option<String>,
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
    let one = |parent: String| vec![Link { parent, body: None }];
    Ok(match kind {
        "orders" => match serde_json::from_str::<OrderLinks>(body)?.customer_id {
            Some(customer) => one(named("c:", &customer)),
            None => Vec::new(),
        },
        "shipments" | "payments" => one(named("o:", &serde_json::from_str::<OfOrder>(body)?.order_id)),
        "carrier_charges" => one(named("s:", &serde_json::from_str::<OfParcel>(body)?.shipment_id)),
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
                Link { parent: named("s:", &parcel), body: Some(body) }
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

/// The facts of a root as they are folded: a remittance under its own root is its net alone, as its lines are told to
/// the parcels.
pub fn under(root: &str, facts: &mut FactSet) {
    if root.starts_with("r:") {
        facts.remittances.iter_mut().for_each(|remittance| remittance.lines.clear());
    }
}
