//! What carriers paid over, against what they collected (FINANCE §1.3).

use serde::Serialize;

use super::books::Books;
use super::days::shifted;
use super::ledger::Ledger;
use crate::finance::facts::Outcome;

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
}

impl Ledger {
    /// Everything that does not add up at `as_of`: parcels by their day and id, then remittances.
    pub fn reconciliation(&self) -> Vec<Finding> {
        self.books.findings()
    }
}

impl Books {
    fn findings(&self) -> Vec<Finding> {
        let mut parcels: Vec<usize> = (0..self.facts.shipments.len()).collect();
        parcels.sort_by_key(|place| {
            let parcel = &self.facts.shipments[*place];
            (parcel.shipped_at, parcel.id.as_str())
        });
        let mut findings: Vec<Finding> = parcels.into_iter().filter_map(|place| self.of_parcel(place)).collect();
        let mut remittances: Vec<_> = self.facts.remittances.iter().collect();
        remittances.sort_by_key(|remittance| (remittance.remitted_at, remittance.id.as_str()));
        for remittance in remittances {
            let lines = remittance.lines.iter().map(|line| {
                i128::from(line.collected) - i128::from(line.freight) - i128::from(line.fee) - i128::from(line.other)
            });
            let amount = i128::from(remittance.net) - lines.sum::<i128>();
            if amount != 0 {
                findings.push(Finding {
                    kind: FindingKind::NetMismatch,
                    subject: remittance.id.clone(),
                    shipment: None,
                    carrier: remittance.carrier.clone(),
                    amount,
                });
            }
        }
        findings
    }

    fn of_parcel(&self, place: usize) -> Option<Finding> {
        let (parcel, settled) = (&self.facts.shipments[place], &self.settled[place]);
        let due = i128::from(parcel.cod_amount);
        let (kind, amount) = match parcel.outcome() {
            Outcome::Delivered(_) if settled.collections > 1 => (FindingKind::Duplicate, settled.collected - due),
            Outcome::Delivered(at) if settled.collected == 0 && due > 0 => {
                let terms = self.facts.shop.carriers.get(&parcel.carrier)?;
                if shifted(self.day(at), terms.term_days.into()) >= self.today {
                    return None;
                }
                (FindingKind::Missing, due)
            }
            Outcome::Delivered(_) if settled.collected < due => (FindingKind::Short, due - settled.collected),
            Outcome::Delivered(_) => return None,
            Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit if settled.collected != 0 => {
                (FindingKind::Unexpected, settled.collected)
            }
            Outcome::Returned(_) | Outcome::Lost(_) | Outcome::InTransit => return None,
        };
        let order = self.order_of_parcel[place].map(|order| self.facts.orders[order].id.clone());
        Some(Finding {
            kind,
            subject: order.unwrap_or_else(|| parcel.id.clone()),
            shipment: Some(parcel.id.clone()),
            carrier: parcel.carrier.clone(),
            amount,
        })
    }
}
