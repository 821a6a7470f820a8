//! `recado finance report`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use jiff::civil::Date;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Report, Unit};
use recado_domain::{Language, Money, Timestamp};
use serde::Serialize;

use super::{CliError, Output, Row, Settings};
use crate::lifecycle::Exit;

/// `recado finance …`
#[derive(Clone, Debug, Subcommand)]
pub enum FinanceVerb {
    /// Compute every figure of some days, and everything that stands at an instant
    ///
    /// Figures are exact; one that is undefined is null, with its reason beside it. Every definition is in
    /// docs/finance.md.
    #[command(
        after_help = "Examples:\n  recado finance report --facts facts.json --from 2026-09-01 --to 2026-09-30\n  recado \
                      finance report --facts facts.json --from 2026-09-01 --to 2026-09-30 --by product --json"
    )]
    Report(ReportArgs),
}

/// What to report.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// A fact set (finance-facts/1) to read, instead of the store
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// First day of the shop [default: the 1st of the month of --to]
    #[arg(long, value_name = "DAY")]
    pub from: Option<Date>,
    /// Last day of the shop, included [default: the day of --as-of]
    #[arg(long, value_name = "DAY")]
    pub to: Option<Date>,
    /// As it was known then, RFC 3339 [default: what the facts say]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<Timestamp>,
    /// Break down by product, payment, customer, channel, city, carrier, platform, day or month; may be repeated
    #[arg(long, value_name = "DIMENSION", value_parser = dimension)]
    pub by: Vec<Dimension>,
    /// List the facts behind a figure, e.g. cm2
    #[arg(long, value_name = "FIGURE", value_parser = metric)]
    pub proof: Option<Metric>,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|_| "an instant with its offset, e.g. 2026-11-05T09:00:00-05:00".to_owned())
}

fn dimension(text: &str) -> Result<Dimension, String> {
    let known = || Dimension::ALL.map(Dimension::code).join(", ");
    Dimension::ALL.into_iter().find(|by| by.code() == text).ok_or_else(|| format!("one of {}", known()))
}

fn metric(text: &str) -> Result<Metric, String> {
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

/// Runs it.
///
/// # Errors
/// When the facts cannot be read, or do not fit.
pub fn run(verb: &FinanceVerb, _settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let FinanceVerb::Report(args) = verb;
    let Some(path) = &args.facts else {
        return Err(CliError::Usage("say which facts: --facts FILE".to_owned()));
    };
    report(read_facts(path)?, args, output)
}

/// Reads a fact set from a file.
fn read_facts(path: &Path) -> Result<FactSet, CliError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))?;
    FactSet::from_json(&text).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

fn report(facts: FactSet, args: &ReportArgs, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let as_of = args.as_of.unwrap_or(facts.as_of);
    let ledger = Ledger::new(facts, as_of);
    let to = args.to.unwrap_or_else(|| ledger.today());
    let from = args.from.unwrap_or_else(|| to.first_of_month());
    if to < from {
        return Err(CliError::Usage(format!("{to} is before {from}")));
    }
    let days = Days::new(from, to);
    if let Some(metric) = args.proof {
        let proof = ledger.figures(days).proof(metric);
        let rows: Vec<ProofRow> = proof.into_iter().map(|(kind, id)| ProofRow { kind: kind.code(), id }).collect();
        output.rows(&rows, args.json)?;
        return Ok(Exit::Done);
    }
    let report = ledger.report(days, &args.by).map_err(|error| CliError::Usage(error.to_string()))?;
    if args.json {
        output.json(&report)?;
    } else {
        output.rows(&table(&report), false)?;
        output.text(&footer(&report))?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../domain/tests/it/finance/golden.json");

    fn answered(line: &[&str]) -> Result<String, CliError> {
        let words = ["recado", "finance", "report"].iter().chain(line);
        let cli = super::super::Cli::try_parse_from(words).unwrap();
        let super::super::Verb::Finance(verb) = cli.verb else { panic!("another verb") };
        let mut bytes = Vec::new();
        run(&verb, &cli.settings, &mut Output::to(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_report_holds_every_figure_as_a_decimal_string_or_null_with_a_reason() {
        let text = answered(&["--facts", GOLDEN, "--from", "2026-10-01", "--to", "2026-10-31", "--json"]).unwrap();
        let report: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(report["metrics"].as_object().unwrap().len(), Metric::ALL.len());
        assert_eq!(report["metrics"]["booked.net_sales"], "605907.57");
        assert_eq!(report["metrics"]["operating_leverage"], serde_json::Value::Null);
        assert_eq!(report["reasons"]["operating_leverage"], "no_profit");
        assert_eq!(report["balances"]["cash_buffer_days"], "59.280778");
        assert_eq!(report["health"]["score"], 71);
    }

    #[test]
    fn a_breakdown_and_a_proof_are_told() {
        let line = ["--facts", GOLDEN, "--from", "2026-09-01", "--to", "2026-09-30"];
        let table = answered(&[&line[..], &["--by", "product"]].concat()).unwrap();
        assert!(table.contains("Sérum") && table.contains("$663.794"), "{table}");
        let proof = answered(&[&line[..], &["--proof", "booked.returns"]].concat()).unwrap();
        assert_eq!(proof.split_whitespace().collect::<Vec<_>>(), ["KIND", "ID", "order", "#1007"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.json");
        let golden = std::fs::read_to_string(GOLDEN).unwrap();
        std::fs::write(&path, golden.replacen("\"14353.78\"", "\"14.353,78\"", 1)).unwrap();
        let refused = answered(&["--facts", path.to_str().unwrap()]).unwrap_err().to_string();
        assert!(refused.contains("orders[0].lines[0].tax") && refused.contains("14.353,78"), "{refused}");
        assert!(answered(&["--facts", "/nowhere.json"]).is_err());
    }
}
