//! Two persons that are one. WhatsApp names a person by a business-scoped id, by a phone, or by both (CONTRACTS A8). Who
//! wrote under each apart is two persons here, until a message shows both ids: then the person of the phone becomes the
//! person of the business-scoped id.
//!
//! It is a turn of the lane that ends: it waits behind what was written there before, runs under that lane's lease, and
//! raises the epoch of the other lane in the same commit, so that a turn which is under way there is decided anew with
//! what came in. Nothing is lost: what was said, asked and promised moves over, and of two wishes the stricter one holds.
//! A phone that another account had before is no reason to merge: an account of its own stays a person of its own, and
//! only the phone moves.

use recado_domain::event::{EventContent, InternalEvent};
use recado_domain::{ConversationId, LaneId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::claim::FREE_LANE;
use super::holders::{LET_GO, LET_GO_OF_LANE};
use super::{Decided, Engine};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx};
use crate::{StoreError, on};

crate::sql! {
    MERGED_INTO = "SELECT into_id FROM merged_people WHERE merchant_id = $1 AND from_id = $2";
    NOTE_MERGE = "INSERT INTO merged_people (merchant_id, from_id, into_id, merged_at) VALUES ($1, $2, $3, $4) \
        ON CONFLICT (merchant_id, from_id) DO NOTHING";
    // Whoever was merged into the one that ends leads on to where it leads.
    PASS_ON_MERGES = "UPDATE merged_people SET into_id = $3 WHERE merchant_id = $1 AND into_id = $2";
    // What a turn that is under way in the lane would still write is refused.
    RAISE_EPOCH = "UPDATE lanes SET epoch = epoch + 1, owner = NULL, leased_until = NULL WHERE id = $1";
    MOVE_EVENTS = "UPDATE events SET lane_id = $2 WHERE lane_id = $1 AND status = 0";
    ACCOUNTS_OF = "SELECT COUNT(*) FROM identities WHERE merchant_id = $1 AND contact_id = $2 AND value LIKE 'user:%'";
    MOVE_ONE_IDENTITY = "UPDATE identities SET contact_id = $3 WHERE merchant_id = $1 AND contact_id = $2 AND value = $4";
    // Whoever had the phone before is no longer who it vouches for.
    LOSE_PHONE = "UPDATE conversations SET wa_id = NULL, phone_key = NULL WHERE merchant_id = $1 AND id = $2 AND user_id IS NOT NULL \
        AND wa_id = $3";
    MOVE_IDENTITIES = "UPDATE identities SET contact_id = $3 WHERE merchant_id = $1 AND contact_id = $2";
    RENAME_CONVERSATION = "UPDATE conversations SET id = $3 WHERE merchant_id = $1 AND id = $2 \
        AND NOT EXISTS (SELECT 1 FROM conversations k WHERE k.merchant_id = $1 AND k.id = $3)";
    // «Stop» holds wherever it was said, and so does a person who waits for or talks with somebody of the shop.
    JOIN_CONVERSATIONS = "UPDATE conversations SET \
            user_id = COALESCE(conversations.user_id, b.user_id), wa_id = COALESCE(conversations.wa_id, b.wa_id), \
            phone_key = COALESCE(conversations.phone_key, b.phone_key), \
            profile_name = COALESCE(conversations.profile_name, b.profile_name), language = COALESCE(conversations.language, b.language), \
            owner = CASE WHEN conversations.owner_kind = 'bot' THEN b.owner ELSE conversations.owner END, \
            waiting_since = CASE WHEN conversations.owner_kind = 'bot' THEN b.waiting_since ELSE conversations.waiting_since END, \
            owner_kind = CASE WHEN conversations.owner_kind = 'bot' THEN b.owner_kind ELSE conversations.owner_kind END, \
            stopped = (conversations.stopped OR b.stopped), \
            last_inbound_at = CASE WHEN b.last_inbound_at > conversations.last_inbound_at OR conversations.last_inbound_at IS NULL \
                THEN b.last_inbound_at ELSE conversations.last_inbound_at END, \
            last_text = CASE WHEN b.last_message_at > conversations.last_message_at THEN b.last_text ELSE conversations.last_text END, \
            last_message_at = CASE WHEN b.last_message_at > conversations.last_message_at THEN b.last_message_at ELSE conversations.last_message_at END, \
            position = CASE WHEN b.position > conversations.position THEN b.position ELSE conversations.position END, \
            created_at = CASE WHEN b.created_at < conversations.created_at THEN b.created_at ELSE conversations.created_at END \
        FROM conversations b WHERE conversations.merchant_id = $1 AND conversations.id = $3 AND b.merchant_id = $1 AND b.id = $2";
    END_CONVERSATION = "DELETE FROM conversations WHERE merchant_id = $1 AND id = $2 AND id <> $3";
    MOVE_MESSAGES = "UPDATE messages SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2";
    // What was summarised is half of what is one conversation now: it is made anew.
    END_SUMMARIES = "DELETE FROM summaries WHERE merchant_id = $1 AND conversation_id IN ($2, $3)";
    MOVE_SENDS = "UPDATE outbox SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2 \
        AND turn_id IN (SELECT t.id FROM turns t WHERE t.lane_id = $2)";
    MOVE_TURNS = "UPDATE turns SET lane_id = $3 WHERE merchant_id = $1 AND lane_id = $2";
    // The same was asked for under both ids: one of the two goes on.
    CLOSE_DOUBLED_REQUESTS = "UPDATE requests SET status = 'declined' WHERE merchant_id = $1 AND conversation_id = $2 AND status = 'open' \
        AND EXISTS (SELECT 1 FROM requests k WHERE k.merchant_id = $1 AND k.conversation_id = $3 AND k.status = 'open' \
            AND k.kind = requests.kind AND k.order_name = requests.order_name)";
    MOVE_REQUESTS = "UPDATE requests SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2";
    END_DOUBLED_DIGESTS = "DELETE FROM digests WHERE merchant_id = $1 AND conversation_id = $2 AND kind IN ( \
        SELECT k.kind FROM digests k WHERE k.merchant_id = $1 AND k.conversation_id = $3)";
    MOVE_DIGESTS = "UPDATE digests SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2";
    END_DOUBLED_TIMERS = "UPDATE timers SET status = 2 WHERE merchant_id = $1 AND lane_id = $2 AND status = 0 AND kind IN ( \
        SELECT k.kind FROM timers k WHERE k.merchant_id = $1 AND k.lane_id = $3 AND k.status = 0)";
    MOVE_TIMERS = "UPDATE timers SET lane_id = $3, conversation_id = CASE WHEN conversation_id = $2 THEN $3 ELSE conversation_id END \
        WHERE merchant_id = $1 AND lane_id = $2";
    MOVE_REMINDERS = "UPDATE reminders SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2";
    MOVE_QUESTIONS = "UPDATE unanswered SET conversation_id = $3 WHERE merchant_id = $1 AND conversation_id = $2";
    MOVE_FAILURES = "UPDATE proof_failures SET contact_id = $3 WHERE merchant_id = $1 AND contact_id = $2";
}

/// What moves from the one who ends ($2) to the one who stays ($3), in an order in which each finds what it needs.
const MOVES: [&str; 18] = [
    PASS_ON_MERGES,
    MOVE_IDENTITIES,
    JOIN_CONVERSATIONS,
    RENAME_CONVERSATION,
    END_CONVERSATION,
    MOVE_MESSAGES,
    END_SUMMARIES,
    MOVE_SENDS,
    MOVE_TURNS,
    CLOSE_DOUBLED_REQUESTS,
    MOVE_REQUESTS,
    END_DOUBLED_DIGESTS,
    MOVE_DIGESTS,
    END_DOUBLED_TIMERS,
    MOVE_TIMERS,
    MOVE_REMINDERS,
    MOVE_QUESTIONS,
    MOVE_FAILURES,
];

#[derive(FromRow)]
struct IntoRow {
    into_id: Uuid,
}

/// Makes a turn that is under way in a lane stale, within the transaction that changes what it was decided from. Its
/// events are not blamed for that.
pub(crate) async fn fence(tx: &mut Tx, lane: Uuid) -> Result<(), StoreError> {
    on!(&mut *tx, connection => sqlx::query(RAISE_EPOCH).bind(lane).execute(connection).await.map(|_| ()))?;
    on!(&mut *tx, connection => sqlx::query(LET_GO_OF_LANE).bind(lane).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Where a lane that ended leads, if it did.
async fn leads_to(tx: &mut Tx, merchant: Uuid, lane: Uuid) -> Result<Option<Uuid>, StoreError> {
    let row: Option<IntoRow> = on!(tx, connection => sqlx::query_as(MERGED_INTO).bind(merchant).bind(lane)
        .fetch_optional(connection).await)?;
    Ok(row.map(|row| row.into_id))
}

/// Merges what a turn of a conversation was told to, at its end.
pub(super) async fn merge_told(tx: &mut Tx, turn: &Decided, now: Timestamp) -> Result<(), StoreError> {
    for event in &turn.claim.events {
        if let EventContent::Internal(InternalEvent::SamePerson { into, shown }) = &event.content {
            merge(tx, turn.merchant.id, turn.claim.lane, *into, shown, now).await?;
        }
    }
    Ok(())
}

async fn merge(
    tx: &mut Tx,
    merchant: MerchantId,
    from: LaneId,
    into: ConversationId,
    shown: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    // The one to stay may have been merged itself meanwhile; the one to end may have been already.
    let into = leads_to(tx, merchant.0, into.0).await?.unwrap_or(into.0);
    if into == from.0 || leads_to(tx, merchant.0, from.0).await?.is_some() {
        return Ok(());
    }
    fence(tx, into).await?;
    let accounts: i64 = on!(&mut *tx, connection => sqlx::query_scalar(ACCOUNTS_OF).bind(merchant.0).bind(from.0)
        .fetch_one(connection).await)?;
    let action = if accounts > 0 {
        on!(&mut *tx, connection => sqlx::query(MOVE_ONE_IDENTITY).bind(merchant.0).bind(from.0).bind(into).bind(shown)
            .execute(connection).await.map(|_| ()))?;
        let phone = shown.strip_prefix("phone:").unwrap_or(shown);
        on!(&mut *tx, connection => sqlx::query(LOSE_PHONE).bind(merchant.0).bind(from.0).bind(phone)
            .execute(connection).await.map(|_| ()))?;
        "person.phone_moved"
    } else {
        for statement in MOVES {
            on!(&mut *tx, connection => sqlx::query(statement).bind(merchant.0).bind(from.0).bind(into)
                .execute(connection).await.map(|_| ()))?;
        }
        on!(&mut *tx, connection => sqlx::query(NOTE_MERGE).bind(merchant.0).bind(from.0).bind(into).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        "person.merged"
    };
    let (object, outcome) = (into.to_string(), from.to_string());
    let entry = AuditEntry { merchant: Some(merchant), actor: "recado", action, object: &object, outcome: &outcome };
    audit::record(tx, now, &entry).await?;
    Ok(())
}

impl Engine {
    /// Moves what was taken of a lane that ended to where it leads, and gives the lane back. `false`: it did not end.
    pub(super) async fn lead_on(
        &self,
        tx: &mut Tx,
        (merchant, lane, epoch): (Uuid, Uuid, i64),
        events: impl Iterator<Item = Uuid>,
    ) -> Result<bool, StoreError> {
        let Some(into) = leads_to(tx, merchant, lane).await? else { return Ok(false) };
        for event in events {
            on!(&mut *tx, connection => sqlx::query(LET_GO).bind(event).execute(connection).await.map(|_| ()))?;
        }
        on!(&mut *tx, connection => sqlx::query(MOVE_EVENTS).bind(lane).bind(into).execute(connection).await.map(|_| ()))?;
        on!(&mut *tx, connection => sqlx::query(FREE_LANE).bind(lane).bind(self.replica.0).bind(epoch)
            .execute(connection).await.map(|_| ()))?;
        Ok(true)
    }
}
