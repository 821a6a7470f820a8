//! Summaries of long conversations, made behind their turns: nobody who writes waits for one. Which conversations wait is a
//! hint of whoever commits, which may be lost; what of them waits is asked of the database. A summary that cannot be made, or
//! does not pass, is missed by nobody: the facts tell the course, and the next turns ask anew.

use std::sync::Arc;

use recado_agents::model::gateway::AskError;
use recado_agents::model::{Summariser, Summarising};
use recado_domain::spend::ModelCall;
use recado_domain::summary::{Summary, is_due};
use recado_domain::{ConversationId, MerchantId};
use recado_store::StoreError;
use recado_store::engine::Claim;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Parts, bounded, memory};

/// Conversations that wait at most; further ones wait for their next turns.
const WAITING: usize = 256;

/// A conversation of a shop.
type Long = (MerchantId, ConversationId);

/// Tells which conversations have become long enough.
#[derive(Clone)]
pub(super) struct Hint(mpsc::Sender<Long>);

impl Hint {
    /// After a turn was committed.
    pub(super) fn committed(&self, claim: &Claim) {
        let (Some(merchant), "conversation") = (claim.merchant, claim.kind.as_str()) else { return };
        if is_due(memory::turn_of(claim)) && self.0.try_send((merchant, ConversationId(claim.lane.0))).is_err() {
            count("not_asked");
        }
    }
}

/// The two ends of the hints.
pub(super) fn hints() -> (Hint, mpsc::Receiver<Long>) {
    let (hint, waiting) = mpsc::channel(WAITING);
    (Hint(hint), waiting)
}

fn count(outcome: &'static str) {
    metrics::counter!("recado_summaries_total", "outcome" => outcome).increment(1);
}

/// Makes them, one after the other, so that people who wait for the same model come first.
pub(super) async fn make(
    parts: Parts,
    summariser: Arc<Summariser>,
    mut waiting: mpsc::Receiver<Long>,
    stop: CancellationToken,
) {
    loop {
        let (merchant, conversation) = tokio::select! {
            long = waiting.recv() => match long {
                Some(long) => long,
                None => return,
            },
            () = stop.cancelled() => return,
        };
        let made = tokio::select! {
            made = of(&parts, &summariser, merchant, conversation) => made,
            // A call that is given up is paid; the conversation's next turns ask anew.
            () = stop.cancelled() => return,
        };
        match made {
            Ok(outcome) => count(outcome),
            Err(error) => {
                count("no_store");
                tracing::info!(%error, conversation.id = %conversation, "a conversation could not be summarised");
            }
        }
    }
}

async fn of(
    parts: &Parts,
    summariser: &Summariser,
    merchant: MerchantId,
    conversation: ConversationId,
) -> Result<&'static str, StoreError> {
    let store = parts.engine.store();
    let facts = store.merchant(merchant);
    let Some(waits) = bounded(facts.unsummarised(conversation)).await? else { return Ok("nothing_new") };
    let language = bounded(store.directory()).await?.merchant(merchant).map(|shop| shop.language).unwrap_or_default();
    let (purse, now) = (summariser.purse(), store.clock().now());
    let what = Summarising {
        merchant,
        conversation,
        now,
        language,
        before: waits.before.as_ref().map(|summary| summary.body.as_str()),
        said: &waits.said,
    };
    let made = Box::pin(summariser.summarise(&what, &purse)).await;
    let calls = purse.take_calls();
    let summary = made.as_ref().ok().map(|body| Summary {
        body: body.clone(),
        language,
        model: worded_by(&calls, summariser),
        turns: waits.turns,
        through: waits.through,
        through_at: waits.through_at,
        made_at: now,
    });
    // What was paid stands in the record, whatever came of it.
    let kept = bounded(facts.keep_summary(conversation, summary.as_ref(), &calls)).await?;
    Ok(match made {
        Ok(_) if kept => "kept",
        Ok(_) => "gone",
        Err(AskError::Useless(reason)) => {
            tracing::info!(reason, conversation.id = %conversation, "a summary did not pass; the facts tell the course");
            "refused"
        }
        Err(error) => error.label(),
    })
}

/// The model whose answer was taken: the last one's that answered, or of an answer that is remembered, the first.
fn worded_by(calls: &[ModelCall], summariser: &Summariser) -> String {
    let answered = calls.iter().rev().find(|call| call.outcome == "ok").map(|call| call.model.as_str());
    answered.unwrap_or(summariser.model()).to_owned()
}
