//! What is said of an order and its parcels (OPERATIONS §2.1, §2.4).

use recado_domain::order::Payment;
use recado_domain::shipment::{ShipmentStatus, ShipmentView};
use recado_domain::tools::OrderView;
use serde_json::{Value, json};

use super::due::Due;
use crate::turn::Turn;
use crate::wording::clip;

/// Who hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// The person of the order, or the shop.
    Own,
    /// Somebody who proved to know the order: the status alone.
    Proven,
}

/// How far an order is, seen from its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Cancelled,
    AwaitingPayment,
    Preparing,
    /// Shipped, but no parcel was told.
    Untracked,
    Parcels,
}

impl Stage {
    fn of(view: &OrderView) -> Self {
        let order = &view.order;
        if order.cancelled_at.is_some() {
            Self::Cancelled
        } else if parcels(view).next().is_some() {
            Self::Parcels
        } else if matches!(order.fulfillment_status.as_deref(), Some("fulfilled" | "partial")) {
            Self::Untracked
        } else if order.payment == Payment::Prepaid && unpaid(order.financial_status.as_deref()) {
            Self::AwaitingPayment
        } else {
            Self::Preparing
        }
    }
    const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::AwaitingPayment => "awaiting_payment",
            Self::Preparing => "preparing",
            Self::Untracked => "untracked",
            Self::Parcels => "parcels",
        }
    }
}

/// Whether an order that is paid beforehand waits for its payment.
pub(super) fn unpaid(status: Option<&str>) -> bool {
    matches!(status, Some("pending" | "authorized" | "expired"))
}

/// Parcels worth speaking of: a voided guide is not one.
fn parcels(view: &OrderView) -> impl Iterator<Item = &ShipmentView> {
    view.shipments.iter().filter(|parcel| parcel.status != ShipmentStatus::Cancelled)
}

/// Whether something is still expected of an order.
pub fn is_active(view: &OrderView) -> bool {
    match Stage::of(view) {
        Stage::Cancelled => false,
        Stage::Parcels => parcels(view).any(|parcel| !parcel.status.is_final()),
        _ => true,
    }
}

/// Whether nobody will be asked for money at a door any more: each parcel has arrived, or is on its way back.
pub(super) fn is_over(view: &OrderView) -> bool {
    parcels(view).next().is_some()
        && parcels(view).all(|parcel| parcel.status.is_final() || parcel.status == ShipmentStatus::Returning)
}

/// Status in a word or two, for buttons and notices.
pub fn short_status<'a>(turn: &Turn<'a>, view: &OrderView) -> &'a str {
    let key = match Stage::of(view) {
        Stage::Parcels => parcels(view).next().map_or("stage.preparing", |parcel| short_key(parcel.status)),
        Stage::Cancelled => "stage.cancelled",
        Stage::AwaitingPayment => "stage.awaiting_payment",
        Stage::Preparing => "stage.preparing",
        Stage::Untracked => "stage.untracked",
    };
    turn.wording.word(turn.language, key)
}

const fn short_key(status: ShipmentStatus) -> &'static str {
    match status {
        ShipmentStatus::Pending => "short.pending",
        ShipmentStatus::InfoReceived => "short.info_received",
        ShipmentStatus::InTransit => "short.in_transit",
        ShipmentStatus::OutForDelivery => "short.out_for_delivery",
        ShipmentStatus::AttemptFailed => "short.attempt_failed",
        ShipmentStatus::AvailableForPickup => "short.available_for_pickup",
        ShipmentStatus::Delivered => "short.delivered",
        ShipmentStatus::Exception => "short.exception",
        ShipmentStatus::Returning => "short.returning",
        ShipmentStatus::Returned => "short.returned",
        ShipmentStatus::Cancelled => "short.cancelled",
        ShipmentStatus::Expired => "short.expired",
    }
}

/// The context of the template `order_status`.
pub fn status_context(turn: &Turn<'_>, view: &OrderView, audience: Audience) -> Value {
    let order = &view.order;
    let stage = Stage::of(view);
    let moments = turn.moments();
    let own = audience == Audience::Own;
    let shown: Vec<Value> = parcels(view).take(5).map(|parcel| parcel_context(turn, parcel, own)).collect();
    let due = own && Due::of(view) == Due::OnDelivery;
    let parcels_said = if stage == Stage::Parcels { shown } else { Vec::new() };
    json!({
        "order": order.name,
        "member": turn.is_member(),
        "stage": stage.code(),
        "booked": moments.day_of(order.processed_at),
        "cancelled": order.cancelled_at.map(|at| moments.day_of(at)),
        "count": parcels_said.len(),
        "parcels": parcels_said,
        "cash": due.then(|| order.total.shown()),
        "own": own,
    })
}

fn parcel_context(turn: &Turn<'_>, parcel: &ShipmentView, own: bool) -> Value {
    let moments = turn.moments();
    let zone = turn.input.merchant.zone();
    let day = |at: recado_domain::Timestamp| at.in_zone(&zone).date();
    let today = day(turn.input.now);
    // «hoy» is said only of a parcel that went out for delivery on this very day.
    let key = match parcel.status {
        ShipmentStatus::OutForDelivery if day(parcel.last_event_at) == today => "status.out_for_delivery_today",
        status => status_key(status),
    };
    let travelling = matches!(
        parcel.status,
        ShipmentStatus::Pending
            | ShipmentStatus::InfoReceived
            | ShipmentStatus::InTransit
            | ShipmentStatus::AttemptFailed
            | ShipmentStatus::Exception
    );
    let promised = parcel.estimated_delivery_at.filter(|_| travelling).map(day);
    let delivered = parcel.delivered_at.filter(|_| parcel.status == ShipmentStatus::Delivered);
    let when = delivered.unwrap_or(parcel.last_event_at);
    json!({
        "status": turn.wording.word(turn.language, key),
        "code": parcel.status.code(),
        "carrier": parcel.carrier.as_deref().filter(|_| own).map(|name| clip(name, 40)),
        "number": parcel.tracking_number.as_deref().filter(|_| own).map(|number| clip(number, 40)),
        "when": moments.moment(when),
        "city": parcel.last_city.as_deref().filter(|_| own).map(|name| clip(name, 40)),
        "travelling": travelling,
        "eta": promised.filter(|date| *date >= today).map(|date| moments.date(date)),
        "late": promised.is_some_and(|date| date < today),
        "problem": parcel.status.is_problem(),
        "link": parcel.tracking_url.as_deref().filter(|link| own && link.starts_with("https://") && link.len() <= 200),
    })
}

const fn status_key(status: ShipmentStatus) -> &'static str {
    match status {
        ShipmentStatus::Pending => "status.pending",
        ShipmentStatus::InfoReceived => "status.info_received",
        ShipmentStatus::InTransit => "status.in_transit",
        ShipmentStatus::OutForDelivery => "status.out_for_delivery",
        ShipmentStatus::AttemptFailed => "status.attempt_failed",
        ShipmentStatus::AvailableForPickup => "status.available_for_pickup",
        ShipmentStatus::Delivered => "status.delivered",
        ShipmentStatus::Exception => "status.exception",
        ShipmentStatus::Returning => "status.returning",
        ShipmentStatus::Returned => "status.returned",
        ShipmentStatus::Cancelled => "status.cancelled",
        ShipmentStatus::Expired => "status.expired",
    }
}
