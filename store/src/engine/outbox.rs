//! The outbox: what is to be sent, in order for each recipient.
//!
//! `sending` is committed before the call to the platform. A row whose sender vanished is *unclear*: WhatsApp settles it
//! by the echo of our id in delivery reports, and only when none came in time is it sent again; Telegram has no echo, so
//! staff decides. A row is never repeated on the mere suspicion that it failed (RELIABILITY D4).

use std::time::Duration;

use recado_domain::contact::Channel;
use recado_domain::outbound::{OutboundMessage, Recipient, SendResult, Sendable, Settlement};
use recado_domain::{MerchantId, OutboxId, Timestamp, TraceId};
use sqlx::FromRow;
use uuid::Uuid;

use super::Engine;
use crate::db::{At, Json, Pair};
use crate::{StoreError, on};

/// No wish of a platform is followed for longer at a time.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);

/// States of an outbox row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum OutboxStatus {
    Queued = 0,
    Sending = 1,
    Sent = 2,
    Settling = 3,
    Failed = 4,
    Uncertain = 5,
    Dismissed = 6,
}

/// Only the first open row of a recipient may leave, so order is kept without a lock on the recipient.
pub(crate) const CLAIM_OUTBOX: Pair = Pair {
    postgres: "UPDATE outbox SET status = 1, attempts = attempts + 1, owner = $1, leased_until = $2, sending_at = $3 WHERE id IN ( \
        SELECT o.id FROM outbox o WHERE o.status = 0 AND o.available_at <= $3 AND (CAST($5 AS TEXT) IS NULL OR o.channel = $5) AND NOT EXISTS ( \
            SELECT 1 FROM outbox p WHERE p.recipient_key = o.recipient_key AND p.status IN (0, 1, 3) \
                AND (p.position < o.position OR (p.position = o.position AND p.id < o.id))) \
        ORDER BY o.available_at, o.position, o.id LIMIT $4 FOR UPDATE OF o SKIP LOCKED) AND status = 0 \
        RETURNING merchant_id, id, recipient, message, attempts, trace_id, position, created_at",
    sqlite: "UPDATE outbox SET status = 1, attempts = attempts + 1, owner = $1, leased_until = $2, sending_at = $3 WHERE id IN ( \
        SELECT o.id FROM outbox o WHERE o.status = 0 AND o.available_at <= $3 AND (CAST($5 AS TEXT) IS NULL OR o.channel = $5) AND NOT EXISTS ( \
            SELECT 1 FROM outbox p WHERE p.recipient_key = o.recipient_key AND p.status IN (0, 1, 3) \
                AND (p.position < o.position OR (p.position = o.position AND p.id < o.id))) \
        ORDER BY o.available_at, o.position, o.id LIMIT $4) AND status = 0 \
        RETURNING merchant_id, id, recipient, message, attempts, trace_id, position, created_at",
};

crate::sql! {
    MARK_SENT = "UPDATE outbox SET status = CASE WHEN status = 4 THEN 4 ELSE 2 END, provider_id = $3, sent_at = $4, owner = NULL, leased_until = NULL \
        WHERE id = $1 AND owner = $2 AND status IN (1, 2, 4)";
    MARK_RETRY = "UPDATE outbox SET status = 0, available_at = $3, reason = $4, owner = NULL, leased_until = NULL WHERE id = $1 AND owner = $2 AND status = 1";
    // What never got to the platform is no try.
    MARK_AWAY = "UPDATE outbox SET status = 0, attempts = attempts - 1, available_at = $3, reason = $4, owner = NULL, leased_until = NULL \
        WHERE id = $1 AND owner = $2 AND status = 1";
    MARK_SETTLING = "UPDATE outbox SET status = 3, leased_until = $3, reason = $4, owner = NULL WHERE id = $1 AND owner = $2 AND status = 1";
    MARK_UNCERTAIN = "UPDATE outbox SET status = 5, reason = $3, owner = NULL, leased_until = NULL WHERE id = $1 AND owner = $2 AND status = 1";
    MARK_FAILED = "UPDATE outbox SET status = 4, reason = $3, owner = NULL, leased_until = NULL WHERE id = $1 AND owner = $2 AND status = 1";
    // A sender that vanished: what it was sending is unclear from here on.
    ABANDONED_ECHO = "UPDATE outbox SET status = 3, leased_until = $1, owner = NULL, reason = 'its sender vanished' \
        WHERE status = 1 AND channel = $2 AND leased_until <= $3";
    ABANDONED_STAFF = "UPDATE outbox SET status = 5, leased_until = NULL, owner = NULL, reason = 'its sender vanished; nobody can tell whether it arrived' \
        WHERE status = 1 AND channel = $1 AND leased_until <= $2";
    // Nobody was there to take reports: those of this time are still on their way.
    WAIT_FOR_REPORTS = "UPDATE outbox SET leased_until = $1 WHERE status = 3 AND channel = $2 AND leased_until < $1";
    // No echo in the given time: the platform never had it. Reports that came in time and wait for their turn may say
    // otherwise, so they are heard first.
    UNECHOED = "UPDATE outbox SET status = 0, available_at = $1, leased_until = NULL, reason = 'no delivery report came: sent again' \
        WHERE status = 3 AND leased_until <= $1 AND attempts < $2 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.merchant_id = outbox.merchant_id AND e.lane_kind = 'receipts' \
            AND e.status = 0 AND e.received_at <= outbox.leased_until)";
    UNECHOED_TOO_OFTEN = "UPDATE outbox SET status = 5, leased_until = NULL, reason = 'unclear too often; a person decides' \
        WHERE status = 3 AND leased_until <= $1 AND attempts >= $2 AND NOT EXISTS (SELECT 1 FROM events e WHERE e.merchant_id = outbox.merchant_id AND e.lane_kind = 'receipts' \
            AND e.status = 0 AND e.received_at <= outbox.leased_until)";
}

/// A finished send.
#[derive(Clone, Debug)]
pub struct Settled {
    id: OutboxId,
    attempt: u32,
    decided_at: Timestamp,
    settlement: Settlement,
    result: SendResult,
}

impl Settled {
    /// What the send of a row came to, over a channel that settles what is unclear in this way.
    pub const fn of(row: &Sendable, settlement: Settlement, result: SendResult) -> Self {
        Self { id: row.id, attempt: row.attempt, decided_at: row.decided_at, settlement, result }
    }

    /// Which row.
    pub const fn id(&self) -> OutboxId {
        self.id
    }

    /// Whether the platform took it.
    pub const fn is_sent(&self) -> bool {
        matches!(self.result, SendResult::Sent { .. })
    }
}

#[derive(FromRow)]
struct SendRow {
    merchant_id: Uuid,
    id: Uuid,
    recipient: Json<Recipient>,
    message: Json<OutboundMessage>,
    attempts: i64,
    trace_id: Uuid,
    position: i64,
    created_at: At,
}

impl Engine {
    /// Takes up to `limit` rows to send, each the first open one of its recipient, and commits that they are being sent.
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then.
    pub async fn claim_sends(&self, limit: i64) -> Result<Vec<Sendable>, StoreError> {
        self.claim_sends_over(None, limit).await
    }

    /// The same over one channel alone, when others have no room.
    ///
    /// # Errors
    /// When the database does not answer; nothing is taken then.
    pub async fn claim_sends_over(&self, only: Option<Channel>, limit: i64) -> Result<Vec<Sendable>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let statement = tx.pick(CLAIM_OUTBOX);
        let mut rows: Vec<SendRow> = on!(&mut tx, connection => sqlx::query_as(statement)
            .bind(self.replica.0).bind(At(now.plus(self.rules.send_lease))).bind(At(now)).bind(limit)
            .bind(only.map(Channel::code)).fetch_all(connection).await)?;
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        tx.commit().await?;
        crate::chaos::point("sending");
        rows.sort_unstable_by_key(|row| (row.position, row.id));
        Ok(rows
            .into_iter()
            .map(|row| Sendable {
                id: OutboxId(row.id),
                merchant: MerchantId(row.merchant_id),
                recipient: row.recipient.0,
                message: row.message.0,
                media: None,
                attempt: u32::try_from(row.attempts).unwrap_or(u32::MAX),
                decided_at: row.created_at.0,
                trace: TraceId(row.trace_id),
            })
            .collect())
    }

    /// Commits what sends came to, many together.
    ///
    /// # Errors
    /// When the database does not answer; the rows become unclear when their lease ends.
    pub async fn settle_sends(&self, settled: &[Settled]) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        crate::chaos::point("sent_unrecorded");
        let mut tx = self.store.db.begin().await?;
        // Delivery reports lock the same rows, in this order too.
        let mut settled: Vec<&Settled> = settled.iter().collect();
        settled.sort_by_key(|one| one.id);
        for one in settled {
            let (id, owner) = (one.id.0, self.replica.0);
            match self.judge(one, now) {
                Judged::Sent(provider_id) => on!(&mut tx, connection => sqlx::query(MARK_SENT)
                    .bind(id).bind(owner).bind(provider_id).bind(At(now)).execute(connection).await.map(|_| ()))?,
                Judged::Again(after, reason) => on!(&mut tx, connection => sqlx::query(MARK_RETRY)
                    .bind(id).bind(owner).bind(At(now.plus(after))).bind(short(&reason)).execute(connection).await.map(|_| ()))?,
                Judged::Rest(after, reason) => on!(&mut tx, connection => sqlx::query(MARK_AWAY)
                    .bind(id).bind(owner).bind(At(now.plus(after))).bind(short(&reason)).execute(connection).await.map(|_| ()))?,
                Judged::Settle(after, reason) => on!(&mut tx, connection => sqlx::query(MARK_SETTLING)
                    .bind(id).bind(owner).bind(At(now.plus(after))).bind(short(&reason)).execute(connection).await.map(|_| ()))?,
                Judged::Uncertain(reason) => on!(&mut tx, connection => sqlx::query(MARK_UNCERTAIN)
                    .bind(id).bind(owner).bind(short(&reason)).execute(connection).await.map(|_| ()))?,
                Judged::Failed(reason) => on!(&mut tx, connection => sqlx::query(MARK_FAILED)
                    .bind(id).bind(owner).bind(short(&reason)).execute(connection).await.map(|_| ()))?,
            }
        }
        tx.commit().await?;
        crate::chaos::point("sent_recorded");
        Ok(())
    }

    fn judge(&self, one: &Settled, now: Timestamp) -> Judged {
        let tries = i64::from(one.attempt);
        match &one.result {
            SendResult::Sent { provider_id } => Judged::Sent(provider_id.clone()),
            SendResult::Failed { reason } => Judged::Failed(reason.clone()),
            SendResult::Retry { reason, .. } if tries >= self.rules.send_tries => {
                Judged::Failed(format!("gave up after {tries} tries: {reason}"))
            }
            SendResult::Retry { after, reason } => {
                let wait = after.unwrap_or_else(|| backoff(one.attempt, one.id.0.as_bytes()[15]));
                Judged::Again(wait.min(LONGEST_WAIT), reason.clone())
            }
            SendResult::Away { why, after, reason } => {
                let waited = now.since(one.decided_at);
                if waited >= self.rules.send_patience {
                    let hours = self.rules.send_patience.as_secs() / 3_600;
                    return Judged::Failed(format!("gave up after {hours} hours: {}", why.noted(reason)));
                }
                let rest = rest(waited, one.id.0.as_bytes()[15]).max(after.unwrap_or_default());
                Judged::Rest(rest.min(LONGEST_WAIT), why.noted(reason))
            }
            SendResult::Ambiguous { reason } if self.rules.sabotage.blind_resend => {
                Judged::Again(Duration::ZERO, reason.clone())
            }
            SendResult::Ambiguous { reason } => match one.settlement {
                Settlement::Echo(after) => Judged::Settle(after, reason.clone()),
                Settlement::Staff => Judged::Uncertain(reason.clone()),
            },
        }
    }

    /// Gives delivery reports their whole time again, for what is unclear. To be called when nobody could take reports
    /// for a while: the platform still repeats them, and their absence proves nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wait_for_reports(&self, settlements: &[(Channel, Settlement)]) -> Result<(), StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        for (channel, settlement) in settlements {
            if let Settlement::Echo(after) = settlement {
                on!(&mut tx, connection => sqlx::query(WAIT_FOR_REPORTS).bind(At(now.plus(*after))).bind(channel.code())
                    .execute(connection).await.map(|_| ()))?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Moves on what is unclear: rows of vanished senders, and rows that no delivery report settled in time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn settle_unclear(&self, settlements: &[(Channel, Settlement)]) -> Result<u64, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let mut moved = 0;
        for (channel, settlement) in settlements {
            moved += match settlement {
                Settlement::Echo(after) => on!(&mut tx, connection => sqlx::query(ABANDONED_ECHO)
                    .bind(At(now.plus(*after))).bind(channel.code()).bind(At(now))
                    .execute(connection).await.map(|done| done.rows_affected()))?,
                Settlement::Staff => on!(&mut tx, connection => sqlx::query(ABANDONED_STAFF)
                    .bind(channel.code()).bind(At(now))
                    .execute(connection).await.map(|done| done.rows_affected()))?,
            };
        }
        for statement in [UNECHOED_TOO_OFTEN, UNECHOED] {
            moved += on!(&mut tx, connection => sqlx::query(statement).bind(At(now)).bind(self.rules.send_tries)
                .execute(connection).await.map(|done| done.rows_affected()))?;
        }
        tx.commit().await?;
        Ok(moved)
    }
}

enum Judged {
    Sent(String),
    Again(Duration, String),
    Rest(Duration, String),
    Settle(Duration, String),
    Uncertain(String),
    Failed(String),
}

/// Exponential with jitter from the row's own random bits: 1 s, 2 s, 4 s … 5 min, each between half and the whole of it.
fn backoff(attempt: u32, random: u8) -> Duration {
    let whole =
        Duration::from_secs(1).saturating_mul(1 << attempt.saturating_sub(1).min(9)).min(Duration::from_secs(300));
    whole / 2 + (whole / 2) * u32::from(random) / 255
}

/// As long as was waited already, from 1 s to 2 min, each between half and the whole of it: soon after a short outage, and
/// never a storm after a long one.
fn rest(waited: Duration, random: u8) -> Duration {
    let whole = waited.clamp(Duration::from_secs(1), Duration::from_secs(120));
    whole / 2 + (whole / 2) * u32::from(random) / 255
}

fn short(reason: &str) -> String {
    reason.chars().filter(|letter| *letter != '\0').take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_within_five_minutes() {
        for random in [0, 128, 255] {
            let pauses: Vec<_> = (1..20).map(|attempt| backoff(attempt, random)).collect();
            assert!(pauses.is_sorted());
            assert!(
                pauses.iter().all(|pause| *pause <= Duration::from_secs(300) && *pause >= Duration::from_millis(500))
            );
        }
    }

    #[test]
    fn the_longer_a_platform_is_away_the_longer_it_is_left_alone() {
        let rests = [0, 1, 10, 60, 119, 3_600].map(|waited| rest(Duration::from_secs(waited), 255).as_secs());
        assert_eq!(rests, [1, 1, 10, 60, 119, 120]);
        assert_eq!(rest(Duration::from_secs(60), 0), Duration::from_secs(30));
    }
}
