//! The requests, as data: what each asks, and when it may be made (OPERATIONS §1.2, §1.6).

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use recado_domain::flow::{FlowKind, Slot};
use recado_domain::order::Payment;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::tools::OrderView;

use super::address;

/// A request as declared.
pub struct Flow {
    /// Which.
    pub kind: FlowKind,
    /// Whether it is about one order.
    pub of_order: bool,
    /// What is asked, in this order.
    pub slots: &'static [SlotSpec],
    /// Whether it may be made now.
    pub guard: fn(&OrderView) -> Result<(), Blocked>,
    /// What «no» at the confirmation means.
    pub on_no: OnNo,
}

/// A question of a request.
pub struct SlotSpec {
    /// For what.
    pub slot: Slot,
    /// Whether it may stay open.
    pub optional: bool,
}

/// What «no» at the confirmation means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnNo {
    /// Something in it is wrong.
    Amend,
    /// It is not wanted.
    Leave,
    /// The order is not wanted: cancel it.
    Cancel,
}

/// Why a request cannot be made by the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Blocked {
    Cancelled,
    Dispatched,
    Delivered,
    NotDelivered,
    NotCashOnDelivery,
    NothingPaid,
}

impl Blocked {
    /// The name in templates and traces.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Dispatched => "dispatched",
            Self::Delivered => "delivered",
            Self::NotDelivered => "not_delivered",
            Self::NotCashOnDelivery => "not_cod",
            Self::NothingPaid => "nothing_paid",
        }
    }
}

/// How far an order is, as far as it decides what may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// No guide yet.
    Open,
    /// A guide, not yet with the carrier: a person may still stop it.
    Labelled,
    /// With the carrier.
    Travelling,
    /// On its way back.
    Returning,
    /// With the customer.
    Delivered,
    /// Called off.
    Cancelled,
}

impl Progress {
    /// From the facts. Of several parcels the one that is farthest decides.
    pub fn of(view: &OrderView) -> Self {
        if view.order.cancelled_at.is_some() {
            return Self::Cancelled;
        }
        let live = view.shipments.iter().filter(|parcel| parcel.status != ShipmentStatus::Cancelled);
        let farthest = live.map(|parcel| match parcel.status {
            ShipmentStatus::Pending | ShipmentStatus::InfoReceived => Self::Labelled,
            ShipmentStatus::Delivered => Self::Delivered,
            ShipmentStatus::Returning | ShipmentStatus::Returned => Self::Returning,
            _ => Self::Travelling,
        });
        let shipped = matches!(view.order.fulfillment_status.as_deref(), Some("fulfilled" | "partial"));
        farthest.max().unwrap_or(if shipped { Self::Travelling } else { Self::Open })
    }
}

fn before_dispatch(view: &OrderView) -> Result<(), Blocked> {
    match Progress::of(view) {
        Progress::Open | Progress::Labelled => Ok(()),
        Progress::Travelling | Progress::Returning => Err(Blocked::Dispatched),
        Progress::Delivered => Err(Blocked::Delivered),
        Progress::Cancelled => Err(Blocked::Cancelled),
    }
}

fn after_delivery(view: &OrderView) -> Result<(), Blocked> {
    match Progress::of(view) {
        Progress::Delivered => Ok(()),
        Progress::Cancelled => Err(Blocked::Cancelled),
        _ => Err(Blocked::NotDelivered),
    }
}

fn cash_before_dispatch(view: &OrderView) -> Result<(), Blocked> {
    before_dispatch(view)?;
    if view.order.payment == Payment::Cod { Ok(()) } else { Err(Blocked::NotCashOnDelivery) }
}

/// Money can go back only where money came.
fn something_paid(view: &OrderView) -> Result<(), Blocked> {
    let status = view.order.financial_status.as_deref();
    let paid = matches!(status, Some("paid" | "partially_paid" | "partially_refunded"));
    let delivered = Progress::of(view) == Progress::Delivered;
    if paid || delivered { Ok(()) } else { Err(Blocked::NothingPaid) }
}

fn always(_: &OrderView) -> Result<(), Blocked> {
    Ok(())
}

const fn needed(slot: Slot) -> SlotSpec {
    SlotSpec { slot, optional: false }
}
const fn optional(slot: Slot) -> SlotSpec {
    SlotSpec { slot, optional: true }
}

/// All requests.
pub static FLOWS: &[Flow] = &[
    Flow {
        kind: FlowKind::ChangeShippingAddress,
        of_order: true,
        slots: &[
            needed(Slot::Street),
            needed(Slot::Area),
            needed(Slot::City),
            needed(Slot::Zip),
            optional(Slot::Detail),
        ],
        guard: before_dispatch,
        on_no: OnNo::Amend,
    },
    Flow {
        kind: FlowKind::CancelOrder,
        of_order: true,
        slots: &[optional(Slot::Reason)],
        guard: before_dispatch,
        on_no: OnNo::Leave,
    },
    Flow {
        kind: FlowKind::PostponeDelivery,
        of_order: true,
        slots: &[needed(Slot::Date)],
        guard: before_dispatch,
        on_no: OnNo::Amend,
    },
    Flow {
        kind: FlowKind::ReturnOrder,
        of_order: true,
        slots: &[needed(Slot::Product), optional(Slot::Reason)],
        guard: after_delivery,
        on_no: OnNo::Amend,
    },
    Flow {
        kind: FlowKind::ExchangeProduct,
        of_order: true,
        slots: &[needed(Slot::Product), needed(Slot::Wanted)],
        guard: after_delivery,
        on_no: OnNo::Amend,
    },
    Flow { kind: FlowKind::ConfirmOrder, of_order: true, slots: &[], guard: cash_before_dispatch, on_no: OnNo::Cancel },
    Flow {
        kind: FlowKind::RefundRequest,
        of_order: true,
        slots: &[optional(Slot::Reason)],
        guard: something_paid,
        on_no: OnNo::Leave,
    },
    Flow { kind: FlowKind::DeleteMyData, of_order: false, slots: &[], guard: always, on_no: OnNo::Leave },
    Flow { kind: FlowKind::ExportMyData, of_order: false, slots: &[], guard: always, on_no: OnNo::Leave },
];

/// The declaration of a kind.
pub fn flow(kind: FlowKind) -> &'static Flow {
    // Every kind stands in the table; a test says so.
    FLOWS.iter().find(|flow| flow.kind == kind).unwrap_or(&FLOWS[0])
}

impl Flow {
    /// The question for a datum, where this request asks it in this country.
    pub fn asks(&self, slot: Slot, country: &str) -> bool {
        let address = matches!(slot, Slot::Street | Slot::Area | Slot::City | Slot::Zip);
        self.slots.iter().any(|spec| spec.slot == slot) && (!address || address::needs(country, slot))
    }
    /// Whether a datum may stay open.
    pub fn may_skip(&self, slot: Slot) -> bool {
        self.slots.iter().any(|spec| spec.slot == slot && spec.optional)
    }
}

/// Whether a delivered order is still within the time of withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// It is.
    Within,
    /// It is not; guarantee and the shop's own rules remain, and a person judges.
    Over,
    /// The carrier gave no day, or the country has no general right.
    Unknown,
}

impl Window {
    /// The name in templates.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Within => "within",
            Self::Over => "over",
            Self::Unknown => "unknown",
        }
    }
    /// By the country's term (OPERATIONS §1.6), counted from the day after delivery. Public holidays are not known here,
    /// so that a term in business days may end later in truth, never earlier.
    pub fn of(country: &str, delivered: Option<Date>, today: Date) -> Self {
        let Some(delivered) = delivered else { return Self::Unknown };
        let (days, business) = match country {
            "CO" | "MX" => (5, true),
            "EC" => (15, true),
            "CL" | "AR" => (10, false),
            "BR" => (7, false),
            _ => return Self::Unknown,
        };
        let mut last = delivered;
        let mut left = days;
        while left > 0 {
            let Ok(next) = last.checked_add(1.day()) else { return Self::Unknown };
            last = next;
            let weekend = matches!(last.weekday(), Weekday::Saturday | Weekday::Sunday);
            left -= i32::from(!business || !weekend);
        }
        if today <= last { Self::Within } else { Self::Over }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_kind_is_declared_once() {
        for kind in FlowKind::ALL {
            assert_eq!(FLOWS.iter().filter(|flow| flow.kind == kind).count(), 1, "{kind:?}");
        }
    }

    #[test]
    fn windows_of_withdrawal_follow_the_country() {
        let thursday = date(2026, 11, 19);
        let window = |country, day| Window::of(country, Some(thursday), date(2026, 11, day));
        assert_eq!(window("CO", 26), Window::Within);
        assert_eq!(window("CO", 27), Window::Over);
        assert_eq!((window("BR", 26), window("BR", 27)), (Window::Within, Window::Over));
        assert_eq!(window("PE", 20), Window::Unknown);
        assert_eq!(Window::of("CO", None, thursday), Window::Unknown);
    }
}
