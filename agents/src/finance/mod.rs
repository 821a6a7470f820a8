//! Figures of the shop for its members: the number first, then what moves it, what it leaves out, and how old it is.

use recado_domain::Timestamp;
use recado_domain::command::{Command, Metric};
use recado_domain::conversation::Pending;
use recado_domain::figures::{BookedSales, booked_sales};
use recado_domain::outbound::Button;
use recado_domain::period::{Period, Span};
use recado_domain::tools::ToolBox;
use serde_json::{Value, json};

use crate::desk::TurnError;
use crate::turn::Turn;
use crate::understanding::asks::{Lacking, lacking};
use crate::understanding::normalise::normalise;

const AGENT: &str = "finance";
/// Names listed in the answer itself, and in the list behind it.
const FIRST_NAMES: usize = 3;
const ALL_NAMES: usize = 60;

/// Answers a question for a figure.
///
/// # Errors
/// As [`crate::Desk::turn`].
pub async fn run(turn: &mut Turn<'_>, command: &Command) -> Result<(), TurnError> {
    let Command::Figure { metric, period } = command else { return Ok(()) };
    if !turn.sees_money() {
        turn.decided(AGENT, "refused");
        return turn.reply("finance_refused", &json!({}), vec![]);
    }
    if *metric == Metric::NotYet {
        turn.decided(AGENT, "not_yet");
        // What can be told instead is asked for, and the next words may name its period.
        turn.session.pending = Some(Pending::Period);
        turn.session.last_metric = Some(Metric::Sales);
        let reason = lacking(&normalise(&turn.texts.join(" "))).map(Lacking::name);
        let buttons = period_buttons(turn);
        return turn.reply("finance_not_yet", &json!({"reason": reason}), buttons);
    }
    let period = period.unwrap_or(Period::ThisMonth);
    let ToolBox::Member(tools) = turn.tools else { return Ok(()) };
    let span = period.resolve(turn.input.now, &turn.input.merchant.zone());
    let orders = tools.orders_booked(span.from, span.to).await?;
    let told_at = tools.told_at().await?;
    turn.used(format!("orders_booked: {}", orders.len()));
    turn.session.last_period = Some(period);
    turn.session.last_metric = Some(*metric);
    turn.session.pending = None;
    let Ok(figures) = booked_sales(&orders, &span, turn.input.merchant.currency) else {
        turn.decided(AGENT, "overflow");
        return turn.reply("finance_failed", &json!({}), vec![]);
    };
    let context = context(turn, period, &span, &figures, told_at);
    let moved = figures.orders > 0 || !figures.reversed_names.is_empty() || figures.units_sold > 0;
    if !moved {
        turn.decided(AGENT, "no_orders");
        let buttons = period_buttons(turn);
        return turn.reply("finance_none", &context, buttons);
    }
    let (template, decision) = match metric {
        Metric::Orders => ("finance_orders", "orders"),
        Metric::AverageOrder => ("finance_average", "average_order"),
        _ => ("finance_sales", "sales"),
    };
    turn.decided(AGENT, decision);
    let button = match metric {
        Metric::Orders => turn.button("fin:sales", "button.sales"),
        _ => turn.button("fin:orders", "button.orders"),
    };
    turn.reply(template, &context, vec![button])
}

/// Asks which period.
///
/// # Errors
/// When a template does not render.
pub fn ask_period(turn: &mut Turn<'_>) -> Result<(), TurnError> {
    turn.session.pending = Some(Pending::Period);
    turn.decided(AGENT, "ask_period");
    let buttons = period_buttons(turn);
    turn.reply("ask_period", &json!({}), buttons)
}

fn period_buttons(turn: &Turn<'_>) -> Vec<Button> {
    vec![
        turn.button("period:today", "button.sales_today"),
        turn.button("period:this_week", "button.sales_week"),
        turn.button("period:this_month", "button.sales_month"),
    ]
}

fn context(turn: &Turn<'_>, period: Period, span: &Span, figures: &BookedSales, told_at: Option<Timestamp>) -> Value {
    let moments = turn.moments();
    let names = |names: &[String], most: usize| names.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    let rest = |count: usize, most: usize| count.saturating_sub(most);
    json!({
        "period": moments.period(period, span),
        "partial": span.partial,
        "currency": turn.input.merchant.currency.code(),
        "net": figures.net_sales.shown(),
        "gross": figures.gross_sales.shown(),
        "discounts": figures.discounts.shown(),
        "returns": figures.returns.shown(),
        "total": figures.total_sales.shown(),
        "orders": figures.orders,
        "cancelled": figures.orders_cancelled,
        "units": figures.units_sold,
        "average": figures.average_order.map(|average| average.shown()),
        "names": names(&figures.order_names, FIRST_NAMES),
        "more": rest(figures.order_names.len(), FIRST_NAMES),
        "all_names": names(&figures.order_names, ALL_NAMES),
        "all_more": rest(figures.order_names.len(), ALL_NAMES),
        "reversed": names(&figures.reversed_names, FIRST_NAMES),
        "reversed_count": figures.reversed_names.len(),
        "foreign": names(&figures.foreign_names, FIRST_NAMES),
        "foreign_count": figures.foreign_names.len(),
        "age": told_at.map(|at| moments.ago(at)),
    })
}
