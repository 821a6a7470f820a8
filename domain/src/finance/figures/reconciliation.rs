//! What carriers paid over, against what they collected (FINANCE §1.3).

use jiff::civil::Date;
use serde::Serialize;

use super::days::shifted;
use super::tally::{Open, OpenParcel};
use crate::Timestamp;
use crate::finance::facts::{Outcome, Shop};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// Delivered, past the term, nothing collected.
    Missing,
    /// Collected less than due.
    Short,
    /// Collected in two remittances.
    Duplicate,
    /// Collected though not delivered.
    Unexpected,
    /// The remittance is not what its lines say.
    NetMismatch,
}

/// A parcel or remittance that does not add up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: FindingKind,
    /// Order, remittance or, without an order, parcel.
    pub subject: String,
    /// The parcel, if it is about one.
    pub shipment: Option<String>,
    /// The carrier.
    pub carrier: String,
    /// Minor units: still owed (missing, short), to give back (duplicate, unexpected), net − Σ lines (net mismatch).
    pub amount: i128,
    /// When its parcel arrived.
    pub delivered_on: Option<Date>,
}

pub(super) fn findings(open: &Open, shop: &Shop, today: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> = open.parcels.iter().filter_map(|parcel| of_parcel(parcel, shop, today)).collect();
    findings.extend(open.mismatches.iter().map(|remittance| Finding {
        kind: FindingKind::NetMismatch,
        subject: remittance.id.clone(),
        shipment: None,
        carrier: remittance.carrier.clone(),
        amount: remittance.amount,
        delivered_on: None,
    }));
    findings
}

fn of_parcel(parcel: &OpenParcel, shop: &Shop, today: Date) -> Option<Finding> {
    let due = i128::from(parcel.due);
    let day = |at: Timestamp| at.in_zone(&shop.zone).date();
    let (kind, amount) = match parcel.outcome {
        Outcome::Delivered(_) if parcel.collections > 1 => (FindingKind::Duplicate, parcel.collected - due),
        Outcome::Delivered(at) if parcel.collected == 0 && due > 0 => {
            if shifted(day(at), parcel.terms?.term_days.into()) >= today {
                return None;
            }
            (FindingKind::Missing, due)
        }
        Outcome::Delivered(_) if parcel.collected < due => (FindingKind::Short, due - parcel.collected),
        Outcome::Delivered(_) => return None,
        Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit if parcel.collected != 0 => {
            (FindingKind::Unexpected, parcel.collected)
        }
        Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => return None,
    };
    let delivered_on = match parcel.outcome {
        Outcome::Delivered(at) => Some(day(at)),
        Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => None,
    };
    Some(Finding {
        kind,
        subject: parcel.order.clone().unwrap_or_else(|| parcel.id.clone()),
        shipment: Some(parcel.id.clone()),
        carrier: parcel.carrier.clone(),
        amount,
        delivered_on,
    })
}
