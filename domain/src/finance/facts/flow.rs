//! What gateways moved.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The gateway of redeemed gift cards: no cash, a smaller liability.
pub const GIFT_CARD_GATEWAY: &str = "gift_card";
/// The gateway of money that never passes through a gateway.
pub(super) const CASH_GATEWAY: &str = "cash";

/// What a payment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentKind {
    /// Money from the buyer.
    Charge,
    /// Money to the buyer.
    Refund,
    /// Money taken back by the buyer's bank.
    Chargeback,
    /// A chargeback won back.
    ChargebackReversal,
}

/// A payment through a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: String,
    /// Of which order.
    pub order_id: String,
    /// Which gateway.
    pub gateway: String,
    /// What it is.
    pub kind: PaymentKind,
    /// Amount, positive.
    pub amount: i64,
    /// What the gateway kept of it; `None` = nobody told what it takes.
    pub fee: Option<Fee>,
    /// Withheld at the source, by name; `vat` is VAT.
    pub withheld: BTreeMap<String, i64>,
    /// When it happened.
    pub processed_at: Timestamp,
    /// When it is paid out.
    pub payout: Payout,
}

/// What a gateway keeps of a payment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fee {
    /// Without VAT.
    pub amount: i64,
    /// VAT on it.
    pub vat: i64,
}

/// When a payment is paid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payout {
    /// It was, or will be, then.
    At(Timestamp),
    /// Not yet, and on no day that is known.
    Open,
    /// Nobody told whether it was.
    Untold,
}

impl Payment {
    /// Whether it is ever paid out.
    pub fn pays_out(&self) -> bool {
        self.gateway != GIFT_CARD_GATEWAY && self.gateway != CASH_GATEWAY
    }
    /// All that was withheld.
    pub fn withheld_total(&self) -> i128 {
        self.withheld.values().map(|amount| i128::from(*amount)).sum()
    }
    /// VAT that was withheld.
    pub fn withheld_vat(&self) -> i64 {
        self.withheld.get("vat").copied().unwrap_or(0)
    }
    /// The amount, positive towards the shop.
    pub fn signed(&self) -> i128 {
        match self.kind {
            PaymentKind::Charge | PaymentKind::ChargebackReversal => i128::from(self.amount),
            PaymentKind::Refund | PaymentKind::Chargeback => -i128::from(self.amount),
        }
    }
    /// What the payout holds of it: after fees and what was withheld. `None` = nobody told the fee.
    pub fn net(&self) -> Option<i128> {
        let fee = self.fee?;
        Some(self.signed() - i128::from(fee.amount) - i128::from(fee.vat) - self.withheld_total())
    }
    /// When it is paid out, if that is known.
    pub fn payout_at(&self) -> Option<Timestamp> {
        match self.payout {
            Payout::At(at) => Some(at),
            Payout::Open | Payout::Untold => None,
        }
    }
}
