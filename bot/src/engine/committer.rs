//! Commits decided turns, those that are ready together in one transaction.

use std::sync::Arc;
use std::time::Duration;

use recado_store::StoreError;
use recado_store::engine::Committed;
use recado_store::volatile::{LiveEvent, Wake};
use tokio::sync::{Mutex, Notify, mpsc};
use tokio::task::JoinHandle;

use super::liveness::Announced;
use super::summaries::Hint;
use super::worker::Ready;
use super::{Blame, Parts, give_back};

/// Turns of one transaction at most.
const BATCH: usize = 48;
/// No commit takes longer, also when its turns are tried one by one. Shorter than the shortest lease is of no use: the
/// check of owner and epoch is what keeps a late commit out.
const COMMIT: Duration = Duration::from_secs(4);

/// Starts the committers. They end when the worker has, after committing what was decided.
pub(super) fn start(
    parts: &Parts,
    waiting: mpsc::Receiver<Ready>,
    nudge: &Arc<Notify>,
    known: &Announced,
    hint: Option<&Hint>,
) -> Vec<JoinHandle<()>> {
    let waiting = Arc::new(Mutex::new(waiting));
    // While one transaction waits for the disk, another may be written; SQLite has one writer.
    let committers = if parts.engine.store().db().kind() == "postgres" { 2 } else { 1 };
    let run = || run(parts.clone(), Arc::clone(&waiting), Arc::clone(nudge), known.clone(), hint.cloned());
    (0..committers).map(|_| tokio::spawn(run())).collect()
}

async fn run(
    parts: Parts,
    waiting: Arc<Mutex<mpsc::Receiver<Ready>>>,
    nudge: Arc<Notify>,
    _known: Announced,
    hint: Option<Hint>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        if waiting.lock().await.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        for together in apart(std::mem::take(&mut batch)) {
            commit(&parts, together, hint.as_ref()).await;
        }
        // What arrived for a lane while it was in work may be taken now.
        nudge.notify_one();
    }
}

/// What the database did not take in time before is committed by itself: if it is too much, its neighbours are not.
fn apart(batch: Vec<Ready>) -> Vec<Vec<Ready>> {
    let (doubtful, sound): (Vec<_>, Vec<_>) = batch.into_iter().partition(|ready| ready.turn.claim.timeouts > 0);
    let sound = (!sound.is_empty()).then_some(sound);
    sound.into_iter().chain(doubtful.into_iter().map(|one| vec![one])).collect()
}

async fn commit(parts: &Parts, batch: Vec<Ready>, hint: Option<&Hint>) {
    let mut turns = Vec::with_capacity(batch.len());
    let mut rest = Vec::with_capacity(batch.len());
    for ready in batch {
        let about = (ready.turn.claim.clone(), ready.turn.id);
        turns.push(ready.turn);
        rest.push((about, ready.session, ready.taps, ready.permit));
    }
    let outcomes = tokio::time::timeout(COMMIT, parts.engine.commit(turns)).await;
    // Whether it was committed is not known. If it was, its lane is not ours any more and giving it back does nothing.
    let outcomes = outcomes.unwrap_or_else(|_| rest.iter().map(|_| Err(StoreError::TimedOut)).collect());
    let mut sessions = Vec::new();
    let (mut sends, mut posts, mut again) = (false, false, false);
    for (outcome, ((claim, turn), session, taps, permit)) in outcomes.into_iter().zip(rest) {
        match outcome {
            Ok(Committed::Yes { sends: some, posts: other }) => {
                sends |= some;
                posts |= other;
                metrics::counter!("recado_turns_committed_total", "lane" => claim.kind.clone()).increment(1);
                let waited = parts.engine.store().clock().now().since(claim.received_at);
                metrics::histogram!("recado_turn_seconds").record(waited.as_secs_f64());
                tracing::debug!(turn.id = %turn, lane.id = %claim.lane, trace.id = %claim.trace, events = claim.events.len(), "turn committed");
                sessions.extend(session);
                let merchant = claim.merchant.map(|id| id.to_string()).unwrap_or_default();
                let id = format!("{merchant}/{}", claim.lane);
                parts.volatile.announce(LiveEvent { topic: claim.kind.clone(), id });
                answer_taps(parts, taps);
                if let Some(hint) = hint {
                    hint.committed(&claim);
                }
            }
            Ok(Committed::Superseded) => {
                again = true;
                metrics::counter!("recado_turns_superseded_total", "at" => "commit").increment(1);
                tracing::debug!(turn.id = %turn, lane.id = %claim.lane, "more was written before the commit; the turn is decided anew");
            }
            Ok(Committed::Stale) => {
                tracing::warn!(turn.id = %turn, lane.id = %claim.lane, "a turn was refused: its lane had been taken over");
            }
            Err(error) => {
                tracing::error!(%error, turn.id = %turn, lane.id = %claim.lane, "a turn could not be committed");
                // Not awaited: other turns wait for this committer, and the permit bounds how many do so.
                let blame = Blame::from(&error);
                let engine = parts.engine.clone();
                tokio::spawn(async move {
                    give_back(&engine, &claim, &blame, Duration::from_millis(800)).await;
                    drop(permit);
                });
                continue;
            }
        }
        drop(permit);
    }
    if sends {
        parts.volatile.publish(Wake::Outbox);
    }
    if posts || again {
        parts.volatile.publish(Wake::Inbox);
    }
    if !sessions.is_empty() {
        let borrowed: Vec<_> = sessions.iter().map(|(id, session)| (*id, session)).collect();
        parts.volatile.save_many(&borrowed).await;
    }
}

fn answer_taps(parts: &Parts, taps: Vec<(String, Option<String>)>) {
    if let (Some(answers), false) = (parts.taps.clone(), taps.is_empty()) {
        tokio::spawn(async move {
            for (callback, text) in taps {
                answers.answer(&callback, text.as_deref()).await;
            }
        });
    }
}
