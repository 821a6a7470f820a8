//! An order is told again after each change, repeated and out of order. What the versions say together is more than the
//! newest one says: since when it is paid, and which lines an edit added.

use std::collections::HashMap;

use super::{OrderFacts, OrderLine, Received};
use crate::Timestamp;

impl OrderFacts {
    /// What two versions of one order say together, whichever came first: the newer one's facts, with the first instants
    /// of both. Of versions of the same instant, `self` is taken for the newer.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let (mut newer, older) = if other.updated_at > self.updated_at { (other, self) } else { (self, other) };
        newer.paid_at = first(newer.paid_at, older.paid_at);
        newer.unpaid_at = first(newer.unpaid_at, older.unpaid_at);
        newer.confirmed_at = first(newer.confirmed_at, older.confirmed_at);
        newer.channel = newer.channel.or(older.channel);
        newer.received = Received::joined(newer.received, older.received);
        // A version without any line tells nothing of when the others came.
        if !older.lines.is_empty() {
            let known: HashMap<&str, &OrderLine> =
                older.lines.iter().map(|line| (line.external_id.as_str(), line)).collect();
            for line in &mut newer.lines {
                line.added_at = match known.get(line.external_id.as_str()) {
                    None => line.added_at.or(Some(newer.updated_at)),
                    Some(before) => match (line.added_at, before.added_at) {
                        (Some(added), None) => Some(added.min(older.updated_at)),
                        (added, before) => first(added, before),
                    },
                };
            }
        }
        newer
    }

    /// When its money came, as far as the shop told: at its booking, unless the shop told it as not paid before; then the
    /// first instant at which it told it as paid. `None` = it was never told as paid.
    pub fn settled_at(&self) -> Option<Timestamp> {
        let Some(paid) = self.paid_at else {
            // Rows of the time before these instants were kept have the shop's word alone.
            let came = self.financial_status.as_deref().and_then(money_came) == Some(true);
            return (came && self.unpaid_at.is_none()).then_some(self.processed_at);
        };
        let waited = self.unpaid_at.is_some_and(|unpaid| unpaid < paid);
        Some(if waited { paid } else { paid.min(self.processed_at) })
    }
}

/// Whether some of an order's money has come, by the shop's word for it (CONTRACTS B3): whatever went back later, it had
/// come. `None` = a word that we do not know.
pub fn money_came(financial_status: &str) -> Option<bool> {
    match financial_status {
        "paid" | "partially_paid" | "partially_refunded" | "refunded" => Some(true),
        "pending" | "authorized" | "expired" | "voided" => Some(false),
        _ => None,
    }
}

fn first(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
