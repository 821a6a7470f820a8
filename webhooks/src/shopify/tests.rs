use recado_domain::event::ComplianceRequest;
use recado_domain::order::{DisputeFacts, DisputeKind, DisputeStatus, OrderFacts, Payment, Refund, TaxedAmount};
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{Currency, Money};
use serde_json::json;

use super::*;

const SHOP: &str = "tienda.myshopify.com";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

fn labels(topic: &str) -> Labels {
    Labels {
        topic: topic.to_owned(),
        shop: SHOP.to_owned(),
        webhook_id: Some("w-1".to_owned()),
        triggered_at: Some("2026-11-26T11:59:00Z".to_owned()),
        ..Labels::default()
    }
}

fn event(topic: &str, body: &Value) -> Incoming {
    let mut events = parse(&labels(topic), body.to_string().as_bytes(), now());
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn fact(topic: &str, body: &Value) -> CommerceEvent {
    match event(topic, body).content {
        EventContent::Commerce(fact) => fact,
        other => panic!("{other:?}"),
    }
}

fn problem(topic: &str, body: &Value) -> String {
    match event(topic, body).content {
        EventContent::Unknown { problem, .. } => problem.unwrap(),
        other => panic!("{other:?}"),
    }
}

fn order_facts(body: &Value) -> OrderFacts {
    match fact("orders/updated", body) {
        CommerceEvent::Order { order, topic } if topic == "orders/updated" => order,
        other => panic!("{other:?}"),
    }
}

fn cop(minor: i64) -> Money {
    Money::new(minor, Currency::Cop)
}

fn sample() -> Value {
    json!({
        "id": 820982911946154508_u64, "admin_graphql_api_id": "gid://shopify/Order/820982911946154508",
        "name": "#1042", "currency": "COP", "presentment_currency": "USD",
        "total_price": "101900.00", "current_total_price": "83920.00", "taxes_included": true, "test": false,
        "financial_status": "paid", "fulfillment_status": null, "email": "ana@example.com", "phone": null,
        "processed_at": "2026-10-01T10:00:00-05:00", "created_at": "2026-10-01T10:00:01-05:00",
        "updated_at": "2026-10-02T10:00:00-05:00", "cancelled_at": null,
        "payment_gateway_names": ["wompi"],
        "customer": {"id": 7, "first_name": "Ana", "last_name": "Díaz", "email": null, "phone": "+573001110000"},
        "shipping_address": {"first_name": "Ana", "last_name": "Díaz", "address1": "Calle 1", "city": "Bogotá",
            "country_code": "CO", "zip": 110111, "phone": "300 222 0000"},
        "line_items": [
            {"id": 487817672276298554_u64, "variant_id": null, "title": "Camiseta", "variant_title": "Azul / M",
             "sku": "C-1", "quantity": 2, "price": "44950.00", "total_discount": "9.99", "gift_card": false,
             "tax_lines": [{"price": "14353.78", "rate": 0.16}, {"price": "100.22", "rate": "0.03"}],
             "discount_allocations": [{"amount": "8990.00"}, {"amount": "8990.00"}]},
            {"id": 2, "variant_id": 5, "title": "Gorra", "variant_title": "Default Title", "quantity": 1,
             "price": 12.5, "price_set": {"shop_money": {"amount": "50000.00", "currency_code": "COP"},
             "presentment_money": {"amount": "12.50", "currency_code": "USD"}}, "total_discount": "500.00",
             "tax_lines": [], "discount_allocations": [], "gift_card": true}],
        "shipping_lines": [
            {"price": "12000.00", "discounted_price": "10000.00", "tax_lines": [{"price": "1915.97", "rate": 0.19}]},
            {"price": "9000.00", "is_removed": true}],
        "refunds": [{
            "id": 31, "processed_at": "2026-10-20T12:00:00-05:00",
            "refund_line_items": [
                {"line_item_id": 487817672276298554_u64, "quantity": 1, "subtotal": 30218.49, "total_tax": 5741.51,
                 "restock_type": "return"},
                {"line_item_id": 2, "quantity": 1, "subtotal": "10.00", "total_tax": "0", "restock_type": "no_restock"}],
            "order_adjustments": [
                {"kind": "shipping_refund", "amount": "-8403.36", "tax_amount": "-1596.64"},
                {"kind": "refund_discrepancy", "amount": "-100.00", "tax_amount": "0.00"},
                {"kind": "refund_discrepancy", "amount": "30.00", "tax_amount": "1.00"}]}]
    })
}

#[test]
fn an_order_keeps_its_money_to_the_cent() {
    let order = order_facts(&sample());
    assert_eq!(order.external_id, "820982911946154508");
    assert_eq!((order.total, order.payment), (cop(8_392_000), Payment::Prepaid));
    let [shirt, cap] = &order.lines[..] else { panic!() };
    assert_eq!((shirt.unit_price, shirt.discount, shirt.tax), (cop(4_495_000), cop(1_798_000), cop(1_445_400)));
    assert_eq!((shirt.tax_rate_ppm, shirt.title.as_str()), (190_000, "Camiseta · Azul / M"));
    assert_eq!(shirt.external_id, "487817672276298554");
    // The buyer's currency is not the books': the shop's money counts.
    assert_eq!((cap.unit_price, cap.discount, cap.gift_card), (cop(5_000_000), cop(50_000), true));
    assert_eq!((cap.title.as_str(), cap.variant_id.as_deref()), ("Gorra", Some("5")));
    let [shipping] = &order.shipping[..] else { panic!("a removed shipping line counts") };
    assert_eq!((shipping.price, shipping.discount, shipping.tax), (cop(1_200_000), cop(200_000), cop(191_597)));
    assert_eq!(order.phone.as_deref(), Some("300 222 0000"));
    let address = order.address.unwrap();
    assert_eq!((address.name.as_deref(), address.zip.as_deref()), (Some("Ana Díaz"), Some("110111")));
    assert_eq!(order.processed_at, Timestamp::parse("2026-10-01T15:00:00Z").unwrap());
}

#[test]
fn a_refund_gives_shipping_back_positive_and_keeps_the_sign_of_other_adjustments() {
    let order = order_facts(&sample());
    let [Refund { lines, shipping, adjustment, .. }] = &order.refunds[..] else { panic!() };
    assert_eq!((lines[0].subtotal, lines[0].tax, lines[0].restocked), (cop(3_021_849), cop(574_151), true));
    assert!(!lines[1].restocked);
    assert_eq!(*shipping, Some(TaxedAmount { amount: cop(840_336), tax: cop(159_664) }));
    assert_eq!(*adjustment, Some(TaxedAmount { amount: cop(-7_000), tax: cop(100) }));
}

#[test]
fn a_figure_that_is_no_amount_is_a_problem_and_never_zero() {
    for (pointer, wrong) in [
        ("/line_items/0/price", json!("12,5")),
        ("/line_items/0/price", json!(null)),
        ("/line_items/0/quantity", json!("two")),
        ("/line_items/0/tax_lines/0/price", json!("NaN")),
        ("/line_items/0/tax_lines/0/rate", json!("a lot")),
        ("/line_items/0/discount_allocations/1/amount", json!({})),
        ("/shipping_lines/0/price", json!("1e9")),
        ("/refunds/0/refund_line_items/0/subtotal", json!([])),
        ("/refunds/0/order_adjustments/0/amount", json!("x")),
        ("/current_total_price", json!("99999999999999999999999")),
        ("/currency", json!("XXX")),
        ("/id", json!(null)),
    ] {
        let mut body = sample();
        *body.pointer_mut(pointer).unwrap() = wrong;
        assert!(!problem("orders/updated", &body).is_empty(), "{pointer}");
    }
}

#[test]
fn missing_parts_of_an_order_are_absent() {
    let body = json!({"id": "5", "currency": "COP", "total_price": "0", "financial_status": null, "customer": null,
        "line_items": [], "order_number": 9});
    let order = order_facts(&body);
    assert_eq!((order.name.as_str(), order.customer, order.phone, order.address), ("#9", None, None, None));
    // The trigger's time stands for the missing versions.
    assert_eq!(order.updated_at, Timestamp::parse("2026-11-26T11:59:00Z").unwrap());
}

#[test]
fn the_parts_of_an_order_share_its_lane() {
    let order = LaneKey::Order("820982911946154508".to_owned());
    assert_eq!(event("orders/create", &sample()).lane, order);
    let id = 820982911946154508_u64;
    let shipment = json!({"id": 1, "order_id": id, "status": "success", "tracking_company": "Coordinadora",
        "tracking_number": "A1", "tracking_numbers": ["A1", "B2"], "tracking_urls": ["https://c.example/A1"],
        "shipment_status": "attempted_delivery", "destination": {"city": "Cali"},
        "created_at": "2026-11-25T10:00:00Z", "updated_at": "2026-11-26T10:00:00Z"});
    let scan = json!({"id": 2, "fulfillment_id": 1, "order_id": id, "status": "teleported", "message": null,
        "happened_at": "2026-11-26T09:00:00Z"});
    let refund = json!({"id": 3, "order_id": id, "refund_line_items": [{"line_item_id": 1, "quantity": 1,
        "subtotal": 10, "total_tax": 0, "subtotal_set": {"shop_money": {"amount": "10.00", "currency_code": "COP"}}}],
        "transactions": [{"currency": "USD", "amount": "1"}]});
    let disputed = dispute(json!({"order_id": id}));
    for (topic, body) in [
        ("disputes/create", &disputed),
        ("fulfillments/update", &shipment),
        ("fulfillment_events/create", &scan),
        ("refunds/create", &refund),
        ("orders/edited", &json!({"order_id": id})),
        ("orders/delete", &json!({"id": id})),
    ] {
        assert_eq!(event(topic, body).lane, order, "{topic}");
    }
    let CommerceEvent::Shipment(facts) = fact("fulfillments/update", &shipment) else { panic!() };
    assert_eq!(facts.tracking_numbers, ["A1", "B2"]);
    assert_eq!((facts.status, facts.city.as_deref()), (Some(ShipmentStatus::AttemptFailed), Some("Cali")));
    let CommerceEvent::ShipmentEvent(event) = fact("fulfillment_events/create", &scan) else { panic!() };
    assert_eq!((event.status, event.raw.as_str()), (None, "teleported"));
    let CommerceEvent::Refund { currency, .. } = fact("refunds/create", &refund) else { panic!() };
    assert_eq!(currency, Currency::Cop);
    let bare = json!({"id": 3, "order_id": id, "refund_line_items": [], "transactions": []});
    assert!(problem("refunds/create", &bare).contains("currency"));
}

fn dispute(changes: Value) -> Value {
    let mut body = json!({"id": 285332461850802050_u64, "order_id": 5, "type": "chargeback", "amount": "11.50",
        "currency": "MXN", "reason": "fraudulent", "network_reason_code": "4837", "status": "needs_response",
        "evidence_due_by": "2026-12-05T19:00:00-05:00", "evidence_sent_on": null, "finalized_on": null,
        "initiated_at": "2026-11-25T19:00:00-05:00"});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[test]
fn a_dispute_is_told_whole_and_what_we_do_not_know_of_it_is_kept_as_it_came() {
    let read = |changes: Value| match fact("disputes/update", &dispute(changes)) {
        CommerceEvent::Dispute { dispute, at } => {
            assert_eq!(at, Timestamp::parse("2026-11-26T11:59:00Z").unwrap(), "when it was triggered");
            dispute
        }
        other => panic!("{other:?}"),
    };
    let told = read(json!({}));
    assert_eq!((told.external_id.as_str(), told.order_external_id.as_deref()), ("285332461850802050", Some("5")));
    assert_eq!((&told.kind, &told.status), (&DisputeKind::Chargeback, &DisputeStatus::NeedsResponse));
    assert_eq!(told.money(), Some(Money::new(1_150, Currency::Mxn)));
    assert_eq!((told.reason.as_deref(), told.network_reason_code.as_deref()), (Some("fraudulent"), Some("4837")));
    assert_eq!(told.evidence_due_by, Timestamp::parse("2026-12-06T00:00:00Z").ok());
    assert_eq!(told.initiated_at, Timestamp::parse("2026-11-26T00:00:00Z").unwrap());
    let odd = read(json!({"type": "retrieval", "status": "escalated", "currency": "CAD", "order_id": null,
        "finalized_on": "2026-12-01", "initiated_at": null, "evidence_due_by": "soon", "reason": 7}));
    assert_eq!((odd.kind.code(), odd.status.code()), ("retrieval", "escalated"));
    assert_eq!((odd.shown().as_str(), odd.money()), ("11.50 CAD", None));
    assert_eq!(odd.finalized_on, Timestamp::parse("2026-12-01T12:00:00Z").ok(), "a day alone");
    assert_eq!(odd.initiated_at, Timestamp::parse("2026-11-26T11:59:00Z").unwrap());
    assert_eq!((odd.evidence_due_by, odd.reason, odd.order_external_id), (None, None, None));
    // Rows of the queue come back as they went.
    let kept = serde_json::to_string(&read(json!({"status": "escalated"}))).unwrap();
    assert_eq!(serde_json::from_str::<DisputeFacts>(&kept).unwrap(), read(json!({"status": "escalated"})));
    let alone = event("disputes/create", &dispute(json!({"order_id": null})));
    assert_eq!(alone.lane, LaneKey::Thing("dispute", "285332461850802050".to_owned()));
    for wrong in [
        json!({"amount": null}),
        json!({"amount": "a lot"}),
        json!({"amount": "-1"}),
        json!({"amount": "x", "currency": "CAD"}),
        json!({"currency": null}),
        json!({"id": null}),
    ] {
        assert!(!problem("disputes/create", &dispute(wrong.clone())).is_empty(), "{wrong}");
    }
}

#[test]
fn an_order_tells_how_much_money_had_come_in_whatever_went_back() {
    let came = |changes: serde_json::Value| {
        let mut body = sample();
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let order = order_facts(&body);
        let [told] = &order.received[..] else { return None };
        assert_eq!((told.first_at, told.last_at), (order.updated_at, order.updated_at));
        Some(told.amount.minor)
    };
    let back =
        |transactions: serde_json::Value| json!([{"id": 31, "refund_line_items": [], "transactions": transactions}]);
    let gone = json!({"id": 1, "kind": "refund", "gateway": "wompi", "status": "success", "amount": "30000.00", "currency": "COP"});
    assert_eq!(came(json!({"refunds": []})), Some(10_190_000), "paid in whole");
    let paid = json!({"current_total_price": "71900.00", "total_outstanding": "0.00", "refunds": back(json!([gone]))});
    assert_eq!(came(paid), Some(10_190_000), "what went back had come in");
    // One that has not gone back, or failed to, is none.
    let mut pending = gone.clone();
    pending["status"] = json!("pending");
    let paid =
        json!({"current_total_price": "101900.00", "total_outstanding": "0.00", "refunds": back(json!([pending]))});
    assert_eq!(came(paid), Some(10_190_000));
    let partly = json!({"financial_status": "partially_paid", "current_total_price": "120000.00", "total_outstanding": "50000.00"});
    assert_eq!(came(partly), Some(7_000_000), "an edit raised it, and a part is paid");
    assert_eq!(came(json!({"financial_status": "partially_paid"})), None, "how much, nobody says");
    assert_eq!(came(json!({"financial_status": "authorized", "total_outstanding": "0"})), None, "not captured yet");
    // In another currency than the shop's it is not guessed.
    let mut foreign = gone.clone();
    foreign["currency"] = json!("USD");
    let paid =
        json!({"current_total_price": "71900.00", "total_outstanding": "0.00", "refunds": back(json!([foreign]))});
    assert_eq!(came(paid), Some(10_190_000), "what was ordered at first");
    let order = order_facts(&{
        let mut body = sample();
        body["refunds"] = back(json!([gone]));
        body
    });
    let [payment] = &order.refunds[0].payments[..] else { panic!() };
    assert_eq!((payment.external_id.as_str(), payment.gateway.as_deref()), ("1", Some("wompi")));
    assert_eq!((payment.amount, order.gateways), (cop(3_000_000), vec!["wompi".to_owned()]));
}

#[test]
fn privacy_requests_are_read_whatever_is_missing() {
    let CommerceEvent::Compliance { request, customer, orders } = fact(
        "customers/redact",
        &json!({"shop_id": 1, "shop_domain": SHOP, "customer": {"id": 191167, "email": null}, "orders_to_redact": [9, "8"]}),
    ) else {
        panic!()
    };
    assert_eq!(request, ComplianceRequest::CustomerRedact);
    assert_eq!(customer.unwrap().external_id.as_deref(), Some("191167"));
    assert_eq!(orders, ["9", "8"]);
    let shop = json!({"shop_id": 1, "shop_domain": SHOP});
    assert!(matches!(fact("shop/redact", &shop), CommerceEvent::Compliance { customer: None, .. }));
    // A request about one customer must not be played as one about the whole shop, nor a question as an erasure.
    let asked = json!({"shop_id": 1, "shop_domain": SHOP, "customer": {"id": 1}, "orders_requested": [],
        "data_request": {"id": 9}});
    assert!(matches!(fact("customers/data_request", &asked), CommerceEvent::Compliance { .. }));
    assert!(problem("shop/redact", &asked).contains("shape"));
    assert!(problem("customers/redact", &asked).contains("shape"));
}

#[test]
fn what_an_order_says_of_its_money_is_true_at_that_version() {
    let told = |status: &str| {
        let mut body = sample();
        body["financial_status"] = json!(status);
        let order = order_facts(&body);
        (order.paid_at.is_some(), order.unpaid_at.is_some())
    };
    for status in ["paid", "partially_paid", "partially_refunded", "refunded"] {
        assert_eq!(told(status), (true, false), "{status}");
    }
    for status in ["pending", "authorized", "expired", "voided"] {
        assert_eq!(told(status), (false, true), "{status}");
    }
    assert_eq!(told("teleported"), (false, false));
    let order = order_facts(&sample());
    assert_eq!(order.paid_at, Some(order.updated_at));
}

#[test]
fn the_channel_is_read_and_a_buyer_confirms_by_a_tag_and_not_by_shopify_s_word_for_stock() {
    let told = |tags: Value| {
        let mut body = sample();
        (body["tags"], body["confirmed"], body["source_name"]) = (tags, json!(true), json!("pos"));
        let order = order_facts(&body);
        assert_eq!(order.channel.as_deref(), Some("pos"));
        order.confirmed_at == Some(order.updated_at)
    };
    for tags in ["contra entrega, Confirmado", "COD_confirmed", "Pedido-Confirmado,vip"] {
        assert!(told(json!(tags)), "{tags}");
    }
    for tags in [json!("contra entrega"), json!("no confirmado"), json!(""), json!(7), Value::Null] {
        assert!(!told(tags.clone()), "{tags}");
    }
}

#[test]
fn a_parcel_says_which_lines_it_holds() {
    let body = json!({"id": 1, "order_id": 2, "tracking_company": "Envía", "tracking_number": "1",
        "line_items": [{"id": 487817672276298554_u64}, {"title": "x"}, {"id": "3"}]});
    let CommerceEvent::Shipment(parcel) = fact("fulfillments/create", &body) else { panic!() };
    assert_eq!(parcel.line_ids, ["487817672276298554", "3"]);
}

#[test]
fn keys_are_the_delivery_and_the_body() {
    let first = event("orders/create", &sample());
    assert_eq!(first.dedupe, "webhook:w-1");
    assert!(first.body_dedupe.as_deref().is_some_and(|key| key.starts_with("sha256:")));
    let unnamed = Labels { webhook_id: None, ..labels("orders/create") };
    let second = parse(&unnamed, sample().to_string().as_bytes(), now()).remove(0);
    assert_eq!(Some(second.dedupe), second.body_dedupe);
    assert_eq!(first.body_dedupe, second.body_dedupe.clone());
}

#[test]
fn other_topics_and_the_second_generation_are_stored_by_name() {
    let CommerceEvent::Other { topic } = fact("carts/update", &json!({"id": "x"})) else { panic!() };
    assert_eq!(topic, "carts/update");
    let mut headers = http::HeaderMap::new();
    for (name, value) in [
        ("shopify-topic", "Product"),
        ("shopify-action", "update"),
        ("shopify-shop-domain", SHOP),
        ("shopify-webhook-id", "w-9"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let body = br#"{"topic":"Product","action":"update","fields_changed":{"added":[]}}"#;
    let event = parse(&Labels::from_headers(&headers), body, now()).remove(0);
    let EventContent::Commerce(CommerceEvent::Other { topic }) = event.content else { panic!() };
    assert_eq!((topic.as_str(), event.dedupe.as_str()), ("events:product/update", "webhook:w-9"));
}
