//! Orders, parcels and troubles.

use recado_domain::incident::{Evidence, Incident, IncidentStatus};
use recado_domain::order::{OrderFacts, OrderLine, Payment, order_number};
use recado_domain::shipment::{ShipmentStatus, ShipmentView};
use recado_domain::tools::OrderView;
use recado_domain::{Currency, IncidentId, Language, Money};

use super::{at, merchant};

pub fn order(name: &str, pesos: i64) -> OrderView {
    let money = |minor| Money::new(minor, Currency::Cop);
    let line = OrderLine {
        external_id: format!("{name}-1"),
        variant_id: None,
        title: "Faja azul / M".into(),
        sku: None,
        quantity: 1,
        unit_price: money(pesos * 100),
        discount: money(0),
        tax: money(0),
        tax_rate_ppm: 0,
        gift_card: false,
        added_at: None,
    };
    let order = OrderFacts {
        external_id: order_number(name),
        name: name.into(),
        currency: Currency::Cop,
        email: Some("ana@correo.co".into()),
        phone: Some("+573001234567".into()),
        customer: None,
        address: None,
        payment: Payment::Prepaid,
        financial_status: Some("paid".into()),
        fulfillment_status: None,
        taxes_included: true,
        test: false,
        processed_at: at("2026-11-20T15:00:00Z"),
        updated_at: at("2026-11-20T15:00:00Z"),
        cancelled_at: None,
        paid_at: None,
        unpaid_at: None,
        confirmed_at: None,
        channel: None,
        gateways: Vec::new(),
        received: Vec::new(),
        total: money(pesos * 100),
        lines: vec![line],
        shipping: vec![],
        refunds: vec![],
    };
    OrderView { order, shipments: vec![], told_at: at("2026-11-26T16:57:00Z") }
}

pub fn parcel(status: ShipmentStatus) -> ShipmentView {
    ShipmentView {
        external_id: "f1".into(),
        carrier: Some("Coordinadora".into()),
        tracking_number: Some("2000123456".into()),
        tracking_url: None,
        status,
        last_event_at: at("2026-11-25T23:40:00Z"),
        last_city: Some("Cali".into()),
        last_message: None,
        estimated_delivery_at: None,
        delivered_at: None,
    }
}

pub fn shipped(name: &str, status: ShipmentStatus) -> OrderView {
    OrderView { shipments: vec![parcel(status)], ..order(name, 89_900) }
}

pub fn incident(number: i64, status: IncidentStatus) -> Incident {
    Incident {
        id: IncidentId::derived(&["i", &number.to_string()]),
        merchant: merchant("CO", Language::Es).id,
        number,
        kind: "carrier_delays".into(),
        dimension: "Coordinadora · Cali".into(),
        severity: 2,
        status,
        evidence: Evidence {
            carrier: "Coordinadora".into(),
            city: "Cali".into(),
            active: 20,
            problems: 11,
            expected: 1.62,
            chance: 2e-7,
            orders: vec!["#1042".into(), "#1050".into()],
        },
        opened_at: at("2026-11-26T16:50:00Z"),
        acknowledged: None,
        resolved: None,
    }
}
