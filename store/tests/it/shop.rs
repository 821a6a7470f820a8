//! What a shop of the tests tells: orders, refunds, incidents.

use std::time::Duration;

use recado_domain::effect::Effect;
use recado_domain::event::CommerceEvent;
use recado_domain::incident::{Evidence, NewIncident};
use recado_domain::order::{CustomerFacts, OrderFacts, OrderLine, Payment, Refund, RefundLine};
use recado_domain::{Currency, MerchantId, Money, Timestamp};

use crate::world::noon;

/// Minutes after noon.
pub fn at(minutes: u64) -> Timestamp {
    noon().plus(Duration::from_secs(60 * minutes))
}

/// Pesos.
pub fn pesos(amount: i64) -> Money {
    Money::new(amount * 100, Currency::Cop)
}

/// An order of one thing, as told at its booking.
pub fn order(id: &str, name: &str, booked: Timestamp, price: i64) -> OrderFacts {
    OrderFacts {
        external_id: id.to_owned(),
        name: name.to_owned(),
        currency: Currency::Cop,
        email: Some("ana@example.com".to_owned()),
        phone: Some("+573001112233".to_owned()),
        customer: Some(CustomerFacts { name: Some("Ana".to_owned()), ..CustomerFacts::default() }),
        address: None,
        payment: Payment::Cod,
        financial_status: None,
        fulfillment_status: None,
        taxes_included: true,
        test: false,
        processed_at: booked,
        updated_at: booked,
        cancelled_at: None,
        paid_at: None,
        unpaid_at: None,
        confirmed_at: None,
        channel: None,
        gateways: Vec::new(),
        received: Vec::new(),
        total: pesos(price),
        lines: vec![OrderLine {
            external_id: format!("{id}-1"),
            variant_id: None,
            title: "Camiseta".to_owned(),
            sku: None,
            quantity: 1,
            unit_price: pesos(price),
            discount: pesos(0),
            tax: pesos(0),
            tax_rate_ppm: 0,
            gift_card: false,
            added_at: None,
        }],
        shipping: Vec::new(),
        refunds: Vec::new(),
    }
}

/// Money given back for an order's one thing.
pub fn refund(id: &str, order: &str, when: Timestamp, amount: i64) -> Refund {
    Refund {
        external_id: id.to_owned(),
        processed_at: when,
        lines: vec![RefundLine {
            line_id: format!("{order}-1"),
            quantity: 1,
            subtotal: pesos(amount),
            tax: pesos(0),
            restocked: true,
        }],
        shipping: None,
        adjustment: None,
        payments: Vec::new(),
    }
}

/// A version of an order, as a fact.
pub fn told(order: OrderFacts) -> CommerceEvent {
    CommerceEvent::Order { topic: "orders/updated".to_owned(), order }
}

/// A refund that arrives by itself.
pub fn refunded(order: &str, refund: Refund) -> CommerceEvent {
    CommerceEvent::Refund { order_external_id: order.to_owned(), currency: Currency::Cop, refund }
}

/// Opens an incident, or joins one.
pub fn incident(merchant: MerchantId, dimension: &str, severity: i64, problems: i64) -> Effect {
    Effect::OpenIncident(NewIncident {
        merchant,
        kind: "delivery_problems".to_owned(),
        dimension: dimension.to_owned(),
        severity,
        evidence: Evidence {
            carrier: "Coordinadora".to_owned(),
            city: "Cali".to_owned(),
            active: 20,
            problems,
            expected: 1.0,
            chance: 0.0001,
            orders: vec!["#1001".to_owned()],
        },
    })
}
