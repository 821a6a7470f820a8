//! A figure against another period, and why it moved.

use recado_domain::finance::explain::{Driver, Explained, change};
use recado_domain::finance::figures::{Metric, Unit, Value};
use recado_domain::finance::ratio::Ratio;
use serde_json::json;

use super::asked::Asked;
use super::{AGENT, figure, line, with_shapes};
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
    let whole = |ratio: Ratio| ratio.rounded().unwrap_or(0);
    let told = match (now, metric.unit()) {
        (Value::Money(_), _) => asked.values.signed(whole(difference)),
        (Value::Count(_), _) => format!("{}{}", plus(difference), asked.values.count(whole(difference))),
        (_, Unit::Ratio) => format!("{}{}", plus(difference), asked.values.value(metric, Value::Ratio(difference))),
        _ => format!("{}{}", plus(difference), asked.values.decimal(difference, 1)),
    };
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
        "difference": told,
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

/// Answers why net sales or profit moved: each part is exact, and they add up to the change.
pub fn why(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Option<Metric>) -> Result<(), TurnError> {
    let mut of = Explained::of(metric.unwrap_or(Metric::BookedNetSales));
    // Expenses belong to the whole shop: of a part, sales are explained.
    if !asked.narrowed.parts.is_empty() {
        of = Explained::NetSales;
    }
    let before_days = asked.days_before();
    let found = match change(&asked.source, of, &asked.narrowed.parts, asked.days, before_days) {
        Ok(found) => found,
        Err(why) => {
            turn.decided(AGENT, "undefined");
            let metric = of.metric();
            let context = json!({
                "name": asked.values.name(metric),
                "period": asked.period(Some(metric)),
                "reason": asked.reason(metric, why),
                "lines": [],
                "notes": [asked.age()],
            });
            return turn.reply("finance_null", &context, vec![]);
        }
    };
    let difference = i64::try_from(found.difference()).unwrap_or(0);
    let parts: Vec<(Driver, i64)> = found.strongest().into_iter().filter(|(_, amount)| *amount != 0).collect();
    let context = json!({
        "period": asked.period(Some(of.metric())),
        "name": asked.values.name(of.metric()),
        "value": asked.values.money(found.now),
        "before_period": asked.days_in_words(before_days),
        "before": asked.values.money(found.before),
        "difference": asked.values.signed(difference),
        "up": difference > 0,
        "same": parts.is_empty(),
        "lines": parts.iter().map(|(driver, amount)| line(&asked.word(DRIVERS[place(*driver)]), &asked.values.signed(*amount))).collect::<Vec<_>>(),
        "notes": asked.notes(&[of.metric()]),
    });
    turn.decided(AGENT, "why");
    let buttons = vec![turn.button("fin:parts", "button.by_product"), turn.button("fin:proof", "button.proof")];
    turn.reply("finance_why", &context, buttons)
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
