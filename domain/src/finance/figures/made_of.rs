//! Which measures each figure is made of, and the groups in which they are summed.

use super::measure::Measure as M;
use super::metric::Metric;

/// The lines of operating cash.
pub(super) const OPERATING_CASH: [M; 8] = [
    M::CashPayouts,
    M::CashRemittances,
    M::CashInvoices,
    M::CashCarriers,
    M::CashAds,
    M::CashExpenses,
    M::CashSuppliers,
    M::CashTaxes,
];
/// Of them what leaves.
pub(super) const OUTFLOWS: [M; 5] = [M::CashCarriers, M::CashAds, M::CashExpenses, M::CashSuppliers, M::CashTaxes];
/// All lines of cash.
pub(super) const NET_CASH: [M; 11] = [
    M::CashPayouts,
    M::CashRemittances,
    M::CashInvoices,
    M::CashCarriers,
    M::CashAds,
    M::CashExpenses,
    M::CashSuppliers,
    M::CashTaxes,
    M::CashCapex,
    M::CashFinancing,
    M::CashOwner,
];
/// What is owed soon.
pub(super) const OWED: [M; 5] = [M::OwedSuppliers, M::OwedExpenses, M::OwedAds, M::OwedCarriers, M::OwedGiftCards];

impl Metric {
    /// The measures it is made of.
    pub(super) fn measures(self) -> Vec<M> {
        const BOOKED_NET: [M; 3] = [M::BookedGross, M::BookedDiscounts, M::BookedReturns];
        const NET: [M; 3] = [M::RealisedGross, M::RealisedDiscounts, M::RealisedReturns];
        const CARRIERS: [M; 4] = [M::FreightOut, M::FreightReturn, M::CodFees, M::Compensation];
        const RECEIVABLES: [M; 8] = [
            M::CodDue,
            M::GatewayPending,
            M::InvoicesCurrent,
            M::InvoicesTo30,
            M::InvoicesTo60,
            M::InvoicesTo90,
            M::InvoicesTo180,
            M::InvoicesOlder,
        ];
        let of = |parts: &[&[M]]| parts.concat();
        let cm1 = || of(&[&NET, &[M::Cogs]]);
        let fulfilment = || of(&[&CARRIERS, &[M::VariableExpenses]]);
        let cm2 = || of(&[&cm1(), &fulfilment(), &[M::RealisedShipping, M::Losses, M::PaymentFees, M::Chargebacks]]);
        const MARKETING: [M; 2] = [M::AdSpend, M::MarketingExpenses];
        let cm3 = || of(&[&cm2(), &MARKETING]);
        let profit = || of(&[&cm3(), &[M::FixedExpenses]]);
        let revenue = || of(&[&NET, &[M::RealisedShipping]]);
        match self {
            Self::BookedGrossSales => vec![M::BookedGross],
            Self::BookedDiscounts => vec![M::BookedDiscounts],
            Self::BookedReturns => vec![M::BookedReturns],
            Self::BookedNetSales | Self::Growth | Self::MonthEndProjection => BOOKED_NET.to_vec(),
            Self::BookedShippingRevenue => vec![M::BookedShipping],
            Self::BookedTaxes => vec![M::BookedTaxes],
            Self::BookedNetRevenue => of(&[&BOOKED_NET, &[M::BookedShipping]]),
            Self::BookedTotalSales => of(&[&BOOKED_NET, &[M::BookedShipping, M::BookedTaxes]]),
            Self::BookedUnitsSold => vec![M::BookedUnits],
            Self::BookedUnitsReturned => vec![M::BookedUnitsReturned],
            Self::RealisedGrossSales => vec![M::RealisedGross],
            Self::RealisedDiscounts => vec![M::RealisedDiscounts],
            Self::RealisedReturns => vec![M::RealisedReturns],
            Self::RealisedNetSales => NET.to_vec(),
            Self::RealisedShippingRevenue => vec![M::RealisedShipping],
            Self::RealisedTaxes => vec![M::RealisedTaxes],
            Self::RealisedNetRevenue => revenue(),
            Self::RealisedTotalSales => of(&[&revenue(), &[M::RealisedTaxes]]),
            Self::RealisedUnitsSold => vec![M::RealisedUnits],
            Self::RealisedUnitsReturned => vec![M::RealisedUnitsReturned],
            Self::Orders => vec![M::Orders],
            Self::OrdersCancelled => vec![M::OrdersCancelled],
            Self::RealisedOrders => vec![M::RealisedOrders],
            Self::Aov => vec![M::AtCheckout, M::Orders],
            Self::DiscountRate => vec![M::BookedDiscounts, M::BookedGross],
            Self::ReturnRate => BOOKED_NET.to_vec(),
            Self::RefundsPaid => vec![M::RefundsPaid],
            Self::GiftCardsSold => vec![M::GiftCardsSold],
            Self::Cogs => vec![M::Cogs],
            Self::CostCoverage => vec![M::KnownValue, M::RealisedGross, M::RealisedDiscounts],
            Self::GrossProfit | Self::GrossMargin => vec![M::KnownNet, M::Cogs],
            Self::Cm1 | Self::Cm1Pct => cm1(),
            Self::FreightOut => vec![M::FreightOut],
            Self::FreightReturn => vec![M::FreightReturn],
            Self::CodFees => vec![M::CodFees],
            Self::Compensation => vec![M::Compensation],
            Self::VariableExpenses => vec![M::VariableExpenses],
            Self::Fulfilment => fulfilment(),
            Self::InventoryLosses => vec![M::Losses],
            Self::PaymentFees => vec![M::PaymentFees, M::UntoldFees],
            Self::Chargebacks => vec![M::Chargebacks],
            Self::Cm2 | Self::Cm2Pct | Self::BreakevenRoas => cm2(),
            Self::Cm2PerOrder => of(&[&cm2(), &[M::RealisedOrders]]),
            Self::AdSpend => vec![M::AdSpend],
            Self::Marketing => MARKETING.to_vec(),
            Self::Cm3 | Self::Cm3Pct | Self::ContributionRoas => cm3(),
            Self::Cm3PerOrder => of(&[&cm3(), &[M::RealisedOrders]]),
            Self::FixedExpenses => vec![M::FixedExpenses],
            Self::OperatingProfit
            | Self::OperatingMargin
            | Self::BreakevenRevenue
            | Self::MarginOfSafety
            | Self::OperatingLeverage
            | Self::RuleOf40 => profit(),
            Self::BreakevenOrders => of(&[&profit(), &[M::RealisedOrders]]),
            Self::BlendedRoas => of(&[&BOOKED_NET, &[M::AdSpend]]),
            Self::Mer | Self::AdRatio => of(&[&revenue(), &MARKETING]),
            Self::NewCustomers => vec![M::NewCustomers],
            Self::ActiveCustomers | Self::ReturningCustomerRate => vec![],
            Self::Cac => of(&[&MARKETING, &[M::NewCustomers]]),
            Self::FirstOrderContribution => vec![M::FirstContribution],
            Self::PaybackRatio => of(&[&MARKETING, &[M::CustomerContribution]]),
            Self::BurnMultiple => of(&[&NET_CASH, &revenue()]),
            Self::Withheld => vec![M::Withheld],
            Self::InputVat => vec![M::InputVat],
            Self::VatSetAside => vec![M::RealisedTaxes, M::InputVat, M::WithheldVat],
            Self::CashPayouts => vec![M::CashPayouts],
            Self::CashRemittances => vec![M::CashRemittances],
            Self::CashInvoices => vec![M::CashInvoices],
            Self::CashCarriers => vec![M::CashCarriers],
            Self::CashAds => vec![M::CashAds],
            Self::CashExpenses => vec![M::CashExpenses],
            Self::CashSuppliers => vec![M::CashSuppliers],
            Self::CashTaxes => vec![M::CashTaxes],
            Self::CashCapex => vec![M::CashCapex],
            Self::CashFinancing => vec![M::CashFinancing],
            Self::CashOwner => vec![M::CashOwner],
            Self::CashOperating | Self::MonthlyOperatingCashFlow => OPERATING_CASH.to_vec(),
            Self::CashNet => NET_CASH.to_vec(),
            Self::CodPlaced => vec![M::CodPlaced],
            Self::CodConfirmed => vec![M::CodConfirmed],
            Self::CodConfirmationRate => vec![M::CodPlaced, M::CodConfirmed],
            Self::CodShipped => vec![M::CodShipped],
            Self::CodDelivered => vec![M::CodDelivered],
            Self::CodReturned => vec![M::CodReturned],
            Self::CodLost => vec![M::CodLost],
            Self::CodInTransit => vec![M::CodInTransit],
            Self::CodDeliveryRate => vec![M::CodDelivered, M::CodReturned, M::CodLost],
            Self::CodPlacedDelivered => vec![M::CodPlacedDelivered],
            Self::CodEndToEndRate => vec![M::CodPlaced, M::CodPlacedDelivered],
            Self::CodLogisticsCost => vec![M::CodLogistics],
            Self::CodCostPerDelivered => vec![M::CodLogistics, M::CodDelivered],
            Self::CodBreakevenDeliveryRate => {
                of(&[&[M::CodGain, M::CodFailedCost, M::ParcelsShipped, M::VariableExpenses], &MARKETING])
            }
            Self::Cash => vec![M::HeldCash],
            Self::CodReceivable => vec![M::CodDue],
            Self::CodOverdue => vec![M::CodOverdue],
            Self::CodOverpaid => vec![M::CodOverpaid],
            Self::CodOnTheWay => vec![M::CodOnTheWay],
            Self::GatewayPending => vec![M::GatewayPending, M::UntoldPayouts],
            Self::InvoicesOpen | Self::ExpectedLoss => RECEIVABLES[2..].to_vec(),
            Self::InvoicesOverdue => RECEIVABLES[3..].to_vec(),
            Self::Receivables => RECEIVABLES.to_vec(),
            Self::OverdueShare => of(&[&RECEIVABLES, &[M::CodOverdue]]),
            Self::SupplierPayables => vec![M::OwedSuppliers],
            Self::ExpensesPayable => vec![M::OwedExpenses],
            Self::AdsPayable => vec![M::OwedAds],
            Self::CarriersPayable => vec![M::OwedCarriers],
            Self::GiftCardLiability => vec![M::OwedGiftCards],
            Self::CurrentLiabilities => OWED.to_vec(),
            Self::Inventory => vec![M::HeldInventory],
            Self::QuickRatio => of(&[&RECEIVABLES, &OWED, &[M::HeldCash]]),
            Self::CurrentRatio => of(&[&RECEIVABLES, &OWED, &[M::HeldCash, M::HeldInventory]]),
            Self::AvgDailyOutflow => OUTFLOWS.to_vec(),
            Self::CashBufferDays => of(&[&OUTFLOWS, &[M::HeldCash]]),
            Self::RunwayMonths => of(&[&OPERATING_CASH, &[M::HeldCash]]),
            Self::Dso => of(&[&RECEIVABLES, &revenue(), &[M::RealisedTaxes, M::Invoiced]]),
            Self::Dio => vec![M::HeldInventory, M::Cogs],
            Self::Dpo => vec![M::OwedSuppliers, M::Cogs],
            Self::Ccc => of(&[
                &RECEIVABLES,
                &revenue(),
                &[M::RealisedTaxes, M::Invoiced, M::HeldInventory, M::Cogs, M::OwedSuppliers],
            ]),
        }
    }
}
