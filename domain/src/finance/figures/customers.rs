//! Who bought, and who came back.

use std::collections::HashMap;

use jiff::civil::Date;

use super::books::OrderView;
use crate::Timestamp;
use crate::finance::facts::FactSet;

/// The customers of a shop. Their key is the customer's id, else the order itself. A realised order that is not
/// cancelled makes a customer; a refused parcel does not.
pub(super) struct Customers {
    /// Which customer placed each order.
    pub of_order: Vec<usize>,
    /// The first realised order of each customer, with its instant.
    pub first: Vec<Option<(Timestamp, usize)>>,
    /// Each realised order, by day.
    pub visits: Vec<Visit>,
}

/// A realised order of a customer.
#[derive(Clone, Copy)]
pub(super) struct Visit {
    pub day: Date,
    pub customer: usize,
    pub order: usize,
    /// Whether it is the customer's first.
    pub first: bool,
}

impl Customers {
    pub(super) fn new(facts: &FactSet, orders: &[OrderView]) -> Self {
        let mut places: HashMap<(bool, &str), usize> = HashMap::new();
        let mut of_order = Vec::with_capacity(facts.orders.len());
        for order in &facts.orders {
            let key = match &order.customer_id {
                Some(id) => (true, id.as_str()),
                None => (false, order.id.as_str()),
            };
            let next = places.len();
            of_order.push(*places.entry(key).or_insert(next));
        }
        let realised = |place: usize| match facts.orders[place].cancelled_at {
            None => orders[place].realised,
            Some(_) => None,
        };
        // Earliest realised instant; ties by booking, then by id.
        let rank = |at: Timestamp, place: usize| {
            let order = &facts.orders[place];
            (at, order.processed_at, order.id.as_str())
        };
        let mut first: Vec<Option<(Timestamp, usize)>> = vec![None; places.len()];
        for (place, customer) in of_order.iter().enumerate() {
            if let Some(at) = realised(place) {
                let known = &mut first[*customer];
                if known.is_none_or(|(best, order)| rank(at, place) < rank(best, order)) {
                    *known = Some((at, place));
                }
            }
        }
        let mut visits: Vec<Visit> = of_order
            .iter()
            .enumerate()
            .filter_map(|(order, customer)| {
                let day = realised(order)?.in_zone(&facts.shop.zone).date();
                let first = first[*customer].is_some_and(|(_, place)| place == order);
                Some(Visit { day, customer: *customer, order, first })
            })
            .collect();
        visits.sort_by_key(|visit| (visit.day, visit.order));
        Self { of_order, first, visits }
    }

    /// The realised orders of a range of days.
    pub(super) fn visits(&self, first: Date, last: Date) -> &[Visit] {
        let from = self.visits.partition_point(|visit| visit.day < first);
        let to = self.visits.partition_point(|visit| visit.day <= last);
        &self.visits[from..to.max(from)]
    }
}
