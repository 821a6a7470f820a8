//! One figure and what stands beside it.

use recado_domain::finance::figures::{Metric, Undefined, Value};
use recado_domain::finance::question::Question;
use recado_domain::outbound::Button;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::narrow::is_of_parts;
use super::{AGENT, line, period_buttons, with_shapes};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Orders named in an answer itself.
pub const FEW: usize = 3;
/// Orders listed behind a number of orders.
pub const ALL_NAMES: usize = 60;

/// What moves a figure, or is read with it.
const fn beside(metric: Metric) -> &'static [Metric] {
    match metric {
        Metric::Cm1 | Metric::GrossProfit => &[Metric::RealisedNetSales, Metric::Cogs],
        Metric::GrossMargin => &[Metric::GrossProfit, Metric::Cogs],
        Metric::Cm2 => &[Metric::Cm1, Metric::RealisedShippingRevenue, Metric::Fulfilment, Metric::PaymentFees],
        Metric::Cm3 => &[Metric::Cm2, Metric::Marketing],
        Metric::Cm1Pct => &[Metric::Cm1, Metric::RealisedNetSales],
        Metric::Cm2Pct => &[Metric::Cm2, Metric::RealisedNetRevenue],
        Metric::Cm3Pct => &[Metric::Cm3, Metric::RealisedNetRevenue],
        Metric::OperatingMargin => &[Metric::OperatingProfit, Metric::RealisedNetRevenue],
        Metric::Cm2PerOrder => &[Metric::Cm2, Metric::RealisedOrders],
        Metric::BreakevenRevenue | Metric::BreakevenOrders => {
            &[Metric::FixedExpenses, Metric::Cm3Pct, Metric::RealisedNetRevenue]
        }
        Metric::MarginOfSafety => &[Metric::BreakevenRevenue, Metric::RealisedNetRevenue],
        Metric::BookedTotalSales => &[Metric::BookedNetSales, Metric::BookedShippingRevenue, Metric::BookedTaxes],
        Metric::RealisedNetRevenue => {
            &[Metric::RealisedNetSales, Metric::RealisedShippingRevenue, Metric::RealisedOrders]
        }
        Metric::Aov => &[Metric::BookedNetSales, Metric::Orders],
        Metric::BookedDiscounts => &[Metric::BookedGrossSales, Metric::DiscountRate],
        Metric::DiscountRate => &[Metric::BookedDiscounts, Metric::BookedGrossSales],
        Metric::BookedReturns => &[Metric::ReturnRate, Metric::BookedUnitsReturned],
        Metric::ReturnRate => &[Metric::BookedReturns, Metric::BookedUnitsReturned],
        Metric::Fulfilment | Metric::FreightOut | Metric::FreightReturn => {
            &[Metric::FreightOut, Metric::FreightReturn, Metric::CodFees, Metric::VariableExpenses]
        }
        Metric::AdSpend => &[Metric::ContributionRoas, Metric::BlendedRoas, Metric::NewCustomers],
        Metric::ContributionRoas => &[Metric::Cm2, Metric::Marketing],
        Metric::BlendedRoas => &[Metric::BookedNetSales, Metric::AdSpend, Metric::BreakevenRoas],
        Metric::BreakevenRoas => &[Metric::RealisedNetRevenue, Metric::Cm2],
        Metric::Mer | Metric::AdRatio => &[Metric::RealisedNetRevenue, Metric::Marketing],
        Metric::Cac => &[Metric::Marketing, Metric::NewCustomers, Metric::FirstOrderContribution],
        Metric::NewCustomers => &[Metric::ActiveCustomers, Metric::Cac],
        Metric::ReturningCustomerRate => &[Metric::ActiveCustomers, Metric::NewCustomers],
        Metric::PaybackRatio => &[Metric::Marketing, Metric::NewCustomers],
        Metric::CodDeliveryRate => &[
            Metric::CodDelivered,
            Metric::CodReturned,
            Metric::CodLost,
            Metric::CodInTransit,
            Metric::CodBreakevenDeliveryRate,
        ],
        Metric::CodBreakevenDeliveryRate => &[Metric::CodDeliveryRate],
        Metric::CodCostPerDelivered => &[Metric::CodLogisticsCost, Metric::CodDelivered],
        Metric::CodConfirmationRate => &[Metric::CodPlaced, Metric::CodConfirmed],
        Metric::Cash => &[Metric::CashBufferDays, Metric::Receivables, Metric::CurrentLiabilities],
        Metric::CashBufferDays => &[Metric::Cash, Metric::AvgDailyOutflow],
        Metric::RunwayMonths => &[Metric::Cash, Metric::MonthlyOperatingCashFlow],
        Metric::CashOperating => &[
            Metric::CashPayouts,
            Metric::CashRemittances,
            Metric::CashInvoices,
            Metric::CashCarriers,
            Metric::CashAds,
            Metric::CashExpenses,
            Metric::CashSuppliers,
            Metric::CashTaxes,
        ],
        Metric::Receivables => {
            &[Metric::CodReceivable, Metric::GatewayPending, Metric::InvoicesOpen, Metric::OverdueShare]
        }
        Metric::CodReceivable => &[Metric::CodOverdue, Metric::CodOnTheWay],
        Metric::CurrentLiabilities => {
            &[Metric::SupplierPayables, Metric::ExpensesPayable, Metric::AdsPayable, Metric::CarriersPayable]
        }
        Metric::VatSetAside => &[Metric::RealisedTaxes, Metric::InputVat, Metric::Withheld],
        Metric::Dso => &[Metric::Receivables],
        Metric::Ccc => &[Metric::Dio, Metric::Dso, Metric::Dpo],
        Metric::MonthEndProjection => &[Metric::BookedNetSales, Metric::Orders],
        _ => &[],
    }
}

/// Answers with figures; the first is the answer.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, metrics: &[Metric]) -> Result<(), TurnError> {
    let Some((metric, others)) = metrics.split_first() else { return Ok(()) };
    let metric = *metric;
    if let Some(balance) = asked.source.ledger().and_then(|ledger| ledger.balance_of(metric, &asked.narrowed.parts)) {
        return match balance {
            Ok(minor) => plain(turn, asked, metric, Value::Money(minor), &[]),
            Err(why) => absent(turn, asked, metric, why),
        };
    }
    if !asked.narrowed.parts.is_empty() && !is_of_parts(metric) {
        return of_the_whole(turn, asked, metric);
    }
    let value = match asked.figures(asked.days).value(metric) {
        Ok(value) => value,
        Err(why) => return absent(turn, asked, metric, why),
    };
    match metric {
        Metric::BookedNetSales if others.is_empty() => sales(turn, asked, value),
        Metric::Orders if others.is_empty() => orders(turn, asked),
        Metric::OperatingProfit if asked.narrowed.parts.is_empty() => profit(turn, asked, value, others),
        _ => plain(turn, asked, metric, value, others),
    }
}

/// A figure that parts do not have.
pub(super) fn of_the_whole(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Metric) -> Result<(), TurnError> {
    turn.decided(AGENT, "not_of_parts");
    let context = json!({"name": asked.values.name(metric), "part": asked.part(), "notes": [asked.age()]});
    turn.reply("finance_whole", &context, vec![])
}

/// A figure that is not there, and why.
pub(super) fn absent(turn: &mut Turn<'_>, asked: &Asked<'_>, metric: Metric, why: Undefined) -> Result<(), TurnError> {
    turn.decided(AGENT, if why == Undefined::TooLarge { "overflow" } else { "undefined" });
    if why == Undefined::TooLarge {
        return turn.reply("finance_failed", &json!({}), vec![]);
    }
    let known = beside(metric).iter().filter_map(|one| shown(asked, *one)).collect::<Vec<_>>();
    let context = json!({
        "name": asked.values.name(metric),
        "period": asked.period(Some(metric)),
        "reason": asked.reason(metric, why),
        "lines": known,
        "notes": [asked.age()],
    });
    turn.reply("finance_null", &context, vec![])
}

fn sales(turn: &mut Turn<'_>, asked: &Asked<'_>, value: Value) -> Result<(), TurnError> {
    let context = sales_context(asked, value);
    if !moved(asked) {
        turn.decided(AGENT, "no_orders");
        let buttons = period_buttons(turn);
        return turn.reply("finance_none", &context, buttons);
    }
    turn.decided(AGENT, "sales");
    let buttons = vec![
        turn.button("fin:orders", "button.orders"),
        turn.button("fin:parts", "button.by_product"),
        turn.button("fin:why", "button.why"),
    ];
    let buttons = with_shapes(turn, buttons);
    turn.reply("finance_sales", &context, buttons)
}

fn orders(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let net = asked.figures(asked.days).value(Metric::BookedNetSales).unwrap_or(Value::Money(0));
    let context = sales_context(asked, net);
    if !moved(asked) {
        turn.decided(AGENT, "no_orders");
        let buttons = period_buttons(turn);
        return turn.reply("finance_none", &context, buttons);
    }
    turn.decided(AGENT, "orders");
    let button = turn.button("fin:sales", "button.sales");
    turn.reply("finance_orders", &context, vec![button])
}

/// Whether anything was booked, returned or cancelled.
fn moved(asked: &Asked<'_>) -> bool {
    let figures = asked.figures(asked.days);
    [Metric::Orders, Metric::BookedUnitsSold, Metric::BookedUnitsReturned, Metric::BookedNetSales]
        .into_iter()
        .any(|metric| figures.value(metric).is_ok_and(|value| !value.ratio().is_zero()))
}

fn sales_context(asked: &Asked<'_>, net: Value) -> Json {
    let figures = asked.figures(asked.days);
    let told = |metric: Metric| figures.value(metric).ok().map(|value| asked.values.value(metric, value));
    let count = |metric: Metric| figures.value(metric).map_or(0, |value| value.ratio().rounded().unwrap_or(0));
    let names = asked.few_orders(Metric::Orders);
    let all_names = asked.orders(Metric::Orders, ALL_NAMES);
    let mut notes = asked.notes(&[Metric::BookedNetSales]);
    if let Some(names) = asked.reversed_earlier() {
        notes.insert(0, asked.word("note.reversed").replace("{names}", &names));
    }
    json!({
        "period": asked.period(Some(Metric::BookedNetSales)),
        "partial": asked.span.partial,
        "net": asked.values.value(Metric::BookedNetSales, net),
        "gross": told(Metric::BookedGrossSales),
        "discounts": told(Metric::BookedDiscounts),
        "returns": told(Metric::BookedReturns),
        "total": told(Metric::BookedTotalSales),
        "realised": told(Metric::RealisedNetSales),
        "orders": count(Metric::Orders),
        "cancelled": count(Metric::OrdersCancelled),
        "names": names,
        "all_names": all_names,
        "notes": notes,
    })
}

fn profit(turn: &mut Turn<'_>, asked: &Asked<'_>, value: Value, others: &[Metric]) -> Result<(), TurnError> {
    let figures = asked.figures(asked.days);
    let told = |metric: Metric| figures.value(metric).ok().map(|value| asked.values.value(metric, value));
    let minor = value.ratio().rounded().unwrap_or(0);
    let notes = asked.notes(&[Metric::OperatingProfit]);
    let names = asked.few_orders(Metric::RealisedOrders);
    let count = figures.value(Metric::RealisedOrders).map_or(0, |value| value.ratio().rounded().unwrap_or(0));
    let context = json!({
        "period": asked.period(Some(Metric::OperatingProfit)),
        "partial": asked.span.partial,
        "at_most": figures.at_most(Metric::OperatingProfit),
        "lost": minor < 0,
        "nothing": count == 0 && minor == 0,
        "value": asked.values.money(minor.saturating_abs()),
        "margin": told(Metric::OperatingMargin),
        "cm2": told(Metric::Cm2),
        "marketing": told(Metric::Marketing),
        "fixed": told(Metric::FixedExpenses),
        "orders": count,
        "names": names,
        "lines": others.iter().filter_map(|one| shown(asked, *one)).collect::<Vec<_>>(),
        "notes": notes,
    });
    turn.decided(AGENT, "profit");
    let buttons = vec![
        turn.button("fin:why", "button.why"),
        turn.button("fin:parts", "button.by_product"),
        turn.button("fin:proof", "button.proof"),
    ];
    let buttons = with_shapes(turn, buttons);
    turn.reply("finance_profit", &context, buttons)
}

fn plain(
    turn: &mut Turn<'_>,
    asked: &Asked<'_>,
    metric: Metric,
    value: Value,
    others: &[Metric],
) -> Result<(), TurnError> {
    let mut also: Vec<Metric> = others.to_vec();
    let of_part = asked.narrowed.parts.is_empty();
    also.extend(beside(metric).iter().filter(|one| of_part || is_of_parts(**one)));
    also.retain(|one| *one != metric);
    also.dedup();
    let mut told: Vec<Metric> = vec![metric];
    told.extend(&also);
    let context = json!({
        "period": asked.period(Some(metric)),
        "partial": asked.partial(metric),
        "about": matches!(metric, Metric::MonthEndProjection),
        "name": asked.values.name(metric),
        "value": asked.values.value(metric, value),
        "lines": also.iter().filter_map(|one| shown(asked, *one)).collect::<Vec<_>>(),
        "meaning": asked.values.meaning(metric),
        "target": asked.question.amount.map(|amount| asked.values.money(amount)),
        "notes": asked.notes(&told),
    });
    turn.decided(AGENT, "figure");
    let buttons = with_shapes(turn, buttons(turn, &asked.question, metric));
    turn.reply("finance_figure", &context, buttons)
}

/// A figure as a line, if it is there.
fn shown(asked: &Asked<'_>, metric: Metric) -> Option<Json> {
    let value = asked.figures(asked.days).value(metric).ok()?;
    Some(line(&asked.values.name(metric), &asked.values.value(metric, value)))
}

fn buttons(turn: &Turn<'_>, question: &Question, metric: Metric) -> Vec<Button> {
    let mut buttons = Vec::new();
    if is_of_parts(metric) && question.by.is_none() {
        buttons.push(turn.button("fin:parts", "button.by_product"));
    }
    buttons.push(turn.button("fin:proof", "button.proof"));
    buttons
}
