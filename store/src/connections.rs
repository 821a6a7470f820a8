//! The connections to Postgres, a bounded number per role.
//!
//! No wait here is without an end. What comes back in an unknown state — a transaction that was dropped, a question
//! that was given up — is rolled back within a second beside everyone's way, or thrown away; what comes back clean is
//! ready for the next at once, without asking the server again. sqlx's own pool closes a broken connection by waiting
//! for its peer: one that vanished without a word holds its place for ever, and after as many such as there are places
//! the pool is dead, whatever the server does.

use std::fmt;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection as _, PgConnection};

/// A connection that was not used for so long is asked before it is.
const RESTED: Duration = Duration::from_secs(1);
/// A rested one that does not answer within this is thrown away.
const ASKED: Duration = Duration::from_millis(300);
/// How long a dropped transaction may take to be rolled back.
const MENDED: Duration = Duration::from_secs(1);
/// After this a connection is replaced, so that a server's address may move.
const OLDEST: Duration = Duration::from_secs(30 * 60);
/// The longest a statement may take on our side. The server gives up after five seconds; this is for one that is gone.
pub const STATEMENT: Duration = Duration::from_millis(5_500);

/// Makes and checks connections.
#[derive(Debug)]
struct Maker {
    options: Arc<PgConnectOptions>,
}

impl Manager for Maker {
    type Type = PgConnection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options).await
    }

    async fn recycle(&self, connection: &mut PgConnection, about: &Metrics) -> RecycleResult<sqlx::Error> {
        if about.created.elapsed() > OLDEST {
            return Err(RecycleError::message("it is old"));
        }
        // One that rested may have lost its peer meanwhile. Under load nothing rests, so this costs nothing.
        if about.last_used() < RESTED {
            return Ok(());
        }
        match tokio::time::timeout(ASKED, connection.ping()).await {
            Ok(answer) => answer.map_err(RecycleError::Backend),
            Err(_) => Err(RecycleError::message("it does not answer")),
        }
    }
}

/// The connections of one role. Cheap to clone.
#[derive(Clone)]
pub struct Connections {
    pool: Pool<Maker>,
    options: Arc<PgConnectOptions>,
    patience: Duration,
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("status", &self.pool.status()).finish_non_exhaustive()
    }
}

impl Connections {
    /// At most `most` connections, made when they are wanted.
    pub fn new(options: PgConnectOptions, most: u32, patience: Duration) -> Self {
        let options = Arc::new(options);
        let maker = Maker { options: Arc::clone(&options) };
        let places = usize::try_from(most).unwrap_or(1).max(1);
        // Without timeouts of its own (one stands around the whole in `acquire`) it cannot fail to be built.
        let config = deadpool::managed::PoolConfig::new(places);
        let pool = Pool::builder(maker).config(config).build().unwrap_or_else(|_| unreachable!("no timeouts are set"));
        Self { pool, options, patience }
    }

    /// Takes one, for this caller alone.
    ///
    /// # Errors
    /// When none is free, or the server does not answer, within the patience of this pool.
    pub async fn acquire(&self) -> sqlx::Result<Lease> {
        // Its future is large, and stands in every caller's.
        match tokio::time::timeout(self.patience, Box::pin(self.pool.get())).await {
            Ok(Ok(object)) => Ok(Lease { object: Some(object), clean: false }),
            Ok(Err(PoolError::Backend(error))) => Err(error),
            Ok(Err(PoolError::Closed)) => Err(sqlx::Error::PoolClosed),
            Ok(Err(_)) | Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// Begins a transaction with these words.
    ///
    /// # Errors
    /// As [`Connections::acquire`].
    pub async fn begin_with(&self, words: impl sqlx::SqlSafeStr) -> sqlx::Result<Transaction> {
        let mut lease = self.acquire().await?;
        in_time(sqlx::raw_sql(words).execute(&mut *lease)).await?;
        Ok(Transaction { lease })
    }

    /// Where and as whom they connect.
    pub fn connect_options(&self) -> Arc<PgConnectOptions> {
        Arc::clone(&self.options)
    }

    /// Whether what is said to the server may be encrypted.
    pub fn may_encrypt(&self) -> bool {
        !matches!(self.options.get_ssl_mode(), PgSslMode::Disable)
    }

    /// Gives no more out, and lets go of those at rest.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Waits for an answer of the server, but not for ever.
///
/// # Errors
/// As the answer; an I/O error of the kind `TimedOut` when there is none.
pub async fn in_time<T>(answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    match tokio::time::timeout(STATEMENT, answer).await {
        Ok(answer) => answer,
        Err(_) => {
            let late = std::io::Error::new(std::io::ErrorKind::TimedOut, "the database did not answer in time");
            Err(sqlx::Error::Io(late))
        }
    }
}

/// A connection in somebody's hands.
#[derive(Debug)]
pub struct Lease {
    object: Option<Object<Maker>>,
    clean: bool,
}

const HELD: &str = "a lease holds its connection until it is dropped";

impl Lease {
    /// Gives it back; nothing waits on it and no transaction is open.
    pub fn done(mut self) {
        self.clean = true;
    }
}

impl Deref for Lease {
    type Target = PgConnection;

    #[allow(clippy::expect_used, reason = "only `drop` takes it")]
    fn deref(&self) -> &PgConnection {
        self.object.as_ref().expect(HELD)
    }
}

impl DerefMut for Lease {
    #[allow(clippy::expect_used, reason = "only `drop` takes it")]
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.object.as_mut().expect(HELD)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        if self.clean {
            return;
        }
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(mend(object))),
            Err(_) => drop(Object::take(object)),
        }
    }
}

/// Rolls back what was left open. Dropping a connection closes its socket at once; the server then undoes the rest.
async fn mend(mut object: Object<Maker>) {
    let rolled_back = tokio::time::timeout(MENDED, sqlx::raw_sql("ROLLBACK").execute(&mut *object)).await;
    if !matches!(rolled_back, Ok(Ok(_))) {
        metrics::counter!("recado_database_connections_dropped_total").increment(1);
        drop(Object::take(object));
    }
}

/// A transaction; dropped without [`Transaction::commit`] it is rolled back.
#[derive(Debug)]
pub struct Transaction {
    lease: Lease,
}

impl Transaction {
    /// Commits. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// When the server refuses, or does not answer: then it may or may not be committed.
    pub async fn commit(self) -> sqlx::Result<()> {
        self.end("COMMIT").await
    }

    /// Undoes everything.
    ///
    /// # Errors
    /// When the server does not answer; it undoes it all the same.
    pub async fn rollback(self) -> sqlx::Result<()> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, how: &'static str) -> sqlx::Result<()> {
        in_time(sqlx::raw_sql(how).execute(&mut *self.lease)).await?;
        self.lease.done();
        Ok(())
    }
}

impl Deref for Transaction {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.lease
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.lease
    }
}
