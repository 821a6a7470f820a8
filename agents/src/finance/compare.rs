//! A figure against another period, and why it moved.

use recado_domain::finance::explain::{Driver, Explained, Made, Mover, change, moved};
use recado_domain::finance::figures::{Basis, Days, Metric, Undefined, Unit, Value};
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::asked::Asked;
use super::narrow::is_of_parts;
use super::{AGENT, figure, line, which, with_shapes};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Answers with a figure beside what it was.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, metrics: &[Metric]) -> Result<(), TurnError> {
    let Some(metric) = metrics.first().copied() else { return Ok(()) };
    let before_days = asked.days_before();
    let (now, before) = (asked.figures(asked.days).value(metric), asked.figures(before_days).value(metric));
    let (Ok(now), Ok(before)) = (now, before) else {
        return figure::answer(turn, asked, metrics);
    };
    let difference = now.ratio().minus(before.ratio()).unwrap_or(Ratio::ZERO);
    // Of nothing, or of a loss, no share is told: only the difference (FINANCE §2.1, growth).
    let share = difference.over(before.ratio()).ok().flatten().filter(|_| before.ratio().is_positive());
    let relative = matches!(now, Value::Money(_) | Value::Count(_));
    let context = json!({
        "period": asked.period(Some(metric)),
        "partial": asked.partial(metric),
        "name": asked.values.name(metric),
        "value": asked.values.value(metric, now),
        "before_period": asked.days_in_words(before_days),
        "before": asked.values.value(metric, before),
        "up": difference.is_positive(),
        "same": difference.is_zero(),
        "difference": signed(asked, metric, difference),
        "share": share.filter(|_| relative).map(|share| format!("{}{}", plus(share), asked.values.percent(share))),
        "notes": asked.notes(&[metric]),
    });
    turn.decided(AGENT, "compared");
    let buttons = vec![
        turn.button("fin:why", "button.why"),
        turn.button("fin:parts", "button.by_product"),
        turn.button("fin:proof", "button.proof"),
    ];
    let buttons = with_shapes(turn, buttons);
    turn.reply("finance_compare", &context, buttons)
}

fn plus(ratio: Ratio) -> &'static str {
    if ratio.is_positive() { "+" } else { "" }
}

/// What is told of the parts of a change; the rest is told as one.
const MOST: usize = 7;

/// What is offered where a figure cannot be explained.
pub const EXPLAINED: [&str; 2] = ["why:booked.net_sales", "why:operating_profit"];

/// Answers why a figure moved: each part is exact, and they add up to the change.
pub fn why(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Option<Metric>) -> Result<(), TurnError> {
    let Some((metric, made)) = metric.and_then(|metric| Some((metric, made(metric, asked)?))) else {
        return unexplained(turn, asked, metric);
    };
    if !asked.narrowed.parts.is_empty() && !is_of_parts(metric) {
        return figure::of_the_whole(turn, asked, metric);
    }
    let before_days = asked.days_before();
    let told = match made {
        Made::Drivers(of) => by_drivers(asked, of, before_days),
        made => by_parts(asked, metric, made, before_days),
    };
    let (now, before, lines) = match told {
        Ok(told) => told,
        Err(why) => return figure::absent(turn, asked, metric, why),
    };
    let difference = now.ratio().minus(before.ratio()).unwrap_or(Ratio::ZERO);
    let context = json!({
        "period": asked.period(Some(metric)),
        "name": asked.values.name(metric),
        "value": asked.values.value(metric, now),
        "before_period": asked.days_in_words(before_days),
        "before": asked.values.value(metric, before),
        "difference": signed(asked, metric, difference),
        "up": difference.is_positive(),
        "same": lines.is_empty(),
        "lines": lines,
        "notes": asked.notes(&[metric]),
    });
    turn.decided(AGENT, "why");
    let mut buttons = Vec::new();
    if is_of_parts(metric) {
        buttons.push(turn.button("fin:parts", "button.by_product"));
    }
    buttons.push(turn.button("fin:proof", "button.proof"));
    turn.reply("finance_why", &context, buttons)
}

/// How a figure is made: of a part, profit is told from contribution down, since expenses belong to the whole shop.
fn made(metric: Metric, asked: &Asked<'_>) -> Option<Made> {
    const PROFIT_OF_A_PART: Made =
        Made::Terms(&[(Metric::Cm2, 1), (Metric::Marketing, -1), (Metric::FixedExpenses, -1)]);
    match Made::of(metric)? {
        Made::Drivers(Explained::Profit) if !asked.narrowed.parts.is_empty() => Some(PROFIT_OF_A_PART),
        made => Some(made),
    }
}

/// A figure now and before, and what moved it.
type Told = (Value, Value, Vec<serde_json::Value>);

fn by_drivers(asked: &Asked<'_>, of: Explained, before: Days) -> Result<Told, Undefined> {
    let found = change(asked.source.accounts(), of, &asked.narrowed.parts, asked.days, before)?;
    let parts = found.strongest().into_iter().filter(|(_, amount)| *amount != 0);
    let told = parts.map(|(driver, amount)| line(&asked.word(DRIVERS[place(driver)]), &asked.values.signed(amount)));
    Ok((Value::Money(found.now), Value::Money(found.before), told.collect()))
}

fn by_parts(asked: &Asked<'_>, metric: Metric, made: Made, before: Days) -> Result<Told, Undefined> {
    let found = moved(asked.source.accounts(), metric, made, &asked.narrowed.parts, (asked.days, before))?;
    let value = |ratio: Ratio| -> Result<Value, Undefined> {
        Ok(match metric.unit() {
            Unit::Money => Value::Money(ratio.rounded()?),
            Unit::Count => Value::Count(ratio.rounded()?),
            Unit::Ratio | Unit::Days | Unit::Months => Value::Ratio(ratio),
        })
    };
    let name = |mover: &Mover| match mover {
        Mover::Figure(of) => asked.values.name(*of),
        Mover::Rest => asked.word(&format!("rest.{}", metric.id())),
        Mover::Part(None) => asked.word("part.none"),
        Mover::Part(Some(key)) => asked.key(key),
        Mover::Category(category) => category.clone(),
    };
    let (told, rest) = found.parts.split_at(found.parts.len().min(MOST));
    let mut lines: Vec<_> =
        told.iter().map(|(mover, amount)| line(&name(mover), &signed(asked, metric, *amount))).collect();
    if !rest.is_empty() {
        let others = rest.iter().try_fold(Ratio::ZERO, |sum, (_, amount)| sum.plus(*amount))?;
        lines.push(line(&asked.word("why.others"), &signed(asked, metric, others)));
    }
    Ok((value(found.now)?, value(found.before)?, lines))
}

/// A difference of a figure, with its sign.
fn signed(asked: &Asked<'_>, metric: Metric, difference: Ratio) -> String {
    let whole = |ratio: Ratio| ratio.rounded().unwrap_or(0);
    match metric.unit() {
        Unit::Money => asked.values.signed(whole(difference)),
        Unit::Count => format!("{}{}", plus(difference), asked.values.count(whole(difference))),
        Unit::Ratio => format!("{}{}", plus(difference), asked.values.value(metric, Value::Ratio(difference))),
        Unit::Days | Unit::Months => format!("{}{}", plus(difference), asked.values.decimal(difference, 1)),
    }
}

/// Says that no parts of a figure are known, how it moved, and what can be explained.
fn unexplained(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Option<Metric>) -> Result<(), TurnError> {
    let moving = metric.filter(|metric| metric.basis() != Basis::Balance);
    let value = |metric: Metric, days| asked.figures(days).value(metric).ok();
    let before_days = asked.days_before();
    let both = moving.and_then(|metric| Some((metric, value(metric, asked.days)?, value(metric, before_days)?)));
    let moved = both.map(|(metric, now, before)| {
        json!({
            "period": asked.period(Some(metric)),
            "value": asked.values.value(metric, now),
            "before_period": asked.days_in_words(before_days),
            "before": asked.values.value(metric, before),
        })
    });
    let context = json!({"name": metric.map(|metric| asked.values.name(metric)), "moved": moved});
    turn.decided(AGENT, "no_why");
    let buttons = EXPLAINED.iter().map(|code| which::button(turn, &asked.question, code)).collect();
    turn.reply("finance_no_why", &context, buttons)
}

/// What a driver did to a figure: «volumen (unidades) +$20.000».
pub(super) fn driver(asked: &Asked<'_>, driver: Driver, amount: i64) -> String {
    format!("{} {}", asked.word(DRIVERS[place(driver)]), asked.values.signed(amount))
}

const DRIVERS: [&str; 12] = [
    "driver.price",
    "driver.volume",
    "driver.mix",
    "driver.discounts",
    "driver.returns",
    "driver.shipping",
    "driver.cogs",
    "driver.freight",
    "driver.losses",
    "driver.fees",
    "driver.ads",
    "driver.fixed",
];

const fn place(driver: Driver) -> usize {
    match driver {
        Driver::Price => 0,
        Driver::Volume => 1,
        Driver::Mix => 2,
        Driver::Discounts => 3,
        Driver::Returns => 4,
        Driver::Shipping => 5,
        Driver::Cogs => 6,
        Driver::Freight => 7,
        Driver::Losses => 8,
        Driver::Fees => 9,
        Driver::Ads => 10,
        Driver::Fixed => 11,
    }
}
