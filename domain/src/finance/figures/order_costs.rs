//! What an order paid beforehand costs to send and to charge, for pricing (FINANCE §2.6).

use super::evaluate::{Defined, Figures, ratio};
use super::undefined::Undefined;
use crate::finance::facts::{ChargeKind, PaymentKind};
use crate::finance::ratio::Ratio;

/// Costs of an order over some days, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCosts {
    /// Mean freight out, with surcharges, of a prepaid parcel, in minor units; `None` when none left.
    pub freight: Option<Ratio>,
    /// Fees of gateways ÷ what they charged; `None` when they charged nothing. Fixed parts of a fee are inside.
    pub fee: Option<Ratio>,
}

impl Figures<'_> {
    /// The costs of prepaid orders whose parcels left, and of charges made, on these days.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn order_costs(&self) -> Defined<OrderCosts> {
        let books = &self.sums.books;
        let (mut parcels, mut freight) = (0_i128, 0_i128);
        for (place, parcel) in books.facts.shipments.iter().enumerate() {
            if books.is_cod(place) || !self.days.holds(books.day(parcel.shipped_at)) {
                continue;
            }
            parcels += 1;
            let charges = books.charges_of_parcel[place].iter().map(|place| &books.facts.charges[*place]);
            freight += charges
                .filter(|charge| matches!(charge.kind, ChargeKind::Outbound | ChargeKind::Surcharge))
                .map(|charge| books.cost(charge.amount, charge.vat))
                .sum::<i128>();
        }
        let (mut charged, mut fees) = (0_i128, 0_i128);
        for payment in books.facts.payments.iter().filter(|payment| payment.pays_out()) {
            if payment.kind == PaymentKind::Charge && self.days.holds(books.day(payment.processed_at)) {
                charged += i128::from(payment.amount);
                fees += books.cost(payment.fee, payment.fee_vat);
            }
        }
        let of = |sum: i128, count: i128| match ratio(sum, count) {
            Err(Undefined::ZeroDenominator) => Ok(None),
            other => other.map(Some),
        };
        Ok(OrderCosts { freight: of(freight, parcels)?, fee: of(fees, charged)? })
    }
}
