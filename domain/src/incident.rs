//! Incidents: something is wrong for many people at once.

use serde::{Deserialize, Serialize};

use crate::{IncidentId, MerchantId, Timestamp};

/// A found or declared problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Id.
    pub id: IncidentId,
    /// Whose.
    pub merchant: MerchantId,
    /// Short number for people (`#3`), counted per merchant.
    pub number: i64,
    /// What kind (`carrier_delays`).
    pub kind: String,
    /// Where it shows (`coordinadora × cali`).
    pub dimension: String,
    /// 1 worst … 4.
    pub severity: i64,
    /// State.
    pub status: IncidentStatus,
    /// The counts behind it, for people and for the record.
    pub evidence: Evidence,
    /// When it was seen.
    pub opened_at: Timestamp,
    /// Who took it and when.
    pub acknowledged: Option<(String, Timestamp)>,
    /// Who closed it and when.
    pub resolved: Option<(String, Timestamp)>,
}

/// Its states, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the word says it")]
pub enum IncidentStatus {
    Open,
    Acknowledged,
    Resolved,
}

impl IncidentStatus {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
    /// Reads [`IncidentStatus::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Open, Self::Acknowledged, Self::Resolved].into_iter().find(|status| status.code() == code)
    }
}

/// Why we think so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Carrier.
    pub carrier: String,
    /// City.
    pub city: String,
    /// Active parcels there.
    pub active: i64,
    /// Of them with a problem.
    pub problems: i64,
    /// How many would be usual.
    pub expected: f64,
    /// Probability of so many by chance.
    pub chance: f64,
    /// Names of the affected orders, at most 20.
    pub orders: Vec<String>,
}

/// An incident to open.
#[derive(Clone, Debug, PartialEq)]
pub struct NewIncident {
    /// Whose.
    pub merchant: MerchantId,
    /// Kind.
    pub kind: String,
    /// Dimension; with the kind it decides which open incident this joins.
    pub dimension: String,
    /// 1 worst … 4.
    pub severity: i64,
    /// Why.
    pub evidence: Evidence,
}

/// What staff does with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentAction {
    /// "I have it."
    Acknowledge,
    /// "It is over."
    Resolve,
}
