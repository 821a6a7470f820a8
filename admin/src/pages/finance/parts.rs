//! A figure in parts: those that add up, the largest first, what is left as one row.

use std::cmp::Reverse;

use recado_documents::comparison::{part_name, titled, written};
use recado_documents::write::Writer;
use recado_domain::finance::figures::{Accounts, Basis, Dimension, Figures, Metric, Sums, Unit, Value};
use recado_domain::finance::ratio::Ratio;
use serde::Serialize;

use super::told::Question;

/// Rows; what is left is one more.
const MOST: usize = 50;

/// By what a figure can be broken down on the page.
pub(super) const DIMENSIONS: [Dimension; 6] = [
    Dimension::Product,
    Dimension::Channel,
    Dimension::City,
    Dimension::Carrier,
    Dimension::Payment,
    Dimension::Customer,
];

/// Figures that can be broken down on the page: each is a sum of its parts.
pub(super) const fn metrics(basis: Basis) -> [Metric; 5] {
    let (sales, orders) = Question::sales(basis);
    [sales, orders, Metric::Cm2, Metric::CodDelivered, Metric::CodReturned]
}

/// A value, or why there is none.
#[derive(Debug, Default, Serialize)]
struct Cell {
    text: String,
    why: Option<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    cells: Vec<Cell>,
    share: Option<String>,
    /// Whether a bar is drawn: of parts, and not of all of them together.
    bar: bool,
    /// Of it, from 0 to 100.
    width: String,
}

/// The table.
#[derive(Debug, Serialize)]
pub(super) struct Parts {
    columns: Vec<String>,
    rows: Vec<Row>,
    /// How many parts the last row stands for.
    rest: Option<(usize, Row)>,
    total: Option<Row>,
    /// Whether costs of whole orders are divided over products.
    allocated: bool,
}

/// What stands beside the figure: how many, what they leave, and a rate where parcels differ.
fn columns(question: &Question) -> Vec<Metric> {
    let units = match (question.by, question.basis) {
        (Dimension::Product, Basis::Realised) => Metric::RealisedUnitsSold,
        (Dimension::Product, _) => Metric::BookedUnitsSold,
        (_, basis) => Question::sales(basis).1,
    };
    let rate = match question.by {
        Dimension::City | Dimension::Carrier => Metric::CodDeliveryRate,
        _ => Metric::Cm2Pct,
    };
    let mut columns = vec![question.of];
    columns.extend([units, Metric::Cm2, rate].into_iter().filter(|metric| *metric != question.of));
    columns
}

fn cell(figures: &Figures<'_, dyn Sums>, metric: Metric, writer: Writer) -> Cell {
    let value = figures.value(metric);
    Cell { text: written(writer, metric, value), why: value.err().map(|why| writer.code("why", &why.to_string())) }
}

fn whole(value: Value) -> Option<i64> {
    match value {
        Value::Money(whole) | Value::Count(whole) => Some(whole),
        Value::Ratio(_) => None,
    }
}

/// Computes the table.
pub(super) fn parts(accounts: &dyn Accounts, question: &Question) -> Parts {
    let Question { by, of, writer, .. } = *question;
    let (days, columns) = (question.chosen.days, columns(question));
    let breakdown = accounts.breakdown(by, days);
    let all = accounts.figures(days);
    let mut parts: Vec<_> = breakdown
        .parts
        .iter()
        .map(|part| {
            (part_name(accounts, writer, by, part.key.as_deref()), part, part.figures.value(of).ok().and_then(whole))
        })
        // A part in which nothing is counted says nothing.
        .filter(|(_, part, _)| {
            columns
                .iter()
                .any(|metric| part.figures.value(*metric).ok().and_then(whole).is_some_and(|value| value != 0))
        })
        .collect();
    parts.sort_by_key(|(name, _, value)| (Reverse(*value), name.clone()));
    let sum = all.value(of).ok().and_then(whole);
    let positive = parts.iter().all(|(_, _, value)| value.is_none_or(|value| value >= 0));
    let total = sum.filter(|sum| positive && *sum > 0);
    let share = |value: i128| total.and_then(|total| Ratio::new(value, total.into()));
    // For the drawing alone: against the largest part.
    let largest = parts.iter().filter_map(|(_, _, value)| *value).max().filter(|value| *value > 0);
    let width = |value: i128| largest.map_or(0.0, |largest| (value as f64 / largest as f64 * 100.0).clamp(0.0, 100.0));
    // What is not known has no share: it is never taken for zero.
    let row = |name: String, cells: Vec<Cell>, value: Option<i128>| Row {
        name,
        cells,
        bar: true,
        share: value.and_then(share).map(|share| writer.percent(share)),
        width: format!("{:.2}", value.map_or(0.0, width)),
    };
    let rest = parts.split_off(parts.len().min(MOST));
    let rows = parts.into_iter().map(|(name, part, value)| {
        // Of less than nothing sold no rate says anything.
        let sold = value.is_some_and(|value| value > 0);
        let shown = |metric: &Metric| {
            if sold || metric.unit() != Unit::Ratio { cell(&part.figures, *metric, writer) } else { Cell::default() }
        };
        row(name, columns.iter().map(shown).collect(), value.map(i128::from))
    });
    let rows: Vec<Row> = rows.collect();
    let rest = (!rest.is_empty()).then(|| {
        let summed = |metric: Metric| -> Option<i128> {
            rest.iter().map(|(_, part, _)| part.figures.value(metric).ok().and_then(whole).map(i128::from)).sum()
        };
        let cells = columns.iter().map(|metric| match summed(*metric).map(i64::try_from) {
            Some(Ok(sum)) if metric.unit() == Unit::Money => Cell { text: writer.money(sum), why: None },
            Some(Ok(sum)) => Cell { text: writer.count(sum), why: None },
            _ => Cell::default(),
        });
        (rest.len(), Row { bar: false, ..row(String::new(), cells.collect(), summed(of)) })
    });
    let total = (!rows.is_empty()).then(|| {
        let cells = columns.iter().map(|metric| cell(&all, *metric, writer)).collect();
        Row { bar: false, ..row(String::new(), cells, sum.map(i128::from)) }
    });
    let allocated = by == Dimension::Product && columns.iter().any(|metric| metric.is_allocated_by_product());
    let columns = columns.iter().map(|metric| titled(writer, *metric)).collect();
    Parts { columns, rows, rest, total, allocated }
}
