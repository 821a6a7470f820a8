//! A copy of everything that is kept of a person, as one document of JSON.

use recado_domain::PrivacyId;
use serde_json::{Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use super::person::Person;
use super::{PRIVACY_REQUEST, Row};
use crate::db::{At, Tx};
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

/// Messages and records of one document; far more than any person has.
const MOST: i64 = 100_000;

crate::sql! {
    COPY_CONVERSATION = "SELECT user_id, wa_id, profile_name, language, stopped, created_at, last_inbound_at FROM conversations \
        WHERE merchant_id = $1 AND id = $2";
    COPY_IDENTITIES = "SELECT value FROM identities WHERE merchant_id = $1 AND contact_id = $2 ORDER BY value";
    COPY_MESSAGES = "SELECT direction, author, kind, body, at FROM messages WHERE merchant_id = $1 AND conversation_id = $2 \
        ORDER BY at, id LIMIT CAST($3 AS BIGINT)";
    COPY_REQUESTS = "SELECT number, kind, order_name, details, status, asked_at, note FROM requests \
        WHERE merchant_id = $1 AND conversation_id = $2 ORDER BY number";
    COPY_REMINDERS = "SELECT debtor, body, state, approved_at, send_at FROM reminders WHERE merchant_id = $1 AND conversation_id = $2 \
        ORDER BY approved_at";
    COPY_SUMMARY = "SELECT body FROM summaries WHERE merchant_id = $1 AND conversation_id = $2";
    COPY_ORDER = "SELECT name, facts FROM orders WHERE merchant_id = $1 AND id = $2";
    COPY_PARCELS = "SELECT carrier, city, tracking_number, status, last_event_at, last_message FROM shipments \
        WHERE merchant_id = $1 AND order_id = $2 ORDER BY created_at";
    COPY_RECORD = "SELECT facts FROM things WHERE merchant_id = $1 AND kind = $2 AND external_id = $3";
}

#[derive(FromRow)]
struct ConversationRow {
    user_id: Option<String>,
    wa_id: Option<String>,
    profile_name: Option<String>,
    language: Option<String>,
    stopped: bool,
    created_at: At,
    last_inbound_at: Option<At>,
}

#[derive(FromRow)]
struct MessageRow {
    direction: String,
    author: String,
    kind: String,
    body: String,
    at: At,
}

#[derive(FromRow)]
struct RequestRow {
    number: i64,
    kind: String,
    order_name: String,
    details: Value,
    status: String,
    asked_at: At,
    note: Option<String>,
}

#[derive(FromRow)]
struct ReminderRow {
    debtor: String,
    body: String,
    state: String,
    approved_at: At,
    send_at: At,
}

#[derive(FromRow)]
struct OrderRow {
    name: String,
    facts: Value,
}

#[derive(FromRow)]
struct ParcelRow {
    carrier: Option<String>,
    city: Option<String>,
    tracking_number: Option<String>,
    status: String,
    last_event_at: At,
    last_message: Option<String>,
}

impl MerchantStore {
    /// Everything that is kept of the person whom a request is about. `None` when there is no such request, or it is done:
    /// then nobody knows any more whom it was about.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn privacy_copy(&self, id: PrivacyId) -> Result<Option<Value>, StoreError> {
        let mut tx = self.begin().await?;
        let row: Option<Row> = on!(&mut tx, connection => sqlx::query_as(PRIVACY_REQUEST).bind(self.id().0).bind(id.0)
            .fetch_optional(connection).await)?;
        let Some(row) = row.filter(|row| row.done_at.is_none()) else { return Ok(None) };
        let person = Person::of(&mut tx, self.id(), &row.country, id).await?;
        let (mut conversations, mut orders, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for conversation in &person.conversations {
            conversations.push(self.copy_conversation(&mut tx, *conversation).await?);
        }
        for order in person.orders.keys() {
            orders.extend(self.copy_order(&mut tx, *order).await?);
        }
        let customers = person.customers.iter().map(|id| ("customer", id));
        for (kind, id) in customers.chain(person.checkouts.iter().map(|token| ("checkout", token))) {
            let facts: Option<Value> = on!(&mut tx, connection => sqlx::query_scalar(COPY_RECORD)
                .bind(self.id().0).bind(kind).bind(id).fetch_optional(connection).await)?;
            records.extend(facts.map(|facts| json!({ "kind": kind, "id": id, "facts": facts })));
        }
        tx.commit().await?;
        Ok(Some(json!({
            "format": "recado-person/1",
            "request": id,
            "asked": row.request,
            "received_at": row.received_at.0,
            "named_by": { "phones": person.phones, "emails": person.emails, "customer_numbers": person.customers },
            "conversations": conversations,
            "orders": orders,
            "records": records,
        })))
    }

    async fn copy_conversation(&self, tx: &mut Tx, id: Uuid) -> Result<Value, StoreError> {
        let merchant = self.id().0;
        let of: Option<ConversationRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_CONVERSATION)
            .bind(merchant).bind(id).fetch_optional(connection).await)?;
        let identities: Vec<String> = on!(&mut *tx, connection => sqlx::query_scalar(COPY_IDENTITIES)
            .bind(merchant).bind(id).fetch_all(connection).await)?;
        let messages: Vec<MessageRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_MESSAGES)
            .bind(merchant).bind(id).bind(MOST).fetch_all(connection).await)?;
        let requests: Vec<RequestRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_REQUESTS)
            .bind(merchant).bind(id).fetch_all(connection).await)?;
        let reminders: Vec<ReminderRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_REMINDERS)
            .bind(merchant).bind(id).fetch_all(connection).await)?;
        let summary: Option<String> = on!(&mut *tx, connection => sqlx::query_scalar(COPY_SUMMARY)
            .bind(merchant).bind(id).fetch_optional(connection).await)?;
        let person = of.map(|of| {
            json!({
                "user_id": of.user_id, "wa_id": of.wa_id, "profile_name": of.profile_name, "language": of.language,
                "no_unasked_messages": of.stopped, "since": of.created_at.0, "wrote_last_at": of.last_inbound_at.map(|at| at.0),
            })
        });
        let message = |row: MessageRow| json!({ "direction": row.direction, "author": row.author, "kind": row.kind, "text": row.body, "at": row.at.0 });
        let request = |row: RequestRow| {
            json!({
                "number": row.number, "kind": row.kind, "order": row.order_name, "details": row.details, "status": row.status,
                "asked_at": row.asked_at.0, "note": row.note,
            })
        };
        let reminder = |row: ReminderRow| {
            json!({
                "name": row.debtor, "text": row.body, "state": row.state, "approved_at": row.approved_at.0, "leaves_at": row.send_at.0,
            })
        };
        Ok(json!({
            "person": person,
            "identities": identities,
            "summary": summary,
            "messages": messages.into_iter().map(message).collect::<Vec<_>>(),
            "requests": requests.into_iter().map(request).collect::<Vec<_>>(),
            "reminders": reminders.into_iter().map(reminder).collect::<Vec<_>>(),
        }))
    }

    async fn copy_order(&self, tx: &mut Tx, id: Uuid) -> Result<Option<Value>, StoreError> {
        let row: Option<OrderRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_ORDER).bind(self.id().0).bind(id)
            .fetch_optional(connection).await)?;
        let Some(row) = row else { return Ok(None) };
        let parcels: Vec<ParcelRow> = on!(&mut *tx, connection => sqlx::query_as(COPY_PARCELS).bind(self.id().0).bind(id)
            .fetch_all(connection).await)?;
        let parcel = |row: ParcelRow| {
            json!({
                "carrier": row.carrier, "city": row.city, "tracking_number": row.tracking_number, "status": row.status,
                "last_event_at": row.last_event_at.0, "last_message": row.last_message,
            })
        };
        let parcels: Vec<Value> = parcels.into_iter().map(parcel).collect();
        Ok(Some(json!({ "name": row.name, "facts": row.facts, "parcels": parcels })))
    }
}
