//! Carries out confirmed changes on outside systems: looks, calls when nothing stands there, looks again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recado_domain::action::{Actor, Called, Next, Planned, Standing, next};
use recado_domain::event::Destination;
use recado_domain::{MerchantId, TraceId};
use recado_store::StoreError;
use recado_store::engine::ActionOutcome;
use recado_store::volatile::Wake;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Parts, bounded};

/// Taken at once. A person waits for each, and each takes a second.
const AT_ONCE: i64 = 8;
/// How often the rows are asked; a person has just confirmed.
const POLL: Duration = Duration::from_millis(500);
/// No look and no call takes longer.
const CALL: Duration = Duration::from_secs(15);
/// A process that stood still for this long between its claim and its call does not call.
const STALE: Duration = Duration::from_secs(30);
/// How soon a call that was taken is read back.
const READ_BACK: Duration = Duration::from_millis(300);

/// Who changes which shop.
#[derive(Clone)]
pub struct ShopActor {
    /// The shop's permanent domain: whose it is stands in the directory.
    pub shop: String,
    /// The client.
    pub actor: Arc<dyn Actor>,
}

/// Starts the loop.
pub(super) fn start(parts: &Parts, stop: &CancellationToken) -> JoinHandle<()> {
    tokio::spawn(run(parts.clone(), stop.clone()))
}

async fn run(parts: Parts, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let claimed = match bounded(parts.engine.claim_actions(AT_ONCE)).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "actions could not be claimed, trying again");
                Vec::new()
            }
        };
        if claimed.is_empty() {
            tokio::select! {
                () = tokio::time::sleep(POLL) => {}
                () = stop.cancelled() => {}
            }
            continue;
        }
        let taken = Instant::now();
        let works = claimed.into_iter().map(|(planned, trace)| work(&parts, planned, trace, taken));
        futures::future::join_all(works).await;
    }
    match bounded(parts.engine.free_actions()).await {
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "actions could not be given back; their leases will run out"),
    }
}

async fn work(parts: &Parts, planned: Planned, trace: TraceId, taken: Instant) {
    let outcome = match carry_on(parts, &planned, taken).await {
        Ok(outcome) => outcome,
        Err(error) => {
            tracing::warn!(%error, action.id = %planned.id, "an action could not be carried on; its lease will run out");
            return;
        }
    };
    let recorded = match outcome {
        Step::Rest(after, reason) => bounded(parts.engine.rest_action(planned.id, after, &reason)).await,
        Step::End(outcome) => {
            let word = match &outcome {
                ActionOutcome::Done => "done",
                ActionOutcome::Failed(_) => "failed",
                ActionOutcome::Uncertain(_) => "uncertain",
            };
            metrics::counter!("recado_actions_total", "kind" => planned.action.kind(), "outcome" => word).increment(1);
            tracing::info!(action.id = %planned.id, trace.id = %trace, outcome = word, "an action ended");
            let settled = bounded(parts.engine.settle_action(&planned, trace, &outcome)).await;
            parts.volatile.publish(Wake::Inbox);
            settled
        }
    };
    if let Err(error) = recorded {
        tracing::warn!(%error, action.id = %planned.id, "what became of an action could not be recorded; it is looked at again");
    }
}

enum Step {
    Rest(Duration, String),
    End(ActionOutcome),
}

impl Step {
    fn of(next: Next) -> Option<Self> {
        Some(match next {
            Next::Done => Self::End(ActionOutcome::Done),
            Next::Fail(reason) => Self::End(ActionOutcome::Failed(reason)),
            Next::GiveUp(reason) => Self::End(ActionOutcome::Uncertain(reason)),
            Next::Wait(after, reason) => Self::Rest(after, reason),
            Next::Call => return None,
        })
    }
}

async fn carry_on(parts: &Parts, planned: &Planned, taken: Instant) -> Result<Step, StoreError> {
    let Some(actor) = actor_of(parts, planned.merchant).await? else {
        return Ok(Step::End(ActionOutcome::Failed("no_access".to_owned())));
    };
    let clock = parts.engine.store().clock();
    let blind = parts.engine.rules().sabotage.blind_action;
    if !blind {
        let standing = look(actor.as_ref(), planned).await;
        if let Some(step) = Step::of(next(planned, &standing, clock.now(), parts.settings.settle)) {
            return Ok(step);
        }
    }
    if taken.elapsed() > STALE {
        return Ok(Step::Rest(Duration::ZERO, "the process stood still".to_owned()));
    }
    if !bounded(parts.engine.mark_call(planned.id)).await? {
        return Ok(Step::Rest(Duration::ZERO, "taken over".to_owned()));
    }
    recado_store::chaos::point("calling");
    let called = tokio::time::timeout(CALL, actor.call(planned)).await;
    recado_store::chaos::point("acted");
    let called = called.unwrap_or(Called::Unclear { reason: "no answer in time".to_owned() });
    let made = Planned { calls: planned.calls + 1, called_at: Some(clock.now()), ..planned.clone() };
    let wait = match called {
        Called::Taken => READ_BACK,
        Called::Unclear { reason } => {
            tracing::warn!(action.id = %planned.id, reason, "the answer to an action was lost; it will be looked for");
            recado_domain::action::LOOK_AGAIN
        }
        Called::NotTaken { reason, after } => {
            // Surely not taken. The row says "perhaps", which costs a wait and cannot cost a second call.
            return Ok(Step::Rest(after.unwrap_or(recado_domain::action::LOOK_AGAIN), reason));
        }
        // «Already cancelled» is a refusal as well: what stands there decides.
        Called::Refused { reason } => {
            return Ok(Step::End(match look(actor.as_ref(), &made).await {
                Standing::Applied => ActionOutcome::Done,
                Standing::Impossible { reason } => ActionOutcome::Failed(reason),
                _ => ActionOutcome::Failed(reason),
            }));
        }
    };
    tokio::time::sleep(wait).await;
    let standing = look(actor.as_ref(), &made).await;
    // It was called just now, so this is never another call.
    Ok(Step::of(next(&made, &standing, clock.now(), parts.settings.settle))
        .unwrap_or_else(|| Step::Rest(recado_domain::action::LOOK_AGAIN, "asked for, does not show yet".to_owned())))
}

async fn look(actor: &dyn Actor, planned: &Planned) -> Standing {
    let look = tokio::time::timeout(CALL, actor.look(planned)).await;
    look.unwrap_or(Standing::Unreadable { reason: "no answer in time".to_owned() })
}

/// Who may change the shop of a merchant; `None` when no access to it is configured here.
async fn actor_of(parts: &Parts, merchant: MerchantId) -> Result<Option<Arc<dyn Actor>>, StoreError> {
    let known = parts.engine.store().directory().await?;
    let owns = |actor: &&ShopActor| known.merchant_of(&Destination::Shop(actor.shop.clone())) == Some(merchant);
    Ok(parts.shops.iter().find(owns).map(|shop| Arc::clone(&shop.actor)))
}
