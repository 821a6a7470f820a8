//! Figures in parts: by product, city, carrier, day.

use recado_domain::finance::figures::{Dimension, Metric, Part, Sums, Undefined, Value};
use recado_domain::finance::question::Order;
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::asked::Asked;
use super::narrow::is_of_parts;
use super::{AGENT, line, with_shapes};
use crate::desk::TurnError;
use crate::turn::Turn;
use crate::wording::capital;

/// Parts that are told.
const MOST: usize = 8;

/// Answers with the parts of a figure.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, metrics: &[Metric], by: Dimension) -> Result<(), TurnError> {
    // Of figures that parts do not have, those that they do have are told.
    let Some(metric) = metrics.iter().copied().find(|metric| is_of_parts(*metric)) else {
        return super::figure::answer(turn, asked, metrics);
    };
    let breakdown = asked.source.breakdown(by, &asked.narrowed.parts, asked.days);
    let mut parts: Vec<(Part<'_, dyn Sums>, Value)> = Vec::new();
    for part in breakdown.parts {
        match part.figures.value(metric) {
            Ok(value) => parts.push((part, value)),
            Err(Undefined::TooLarge) => {
                turn.decided(AGENT, "overflow");
                return turn.reply("finance_failed", &json!({}), vec![]);
            }
            Err(_) => {}
        }
    }
    let ordered = asked.question.order.unwrap_or(Order::Top);
    let chronological = matches!(by, Dimension::Day | Dimension::Month) && asked.question.order.is_none();
    parts.retain(|(part, value)| {
        // What belongs to none is no part that could be pushed or dropped; it stays where it holds something.
        let named = part.key.is_some() || by != Dimension::Customer && ordered == Order::Top;
        named
            && !(value.ratio().is_zero() && ordered != Order::Bottom)
            && (ordered != Order::Negative || is_below_zero(*value))
    });
    if by == Dimension::Product && ordered == Order::Bottom {
        let unsold = unsold(asked, &parts.iter().filter_map(|(part, _)| part.key.clone()).collect::<Vec<_>>());
        if metric == Metric::BookedUnitsSold && !unsold.is_empty() {
            return not_moving(turn, asked, metric, &unsold);
        }
    }
    if !chronological {
        parts.sort_by(|(one, value), (other, against)| {
            let (left, right) = (rank(*value), rank(*against));
            let by_size = if ordered == Order::Top { right.cmp(&left) } else { left.cmp(&right) };
            by_size.then_with(|| one.key.cmp(&other.key))
        });
    }
    let whole = asked.figures(asked.days).value(metric).ok();
    let context = json!({
        "period": asked.period(Some(metric)),
        "partial": asked.partial(metric),
        "name": capital(&asked.values.name(metric)),
        "dimension": asked.word(BY[place(by)]),
        "negative": ordered == Order::Negative,
        "lines": parts.iter().take(MOST).map(|(part, value)| told(asked, by, metric, part, *value, whole)).collect::<Vec<_>>(),
        "more": parts.len().saturating_sub(MOST),
        "total": whole.filter(|_| Metric::DIVISIBLE.contains(&metric)).map(|value| asked.values.value(metric, value)),
        "notes": notes(asked, metrics, metric, by),
    });
    turn.decided(AGENT, if parts.is_empty() { "no_parts" } else { "parts" });
    let buttons = vec![turn.button("fin:why", "button.why"), turn.button("fin:proof", "button.proof")];
    let buttons = with_shapes(turn, buttons);
    turn.reply("finance_parts", &context, buttons)
}

fn notes(asked: &Asked<'_>, metrics: &[Metric], metric: Metric, by: Dimension) -> Vec<String> {
    let mut notes = Vec::new();
    if by == Dimension::Product && metric.is_allocated_by_product() {
        notes.push(asked.word("note.allocated"));
    }
    if by == Dimension::Platform && metrics.iter().any(|metric| !is_of_parts(*metric)) {
        notes.push(asked.word("note.no_sales_by_platform"));
    }
    notes.extend(asked.notes(&[metric]));
    notes
}

fn told(
    asked: &Asked<'_>,
    by: Dimension,
    metric: Metric,
    part: &Part<'_, dyn Sums>,
    value: Value,
    whole: Option<Value>,
) -> serde_json::Value {
    let name = match &part.key {
        None => asked.word("part.none"),
        Some(key) if matches!(by, Dimension::Day) => {
            key.parse().map_or_else(|_| key.clone(), |day| asked.moments.date(day))
        }
        Some(key) => asked.key(key),
    };
    let mut text = asked.values.value(metric, value);
    if let Value::Money(_) | Value::Count(_) = value
        && Metric::DIVISIBLE.contains(&metric)
        && let Some(share) = whole.and_then(|whole| share(value, whole))
    {
        text = format!("{text} ({})", asked.values.percent(share));
    }
    // A rate of few says little: what it was computed of stands beside it.
    if metric == Metric::CodDeliveryRate
        && let (Ok(delivered), Ok(shipped)) =
            (part.figures.value(Metric::CodDelivered), part.figures.value(Metric::CodShipped))
    {
        let of = asked.word("part.of_parcels");
        let of = of.replace("{n}", &asked.values.value(Metric::CodDelivered, delivered));
        text = format!("{text} ({})", of.replace("{all}", &asked.values.value(Metric::CodShipped, shipped)));
    }
    line(&name, &text)
}

fn share(value: Value, whole: Value) -> Option<Ratio> {
    let (value, whole) = (value.ratio(), whole.ratio());
    let sensible = whole.is_positive() && value.numerator() >= 0;
    value.over(whole).ok().flatten().filter(|_| sensible)
}

fn is_below_zero(value: Value) -> bool {
    value.ratio().numerator() < 0
}

/// For ordering: millionths.
pub(super) fn rank(value: Value) -> i128 {
    value.ratio().scaled(6).unwrap_or(i128::MAX)
}

/// Products that sold nothing.
fn unsold(asked: &Asked<'_>, sold: &[String]) -> Vec<String> {
    let products = asked.source.products().iter();
    products.filter(|(id, _)| !sold.contains(id)).map(|(_, product)| product.title.clone()).collect()
}

fn not_moving(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Metric, unsold: &[String]) -> Result<(), TurnError> {
    let zero = asked.values.value(metric, Value::Count(0));
    let context = json!({
        "period": asked.period(Some(metric)),
        "partial": asked.partial(metric),
        "name": capital(&asked.values.name(metric)),
        "dimension": asked.word(BY[0]),
        "negative": false,
        "lines": unsold.iter().take(MOST).map(|title| line(title, &zero)).collect::<Vec<_>>(),
        "more": unsold.len().saturating_sub(MOST),
        "total": serde_json::Value::Null,
        "notes": asked.notes(&[metric]),
    });
    turn.decided(AGENT, "parts");
    let button = turn.button("fin:proof", "button.proof");
    turn.reply("finance_parts", &context, vec![button])
}

const BY: [&str; 9] = [
    "by.product",
    "by.payment",
    "by.customer",
    "by.channel",
    "by.city",
    "by.carrier",
    "by.platform",
    "by.day",
    "by.month",
];

const fn place(by: Dimension) -> usize {
    match by {
        Dimension::Product => 0,
        Dimension::Payment => 1,
        Dimension::Customer => 2,
        Dimension::Channel => 3,
        Dimension::City => 4,
        Dimension::Carrier => 5,
        Dimension::Platform => 6,
        Dimension::Day => 7,
        Dimension::Month => 8,
    }
}
