//! What shops' own answers mean, made behind whoever writes them: nobody who saves an answer waits for a model. What has
//! no meaning yet, or that of an older text or of another model, is asked of the database; so nothing is forgotten by a
//! crash, and a new model's name is enough to make all of them anew.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use recado_agents::Gateway;
use recado_agents::model::gateway::{AskError, Charge};
use recado_agents::model::transport::CallError;
use recado_domain::knowledge::Entry;
use recado_domain::knowledge::meaning::{Background, text_of};
use recado_domain::{KnowledgeId, MerchantId, Timestamp};
use recado_store::StoreError;
use recado_store::audit::AuditEntry;
use tokio_util::sync::CancellationToken;

use super::{Parts, bounded};

/// How often answers without a meaning are looked for.
const POLL: Duration = Duration::from_secs(5);
/// Between two batches, so that people who wait for the same model come first.
const BREATH: Duration = Duration::from_millis(100);
/// After a failure.
const PAUSE: Duration = Duration::from_secs(15);
/// Answers of one call.
const BATCH: usize = 16;
/// Answers that the model refuses are left alone until so many are known, or until the next start.
const REFUSED: usize = 500;

#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error(transparent)]
    Ask(#[from] AskError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Answers, as they were, that the model does not take.
type Refused = HashSet<(KnowledgeId, Timestamp)>;

/// Makes meanings, a bounded part at a time. Without `makes` it only learns what questions are compared with. Replicas may
/// do so at once: the last to keep a meaning of the same text keeps the same.
pub(super) async fn keep(parts: Parts, gateway: Arc<Gateway>, makes: bool, stop: CancellationToken) {
    let mut refused = Refused::new();
    let mut wait = Duration::ZERO;
    loop {
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stop.cancelled() => return,
        }
        let made = tokio::select! {
            made = pass(&parts, &gateway, makes, &mut refused) => made,
            // A call that is given up is paid and made again.
            () = stop.cancelled() => return,
        };
        wait = match made {
            Ok(0) => POLL,
            Ok(made) => {
                metrics::counter!("recado_knowledge_meanings_total").increment(made as u64);
                BREATH
            }
            Err(error) => {
                tracing::info!(%error, "what answers mean could not be made, trying again; their words find them");
                PAUSE
            }
        };
    }
}

/// A batch for each shop that has something to make. Returns how many were made.
async fn pass(parts: &Parts, gateway: &Gateway, makes: bool, refused: &mut Refused) -> Result<usize, NotMade> {
    let store = parts.engine.store();
    let purse = gateway.task_purse();
    let background = gateway.background(store.clock().now(), &purse).await;
    for call in purse.take_calls() {
        let line = call.line();
        let entry =
            AuditEntry { merchant: None, actor: "model", action: "model.call", object: "knowledge", outcome: &line };
        bounded(store.audit(&entry)).await?;
    }
    let background = background?;
    if !makes {
        return Ok(0);
    }
    if refused.len() > REFUSED {
        refused.clear();
    }
    let mut made = 0;
    for shop in bounded(store.shops_without_meanings(&background)).await? {
        match of_shop(parts, gateway, &background, shop, refused).await {
            Ok(more) => made += more,
            // Others have a budget of their own.
            Err(NotMade::Ask(AskError::OverBudget("merchant"))) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

async fn of_shop(
    parts: &Parts,
    gateway: &Gateway,
    background: &Background,
    shop: MerchantId,
    refused: &mut Refused,
) -> Result<usize, NotMade> {
    let facts = parts.engine.store().merchant(shop);
    let waiting = bounded(facts.knowledge_without_meaning(background, BATCH + refused.len())).await?;
    let known = |entry: &Entry| refused.contains(&(entry.id, entry.updated_at));
    let batch: Vec<Entry> = waiting.into_iter().filter(|entry| !known(entry)).take(BATCH).collect();
    if batch.is_empty() {
        return Ok(0);
    }
    match make(parts, gateway, shop, &batch).await {
        Ok(()) => return Ok(batch.len()),
        Err(error) if !is_refused(&error) => return Err(error),
        Err(_) => {}
    }
    // One of them is too much for the model: each by itself, so that the others are not held up by it.
    let mut made = 0;
    for entry in batch {
        match make(parts, gateway, shop, std::slice::from_ref(&entry)).await {
            Ok(()) => made += 1,
            Err(error) if is_refused(&error) => {
                tracing::warn!(knowledge.id = %entry.id, %error, "the model for vectors does not take an answer; its words find it");
                refused.insert((entry.id, entry.updated_at));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(made)
}

async fn make(parts: &Parts, gateway: &Gateway, shop: MerchantId, batch: &[Entry]) -> Result<(), NotMade> {
    let store = parts.engine.store();
    let purse = gateway.task_purse();
    let texts: Vec<String> = batch.iter().map(|entry| text_of(&entry.content)).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let charge = Charge { merchant: Some(shop), conversation: None, now: store.clock().now(), purse: &purse };
    let meanings = gateway.meanings_in_time(&texts, &charge).await;
    let calls = purse.take_calls();
    let made: Vec<_> = match &meanings {
        Ok(meanings) => batch.iter().zip(meanings.iter().cloned()).collect(),
        Err(_) => Vec::new(),
    };
    // What was paid stands in the record, whatever came of it.
    bounded(store.merchant(shop).keep_meanings(&made, &calls)).await?;
    meanings.map(|_| ()).map_err(NotMade::Ask)
}

/// Whether the server said no to what was asked, rather than to being asked.
fn is_refused(error: &NotMade) -> bool {
    matches!(error, NotMade::Ask(AskError::Call(CallError::Refused { status: 400 | 413 | 422, .. })))
}
