//! Why a figure is not there.

use serde::Serialize;

/// Why a figure is undefined. Undefined is never zero and never infinite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Undefined {
    /// Nothing to divide by.
    #[error("zero_denominator")]
    ZeroDenominator,
    /// An amount in another currency has no rate on or before its day.
    #[error("no_exchange_rate")]
    NoExchangeRate,
    /// A carrier's terms were not told.
    #[error("no_carrier_terms")]
    NoCarrierTerms,
    /// The shop does not charge VAT.
    #[error("not_vat_registered")]
    NotVatRegistered,
    /// With these margins there is no break-even.
    #[error("no_break_even")]
    NoBreakEven,
    /// There is no profit to lever.
    #[error("no_profit")]
    NoProfit,
    /// Cash is not burning.
    #[error("not_burning_cash")]
    NotBurningCash,
    /// Revenue did not grow.
    #[error("no_growth")]
    NoGrowth,
    /// No balance of an account is known.
    #[error("no_cash_balance")]
    NoCashBalance,
    /// No count of the stock is known when it is needed.
    #[error("no_stock_snapshot")]
    NoStockSnapshot,
    /// Nothing was sold in the period before: only the difference can be told.
    #[error("no_earlier_sales")]
    NoEarlierSales,
    /// Fewer than 30 realised orders in the period before.
    #[error("few_earlier_orders")]
    FewEarlierOrders,
    /// The month has no full day yet.
    #[error("first_day_of_month")]
    FirstDayOfMonth,
    /// It takes at least one delivered and one failed parcel.
    #[error("no_delivered_and_failed_parcels")]
    NoDeliveredAndFailedParcels,
    /// Charges went through a gateway of whose fees nobody told.
    #[error("no_gateway_fees")]
    NoGatewayFees,
    /// Payments went through a gateway of which nobody told when it pays out.
    #[error("no_gateway_terms")]
    NoGatewayTerms,
    /// More parcels and bills are open than are read one by one.
    #[error("too_much_open")]
    TooMuchOpen,
    /// No price reaches it.
    #[error("impossible")]
    Impossible,
    /// A number does not fit: an error of the facts, not a figure that is not there.
    #[error("too_large")]
    TooLarge,
}

impl Undefined {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 19] = [
        Self::ZeroDenominator,
        Self::NoExchangeRate,
        Self::NoCarrierTerms,
        Self::NotVatRegistered,
        Self::NoBreakEven,
        Self::NoProfit,
        Self::NotBurningCash,
        Self::NoGrowth,
        Self::NoCashBalance,
        Self::NoStockSnapshot,
        Self::NoEarlierSales,
        Self::FewEarlierOrders,
        Self::FirstDayOfMonth,
        Self::NoDeliveredAndFailedParcels,
        Self::NoGatewayFees,
        Self::NoGatewayTerms,
        Self::TooMuchOpen,
        Self::Impossible,
        Self::TooLarge,
    ];
}

impl From<crate::finance::ratio::TooLarge> for Undefined {
    fn from(_: crate::finance::ratio::TooLarge) -> Self {
        Self::TooLarge
    }
}
