//! Empties the outbox: takes rows, calls the platform, records what it came to.

use std::sync::Arc;
use std::time::{Duration, Instant};

use recado_domain::contact::Channel;
use recado_domain::outbound::{Away, SendResult, Sendable, Settlement};
use recado_store::engine::Settled;
use recado_store::volatile::LiveEvent;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::attachments::{Maker, Prepared, judged};
use super::{Parts, bounded};

/// No call to a platform takes longer.
const CALL: Duration = Duration::from_secs(25);
/// Results recorded in one transaction at most.
const BATCH: usize = 64;

type Done = (Settled, Option<OwnedSemaphorePermit>);

/// Starts the sender and its recorder.
pub(super) fn start(parts: &Parts, nudge: &Arc<Notify>, stop: &CancellationToken) -> Vec<JoinHandle<()>> {
    let (done, results) = mpsc::channel(parts.settings.sends.max(1) * 2);
    vec![
        tokio::spawn(send_loop(parts.clone(), done, Arc::clone(nudge), stop.clone())),
        tokio::spawn(record_loop(parts.clone(), results, Arc::clone(nudge))),
    ]
}

/// Calls at the same time, apart for each channel: a platform that hangs takes no room from the other, and staff hear on
/// Telegram that WhatsApp is away.
struct Rooms {
    whatsapp: Arc<Semaphore>,
    telegram: Arc<Semaphore>,
}

impl Rooms {
    /// Staff are few: a quarter of the room is enough for their chats.
    fn new(sends: usize) -> Self {
        Self {
            whatsapp: Arc::new(Semaphore::new(sends.max(1))),
            telegram: Arc::new(Semaphore::new((sends / 4).max(1))),
        }
    }

    fn of(&self, channel: Channel) -> Arc<Semaphore> {
        Arc::clone(match channel {
            Channel::WhatsApp => &self.whatsapp,
            Channel::Telegram => &self.telegram,
        })
    }

    /// Over which channel rows may be taken, and how many. Shoppers are many, so theirs is the room that is waited for;
    /// while it is full, staff's messages are looked for now and then.
    async fn next(&self, poll: Duration) -> (Option<Channel>, i64) {
        tokio::select! {
            biased;
            free = self.whatsapp.acquire() => drop(free),
            () = tokio::time::sleep(poll) => return (Some(Channel::Telegram), 8),
        }
        (None, self.whatsapp.available_permits().clamp(1, 64) as i64)
    }
}

async fn send_loop(parts: Parts, done: mpsc::Sender<Done>, nudge: Arc<Notify>, stop: CancellationToken) {
    let rooms = Rooms::new(parts.settings.sends);
    let maker = Maker::default();
    let mut calls = tokio::task::JoinSet::new();
    while !stop.is_cancelled() {
        let (only, want) = rooms.next(parts.settings.poll).await;
        let claimed = Instant::now();
        let rows = match bounded(parts.engine.claim_sends_over(only, want)).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "messages to send could not be claimed, trying again");
                tokio::time::sleep(Duration::from_millis(500)).await;
                continue;
            }
        };
        if rows.is_empty() && only.is_none() {
            tokio::select! {
                () = nudge.notified() => {}
                () = tokio::time::sleep(parts.settings.poll) => {}
                () = stop.cancelled() => {}
            }
            continue;
        }
        for row in rows {
            let room = rooms.of(row.recipient.channel());
            // Taken here where there is room, so that the next claim sees what is left.
            let permit = Arc::clone(&room).try_acquire_owned().ok();
            calls.spawn(send(parts.clone(), maker.clone(), row, claimed, done.clone(), (room, permit)));
        }
        while calls.try_join_next().is_some() {}
    }
    // What is on its way is finished and recorded: a drain leaves nothing unclear.
    while calls.join_next().await.is_some() {}
}

async fn send(
    parts: Parts,
    maker: Maker,
    mut row: Sendable,
    claimed: Instant,
    done: mpsc::Sender<Done>,
    (room, permit): (Arc<Semaphore>, Option<OwnedSemaphorePermit>),
) {
    let channel = row.recipient.channel();
    let permit = match permit {
        Some(permit) => Some(permit),
        None => tokio::time::timeout_at((claimed + stand(&parts)).into(), room.acquire_owned())
            .await
            .ok()
            .and_then(Result::ok),
    };
    let started = Instant::now();
    let (result, settlement) = match parts.senders.get(&channel) {
        None => {
            let reason = format!("{} is not configured here", channel.code());
            (SendResult::Away { why: Away::NotHere, after: Some(Duration::from_secs(60)), reason }, Settlement::Staff)
        }
        Some(sender) if permit.is_none() => (
            SendResult::Away {
                why: Away::Slow,
                after: None,
                reason: "the platform is slow and others are before it".to_owned(),
            },
            sender.settlement(),
        ),
        Some(sender) => {
            let result = match maker.prepare(&parts.engine, sender.as_ref(), &mut row).await {
                Prepared::Not(result) => result,
                // This process stood still for long; the row may be another's by now. Not sent, so nothing is unclear.
                Prepared::Ready { .. } if claimed.elapsed() > stand(&parts) => {
                    SendResult::Away { why: Away::Slow, after: None, reason: "the sender stood still".to_owned() }
                }
                Prepared::Ready { given_before } => {
                    let call = tokio::time::timeout(CALL, sender.send(&row)).await;
                    let result = call.unwrap_or(SendResult::Ambiguous { reason: "no answer in time".to_owned() });
                    judged(&parts.engine, &row, given_before, result).await
                }
            };
            (result, sender.settlement())
        }
    };
    let outcome = match &result {
        SendResult::Sent { .. } => "sent",
        SendResult::Retry { .. } => "retry",
        SendResult::Away { .. } => "away",
        SendResult::Ambiguous { .. } => "unclear",
        SendResult::Failed { .. } => "failed",
    };
    metrics::counter!("recado_sends_total", "channel" => channel.code(), "outcome" => outcome).increment(1);
    metrics::histogram!("recado_send_seconds", "channel" => channel.code()).record(started.elapsed().as_secs_f64());
    if let SendResult::Retry { reason, .. }
    | SendResult::Away { reason, .. }
    | SendResult::Ambiguous { reason }
    | SendResult::Failed { reason } = &result
    {
        tracing::warn!(outbox.id = %row.id, trace.id = %row.trace, channel = channel.code(), outcome, reason, "a message was not sent");
    }
    let settled = Settled::of(&row, settlement, result);
    let _ = done.send((settled, permit)).await;
}

/// A row that was not sent so long after its claim may be another's soon: then it is left alone.
fn stand(parts: &Parts) -> Duration {
    parts.engine.rules().send_lease / 2
}

async fn record_loop(parts: Parts, mut results: mpsc::Receiver<Done>, nudge: Arc<Notify>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        if results.recv_many(&mut batch, BATCH).await == 0 {
            return;
        }
        let (settled, permits): (Vec<_>, Vec<_>) = std::mem::take(&mut batch).into_iter().unzip();
        record(&parts, &settled).await;
        drop(permits);
        for one in &settled {
            if !one.is_sent() {
                parts.volatile.announce(LiveEvent { topic: "dead".to_owned(), id: one.id().to_string() });
            }
        }
        parts.volatile.announce(LiveEvent { topic: "counters".to_owned(), id: String::new() });
        // The next row of these recipients may leave now.
        nudge.notify_one();
    }
}

/// Records results, insisting: what is not recorded becomes unclear when its lease ends, and then costs a wait.
async fn record(parts: &Parts, settled: &[Settled]) {
    for attempt in 0..6 {
        match bounded(parts.engine.settle_sends(settled)).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(%error, attempt, messages = settled.len(), "results of sends could not be recorded");
                tokio::time::sleep(Duration::from_millis(200 << attempt)).await;
            }
        }
    }
    tracing::error!(messages = settled.len(), "results of sends were not recorded; they will be settled as unclear");
}
