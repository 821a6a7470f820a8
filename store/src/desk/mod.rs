//! What the admin view shows, and the few acts it may do.
//!
//! Each operation takes a [`Scope`]: all merchants for an operator, one for a person who is limited to a shop. A row
//! outside the scope looks like one that does not exist. Every list is bounded.

mod acts;
mod conversations;
mod course;
mod failures;
mod orders;
mod overview;
mod story;

pub(crate) use acts::second_chance;
pub use conversations::{ConversationFilter, ConversationRow, TimelineFile, TimelineMessage, TimelineOwner};
pub use course::Course;
pub use failures::{DeadEvent, TroubledSend};
pub use orders::{OrderRow, ParcelFilter, ParcelOfOrder, ProblemRow};
pub use overview::{ChannelPulse, NavCounts, SendsWaiting, Today};
pub use story::{Story, StorySend, StoryTurn};

use recado_domain::MerchantId;
use uuid::Uuid;

/// Whose rows may be seen: one merchant's, or everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope(Option<MerchantId>);

impl Scope {
    /// Of every merchant, for operators of the platform.
    pub const EVERY: Self = Self(None);

    /// Of one merchant.
    pub const fn of(merchant: MerchantId) -> Self {
        Self(Some(merchant))
    }
    /// From an account: limited when it is bound to a merchant.
    pub const fn from_limit(limit: Option<MerchantId>) -> Self {
        Self(limit)
    }
    fn bound(self) -> Option<Uuid> {
        self.0.map(|id| id.0)
    }
}

pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [
        overview::STATEMENTS,
        conversations::STATEMENTS,
        course::STATEMENTS,
        failures::STATEMENTS,
        orders::STATEMENTS,
        story::STATEMENTS,
        acts::STATEMENTS,
    ]
    .concat()
}
