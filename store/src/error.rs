//! What can go wrong with the store.

/// A failed operation.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or is away.
    #[error("the database did not answer: {0}")]
    Database(#[from] sqlx::Error),
    /// A row that cannot be.
    #[error("{table}.{column} holds what it cannot hold: {problem}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Why.
        problem: String,
    },
    /// The asked thing does not exist.
    #[error("there is no such {0}")]
    Missing(&'static str),
    /// It exists already.
    #[error("{0} exists already")]
    Exists(String),
    /// The state of things does not allow it.
    #[error("{0}")]
    Refused(&'static str),
    /// The bound was reached before an answer.
    #[error("the database did not answer in time")]
    TimedOut,
}

impl StoreError {
    /// Whether the disk under the database refused, which says nothing of what was to be written.
    pub fn is_of_disk(&self) -> bool {
        matches!(self, Self::Database(error) if crate::disk::is_of_disk(error))
    }

    /// Whether the database was away or too slow, which says little of what was to be written.
    pub fn is_of_time(&self) -> bool {
        match self {
            Self::TimedOut => true,
            Self::Database(error) => is_of_time(error),
            Self::Corrupt { .. } | Self::Missing(_) | Self::Exists(_) | Self::Refused(_) => false,
        }
    }

    /// Whether the same operation may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::TimedOut => true,
            Self::Database(error) => !matches!(
                error,
                sqlx::Error::ColumnDecode { .. } | sqlx::Error::TypeNotFound { .. } | sqlx::Error::ColumnNotFound(_)
            ),
            Self::Corrupt { .. } | Self::Missing(_) | Self::Exists(_) | Self::Refused(_) => false,
        }
    }
}

/// Classes of errors by which Postgres tells of itself and not of a statement: a connection that is no more, a wait or a
/// statement that was cut off, a server that is stopping, full, or starting.
const POSTGRES_OF_TIME: [&str; 7] = ["08", "25P03", "40", "53300", "55P03", "57014", "57P0"];
/// SQLite's codes for another that has the file.
const SQLITE_BUSY: [i32; 2] = [5, 6];

fn is_of_time(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let Some(code) = error.code() else { return false };
            if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
                code.parse::<i32>().is_ok_and(|code| SQLITE_BUSY.contains(&(code & 0xff)))
            } else {
                POSTGRES_OF_TIME.iter().any(|class| code.starts_with(class))
            }
        }
        _ => false,
    }
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither `sqlite://` nor `postgres://`.
    #[error("database address {0:?} is neither sqlite://… nor postgres://…")]
    Address(String),
    /// Another process has it.
    #[error(
        "{path} is in use by another recado; SQLite serves one process. Stop the other one, or use Postgres for several"
    )]
    InUse {
        /// The file.
        path: String,
    },
    /// There is nothing to read yet.
    #[error("there is no database at {path} yet; `recado serve` makes it at its first start")]
    Absent {
        /// The file.
        path: String,
    },
    /// The tables are of another version of this program.
    #[error(
        "the tables are at version {found}, this program is at {known}; start `recado serve` of this version once, which brings them up to date"
    )]
    OtherVersion {
        /// The tables'.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// Durability is off.
    #[error("{setting} is {value}: an acknowledged message could be lost. {advice}")]
    NotDurable {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
        /// What to do.
        advice: &'static str,
    },
    /// The tables cannot be brought up to date.
    #[error("the tables cannot be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The file cannot be made.
    #[error("cannot use {path}: {error}")]
    File {
        /// The file.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The database is away.
    #[error("cannot reach the database: {0}")]
    Database(#[from] sqlx::Error),
}
