//! What the webhooks of the sample shop tell, as the books will see it.

use std::collections::BTreeMap;

use recado_domain::event::{CommerceEvent, EventContent};
use recado_domain::finance::facts::{FactSet, PaymentMethod, ShopFacts, ShopParcel};
use recado_domain::merchant::Merchant;
use recado_domain::order::OrderFacts;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{MerchantId, Timestamp};
use recado_webhooks::shopify::{Labels, parse};

use super::super::{DemoShop, SHOP_DOMAIN, ShopWebhook};
use super::{Sent, Sold};

/// What the receiving edge makes of a webhook.
fn fact(webhook: &ShopWebhook) -> Option<CommerceEvent> {
    let labels = Labels {
        topic: webhook.topic.to_owned(),
        shop: SHOP_DOMAIN.to_owned(),
        webhook_id: Some(webhook.id.clone()),
        triggered_at: Some(webhook.at.to_string()),
        ..Labels::default()
    };
    let body = serde_json::to_vec(&webhook.body).ok()?;
    parse(&labels, &body, webhook.at).into_iter().find_map(|event| match event.content {
        EventContent::Commerce(fact) => Some(fact),
        _ => None,
    })
}

pub(super) fn told(shop: &DemoShop) -> ShopFacts {
    let mut orders: BTreeMap<String, OrderFacts> = BTreeMap::new();
    let mut parcels: BTreeMap<String, ShopParcel> = BTreeMap::new();
    for fact in shop.webhooks.iter().filter_map(fact) {
        match fact {
            CommerceEvent::Order { order, .. } => {
                let known = orders.remove(&order.external_id);
                let id = order.external_id.clone();
                orders.insert(id, known.map_or_else(|| order.clone(), |known| order.clone().joined(known)));
            }
            CommerceEvent::Shipment(told) => {
                let parcel = ShopParcel {
                    external_id: told.external_id.clone(),
                    order_external_id: told.order_external_id,
                    carrier: told.carrier,
                    tracking_number: told.tracking_numbers.into_iter().next(),
                    line_ids: told.line_ids,
                    status: told.status.unwrap_or(ShipmentStatus::InfoReceived),
                    created_at: told.created_at,
                    last_event_at: told.updated_at,
                    delivered_at: None,
                };
                parcels.insert(told.external_id, parcel);
            }
            CommerceEvent::ShipmentEvent(scan) => {
                if let (Some(parcel), Some(status)) = (parcels.get_mut(&scan.shipment_external_id), scan.status) {
                    (parcel.status, parcel.last_event_at) = (status, scan.happened_at);
                    if status == ShipmentStatus::Delivered {
                        parcel.delivered_at = Some(scan.happened_at);
                    }
                }
            }
            _ => {}
        }
    }
    ShopFacts {
        orders: orders.into_values().collect(),
        parcels: parcels.into_values().collect(),
        ..ShopFacts::default()
    }
}

/// The orders that the webhooks tell, with what is moved by them.
pub(super) fn sold(shop: &DemoShop) -> Result<Vec<Sold>, String> {
    let settings = &shop.merchant;
    let merchant = Merchant {
        id: MerchantId::derived(&["demo"]),
        name: settings.name.clone(),
        language: settings.language,
        country: settings.country.clone(),
        timezone: settings.timezone.clone(),
        currency: settings.currency,
    };
    let facts =
        FactSet::of_shop(&merchant, Timestamp::EPOCH).with_shop(&told(shop)).map_err(|error| error.to_string())?;
    let costs: BTreeMap<&str, i64> =
        shop.costs.iter().map(|cost| (cost.variant_id.as_str(), cost.cost.minor)).collect();
    let sold = facts.orders.iter().map(|order| {
        let cod = order.payment == PaymentMethod::Cod;
        let cost = |holds: &dyn Fn(&str) -> bool| -> i64 {
            let lines = order.lines.iter().filter(|line| holds(&line.id));
            let unit = |id: &Option<String>| id.as_deref().and_then(|id| costs.get(id)).copied().unwrap_or(0);
            lines.map(|line| unit(&line.variant_id) * line.quantity).sum()
        };
        let parcels = facts.shipments.iter().filter(|parcel| parcel.order_id == order.id).map(|parcel| Sent {
            id: parcel.id.clone(),
            carrier: parcel.carrier.clone(),
            due: parcel.cod_amount,
            cod,
            cost: cost(&|line| parcel.holds(line)),
            shipped: parcel.shipped_at,
            delivered: parcel.delivered_at,
            returned: parcel.returned_at,
            lost: parcel.lost_at,
        });
        let goods: i64 = order.lines.iter().map(|line| line.unit_price * line.quantity - line.discount).sum();
        let returned = order.refunds.iter().filter(|_| !cod).map(|refund| {
            let lines: i64 = refund.lines.iter().map(|line| line.subtotal + line.tax).sum();
            let shipping = refund.shipping.map_or(0, |back| back.amount + back.tax);
            let goodwill = refund.adjustment.map_or(0, |change| -change.amount - change.tax);
            (refund.processed_at, lines + shipping + goodwill)
        });
        Sold {
            id: order.id.clone(),
            at: order.processed_at,
            paid_at: order.paid_at.filter(|_| !cod),
            total: goods + order.shipping.price - order.shipping.discount,
            vat: order.lines.iter().map(|line| line.tax).sum::<i64>() + order.shipping.tax,
            returned: returned.filter(|(_, amount)| *amount > 0).collect(),
            cost: cost(&|_| true),
            parcels: parcels.collect(),
        }
    });
    Ok(sold.collect())
}
