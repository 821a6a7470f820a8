//! Who is asking, and so what may be seen. Comes from the identity alone.

use crate::merchant::{Member, Staff};
use crate::{ContactId, MerchantId};

/// The asker of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A customer of the merchant.
    Shopper {
        /// The shop.
        merchant: MerchantId,
        /// The person.
        contact: ContactId,
    },
    /// A registered member of the merchant.
    Member {
        /// The shop.
        merchant: MerchantId,
        /// The person.
        contact: ContactId,
        /// What they may.
        member: Member,
    },
    /// A person of the staff.
    Staff(Staff),
    /// Nobody: facts and timers.
    System {
        /// The shop.
        merchant: MerchantId,
    },
    /// A Telegram user that is not staff.
    Stranger,
}

impl Principal {
    /// A word for traces.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Shopper { .. } => "shopper",
            Self::Member { .. } => "member",
            Self::Staff(_) => "staff",
            Self::System { .. } => "system",
            Self::Stranger => "stranger",
        }
    }
}
