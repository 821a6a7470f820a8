//! Ends a process whose connection pool is dead while its database answers.
//!
//! After an outage in which connections froze instead of breaking, a pool was seen to keep all its places for good. No
//! wait mends that, and ending is safe at any moment: what was acknowledged is committed, and leases are freed for
//! others. Whatever started the process starts it again.

use std::time::Duration;

use recado_store::Store;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(700);
/// Failed looks in a row after which the database is asked past the pool.
const FAILURES: u32 = 4;

/// Runs until `stop`.
pub(super) async fn run(store: Store, stop: CancellationToken) {
    let mut failures = 0;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        let answer = tokio::time::timeout(Duration::from_secs(1), store.check()).await;
        failures = if matches!(answer, Ok(Ok(()))) { 0 } else { failures + 1 };
        if failures >= FAILURES && store.answers_past_the_pool().await {
            tracing::error!(
                failures,
                "the database answers, but no connection of the pool does: ending, to be started again"
            );
            std::process::exit(i32::from(crate::lifecycle::Exit::StoreUnavailable.code()));
        }
    }
}
