//! A shop's facts, in whatever order they come.

use recado_domain::Timestamp;
use recado_domain::event::CommerceEvent;
use recado_domain::shipment::{ShipmentEvent, ShipmentFacts, ShipmentStatus};
use std::time::Duration;

use crate::world::{Dice, SHOP, World, fact_of, noon, on_both};
use recado_domain::event::Inbox as _;

fn at(minutes: u64) -> Timestamp {
    noon().plus(Duration::from_secs(60 * minutes))
}

fn parcel(order: &str, minutes: u64, status: Option<ShipmentStatus>, city: Option<&str>) -> CommerceEvent {
    CommerceEvent::Shipment(ShipmentFacts {
        external_id: format!("parcel {order}"),
        order_external_id: order.to_owned(),
        carrier: Some("Coordinadora".to_owned()),
        tracking_numbers: vec!["AB 12".to_owned()],
        tracking_url: None,
        status,
        city: city.map(str::to_owned),
        created_at: noon(),
        updated_at: at(minutes),
    })
}

fn scan(order: &str, minutes: u64, status: Option<ShipmentStatus>) -> CommerceEvent {
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
