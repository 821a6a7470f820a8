//! As much of the Admin GraphQL API as reconciliation asks for: the shop's name, and orders in pages (CONTRACTS B4).
//! One order and its cancellation are in `cancellations`.
//! Arguments are read from the query's text or from its variables; nodes are given back whole, whatever was selected.

use serde_json::{Value, json};

/// Points of one call, in a bucket of the Standard plan.
const COST: i64 = 12;

pub(super) fn cost(available: i64) -> Value {
    json!({ "cost": {
        "requestedQueryCost": COST,
        "actualQueryCost": COST,
        "throttleStatus": { "maximumAvailable": 2000.0, "currentlyAvailable": available, "restoreRate": 100.0 },
    } })
}

pub(super) fn throttled() -> Value {
    json!({
        "errors": [{ "message": "Throttled", "extensions": { "code": "THROTTLED" } }],
        "extensions": cost(0),
    })
}

/// Answers a query over the loaded shop and orders.
pub(super) fn answer(body: &Value, shop_name: &str, shop_domain: &str, orders: &[Value]) -> Value {
    let query = body["query"].as_str().unwrap_or_default();
    let mut data = json!({});
    if has_field(query, "shop") {
        data["shop"] = json!({ "name": shop_name, "myshopifyDomain": shop_domain });
    }
    if has_field(query, "orders") {
        data["orders"] = connection(query, &body["variables"], orders);
    }
    if data.as_object().is_some_and(serde_json::Map::is_empty) {
        return json!({ "errors": [{ "message": "The emulator knows the fields shop and orders only" }] });
    }
    json!({ "data": data, "extensions": cost(2000 - COST) })
}

/// Whether a field of this name is asked for (a word followed by `{` or `(`).
fn has_field(query: &str, name: &str) -> bool {
    query.match_indices(name).any(|(at, _)| {
        let before = query[..at].chars().next_back();
        let after = query[at + name.len()..].trim_start().chars().next();
        !before.is_some_and(|character| character.is_alphanumeric() || character == '$' || character == '_')
            && matches!(after, Some('{' | '('))
    })
}

fn connection(query: &str, variables: &Value, orders: &[Value]) -> Value {
    let argument = |name: &str| argument(query, variables, name);
    let first = argument("first").and_then(|first| first.as_u64()).unwrap_or(50).clamp(1, 250) as usize;
    let filter = argument("query").and_then(|filter| filter.as_str().map(str::to_owned)).unwrap_or_default();
    let from = argument("after").and_then(|after| after.as_str()?.strip_prefix("c")?.parse::<usize>().ok());
    let matching: Vec<&Value> = orders.iter().filter(|order| matches(order, &filter)).collect();
    let start = from.map_or(0, |from| from.saturating_add(1)).min(matching.len());
    let end = (start + first).min(matching.len());
    let nodes: Vec<&Value> = matching[start..end].to_vec();
    let edges: Vec<Value> =
        (start..end).map(|at| json!({ "cursor": format!("c{at}"), "node": matching[at] })).collect();
    json!({
        "nodes": nodes,
        "edges": edges,
        "pageInfo": {
            "hasNextPage": end < matching.len(),
            "hasPreviousPage": start > 0,
            "startCursor": (end > start).then(|| format!("c{start}")),
            "endCursor": (end > start).then(|| format!("c{}", end - 1)),
        },
    })
}

/// An argument of `orders(…)`: a literal or a variable.
fn argument(query: &str, variables: &Value, name: &str) -> Option<Value> {
    let at = query.find("orders")?;
    // The operation may be called like the field; its arguments start with `$`.
    let open = query[at..]
        .match_indices('(')
        .map(|(open, _)| at + open + 1)
        .find(|open| !query[*open..].trim_start().starts_with('$'))?;
    let arguments = &query[open..];
    let value = arguments
        .match_indices(name)
        .filter(|(found, _)| !arguments[..*found].ends_with(|c: char| c.is_alphanumeric() || c == '$' || c == '_'))
        .find_map(|(found, _)| arguments[found + name.len()..].trim_start().strip_prefix(':'))?
        .trim_start();
    if let Some(variable) = value.strip_prefix('$') {
        let end = variable.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(variable.len());
        return variables.get(&variable[..end]).filter(|value| !value.is_null()).cloned();
    }
    serde_json::Deserializer::from_str(value).into_iter::<Value>().next()?.ok()
}

/// `updated_at:>='2026-01-01T00:00:00Z' name:#1001`: all parts must hold; a part that is not known holds.
fn matches(order: &Value, filter: &str) -> bool {
    filter.split_whitespace().filter(|part| *part != "AND").all(|part| {
        let Some((field, wanted)) = part.split_once(':') else { return true };
        let bare = wanted.trim_start_matches(['>', '<', '=']).trim_matches(['\'', '"']);
        match field {
            "name" => {
                text(order, &["name"]).is_some_and(|name| name.trim_start_matches('#') == bare.trim_start_matches('#'))
            }
            "updated_at" | "created_at" => {
                let keys =
                    if field == "updated_at" { ["updatedAt", "updated_at"] } else { ["createdAt", "created_at"] };
                let parse = |text: &str| recado_domain::Timestamp::parse(text).ok();
                let (Some(at), Some(bound)) = (text(order, &keys).and_then(parse), parse(bare)) else { return true };
                match &wanted[..wanted.len() - wanted.trim_start_matches(['>', '<', '=']).len()] {
                    ">=" => at >= bound,
                    ">" => at > bound,
                    "<=" => at <= bound,
                    "<" => at < bound,
                    _ => at == bound,
                }
            }
            _ => true,
        }
    })
}

fn text<'a>(order: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| order[*key].as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders() -> Vec<Value> {
        (1..=5).map(|n| json!({ "name": format!("#100{n}"), "updatedAt": format!("2026-11-0{n}T00:00:00Z") })).collect()
    }

    #[test]
    fn orders_come_in_pages() {
        let text = "query Page($cursor: String) { orders(first: 2, after: $cursor) { nodes { name } } }";
        let (mut names, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let body = json!({ "query": text, "variables": { "cursor": cursor } });
            let answer = answer(&body, "Tienda", "x.myshopify.com", &orders());
            let page = &answer["data"]["orders"];
            assert!(page["nodes"].as_array().unwrap().len() <= 2);
            names.extend(page["nodes"].as_array().unwrap().iter().map(|node| node["name"].to_string()));
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
            cursor = page["pageInfo"]["endCursor"].clone();
        }
        assert_eq!(names.len(), 5);
    }

    #[test]
    fn a_filter_holds() {
        let ask = |filter: &str| {
            let body = json!({
                "query": "query orders($q: String) { shop { name } orders(first: 50, query: $q) { nodes { name } } }",
                "variables": { "q": filter },
            });
            let answer = answer(&body, "Tienda", "x.myshopify.com", &orders());
            assert_eq!(answer["data"]["shop"]["name"], "Tienda");
            answer["data"]["orders"]["nodes"].as_array().unwrap().len()
        };
        assert_eq!(ask("updated_at:>='2026-11-04T00:00:00Z'"), 2);
        assert_eq!(ask("updated_at:>'2026-11-04T00:00:00Z'"), 1);
        assert_eq!(ask("name:#1003"), 1);
        assert_eq!(ask(""), 5);
    }
}
