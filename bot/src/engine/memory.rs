//! The memory of a dialogue, as it was left by the turn before. It is saved right after that turn's commit, so whoever
//! claims the next turn in between, or on another replica, may read an older one: then it waits a moment for its own.

use std::time::Duration;

use recado_domain::conversation::{Conversation, Session};
use recado_domain::story::Story;
use recado_domain::{ConversationId, Timestamp};
use recado_store::engine::Claim;
use recado_store::volatile::Volatile;

use super::{Parts, bounded};

/// Memory is kept for a day after it was last used; an older dialogue has none to wait for.
const KEPT: Duration = Duration::from_secs(24 * 3_600);
/// Waits between two looks; in all less than a person notices. A memory that was lost is missed once: the turn then
/// saves a new one.
const LOOKS: [u64; 5] = [5, 10, 20, 40, 80];

/// Whether a memory is older than the last committed turn of its conversation.
fn is_behind(session: &Session, conversation: &Conversation, now: Timestamp) -> bool {
    let recent = conversation.last_inbound_at.is_some_and(|at| now.since(at) < KEPT);
    recent && session.turn < conversation.turns
}

/// Turns from which a lost story is told again: those of a long day of talk.
const TOLD_AGAIN: i64 = 200;

/// The memory that belongs to a claim. Where it is lost, the course of the dialogue is told again from the turns that are
/// kept; what was asked last is not.
pub(super) async fn of(parts: &Parts, claim: &Claim, session: Session) -> Session {
    let mut session = current(parts.volatile.as_ref(), claim, session).await;
    let lost = claim.conversation.as_ref().is_some_and(|known| is_behind(&session, known, claim.claimed_at));
    if lost {
        match bounded(parts.engine.store().past_turns(ConversationId(claim.lane.0), TOLD_AGAIN)).await {
            Ok(turns) => session.story = Story::of_turns(&turns),
            Err(error) => {
                tracing::debug!(%error, lane.id = %claim.lane, "the story of a dialogue could not be told again")
            }
        }
    }
    session
}

/// The given memory, or a newer one that arrives within a moment.
async fn current(volatile: &dyn Volatile, claim: &Claim, mut session: Session) -> Session {
    let Some(conversation) = &claim.conversation else { return session };
    let id = ConversationId(claim.lane.0);
    for wait in LOOKS {
        if !is_behind(&session, conversation, claim.claimed_at) {
            return session;
        }
        tokio::time::sleep(Duration::from_millis(wait)).await;
        if let Some(newer) = volatile.load_many(&[id]).await.remove(&id) {
            session = newer;
        }
    }
    if is_behind(&session, conversation, claim.claimed_at) {
        metrics::counter!("recado_sessions_missed_total").increment(1);
    }
    session
}

/// The turn that a memory is of, once this claim's turn is committed.
pub(super) fn turn_of(claim: &Claim) -> i64 {
    claim.conversation.as_ref().map_or(0, |conversation| conversation.turns) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use recado_domain::clock::ManualClock;
    use recado_domain::contact::PersonIds;
    use recado_domain::conversation::Owner;
    use recado_domain::{Clock as _, LaneId, MerchantId, TraceId};
    use recado_store::volatile::{VolatileSettings, open};
    use std::sync::Arc;

    fn claim(turns: i64, quiet: Duration) -> Claim {
        let now = Timestamp::parse("2026-11-26T17:00:00Z").unwrap();
        let lane = LaneId::derived(&["a conversation"]);
        let conversation = Conversation {
            id: ConversationId(lane.0),
            merchant: MerchantId::derived(&["shop"]),
            person: PersonIds::default(),
            phone_number_id: "1".into(),
            profile_name: None,
            language: None,
            owner: Owner::Bot,
            stopped: false,
            last_inbound_at: Some(now.minus(quiet)),
            turns,
        };
        Claim {
            lane,
            kind: "conversation".into(),
            merchant: Some(conversation.merchant),
            epoch: 1,
            events: Vec::new(),
            trace: TraceId::new(now),
            received_at: now,
            newest_at: now,
            conversation: Some(conversation),
            claimed_at: now,
            timeouts: 0,
        }
    }

    fn remembered(turn: i64) -> Session {
        Session { turn, confusions: u8::try_from(turn).unwrap(), ..Session::default() }
    }

    #[tokio::test]
    async fn a_memory_that_is_just_being_saved_is_waited_for_and_a_lost_one_is_not_waited_for_long() {
        let clock = Arc::new(ManualClock::at(claim(0, Duration::ZERO).claimed_at));
        assert_eq!(clock.now(), claim(0, Duration::ZERO).claimed_at);
        let stop = tokio_util::sync::CancellationToken::new();
        let volatile = open(&VolatileSettings::default(), clock, &stop).unwrap();
        let behind = claim(7, Duration::from_secs(5));
        let id = ConversationId(behind.lane.0);
        let (waits, saves) = tokio::join!(current(volatile.as_ref(), &behind, remembered(6)), async {
            tokio::time::sleep(Duration::from_millis(12)).await;
            volatile.save_many(&[(id, &remembered(7))]).await;
        });
        let () = saves;
        assert_eq!(waits.turn, 7);
        // Nobody saves anything more: the older memory has to do.
        let lost = claim(8, Duration::from_secs(5));
        assert_eq!(current(volatile.as_ref(), &lost, remembered(7)).await.turn, 7);
        // A dialogue of last week has no memory to wait for, and a memory that is ahead is as good.
        let old = claim(7, Duration::from_secs(7 * 86_400));
        assert_eq!(current(volatile.as_ref(), &old, Session::default()).await.turn, 0);
        assert_eq!(current(volatile.as_ref(), &behind, remembered(9)).await.turn, 9);
        assert_eq!(turn_of(&behind), 8);
    }
}
