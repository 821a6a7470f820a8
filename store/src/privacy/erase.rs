//! Erasing: each step finds what is left and removes it, in a commit of its own.
//!
//! What a turn that is under way would still write is kept out by raising the epoch of its lane in the same commit that
//! erases: that turn is stale then, and decides anew without what is gone. Amounts, dates and goods of orders stay, since
//! the books are the shop's; a customer's number in them becomes another one that leads nowhere.

use std::collections::BTreeSet;

use recado_domain::action::Action;
use recado_domain::event::EventContent;
use recado_domain::order::OrderFacts;
use recado_domain::{ConversationId, EventId, MerchantId, OrderId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::person::Person;
use super::work::PrivacyTask;
use crate::db::{At, Json, Pair, Tx, to_json};
use crate::engine::{Engine, fence};
use crate::finance::changes;
use crate::finance::days::told;
use crate::inbox::order_lane;
use crate::{StoreError, on};

/// Rows of one page or one commit.
const PAGE: i64 = 500;

crate::sql! {
    EVENTS_AFTER = "SELECT id, merchant_id, lane_id, lane_kind, arrival_id, turn_id, dedupe FROM events WHERE id > $1 \
        ORDER BY id LIMIT CAST($2 AS BIGINT)";
    // What waits or is dead runs no more. The keys stay: by them a repeated delivery is known, until retention takes them.
    ERASE_EVENT = "UPDATE events SET content = $2, status = CASE WHEN status IN (0, 2) THEN 3 ELSE status END, reason = 'erased', \
        settled_at = COALESCE(settled_at, $3) WHERE id = $1";
    FORGET_REPORTS = "UPDATE events SET content = $4 WHERE id > $1 AND id <= $2 AND arrival_id = $3 AND status <> 0";
    FORGET_EVENT = "UPDATE events SET content = $2 WHERE id = $1";
    ERASE_ARRIVAL = "DELETE FROM arrivals WHERE id = $1";
    FORGET_ARRIVAL = "DELETE FROM arrivals WHERE id IN (SELECT e.arrival_id FROM events e WHERE e.id = $1)";
    TURNS_OF_LANE = "SELECT id FROM turns WHERE lane_id = $1 LIMIT CAST($2 AS BIGINT)";
    ERASE_FILES = "DELETE FROM attachments WHERE id IN (SELECT o.id FROM outbox o WHERE o.turn_id = $1)";
    ERASE_SENDS = "DELETE FROM outbox WHERE turn_id = $1";
    ERASE_TURN = "DELETE FROM turns WHERE id = $1";
    ERASE_MESSAGES = "DELETE FROM messages WHERE merchant_id = $1 AND id IN (SELECT m.id FROM messages m \
        WHERE m.merchant_id = $1 AND m.conversation_id = $2 LIMIT CAST($3 AS BIGINT))";
    ERASE_TIMERS = "DELETE FROM timers WHERE merchant_id = $1 AND lane_id = $2";
    ERASE_REMINDERS = "DELETE FROM reminders WHERE merchant_id = $1 AND conversation_id = $2";
    ERASE_DEBTOR = "DELETE FROM debtors WHERE merchant_id = $1 AND phone_key = $2";
    ERASE_DEBTORS = "DELETE FROM debtors WHERE merchant_id = $1";
    ERASE_DIGESTS = "DELETE FROM digests WHERE merchant_id = $1 AND conversation_id = $2";
    ERASE_FAILURES = "DELETE FROM proof_failures WHERE merchant_id = $1 AND contact_id = $2";
    ERASE_QUESTIONS = "DELETE FROM unanswered WHERE merchant_id = $1 AND conversation_id = $2";
    ERASE_SUMMARY = "DELETE FROM summaries WHERE merchant_id = $1 AND conversation_id = $2";
    ERASE_IDENTITIES = "DELETE FROM identities WHERE merchant_id = $1 AND contact_id = $2";
    ERASE_CONVERSATION = "DELETE FROM conversations WHERE merchant_id = $1 AND id = $2";
    ERASE_MERGES = "DELETE FROM merged_people WHERE merchant_id = $1 AND into_id = $2";
    // That something was asked for, and when it was decided, stays; what was said about it does not.
    ERASE_REQUESTS = "UPDATE requests SET details = $3, note = NULL WHERE merchant_id = $1 AND conversation_id = $2";
    SOME_CONVERSATIONS = "SELECT id FROM conversations WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)";
    SOME_ORDERS = "SELECT id FROM orders WHERE merchant_id = $1 AND erased_at IS NULL LIMIT CAST($2 AS BIGINT)";
    ORDER_TO_ERASE = "SELECT external_id, customer_id, facts FROM orders WHERE merchant_id = $1 AND id = $2 AND erased_at IS NULL";
    ERASE_ORDER = "UPDATE orders SET phone_key = NULL, email_key = NULL, customer_id = $3, facts = $4, erased_at = $5 \
        WHERE merchant_id = $1 AND id = $2";
    ERASE_PARCELS = "UPDATE shipments SET tracking_url = NULL, last_message = NULL WHERE merchant_id = $1 AND order_id = $2";
    ERASE_SCANS = "UPDATE shipment_events SET message = NULL, raw = '' WHERE merchant_id = $1 AND shipment_id IN ( \
        SELECT s.id FROM shipments s WHERE s.merchant_id = $1 AND s.order_id = $2)";
    ACTIONS_OF_ORDER = "SELECT id, action FROM actions WHERE merchant_id = $1 AND subject = $2";
    // What was not done by now is not done any more: there is nobody left to do it for.
    ERASE_ACTION = "UPDATE actions SET action = $3, status = CASE WHEN status IN (0, 1, 2) THEN 4 ELSE status END, \
        reason = CASE WHEN status IN (0, 1, 2) THEN 'erased' ELSE reason END, owner = NULL, leased_until = NULL \
        WHERE merchant_id = $1 AND id = $2";
    ERASE_RECORD = "DELETE FROM things WHERE merchant_id = $1 AND kind = $2 AND external_id = $3";
    ERASE_RECORDS = "DELETE FROM things WHERE merchant_id = $1 AND kind IN ('customer', 'checkout') AND external_id IN ( \
        SELECT t.external_id FROM things t WHERE t.merchant_id = $1 AND t.kind IN ('customer', 'checkout') LIMIT CAST($2 AS BIGINT))";
}

/// Raw delivery reports that name a person: their events share a lane with everybody's.
pub(super) const ERASE_REPORTS: Pair = Pair {
    postgres: "DELETE FROM arrivals WHERE id IN (SELECT e.arrival_id FROM events e WHERE e.id > $1 AND e.id <= $2 \
        AND e.lane_kind = 'receipts') AND POSITION(CAST($3 AS BYTEA) IN body) > 0 RETURNING id",
    sqlite: "DELETE FROM arrivals WHERE id IN (SELECT e.arrival_id FROM events e WHERE e.id > $1 AND e.id <= $2 \
        AND e.lane_kind = 'receipts') AND instr(body, $3) > 0 RETURNING id",
};

#[derive(FromRow)]
struct EventRow {
    id: Uuid,
    merchant_id: Option<Uuid>,
    lane_id: Uuid,
    lane_kind: String,
    arrival_id: Option<Uuid>,
    turn_id: Option<Uuid>,
    dedupe: String,
}

#[derive(FromRow)]
struct OrderRow {
    external_id: String,
    customer_id: Option<String>,
    facts: serde_json::Value,
}

#[derive(FromRow)]
struct ActionRow {
    id: Uuid,
    action: Json<Action>,
}

/// What an event says once it was erased.
fn nothing() -> serde_json::Value {
    to_json(&EventContent::Unknown { kind: "erased".to_owned(), problem: None })
}

/// An order's later word, applied without the people in it: the event that brought it says nothing more either.
pub(crate) async fn forget_event(tx: &mut Tx, event: EventId) -> Result<(), StoreError> {
    on!(&mut *tx, connection => sqlx::query(FORGET_ARRIVAL).bind(event.0).execute(connection).await.map(|_| ()))?;
    on!(&mut *tx, connection => sqlx::query(FORGET_EVENT).bind(event.0).bind(nothing()).execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// One erasure at work.
pub(super) struct Erasing<'a> {
    engine: &'a Engine,
    task: &'a PrivacyTask,
    /// Nobody in particular: everybody of the shop.
    person: Option<Person>,
    lanes: BTreeSet<Uuid>,
    /// Drawn for this erasure, and forgotten with its end: nothing leads back from what is derived of it.
    seed: Uuid,
}

impl<'a> Erasing<'a> {
    pub(super) fn new(engine: &'a Engine, task: &'a PrivacyTask, person: Option<Person>, seed: Uuid) -> Self {
        let lanes = person.as_ref().map(|person| person.lanes(task.merchant)).unwrap_or_default();
        Self { engine, task, person, lanes, seed }
    }

    fn merchant(&self) -> MerchantId {
        self.task.merchant
    }

    fn now(&self) -> Timestamp {
        self.engine.store.clock.now()
    }

    /// All steps, in the order in which one needs what the next removes.
    pub(super) async fn run(self) -> Result<Option<Vec<ConversationId>>, StoreError> {
        let Some(staff_turns) = self.events().await? else { return Ok(None) };
        for turn in staff_turns {
            let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(None) };
            erase_turn(&mut tx, turn).await?;
            tx.commit().await?;
        }
        crate::chaos::point("erasing");
        let Some(conversations) = self.conversations().await? else { return Ok(None) };
        crate::chaos::point("erasing");
        if !(self.orders().await? && self.records().await? && self.debtors().await?) {
            return Ok(None);
        }
        Ok(Some(conversations))
    }

    fn is_theirs(&self, row: &EventRow) -> bool {
        match &self.person {
            // The event of a request of the platform has the request's id, and names the person.
            Some(_) => self.lanes.contains(&row.lane_id) || row.id == self.task.id.0,
            None => {
                row.merchant_id == Some(self.merchant().0)
                    && matches!(row.lane_kind.as_str(), "conversation" | "order" | "thing" | "receipts")
            }
        }
    }

    /// Events, and the deliveries that brought them. A delivery may have brought other people's events too: what was read
    /// of those stands in their own rows, and only the raw copy is lost. Returns the turns in which staff spoke to the
    /// person: their words stand in the staff chat's events.
    async fn events(&self) -> Result<Option<BTreeSet<Uuid>>, StoreError> {
        let mut staff_turns = BTreeSet::new();
        // What staff wrote came before what it posted into the person's lane, so the second reading finds all of it.
        for of_staff in [false, true] {
            let mut after = Uuid::nil();
            loop {
                let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(None) };
                let rows: Vec<EventRow> = on!(&mut tx, connection => sqlx::query_as(EVENTS_AFTER).bind(after).bind(PAGE)
                    .fetch_all(connection).await)?;
                let Some(last) = rows.last() else {
                    tx.rollback().await?;
                    break;
                };
                let from = std::mem::replace(&mut after, last.id);
                let found: Vec<&EventRow> = rows
                    .iter()
                    .filter(|row| {
                        if of_staff {
                            row.lane_kind == "staff" && row.turn_id.is_some_and(|turn| staff_turns.contains(&turn))
                        } else {
                            self.is_theirs(row)
                        }
                    })
                    .collect();
                if !of_staff {
                    staff_turns.extend(found.iter().filter_map(|row| posting_turn(&row.dedupe)));
                }
                let reports = if of_staff { 0 } else { self.reports(&mut tx, from, after).await? };
                if found.is_empty() && reports == 0 {
                    tx.rollback().await?;
                    continue;
                }
                let lanes: BTreeSet<Uuid> = found.iter().map(|row| row.lane_id).collect();
                for lane in lanes {
                    fence(&mut tx, lane).await?;
                }
                for row in found {
                    on!(&mut tx, connection => sqlx::query(ERASE_EVENT).bind(row.id).bind(nothing()).bind(At(self.now()))
                        .execute(connection).await.map(|_| ()))?;
                    if let Some(arrival) = row.arrival_id {
                        on!(&mut tx, connection => sqlx::query(ERASE_ARRIVAL).bind(arrival)
                            .execute(connection).await.map(|_| ()))?;
                    }
                }
                tx.commit().await?;
            }
        }
        Ok(Some(staff_turns))
    }

    /// Delivery reports of a page of events that name the person. Returns how many deliveries went.
    async fn reports(&self, tx: &mut Tx, from: Uuid, to: Uuid) -> Result<usize, StoreError> {
        let (statement, mut gone) = (tx.pick(ERASE_REPORTS), 0);
        let ids = self.person.iter().flat_map(|person| &person.ids);
        for id in ids {
            let arrivals: Vec<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(statement).bind(from).bind(to)
                .bind(id.as_bytes()).fetch_all(connection).await)?;
            for arrival in &arrivals {
                on!(&mut *tx, connection => sqlx::query(FORGET_REPORTS).bind(from).bind(to).bind(arrival).bind(nothing())
                    .execute(connection).await.map(|_| ()))?;
            }
            gone += arrivals.len();
        }
        Ok(gone)
    }

    async fn conversations(&self) -> Result<Option<Vec<ConversationId>>, StoreError> {
        let mut all: Vec<ConversationId> = Vec::new();
        if let Some(person) = &self.person {
            for conversation in person.conversations.iter().chain(&person.merged) {
                if !self.conversation(*conversation).await? {
                    return Ok(None);
                }
                all.push(ConversationId(*conversation));
            }
            return Ok(Some(all));
        }
        loop {
            let after = all.last().map_or(Uuid::nil(), |last| last.0);
            let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(None) };
            let some: Vec<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(SOME_CONVERSATIONS)
                .bind(self.merchant().0).bind(after).bind(PAGE).fetch_all(connection).await)?;
            tx.rollback().await?;
            if some.is_empty() {
                return Ok(Some(all));
            }
            for conversation in some {
                if !self.conversation(conversation).await? {
                    return Ok(None);
                }
                all.push(ConversationId(conversation));
            }
        }
    }

    /// What was said, what was sent, why, and who it was. False when the task is another's now.
    async fn conversation(&self, conversation: Uuid) -> Result<bool, StoreError> {
        let merchant = self.merchant();
        loop {
            let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(false) };
            fence(&mut tx, conversation).await?;
            let turns: Vec<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(TURNS_OF_LANE).bind(conversation).bind(PAGE)
                .fetch_all(connection).await)?;
            for turn in &turns {
                erase_turn(&mut tx, *turn).await?;
            }
            let messages = on!(&mut tx, connection => sqlx::query(ERASE_MESSAGES).bind(merchant.0).bind(conversation).bind(PAGE)
                .execute(connection).await.map(|done| done.rows_affected()))?;
            if turns.is_empty() && messages == 0 {
                for statement in [
                    ERASE_TIMERS,
                    ERASE_REMINDERS,
                    ERASE_DIGESTS,
                    ERASE_FAILURES,
                    ERASE_QUESTIONS,
                    // After the messages: who keeps a summary holds one of them meanwhile.
                    ERASE_SUMMARY,
                    ERASE_IDENTITIES,
                    ERASE_CONVERSATION,
                    ERASE_MERGES,
                ] {
                    on!(&mut tx, connection => sqlx::query(statement).bind(merchant.0).bind(conversation)
                        .execute(connection).await.map(|_| ()))?;
                }
                on!(&mut tx, connection => sqlx::query(ERASE_REQUESTS).bind(merchant.0).bind(conversation)
                    .bind(serde_json::json!({})).execute(connection).await.map(|_| ()))?;
                tx.commit().await?;
                return Ok(true);
            }
            tx.commit().await?;
        }
    }

    /// Phones that the shop told of whoever owes it. False when the task is another's now.
    async fn debtors(&self) -> Result<bool, StoreError> {
        let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(false) };
        match &self.person {
            Some(person) => {
                for phone in &person.phones {
                    on!(&mut tx, connection => sqlx::query(ERASE_DEBTOR).bind(self.merchant().0).bind(phone)
                        .execute(connection).await.map(|_| ()))?;
                }
            }
            None => on!(&mut tx, connection => sqlx::query(ERASE_DEBTORS).bind(self.merchant().0)
                .execute(connection).await.map(|_| ()))?,
        }
        tx.commit().await?;
        Ok(true)
    }

    async fn orders(&self) -> Result<bool, StoreError> {
        let named: Option<Vec<Uuid>> = self.person.as_ref().map(|person| person.orders.keys().copied().collect());
        if let Some(orders) = named {
            for order in orders {
                if !self.order(order).await? {
                    return Ok(false);
                }
            }
            return Ok(true);
        }
        loop {
            let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(false) };
            let some: Vec<Uuid> = on!(&mut tx, connection => sqlx::query_scalar(SOME_ORDERS)
                .bind(self.merchant().0).bind(PAGE).fetch_all(connection).await)?;
            tx.rollback().await?;
            if some.is_empty() {
                return Ok(true);
            }
            for order in some {
                if !self.order(order).await? {
                    return Ok(false);
                }
            }
        }
    }

    /// The people in an order. Its amounts move nowhere, but the books name its buyer otherwise from now on.
    async fn order(&self, order: Uuid) -> Result<bool, StoreError> {
        let (merchant, now) = (self.merchant(), self.now());
        let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(false) };
        let row: Option<OrderRow> = on!(&mut tx, connection => sqlx::query_as(ORDER_TO_ERASE).bind(merchant.0).bind(order)
            .fetch_optional(connection).await)?;
        let Some(row) = row else {
            tx.rollback().await?;
            return Ok(true);
        };
        fence(&mut tx, order_lane(merchant, &row.external_id).0).await?;
        let pseudonym = row.customer_id.map(|number| self.pseudonym(&number));
        // The mark of an order that was deleted before it came holds no facts.
        let facts = match serde_json::from_value::<OrderFacts>(row.facts) {
            Ok(facts) => to_json(&facts.without_person(pseudonym.as_deref())),
            Err(_) => serde_json::json!({}),
        };
        on!(&mut tx, connection => sqlx::query(ERASE_ORDER).bind(merchant.0).bind(order).bind(pseudonym.as_deref())
            .bind(facts).bind(At(now)).execute(connection).await.map(|_| ()))?;
        for statement in [ERASE_PARCELS, ERASE_SCANS] {
            on!(&mut tx, connection => sqlx::query(statement).bind(merchant.0).bind(order)
                .execute(connection).await.map(|_| ()))?;
        }
        let actions: Vec<ActionRow> = on!(&mut tx, connection => sqlx::query_as(ACTIONS_OF_ORDER).bind(merchant.0)
            .bind(&row.external_id).fetch_all(connection).await)?;
        for action in actions {
            on!(&mut tx, connection => sqlx::query(ERASE_ACTION).bind(merchant.0).bind(action.id)
                .bind(to_json(&action.action.0.without_person())).execute(connection).await.map(|_| ()))?;
        }
        told::tell_order(&mut tx, merchant, OrderId(order)).await?;
        changes::count(&mut tx, self.engine.store.books.shard, &[merchant].into()).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// One new number for each old one, the same after a crash.
    fn pseudonym(&self, number: &str) -> String {
        format!("erased-{}", Uuid::new_v5(&self.seed, number.as_bytes()))
    }

    async fn records(&self) -> Result<bool, StoreError> {
        let merchant = self.merchant();
        loop {
            let Some(mut tx) = self.engine.privacy_step(self.task).await? else { return Ok(false) };
            let mut left = 0;
            if let Some(person) = &self.person {
                let customers = person.customers.iter().map(|id| ("customer", id));
                for (kind, id) in customers.chain(person.checkouts.iter().map(|token| ("checkout", token))) {
                    on!(&mut tx, connection => sqlx::query(ERASE_RECORD).bind(merchant.0).bind(kind).bind(id)
                        .execute(connection).await.map(|_| ()))?;
                }
            } else {
                left = on!(&mut tx, connection => sqlx::query(ERASE_RECORDS).bind(merchant.0).bind(PAGE)
                    .execute(connection).await.map(|done| done.rows_affected()))?;
            }
            tx.commit().await?;
            if left == 0 {
                return Ok(true);
            }
        }
    }
}

/// Why something was said, what was sent for it, and the pictures that went along.
async fn erase_turn(tx: &mut Tx, turn: Uuid) -> Result<(), StoreError> {
    for statement in [ERASE_FILES, ERASE_SENDS, ERASE_TURN] {
        on!(&mut *tx, connection => sqlx::query(statement).bind(turn).execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}

/// The turn of another lane that posted an event, from the key under which it was posted.
fn posting_turn(dedupe: &str) -> Option<Uuid> {
    dedupe.strip_prefix("internal|turn:")?.split(':').next()?.parse().ok()
}
