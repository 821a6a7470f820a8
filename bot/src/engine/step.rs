//! The queues by hand: the same claims, turns, commits and sends as the loops, one after the other, for a replay whose
//! clock moves only when told to.

use recado_store::StoreError;
use recado_store::engine::{Committed, Decided, Settled};

use super::principals::Principals;
use super::{Blame, Parts, set_back, worker};

/// What stepping came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stepped {
    /// Committed turns.
    pub turns: u64,
    /// Turns that failed; their lanes rest until the clock has moved.
    pub failed: u64,
    /// Messages that left.
    pub sends: u64,
}

/// Works the queues by hand.
pub struct Stepper {
    parts: Parts,
    principals: Principals,
}

impl Stepper {
    /// Over these parts. Nothing else may work on their store.
    pub fn new(parts: Parts) -> Self {
        let principals = Principals::new(parts.engine.store().clone());
        Self { parts, principals }
    }

    /// Works until nothing can be done at this instant.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn settle(&self) -> Result<Stepped, StoreError> {
        let mut stepped = Stepped::default();
        loop {
            let before = stepped;
            self.turns(&mut stepped).await?;
            self.sends(&mut stepped).await?;
            if stepped == before {
                return Ok(stepped);
            }
        }
    }

    async fn turns(&self, stepped: &mut Stepped) -> Result<(), StoreError> {
        let engine = &self.parts.engine;
        let mut claims = engine.claim(self.parts.settings.claim).await?;
        // Lanes are independent; a fixed order makes two replays alike.
        claims.sort_by_key(|claim| (claim.events.first().map(|event| event.occurred_at), claim.lane));
        let mut sessions = worker::load_sessions(&self.parts, &claims).await;
        for claim in claims {
            let session = sessions.remove(&recado_domain::ConversationId(claim.lane.0)).unwrap_or_default();
            let deciding = worker::decide(&self.parts, &self.principals, &claim, session);
            let prepared = match deciding.await {
                Ok(prepared) => prepared,
                Err(problem) => {
                    stepped.failed += 1;
                    tracing::warn!(lane.id = %claim.lane, lane.kind = claim.kind, %problem, "a turn failed");
                    set_back(engine, &claim, &problem.blame(), worker::pause_after(&claim)).await?;
                    continue;
                }
            };
            let session = prepared.session;
            let turn = Decided {
                id: recado_domain::TurnId::new(claim.claimed_at),
                merchant: prepared.merchant,
                conversation: prepared.conversation,
                effects: prepared.outcome.effects,
                trace: prepared.outcome.trace,
                principal: prepared.principal,
                decided_at: engine.store().clock().now(),
                claim: claim.clone(),
            };
            for outcome in engine.commit(vec![turn]).await {
                match outcome {
                    Ok(Committed::Yes { .. }) => stepped.turns += 1,
                    Ok(Committed::Stale | Committed::Superseded) => stepped.failed += 1,
                    Err(error) => {
                        stepped.failed += 1;
                        set_back(engine, &claim, &Blame::from(&error), worker::pause_after(&claim)).await?;
                    }
                }
            }
            if let Some((id, session)) = &session {
                self.parts.volatile.save_many(&[(*id, session)]).await;
            }
        }
        Ok(())
    }

    async fn sends(&self, stepped: &mut Stepped) -> Result<(), StoreError> {
        let engine = &self.parts.engine;
        for row in engine.claim_sends(64).await? {
            let channel = row.recipient.channel();
            let (result, settlement) = match self.parts.senders.get(&channel) {
                Some(sender) => (sender.send(&row).await, sender.settlement()),
                None => {
                    let reason = format!("{} is not configured here", channel.code());
                    (recado_domain::outbound::SendResult::Failed { reason }, recado_domain::outbound::Settlement::Staff)
                }
            };
            stepped.sends += 1;
            engine.settle_sends(&[Settled::of(&row, settlement, result)]).await?;
        }
        Ok(())
    }
}
