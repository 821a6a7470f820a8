//! How much to sell for a wish, and what another delivery rate would do.

use recado_domain::finance::advice::planning;
use recado_domain::finance::figures::{Accounts, Undefined};
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::Answer;
use super::say::Say;

/// Resolved parcels below which the sample is small (FINANCE §2.4).
const SMALL_SAMPLE: i64 = 20;

/// How much must I sell to gain this?
pub(super) fn required(
    accounts: &dyn Accounts,
    say: &Say<'_>,
    target: i64,
    more_fixed: i64,
) -> Result<Answer, Undefined> {
    let plan = planning::required(accounts, target, more_fixed)?;
    let context = json!({
        "target": (target != 0).then(|| say.money(target)),
        "more": (more_fixed != 0).then(|| say.money(more_fixed)),
        "revenue": say.money(plan.revenue),
        "orders": plan.orders,
        "now": say.money(plan.now),
        "reached": plan.now >= plan.revenue,
        "share": say.percent(plan.cm3_pct),
        "fixed": say.money(plan.fixed),
    });
    Ok(Answer::new("advice_required", context))
}

/// What if the delivery rate becomes that?
pub(super) fn delivery(accounts: &dyn Accounts, say: &Say<'_>, percent: u16) -> Result<Answer, Undefined> {
    let rate = Ratio::new(percent.into(), 100).unwrap_or(Ratio::ZERO);
    let told = planning::delivery_scenario(accounts, rate)?;
    let context = json!({
        "rate": say.percent(told.then),
        "now": say.percent(told.now),
        "less": told.monthly < 0,
        "same": told.monthly == 0,
        "monthly": say.money(told.monthly.checked_abs().ok_or(Undefined::TooLarge)?),
        "parcel": say.money(told.parcel_then),
        "parcel_now": say.money(told.parcel_now),
        "breakeven": told.breakeven.map(|rate| say.percent(rate)),
        "resolved": told.resolved,
        "small": told.resolved < SMALL_SAMPLE,
    });
    Ok(Answer::new("advice_scenario", context))
}
