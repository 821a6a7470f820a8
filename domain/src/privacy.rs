//! Requests about a person's data: a copy of it, its erasure, or the erasure of a whole shop. The shop platform sends them,
//! and people ask in the chat. Staff sees what will happen, confirms it, and it is carried out.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::ComplianceRequest;
use crate::order::{CustomerFacts, OrderFacts, PostalAddress};
use crate::{ConversationId, MerchantId, PrivacyId, RequestId, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);

/// A request about somebody's data, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PrivacyRequest {
    /// The shop.
    pub merchant: MerchantId,
    /// Its id.
    pub id: PrivacyId,
    /// What is asked for.
    pub asked: ComplianceRequest,
    /// Where it came from.
    pub origin: Origin,
    /// When it came.
    pub received_at: Timestamp,
    /// Until when it has to be carried out.
    pub due_at: Timestamp,
    /// Who confirmed it, and when; from then on it is carried out.
    pub confirmed: Option<(String, Timestamp)>,
    /// When it ended.
    pub done_at: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// Where a request came from.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "origin", rename_all = "snake_case")]
pub enum Origin {
    /// The shop platform, which has made sure of the person.
    Platform,
    /// The person, in their conversation: the identity on the channel is the proof.
    Chat {
        /// The request by which people speak of it.
        request: RequestId,
        /// Its number.
        number: i64,
        /// Whose; gone once they are erased.
        conversation: ConversationId,
    },
}

/// How a request ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The data were erased.
    Erased,
    /// The copy was handed over.
    Delivered,
    /// It will not be done.
    Declined,
}

impl Outcome {
    /// The name in rows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Erased => "erased",
            Self::Delivered => "delivered",
            Self::Declined => "declined",
        }
    }
    /// Reads [`Outcome::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Erased, Self::Delivered, Self::Declined].into_iter().find(|outcome| outcome.code() == code)
    }
}

impl PrivacyRequest {
    /// Whether staff still has to decide.
    pub const fn is_open(&self) -> bool {
        self.confirmed.is_none() && self.done_at.is_none()
    }
    /// Whether it erases.
    pub const fn erases(&self) -> bool {
        !matches!(self.asked, ComplianceRequest::DataRequest)
    }
}

/// An erasure as it stands on the list that outlives a restore. It names nobody: `marks` are hashes under a key that only
/// the database holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Erasure {
    /// The shop.
    pub merchant: MerchantId,
    /// The request that was carried out.
    pub id: PrivacyId,
    /// Everybody of the shop, or one person.
    pub everybody: bool,
    /// Hashes, in hexadecimal digits, of the names under which the person was known.
    pub marks: BTreeSet<String>,
    /// When it was begun.
    pub erased_at: Timestamp,
    /// By which a database knows its own list.
    pub list: String,
}

/// How much a request reaches, counted before it is carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Reach {
    pub conversations: i64,
    pub messages: i64,
    /// Orders whose name, address, phone and e-mail are concerned; their amounts stay.
    pub orders: i64,
    /// Of them on their way or not yet sent.
    pub under_way: i64,
    /// Records of the customer, and checkouts.
    pub records: i64,
    /// Other requests of the person.
    pub requests: i64,
}

/// Until when a request has to be carried out. The platform gives 30 days (CONTRACTS B2). For what people ask in the chat
/// OPERATIONS §1.6 names the terms of Colombia (10 working days for a copy, 15 for an erasure), Mexico (20) and Brazil (15
/// days); elsewhere the shortest of them that counts every day. Holidays are not known here and only make it later.
pub fn due_at(asked: ComplianceRequest, by_platform: bool, country: &str, received: Timestamp) -> Timestamp {
    match (by_platform, country, asked) {
        (true, ..) => received.plus(DAY * 30),
        (false, "CO", ComplianceRequest::DataRequest) => after_working_days(received, 10),
        (false, "CO", _) => after_working_days(received, 15),
        (false, "MX", _) => after_working_days(received, 20),
        (false, ..) => received.plus(DAY * 15),
    }
}

fn after_working_days(from: Timestamp, days: u32) -> Timestamp {
    let (mut at, mut left) = (from, days);
    while left > 0 {
        at = at.plus(DAY);
        // 1970-01-01 was a Thursday: 0 = Monday.
        let weekday = (at.as_micros().div_euclid(86_400_000_000) + 3).rem_euclid(7);
        left -= u32::from(weekday < 5);
    }
    at
}

impl OrderFacts {
    /// The same sale without the people in it: amounts, goods, dates and the place for sums by city stay. The customer's
    /// number becomes `pseudonym`, so that the books still know one buyer from another.
    #[must_use]
    pub fn without_person(self, pseudonym: Option<&str>) -> Self {
        let place = |address: PostalAddress| PostalAddress {
            city: address.city,
            province: address.province,
            country: address.country,
            ..PostalAddress::default()
        };
        let number = self.customer.as_ref().and_then(|customer| customer.external_id.as_ref()).and(pseudonym);
        let buyer = |number: &str| CustomerFacts { external_id: Some(number.to_owned()), ..CustomerFacts::default() };
        Self { email: None, phone: None, customer: number.map(buyer), address: self.address.map(place), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_count_working_days_where_the_law_does() {
        let friday = Timestamp::parse("2026-11-27T15:00:00Z").unwrap();
        let due = |platform, country, asked| due_at(asked, platform, country, friday).to_string();
        assert_eq!(due(true, "CO", ComplianceRequest::CustomerRedact), "2026-12-27T15:00:00Z");
        assert_eq!(due(false, "CO", ComplianceRequest::DataRequest), "2026-12-11T15:00:00Z");
        assert_eq!(due(false, "CO", ComplianceRequest::CustomerRedact), "2026-12-18T15:00:00Z");
        assert_eq!(due(false, "MX", ComplianceRequest::DataRequest), "2026-12-25T15:00:00Z");
        assert_eq!(due(false, "BR", ComplianceRequest::DataRequest), "2026-12-12T15:00:00Z");
    }

    #[test]
    fn an_outcome_is_read_back_from_its_name() {
        for outcome in [Outcome::Erased, Outcome::Delivered, Outcome::Declined] {
            assert_eq!(Outcome::from_code(outcome.code()), Some(outcome));
        }
        assert_eq!(Outcome::from_code("x"), None);
    }
}
