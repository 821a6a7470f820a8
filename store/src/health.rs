//! What a check-up asks the database, without changing anything and without the one-process lock.

use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{ConnectOptions as _, Connection as _};

use crate::error::OpenError;
use crate::open::{StoreOptions, address};
use crate::read_only::{APPLIED, is_postgres, newest_for, sqlite_file, sqlite_reader};

/// What the database is like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// `postgres` or `sqlite`.
    pub kind: &'static str,
    /// Its version.
    pub version: String,
    /// Whether there is a file, or tables, yet.
    pub exists: bool,
    /// The newest migration applied.
    pub applied: i64,
    /// The newest migration of this program.
    pub known: i64,
    /// Settings that decide whether a commit is durable, with their value and whether that is safe.
    pub durability: Vec<(String, String, bool)>,
    /// Postgres: roles that this login must be able to act as, with the refusal if it may not.
    pub roles: Vec<(String, Option<String>)>,
    /// Postgres: tables with a merchant's rows whose row-level security is not forced.
    pub unforced: Vec<String>,
    /// Postgres: whether this login gets around row-level security anyway.
    pub above_policies: bool,
    /// SQLite: whether a desk is running on it.
    pub in_use: bool,
}

const UNFORCED: &str = "SELECT CAST(c.relname AS TEXT) FROM pg_catalog.pg_class c \
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND a.attnotnull AND NOT a.attisdropped \
    WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace) \
    AND c.relname <> 'channels' AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1";
const ABOVE: &str = "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = 'recado_app'";

/// Looks.
///
/// # Errors
/// When it cannot be reached.
pub async fn inspect(options: &StoreOptions) -> Result<Report, OpenError> {
    let url = options.url.expose();
    let report = Report { known: newest_for(url), ..Report::default() };
    let looking = async {
        if is_postgres(url) { inspect_postgres(options, report).await } else { inspect_sqlite(options, report).await }
    };
    match tokio::time::timeout(options.patience * 4, looking).await {
        Ok(outcome) => outcome,
        Err(_) => Err(OpenError::Database(sqlx::Error::PoolTimedOut)),
    }
}

async fn inspect_postgres(options: &StoreOptions, mut report: Report) -> Result<Report, OpenError> {
    report.kind = "postgres";
    let owner = options.migrate_url.as_ref().unwrap_or(&options.url).expose();
    let mut connection: PgConnection = address(owner)?.connect().await?;
    report.version = sqlx::query_scalar("SELECT current_setting('server_version')").fetch_one(&mut connection).await?;
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut connection).await?;
        let safe = value != "off";
        report.durability.push((setting.to_owned(), value, safe));
    }
    let tables: bool =
        sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL").fetch_one(&mut connection).await?;
    report.exists = tables;
    if tables {
        let applied: Option<i64> = sqlx::query_scalar(APPLIED).fetch_one(&mut connection).await?;
        report.applied = applied.unwrap_or_default();
        report.unforced = sqlx::query_scalar(UNFORCED).fetch_all(&mut connection).await?;
        let above: Option<bool> = sqlx::query_scalar(ABOVE).fetch_optional(&mut connection).await?;
        report.above_policies = above.unwrap_or(false);
        for role in ["recado_engine", "recado_app"] {
            let login = address(options.url.expose())?.options([("role", role)]);
            let refusal = match login.connect().await {
                Ok(mut acting) => {
                    let asked = sqlx::query("SELECT id FROM merchants LIMIT 1").execute(&mut acting).await;
                    let _ = acting.close().await;
                    asked.err().map(|error| error.to_string())
                }
                Err(error) => Some(error.to_string()),
            };
            report.roles.push((role.to_owned(), refusal));
        }
    }
    connection.close().await?;
    Ok(report)
}

async fn inspect_sqlite(options: &StoreOptions, mut report: Report) -> Result<Report, OpenError> {
    report.kind = "sqlite";
    let Some(file) = sqlite_file(options.url.expose()) else {
        report.durability.push(("database".to_owned(), "in memory".to_owned(), false));
        return Ok(report);
    };
    if !file.is_file() {
        return Ok(report);
    }
    report.exists = true;
    let mut lock = file.as_os_str().to_owned();
    lock.push(".lock");
    if let Ok(held) = std::fs::File::open(lock) {
        report.in_use = matches!(held.try_lock_shared(), Err(std::fs::TryLockError::WouldBlock));
    }
    let mut connection: SqliteConnection = sqlite_reader(&file, options).connect().await?;
    report.version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut connection).await?;
    let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await?;
    let safe = journal == "wal";
    report.durability.push(("journal_mode".to_owned(), journal, safe));
    let applied: Option<i64> = sqlx::query_scalar(APPLIED).fetch_one(&mut connection).await.unwrap_or(None);
    report.applied = applied.unwrap_or_default();
    connection.close().await?;
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;
    use recado_domain::SystemClock;
    use std::sync::Arc;

    #[tokio::test]
    async fn a_file_is_looked_at_while_it_is_in_use_and_before_it_exists() {
        let folder = tempfile::tempdir().unwrap();
        let options = StoreOptions::new(format!("sqlite://{}", folder.path().join("recado.db").display()));
        assert!(!inspect(&options).await.unwrap().exists);
        let desk = Store::open(&options, Arc::new(SystemClock)).await.unwrap();
        let report = inspect(&options).await.unwrap();
        assert!(report.in_use && report.exists);
        assert_eq!(report.applied, report.known);
        assert!(report.durability.iter().all(|(.., safe)| *safe), "{report:?}");
        desk.close().await;
        drop(desk);
        assert!(!inspect(&options).await.unwrap().in_use);
    }
}
