//! What an order paid beforehand costs to send and to charge, for pricing (FINANCE §2.6).

use super::evaluate::{Defined, Figures, ratio};
use super::measure::Measure as M;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::finance::ratio::Ratio;

/// Costs of an order over some days, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCosts {
    /// Mean freight out, with surcharges, of a prepaid parcel, in minor units; `None` when none left.
    pub freight: Option<Ratio>,
    /// Fees of gateways ÷ what they charged; `None` when they charged nothing. Fixed parts of a fee are inside.
    pub fee: Option<Ratio>,
}

impl<S: Sums + ?Sized> Figures<'_, S> {
    /// The costs of prepaid orders whose parcels left, and of charges made, on these days.
    ///
    /// # Errors
    /// When a sum does not fit.
    pub fn order_costs(&self) -> Defined<OrderCosts> {
        let of = |sum: i128, count: i128| match ratio(sum, count) {
            Err(Undefined::ZeroDenominator) => Ok(None),
            other => other.map(Some),
        };
        Ok(OrderCosts {
            freight: of(self.sum(M::PrepaidFreight)?, self.sum(M::PrepaidParcels)?)?,
            fee: of(self.sum(M::GatewayFees)?, self.sum(M::GatewayCharged)?)?,
        })
    }
}
