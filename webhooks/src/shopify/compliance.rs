//! The three mandatory privacy topics (CONTRACTS B2).

use recado_domain::event::{CommerceEvent, ComplianceRequest};
use serde_json::Value;

use super::things::customer;
use crate::json::Part as _;

/// Reads a request; anything but its kind may be missing.
pub(super) fn event(request: ComplianceRequest, body: &Value) -> CommerceEvent {
    let key = match request {
        ComplianceRequest::DataRequest => "orders_requested",
        ComplianceRequest::CustomerRedact => "orders_to_redact",
        ComplianceRequest::ShopRedact => "",
    };
    let order = |item: &Value| match item {
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        _ => None,
    };
    CommerceEvent::Compliance {
        request,
        customer: body.part("customer").map(customer),
        orders: body.items(key).iter().filter_map(order).collect(),
    }
}
