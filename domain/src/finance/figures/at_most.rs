//! Profits that are at most what they say, since costs of goods or fees of gateways are missing in them (FINANCE, choice 6).

use super::evaluate::Figures;
use super::metric::Metric;
use super::sums::Sums;
use crate::finance::ratio::Ratio;

impl Metric {
    /// Whether it is less by every cost of goods that is told later.
    pub const fn bears_costs(self) -> bool {
        matches!(
            self,
            Self::Cm1
                | Self::Cm2
                | Self::Cm3
                | Self::OperatingProfit
                | Self::OperatingMargin
                | Self::Cm1Pct
                | Self::Cm2Pct
                | Self::Cm3Pct
                | Self::Cm2PerOrder
                | Self::Cm3PerOrder
                | Self::ContributionRoas
                | Self::FirstOrderContribution
                | Self::PaybackRatio
        )
    }
    /// Whether it is less by every fee of a gateway that is told later.
    pub const fn bears_fees(self) -> bool {
        self.bears_costs() && !matches!(self, Self::Cm1 | Self::Cm1Pct)
    }
}

impl<S: Sums + ?Sized> Figures<'_, S> {
    /// The share of what was sold whose costs are known, when that is not all of it.
    pub fn known_costs(&self) -> Option<Ratio> {
        let coverage = self.value(Metric::CostCoverage).ok()?.ratio();
        (coverage.numerator() < coverage.denominator()).then_some(coverage)
    }
    /// Whether costs of goods are missing in a figure, so that it is at most what it says.
    pub fn lacks_costs(&self, metric: Metric) -> bool {
        metric.bears_costs() && self.value(metric).is_ok() && self.known_costs().is_some()
    }
    /// Whether fees of gateways are missing in it.
    pub fn lacks_fees(&self, metric: Metric) -> bool {
        metric.bears_fees() && self.value(metric).is_ok() && self.untold_fees() == Ok(true)
    }
    /// Whether a figure is at most what it says.
    pub fn at_most(&self, metric: Metric) -> bool {
        self.lacks_costs(metric) || self.lacks_fees(metric)
    }
}
