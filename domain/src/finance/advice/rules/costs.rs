//! Fixed expenses, and costs that nobody told.

use super::Said;
use crate::finance::advice::case::{Case, below, money};
use crate::finance::advice::effect::{Certainty, Effect, Omitted, a_month_of};
use crate::finance::advice::number::{Finding, Named, known};
use crate::finance::advice::policy::{COSTS_ASKED, COVERAGE_PERCENT, FIXED_SAVED_PERCENT, HIGH_FIXED_PERCENT, percent};
use crate::finance::advice::recommendation::Code;
use crate::finance::figures::{Metric, Undefined};
use crate::finance::ratio::Ratio;

/// Fixed expenses are more than a quarter of revenue, or revenue does not carry them.
pub(super) fn fixed_trim(case: &Case<'_>) -> Said {
    let fixed = case.ratio(Metric::FixedExpenses)?;
    let high = match case.known(Metric::RealisedNetRevenue)?.filter(|revenue| revenue.is_positive()) {
        Some(revenue) => below(percent(HIGH_FIXED_PERCENT), fixed.over(revenue)?.unwrap_or(Ratio::ZERO))?,
        None => false,
    };
    let unsafe_margin = case.known(Metric::MarginOfSafety)?.is_some_and(|margin| margin.numerator() < 0);
    if !high && !unsafe_margin {
        return Ok(None);
    }
    let categories = case.accounts.fixed_by_category(case.window.days)?;
    let largest = categories.iter().max_by(|one, other| one.1.cmp(other.1).then_with(|| other.0.cmp(one.0)));
    let Some((category, spent)) = largest.filter(|(_, spent)| **spent > 0) else { return Ok(None) };
    let effect = Effect::parts_of(a_month_of(Ratio::whole(*spent))?, FIXED_SAVED_PERCENT)?;
    let mut numbers = vec![Named::money("spent", *spent, case.currency)];
    // What must be sold in the window if a tenth of it is saved: (fixed − saved) ÷ cm3_pct.
    let after = case.ratio(Metric::Cm3Pct).and_then(|kept| {
        let saved = Ratio::whole(*spent).times(percent(FIXED_SAVED_PERCENT.0))?;
        let needed = if kept.is_positive() { fixed.minus(saved)?.over(kept)? } else { None };
        Ok(needed.ok_or(Undefined::NoBreakEven)?.rounded()?)
    });
    if let Some(after) = known(after)? {
        numbers.push(Named::money("breakeven_revenue_after", after, case.currency));
    }
    let details = vec![Finding::about("category", &**category, numbers)];
    let trigger = [Metric::FixedExpenses, Metric::RealisedNetRevenue, Metric::MarginOfSafety, Metric::BreakevenRevenue];
    case.recommend(Code::FixedTrim, &trigger, details, effect, case.certainty())
}

/// The cost of products that sell is not known.
pub(super) fn costs_missing(case: &Case<'_>) -> Said {
    if !below(case.ratio(Metric::CostCoverage)?, percent(COVERAGE_PERCENT))? {
        return Ok(None);
    }
    let mut missing = Vec::new();
    for part in &case.products {
        let (Some(product), Some(covered)) = (part.key.as_deref(), known(part.figures.value(Metric::CostCoverage))?)
        else {
            continue;
        };
        if covered.ratio() != Ratio::ONE {
            missing.push((product, money(&part.figures, Metric::RealisedNetSales)?));
        }
    }
    missing.sort_by(|one, other| (other.1, one.0).cmp(&(one.1, other.0)));
    let told = missing.iter().take(COSTS_ASKED).map(|(product, sold)| {
        Finding::about("product", case.title(product), vec![Named::money("realised.net_sales", *sold, case.currency)])
    });
    let effect = Effect::Omitted(Omitted::RaisesConfidence);
    case.recommend(Code::CostsMissing, &[Metric::CostCoverage], told.collect(), effect, Certainty::CERTAIN)
}
