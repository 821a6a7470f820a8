//! Parcels, what carriers charge for them and pay over.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use jiff::civil::Date;

/// A parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shipment {
    /// Its id.
    pub id: String,
    /// Of which order.
    pub order_id: String,
    /// Who carries it.
    pub carrier: String,
    /// Which lines; `None` = all.
    pub line_ids: Option<Vec<String>>,
    /// When it left.
    pub shipped_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
    /// When it came back.
    pub returned_at: Option<Timestamp>,
    /// When it was lost.
    pub lost_at: Option<Timestamp>,
    /// How it came back.
    pub return_condition: Option<Condition>,
    /// What the carrier collects at the door.
    pub cod_amount: i64,
}

/// How goods came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Condition {
    /// Fit for sale.
    Resellable,
    /// Not fit for sale.
    Damaged,
}

/// What became of a parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Arrived, at this instant.
    Delivered(Timestamp),
    /// Came back, at this instant.
    Returned(Timestamp),
    /// Lost, at this instant.
    Lost(Timestamp),
    /// On the way.
    InTransit,
}

impl Shipment {
    /// Delivered, else returned, else lost, else in transit.
    pub fn outcome(&self) -> Outcome {
        match (self.delivered_at, self.returned_at, self.lost_at) {
            (Some(at), _, _) => Outcome::Delivered(at),
            (None, Some(at), _) => Outcome::Returned(at),
            (None, None, Some(at)) => Outcome::Lost(at),
            (None, None, None) => Outcome::InTransit,
        }
    }
    /// Whether it holds a line.
    pub fn holds(&self, line_id: &str) -> bool {
        self.line_ids.as_ref().is_none_or(|ids| ids.iter().any(|id| id == line_id))
    }
    /// When its goods were lost to the shop: lost, or back damaged.
    pub fn goods_lost_at(&self) -> Option<Timestamp> {
        match self.outcome() {
            Outcome::Lost(at) => Some(at),
            Outcome::Returned(at) if self.return_condition == Some(Condition::Damaged) => Some(at),
            Outcome::Returned(_) | Outcome::Delivered(_) | Outcome::InTransit => None,
        }
    }
}

/// What a carrier charges for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeKind {
    /// To the buyer.
    Outbound,
    /// Back.
    Return,
    /// Collecting.
    CodFee,
    /// On top of the freight out.
    Surcharge,
    /// For a loss; negative.
    Compensation,
}

/// A charge of a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierCharge {
    /// Its id.
    pub id: String,
    /// For which parcel.
    pub shipment_id: String,
    /// For what.
    pub kind: ChargeKind,
    /// Without VAT.
    pub amount: i64,
    /// VAT.
    pub vat: i64,
    /// When.
    pub occurred_at: Timestamp,
    /// Whether it is kept from the remittance.
    pub deducted: bool,
    /// When it is, or will be, paid.
    pub paid_on: Option<Date>,
}

/// What a carrier paid over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remittance {
    /// Its id.
    pub id: String,
    /// Who paid.
    pub carrier: String,
    /// When.
    pub remitted_at: Timestamp,
    /// What arrived.
    pub net: i64,
    /// For which parcels.
    pub lines: Vec<RemittanceLine>,
}

/// A parcel in a remittance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemittanceLine {
    /// Which parcel.
    pub shipment_id: String,
    /// Collected at the door.
    pub collected: i64,
    /// Kept for freight.
    pub freight: i64,
    /// Kept for collecting.
    pub fee: i64,
    /// Kept for anything else.
    pub other: i64,
}
