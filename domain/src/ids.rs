//! Identifiers typed by what they name. Ours are UUIDv7 (ordered by creation); a platform's id stays a string.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Uuid};

use crate::Timestamp;

/// Keeps ids of one process monotonic within a millisecond.
static ORDER: LazyLock<std::sync::Mutex<ContextV7>> = LazyLock::new(|| std::sync::Mutex::new(ContextV7::new()));

fn fresh(at: Timestamp) -> Uuid {
    let micros = at.as_micros().max(0) as u64;
    let context = ORDER.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    Uuid::new_v7(uuid::Timestamp::from_unix(&*context, micros / 1_000_000, ((micros % 1_000_000) * 1_000) as u32))
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id, ordered by `at`.
            pub fn new(at: Timestamp) -> Self { Self(fresh(at)) }
            /// The same id for the same parts, always: for rows that a fact of the outside names.
            pub fn derived(parts: &[&str]) -> Self { Self(derive(stringify!($name), parts)) }
            /// The raw UUID, for storage.
            pub fn uuid(self) -> Uuid { self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::parse_str(text).map(Self) }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self { Self(id) }
        }
    )+};
}

ids! {
    /// A shop, the tenant of everything.
    MerchantId,
    /// A person on a channel of a merchant.
    ContactId,
    /// The one conversation of a contact with a merchant.
    ConversationId,
    /// One HTTP delivery of a platform.
    ArrivalId,
    /// One accepted event of the inbox.
    EventId,
    /// The unit of ordering: a conversation, an order of a shop, a staff chat.
    LaneId,
    /// One committed step of a lane.
    TurnId,
    /// One message to be sent.
    OutboxId,
    /// A message shown in a timeline.
    MessageId,
    /// An order of a shop.
    OrderId,
    /// A parcel.
    ShipmentId,
    /// An incident.
    IncidentId,
    /// A change on an outside system.
    ActionId,
    /// A timer row.
    TimerId,
    /// An answer of a shop's own.
    KnowledgeId,
    /// A question that had no answer.
    UnansweredId,
    /// A reminder of what is owed.
    ReminderId,
    /// A preview of reminders that a member was shown.
    ReminderBatchId,
    /// A request of a customer.
    RequestId,
    /// A request about somebody's data.
    PrivacyId,
    /// A person of the staff.
    StaffId,
    /// A signed-in browser.
    LoginId,
    /// Follows one event from webhook to send, through logs and rows.
    TraceId,
    /// One running process.
    ReplicaId,
}

/// Namespace of derived ids, fixed for ever: changing it would orphan every row named by an outside fact.
const NAMESPACE: Uuid = Uuid::from_u128(0x7f0e_3a52_5b7c_4a0e_9d57_5265_6361_646f);

fn derive(kind: &str, parts: &[&str]) -> Uuid {
    let mut name = String::with_capacity(64);
    name.push_str(kind);
    for part in parts {
        // The length prefix keeps ("a","bc") and ("ab","c") apart.
        name.push('\u{1f}');
        name.push_str(&part.len().to_string());
        name.push(':');
        name.push_str(part);
    }
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

impl ConversationId {
    /// A contact has exactly one conversation with its merchant, so both share their bits.
    pub fn of(contact: ContactId) -> Self {
        Self(contact.0)
    }

    /// The contact whose conversation this is.
    pub fn contact(self) -> ContactId {
        ContactId(self.0)
    }

    /// The lane in which this conversation runs.
    pub fn lane(self) -> LaneId {
        LaneId(self.0)
    }

    /// A short code that a person can type: the last four characters, upper case. Not unique; resolve among open ones.
    pub fn code(self) -> String {
        let text = self.0.simple().to_string();
        text[text.len() - 4..].to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_of_one_instant_are_ordered() {
        let at = Timestamp::from_micros(1_700_000_000_000_000);
        let ids: Vec<EventId> = (0..1000).map(|_| EventId::new(at)).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn derived_ids_depend_on_each_part_and_on_the_kind() {
        assert_eq!(LaneId::derived(&["a", "b"]), LaneId::derived(&["a", "b"]));
        assert_ne!(LaneId::derived(&["a", "bc"]), LaneId::derived(&["ab", "c"]));
        assert_ne!(LaneId::derived(&["a"]).uuid(), OrderId::derived(&["a"]).uuid());
    }
}
