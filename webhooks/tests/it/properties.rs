//! No body makes a parser fail, and none leaves nothing.

use proptest::prelude::*;
use recado_domain::Timestamp;
use recado_domain::event::Incoming;
use recado_webhooks::{shopify, telegram, whatsapp};
use serde_json::{Map, Value, json};

use crate::support::{SHOP, now, order, whatsapp_text};

/// Keys of real payloads, so that random values reach deep into the parsers.
const KEYS: [&str; 46] = [
    "entry",
    "changes",
    "field",
    "value",
    "messages",
    "statuses",
    "contacts",
    "metadata",
    "phone_number_id",
    "id",
    "from",
    "from_user_id",
    "type",
    "text",
    "body",
    "timestamp",
    "interactive",
    "nfm_reply",
    "response_json",
    "errors",
    "location",
    "latitude",
    "image",
    "order",
    "product_items",
    "line_items",
    "price",
    "quantity",
    "currency",
    "total_price",
    "refunds",
    "refund_line_items",
    "order_adjustments",
    "kind",
    "tax_lines",
    "rate",
    "amount",
    "order_id",
    "status",
    "initiated_at",
    "fulfillment_id",
    "update_id",
    "message",
    "callback_query",
    "chat",
    "date",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => proptest::sample::select(&KEYS[..]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
        1 => Just("nul\0inside".to_owned()),
        1 => "-?[0-9]{1,25}(\\.[0-9]{1,5})?",
    ]
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((word(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

const TOPICS: [&str; 15] = [
    "orders/create",
    "orders/delete",
    "fulfillments/update",
    "fulfillment_events/create",
    "refunds/create",
    "disputes/update",
    "checkouts/update",
    "products/update",
    "products/delete",
    "customers/update",
    "app/uninstalled",
    "customers/data_request",
    "customers/redact",
    "shop/redact",
    "",
];

fn all_parsers(body: &[u8], at: Timestamp) -> Vec<Vec<Incoming>> {
    let label = |topic: &str| shopify::Labels {
        topic: topic.to_owned(),
        shop: SHOP.to_owned(),
        webhook_id: Some("w".to_owned()),
        ..shopify::Labels::default()
    };
    let shops = TOPICS.iter().map(|topic| shopify::parse(&label(topic), body, at));
    shops.chain([whatsapp::parse(body, at), telegram::parse("desk", body, at)]).collect()
}

fn sound(results: &[Vec<Incoming>]) -> Result<(), TestCaseError> {
    for events in results {
        prop_assert!(!events.is_empty());
        for event in events {
            prop_assert!(!event.dedupe.is_empty() && event.dedupe.len() <= 1_200);
            prop_assert!(!event.destination.parts().1.is_empty());
            // What a text column cannot hold must not come through.
            prop_assert!(!serde_json::to_string(&event.content).unwrap().contains("\\u0000"));
            let keys = format!("{:?}", (&event.destination, &event.lane, &event.dedupe));
            prop_assert!(!keys.contains("\\0"), "{}", keys);
        }
    }
    Ok(())
}

/// Replaces the value at the `index`-th place of a tree (depth first).
fn replace(tree: &mut Value, index: &mut usize, new: &Value) -> bool {
    if *index == 0 {
        *tree = new.clone();
        return true;
    }
    *index -= 1;
    match tree {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, index, new)),
        Value::Object(map) => map.values_mut().any(|item| replace(item, index, new)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_yield_an_event(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        sound(&all_parsers(&body, now()))?;
    }

    #[test]
    fn arbitrary_json_yields_an_event(value in json_value()) {
        sound(&all_parsers(value.to_string().as_bytes(), now()))?;
    }

    #[test]
    fn a_good_body_with_one_wrong_place_yields_an_event(place in 0_usize..70, value in json_value()) {
        for good in [whatsapp_text("wamid.1", "hola"), order(1, SHOP)] {
            let mut body = good;
            replace(&mut body, &mut place.clone(), &value);
            sound(&all_parsers(body.to_string().as_bytes(), now()))?;
        }
    }

    #[test]
    fn a_wrong_message_does_not_lose_its_siblings(value in json_value(), at in 0_usize..3) {
        let mut body = whatsapp_text("wamid.1", "uno");
        let messages = body["entry"][0]["changes"][0]["value"]["messages"].as_array_mut().unwrap();
        let mut second = messages[0].clone();
        second["id"] = "wamid.2".into();
        messages.push(second);
        messages.insert(at, value);
        let ids: Vec<String> =
            whatsapp::parse(body.to_string().as_bytes(), now()).into_iter().map(|event| event.dedupe).collect();
        prop_assert_eq!(ids.len(), 3);
        prop_assert!(ids.contains(&"wamid.1".to_owned()) && ids.contains(&"wamid.2".to_owned()));
    }
}
