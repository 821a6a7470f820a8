//! This replica among the others: announced before it takes anything, and once a second a look for those that died.
//!
//! What an event's last holder left is judged by whether that process lives (`store/src/engine/holders.rs`). So nothing
//! is taken before this process is known to live, and it departs only after its last turn.

use std::time::Duration;

use recado_store::volatile::Wake;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{Parts, bounded};

/// A replica that cannot say goodbye is found dead, which is as good.
const DEPARTURE: Duration = Duration::from_secs(2);

/// Whoever holds this may work once [`Announced::wait`] has returned, and keeps the replica announced.
#[derive(Clone)]
pub(super) struct Announced(watch::Receiver<bool>);

impl Announced {
    /// Returns once this replica is known to live.
    pub(super) async fn wait(&mut self) {
        // The other end goes only after the last of these.
        let _ = self.0.wait_for(|announced| *announced).await;
    }
}

/// The two ends: for [`run`], and for those who work.
pub(super) fn channel() -> (watch::Sender<bool>, Announced) {
    let (announced, known) = watch::channel(false);
    (announced, Announced(known))
}

/// Runs until `stop`, and then until nobody works any more.
pub(super) async fn run(parts: Parts, announced: watch::Sender<bool>, stop: CancellationToken) {
    let mut liveness = None;
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        let Some(living) = liveness.as_mut() else {
            match bounded(parts.engine.announce()).await {
                Ok(alive) => {
                    liveness = Some(alive);
                    announced.send_replace(true);
                }
                Err(error) => tracing::warn!(%error, "this replica could not be announced, trying again"),
            }
            continue;
        };
        match bounded(parts.engine.reap(living)).await {
            Ok(0) => {}
            Ok(_) => {
                parts.volatile.publish(Wake::Inbox);
                parts.volatile.publish(Wake::Outbox);
            }
            Err(error) => tracing::warn!(%error, "dead replicas could not be looked for"),
        }
    }
    announced.closed().await;
    if let Some(liveness) = liveness {
        let _ = tokio::time::timeout(DEPARTURE, parts.engine.depart(liveness)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nobody_works_before_the_replica_is_known_and_it_departs_after_the_last_of_them() {
        let (announced, mut worker) = channel();
        let mut committer = worker.clone();
        assert!(futures::poll!(std::pin::pin!(worker.wait())).is_pending());
        announced.send_replace(true);
        worker.wait().await;
        committer.wait().await;
        drop(worker);
        assert!(futures::poll!(std::pin::pin!(announced.closed())).is_pending());
        drop(committer);
        announced.closed().await;
    }
}
