//! Cancelling orders as the platform does: a call starts a job, the job cancels the order a moment later, and only then
//! does the order show it. Two calls that meet the same order before its job has run start two jobs: what keeps no memory
//! of its callers cannot tell them apart.

use recado_domain::Timestamp;
use serde_json::{Value, json};

/// A job that was started: what the platform was made to do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Cancellation {
    /// The order's number of the shop, without the global prefix.
    pub order: String,
    /// What the caller noted.
    pub note: Option<String>,
}

/// The order that a call asks to cancel, when it is such a call.
pub(super) fn asked(body: &Value) -> Option<(String, Option<String>)> {
    let query = body["query"].as_str()?;
    if !query.contains("orderCancel(") {
        return None;
    }
    let variables = &body["variables"];
    let id = ["id", "orderId"].iter().find_map(|name| variables[*name].as_str())?;
    let note = ["note", "staffNote"].iter().find_map(|name| variables[*name].as_str());
    Some((id.rsplit('/').next().unwrap_or(id).to_owned(), note.map(str::to_owned)))
}

/// The order that a call asks to see, when it asks for one.
pub(super) fn shown(body: &Value) -> Option<String> {
    let query = body["query"].as_str()?;
    let one = query.contains("order(id:") || query.contains("order(id :");
    let id = body["variables"]["id"].as_str().filter(|_| one)?;
    Some(id.rsplit('/').next().unwrap_or(id).to_owned())
}

/// Whether a loaded order has this number.
pub(super) fn is(order: &Value, id: &str) -> bool {
    let gid = [&order["admin_graphql_api_id"], &order["id"]].into_iter().find_map(Value::as_str);
    order["id"].as_i64().is_some_and(|number| number.to_string() == id)
        || gid.is_some_and(|gid| gid.rsplit('/').next() == Some(id))
}

fn cancelled_at(order: &Value) -> Option<&str> {
    ["cancelledAt", "cancelled_at"].iter().find_map(|name| order[*name].as_str())
}

/// The fields of an order that reconciliation and read-back look at.
pub(super) fn node(order: &Value, id: &str) -> Value {
    let mut node = order.clone();
    if let Some(fields) = node.as_object_mut() {
        fields.insert("cancelledAt".to_owned(), json!(cancelled_at(order)));
        fields.insert("id".to_owned(), json!(format!("gid://shopify/Order/{id}")));
        let (address, status) = super::addresses::shown(order);
        fields.insert("shippingAddress".to_owned(), address);
        fields.insert("displayFulfillmentStatus".to_owned(), json!(status));
    }
    node
}

/// Why an order cannot be cancelled.
pub(super) fn refusal(order: Option<&Value>) -> Option<&'static str> {
    match order {
        None => Some("Order does not exist"),
        Some(order) if cancelled_at(order).is_some() => Some("Cannot cancel an order that has already been canceled"),
        Some(order) if order["fulfillment_status"] == "fulfilled" => {
            Some("Cannot cancel an order that has been fulfilled")
        }
        Some(_) => None,
    }
}

/// What the job does.
pub(super) fn apply(order: &mut Value, at: Timestamp) {
    let rest = order.get("cancelled_at").is_some() || order.get("processed_at").is_some();
    let (cancelled, updated) = if rest { ("cancelled_at", "updated_at") } else { ("cancelledAt", "updatedAt") };
    if let Some(fields) = order.as_object_mut() {
        fields.insert(cancelled.to_owned(), json!(at.to_string()));
        fields.insert(updated.to_owned(), json!(at.to_string()));
        if rest {
            fields.insert("cancel_reason".to_owned(), json!("customer"));
        }
    }
}

/// The answer to a call.
pub(super) fn answer(refused: Option<&str>, job: usize) -> Value {
    let errors: Vec<Value> =
        refused.iter().map(|message| json!({ "field": ["orderId"], "message": message, "code": "INVALID" })).collect();
    let job = refused.is_none().then(|| json!({ "id": format!("gid://shopify/Job/{job}") }));
    json!({ "data": { "orderCancel": { "job": job, "orderCancelUserErrors": errors } }, "extensions": super::graphql::cost(1990) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_from_a_question() {
        let call = json!({ "query": "mutation C($id: ID!) { orderCancel(orderId: $id) { job { id } } }",
            "variables": { "id": "gid://shopify/Order/77", "note": "n" } });
        assert_eq!(asked(&call), Some(("77".to_owned(), Some("n".to_owned()))));
        assert_eq!(shown(&call), None);
        let question = json!({ "query": "query R($id: ID!) { order(id: $id) { cancelledAt } }", "variables": { "id": "gid://shopify/Order/77" } });
        assert_eq!(shown(&question), Some("77".to_owned()));
        assert_eq!(asked(&question), None);
    }

    #[test]
    fn a_cancelled_order_shows_it_and_is_not_cancelled_again() {
        let mut order = json!({ "id": 77, "processed_at": "2026-11-01T00:00:00Z" });
        assert!(is(&order, "77") && !is(&order, "7"));
        assert_eq!(refusal(Some(&order)), None);
        apply(&mut order, Timestamp::parse("2026-11-02T00:00:00Z").unwrap());
        assert!(refusal(Some(&order)).is_some());
        assert!(node(&order, "77")["cancelledAt"].is_string());
        assert!(refusal(None).is_some());
    }
}
