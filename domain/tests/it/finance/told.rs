//! Orders of a fact set, as the shop would tell them.

use recado_domain::finance::facts::{Order, PaymentMethod, TaxedAmount};
use recado_domain::order::{self, OrderFacts, OrderLine, RefundLine, ShippingCharge};
use recado_domain::{Currency, Money};

const COP: Currency = Currency::Cop;

pub(super) fn told(order: &Order) -> OrderFacts {
    let money = |minor| Money::new(minor, COP);
    let taxed = |amount: TaxedAmount| order::TaxedAmount { amount: money(amount.amount), tax: money(amount.tax) };
    OrderFacts {
        external_id: order.id.clone(),
        name: order.id.clone(),
        currency: COP,
        email: None,
        phone: None,
        customer: None,
        address: None,
        payment: match order.payment {
            PaymentMethod::Prepaid => order::Payment::Prepaid,
            PaymentMethod::Cod => order::Payment::Cod,
        },
        financial_status: None,
        fulfillment_status: None,
        taxes_included: order.taxes_included,
        test: false,
        processed_at: order.processed_at,
        updated_at: order.processed_at,
        cancelled_at: order.cancelled_at,
        paid_at: None,
        unpaid_at: None,
        confirmed_at: None,
        channel: None,
        gateways: Vec::new(),
        received: Vec::new(),
        total: Money::zero(COP),
        lines: order
            .lines
            .iter()
            .map(|line| OrderLine {
                external_id: line.id.clone(),
                variant_id: line.variant_id.clone(),
                title: String::new(),
                sku: None,
                quantity: line.quantity,
                unit_price: money(line.unit_price),
                discount: money(line.discount),
                tax: money(line.tax),
                tax_rate_ppm: line.tax_rate.to_minor(6).unwrap(),
                gift_card: line.gift_card,
                added_at: line.added_at,
            })
            .collect(),
        shipping: vec![ShippingCharge {
            price: money(order.shipping.price),
            discount: money(order.shipping.discount),
            tax: money(order.shipping.tax),
        }],
        refunds: order
            .refunds
            .iter()
            .map(|refund| order::Refund {
                external_id: refund.id.clone(),
                processed_at: refund.processed_at,
                lines: refund
                    .lines
                    .iter()
                    .map(|line| RefundLine {
                        line_id: line.line_id.clone(),
                        quantity: line.quantity,
                        subtotal: money(line.subtotal),
                        tax: money(line.tax),
                        restocked: line.restocked,
                    })
                    .collect(),
                shipping: refund.shipping.map(taxed),
                adjustment: refund.adjustment.map(taxed),
                payments: Vec::new(),
            })
            .collect(),
    }
}
