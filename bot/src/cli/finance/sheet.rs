//! `recado finance import FILE.csv|xlsx|xls|ods`: a preview of what was understood, then all of it or nothing.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use recado_documents::sheet::{self, Problem, Reading, Request, SheetKind};
use recado_domain::finance::facts::entry::{Entry, MERCHANT, READING, put_together, take_apart};
use recado_domain::finance::facts::{FactSet, SCHEMA};
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, Language, Money, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::import::{ImportRow, add};
use crate::cli::merchants::language;
use crate::cli::output::message;
use crate::cli::serve::block_on;
use crate::cli::store::{reading, shop, writing};
use crate::cli::{CliError, Output, Settings};
use crate::lifecycle::Exit;

/// Problems that the preview for eyes lists.
const LISTED: usize = 20;
/// Rows that the preview shows.
const SAMPLE: usize = 5;
/// Letters of a row that it shows.
const LETTERS: usize = 160;

/// How a spreadsheet is to be understood.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Spreadsheets")]
pub struct SheetArgs {
    /// expenses, ad_spend, costs, purchases, remittances, invoices, cash, fx or gateway_fees [default: what the headings say]
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<SheetKind>,
    /// What a column is, e.g. --map "Vr. neto=amount"; may be repeated
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// The sheet of a workbook [default: the one with the best headings]
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// Show what would be imported, and import nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave out the rows that have problems, instead of importing nothing
    #[arg(long)]
    pub accept_problems: bool,
    /// The language of what is said about rows: es, pt or en [default: the shop's]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub language: Option<Language>,
}

fn kind(text: &str) -> Result<SheetKind, String> {
    let known = || SheetKind::ALL.map(SheetKind::code).join(", ");
    SheetKind::of_code(text).ok_or_else(|| format!("one of {}", known()))
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((column, field)) if !column.trim().is_empty() && !field.trim().is_empty() => {
            Ok((column.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err("expected COLUMN=FIELD".to_owned()),
    }
}

impl SheetArgs {
    /// Whether something was said that only a spreadsheet can follow.
    pub(super) fn is_said(&self) -> bool {
        self.kind.is_some() || !self.map.is_empty() || self.sheet.is_some() || self.accept_problems
    }
}

/// A problem, for programs.
#[derive(Serialize)]
struct ProblemRow {
    row: u32,
    column: String,
    value: String,
    problem: String,
    refused: bool,
}

/// What was understood, for programs.
#[derive(Serialize)]
struct Preview {
    kind: &'static str,
    sheet: String,
    head_row: u32,
    columns: Vec<(String, Option<&'static str>)>,
    rows: usize,
    facts: usize,
    refused: usize,
    totals: std::collections::BTreeMap<String, String>,
    from: Option<String>,
    to: Option<String>,
    first: Vec<Value>,
    problems: Vec<ProblemRow>,
}

impl Preview {
    fn of(reading: &Reading, language: Language) -> Self {
        let problem = |problem: &Problem| ProblemRow {
            row: problem.row,
            column: problem.column.clone(),
            value: problem.value.clone(),
            problem: problem.said(language),
            refused: problem.trouble.is_grave(),
        };
        let total = |(currency, sum): (&Currency, &i128)| {
            let decimal = recado_domain::finance::ratio::decimal_text(*sum, currency.exponent());
            (currency.code().to_owned(), decimal)
        };
        Self {
            kind: reading.kind.code(),
            sheet: reading.sheet.clone(),
            head_row: reading.head,
            columns: reading.columns.iter().map(|column| (column.heading.clone(), column.field)).collect(),
            rows: reading.rows,
            facts: reading.facts.len(),
            refused: reading.refused(),
            totals: reading.totals.iter().map(total).collect(),
            from: reading.days().map(|(first, _)| first.to_string()),
            to: reading.days().map(|(_, last)| last.to_string()),
            first: reading.facts.iter().take(SAMPLE).map(|fact| fact.body.clone()).collect(),
            problems: reading.problems.iter().map(problem).collect(),
        }
    }

    /// For eyes. Values are a stranger's: whatever a terminal would obey is taken out.
    fn text(&self) -> String {
        let mut text = String::new();
        let place = if self.sheet.is_empty() { String::new() } else { format!(" on sheet {:?}", self.sheet) };
        let _ = writeln!(text, "{}: {} rows below the headings of row {}{place}", self.kind, self.rows, self.head_row);
        for (heading, field) in &self.columns {
            let _ = writeln!(text, "  {heading:?} → {}", field.unwrap_or("not used"));
        }
        let days =
            self.from.as_ref().zip(self.to.as_ref()).map_or_else(String::new, |(from, to)| format!(", {from} to {to}"));
        let _ = writeln!(text, "{} facts{days}", self.facts);
        for (currency, sum) in &self.totals {
            let shown = currency.parse::<Currency>().ok().and_then(|currency| Money::parse(sum, currency).ok());
            let _ = writeln!(text, "  total {currency} {}", shown.map_or_else(|| sum.clone(), Money::shown));
        }
        for fact in &self.first {
            let line: String = fact.to_string().chars().take(LETTERS).collect();
            let _ = writeln!(text, "  {line}");
        }
        if !self.problems.is_empty() {
            let _ = writeln!(
                text,
                "{} rows cannot be imported, {} are worth a look:",
                self.refused,
                self.problems.len() - self.refused
            );
        }
        for problem in self.problems.iter().take(LISTED) {
            let mark = if problem.refused { '✗' } else { '·' };
            let _ = writeln!(text, "  {mark} row {}: {}", problem.row, problem.problem);
        }
        if self.problems.len() > LISTED {
            let _ = writeln!(text, "  … and {} more; --json lists all", self.problems.len() - LISTED);
        }
        text.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect()
    }
}

/// What is known of a shop, and whether anything is.
struct Known {
    shop: std::sync::Arc<Merchant>,
    facts: FactSet,
    is_new: bool,
    now: Timestamp,
}

async fn known(settings: &Settings, wanted: Option<&str>) -> Result<Known, CliError> {
    let store = reading(settings).await?;
    let directory = store.read_directory().await?;
    let shop = shop(&directory, wanted)?;
    let entries = store.merchant(shop.id).facts_in_force().await?;
    let now = store.clock().now();
    let is_new = !entries.iter().any(|(kind, _)| kind == MERCHANT);
    let facts = if is_new {
        FactSet::of_shop(&shop, now)
    } else {
        let text = put_together(entries.iter().map(|(kind, body)| (kind.as_str(), body.as_str())));
        FactSet::from_json(&text)
            .map_err(|error| CliError::Other(anyhow::Error::from(error).context("stored facts")))?
    };
    Ok(Known { shop, facts, is_new, now })
}

/// The facts as entries of the store: with the shop itself when it is new, and with the instant for which figures are
/// asked moved on when a fact is of a later day.
fn entries(reading: &Reading, known: &Known) -> Result<Vec<Entry>, CliError> {
    let facts = &known.facts;
    let zone = facts.shop.zone.iana_name().unwrap_or("UTC");
    let later = reading.days().is_some_and(|(_, last)| last > facts.as_of.in_zone(&facts.shop.zone).date());
    let as_of = if known.is_new || later { known.now.max(facts.as_of) } else { facts.as_of };
    let mut document = json!({
        "schema": SCHEMA,
        "merchant": {"name": known.shop.name, "timezone": zone, "currency": facts.shop.currency, "vat_registered": true},
        "as_of": as_of.to_string(),
        "synced_at": facts.synced_at.map(|at| at.to_string()),
    });
    document[reading.kind.list()] = reading.list();
    let (_, entries) =
        take_apart(&document.to_string()).map_err(|error| CliError::Usage(format!("the facts do not fit: {error}")))?;
    let kept = |entry: &Entry| match entry.kind.as_str() {
        MERCHANT => known.is_new,
        READING => known.is_new || later,
        _ => true,
    };
    Ok(entries.into_iter().filter(kept).collect())
}

pub(super) fn import_sheet(
    file: &Path,
    wanted: Option<&str>,
    args: &SheetArgs,
    is_json: bool,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<Exit, CliError> {
    let refused = |error: sheet::SheetError| CliError::Usage(format!("{}: {error}", file.display()));
    let bytes = sheet::load(file).map_err(refused)?;
    let known = block_on(known(settings, wanted))??;
    let request =
        Request { kind: args.kind, map: &args.map, sheet: args.sheet.as_deref(), known: &known.facts, now: known.now };
    let reading = sheet::read(&bytes, &request, |rows| message(&format!("{rows} rows read"))).map_err(refused)?;
    drop(bytes);
    let preview = Preview::of(&reading, args.language.unwrap_or(known.shop.language));
    if args.dry_run || !is_json {
        if is_json { output.json(&preview)? } else { output.text(&preview.text())? }
    }
    if args.dry_run {
        return Ok(Exit::Done);
    }
    if reading.facts.is_empty() {
        return Err(CliError::Usage(format!("{}: no row can be imported", file.display())));
    }
    if preview.refused > 0 && !args.accept_problems {
        let first = reading.problems.iter().find(|problem| problem.trouble.is_grave());
        let first =
            first.map_or_else(String::new, |problem| format!("row {}: {}", problem.row, problem.said(Language::En)));
        return Err(CliError::Usage(format!(
            "nothing was imported: {} rows have problems ({first}). Mend them, or leave them out with --accept-problems",
            preview.refused
        )));
    }
    let entries = entries(&reading, &known)?;
    let row = block_on(async {
        let store = writing(settings).await?;
        let made = add(&store, &known.shop, file, &entries).await?;
        store.close().await;
        Ok::<_, CliError>(ImportRow::new(&known.shop, made))
    })??;
    output.rows(&[row], is_json)?;
    Ok(Exit::Done)
}
