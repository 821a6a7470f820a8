//! Refunds (CONTRACTS B3). Their amounts are without tax.

use recado_domain::event::CommerceEvent;
use recado_domain::order::{Refund, RefundLine, RefundPayment, TaxedAmount};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::Value;

use super::amount::{add, amount_or_zero, shop_currency};
use super::required_id;
use crate::json::{Part as _, cut};

/// A `refunds/create`. The refund names no currency of its own; without one in its parts it cannot be read.
pub(super) fn event(body: &Value, at: Timestamp) -> Result<CommerceEvent, String> {
    let order_external_id = required_id(body, "order_id")?;
    let currency = currency(body).ok_or("no known currency in lines, adjustments or transactions")?;
    Ok(CommerceEvent::Refund { order_external_id, currency, refund: refund(body, currency, at)? })
}

/// The shop's currency. A transaction's may be the buyer's, so it comes last.
fn currency(body: &Value) -> Option<Currency> {
    let of_lines = body.items("refund_line_items").iter().find_map(|line| shop_currency(line.part("subtotal_set")));
    let of_items = || {
        let item = |line: &Value| shop_currency(line.part("line_item")?.part("price_set"));
        body.items("refund_line_items").iter().find_map(item)
    };
    let of_adjustments =
        || body.items("order_adjustments").iter().find_map(|item| shop_currency(item.part("amount_set")));
    let of_duties = || shop_currency(body.part("total_duties_set"));
    let of_transactions =
        || body.items("transactions").iter().find_map(|item| item.text("currency")?.parse::<Currency>().ok());
    of_lines.or_else(of_items).or_else(of_adjustments).or_else(of_duties).or_else(of_transactions)
}

/// Reads a refund, alone or in its order. `at` stands for a missing time.
pub(super) fn refund(body: &Value, currency: Currency, at: Timestamp) -> Result<Refund, String> {
    let booked = ["processed_at", "created_at"].iter().find_map(|key| body.time(key));
    let all_restocked = body.flag("restock").unwrap_or(false);
    let lines = body.items("refund_line_items").iter().map(|item| line(item, currency, all_restocked));
    let (of_shipping, others): (Vec<_>, Vec<_>) = body
        .items("order_adjustments")
        .iter()
        .partition(|item| item.text("kind").as_deref() == Some("shipping_refund"));
    Ok(Refund {
        external_id: required_id(body, "id")?,
        processed_at: booked.unwrap_or(at),
        lines: lines.collect::<Result<_, _>>()?,
        shipping: match total(&of_shipping, ("amount", "tax_amount"), currency)? {
            Some(sum) => Some(positive(sum)),
            // Since 2026 shipping has a list of its own.
            None => {
                let lines: Vec<&Value> = body.items("refund_shipping_lines").iter().collect();
                total(&lines, ("subtotal_amount", "tax_amount"), currency)?.map(positive)
            }
        },
        adjustment: total(&others, ("amount", "tax_amount"), currency)?,
        payments: payments(body, currency)?.unwrap_or_default(),
    })
}

/// The money that went back; `None` when an amount of it stands in another currency than the shop's. What has not gone
/// back yet, or failed to, is told again with the order.
pub(super) fn payments(body: &Value, currency: Currency) -> Result<Option<Vec<RefundPayment>>, String> {
    let of = |item: &Value, key: &str, word: &str| item.text(key).is_none_or(|told| told.eq_ignore_ascii_case(word));
    let gone = body.items("transactions").iter().enumerate();
    let mut payments = Vec::new();
    for (place, item) in gone.filter(|(_, item)| of(item, "kind", "refund") && of(item, "status", "success")) {
        if item.text("currency").is_some_and(|code| code.parse::<Currency>() != Ok(currency)) {
            return Ok(None);
        }
        payments.push(RefundPayment {
            external_id: item.id("id").unwrap_or_else(|| place.to_string()),
            gateway: item.text("gateway").map(|name| cut(&name, 60)),
            amount: amount_or_zero(item, "amount", currency)?,
        });
    }
    payments.retain(|payment| payment.amount.minor > 0);
    Ok(Some(payments))
}

fn line(item: &Value, currency: Currency, all_restocked: bool) -> Result<RefundLine, String> {
    let inner = || item.part("line_item").and_then(|line| line.id("id"));
    let restocked = match item.text("restock_type").as_deref() {
        Some("return" | "cancel" | "legacy_restock") => true,
        Some(_) => false,
        None => all_restocked,
    };
    Ok(RefundLine {
        line_id: item.id("line_item_id").or_else(inner).ok_or("a refunded line names no line")?,
        quantity: item.whole("quantity").filter(|quantity| *quantity >= 0).ok_or("a refunded line has no quantity")?,
        subtotal: amount_or_zero(item, "subtotal", currency)?,
        tax: amount_or_zero(item, "total_tax", currency)?,
        restocked,
    })
}

fn total(items: &[&Value], keys: (&str, &str), currency: Currency) -> Result<Option<TaxedAmount>, String> {
    let mut sum: Option<TaxedAmount> = None;
    for item in items {
        let (amount, tax) = (amount_or_zero(item, keys.0, currency)?, amount_or_zero(item, keys.1, currency)?);
        let zero = TaxedAmount { amount: Money::zero(currency), tax: Money::zero(currency) };
        let before = sum.unwrap_or(zero);
        sum = Some(TaxedAmount { amount: add(before.amount, amount)?, tax: add(before.tax, tax)? });
    }
    Ok(sum)
}

/// Shopify writes shipping given back as a negative adjustment; we keep how much was given back.
fn positive(sum: TaxedAmount) -> TaxedAmount {
    let size = |money: Money| Money::new(money.minor.saturating_abs(), money.currency);
    TaxedAmount { amount: size(sum.amount), tax: size(sum.tax) }
}
