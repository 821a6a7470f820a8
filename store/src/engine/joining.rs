//! What a person writes while a turn is under way: the turn is decided anew, with all of it, as long as that keeps nobody
//! waiting.
//!
//! Nobody knows whether a message is the last of several. So a turn begins at once, and is given up when more comes before
//! its commit: nothing of it has happened yet. [`super::Rules::join`] bounds it by the age of the first message, which is
//! in the database, so that neither a restart nor another replica begins the time anew.

use std::time::Duration;

use recado_domain::Timestamp;
use recado_domain::effect::Effect;
use recado_domain::event::EventContent;
use recado_domain::message::MessageBody;
use sqlx::FromRow;

use super::claim::FREE_LANE;
use super::holders::LET_GO;
use super::{Claim, Committed, Decided, Engine};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::{StoreError, on, read};

crate::sql! {
    // What came into a lane after its claim.
    NEWCOMERS = "SELECT kind FROM events WHERE lane_id = $1 AND status = 0 AND received_at > $2 ORDER BY received_at LIMIT 20";
}

#[derive(FromRow)]
struct KindRow {
    kind: String,
}

/// Whether newcomers are more of what was being said. What was tapped answers a question by itself, and so does whatever
/// is no message: they wait for their own turn.
fn are_more(rows: &[KindRow]) -> bool {
    let more = |kind: &str| kind.starts_with("message.") && kind != "message.choice";
    !rows.is_empty() && rows.iter().all(|row| more(&row.kind))
}

impl Engine {
    /// Whether more could be joined to a claim at an instant: it is a person's words, without an answer that was tapped,
    /// and the first of them is young enough.
    fn may_join(&self, claim: &Claim, now: Timestamp) -> bool {
        let words = |content: &EventContent| match content {
            EventContent::Message(message) => !matches!(message.body, MessageBody::Choice { .. }),
            _ => false,
        };
        claim.kind == "conversation"
            && now.since(claim.received_at) < self.rules.join
            && (claim.events.len() as i64) < self.rules.burst
            && claim.events.iter().all(|event| words(&event.content))
    }

    /// Whether a person wrote more since a claim, so that its turn is better begun anew.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_superseded(&self, claim: &Claim) -> Result<bool, StoreError> {
        if !self.may_join(claim, self.store.clock.now()) {
            return Ok(false);
        }
        let rows: Vec<KindRow> = read!(&self.store.db, pool => sqlx::query_as(NEWCOMERS)
            .bind(claim.lane.0).bind(At(claim.claimed_at)).fetch_all(pool).await)?;
        Ok(are_more(&rows))
    }

    /// How long a claim whose writer seems not to have ended should wait for the rest, at most `pause` after the newest
    /// message; nothing when it has waited long enough.
    pub fn rest_of_pause(&self, claim: &Claim, pause: Duration) -> Option<Timestamp> {
        let until = claim.newest_at.plus(pause).min(claim.received_at.plus(self.rules.join));
        (self.may_join(claim, claim.claimed_at) && until > claim.claimed_at).then_some(until)
    }

    /// Gives a lane back until an instant, as if it had not been claimed: what comes until then is answered together. So it
    /// is too with what a full disk kept out: nothing is counted against it, however long the disk stays full.
    ///
    /// # Errors
    /// When the database does not answer; then the lease runs out by itself.
    pub async fn rest(&self, claim: &Claim, until: Timestamp) -> Result<(), StoreError> {
        self.last_chance.give_back(claim.lane);
        let mut tx = self.store.db.begin().await?;
        if self.rest_lane(&mut tx, claim, until).await? {
            let_go(&mut tx, claim).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Within the transaction of a turn: whether it is given up for what came meanwhile. Then its lane is free, and of
    /// the turn only stays what it cost.
    pub(super) async fn gives_way(
        &self,
        tx: &mut Tx,
        turn: &Decided,
        now: Timestamp,
    ) -> Result<Option<Committed>, StoreError> {
        let claim = &turn.claim;
        if !self.may_join(claim, now) {
            return Ok(None);
        }
        let rows: Vec<KindRow> = on!(&mut *tx, connection => sqlx::query_as(NEWCOMERS)
            .bind(claim.lane.0).bind(At(claim.claimed_at)).fetch_all(connection).await)?;
        if !are_more(&rows) {
            return Ok(None);
        }
        let ours = on!(&mut *tx, connection => sqlx::query(FREE_LANE)
            .bind(claim.lane.0).bind(self.replica.0).bind(claim.epoch)
            .execute(connection).await.map(|done| done.rows_affected()))?;
        if ours == 0 {
            return Ok(Some(Committed::Stale));
        }
        let_go(tx, claim).await?;
        for effect in &turn.effects {
            if let Effect::Audit { actor, action, object, outcome } = effect
                && action == "model.call"
            {
                let entry = AuditEntry { merchant: Some(turn.merchant.id), actor, action, object, outcome };
                audit::record(tx, now, &entry).await?;
            }
        }
        Ok(Some(Committed::Superseded))
    }
}

async fn let_go(tx: &mut Tx, claim: &Claim) -> Result<(), StoreError> {
    for event in &claim.events {
        on!(&mut *tx, connection => sqlx::query(LET_GO).bind(event.id.0).execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}
