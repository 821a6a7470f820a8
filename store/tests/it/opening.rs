//! What may be opened, and by whom.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;

use futures::FutureExt as _;
use recado_domain::clock::ManualClock;
use recado_store::{OpenError, Store};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::world::{Fresh, World, noon, on_postgres, on_sqlite, options, server};

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

/// What deploy/postgres.sql makes: a login that owns the database and is a member of the two roles, and no superuser.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_no_superuser_migrates_and_runs_the_desk() {
    let fresh = Fresh::create().await;
    // The first migration of anybody makes the roles, which belong to the whole server.
    let roles = Fresh::create().await;
    open(&roles.url, true).await.unwrap().close().await;
    roles.remove().await;

    let login = format!("{}_login", fresh.name());
    let mut server = server().await;
    let make = format!(
        "CREATE ROLE {login} LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD 'abc'; \
         GRANT recado_engine, recado_app TO {login} WITH ADMIN OPTION; \
         ALTER DATABASE {} OWNER TO {login}",
        fresh.name()
    );
    sqlx::raw_sql(AssertSqlSafe(make)).execute(&mut server).await.unwrap();
    let (_, rest) = fresh.url.split_once('@').expect("an address names its login");
    let url = format!("postgres://{login}:abc@{rest}");

    let outcome = AssertUnwindSafe(async {
        for start in ["on an empty database", "on its own tables"] {
            let store = open(&url, true).await.unwrap_or_else(|error| panic!("{start}: {error}"));
            assert!(store.read_directory().await.unwrap().merchants().next().is_none());
            store.close().await;
        }
    })
    .catch_unwind()
    .await;
    fresh.remove().await;
    let drop = format!("DROP OWNED BY {login}; DROP ROLE {login}");
    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut server).await.unwrap();
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}
