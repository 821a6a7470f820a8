//! The numbers that are policy and no fact. A change of one is another version; what was advised before is not rewritten.

use crate::finance::ratio::Ratio;

/// The version of these numbers and of the rules that use them.
pub const POLICY_VERSION: &str = "advice/1";

/// Full days before today from which advice is made, as those of the health score (FINANCE §3.1).
pub const WINDOW_DAYS: i64 = 90;
/// Months of that window: effects are told per month.
pub const WINDOW_MONTHS: i64 = 3;
/// Full days before today that stand for a month in plans (FINANCE §4).
pub const PLAN_DAYS: i64 = 30;
/// Recommendations told in one answer (FINANCE §3.2).
pub const MOST_TOLD: usize = 3;

/// Cash buffer, in days, below which spending is frozen (FINANCE §3.2 cash-freeze).
pub const FREEZE_BUFFER_DAYS: i64 = 15;
/// Cash buffer, in days, from which advertising may grow (FINANCE §3.2 ads-grow; J1).
pub const GROW_BUFFER_DAYS: i64 = 27;
/// Contribution per unit of advertising from which it may grow, in percent.
pub const GROW_ROAS_PERCENT: i64 = 150;
/// By how much advertising grows, in percent: least and most.
pub const GROW_STEP_PERCENT: (i64, i64) = (10, 20);
/// What further advertising is assumed to bring of what the present brings, in percent.
pub const DIMINISHING_PERCENT: i64 = 70;
/// Units from which a product with a negative contribution is called so (FINANCE §3.2 stop-bleeding).
pub const BLEEDING_UNITS: i64 = 20;
/// Points between delivery rate and break-even below which deliveries come first.
pub const THIN_CUSHION_POINTS: i64 = 5;
/// Points by which the delivery rate is taken to rise.
pub const DELIVERY_RISE_POINTS: i64 = 5;
/// cm3 ÷ net revenue, in percent, below which prices and discounts are looked at.
pub const THIN_CM3_PERCENT: i64 = 10;
/// Gross margin, in percent, below which prices are looked at.
pub const THIN_GROSS_PERCENT: i64 = 50;
/// Margin on the net price for which prices are set unless another is asked, in percent (the example of FINANCE §2.6).
pub const DEFAULT_MARGIN_PERCENT: i64 = 35;
/// The most by which one price is raised at once, in percent.
pub const PRICE_STEP_PERCENT: i64 = 10;
/// Discounts ÷ gross sales, in percent, above which they are capped, and to which.
pub const DISCOUNT_CAP_PERCENT: i64 = 10;
/// Volume at risk when a discount goes, in percent: least and most.
pub const DISCOUNT_VOLUME_AT_RISK_PERCENT: (i64, i64) = (0, 50);
/// Return rate, in percent, above which returns are looked at.
pub const HIGH_RETURNS_PERCENT: i64 = 8;
/// Of a product's returns, what better photos and sizes may avoid, in percent: least and most.
pub const RETURNS_AVOIDABLE_PERCENT: (i64, i64) = (25, 50);
/// Shipping charged − freight, in percent of net revenue, below which the gap is looked at (negative).
pub const FREIGHT_GAP_PERCENT: i64 = -5;
/// The free-shipping threshold against the average order, in percent.
pub const FREE_SHIPPING_PERCENT: i64 = 120;
/// Part of the mean freight that is charged below the threshold, in percent.
pub const FREIGHT_CHARGED_PERCENT: i64 = 50;
/// Orders at risk when shipping is charged, in percent: least and most.
pub const FREIGHT_AT_RISK_PERCENT: (i64, i64) = (10, 30);
/// Fixed expenses ÷ net revenue, in percent, above which they are looked at.
pub const HIGH_FIXED_PERCENT: i64 = 25;
/// Of the largest fixed expense, what may be saved, in percent: least and most.
pub const FIXED_SAVED_PERCENT: (i64, i64) = (10, 100);
/// Days of stock above which it is freed, and down to which.
pub const LONG_STOCK_DAYS: (i64, i64) = (90, 60);
/// What slow stock brings when it is cleared, in percent of its cost: least and most.
pub const STOCK_RECOVERY_PERCENT: (i64, i64) = (50, 90);
/// How often the VAT to keep must be covered by cash.
pub const VAT_COVER: i64 = 2;
/// Returning customers, in percent, below which they are won back.
pub const FEW_RETURNING_PERCENT: i64 = 15;
/// Customers from which winning back is worth a flow.
pub const WIN_BACK_CUSTOMERS: i64 = 50;
/// Points by which the share of returning customers is taken to rise.
pub const WIN_BACK_POINTS: i64 = 5;
/// Cost coverage, in percent, below which costs are asked for.
pub const COVERAGE_PERCENT: i64 = 95;
/// Products whose cost is asked for at once.
pub const COSTS_ASKED: usize = 5;

/// Units per price from which an elasticity is told (FINANCE §2.6).
pub const ELASTICITY_UNITS: i64 = 30;
/// Days per price from which an elasticity is told.
pub const ELASTICITY_DAYS: i64 = 14;
/// Cohorts from which a lifetime is modelled (FINANCE §2.3).
pub const LIFETIME_COHORTS: usize = 3;
/// Months over which it is modelled.
pub const LIFETIME_MONTHS: u32 = 12;
/// Discount rate of a month, in percent.
pub const LIFETIME_DISCOUNT_PERCENT: i64 = 2;
/// Days after which a cash balance is stale (FINANCE §2.5).
pub const STALE_CASH_DAYS: i64 = 3;

/// So many percent.
pub(super) fn percent(whole: i64) -> Ratio {
    Ratio::new(whole.into(), 100).unwrap_or(Ratio::ZERO)
}
