//! An order of the shop, as one of its books.

use super::super::{
    Decimal, FactsError, Line, Order, PaymentMethod, Problem, Refund, RefundLine, Shipping, TaxedAmount,
};
use crate::order::{OrderFacts, Payment};
use crate::{Money, order};

pub(super) fn too_large(order: &str, field: &str) -> FactsError {
    FactsError { path: format!("orders[{order}].{field}"), problem: Problem::TooLarge }
}

fn taxed(amount: order::TaxedAmount) -> TaxedAmount {
    TaxedAmount { amount: amount.amount.minor, tax: amount.tax.minor }
}

pub(super) fn order_of(told: &OrderFacts, id: &str) -> Result<Order, FactsError> {
    let sum = |field: &str, part: fn(&order::ShippingCharge) -> Money| {
        let total = told.shipping.iter().try_fold(0_i64, |total, charge| total.checked_add(part(charge).minor));
        total.ok_or_else(|| too_large(id, field))
    };
    Ok(Order {
        id: id.to_owned(),
        processed_at: told.processed_at,
        customer_id: told.customer.as_ref().and_then(|customer| customer.external_id.clone()),
        payment: match told.payment {
            Payment::Prepaid => PaymentMethod::Prepaid,
            Payment::Cod => PaymentMethod::Cod,
        },
        taxes_included: told.taxes_included,
        confirmed_at: told.confirmed_at,
        paid_at: told.settled_at(),
        cancelled_at: told.cancelled_at,
        channel: told.channel.clone(),
        city: told.address.as_ref().and_then(|address| address.city.clone()),
        lines: told.lines.iter().map(line_of).collect(),
        shipping: Shipping {
            price: sum("shipping.price", |charge| charge.price)?,
            discount: sum("shipping.discount", |charge| charge.discount)?,
            tax: sum("shipping.tax", |charge| charge.tax)?,
            // Its tax is told as an amount; no figure needs the rate.
            tax_rate: Decimal::ZERO,
        },
        refunds: told.refunds.iter().map(refund_of).collect(),
    })
}

fn line_of(told: &order::OrderLine) -> Line {
    Line {
        id: told.external_id.clone(),
        variant_id: told.variant_id.clone(),
        quantity: told.quantity,
        unit_price: told.unit_price.minor,
        discount: told.discount.minor,
        tax: told.tax.minor,
        tax_rate: Decimal { unscaled: told.tax_rate_ppm, scale: 6 },
        gift_card: told.gift_card,
        added_at: told.added_at,
    }
}

fn refund_of(told: &order::Refund) -> Refund {
    let line = |line: &order::RefundLine| RefundLine {
        line_id: line.line_id.clone(),
        quantity: line.quantity,
        subtotal: line.subtotal.minor,
        tax: line.tax.minor,
        restocked: line.restocked,
    };
    Refund {
        id: told.external_id.clone(),
        processed_at: told.processed_at,
        lines: told.lines.iter().map(line).collect(),
        shipping: told.shipping.map(taxed),
        adjustment: told.adjustment.map(taxed),
    }
}

impl Order {
    /// With what the shop did not tell taken from an imported copy.
    pub(super) fn filled_from(self, imported: &Self, told: &OrderFacts) -> Self {
        let untold = told.paid_at.is_none() && told.unpaid_at.is_none();
        Self {
            customer_id: self.customer_id.or_else(|| imported.customer_id.clone()),
            confirmed_at: self.confirmed_at.or(imported.confirmed_at),
            paid_at: if untold { self.paid_at.or(imported.paid_at) } else { self.paid_at },
            channel: self.channel.or_else(|| imported.channel.clone()),
            city: self.city.or_else(|| imported.city.clone()),
            ..self
        }
    }
}
