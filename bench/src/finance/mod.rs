//! Figures of a very large shop: how long an import takes, how long folding it, and how long every figure and breakdown.

mod advice;
mod measure;
mod shop;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use recado_domain::clock::ManualClock;
use recado_domain::finance::facts::entry::Entry;
use recado_domain::merchant::Merchant;
use recado_domain::{Currency, Language, MerchantId, Timestamp};
use recado_store::finance::days::Folding;
use recado_store::{Store, StoreOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use self::shop::{AS_OF, DAYS, Facts, Size};
use crate::output;

/// Facts of the import that is timed.
const TIMED: usize = 100_000;

/// What to measure, and on what.
#[derive(Clone, Debug)]
pub struct Finance {
    /// Orders of the shop.
    pub orders: u64,
    /// Variants.
    pub products: u64,
    /// Cities.
    pub cities: u64,
    /// Where the SQLite file is made; removed at the end.
    pub directory: PathBuf,
    /// A Postgres server on which a database is made and removed; none: SQLite.
    pub postgres: Option<String>,
    /// Readings of each figure.
    pub readings: usize,
    /// Whether each figure is also computed from all facts in memory, and compared.
    pub prove: bool,
}

impl Finance {
    /// Runs it; the table, and whether every figure that was compared is the same.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn run(&self) -> anyhow::Result<(String, bool)> {
        match &self.postgres {
            None => {
                let folder = tempfile::Builder::new().prefix("recado-finance-").tempdir_in(&self.directory)?;
                self.on(&format!("sqlite://{}", folder.path().join("recado.db").display())).await
            }
            Some(server) => {
                let name = format!("recado_bench_{}", uuid::Uuid::new_v4().simple());
                let (base, _) = server.rsplit_once('/').context("an address ends with its database")?;
                let mut connection = PgConnection::connect(server).await?;
                let create = format!("CREATE DATABASE {name} TEMPLATE template0");
                sqlx::query(AssertSqlSafe(create)).execute(&mut connection).await?;
                let outcome = self.on(&format!("{base}/{name}")).await;
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::query(AssertSqlSafe(drop)).execute(&mut connection).await?;
                outcome
            }
        }
    }

    async fn on(&self, url: &str) -> anyhow::Result<(String, bool)> {
        let as_of = Timestamp::from_seconds(AS_OF);
        let open = || async {
            let mut options = StoreOptions::new(url);
            options.patience = Duration::from_secs(30);
            Store::open(&options, Arc::new(ManualClock::at(as_of))).await
        };
        let store = open().await?;
        let merchant = Merchant {
            id: MerchantId::new(as_of),
            name: "Grande".to_owned(),
            language: Language::Es,
            country: "CO".to_owned(),
            timezone: "America/Bogota".to_owned(),
            currency: Currency::Cop,
        };
        store.save_merchant(&merchant).await?;
        let mut lines = vec![format!(
            "### {} orders, {} products, {} cities, {DAYS} days · {}{}",
            self.orders,
            self.products,
            self.cities,
            if self.postgres.is_some() { "Postgres" } else { "SQLite" },
            if cfg!(debug_assertions) { " · **debug build: the numbers mean nothing**" } else { "" }
        )];

        let mut facts = Facts::new(Size { orders: self.orders, products: self.products, cities: self.cities });
        let (mut told, mut importing, mut folding, mut longest) = (0, Duration::ZERO, Duration::ZERO, Duration::ZERO);
        loop {
            let batch: Vec<Entry> = facts.by_ref().take(TIMED).collect();
            if batch.is_empty() {
                break;
            }
            let began = Instant::now();
            store.import_facts(merchant.id, "bench", &batch, |_| {}).await?;
            let took = began.elapsed();
            if told == 0 {
                lines.push(format!("import of {} facts at once: {:.1} s", batch.len(), took.as_secs_f64()));
            }
            importing += took;
            told += batch.len();
            drop(batch);
            loop {
                let began = Instant::now();
                let step = store.fold_days(merchant.id, as_of).await?;
                longest = longest.max(began.elapsed());
                folding += began.elapsed();
                if let Folding::Complete(_) = step {
                    break;
                }
            }
            output::say(&format!(
                "{told} facts, imported in {:.0} s, folded in {:.0} s, {} MiB",
                importing.as_secs_f64(),
                folding.as_secs_f64(),
                measure::peak_memory()
            ));
        }
        lines.push(format!(
            "all {told} facts: imported in {:.1} s, folded in {:.1} s (longest transaction {:.2} s); peak memory of the process {} MiB",
            importing.as_secs_f64(),
            folding.as_secs_f64(),
            longest.as_secs_f64(),
            measure::peak_memory()
        ));
        let same = if self.prove { Some(measure::prove(&store, merchant.id, as_of).await?) } else { None };
        store.close().await;
        drop(store);
        measure::times(&mut lines, open, merchant.id, as_of, self.readings).await?;
        match &same {
            Some(None) => lines.push("every figure and breakdown is what all facts in memory give".to_owned()),
            Some(Some(difference)) => lines.push(format!("**differs**: {difference}")),
            None => {}
        }
        if told == 0 {
            bail!("a shop without facts");
        }
        Ok((lines.join("\n"), !matches!(same, Some(Some(_)))))
    }
}
