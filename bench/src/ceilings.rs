//! What the machine can do at best with the same tables: the numbers that ours are held against.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};
use uuid::Uuid;

use crate::process::{Cluster, finish};

/// Rows of a batch, as many as the inbox takes at most.
const BATCH: usize = 256;
/// Connections that insert batches, as many as the inbox has writers.
const WRITERS: usize = 3;
/// Clients of pgbench.
const CLIENTS: &str = "64";

/// One row as an event of a text message is stored, in a transaction of its own.
const ONE_INSERT: &str = "\
INSERT INTO events (id, arrival_id, source, dedupe, lane_id, lane_kind, kind, content, occurred_at, received_at, \
available_at, status, attempts, failures, trace_id) \
VALUES (gen_random_uuid(), gen_random_uuid(), 'whatsapp', 'whatsapp|' || gen_random_uuid(), gen_random_uuid(), \
'conversation', 'message.text', '{CONTENT}', now(), now(), now(), 0, 0, 0, gen_random_uuid());
";
/// Each colon is followed by a space: pgbench takes `:word` for a variable.
const CONTENT: &str = r##"{"type": "message", "provider_id": "wamid.HBgLNTczMTAwMDAwMDAwFQIAEhggOEQ1", "from": {"user_id": null, "wa_id": "573100000000"}, "profile_name": "Laura Gómez", "sent_at": 1790000000000000, "reply_to": null, "body": {"type": "text", "text": "¿dónde está mi pedido #1042?"}}"##;

const POSTGRES_BATCH: &str = "INSERT INTO events (id, arrival_id, source, dedupe, lane_id, lane_kind, kind, content, \
    occurred_at, received_at, available_at, status, attempts, failures, trace_id) \
    SELECT u.id, u.id, 'whatsapp', u.dedupe, u.lane, 'conversation', 'message.text', CAST(u.content AS JSONB), \
    now(), now(), now(), 0, 0, 0, u.id FROM UNNEST($1, $2, $3, $4) AS u(id, dedupe, lane, content)";
const SQLITE_ROW: &str = "INSERT INTO events (id, arrival_id, source, dedupe, lane_id, lane_kind, kind, content, \
    occurred_at, received_at, available_at, status, attempts, failures, trace_id) \
    VALUES ($1, $1, 'whatsapp', $2, $3, 'conversation', 'message.text', $4, $5, $5, $5, 0, 0, 0, $1)";

/// pgbench: one INSERT a commit at 64 clients; commits a second.
///
/// # Errors
/// When pgbench fails.
pub async fn pgbench(cluster: &Cluster, database: &str, directory: &Path, length: Duration) -> anyhow::Result<f64> {
    let script = directory.join("insert.sql");
    std::fs::write(&script, ONE_INSERT.replace("{CONTENT}", CONTENT))?;
    let seconds = length.as_secs().max(1).to_string();
    let mut command = cluster.command("pgbench");
    command.args(["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", &seconds]).arg("-f").arg(&script);
    let printed = finish("pgbench", command.arg(database)).await?;
    transactions(&printed).with_context(|| format!("pgbench printed no rate:\n{printed}"))
}

/// `tps = 1234.5 (without initial connection time)`.
fn transactions(printed: &str) -> Option<f64> {
    let line = printed.lines().filter_map(|line| line.strip_prefix("tps = ")).next_back()?;
    line.split_whitespace().next()?.parse().ok()
}

/// Postgres: 256 rows a commit from arrays, on three connections; rows a second.
///
/// # Errors
/// When the database refuses.
pub async fn postgres_batches(url: &str, length: Duration) -> anyhow::Result<f64> {
    let pool = PgPoolOptions::new().max_connections(WRITERS as u32).connect(url).await?;
    let rows = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let (pool, rows) = (pool.clone(), Arc::clone(&rows));
        writers.spawn(async move {
            let contents = vec![CONTENT; BATCH];
            while begun.elapsed() < length {
                let ids: Vec<Uuid> = (0..BATCH).map(|_| Uuid::now_v7()).collect();
                let keys: Vec<String> = ids.iter().map(|id| format!("whatsapp|{id}")).collect();
                let lanes: Vec<Uuid> = (0..BATCH).map(|_| Uuid::new_v4()).collect();
                sqlx::query(POSTGRES_BATCH).bind(ids).bind(keys).bind(lanes).bind(&contents).execute(&pool).await?;
                rows.fetch_add(BATCH as u64, Ordering::Relaxed);
            }
            Ok::<_, sqlx::Error>(())
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended??;
    }
    let took = begun.elapsed();
    pool.close().await;
    Ok(rows.load(Ordering::Relaxed) as f64 / took.as_secs_f64())
}

/// SQLite at `synchronous=FULL`: 256 rows a commit on one connection; rows a second.
///
/// # Errors
/// When the database refuses.
pub async fn sqlite_batches(file: &Path, length: Duration) -> anyhow::Result<f64> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-8000")
        .pragma("wal_autocheckpoint", "2000");
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let begun = Instant::now();
    let (mut rows, mut key) = (0_u64, String::new());
    while begun.elapsed() < length {
        let mut transaction = connection.begin().await?;
        for _ in 0..BATCH {
            let id = Uuid::now_v7();
            key.clear();
            write!(key, "whatsapp|{id}")?;
            sqlx::query(SQLITE_ROW)
                .bind(id)
                .bind(&key)
                .bind(Uuid::new_v4())
                .bind(CONTENT)
                .bind(1_790_000_000_000_000_i64)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        rows += BATCH as u64;
    }
    let rate = rows as f64 / begun.elapsed().as_secs_f64();
    connection.close().await?;
    Ok(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_prints() {
        let printed = "latency average = 12.1 ms\ninitial connection time = 90.1 ms\n\
                       tps = 5278.423 (without initial connection time)\n";
        assert_eq!(transactions(printed), Some(5278.423));
        assert_eq!(transactions("pgbench: error"), None);
    }

    #[test]
    fn the_stored_content_is_json_and_fits_a_literal_of_pgbench() {
        assert!(serde_json::from_str::<serde_json::Value>(CONTENT).is_ok());
        assert!(!CONTENT.contains('\'') && CONTENT.split(':').skip(1).all(|rest| rest.starts_with(' ')));
    }
}
