//! Orders, from JSON to facts.

use super::read::{At, Read, last_copies};
use super::{Decimal, Line, Order, Problem, Refund, RefundLine, Shipping, TaxedAmount, wire};
use crate::Currency;

/// The VAT rate of a line that names none.
const DEFAULT_TAX_RATE: Decimal = Decimal { unscaled: 19, scale: 2 };

pub(super) fn order(at: At<'_>, order: wire::Order, currency: Currency) -> Read<Order> {
    let shipping = Shipping {
        price: at.amount("shipping.price", order.shipping.price, currency)?,
        discount: at.amount("shipping.discount", order.shipping.discount, currency)?,
        tax: at.amount("shipping.tax", order.shipping.tax, currency)?,
        tax_rate: order.shipping.tax_rate.unwrap_or(DEFAULT_TAX_RATE),
    };
    let lines = last_copies(order.lines.into_iter().enumerate(), |(_, line)| line.id.clone())
        .into_iter()
        .map(|(index, line)| {
            let at = at.inner("lines", index);
            let tax_rate = line.tax_rate.unwrap_or(DEFAULT_TAX_RATE);
            if tax_rate.unscaled < 0 {
                return Err(at.error("tax_rate", Problem::Negative));
            }
            Ok(Line {
                quantity: at.count("qty", line.qty)?,
                unit_price: at.amount("unit_price", line.unit_price, currency)?,
                discount: at.amount("discount", line.discount, currency)?,
                tax: at.amount("tax", line.tax, currency)?,
                tax_rate,
                gift_card: line.gift_card,
                added_at: line.added_at,
                variant_id: line.variant_id,
                id: line.id,
            })
        })
        .collect::<Read<_>>()?;
    let refunds = last_copies(order.refunds.into_iter().enumerate(), |(_, refund)| refund.id.clone())
        .into_iter()
        .map(|(index, refund)| self::refund(at.inner("refunds", index), refund, currency))
        .collect::<Read<_>>()?;
    Ok(Order {
        id: order.id,
        processed_at: order.processed_at,
        customer_id: order.customer_id,
        payment: order.payment,
        taxes_included: order.taxes_included.unwrap_or(true),
        confirmed_at: order.confirmed_at,
        paid_at: order.paid_at,
        cancelled_at: order.cancelled_at,
        channel: order.channel,
        city: order.city,
        lines,
        shipping,
        refunds,
    })
}

fn refund(at: At<'_>, refund: wire::Refund, currency: Currency) -> Read<Refund> {
    let lines = refund
        .lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| {
            let field = |name: &str| format!("lines[{index}].{name}");
            Ok(RefundLine {
                quantity: at.count(&field("qty"), line.qty)?,
                subtotal: at.amount(&field("subtotal"), line.subtotal, currency)?,
                tax: at.amount(&field("tax"), line.tax, currency)?,
                restocked: line.restock,
                line_id: line.line_id,
            })
        })
        .collect::<Read<_>>()?;
    let taxed = |name: &str, value: Option<wire::Taxed>| {
        value
            .map(|value| {
                Ok(TaxedAmount {
                    amount: at.amount(&format!("{name}.amount"), value.amount, currency)?,
                    tax: at.amount(&format!("{name}.tax"), value.tax, currency)?,
                })
            })
            .transpose()
    };
    Ok(Refund {
        id: refund.id,
        processed_at: refund.processed_at,
        lines,
        shipping: taxed("shipping", refund.shipping)?,
        adjustment: taxed("adjustment", refund.adjustment)?,
    })
}
