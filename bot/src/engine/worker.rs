//! Takes lanes, decides their turns, hands them to the committer.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use recado_domain::contact::PersonIds;
use recado_domain::conversation::{Conversation, Owner, Session};
use recado_domain::effect::Effect;
use recado_domain::event::EventContent;
use recado_domain::merchant::Merchant;
use recado_domain::principal::Principal;
use recado_domain::spend::ModelCall;
use recado_domain::tools::ToolError;
use recado_domain::turn::{TurnInput, TurnOutcome, TurnTrace};
use recado_domain::{ConversationId, TurnId};
use recado_store::StoreError;
use recado_store::engine::{Claim, Decided};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::liveness::Announced;
use super::principals::{Principals, merchant_of};
use super::{Blame, DecideError, Parts, bounded, give_back, joining, memory};

/// A decided turn and the session that it leaves.
pub(super) struct Ready {
    pub(super) turn: Decided,
    pub(super) session: Option<(ConversationId, Session)>,
    /// Spinners to stop after the commit.
    pub(super) taps: Vec<(String, Option<String>)>,
    /// Held until the turn is committed: bounds the lanes in work.
    pub(super) permit: tokio::sync::OwnedSemaphorePermit,
}

/// Why a turn was not decided.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Decision(#[from] DecideError),
    #[error("{0}")]
    Turn(String),
}

impl Problem {
    pub(super) fn blame(&self) -> Blame {
        match self {
            Self::Store(error) => Blame::from(error),
            Self::Decision(DecideError::Facts(ToolError::Away(_))) => Blame::TimedOut,
            Self::Decision(DecideError::Facts(ToolError::DiskFull(_))) => Blame::Nothing,
            Self::Decision(error) => Blame::Failed(error.to_string()),
            Self::Turn(problem) => Blame::Failed(problem.clone()),
        }
    }
}

/// Runs until `stop`, then waits for what is in work.
pub(super) async fn run(
    parts: Parts,
    decided: mpsc::Sender<Ready>,
    nudge: Arc<Notify>,
    mut known: Announced,
    stop: CancellationToken,
) {
    tokio::select! {
        () = known.wait() => {}
        () = stop.cancelled() => {}
    }
    let room = Arc::new(Semaphore::new(parts.settings.lanes));
    let principals = Principals::new(parts.engine.store().clone());
    let mut tasks = tokio::task::JoinSet::new();
    let mut woken = true;
    while !stop.is_cancelled() {
        // At least one lane must have room before any is taken.
        let Ok(first) = Arc::clone(&room).acquire_owned().await else { break };
        let want = parts.settings.claim.min(room.available_permits() as i64 + 1);
        let claims = match bounded(parts.engine.claim(want)).await {
            Ok(claims) => claims,
            Err(error) => {
                tracing::warn!(%error, "lanes could not be claimed, trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
        };
        metrics::counter!("recado_lanes_claimed_total").increment(claims.len() as u64);
        if claims.is_empty() {
            drop(first);
            // After a wake-up something may ripen any moment; after a silence the poll is enough.
            let pause = if woken { parts.engine.rules().gather } else { jittered(parts.settings.poll) };
            tokio::select! {
                () = nudge.notified() => woken = true,
                () = tokio::time::sleep(pause) => woken = false,
                () = stop.cancelled() => {}
            }
            continue;
        }
        let mut sessions = load_sessions(&parts, &claims).await;
        let mut permit = Some(first);
        for claim in claims {
            let permit = match permit.take() {
                Some(permit) => permit,
                None => match Arc::clone(&room).acquire_owned().await {
                    Ok(permit) => permit,
                    Err(_) => return,
                },
            };
            let session = sessions.remove(&ConversationId(claim.lane.0)).unwrap_or_default();
            tasks.spawn(work(parts.clone(), principals.clone(), claim, session, decided.clone(), permit));
        }
        while tasks.try_join_next().is_some() {}
    }
    while tasks.join_next().await.is_some() {}
}

fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(rand::random_range(0.7..1.3))
}

pub(super) async fn load_sessions(parts: &Parts, claims: &[Claim]) -> HashMap<ConversationId, Session> {
    let ids: Vec<ConversationId> = claims
        .iter()
        .filter(|claim| matches!(claim.kind.as_str(), "conversation" | "staff"))
        .map(|claim| ConversationId(claim.lane.0))
        .collect();
    if ids.is_empty() { HashMap::new() } else { parts.volatile.load_many(&ids).await }
}

async fn work(
    parts: Parts,
    principals: Principals,
    mut claim: Claim,
    session: Session,
    decided: mpsc::Sender<Ready>,
    permit: tokio::sync::OwnedSemaphorePermit,
) {
    if let Some(until) = joining::rest(&parts, &claim) {
        joining::wait_for_more(&parts, &claim, until).await;
        return;
    }
    let session = memory::of(&parts, &claim, session).await;
    // Before the turn's own time begins: what is said may take longer to hear than to answer.
    let calls = hear(&parts, &mut claim).await;
    let started = Instant::now();
    let turn = AssertUnwindSafe(decide(&parts, &principals, &claim, session)).catch_unwind();
    let turn = Box::pin(tokio::time::timeout(parts.settings.turn_timeout, turn));
    let Some(decision) = joining::unless_superseded(&parts, &claim, turn).await else {
        joining::begin_anew(&parts, &claim).await;
        return;
    };
    let problem = match decision {
        Ok(Ok(Ok(prepared))) => {
            metrics::histogram!("recado_turn_decide_seconds").record(started.elapsed().as_secs_f64());
            recado_store::chaos::point("decided");
            let Prepared { merchant, conversation, session, principal, mut outcome } = prepared;
            note_calls(&mut outcome, &claim, &calls);
            let taps = outcome.effects.iter().filter_map(tap).collect();
            let turn = Decided {
                id: TurnId::new(claim.claimed_at),
                merchant,
                conversation,
                effects: outcome.effects,
                trace: outcome.trace,
                principal,
                decided_at: parts.engine.store().clock().now(),
                claim,
            };
            let ready = Ready { turn, session, taps, permit };
            if let Err(lost) = decided.send(ready).await {
                let _ = bounded(parts.engine.release(&lost.0.turn.claim)).await;
            }
            return;
        }
        Ok(Ok(Err(problem))) => problem,
        Ok(Err(_)) => Problem::Turn("the turn panicked".to_owned()),
        Err(_) => Problem::Turn(format!("the turn took longer than {} s", parts.settings.turn_timeout.as_secs())),
    };
    metrics::counter!("recado_turns_failed_total").increment(1);
    tracing::error!(lane.id = %claim.lane, lane.kind = claim.kind, trace.id = %claim.trace, %problem, "a turn failed");
    give_back(&parts.engine, &claim, &problem.blame(), pause_after(&claim)).await;
}

async fn hear(parts: &Parts, claim: &mut Claim) -> Vec<ModelCall> {
    match &parts.ears {
        Some(ears) => ears.hear(claim).await,
        None => Vec::new(),
    }
}

/// Keeps the calls that hearing took, as those of a turn's own questions are kept.
fn note_calls(outcome: &mut TurnOutcome, claim: &Claim, calls: &[ModelCall]) {
    for call in calls {
        outcome.trace.tools.push(call.line());
        outcome.effects.push(Effect::Audit {
            actor: "model".to_owned(),
            action: "model.call".to_owned(),
            object: claim.lane.to_string(),
            outcome: call.line(),
        });
    }
}

/// How long a lane rests after a failure: half a second, growing with its epoch's low bits as jitter.
pub(super) fn pause_after(claim: &Claim) -> Duration {
    Duration::from_millis(400 + (claim.lane.0.as_bytes()[15] as u64) * 2)
}

fn tap(effect: &Effect) -> Option<(String, Option<String>)> {
    match effect {
        Effect::AnswerTap { callback_id, text } => Some((callback_id.clone(), text.clone())),
        _ => None,
    }
}

pub(super) struct Prepared {
    pub(super) merchant: Arc<Merchant>,
    pub(super) conversation: Option<Conversation>,
    pub(super) session: Option<(ConversationId, Session)>,
    pub(super) principal: &'static str,
    pub(super) outcome: TurnOutcome,
}

pub(super) async fn decide(
    parts: &Parts,
    principals: &Principals,
    claim: &Claim,
    session: Session,
) -> Result<Prepared, Problem> {
    let store = parts.engine.store();
    let merchant = merchant_of(store, claim)
        .await?
        .ok_or_else(|| Problem::Turn("its merchant is not known; add one with `recado merchants add`".to_owned()))?;
    // Facts and delivery reports need no decision: the store applies them in the turn's transaction.
    if matches!(claim.kind.as_str(), "order" | "receipts" | "thing") {
        let trace = TurnTrace { agent: "facts".to_owned(), decision: "stored".to_owned(), ..TurnTrace::default() };
        let outcome = TurnOutcome { trace, ..TurnOutcome::default() };
        return Ok(Prepared { merchant, conversation: None, session: None, principal: "system", outcome });
    }
    let mut conversation = conversation_before(claim, &merchant, store).await?;
    let person = conversation.as_ref().map(|conversation| conversation.person.clone());
    let (principal, phone) = principals.of(claim, &merchant, person.as_ref()).await?;
    let tools = store.tool_box(&principal, &merchant, phone).await?;
    let label = Principal::label(&principal);
    let input = TurnInput {
        merchant: Arc::clone(&merchant),
        conversation: conversation.clone(),
        session,
        principal,
        events: claim.events.clone(),
        now: claim.claimed_at,
    };
    let outcome = parts.desk.decide(&input, &tools).await?;
    if let Some(conversation) = conversation.as_mut() {
        for effect in &outcome.effects {
            match effect {
                Effect::SetOwner(owner) => conversation.owner = owner.clone(),
                Effect::SetLanguage(language) => conversation.language = Some(*language),
                Effect::SetStopped(stopped) => conversation.stopped = *stopped,
                _ => {}
            }
        }
    }
    // Dialogues have memory: a person's, and that of staff in a chat. A lane is its own key.
    let remembers = matches!(claim.kind.as_str(), "conversation" | "staff");
    let session = remembers.then(|| {
        let session = Session { turn: memory::turn_of(claim), ..outcome.session.clone() };
        (ConversationId(claim.lane.0), session)
    });
    Ok(Prepared { merchant, conversation, session, principal: label, outcome })
}

/// The conversation with what the waiting messages tell of the person, before anything is decided.
async fn conversation_before(
    claim: &Claim,
    merchant: &Merchant,
    store: &recado_store::Store,
) -> Result<Option<Conversation>, StoreError> {
    if claim.kind != "conversation" {
        return Ok(None);
    }
    let known = store.directory().await?;
    let number = known.number_of(merchant.id).unwrap_or_default().to_owned();
    let mut conversation = claim.conversation.clone().unwrap_or_else(|| Conversation {
        id: ConversationId(claim.lane.0),
        merchant: merchant.id,
        person: PersonIds::default(),
        phone_number_id: number,
        profile_name: None,
        language: None,
        owner: Owner::Bot,
        stopped: false,
        last_inbound_at: None,
        turns: 0,
    });
    for event in &claim.events {
        let EventContent::Message(message) = &event.content else { continue };
        if message.from.user_id.is_some() {
            conversation.person.user_id.clone_from(&message.from.user_id);
        }
        if message.from.wa_id.is_some() {
            conversation.person.wa_id.clone_from(&message.from.wa_id);
        }
        if message.profile_name.is_some() {
            conversation.profile_name.clone_from(&message.profile_name);
        }
        conversation.last_inbound_at = conversation.last_inbound_at.max(Some(message.sent_at));
    }
    Ok(Some(conversation))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(error: ToolError) -> Blame {
        Problem::from(DecideError::from(error)).blame()
    }

    #[test]
    fn facts_that_could_not_be_read_are_held_against_a_turn_only_when_they_never_can_be() {
        assert_eq!(facts(ToolError::Away("a lock was waited for too long".into())), Blame::TimedOut);
        assert_eq!(facts(ToolError::DiskFull("no space left".into())), Blame::Nothing);
        assert_eq!(
            facts(ToolError::Broken("orders.total holds what it cannot hold".into())),
            Blame::Failed("facts cannot be read: orders.total holds what it cannot hold".into())
        );
        assert_eq!(
            Problem::from(DecideError::Desk("a template lacks a word".into())).blame(),
            Blame::Failed("no decision: a template lacks a word".into())
        );
    }
}
