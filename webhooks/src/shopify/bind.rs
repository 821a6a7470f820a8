//! Binds the unsigned headers to the signed body: the body must have the topic's shape and not name another shop.

use recado_domain::event::ComplianceRequest;
use serde_json::Value;

use crate::json::Part as _;

/// Topics whose bodies have one shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Family {
    Order,
    OrderDeleted,
    Shipment,
    ShipmentEvent,
    Refund,
    Dispute,
    Checkout,
    Product,
    ProductDeleted,
    Customer,
    Uninstalled,
    Compliance(ComplianceRequest),
    Other,
}

/// A body of a deletion has its id and hardly more; one with more is a thing that still exists.
const DELETION_KEYS: usize = 4;

impl Family {
    pub(super) fn of(topic: &str) -> Self {
        match topic {
            "orders/create"
            | "orders/updated"
            | "orders/paid"
            | "orders/cancelled"
            | "orders/fulfilled"
            | "orders/partially_fulfilled" => Self::Order,
            "orders/delete" => Self::OrderDeleted,
            "fulfillments/create" | "fulfillments/update" => Self::Shipment,
            "fulfillment_events/create" => Self::ShipmentEvent,
            "refunds/create" => Self::Refund,
            "disputes/create" | "disputes/update" => Self::Dispute,
            "checkouts/create" | "checkouts/update" => Self::Checkout,
            "products/create" | "products/update" => Self::Product,
            "products/delete" => Self::ProductDeleted,
            "customers/create" | "customers/update" | "customers/enable" | "customers/disable" => Self::Customer,
            "app/uninstalled" => Self::Uninstalled,
            "customers/data_request" => Self::Compliance(ComplianceRequest::DataRequest),
            "customers/redact" => Self::Compliance(ComplianceRequest::CustomerRedact),
            "shop/redact" => Self::Compliance(ComplianceRequest::ShopRedact),
            _ => Self::Other,
        }
    }

    /// Whether a body is of this family.
    pub(super) fn check(self, body: &Value) -> Result<(), String> {
        if let (Some(expected), Some(found)) = (self.graphql_type(), graphql_type(body))
            && expected != found
        {
            return Err(format!("the body is of the type {}", found.chars().take(40).collect::<String>()));
        }
        let any = |keys: &[&str]| keys.iter().any(|key| body.get(key).is_some());
        let list = |key: &str| body.get(key).is_some_and(Value::is_array);
        let shaped = match self {
            Self::Order => {
                list("line_items") && any(&["financial_status", "order_number", "processed_at"]) && !any(&["order_id"])
            }
            Self::Shipment => {
                any(&["order_id"])
                    && any(&["tracking_number", "tracking_numbers", "tracking_company", "shipment_status"])
                    && !any(&["fulfillment_id", "financial_status"])
            }
            Self::ShipmentEvent => any(&["fulfillment_id"]) && any(&["status"]),
            Self::Refund => any(&["order_id"]) && (list("refund_line_items") || list("transactions")),
            Self::Dispute => {
                any(&["status"])
                    && any(&["type"])
                    && any(&["evidence_due_by", "evidence_sent_on", "initiated_at", "network_reason_code"])
            }
            Self::Checkout => {
                any(&["token"]) && list("line_items") && !any(&["financial_status", "order_id", "order_number"])
            }
            Self::Product => any(&["title"]) && (list("variants") || list("variant_gids")),
            Self::Customer => {
                any(&["first_name", "last_name", "email", "phone", "state", "default_address"])
                    && !any(&["line_items", "order_id", "variants", "myshopify_domain", "token"])
            }
            Self::OrderDeleted | Self::ProductDeleted => body.as_object().is_some_and(|map| map.len() <= DELETION_KEYS),
            Self::Uninstalled => any(&["myshopify_domain", "domain"]) && any(&["name"]),
            Self::Compliance(request) => {
                let customer = body.part("customer").is_some();
                let whole = !any(&["line_items", "myshopify_domain"]) && any(&["shop_id", "shop_domain"]);
                whole
                    && match request {
                        ComplianceRequest::DataRequest => customer && !any(&["orders_to_redact"]),
                        ComplianceRequest::CustomerRedact => customer && !any(&["orders_requested", "data_request"]),
                        ComplianceRequest::ShopRedact => !customer,
                    }
            }
            Self::Other => true,
        };
        if shaped { Ok(()) } else { Err("the body does not have the shape of its topic".to_owned()) }
    }

    const fn graphql_type(self) -> Option<&'static str> {
        match self {
            Self::Order => Some("Order"),
            Self::Shipment => Some("Fulfillment"),
            Self::ShipmentEvent => Some("FulfillmentEvent"),
            Self::Refund => Some("Refund"),
            Self::Product => Some("Product"),
            Self::Customer => Some("Customer"),
            Self::Uninstalled => Some("Shop"),
            // Shopify's global ids call a dispute by several names.
            Self::Dispute
            | Self::OrderDeleted
            | Self::Checkout
            | Self::ProductDeleted
            | Self::Compliance(_)
            | Self::Other => None,
        }
    }
}

/// The type in `gid://shopify/Order/1`.
fn graphql_type(body: &Value) -> Option<&str> {
    let (kind, _) = body.get("admin_graphql_api_id")?.as_str()?.strip_prefix("gid://shopify/")?.split_once('/')?;
    Some(kind)
}

/// The `*.myshopify.com` names in a body, lower case.
pub(super) fn named_shops(body: &Value) -> Vec<String> {
    let direct = ["shop_domain", "myshopify_domain"].iter().filter_map(|key| body.text(key));
    let linked = ["order_status_url", "abandoned_checkout_url"]
        .iter()
        .filter_map(|key| body.text(key))
        .filter_map(|url| host(&url).map(str::to_owned));
    let named = direct.chain(linked).map(|name| name.trim().to_ascii_lowercase());
    named.filter(|name| name.ends_with(".myshopify.com")).collect()
}

fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next()
}
