//! Once a second: due timers, unclear sends, leases of replicas that died.

use std::time::Duration;

use recado_store::volatile::Wake;
use tokio_util::sync::CancellationToken;

use super::Parts;

/// Runs until `stop`.
pub(super) async fn run(parts: Parts, stop: CancellationToken) {
    let mut liveness = None;
    let settlements = parts.settlements();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        if liveness.is_none() {
            match parts.engine.announce().await {
                Ok(alive) => liveness = Some(alive),
                Err(error) => tracing::warn!(%error, "this replica could not be announced, trying again"),
            }
        }
        match parts.engine.fire_timers().await {
            Ok(0) => {}
            Ok(_) => parts.volatile.publish(Wake::Inbox),
            Err(error) => tracing::warn!(%error, "timers could not be read"),
        }
        match parts.engine.settle_unclear(&settlements).await {
            Ok(0) => {}
            Ok(moved) => {
                tracing::warn!(messages = moved, "unclear messages moved on");
                parts.volatile.publish(Wake::Outbox);
            }
            Err(error) => tracing::warn!(%error, "unclear messages could not be looked at"),
        }
        if let Some(liveness) = liveness.as_mut() {
            match parts.engine.reap(liveness).await {
                Ok(0) => {}
                Ok(_) => {
                    parts.volatile.publish(Wake::Inbox);
                    parts.volatile.publish(Wake::Outbox);
                }
                Err(error) => tracing::warn!(%error, "dead replicas could not be looked for"),
            }
        }
    }
    if let Some(liveness) = liveness {
        parts.engine.depart(liveness).await;
    }
}
