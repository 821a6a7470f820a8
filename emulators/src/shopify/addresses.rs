//! Changing where an order goes, as the platform does: at once, refused when everything has left, and with the order's own
//! word to its subscribers.

use recado_domain::Timestamp;
use serde_json::{Value, json};

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct AddressChange {
    /// The order's number of the shop, without the global prefix.
    pub order: String,
    /// The street as it is now.
    pub address1: String,
}

/// The order that a call asks to send elsewhere, and where, when it is such a call.
pub(super) fn asked(body: &Value) -> Option<(String, Value)> {
    let query = body["query"].as_str()?;
    if !query.contains("orderUpdate(") {
        return None;
    }
    let input = &body["variables"]["input"];
    let address = input.get("shippingAddress").filter(|address| address.is_object())?;
    let id = input["id"].as_str()?;
    Some((id.rsplit('/').next().unwrap_or(id).to_owned(), address.clone()))
}

/// Why an address cannot be changed.
pub(super) fn refusal(order: Option<&Value>) -> Option<&'static str> {
    match order {
        None => Some("Order does not exist"),
        Some(order) if order["cancelled_at"].is_string() => Some("Cannot update a canceled order"),
        Some(order) if order["fulfillment_status"] == "fulfilled" => {
            Some("Cannot update the shipping address of a fulfilled order")
        }
        Some(_) => None,
    }
}

/// Names of the fields of an address in a call, and in an order as webhooks tell it.
const FIELDS: [(&str, &str); 8] = [
    ("firstName", "first_name"),
    ("lastName", "last_name"),
    ("address1", "address1"),
    ("address2", "address2"),
    ("city", "city"),
    ("zip", "zip"),
    ("countryCode", "country_code"),
    ("phone", "phone"),
];

/// Makes the change: what a call leaves out is emptied.
pub(super) fn apply(order: &mut Value, address: &Value, at: Timestamp) {
    let Some(fields) = order.as_object_mut() else { return };
    let told = FIELDS.iter().map(|(call, kept)| ((*kept).to_owned(), address[call].clone()));
    fields.insert("shipping_address".to_owned(), Value::Object(told.collect()));
    fields.insert("updated_at".to_owned(), json!(at.to_string()));
}

/// The address and how far an order is, as the Admin API shows them.
pub(super) fn shown(order: &Value) -> (Value, &'static str) {
    let address = &order["shipping_address"];
    let told = FIELDS.iter().map(|(call, kept)| ((*call).to_owned(), address[kept].clone()));
    let address = if address.is_object() { Value::Object(told.collect()) } else { Value::Null };
    let status = match order["fulfillment_status"].as_str() {
        Some("fulfilled") => "FULFILLED",
        Some("partial") => "PARTIALLY_FULFILLED",
        _ => "UNFULFILLED",
    };
    (address, status)
}

/// The answer to a call.
pub(super) fn answer(refused: Option<&str>, order: &str) -> Value {
    let errors: Vec<Value> =
        refused.iter().map(|message| json!({ "field": ["shippingAddress"], "message": message })).collect();
    let order = refused.is_none().then(|| json!({ "id": format!("gid://shopify/Order/{order}") }));
    json!({ "data": { "orderUpdate": { "order": order, "userErrors": errors } }, "extensions": super::graphql::cost(1990) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_changed_whole_and_not_of_what_has_left() {
        let call = json!({ "query": "mutation C($input: OrderInput!) { orderUpdate(input: $input) { order { id } } }",
            "variables": { "input": { "id": "gid://shopify/Order/77", "shippingAddress": { "address1": "Cra 7", "city": "Cali" } } } });
        let (order, address) = asked(&call).unwrap();
        assert_eq!(order, "77");
        let mut kept = json!({ "id": 77, "shipping_address": { "address1": "Cl 1", "zip": "1" } });
        assert_eq!(refusal(Some(&kept)), None);
        apply(&mut kept, &address, Timestamp::parse("2026-11-02T00:00:00Z").unwrap());
        let (shown, status) = shown(&kept);
        assert_eq!((shown["address1"].as_str(), shown["zip"].as_str(), status), (Some("Cra 7"), None, "UNFULFILLED"));
        kept["fulfillment_status"] = json!("fulfilled");
        assert!(refusal(Some(&kept)).is_some() && refusal(None).is_some());
        assert!(asked(&json!({ "query": "mutation { tagsAdd }" })).is_none());
    }
}
