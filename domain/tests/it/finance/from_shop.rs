//! What a shop tells by webhooks, as facts of its books.

use std::time::Duration;

use proptest::prelude::*;
use recado_domain::Timestamp;
use recado_domain::finance::facts::{Condition, DEFAULT_TERMS, Outcome, PaymentMethod, ShopFacts, ShopParcel};
use recado_domain::finance::figures::Dimension;
use recado_domain::order::{CustomerFacts, OrderFacts, PostalAddress, ProductFacts, VariantFacts};
use recado_domain::shipment::ShipmentStatus;

use super::shop::shop;
use super::told::told;
use super::*;

fn instant(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A fact set as the shop would have told it, and what only an import can tell.
fn torn(whole: &FactSet) -> (FactSet, ShopFacts) {
    let mut imported = whole.clone();
    imported.orders.clear();
    // What webhooks cannot say of a parcel stays in the import: damage, loss, a return without a cancellation.
    imported.shipments.retain(|parcel| parcel.returned_at.is_some() || parcel.lost_at.is_some());
    for product in imported.products.values_mut() {
        product.title.clear();
    }
    let orders = whole.orders.iter().enumerate().map(|(index, order)| {
        let customer = CustomerFacts { external_id: order.customer_id.clone(), ..CustomerFacts::default() };
        OrderFacts {
            external_id: format!("58700{index}"),
            customer: Some(customer),
            address: Some(PostalAddress { city: order.city.clone(), ..PostalAddress::default() }),
            channel: order.channel.clone(),
            confirmed_at: order.confirmed_at,
            paid_at: order.paid_at,
            unpaid_at: order.paid_at.map(|at| at.minus(Duration::from_secs(1))),
            ..told(order)
        }
    });
    let orders: Vec<OrderFacts> = orders.collect();
    let parcels = whole.shipments.iter().map(|parcel| ShopParcel {
        external_id: format!("52100{}", parcel.id),
        order_external_id: orders.iter().find(|order| order.name == parcel.order_id).unwrap().external_id.clone(),
        carrier: Some(parcel.carrier.clone()),
        tracking_number: Some(parcel.id.clone()),
        line_ids: parcel.line_ids.clone().unwrap_or_default(),
        status: match parcel.outcome() {
            Outcome::Delivered(_) => ShipmentStatus::Delivered,
            _ => ShipmentStatus::InTransit,
        },
        created_at: parcel.shipped_at,
        last_event_at: parcel.delivered_at.unwrap_or(parcel.shipped_at),
        delivered_at: parcel.delivered_at,
    });
    let products = whole.products.iter().map(|(id, product)| ProductFacts {
        external_id: format!("P{id}"),
        title: product.title.clone(),
        status: None,
        variants: vec![VariantFacts {
            external_id: id.clone(),
            title: "Default Title".to_owned(),
            sku: None,
            price: None,
            stock: None,
        }],
        updated_at: whole.as_of,
    });
    let (parcels, products) = (parcels.collect(), products.collect());
    let told = ShopFacts { orders, parcels, products, told_at: whole.synced_at, ..ShopFacts::default() };
    (imported, told)
}

/// Every figure and balance, in parts, as text.
fn everything(facts: FactSet) -> String {
    let as_of = facts.as_of;
    let report = Ledger::new(facts, as_of).report(days("2026-07-01", "2026-12-14"), &Dimension::ALL).unwrap();
    serde_json::to_string_pretty(&report).unwrap()
}

/// The whole with what a shop cannot tell in the same words: what is due at the door, and a return by cancellation.
fn as_told(whole: &FactSet, joined: &FactSet) -> FactSet {
    let mut expected = whole.clone();
    for parcel in &mut expected.shipments {
        let found = joined.shipments.iter().find(|other| other.id == parcel.id).unwrap();
        (parcel.cod_amount, parcel.returned_at) = (found.cod_amount, found.returned_at);
        parcel.return_condition = found.return_condition;
        // A parcel that arrived before it was said to leave left when it arrived.
        parcel.shipped_at = parcel.delivered_at.map_or(parcel.shipped_at, |at| parcel.shipped_at.min(at));
    }
    expected
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn figures_of_a_shop_s_own_word_are_those_of_the_facts_behind_it(facts in shop()) {
        let whole = FactSet::from_json(&facts.to_string()).unwrap();
        let (imported, told) = torn(&whole);
        let joined = imported.with_shop(&told).unwrap();
        prop_assert_eq!(everything(as_told(&whole, &joined)), everything(joined));
    }

    #[test]
    fn control_an_order_that_is_lost_on_the_way_is_seen(facts in shop()) {
        let whole = FactSet::from_json(&facts.to_string()).unwrap();
        prop_assume!(whole.orders.iter().any(|order| order.lines.iter().any(|line| !line.gift_card)));
        let (imported, mut told) = torn(&whole);
        let lost = told.orders.iter().position(|order| order.lines.iter().any(|line| !line.gift_card)).unwrap();
        told.parcels.retain(|parcel| parcel.order_external_id != told.orders[lost].external_id);
        told.orders.remove(lost);
        let joined = imported.with_shop(&told).unwrap();
        prop_assert_ne!(everything(whole), everything(joined));
    }

    #[test]
    fn told_by_both_it_counts_once(facts in shop()) {
        let whole = FactSet::from_json(&facts.to_string()).unwrap();
        let (mut imported, told) = torn(&whole);
        let once = imported.clone().with_shop(&told).unwrap();
        imported.orders = whole.orders.clone();
        imported.shipments = whole.shipments.clone();
        for parcel in &mut imported.shipments {
            let told = once.shipments.iter().find(|other| other.id == parcel.id).unwrap();
            // Whether it was lost or came back, and in what condition, only an import tells: here both tell the same.
            (parcel.returned_at, parcel.lost_at) = (told.returned_at, told.lost_at);
            parcel.return_condition = told.return_condition;
        }
        // The import may call an order by any of its names.
        for (index, order) in imported.orders.iter_mut().enumerate() {
            match index % 3 {
                0 => order.id = told.orders[index].external_id.clone(),
                1 => order.id = format!("gid://shopify/Order/{}", told.orders[index].external_id),
                _ => {}
            }
        }
        prop_assert_eq!(everything(once), everything(imported.with_shop(&told).unwrap()));
    }
}

fn example() -> (FactSet, ShopFacts) {
    let whole = FactSet::from_json(GOLDEN).unwrap();
    let (imported, told) = torn(&whole);
    (imported, told)
}

#[test]
fn the_worked_example_comes_out_of_a_shop_s_own_word() {
    let whole = FactSet::from_json(GOLDEN).unwrap();
    let (imported, told) = torn(&whole);
    let joined = imported.with_shop(&told).unwrap();
    let expected = as_told(&whole, &joined);
    let due = |facts: &FactSet| facts.shipments.iter().map(|parcel| (parcel.id.clone(), parcel.cod_amount)).collect();
    let (told_due, whole_due): (Vec<_>, Vec<_>) = (due(&expected), due(&whole));
    assert_eq!(told_due, whole_due, "what is due at the door follows from the orders");
    assert_eq!(everything(expected), everything(joined));
}

#[test]
fn an_order_goes_by_its_name_and_a_parcel_by_its_tracking_number_unless_another_has_it() {
    let (imported, mut told) = example();
    let name = told.orders[1].name.clone();
    told.orders[0].name = name.clone();
    let joined = imported.with_shop(&told).unwrap();
    let ids: Vec<&str> = joined.orders.iter().map(|order| order.id.as_str()).collect();
    assert_eq!(&ids[..3], ["587000", "587001", told.orders[2].name.as_str()]);
    assert!(!ids.contains(&name.as_str()));
    assert!(joined.shipments.iter().all(|parcel| joined.orders.iter().any(|order| order.id == parcel.order_id)));
}

#[test]
fn what_is_deleted_or_a_test_does_not_exist_even_if_it_was_imported() {
    let whole = FactSet::from_json(GOLDEN).unwrap();
    let (_, mut told) = torn(&whole);
    let (test, gone) = (told.orders[0].clone(), told.orders[3].clone());
    told.orders[0].test = true;
    told.orders.remove(3);
    told.deleted = vec![gone.external_id.clone(), gone.name.clone()];
    let joined = whole.clone().with_shop(&told).unwrap();
    assert_eq!(joined.orders.len(), whole.orders.len() - 2);
    for name in [&test.name, &gone.name] {
        assert!(whole.payments.iter().any(|payment| payment.order_id == *name) || *name == gone.name);
        assert!(joined.payments.iter().all(|payment| payment.order_id != *name), "{name}");
        let parcels: Vec<_> = whole.shipments.iter().filter(|parcel| parcel.order_id == *name).collect();
        for parcel in parcels {
            assert!(joined.charges.iter().all(|charge| charge.shipment_id != parcel.id), "{}", parcel.id);
        }
    }
}

#[test]
fn what_the_shop_does_not_tell_comes_from_the_import_and_what_it_tells_wins() {
    let whole = FactSet::from_json(GOLDEN).unwrap();
    let (_, mut told) = torn(&whole);
    let place = whole.orders.iter().position(|order| order.payment == PaymentMethod::Prepaid).unwrap();
    let mut imported = whole.clone();
    let confirmed = instant("2026-09-01T00:00:00Z");
    let paid = instant("2026-09-02T00:00:00Z");
    (imported.orders[place].confirmed_at, imported.orders[place].paid_at) = (Some(confirmed), Some(paid));
    imported.orders[place].lines.clear();
    (told.orders[place].confirmed_at, told.orders[place].paid_at, told.orders[place].unpaid_at) = (None, None, None);
    let joined = imported.clone().with_shop(&told).unwrap();
    let order = &joined.orders[place];
    assert_eq!((order.confirmed_at, order.paid_at), (Some(confirmed), Some(paid)));
    assert!(!order.lines.is_empty(), "the shop's own lines");
    // Told as not paid, it is not, whatever was imported.
    told.orders[place].unpaid_at = Some(told.orders[place].updated_at);
    assert_eq!(imported.with_shop(&told).unwrap().orders[place].paid_at, None);
}

/// One order of cash on delivery with two lines, shipping outside the price of the goods.
fn cod() -> (FactSet, ShopFacts) {
    let mut whole = FactSet::from_json(GOLDEN).unwrap();
    let mut order = whole.orders[0].clone();
    (order.payment, order.cancelled_at, order.taxes_included) = (PaymentMethod::Cod, None, true);
    order.refunds.clear();
    let mut line = order.lines[0].clone();
    (line.unit_price, line.quantity, line.discount) = (10_000, 2, 1_000);
    order.lines = ["a", "b"].map(|id| recado_domain::finance::facts::Line { id: id.to_owned(), ..line.clone() }).into();
    (order.shipping.price, order.shipping.discount) = (5_000, 0);
    let name = order.id.clone();
    whole.orders = vec![order];
    whole.shipments.clear();
    let (imported, mut told) = torn(&whole);
    told.parcels = vec![parcel("1", &name, ShipmentStatus::InTransit)];
    told.parcels[0].order_external_id = told.orders[0].external_id.clone();
    (imported, told)
}

fn parcel(id: &str, order: &str, status: ShipmentStatus) -> ShopParcel {
    ShopParcel {
        external_id: id.to_owned(),
        order_external_id: order.to_owned(),
        carrier: Some("ENVÍA".to_owned()),
        tracking_number: Some(format!("T{id}")),
        line_ids: Vec::new(),
        status,
        created_at: instant("2026-09-10T12:00:00Z"),
        last_event_at: instant("2026-09-12T12:00:00Z"),
        delivered_at: None,
    }
}

#[test]
fn a_label_has_not_left_and_a_refused_parcel_comes_back_with_its_cancellation() {
    let (imported, mut told) = cod();
    let outcome = |told: &ShopFacts| {
        let joined = imported.clone().with_shop(told).unwrap();
        joined.shipments.first().map(|parcel| (parcel.outcome(), parcel.return_condition))
    };
    for status in [ShipmentStatus::Pending, ShipmentStatus::InfoReceived, ShipmentStatus::Cancelled] {
        told.parcels[0].status = status;
        assert_eq!(outcome(&told), None, "{status:?}");
    }
    told.parcels[0].status = ShipmentStatus::Exception;
    assert_eq!(outcome(&told), Some((Outcome::InTransit, None)));
    let cancelled = instant("2026-09-14T12:00:00Z");
    told.orders[0].cancelled_at = Some(cancelled);
    assert_eq!(outcome(&told), Some((Outcome::Returned(cancelled), None)), "{:?}", Condition::Resellable);
    told.parcels[0].delivered_at = Some(instant("2026-09-13T12:00:00Z"));
    assert!(matches!(outcome(&told), Some((Outcome::Delivered(_), _))));
    // Cancelled before anything left, nothing comes back.
    (told.parcels[0].delivered_at, told.orders[0].cancelled_at) = (None, Some(instant("2026-09-09T12:00:00Z")));
    assert_eq!(outcome(&told), Some((Outcome::InTransit, None)));
}

#[test]
fn what_is_due_at_the_door_is_divided_among_parcels_by_their_lines() {
    let (imported, mut told) = cod();
    let due = |told: &ShopFacts| -> Vec<i64> {
        imported.clone().with_shop(told).unwrap().shipments.iter().map(|parcel| parcel.cod_amount).collect()
    };
    assert_eq!(due(&told), [2 * 19_000 + 5_000]);
    let mut second = parcel("2", &told.orders[0].external_id, ShipmentStatus::InTransit);
    second.created_at = instant("2026-09-11T12:00:00Z");
    told.parcels.push(second);
    assert_eq!(due(&told), [43_000, 0], "without lines all is due with the first");
    (told.parcels[0].line_ids, told.parcels[1].line_ids) = (vec!["b".to_owned()], vec!["a".to_owned()]);
    assert_eq!(due(&told), [24_000, 19_000]);
    // What was refunded before it arrived is not collected; what is refunded later was.
    let back = recado_domain::order::Refund {
        external_id: "r".to_owned(),
        processed_at: instant("2026-09-11T13:00:00Z"),
        lines: vec![recado_domain::order::RefundLine {
            line_id: "a".to_owned(),
            quantity: 1,
            subtotal: told.orders[0].lines[0].unit_price,
            tax: recado_domain::Money::zero(recado_domain::Currency::Cop),
            restocked: true,
        }],
        shipping: None,
        adjustment: None,
        payments: Vec::new(),
    };
    told.orders[0].refunds = vec![back];
    assert_eq!(due(&told), [24_000, 9_000]);
    told.parcels[1].delivered_at = Some(instant("2026-09-11T12:30:00Z"));
    assert_eq!(due(&told), [24_000, 19_000]);
    told.orders[0].payment = recado_domain::order::Payment::Prepaid;
    assert_eq!(due(&told), [0, 0]);
}

#[test]
fn carriers_are_one_whatever_their_spelling_and_have_terms_that_are_documented() {
    let (mut imported, told) = cod();
    imported.shop.carriers.clear();
    let joined = imported.clone().with_shop(&told).unwrap();
    assert_eq!(joined.shop.carriers.get("Envía"), Some(&DEFAULT_TERMS));
    let agreed = recado_domain::finance::facts::CarrierTerms { term_days: 3, transit_days: 1 };
    imported.shop.carriers.insert("Envia".to_owned(), agreed);
    let joined = imported.with_shop(&told).unwrap();
    assert_eq!((joined.shipments[0].carrier.as_str(), joined.shop.carriers.len()), ("Envia", 1));
}

#[test]
fn what_goods_cost_is_unknown_unless_told_and_their_titles_are_the_shop_s() {
    let (mut imported, told) = example();
    imported.products.clear();
    let joined = imported.with_shop(&told).unwrap();
    assert!(joined.products.values().all(|product| product.costs.is_empty() && !product.title.is_empty()));
    let ledger = Ledger::new(joined, instant("2026-11-05T14:00:00Z"));
    let figures = ledger.figures(days("2026-09-01", "2026-10-31"));
    assert_eq!(published(&figures, Metric::CostCoverage), "0.000000");
}

#[test]
fn a_sum_that_does_not_fit_is_an_error_with_its_place() {
    let (imported, mut told) = cod();
    let charge = told.orders[0].shipping[0].clone();
    told.orders[0].shipping = vec![charge.clone(), charge];
    for charge in &mut told.orders[0].shipping {
        charge.price.minor = i64::MAX;
    }
    let refused = imported.with_shop(&told).unwrap_err().to_string();
    assert!(refused.contains("shipping.price") && refused.contains(&told.orders[0].name), "{refused}");
}
