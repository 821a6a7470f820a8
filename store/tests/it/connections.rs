//! Connections that break, hang or are given up in the middle: their places always come back.

use std::str::FromStr as _;
use std::time::Duration;

use recado_store::connections::Connections;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::world::{Fresh, World, on_postgres};

const PLACES: u32 = 3;
const PATIENCE: Duration = Duration::from_millis(1_500);

fn at(url: &str) -> PgConnectOptions {
    PgConnectOptions::from_str(url).unwrap().ssl_mode(PgSslMode::Disable)
}

async fn backend(connections: &Connections) -> i32 {
    let mut lease = connections.acquire().await.unwrap();
    let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut *lease).await.unwrap();
    lease.done();
    pid
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_transaction_is_rolled_back_and_its_connection_used_again() {
    on_postgres(async |world: &World, _: &Fresh| {
        let connections = Connections::new(at(&world.url), 1, PATIENCE);
        let first = backend(&connections).await;
        let mut open = connections.begin_with("BEGIN").await.unwrap();
        sqlx::query("CREATE TABLE never (x BIGINT)").execute(&mut *open).await.unwrap();
        drop(open);
        assert_eq!(backend(&connections).await, first, "it was thrown away");
        let mut lease = connections.acquire().await.unwrap();
        let there: Option<String> =
            sqlx::query_scalar("SELECT CAST(to_regclass('never') AS TEXT)").fetch_one(&mut *lease).await.unwrap();
        assert_eq!(there, None, "it was kept");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_that_are_given_up_do_not_use_up_the_places() {
    on_postgres(async |world: &World, _: &Fresh| {
        let connections = Connections::new(at(&world.url), PLACES, Duration::from_secs(4));
        for _ in 0..PLACES * 3 {
            let mut lease = connections.acquire().await.unwrap();
            let slow = sqlx::query("SELECT pg_sleep(30)").execute(&mut *lease);
            assert!(tokio::time::timeout(Duration::from_millis(50), slow).await.is_err());
        }
        backend(&connections).await;
    })
    .await;
}

/// Passes bytes on to Postgres, until told to freeze: such a connection says nothing more, and is never closed.
async fn freezing_relay(to: String) -> (u16, watch::Sender<bool>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (frozen, seen) = watch::channel(false);
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let (to, mut frozen) = (to.clone(), seen.clone());
            tokio::spawn(async move {
                if *frozen.borrow_and_update() {
                    return std::future::pending().await;
                }
                let mut server = TcpStream::connect(to).await.unwrap();
                tokio::select! {
                    _ = tokio::io::copy_bidirectional(&mut client, &mut server) => return,
                    _ = frozen.changed() => {}
                }
                std::future::pending::<()>().await;
            });
        }
    });
    (port, frozen)
}

#[tokio::test(flavor = "multi_thread")]
async fn after_every_peer_vanished_without_a_word_the_places_are_free_again() {
    on_postgres(async |world: &World, _: &Fresh| {
        let direct = at(&world.url);
        let (port, frozen) = freezing_relay(format!("{}:{}", direct.get_host(), direct.get_port())).await;
        let connections = Connections::new(direct.host("127.0.0.1").port(port), PLACES, PATIENCE);
        for round in 0..3 {
            // All are out, in every state: in a transaction, in the middle of a statement, just taken.
            let mut open = connections.begin_with("BEGIN").await.unwrap();
            sqlx::query("SELECT 1").execute(&mut *open).await.unwrap();
            let mut busy = connections.acquire().await.unwrap();
            let taken = connections.acquire().await.unwrap();
            frozen.send_replace(true);
            let hung = sqlx::query("SELECT pg_sleep(1)").execute(&mut *busy);
            assert!(tokio::time::timeout(Duration::from_millis(100), hung).await.is_err());
            drop((open, busy, taken));
            // While it lasts, nobody gets one, and each is told so in time.
            let told = tokio::time::timeout(PATIENCE * 2, connections.acquire()).await.expect("an answer in time");
            assert!(told.is_err(), "round {round}: a connection out of a black hole");
            frozen.send_replace(false);
            for _ in 0..PLACES {
                backend(&connections).await;
            }
        }
    })
    .await;
}
