//! Facts as entries of a store: each one by kind and id, with its JSON as it came.

use std::borrow::Cow;
use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{FactSet, FactsError, Problem, gateway_key};
use crate::Timestamp;

/// The kind under which the shop itself is kept.
pub const MERCHANT: &str = "merchant";
/// The kind under which `as_of` and `synced_at` are kept.
pub const READING: &str = "reading";

/// The kind under which it is kept what gateways take.
pub const GATEWAY_FEES: &str = "gateway_fees";

/// One fact, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The list it belongs to (`orders`), or [`MERCHANT`] or [`READING`].
    pub kind: String,
    /// Its id within the kind.
    pub id: String,
    /// The shop's day on which it happened, `YYYY-MM-DD`; some facts have none.
    pub occurred_on: Option<String>,
    /// Its JSON.
    pub body: String,
}

/// How the facts of a list are told apart, and when they happened.
struct List {
    kind: &'static str,
    keys: &'static [&'static str],
    when: Option<&'static str>,
}

const LISTS: [List; 15] = [
    List { kind: "fx", keys: &["currency", "date"], when: Some("date") },
    List { kind: "products", keys: &["variant_id"], when: None },
    List { kind: "orders", keys: &["id"], when: Some("processed_at") },
    List { kind: "shipments", keys: &["id"], when: Some("shipped_at") },
    List { kind: "carrier_charges", keys: &["id"], when: Some("occurred_at") },
    List { kind: "payments", keys: &["id"], when: Some("processed_at") },
    List { kind: GATEWAY_FEES, keys: &["gateway", "from"], when: Some("from") },
    List { kind: "remittances", keys: &["id"], when: Some("remitted_at") },
    List { kind: "ad_spend", keys: &["id"], when: Some("date") },
    List { kind: "expenses", keys: &["id"], when: Some("invoiced_on") },
    List { kind: "purchases", keys: &["id"], when: Some("received_on") },
    List { kind: "inventory", keys: &["date"], when: Some("date") },
    List { kind: "invoices", keys: &["id"], when: Some("issued_on") },
    List { kind: "cash", keys: &["at", "account"], when: Some("at") },
    List { kind: "other_cash", keys: &["id"], when: Some("date") },
];

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    merchant: &'a RawValue,
    #[serde(borrow)]
    as_of: &'a RawValue,
    #[serde(borrow, default)]
    synced_at: Option<&'a RawValue>,
}

/// A fact set, checked and taken apart. Of a repeated id the last copy remains.
///
/// # Errors
/// When it is no fact set, or an id holds control characters.
pub fn take_apart(text: &str) -> Result<(FactSet, Vec<Entry>), FactsError> {
    let facts = FactSet::from_json(text)?;
    let wrong = |path: &str, error: &dyn std::fmt::Display| FactsError {
        path: path.to_owned(),
        problem: Problem::Json(error.to_string()),
    };
    let document: Document<'_> = serde_json::from_str(text).map_err(|error| wrong(".", &error))?;
    let lists: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(text).map_err(|error| wrong(".", &error))?;
    let synced = document.synced_at.map_or("null", RawValue::get);
    let fact = |kind: &str, body: String| Entry { kind: kind.to_owned(), id: String::new(), occurred_on: None, body };
    let mut entries = vec![
        fact(MERCHANT, document.merchant.get().to_owned()),
        fact(READING, format!("{{\"as_of\":{},\"synced_at\":{synced}}}", document.as_of.get())),
    ];
    for list in &LISTS {
        let Some(raw) = lists.get(list.kind) else { continue };
        let bodies: Option<Vec<&RawValue>> =
            serde_json::from_str(raw.get()).map_err(|error| wrong(list.kind, &error))?;
        let mut places: HashMap<String, usize> = HashMap::new();
        for (index, body) in bodies.unwrap_or_default().into_iter().enumerate() {
            let path = format!("{}[{index}]", list.kind);
            let entry = entry(list, body.get(), &facts.shop.zone).map_err(|error| wrong(&path, &error))?;
            match places.get(&entry.id) {
                Some(place) => entries[*place] = entry,
                None => {
                    places.insert(entry.id.clone(), entries.len());
                    entries.push(entry);
                }
            }
        }
    }
    Ok((facts, entries))
}

/// One fact as an entry of its list.
///
/// # Errors
/// When there is no such list, it is no JSON object, or its id holds control characters.
pub fn entry_of(kind: &str, body: &str, zone: &TimeZone) -> Result<Entry, FactsError> {
    let wrong = |problem: String| FactsError { path: kind.to_owned(), problem: Problem::Json(problem) };
    let list = LISTS.iter().find(|list| list.kind == kind).ok_or_else(|| wrong("there is no such list".to_owned()))?;
    entry(list, body, zone).map_err(wrong)
}

fn entry(list: &List, body: &str, zone: &TimeZone) -> Result<Entry, String> {
    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let text = |name: &str| -> Result<Option<String>, String> {
        let raw = members.get(name).map_or("null", |raw| raw.get());
        serde_json::from_str(raw).map_err(|error| error.to_string())
    };
    // One instant or day has one spelling here, as facts that are told apart by it are the same when it is.
    let spelled = |value: String| match (Timestamp::parse(&value), value.parse::<Date>()) {
        (Ok(at), _) => at.to_string(),
        (_, Ok(day)) => day.to_string(),
        _ => value,
    };
    let mut keys = Vec::new();
    for key in list.keys {
        let value = text(key)?.unwrap_or_default();
        keys.push(match *key {
            "at" | "date" | "from" => spelled(value),
            "gateway" => gateway_key(&value),
            "currency" => value.trim().to_ascii_uppercase(),
            _ => value,
        });
    }
    let id = keys.join(" ");
    if id.chars().any(char::is_control) {
        return Err("an id holds control characters".to_owned());
    }
    let when = match list.when {
        None => None,
        Some(name) => text(name)?.and_then(|value| match Timestamp::parse(&value) {
            Ok(at) => Some(at.in_zone(zone).date().to_string()),
            Err(_) => value.parse::<Date>().ok().map(|day| day.to_string()),
        }),
    };
    Ok(Entry { kind: list.kind.to_owned(), id, occurred_on: when, body: body.to_owned() })
}

/// Puts entries together again; what [`FactSet::from_json`] reads.
pub fn put_together<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut lists: HashMap<&str, Vec<&str>> = HashMap::new();
    for (kind, body) in entries {
        lists.entry(kind).or_default().push(body);
    }
    let mut parts = Vec::new();
    if let Some(merchant) = lists.get(MERCHANT).and_then(|bodies| bodies.last()) {
        parts.push(format!("\"merchant\":{merchant}"));
    }
    // `{"as_of":…,"synced_at":…}` without its braces.
    if let Some(reading) = lists.get(READING).and_then(|bodies| bodies.last()) {
        parts.push(reading.trim().trim_start_matches('{').trim_end_matches('}').to_owned());
    }
    for list in &LISTS {
        if let Some(bodies) = lists.get(list.kind) {
            parts.push(format!("\"{}\":[{}]", list.kind, bodies.join(",")));
        }
    }
    format!("{{{}}}", parts.join(","))
}
