//! The health score with its parts, and how it went.

use recado_documents::comparison::titled;
use recado_documents::write::Writer;
use recado_domain::finance::figures::{Accounts, Band, Metric};
use recado_domain::money::divide_half_even;
use recado_store::finance::analyses::HealthPoint;
use serde::Serialize;

/// One point, in the unit of scores.
const POINT: i128 = 1_000_000_000_000;

#[derive(Debug, Serialize)]
struct Part {
    id: &'static str,
    weight: i64,
    score: Option<i64>,
    tone: &'static str,
}

/// What holds it back: a figure, or a word of the page's.
#[derive(Debug, Serialize)]
pub(super) struct Input {
    pub(super) key: Option<String>,
    pub(super) name: String,
}

/// The score as it is shown.
#[derive(Debug, Default, Serialize)]
pub(super) struct Health {
    score: Option<i64>,
    band: &'static str,
    tone: &'static str,
    range: Option<(i64, i64)>,
    confidence: &'static str,
    parts: Vec<Part>,
    pub(super) missing: Vec<Input>,
    /// Why there is none.
    why: Option<String>,
}

/// Computes it.
pub(super) fn health(accounts: &dyn Accounts, writer: Writer) -> Health {
    let found = match accounts.health() {
        Ok(found) => found,
        Err(why) => return Health { why: Some(writer.code("why", &why.to_string())), ..Health::default() },
    };
    let (band, tone) = match found.band() {
        Some(Band::Healthy) => ("healthy", "ok"),
        Some(Band::Stable) => ("stable", "ok"),
        Some(Band::Warning) => ("warning", "warn"),
        Some(Band::Critical) => ("critical", "danger"),
        None => ("", ""),
    };
    let part = |part: &recado_domain::finance::figures::Component| {
        let score = part.score.and_then(|score| i64::try_from(divide_half_even(score, POINT)).ok());
        let tone = match score {
            Some(60..) => "f1",
            Some(40..=59) => "f-warn",
            _ => "f-danger",
        };
        Part { id: part.id, weight: part.weight, score, tone }
    };
    let input = |id: &&'static str| match Metric::of_id(id) {
        Some(metric) => Input { key: None, name: titled(writer, metric) },
        None => Input { key: Some(format!("finance.input.{id}")), name: String::new() },
    };
    Health {
        score: found.score,
        band,
        tone,
        range: found.range,
        confidence: found.confidence_level(),
        parts: found.components.iter().map(part).collect(),
        missing: found.missing.iter().map(input).collect(),
        why: None,
    }
}

/// The line of earlier scores.
#[derive(Debug, Serialize)]
pub(super) struct History {
    /// Places of a line in a box of 100 by 40.
    line: String,
    /// Each day with its score, in words.
    words: String,
}

/// How the score went, oldest first; `None` when less than two are kept.
pub(super) fn history(kept: &[HealthPoint], day: impl Fn(&HealthPoint) -> String) -> Option<History> {
    let scored: Vec<(&HealthPoint, i64)> = kept.iter().rev().filter_map(|point| Some((point, point.score?))).collect();
    if scored.len() < 2 {
        return None;
    }
    let step = 100.0 / (scored.len() - 1) as f64;
    let line = scored
        .iter()
        .enumerate()
        .map(|(place, (_, score))| format!("{:.1},{:.1}", place as f64 * step, 38.0 - *score as f64 / 100.0 * 36.0));
    let words = scored.iter().map(|(point, score)| format!("{}: {score}", day(point)));
    Some(History { line: line.collect::<Vec<_>>().join(" "), words: words.collect::<Vec<_>>().join("; ") })
}
