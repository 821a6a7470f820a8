//! What customers asked the shop for, as it is kept: from the asking to what the people of the shop decided.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::flow::FlowKind;
use crate::{ConversationId, MerchantId, RequestId, Timestamp};

/// Letters of a note to a decision at most.
pub const LONGEST_NOTE: usize = 300;

/// How far a request is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestStatus {
    /// Nobody decided yet.
    Open,
    /// It will be done.
    Approved,
    /// It will not be done.
    Declined,
    /// It was done.
    Done,
}

impl RequestStatus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Approved, Self::Declined, Self::Done];

    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::Done => "done",
        }
    }
    /// Reads [`RequestStatus::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
}

/// What is decided about a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It will be done.
    Approve,
    /// It will not.
    Decline,
    /// What was approved was done.
    Finish,
}

impl Decision {
    /// The state that it is decided in, and the one after it.
    pub const fn step(self) -> (RequestStatus, RequestStatus) {
        match self {
            Self::Approve => (RequestStatus::Open, RequestStatus::Approved),
            Self::Decline => (RequestStatus::Open, RequestStatus::Declined),
            Self::Finish => (RequestStatus::Approved, RequestStatus::Done),
        }
    }
    /// The name in the record.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Approve => "request.approve",
            Self::Decline => "request.decline",
            Self::Finish => "request.finish",
        }
    }
}

/// A request to be kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NewRequest {
    /// Its id.
    pub id: RequestId,
    /// What is asked for.
    pub kind: FlowKind,
    /// Of which order, by its name.
    pub order: Option<String>,
    /// What was said about it, by the name of the datum.
    pub details: BTreeMap<String, String>,
}

/// A request that is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Request {
    /// The shop.
    pub merchant: MerchantId,
    /// Counts up in each shop, from 1; by it people speak of it.
    pub number: i64,
    /// Who asked.
    pub conversation: ConversationId,
    /// What.
    #[serde(flatten)]
    pub asked: NewRequest,
    /// How far it is.
    pub status: RequestStatus,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Who decided last, and when.
    pub decided: Option<(String, Timestamp)>,
    /// What they said about it.
    pub note: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_no_decision_is_made_twice() {
        for status in RequestStatus::ALL {
            assert_eq!(RequestStatus::from_code(status.code()), Some(status));
        }
        for decision in [Decision::Approve, Decision::Decline, Decision::Finish] {
            let (from, to) = decision.step();
            assert!(from != to && from != RequestStatus::Declined && from != RequestStatus::Done);
        }
    }
}
