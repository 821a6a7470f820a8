//! Opening for reading only: beside a running desk, without its one-process lock, without migrations.

use std::path::PathBuf;
use std::sync::Arc;

use recado_domain::Clock;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::Store;
use crate::connections::Connections;
use crate::db::Db;
use crate::disk::Disk;
use crate::error::OpenError;
use crate::open::{POSTGRES, SQLITE, StoreOptions, address};

/// The newest migration that was applied.
pub(crate) const APPLIED: &str = "SELECT MAX(version) FROM _sqlx_migrations WHERE success";

/// The newest migration of this program.
pub(crate) fn newest(migrator: &Migrator) -> i64 {
    migrator.iter().map(|migration| migration.version).max().unwrap_or_default()
}

/// The file of a `sqlite:` address; `None` when it is kept in memory.
pub(crate) fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url.strip_prefix("sqlite:")?.trim_start_matches("//");
    let memory = path.is_empty() || path.starts_with(':') || path.contains("mode=memory");
    (!memory).then(|| PathBuf::from(path.split('?').next().unwrap_or(path)))
}

pub(crate) fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// One connection that cannot write to an existing file.
pub(crate) fn sqlite_reader(file: &std::path::Path, options: &StoreOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file).create_if_missing(false).read_only(true).busy_timeout(options.patience)
}

impl Store {
    /// Opens an existing store for reading. A desk may be running on it. Every write is refused by the database.
    ///
    /// # Errors
    /// When there is no store, its tables are of another version, or it does not answer.
    pub async fn open_read_only(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let url = options.url.expose();
        if is_postgres(url) {
            let base = address(url)?
                .application_name("recado-read")
                .options([("statement_timeout", "15000"), ("default_transaction_read_only", "on")]);
            let pool =
                |role: &'static str| Connections::new(base.clone().options([("role", role)]), 2, options.patience);
            // The table of migrations is its owner's: a login that may only use the tables cannot read it, and then the
            // first question tells.
            let (engine, tenant) = (pool("recado_engine"), pool("recado_app"));
            engine.acquire().await?.done();
            return Ok(Self::new(Db::Postgres { engine, tenant, disk: Disk::default() }, clock, None));
        }
        let Some(file) = sqlite_file(url) else {
            return Err(OpenError::Address(url.split(':').next().unwrap_or_default().to_owned()));
        };
        if !file.is_file() {
            return Err(OpenError::Absent { path: file.display().to_string() });
        }
        let reader = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(options.patience)
            .connect_with(sqlite_reader(&file, options))
            .await?;
        let found: Option<i64> = sqlx::query_scalar(APPLIED).fetch_one(&reader).await.unwrap_or(None);
        let (found, known) = (found.unwrap_or_default(), newest(&SQLITE));
        if found != known {
            return Err(OpenError::OtherVersion { found, known });
        }
        Ok(Self::new(Db::Sqlite { writer: reader.clone(), reader, disk: Disk::default() }, clock, None))
    }
}

/// The newest migration for an address.
pub(crate) fn newest_for(url: &str) -> i64 {
    newest(if is_postgres(url) { &POSTGRES } else { &SQLITE })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::EventFilter;
    use recado_domain::SystemClock;

    fn clock() -> Arc<dyn Clock> {
        Arc::new(SystemClock)
    }

    #[tokio::test]
    async fn a_running_desk_can_be_read_but_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(format!("sqlite://{}", folder.path().join("recado.db").display()));
        assert!(matches!(Store::open_read_only(&options, clock()).await, Err(OpenError::Absent { .. })));
        let desk = Store::open(&options, clock()).await.unwrap();
        assert!(matches!(Store::open(&options, clock()).await, Err(OpenError::InUse { .. })));

        let beside = Store::open_read_only(&options, clock()).await.unwrap();
        assert!(beside.events(&EventFilter { limit: 5, ..EventFilter::default() }).await.unwrap().is_empty());
        assert_eq!(beside.counts().await.unwrap().open, 0);
        assert!(beside.remove_staff(recado_domain::StaffId::derived(&["x"])).await.is_err());
        beside.close().await;
        desk.close().await;
        drop(desk);

        // Nor does it need a desk.
        let alone = Store::open_read_only(&options, clock()).await.unwrap();
        assert!(alone.staff().await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn an_empty_file_is_no_store() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("recado.db");
        std::fs::write(&file, b"").unwrap();
        let options = StoreOptions::new(format!("sqlite://{}", file.display()));
        assert!(matches!(
            Store::open_read_only(&options, clock()).await,
            Err(OpenError::OtherVersion { found: 0, .. })
        ));
    }
}
