//! Booked sales are computed in two places: from a shop's orders as they are told (`figures`), and from a fact set.

use proptest::prelude::*;
use recado_domain::figures::booked_sales;
use recado_domain::finance::facts::{Order, PaymentMethod, TaxedAmount};
use recado_domain::order::{self, OrderFacts, OrderLine, RefundLine, ShippingCharge};
use recado_domain::period::Period;
use recado_domain::{Currency, Money, Timestamp};

use super::shop::shop;
use super::*;

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
            })
            .collect(),
    }
}

/// Both answers for some days, figure by figure.
fn both(facts: &str, first: &str, last: &str) -> [Vec<String>; 2] {
    let facts = FactSet::from_json(facts).unwrap();
    let orders: Vec<OrderFacts> = facts.orders.iter().map(told).collect();
    let zone = facts.shop.zone.clone();
    let later = Timestamp::parse("2030-01-01T00:00:00Z").unwrap();
    let span = Period::Range { first: day(first), last: day(last) }.resolve(later, &zone);
    let sales = booked_sales(&orders, &span, COP).unwrap();
    let money = |money: Money| money.to_decimal();
    let here = vec![
        money(sales.gross_sales),
        money(sales.discounts),
        money(sales.returns),
        money(sales.net_sales),
        money(sales.shipping_revenue),
        money(sales.taxes),
        money(sales.net_revenue),
        money(sales.total_sales),
        sales.orders.to_string(),
        sales.orders_cancelled.to_string(),
        sales.units_sold.to_string(),
        sales.units_returned.to_string(),
        sales.average_order.map_or_else(|| "null".to_owned(), money),
    ];
    let ledger = Ledger::new(facts, later);
    let figures = ledger.figures(days(first, last));
    let metrics = [
        Metric::BookedGrossSales,
        Metric::BookedDiscounts,
        Metric::BookedReturns,
        Metric::BookedNetSales,
        Metric::BookedShippingRevenue,
        Metric::BookedTaxes,
        Metric::BookedNetRevenue,
        Metric::BookedTotalSales,
        Metric::Orders,
        Metric::OrdersCancelled,
        Metric::BookedUnitsSold,
        Metric::BookedUnitsReturned,
        Metric::Aov,
    ];
    [here, metrics.map(|metric| published(&figures, metric)).to_vec()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn booked_sales_say_the_same_here_and_there(facts in shop(), month in 8_i8..=12) {
        let first = jiff::civil::date(2026, month, 1);
        let [here, there] = both(&facts.to_string(), &first.to_string(), &first.last_of_month().to_string());
        prop_assert_eq!(here, there);
    }
}

#[test]
fn booked_sales_of_the_worked_example_say_the_same() {
    let [here, there] = both(GOLDEN, "2026-09-01", "2026-10-31");
    assert_eq!(here, there);
    assert_eq!(here[3], "1269701.69");
}
