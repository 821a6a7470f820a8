//! What was known at an instant.

use jiff::civil::Date;

use super::FactSet;
use crate::Timestamp;

impl FactSet {
    /// The same facts as they were known at `as_of`: what is dated later does not exist. A later payout, due or payment
    /// date of something known is a schedule and stays.
    #[must_use]
    pub fn known_at(mut self, as_of: Timestamp) -> Self {
        let today = as_of.in_zone(&self.shop.zone).date();
        let known = |at: Timestamp| at <= as_of;
        let forget = |at: &mut Option<Timestamp>| *at = at.filter(|at| known(*at));
        let day = |date: Date| date <= today;

        self.as_of = as_of;
        self.synced_at = self.synced_at.filter(|at| known(*at));
        self.rates.retain(|rate| day(rate.date));
        self.orders.retain(|order| known(order.processed_at));
        for order in &mut self.orders {
            forget(&mut order.confirmed_at);
            forget(&mut order.paid_at);
            forget(&mut order.cancelled_at);
            order.lines.retain(|line| line.added_at.is_none_or(known));
            order.refunds.retain(|refund| known(refund.processed_at));
        }
        self.shipments.retain(|parcel| known(parcel.shipped_at));
        for parcel in &mut self.shipments {
            forget(&mut parcel.delivered_at);
            forget(&mut parcel.returned_at);
            forget(&mut parcel.lost_at);
        }
        self.charges.retain(|charge| known(charge.occurred_at));
        self.payments.retain(|payment| known(payment.processed_at));
        self.remittances.retain(|remittance| known(remittance.remitted_at));
        self.ad_spend.retain(|spend| day(spend.date));
        self.inventory.retain(|stock| day(stock.date));
        self.invoices.retain(|invoice| day(invoice.issued_on));
        for invoice in &mut self.invoices {
            invoice.payments.retain(|part| day(part.date));
        }
        self.cash.retain(|balance| known(balance.at));
        self.other_cash.retain(|cash| day(cash.date));
        // Expenses and purchases stay: what is known accrues even if it is billed later, and may be paid before it
        // arrives. Whoever reads their dates compares them with today.
        self
    }
}
