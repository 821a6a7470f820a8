//! The turn transaction: everything a turn decided, or nothing.

use std::collections::BTreeSet;

use recado_domain::conversation::{Conversation, Owner};
use recado_domain::effect::{Effect, Subject};
use recado_domain::event::{CommerceEvent, EventContent, InternalEvent, StaffMessage};
use recado_domain::incident::{IncidentAction, NewIncident};
use recado_domain::message::InboundMessage;
use recado_domain::outbound::{OutboundMessage, Recipient};
use recado_domain::shipment::place_key;
use recado_domain::{
    ConversationId, EventId, IncidentId, LaneId, MerchantId, MessageId, OutboxId, PrivacyId, TimerId, Timestamp,
    TraceId,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::{Committed, Decided, Engine, actions};
use crate::audit::{self, AuditEntry};
use crate::db::{At, Tx, to_json};
use crate::facts::Follows;
use crate::finance::changes::{self, moves_books};
use crate::inbox::{content_json, crisis_lane};
use crate::{StoreError, digests, disputes, facts, finance, knowledge, on, privacy, reminders, requests};

crate::sql! {
    RELEASE_LANE = "UPDATE lanes SET owner = NULL, leased_until = NULL, turns = turns + 1, last_turn_at = $4 \
        WHERE id = $1 AND owner = $2 AND epoch = $3";
    // Only a sabotaged build comes here: it shows that the check above is what keeps a stale writer out.
    RELEASE_LANE_UNFENCED = "UPDATE lanes SET owner = NULL, leased_until = NULL, turns = turns + 1, last_turn_at = $2 WHERE id = $1";
    DONE_EVENT = "UPDATE events SET status = 1, turn_id = $2, settled_at = $3, reason = NULL WHERE id = $1 AND status = 0";
    INSERT_TURN = "INSERT INTO turns (id, lane_id, merchant_id, epoch, events, agent, principal, trace, claimed_at, decided_at, committed_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    // The position orders what is sent to the person; it only grows, whatever the clocks of the replicas say.
    SAVE_CONVERSATION = "INSERT INTO conversations (merchant_id, id, user_id, wa_id, phone_key, phone_number_id, profile_name, language, \
            owner, owner_kind, waiting_since, stopped, last_inbound_at, last_message_at, last_text, turns, position, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1, CAST($16 AS BIGINT) + $17, $14) \
        ON CONFLICT (merchant_id, id) DO UPDATE SET user_id = excluded.user_id, wa_id = excluded.wa_id, phone_key = excluded.phone_key, \
            phone_number_id = excluded.phone_number_id, profile_name = excluded.profile_name, language = excluded.language, \
            owner = excluded.owner, owner_kind = excluded.owner_kind, waiting_since = excluded.waiting_since, stopped = excluded.stopped, \
            last_inbound_at = excluded.last_inbound_at, last_message_at = excluded.last_message_at, \
            last_text = COALESCE(excluded.last_text, conversations.last_text), turns = conversations.turns + 1, \
            position = CASE WHEN conversations.position >= $16 THEN conversations.position ELSE CAST($16 AS BIGINT) END + $17 \
        RETURNING position";
    INSERT_MESSAGE = "INSERT INTO messages (merchant_id, id, conversation_id, direction, author, kind, body, buttons, provider_id, outbox_id, event_id, turn_id, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    // With the check above broken, the unique key of what was said would keep the stale writer out as well.
    INSERT_MESSAGE_UNFENCED = "INSERT INTO messages (merchant_id, id, conversation_id, direction, author, kind, body, buttons, provider_id, outbox_id, event_id, turn_id, at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING";
    INSERT_OUTBOX = "INSERT INTO outbox (merchant_id, id, lane_id, turn_id, channel, recipient_key, recipient, message, conversation_id, \
            subject_kind, subject_id, position, status, attempts, available_at, receipt, trace_id, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, 0, $13, 0, $14, $13)";
    INSERT_EVENT = "INSERT INTO events (id, merchant_id, source, dedupe, lane_id, lane_kind, kind, content, occurred_at, received_at, \
            available_at, status, attempts, failures, trace_id) \
        VALUES ($1, $2, 'internal', $3, $4, $5, $6, $7, $8, $8, $8, 0, 0, 0, $9) ON CONFLICT DO NOTHING";
    STAFF_CHATS = "SELECT telegram_user_id FROM staff WHERE telegram_user_id IS NOT NULL AND role <> 'viewer' \
        AND (merchant_id IS NULL OR merchant_id = $1) ORDER BY telegram_user_id";
    START_TIMER = "INSERT INTO timers (merchant_id, id, lane_id, conversation_id, kind, due_at, status, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7)";
    CANCEL_TIMER = "UPDATE timers SET status = 2 WHERE merchant_id = $1 AND lane_id = $2 AND kind = $3 AND status = 0";
    // Numbers are given one after the other: two that open incidents of a merchant at once meet at its row.
    LOCK_MERCHANT = "UPDATE merchants SET name = name WHERE id = $1";
    OPEN_INCIDENT = "INSERT INTO incidents (merchant_id, id, number, kind, dimension, severity, status, evidence, opened_at, updated_at) \
        SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5, 'open', $6, $7, $7 FROM incidents WHERE merchant_id = $1 \
        ON CONFLICT (merchant_id, kind, dimension) WHERE status <> 'resolved' DO UPDATE SET evidence = excluded.evidence, \
            updated_at = excluded.updated_at, severity = CASE WHEN excluded.severity < incidents.severity THEN excluded.severity ELSE incidents.severity END \
        RETURNING id";
    ACKNOWLEDGE_INCIDENT = "UPDATE incidents SET status = 'acknowledged', acknowledged_by = $3, acknowledged_at = $4, updated_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND status = 'open'";
    RESOLVE_INCIDENT = "UPDATE incidents SET status = 'resolved', resolved_by = $3, resolved_at = $4, updated_at = $4 \
        WHERE merchant_id = $1 AND id = $2 AND status <> 'resolved'";
    // A report proves that the platform has the message, whatever we believed: even a row that waits to be sent again, or
    // that we gave up, is settled by it. Only a failure outranks that, and only a later delivery outranks a failure.
    APPLY_RECEIPT = "UPDATE outbox SET receipt = $3, receipt_at = $4, provider_id = COALESCE(provider_id, $2), \
            status = CASE WHEN $3 = 2 THEN 4 WHEN status IN (0, 1, 3, 4, 5) THEN 2 ELSE status END, \
            reason = CASE WHEN $3 = 2 THEN $5 WHEN status IN (0, 3, 4, 5) THEN 'settled by its delivery report' ELSE reason END, \
            sent_at = COALESCE(sent_at, $4), leased_until = CASE WHEN status = 1 THEN leased_until ELSE NULL END \
        WHERE merchant_id = $6 AND (id = $1 OR provider_id = $2) AND receipt < $3";
}

#[derive(FromRow)]
struct PositionRow {
    position: i64,
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// Where a turn's answers go.
struct Destination<'a> {
    recipient: Option<Recipient>,
    conversation: Option<&'a Conversation>,
    position: i64,
}

impl Engine {
    /// Commits decided turns together; each either whole or, when its lane was lost meanwhile, not at all. If the batch
    /// as a whole is refused, each turn is tried by itself.
    pub async fn commit(&self, turns: Vec<Decided>) -> Vec<Result<Committed, StoreError>> {
        let outcomes = self.commit_all(&turns).await;
        for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
            if let StoreError::Database(error) = error {
                self.store.db.disk().note(error);
            }
        }
        for turn in &turns {
            self.last_chance.give_back(turn.claim.lane);
        }
        outcomes
    }

    async fn commit_all(&self, turns: &[Decided]) -> Vec<Result<Committed, StoreError>> {
        match self.commit_together(turns).await {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            Err(error) if turns.len() > 1 => {
                tracing::debug!(%error, turns = turns.len(), "a batch of turns was refused, trying one by one");
                let mut outcomes = Vec::with_capacity(turns.len());
                for turn in turns {
                    outcomes.push(self.commit_together(std::slice::from_ref(turn)).await.map(|mut one| one.remove(0)));
                }
                outcomes
            }
            Err(error) => vec![Err(error)],
        }
    }

    async fn commit_together(&self, turns: &[Decided]) -> Result<Vec<Committed>, StoreError> {
        let now = self.store.clock.now();
        let mut tx = self.store.db.begin().await?;
        let mut outcomes = vec![Committed::Stale; turns.len()];
        let mut posted = 0;
        let mut moved = BTreeSet::new();
        // In the order of the lanes, as claims take them too: two that want the same rows then never wait for each other.
        let mut order: Vec<usize> = (0..turns.len()).collect();
        order.sort_unstable_by_key(|index| turns[*index].claim.lane);
        for index in order {
            let (outcome, events) = self.write(&mut tx, &turns[index], now).await?;
            posted += events;
            if matches!(outcome, Committed::Yes { .. }) && moves_books(&turns[index]) {
                moved.insert(turns[index].merchant.id);
            }
            outcomes[index] = outcome;
        }
        changes::count(&mut tx, self.store.books.shard, &moved).await?;
        // Last, since every transaction of this process meets at its row: nobody may wait there holding what another needs.
        super::counts::tally_internal(&mut tx, posted).await?;
        crate::chaos::point("turn_written");
        crate::chaos::stall("committing").await;
        tx.commit().await?;
        crate::chaos::point("turn_committed");
        let stale = outcomes.iter().filter(|outcome| **outcome == Committed::Stale).count();
        if stale > 0 {
            metrics::counter!("recado_stale_writes_refused_total").increment(stale as u64);
        }
        Ok(outcomes)
    }

    /// Writes a turn. Returns as well how many events it put into lanes, to be tallied before the commit.
    async fn write(&self, tx: &mut Tx, turn: &Decided, now: Timestamp) -> Result<(Committed, i64), StoreError> {
        let claim = &turn.claim;
        if let Some(outcome) = self.gives_way(tx, turn, now).await? {
            return Ok((outcome, 0));
        }
        let ours = if self.rules.sabotage.fencing_off {
            on!(&mut *tx, connection => sqlx::query(RELEASE_LANE_UNFENCED).bind(claim.lane.0).bind(At(now))
                .execute(connection).await.map(|done| done.rows_affected()))?
        } else {
            on!(&mut *tx, connection => sqlx::query(RELEASE_LANE)
                .bind(claim.lane.0).bind(self.replica.0).bind(claim.epoch).bind(At(now))
                .execute(connection).await.map(|done| done.rows_affected()))?
        };
        if ours == 0 {
            return Ok((Committed::Stale, 0));
        }
        let merchant = turn.merchant.id;
        let mut posted = self.apply_facts(tx, turn, now).await?;
        let destination = self.save_conversation(tx, turn, now).await?;
        let mut sends = false;
        let mut position = destination.position;
        // A staff chat has no conversation that counts its answers: there the order of the effects is the position.
        let in_chat = destination.conversation.is_none();
        for (index, effect) in turn.effects.iter().enumerate() {
            match effect {
                Effect::Reply(message) => {
                    if let Some(recipient) = &destination.recipient {
                        let outbox = OutboxId::new(now);
                        let place = if in_chat { position.saturating_add(index as i64) } else { position };
                        let row = Outgoing {
                            merchant,
                            id: outbox,
                            recipient,
                            message,
                            subject: Subject::General,
                            position: place,
                        };
                        insert_outbox(tx, turn, &row, destination.conversation.map(|one| one.id), now).await?;
                        if let Some(conversation) = destination.conversation {
                            insert_outbound(tx, turn, conversation, message, outbox, now).await?;
                        }
                        if !in_chat {
                            position += 1;
                        }
                        sends = true;
                    }
                }
                Effect::NotifyStaff { merchant, message, subject } => {
                    sends |= self.notify_staff(tx, turn, *merchant, message, *subject, now, index).await?;
                }
                Effect::Post { merchant, conversation, event } => {
                    let target = Target { merchant: Some(*merchant), lane: conversation.lane(), kind: "conversation" };
                    posted += insert_event(tx, turn, &format!("post{index}"), &target, event, now).await?;
                }
                Effect::OpenIncident(incident) => posted += open_incident(tx, turn, incident, now, index).await?,
                Effect::Incident { merchant, incident, action, by } => {
                    change_incident(tx, *merchant, *incident, *action, by, now).await?;
                }
                Effect::ProposeAction { merchant, id, action, by, request } => {
                    let proposal = actions::Proposal { merchant: *merchant, id: *id, action, by, request: *request };
                    actions::propose(tx, turn, &proposal, now).await?;
                }
                Effect::DecideAction { merchant, id, confirmed, by } => {
                    posted += actions::decide(tx, *merchant, *id, *confirmed, by, now).await?;
                }
                Effect::StartTimer { kind, after } => {
                    cancel_timer(tx, merchant, claim.lane, kind).await?;
                    let conversation = destination.conversation.map(|one| one.id);
                    start_timer(tx, (merchant, claim.lane), conversation, kind, now.plus(*after), now).await?;
                }
                Effect::CancelTimer { kind } => cancel_timer(tx, merchant, claim.lane, kind).await?,
                Effect::KeepDigest(digest) => {
                    if let Some(conversation) = destination.conversation {
                        digests::keep(tx, merchant, conversation.id, digest, now).await?;
                    }
                }
                Effect::DropDigest(kind) => {
                    if let Some(conversation) = destination.conversation {
                        digests::forget(tx, merchant, conversation.id, *kind).await?;
                    }
                }
                Effect::CheckRecommendation { code, found } => {
                    finance::analyses::check(tx, merchant, *code, found, now).await?;
                }
                Effect::DecideRecommendation { proposal, decision, by } => {
                    finance::analyses::decide(tx, merchant, proposal, *decision, by, now).await?;
                }
                Effect::RecordFinance { entries, source } => {
                    crate::finance::record(tx, merchant, source, entries, now, &mut |_| ()).await?;
                }
                Effect::UndoFinance { source } => crate::finance::undo_source(tx, merchant, source, now).await?,
                Effect::RecordPayment { parts, day, source } => {
                    finance::invoices::pay(tx, &turn.merchant, (parts, *day, source), now).await?;
                }
                Effect::Remind(reminder) => {
                    // The debtor hears it from the number at which the member confirmed it.
                    if let Some(conversation) = destination.conversation {
                        reminders::add(tx, &turn.merchant, &conversation.phone_number_id, reminder, now).await?;
                    }
                }
                Effect::SettleReminder { id, dropped } => {
                    if let Some(conversation) = destination.conversation {
                        reminders::settle(tx, &turn.merchant, conversation.id, (*id, *dropped), now).await?;
                    }
                }
                Effect::ReminderAnswered { id } => {
                    if let Some(conversation) = destination.conversation {
                        reminders::answered(tx, merchant, conversation.id, *id, now).await?;
                    }
                }
                Effect::CheckReminder { id } => reminders::check(tx, merchant, *id, now).await?,
                Effect::KeepDebtor { debtor, digits, by } => {
                    reminders::keep_debtor(tx, &turn.merchant, (debtor, digits, by), now).await?;
                }
                Effect::Request(request) => {
                    if let Some(conversation) = destination.conversation {
                        requests::add_request(tx, merchant, conversation.id, request, now).await?;
                    }
                }
                Effect::DecideRequest { merchant, request, decision, note, by } => {
                    let what = (*decision, note.as_deref());
                    posted += requests::decide_request(tx, *merchant, *request, what, by, now).await?.0;
                }
                Effect::DecidePrivacy { merchant, privacy, confirmed, by } => {
                    posted += privacy::decide(tx, *merchant, *privacy, *confirmed, by, now).await?.0;
                }
                Effect::Unanswered { question, language } => {
                    if let Some(conversation) = destination.conversation {
                        let asked = (question.as_str(), *language);
                        knowledge::note_unanswered(tx, merchant, conversation.id, asked, now).await?;
                    }
                }
                Effect::Audit { actor, action, object, outcome } => {
                    let entry = AuditEntry { merchant: Some(merchant), actor, action, object, outcome };
                    audit::record(tx, now, &entry).await?;
                }
                // Already in the conversation as the turn leaves it.
                Effect::SetOwner(_) | Effect::SetLanguage(_) | Effect::SetStopped(_) => {}
                // A courtesy of the platform, done after the commit by the worker; nothing depends on it.
                Effect::AnswerTap { .. } => {}
            }
        }
        on!(&mut *tx, connection => sqlx::query(INSERT_TURN)
            .bind(turn.id.0).bind(claim.lane.0).bind(merchant.0).bind(claim.epoch).bind(claim.events.len() as i64)
            .bind(&turn.trace.agent).bind(turn.principal).bind(to_json(&turn.trace))
            .bind(At(claim.claimed_at)).bind(At(turn.decided_at)).bind(At(now))
            .execute(connection).await.map(|_| ()))?;
        for event in &claim.events {
            on!(&mut *tx, connection => sqlx::query(DONE_EVENT).bind(event.id.0).bind(turn.id.0).bind(At(now))
                .execute(connection).await.map(|_| ()))?;
        }
        super::merging::merge_told(tx, turn, now).await?;
        Ok((Committed::Yes { sends, posts: posted > 0 }, posted))
    }

    async fn apply_facts(&self, tx: &mut Tx, turn: &Decided, now: Timestamp) -> Result<i64, StoreError> {
        let mut posted = 0;
        let mut receipts = Vec::new();
        for event in &turn.claim.events {
            match &event.content {
                EventContent::Commerce(fact) => {
                    let merchant = Some(turn.merchant.id);
                    match facts::apply(tx, &turn.merchant, event.id, fact, now).await? {
                        Some(Follows::CountParcels { carrier, city }) => {
                            let lane = crisis_lane(turn.merchant.id, &place_key(&carrier), &place_key(&city));
                            let target = Target { merchant, lane, kind: "crisis" };
                            let count = InternalEvent::CountParcels { carrier, city };
                            posted +=
                                insert_event(tx, turn, &format!("count:{}", event.id), &target, &count, now).await?;
                        }
                        Some(Follows::DisputeOpen { dispute, due }) => {
                            let lane = disputes::lane(turn.merchant.id, &dispute);
                            let target = Target { merchant, lane, kind: "dispute" };
                            let (key, open) = disputes::open_event(turn.merchant.id, &dispute, due);
                            posted += post(tx, &key, &target, &open, turn.claim.trace, now).await?;
                        }
                        None => {}
                    }
                    if matches!(fact, CommerceEvent::Compliance { .. }) {
                        // Its row is called as its event.
                        let lane = LaneId::derived(&[&turn.merchant.id.to_string(), "privacy"]);
                        let target = Target { merchant: Some(turn.merchant.id), lane, kind: "privacy" };
                        let asked = InternalEvent::PrivacyAsked { privacy: PrivacyId(event.id.0) };
                        posted +=
                            insert_event(tx, turn, &format!("privacy:{}", event.id), &target, &asked, now).await?;
                    }
                }
                EventContent::Receipt(receipt) => receipts.push(receipt),
                _ => {}
            }
        }
        // They only move forward, so their order does not matter; locks must be taken in one order by everybody.
        receipts.sort_by_key(|receipt| receipt.outbox);
        for receipt in receipts {
            let outbox = receipt.outbox.map_or(Uuid::nil(), |id| id.0);
            on!(&mut *tx, connection => sqlx::query(APPLY_RECEIPT)
                .bind(outbox).bind(&receipt.provider_id).bind(receipt.status.rank()).bind(At(receipt.at))
                .bind(receipt.error.as_deref()).bind(turn.merchant.id.0)
                .execute(connection).await.map(|_| ()))?;
        }
        Ok(posted)
    }

    async fn save_conversation<'a>(
        &self,
        tx: &mut Tx,
        turn: &'a Decided,
        now: Timestamp,
    ) -> Result<Destination<'a>, StoreError> {
        let Some(conversation) = &turn.conversation else {
            let chat = turn.claim.events.iter().rev().find_map(|event| match &event.content {
                EventContent::Staff(StaffMessage { chat_id, .. }) => Some(*chat_id),
                _ => None,
            });
            let recipient = chat.map(|chat_id| Recipient::Telegram { chat_id });
            return Ok(Destination { recipient, conversation: None, position: now.as_micros() });
        };
        let replies = turn.effects.iter().filter(|effect| matches!(effect, Effect::Reply(_))).count() as i64;
        let (owner_kind, waiting_since) = match &conversation.owner {
            Owner::Bot => ("bot", None),
            Owner::Waiting { since } => ("waiting", Some(At(*since))),
            Owner::Person { .. } => ("person", None),
        };
        let phone_key = conversation
            .person
            .wa_id
            .as_deref()
            .and_then(|phone| recado_domain::contact::phone_key(&format!("+{phone}"), &turn.merchant.country));
        let said = turn.claim.events.iter().rev().find_map(|event| match &event.content {
            EventContent::Message(message) => message.body.words().map(preview),
            _ => None,
        });
        let row: PositionRow = on!(&mut *tx, connection => sqlx::query_as(SAVE_CONVERSATION)
            .bind(conversation.merchant.0).bind(conversation.id.0)
            .bind(conversation.person.user_id.as_deref()).bind(conversation.person.wa_id.as_deref()).bind(phone_key)
            .bind(&conversation.phone_number_id).bind(conversation.profile_name.as_deref().map(preview))
            .bind(conversation.language.map(|language| language.code()))
            .bind(to_json(&conversation.owner)).bind(owner_kind).bind(waiting_since).bind(conversation.stopped)
            .bind(conversation.last_inbound_at.map(At)).bind(At(now)).bind(said)
            .bind(now.as_micros()).bind(replies)
            .fetch_one(connection).await)?;
        for event in &turn.claim.events {
            if let EventContent::Message(message) = &event.content {
                let unfenced = self.rules.sabotage.fencing_off;
                let statement = if unfenced { INSERT_MESSAGE_UNFENCED } else { INSERT_MESSAGE };
                insert_inbound(tx, statement, turn, conversation, event.id, message).await?;
            }
        }
        let recipient = Recipient::WhatsApp {
            phone_number_id: conversation.phone_number_id.clone(),
            wa_id: conversation.person.wa_id.clone(),
            user_id: conversation.person.user_id.clone(),
        };
        Ok(Destination {
            recipient: Some(recipient),
            conversation: Some(conversation),
            position: row.position - replies + 1,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would only rename them")]
    async fn notify_staff(
        &self,
        tx: &mut Tx,
        turn: &Decided,
        merchant: MerchantId,
        message: &OutboundMessage,
        subject: Subject,
        now: Timestamp,
        index: usize,
    ) -> Result<bool, StoreError> {
        let chats: Vec<i64> = match self.rules.staff_chat {
            Some(chat) => vec![chat],
            None => {
                on!(&mut *tx, connection => sqlx::query_scalar(STAFF_CHATS).bind(merchant.0).fetch_all(connection).await)?
            }
        };
        if chats.is_empty() {
            tracing::warn!(merchant.id = %merchant, "nobody of the staff can be told on Telegram; add one with `recado staff add`");
        }
        let conversation = match subject {
            Subject::Conversation(id) => Some(id),
            _ => None,
        };
        for chat_id in &chats {
            let recipient = Recipient::Telegram { chat_id: *chat_id };
            let position = now.as_micros().saturating_add(index as i64);
            let row = Outgoing { merchant, id: OutboxId::new(now), recipient: &recipient, message, subject, position };
            insert_outbox(tx, turn, &row, conversation, now).await?;
        }
        Ok(!chats.is_empty())
    }
}

struct Outgoing<'a> {
    merchant: MerchantId,
    id: OutboxId,
    recipient: &'a Recipient,
    message: &'a OutboundMessage,
    subject: Subject,
    position: i64,
}

async fn insert_outbox(
    tx: &mut Tx,
    turn: &Decided,
    row: &Outgoing<'_>,
    conversation: Option<ConversationId>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (subject_kind, subject_id) = match row.subject {
        Subject::Conversation(id) => (Some("conversation"), Some(id.0)),
        Subject::Incident(id) => (Some("incident"), Some(id.0)),
        Subject::General => (None, None),
    };
    on!(tx, connection => sqlx::query(INSERT_OUTBOX)
        .bind(row.merchant.0).bind(row.id.0).bind(turn.claim.lane.0).bind(turn.id.0)
        .bind(row.recipient.channel().code()).bind(row.recipient.key()).bind(to_json(row.recipient)).bind(to_json(row.message))
        .bind(conversation.map(|id| id.0)).bind(subject_kind).bind(subject_id).bind(row.position)
        .bind(At(now)).bind(turn.claim.trace.0)
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

async fn insert_inbound(
    tx: &mut Tx,
    statement: &'static str,
    turn: &Decided,
    conversation: &Conversation,
    event: EventId,
    message: &InboundMessage,
) -> Result<(), StoreError> {
    let body = message.body.words().unwrap_or_default().replace('\0', "");
    on!(tx, connection => sqlx::query(statement)
        .bind(conversation.merchant.0).bind(MessageId(event.0).0).bind(conversation.id.0)
        .bind("in").bind("person").bind(message.body.label()).bind(body).bind(serde_json::json!([]))
        .bind(message.provider_id.replace('\0', "")).bind(None::<Uuid>).bind(event.0).bind(turn.id.0).bind(At(message.sent_at))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

async fn insert_outbound(
    tx: &mut Tx,
    turn: &Decided,
    conversation: &Conversation,
    message: &OutboundMessage,
    outbox: OutboxId,
    now: Timestamp,
) -> Result<(), StoreError> {
    let author = if message.template == "staff_reply" { "staff" } else { "bot" };
    on!(tx, connection => sqlx::query(INSERT_MESSAGE)
        .bind(conversation.merchant.0).bind(MessageId(outbox.0).0).bind(conversation.id.0)
        .bind("out").bind(author).bind(&message.template).bind(&message.body).bind(to_json(&message.buttons))
        .bind(None::<String>).bind(outbox.0).bind(None::<Uuid>).bind(turn.id.0).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Another lane that is told something.
pub(crate) struct Target {
    pub(crate) merchant: Option<MerchantId>,
    pub(crate) lane: LaneId,
    pub(crate) kind: &'static str,
}

async fn insert_event(
    tx: &mut Tx,
    turn: &Decided,
    key: &str,
    target: &Target,
    event: &InternalEvent,
    now: Timestamp,
) -> Result<i64, StoreError> {
    post(tx, &format!("turn:{}:{key}", turn.id), target, event, turn.claim.trace, now).await
}

/// Puts an event of ours into a lane, once for each key. Returns how many were new, which the caller tallies.
pub(crate) async fn post(
    tx: &mut Tx,
    key: &str,
    target: &Target,
    event: &InternalEvent,
    trace: TraceId,
    now: Timestamp,
) -> Result<i64, StoreError> {
    let content = EventContent::Internal(event.clone());
    let json: serde_json::Value = serde_json::from_str(&content_json(&content)).unwrap_or(serde_json::Value::Null);
    let inserted = on!(&mut *tx, connection => sqlx::query(INSERT_EVENT)
        .bind(EventId::new(now).0).bind(target.merchant.map(|id| id.0)).bind(format!("internal|{key}"))
        .bind(target.lane.0).bind(target.kind).bind(content.kind()).bind(json).bind(At(now)).bind(trace.0)
        .execute(connection).await.map(|done| done.rows_affected()))?;
    Ok(inserted as i64)
}

async fn open_incident(
    tx: &mut Tx,
    turn: &Decided,
    incident: &NewIncident,
    now: Timestamp,
    index: usize,
) -> Result<i64, StoreError> {
    let id = IncidentId::new(now);
    on!(&mut *tx, connection => sqlx::query(LOCK_MERCHANT).bind(incident.merchant.0).execute(connection).await.map(|_| ()))?;
    let row: IdRow = on!(&mut *tx, connection => sqlx::query_as(OPEN_INCIDENT)
        .bind(incident.merchant.0).bind(id.0).bind(&incident.kind).bind(&incident.dimension).bind(incident.severity)
        .bind(to_json(&incident.evidence)).bind(At(now))
        .fetch_one(connection).await)?;
    if row.id != id.0 {
        // It joined an open one: staff knows already.
        return Ok(0);
    }
    metrics::counter!("recado_incidents_opened_total").increment(1);
    let target = Target { merchant: Some(incident.merchant), lane: turn.claim.lane, kind: "crisis" };
    insert_event(tx, turn, &format!("incident{index}"), &target, &InternalEvent::IncidentChanged { incident: id }, now)
        .await
}

pub(crate) async fn change_incident(
    tx: &mut Tx,
    merchant: MerchantId,
    incident: IncidentId,
    action: IncidentAction,
    by: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let (statement, name) = match action {
        IncidentAction::Acknowledge => (ACKNOWLEDGE_INCIDENT, "incident.acknowledge"),
        IncidentAction::Resolve => (RESOLVE_INCIDENT, "incident.resolve"),
    };
    let changed = on!(&mut *tx, connection => sqlx::query(statement)
        .bind(merchant.0).bind(incident.0).bind(by).bind(At(now))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    let outcome = if changed > 0 { "done" } else { "already so" };
    let object = incident.to_string();
    let entry = AuditEntry { merchant: Some(merchant), actor: by, action: name, object: &object, outcome };
    audit::record(tx, now, &entry).await?;
    Ok(changed > 0)
}

/// Wakes a lane at an instant; a timer of the same kind must not wait in it.
pub(crate) async fn start_timer(
    tx: &mut Tx,
    (merchant, lane): (MerchantId, LaneId),
    conversation: Option<ConversationId>,
    kind: &str,
    due: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(START_TIMER)
        .bind(merchant.0).bind(TimerId::new(now).0).bind(lane.0).bind(conversation.map(|id| id.0)).bind(kind)
        .bind(At(due)).bind(At(now)).execute(connection).await.map(|_| ()))?;
    Ok(())
}

async fn cancel_timer(tx: &mut Tx, merchant: MerchantId, lane: LaneId, kind: &str) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(CANCEL_TIMER).bind(merchant.0).bind(lane.0).bind(kind)
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// What a list shows of a text.
fn preview(text: &str) -> String {
    text.chars().filter(|letter| *letter != '\0').take(160).collect()
}
