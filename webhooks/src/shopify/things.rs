//! Products, checkouts and customers (CONTRACTS B3).

use recado_domain::Timestamp;
use recado_domain::order::{CheckoutFacts, CustomerFacts, ProductFacts, VariantFacts};
use serde_json::Value;

use super::required_id;
use crate::json::{Part as _, cut};

/// Reads a product. `at` stands for a missing time.
pub(super) fn product(body: &Value, at: Timestamp) -> Result<ProductFacts, String> {
    Ok(ProductFacts {
        external_id: required_id(body, "id")?,
        title: cut(&body.text("title").unwrap_or_default(), 300),
        status: body.text("status"),
        variants: body.items("variants").iter().filter_map(variant).collect(),
        updated_at: body.time("updated_at").unwrap_or(at),
    })
}

/// One without id cannot be named by an order; it is left out.
fn variant(body: &Value) -> Option<VariantFacts> {
    Some(VariantFacts {
        external_id: body.id("id")?,
        title: cut(&body.text("title").unwrap_or_default(), 300),
        sku: body.text("sku"),
        price: body.text("price"),
        stock: body.whole("inventory_quantity"),
    })
}

/// Reads a checkout; its token is its key, as its id may be missing.
pub(super) fn checkout(body: &Value, at: Timestamp) -> Result<CheckoutFacts, String> {
    let of = |key: &str| body.part(key).and_then(|part| part.text("phone"));
    let total = body.text("total_price").or_else(|| body.part("total_price").and_then(|money| money.text("amount")));
    let currency = body.text("currency").unwrap_or_default();
    let title = |item: &Value| item.text("title").map(|title| cut(&title, 200));
    Ok(CheckoutFacts {
        token: required_id(body, "token")?,
        email: body.text("email"),
        phone: body.text("phone").or_else(|| of("shipping_address")).or_else(|| of("customer")),
        completed_at: body.time("completed_at"),
        updated_at: body.time("updated_at").unwrap_or(at),
        titles: body.items("line_items").iter().filter_map(title).collect(),
        total: total.map(|total| format!("{total} {currency}").trim_end().to_owned()),
    })
}

/// Reads a customer: all that is given, possibly nothing.
pub(super) fn customer(body: &Value) -> CustomerFacts {
    let names: Vec<String> = ["first_name", "last_name"].iter().filter_map(|key| body.text(key)).collect();
    let of_address = || body.part("default_address").and_then(|address| address.text("phone"));
    CustomerFacts {
        external_id: body.id("id"),
        name: (!names.is_empty()).then(|| cut(&names.join(" "), 200)),
        email: body.text("email"),
        phone: body.text("phone").or_else(of_address),
    }
}
