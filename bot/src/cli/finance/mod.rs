//! `recado finance report|import|imports|undo`.

mod import;
mod report;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use recado_domain::finance::facts::entry::{put_together, take_apart};
use recado_domain::finance::facts::{FactSet, FactsError};

use self::import::{ImportRow, import};
pub use self::report::ReportArgs;
use self::report::report;
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
