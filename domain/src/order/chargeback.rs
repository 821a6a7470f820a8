//! The money that a dispute moved, as its tellings say it together. They come repeated and out of order and carry no version
//! of their own, so the same tellings give the same movements whatever the order of arrival.

use super::dispute::{DisputeFacts, DisputeKind, DisputeStatus};
use crate::{Currency, Timestamp};

/// All that was told of a dispute.
#[derive(Clone, Debug, PartialEq)]
pub struct Dispute {
    /// Its tellings, each once, the first told first; never empty.
    told: Vec<DisputeTold>,
}

/// One telling, and when it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeTold {
    /// What.
    pub facts: DisputeFacts,
    /// The first time.
    pub first_at: Timestamp,
    /// The last time.
    pub last_at: Timestamp,
}

/// Money that a dispute moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DisputeMove {
    /// Which way.
    pub way: DisputeWay,
    /// How much, in minor units; above zero.
    pub minor: i64,
    /// When.
    pub at: Timestamp,
}

/// Which way money went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeWay {
    /// Away from the shop.
    Taken,
    /// Less was taken than had been told.
    Corrected,
    /// Back to the shop, which won.
    WonBack,
}

impl Dispute {
    /// Of its tellings, in whatever order; `None` when there is none.
    pub fn of(mut told: Vec<DisputeTold>) -> Option<Self> {
        told.sort_by(|one, other| one.first_at.cmp(&other.first_at).then_with(|| tie(one).cmp(&tie(other))));
        (!told.is_empty()).then_some(Self { told })
    }

    /// What holds now: the chargeback before the inquiry that it was, what was decided before what was not, then what was told
    /// last. So a telling that comes late, of the time before, takes nothing back.
    pub fn newest(&self) -> &DisputeFacts {
        &newest(self.told.iter()).unwrap_or(&self.told[0]).facts
    }

    /// The shop's id of its order, as far as any telling names one.
    pub fn order_external_id(&self) -> Option<&str> {
        self.told.iter().rev().find_map(|told| told.facts.order_external_id.as_deref())
    }

    /// The money that it moved in a currency, in the order in which it was told.
    ///
    /// A chargeback takes its amount when it began; one that was an inquiry before, when it was first told as a chargeback. What
    /// is told later of the amount is a movement of its own by the difference, at the time it was told, and winning gives back
    /// all that is still taken, at the decision. Nothing that was told is replaced: a decision that is taken back takes the
    /// money once more.
    pub fn moves(&self, currency: Currency) -> Vec<DisputeMove> {
        let takes = |told: &&DisputeTold| {
            told.facts.kind == DisputeKind::Chargeback
                && told.facts.money().is_some_and(|money| money.currency == currency)
        };
        // An inquiry becomes a chargeback and never one again, so what is told of an inquiry alone moves nothing.
        let Some(newest) = newest(self.told.iter().filter(takes)) else { return Vec::new() };
        let first = self.told.iter().find(takes).unwrap_or(newest);
        let asked_before = self.told.iter().any(|told| !takes(&told) && told.first_at < first.first_at);
        let began = newest.facts.initiated_at;
        let opened = if asked_before { began.max(first.first_at) } else { began };

        // What was told after the decision as if there were none came late.
        let decided = self.told.iter().filter(takes).find(|told| told.facts.is_final()).map(|told| told.first_at);
        let in_time = |told: &&DisputeTold| told.facts.is_final() || decided.is_none_or(|at| told.first_at <= at);
        let steps = self.told.iter().filter(takes).filter(in_time).map(|told| (told.first_at, told));
        let steps = steps.chain([(newest.last_at, newest)]);
        let mut moves = Vec::new();
        let mut taken = 0;
        for (at, DisputeTold { facts, .. }) in steps {
            let Some(money) = facts.money() else { continue };
            let won = facts.status == DisputeStatus::Won;
            if moves.is_empty() && money.minor > 0 {
                // Even one that was first told when it was won had taken the money before.
                moves.push(DisputeMove { way: DisputeWay::Taken, minor: money.minor, at: opened });
                taken = money.minor;
            }
            let stays = if won { 0 } else { money.minor };
            let difference = stays - taken;
            let at = if facts.is_final() { facts.finalized_on.unwrap_or(at) } else { at };
            let way = match difference {
                0 => continue,
                1.. => DisputeWay::Taken,
                _ if won => DisputeWay::WonBack,
                _ => DisputeWay::Corrected,
            };
            moves.push(DisputeMove { way, minor: difference.saturating_abs(), at: at.max(opened) });
            taken = stays;
        }
        moves
    }
}

/// The telling that holds; see [`Dispute::newest`].
fn newest<'a>(told: impl Iterator<Item = &'a DisputeTold>) -> Option<&'a DisputeTold> {
    told.max_by(|one, other| {
        let rank =
            |told: &DisputeTold| (told.facts.kind == DisputeKind::Chargeback, told.facts.is_final(), told.last_at);
        rank(one).cmp(&rank(other)).then_with(|| tie(one).cmp(&tie(other)))
    })
}

/// An order among tellings of the same instant: any, as long as it is always the same.
fn tie(told: &DisputeTold) -> String {
    serde_json::to_string(&told.facts).unwrap_or_default()
}
