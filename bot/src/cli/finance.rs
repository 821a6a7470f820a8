//! `recado finance report|import|imports|undo`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, Subcommand};
use jiff::civil::Date;
use recado_domain::finance::facts::entry::{Entry, put_together, take_apart};
use recado_domain::finance::facts::{FactSet, FactsError};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Report, Unit};
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, Language, MerchantId, Money, Timestamp};
use recado_store::Store;
use recado_store::finance::Import;
use serde::Serialize;

use super::output::message;
use super::serve::block_on;
use super::store::{reading, record, shop, writing};
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
    /// Add a fact set (finance-facts/1) to a shop, all or nothing
    ///
    /// What is known already is not added again; what differs becomes another version, and the newest is in force.
    /// Prints the id by which the import can be taken back.
    Import {
        /// The fact set
        file: PathBuf,
        /// The shop, by id or name [default: the one the file names, made if there is none]
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
    /// List the imports of a shop, newest first
    Imports {
        /// The shop, by id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Take an import back: what was in force before it is in force again
    Undo {
        /// Its id
        import: uuid::Uuid,
        /// The shop, by id or name
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
    },
}

/// What to report.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// A fact set (finance-facts/1) to read, instead of the store
    #[arg(long, value_name = "FILE", conflicts_with = "merchant")]
    pub facts: Option<PathBuf>,
    /// The shop whose facts the store keeps, by id or name
    #[arg(long, value_name = "SHOP")]
    pub merchant: Option<String>,
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
pub fn run(verb: &FinanceVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    match verb {
        FinanceVerb::Report(args) => {
            let facts = match &args.facts {
                Some(path) => FactSet::from_json(&read(path)?).map_err(|error| wrong(path, &error))?,
                None => block_on(stored_facts(settings, args.merchant.as_deref()))??,
            };
            report(facts, args, output)
        }
        FinanceVerb::Import { file, merchant, json } => {
            let (facts, entries) = take_apart(&read(file)?).map_err(|error| wrong(file, &error))?;
            let row = block_on(import(settings, file, &facts, &entries, merchant.as_deref()))??;
            output.rows(&[row], *json)?;
            Ok(Exit::Done)
        }
        FinanceVerb::Imports { merchant, json } => {
            let rows = block_on(async {
                let store = reading(settings).await?;
                let known = store.read_directory().await?;
                let shop = shop(&known, merchant.as_deref())?;
                let imports = store.merchant(shop.id).imports().await?;
                Ok::<_, CliError>(imports.into_iter().map(|made| ImportRow::new(&shop, made)).collect::<Vec<_>>())
            })??;
            output.rows(&rows, *json)?;
            Ok(Exit::Done)
        }
        FinanceVerb::Undo { import, merchant } => block_on(async {
            let store = writing(settings).await?;
            let known = store.read_directory().await?;
            let shop = shop(&known, merchant.as_deref())?;
            store.undo_import(shop.id, *import).await?;
            record(&store, Some(&shop), "finance.undo", &import.to_string()).await?;
            store.close().await;
            Ok(Exit::Done)
        })?,
    }
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))
}

fn wrong(path: &Path, error: &FactsError) -> CliError {
    CliError::Usage(format!("{}: {error}", path.display()))
}

/// The facts that the store keeps of a shop.
async fn stored_facts(settings: &Settings, wanted: Option<&str>) -> Result<FactSet, CliError> {
    let store = reading(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, wanted)?;
    let entries = store.merchant(shop.id).facts_in_force().await?;
    if entries.is_empty() {
        return Err(CliError::Usage(format!(
            "{:?} has no facts about money yet: add them with `recado finance import`",
            shop.name
        )));
    }
    let text = put_together(entries.iter().map(|(kind, body)| (kind.as_str(), body.as_str())));
    FactSet::from_json(&text).map_err(|error| CliError::Other(anyhow::Error::from(error).context("stored facts")))
}

/// An import in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ImportRow {
    import: uuid::Uuid,
    merchant: MerchantId,
    shop: String,
    source: String,
    told: i64,
    added: i64,
    at: Timestamp,
    undone_at: Option<Timestamp>,
}

impl ImportRow {
    fn new(shop: &Merchant, made: Import) -> Self {
        Self {
            import: made.id,
            merchant: shop.id,
            shop: shop.name.clone(),
            source: made.source,
            told: made.told,
            added: made.added,
            at: made.recorded_at,
            undone_at: made.undone_at,
        }
    }
}

impl Row for ImportRow {
    const HEAD: &'static [&'static str] = &["import", "shop", "source", "facts", "added", "at", "undone"];
    fn cells(&self) -> Vec<String> {
        vec![
            self.import.to_string(),
            self.shop.clone(),
            self.source.clone(),
            self.told.to_string(),
            self.added.to_string(),
            self.at.to_string(),
            self.undone_at.map(|at| at.to_string()).unwrap_or_default(),
        ]
    }
}

/// Facts between two words on progress.
const PROGRESS: usize = 50_000;

async fn import(
    settings: &Settings,
    file: &Path,
    facts: &FactSet,
    entries: &[Entry],
    wanted: Option<&str>,
) -> Result<ImportRow, CliError> {
    let store = writing(settings).await?;
    let shop = owner(&store, facts, wanted).await?;
    let source = file.file_name().map_or_else(|| "facts".to_owned(), |name| name.to_string_lossy().into_owned());
    let mut said = 0;
    let made = store
        .import_facts(shop.id, &source, entries, |gone| {
            if gone / PROGRESS > said {
                said = gone / PROGRESS;
                message(&format!("{gone} of {} facts", entries.len()));
            }
        })
        .await?;
    record(&store, Some(&shop), "finance.import", &made.id.to_string()).await?;
    store.close().await;
    Ok(ImportRow::new(&shop, made))
}

/// The shop whose facts these are; a new one, when nobody has that name.
async fn owner(store: &Store, facts: &FactSet, wanted: Option<&str>) -> Result<Arc<Merchant>, CliError> {
    let known = store.read_directory().await?;
    let name = wanted.unwrap_or(&facts.shop.name).trim();
    if name.is_empty() {
        return Err(CliError::Usage("whose facts are these? Say --merchant".to_owned()));
    }
    let is_known = known
        .merchants()
        .any(|shop| shop.id.to_string() == name || shop.name.trim().to_lowercase() == name.to_lowercase());
    let zone = facts.shop.zone.iana_name().unwrap_or("UTC");
    if is_known {
        let found = shop(&known, Some(name))?;
        if found.currency != facts.shop.currency || found.timezone != zone {
            return Err(CliError::Usage(format!(
                "the books of {:?} are in {} and its days those of {}; the facts are in {} and {zone}",
                found.name, found.currency, found.timezone, facts.shop.currency
            )));
        }
        return Ok(found);
    }
    let (country, language) = home(facts.shop.currency);
    let merchant = Merchant {
        id: MerchantId::new(store.clock().now()),
        name: name.to_owned(),
        language,
        country: country.to_owned(),
        timezone: zone.to_owned(),
        currency: facts.shop.currency,
    };
    store.save_merchant(&merchant).await?;
    record(store, Some(&merchant), "merchant.add", &merchant.id.to_string()).await?;
    Ok(Arc::new(merchant))
}

/// The country and language of a shop, by the currency of its books.
const fn home(currency: Currency) -> (&'static str, Language) {
    match currency {
        Currency::Cop => ("CO", Language::Es),
        Currency::Mxn => ("MX", Language::Es),
        Currency::Brl => ("BR", Language::Pt),
        Currency::Pen => ("PE", Language::Es),
        Currency::Clp => ("CL", Language::Es),
        Currency::Ars => ("AR", Language::Es),
        Currency::Uyu => ("UY", Language::Es),
        Currency::Pyg => ("PY", Language::Es),
        Currency::Usd => ("US", Language::Es),
        Currency::Eur => ("ES", Language::Es),
    }
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

    fn told(line: &[&str], settings: &Settings) -> Result<String, CliError> {
        let cli = super::super::Cli::try_parse_from(["recado", "finance"].iter().chain(line)).unwrap();
        let super::super::Verb::Finance(verb) = cli.verb else { panic!("another verb") };
        let mut bytes = Vec::new();
        run(&verb, settings, &mut Output::to(&mut bytes))?;
        Ok(String::from_utf8(bytes).unwrap())
    }

    fn answered(line: &[&str]) -> Result<String, CliError> {
        told(&[&["report"], line].concat(), &Settings::default())
    }

    #[test]
    fn imported_facts_give_the_same_report_and_can_be_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let settings = super::super::store::tests_support::settings(folder.path());
        let days = ["--from", "2026-09-01", "--to", "2026-10-31", "--by", "product", "--json"];
        let expected = answered(&[&["--facts", GOLDEN], &days[..]].concat()).unwrap();

        let row: serde_json::Value =
            serde_json::from_str(&told(&["import", GOLDEN, "--json"], &settings).unwrap()).unwrap();
        assert_eq!((row["told"].as_i64(), row["added"].as_i64()), (Some(99), Some(99)));
        assert_eq!(row["shop"], "Tienda de ejemplo");
        let named = [&["report", "--merchant", "tienda de ejemplo"], &days[..]].concat();
        assert_eq!(told(&named, &settings).unwrap(), expected);

        // A second time nothing is added, and the shop is the same one.
        let again: serde_json::Value =
            serde_json::from_str(&told(&["import", GOLDEN, "--json"], &settings).unwrap()).unwrap();
        assert_eq!((again["added"].as_i64(), &again["merchant"]), (Some(0), &row["merchant"]));
        assert_eq!(told(&["imports"], &settings).unwrap().lines().count(), 3);

        told(&["undo", row["import"].as_str().unwrap()], &settings).unwrap();
        let refused = told(&named, &settings).unwrap_err().to_string();
        assert!(refused.contains("no facts about money"), "{refused}");
    }

    #[test]
    fn facts_of_other_books_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let settings = super::super::store::tests_support::settings(folder.path());
        told(&["import", GOLDEN], &settings).unwrap();
        let path = folder.path().join("pesos.json");
        let golden = std::fs::read_to_string(GOLDEN).unwrap();
        std::fs::write(&path, golden.replacen("\"currency\": \"COP\"", "\"currency\": \"MXN\"", 1)).unwrap();
        let refused = told(&["import", path.to_str().unwrap()], &settings).unwrap_err().to_string();
        assert!(refused.contains("COP") && refused.contains("MXN"), "{refused}");
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
