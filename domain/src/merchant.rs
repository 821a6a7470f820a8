//! A shop and the people who may act for it.

use serde::{Deserialize, Serialize};

use crate::{Currency, Language, MerchantId, StaffId};

/// A shop: the tenant of every row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merchant {
    /// Its id.
    pub id: MerchantId,
    /// How people call it.
    pub name: String,
    /// The language in which it is spoken to unless a person writes in another.
    pub language: Language,
    /// ISO 3166 country code, upper case (`CO`).
    pub country: String,
    /// IANA time zone (`America/Bogota`).
    pub timezone: String,
    /// The currency of its books.
    pub currency: Currency,
}

impl Merchant {
    /// The zone of its days; UTC when the name is unknown (validated where it is set).
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.timezone).unwrap_or(jiff::tz::TimeZone::UTC)
    }
}

/// What a member of a merchant may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberRole {
    /// Everything of the shop.
    Owner,
    /// Orders and parcels, and money only with the finance right.
    Employee,
}

impl MemberRole {
    /// The word of it in rows and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Employee => "employee",
        }
    }
}

/// A registered member of a merchant, known by a channel identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Display name.
    pub name: String,
    /// Role.
    pub role: MemberRole,
    /// Whether the member may see money.
    pub finance: bool,
}

impl Member {
    /// Owners always see money.
    pub fn may_see_money(&self) -> bool {
        self.finance || self.role == MemberRole::Owner
    }
}

/// What a person of the staff may do. Ordered: each may do what the ones before may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StaffRole {
    /// Read.
    Viewer,
    /// Answer people, handle incidents.
    Agent,
    /// Also replay and reassign.
    Lead,
    /// Also staff, merchants and settings.
    Operator,
}

impl StaffRole {
    /// The word of it in rows and on the command line.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Operator => "operator",
        }
    }

    /// Reads [`StaffRole::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Viewer, Self::Agent, Self::Lead, Self::Operator].into_iter().find(|role| role.code() == code)
    }
}

/// A person of the staff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Id.
    pub id: StaffId,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: StaffRole,
    /// Telegram user id, from which commands are accepted.
    pub telegram_user_id: Option<i64>,
    /// The merchant they are limited to; `None` = every merchant.
    pub merchant: Option<MerchantId>,
}
