//! What the service says of itself: ready or not, and its queues.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Deserialize;

use crate::connection::Connection;

/// The queues of `GET /health`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Queues {
    pub accepted: i64,
    pub open: i64,
    pub dead: i64,
    pub gap: i64,
    pub to_send: i64,
    pub failed: i64,
    pub uncertain: i64,
}

#[derive(Deserialize)]
struct Health {
    queues: Option<Queues>,
}

/// The queues as they are now. The service counts them at most every five seconds; a count of a large backlog may be
/// missing from an answer.
///
/// # Errors
/// When the service does not answer for long.
pub async fn queues(address: SocketAddr) -> anyhow::Result<Queues> {
    let mut connection = Connection::new(address);
    for _ in 0..60 {
        let (_, body) = connection.get("/health").await.context("GET /health")?;
        let health: Health = serde_json::from_slice(&body).context("GET /health: not what was expected")?;
        if let Some(queues) = health.queues {
            return Ok(queues);
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    bail!("GET /health shows no queues")
}

/// Asks until the queues are as wanted, at most for `patience`; the last answer either way.
///
/// # Errors
/// As [`queues`].
pub async fn queues_until(
    address: SocketAddr,
    patience: Duration,
    wanted: impl Fn(&Queues) -> bool,
) -> anyhow::Result<Queues> {
    let begun = Instant::now();
    loop {
        let queues = queues(address).await?;
        if wanted(&queues) || begun.elapsed() > patience {
            return Ok(queues);
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Waits for `GET /readyz` to say 200.
///
/// # Errors
/// When it does not within `patience`.
pub async fn ready(address: SocketAddr, patience: Duration) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut connection = Connection::new(address);
    loop {
        match connection.get("/readyz").await {
            Ok((200, _)) => return Ok(()),
            Ok(_) | Err(_) if begun.elapsed() < patience => tokio::time::sleep(Duration::from_millis(1)).await,
            Ok((status, _)) => bail!("{address} is not ready: {status}"),
            Err(error) => bail!("{address} does not answer: {error}"),
        }
    }
}
