//! Orders (CONTRACTS B3).

use recado_domain::order::{OrderFacts, OrderLine, Payment, PostalAddress, Received, ShippingCharge, money_came};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::Value;
use unicode_normalization::UnicodeNormalization as _;

use super::amount::{add, amount, amount_or_zero, sum, tax_rate_ppm};
use super::refund::{payments, refund};
use super::required_id;
use super::things::customer;
use crate::json::{Part as _, cut};

/// How gateways of cash on delivery are called, without accents and in lower case.
const CASH_ON_DELIVERY: [&str; 8] = [
    "cash on delivery",
    "contra entrega",
    "contraentrega",
    "contra-entrega",
    "pago contra",
    "pagamento na entrega",
    "pagar na entrega",
    "contrareembolso",
];

/// Reads an order. `at` stands for missing times.
pub(super) fn order(body: &Value, at: Timestamp) -> Result<OrderFacts, String> {
    let external_id = required_id(body, "id")?;
    let currency = currency(body)?;
    let updated_at = body.time("updated_at").unwrap_or(at);
    let booked = ["processed_at", "created_at"].iter().find_map(|key| body.time(key));
    let number = || body.id("order_number").map(|number| format!("#{number}"));
    let total = match amount(body, "current_total_price", currency)? {
        Some(total) => total,
        None => amount(body, "total_price", currency)?.ok_or("no total price")?,
    };
    let lines = body.items("line_items").iter().enumerate().map(|(index, item)| line(index, item, currency));
    let shipping = body.items("shipping_lines").iter().filter(|line| line.flag("is_removed") != Some(true));
    let refunds = body.items("refunds").iter().map(|item| refund(item, currency, updated_at));
    let buyer = body.part("customer").map(customer);
    // An order names no instant of its payment: what a version says is true at that version's instant.
    let came = body.text("financial_status").as_deref().and_then(money_came);
    let received = match came {
        Some(true) => received(body, currency)?,
        Some(false) | None => None,
    };
    let told = |amount| Received { amount, first_at: updated_at, last_at: updated_at };
    Ok(OrderFacts {
        name: cut(&body.text("name").or_else(number).unwrap_or_else(|| external_id.clone()), 80),
        external_id,
        currency,
        email: body.text("email").or_else(|| body.text("contact_email")),
        phone: phone(body),
        customer: buyer.filter(|buyer| *buyer != Default::default()),
        address: body.part("shipping_address").map(address),
        payment: payment(body),
        financial_status: body.text("financial_status"),
        fulfillment_status: body.text("fulfillment_status"),
        taxes_included: body.flag("taxes_included").unwrap_or(false),
        test: body.flag("test").unwrap_or(false),
        processed_at: booked.unwrap_or(updated_at),
        updated_at,
        cancelled_at: body.time("cancelled_at"),
        paid_at: (came == Some(true)).then_some(updated_at),
        unpaid_at: (came == Some(false)).then_some(updated_at),
        confirmed_at: confirmed(body).then_some(updated_at),
        channel: body.text("source_name").map(|name| cut(&name, 60)),
        gateways: gateways(body).map(|name| cut(name, 60)).collect(),
        received: received.map(told).into_iter().collect(),
        total,
        lines: lines.collect::<Result<_, _>>()?,
        shipping: shipping.map(|line| shipping_charge(line, currency)).collect::<Result<_, _>>()?,
        refunds: refunds.collect::<Result<_, _>>()?,
    })
}

fn currency(body: &Value) -> Result<Currency, String> {
    let code = body.text("currency").ok_or("no currency")?;
    code.parse::<Currency>().map_err(|_| "the currency is not one that we know".to_owned())
}

fn line(index: usize, item: &Value, currency: Currency) -> Result<OrderLine, String> {
    let title = item.text("title").or_else(|| item.text("name")).unwrap_or_default();
    let variant = item.text("variant_title").filter(|variant| variant != "Default Title");
    let taxes = item.items("tax_lines");
    let allocations = item.items("discount_allocations");
    let discount = if allocations.is_empty() {
        amount_or_zero(item, "total_discount", currency)?
    } else {
        sum(allocations, "amount", currency)?
    };
    Ok(OrderLine {
        // Samples have lines without id; within one order the place tells them apart.
        external_id: item.id("id").unwrap_or_else(|| format!("line-{}", index + 1)),
        variant_id: item.id("variant_id"),
        title: cut(&variant.map_or_else(|| title.clone(), |variant| format!("{title} · {variant}")), 300),
        sku: item.text("sku"),
        quantity: item.whole("quantity").filter(|quantity| *quantity >= 0).ok_or("a line has no quantity")?,
        unit_price: amount(item, "price", currency)?.ok_or("a line has no price")?,
        discount,
        tax: sum(taxes, "price", currency)?,
        tax_rate_ppm: tax_rate_ppm(taxes)?,
        gift_card: item.flag("gift_card").unwrap_or(false),
        added_at: None,
    })
}

fn shipping_charge(line: &Value, currency: Currency) -> Result<ShippingCharge, String> {
    let price = amount_or_zero(line, "price", currency)?;
    let allocations = line.items("discount_allocations");
    let discount = if allocations.is_empty() {
        match amount(line, "discounted_price", currency)? {
            Some(discounted) => price.minus(discounted).map_err(|error| error.to_string())?,
            None => Money::zero(currency),
        }
    } else {
        sum(allocations, "amount", currency)?
    };
    Ok(ShippingCharge { price, discount, tax: sum(line.items("tax_lines"), "price", currency)? })
}

/// How shops and their apps tag an order of cash on delivery that the buyer has confirmed, lower case.
const CONFIRMED: [&str; 8] = [
    "confirmado",
    "confirmada",
    "pedido confirmado",
    "cod confirmado",
    "cod confirmed",
    "confirmed",
    "order confirmed",
    "whatsapp confirmado",
];

/// Shopify's own `confirmed` speaks of stock; a buyer's word stands in the tags.
fn confirmed(body: &Value) -> bool {
    let tags = body.text("tags").unwrap_or_default();
    let plain = |tag: &str| tag.trim().to_lowercase().replace(['_', '-'], " ");
    tags.split(',').any(|tag| CONFIRMED.contains(&plain(tag).as_str()))
}

fn gateways(body: &Value) -> impl Iterator<Item = &str> {
    let names = body.items("payment_gateway_names").iter().filter_map(Value::as_str);
    let single = body.get("gateway").and_then(Value::as_str);
    names.chain(single)
}

fn payment(body: &Value) -> Payment {
    if gateways(body).any(is_cash_on_delivery) { Payment::Cod } else { Payment::Prepaid }
}

/// How much money had come in all: what the order costs now less what is outstanding, and what went back. `None` = this
/// version does not say.
fn received(body: &Value, currency: Currency) -> Result<Option<Money>, String> {
    let minus = |left: Money, right: Money| left.minus(right).map_err(|error| error.to_string());
    let outstanding = amount(body, "total_outstanding", currency)?;
    let now = amount(body, "current_total_price", currency)?;
    let back = body.items("refunds").iter().map(|refund| payments(refund, currency));
    let back = back.collect::<Result<Option<Vec<_>>, String>>()?;
    let came = match (now, back, outstanding) {
        (Some(now), Some(back), Some(outstanding)) => {
            let sums = back.iter().flatten().map(|payment| payment.amount);
            sums.fold(minus(now, outstanding), |sum, back| add(sum?, back))?
        }
        (_, _, outstanding) => {
            // What was ordered at first: paid in whole, unless something of it is outstanding.
            let partly = body.text("financial_status").as_deref() == Some("partially_paid");
            let Some(total) = amount(body, "total_price", currency)? else { return Ok(None) };
            match outstanding {
                Some(outstanding) => minus(total, outstanding)?,
                None if partly => return Ok(None),
                None => total,
            }
        }
    };
    Ok((came.minor >= 0).then_some(came))
}

fn is_cash_on_delivery(gateway: &str) -> bool {
    // Decomposed, accents are marks of their own and fall away.
    let plain: String = gateway.nfd().filter(|letter| letter.is_alphanumeric() || " -()_".contains(*letter)).collect();
    let plain = plain.to_lowercase().replace('_', " ");
    CASH_ON_DELIVERY.iter().any(|name| plain.contains(name))
        || plain.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "cod")
}

fn phone(body: &Value) -> Option<String> {
    let of = |key: &str| body.part(key).and_then(|part| part.text("phone"));
    body.text("phone").or_else(|| of("shipping_address")).or_else(|| of("customer")).or_else(|| of("billing_address"))
}

fn address(address: &Value) -> PostalAddress {
    let composed = || {
        let names: Vec<String> = ["first_name", "last_name"].iter().filter_map(|key| address.text(key)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    };
    PostalAddress {
        name: address.text("name").or_else(composed),
        line1: address.text("address1"),
        line2: address.text("address2"),
        city: address.text("city"),
        province: address.text("province"),
        country: address.text("country_code").or_else(|| address.text("country")),
        zip: address.id("zip"),
        phone: address.text("phone"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cash_on_delivery_is_recognised_by_any_of_its_names() {
        for name in [
            "Cash on Delivery (COD)",
            "Pago Contra Entrega",
            "PAGO CONTRAENTREGA",
            "Pago contra reembolso",
            "cod",
            "cash_on_delivery",
            "Pagamento na Entrega",
            "Págo cóntra entrega",
        ] {
            assert!(is_cash_on_delivery(name), "{name}");
        }
        for name in ["bogus", "shopify_payments", "Código QR", "Wompi", "codensa"] {
            assert!(!is_cash_on_delivery(name), "{name}");
        }
    }
}
