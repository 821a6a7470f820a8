//! A way to the database that can be cut or frozen.

use std::str::FromStr as _;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How it treats its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Bytes pass.
    Passing,
    /// Nothing passes and nothing is closed, as behind a dead router.
    Frozen,
    /// Every connection is cut.
    Refusing,
}

/// The way.
pub struct Proxy {
    port: u16,
    mood: Arc<watch::Sender<Mood>>,
}

impl Proxy {
    /// Starts one in front of an address.
    pub async fn to(target: (String, u16)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mood = Arc::new(watch::channel(Mood::Passing).0);
        let moods = Arc::clone(&mood);
        tokio::spawn(async move {
            loop {
                let Ok((client, _)) = listener.accept().await else { return };
                if *moods.borrow() == Mood::Refusing {
                    continue;
                }
                let (target, moods) = (target.clone(), Arc::clone(&moods));
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(target).await else { return };
                    let (client_in, client_out) = client.into_split();
                    let (server_in, server_out) = server.into_split();
                    tokio::join!(
                        pump(client_in, server_out, moods.subscribe()),
                        pump(server_in, client_out, moods.subscribe())
                    );
                });
            }
        });
        Self { port, mood }
    }

    /// Changes its mood.
    pub fn set(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    /// The same address, by this way.
    pub fn through(&self, url: &str) -> String {
        let options = PgConnectOptions::from_str(url).unwrap();
        format!(
            "postgres://{}@127.0.0.1:{}/{}",
            options.get_username(),
            self.port,
            options.get_database().unwrap_or("postgres")
        )
    }
}

async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut mood: watch::Receiver<Mood>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let now = *mood.borrow_and_update();
        match now {
            Mood::Refusing => return,
            Mood::Frozen => {
                if mood.changed().await.is_err() {
                    return;
                }
            }
            Mood::Passing => tokio::select! {
                read = from.read(&mut buffer) => match read {
                    Ok(length) if length > 0 => {
                        // What was read just before the freeze must not slip through it.
                        while *mood.borrow() == Mood::Frozen {
                            if mood.changed().await.is_err() { return; }
                        }
                        if to.write_all(&buffer[..length]).await.is_err() { return; }
                    }
                    _ => return,
                },
                changed = mood.changed() => if changed.is_err() { return; },
            },
        }
    }
}
