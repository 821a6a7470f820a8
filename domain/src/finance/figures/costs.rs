//! What selling costs, and the cash that moves.

use super::books::Books;
use super::measure::Measure;
use super::posting::{FactKind, Sink, Source};
use super::sales::refunded;
use super::undefined::Undefined;
use crate::finance::facts::{ChargeKind, ExpenseKind, GIFT_CARD_GATEWAY, OtherCashKind, PaymentKind, PaymentMethod};

impl Books {
    /// Posts all that is no order.
    pub(super) fn post_costs(&self, sink: &mut Sink<'_>) {
        self.post_charges(sink);
        self.post_losses(sink);
        self.post_payments(sink);
        self.post_ads(sink);
        self.post_expenses(sink);
        self.post_purchases(sink);
        self.post_receipts(sink);
    }

    fn post_charges(&self, sink: &mut Sink<'_>) {
        for charge in &self.facts.charges {
            let parcel = self.parcel_places.get(&charge.shipment_id).copied();
            let order = parcel.and_then(|parcel| self.order_of_parcel[parcel]);
            let source = Source::of(FactKind::CarrierCharge, &charge.id).order(order).parcel(parcel);
            let day = self.day(charge.occurred_at);
            let measure = match charge.kind {
                ChargeKind::Outbound | ChargeKind::Surcharge => Measure::FreightOut,
                ChargeKind::Return => Measure::FreightReturn,
                ChargeKind::CodFee => Measure::CodFees,
                ChargeKind::Compensation => Measure::Compensation,
            };
            sink.post(source, day, measure, self.cost(charge.amount, charge.vat));
            sink.post(source, day, Measure::InputVat, i128::from(charge.vat));
            if let Some(paid) = charge.paid_on.filter(|paid| !charge.deducted && *paid <= self.today) {
                let amount = i128::from(charge.amount) + i128::from(charge.vat);
                sink.post(source, paid, Measure::CashCarriers, -amount);
            }
        }
    }

    fn post_losses(&self, sink: &mut Sink<'_>) {
        for (place, parcel) in self.facts.shipments.iter().enumerate() {
            let Some((order, at)) = self.order_of_parcel[place].zip(parcel.goods_lost_at()) else { continue };
            if self.facts.orders[order].payment == PaymentMethod::Cod {
                let source = Source::of(FactKind::Shipment, &parcel.id).order(Some(order)).parcel(Some(place));
                for (index, cost) in self.lost_goods(place) {
                    sink.post(source.line(index), self.day(at), Measure::Losses, cost);
                }
            }
        }
    }

    /// The cost, line by line, of a cash-on-delivery parcel's goods that were lost or came back damaged and had not
    /// been refunded.
    pub(super) fn lost_goods(&self, parcel: usize) -> impl Iterator<Item = (usize, i128)> {
        let shipment = &self.facts.shipments[parcel];
        let lost = self.order_of_parcel[parcel].zip(shipment.goods_lost_at());
        lost.into_iter().flat_map(move |(place, at)| {
            let order = &self.facts.orders[place];
            let views = &self.orders[place].lines;
            let held = move |(line, _): &(&crate::finance::facts::Line, _)| !line.gift_card && shipment.holds(&line.id);
            order.lines.iter().zip(views).enumerate().filter(move |(_, pair)| held(pair)).map(
                move |(index, (line, view))| {
                    let back: i128 = refunded(order, &line.id, at).map(|back| i128::from(back.quantity)).sum();
                    let units = (i128::from(line.quantity) - back).max(0);
                    (index, units * i128::from(view.cost.unwrap_or(0)))
                },
            )
        })
    }

    fn post_payments(&self, sink: &mut Sink<'_>) {
        for payment in &self.facts.payments {
            let order = self.order_places.get(&payment.order_id).copied();
            let source = Source::of(FactKind::Payment, &payment.id).order(order);
            let day = self.day(payment.processed_at);
            let amount = i128::from(payment.amount);
            match payment.fee {
                Some(fee) => {
                    sink.post(source, day, Measure::PaymentFees, self.cost(fee.amount, fee.vat));
                    sink.post(source, day, Measure::InputVat, i128::from(fee.vat));
                }
                None => sink.post(source, day, Measure::UntoldFees, amount),
            }
            sink.post(source, day, Measure::Withheld, payment.withheld_total());
            sink.post(source, day, Measure::WithheldVat, i128::from(payment.withheld_vat()));
            match payment.kind {
                PaymentKind::Charge => {
                    if let Some(fee) = payment.fee.filter(|_| payment.pays_out()) {
                        sink.post(source, day, Measure::GatewayCharged, amount);
                        sink.post(source, day, Measure::GatewayFees, self.cost(fee.amount, fee.vat));
                    }
                }
                PaymentKind::Refund => sink.post(source, day, Measure::RefundsPaid, amount),
                PaymentKind::Chargeback => sink.post(source, day, Measure::Chargebacks, amount),
                PaymentKind::ChargebackReversal => sink.post(source, day, Measure::Chargebacks, -amount),
            }
            if payment.gateway == GIFT_CARD_GATEWAY {
                sink.post(source, day, Measure::GiftCardsRedeemed, payment.signed());
                sink.post(source, day, Measure::OwedGiftCards, -payment.signed());
            }
            let paid_out = payment.payout_at().filter(|at| payment.pays_out() && *at <= self.facts.as_of);
            if let Some((at, net)) = paid_out.zip(payment.net()) {
                sink.post(source, self.day(at), Measure::CashPayouts, net);
            }
        }
    }

    fn post_ads(&self, sink: &mut Sink<'_>) {
        for spend in &self.facts.ad_spend {
            let source = Source { platform: Some(&spend.platform), ..Source::of(FactKind::AdSpend, &spend.id) };
            let cost = self.converted_cost(spend.amount, spend.vat, spend.currency, spend.date);
            sink.post_or(source, spend.date, Measure::AdSpend, cost);
            if spend.vat != 0 {
                let vat = self.converted(spend.vat, spend.currency, spend.date);
                sink.post_or(source, spend.date, Measure::InputVat, vat);
            }
            if let Some(paid) = spend.paid_on.filter(|paid| *paid <= self.today) {
                let cash = self.converted_with_vat(spend.amount, spend.vat, spend.currency, paid);
                sink.post_or(source, paid, Measure::CashAds, negated(cash));
            }
        }
    }

    /// VAT and cash of expenses; what accrues day by day is kept apart (`ledger`).
    fn post_expenses(&self, sink: &mut Sink<'_>) {
        for expense in &self.facts.expenses {
            let source = Source::of(FactKind::Expense, &expense.id);
            if expense.vat != 0 && expense.invoiced_on <= self.today {
                let vat = self.converted(expense.vat, expense.currency, expense.invoiced_on);
                sink.post_or(source, expense.invoiced_on, Measure::InputVat, vat);
            }
            let measure = match expense.kind {
                ExpenseKind::Fixed | ExpenseKind::Variable | ExpenseKind::Marketing => Measure::CashExpenses,
                ExpenseKind::Capex => Measure::CashCapex,
                ExpenseKind::Financing => Measure::CashFinancing,
                ExpenseKind::Owner => Measure::CashOwner,
                ExpenseKind::Tax => Measure::CashTaxes,
            };
            if let Some(paid) = expense.paid_on.filter(|paid| *paid <= self.today) {
                let cash = self.converted_with_vat(expense.amount, expense.vat, expense.currency, paid);
                sink.post_or(source, paid, measure, negated(cash));
            }
        }
    }

    fn post_purchases(&self, sink: &mut Sink<'_>) {
        for purchase in &self.facts.purchases {
            let source = Source::of(FactKind::Purchase, &purchase.id);
            let received = purchase.received_on;
            if received <= self.today {
                let cost = self.converted_cost(purchase.amount, purchase.vat, purchase.currency, received);
                sink.post_or(source, received, Measure::StockBought, cost);
                if purchase.vat != 0 {
                    let vat = self.converted(purchase.vat, purchase.currency, received);
                    sink.post_or(source, received, Measure::InputVat, vat);
                }
            }
            if let Some(paid) = purchase.paid_on.filter(|paid| *paid <= self.today) {
                let cash = self.converted_with_vat(purchase.amount, purchase.vat, purchase.currency, paid);
                sink.post_or(source, paid, Measure::CashSuppliers, negated(cash));
            }
        }
    }

    fn post_receipts(&self, sink: &mut Sink<'_>) {
        for remittance in &self.facts.remittances {
            let source = Source::of(FactKind::Remittance, &remittance.id);
            let day = self.day(remittance.remitted_at);
            sink.post(source, day, Measure::CashRemittances, i128::from(remittance.net));
        }
        for invoice in &self.facts.invoices {
            let source = Source::of(FactKind::Invoice, &invoice.id);
            let billed = self.converted(invoice.amount, invoice.currency, invoice.issued_on);
            sink.post_or(source, invoice.issued_on, Measure::Invoiced, billed);
            for part in &invoice.payments {
                let paid = self.converted(part.amount, invoice.currency, part.date);
                sink.post_or(source, part.date, Measure::CashInvoices, paid);
            }
        }
        for cash in &self.facts.other_cash {
            let source = Source::of(FactKind::OtherCash, &cash.id);
            let measure = match cash.kind {
                OtherCashKind::Financing => Measure::CashFinancing,
                OtherCashKind::Owner => Measure::CashOwner,
                OtherCashKind::Capex => Measure::CashCapex,
            };
            sink.post(source, cash.date, measure, i128::from(cash.amount));
        }
    }
}

fn negated(amount: Result<i64, Undefined>) -> Result<i64, Undefined> {
    amount?.checked_neg().ok_or(Undefined::TooLarge)
}
