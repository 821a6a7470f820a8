//! Where the facts of a command come from: a file, or the store.

use std::path::PathBuf;

use clap::Args;
use recado_domain::Timestamp;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::{Accounts, Ledger};
use recado_domain::finance::ratio::Ratio;

use super::period::PeriodArgs;
use super::{read, stored_facts, wrong};
use crate::cli::serve::block_on;
use crate::cli::{CliError, Settings};

/// Which books, and as of when.
#[derive(Clone, Debug, Args)]
pub struct BooksArgs {
    /// A fact set (finance-facts/1) to read, instead of the store
    #[arg(long, value_name = "FILE", conflicts_with = "merchant")]
    pub facts: Option<PathBuf>,
    /// The shop whose facts the store keeps, by id or name
    #[arg(long, value_name = "SHOP")]
    pub merchant: Option<String>,
    /// As it was known then, RFC 3339 [default: what the facts say]
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub as_of: Option<Timestamp>,
}

impl BooksArgs {
    /// What is computed of the shop as it stands: of a large one from its day book, else from all facts. It may be computed
    /// several times.
    pub(super) fn told<T: Send + 'static>(
        &self,
        settings: &Settings,
        compute: impl Fn(&dyn Accounts) -> T + Send + Sync + 'static,
    ) -> Result<T, CliError> {
        let (facts, merchant) = (self.facts.clone(), self.merchant.clone());
        let period = PeriodArgs { facts, merchant, from: None, to: None, as_of: self.as_of };
        period.told(settings, move |accounts, _, _| compute(accounts))
    }

    /// The books.
    pub(super) fn ledger(&self, settings: &Settings) -> Result<Ledger, CliError> {
        let facts = match &self.facts {
            Some(path) => FactSet::from_json(&read(path)?).map_err(|error| wrong(path, &error))?,
            None => block_on(stored_facts(settings, self.merchant.as_deref()))??.0,
        };
        let as_of = self.as_of.unwrap_or(facts.as_of);
        Ok(Ledger::new(facts, as_of))
    }
}

/// An instant with its offset.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|_| "an instant with its offset, e.g. 2026-11-05T09:00:00-05:00".to_owned())
}

/// A share: `40%`, `40` or `0.4`.
pub(super) fn share(text: &str) -> Result<Ratio, String> {
    let wrong = || "a share below 100 %, e.g. 40%, 40 or 0.4".to_owned();
    let (digits, marked) = match text.trim().strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (text.trim(), false),
    };
    let decimal = recado_domain::finance::facts::Decimal::parse(&digits.replace(',', ".")).map_err(|_| wrong())?;
    let value = Ratio::new(decimal.unscaled.into(), 10_i128.pow(decimal.scale)).ok_or_else(wrong)?;
    let whole = marked || value.minus(Ratio::ONE).is_ok_and(|rest| rest.numerator() >= 0);
    let share = if whole { value.over(Ratio::whole(100)).ok().flatten().ok_or_else(wrong)? } else { value };
    let fits = share.numerator() >= 0 && share.numerator() < share.denominator();
    if fits { Ok(share) } else { Err(wrong()) }
}
