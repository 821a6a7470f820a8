//! Puts rows in: on Postgres a whole batch with one statement, on SQLite row by row without a round trip.

use std::collections::{BTreeMap, HashSet};

use recado_domain::event::Arrival;
use sqlx::{PgConnection, SqliteConnection};
use uuid::Uuid;

use super::rows::{NewEvent, clean};
use super::status;
use crate::db::{At, Pair, Tx};
use crate::{StoreError, chaos};

crate::sql! {
    SQLITE_INSERT_EVENT = "INSERT INTO events (id, arrival_id, merchant_id, source, dedupe, body_dedupe, lane_id, lane_kind, kind, \
        content, occurred_at, received_at, available_at, status, attempts, failures, reason, trace_id, settled_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, 0, 0, $14, $15, $16) \
        ON CONFLICT DO NOTHING RETURNING id";
    SQLITE_INSERT_ARRIVAL = "INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    SQLITE_TALLY = "INSERT INTO tallies (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = tallies.value + excluded.value";
}

/// Events, the deliveries that brought new ones, and their number, at once: a statement is its own transaction, and the
/// five round trips that begin, fill and end one cost the server and us more than the rows do.
const POSTGRES_INSERT: &str = "WITH stored AS ( \
        INSERT INTO events (id, arrival_id, merchant_id, source, dedupe, body_dedupe, lane_id, lane_kind, kind, \
            content, occurred_at, received_at, available_at, status, attempts, failures, reason, trace_id, settled_at) \
        SELECT u.id, u.arrival, u.merchant, u.source, u.dedupe, u.body_dedupe, u.lane, u.lane_kind, u.kind, \
            CAST(u.content AS JSONB), u.occurred, u.received, u.received, u.status, 0, 0, u.reason, u.trace, u.settled \
        FROM UNNEST($1::UUID[], $2::UUID[], $3::UUID[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::UUID[], $8::TEXT[], $9::TEXT[], \
            $10::TEXT[], $11::TIMESTAMPTZ[], $12::TIMESTAMPTZ[], $13::BIGINT[], $14::TEXT[], $15::UUID[], $16::TIMESTAMPTZ[]) \
            AS u(id, arrival, merchant, source, dedupe, body_dedupe, lane, lane_kind, kind, content, occurred, received, status, \
            reason, trace, settled) \
        ON CONFLICT DO NOTHING RETURNING id, arrival_id), \
    kept AS ( \
        INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
        SELECT u.id, u.source, CAST(u.headers AS JSONB), u.body, u.hash, u.received, u.trace \
        FROM UNNEST($17::UUID[], $18::TEXT[], $19::TEXT[], $20::BYTEA[], $21::BYTEA[], $22::TIMESTAMPTZ[], $23::UUID[]) \
            AS u(id, source, headers, body, hash, received, trace) \
        WHERE u.id IN (SELECT arrival_id FROM stored)), \
    counted AS ( \
        INSERT INTO tallies (name, value) SELECT $24, COUNT(*) FROM stored HAVING COUNT(*) > 0 \
        ON CONFLICT (name) DO UPDATE SET value = tallies.value + excluded.value) \
    SELECT ARRAY(SELECT id FROM stored)";

/// What each database takes a batch with.
pub(super) const INSERT_EVENTS: Pair = Pair { postgres: POSTGRES_INSERT, sqlite: SQLITE_INSERT_EVENT };

/// Rows in the order of their keys, the deliveries that they came in, and the counter of what is new.
pub(super) struct Batch<'a> {
    pub(super) rows: &'a [NewEvent],
    pub(super) arrivals: &'a [&'a Arrival],
    pub(super) tally: &'a str,
}

impl Batch<'_> {
    /// Within a transaction; the ids of the events that are new.
    pub(super) async fn insert(&self, tx: &mut Tx) -> Result<HashSet<Uuid>, StoreError> {
        match tx {
            Tx::Postgres(transaction) => Ok(self.insert_at_once(transaction).await?),
            Tx::Sqlite(transaction) => Ok(self.insert_one_by_one(transaction).await?),
        }
    }

    /// All of it or nothing; on a connection without a transaction it is durable when this returns.
    pub(super) async fn insert_at_once(&self, connection: &mut PgConnection) -> sqlx::Result<HashSet<Uuid>> {
        let Self { rows, arrivals, tally } = self;
        let column = |pick: fn(&NewEvent) -> Uuid| rows.iter().map(pick).collect::<Vec<_>>();
        let statement = sqlx::query_scalar(POSTGRES_INSERT)
            .bind(column(|row| row.id.0))
            .bind(column(|row| row.arrival))
            .bind(rows.iter().map(|row| row.merchant.map(|id| id.0)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.source).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.dedupe.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.body_dedupe.as_deref()).collect::<Vec<_>>())
            .bind(column(|row| row.lane.0))
            .bind(rows.iter().map(|row| row.lane_kind).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.content.as_str()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| At(row.occurred_at)).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| At(row.received_at)).collect::<Vec<_>>())
            .bind(rows.iter().map(state).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| row.skipped).collect::<Vec<_>>())
            .bind(column(|row| row.trace))
            .bind(rows.iter().map(settled).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| arrival.id.0).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| arrival.source.code()).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| headers(arrival)).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| arrival.body.as_slice()).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| arrival.body_hash.as_slice()).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| At(arrival.received_at)).collect::<Vec<_>>())
            .bind(arrivals.iter().map(|arrival| arrival.trace.0).collect::<Vec<_>>())
            .bind(*tally);
        let stored: Vec<Uuid> =
            crate::connections::in_time(chaos::within("inserted", statement.fetch_one(connection))).await?;
        Ok(stored.into_iter().collect())
    }

    async fn insert_one_by_one(&self, connection: &mut SqliteConnection) -> sqlx::Result<HashSet<Uuid>> {
        let mut stored = HashSet::with_capacity(self.rows.len());
        let mut brought = HashSet::with_capacity(self.arrivals.len());
        for row in self.rows {
            let new: Option<Uuid> = sqlx::query_scalar(SQLITE_INSERT_EVENT)
                .bind(row.id.0)
                .bind(row.arrival)
                .bind(row.merchant.map(|id| id.0))
                .bind(row.source)
                .bind(&row.dedupe)
                .bind(row.body_dedupe.as_deref())
                .bind(row.lane.0)
                .bind(row.lane_kind)
                .bind(&row.kind)
                .bind(&row.content)
                .bind(At(row.occurred_at))
                .bind(At(row.received_at))
                .bind(state(row))
                .bind(row.skipped)
                .bind(row.trace)
                .bind(settled(row))
                .fetch_optional(&mut *connection)
                .await?;
            if let Some(id) = new {
                stored.insert(id);
                brought.insert(row.arrival);
            }
        }
        for arrival in self.arrivals.iter().filter(|arrival| brought.contains(&arrival.id.0)) {
            sqlx::query(SQLITE_INSERT_ARRIVAL)
                .bind(arrival.id.0)
                .bind(arrival.source.code())
                .bind(headers(arrival))
                .bind(arrival.body.as_slice())
                .bind(arrival.body_hash.as_slice())
                .bind(At(arrival.received_at))
                .bind(arrival.trace.0)
                .execute(&mut *connection)
                .await?;
        }
        if !stored.is_empty() {
            let accepted = stored.len() as i64;
            sqlx::query(SQLITE_TALLY).bind(self.tally).bind(accepted).execute(&mut *connection).await?;
        }
        chaos::point("inserted");
        Ok(stored)
    }
}

fn state(row: &NewEvent) -> i64 {
    if row.skipped.is_some() { status::SKIPPED } else { status::OPEN }
}

fn settled(row: &NewEvent) -> Option<At> {
    row.skipped.map(|_| At(row.received_at))
}

fn headers(arrival: &Arrival) -> String {
    let map: BTreeMap<String, String> =
        arrival.headers.iter().map(|(name, value)| (clean(name.clone()), clean(value.clone()))).collect();
    serde_json::to_string(&map).unwrap_or_else(|_| "{}".to_owned())
}
