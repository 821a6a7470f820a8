//! What the verbs that work on the store share: opening it, naming a shop, options of lists.

use std::sync::Arc;

use clap::Args;
use recado_domain::merchant::Merchant;
use recado_domain::{MerchantId, SystemClock};
use recado_store::audit::AuditEntry;
use recado_store::registry::Known;
use recado_store::{OpenError, Store, StoreError};

use super::{CliError, Settings};
use crate::config::Config;
use crate::serve::{ServeError, store_options};

/// Who acts, in the record of acts.
pub(super) const ACTOR: &str = "command line";

/// Options of every list.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// One JSON object per line
    #[arg(long)]
    pub json: bool,
    /// At most so many, newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only of this shop: its id or name
    #[arg(long, value_name = "SHOP")]
    pub merchant: Option<String>,
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        Self::from(ServeError::Open(error))
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(_) | StoreError::TimedOut => Self::StoreUnavailable(error.to_string()),
            StoreError::Missing(_) | StoreError::Exists(_) | StoreError::Refused(_) => Self::Usage(error.to_string()),
            StoreError::Corrupt { .. } => Self::Other(anyhow::Error::from(error)),
        }
    }
}

/// Opens the store for reading; a desk may be running on it.
pub(super) async fn reading(settings: &Settings) -> Result<Store, CliError> {
    let config = Config::load(&settings.sources())?;
    Ok(Store::open_read_only(&store_options(&config), Arc::new(SystemClock)).await?)
}

/// Opens the store for a change. The embedded database has one owner: a running desk keeps us out.
pub(super) async fn writing(settings: &Settings) -> Result<Store, CliError> {
    let config = Config::load(&settings.sources())?;
    match Store::open(&store_options(&config), Arc::new(SystemClock)).await {
        Err(OpenError::InUse { path }) => Err(CliError::AlreadyRunning(format!(
            "a desk runs on {path}, and the embedded database lets one process write. Use the desk's admin page, stop \
             it for this change, or keep the data in Postgres, where both may write"
        ))),
        other => Ok(other?),
    }
}

/// The shop that was meant, or all of them when none was named.
pub(super) fn shops(known: &Known, wanted: Option<&str>) -> Result<Vec<MerchantId>, CliError> {
    Ok(match wanted {
        Some(wanted) => vec![shop(known, Some(wanted))?.id],
        None => known.merchants().map(|shop| shop.id).collect(),
    })
}

/// The shop that was meant: by id or name; the only one, when none was named.
pub(super) fn shop(known: &Known, wanted: Option<&str>) -> Result<Arc<Merchant>, CliError> {
    let all: Vec<&Arc<Merchant>> = known.merchants().collect();
    let names = || all.iter().map(|shop| format!("{:?} ({})", shop.name, shop.id)).collect::<Vec<_>>().join(", ");
    let same = |name: &str, wanted: &str| name.trim().to_lowercase() == wanted.trim().to_lowercase();
    let found: Vec<&&Arc<Merchant>> = match wanted {
        Some(wanted) => {
            all.iter().filter(|shop| shop.id.to_string() == wanted.trim() || same(&shop.name, wanted)).collect()
        }
        None => all.iter().collect(),
    };
    match (found.as_slice(), wanted) {
        ([one], _) => Ok(Arc::clone(one)),
        _ if all.is_empty() => {
            Err(CliError::Usage("there is no shop yet: add one with `recado merchants add`".to_owned()))
        }
        ([], Some(wanted)) => Err(CliError::Usage(format!("there is no shop {wanted:?}; there are: {}", names()))),
        (_, Some(wanted)) => {
            Err(CliError::Usage(format!("several shops are called {wanted:?}, say the id: {}", names())))
        }
        (_, None) => Err(CliError::Usage(format!("which shop? Say --merchant and one of: {}", names()))),
    }
}

/// Records what the command line changed.
pub(super) async fn record(
    store: &Store,
    merchant: Option<&Merchant>,
    action: &str,
    object: &str,
) -> Result<(), CliError> {
    let entry = AuditEntry { merchant: merchant.map(|shop| shop.id), actor: ACTOR, action, object, outcome: "done" };
    Ok(store.audit(&entry).await?)
}

#[cfg(test)]
pub(super) mod tests_support {
    use super::*;

    /// Settings over an embedded database in a folder.
    pub(in crate::cli) fn settings(folder: &std::path::Path) -> Settings {
        let database = format!("sqlite://{}", folder.join("recado.db").display());
        let set = vec![("database_url".to_owned(), database)];
        Settings { config: Some("/dev/null".into()), set }
    }

    /// What a verb printed.
    pub(in crate::cli) fn printed(
        run: impl FnOnce(&mut crate::cli::Output<'_>) -> Result<crate::lifecycle::Exit, CliError>,
    ) -> String {
        let mut bytes = Vec::new();
        run(&mut crate::cli::Output::to(&mut bytes)).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}
