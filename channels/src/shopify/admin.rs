//! The calls themselves.

use std::time::Duration;

use recado_domain::action::{Action, Actor, CANCELLED, Called, Planned, SHIPPED, Standing};
use recado_domain::change::is_address;
use reqwest::{Client, Url};
use serde_json::{Value, json};

use super::address;
use super::classify::{self, Trouble};
use super::config::{API_VERSION, ShopifyConfig};
use super::token::Token;
use crate::{ChannelError, client};

const CHANNEL: &str = "shopify";
/// Answers are a few hundred bytes; more than this is not one.
const LONGEST_ANSWER: usize = 256 * 1024;

const READ_ORDER: &str = "query ReadOrder($id: ID!) { order(id: $id) { id cancelledAt displayFulfillmentStatus \
    shippingAddress { address1 address2 city zip } } }";
const CHANGE_ADDRESS: &str = "mutation ChangeAddress($input: OrderInput!) { \
    orderUpdate(input: $input) { order { id } userErrors { field message } } }";
const CANCEL_ORDER: &str = "mutation CancelOrder($id: ID!, $refund: Boolean!, $note: String) { \
    orderCancel(orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: true, staffNote: $note, \
    refundMethod: { originalPaymentMethodsRefund: $refund }) { job { id } orderCancelUserErrors { field message code } } }";

/// Changes one shop.
pub struct ShopifyAdmin {
    client: Client,
    base: Url,
    token: Token,
}

impl std::fmt::Debug for ShopifyAdmin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ShopifyAdmin").field("base", &self.base.as_str()).finish_non_exhaustive()
    }
}

impl ShopifyAdmin {
    /// A client of one shop.
    ///
    /// # Errors
    /// When the address is unusable, or the HTTP client does not start.
    pub fn new(config: ShopifyConfig) -> Result<Self, ChannelError> {
        let base = client::base(&config.api_base, CHANNEL)?;
        let settings = client::settings(&base, config.timeout, Duration::from_secs(5));
        let client = client::start(settings.retry(reqwest::retry::never()), CHANNEL)?;
        Ok(Self { client, base, token: Token::new(config.access) })
    }

    async fn ask(&self, query: &str, variables: Value) -> Result<Value, Trouble> {
        let header = self.token.header(&self.client, &self.base).await?;
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["admin", "api", API_VERSION, "graphql.json"]);
        }
        let request = self
            .client
            .post(url)
            .header("x-shopify-access-token", header)
            .json(&json!({ "query": query, "variables": variables }));
        let mut response = request.send().await.map_err(|error| unanswered(&error))?;
        let status = response.status().as_u16();
        let hint = response
            .headers()
            .get(http::header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let mut body = Vec::new();
        // A body that breaks off is judged by what came: an incomplete 200 stays unreadable, hence unclear.
        while let Ok(Some(chunk)) = response.chunk().await {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        let answer = classify::data(status, hint, &body);
        if answer == Err(Trouble::Token) {
            self.token.forget().await;
        }
        answer
    }
}

/// What an error without an answer means. Only a connection that never stood is sure to have carried nothing.
fn unanswered(error: &reqwest::Error) -> Trouble {
    if error.is_connect() {
        return Trouble::Later("no connection to the shop".to_owned(), None);
    }
    if error.is_builder() {
        return Trouble::Refused("the request could not be built".to_owned());
    }
    let reason = if error.is_timeout() { "no answer in time" } else { "the connection broke before an answer" };
    Trouble::Unclear(reason.to_owned())
}

/// An order's global id; ids are numbers and nothing else.
fn order_gid(id: &str) -> Option<String> {
    let plain = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
    plain.then(|| format!("gid://shopify/Order/{id}"))
}

#[async_trait::async_trait]
impl Actor for ShopifyAdmin {
    async fn look(&self, planned: &Planned) -> Standing {
        let Some(id) = order_gid(planned.action.subject()) else {
            return Standing::Impossible { reason: "the order has no id of the shop".to_owned() };
        };
        let data = match self.ask(READ_ORDER, json!({ "id": id })).await {
            Ok(data) => data,
            // A question changes nothing: whatever is unclear is asked again.
            Err(Trouble::Refused(reason)) => return Standing::Impossible { reason },
            Err(Trouble::Later(reason, _) | Trouble::Unclear(reason)) => return Standing::Unreadable { reason },
            Err(Trouble::Token) => {
                return Standing::Unreadable { reason: "the access token was refused".to_owned() };
            }
        };
        let order = &data["order"];
        if order.is_null() {
            return Standing::Impossible { reason: "the shop has no such order".to_owned() };
        }
        standing(&planned.action, order)
    }

    async fn call(&self, planned: &Planned) -> Called {
        let Some(id) = order_gid(planned.action.subject()) else {
            return Called::Refused { reason: "the order has no id of the shop".to_owned() };
        };
        match &planned.action {
            Action::CancelOrder { refund, .. } => {
                let note = format!("Recado {}", planned.id);
                let variables = json!({ "id": id, "refund": refund, "note": note });
                match self.ask(CANCEL_ORDER, variables).await {
                    Ok(data) => classify::mutation(&data, "orderCancel"),
                    Err(trouble) => trouble.into(),
                }
            }
            Action::ChangeAddress { address, .. } => {
                let input = json!({ "id": id, "shippingAddress": address::told(address) });
                match self.ask(CHANGE_ADDRESS, json!({ "input": input })).await {
                    Ok(data) => classify::mutation(&data, "orderUpdate"),
                    Err(trouble) => trouble.into(),
                }
            }
        }
    }
}

/// What an order shows of a change.
fn standing(action: &Action, order: &Value) -> Standing {
    let cancelled = order["cancelledAt"].is_string();
    let shipped = matches!(order["displayFulfillmentStatus"].as_str(), Some("FULFILLED" | "PARTIALLY_FULFILLED"));
    match action {
        Action::CancelOrder { .. } if cancelled => Standing::Applied,
        Action::CancelOrder { .. } => Standing::Missing,
        Action::ChangeAddress { address, .. } if is_address(&address::shown(order), address) => Standing::Applied,
        Action::ChangeAddress { .. } if cancelled => Standing::Impossible { reason: CANCELLED.to_owned() },
        // An address moves only while something is left to send (CONTRACTS B4).
        Action::ChangeAddress { .. } if shipped => Standing::Impossible { reason: SHIPPED.to_owned() },
        Action::ChangeAddress { .. } => Standing::Missing,
    }
}

#[cfg(test)]
mod tests {
    use recado_domain::order::PostalAddress;

    use super::*;

    #[test]
    fn only_a_number_becomes_part_of_a_query() {
        assert_eq!(order_gid("5678901234567").as_deref(), Some("gid://shopify/Order/5678901234567"));
        for bad in ["", "12\"", "gid://shopify/Order/1", "-1", "１"] {
            assert_eq!(order_gid(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_address_is_there_missing_or_impossible() {
        let address =
            PostalAddress { line1: Some("Cra 7".into()), city: Some("Cali".into()), ..PostalAddress::default() };
        let change = Action::ChangeAddress { order: "1".into(), name: "#1".into(), address: address.clone() };
        let order = |line: &str, status: &str, cancelled: Option<&str>| {
            json!({ "cancelledAt": cancelled, "displayFulfillmentStatus": status,
                "shippingAddress": { "address1": line, "address2": null, "city": "CALI", "zip": "7" } })
        };
        assert_eq!(standing(&change, &order("cra 7", "FULFILLED", None)), Standing::Applied);
        assert_eq!(standing(&change, &order("Cl 1", "UNFULFILLED", None)), Standing::Missing);
        let impossible = |reason: &str| Standing::Impossible { reason: reason.into() };
        assert_eq!(standing(&change, &order("Cl 1", "PARTIALLY_FULFILLED", None)), impossible(SHIPPED));
        assert_eq!(standing(&change, &order("Cl 1", "UNFULFILLED", Some("x"))), impossible(CANCELLED));
        let input = address::told(&PostalAddress {
            name: Some("Ana Ruiz".into()),
            country: Some("Colombia".into()),
            ..address
        });
        assert_eq!(
            input,
            json!({ "firstName": "Ana", "lastName": "Ruiz", "address1": "Cra 7", "address2": null, "city": "Cali" })
        );
    }
}
