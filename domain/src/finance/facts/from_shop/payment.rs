//! The money of an order of the shop, as payments of its books.

use std::collections::HashMap;
use std::time::Duration;

use super::super::flow::CASH_GATEWAY;
use super::super::{FactSet, FactsError, Fee, GIFT_CARD_GATEWAY, Payment, PaymentKind, Payout, gateway_key, in_force};
use super::ShopFacts;
use super::names::Names;
use crate::order::{self, Dispute, DisputeWay, OrderFacts};
use crate::{Money, Timestamp};

/// Seconds of a day until a payout.
const DAY: u64 = 86_400;
/// How shops call what never passes through a gateway, by its key: nothing is taken of it and nothing paid out.
const DIRECT: [&str; 10] = [
    "cash",
    "efectivo",
    "dinheiro",
    "manual",
    "bankdeposit",
    "banktransfer",
    "moneyorder",
    "depositobancario",
    "storecredit",
    "shopifystorecredit",
];
/// How their names begin.
const DIRECT_BEGINS: [&str; 2] = ["transferencia", "consignacion"];
/// The gateway whose disputes the shop tells, as the shop calls it: of no other they come (CONTRACTS B3).
const DISPUTED_GATEWAY: &str = "shopify_payments";

/// A gateway as the books call it.
fn booked_as(name: &str) -> &str {
    match gateway_key(name).as_str() {
        "giftcard" => GIFT_CARD_GATEWAY,
        key if DIRECT.contains(&key) || DIRECT_BEGINS.iter().any(|begin| key.starts_with(begin)) => CASH_GATEWAY,
        _ => name.trim(),
    }
}

/// Through which gateway an order was paid: of several the last that is no gift card, as the order does not tell how much
/// went through each. `None` = it names none, and nothing is known of how it was paid.
fn paid_through(order: &OrderFacts) -> Option<&str> {
    let named = order.gateways.iter().map(|name| booked_as(name)).filter(|name| !name.is_empty());
    let (gift_cards, others): (Vec<&str>, Vec<&str>) = named.partition(|name| *name == GIFT_CARD_GATEWAY);
    others.last().or(gift_cards.last()).copied()
}

/// A payment before it is known what the gateway takes.
struct Told<'a> {
    id: String,
    gateway: &'a str,
    kind: PaymentKind,
    amount: Money,
    at: Timestamp,
}

impl FactSet {
    /// Adds what the shop tells of money: charges of orders that are paid beforehand, what went back, and what banks took.
    ///
    /// What an import tells of an order's money is more (its fee, its payout), so it stands instead: one imported charge
    /// for all charges of the order, each imported refund for one, the earliest first, and each imported chargeback, or one
    /// won back, for that of one dispute.
    pub(super) fn add_payments(&mut self, shop: &ShopFacts, orders: &Names) -> Result<(), FactsError> {
        let mut imported: HashMap<(String, PaymentKind), usize> = HashMap::new();
        for payment in &self.payments {
            *imported.entry((payment.order_id.clone(), payment.kind)).or_default() += 1;
        }
        let mut disputed: HashMap<&str, Vec<&Dispute>> = HashMap::new();
        for dispute in &shop.disputes {
            if let Some(order) = dispute.order_external_id() {
                disputed.entry(order).or_default().push(dispute);
            }
        }
        for (order, id) in shop.orders.iter().zip(&orders.ids) {
            if order.test || order.currency != self.shop.currency {
                continue;
            }
            let known = |kind| imported.get(&(id.clone(), kind)).copied().unwrap_or(0);
            let charges = charges(order, id);
            let charges = charges.into_iter().filter(|_| known(PaymentKind::Charge) == 0);
            let refunds = refunds(order, id).into_iter().skip(known(PaymentKind::Refund));
            let theirs = disputed.remove(order.external_id.as_str()).unwrap_or_default();
            let disputes =
                disputes(order, id, &theirs, [PaymentKind::Chargeback, PaymentKind::ChargebackReversal].map(known));
            for told in charges.chain(refunds).chain(disputes) {
                let payment = self.payment(told, id)?;
                self.payments.push(payment);
            }
        }
        Ok(())
    }

    /// With what the gateway takes by the merchant's word that is in force on its day.
    fn payment(&self, told: Told<'_>, order_id: &str) -> Result<Payment, FactsError> {
        let mut payment = Payment {
            id: told.id,
            order_id: order_id.to_owned(),
            gateway: told.gateway.to_owned(),
            kind: told.kind,
            amount: told.amount.minor,
            fee: Some(Fee::default()),
            withheld: Default::default(),
            processed_at: told.at,
            payout: Payout::Open,
        };
        if payment.pays_out() {
            let day = told.at.in_zone(&self.shop.zone).date();
            let word = in_force(&self.gateway_fees, told.gateway, day);
            if told.kind == PaymentKind::Charge {
                payment.fee = word.map(|word| word.of(payment.amount)).transpose()?;
            }
            let days = word.and_then(|word| word.payout_days);
            payment.payout = days
                .map_or(Payout::Untold, |days| Payout::At(told.at.plus(Duration::from_secs(u64::from(days) * DAY))));
        }
        Ok(payment)
    }
}

/// What came in. The carrier collects what is paid at the door: that is no payment of a gateway.
fn charges<'a>(order: &'a OrderFacts, id: &str) -> Vec<Told<'a>> {
    let Some(gateway) = paid_through(order).filter(|_| order.payment == order::Payment::Prepaid) else {
        return Vec::new();
    };
    let numbered = order.charges().into_iter().enumerate();
    let told = numbered.map(|(place, charge)| Told {
        id: format!("{id} charge {}", place + 1),
        gateway,
        kind: PaymentKind::Charge,
        amount: charge.amount,
        at: charge.at,
    });
    told.collect()
}

/// What went back, the earliest first. Of an order paid at the door no gateway can give it back.
fn refunds<'a>(order: &'a OrderFacts, id: &str) -> Vec<Told<'a>> {
    let paid_at_the_door = order.payment == order::Payment::Cod;
    let mut refunds: Vec<Told<'_>> = Vec::new();
    for refund in &order.refunds {
        for payment in &refund.payments {
            let named = payment.gateway.as_deref().map(booked_as).filter(|name| !name.is_empty());
            let gateway = named.or_else(|| paid_through(order)).unwrap_or(CASH_GATEWAY);
            refunds.push(Told {
                id: format!("{id} refund {} {}", refund.external_id, payment.external_id),
                gateway: if paid_at_the_door { CASH_GATEWAY } else { gateway },
                kind: PaymentKind::Refund,
                amount: payment.amount,
                at: refund.processed_at,
            });
        }
    }
    refunds.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    refunds
}

/// What banks took and gave back, of the disputes that no import tells of, the earliest first. Money in another currency than the
/// order's is left out, as that of its refunds is.
fn disputes<'a>(order: &'a OrderFacts, id: &str, theirs: &[&Dispute], imported: [usize; 2]) -> Vec<Told<'a>> {
    let [taken, won_back] = imported;
    let mut named = order.gateways.iter().map(|name| name.trim());
    let gateway = named.find(|name| gateway_key(name) == gateway_key(DISPUTED_GATEWAY));
    let mut known: Vec<_> = theirs.iter().map(|dispute| (dispute, dispute.moves(order.currency))).collect();
    known.retain(|(_, moves)| !moves.is_empty());
    known.sort_by_key(|(dispute, moves)| (moves[0].at, dispute.newest().external_id.clone()));
    let mut told = Vec::new();
    let mut wins = 0;
    for (place, (dispute, moves)) in known.into_iter().enumerate() {
        let won = moves.iter().any(|moved| moved.way == DisputeWay::WonBack);
        wins += usize::from(won);
        for (step, moved) in moves.into_iter().enumerate() {
            let imported = match moved.way {
                DisputeWay::Taken | DisputeWay::Corrected => place < taken,
                DisputeWay::WonBack => wins <= won_back,
            };
            if imported {
                continue;
            }
            told.push(Told {
                id: format!("{id} dispute {} {}", dispute.newest().external_id, step + 1),
                gateway: gateway.unwrap_or(DISPUTED_GATEWAY),
                kind: match moved.way {
                    DisputeWay::Taken => PaymentKind::Chargeback,
                    DisputeWay::Corrected | DisputeWay::WonBack => PaymentKind::ChargebackReversal,
                },
                amount: Money::new(moved.minor, order.currency),
                at: moved.at,
            });
        }
    }
    told
}
