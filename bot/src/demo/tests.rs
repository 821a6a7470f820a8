use std::collections::{BTreeMap, BTreeSet};

use recado_domain::detection::judge;
use recado_domain::money::parse_decimal;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::tools::ParcelCounts;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse("2026-11-26T17:00:00Z").unwrap()
}
fn minor(value: &Value) -> i64 {
    parse_decimal(value.as_str().unwrap_or_else(|| panic!("{value} is no amount")), 2).unwrap()
}
fn list<'a>(body: &'a Value, key: &str) -> &'a [Value] {
    body[key].as_array().map_or(&[], Vec::as_slice)
}
fn is_order(topic: &str) -> bool {
    topic.starts_with("orders/")
}

/// The last that the shop told about each order, by name.
fn orders(shop: &DemoShop) -> BTreeMap<String, Value> {
    let told = shop.webhooks.iter().filter(|webhook| is_order(webhook.topic));
    told.map(|webhook| (webhook.body["name"].as_str().unwrap().to_owned(), webhook.body.clone())).collect()
}

/// Each parcel with its last status: fulfillment body, status, instant of the last scan.
fn parcels(shop: &DemoShop) -> Vec<(Value, ShipmentStatus, Timestamp)> {
    let of = |topic| shop.webhooks.iter().filter(move |webhook| webhook.topic == topic);
    of("fulfillments/create")
        .map(|made| {
            let mut scans = of("fulfillment_events/create");
            let last = scans.rfind(|scan| scan.body["fulfillment_id"] == made.body["id"]).unwrap();
            let status = ShipmentStatus::from_shopify(last.body["status"].as_str().unwrap()).unwrap();
            (made.body.clone(), status, last.at)
        })
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_shop_and_another_seed_another() {
    let text = |seed| serde_json::to_string(&shop(now(), seed).webhooks).unwrap();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn webhooks_are_in_order_not_in_the_future_and_have_ids_of_their_own() {
    for (seed, at) in [(DEFAULT_SEED, "2026-11-26T17:00:00Z"), (3, "2026-03-01T05:10:00.999Z")] {
        let at = Timestamp::parse(at).unwrap();
        let shop = shop(at, seed);
        assert!(shop.webhooks.is_sorted_by_key(|webhook| webhook.at));
        assert!(shop.webhooks.iter().all(|webhook| webhook.at <= at));
        let ids: BTreeSet<&str> = shop.webhooks.iter().map(|webhook| webhook.id.as_str()).collect();
        assert_eq!(ids.len(), shop.webhooks.len());
    }
}

#[test]
fn there_are_sixty_orders_over_forty_five_days_in_the_order_of_their_numbers() {
    let shop = shop(now(), DEFAULT_SEED);
    let created: Vec<&ShopWebhook> = shop.webhooks.iter().filter(|webhook| webhook.topic == "orders/create").collect();
    assert_eq!(created.len(), 60);
    for (index, webhook) in created.iter().enumerate() {
        assert_eq!(webhook.body["order_number"], 1001 + index);
    }
    let days = now().since(created[0].at).as_secs() / 86_400;
    assert!((44..=45).contains(&days), "{days}");
    let today = created.iter().filter(|webhook| now().since(webhook.at).as_secs() < 8 * 3600).count();
    assert!(today >= 4);
}

#[test]
fn the_amounts_of_every_order_agree() {
    for seed in [DEFAULT_SEED, 1, 2] {
        let shop = shop(now(), seed);
        let mut discounted = 0;
        for webhook in shop.webhooks.iter().filter(|webhook| is_order(webhook.topic)) {
            let order = &webhook.body;
            let (mut gross, mut discounts, mut tax) = (0, 0, 0);
            for line in list(order, "line_items") {
                let price = minor(&line["price"]) * line["quantity"].as_i64().unwrap();
                let discount: i64 = list(line, "discount_allocations").iter().map(|part| minor(&part["amount"])).sum();
                let line_tax: i64 = list(line, "tax_lines").iter().map(|part| minor(&part["price"])).sum();
                if line["gift_card"] == false {
                    assert_eq!(line_tax, half_even((price - discount) * 19, 119), "{}", order["name"]);
                }
                gross += price;
                discounts += discount;
                tax += line_tax;
            }
            let shipping = list(order, "shipping_lines");
            let freight: i64 = shipping.iter().map(|line| minor(&line["price"])).sum();
            tax +=
                shipping.iter().flat_map(|line| list(line, "tax_lines")).map(|part| minor(&part["price"])).sum::<i64>();
            discounted += i64::from(discounts > 0);
            assert_eq!(minor(&order["total_line_items_price"]), gross);
            assert_eq!(minor(&order["total_discounts"]), discounts);
            assert_eq!(minor(&order["subtotal_price"]), gross - discounts);
            assert_eq!(minor(&order["total_tax"]), tax);
            assert_eq!(minor(&order["total_price"]), gross - discounts + freight);
            let refunded: i64 = list(order, "refunds")
                .iter()
                .flat_map(|refund| list(refund, "transactions"))
                .map(|transaction| minor(&transaction["amount"]))
                .sum();
            assert_eq!(minor(&order["current_total_price"]), gross - discounts + freight - refunded);
        }
        assert!(discounted > 0);
    }
}

/// A second way of rounding half to even, to check the first.
fn half_even(numerator: i64, denominator: i64) -> i64 {
    let (quotient, rest) = (numerator / denominator, numerator % denominator);
    quotient + i64::from(rest * 2 > denominator || (rest * 2 == denominator && quotient % 2 == 1))
}

#[test]
fn what_is_refunded_agrees_with_its_transaction() {
    let shop = shop(now(), DEFAULT_SEED);
    let refunds: Vec<&Value> =
        shop.webhooks.iter().filter(|webhook| webhook.topic == "refunds/create").map(|webhook| &webhook.body).collect();
    assert!(refunds.len() >= 5);
    for refund in refunds {
        let lines: i64 = list(refund, "refund_line_items")
            .iter()
            .map(|line| minor(&line["subtotal"]) + minor(&line["total_tax"]))
            .sum();
        let adjusted: i64 = list(refund, "order_adjustments")
            .iter()
            .map(|adjustment| -minor(&adjustment["amount"]) - minor(&adjustment["tax_amount"]))
            .sum();
        assert_eq!(lines + adjusted, minor(&refund["transactions"][0]["amount"]));
    }
}

#[test]
fn every_state_is_there() {
    let shop = shop(now(), DEFAULT_SEED);
    let orders = orders(&shop);
    let count = |fits: &dyn Fn(&Value) -> bool| orders.values().filter(|order| fits(order)).count();
    let cod = |order: &Value| order["payment_gateway_names"][0] == "Cash on Delivery (COD)";
    let unshipped = |order: &Value| order["fulfillment_status"].is_null() && order["cancelled_at"].is_null();
    assert!(count(&|order| cod(order) && unshipped(order) && order["financial_status"] == "pending") >= 2);
    assert!(count(&|order| !cod(order) && unshipped(order) && order["financial_status"] == "paid") >= 2);
    assert!(count(&|order| !order["cancelled_at"].is_null()) >= 3);
    assert!(count(&|order| order["financial_status"] == "partially_refunded") >= 3);
    assert!(count(&|order| order["financial_status"] == "refunded") >= 1);
    assert_eq!(count(&|order| order["test"] == true), 1);
    assert_eq!(count(&|order| order["line_items"][0]["gift_card"] == true), 1);
    assert_eq!(count(&|order| list(order, "fulfillments").len() == 2), 1);
    let guests = |order: &Value| {
        order["customer"].is_null() && order["phone"].is_null() && order["shipping_address"]["phone"].is_null()
    };
    assert_eq!(count(&guests), 1);
    let goodwill = shop.webhooks.iter().filter(|webhook| {
        list(&webhook.body, "order_adjustments").iter().any(|adjustment| adjustment["kind"] == "refund_discrepancy")
    });
    assert!(goodwill.count() >= 1);

    let statuses: BTreeSet<&str> = parcels(&shop).iter().map(|(_, status, _)| status.code()).collect();
    for status in [
        "info_received",
        "in_transit",
        "out_for_delivery",
        "attempt_failed",
        "available_for_pickup",
        "delivered",
        "exception",
    ] {
        assert!(statuses.contains(status), "{status} is missing");
    }
    let returning = shop.webhooks.iter().filter(|webhook| webhook.body["message"] == "Devolución al remitente");
    assert!(returning.count() >= 1);
    let carriers: BTreeSet<String> =
        parcels(&shop).iter().map(|(parcel, ..)| parcel["tracking_company"].to_string()).collect();
    assert_eq!(carriers.len(), 4);
}

#[test]
fn order_1042_of_yuliana_is_on_its_way_with_coordinadora_and_paid_at_the_door() {
    for seed in [DEFAULT_SEED, 5, 6] {
        let shop = shop(now(), seed);
        let order = &orders(&shop)["#1042"];
        assert_eq!(order["customer"]["first_name"], "Yuliana");
        assert_eq!(order["customer"]["phone"], "+573005550142");
        assert_eq!(order["payment_gateway_names"][0], "Cash on Delivery (COD)");
        assert_eq!(order["financial_status"], "pending");
        let (parcel, status, _) =
            parcels(&shop).into_iter().find(|(parcel, ..)| parcel["order_id"] == order["id"]).unwrap();
        assert_eq!(parcel["tracking_company"], "Coordinadora");
        assert_eq!(status, ShipmentStatus::InTransit);
    }
}

#[test]
fn deisy_has_two_open_orders_and_phones_belong_to_one_person_each() {
    let shop = shop(now(), DEFAULT_SEED);
    let orders = orders(&shop);
    let deisy = orders.values().filter(|order| order["customer"]["phone"] == "+573005550177").count();
    assert_eq!(deisy, 2);
    let mut owners: BTreeMap<String, String> = BTreeMap::new();
    for order in orders.values().filter(|order| !order["customer"].is_null()) {
        let (phone, id) = (order["customer"]["phone"].to_string(), order["customer"]["id"].to_string());
        assert_eq!(*owners.entry(phone).or_insert_with(|| id.clone()), id);
    }
}

#[test]
fn cali_is_struck_clearly_and_no_other_place_is() {
    for seed in [DEFAULT_SEED, 11, 12, 13] {
        let shop = shop(now(), seed);
        let three_days = now().minus(Duration::from_secs(3 * 86_400));
        let active: Vec<(String, bool)> = parcels(&shop)
            .into_iter()
            .filter(|(_, status, at)| status.is_active() && *at >= three_days)
            .map(|(parcel, status, _)| {
                let place = format!("{} × {}", parcel["tracking_company"], parcel["destination"]["city"]);
                (place, status.is_problem())
            })
            .collect();
        let places: BTreeSet<&String> = active.iter().map(|(place, _)| place).collect();
        let mut alarms = Vec::new();
        for place in places {
            let tally = |here: bool, problem: bool| {
                let fits = |(at, bad): &&(String, bool)| (at == place) == here && (!problem || *bad);
                active.iter().filter(fits).count() as i64
            };
            let counts = ParcelCounts {
                active: tally(true, false),
                problems: tally(true, true),
                active_elsewhere: tally(false, false),
                problems_elsewhere: tally(false, true),
                orders: Vec::new(),
            };
            let verdict = judge(&counts);
            if verdict.alarm {
                assert!(counts.active >= 18 && counts.problems >= 12, "{counts:?}");
                assert!(verdict.chance < 1e-6, "{verdict:?}");
                alarms.push(place.clone());
            }
        }
        assert_eq!(alarms, ["\"Coordinadora\" × \"Cali\""]);
    }
}

#[test]
fn tracking_numbers_are_recognized_as_their_carriers() {
    let shop = shop(now(), DEFAULT_SEED);
    for (parcel, ..) in parcels(&shop) {
        let number = parcel["tracking_number"].as_str().unwrap();
        let carrier = crate::demo::people::ascii(parcel["tracking_company"].as_str().unwrap());
        let found = recado_domain::tracking::recognize(&format!("mi guía es {number}"));
        assert!(found.iter().any(|found| found.carrier == carrier && found.valid), "{carrier} {number}: {found:?}");
    }
}

#[test]
fn an_order_is_never_told_older_than_before() {
    let shop = shop(now(), DEFAULT_SEED);
    let mut last: BTreeMap<String, Timestamp> = BTreeMap::new();
    for webhook in shop.webhooks.iter().filter(|webhook| is_order(webhook.topic)) {
        let updated = Timestamp::parse(webhook.body["updated_at"].as_str().unwrap()).unwrap();
        assert_eq!(updated, webhook.at);
        let name = webhook.body["name"].to_string();
        if let Some(before) = last.insert(name.clone(), updated) {
            assert!(before < updated, "{name}");
        }
    }
}

#[test]
fn everyone_to_play_has_an_address_of_their_own_and_goods_have_costs() {
    let shop = shop(now(), DEFAULT_SEED);
    let addresses: BTreeSet<String> = shop.personas.iter().map(|persona| format!("{:?}", persona.role)).collect();
    assert_eq!(addresses.len(), 5);
    assert!(shop.costs.len() >= 15 && shop.costs.iter().all(|cost| cost.cost.minor > 0));
}

/// What the receiving edge makes of a webhook.
fn facts(webhook: &ShopWebhook) -> recado_domain::event::EventContent {
    let labels = recado_webhooks::shopify::Labels {
        topic: webhook.topic.to_owned(),
        shop: SHOP_DOMAIN.to_owned(),
        webhook_id: Some(webhook.id.clone()),
        triggered_at: Some(webhook.at.to_string()),
        ..Default::default()
    };
    let body = serde_json::to_vec(&webhook.body).unwrap();
    let mut events = recado_webhooks::shopify::parse(&labels, &body, now());
    assert_eq!(events.len(), 1, "{}", webhook.topic);
    let event = events.remove(0);
    assert_eq!(event.occurred_at, webhook.at, "{}", webhook.topic);
    event.content
}

#[test]
fn the_edge_understands_every_webhook() {
    use recado_domain::event::{CommerceEvent, EventContent};

    for webhook in &shop(now(), DEFAULT_SEED).webhooks {
        let content = facts(webhook);
        let EventContent::Commerce(event) = &content else { panic!("{}: {content:?}", webhook.topic) };
        let expected = match webhook.topic {
            "products/create" => "product",
            "fulfillments/create" => "shipment",
            "fulfillment_events/create" => "shipment_event",
            "refunds/create" => "refund",
            _ => "order",
        };
        assert_eq!(event.label(), expected, "{}", webhook.topic);
        if let CommerceEvent::ShipmentEvent(scan) = event {
            assert!(scan.status.is_some(), "{}", scan.raw);
        }
    }
}

#[test]
fn the_booked_figures_of_all_orders_are_what_is_still_due_of_them() {
    use recado_domain::MerchantId;
    use recado_domain::event::{CommerceEvent, EventContent};
    use recado_domain::finance::facts::{FactSet, ShopFacts};
    use recado_domain::finance::figures::{Days, Ledger, Metric};
    use recado_domain::merchant::Merchant;
    use recado_domain::order::{OrderFacts, Payment};

    let shop = shop(now(), DEFAULT_SEED);
    let mut orders: BTreeMap<String, OrderFacts> = BTreeMap::new();
    for webhook in &shop.webhooks {
        if let EventContent::Commerce(CommerceEvent::Order { order, .. }) = facts(webhook) {
            orders.insert(order.name.clone(), order);
        }
    }
    assert_eq!(orders["#1042"].payment, Payment::Cod);
    assert_eq!(orders["#1042"].first_name(), Some("Yuliana"));
    let zone = jiff::tz::TimeZone::get(TIMEZONE).unwrap();
    let today = now().in_zone(&zone).date();
    let first = today.saturating_sub(jiff::ToSpan::days(60));
    let all: Vec<OrderFacts> = orders.into_values().collect();
    let told = ShopFacts { orders: all.clone(), told_at: Some(now()), ..ShopFacts::default() };
    let merchant = Merchant {
        id: MerchantId::derived(&["demo"]),
        name: shop.merchant.name.clone(),
        language: shop.merchant.language,
        country: shop.merchant.country.clone(),
        timezone: shop.merchant.timezone.clone(),
        currency: shop.merchant.currency,
    };
    let ledger = Ledger::new(FactSet::of_shop(&merchant, now()).with_shop(&told).unwrap(), now());
    let figures = ledger.figures(Days::new(first, today));
    let figure = |metric| figures.value(metric).unwrap().ratio().rounded().unwrap();
    let counted = all.iter().filter(|order| !order.test && !order.lines.iter().all(|line| line.gift_card));
    let due: i64 = counted.clone().filter(|order| order.cancelled_at.is_none()).map(|order| order.total.minor).sum();
    assert_eq!(figure(Metric::BookedTotalSales), due);
    assert_eq!(figure(Metric::Orders), counted.count() as i64);
    assert!(figure(Metric::OrdersCancelled) >= 3);
    assert!(figure(Metric::BookedReturns) > 0 && figure(Metric::BookedDiscounts) > 0);
}
