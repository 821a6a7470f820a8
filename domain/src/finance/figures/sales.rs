//! Sales, as booked and as realised, and the cost of what was sold.

use super::books::{Books, LineView, OrderView, has_goods, shipping_charged};
use super::measure::Measure;
use super::posting::{FactKind, Sink, Source};
use crate::Timestamp;
use crate::finance::facts::{Line, Order, Refund, RefundLine};

/// The measures of one basis.
struct Measures {
    gross: Measure,
    discounts: Measure,
    returns: Measure,
    shipping: Measure,
    taxes: Measure,
    units: Measure,
    units_returned: Measure,
}

const BOOKED: Measures = Measures {
    gross: Measure::BookedGross,
    discounts: Measure::BookedDiscounts,
    returns: Measure::BookedReturns,
    shipping: Measure::BookedShipping,
    taxes: Measure::BookedTaxes,
    units: Measure::BookedUnits,
    units_returned: Measure::BookedUnitsReturned,
};
const REALISED: Measures = Measures {
    gross: Measure::RealisedGross,
    discounts: Measure::RealisedDiscounts,
    returns: Measure::RealisedReturns,
    shipping: Measure::RealisedShipping,
    taxes: Measure::RealisedTaxes,
    units: Measure::RealisedUnits,
    units_returned: Measure::RealisedUnitsReturned,
};

/// Goods or money that go back.
struct Reversal {
    amount: i128,
    tax: i128,
    units: i128,
    /// Units that are on the shelf again.
    restocked: i128,
}

impl Books {
    /// Posts one order: its sale, its refunds, its cancellation.
    pub(super) fn post_order(&self, place: usize, sink: &mut Sink<'_>) {
        let (order, view) = (&self.facts.orders[place], &self.orders[place]);
        let source = Source::of(FactKind::Order, &order.id).order(Some(place));
        let booked = self.day(order.processed_at);
        if has_goods(order) {
            sink.post(source, booked, Measure::Orders, 1);
            match (order.cancelled_at, view.realised) {
                (Some(_), _) => sink.post(source, booked, Measure::OrdersCancelled, 1),
                (None, Some(at)) => sink.post(source, self.day(at), Measure::RealisedOrders, 1),
                (None, None) => {}
            }
        }
        for (index, (line, view)) in order.lines.iter().zip(&view.lines).enumerate() {
            self.post_line(line, view, source.line(index), sink);
        }
        let (shipping, tax) = shipping_charged(order);
        self.on_both(order.processed_at, view.shipping_realised, |day, measures| {
            sink.post(source, day, measures.shipping, shipping);
            sink.post(source, day, measures.taxes, tax);
        });
        for refund in &order.refunds {
            self.post_refund(order, view, refund, place, sink);
        }
        if let Some(at) = order.cancelled_at {
            self.post_cancellation(order, view, at, source, sink);
        }
    }

    /// Once on its own day as booked; once on the realised basis, not before what it reverses or sells was realised.
    fn on_both(&self, at: Timestamp, realised: Option<Timestamp>, mut post: impl FnMut(jiff::civil::Date, &Measures)) {
        post(self.day(at), &BOOKED);
        if let Some(realised) = realised {
            post(self.day(realised.max(at)), &REALISED);
        }
    }

    fn post_line(&self, line: &Line, view: &LineView, source: Source<'_>, sink: &mut Sink<'_>) {
        let net = view.net;
        if line.gift_card {
            let paid = net.value() + net.tax;
            sink.post(source, self.day(view.booked), Measure::GiftCardsSold, paid);
            sink.post(source, self.day(view.booked), Measure::OwedGiftCards, paid);
            return;
        }
        self.on_both(view.booked, view.realised, |day, measures| {
            sink.post(source, day, measures.gross, net.gross);
            sink.post(source, day, measures.discounts, net.discount);
            sink.post(source, day, measures.taxes, net.tax);
            sink.post(source, day, measures.units, i128::from(line.quantity));
        });
        if line.added_at.is_none() {
            sink.post(source, self.day(view.booked), Measure::AtCheckout, net.value());
        }
        if let (Some(realised), Some(cost)) = (view.realised, view.cost) {
            let day = self.day(realised);
            sink.post(source, day, Measure::Cogs, i128::from(line.quantity) * i128::from(cost));
            sink.post(source, day, Measure::KnownValue, net.value());
            sink.post(source, day, Measure::KnownNet, net.value());
        }
    }

    fn post_refund(&self, order: &Order, view: &OrderView, refund: &Refund, place: usize, sink: &mut Sink<'_>) {
        let source = Source::of(FactKind::Refund, &refund.id).order(Some(place));
        let at = refund.processed_at;
        // A cancellation has reversed every line and the shipping: what is refunded later is no second reversal.
        let reversed_before = order.cancelled_at.is_some_and(|cancelled| cancelled < at);
        if !reversed_before {
            for back in &refund.lines {
                let found = order.lines.iter().position(|line| line.id == back.line_id);
                let reversal = Reversal {
                    amount: i128::from(back.subtotal),
                    tax: i128::from(back.tax),
                    units: i128::from(back.quantity),
                    restocked: if back.restocked { i128::from(back.quantity) } else { 0 },
                };
                match found {
                    Some(index) => {
                        let line = (&order.lines[index], &view.lines[index]);
                        self.post_reversal(line, &reversal, at, source.line(index), sink);
                    }
                    // A line nobody knows: money goes back, no goods; it follows the shipping.
                    None => self.on_both(at, view.shipping_realised, |day, measures| {
                        sink.post(source, day, measures.returns, reversal.amount);
                        sink.post(source, day, measures.taxes, -reversal.tax);
                        sink.post(source, day, measures.units_returned, reversal.units);
                    }),
                }
            }
            if let Some(shipping) = refund.shipping {
                self.on_both(at, view.shipping_realised, |day, measures| {
                    sink.post(source, day, measures.shipping, -i128::from(shipping.amount));
                    sink.post(source, day, measures.taxes, -i128::from(shipping.tax));
                });
            }
        }
        if let Some(adjustment) = refund.adjustment {
            // A restocking fee (+) lowers the returns, goodwill (−) raises them; its tax goes the same way.
            self.on_both(at, view.shipping_realised, |day, measures| {
                sink.post(source, day, measures.returns, -i128::from(adjustment.amount));
                sink.post(source, day, measures.taxes, i128::from(adjustment.tax));
            });
        }
    }

    fn post_reversal(
        &self,
        (line, view): (&Line, &LineView),
        reversal: &Reversal,
        at: Timestamp,
        source: Source<'_>,
        sink: &mut Sink<'_>,
    ) {
        if line.gift_card {
            let paid = reversal.amount + reversal.tax;
            sink.post(source, self.day(at), Measure::GiftCardsSold, -paid);
            sink.post(source, self.day(at), Measure::OwedGiftCards, -paid);
            return;
        }
        self.on_both(at, view.realised, |day, measures| {
            sink.post(source, day, measures.returns, reversal.amount);
            sink.post(source, day, measures.taxes, -reversal.tax);
            sink.post(source, day, measures.units_returned, reversal.units);
        });
        if let (Some(realised), Some(cost)) = (view.realised, view.cost) {
            let day = self.day(realised.max(at));
            sink.post(source, day, Measure::Cogs, -reversal.restocked * i128::from(cost));
            sink.post(source, day, Measure::KnownNet, -reversal.amount);
        }
    }

    /// Reverses, on the day of the cancellation, what no refund has reversed before.
    fn post_cancellation(
        &self,
        order: &Order,
        view: &OrderView,
        at: Timestamp,
        source: Source<'_>,
        sink: &mut Sink<'_>,
    ) {
        for (index, (line, view)) in order.lines.iter().zip(&view.lines).enumerate() {
            let mut rest = Reversal {
                amount: view.net.value(),
                tax: view.net.tax,
                units: i128::from(line.quantity),
                restocked: 0,
            };
            for back in refunded(order, &line.id, at) {
                rest.amount -= i128::from(back.subtotal);
                rest.tax -= i128::from(back.tax);
                rest.units -= i128::from(back.quantity);
            }
            rest.units = rest.units.max(0);
            rest.restocked = rest.units;
            self.post_reversal((line, view), &rest, at.max(view.booked), source.line(index), sink);
        }
        let (mut shipping, mut tax) = shipping_charged(order);
        for back in order.refunds.iter().filter(|refund| refund.processed_at <= at).filter_map(|refund| refund.shipping)
        {
            shipping -= i128::from(back.amount);
            tax -= i128::from(back.tax);
        }
        self.on_both(at, view.shipping_realised, |day, measures| {
            sink.post(source, day, measures.shipping, -shipping);
            sink.post(source, day, measures.taxes, -tax);
        });
    }
}

/// What was refunded of a line up to an instant.
pub(super) fn refunded<'a>(
    order: &'a Order,
    line_id: &'a str,
    until: Timestamp,
) -> impl Iterator<Item = &'a RefundLine> {
    let refunds = order.refunds.iter().filter(move |refund| refund.processed_at <= until);
    refunds.flat_map(|refund| &refund.lines).filter(move |line| line.line_id == line_id)
}
