//! Every figure of some days, as a table or JSON.

use clap::Args;
use recado_domain::finance::figures::{Dimension, FactKind, Metric, Report, Unit};
use recado_domain::{Language, Money};
use serde::Serialize;

use super::days::LargeShop;
use super::period::PeriodArgs;
use crate::cli::serve::block_on;
use crate::cli::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// What to report.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// Whose figures, of which days
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Break down by product, payment, customer, channel, city, carrier, platform, day or month; may be repeated
    #[arg(long, value_name = "DIMENSION", value_parser = dimension)]
    pub by: Vec<Dimension>,
    /// List the facts behind a figure, e.g. cm2
    #[arg(long, value_name = "FIGURE", value_parser = metric)]
    pub proof: Option<Metric>,
    /// From all facts of a large shop too: also the way from profit to cash
    #[arg(long)]
    pub whole: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

fn dimension(text: &str) -> Result<Dimension, String> {
    let known = || Dimension::ALL.map(Dimension::code).join(", ");
    Dimension::ALL.into_iter().find(|by| by.code() == text).ok_or_else(|| format!("one of {}", known()))
}

pub(super) fn metric(text: &str) -> Result<Metric, String> {
    Metric::of_id(text).ok_or_else(|| "the id of a figure, e.g. cm2; all of them are in docs/finance.md".to_owned())
}

/// A figure in a table.
#[derive(Serialize)]
struct FigureRow {
    part: String,
    figure: &'static str,
    value: String,
    name: &'static str,
}

impl Row for FigureRow {
    const HEAD: &'static [&'static str] = &["part", "figure", "value", "name"];
    fn cells(&self) -> Vec<String> {
        vec![self.part.clone(), self.figure.to_owned(), self.value.clone(), self.name.to_owned()]
    }
}

/// A fact behind a figure.
#[derive(Serialize)]
struct ProofRow {
    kind: &'static str,
    id: String,
}

impl Row for ProofRow {
    const HEAD: &'static [&'static str] = &["kind", "id"];
    fn cells(&self) -> Vec<String> {
        vec![self.kind.to_owned(), self.id.clone()]
    }
}

pub(super) fn report(args: &ReportArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    if args.period.facts.is_none() && !args.whole && block_on(from_days(args, settings, output))?? {
        return Ok(Exit::Done);
    }
    let books = args.period.books(settings)?;
    let (ledger, days) = (&books.ledger, books.days);
    if let Some(metric) = args.proof {
        let proof = ledger.figures(days).proof(metric);
        output.rows(&proof_rows(proof), args.json)?;
        return Ok(Exit::Done);
    }
    let report = ledger.report(days, &args.by).map_err(|error| CliError::Usage(error.to_string()))?;
    print(&report, args, output)
}

/// Answers from the day book of a large shop; whether it could.
async fn from_days(args: &ReportArgs, settings: &Settings, output: &mut Output<'_>) -> Result<bool, CliError> {
    let Some(shop) = LargeShop::of(&args.period, settings).await? else { return Ok(false) };
    if let Some(metric) = args.proof {
        return shop.proof(metric, |page| Ok(output.rows(&proof_rows(page), args.json)?)).await;
    }
    let Some(report) = shop.report(&args.by).await? else { return Ok(false) };
    print(&report, args, output)?;
    Ok(true)
}

fn proof_rows(facts: Vec<(FactKind, String)>) -> Vec<ProofRow> {
    facts.into_iter().map(|(kind, id)| ProofRow { kind: kind.code(), id }).collect()
}

fn print(report: &Report, args: &ReportArgs, output: &mut Output<'_>) -> Result<Exit, CliError> {
    if args.json {
        output.json(report)?;
    } else {
        output.rows(&table(report), false)?;
        output.text(&footer(report))?;
        if !report.left_out.is_empty() {
            output.text(&format!("From the day book; with --whole also {}.", report.left_out.join(", ")))?;
        }
    }
    Ok(Exit::Done)
}

fn table(report: &Report) -> Vec<FigureRow> {
    let row = |part: &str, metric: Metric, value: Option<&String>, reason: Option<String>| FigureRow {
        part: part.to_owned(),
        figure: metric.id(),
        value: match value {
            Some(value) => shown(metric, value, report),
            None => format!("— {}", reason.unwrap_or_default()).trim_end().to_owned(),
        },
        name: metric.name(Language::En),
    };
    let whole = Metric::ALL.iter().map(|metric| {
        let value = report.metrics.get(metric.id()).and_then(Option::as_ref);
        row("", *metric, value, report.reasons.get(metric.id()).map(ToString::to_string))
    });
    let parts = report.breakdowns.iter().flat_map(|breakdown| &breakdown.parts).flat_map(|part| {
        let key = part.title.as_ref().or(part.key.as_ref()).map_or("(none)", String::as_str);
        Metric::ALL.iter().filter_map(move |metric| {
            let value = part.metrics.get(metric.id())?.as_ref()?;
            (!value.bytes().all(|digit| matches!(digit, b'0' | b'.'))).then(|| row(key, *metric, Some(value), None))
        })
    });
    whole.chain(parts).collect()
}

/// A value as people write it: money in the style of its currency, ratios as percentages with one decimal.
fn shown(metric: Metric, value: &str, report: &Report) -> String {
    match metric.unit() {
        Unit::Money => Money::parse(value, report.currency).map_or_else(|_| value.to_owned(), Money::shown),
        Unit::Ratio | Unit::Count | Unit::Days | Unit::Months => value.to_owned(),
    }
}

fn footer(report: &Report) -> String {
    let health = &report.health;
    let score = health.score.map_or_else(|| "no score".to_owned(), |score| format!("{score} of 100"));
    let range = health.range.map(|(low, high)| format!(", {low} to {high}")).unwrap_or_default();
    let synced = report.synced_at.map_or_else(|| "never".to_owned(), |at| at.to_string());
    format!(
        "\n{} in {}, {} to {}, as of {}; synced {synced}.\nHealth: {score}{range}; confidence {} ({}).",
        report.merchant,
        report.currency,
        report.from,
        report.to,
        report.as_of,
        health.confidence,
        health.confidence_level
    )
}
