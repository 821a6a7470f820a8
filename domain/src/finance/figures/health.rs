//! The health score (FINANCE §3.1). Weights and anchors are policy, versioned with the answer.

use jiff::civil::Date;

use super::evaluate::Figures;
use super::ledger::Ledger;
use super::metric::Metric;
use super::sums::Sums;
use super::undefined::Undefined;
use crate::Timestamp;
use crate::finance::ratio::Ratio;
use crate::money::divide_half_even;

/// The version of weights and anchors.
pub const HEALTH_VERSION: &str = "health/1";
/// Decimals to which scores are kept while they are averaged.
const SCORE_DECIMALS: u32 = 12;
const SCORE_ONE: i128 = 10_i128.pow(SCORE_DECIMALS);
/// Resolved parcels from which the delivery cushion says something.
const ENOUGH_PARCELS: i128 = 20;
/// What the score may be off by without any confidence.
const WIDEST_RANGE: i128 = 20;

/// Value in millionths → score in thousandths; linear between, flat outside.
type Anchors = &'static [(i64, i64)];

const OPERATING_MARGIN: Anchors =
    &[(-200_000, 0), (0, 40_000), (50_000, 55_000), (100_000, 75_000), (200_000, 100_000)];
const GROSS_MARGIN: Anchors = &[(100_000, 0), (300_000, 35_000), (500_000, 75_000), (700_000, 100_000)];
const CM3_PCT: Anchors = &[(-100_000, 0), (0, 35_000), (100_000, 60_000), (200_000, 85_000), (300_000, 100_000)];
const PAYBACK: Anchors = &[(0, 0), (1_000_000, 60_000), (2_000_000, 85_000), (3_000_000, 100_000)];
const CUSHION: Anchors = &[(-100_000, 0), (0, 40_000), (100_000, 75_000), (200_000, 100_000)];
const BUFFER: Anchors =
    &[(0, 0), (15_000_000, 35_000), (27_000_000, 50_000), (60_000_000, 80_000), (90_000_000, 100_000)];
const CASH_MARGIN: Anchors = &[(-200_000, 0), (0, 50_000), (100_000, 80_000), (200_000, 100_000)];
const OVERDUE: Anchors = &[(0, 100_000), (100_000, 80_000), (300_000, 40_000), (600_000, 0)];
const QUICK: Anchors = &[(500_000, 0), (1_000_000, 50_000), (1_500_000, 80_000), (2_000_000, 100_000)];
const CONTRIBUTION_ROAS: Anchors = &[(500_000, 0), (1_000_000, 40_000), (1_500_000, 75_000), (2_500_000, 100_000)];
const RULE_OF_40: Anchors = &[(-200_000, 0), (0, 30_000), (200_000, 65_000), (400_000, 100_000)];
const RETURNING: Anchors = &[(0, 0), (100_000, 40_000), (200_000, 70_000), (300_000, 100_000)];
const CONFIDENT_ORDERS: Anchors = &[(0, 0), (10_000_000, 200), (30_000_000, 500), (100_000_000, 1_000)];
const CONFIDENT_HISTORY: Anchors = &[(0, 0), (90_000_000, 1_000)];
const CONFIDENT_COSTS: Anchors = &[(500_000, 0), (800_000, 600), (950_000, 1_000)];
const CONFIDENT_HOURS: Anchors = &[(24_000_000, 1_000), (72_000_000, 600), (168_000_000, 0)];

/// Whether an input counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It has a score.
    Scored,
    /// It has no meaning for this shop: left out at no cost.
    NotApplicable,
    /// Data is missing: left out, and lowers the confidence.
    Missing,
}

/// One input of a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its id.
    pub id: &'static str,
    /// Weight inside the component, in percent.
    pub weight: i64,
    /// Its value.
    pub value: Option<Ratio>,
    /// 0 to 100, in 10⁻¹².
    pub score: Option<i128>,
    /// Whether it counts.
    pub state: State,
}

/// One part of the score.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its id.
    pub id: &'static str,
    /// Weight in the score, in percent.
    pub weight: i64,
    /// 0 to 100, in 10⁻¹²: the weighted mean of the inputs that count.
    pub score: Option<i128>,
    /// Its inputs.
    pub inputs: Vec<Input>,
}

/// How far the score can be trusted; parts from 0 to 1, in 10⁻¹².
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confidence {
    /// The weakest part.
    pub value: i128,
    /// Each part, by id.
    pub parts: Vec<(&'static str, i128)>,
}

/// What a score means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Band {
    /// 80 and more.
    Healthy,
    /// 60 to 79.
    Stable,
    /// 40 to 59.
    Warning,
    /// Less.
    Critical,
}

/// The health of the shop over the 90 full days before `as_of`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// 0 to 100; `None` below a confidence of 0.2, or without profitability and another component.
    pub score: Option<i64>,
    /// Before caps and rounding, in 10⁻¹².
    pub raw: Option<i128>,
    /// Caps in force: what for, and at how much.
    pub caps: Vec<(&'static str, i64)>,
    /// score ± 20 × (1 − confidence), within 0..100.
    pub range: Option<(i64, i64)>,
    /// The four parts.
    pub components: Vec<Component>,
    /// How far to trust it.
    pub confidence: Confidence,
    /// Inputs whose data is missing.
    pub missing: Vec<&'static str>,
}

impl Health {
    /// What the score means.
    pub fn band(&self) -> Option<Band> {
        self.score.map(|score| match score {
            80.. => Band::Healthy,
            60..=79 => Band::Stable,
            40..=59 => Band::Warning,
            _ => Band::Critical,
        })
    }
    /// `high`, `medium`, `low` or `none`.
    pub fn confidence_level(&self) -> &'static str {
        match self.confidence.value {
            value if value * 10 >= 8 * SCORE_ONE => "high",
            value if value * 10 >= 5 * SCORE_ONE => "medium",
            value if value * 10 >= 2 * SCORE_ONE => "low",
            _ => "none",
        }
    }
}

/// A score in 10⁻¹² as it is published: six decimals, half-even.
pub fn published_score(score: i128) -> String {
    let scaled = divide_half_even(score, 10_i128.pow(SCORE_DECIMALS - 6));
    crate::finance::ratio::decimal_text(scaled, 6)
}

/// The score of a value, in 10⁻¹².
fn interpolated(value: Ratio, anchors: Anchors) -> Result<i128, Undefined> {
    let thousandths = |score: i64| i128::from(score) * SCORE_ONE / 1_000;
    let at = |anchor: i64| Ratio::new(i128::from(anchor), 1_000_000).ok_or(Undefined::TooLarge);
    let mut below: Option<(Ratio, i64)> = None;
    for (anchor, score) in anchors {
        let here = at(*anchor)?;
        if !value.minus(here)?.is_positive() {
            return match below {
                None => Ok(thousandths(*score)),
                Some((from, low)) => {
                    let part = value.minus(from)?.over(here.minus(from)?)?.ok_or(Undefined::ZeroDenominator)?;
                    let rise = part.times(Ratio::new(i128::from(score - low), 1_000).ok_or(Undefined::TooLarge)?)?;
                    Ok(thousandths(low) + rise.scaled(SCORE_DECIMALS)?)
                }
            };
        }
        below = Some((here, *score));
    }
    Ok(below.map_or(0, |(_, score)| thousandths(score)))
}

/// What an input is, before it is scored.
enum Reading {
    Value(Result<Ratio, Undefined>),
    NotApplicable,
}

fn input(id: &'static str, weight: i64, anchors: Anchors, reading: Reading) -> Result<Input, Undefined> {
    let (value, state) = match reading {
        Reading::NotApplicable => (None, State::NotApplicable),
        Reading::Value(Ok(value)) => (Some(value), State::Scored),
        Reading::Value(Err(Undefined::TooLarge)) => return Err(Undefined::TooLarge),
        Reading::Value(Err(_)) => (None, State::Missing),
    };
    let score = value.map(|value| interpolated(value, anchors)).transpose()?;
    Ok(Input { id, weight, value, score, state })
}

fn mean<'a>(parts: impl Iterator<Item = (i64, Option<i128>)> + 'a) -> Option<i128> {
    let (mut weights, mut sum) = (0_i128, 0_i128);
    for (weight, score) in parts.filter_map(|(weight, score)| Some((i128::from(weight), score?))) {
        weights += weight;
        sum += weight * score;
    }
    (weights > 0).then(|| divide_half_even(sum, weights))
}

fn component(id: &'static str, weight: i64, inputs: Vec<Input>) -> Component {
    Component { id, weight, score: mean(inputs.iter().map(|input| (input.weight, input.score))), inputs }
}

impl Ledger {
    /// The health score.
    ///
    /// # Errors
    /// When a number does not fit.
    pub fn health(&self) -> Result<Health, Undefined> {
        let facts = self.facts();
        let first = facts.orders.iter().map(|order| order.processed_at).min();
        let known =
            Known { first_order: first.map(|at| self.books.day(at)), as_of: facts.as_of, synced_at: facts.synced_at };
        Health::of(self, &known)
    }
}

/// How much is known of a shop, and since when.
pub(super) struct Known {
    /// The day of its first order.
    pub first_order: Option<Date>,
    pub as_of: Timestamp,
    pub synced_at: Option<Timestamp>,
}

impl Health {
    /// The health score, from sums.
    pub(super) fn of<S: Sums + ?Sized>(sums: &S, known: &Known) -> Result<Self, Undefined> {
        let window = Figures::new(sums, super::Days::before(sums.today(), super::evaluate::WINDOW));
        let components = components(&window)?;
        let confidence = Confidence::of(&window, known, &components)?;
        let raw = mean(components.iter().map(|component| (component.weight, component.score)));
        let caps = caps(&window)?;
        let missing = components.iter().flat_map(|component| &component.inputs);
        let missing = missing.filter(|input| input.state == State::Missing).map(|input| input.id).collect();
        let profitable = components.first().is_some_and(|component| component.score.is_some());
        let scored = components.iter().filter(|component| component.score.is_some()).count();
        let enough = confidence.value * 10 >= 2 * SCORE_ONE && profitable && scored >= 2;
        let capped = raw
            .filter(|_| enough)
            .map(|raw| caps.iter().fold(raw, |score, (_, cap)| score.min(i128::from(*cap) * SCORE_ONE)));
        let rounded = |score: i128| divide_half_even(score, SCORE_ONE).clamp(0, 100) as i64;
        let doubt = WIDEST_RANGE * (SCORE_ONE - confidence.value);
        Ok(Self {
            score: capped.map(rounded),
            raw,
            caps,
            range: capped.map(|score| (rounded(score - doubt), rounded(score + doubt))),
            components,
            confidence,
            missing,
        })
    }
}

impl Confidence {
    fn of<S: Sums + ?Sized>(
        window: &Figures<'_, S>,
        known: &Known,
        components: &[Component],
    ) -> Result<Self, Undefined> {
        let orders = interpolated(window.exact(Metric::RealisedOrders)?, CONFIDENT_ORDERS)?;
        let age = known.first_order.map_or(0, |day| super::days::distance(day, window.sums.today()));
        let history = interpolated(Ratio::whole(age), CONFIDENT_HISTORY)?;
        let costs = match window.exact(Metric::CostCoverage) {
            Ok(coverage) => interpolated(coverage, CONFIDENT_COSTS)?,
            Err(Undefined::TooLarge) => return Err(Undefined::TooLarge),
            Err(_) => 0,
        };
        let freshness = match known.synced_at {
            Some(at) => {
                let micros = known.as_of.since(at).as_micros() as i128;
                interpolated(Ratio::new(micros, 3_600_000_000).unwrap_or(Ratio::ZERO), CONFIDENT_HOURS)?
            }
            None => 0,
        };
        let weight = |wanted: fn(State) -> bool| -> i128 {
            let inputs = components
                .iter()
                .flat_map(|component| component.inputs.iter().map(move |input| (component.weight, input)));
            inputs
                .filter(|(_, input)| wanted(input.state))
                .map(|(weight, input)| i128::from(weight) * i128::from(input.weight))
                .sum()
        };
        let applicable = weight(|state| state != State::NotApplicable);
        let scored = weight(|state| state == State::Scored);
        let inputs = if applicable == 0 { 0 } else { divide_half_even(scored * SCORE_ONE, applicable) };
        let parts = vec![
            ("orders", orders),
            ("history", history),
            ("cost_coverage", costs),
            ("freshness", freshness),
            ("inputs", inputs),
        ];
        Ok(Self { value: parts.iter().map(|(_, part)| *part).min().unwrap_or(0), parts })
    }
}

fn components<S: Sums + ?Sized>(window: &Figures<'_, S>) -> Result<Vec<Component>, Undefined> {
    let of = |metric: Metric| Reading::Value(window.exact(metric));
    let when = |applies: bool, reading: Reading| if applies { reading } else { Reading::NotApplicable };
    let not_zero = |metric: Metric| match window.exact(metric) {
        Ok(value) => Ok(!value.is_zero()),
        Err(Undefined::TooLarge) => Err(Undefined::TooLarge),
        // Unknown is not nothing.
        Err(_) => Ok(true),
    };
    let marketed = not_zero(Metric::Marketing)?;
    let cushion = if window.resolved_parcels()? < ENOUGH_PARCELS {
        Reading::NotApplicable
    } else {
        let rate = window.exact(Metric::CodDeliveryRate);
        let needed = window.exact(Metric::CodBreakevenDeliveryRate);
        Reading::Value(rate.and_then(|rate| Ok(rate.minus(needed?)?)))
    };
    let inflow = [Metric::CashPayouts, Metric::CashRemittances, Metric::CashInvoices]
        .into_iter()
        .try_fold(Ratio::ZERO, |sum, line| Ok::<_, Undefined>(sum.plus(window.exact(line)?)?));
    let cash_margin =
        window.exact(Metric::CashOperating).and_then(|flow| flow.over(inflow?)?.ok_or(Undefined::ZeroDenominator));
    Ok(vec![
        component(
            "profitability",
            30,
            vec![
                input("operating_margin", 70, OPERATING_MARGIN, of(Metric::OperatingMargin))?,
                input("gross_margin", 30, GROSS_MARGIN, of(Metric::GrossMargin))?,
            ],
        ),
        component(
            "unit_economics",
            25,
            vec![
                input("cm3_pct", 45, CM3_PCT, of(Metric::Cm3Pct))?,
                input("payback_ratio", 30, PAYBACK, when(marketed, of(Metric::PaybackRatio)))?,
                input("delivery_cushion", 25, CUSHION, cushion)?,
            ],
        ),
        component(
            "cash_flow",
            25,
            vec![
                input("cash_buffer_days", 45, BUFFER, of(Metric::CashBufferDays))?,
                input("operating_cash_margin", 25, CASH_MARGIN, Reading::Value(cash_margin))?,
                input("overdue_share", 15, OVERDUE, when(not_zero(Metric::Receivables)?, of(Metric::OverdueShare)))?,
                input("quick_ratio", 15, QUICK, when(not_zero(Metric::CurrentLiabilities)?, of(Metric::QuickRatio)))?,
            ],
        ),
        component(
            "growth_efficiency",
            20,
            vec![
                input("contribution_roas", 50, CONTRIBUTION_ROAS, when(marketed, of(Metric::ContributionRoas)))?,
                input("rule_of_40", 30, RULE_OF_40, of(Metric::RuleOf40))?,
                input("returning_customer_rate", 20, RETURNING, of(Metric::ReturningCustomerRate))?,
            ],
        ),
    ])
}

fn caps<S: Sums + ?Sized>(window: &Figures<'_, S>) -> Result<Vec<(&'static str, i64)>, Undefined> {
    let known = |metric: Metric| match window.exact(metric) {
        Ok(value) => Ok(Some(value)),
        Err(Undefined::TooLarge) => Err(Undefined::TooLarge),
        Err(_) => Ok(None),
    };
    let mut caps = Vec::new();
    if let Some(days) = known(Metric::CashBufferDays)? {
        if days.minus(Ratio::whole(7))?.numerator() < 0 {
            caps.push(("cash_buffer_days", 35));
        } else if days.minus(Ratio::whole(15))?.numerator() < 0 {
            caps.push(("cash_buffer_days", 55));
        }
    }
    match (known(Metric::Cm2)?, known(Metric::Cm3)?) {
        (Some(cm2), _) if !cm2.is_positive() => caps.push(("cm2", 30)),
        (_, Some(cm3)) if cm3.numerator() < 0 => caps.push(("cm3", 50)),
        _ => {}
    }
    Ok(caps)
}
