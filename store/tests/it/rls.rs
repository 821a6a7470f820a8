//! What a merchant's connection sees on Postgres (RELIABILITY S7): a matrix over every table, made from the catalogue.

use recado_domain::MerchantId;
use recado_store::connections::{Connections, Lease};
use recado_store::db::Db;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::world::{Fresh, World, on_postgres};

/// Tables whose rows belong to a merchant, and that a merchant's connection may touch.
async fn tenant_tables(owner: &mut PgConnection) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' \
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnotnull AND c.relname <> 'channels' ORDER BY 1",
    )
    .fetch_all(owner)
    .await
    .unwrap()
}

/// A statement that inserts a whole row of a merchant, with something of the right type in every column.
async fn insert(owner: &mut PgConnection, table: &str, merchant: MerchantId) -> String {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT CAST(column_name AS TEXT), CAST(data_type AS TEXT) FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name = $1 ORDER BY ordinal_position",
    )
    .bind(table)
    .fetch_all(owner)
    .await
    .unwrap();
    let value = |(column, kind): &(String, String)| match kind.as_str() {
        _ if column == "merchant_id" => format!("'{merchant}'"),
        "uuid" => "gen_random_uuid()".to_owned(),
        "text" => "md5(random()::TEXT)".to_owned(),
        "bytea" => "decode(md5(random()::TEXT), 'hex')".to_owned(),
        "bigint" => "CAST(random() * 1000000000 AS BIGINT)".to_owned(),
        "boolean" => "true".to_owned(),
        "double precision" => "random()".to_owned(),
        "jsonb" => "'{}'".to_owned(),
        "timestamp with time zone" => "now()".to_owned(),
        other => panic!("{table}.{column} is of the new type {other}"),
    };
    let values: Vec<String> = columns.iter().map(value).collect();
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", names.join(", "), values.join(", "))
}

/// A connection whose merchant is said in one of the ways in which it may be said wrongly, in an open transaction.
async fn in_context(tenant: &Connections, context: &str, victim: MerchantId, other: MerchantId) -> Lease {
    let mut connection = tenant.acquire().await.unwrap();
    let begin = |merchant: &str| format!("BEGIN; SELECT set_config('app.merchant', '{merchant}', true)");
    let texts = match context {
        "none" => vec!["BEGIN".to_owned()],
        "empty" => vec![begin("")],
        "other" => vec![begin(&other.to_string())],
        "left over" => vec![begin(&victim.to_string()), "COMMIT".to_owned(), "BEGIN".to_owned()],
        _ => vec![begin(&victim.to_string())],
    };
    for text in texts {
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *connection).await.unwrap();
    }
    connection
}

/// Foreign rows that the tenant's role can read or change, by table, verb and context.
async fn leaks(world: &World) -> Vec<String> {
    let Db::Postgres { tenant, .. } = world.store.db() else { panic!("not Postgres") };
    let mut owner = PgConnection::connect(&world.url).await.unwrap();
    let mut leaks = Vec::new();
    for table in tenant_tables(&mut owner).await {
        for (victim, other) in [(world.merchant.id, world.other.id), (world.other.id, world.merchant.id)] {
            let insert = insert(&mut owner, &table, victim).await;
            for context in ["own", "none", "empty", "other", "left over"] {
                for (verb, sql) in [
                    ("SELECT", format!("SELECT 1 FROM {table} WHERE merchant_id = '{victim}'")),
                    ("SELECT ALL", format!("SELECT 1 FROM {table} WHERE merchant_id <> '{other}'")),
                    ("UPDATE", format!("UPDATE {table} SET merchant_id = merchant_id WHERE merchant_id = '{victim}'")),
                    ("GIVE", format!("UPDATE {table} SET merchant_id = '{victim}' WHERE merchant_id = '{other}'")),
                    ("DELETE", format!("DELETE FROM {table} WHERE merchant_id = '{victim}'")),
                    ("INSERT", insert.clone()),
                ] {
                    let mut connection = in_context(tenant, context, victim, other).await;
                    let outcome = sqlx::query(AssertSqlSafe(sql)).execute(&mut *connection).await;
                    sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await.unwrap();
                    let refused = match &outcome {
                        Err(error) => error.to_string().contains("row-level security"),
                        Ok(done) => done.rows_affected() == 0,
                    };
                    // Where the merchant is said rightly everything works: the rows are there to be seen.
                    let wanted = context != "own" || verb == "GIVE";
                    if refused != wanted {
                        leaks.push(format!("{table} {verb} with {context}: {outcome:?}"));
                    }
                }
            }
        }
    }
    leaks
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merchants_connection_reaches_no_foreign_row() {
    on_postgres(async |world: &World, _: &Fresh| {
        let mut owner = PgConnection::connect(&world.url).await.unwrap();
        let tables = tenant_tables(&mut owner).await;
        let forced: Vec<String> = sqlx::query_scalar(
            "SELECT DISTINCT CAST(c.relname AS TEXT) FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid \
             WHERE c.relrowsecurity AND c.relforcerowsecurity ORDER BY 1",
        )
        .fetch_all(&mut owner)
        .await
        .unwrap();
        assert_eq!(tables, forced);
        assert!(tables.len() >= 14, "{tables:?}");
        for table in &tables {
            for merchant in [world.merchant.id, world.other.id] {
                let insert = insert(&mut owner, table, merchant).await;
                sqlx::query(AssertSqlSafe(insert)).execute(&mut owner).await.unwrap();
            }
        }
        let found = leaks(world).await;
        assert!(found.is_empty(), "{found:#?}");
        // The checker itself: without the policy on one table it must find something.
        sqlx::query("ALTER TABLE messages DISABLE ROW LEVEL SECURITY").execute(&mut owner).await.unwrap();
        let found = leaks(world).await;
        for verb in ["SELECT", "UPDATE", "GIVE", "DELETE", "INSERT"] {
            assert!(found.iter().any(|leak| leak.starts_with(&format!("messages {verb} with other"))), "{verb}");
        }
        assert!(found.iter().all(|leak| leak.starts_with("messages ")), "{found:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pools_work_as_roles_that_own_nothing_and_stand_above_nothing() {
    on_postgres(async |world: &World, _: &Fresh| {
        let Db::Postgres { engine, tenant, .. } = world.store.db() else { panic!("not Postgres") };
        let mut owner = PgConnection::connect(&world.url).await.unwrap();
        let mut reachable = tenant_tables(&mut owner).await;
        reachable.extend(["channels".to_owned(), "merchants".to_owned()]);
        reachable.sort();
        for (pool, role) in [(engine, "recado_engine"), (tenant, "recado_app")] {
            let acting: String = sqlx::query_scalar("SELECT CAST(current_user AS TEXT)").fetch_one(&mut *pool.acquire().await.unwrap()).await.unwrap();
            assert_eq!(acting, role);
            let owned: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
                    .fetch_one(&mut *pool.acquire().await.unwrap())
                    .await
                    .unwrap();
            let above: bool = sqlx::query_scalar(
                "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolcanlogin FROM pg_roles WHERE rolname = current_user",
            )
            .fetch_one(&mut *pool.acquire().await.unwrap())
            .await
            .unwrap();
            assert_eq!((owned, above), (0, false), "{role}");
            let all: Vec<String> = sqlx::query_scalar(
                "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            )
            .fetch_all(&mut *pool.acquire().await.unwrap())
            .await
            .unwrap();
            for table in &all {
                let refused = sqlx::query(AssertSqlSafe(format!("TRUNCATE {table}"))).execute(&mut *pool.acquire().await.unwrap()).await.unwrap_err();
                assert!(refused.to_string().contains("permission denied"), "{role} {table}: {refused}");
            }
            assert!(all.len() > 20, "{all:?}");
        }
        let reached: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind IN ('r', 'v', 'm') AND relnamespace = 'public'::regnamespace \
             AND has_table_privilege('recado_app', oid, 'SELECT, INSERT, UPDATE, DELETE') ORDER BY relname COLLATE \"C\"",
        )
        .fetch_all(&mut owner)
        .await
        .unwrap();
        assert_eq!(reached, reachable);
        // Of what has no policies a merchant's connection may read the directory, and change nothing.
        for table in ["merchants", "channels"] {
            let delete = sqlx::query(AssertSqlSafe(format!("DELETE FROM {table}"))).execute(&mut *tenant.acquire().await.unwrap()).await.unwrap_err();
            assert!(delete.to_string().contains("permission denied"), "{delete}");
        }
    })
    .await;
}
