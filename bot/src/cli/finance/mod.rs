//! `recado finance …`: figures, advice, documents, imports.

#[cfg(test)]
mod advice_tests;
mod analyse;
mod books;
mod days;
mod document;
mod forecast;
mod import;
mod period;
mod recommendations;
mod report;
mod sheet;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use recado_domain::Language;
use recado_domain::finance::facts::entry::take_apart;
use recado_domain::finance::facts::{FactSet, FactsError};

use self::analyse::{AnalyseArgs, AnalyseVerb, PriceArgs, analyse};
pub use self::document::{ChartArgs, DocumentArgs};
use self::document::{Document, chart, document};
use self::forecast::{ForecastArgs, forecast};
use self::import::{ImportRow, import};
pub use self::period::PeriodArgs;
use self::recommendations::{RecommendationsVerb, recommendations};
pub use self::report::ReportArgs;
use self::report::report;
pub use self::sheet::SheetArgs;
use self::sheet::import_sheet;
use super::serve::block_on;
use super::store::{reading, record, shop, writing};
use super::{CliError, Output, Settings};
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
    /// What the advisors say: health, pricing, growth, cash, collections, advice
    ///
    /// Every rule and formula is in docs/advice.md.
    #[command(
        subcommand,
        after_help = "Examples:\n  recado finance analyse advice --merchant \"Tienda Luna\"\n  recado finance analyse \
                      health --facts facts.json --against 2026-10-15T09:00:00-05:00\n  recado finance analyse pricing \
                      --facts facts.json --product sérum --margin 40% --json"
    )]
    Analyse(AnalyseVerb),
    /// List, accept, dismiss and check what was recommended
    #[command(subcommand)]
    Recommendations(RecommendationsVerb),
    /// At what price to sell for a margin; the same as `analyse pricing`
    Price {
        /// Which books, and how to tell it
        #[command(flatten)]
        args: AnalyseArgs,
        /// The price
        #[command(flatten)]
        price: PriceArgs,
    },
    /// Cash at the end of each of the next thirteen weeks, with one more payment if asked
    Forecast(ForecastArgs),
    /// Draw a picture of figures, for a phone (.png) or a page (.svg)
    #[command(
        after_help = "Examples:\n  recado finance chart days --merchant \"Casa Lienzo\" --from 2026-11-01 -o sales.png\n  recado \
                      finance chart products --figure cm1 --facts facts.json -o products.svg"
    )]
    Chart(ChartArgs),
    /// Write the report of some days as PDF
    Pdf(DocumentArgs),
    /// Write the figures of some days as a workbook
    Xlsx(DocumentArgs),
    /// Add facts to a shop, all or nothing: a fact set (.json) or a spreadsheet (.csv, .xlsx, .xls, .ods)
    ///
    /// What is known already is not added again; what differs becomes another version, and the newest is in force.
    /// Prints the id by which the import can be taken back. Of a spreadsheet it shows first what was understood; which
    /// columns it may have stands in docs/documents.md.
    #[command(
        after_help = "Examples:\n  recado finance import facts.json\n  recado finance import gastos.xlsx --merchant \"Casa Lienzo\" \
                      --dry-run\n  recado finance import banco.csv --kind expenses --map \"Vr. neto=amount\" --accept-problems"
    )]
    Import {
        /// The fact set or spreadsheet
        file: PathBuf,
        /// The shop, by id or name [default: the one the file names, made if there is none]
        #[arg(long, value_name = "SHOP")]
        merchant: Option<String>,
        /// One JSON object
        #[arg(long)]
        json: bool,
        /// How a spreadsheet is to be understood
        #[command(flatten)]
        sheet: Box<SheetArgs>,
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

/// Runs it.
///
/// # Errors
/// When the facts cannot be read, or do not fit.
pub fn run(verb: &FinanceVerb, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    match verb {
        FinanceVerb::Report(args) => report(args, settings, output),
        FinanceVerb::Chart(args) => chart(args, settings, output),
        FinanceVerb::Pdf(args) => document(Document::Pdf, args, settings, output),
        FinanceVerb::Xlsx(args) => document(Document::Workbook, args, settings, output),
        FinanceVerb::Import { file, merchant, sheet, json } if !is_fact_set(file) => {
            import_sheet(file, merchant.as_deref(), sheet, *json, settings, output)
        }
        FinanceVerb::Analyse(verb) => analyse(verb, settings, output),
        FinanceVerb::Recommendations(verb) => recommendations(verb, settings, output),
        FinanceVerb::Price { args, price } => {
            analyse(&AnalyseVerb::Pricing { args: args.clone(), price: price.clone() }, settings, output)
        }
        FinanceVerb::Forecast(args) => forecast(args, settings, output),
        FinanceVerb::Import { file, merchant, sheet, json } => {
            if sheet.is_said() {
                let only = "--kind, --map, --sheet and --accept-problems are for spreadsheets, and this is a fact set";
                return Err(CliError::Usage(only.to_owned()));
            }
            let (facts, entries) = take_apart(&read(file)?).map_err(|error| wrong(file, &error))?;
            if sheet.dry_run {
                output.text(&format!("{} facts of {:?}; nothing was imported", entries.len(), facts.shop.name))?;
                return Ok(Exit::Done);
            }
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

/// By its name: JSON is a fact set, anything else a spreadsheet.
fn is_fact_set(path: &Path) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| CliError::Usage(format!("cannot read {}: {error}", path.display())))
}

fn wrong(path: &Path, error: &FactsError) -> CliError {
    CliError::Usage(format!("{}: {error}", path.display()))
}

/// The facts that the store keeps of a shop, and its language.
async fn stored_facts(settings: &Settings, wanted: Option<&str>) -> Result<(FactSet, Language), CliError> {
    let store = reading(settings).await?;
    let known = store.read_directory().await?;
    let shop = shop(&known, wanted)?;
    let facts = store.merchant(shop.id).books(&shop).await?;
    if facts.is_empty() {
        return Err(CliError::Usage(format!(
            "{:?} has no facts about money yet: its orders come with Shopify's webhooks, the rest with `recado finance \
             import`",
            shop.name
        )));
    }
    Ok((facts, shop.language))
}
