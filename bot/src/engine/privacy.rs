//! Carries out erasures that staff confirmed: what is kept of a person in the database and in sessions is removed, and only
//! then does the request count as done. What ends it half way is begun anew by whoever finds the lease run out.
//!
//! With a file for it, an erasure stands on the list that outlives a restore before it counts as done; and what such a list
//! has and the database lacks is carried out again at the start.

use std::time::Duration;

use recado_store::PrivacyTask;
use tokio_util::sync::CancellationToken;

use super::Parts;
use crate::erasures::{self, ListError};

/// How often the rows are asked. Nobody waits for it in seconds.
const POLL: Duration = Duration::from_secs(2);
/// After an error.
const REST: Duration = Duration::from_secs(10);

/// Runs until `stop`; an erasure that is under way then is taken up again by the next process.
pub(super) async fn run(parts: Parts, stop: CancellationToken) {
    let mut caught_up = false;
    loop {
        let wait = tokio::select! {
            // What is dropped half-way is rolled back, and begun anew.
            () = stop.cancelled() => return,
            outcome = one(&parts, &mut caught_up) => match outcome {
                Ok(true) => Duration::ZERO,
                Ok(false) => POLL,
                Err(error) => {
                    tracing::warn!(%error, "an erasure could not be carried on; it is taken up again");
                    REST
                }
            },
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
    }
}

/// One step of what waits. False when there is nothing to do at once.
async fn one(parts: &Parts, caught_up: &mut bool) -> Result<bool, ListError> {
    if let (Some(file), false) = (&parts.erasures_file, *caught_up) {
        erasures::catch_up(parts.engine.store(), file).await?;
        *caught_up = true;
    }
    let Some(task) = parts.engine.claim_privacy().await? else { return Ok(false) };
    carry_out(parts, &task).await
}

async fn carry_out(parts: &Parts, task: &PrivacyTask) -> Result<bool, ListError> {
    let Some(conversations) = parts.engine.erase(task).await? else { return Ok(false) };
    for conversation in &conversations {
        parts.volatile.forget(*conversation).await;
    }
    if let Some(file) = &parts.erasures_file {
        erasures::keep(parts.engine.store(), file).await?;
    }
    parts.engine.finish_privacy(task).await?;
    metrics::counter!("recado_erasures_total").increment(1);
    tracing::info!(privacy.id = %task.id, conversations = conversations.len(), "an erasure was carried out");
    Ok(true)
}
