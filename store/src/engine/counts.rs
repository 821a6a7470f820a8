//! The conservation law: accepted = done + dead + skipped + open, at any moment.
//!
//! `accepted` is tallied by whoever inserts, in the same transaction; the other side is counted from the rows. A gap
//! means that a row vanished or appeared outside a transaction of ours. What was forgotten after its time is tallied too,
//! and no longer counts as accepted.

use sqlx::FromRow;

use super::Engine;
use crate::db::Tx;
use crate::{Store, StoreError, on};

crate::sql! {
    COUNT_EVENTS = "SELECT status, COUNT(*) AS total FROM events GROUP BY status";
    COUNT_OUTBOX = "SELECT status, COUNT(*) AS total FROM outbox GROUP BY status";
    SUM_ACCEPTED = "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM tallies WHERE name LIKE 'accepted:%'";
    SUM_FORGOTTEN = "SELECT CAST(COALESCE(SUM(value), 0) AS BIGINT) FROM tallies WHERE name = 'forgotten'";
    ADD_TALLY = "INSERT INTO tallies (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = tallies.value + excluded.value";
    OLDEST_OPEN = "SELECT MIN(received_at) AS oldest FROM events WHERE status = 0";
    OLDEST_UNSENT = "SELECT MIN(created_at) AS oldest FROM outbox WHERE status IN (0, 1, 3)";
}

/// What stands in the queues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Counts {
    /// Events that were accepted and not yet forgotten.
    pub accepted: i64,
    pub open: i64,
    pub done: i64,
    pub dead: i64,
    pub skipped: i64,
    pub outbox_open: i64,
    pub outbox_sent: i64,
    pub outbox_failed: i64,
    pub outbox_uncertain: i64,
    /// Seconds since the oldest open event arrived.
    pub oldest_open_seconds: i64,
    /// Seconds since the oldest message that has not left yet was decided.
    pub oldest_unsent_seconds: i64,
}

impl Counts {
    /// accepted − (done + dead + skipped + open); anything but 0 is an alarm.
    pub const fn gap(&self) -> i64 {
        self.accepted - self.open - self.done - self.dead - self.skipped
    }
}

#[derive(FromRow)]
struct StatusRow {
    status: i64,
    total: i64,
}

#[derive(FromRow)]
struct OldestRow {
    oldest: Option<crate::db::At>,
}

impl Store {
    /// Counts the queues. The tally and the rows are read in one transaction, so that they belong together.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        // One snapshot on Postgres; SQLite's readers have one anyway.
        let mut tx = match &self.db {
            crate::db::Db::Postgres { engine, .. } => {
                crate::db::Tx::Postgres(engine.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
            crate::db::Db::Sqlite { reader, disk, .. } => {
                crate::db::Tx::Sqlite(crate::disk::Transaction::begin(reader, "BEGIN", disk).await?)
            }
        };
        let events: Vec<StatusRow> =
            on!(&mut tx, connection => sqlx::query_as(COUNT_EVENTS).fetch_all(connection).await)?;
        let accepted: i64 = on!(&mut tx, connection => sqlx::query_scalar(SUM_ACCEPTED).fetch_one(connection).await)?;
        let forgotten: i64 = on!(&mut tx, connection => sqlx::query_scalar(SUM_FORGOTTEN).fetch_one(connection).await)?;
        let outbox: Vec<StatusRow> =
            on!(&mut tx, connection => sqlx::query_as(COUNT_OUTBOX).fetch_all(connection).await)?;
        let open: OldestRow = on!(&mut tx, connection => sqlx::query_as(OLDEST_OPEN).fetch_one(connection).await)?;
        let unsent: OldestRow = on!(&mut tx, connection => sqlx::query_as(OLDEST_UNSENT).fetch_one(connection).await)?;
        tx.rollback().await?;
        let of = |rows: &[StatusRow], wanted: &[i64]| {
            rows.iter().filter(|row| wanted.contains(&row.status)).map(|row| row.total).sum()
        };
        let now = self.clock.now();
        let age = |row: &OldestRow| row.oldest.map_or(0, |at| now.since(at.0).as_secs() as i64);
        Ok(Counts {
            accepted: accepted - forgotten,
            open: of(&events, &[0]),
            done: of(&events, &[1]),
            dead: of(&events, &[2]),
            skipped: of(&events, &[3]),
            outbox_open: of(&outbox, &[0, 1, 3]),
            outbox_sent: of(&outbox, &[2]),
            outbox_failed: of(&outbox, &[4]),
            outbox_uncertain: of(&outbox, &[5]),
            oldest_open_seconds: age(&open),
            oldest_unsent_seconds: age(&unsent),
        })
    }
}

impl Engine {
    /// As [`Store::counts`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        self.store.counts().await
    }
}

/// This process's row of the tally of events that we put in ourselves: one row only, so that transactions of one
/// process queue at it and those of several never meet.
static INTERNAL: std::sync::LazyLock<String> =
    std::sync::LazyLock::new(|| format!("accepted:internal:{}", uuid::Uuid::new_v4()));

/// Counts events that we put in ourselves.
pub(crate) async fn tally_internal(tx: &mut Tx, inserted: i64) -> Result<(), StoreError> {
    if inserted == 0 {
        return Ok(());
    }
    on!(tx, connection => sqlx::query(ADD_TALLY).bind(INTERNAL.as_str()).bind(inserted).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Counts events that were forgotten after their time.
pub(crate) async fn tally_forgotten(tx: &mut Tx, events: i64) -> Result<(), StoreError> {
    if events == 0 {
        return Ok(());
    }
    on!(tx, connection => sqlx::query(ADD_TALLY).bind("forgotten").bind(events).execute(connection).await.map(|_| ()))?;
    Ok(())
}
