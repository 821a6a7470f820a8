//! What is held and owed at an instant.

use std::collections::BTreeMap;

use super::books::Books;
use super::days::{distance, shifted};
use super::measure::Measure;
use super::posting::{FactKind, Sink, Source};
use super::undefined::Undefined;
use crate::finance::facts::{CashBalance, ExpenseKind, Outcome, Payout};

/// What is expected to be lost of an invoice by the days past its due date, in percent (FINANCE §2.5).
pub(super) const LOSS_RATES: [(Measure, i64); 6] = [
    (Measure::InvoicesCurrent, 2),
    (Measure::InvoicesTo30, 4),
    (Measure::InvoicesTo60, 9),
    (Measure::InvoicesTo90, 25),
    (Measure::InvoicesTo180, 50),
    (Measure::InvoicesOlder, 100),
];

/// The bucket of an invoice so many days past its due date; due today is current.
pub(super) const fn age(days_past_due: i64) -> Measure {
    match days_past_due {
        i64::MIN..=0 => Measure::InvoicesCurrent,
        1..=30 => Measure::InvoicesTo30,
        31..=60 => Measure::InvoicesTo60,
        61..=90 => Measure::InvoicesTo90,
        91..=180 => Measure::InvoicesTo180,
        _ => Measure::InvoicesOlder,
    }
}

/// What is expected to be lost of a bucket, in percent.
pub(super) fn loss_percent(bucket: Measure) -> i64 {
    LOSS_RATES.iter().find(|(measure, _)| *measure == bucket).map_or(0, |(_, percent)| *percent)
}

impl Books {
    /// Posts balances, all on the day of `as_of`. Open amounts in another currency convert at that day's rate.
    pub(super) fn post_balances(&self, sink: &mut Sink<'_>) {
        self.post_accounts(sink);
        self.post_cod(sink);
        self.post_receivables(sink);
        self.post_payables(sink);
    }

    fn post_accounts(&self, sink: &mut Sink<'_>) {
        let mut last: BTreeMap<&str, &CashBalance> = BTreeMap::new();
        for balance in &self.facts.cash {
            let known = last.entry(&balance.account).or_insert(balance);
            if balance.at > known.at {
                *known = balance;
            }
        }
        for (account, balance) in last {
            let value = self.converted(balance.balance, balance.currency, self.today);
            sink.post_or(Source::of(FactKind::Cash, account), self.today, Measure::HeldCash, value);
        }
        if self.facts.cash.is_empty() {
            let source = Source::of(FactKind::Cash, "");
            sink.post_or(source, self.today, Measure::HeldCash, Err(Undefined::NoCashBalance));
        }
        match self.facts.inventory.iter().max_by_key(|stock| stock.date) {
            Some(stock) => {
                let date = stock.date.to_string();
                sink.post(
                    Source::of(FactKind::Inventory, &date),
                    self.today,
                    Measure::HeldInventory,
                    stock.value.into(),
                );
            }
            None => {
                let source = Source::of(FactKind::Inventory, "");
                sink.post_or(source, self.today, Measure::HeldInventory, Err(Undefined::NoStockSnapshot));
            }
        }
    }

    fn post_cod(&self, sink: &mut Sink<'_>) {
        for (place, parcel) in self.facts.shipments.iter().enumerate() {
            let source =
                Source::of(FactKind::Shipment, &parcel.id).order(self.order_of_parcel[place]).parcel(Some(place));
            let due = i128::from(parcel.cod_amount);
            match parcel.outcome() {
                Outcome::Delivered(at) => {
                    let open = due - self.settled[place].collected;
                    sink.post(source, self.today, Measure::CodDue, open.max(0));
                    sink.post(source, self.today, Measure::CodOverpaid, (-open).max(0));
                    if open > 0 {
                        match self.facts.shop.carriers.get(&parcel.carrier) {
                            Some(terms) if shifted(self.day(at), terms.term_days.into()) < self.today => {
                                sink.post(source, self.today, Measure::CodOverdue, open);
                            }
                            Some(_) => {}
                            None => {
                                let unknown = Err(Undefined::NoCarrierTerms);
                                sink.post_or(source, self.today, Measure::CodOverdue, unknown);
                            }
                        }
                    }
                }
                Outcome::InTransit => sink.post(source, self.today, Measure::CodOnTheWay, due),
                Outcome::Returned(_) | Outcome::Lost(_) => {}
            }
        }
    }

    fn post_receivables(&self, sink: &mut Sink<'_>) {
        for payment in self.facts.payments.iter().filter(|payment| payment.pays_out()) {
            let order = self.order_places.get(&payment.order_id).copied();
            let source = Source::of(FactKind::Payment, &payment.id).order(order);
            match (payment.payout, payment.net()) {
                (Payout::At(at), _) if at <= self.facts.as_of => {}
                (Payout::At(_) | Payout::Open, Some(net)) => {
                    sink.post(source, self.today, Measure::GatewayPending, net);
                }
                (Payout::Untold, _) | (_, None) => {
                    sink.post(source, self.today, Measure::UntoldPayouts, payment.amount.into());
                }
            }
        }
        for invoice in &self.facts.invoices {
            let open = match i64::try_from(invoice.open()) {
                Ok(0) => continue,
                Ok(open) => self.converted(open, invoice.currency, self.today),
                Err(_) => Err(Undefined::TooLarge),
            };
            let bucket = age(distance(invoice.due_on, self.today));
            sink.post_or(Source::of(FactKind::Invoice, &invoice.id), self.today, bucket, open);
        }
    }

    fn post_payables(&self, sink: &mut Sink<'_>) {
        let unpaid = |paid: Option<jiff::civil::Date>| paid.is_none_or(|paid| paid > self.today);
        for purchase in self.facts.purchases.iter().filter(|purchase| purchase.received_on <= self.today) {
            if unpaid(purchase.paid_on) {
                let owed = self.converted_with_vat(purchase.amount, purchase.vat, purchase.currency, self.today);
                sink.post_or(Source::of(FactKind::Purchase, &purchase.id), self.today, Measure::OwedSuppliers, owed);
            }
        }
        for expense in self.facts.expenses.iter().filter(|expense| expense.invoiced_on <= self.today) {
            if unpaid(expense.paid_on) && expense.kind != ExpenseKind::Owner {
                let owed = self.converted_with_vat(expense.amount, expense.vat, expense.currency, self.today);
                sink.post_or(Source::of(FactKind::Expense, &expense.id), self.today, Measure::OwedExpenses, owed);
            }
        }
        for spend in self.facts.ad_spend.iter().filter(|spend| unpaid(spend.paid_on)) {
            let owed = self.converted_with_vat(spend.amount, spend.vat, spend.currency, self.today);
            let source = Source { platform: Some(&spend.platform), ..Source::of(FactKind::AdSpend, &spend.id) };
            sink.post_or(source, self.today, Measure::OwedAds, owed);
        }
        for charge in &self.facts.charges {
            let parcel = self.parcel_places.get(&charge.shipment_id).copied();
            let owed = if charge.deducted { !self.is_settled(parcel) } else { unpaid(charge.paid_on) };
            if owed {
                let source = Source::of(FactKind::CarrierCharge, &charge.id).parcel(parcel);
                let amount = i128::from(charge.amount) + i128::from(charge.vat);
                sink.post(source, self.today, Measure::OwedCarriers, amount);
            }
        }
    }

    /// Whether a remittance holds the parcel: its deductions have been made.
    fn is_settled(&self, parcel: Option<usize>) -> bool {
        parcel.is_some_and(|parcel| self.settled[parcel].remittances > 0)
    }

    /// What will be kept from a remittance for a parcel, with VAT.
    pub(super) fn to_be_kept(&self, parcel: usize) -> i128 {
        if self.is_settled(Some(parcel)) {
            return 0;
        }
        let charges = self.charges_of_parcel[parcel].iter().map(|place| &self.facts.charges[*place]);
        charges.filter(|charge| charge.deducted).map(|charge| i128::from(charge.amount) + i128::from(charge.vat)).sum()
    }
}
