//! What is left to pay of an order, as far as the shop has told. Whoever speaks of money in an order asks here.

use recado_domain::order::Payment;
use recado_domain::tools::OrderView;

use super::status::{is_over, unpaid};

/// What is left to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// All of it, to whoever brings the parcel.
    OnDelivery,
    /// All of it, before it is sent.
    Beforehand,
    /// Nothing: it is paid.
    Nothing,
    /// Nothing: there is no order any more.
    Cancelled,
    /// The shop has told of a part, or of money given back, and not how much is left.
    Unclear,
}

impl Due {
    pub(super) fn of(view: &OrderView) -> Self {
        let order = &view.order;
        if order.cancelled_at.is_some() {
            return Self::Cancelled;
        }
        match (order.financial_status.as_deref(), order.payment) {
            (Some("paid"), _) => Self::Nothing,
            (None | Some("pending"), Payment::Cod) if !is_over(view) => Self::OnDelivery,
            (status, Payment::Prepaid) if unpaid(status) => Self::Beforehand,
            _ => Self::Unclear,
        }
    }

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::OnDelivery => "on_delivery",
            Self::Beforehand => "beforehand",
            Self::Nothing => "nothing",
            Self::Cancelled => "cancelled",
            Self::Unclear => "unclear",
        }
    }
}
