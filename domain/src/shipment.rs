//! Parcels: the carrier's axis of an order (OPERATIONS §1.1), with one vocabulary for all carriers (CONTRACTS E5).

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Where a parcel is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the word says it")]
pub enum ShipmentStatus {
    Pending,
    InfoReceived,
    InTransit,
    OutForDelivery,
    AttemptFailed,
    AvailableForPickup,
    Delivered,
    Exception,
    Returning,
    Returned,
    Cancelled,
    Expired,
}

impl ShipmentStatus {
    /// All of them, in the order of a parcel's life.
    pub const ALL: [Self; 12] = [
        Self::Pending,
        Self::InfoReceived,
        Self::InTransit,
        Self::OutForDelivery,
        Self::AttemptFailed,
        Self::AvailableForPickup,
        Self::Delivered,
        Self::Exception,
        Self::Returning,
        Self::Returned,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The name in rows, templates and metrics.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InfoReceived => "info_received",
            Self::InTransit => "in_transit",
            Self::OutForDelivery => "out_for_delivery",
            Self::AttemptFailed => "attempt_failed",
            Self::AvailableForPickup => "available_for_pickup",
            Self::Delivered => "delivered",
            Self::Exception => "exception",
            Self::Returning => "returning",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
    /// Reads [`ShipmentStatus::code`].
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }
    /// From Shopify's `shipment_status` or fulfillment event status, any case (CONTRACTS B3). A word that we do not
    /// know is no status: the parcel keeps the one it has.
    pub fn from_shopify(word: &str) -> Option<Self> {
        Some(match word.trim().to_ascii_lowercase().as_str() {
            "label_printed" | "label_purchased" | "submitted" => Self::InfoReceived,
            "confirmed" => Self::InfoReceived,
            "carrier_picked_up" | "in_transit" | "delayed" => Self::InTransit,
            "out_for_delivery" => Self::OutForDelivery,
            "attempted_delivery" => Self::AttemptFailed,
            "ready_for_pickup" => Self::AvailableForPickup,
            "delivered" | "picked_up" => Self::Delivered,
            "failure" | "not_delivered" => Self::Exception,
            "canceled" | "cancelled" | "label_voided" => Self::Cancelled,
            _ => return None,
        })
    }
    /// Whether nothing more is expected of the carrier. Not absolute: delivered may become returned.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Returned | Self::Cancelled | Self::Expired)
    }
    /// Whether the parcel is with the carrier and may still go wrong.
    pub const fn is_active(self) -> bool {
        !self.is_final() && !matches!(self, Self::Pending)
    }
    /// Whether it is a delivery problem.
    pub const fn is_problem(self) -> bool {
        matches!(self, Self::AttemptFailed | Self::Exception | Self::Returning)
    }
}

/// A parcel as the shop or the carrier last told it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentFacts {
    /// The shop's fulfillment id.
    pub external_id: String,
    /// The shop's order id.
    pub order_external_id: String,
    /// Carrier as written (`Coordinadora`).
    pub carrier: Option<String>,
    /// Tracking numbers, the first is the main one.
    pub tracking_numbers: Vec<String>,
    /// The carrier's page for it.
    pub tracking_url: Option<String>,
    /// Status, if this fact carries one.
    pub status: Option<ShipmentStatus>,
    /// Destination city.
    pub city: Option<String>,
    /// The order's lines in it, by the shop's id; none told = all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub line_ids: Vec<String>,
    /// When it was shipped.
    pub created_at: Timestamp,
    /// Version of this fact.
    pub updated_at: Timestamp,
}

/// One scan of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentEvent {
    /// The shop's id of the scan.
    pub external_id: String,
    /// Which parcel.
    pub shipment_external_id: String,
    /// Which order.
    pub order_external_id: String,
    /// Status, if the word is known.
    pub status: Option<ShipmentStatus>,
    /// The raw status word.
    pub raw: String,
    /// What the carrier says.
    pub message: Option<String>,
    /// Where.
    pub city: Option<String>,
    /// The carrier's clock.
    pub happened_at: Timestamp,
    /// Expected delivery.
    pub estimated_delivery_at: Option<Timestamp>,
}

/// A parcel with what is known of it, as agents read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentView {
    /// The shop's fulfillment id.
    pub external_id: String,
    /// Carrier.
    pub carrier: Option<String>,
    /// Main tracking number.
    pub tracking_number: Option<String>,
    /// The carrier's page.
    pub tracking_url: Option<String>,
    /// Status.
    pub status: ShipmentStatus,
    /// Instant of the last scan or change.
    pub last_event_at: Timestamp,
    /// City of the last scan.
    pub last_city: Option<String>,
    /// The carrier's words at the last scan.
    pub last_message: Option<String>,
    /// Expected delivery by the carrier.
    pub estimated_delivery_at: Option<Timestamp>,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// A carrier or city as a comparison key: letters and digits, lower case, without accents.
pub fn place_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            'á' | 'à' | 'ã' | 'â' | 'ä' => key.push('a'),
            'é' | 'è' | 'ê' | 'ë' => key.push('e'),
            'í' | 'ì' | 'î' | 'ï' => key.push('i'),
            'ó' | 'ò' | 'õ' | 'ô' | 'ö' => key.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => key.push('u'),
            'ñ' => key.push('n'),
            'ç' => key.push('c'),
            letter if letter.is_alphanumeric() => key.push(letter),
            _ => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_its_own_code() {
        for status in ShipmentStatus::ALL {
            assert_eq!(ShipmentStatus::from_code(status.code()), Some(status));
        }
    }

    #[test]
    fn an_unknown_word_is_no_status() {
        assert_eq!(ShipmentStatus::from_shopify("teleported"), None);
        assert_eq!(ShipmentStatus::from_shopify("IN_TRANSIT"), Some(ShipmentStatus::InTransit));
    }

    #[test]
    fn places_compare_without_accents_and_case() {
        assert_eq!(place_key("Bogotá, D.C."), place_key("BOGOTA DC"));
        assert_ne!(place_key("Cali"), place_key("Calima"));
    }
}
