//! Whether the disk under the database still keeps what is written.
//!
//! A full disk refuses writes and answers reads as ever: such a replica is not ready, though its database answers, until
//! a write succeeds again. A sync that failed is worse. What the system reports of that file afterwards cannot be
//! believed, and a second try may succeed without the bytes being there: nothing is begun any more, and the process has
//! to end. The next one reads what the disk has. Postgres does so itself, by restarting.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};
use tokio_util::sync::CancellationToken;

/// What is known of the disk. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    refuses: AtomicBool,
    lost: CancellationToken,
}

/// What an error says about the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// Full, or it cannot be written or read.
    Refused,
    /// Written bytes may be lost.
    Lost,
}

/// SQLite's primary codes for a full disk and a failed operation on a file, and those of the latter that are of a sync.
const SQLITE_FULL: i32 = 13;
const SQLITE_IOERR: i32 = 10;
const SQLITE_IOERR_FSYNC: i32 = SQLITE_IOERR | (4 << 8);
const SQLITE_IOERR_DIR_FSYNC: i32 = SQLITE_IOERR | (5 << 8);
/// Postgres' classes of errors: a full disk, and one that fails.
const POSTGRES: [&str; 2] = ["53100", "58030"];

fn trouble(error: &sqlx::Error) -> Option<Trouble> {
    let sqlx::Error::Database(error) = error else { return None };
    let code = error.code()?;
    if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_none() {
        return POSTGRES.contains(&code.as_ref()).then_some(Trouble::Refused);
    }
    match code.parse::<i32>().ok()? {
        SQLITE_IOERR_FSYNC | SQLITE_IOERR_DIR_FSYNC => Some(Trouble::Lost),
        code if matches!(code & 0xff, SQLITE_FULL | SQLITE_IOERR) => Some(Trouble::Refused),
        _ => None,
    }
}

/// Whether an error is the disk's, and no statement's.
pub(crate) fn is_of_disk(error: &sqlx::Error) -> bool {
    trouble(error).is_some()
}

impl Disk {
    /// Learns from a write that failed.
    pub fn note(&self, error: &sqlx::Error) {
        let Some(trouble) = trouble(error) else { return };
        if !self.0.refuses.swap(true, Ordering::Relaxed) {
            tracing::error!(%error, "the disk takes no more writes; this replica is not ready");
        }
        if trouble == Trouble::Lost {
            self.0.lost.cancel();
        }
    }

    /// Learns from a write that succeeded.
    pub(crate) fn wrote(&self) {
        if self.0.refuses.load(Ordering::Relaxed) && self.0.refuses.swap(false, Ordering::Relaxed) {
            tracing::info!("the disk takes writes again");
        }
    }

    /// Whether the last write that the disk had a say in succeeded.
    pub fn takes_writes(&self) -> bool {
        !self.0.refuses.load(Ordering::Relaxed)
    }

    /// Returns once a sync has failed: the process has to end.
    pub async fn lost_writes(&self) {
        self.0.lost.cancelled().await;
    }

    fn check(&self) -> sqlx::Result<()> {
        if self.0.lost.is_cancelled() {
            return Err(sqlx::Error::Io(std::io::Error::other(
                "a sync of the database failed; nothing is written any more",
            )));
        }
        Ok(())
    }
}

/// A transaction on SQLite, whose end tells of the disk; dropped without [`Transaction::commit`] it is rolled back.
///
/// sqlx counts transactions by itself. One that SQLite has undone, as it does when the disk is full, stays open in that
/// count, and nothing could begin on its connection any more; so they are begun and ended in words here.
#[derive(Debug)]
pub struct Transaction {
    connection: Option<PoolConnection<Sqlite>>,
    disk: Disk,
}

const HELD: &str = "a transaction holds its connection until it ends";

impl Transaction {
    pub(crate) async fn begin(pool: &sqlx::SqlitePool, words: &'static str, disk: &Disk) -> sqlx::Result<Self> {
        disk.check()?;
        let mut begun = Self { connection: Some(pool.acquire().await?), disk: disk.clone() };
        sqlx::raw_sql(words).execute(&mut *begun).await?;
        Ok(begun)
    }

    /// Commits. When this returns `Ok`, it is durable.
    pub(crate) async fn commit(mut self) -> sqlx::Result<()> {
        let ended = sqlx::raw_sql("COMMIT").execute(&mut *self).await;
        match &ended {
            Ok(_) => drop(self.connection.take()),
            Err(error) => self.disk.note(error),
        }
        ended.map(|_| ())
    }

    /// Undoes everything.
    pub(crate) async fn rollback(mut self) -> sqlx::Result<()> {
        sqlx::raw_sql("ROLLBACK").execute(&mut *self).await?;
        drop(self.connection.take());
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = SqliteConnection;

    #[allow(clippy::expect_used, reason = "only its end takes it")]
    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect(HELD)
    }
}

impl DerefMut for Transaction {
    #[allow(clippy::expect_used, reason = "only its end takes it")]
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect(HELD)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        match tokio::runtime::Handle::try_current() {
            // Whoever wants the connection next waits for this. Where nothing is open any more, that is as good.
            Ok(runtime) => drop(runtime.spawn(async move {
                let _ = sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await;
            })),
            Err(_) => connection.close_on_drop(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

    #[tokio::test]
    async fn a_full_database_refuses_until_a_write_succeeds_and_a_wrong_statement_says_nothing_of_the_disk() {
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(SqliteConnectOptions::new()).await.unwrap();
        sqlx::raw_sql("CREATE TABLE t (x TEXT NOT NULL); PRAGMA max_page_count = 3").execute(&pool).await.unwrap();
        let disk = Disk::default();
        let wrong = sqlx::query("INSERT INTO t VALUES (NULL)").execute(&pool).await.unwrap_err();
        disk.note(&wrong);
        assert!(disk.takes_writes() && !is_of_disk(&wrong));
        let full = sqlx::query("INSERT INTO t VALUES ($1)").bind("x".repeat(50_000)).execute(&pool).await.unwrap_err();
        assert!(is_of_disk(&full), "{full}");
        disk.note(&full);
        assert!(!disk.takes_writes());
        disk.wrote();
        assert!(disk.takes_writes());
        // SQLite undoes a transaction by itself when there is no room for its end; the next one begins all the same.
        let mut undone = Transaction::begin(&pool, "BEGIN IMMEDIATE", &disk).await.unwrap();
        sqlx::raw_sql("ROLLBACK").execute(&mut *undone).await.unwrap();
        assert!(undone.commit().await.is_err());
        drop(Transaction::begin(&pool, "BEGIN IMMEDIATE", &disk).await.unwrap());
        Transaction::begin(&pool, "BEGIN IMMEDIATE", &disk).await.unwrap().commit().await.unwrap();
        disk.0.lost.cancel();
        assert!(Transaction::begin(&pool, "BEGIN IMMEDIATE", &disk).await.is_err(), "a lost write is final");
    }
}
