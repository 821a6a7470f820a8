//! Addresses as the Admin API shows and takes them (`MailingAddress`, `MailingAddressInput`).

use recado_domain::order::PostalAddress;
use serde_json::{Value, json};

/// As much of an order's address as a change of it is recognised by.
pub(super) fn shown(order: &Value) -> PostalAddress {
    let text = |name: &str| order["shippingAddress"][name].as_str().map(str::to_owned);
    PostalAddress {
        line1: text("address1"),
        line2: text("address2"),
        city: text("city"),
        zip: text("zip"),
        ..PostalAddress::default()
    }
}

/// The whole address, since what is left out may be emptied: who receives it goes along.
pub(super) fn told(address: &PostalAddress) -> Value {
    let (first, last) = match address.name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => match name.split_once(char::is_whitespace) {
            Some((first, last)) => (Some(first), Some(last.trim())),
            None => (None, Some(name)),
        },
        None => (None, None),
    };
    let country = address.country.as_deref().filter(|code| code.len() == 2);
    let fields = [
        ("firstName", first),
        ("lastName", last),
        ("address1", address.line1.as_deref()),
        ("city", address.city.as_deref()),
        ("zip", address.zip.as_deref()),
        ("countryCode", country),
        ("phone", address.phone.as_deref()),
    ];
    let known = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    let mut input: serde_json::Map<String, Value> = known.collect();
    // Said even when it is nothing: the old flat must not stay.
    input.insert("address2".to_owned(), json!(address.line2));
    Value::Object(input)
}
