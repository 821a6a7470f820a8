//! Reminders of what is owed, and the phones that were told for them. One is written in the turn in which a member confirmed
//! it, belongs to the conversation of whoever owes, and is settled by that conversation's lane, once.

mod phones;

use std::time::Duration;

use jiff::ToSpan as _;
use jiff::civil::Date;
use recado_domain::contact::phone_key;
use recado_domain::finance::advice::collections::CONTACT_RULES;
use recado_domain::finance::reminder::Debt;
use recado_domain::finance::reminder::{
    ANSWERED_WITHIN, Dropped, DueReminder, FOLLOW_UP_DAYS, NewReminder, OpenInvoice, Past, Reminder, Returned, State,
    TemplateWords, Tone, debts, timer_kind,
};
use recado_domain::merchant::Merchant;
use recado_domain::shipment::place_key;
use recado_domain::{ContactId, ConversationId, MerchantId, ReminderBatchId, ReminderId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, Json, Pair, Tx, to_json};
use crate::engine::{LOCK_MERCHANT, start_timer};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    PAST_REMINDERS = "SELECT debtor_key, batch_id, invoices, tone, state, reason, approved_at, send_at FROM reminders \
        WHERE merchant_id = $1 ORDER BY approved_at";
    REMINDER_BY_ID = "SELECT id, conversation_id, debtor, invoices, body, template, state, reason, send_at, approved_by FROM reminders \
        WHERE merchant_id = $1 AND id = $2 AND conversation_id = $3";
    UNANSWERED_REMINDER = "SELECT id, conversation_id, debtor, invoices, body, template, state, reason, send_at, approved_by FROM reminders \
        WHERE merchant_id = $1 AND conversation_id = $2 AND state = 'sent' AND answered_at IS NULL AND settled_at >= $3 \
        ORDER BY settled_at DESC LIMIT 1";
    UNCHECKED_REMINDERS = "SELECT id, conversation_id, debtor, invoices, body, template, state, reason, send_at, approved_by FROM reminders \
        WHERE merchant_id = $1 AND state = 'sent' AND checked_at IS NULL AND check_on <= $2 ORDER BY check_on, id LIMIT 10";
    // Whoever got one lately, or is about to, gets no other: two members may confirm at once.
    INSERT_REMINDER = "INSERT INTO reminders (merchant_id, id, batch_id, conversation_id, debtor, debtor_key, invoices, tone, body, template, \
            state, approved_by, approved_at, send_at) \
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'scheduled', $11, $12, $13 \
        WHERE NOT EXISTS (SELECT 1 FROM reminders r WHERE r.merchant_id = $1 AND r.debtor_key = $6 AND r.state IN ('scheduled', 'sent') \
            AND r.send_at > $14) \
        ON CONFLICT (merchant_id, id) DO NOTHING";
    HAS_REMINDER = "SELECT COUNT(*) FROM reminders WHERE merchant_id = $1 AND id = $2";
    SETTLE_REMINDER = "UPDATE reminders SET state = $4, reason = $5, settled_at = $6, check_on = $7 \
        WHERE merchant_id = $1 AND id = $2 AND conversation_id = $3 AND state = 'scheduled'";
    ANSWER_REMINDER = "UPDATE reminders SET answered_at = $4 WHERE merchant_id = $1 AND id = $2 AND conversation_id = $3 AND answered_at IS NULL";
    CHECK_REMINDER = "UPDATE reminders SET checked_at = $3 WHERE merchant_id = $1 AND id = $2 AND checked_at IS NULL";
    CONTACT_OF_PHONE = "SELECT contact_id FROM identities WHERE merchant_id = $1 AND channel = 'whatsapp' AND value = $2";
    KEEP_CONTACT = "INSERT INTO identities (merchant_id, channel, value, contact_id, created_at) VALUES ($1, 'whatsapp', $2, $3, $4) \
        ON CONFLICT (merchant_id, channel, value) DO NOTHING";
    BEGIN_CONVERSATION = "INSERT INTO conversations (merchant_id, id, user_id, wa_id, phone_key, phone_number_id, profile_name, language, \
            owner, owner_kind, waiting_since, stopped, last_inbound_at, last_message_at, last_text, turns, position, created_at) \
        VALUES ($1, $2, NULL, $3, $4, $5, $6, NULL, $7, 'bot', NULL, $8, NULL, $9, NULL, 0, 0, $9) ON CONFLICT DO NOTHING";
    // What was said is forgotten with the raw deliveries; that it was said, and of which invoice, is not.
    FORGET_REMINDERS = "UPDATE reminders SET body = '', template = NULL WHERE body <> '' AND settled_at < $1";
}

/// The statements of reminders and of phones.
pub(crate) fn statements() -> Vec<(&'static str, &'static str)> {
    [STATEMENTS, phones::STATEMENTS].concat()
}

/// Where the two databases differ: how facts are looked into.
pub(crate) const PAIRS: &[(&str, Pair)] = phones::PAIRS;

pub(crate) use phones::keep_debtor;

#[derive(FromRow)]
struct PastRow {
    debtor_key: String,
    batch_id: Uuid,
    invoices: Json<Vec<OpenInvoice>>,
    tone: String,
    state: String,
    reason: Option<String>,
    approved_at: At,
    send_at: At,
}

#[derive(FromRow)]
struct ReminderRow {
    id: Uuid,
    conversation_id: Uuid,
    debtor: String,
    invoices: Json<Vec<OpenInvoice>>,
    body: String,
    template: Option<Json<TemplateWords>>,
    state: String,
    reason: Option<String>,
    send_at: At,
    approved_by: String,
}

fn corrupt(column: &'static str, problem: &str) -> StoreError {
    StoreError::Corrupt { table: "reminders", column, problem: problem.to_owned() }
}

fn state(state: &str, reason: Option<&str>) -> Result<State, StoreError> {
    State::of_codes(state, reason).ok_or_else(|| corrupt("state", state))
}

impl PastRow {
    fn read(self) -> Result<(String, Past), StoreError> {
        let past = Past {
            batch: ReminderBatchId(self.batch_id),
            invoices: self.invoices.0.into_iter().map(|invoice| invoice.id).collect(),
            tone: Tone::of_code(&self.tone).ok_or_else(|| corrupt("tone", &self.tone))?,
            approved_at: self.approved_at.into(),
            send_at: self.send_at.into(),
            state: state(&self.state, self.reason.as_deref())?,
        };
        Ok((self.debtor_key, past))
    }
}

impl TryFrom<ReminderRow> for Reminder {
    type Error = StoreError;
    fn try_from(row: ReminderRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: ReminderId(row.id),
            debtor: row.debtor,
            conversation: ConversationId(row.conversation_id),
            invoices: row.invoices.0,
            body: row.body,
            template: row.template.map(|template| template.0),
            send_at: row.send_at.into(),
            state: state(&row.state, row.reason.as_deref())?,
            approved_by: row.approved_by,
        })
    }
}

/// Keeps a confirmed reminder within the turn that confirmed it, with the timer that wakes the debtor's conversation for it.
/// `number` is our number's id. One that is kept already stays as it is.
///
/// # Errors
/// [`StoreError::Refused`] when another was confirmed meanwhile for the same debtor: the turn is to be decided anew.
pub(crate) async fn add(
    tx: &mut Tx,
    merchant: &Merchant,
    number: &str,
    reminder: &NewReminder,
    now: Timestamp,
) -> Result<(), StoreError> {
    // Two members who confirm at once meet at the shop's row.
    on!(&mut *tx, connection => sqlx::query(LOCK_MERCHANT).bind(merchant.id.0).execute(connection).await.map(|_| ()))?;
    let known: i64 = on!(&mut *tx, connection => sqlx::query_scalar(HAS_REMINDER).bind(merchant.id.0).bind(reminder.id.0)
        .fetch_one(connection).await)?;
    if known > 0 {
        return Ok(());
    }
    let conversation = conversation_of(tx, merchant, number, reminder, now).await?;
    let days = Duration::from_secs(86_400 * CONTACT_RULES.days_between.unsigned_abs());
    let added = on!(&mut *tx, connection => sqlx::query(INSERT_REMINDER)
        .bind(merchant.id.0).bind(reminder.id.0).bind(reminder.batch.0).bind(conversation.0)
        .bind(&reminder.debtor).bind(place_key(&reminder.debtor)).bind(to_json(&reminder.invoices)).bind(reminder.tone.code())
        .bind(&reminder.body).bind(reminder.template.as_ref().map(to_json)).bind(&reminder.approved_by)
        .bind(At(now)).bind(At(reminder.send_at)).bind(At(now.minus(days)))
        .execute(connection).await.map(|done| done.rows_affected()))?;
    if added == 0 {
        return Err(StoreError::Refused("this debtor was to be reminded by somebody else at the same moment"));
    }
    start_timer(
        tx,
        (merchant.id, conversation.lane()),
        Some(conversation),
        &timer_kind(reminder.id),
        reminder.send_at,
        now,
    )
    .await?;
    metrics::counter!("recado_reminders_total", "state" => "approved").increment(1);
    Ok(())
}

/// The conversation of the person behind a phone; begun when there is none, so that what they answer is told in it.
async fn conversation_of(
    tx: &mut Tx,
    merchant: &Merchant,
    number: &str,
    reminder: &NewReminder,
    now: Timestamp,
) -> Result<ConversationId, StoreError> {
    let shop = merchant.id.0;
    let phone = phone_key(&format!("+{}", reminder.digits), &merchant.country);
    if let Some(known) = phones::conversation(tx, merchant.id, phone.as_deref().unwrap_or_default()).await? {
        return Ok(known.id);
    }
    let value = format!("phone:{}", reminder.digits);
    let known: Option<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(CONTACT_OF_PHONE).bind(shop).bind(&value)
        .fetch_optional(connection).await)?;
    let contact = match known {
        Some(contact) => contact,
        None => {
            // Derived as the inbox derives it, so that whoever meets this person first agrees with whoever comes next.
            let contact = ContactId::derived(&[&merchant.id.to_string(), "whatsapp", &value]).0;
            on!(&mut *tx, connection => sqlx::query(KEEP_CONTACT).bind(shop).bind(&value).bind(contact).bind(At(now))
                .execute(connection).await.map(|_| ()))?;
            contact
        }
    };
    let name: String = reminder.debtor.chars().take(160).collect();
    on!(&mut *tx, connection => sqlx::query(BEGIN_CONVERSATION).bind(shop).bind(contact).bind(&reminder.digits).bind(phone)
        .bind(number).bind(name).bind(to_json(&recado_domain::conversation::Owner::Bot)).bind(false).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(ConversationId(contact))
}

/// A reminder of a conversation left with a turn, or is dropped.
pub(crate) async fn settle(
    tx: &mut Tx,
    merchant: &Merchant,
    conversation: ConversationId,
    (id, dropped): (ReminderId, Option<Dropped>),
    now: Timestamp,
) -> Result<(), StoreError> {
    let (state, reason) = dropped.map_or(State::Sent, State::Dropped).codes();
    let check_on = dropped.is_none().then(|| {
        let today = now.in_zone(&merchant.zone()).date();
        today.saturating_add(FOLLOW_UP_DAYS.days()).to_string()
    });
    on!(tx, connection => sqlx::query(SETTLE_REMINDER).bind(merchant.id.0).bind(id.0).bind(conversation.0)
        .bind(state).bind(reason).bind(At(now)).bind(check_on).execute(connection).await.map(|_| ()))?;
    metrics::counter!("recado_reminders_total", "state" => state).increment(1);
    Ok(())
}

/// The debtor wrote something after it.
pub(crate) async fn answered(
    tx: &mut Tx,
    merchant: MerchantId,
    conversation: ConversationId,
    id: ReminderId,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(ANSWER_REMINDER).bind(merchant.0).bind(id.0).bind(conversation.0).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// It was looked whether the money came.
pub(crate) async fn check(tx: &mut Tx, merchant: MerchantId, id: ReminderId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(CHECK_REMINDER).bind(merchant.0).bind(id.0).bind(At(now))
        .execute(connection).await.map(|_| ()))?;
    Ok(())
}

/// Forgets the words of what was settled before an instant.
pub(crate) async fn forget_words(tx: &mut Tx, before: Timestamp) -> Result<(), StoreError> {
    on!(tx, connection => sqlx::query(FORGET_REMINDERS).bind(At(before)).execute(connection).await.map(|_| ()))?;
    Ok(())
}

impl MerchantStore {
    /// Who owes on invoices now, whoever owes longest first, with the reminders that they got.
    ///
    /// # Errors
    /// When the database does not answer, or keeps what is no fact.
    pub async fn debts(&self, merchant: &Merchant) -> Result<Vec<Debt>, StoreError> {
        let invoices = self.invoices(merchant).await?;
        let mut tx = self.begin().await?;
        let rows: Vec<PastRow> = on!(&mut tx, connection => sqlx::query_as(PAST_REMINDERS).bind(self.id().0)
            .fetch_all(connection).await)?;
        tx.commit().await?;
        let past = rows.into_iter().map(PastRow::read).collect::<Result<Vec<_>, _>>()?;
        Ok(debts(&invoices, past))
    }

    /// A reminder to a conversation, and whether exactly what it speaks of is owed now.
    ///
    /// # Errors
    /// When the database does not answer, or keeps what is no fact.
    pub async fn due_reminder(
        &self,
        merchant: &Merchant,
        conversation: ConversationId,
        id: ReminderId,
    ) -> Result<Option<DueReminder>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<ReminderRow> = on!(&mut tx, connection => sqlx::query_as(REMINDER_BY_ID)
            .bind(self.id().0).bind(id.0).bind(conversation.0).fetch_optional(connection).await)?;
        tx.commit().await?;
        let Some(row) = row else { return Ok(None) };
        let reminder = Reminder::try_from(row)?;
        let open = self.open_invoices(merchant).await?;
        let stands = reminder.invoices.iter().all(|spoken| open.contains(spoken));
        Ok(Some(DueReminder { reminder, stands }))
    }

    /// The last reminder that a conversation got, if nothing was written since and it may still be meant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unanswered_reminder(&self, conversation: ConversationId) -> Result<Option<Reminder>, StoreError> {
        let since = self.clock().now().minus(ANSWERED_WITHIN);
        let mut tx = self.begin().await?;
        let row: Option<ReminderRow> = on!(&mut tx, connection => sqlx::query_as(UNANSWERED_REMINDER)
            .bind(self.id().0).bind(conversation.0).bind(At(since)).fetch_optional(connection).await)?;
        tx.commit().await?;
        row.map(TryInto::try_into).transpose()
    }

    /// What came of reminders whose horizon has come, the oldest first, at most 10.
    ///
    /// # Errors
    /// When the database does not answer, or keeps what is no fact.
    pub async fn due_reminders(&self, merchant: &Merchant, today: Date) -> Result<Vec<Returned>, StoreError> {
        let mut tx = self.begin().await?;
        let rows: Vec<ReminderRow> = on!(&mut tx, connection => sqlx::query_as(UNCHECKED_REMINDERS)
            .bind(self.id().0).bind(today.to_string()).fetch_all(connection).await)?;
        tx.commit().await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let open = self.open_invoices(merchant).await?;
        let reminders = rows.into_iter().map(Reminder::try_from).collect::<Result<Vec<_>, _>>()?;
        Ok(reminders.iter().filter_map(|reminder| Returned::of(reminder, &open)).collect())
    }

    async fn open_invoices(&self, merchant: &Merchant) -> Result<Vec<OpenInvoice>, StoreError> {
        let all = debts(&self.invoices(merchant).await?, Vec::new());
        Ok(all.into_iter().flat_map(|debt| debt.invoices).collect())
    }
}
