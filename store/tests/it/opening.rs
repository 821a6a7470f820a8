//! What may be opened, and by whom; and what a merchant's connection sees.

use std::sync::Arc;

use recado_domain::clock::ManualClock;
use recado_store::db::Db;
use recado_store::{OpenError, Store};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::world::{Fresh, World, noon, on_postgres, on_sqlite, options, text};

async fn open(url: &str, production: bool) -> Result<Store, OpenError> {
    let mut options = options(url);
    options.production = production;
    Store::open(&options, Arc::new(ManualClock::at(noon()))).await
}

/// RELIABILITY O7.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_on_one_sqlite_file_is_refused() {
    on_sqlite(async |world: &World| {
        let refused = open(&world.url, false).await.unwrap_err();
        assert!(matches!(refused, OpenError::InUse { .. }));
        assert!(refused.to_string().contains("SQLite serves one process"), "{refused}");
    })
    .await;
}

/// RELIABILITY D11.
#[tokio::test(flavor = "multi_thread")]
async fn production_refuses_what_is_not_durable() {
    assert!(matches!(open("sqlite::memory:", true).await, Err(OpenError::NotDurable { .. })));
    open("sqlite::memory:", false).await.unwrap();
    on_postgres(async |_: &World, fresh: &Fresh| {
        open(&fresh.url, true).await.unwrap().close().await;
        let mut owner = PgConnection::connect(&fresh.url).await.unwrap();
        let off = format!("ALTER DATABASE {} SET synchronous_commit = off", fresh.name());
        sqlx::query(AssertSqlSafe(off)).execute(&mut owner).await.unwrap();
        let refused = open(&fresh.url, true).await.unwrap_err();
        assert!(matches!(refused, OpenError::NotDurable { setting: "synchronous_commit", .. }), "{refused}");
        open(&fresh.url, false).await.unwrap().close().await;
    })
    .await;
}

/// Foreign rows that the tenant's role can read or change, by table and verb.
async fn leaks(world: &World) -> Vec<String> {
    let Db::Postgres { engine, tenant } = world.store.db() else { panic!("not Postgres") };
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace \
         AND has_table_privilege('recado_app', c.oid, 'SELECT') AND c.relname <> 'channels'",
    )
    .fetch_all(engine)
    .await
    .unwrap();
    assert!(tables.len() >= 14, "{tables:?}");
    let mut leaks = Vec::new();
    for table in &tables {
        for context in ["none", "empty", "other", "left over"] {
            for verb in ["SELECT", "UPDATE", "DELETE", "INSERT"] {
                let mut tx = match context {
                    "other" => match world.store.db().begin_tenant(world.other.id).await.unwrap() {
                        recado_store::db::Tx::Postgres(tx) => tx,
                        recado_store::db::Tx::Sqlite(_) => unreachable!("this is Postgres"),
                    },
                    _ => tenant.begin().await.unwrap(),
                };
                if context == "left over" {
                    tx.rollback().await.unwrap();
                    world.store.db().begin_tenant(world.merchant.id).await.unwrap().commit().await.unwrap();
                    tx = tenant.begin().await.unwrap();
                }
                if context == "empty" {
                    sqlx::query("SELECT set_config('app.merchant', '', true)").execute(&mut *tx).await.unwrap();
                }
                let merchant = world.merchant.id;
                let sql = match verb {
                    "SELECT" => format!("SELECT 1 FROM {table} WHERE merchant_id = '{merchant}'"),
                    "UPDATE" => {
                        format!("UPDATE {table} SET merchant_id = merchant_id WHERE merchant_id = '{merchant}'")
                    }
                    "DELETE" => format!("DELETE FROM {table} WHERE merchant_id = '{merchant}'"),
                    _ => format!(
                        "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, '{{\"merchant_id\": \"{merchant}\"}}')).*"
                    ),
                };
                let outcome = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
                let refused = match (&outcome, verb) {
                    (Err(error), "INSERT") => error.to_string().contains("row-level security"),
                    (Ok(done), _) => done.rows_affected() == 0,
                    (Err(_), _) => false,
                };
                if !refused {
                    leaks.push(format!("{table} {verb} with {context}: {outcome:?}"));
                }
                tx.rollback().await.unwrap();
            }
        }
    }
    leaks
}

/// RELIABILITY S7.
#[tokio::test(flavor = "multi_thread")]
async fn a_merchants_connection_reaches_no_foreign_row() {
    on_postgres(async |world: &World, _: &Fresh| {
        world.accept(text("m", "573001112233", "hola", noon())).await;
        let engine = world.engine();
        world.settle_all(&engine, |_| vec![crate::world::reply("hola")]).await;
        let found = leaks(world).await;
        assert!(found.is_empty(), "{found:#?}");
        let Db::Postgres { engine, .. } = world.store.db() else { panic!("not Postgres") };
        let unforced: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid \
             WHERE NOT (c.relrowsecurity AND c.relforcerowsecurity) OR pg_get_userbyid(c.relowner) LIKE 'recado%'",
        )
        .fetch_all(engine)
        .await
        .unwrap();
        assert!(unforced.is_empty(), "{unforced:?}");
        let strong: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM pg_roles WHERE rolname LIKE 'recado\\_%' AND rolname IN ('recado_app', 'recado_engine') AND (rolsuper OR rolbypassrls)",
        )
        .fetch_one(engine)
        .await
        .unwrap();
        assert_eq!(strong, 0);
        // The checker itself: without the policy on one table it must find something.
        let mut owner = PgConnection::connect(&world.url).await.unwrap();
        sqlx::query("ALTER TABLE messages DISABLE ROW LEVEL SECURITY").execute(&mut owner).await.unwrap();
        assert!(leaks(world).await.iter().any(|leak| leak.starts_with("messages SELECT")));
    })
    .await;
}
