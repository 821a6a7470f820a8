//! Figures of some days beside those of the days before: what the report, the workbook and pages list.

use std::cmp::Ordering;

use recado_domain::finance::figures::{
    Accounts, Basis, Days, Dimension, Figures, Metric, Sums, Undefined, Unit, Value,
};
use recado_domain::finance::ratio::Ratio;

use crate::write::Writer;

/// Figures by what they are about; the key is of the section's title.
pub(crate) const SECTIONS: [(&str, &[Metric]); 6] = [
    (
        "section.sales",
        &[
            Metric::BookedGrossSales,
            Metric::BookedDiscounts,
            Metric::BookedReturns,
            Metric::BookedNetSales,
            Metric::BookedShippingRevenue,
            Metric::BookedTaxes,
            Metric::BookedTotalSales,
            Metric::Orders,
            Metric::OrdersCancelled,
            Metric::Aov,
            Metric::ReturnRate,
        ],
    ),
    (
        "section.profit",
        &[
            Metric::RealisedNetSales,
            Metric::RealisedNetRevenue,
            Metric::Cogs,
            Metric::CostCoverage,
            Metric::Cm1,
            Metric::Fulfilment,
            Metric::InventoryLosses,
            Metric::PaymentFees,
            Metric::Chargebacks,
            Metric::Cm2,
            Metric::Cm2PerOrder,
            Metric::Marketing,
            Metric::Cm3,
            Metric::FixedExpenses,
            Metric::OperatingProfit,
            Metric::OperatingMargin,
            Metric::BreakevenRevenue,
        ],
    ),
    (
        "section.customers",
        &[
            Metric::NewCustomers,
            Metric::ActiveCustomers,
            Metric::ReturningCustomerRate,
            Metric::Cac,
            Metric::Mer,
            Metric::BlendedRoas,
            Metric::BreakevenRoas,
        ],
    ),
    (
        "section.cod",
        &[
            Metric::CodPlaced,
            Metric::CodConfirmationRate,
            Metric::CodShipped,
            Metric::CodDelivered,
            Metric::CodReturned,
            Metric::CodLost,
            Metric::CodInTransit,
            Metric::CodDeliveryRate,
            Metric::CodBreakevenDeliveryRate,
            Metric::CodCostPerDelivered,
        ],
    ),
    ("section.cash", &[Metric::CashOperating, Metric::CashNet, Metric::VatSetAside]),
    (
        "section.balances",
        &[
            Metric::Cash,
            Metric::CodReceivable,
            Metric::CodOverdue,
            Metric::GatewayPending,
            Metric::InvoicesOpen,
            Metric::CurrentLiabilities,
            Metric::Inventory,
            Metric::CashBufferDays,
            Metric::RunwayMonths,
        ],
    ),
];

/// A figure now and before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Which figure.
    pub metric: Metric,
    /// What it is, or why it is not there.
    pub now: Result<Value, Undefined>,
    /// `None` for what stands today: there is no earlier one.
    pub before: Option<Result<Value, Undefined>>,
    /// Whether it is at most that now, and was before, since costs or fees are missing in it.
    pub at_most: [bool; 2],
}

/// Each figure of the sections, in their order.
pub(crate) fn compared(accounts: &dyn Accounts, days: Days) -> Vec<(&'static str, Vec<Compared>)> {
    let (now, before) = (accounts.figures(days), accounts.figures(days.previous()));
    SECTIONS.iter().map(|(title, metrics)| (*title, paired(metrics, &now, &before))).collect()
}

/// Figures of some days beside those of others.
pub fn beside(accounts: &dyn Accounts, metrics: &[Metric], days: Days, before: Days) -> Vec<Compared> {
    paired(metrics, &accounts.figures(days), &accounts.figures(before))
}

fn paired(metrics: &[Metric], now: &Figures<'_, dyn Sums>, before: &Figures<'_, dyn Sums>) -> Vec<Compared> {
    let of = |metric: Metric| Compared {
        metric,
        now: now.value(metric),
        before: (metric.basis() != Basis::Balance).then(|| before.value(metric)),
        at_most: [now, before].map(|figures| figures.at_most(metric)),
    };
    metrics.iter().copied().map(of).collect()
}

impl Compared {
    /// Whether it is more or less than before, where both are known.
    pub fn direction(&self) -> Option<Ordering> {
        let moved = self.now.ok()?.ratio().minus(self.before?.ok()?.ratio()).ok()?;
        Some(moved.numerator().cmp(&0))
    }
}

/// What people call a part of a shop; `None` is what belongs to no part.
pub fn part_name(accounts: &dyn Accounts, writer: Writer, by: Dimension, key: Option<&str>) -> String {
    let Some(key) = key else { return writer.say("parts.none", &[]) };
    match by {
        Dimension::Product => accounts.products().get(key).map_or(key, |product| product.title.as_str()).to_owned(),
        Dimension::Payment | Dimension::Customer => writer.code("part", key),
        Dimension::Day => key.parse().map_or_else(|_| key.to_owned(), |day| writer.date(day)),
        _ => key.to_owned(),
    }
}

/// Whose figures they are, and how old: under every picture and page.
pub fn source(accounts: &dyn Accounts, writer: Writer) -> String {
    let as_of = accounts.as_of();
    let at = accounts.synced_at().unwrap_or(as_of).min(as_of);
    let at = writer.moment(at, &accounts.shop().zone);
    writer.say("foot.source", &[("shop", &accounts.shop().name), ("at", &at)])
}

/// How a figure moved, in a few letters: percent of money and counts, points of rates.
pub fn change(writer: Writer, figure: &Compared) -> Option<String> {
    let (now, before) = (figure.now.ok()?.ratio(), figure.before?.ok()?.ratio());
    let signed = |ratio: Ratio, text: String| if ratio.is_positive() { format!("+{text}") } else { text };
    match figure.metric.unit() {
        Unit::Money | Unit::Count => {
            let moved = now.minus(before).ok()?;
            let share = before.is_positive().then(|| moved.over(before).ok().flatten()).flatten()?;
            Some(signed(share, writer.percent(share)))
        }
        Unit::Ratio if is_rate(figure.metric) => {
            let points = now.minus(before).ok()?.times(Ratio::whole(100)).ok()?;
            Some(writer.say("short.points", &[("number", &signed(points, writer.number(points, 1)))]))
        }
        Unit::Ratio | Unit::Days | Unit::Months => {
            let moved = now.minus(before).ok()?;
            Some(signed(moved, writer.number(moved, 2)))
        }
    }
}

/// Ratios that people say as a percentage; the others are so many for one.
pub const fn is_rate(metric: Metric) -> bool {
    matches!(metric.unit(), Unit::Ratio)
        && !matches!(
            metric,
            Metric::BlendedRoas
                | Metric::Mer
                | Metric::ContributionRoas
                | Metric::BreakevenRoas
                | Metric::PaybackRatio
                | Metric::BurnMultiple
                | Metric::OperatingLeverage
                | Metric::QuickRatio
                | Metric::CurrentRatio
        )
}

/// A figure now and before, as people read it: «máx. $100» when it is at most that.
pub(crate) fn both_written(writer: Writer, figure: &Compared) -> (String, Option<String>) {
    let [now, before] = figure.at_most;
    let shown = |value, at_most| {
        let text = written(writer, figure.metric, value);
        if at_most { writer.say("report.at_most", &[("amount", &text)]) } else { text }
    };
    (shown(figure.now, now), figure.before.map(|value| shown(value, before)))
}

/// What a profit leaves out, in a sentence each; `None` when it leaves out nothing.
pub(crate) fn caveat(writer: Writer, figures: &Figures<'_, dyn Sums>, metric: Metric) -> Option<String> {
    let costs = figures.known_costs().filter(|_| figures.lacks_costs(metric));
    let costs = costs.map(|known| writer.say("caveat.costs", &[("share", &writer.percent(known))]));
    let fees = figures.lacks_fees(metric).then(|| writer.say("caveat.fees", &[]));
    let sentences: Vec<String> = costs.into_iter().chain(fees).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The name of a figure at the beginning of a line, with a word where it is at most what it says.
pub(crate) fn titled_most(writer: Writer, metric: Metric, at_most: bool) -> String {
    let name = titled(writer, metric);
    if at_most { writer.say("name.at_most", &[("figure", &name)]) } else { name }
}

/// A value as people read it; a dash for one that is undefined.
pub fn written(writer: Writer, metric: Metric, value: Result<Value, Undefined>) -> String {
    match value {
        Ok(Value::Ratio(ratio)) if metric.unit() == Unit::Ratio && !is_rate(metric) => writer.number(ratio, 2),
        Ok(value) => writer.value(metric.unit(), value),
        Err(_) => "—".to_owned(),
    }
}

/// The name at the beginning of a line.
pub fn titled(writer: Writer, metric: Metric) -> String {
    let mut letters = metric.name(writer.language).chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
