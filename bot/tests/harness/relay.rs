//! A TCP relay that can misbehave: between the program and Postgres as a fault, in front of replicas as a balancer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What happens to bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They pass.
    Pass,
    /// Connections are closed, new ones at once.
    Refuse,
    /// Nothing passes and nothing is closed; such a connection never comes back, as behind a router that forgot it.
    Freeze,
}

/// Stops when dropped.
pub struct Relay {
    pub address: SocketAddr,
    mode: watch::Sender<Mode>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Relay {
    /// Relays to the first of `upstreams` that answers, beginning with another one each time.
    pub async fn start(upstreams: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, modes) = watch::channel(Mode::Pass);
        let accepting = tokio::spawn(async move {
            let turn = Arc::new(AtomicUsize::new(0));
            let mut connections = JoinSet::new();
            loop {
                let Ok((client, _)) = listener.accept().await else { continue };
                connections.spawn(carry(client, upstreams.clone(), Arc::clone(&turn), modes.clone()));
                while connections.try_join_next().is_some() {}
            }
        });
        Self { address, mode, accepting }
    }

    /// From now on.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

async fn carry(
    mut client: TcpStream,
    upstreams: Vec<SocketAddr>,
    turn: Arc<AtomicUsize>,
    mut modes: watch::Receiver<Mode>,
) {
    let now = *modes.borrow_and_update();
    match now {
        Mode::Refuse => return,
        Mode::Freeze => return std::future::pending().await,
        Mode::Pass => {}
    }
    let first = turn.fetch_add(1, Ordering::Relaxed);
    for number in 0..upstreams.len() {
        let Ok(mut upstream) = TcpStream::connect(upstreams[(first + number) % upstreams.len()]).await else {
            continue;
        };
        let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
        tokio::select! {
            _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
            _ = modes.changed() => {
                let now = *modes.borrow();
                if now == Mode::Freeze {
                    std::future::pending::<()>().await;
                }
            }
        }
        return;
    }
}
