//! «Why?»: what moved a figure from the days before. The parts add up to the change.

use recado_documents::comparison::{is_rate, part_name, titled, written};
use recado_documents::write::Writer;
use recado_domain::finance::explain::{Driver, Made, Mover, change, moved};
use recado_domain::finance::figures::{Accounts, Metric, Undefined, Unit, Value};
use recado_domain::finance::ratio::Ratio;
use serde::Serialize;

use super::told::Question;

/// Parts that are told one by one; the rest is told as one.
const MOST: usize = 8;

/// What moved it: a word of the page's, or a name.
#[derive(Debug, Default, Serialize)]
struct Line {
    key: Option<String>,
    name: String,
    amount: String,
    tone: &'static str,
    /// Of its bar, in thousandths from the left; zero is at 500.
    x: String,
    width: String,
}

/// The change of a figure and its parts.
#[derive(Debug, Default, Serialize)]
pub(super) struct Why {
    id: &'static str,
    name: String,
    now: Option<String>,
    before: Option<String>,
    difference: Option<String>,
    lines: Vec<Line>,
    /// Why no parts are told.
    reason: Option<String>,
}

/// A part before it is written.
struct Part {
    key: Option<String>,
    name: String,
    amount: Ratio,
}

/// Explains the change of a figure.
pub(super) fn why(accounts: &dyn Accounts, question: &Question) -> Why {
    let (metric, writer) = (question.why, question.writer);
    let mut told = Why { id: metric.id(), name: titled(writer, metric), ..Why::default() };
    match explained(accounts, question) {
        Ok((now, before, parts)) => {
            told.now = Some(value(metric, now, writer));
            told.before = Some(value(metric, before, writer));
            told.difference = now.minus(before).ok().map(|difference| signed(metric, difference, writer));
            told.lines = lines(metric, parts, writer);
        }
        Err(why) => told.reason = Some(writer.code("why", &why.to_string())),
    }
    told
}

fn explained(accounts: &dyn Accounts, question: &Question) -> Result<(Ratio, Ratio, Vec<Part>), Undefined> {
    let (metric, writer) = (question.why, question.writer);
    let (days, before) = (question.chosen.days, question.chosen.before);
    match Made::of(metric).ok_or(Undefined::Impossible)? {
        Made::Drivers(of) => {
            let found = change(accounts, of, &[], days, before)?;
            let part = |(driver, amount): (Driver, i64)| Part {
                key: Some(format!("finance.driver.{}", driver.code())),
                name: String::new(),
                amount: Ratio::whole(amount),
            };
            let parts = found.strongest().into_iter().map(part).collect();
            Ok((Ratio::whole(found.now), Ratio::whole(found.before), parts))
        }
        made => {
            let found = moved(accounts, metric, made, &[], (days, before))?;
            let by = made.dimension();
            let part = |(mover, amount): (Mover, Ratio)| {
                let (key, name) = match mover {
                    Mover::Figure(of) => (None, titled(writer, of)),
                    Mover::Rest => (Some(format!("finance.rest.{}", metric.id())), String::new()),
                    Mover::Part(key) => {
                        (None, by.map_or_else(String::new, |by| part_name(accounts, writer, by, key.as_deref())))
                    }
                    Mover::Category(category) => (None, category),
                };
                Part { key, name, amount }
            };
            Ok((found.now, found.before, found.parts.into_iter().map(part).collect()))
        }
    }
}

fn lines(metric: Metric, mut parts: Vec<Part>, writer: Writer) -> Vec<Line> {
    // What is less than the smallest amount that is written moved nothing.
    parts.retain(|part| signed(metric, part.amount, writer).contains(|letter| ('1'..='9').contains(&letter)));
    let rest = parts.split_off(parts.len().min(MOST));
    if let Some(amount) = rest.iter().try_fold(Ratio::ZERO, |sum, part| sum.plus(part.amount).ok())
        && !rest.is_empty()
    {
        parts.push(Part { key: Some("finance.others".to_owned()), name: String::new(), amount });
    }
    // For the drawing alone.
    let size = |amount: Ratio| amount.numerator() as f64 / amount.denominator() as f64;
    let largest = parts.iter().map(|part| size(part.amount).abs()).fold(0.0, f64::max);
    let line = |part: Part| {
        let width = if largest > 0.0 { size(part.amount) / largest * 500.0 } else { 0.0 };
        Line {
            amount: signed(metric, part.amount, writer),
            tone: if part.amount.is_positive() { "plus" } else { "minus" },
            x: format!("{:.1}", if width < 0.0 { 500.0 + width } else { 500.0 }),
            width: format!("{:.1}", width.abs().max(2.0)),
            key: part.key,
            name: part.name,
        }
    };
    parts.into_iter().map(line).collect()
}

fn value(metric: Metric, value: Ratio, writer: Writer) -> String {
    let value = match metric.unit() {
        Unit::Money => value.rounded().map(Value::Money),
        Unit::Count => value.rounded().map(Value::Count),
        Unit::Ratio | Unit::Days | Unit::Months => Ok(Value::Ratio(value)),
    };
    written(writer, metric, value.map_err(Undefined::from))
}

/// A difference of a figure with its sign: of rates in points.
fn signed(metric: Metric, difference: Ratio, writer: Writer) -> String {
    let plus = if difference.is_positive() { "+" } else { "" };
    match metric.unit() {
        Unit::Money => writer.signed(difference.rounded().unwrap_or(0)),
        Unit::Count => format!("{plus}{}", writer.count(difference.rounded().unwrap_or(0))),
        Unit::Ratio if is_rate(metric) => {
            let points = difference.times(Ratio::whole(100)).unwrap_or(Ratio::ZERO);
            writer.code("short", "points").replace("{number}", &format!("{plus}{}", writer.number(points, 1)))
        }
        Unit::Ratio | Unit::Days | Unit::Months => format!("{plus}{}", writer.number(difference, 2)),
    }
}
