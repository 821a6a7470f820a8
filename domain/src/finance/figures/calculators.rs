//! Pricing and planning calculators (FINANCE §2.6). Prices include VAT; amounts are minor units; rates are exact.

use super::undefined::Undefined;
use crate::Currency;
use crate::finance::ratio::Ratio;

/// What a price must cover.
#[derive(Clone, Copy, Debug)]
pub struct Costs {
    /// The product.
    pub product: i64,
    /// The rest of the order.
    pub order: i64,
    /// Percentage fee on the charged price.
    pub fee: Ratio,
    /// VAT.
    pub tax: Ratio,
}

/// What cash on delivery adds.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    /// Delivery rate; above zero.
    pub rate: Ratio,
    /// What a failure costs.
    pub failure: i64,
    /// Advertising per parcel.
    pub ads: i64,
}

impl Costs {
    /// What remains of one unit of price after VAT and fee, or less.
    fn left_of_price(&self, share: Ratio) -> Result<Ratio, Undefined> {
        let taxed = Ratio::ONE.plus(self.tax)?;
        Ok(share.over(taxed)?.ok_or(Undefined::Impossible)?.minus(self.fee)?)
    }
    fn sum(&self) -> Result<Ratio, Undefined> {
        Ok(Ratio::whole(self.product).plus(Ratio::whole(self.order))?)
    }
}

/// The lowest price that leaves a margin `m` on the net price, rounded up to the minor unit:
/// `(C + K + ((1 − d)·L + A) ÷ d) ÷ ((1 − m) ÷ (1 + t) − f)`. Without `delivery` everything arrives.
///
/// # Errors
/// When no price does.
pub fn target_price(costs: &Costs, margin: Ratio, delivery: Option<&Delivery>) -> Result<i64, Undefined> {
    let mut needed = costs.sum()?;
    if let Some(delivery) = delivery {
        let failed = Ratio::ONE.minus(delivery.rate)?.times(Ratio::whole(delivery.failure))?;
        let per_parcel = failed.plus(Ratio::whole(delivery.ads))?;
        needed = needed.plus(per_parcel.over(delivery.rate)?.ok_or(Undefined::Impossible)?)?;
    }
    let left = costs.left_of_price(Ratio::ONE.minus(margin)?)?;
    if !left.is_positive() {
        return Err(Undefined::Impossible);
    }
    Ok(needed.over(left)?.ok_or(Undefined::Impossible)?.ceiling()?)
}

/// The next price at or above one with the country's customary ending: 900 for COP, 990 for CLP, 999 for ARS, 9 for MXN,
/// ,90 for BRL and PEN, .99 for USD and EUR, whole thousands for PYG, whole pesos ending in 90 for UYU.
///
/// # Errors
/// When it does not fit.
pub fn customary_price(price: i64, currency: Currency) -> Result<i64, Undefined> {
    // Step and ending in minor units.
    let (step, ending) = match currency {
        Currency::Cop => (100_000, 90_000),
        Currency::Clp => (1_000, 990),
        Currency::Ars => (100_000, 99_900),
        Currency::Mxn => (1_000, 900),
        Currency::Brl | Currency::Pen => (100, 90),
        Currency::Usd | Currency::Eur => (100, 99),
        Currency::Pyg => (1_000, 0),
        Currency::Uyu => (10_000, 9_000),
    };
    let (price, step, ending) = (i128::from(price), i128::from(step), i128::from(ending));
    let steps = (price - ending).div_euclid(step) + i128::from((price - ending).rem_euclid(step) != 0);
    i64::try_from(steps * step + ending).map_err(|_| Undefined::TooLarge)
}

/// The discount that leaves nothing: `1 − (C + K) ÷ (P · (1 ÷ (1 + t) − f))`.
///
/// # Errors
/// When the price leaves nothing at all.
pub fn max_discount(price: i64, costs: &Costs) -> Result<Ratio, Undefined> {
    let left = Ratio::whole(price).times(costs.left_of_price(Ratio::ONE)?)?;
    if !left.is_positive() {
        return Err(Undefined::Impossible);
    }
    Ok(Ratio::ONE.minus(costs.sum()?.over(left)?.ok_or(Undefined::Impossible)?)?)
}

/// `((q2 − q1) ÷ mean q) ÷ ((p2 − p1) ÷ mean p)`, over the same number of days at each price.
///
/// # Errors
/// When the price did not change, or nothing was sold.
pub fn arc_elasticity(before: (i64, i64), after: (i64, i64)) -> Result<Ratio, Undefined> {
    let change = |from: i64, to: i64| {
        let (from, to) = (i128::from(from), i128::from(to));
        Ratio::new(2 * (to - from), from + to).ok_or(Undefined::ZeroDenominator)
    };
    let (price, quantity) = (change(before.0, after.0)?, change(before.1, after.1)?);
    quantity.over(price)?.ok_or(Undefined::ZeroDenominator)
}

/// How much more must be sold after the net price changed by Δ, for the same contribution: `−Δ ÷ (u + Δ)`.
///
/// # Errors
/// When a unit contributes nothing any more.
pub fn breakeven_volume_change(unit_contribution: i64, price_change: i64) -> Result<Ratio, Undefined> {
    let left = i128::from(unit_contribution) + i128::from(price_change);
    if left <= 0 {
        return Err(Undefined::NoBreakEven);
    }
    Ratio::new(-i128::from(price_change), left).ok_or(Undefined::NoBreakEven)
}

/// What several products at one price leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The price without VAT.
    pub net: i64,
    /// net − products − order costs − fee.
    pub contribution: i64,
    /// contribution ÷ net.
    pub share: Ratio,
    /// 1 − price ÷ Σ list prices.
    pub discount: Ratio,
}

/// Products at one price. `costs.product` is the sum of the products' costs, `list` of their prices.
///
/// # Errors
/// When the price or the list prices are nothing.
pub fn bundle(price: i64, costs: &Costs, list: i64) -> Result<Bundle, Undefined> {
    let taxed = Ratio::ONE.plus(costs.tax)?;
    let net = Ratio::whole(price).over(taxed)?.ok_or(Undefined::Impossible)?.rounded()?;
    let fee = Ratio::whole(price).times(costs.fee)?.rounded()?;
    let left = i128::from(net) - i128::from(costs.product) - i128::from(costs.order) - i128::from(fee);
    let contribution = i64::try_from(left).map_err(|_| Undefined::TooLarge)?;
    let share = Ratio::new(left, net.into()).ok_or(Undefined::ZeroDenominator)?;
    let paid = Ratio::new(price.into(), list.into()).ok_or(Undefined::ZeroDenominator)?;
    Ok(Bundle { net, contribution, share, discount: Ratio::ONE.minus(paid)? })
}

/// The revenue that leaves a target after the fixed expenses: `(fixed + target) ÷ cm3_pct`, rounded to the minor unit.
///
/// # Errors
/// When nothing is left of revenue.
pub fn required_revenue(fixed: i64, target: i64, cm3_pct: Ratio) -> Result<i64, Undefined> {
    if !cm3_pct.is_positive() {
        return Err(Undefined::NoBreakEven);
    }
    let needed = Ratio::whole(fixed).plus(Ratio::whole(target))?;
    Ok(needed.over(cm3_pct)?.ok_or(Undefined::NoBreakEven)?.rounded()?)
}

/// The longest horizon of a modelled lifetime.
pub const LONGEST_HORIZON: u32 = 24;
/// Decimals to which powers are kept: far below a minor unit over the longest horizon.
const POWER_DECIMALS: u32 = 18;

/// `m × Σ_{t < H} (r ÷ (1 + i))^t`: what a customer is estimated to be worth, from a margin per period, the share that
/// stays and the discount rate.
///
/// # Errors
/// When the horizon is above [`LONGEST_HORIZON`], or a rate is out of range.
pub fn ltv_model(margin: i64, retention: Ratio, discount: Ratio, horizon: u32) -> Result<i64, Undefined> {
    let kept = retention.over(Ratio::ONE.plus(discount)?)?.ok_or(Undefined::Impossible)?;
    let in_range = kept.numerator() >= 0 && kept.numerator() <= kept.denominator();
    if horizon > LONGEST_HORIZON || !in_range {
        return Err(Undefined::Impossible);
    }
    let one = 10_i128.pow(POWER_DECIMALS);
    let kept = kept.scaled(POWER_DECIMALS)?;
    let (mut power, mut sum) = (one, 0_i128);
    for _ in 0..horizon {
        sum += power;
        power = crate::money::divide_half_even(power * kept, one);
    }
    Ok(Ratio::whole(margin).times(Ratio::new(sum, one).ok_or(Undefined::Impossible)?)?.rounded()?)
}
