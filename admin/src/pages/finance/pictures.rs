//! The pictures that the chat sends, on a page: the same drawing in the page's colours, and its values as a table.

use recado_documents::chart::{Chart, ChartError, Cod, Kind, Steps, Trend, Weeks};
use recado_documents::write::Writer;
use recado_domain::finance::figures::Accounts;
use serde::Serialize;

use super::told::Question;

/// The head of a column: a word of the page's, or one of the picture's.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Column {
    key: Option<&'static str>,
    text: String,
}

impl Column {
    fn word(key: &'static str) -> Self {
        Self { key: Some(key), text: String::new() }
    }
    fn named(text: &str) -> Self {
        Self { key: None, text: text.to_owned() }
    }
}

/// A picture, or why there is none.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    /// Which: `days`, `profit`, `cod`, `cash`.
    id: &'static str,
    /// What it shows, in a sentence.
    finding: String,
    /// What is drawn.
    note: String,
    caveat: Option<String>,
    /// Marked up by us alone, every word in it escaped.
    svg: Option<String>,
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
    why: Option<String>,
}

/// The pictures of the page.
pub(super) fn pictures(accounts: &dyn Accounts, question: &Question) -> Vec<Picture> {
    let (days, drawn) = (question.chosen.days, question.chosen.drawn);
    let (sales, _) = Question::sales(question.basis);
    [
        ("days", Kind::Days(sales), drawn),
        ("profit", Kind::Profit, days),
        ("cod", Kind::Cod, days),
        ("cash", Kind::Cash, days),
    ]
    .into_iter()
    .map(|(id, kind, days)| match Chart::of(accounts, kind, days, question.writer) {
        Ok(chart) => picture(id, &chart, question.writer),
        Err(error) => absent(id, error, question.writer),
    })
    .collect()
}

fn picture(id: &'static str, chart: &Chart, writer: Writer) -> Picture {
    let head = chart.head();
    let (columns, rows) = table(chart, writer);
    Picture {
        id,
        finding: head.title.clone(),
        note: head.note.clone(),
        caveat: head.caveat.clone(),
        svg: Some(chart.inner().to_page_svg()),
        columns,
        rows,
        why: None,
    }
}

fn absent(id: &'static str, error: ChartError, writer: Writer) -> Picture {
    let why = match error {
        ChartError::Undefined(why) => writer.code("why", &why.to_string()),
        ChartError::Nothing | ChartError::NoSum(_) | ChartError::Whole => writer.code("report", "nothing"),
    };
    let (finding, note) = (String::new(), String::new());
    Picture { id, finding, note, caveat: None, svg: None, columns: Vec::new(), rows: Vec::new(), why: Some(why) }
}

/// The values of a picture, for those who cannot see it and those who want them exact.
fn table(chart: &Chart, writer: Writer) -> (Vec<Column>, Vec<Vec<String>>) {
    match chart {
        Chart::Trend(trend) => days(trend, writer),
        Chart::Steps(steps) => profit(steps),
        Chart::Cod(cod) => parcels(cod, writer),
        Chart::Weeks(cash) => weeks(cash, writer),
        Chart::Bars(bars) => {
            let rows = bars
                .parts
                .iter()
                .map(|bar| vec![bar.name.clone(), bar.written.clone(), bar.share.clone().unwrap_or_default()]);
            (
                ["finance.column.part", "finance.column.amount", "finance.column.share"].map(Column::word).into(),
                rows.collect(),
            )
        }
    }
}

fn days(trend: &Trend, writer: Writer) -> (Vec<Column>, Vec<Vec<String>>) {
    let amount = |value: i64| if trend.money { writer.money(value) } else { writer.count(value) };
    let mut columns = vec![Column::word("finance.column.day"), Column::named(&trend.now.name)];
    columns.extend(trend.before.iter().map(|before| Column::named(&before.name)));
    let row = |(place, value): (usize, &i64)| {
        let later = jiff::Span::new().days(i64::try_from(place).unwrap_or(0));
        let mut row = vec![writer.day(trend.first.saturating_add(later)), amount(*value)];
        if let Some(before) = &trend.before {
            row.push(before.values.get(place).map_or_else(String::new, |value| amount(*value)));
        }
        row
    };
    (columns, trend.now.values.iter().enumerate().map(row).collect())
}

fn profit(steps: &Steps) -> (Vec<Column>, Vec<Vec<String>>) {
    let rows = steps
        .steps
        .iter()
        .map(|step| vec![step.name.clone(), step.written.clone(), step.share.clone().unwrap_or_default()]);
    (
        ["finance.column.step", "finance.column.amount", "finance.column.of_revenue"].map(Column::word).into(),
        rows.collect(),
    )
}

fn parcels(cod: &Cod, writer: Writer) -> (Vec<Column>, Vec<Vec<String>>) {
    let mut rows: Vec<Vec<String>> =
        cod.outcomes.iter().map(|(name, count)| vec![name.clone(), writer.count(*count)]).collect();
    let rates = [(&cod.legend.0, cod.rate), (&cod.legend.1, cod.needed)];
    rows.extend(rates.into_iter().filter_map(|(name, rate)| Some(vec![name.clone(), writer.percent(rate?)])));
    (["finance.column.parcels", "finance.column.count"].map(Column::word).into(), rows)
}

fn weeks(cash: &Weeks, writer: Writer) -> (Vec<Column>, Vec<Vec<String>>) {
    let amount = |values: &[i64], week: usize| values.get(week).map_or_else(String::new, |value| writer.money(*value));
    let row = |week: usize| {
        vec![
            writer.day(cash.day(week)),
            amount(&cash.committed, week),
            amount(&cash.low, week),
            amount(&cash.high, week),
        ]
    };
    let columns = ["finance.column.week", "finance.column.committed", "finance.column.low", "finance.column.high"]
        .map(Column::word);
    (columns.into(), (0..cash.committed.len()).map(row).collect())
}
