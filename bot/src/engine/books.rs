//! Day books of large shops, kept up to date behind whatever changes their facts.

use std::time::{Duration, Instant};

use recado_store::StoreError;
use recado_store::finance::days::Look;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::Parts;

/// How often books that are behind are looked for.
const POLL: Duration = Duration::from_secs(1);
/// How often every book is looked at, and shops that have become large.
const ROUND: Duration = Duration::from_secs(300);
/// Between two parts at least, and at least as long as a part took: a fold holds the one writer of the embedded database.
const BREATH: Duration = Duration::from_millis(50);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(5);

/// No pass takes longer; one that was cut off changed nothing, and the next one takes it up.
const PASS: Duration = Duration::from_secs(120);

/// Folds what changed, a bounded part at a time. Replicas may do so at once: they take turns at each book.
pub(super) async fn keep(parts: Parts, stop: CancellationToken) {
    let mut round: Option<Instant> = None;
    let mut wait = POLL;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        let began = Instant::now();
        let look = if round.is_none_or(|at| at.elapsed() >= ROUND) { Look::Everywhere } else { Look::Behind };
        wait = match timeout(PASS, parts.engine.store().keep_day_books(look)).await.unwrap_or(Err(StoreError::TimedOut))
        {
            Ok(taken) => {
                if look == Look::Everywhere {
                    round = Some(Instant::now());
                }
                metrics::counter!("recado_day_book_folded_total").increment(taken as u64);
                if taken > 0 { began.elapsed().max(BREATH) } else { POLL }
            }
            Err(error) => {
                tracing::warn!(%error, "day books could not be brought up to date, trying again");
                PAUSE
            }
        };
    }
}
