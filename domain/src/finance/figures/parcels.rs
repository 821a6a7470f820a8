//! Cash on delivery: parcels by the day they left, with their outcome by now.

use super::books::{Books, shipping_charged};
use super::measure::Measure;
use super::posting::{FactKind, Sink, Source};
use crate::finance::facts::{ChargeKind, Outcome, PaymentMethod};

impl Books {
    /// Posts orders and parcels that are paid at the door.
    pub(super) fn post_parcels(&self, sink: &mut Sink<'_>) {
        for (place, order) in self.facts.orders.iter().enumerate() {
            if order.payment != PaymentMethod::Cod {
                continue;
            }
            let source = Source::of(FactKind::Order, &order.id).order(Some(place));
            let day = self.day(order.processed_at);
            sink.post(source, day, Measure::CodPlaced, 1);
            sink.post(source, day, Measure::CodConfirmed, i128::from(order.confirmed_at.is_some()));
            let delivered = self.orders[place].first_delivered.is_some();
            sink.post(source, day, Measure::CodPlacedDelivered, i128::from(delivered));
        }
        for (place, parcel) in self.facts.shipments.iter().enumerate() {
            let order = self.order_of_parcel[place];
            let source = Source::of(FactKind::Shipment, &parcel.id).order(order).parcel(Some(place));
            let day = self.day(parcel.shipped_at);
            sink.post(source, day, Measure::ParcelsShipped, 1);
            if !self.is_cod(place) {
                sink.post(source, day, Measure::PrepaidParcels, 1);
                sink.post(source, day, Measure::PrepaidFreight, self.freight_of(place));
                continue;
            }
            let charges = self.charges_of(place);
            let cost = charges + self.lost_goods(place).map(|(_, cost)| cost).sum::<i128>();
            sink.post(source, day, Measure::CodShipped, 1);
            sink.post(source, day, Measure::CodLogistics, cost);
            let outcome = match parcel.outcome() {
                Outcome::Delivered(_) => {
                    sink.post(source, day, Measure::CodGain, self.value_delivered(place) - charges);
                    sink.post(source, day, Measure::CodDeliveredCharges, charges);
                    Measure::CodDelivered
                }
                Outcome::Returned(_) => Measure::CodReturned,
                Outcome::Lost(_) => Measure::CodLost,
                Outcome::InTransit => Measure::CodInTransit,
            };
            sink.post(source, day, outcome, 1);
            if matches!(outcome, Measure::CodReturned | Measure::CodLost) {
                sink.post(source, day, Measure::CodFailedCost, cost);
            }
        }
    }

    /// All charges of a parcel.
    pub(super) fn charges_of(&self, parcel: usize) -> i128 {
        let charges = self.charges_of_parcel[parcel].iter().map(|place| &self.facts.charges[*place]);
        charges.map(|charge| self.cost(charge.amount, charge.vat)).sum()
    }

    /// Freight out of a parcel, with surcharges.
    fn freight_of(&self, parcel: usize) -> i128 {
        let charges = self.charges_of_parcel[parcel].iter().map(|place| &self.facts.charges[*place]);
        let out = charges.filter(|charge| matches!(charge.kind, ChargeKind::Outbound | ChargeKind::Surcharge));
        out.map(|charge| self.cost(charge.amount, charge.vat)).sum()
    }

    /// What a delivered parcel brought before refunds: its lines' net − cost, and the shipping if it is the first one
    /// delivered of its order.
    fn value_delivered(&self, parcel: usize) -> i128 {
        let Some(place) = self.order_of_parcel[parcel] else { return 0 };
        let (order, view) = (&self.facts.orders[place], &self.orders[place]);
        let lines = order.lines.iter().zip(&view.lines);
        let goods = lines.filter(|(line, view)| !line.gift_card && view.parcel == Some(parcel));
        let value: i128 = goods
            .map(|(line, view)| view.net.value() - i128::from(line.quantity) * i128::from(view.cost.unwrap_or(0)))
            .sum();
        let shipping = if view.first_delivered == Some(parcel) { shipping_charged(order).0 } else { 0 };
        value + shipping
    }
}
