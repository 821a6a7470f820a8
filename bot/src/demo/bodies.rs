//! Orders, parcels, scans and refunds in the shape of Shopify's webhooks (CONTRACTS B3).

use recado_domain::{Currency, Money, Timestamp};
use serde_json::{Value, json};

use super::order::{Line, Order};
use super::people::Customer;
use super::plan::Stage;
use super::story::Parcel;

/// Global id of the GraphQL API.
pub(super) fn gid(kind: &str, id: i64) -> String {
    format!("gid://shopify/{kind}/{id}")
}

/// As Shopify writes times: with the shop's offset.
pub(super) fn iso(at: Timestamp) -> String {
    let zone = jiff::tz::TimeZone::get(super::TIMEZONE).unwrap_or(jiff::tz::TimeZone::UTC);
    at.in_zone(&zone).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

pub(super) fn decimal(minor: i64) -> String {
    Money::new(minor, Currency::Cop).to_decimal()
}

fn set(minor: i64) -> Value {
    let money = json!({ "amount": decimal(minor), "currency_code": "COP" });
    json!({ "shop_money": money, "presentment_money": money })
}

/// What of an order has changed since it was booked.
#[derive(Clone)]
pub(super) struct View {
    pub at: Timestamp,
    pub financial: &'static str,
    pub fulfillment: Option<&'static str>,
    pub parcels: Vec<Parcel>,
    pub refunds: Vec<Value>,
    /// Given back in all, VAT inside.
    pub refunded: i64,
    /// Lines that were taken out, by id.
    pub removed: Vec<i64>,
    pub cancelled: Option<(Timestamp, &'static str)>,
}

/// The whole order.
pub(super) fn order_body(order: &Order, view: &View) -> Value {
    let buyer = &order.buyer;
    let email = buyer.email();
    let phone = if order.is_guest() { None } else { buyer.plus_phone() };
    let cod = order.plan.cod;
    let current = order.total() - view.refunded;
    let outstanding = if view.financial == "pending" { current } else { 0 };
    let gateway = match order.plan.stage {
        Stage::Test => "bogus",
        _ if cod => "Cash on Delivery (COD)",
        _ => "wompi",
    };
    let mut body = json!({
        "id": order.id, "admin_graphql_api_id": gid("Order", order.id), "name": format!("#{}", order.number),
        "order_number": order.number, "number": order.number - 1000,
        "confirmation_number": format!("CG{:06}", order.number * 7919 % 1_000_000),
        "email": email, "contact_email": email, "phone": phone, "customer_locale": "es",
        "created_at": iso(order.created), "processed_at": iso(order.created), "updated_at": iso(view.at),
        "closed_at": null, "cancelled_at": view.cancelled.map(|(at, _)| iso(at)),
        "cancel_reason": view.cancelled.map(|(_, reason)| reason),
        "financial_status": view.financial, "fulfillment_status": view.fulfillment,
        "currency": "COP", "presentment_currency": "COP", "taxes_included": true, "tax_exempt": false,
        "test": order.plan.stage == Stage::Test, "confirmed": true, "source_name": "web",
        "payment_gateway_names": [gateway], "tags": if cod { "contra entrega" } else { "" }, "note": null,
        "note_attributes": [], "buyer_accepts_marketing": false,
        "token": format!("{:032x}", order.id), "checkout_token": format!("{:032x}", order.id + 1),
        "order_status_url": format!("https://{}/orders/{}/status", super::SHOP_DOMAIN, order.id),
    });
    let amounts = json!({
        "total_line_items_price": decimal(order.line_total()), "total_line_items_price_set": set(order.line_total()),
        "total_discounts": decimal(order.discount()), "total_discounts_set": set(order.discount()),
        "subtotal_price": decimal(order.subtotal()), "subtotal_price_set": set(order.subtotal()),
        "total_shipping_price_set": set(order.shipping),
        "total_tax": decimal(order.tax()), "total_tax_set": set(order.tax()),
        "total_price": decimal(order.total()), "total_price_set": set(order.total()),
        "current_total_price": decimal(current), "current_total_price_set": set(current),
        "total_outstanding": decimal(outstanding), "tax_lines": [tax_line(order.tax())],
        "discount_codes": order.code.iter().map(|code| json!({
            "code": code, "amount": decimal(order.discount()), "type": "percentage"
        })).collect::<Vec<_>>(),
    });
    let parts = json!({
        "customer": if order.is_guest() { Value::Null } else { customer(buyer) },
        "billing_address": address(buyer, order.is_guest()),
        "shipping_address": if order.is_gift_card() { Value::Null } else { address(buyer, order.is_guest()) },
        "line_items": order.lines.iter().map(|line| line_item(line, view)).collect::<Vec<_>>(),
        "shipping_lines": if order.is_gift_card() { json!([]) } else { json!([shipping_line(order)]) },
        "fulfillments": view.parcels.iter().map(|parcel| fulfillment(order, parcel)).collect::<Vec<_>>(),
        "refunds": view.refunds, "returns": [],
    });
    extend(&mut body, amounts);
    extend(&mut body, parts);
    body
}

fn extend(body: &mut Value, more: Value) {
    if let (Value::Object(body), Value::Object(more)) = (body, more) {
        body.extend(more);
    }
}

fn tax_line(amount: i64) -> Value {
    json!({ "title": "IVA", "rate": 0.19, "price": decimal(amount), "price_set": set(amount), "channel_liable": false })
}

fn customer(buyer: &Customer) -> Value {
    json!({
        "id": buyer.id, "admin_graphql_api_id": gid("Customer", buyer.id), "email": buyer.email(),
        "phone": buyer.plus_phone(), "first_name": buyer.first, "last_name": buyer.last, "state": "disabled",
        "verified_email": true, "tax_exempt": false, "currency": "COP", "default_address": address(buyer, false),
    })
}

fn address(buyer: &Customer, without_phone: bool) -> Value {
    json!({
        "first_name": buyer.first, "last_name": buyer.last, "name": buyer.name(), "company": null,
        "address1": buyer.street, "address2": buyer.detail, "city": buyer.city.name, "zip": buyer.city.zip,
        "province": buyer.city.province, "province_code": buyer.city.code, "country": "Colombia", "country_code": "CO",
        "phone": if without_phone { None } else { buyer.plus_phone() }, "latitude": null, "longitude": null,
    })
}

fn line_item(line: &Line, view: &View) -> Value {
    let item = &line.item;
    let removed = view.removed.contains(&line.id);
    let shipped = view.parcels.iter().any(|parcel| parcel.lines.contains(&line.id));
    let kept = if removed { 0 } else { line.quantity };
    let discounts = if line.discount == 0 {
        json!([])
    } else {
        json!([{ "amount": decimal(line.discount), "amount_set": set(line.discount), "discount_application_index": 0 }])
    };
    json!({
        "id": line.id, "admin_graphql_api_id": gid("LineItem", line.id), "product_id": item.product_id,
        "variant_id": item.variant_id, "product_exists": true, "title": item.title, "variant_title": item.variant,
        "name": format!("{} - {}", item.title, item.variant), "sku": item.sku, "vendor": super::SHOP_NAME,
        "quantity": line.quantity, "current_quantity": kept,
        "fulfillable_quantity": if shipped { 0 } else { kept },
        "fulfillment_status": shipped.then_some("fulfilled"), "fulfillment_service": "manual",
        "price": decimal(item.price * 100), "price_set": set(item.price * 100),
        "total_discount": "0.00", "total_discount_set": set(0), "discount_allocations": discounts,
        "tax_lines": if item.gift_card { json!([]) } else { json!([tax_line(line.tax)]) },
        "taxable": !item.gift_card, "gift_card": item.gift_card, "requires_shipping": !item.gift_card,
        "grams": 900, "properties": [], "duties": [],
    })
}

fn shipping_line(order: &Order) -> Value {
    json!({
        "id": order.id + 900, "title": if order.plan.cod { "Envío con pago contra entrega" } else { "Envío nacional" },
        "code": "nacional", "source": "shopify", "price": decimal(order.shipping), "price_set": set(order.shipping),
        "discounted_price": decimal(order.shipping), "discounted_price_set": set(order.shipping),
        "tax_lines": [tax_line(order.shipping_tax)], "discount_allocations": [],
        "requested_fulfillment_service_id": null, "is_removed": false,
    })
}

/// The body of `fulfillments/create`, and a parcel inside an order.
pub(super) fn fulfillment(order: &Order, parcel: &Parcel) -> Value {
    let page = order.plan.carrier.page(&parcel.tracking);
    let lines: Vec<Value> = order
        .lines
        .iter()
        .filter(|line| parcel.lines.contains(&line.id))
        .map(|line| {
            json!({
                "id": line.id, "variant_id": line.item.variant_id, "product_id": line.item.product_id,
                "title": line.item.title, "variant_title": line.item.variant, "sku": line.item.sku,
                "quantity": line.quantity, "price": decimal(line.item.price * 100),
            })
        })
        .collect();
    json!({
        "id": parcel.id, "admin_graphql_api_id": gid("Fulfillment", parcel.id), "order_id": order.id,
        "name": format!("#{}.{}", order.number, parcel.place), "status": "success", "service": "manual",
        "tracking_company": order.plan.carrier.name(), "tracking_number": parcel.tracking,
        "tracking_numbers": [parcel.tracking], "tracking_url": page, "tracking_urls": [page],
        "shipment_status": parcel.status, "destination": address(&order.buyer, order.is_guest()),
        "email": order.buyer.email(), "location_id": 71_000_000_001_i64, "line_items": lines, "receipt": {},
        "created_at": iso(parcel.created), "updated_at": iso(parcel.updated),
    })
}

/// One scan, before it is worded.
pub(super) struct Scan<'a> {
    pub id: i64,
    pub status: &'static str,
    pub message: &'a str,
    pub city: &'static str,
    pub at: Timestamp,
    pub estimated: Option<Timestamp>,
}

/// The body of `fulfillment_events/create`.
pub(super) fn scan_body(order: &Order, parcel: &Parcel, scan: &Scan<'_>) -> Value {
    json!({
        "id": scan.id, "admin_graphql_api_id": gid("FulfillmentEvent", scan.id), "fulfillment_id": parcel.id,
        "order_id": order.id, "shop_id": 68_000_000_001_i64, "status": scan.status, "message": scan.message,
        "city": scan.city, "province": null, "country": "Colombia", "zip": null, "address1": null,
        "latitude": null, "longitude": null, "happened_at": iso(scan.at), "created_at": iso(scan.at),
        "updated_at": iso(scan.at), "estimated_delivery_at": scan.estimated.map(iso),
    })
}

/// Goods or money going back.
pub(super) struct Refunding<'a> {
    pub id: i64,
    pub at: Timestamp,
    pub note: &'static str,
    /// Whole lines.
    pub lines: &'a [&'a Line],
    /// `return` or `cancel`.
    pub restock: &'static str,
    /// Shipping too.
    pub shipping: bool,
    /// Given without goods, VAT inside.
    pub goodwill: i64,
}

/// The body of `refunds/create` and how much it gives back, VAT inside. Subtotals and adjustments are without VAT.
pub(super) fn refund_body(order: &Order, refund: &Refunding<'_>) -> (Value, i64) {
    let back: i64 = refund.lines.iter().map(|line| line.paid()).sum();
    let shipping = if refund.shipping { order.shipping } else { 0 };
    let total = back + shipping + refund.goodwill;
    let lines: Vec<Value> = refund
        .lines
        .iter()
        .map(|line| {
            let net = line.paid() - line.tax;
            json!({
                "id": line.id + 500, "line_item_id": line.id, "quantity": line.quantity,
                "restock_type": refund.restock, "location_id": 71_000_000_001_i64,
                "subtotal": decimal(net), "subtotal_set": set(net),
                "total_tax": decimal(line.tax), "total_tax_set": set(line.tax),
                "line_item": { "id": line.id, "quantity": line.quantity, "price": decimal(line.item.price * 100) },
            })
        })
        .collect();
    let adjustment = |kind: &str, reason: &str, amount: i64, tax: i64| {
        json!({
            "id": refund.id + 1, "order_id": order.id, "refund_id": refund.id, "kind": kind, "reason": reason,
            "amount": decimal(-(amount - tax)), "amount_set": set(-(amount - tax)),
            "tax_amount": decimal(-tax), "tax_amount_set": set(-tax),
        })
    };
    let mut adjustments = Vec::new();
    if shipping > 0 {
        adjustments.push(adjustment("shipping_refund", "Shipping refund", shipping, order.shipping_tax));
    }
    if refund.goodwill > 0 {
        let tax = super::order::tax_inside(refund.goodwill);
        adjustments.push(adjustment("refund_discrepancy", "Refund discrepancy", refund.goodwill, tax));
    }
    let body = json!({
        "id": refund.id, "admin_graphql_api_id": gid("Refund", refund.id), "order_id": order.id,
        "created_at": iso(refund.at), "processed_at": iso(refund.at), "note": refund.note, "user_id": null,
        "restock": !refund.lines.is_empty(), "refund_line_items": lines, "order_adjustments": adjustments,
        "refund_shipping_lines": [], "duties": [], "return": null,
        "transactions": [{
            "id": refund.id + 2, "order_id": order.id, "kind": "refund", "gateway": "wompi", "status": "success",
            "amount": decimal(total), "currency": "COP", "created_at": iso(refund.at), "processed_at": iso(refund.at),
        }],
    });
    (body, total)
}
