//! What a customer's request changes in the shop, when people of the shop approve it.

use std::collections::BTreeMap;

use crate::action::{Action, CANCELLED, SHIPPED};
use crate::flow::{FlowKind, Slot};
use crate::order::{Payment, PostalAddress};
use crate::request::Request;
use crate::tools::OrderView;

/// Why an order is not changed any more (OPERATIONS §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is cancelled.
    Cancelled,
    /// It has left, or its guide is made.
    Shipped,
}

impl Obstacle {
    /// The name in templates, and as the reason of an action.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => CANCELLED,
            Self::Shipped => SHIPPED,
        }
    }
    /// Whether there is one.
    pub fn of(view: &OrderView) -> Option<Self> {
        if view.order.cancelled_at.is_some() {
            return Some(Self::Cancelled);
        }
        let left = matches!(view.order.fulfillment_status.as_deref(), Some("fulfilled" | "partial"));
        (left || !view.shipments.is_empty()).then_some(Self::Shipped)
    }
}

/// Cancelling an order; what was paid goes back.
pub fn cancel(view: &OrderView) -> Action {
    let order = &view.order;
    let paid = matches!(order.financial_status.as_deref(), Some("paid" | "partially_paid" | "partially_refunded"));
    let refund = order.payment == Payment::Prepaid && paid;
    Action::CancelOrder { order: order.external_id.clone(), name: order.name.clone(), refund }
}

/// The change that a request asks of the shop. `None`: there is none that we can make, a person does it.
pub fn of_request(request: &Request, view: &OrderView) -> Option<Result<Action, Obstacle>> {
    let action = match request.asked.kind {
        FlowKind::CancelOrder => cancel(view),
        FlowKind::ChangeShippingAddress => Action::ChangeAddress {
            order: view.order.external_id.clone(),
            name: view.order.name.clone(),
            address: new_address(&request.asked.details, view.order.address.clone().unwrap_or_default())?,
        },
        _ => return None,
    };
    Some(Obstacle::of(view).map_or(Ok(action), Err))
}

/// The address as it was told, over the one that is there: who receives it stays, and so does what was not said anew.
fn new_address(told: &BTreeMap<String, String>, old: PostalAddress) -> Option<PostalAddress> {
    let said = |slot: Slot| told.get(slot.name()).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let street = said(Slot::Street)?;
    let beside: Vec<String> = [Slot::Detail, Slot::Area].into_iter().filter_map(said).collect();
    let city = said(Slot::City);
    let same_place = city.as_deref().is_none_or(|city| old.city.as_deref().is_some_and(|known| alike(known, city)));
    Some(PostalAddress {
        line1: Some(street),
        line2: Some(beside.join(", ")).filter(|text| !text.is_empty()),
        city: city.or(old.city),
        // Another city may be in another province, and has another code.
        province: old.province.filter(|_| same_place),
        zip: said(Slot::Zip).or(old.zip.filter(|_| same_place)),
        ..PostalAddress { line1: None, line2: None, city: None, province: None, zip: None, ..old }
    })
}

fn alike(one: &str, other: &str) -> bool {
    crate::shipment::place_key(one) == crate::shipment::place_key(other)
}

/// Whether an address that the shop shows is the one that was asked for: what we say nothing of may be anything.
pub fn is_address(shown: &PostalAddress, wanted: &PostalAddress) -> bool {
    let same = |shown: &Option<String>, wanted: &Option<String>| {
        let text = |text: &Option<String>| text.as_deref().map(str::trim).unwrap_or_default().to_lowercase();
        text(shown) == text(wanted)
    };
    same(&shown.line1, &wanted.line1)
        && same(&shown.line2, &wanted.line2)
        && same(&shown.city, &wanted.city)
        && (wanted.zip.is_none() || same(&shown.zip, &wanted.zip))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn old() -> PostalAddress {
        PostalAddress {
            name: Some("Ana Ruiz".into()),
            line1: Some("Cl 1 # 2-3".into()),
            line2: Some("Apto 9".into()),
            city: Some("Bogotá".into()),
            province: Some("Cundinamarca".into()),
            country: Some("CO".into()),
            zip: Some("110111".into()),
            phone: Some("+573001112233".into()),
        }
    }

    fn told(slots: &[(Slot, &str)]) -> BTreeMap<String, String> {
        slots.iter().map(|(slot, text)| (slot.name().to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn an_address_is_made_of_what_was_told_and_who_receives_it_stays() {
        let near = told(&[(Slot::Street, "Cra 7 # 45-10"), (Slot::Area, "Chapinero"), (Slot::City, "bogota")]);
        let address = new_address(&near, old()).unwrap();
        assert_eq!(address.line1.as_deref(), Some("Cra 7 # 45-10"));
        assert_eq!(address.line2.as_deref(), Some("Chapinero"), "the old flat is gone");
        assert_eq!((address.name, address.phone, address.zip), (old().name, old().phone, old().zip));
        let far = told(&[(Slot::Street, "Cl 5 # 6-7"), (Slot::City, "Cali"), (Slot::Detail, "Torre 2")]);
        let address = new_address(&far, old()).unwrap();
        assert_eq!((address.province, address.zip, address.city.as_deref()), (None, None, Some("Cali")));
        assert_eq!(new_address(&told(&[(Slot::City, "Cali")]), old()), None, "no street, no address");
    }

    #[test]
    fn an_address_is_recognised_however_it_is_spelled_and_no_other_is() {
        let spelled = PostalAddress { line1: Some(" CL 1 # 2-3".into()), city: Some("BOGOTÁ".into()), ..old() };
        assert!(is_address(&spelled, &old()));
        assert!(!is_address(&PostalAddress { line2: None, ..old() }, &old()));
        assert!(is_address(&old(), &PostalAddress { zip: None, ..old() }));
    }
}
