//! Questions that ask for advice and say too little for an advisor: answered with the figures that bear on them.

use jiff::civil::Date;
use recado_domain::finance::figures::{Days, Metric};
use recado_domain::finance::question::Advice;

use super::asked::Asked;
use super::{line, lists};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Days over which prices and margins are judged when none are said.
const WINDOW: i64 = 90;

/// Those days.
pub fn window(today: Date) -> Days {
    Days::before(today, WINDOW)
}

/// Answers with figures that bear on the question.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, kind: Advice) -> Result<(), TurnError> {
    match kind {
        Advice::RequiredRevenue => {
            let metrics = [Metric::BreakevenRevenue, Metric::FixedExpenses, Metric::Cm3Pct, Metric::RealisedNetRevenue];
            lists::figures(turn, asked, "title.required", &metrics)
        }
        Advice::Scenario => {
            let metrics = [
                Metric::CodDeliveryRate,
                Metric::CodBreakevenDeliveryRate,
                Metric::ContributionRoas,
                Metric::BreakevenRoas,
                Metric::Marketing,
                Metric::Cm2,
            ];
            lists::figures(turn, asked, "title.scenario", &metrics)
        }
        _ => margins(turn, asked),
    }
}

/// What is earned at today's prices: of the product that was named, else of the shop.
fn margins(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let days = window(asked.source.today());
    let figures = asked.figures(days);
    let metrics = [
        Metric::BookedUnitsSold,
        Metric::RealisedNetSales,
        Metric::Cogs,
        Metric::Cm1Pct,
        Metric::Cm2Pct,
        Metric::DiscountRate,
    ];
    let lines = metrics.iter().filter_map(|metric| {
        let value = figures.value(*metric).ok()?;
        Some(line(&asked.values.name(*metric), &asked.values.value(*metric, value)))
    });
    let lines = lines.collect();
    lists::list(turn, asked, "title.margins", lines, asked.notes(&[Metric::Cm2]))
}
