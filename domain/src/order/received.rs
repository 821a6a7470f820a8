//! The money that an order brought, as its versions tell it. An order names no payment of its own: each version says how
//! much has come in all, and the versions together say when.

use serde::{Deserialize, Serialize};

use super::OrderFacts;
use crate::{Money, Timestamp};

/// So much had come in all, as some versions of an order told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// How much; what went back later is inside.
    pub amount: Money,
    /// The first version that told just this.
    pub first_at: Timestamp,
    /// The last one.
    pub last_at: Timestamp,
}

/// Money from a buyer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// How much.
    pub amount: Money,
    /// When, as far as the shop told.
    pub at: Timestamp,
}

impl Received {
    /// What two sets of versions tell together: of each amount the first and the last that told it. Associative, and the
    /// same in whatever order and however often they come.
    pub(super) fn joined(one: Vec<Self>, other: Vec<Self>) -> Vec<Self> {
        let mut all = one;
        for told in other {
            match all.iter_mut().find(|known| known.amount == told.amount) {
                Some(known) => {
                    known.first_at = known.first_at.min(told.first_at);
                    known.last_at = known.last_at.max(told.last_at);
                }
                None => all.push(told),
            }
        }
        all.sort_by_key(|told| told.amount.minor);
        all
    }
}

impl OrderFacts {
    /// The money of its buyer, each payment once, the earliest first. How much it was in all, the newest version says: one
    /// that says less than an earlier one corrects it.
    pub fn charges(&self) -> Vec<Charge> {
        let newest = self.received.iter().max_by_key(|told| (told.last_at, told.amount.minor));
        let (Some(settled), Some(newest)) = (self.settled_at(), newest) else { return Vec::new() };
        let mut steps: Vec<&Received> = self.received.iter().collect();
        steps.sort_by_key(|told| (told.first_at, told.amount.minor));
        let (mut came, mut charges) = (0, Vec::new());
        for step in steps {
            let upto = step.amount.minor.min(newest.amount.minor);
            if upto > came {
                // The first came when the order was paid, whenever that was told.
                let at = if charges.is_empty() { settled } else { settled.max(step.first_at) };
                charges.push(Charge { amount: Money::new(upto - came, newest.amount.currency), at });
                came = upto;
            }
        }
        charges
    }
}
