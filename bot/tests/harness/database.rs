//! A fresh database for each trial.

use std::path::PathBuf;

use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// Where it is.
#[derive(Clone, Debug)]
pub enum Database {
    Sqlite(PathBuf),
    Postgres { server: String, name: String },
}

fn server() -> String {
    std::env::var("RECADO_TEST_POSTGRES").unwrap_or_else(|_| "postgres://postgres@127.0.0.1:5432".to_owned())
}

async fn administer(server: &str, statement: String) {
    let mut connection = PgConnection::connect(&format!("{server}/postgres")).await.expect("Postgres answers");
    sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
}

impl Database {
    pub async fn fresh(kind: Kind, folder: &std::path::Path) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite(folder.join("recado.db")),
            Kind::Postgres => Self::fresh_at(server()).await,
        }
    }

    /// A new one of that server of Postgres.
    pub async fn fresh_at(server: String) -> Self {
        let name = format!("recado_harness_{:016x}", rand::random::<u64>());
        administer(&server, format!("CREATE DATABASE {name}")).await;
        Self::Postgres { server, name }
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}", path.display()),
            Self::Postgres { server, name } => format!("{server}/{name}"),
        }
    }

    /// The address of the server and the address of the database behind `at` instead of it.
    pub fn behind(&self, at: std::net::SocketAddr) -> (std::net::SocketAddr, String) {
        let Self::Postgres { server, name } = self else { panic!("SQLite has no server") };
        let (front, host) = server.rsplit_once('@').or_else(|| server.split_once("://")).unwrap();
        let joint = if server.contains('@') { "@" } else { "://" };
        (host.parse().expect("a numeric address of Postgres"), format!("{front}{joint}{at}/{name}"))
    }

    /// One number out of it, read beside the program.
    pub async fn number(&self, statement: &'static str) -> i64 {
        match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).read_only(true);
                let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
                sqlx::query_scalar(statement).fetch_one(&pool).await.unwrap()
            }
            Self::Postgres { .. } => {
                let pool = PgPoolOptions::new().max_connections(1).connect(&self.url()).await.unwrap();
                let number = sqlx::query_scalar(statement).fetch_one(&pool).await.unwrap();
                pool.close().await;
                number
            }
        }
    }

    /// Puts every dead event back into its lane, as staff does; no replica may run on SQLite meanwhile. Tells how many.
    pub async fn replay_dead(&self) -> usize {
        let clock = std::sync::Arc::new(recado_domain::SystemClock);
        let store = recado_store::Store::open(&recado_store::StoreOptions::new(self.url()), clock).await.unwrap();
        let statement = "SELECT id FROM events WHERE status = 2";
        let dead: Vec<uuid::Uuid> = match store.db() {
            recado_store::db::Db::Sqlite { writer, .. } => {
                sqlx::query_scalar(statement).fetch_all(writer).await.unwrap()
            }
            recado_store::db::Db::Postgres { engine, .. } => {
                sqlx::query_scalar(statement).fetch_all(&mut *engine.acquire().await.unwrap()).await.unwrap()
            }
        };
        for event in &dead {
            store.replay_event(recado_domain::EventId(*event)).await.unwrap();
        }
        store.close().await;
        dead.len()
    }

    /// Changes rows of a SQLite file while no program runs on it. Tells how many.
    pub async fn change(&self, statement: &'static str) -> u64 {
        let Self::Sqlite(path) = self else { panic!("for SQLite only") };
        let options = SqliteConnectOptions::new().filename(path);
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
        let done = sqlx::query(statement).execute(&pool).await.unwrap().rows_affected();
        pool.close().await;
        done
    }

    /// Changes it beside the program (Postgres).
    pub async fn administer(&self, statement: String) {
        let Self::Postgres { server, .. } = self else { panic!("for Postgres only") };
        administer(server, statement).await;
    }

    pub async fn remove(&self) {
        if let Self::Postgres { server, name } = self {
            administer(server, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}
