//! A parcel of the shop, as one of its books.

use std::collections::{BTreeSet, HashMap};

use super::super::{FactsError, Shipment};
use super::ShopFacts;
use super::order::too_large;
use crate::order::{OrderFacts, Payment};
use crate::shipment::ShipmentStatus;
use crate::{Money, Timestamp};

/// A parcel as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShopParcel {
    /// The shop's id.
    pub external_id: String,
    /// The shop's id of its order.
    pub order_external_id: String,
    /// Who carries it, as written.
    pub carrier: Option<String>,
    /// Its main tracking number.
    pub tracking_number: Option<String>,
    /// The order's lines in it; none = all.
    pub line_ids: Vec<String>,
    /// Where it is.
    pub status: ShipmentStatus,
    /// When its fulfillment was made; the epoch when only scans told of it.
    pub created_at: Timestamp,
    /// Its last news.
    pub last_event_at: Timestamp,
    /// When it arrived.
    pub delivered_at: Option<Timestamp>,
}

/// The first parcel that left, of each order.
pub(super) fn first_parcels(shop: &ShopFacts) -> HashMap<&str, &str> {
    let left: BTreeSet<(&str, Timestamp, &str)> = shop
        .parcels
        .iter()
        .filter(|parcel| parcel.has_left())
        .map(|parcel| (parcel.order_external_id.as_str(), parcel.left_at(), parcel.external_id.as_str()))
        .collect();
    let mut firsts = HashMap::new();
    for (order, _, parcel) in left {
        firsts.entry(order).or_insert(parcel);
    }
    firsts
}

impl Shipment {
    /// With what the shop did not tell taken from an imported copy.
    pub(super) fn filled_from(self, imported: &Self) -> Self {
        Self {
            line_ids: self.line_ids.or_else(|| imported.line_ids.clone()),
            delivered_at: self.delivered_at.or(imported.delivered_at),
            returned_at: self.returned_at.or(imported.returned_at),
            lost_at: self.lost_at.or(imported.lost_at),
            return_condition: self.return_condition.or(imported.return_condition),
            ..self
        }
    }
}

impl ShopParcel {
    /// Whether a carrier has or had it.
    pub(super) fn has_left(&self) -> bool {
        let moved =
            !matches!(self.status, ShipmentStatus::Pending | ShipmentStatus::InfoReceived | ShipmentStatus::Cancelled);
        moved || self.delivered_at.is_some()
    }

    fn left_at(&self) -> Timestamp {
        let told = if self.created_at > Timestamp::EPOCH { self.created_at } else { self.last_event_at };
        self.delivered_at.map_or(told, |delivered| told.min(delivered))
    }

    pub(super) fn parcel(
        &self,
        id: &str,
        order_id: &str,
        carrier: String,
        order: &OrderFacts,
        first: bool,
    ) -> Result<Shipment, FactsError> {
        let delivered_at =
            self.delivered_at.or((self.status == ShipmentStatus::Delivered).then_some(self.last_event_at));
        let left_at = self.left_at();
        let turned_back = order.cancelled_at.filter(|cancelled| *cancelled >= left_at);
        let returned_at = match (delivered_at, self.status) {
            (Some(_), _) => None,
            (None, ShipmentStatus::Returned) => Some(self.last_event_at),
            (None, _) => turned_back.map(|cancelled| cancelled.max(self.last_event_at)),
        };
        let cod_amount = match order.payment {
            Payment::Prepaid => 0,
            Payment::Cod => {
                let due = self.due(order, delivered_at, first).max(0);
                i64::try_from(due).map_err(|_| too_large(order_id, "cod_amount"))?
            }
        };
        Ok(Shipment {
            id: id.to_owned(),
            order_id: order_id.to_owned(),
            carrier,
            line_ids: (!self.line_ids.is_empty()).then(|| self.line_ids.clone()),
            shipped_at: left_at,
            delivered_at,
            returned_at,
            lost_at: None,
            return_condition: None,
            cod_amount,
        })
    }

    /// What the carrier collects for it.
    fn due(&self, order: &OrderFacts, delivered_at: Option<Timestamp>, first: bool) -> i128 {
        let holds =
            |line: &str| if self.line_ids.is_empty() { first } else { self.line_ids.iter().any(|id| id == line) };
        let wide = |money: Money| i128::from(money.minor);
        let on_top = |tax: Money| if order.taxes_included { 0 } else { wide(tax) };
        let mut due = 0;
        for line in order.lines.iter().filter(|line| holds(&line.external_id)) {
            due += wide(line.unit_price) * i128::from(line.quantity) - wide(line.discount) + on_top(line.tax);
        }
        if first {
            for charge in &order.shipping {
                due += wide(charge.price) - wide(charge.discount) + on_top(charge.tax);
            }
        }
        let arrived = |at: Timestamp| delivered_at.is_some_and(|delivered| at >= delivered);
        for refund in order.refunds.iter().filter(|refund| !arrived(refund.processed_at)) {
            for line in refund.lines.iter().filter(|line| holds(&line.line_id)) {
                due -= wide(line.subtotal) + wide(line.tax);
            }
            if first {
                due -= refund.shipping.map_or(0, |back| wide(back.amount) + wide(back.tax));
                due += refund.adjustment.map_or(0, |change| wide(change.amount) + wide(change.tax));
            }
        }
        due
    }
}
