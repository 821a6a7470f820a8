//! Opening: pools, migrations, durability checks, the one-process rule of SQLite.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use recado_domain::{Clock, Secret};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection};

use crate::Store;
use crate::connections::Connections;
use crate::db::Db;
use crate::disk::Disk;
use crate::error::OpenError;

pub(crate) static POSTGRES: Migrator = sqlx::migrate!("../migrations/postgres");
pub(crate) static SQLITE: Migrator = sqlx::migrate!("../migrations/sqlite");

/// How to open the store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// `sqlite://path`, `sqlite::memory:` (tests only) or `postgres://…`.
    pub url: Secret,
    /// Another login for migrations, the owner of the tables (Postgres).
    pub migrate_url: Option<Secret>,
    /// Refuse what is not durable, instead of warning.
    pub production: bool,
    /// Connections of each pool (Postgres).
    pub connections: u32,
    /// How long to wait for a connection or an answer.
    pub patience: Duration,
}

impl StoreOptions {
    /// The usual options for an address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: Secret::new(url),
            migrate_url: None,
            production: false,
            connections: 12,
            patience: Duration::from_millis(1_500),
        }
    }
}

impl Store {
    /// Opens the store and brings its tables up to date. Several replicas may start at once: migrations take a lock.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(options: &StoreOptions, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let url = options.url.expose();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let db = open_postgres(options).await?;
            Ok(Self::new(db, clock, None))
        } else if let Some(rest) = url.strip_prefix("sqlite:") {
            let (db, lock) = open_sqlite(rest.trim_start_matches("//"), options).await?;
            Ok(Self::new(db, clock, lock))
        } else {
            Err(OpenError::Address(url.split(':').next().unwrap_or_default().to_owned()))
        }
    }
}

async fn open_postgres(options: &StoreOptions) -> Result<Db, OpenError> {
    let owner = options.migrate_url.as_ref().unwrap_or(&options.url).expose();
    let mut connection = connect(&address(owner)?).await?;
    check_durable(&mut connection, options.production).await?;
    POSTGRES.run(&mut connection).await?;
    connection.close().await?;

    let base = address(options.url.expose())?
        .application_name("recado")
        // A server that hangs must not hold a webhook: the answer is 503 within two seconds (RELIABILITY D8).
        .options([
            ("statement_timeout", "5000"),
            ("lock_timeout", "3000"),
            // No transaction of ours waits for anything but the database. One that does belongs to a process that stands
            // still, and the lanes it has locked hold up everybody's claims.
            ("idle_in_transaction_session_timeout", "2500"),
            // A rollback where nothing is open is no news.
            ("client_min_messages", "error"),
        ]);
    let pool = |role: &'static str| {
        Connections::new(base.clone().options([("role", role)]), options.connections, options.patience)
    };
    let (engine, tenant) = (pool("recado_engine"), pool("recado_app"));
    // Fail now rather than at the first message. What commits is this login, which may have settings of its own.
    let mut first = engine.acquire().await?;
    check_durable(&mut first, options.production).await?;
    first.done();
    tenant.acquire().await?.done();
    Ok(Db::Postgres { engine, tenant, disk: Disk::default() })
}

/// Reads an address. To this very machine nothing is encrypted unless the address says `sslmode`: it would hide the
/// bytes from nobody, and costs both ends time (docs/operations.md).
pub(crate) fn address(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    let options = PgConnectOptions::from_str(url)?;
    let here = matches!(options.get_host(), "localhost" | "127.0.0.1" | "::1" | "[::1]");
    // `PGSSLMODE` was read into the options already.
    let unsaid =
        matches!(options.get_ssl_mode(), PgSslMode::Prefer) && !url.contains("sslmode=") && !url.contains("ssl-mode=");
    Ok(if here && unsaid { options.ssl_mode(PgSslMode::Disable) } else { options })
}

/// How long a connection outside the pools may take; a server that is a black hole must not hold a start.
const CONNECT: Duration = Duration::from_secs(5);

/// A connection of its own, in bounded time.
pub(crate) async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    let late = || std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time");
    tokio::time::timeout(CONNECT, PgConnection::connect_with(options)).await.map_err(|_| sqlx::Error::Io(late()))?
}

async fn check_durable(connection: &mut PgConnection, production: bool) -> Result<(), OpenError> {
    for (setting, advice) in [
        ("fsync", "set fsync = on in postgresql.conf"),
        ("full_page_writes", "set full_page_writes = on in postgresql.conf"),
        ("synchronous_commit", "set synchronous_commit = on for this database and login"),
    ] {
        let value: String =
            sqlx::query_scalar("SELECT current_setting($1)").bind(setting).fetch_one(&mut *connection).await?;
        if value == "off" {
            if production {
                return Err(OpenError::NotDurable { setting, value, advice });
            }
            tracing::warn!(setting, value, advice, "an acknowledged message could be lost; production refuses this");
        }
    }
    Ok(())
}

async fn open_sqlite(path: &str, options: &StoreOptions) -> Result<(Db, Option<File>), OpenError> {
    if path.is_empty() || path.starts_with(':') || path.contains("mode=memory") {
        if options.production {
            return Err(OpenError::NotDurable {
                setting: "database_url",
                value: "in memory".to_owned(),
                advice: "give it a file: sqlite://data/recado.db",
            });
        }
        // A database in memory lives in one connection, which therefore reads and writes.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(sqlite_options(SqliteConnectOptions::from_str("sqlite::memory:")?, options))
            .await?;
        SQLITE.run(&pool).await?;
        return Ok((Db::Sqlite { writer: pool.clone(), reader: pool, disk: Disk::default() }, None));
    }
    let path = PathBuf::from(path.split('?').next().unwrap_or(path));
    let lock = lock_file(&path)?;
    let connect = sqlite_options(SqliteConnectOptions::new().filename(&path).create_if_missing(true), options);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(options.patience)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(connect.clone())
        .await?;
    SQLITE.run(&writer).await?;
    let reader = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(options.patience)
        .test_before_acquire(false)
        .connect_lazy_with(connect.read_only(true));
    Ok((Db::Sqlite { writer, reader, disk: Disk::default() }, Some(lock)))
}

fn sqlite_options(connect: SqliteConnectOptions, options: &StoreOptions) -> SqliteConnectOptions {
    connect
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(options.patience)
        .statement_cache_capacity(200)
        .pragma("cache_size", "-8000")
        .pragma("wal_autocheckpoint", "2000")
        .pragma("journal_size_limit", "67108864")
}

/// Holds `<file>.lock` for as long as the store is open. The system releases it when the process dies.
fn lock_file(path: &Path) -> Result<File, OpenError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error| OpenError::File { path, error }
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed(folder))?;
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let lock_path = PathBuf::from(name);
    let file = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(failed(&lock_path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse { path: path.display().to_string() }),
        Err(std::fs::TryLockError::Error(error)) => Err(failed(&lock_path)(error)),
    }
}
