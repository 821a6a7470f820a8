//! Changes on an outside system that a person of the staff asked for: shown first, then confirmed, kept as a row before
//! anything happens, and done at most once however often the process ends in between (DESIGN, invariant 9).
//!
//! An outside system keeps no memory of ours, so a call whose answer was lost is never repeated on suspicion: the state
//! of the order is read first ([`next`]), and a call is made again only when what it should have brought is not there
//! after the time in which it would have shown.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::order::PostalAddress;
use crate::{ActionId, MerchantId, Timestamp};

/// A preview that nobody confirmed in this time is no longer valid.
pub const VALID: Duration = Duration::from_secs(600);
/// How soon a call that was taken is looked at again.
pub const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Calls of one action; then a person has to look.
pub const MOST_CALLS: u32 = 4;
/// Looks at the outside system without an answer; then a person has to look.
pub const MOST_LOOKS: u32 = 60;

/// The reason of an action that an order which has left made impossible.
pub const SHIPPED: &str = "shipped";
/// The same of one that is cancelled.
pub const CANCELLED: &str = "cancelled";

/// What is to be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum Action {
    /// Cancel an order in the shop. It cannot be undone there.
    CancelOrder {
        /// The shop's id of the order.
        order: String,
        /// What people call it.
        name: String,
        /// Whether what was paid goes back to where it came from.
        refund: bool,
    },
    /// Send an order elsewhere. The whole address as it is to be.
    ChangeAddress {
        /// The shop's id of the order.
        order: String,
        /// What people call it.
        name: String,
        /// Where to.
        address: PostalAddress,
    },
}

impl Action {
    /// The word in rows, metrics and texts.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::CancelOrder { .. } => "cancel_order",
            Self::ChangeAddress { .. } => "change_address",
        }
    }
    /// The shop's id of what it changes.
    pub fn subject(&self) -> &str {
        match self {
            Self::CancelOrder { order, .. } | Self::ChangeAddress { order, .. } => order,
        }
    }
    /// What people call what it changes.
    pub fn name(&self) -> &str {
        match self {
            Self::CancelOrder { name, .. } | Self::ChangeAddress { name, .. } => name,
        }
    }
    /// The same without the person in it, once they were erased.
    #[must_use]
    pub fn without_person(self) -> Self {
        match self {
            Self::CancelOrder { .. } => self,
            Self::ChangeAddress { order, name, .. } => {
                Self::ChangeAddress { order, name, address: PostalAddress::default() }
            }
        }
    }
}

/// Where an action stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionStatus {
    /// Shown, waits for its confirmation.
    Proposed,
    /// Confirmed, to be done.
    Open,
    /// Being done.
    Working,
    /// Done, and read back.
    Done,
    /// Not done, and will not be.
    Failed,
    /// Nobody can tell; a person has to look.
    Uncertain,
}

impl ActionStatus {
    /// All of them; the place is the number in rows.
    pub const ALL: [Self; 6] = [Self::Proposed, Self::Open, Self::Working, Self::Done, Self::Failed, Self::Uncertain];

    /// The number in rows.
    pub const fn number(self) -> i64 {
        self as i64
    }
    /// Reads [`ActionStatus::number`].
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }
    /// The word in texts and lists.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Open => "open",
            Self::Working => "working",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
        }
    }
}

/// An action as staff sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct ActionView {
    /// Id.
    pub id: ActionId,
    /// Whose shop.
    pub merchant: MerchantId,
    /// What.
    pub action: Action,
    /// Where it stands.
    pub status: ActionStatus,
    /// When it was shown.
    pub proposed_at: Timestamp,
    /// Who asked for it, by name.
    pub by: String,
    /// The number of the customer's request that it carries out.
    pub request: Option<i64>,
}

impl ActionView {
    /// Whether it can still be confirmed.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.status == ActionStatus::Proposed && now.since(self.proposed_at) <= VALID
    }
}

/// An action that this replica is to carry on with.
#[derive(Clone, Debug, PartialEq)]
pub struct Planned {
    /// Id; also the note that it leaves on the outside system.
    pub id: ActionId,
    /// Whose shop.
    pub merchant: MerchantId,
    /// What.
    pub action: Action,
    /// Calls made so far, whatever came of them.
    pub calls: u32,
    /// Looks taken so far.
    pub looks: u32,
    /// When the last call was made.
    pub called_at: Option<Timestamp>,
}

/// What the outside system shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is as the action wants it.
    Applied,
    /// It is not.
    Missing,
    /// It is not, and cannot become so.
    Impossible {
        /// Why, as the system says it.
        reason: String,
    },
    /// It could not be read now.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// Taken; whether it worked has to be read.
    Taken,
    /// Surely not taken; may be tried again.
    NotTaken {
        /// Why.
        reason: String,
        /// As the system asks.
        after: Option<Duration>,
    },
    /// Refused, for good.
    Refused {
        /// Why, as the system says it.
        reason: String,
    },
    /// No answer: it may have been taken.
    Unclear {
        /// Why.
        reason: String,
    },
}

/// What to do after a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// Make the call.
    Call,
    /// Look again later.
    Wait(Duration, String),
    /// It will not be done.
    Fail(String),
    /// Nobody can tell.
    GiveUp(String),
}

/// Decides from what the outside system shows. Shopify works a cancellation off in the background: `settle` after a call,
/// one that does not show was never taken.
pub fn next(planned: &Planned, standing: &Standing, now: Timestamp, settle: Duration) -> Next {
    match standing {
        Standing::Applied => Next::Done,
        Standing::Impossible { reason } => Next::Fail(reason.clone()),
        Standing::Unreadable { reason } if planned.looks >= MOST_LOOKS => Next::GiveUp(reason.clone()),
        Standing::Unreadable { reason } => Next::Wait(pause(planned.looks), reason.clone()),
        Standing::Missing => match planned.called_at {
            Some(at) if now.since(at) < settle => Next::Wait(LOOK_AGAIN, "asked for, does not show yet".to_owned()),
            _ if planned.calls >= MOST_CALLS => Next::GiveUp("asked for several times, never showed".to_owned()),
            _ => Next::Call,
        },
    }
}

/// 1 s, 2 s, then 4 s while a person waits; once a minute when the outside system is away for long.
fn pause(looks: u32) -> Duration {
    match looks {
        0 | 1 => Duration::from_secs(1),
        2 => Duration::from_secs(2),
        3..15 => Duration::from_secs(4),
        _ => Duration::from_secs(60),
    }
}

/// Changes an outside system. It is asked by [`next`]'s rules only.
#[async_trait::async_trait]
pub trait Actor: Send + Sync {
    /// Reads what stands there.
    async fn look(&self, planned: &Planned) -> Standing;
    /// Makes the call, once.
    async fn call(&self, planned: &Planned) -> Called;
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLE: Duration = Duration::from_secs(60);

    fn planned(calls: u32, called_at: Option<Timestamp>) -> Planned {
        let action = Action::CancelOrder { order: "1".into(), name: "#1".into(), refund: false };
        let (id, merchant) = (ActionId::derived(&["a"]), MerchantId::derived(&["m"]));
        Planned { id, merchant, action, calls, looks: 1, called_at }
    }

    #[test]
    fn a_call_whose_answer_was_lost_is_not_repeated_before_it_would_have_shown() {
        let called = Timestamp::parse("2026-11-26T17:00:00Z").unwrap();
        let after = |seconds| called.plus(Duration::from_secs(seconds));
        let asked = planned(1, Some(called));
        assert!(matches!(next(&asked, &Standing::Missing, after(59), SETTLE), Next::Wait(..)));
        assert_eq!(next(&asked, &Standing::Missing, after(60), SETTLE), Next::Call);
        assert_eq!(next(&asked, &Standing::Applied, after(1), SETTLE), Next::Done);
        // Never called: nothing to wait for.
        assert_eq!(next(&planned(0, None), &Standing::Missing, called, SETTLE), Next::Call);
    }

    #[test]
    fn everything_ends() {
        let at = Timestamp::parse("2026-11-26T17:00:00Z").unwrap();
        let later = at.plus(Duration::from_secs(3_600));
        let tired = Planned { looks: MOST_LOOKS, ..planned(MOST_CALLS, Some(at)) };
        assert!(matches!(next(&tired, &Standing::Missing, later, SETTLE), Next::GiveUp(_)));
        assert!(matches!(
            next(&tired, &Standing::Unreadable { reason: "away".into() }, later, SETTLE),
            Next::GiveUp(_)
        ));
        let refused = Standing::Impossible { reason: "shipped".into() };
        assert_eq!(next(&tired, &refused, later, SETTLE), Next::Fail("shipped".into()));
        assert_eq!(pause(0), Duration::from_secs(1));
        assert_eq!(pause(40), Duration::from_secs(60));
    }

    #[test]
    fn a_status_is_read_back_from_its_number() {
        for status in ActionStatus::ALL {
            assert_eq!(ActionStatus::from_number(status.number()), Some(status));
        }
        assert_eq!(ActionStatus::from_number(6), None);
    }
}
