//! What is at stake with a parcel that is paid at the door (FINANCE §2.4): what a delivery earns, what a failure costs.

use super::evaluate::{Defined, Figures, fits, ratio};
use super::measure::Measure as M;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::finance::ratio::Ratio;

/// Cash on delivery over some days, by the day parcels left. Amounts are minor units, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stakes {
    /// Parcels that left.
    pub parcels: i64,
    /// Of them resolved: delivered, back or lost.
    pub resolved: i64,
    /// delivered ÷ resolved.
    pub rate: Ratio,
    /// M: mean gain of a delivered parcel, after its own charges.
    pub gain: Ratio,
    /// L: mean charges and write-offs of a failed one; zero when none failed.
    pub loss: Ratio,
    /// Of M: mean charges of a delivered parcel.
    pub charges: Ratio,
    /// Advertising and other marketing per parcel of any kind.
    pub marketing: Ratio,
    /// Variable expenses per parcel of any kind.
    pub variable: Ratio,
}

impl Stakes {
    /// What a parcel is expected to leave at a delivery rate: `d · (M + L) − L − k`, in minor units.
    ///
    /// # Errors
    /// When it does not fit.
    pub fn expected_at(&self, rate: Ratio) -> Defined<Ratio> {
        let stake = self.gain.plus(self.loss)?;
        let shared = self.marketing.plus(self.variable)?;
        Ok(rate.times(stake)?.minus(self.loss)?.minus(shared)?)
    }
}

impl<S: Sums + ?Sized> Figures<'_, S> {
    /// Parcels that left on these days.
    ///
    /// # Errors
    /// When the count does not fit.
    pub fn parcels(&self) -> Defined<i64> {
        fits(self.sum(M::ParcelsShipped)?)
    }

    /// What is at stake with each cash-on-delivery parcel of these days.
    ///
    /// # Errors
    /// When no parcel was delivered, or an amount is not known.
    pub fn stakes(&self) -> Defined<Stakes> {
        let delivered = self.sum(M::CodDelivered)?;
        let failed = self.sum(M::CodReturned)? + self.sum(M::CodLost)?;
        if delivered == 0 {
            return Err(Undefined::NoDeliveredAndFailedParcels);
        }
        let all = self.sum(M::ParcelsShipped)?;
        let marketing = self.sum(M::AdSpend)? + self.sum(M::MarketingExpenses)?;
        Ok(Stakes {
            parcels: fits(self.sum(M::CodShipped)?)?,
            resolved: fits(delivered + failed)?,
            rate: ratio(delivered, delivered + failed)?,
            gain: ratio(self.sum(M::CodGain)?, delivered)?,
            loss: if failed == 0 { Ratio::ZERO } else { ratio(self.sum(M::CodFailedCost)?, failed)? },
            charges: ratio(self.sum(M::CodDeliveredCharges)?, delivered)?,
            marketing: ratio(marketing, all)?,
            variable: ratio(self.sum(M::VariableExpenses)?, all)?,
        })
    }
}
