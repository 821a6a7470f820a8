//! What a fact can move.

macro_rules! measures {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A sum that facts move, day by day. Amounts are minor units of the shop's currency.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Measure { $($(#[$doc])* $name,)* }
        impl Measure {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// How many they are.
            pub const COUNT: usize = Self::ALL.len();
            /// Their names, in the same order.
            pub(super) const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];
        }
    };
}

measures! {
    /// Price × quantity without VAT, as booked.
    BookedGross,
    /// Discounts without VAT, as booked.
    BookedDiscounts,
    /// Refunds, cancellations and adjustments, as booked.
    BookedReturns,
    /// Shipping charged less given back, as booked.
    BookedShipping,
    /// VAT charged less given back, as booked.
    BookedTaxes,
    /// Units sold, as booked.
    BookedUnits,
    /// Units given back, as booked.
    BookedUnitsReturned,
    /// Orders with goods, on the day they were booked.
    Orders,
    /// Of them cancelled by now.
    OrdersCancelled,
    /// (gross − discounts) of lines present at checkout.
    AtCheckout,
    /// Price × quantity without VAT, when realised.
    RealisedGross,
    /// Discounts without VAT, when realised.
    RealisedDiscounts,
    /// Refunds, cancellations and adjustments of what was realised.
    RealisedReturns,
    /// Shipping charged less given back, when realised.
    RealisedShipping,
    /// VAT charged less given back, when realised.
    RealisedTaxes,
    /// Units sold, when realised.
    RealisedUnits,
    /// Units given back of what was realised.
    RealisedUnitsReturned,
    /// Orders, not cancelled, on the day their first line was realised.
    RealisedOrders,
    /// Cost of goods, less what came back to stock.
    Cogs,
    /// (gross − discounts) of realised lines with a known cost.
    KnownValue,
    /// The same after their returns.
    KnownNet,
    /// Freight out, with surcharges.
    FreightOut,
    /// Freight back.
    FreightReturn,
    /// Fees for collecting.
    CodFees,
    /// Compensations of carriers, negative.
    Compensation,
    /// Cost of goods lost or back damaged.
    Losses,
    /// Fees of gateways.
    PaymentFees,
    /// Charged through gateways of whose fees nobody told.
    UntoldFees,
    /// Chargebacks less won back.
    Chargebacks,
    /// Refund payments.
    RefundsPaid,
    /// Gift cards sold.
    GiftCardsSold,
    /// Gift cards redeemed.
    GiftCardsRedeemed,
    /// Advertising.
    AdSpend,
    /// Fixed expenses, accrued.
    FixedExpenses,
    /// Variable expenses, accrued.
    VariableExpenses,
    /// Marketing expenses, accrued.
    MarketingExpenses,
    /// Withheld at the source.
    Withheld,
    /// Of it VAT.
    WithheldVat,
    /// VAT paid that is given back.
    InputVat,
    /// Stock received, without VAT if that is given back.
    StockBought,
    /// Invoices issued.
    Invoiced,
    /// Cash from gateways.
    CashPayouts,
    /// Cash from carriers.
    CashRemittances,
    /// Cash from invoices.
    CashInvoices,
    /// Cash to carriers.
    CashCarriers,
    /// Cash to advertising.
    CashAds,
    /// Cash to expenses.
    CashExpenses,
    /// Cash to suppliers.
    CashSuppliers,
    /// Cash to tax bills.
    CashTaxes,
    /// Cash to equipment.
    CashCapex,
    /// Cash from and to loans.
    CashFinancing,
    /// Cash from and to the owner.
    CashOwner,
    /// Cash-on-delivery orders, on the day they were booked.
    CodPlaced,
    /// Of them confirmed.
    CodConfirmed,
    /// Of them with a delivered parcel.
    CodPlacedDelivered,
    /// Cash-on-delivery parcels, on the day they left.
    CodShipped,
    /// Of them delivered.
    CodDelivered,
    /// Of them back.
    CodReturned,
    /// Of them lost.
    CodLost,
    /// Of them on the way.
    CodInTransit,
    /// All charges and write-offs of those parcels.
    CodLogistics,
    /// What the delivered ones earned.
    CodGain,
    /// What the failed ones cost.
    CodFailedCost,
    /// Charges of those that were delivered.
    CodDeliveredCharges,
    /// All parcels, on the day they left.
    ParcelsShipped,
    /// Of them those that are not paid at the door.
    PrepaidParcels,
    /// Freight out of those, with surcharges.
    PrepaidFreight,
    /// What gateways charged.
    GatewayCharged,
    /// Their fees on it.
    GatewayFees,
    /// Customers, on the day of their first realised order.
    NewCustomers,
    /// What that order contributed to date.
    FirstContribution,
    /// What all orders of that customer contributed to date.
    CustomerContribution,
    /// Held: cash in accounts.
    HeldCash,
    /// Held: due from carriers for delivered parcels.
    CodDue,
    /// Held: of it past the term.
    CodOverdue,
    /// Held: collected above what was due.
    CodOverpaid,
    /// Held: due for parcels on the way.
    CodOnTheWay,
    /// Held: payments not paid out yet.
    GatewayPending,
    /// Held: payments of which nobody told whether they were paid out.
    UntoldPayouts,
    /// Held: invoices not due yet.
    InvoicesCurrent,
    /// Held: invoices 1–30 days past due.
    InvoicesTo30,
    /// Held: 31–60 days.
    InvoicesTo60,
    /// Held: 61–90 days.
    InvoicesTo90,
    /// Held: 91–180 days.
    InvoicesTo180,
    /// Held: more.
    InvoicesOlder,
    /// Owed: stock received and not paid.
    OwedSuppliers,
    /// Owed: expenses and tax bills.
    OwedExpenses,
    /// Owed: advertising.
    OwedAds,
    /// Owed: carriers, also what they will keep from a remittance.
    OwedCarriers,
    /// Owed: gift cards not redeemed.
    OwedGiftCards,
    /// Held: stock, as last counted.
    HeldInventory,
}

impl Measure {
    /// How it moves what an order contributed: its net − cost + shipping − charges − fees − chargebacks − write-offs.
    pub const fn contributes(self) -> i8 {
        match self {
            Self::RealisedGross | Self::RealisedShipping => 1,
            Self::RealisedDiscounts
            | Self::RealisedReturns
            | Self::Cogs
            | Self::FreightOut
            | Self::FreightReturn
            | Self::CodFees
            | Self::Compensation
            | Self::Losses
            | Self::PaymentFees
            | Self::Chargebacks => -1,
            _ => 0,
        }
    }
    /// Whether it belongs to an order as a whole, so that a breakdown by product divides it by value.
    pub const fn is_of_the_order(self) -> bool {
        matches!(
            self,
            Self::BookedShipping
                | Self::RealisedShipping
                | Self::FreightOut
                | Self::FreightReturn
                | Self::CodFees
                | Self::Compensation
                | Self::PaymentFees
                | Self::UntoldFees
                | Self::Chargebacks
        )
    }
    pub(super) const fn index(self) -> usize {
        self as usize
    }
}
