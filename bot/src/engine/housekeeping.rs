//! Once a second: due timers and unclear sends. Twice a minute: whether a platform takes nothing from us. Once an hour: what is
//! forgotten after its time.

use std::time::{Duration, Instant};

use recado_domain::contact::Channel;
use recado_domain::outbound::Settlement;
use recado_store::StoreError;
use recado_store::volatile::Wake;
use tokio_util::sync::CancellationToken;

use super::{Parts, bounded};

/// After a longer break, delivery reports of that time are still being repeated by the platform.
const AWAY: Duration = Duration::from_secs(4);

/// How often it is looked whether a platform takes nothing from us.
const WATCHING: Duration = Duration::from_secs(30);

/// How often what is old is looked for.
const FORGETTING: Duration = Duration::from_secs(3_600);
/// The first look, when the start is over.
const FIRST_LOOK: Duration = Duration::from_secs(120);
/// Between two batches, so that work comes first.
const BREATH: Duration = Duration::from_millis(100);

/// Forgets what is older than it is kept, in small steps. Replicas may do so at once: each takes what is there.
pub(super) async fn forget(parts: Parts, stop: CancellationToken) {
    let mut wait = FIRST_LOOK;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        wait = match bounded(parts.engine.forget(parts.settings.keep)).await {
            Ok(forgotten) => {
                if forgotten != Default::default() {
                    metrics::counter!("recado_events_forgotten_total").increment(forgotten.events);
                    tracing::debug!(
                        events = forgotten.events,
                        deliveries = forgotten.arrivals,
                        attachments = forgotten.attachments,
                        "forgotten after their time"
                    );
                }
                if forgotten.is_full() { BREATH } else { FORGETTING }
            }
            Err(error) => {
                tracing::warn!(%error, "old deliveries could not be forgotten, trying again later");
                FORGETTING
            }
        };
    }
}

async fn settle(parts: &Parts, settlements: &[(Channel, Settlement)], away: bool) -> Result<u64, StoreError> {
    if away {
        parts.engine.wait_for_reports(settlements).await?;
    }
    parts.engine.settle_unclear(settlements).await
}

/// Runs until `stop`.
pub(super) async fn run(parts: Parts, stop: CancellationToken) {
    let mut settled: Option<Instant> = None;
    let mut watched = Instant::now();
    let settlements = parts.settlements();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        match bounded(parts.engine.fire_timers()).await {
            Ok(0) => {}
            Ok(_) => parts.volatile.publish(Wake::Inbox),
            Err(error) => tracing::warn!(%error, "timers could not be read"),
        }
        // A report that is not there proves nothing when nobody could have taken it.
        let away = settled.is_none_or(|at| at.elapsed() > AWAY);
        match bounded(settle(&parts, &settlements, away)).await {
            Ok(moved) => {
                settled = Some(Instant::now());
                if moved > 0 {
                    tracing::warn!(messages = moved, "unclear messages moved on");
                    parts.volatile.publish(Wake::Outbox);
                }
            }
            Err(error) => tracing::warn!(%error, "unclear messages could not be looked at"),
        }
        if watched.elapsed() >= WATCHING {
            watched = Instant::now();
            match bounded(parts.engine.watch_platforms()).await {
                Ok(0) => {}
                Ok(_) => parts.volatile.publish(Wake::Inbox),
                Err(error) => tracing::warn!(%error, "messages that wait for a platform could not be looked for"),
            }
        }
    }
}
