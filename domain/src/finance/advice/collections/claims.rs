//! The list that goes to a carrier: guide, date, amount.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::finance::figures::{Accounts, FindingKind, Undefined};

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
pub fn claims(accounts: &dyn Accounts) -> Result<Vec<Claim>, Undefined> {
    let mut claims: BTreeMap<String, Claim> = BTreeMap::new();
    for finding in accounts.reconciliation()? {
        let size = i64::try_from(finding.amount).map_err(|_| Undefined::TooLarge)?;
        let (amount, counts) = match finding.kind {
            FindingKind::Missing | FindingKind::Short => (size, true),
            FindingKind::Duplicate => (-size, true),
            FindingKind::Unexpected | FindingKind::NetMismatch => (-size, false),
        };
        let claim = claims.entry(finding.carrier.clone()).or_insert_with(|| Claim {
            carrier: finding.carrier.clone(),
            amount: 0,
            rows: Vec::new(),
        });
        if counts {
            claim.amount = claim.amount.checked_add(amount).ok_or(Undefined::TooLarge)?;
        }
        let guide = finding.shipment.clone().unwrap_or_else(|| finding.subject.clone());
        let delivered_on = finding.delivered_on;
        claim.rows.push(ClaimRow { kind: finding.kind, guide, subject: finding.subject, delivered_on, amount });
    }
    let mut claims: Vec<Claim> = claims.into_values().collect();
    claims.sort_by(|one, other| (other.amount, &one.carrier).cmp(&(one.amount, &other.carrier)));
    Ok(claims)
}
