//! Whose figures, of which days: what `report` and every document are told.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use jiff::civil::Date;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Accounts, Days, Ledger};
use recado_domain::{Language, Timestamp};

use super::books::instant;
use super::days::LargeShop;
use super::import::home;
use super::{read, stored_facts, wrong};
use crate::cli::serve::block_on;
use crate::cli::{CliError, Settings};

/// Whose figures, of which days.
#[derive(Clone, Debug, Args)]
pub struct PeriodArgs {
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
    /// As it was known then, RFC 3339 [default: now for a shop that tells its orders, else what the facts say]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<Timestamp>,
}

/// The books that were asked for.
pub(super) struct Books {
    pub ledger: Ledger,
    pub days: Days,
    /// The language of the shop.
    pub language: Language,
}

impl PeriodArgs {
    /// What is computed of the days that are asked about, in the shop's language: of a large shop from its day book, else
    /// from all facts. It may be computed several times.
    pub(super) fn told<T: Send + 'static>(
        &self,
        settings: &Settings,
        compute: impl Fn(&dyn Accounts, Days, Language) -> T + Send + Sync + 'static,
    ) -> Result<T, CliError> {
        let compute = Arc::new(compute);
        if self.facts.is_none() {
            let of_book = Arc::clone(&compute);
            let told = block_on(async {
                match LargeShop::of(self, settings).await? {
                    Some(shop) => shop.told(move |accounts, days, language| of_book(accounts, days, language)).await,
                    None => Ok(None),
                }
            })?;
            if let Some(told) = told? {
                return Ok(told);
            }
        }
        let books = self.books(settings)?;
        Ok(compute(&books.ledger, books.days, books.language))
    }

    /// Reads the facts and folds them.
    pub(super) fn books(&self, settings: &Settings) -> Result<Books, CliError> {
        let (facts, language) = match &self.facts {
            Some(path) => {
                let facts = FactSet::from_json(&read(path)?).map_err(|error| wrong(path, &error))?;
                let language = home(facts.shop.currency).1;
                (facts, language)
            }
            None => block_on(stored_facts(settings, self.merchant.as_deref()))??,
        };
        let as_of = self.as_of.unwrap_or(facts.as_of);
        let ledger = Ledger::new(facts, as_of);
        let to = self.to.unwrap_or_else(|| ledger.today());
        let from = self.from.unwrap_or_else(|| to.first_of_month());
        if to < from {
            return Err(CliError::Usage(format!("{to} is before {from}")));
        }
        Ok(Books { ledger, days: Days::new(from, to), language })
    }
}
