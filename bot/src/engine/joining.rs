//! Messages of one person that belong together, however far apart they come: a turn begins at once, waits for the rest
//! only where the words show that there is one, and begins anew when more comes before it is committed.

use std::time::Duration;

use recado_agents::desk::unfinished;
use recado_domain::Timestamp;
use recado_domain::event::EventContent;
use recado_store::engine::Claim;
use recado_store::volatile::Wake;

use super::{Parts, bounded};

/// After a message that is not at its end, the rest is waited for so long.
const PAUSE: Duration = Duration::from_millis(1_200);
/// A turn that takes longer than this, because it asks a model, looks so often whether more was written.
const LOOK: Duration = Duration::from_millis(200);

/// Until when a claim should wait for the rest of what its person is writing.
pub(super) fn rest(parts: &Parts, claim: &Claim) -> Option<Timestamp> {
    let EventContent::Message(last) = &claim.events.last()?.content else { return None };
    let with_person = claim.conversation.as_ref().is_some_and(|conversation| conversation.owner.is_human());
    (!with_person && unfinished::seems(&last.body)).then(|| parts.engine.rest_of_pause(claim, PAUSE)).flatten()
}

/// Leaves a lane until then.
pub(super) async fn wait_for_more(parts: &Parts, claim: &Claim, until: Timestamp) {
    metrics::counter!("recado_turns_waiting_total").increment(1);
    if let Err(error) = bounded(parts.engine.rest(claim, until)).await {
        tracing::warn!(%error, lane.id = %claim.lane, "a lane could not be left to rest; its lease will run out");
    }
}

/// What comes of a turn; nothing when its person wrote more meanwhile. Dropping the turn is what gives it up: nothing of
/// it has happened.
pub(super) async fn unless_superseded<T>(
    parts: &Parts,
    claim: &Claim,
    mut turn: impl Future<Output = T> + Unpin,
) -> Option<T> {
    loop {
        tokio::select! {
            biased;
            outcome = &mut turn => return Some(outcome),
            () = tokio::time::sleep(LOOK) => {
                match bounded(parts.engine.is_superseded(claim)).await {
                    Ok(true) => return None,
                    Ok(false) => {}
                    Err(error) => tracing::debug!(%error, lane.id = %claim.lane, "it is not known whether more was written"),
                }
            }
        }
    }
}

/// Gives the lane back, to be answered as a whole.
pub(super) async fn begin_anew(parts: &Parts, claim: &Claim) {
    metrics::counter!("recado_turns_superseded_total", "at" => "decision").increment(1);
    tracing::debug!(lane.id = %claim.lane, "more was written during a turn; it is decided anew");
    if let Err(error) = bounded(parts.engine.release(claim)).await {
        tracing::warn!(%error, lane.id = %claim.lane, "a lane could not be given back; its lease will run out");
    }
    parts.volatile.publish(Wake::Inbox);
}
