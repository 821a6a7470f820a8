//! What may be opened, and by whom.

use std::sync::Arc;

use recado_domain::clock::ManualClock;
use recado_store::{OpenError, Store};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::world::{Fresh, World, noon, on_postgres, on_sqlite, options};

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
