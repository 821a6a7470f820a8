//! The only place that knows there are two databases.
//!
//! A body of SQL is written once. [`read!`](crate::read) and [`on!`](crate::on) expand it per driver; statements are
//! constants declared with [`sql!`](crate::sql) so that a test can prepare each of them on both databases. Where the
//! two truly differ, a [`Pair`] holds the two texts side by side.

use std::time::Duration;

use recado_domain::{MerchantId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgTypeInfo;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, SqlitePool, Type};

use crate::connections::{self, Connections};
use crate::disk::{self, Disk};

/// The pools. Postgres has one per role: `engine` runs the queues of all merchants, `tenant` sees one merchant at a
/// time. SQLite has one writer, since it allows no more, and several readers.
#[derive(Clone, Debug)]
pub enum Db {
    /// Postgres.
    Postgres {
        /// As `recado_engine`.
        engine: Connections,
        /// As `recado_app`.
        tenant: Connections,
        /// The server's, as far as it tells.
        disk: Disk,
    },
    /// SQLite.
    Sqlite {
        /// The one connection that writes.
        writer: SqlitePool,
        /// Connections that read.
        reader: SqlitePool,
        /// Under the file.
        disk: Disk,
    },
}

/// A transaction on either.
#[derive(Debug)]
pub enum Tx {
    /// Postgres.
    Postgres(connections::Transaction),
    /// SQLite.
    Sqlite(disk::Transaction),
}

/// Two texts of one operation.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// For Postgres.
    pub postgres: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
}

/// Runs one statement for reading: `read!(db, pool => expression)`. On Postgres as `recado_engine`, in bounded time.
#[macro_export]
macro_rules! read {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Postgres { engine, .. } => match engine.acquire().await {
                Ok(mut lease) => {
                    let answer = {
                        let $pool = &mut *lease;
                        $crate::connections::in_time(Box::pin(async { $body })).await
                    };
                    if answer.is_ok() {
                        lease.done();
                    }
                    answer
                }
                Err(error) => Err(error),
            },
            $crate::db::Db::Sqlite { reader: $pool, .. } => $body,
        }
    };
}

/// Runs one statement for writing that needs no transaction of its own. On Postgres in bounded time.
#[macro_export]
macro_rules! write {
    ($db:expr, $pool:ident => $body:expr) => {
        match $db {
            $crate::db::Db::Postgres { engine, .. } => match engine.acquire().await {
                Ok(mut lease) => {
                    let answer = {
                        let $pool = &mut *lease;
                        $crate::connections::in_time(Box::pin(async { $body })).await
                    };
                    if answer.is_ok() {
                        lease.done();
                    }
                    answer
                }
                Err(error) => Err(error),
            },
            $crate::db::Db::Sqlite { writer: $pool, disk, .. } => {
                let answer = $body;
                if let Err(error) = &answer {
                    disk.note(error);
                }
                answer
            }
        }
    };
}

/// Runs a statement in a transaction: `on!(tx, connection => expression)`. On Postgres in bounded time.
#[macro_export]
macro_rules! on {
    ($tx:expr, $connection:ident => $body:expr) => {
        match $tx {
            $crate::db::Tx::Postgres(transaction) => {
                let $connection = &mut **transaction;
                $crate::connections::in_time(Box::pin(async { $body })).await
            }
            $crate::db::Tx::Sqlite(transaction) => {
                let $connection = &mut **transaction;
                $body
            }
        }
    };
}

/// Declares statements as constants and lists them for the test that prepares each on both databases.
#[macro_export]
macro_rules! sql {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub(crate) const $name: &str = $text;)+
        /// Every statement of this file.
        pub(crate) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $name)),+];
    };
}

impl Db {
    /// Begins a write transaction. On SQLite it takes the write lock at once, so that it cannot fail half-way.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            Self::Postgres { engine, .. } => engine.begin_with("BEGIN").await.map(Tx::Postgres),
            Self::Sqlite { writer, disk, .. } => {
                disk::Transaction::begin(writer, "BEGIN IMMEDIATE", disk).await.map(Tx::Sqlite)
            }
        }
    }

    /// Begins a transaction that sees one merchant only. On Postgres row-level security enforces it; on SQLite every
    /// statement of a merchant's handle names the merchant, which a test matrix proves.
    pub async fn begin_tenant(&self, merchant: MerchantId) -> sqlx::Result<Tx> {
        match self {
            Self::Postgres { tenant, .. } => {
                // One round trip: an id prints as hexadecimal digits and dashes only, so it is safe inside the text.
                let begin = format!("BEGIN; SELECT set_config('app.merchant', '{merchant}', true)");
                tenant.begin_with(sqlx::AssertSqlSafe(begin)).await.map(Tx::Postgres)
            }
            Self::Sqlite { reader, disk, .. } => disk::Transaction::begin(reader, "BEGIN", disk).await.map(Tx::Sqlite),
        }
    }

    /// The text of a pair for this database.
    pub fn pick(&self, pair: Pair) -> &'static str {
        match self {
            Self::Postgres { .. } => pair.postgres,
            Self::Sqlite { .. } => pair.sqlite,
        }
    }

    /// `postgres` or `sqlite`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Postgres { .. } => "postgres",
            Self::Sqlite { .. } => "sqlite",
        }
    }

    /// What is known of the disk under it.
    pub fn disk(&self) -> &Disk {
        match self {
            Self::Postgres { disk, .. } | Self::Sqlite { disk, .. } => disk,
        }
    }

    /// Closes all connections; bounded, since a peer that is gone must not hold the process.
    pub async fn close(&self) {
        let closing = async {
            match self {
                Self::Postgres { engine, tenant, .. } => {
                    engine.close();
                    tenant.close();
                }
                Self::Sqlite { writer, reader, .. } => {
                    reader.close().await;
                    writer.close().await;
                }
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(3), closing).await;
    }
}

impl Tx {
    /// One of two things that differ by database.
    pub(crate) fn either<T>(&self, postgres: T, sqlite: T) -> T {
        match self {
            Self::Postgres(_) => postgres,
            Self::Sqlite(_) => sqlite,
        }
    }
    /// The text of a pair for this database.
    pub fn pick(&self, pair: Pair) -> &'static str {
        match self {
            Self::Postgres(_) => pair.postgres,
            Self::Sqlite(_) => pair.sqlite,
        }
    }
    /// Commits. When this returns `Ok`, it is durable.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Postgres(transaction) => transaction.commit().await,
            Self::Sqlite(transaction) => transaction.commit().await,
        }
    }
    /// A savepoint is not needed by anyone yet; a failed batch is repeated one by one in fresh transactions.
    pub async fn rollback(self) -> sqlx::Result<()> {
        match self {
            Self::Postgres(transaction) => transaction.rollback().await,
            Self::Sqlite(transaction) => transaction.rollback().await,
        }
    }
}

/// A [`Timestamp`] in a row: `TIMESTAMPTZ` on Postgres, `INTEGER` microseconds on SQLite.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct At(pub Timestamp);

/// Microseconds from 1970 to Postgres' own epoch, 2000-01-01.
const POSTGRES_EPOCH: i64 = 946_684_800_000_000;

impl From<Timestamp> for At {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}
impl From<At> for Timestamp {
    fn from(at: At) -> Self {
        at.0
    }
}

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("timestamptz")
    }
}
impl sqlx::postgres::PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("_timestamptz")
    }
}
impl Encode<'_, Postgres> for At {
    fn encode_by_ref(
        &self,
        buffer: &mut <Postgres as Database>::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <i64 as Encode<'_, Postgres>>::encode_by_ref(&self.0.as_micros().saturating_sub(POSTGRES_EPOCH), buffer)
    }
}
impl<'r> Decode<'r, Postgres> for At {
    fn decode(value: <Postgres as Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        let micros = <i64 as Decode<'r, Postgres>>::decode(value)?;
        Ok(Self(Timestamp::from_micros(micros.saturating_add(POSTGRES_EPOCH))))
    }
}
impl Type<Sqlite> for At {
    fn type_info() -> <Sqlite as Database>::TypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
    fn compatible(info: &<Sqlite as Database>::TypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(info)
    }
}
impl Encode<'_, Sqlite> for At {
    fn encode_by_ref(
        &self,
        buffer: &mut <Sqlite as Database>::ArgumentBuffer,
    ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
        <i64 as Encode<'_, Sqlite>>::encode_by_ref(&self.0.as_micros(), buffer)
    }
}
impl<'r> Decode<'r, Sqlite> for At {
    fn decode(value: <Sqlite as Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
        <i64 as Decode<'r, Sqlite>>::decode(value).map(Timestamp::from_micros).map(Self)
    }
}

/// A value kept as JSON.
pub type Json<T> = sqlx::types::Json<T>;

/// Turns a stored JSON value into its type, naming the place when it does not fit.
pub fn from_json<T: DeserializeOwned>(
    value: serde_json::Value,
    table: &'static str,
    column: &'static str,
) -> Result<T, crate::StoreError> {
    serde_json::from_value(value).map_err(|error| crate::StoreError::Corrupt {
        table,
        column,
        problem: error.to_string(),
    })
}

/// A value as JSON; ours always serialise.
pub fn to_json<T: Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}
