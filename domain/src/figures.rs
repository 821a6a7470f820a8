//! Booked sales (FINANCE §2.1), computed from facts with whole minor units and one named rounding. The language model
//! has no part in it.
//!
//! Rules that decide the figures: test orders do not exist; gift-card lines are a liability, not a sale; a line belongs
//! to the day it was booked (`processed_at`, or `added_at` for an edit); a refund to its own day; a cancellation to
//! `cancelled_at`, for whatever was not refunded by then, so that what is refunded later is no second reversal; amounts
//! are without VAT. [`finance`](crate::finance) computes every figure from a whole fact set; that both say the same of
//! booked sales is a test (`booked_sales_say_the_same_here_and_there`).

use crate::money::divide_half_even;
use crate::order::{OrderFacts, OrderLine};
use crate::period::Span;
use crate::{Currency, Money, Timestamp};

/// Definition of these figures; a change of meaning changes it.
pub const BOOKED_VERSION: &str = "booked-sales/1";

/// The booked figures of a period, with the orders behind them.
#[derive(Clone, Debug, PartialEq)]
pub struct BookedSales {
    /// Σ price × quantity, before discounts, without VAT.
    pub gross_sales: Money,
    /// Line and order discounts, without the VAT in them.
    pub discounts: Money,
    /// Refunded subtotals + unrefunded rest of cancelled orders − adjustments.
    pub returns: Money,
    /// gross − discounts − returns.
    pub net_sales: Money,
    /// Shipping charged − its discounts − refunded, without VAT.
    pub shipping_revenue: Money,
    /// VAT charged − refunded.
    pub taxes: Money,
    /// net sales + shipping.
    pub net_revenue: Money,
    /// net revenue + taxes.
    pub total_sales: Money,
    /// Orders booked in the period with a line that is no gift card.
    pub orders: i64,
    /// Of them cancelled by now.
    pub orders_cancelled: i64,
    /// Units sold.
    pub units_sold: i64,
    /// Units refunded or cancelled.
    pub units_returned: i64,
    /// (gross − discounts) of lines present at checkout ÷ orders; `None` without orders.
    pub average_order: Option<Money>,
    /// Names of the orders booked in the period, in order of booking: the proof.
    pub order_names: Vec<String>,
    /// Names of other orders whose refunds or cancellations moved the figures.
    pub reversed_names: Vec<String>,
    /// Orders in another currency, left out and said.
    pub foreign_names: Vec<String>,
}

/// An amount does not fit the arithmetic.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the amounts of order {0} are too large")]
pub struct FigureOverflow(pub String);

#[derive(Default)]
struct Sums {
    gross: i128,
    discounts: i128,
    returns: i128,
    shipping: i128,
    taxes: i128,
    at_checkout: i128,
}

/// Computes the booked figures of `span` in the shop's currency.
///
/// # Errors
/// When an amount does not fit.
pub fn booked_sales(orders: &[OrderFacts], span: &Span, currency: Currency) -> Result<BookedSales, FigureOverflow> {
    let within = |at: Timestamp| span.from <= at && at < span.to;
    let mut sums = Sums::default();
    let mut figures = Counts::default();
    let mut booked: Vec<(Timestamp, &str)> = Vec::new();

    for order in orders.iter().filter(|order| !order.test) {
        if order.currency != currency {
            if within(order.processed_at) {
                figures.foreign.push(order.name.clone());
            }
            continue;
        }
        let sold = order.lines.iter().any(|line| !line.gift_card);
        if within(order.processed_at) && sold {
            figures.orders += 1;
            figures.cancelled += i64::from(order.cancelled_at.is_some());
            booked.push((order.processed_at, &order.name));
        }
        let moved = add_sale(order, within, &mut sums, &mut figures)
            | add_refunds(order, within, &mut sums, &mut figures)
            | add_cancellation(order, within, &mut sums, &mut figures);
        if moved && !within(order.processed_at) {
            figures.reversed.push(order.name.clone());
        }
    }
    booked.sort_unstable();
    finish(&sums, figures, booked, currency)
}

#[derive(Default)]
struct Counts {
    orders: i64,
    cancelled: i64,
    units_sold: i64,
    units_returned: i64,
    reversed: Vec<String>,
    foreign: Vec<String>,
}

fn finish(
    sums: &Sums,
    counts: Counts,
    booked: Vec<(Timestamp, &str)>,
    currency: Currency,
) -> Result<BookedSales, FigureOverflow> {
    let money = |minor: i128| {
        i64::try_from(minor).map(|minor| Money::new(minor, currency)).map_err(|_| FigureOverflow("(sum)".to_owned()))
    };
    let net = sums.gross - sums.discounts - sums.returns;
    let average = match counts.orders {
        0 => None,
        orders => Some(money(divide_half_even(sums.at_checkout, i128::from(orders)))?),
    };
    Ok(BookedSales {
        gross_sales: money(sums.gross)?,
        discounts: money(sums.discounts)?,
        returns: money(sums.returns)?,
        net_sales: money(net)?,
        shipping_revenue: money(sums.shipping)?,
        taxes: money(sums.taxes)?,
        net_revenue: money(net + sums.shipping)?,
        total_sales: money(net + sums.shipping + sums.taxes)?,
        orders: counts.orders,
        orders_cancelled: counts.cancelled,
        units_sold: counts.units_sold,
        units_returned: counts.units_returned,
        average_order: average,
        order_names: booked.into_iter().map(|(_, name)| name.to_owned()).collect(),
        reversed_names: counts.reversed,
        foreign_names: counts.foreign,
    })
}

/// A line's parts without VAT: gross − discount is exactly what was charged net (FINANCE §1.1).
struct NetLine {
    gross: i128,
    discount: i128,
    tax: i128,
}

fn net_line(line: &OrderLine, taxes_included: bool) -> NetLine {
    let price = i128::from(line.unit_price.minor) * i128::from(line.quantity);
    let (discount, tax) = (i128::from(line.discount.minor), i128::from(line.tax.minor));
    if !taxes_included {
        return NetLine { gross: price, discount, tax };
    }
    let rate = i128::from(line.tax_rate_ppm.max(0));
    // VAT inside the discount: extracted once, half-even.
    let tax_in_discount = divide_half_even(discount * rate, 1_000_000 + rate);
    NetLine { gross: price - tax - tax_in_discount, discount: discount - tax_in_discount, tax }
}

fn add_sale(order: &OrderFacts, within: impl Fn(Timestamp) -> bool, sums: &mut Sums, counts: &mut Counts) -> bool {
    let mut moved = false;
    for line in order.lines.iter().filter(|line| !line.gift_card) {
        let net = net_line(line, order.taxes_included);
        if within(line.added_at.unwrap_or(order.processed_at)) {
            sums.gross += net.gross;
            sums.discounts += net.discount;
            sums.taxes += net.tax;
            counts.units_sold += line.quantity;
            moved = true;
        }
        if line.added_at.is_none() && within(order.processed_at) {
            sums.at_checkout += net.gross - net.discount;
        }
    }
    if within(order.processed_at) {
        let (net, tax) = shipping_charged(order);
        sums.shipping += net;
        sums.taxes += tax;
    }
    moved
}

fn shipping_charged(order: &OrderFacts) -> (i128, i128) {
    let mut net = 0;
    let mut tax = 0;
    for charge in &order.shipping {
        let inside = if order.taxes_included { i128::from(charge.tax.minor) } else { 0 };
        net += i128::from(charge.price.minor) - i128::from(charge.discount.minor) - inside;
        tax += i128::from(charge.tax.minor);
    }
    (net, tax)
}

fn is_gift_card(order: &OrderFacts, line_id: &str) -> bool {
    order.lines.iter().any(|line| line.gift_card && line.external_id == line_id)
}

fn add_refunds(order: &OrderFacts, within: impl Fn(Timestamp) -> bool, sums: &mut Sums, counts: &mut Counts) -> bool {
    let mut moved = false;
    for refund in order.refunds.iter().filter(|refund| within(refund.processed_at)) {
        let reversed_before = order.cancelled_at.is_some_and(|cancelled| cancelled < refund.processed_at);
        let lines = refund.lines.iter().filter(|line| !reversed_before && !is_gift_card(order, &line.line_id));
        for line in lines {
            sums.returns += i128::from(line.subtotal.minor);
            sums.taxes -= i128::from(line.tax.minor);
            counts.units_returned += line.quantity;
            moved = true;
        }
        if let Some(shipping) = refund.shipping.filter(|_| !reversed_before) {
            sums.shipping -= i128::from(shipping.amount.minor);
            sums.taxes -= i128::from(shipping.tax.minor);
            moved = true;
        }
        if let Some(adjustment) = refund.adjustment {
            // A restocking fee (+) lowers the returns, goodwill (−) raises them; its tax goes the same way.
            sums.returns -= i128::from(adjustment.amount.minor);
            sums.taxes += i128::from(adjustment.tax.minor);
            moved = true;
        }
    }
    moved
}

/// Reverses, on the day of the cancellation, what no refund has reversed.
fn add_cancellation(
    order: &OrderFacts,
    within: impl Fn(Timestamp) -> bool,
    sums: &mut Sums,
    counts: &mut Counts,
) -> bool {
    let Some(at) = order.cancelled_at else { return false };
    let before = || order.refunds.iter().filter(|refund| refund.processed_at <= at);
    let mut moved = false;
    for line in order.lines.iter().filter(|line| !line.gift_card) {
        // What an edit added to a cancelled order goes when it comes.
        if !within(at.max(line.added_at.unwrap_or(order.processed_at))) {
            continue;
        }
        moved = true;
        let net = net_line(line, order.taxes_included);
        let refunded = before().flat_map(|refund| &refund.lines).filter(|back| back.line_id == line.external_id);
        let (mut amount, mut tax, mut units) = (net.gross - net.discount, net.tax, line.quantity);
        for back in refunded {
            amount -= i128::from(back.subtotal.minor);
            tax -= i128::from(back.tax.minor);
            units -= back.quantity;
        }
        sums.returns += amount;
        sums.taxes -= tax;
        counts.units_returned += units.max(0);
    }
    if within(at) {
        moved = true;
        let (mut net, mut tax) = shipping_charged(order);
        for shipping in before().filter_map(|refund| refund.shipping) {
            net -= i128::from(shipping.amount.minor);
            tax -= i128::from(shipping.tax.minor);
        }
        sums.shipping -= net;
        sums.taxes -= tax;
    }
    moved
}
