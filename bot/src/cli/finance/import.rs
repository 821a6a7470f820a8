//! Adding a fact set to a shop.

use std::path::Path;
use std::sync::Arc;

use recado_domain::finance::facts::FactSet;
use recado_domain::finance::facts::entry::Entry;
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, Language, MerchantId, Timestamp};
use recado_store::Store;
use recado_store::finance::Import;
use serde::Serialize;

use crate::cli::output::message;
use crate::cli::store::{record, shop, writing};
use crate::cli::{CliError, Row, Settings};

/// An import in a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ImportRow {
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
    pub(super) fn new(shop: &Merchant, made: Import) -> Self {
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

pub(super) async fn import(
    settings: &Settings,
    file: &Path,
    facts: &FactSet,
    entries: &[Entry],
    wanted: Option<&str>,
) -> Result<ImportRow, CliError> {
    let store = writing(settings).await?;
    let shop = owner(&store, facts, wanted).await?;
    let made = add(&store, &shop, file, entries).await?;
    store.close().await;
    Ok(ImportRow::new(&shop, made))
}

/// Adds facts to a shop, and says how far it is.
pub(super) async fn add(store: &Store, shop: &Merchant, file: &Path, entries: &[Entry]) -> Result<Import, CliError> {
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
    record(store, Some(shop), "finance.import", &made.id.to_string()).await?;
    Ok(made)
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
pub(super) const fn home(currency: Currency) -> (&'static str, Language) {
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
