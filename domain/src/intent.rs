//! The names of what a message may want: those of `agents/utterances`.

use serde::{Deserialize, Serialize};

macro_rules! intents {
    ($($variant:ident = $name:literal),+ $(,)?) => {
        /// What a message wants.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[allow(missing_docs, reason = "the name says it")]
        pub enum Intent { $(#[serde(rename = $name)] $variant),+ }

        impl Intent {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Its fixed name.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name),+ } }
            /// Reads [`Intent::name`].
            pub fn from_name(name: &str) -> Option<Self> { match name { $($name => Some(Self::$variant),)+ _ => None } }
        }
    };
}

intents! {
    TrackOrder = "track_order",
    DeliveryProblem = "delivery_problem",
    ChangeShippingAddress = "change_shipping_address",
    DeliveryPeriod = "delivery_period",
    CancelOrder = "cancel_order",
    ProductQuestion = "product_question",
    Yes = "yes",
    No = "no",
    SafetyEmergency = "safety_emergency",
    ChangeOrder = "change_order",
    ConfirmOrder = "confirm_order",
    PostponeDelivery = "postpone_delivery",
    PlaceOrder = "place_order",
    StockQuestion = "stock_question",
    PriceQuestion = "price_question",
    PaymentProblem = "payment_problem",
    PaymentMethods = "payment_methods",
    GetPaymentLink = "get_payment_link",
    ReturnOrder = "return_order",
    ExchangeProduct = "exchange_product",
    RefundStatus = "refund_status",
    RefundRequest = "refund_request",
    Complaint = "complaint",
    LegalThreat = "legal_threat",
    ReviewPraise = "review_praise",
    TalkToHuman = "talk_to_human",
    Correction = "correction",
    StopMarketing = "stop_marketing",
    DeleteMyData = "delete_my_data",
    ExportMyData = "export_my_data",
    WhoAreYou = "who_are_you",
    OutOfScope = "out_of_scope",
    Repeat = "repeat",
    Menu = "menu",
    Greeting = "greeting",
    Thanks = "thanks",
    Goodbye = "goodbye",
    CheckInvoice = "check_invoice",
    MerchantSales = "merchant_sales",
    MerchantProfit = "merchant_profit",
    MerchantCashFlow = "merchant_cash_flow",
    MerchantInventory = "merchant_inventory",
    MerchantUnitEconomics = "merchant_unit_economics",
    MerchantPricing = "merchant_pricing",
    MerchantHealthScore = "merchant_health_score",
    MerchantGrowth = "merchant_growth",
    MerchantCollections = "merchant_collections",
    MerchantReport = "merchant_report",
    ReportIncident = "report_incident",
    IncidentStatus = "incident_status",
}

impl Intent {
    /// Whether it is about the shop's own figures, and so only for members.
    pub fn is_merchant(self) -> bool {
        self.name().starts_with("merchant_")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fifty_and_each_reads_its_name() {
        assert_eq!(Intent::ALL.len(), 50);
        for intent in Intent::ALL {
            assert_eq!(Intent::from_name(intent.name()), Some(*intent));
        }
    }
}
