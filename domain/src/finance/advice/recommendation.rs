//! Recommendations (FINANCE §3.2): which there are, and what one says.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::effect::{Certainty, Effect, Per};
use super::number::{Finding, Named, Number};
use crate::Currency;
use crate::finance::figures::Metric;

/// Which way a figure should move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    /// Up.
    Up,
    /// Down.
    Down,
}

macro_rules! recommendations {
    ($($(#[$doc:meta])* $name:ident $id:literal urgency $urgency:literal effort $effort:literal days $days:literal $wanted:ident $check:ident
        = $computed:literal;)*) => {
        /// A recommendation. The order is that of FINANCE §3.2.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
            /// Its id, which never changes.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
            /// 3 survival, 2 money owed or burning, 1 margin, 0 growth or data.
            pub const fn urgency(self) -> u8 {
                match self { $(Self::$name => $urgency,)* }
            }
            /// 1 a message or a setting, 2 a week's work, 3 a project.
            pub const fn effort(self) -> u8 {
                match self { $(Self::$name => $effort,)* }
            }
            /// Days after which it is checked.
            pub const fn horizon_days(self) -> i64 {
                match self { $(Self::$name => $days,)* }
            }
            /// The figure that tells whether it worked, and which way it should move.
            pub const fn check(self) -> (Metric, Wanted) {
                match self { $(Self::$name => (Metric::$check, Wanted::$wanted),)* }
            }
            /// How its effect is computed.
            pub const fn computed(self) -> &'static str {
                match self { $(Self::$name => $computed,)* }
            }
        }
    };
}

recommendations! {
    /// Claim from the carriers.
    CollectCod "collect-cod" urgency 2 effort 1 days 7 Down CodOverdue
        = "missing + short − duplicates";
    /// Collect overdue invoices.
    CollectInvoices "collect-invoices" urgency 2 effort 1 days 14 Down InvoicesOverdue
        = "Σ overdue balance × (1 − loss rate)";
    /// Pause what need not leave.
    CashFreeze "cash-freeze" urgency 3 effort 1 days 28 Up Cash
        = "(draws + equipment of 90 days ÷ 90 × 7 + weekly ads that do not pay) × weeks until the forecast is safe";
    /// Stop selling at a loss.
    StopBleeding "stop-bleeding" urgency 3 effort 2 days 30 Up Cm2
        = "−Σ negative cm2 of those products ÷ 3 months";
    /// Cut advertising that does not pay.
    AdsCut "ads-cut" urgency 2 effort 1 days 14 Up Cm3
        = "(spend − cm2 it brought) ÷ 3 months; 0 to spend where what it brought is not known";
    /// Grow advertising that pays.
    AdsGrow "ads-grow" urgency 0 effort 1 days 14 Up Cm3
        = "10–20 % of a month's marketing × (contribution_roas × 0.7 − 1)";
    /// Deliver more.
    DeliveryUp "delivery-up" urgency 2 effort 2 days 30 Up CodDeliveryRate
        = "parcels a month × 5 points × (M + L)";
    /// Raise a price.
    PriceUp "price-up" urgency 1 effort 1 days 30 Up Cm2
        = "units a month × Δ net price − units lost × unit contribution";
    /// Cap discounts.
    DiscountCap "discount-cap" urgency 1 effort 1 days 30 Up Cm2
        = "discounts a month × share removed × (1 − 0–50 % volume at risk)";
    /// Fix the product that comes back.
    ReturnsFix "returns-fix" urgency 1 effort 2 days 30 Down BookedReturns
        = "(returns of the product × cm1_pct + its freight both ways) ÷ 3 months × 25–50 %";
    /// Close the gap between shipping charged and freight.
    FreightGap "freight-gap" urgency 1 effort 1 days 30 Up Cm2
        = "orders a month under the threshold with free shipping × half the mean freight × (1 − 10–30 % at risk)";
    /// Trim fixed expenses.
    FixedTrim "fixed-trim" urgency 1 effort 2 days 30 Down FixedExpenses
        = "10–100 % of the largest fixed expense a month";
    /// Free money from stock.
    StockFree "stock-free" urgency 0 effort 3 days 60 Down Inventory
        = "inventory × (1 − 60 ÷ dio) × 50–90 %";
    /// Keep the VAT apart.
    TaxJar "tax-jar" urgency 1 effort 1 days 30 Up Cash
        = "none: it protects";
    /// Win customers back.
    WinBack "win-back" urgency 0 effort 2 days 60 Up ReturningCustomerRate
        = "active customers a month × 5 points × cm2_per_order";
    /// Tell the costs that are missing.
    CostsMissing "costs-missing" urgency 0 effort 1 days 7 Up CostCoverage
        = "none: it raises confidence";
}

impl Code {
    /// The recommendation of an id.
    pub fn of_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.id() == id)
    }
    /// Whether its effect comes once or each month.
    pub const fn per(self) -> Per {
        match self {
            Self::CollectCod | Self::CollectInvoices | Self::CashFreeze | Self::StockFree => Per::Once,
            _ => Per::Month,
        }
    }
    /// The full days over which its figure is measured; `None` = a balance.
    pub const fn check_days(self) -> Option<i64> {
        match self.check().0.basis() {
            crate::finance::figures::Basis::Balance => None,
            _ => Some(self.horizon_days()),
        }
    }
}

/// A recommendation for a shop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// Which one.
    pub code: Code,
    /// The figures that called for it.
    pub trigger: Vec<Named>,
    /// What to do it to, with numbers: carriers, products, prices.
    pub details: Vec<Finding>,
    /// What it is expected to bring.
    pub effect: Effect,
    /// How far that can be trusted.
    pub certainty: Certainty,
    /// The figure by which it is checked, as it stood; `None` when it was undefined.
    pub baseline: Option<Number>,
}

impl Recommendation {
    /// As JSON writes it, with amounts of the shop's currency.
    pub(super) const fn row(&self, currency: Currency) -> RecommendationRow<'_> {
        RecommendationRow { of: self, currency }
    }
}

/// A recommendation in JSON.
pub(super) struct RecommendationRow<'a> {
    of: &'a Recommendation,
    currency: Currency,
}

impl Serialize for RecommendationRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (of, (metric, wanted)) = (self.of, self.of.code.check());
        let mut row = serializer.serialize_struct("Recommendation", 13)?;
        row.serialize_field("code", of.code.id())?;
        row.serialize_field("urgency", &of.code.urgency())?;
        row.serialize_field("effort", &of.code.effort())?;
        row.serialize_field("trigger", &of.trigger)?;
        row.serialize_field("details", &of.details)?;
        row.serialize_field("effect", &of.effect.row(self.currency))?;
        row.serialize_field("per", &of.code.per())?;
        row.serialize_field("computed", of.code.computed())?;
        row.serialize_field("certainty", &of.certainty)?;
        row.serialize_field("check", metric.id())?;
        row.serialize_field("wanted", &wanted)?;
        row.serialize_field("baseline", &of.baseline)?;
        row.serialize_field("horizon_days", &of.code.horizon_days())?;
        row.end()
    }
}
