//! The list that goes to a carrier: guide, date, amount.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::finance::facts::Outcome;
use crate::finance::figures::{FindingKind, Ledger, Undefined};

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimRow {
    /// What is wrong.
    pub kind: FindingKind,
    /// The parcel, or the remittance.
    pub guide: String,
    /// Its order, or the remittance again.
    pub subject: String,
    /// When it was delivered.
    pub delivered_on: Option<Date>,
    /// Minor units that the carrier owes; negative is to be given back.
    pub amount: i64,
}

/// What is claimed from a carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub carrier: String,
    /// Missing + short − duplicates, in minor units.
    pub amount: i64,
    /// Line by line.
    pub rows: Vec<ClaimRow>,
}

/// The claims on carriers, the largest first.
///
/// # Errors
/// When an amount does not fit.
pub fn claims(ledger: &Ledger) -> Result<Vec<Claim>, Undefined> {
    let facts = ledger.facts();
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    for finding in ledger.reconciliation() {
        let size = i64::try_from(finding.amount).map_err(|_| Undefined::TooLarge)?;
        let (amount, counts) = match finding.kind {
            FindingKind::Missing | FindingKind::Short => (size, true),
            FindingKind::Duplicate => (-size, true),
            FindingKind::Unexpected | FindingKind::NetMismatch => (-size, false),
        };
        let parcel = finding.shipment.as_deref().and_then(|id| facts.shipments.iter().find(|parcel| parcel.id == id));
        let delivered_on = parcel.and_then(|parcel| match parcel.outcome() {
            Outcome::Delivered(at) => Some(at.in_zone(&facts.shop.zone).date()),
            Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => None,
        });
        let claim = claims.entry(finding.carrier.clone()).or_insert_with(|| Claim {
            carrier: finding.carrier.clone(),
            amount: 0,
            rows: Vec::new(),
        });
        if counts {
            claim.amount = claim.amount.checked_add(amount).ok_or(Undefined::TooLarge)?;
        }
        let guide = finding.shipment.clone().unwrap_or_else(|| finding.subject.clone());
        claim.rows.push(ClaimRow { kind: finding.kind, guide, subject: finding.subject, delivered_on, amount });
    }
    let mut claims: Vec<Claim> = claims.into_values().collect();
    claims.sort_by(|one, other| (other.amount, &one.carrier).cmp(&(one.amount, &other.carrier)));
    Ok(claims)
}
