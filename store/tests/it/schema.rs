//! One SQL text, two databases: it prepares on both, and both have the same tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use recado_domain::clock::ManualClock;
use recado_store::Store;
use recado_store::db::Db;
use sqlx::{AssertSqlSafe, Executor as _, Row as _, SqlSafeStr as _};

use crate::world::{Fresh, World, noon, on_both, on_postgres, on_sqlite, options};

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares_on_both_databases() {
    on_both(async |world: &World| {
        let mut texts: Vec<(&str, &str)> = recado_store::statements();
        assert!(texts.len() > 60, "{} statements are listed", texts.len());
        let of_this = |pair: recado_store::db::Pair| if world.is_postgres() { pair.postgres } else { pair.sqlite };
        texts.retain(|(name, _)| !(world.is_postgres() && name.starts_with("SQLITE_")));
        texts.extend(recado_store::pairs().into_iter().map(|(name, pair)| (name, of_this(pair))));
        let mut refused = Vec::new();
        for (name, text) in texts {
            let outcome = match world.store.db() {
                Db::Postgres { engine, .. } => {
                    let mut lease = engine.acquire().await.unwrap();
                    lease.prepare(text.into_sql_str()).await.map(|_| ())
                }
                Db::Sqlite { writer, .. } => writer.prepare(text.into_sql_str()).await.map(|_| ()),
            };
            if let Err(error) = outcome {
                refused.push(format!("{name}: {error}"));
            }
        }
        assert!(refused.is_empty(), "{}", refused.join("\n"));
    })
    .await;
}

type Tables = BTreeMap<String, BTreeMap<String, bool>>;

async fn sqlite_tables(world: &World) -> Tables {
    let mut tables = Tables::new();
    // The full text of answers is a table of its own here, and an index there.
    let Db::Sqlite { writer, .. } = world.store.db() else { panic!("not SQLite") };
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' \
         AND name NOT LIKE 'knowledge_words%'",
    )
    .fetch_all(writer)
    .await
    .unwrap();
    for name in names {
        let columns = sqlx::query(AssertSqlSafe(format!("PRAGMA table_info({name})"))).fetch_all(writer).await.unwrap();
        let columns = columns.iter().map(|row| {
            let nullable = row.get::<i64, _>("notnull") == 0 && row.get::<i64, _>("pk") == 0;
            (row.get::<String, _>("name"), nullable)
        });
        tables.insert(name, columns.collect());
    }
    tables
}

async fn postgres_tables(world: &World) -> Tables {
    let mut tables = Tables::new();
    let Db::Postgres { engine, .. } = world.store.db() else { panic!("not Postgres") };
    let columns = sqlx::query(
        "SELECT c.relname, a.attname, NOT a.attnotnull AS nullable FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
         AND c.relname <> '_sqlx_migrations'",
    )
    .fetch_all(&mut *engine.acquire().await.unwrap())
    .await
    .unwrap();
    for row in columns {
        tables.entry(row.get("relname")).or_default().insert(row.get("attname"), row.get("nullable"));
    }
    tables
}

fn versions(folder: &str) -> Vec<String> {
    let path = format!("{}/../migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_tables_columns_and_nullability() {
    assert_eq!(versions("postgres"), versions("sqlite"));
    on_sqlite(async |sqlite: &World| {
        let one = sqlite_tables(sqlite).await;
        assert!(one.len() > 20);
        on_postgres(async |postgres: &World, _: &Fresh| {
            let other = postgres_tables(postgres).await;
            assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
            for (table, columns) in &one {
                assert_eq!(columns, &other[table], "{table}");
            }
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_indexes() {
    on_sqlite(async |sqlite: &World| {
        let sql = "SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_autoindex%' ORDER BY name";
        let one = sqlite.texts(sql).await;
        on_postgres(async |postgres: &World, _: &Fresh| {
            let sql = "SELECT CAST(indexname AS TEXT) FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT LIKE '%_pkey' \
                AND indexname NOT LIKE '%_key' AND indexname <> 'knowledge_words' \
                OR indexname = 'login_attempts_key' ORDER BY indexname COLLATE \"C\"";
            assert_eq!(one, postgres.texts(sql).await);
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn four_replicas_may_start_at_once_on_a_new_database() {
    let fresh = Fresh::create().await;
    let opened = futures::future::join_all((0..4).map(|_| {
        let options = options(&fresh.url);
        async move { Store::open(&options, Arc::new(ManualClock::at(noon()))).await }
    }))
    .await;
    let problems: Vec<String> = opened.iter().filter_map(|one| one.as_ref().err().map(ToString::to_string)).collect();
    for store in opened.into_iter().flatten() {
        assert_eq!(store.counts().await.unwrap().gap(), 0);
        store.close().await;
    }
    fresh.remove().await;
    assert!(problems.is_empty(), "{problems:?}");
}
