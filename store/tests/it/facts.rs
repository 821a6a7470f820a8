//! A shop's facts, in whatever order they come.

use std::time::Duration;

use recado_domain::event::{CommerceEvent, Inbox as _};
use recado_domain::finance::facts::{FactSet, ShopFacts};
use recado_domain::finance::figures::{Days, Ledger, Metric};
use recado_domain::order::OrderFacts;
use recado_domain::shipment::{ShipmentEvent, ShipmentFacts, ShipmentStatus};

use crate::shop::{at, order, pesos, refund, refunded, told};
use crate::world::{Dice, OTHER_SHOP, SHOP, World, fact_of, noon, on_both};

pub(crate) fn parcel(order: &str, minutes: u64, status: Option<ShipmentStatus>, city: Option<&str>) -> CommerceEvent {
    CommerceEvent::Shipment(ShipmentFacts {
        external_id: format!("parcel {order}"),
        order_external_id: order.to_owned(),
        carrier: Some("Coordinadora".to_owned()),
        tracking_numbers: vec!["AB 12".to_owned()],
        tracking_url: None,
        status,
        city: city.map(str::to_owned),
        line_ids: Vec::new(),
        created_at: noon(),
        updated_at: at(minutes),
    })
}

pub(crate) fn scan(order: &str, minutes: u64, status: Option<ShipmentStatus>) -> CommerceEvent {
    CommerceEvent::ShipmentEvent(ShipmentEvent {
        external_id: format!("scan {order} {minutes}"),
        shipment_external_id: format!("parcel {order}"),
        order_external_id: order.to_owned(),
        status,
        raw: "raw".to_owned(),
        message: Some(format!("at {minutes}")),
        city: Some(format!("city {minutes}")),
        happened_at: at(minutes),
        estimated_delivery_at: (minutes == 10).then(|| at(999)),
    })
}

/// RELIABILITY O4.
#[tokio::test(flavor = "multi_thread")]
async fn a_shuffled_shop_ends_in_the_state_of_the_sorted_one() {
    use ShipmentStatus::{Delivered, InTransit, OutForDelivery, Returned};
    on_both(async |world: &World| {
        let mut dice = Dice::new(5);
        for round in 0..50 {
            let order = format!("{round}");
            let mut facts = vec![
                parcel(&order, 0, None, None),
                scan(&order, 10, Some(InTransit)),
                parcel(&order, 15, None, Some("Cali")),
                scan(&order, 20, Some(OutForDelivery)),
                scan(&order, 25, None),
                scan(&order, 30, Some(Delivered)),
                scan(&order, 40, Some(Returned)),
                CommerceEvent::OrderDeleted { external_id: order.clone() },
            ];
            if round > 0 {
                dice.shuffle(&mut facts);
            }
            let inbox = world.inbox();
            for (place, fact) in facts.into_iter().enumerate() {
                let mut incoming = fact_of(SHOP, &order, fact);
                incoming.occurred_at = at(place as u64);
                inbox.accept(world.delivery(vec![incoming])).await.unwrap();
            }
        }
        let engine = world.engine();
        world.settle_all(&engine, |_| Vec::new()).await;
        let minute = if world.is_postgres() { "CAST(EXTRACT(EPOCH FROM x) AS BIGINT)" } else { "x / 1000000" };
        let of = |column: &str| format!("CAST({} AS TEXT)", minute.replace('x', column));
        let states = format!(
            "SELECT DISTINCT status || '|' || {} || '|' || {} || '|' || {} || '|' || last_city || '|' || last_message || '|' || city || '|' || carrier_key \
             FROM shipments",
            of("last_event_at"), of("delivered_at"), of("estimated_delivery_at")
        );
        let states = world.texts(&states).await;
        assert_eq!(states.len(), 1, "seed 5: {states:#?}");
        assert!(states[0].as_deref().is_some_and(|state| state.starts_with("returned|") && state.contains("city 40")));
        assert_eq!(world.number("SELECT COUNT(*) FROM orders WHERE deleted_at IS NOT NULL").await, 50);
    })
    .await;
}

/// Tells facts of orders to a shop in this order, a hundred in one delivery.
async fn tell(world: &World, shop: &str, facts: Vec<(String, CommerceEvent)>) {
    let inbox = world.inbox();
    let mut place = 0;
    for some in facts.chunks(100) {
        let events = some.iter().map(|(order, fact)| {
            place += 1;
            let mut incoming = fact_of(shop, order, fact.clone());
            // Within a lane the instant orders them, whatever it should be.
            incoming.occurred_at = at(place);
            incoming
        });
        let events = events.collect();
        inbox.accept(world.delivery(events)).await.unwrap();
    }
    world.settle_all(&world.engine(), |_| Vec::new()).await;
}

pub(crate) async fn tell_one(world: &World, fact: CommerceEvent) {
    tell(world, SHOP, vec![("1".to_owned(), fact)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_only_moves_forward() {
    on_both(async |world: &World| {
        let facts = world.store.merchant(world.merchant.id);
        let version = |minutes: u64, price: i64, status: &str| {
            let mut order = order("1", "#1001", noon(), price);
            (order.updated_at, order.fulfillment_status) = (at(minutes), Some(status.to_owned()));
            order
        };
        let newest = version(30, 70, "fulfilled");
        for order in [version(10, 50, "a"), newest.clone(), version(20, 60, "b"), version(10, 50, "a")] {
            tell_one(world, told(order)).await;
        }
        let found = facts.orders_of_reference("#1001").await.unwrap();
        assert_eq!((found.len(), &found[0].order), (1, &newest));
        let columns = "SELECT COUNT(*) FROM orders WHERE total = 7000 AND fulfillment_status = 'fulfilled'";
        assert_eq!(world.number(columns).await, 1);
        // Told again, the same version changes nothing; a newer one does.
        tell_one(world, told(newest)).await;
        tell_one(world, told(version(31, 80, "c"))).await;
        assert_eq!(facts.orders_of_reference("1001").await.unwrap()[0].order.total, pesos(80));
        // Once deleted it stays away.
        tell_one(world, CommerceEvent::OrderDeleted { external_id: "1".to_owned() }).await;
        tell_one(world, told(version(32, 90, "d"))).await;
        assert!(facts.orders_of_reference("1001").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_may_come_before_its_order_and_counts_once() {
    on_both(async |world: &World| {
        let facts = world.store.merchant(world.merchant.id);
        let back = refund("r1", "1", at(3_000), 40);
        tell_one(world, refunded("1", back.clone())).await;
        assert!(facts.orders_of_reference("1001").await.unwrap().is_empty());
        tell_one(world, told(order("1", "#1001", noon(), 100))).await;
        let refunds = async || facts.orders_of_reference("1001").await.unwrap().remove(0).order.refunds;
        assert_eq!(refunds().await, std::slice::from_ref(&back));
        tell_one(world, refunded("1", back.clone())).await;
        assert_eq!(refunds().await.len(), 1);
        // The order's own copy wins.
        let mut whole = order("1", "#1001", noon(), 100);
        whole.updated_at = at(3_001);
        whole.refunds = vec![refund("r1", "1", at(3_000), 41)];
        tell_one(world, told(whole.clone())).await;
        assert_eq!(refunds().await, whole.refunds);
        tell_one(world, refunded("1", back)).await;
        assert_eq!(refunds().await, whole.refunds);
        tell_one(world, refunded("1", refund("r2", "1", at(3_500), 5))).await;
        assert_eq!(refunds().await.len(), 2);
    })
    .await;
}

/// Orders with edits, cancellations and refunds, as the shop knows them in the end, and all that it tells of them.
fn shop_story(dice: &mut Dice) -> (Vec<OrderFacts>, Vec<(String, CommerceEvent)>) {
    let (mut orders, mut facts) = (Vec::new(), Vec::new());
    for number in 0..30_u64 {
        let id = number.to_string();
        let price = 10 + dice.below(90) as i64;
        let mut last = order(&id, &format!("#{number}"), at(97 * number), price);
        last.test = number == 7;
        facts.push((id.clone(), told(last.clone())));
        for version in 1..=dice.below(3) as u64 {
            last.updated_at = last.processed_at.plus(Duration::from_secs(60 * version));
            if dice.below(2) == 0 {
                let mut added = last.lines[0].clone();
                (added.external_id, added.added_at) =
                    (format!("{id}-edit{version}"), Some(at(97 * number + 700 * version)));
                last.lines.push(added);
            }
            if dice.below(3) == 0 {
                last.cancelled_at = Some(at(97 * number + 1_000));
            }
            if dice.below(3) == 0 {
                let when = at(97 * number + 400 * version);
                last.refunds.push(refund(&format!("own{version}"), &id, when, 1));
            }
            facts.push((id.clone(), told(last.clone())));
        }
        let mut whole = last;
        for apart in 0..dice.below(3) {
            let back = refund(&format!("apart{apart}"), &id, at(97 * number + dice.below(2_000) as u64), 2);
            facts.push((id.clone(), refunded(&id, back.clone())));
            whole.refunds.push(back);
        }
        orders.push(whole);
    }
    (orders, facts)
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_the_same_whatever_the_order_of_arrival() {
    on_both(async |world: &World| {
        for seed in 1..=2_u64 {
            let mut dice = Dice::new(seed);
            let (mut orders, mut facts) = shop_story(&mut dice);
            let shop = if seed == 1 { SHOP } else { OTHER_SHOP };
            // Some of it twice, and all of it shuffled.
            facts.extend_from_within(..20);
            dice.shuffle(&mut facts);
            tell(world, shop, facts).await;
            let id = if seed == 1 { world.merchant.id } else { world.other.id };
            orders.iter_mut().for_each(|order| order.refunds.sort_by_key(|refund| refund.processed_at));
            let merchant = if seed == 1 { &world.merchant } else { &world.other };
            let now = noon().plus(Duration::from_secs(60 * 9_000));
            let shop = ShopFacts { orders: orders.clone(), told_at: Some(now), ..ShopFacts::default() };
            let expected = Ledger::new(FactSet::of_shop(merchant, now).with_shop(&shop).unwrap(), now);
            let found = Ledger::new(world.store.merchant(id).books(merchant).await.unwrap(), now);
            let mut moved = 0;
            for (first, last) in [(0, 0), (0, 1), (1, 1), (2, 3), (3, 6), (0, 6)] {
                let day = |days: u64| noon().plus(Duration::from_secs(86_400 * days)).in_zone(&merchant.zone()).date();
                let days = Days::new(day(first), day(last));
                for metric in Metric::DIVISIBLE {
                    let (found, expected) = (found.figures(days).value(*metric), expected.figures(days).value(*metric));
                    assert_eq!(found, expected, "seed {seed}, {} of {first} to {last}", metric.id());
                    let of_sales = matches!(metric, Metric::BookedGrossSales | Metric::BookedReturns);
                    moved += i64::from(of_sales && expected.is_ok_and(|value| !value.ratio().is_zero()));
                }
            }
            assert!(moved >= 6, "seed {seed}: something happens in these spans");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parcels_are_counted_by_carrier_and_city_while_they_are_under_way() {
    use ShipmentStatus::{AttemptFailed, Delivered, Exception, InTransit, Pending, Returning};
    on_both(async |world: &World| {
        let place = |order: &str, status, carrier: &str, city: &str, minutes: u64| {
            let CommerceEvent::Shipment(mut facts) = parcel(order, minutes, Some(status), Some(city)) else {
                unreachable!("a parcel is one")
            };
            facts.carrier = Some(carrier.to_owned());
            (order.to_owned(), CommerceEvent::Shipment(facts))
        };
        let days = 24 * 60;
        world.clock.advance(Duration::from_secs(60 * 4 * days));
        let fresh = 3 * days;
        let mut facts: Vec<_> =
            ["1", "2", "3"].map(|id| (id.to_owned(), told(order(id, &format!("#{id}"), noon(), 9)))).into();
        facts.extend([
            place("1", AttemptFailed, "Coordinadora", "Bogotá", fresh),
            place("2", Exception, "COORDINADORA", "bogota", fresh),
            place("3", InTransit, "Coordinadora", "BOGOTÁ", fresh),
            // Elsewhere.
            place("4", Returning, "Coordinadora", "Cali", fresh),
            place("5", InTransit, "Servientrega", "Bogotá", fresh),
            // Not under way, or without news for more than three days.
            place("6", Delivered, "Coordinadora", "Bogotá", fresh),
            place("7", Pending, "Coordinadora", "Bogotá", fresh),
            place("8", Exception, "Coordinadora", "Bogotá", days - 1),
        ]);
        tell(world, SHOP, facts).await;
        let counts = world.store.merchant(world.merchant.id).parcel_counts("coordinadora", "BOGOTA").await.unwrap();
        assert_eq!((counts.active, counts.problems), (3, 2));
        assert_eq!((counts.active_elsewhere, counts.problems_elsewhere), (2, 1));
        assert_eq!(counts.orders, ["#1", "#2"]);
        // Each that became a problem asked for a count in the lane of its place, once.
        assert_eq!(world.number("SELECT COUNT(*) FROM events WHERE kind = 'internal.count_parcels'").await, 4);
        let none = world.store.merchant(world.other.id).parcel_counts("coordinadora", "bogota").await.unwrap();
        assert_eq!(none, recado_domain::tools::ParcelCounts::default());
        // A scan ends the trouble.
        let mut over = scan("1", fresh + 1, Some(Delivered));
        if let CommerceEvent::ShipmentEvent(scan) = &mut over {
            scan.shipment_external_id = "parcel 1".to_owned();
        }
        tell_one(world, over).await;
        let counts = world.store.merchant(world.merchant.id).parcel_counts("coordinadora", "BOGOTA").await.unwrap();
        assert_eq!((counts.active, counts.problems, counts.orders), (2, 1, vec!["#2".to_owned()]));
    })
    .await;
}
