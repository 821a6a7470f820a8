//! Who a request is about: everything that is theirs, found from what the request names.
//!
//! A person in the chat is who the channel says they are, so theirs is what carries the same phone. For the shop platform
//! it is the customer it names, by number, e-mail and phone, and the orders it lists.

use std::collections::{BTreeMap, BTreeSet};

use recado_domain::contact::{email_key, phone_key};
use recado_domain::order::CustomerFacts;
use recado_domain::privacy::Reach;
use recado_domain::{ConversationId, LaneId, MerchantId, PrivacyId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{Tx, from_json, to_json};
use crate::inbox::order_lane;
use crate::{StoreError, on};

/// Rows of one page.
pub(super) const PAGE: i64 = 1_000;

/// Kinds of a shop's records.
pub(super) const CUSTOMER: &str = "customer";
pub(super) const CHECKOUT: &str = "checkout";

crate::sql! {
    PRIVACY_SUBJECT = "SELECT subject FROM compliance_requests WHERE merchant_id = $1 AND id = $2";
    KEEP_PERSON = "UPDATE compliance_requests SET subject = $3 WHERE merchant_id = $1 AND id = $2 AND done_at IS NULL";
    PHONE_OF_CONVERSATION = "SELECT phone_key FROM conversations WHERE merchant_id = $1 AND id = $2";
    CONVERSATIONS_OF_PHONE = "SELECT id FROM conversations WHERE merchant_id = $1 AND phone_key = $2";
    IDS_OF_PERSON = "SELECT value FROM identities WHERE merchant_id = $1 AND contact_id = $2";
    MERGED_FROM = "SELECT from_id FROM merged_people WHERE merchant_id = $1 AND into_id = $2";
    STAYS = "SELECT into_id FROM merged_people WHERE merchant_id = $1 AND from_id = $2";
    PERSON_ORDERS_BY_PHONE = "SELECT id, external_id, phone_key FROM orders WHERE merchant_id = $1 AND phone_key = $2";
    PERSON_ORDERS_BY_EMAIL = "SELECT id, external_id, phone_key FROM orders WHERE merchant_id = $1 AND email_key = $2";
    PERSON_ORDERS_BY_CUSTOMER = "SELECT id, external_id, phone_key FROM orders WHERE merchant_id = $1 AND customer_id = $2";
    PERSON_ORDER_BY_NUMBER = "SELECT id, external_id, phone_key FROM orders WHERE merchant_id = $1 AND external_id = $2";
    THINGS_PAGE = "SELECT external_id, facts FROM things WHERE merchant_id = $1 AND kind = $2 AND external_id > $3 \
        ORDER BY external_id LIMIT CAST($4 AS BIGINT)";
    COUNT_MESSAGES = "SELECT COUNT(*) FROM messages WHERE merchant_id = $1 AND conversation_id = $2";
    COUNT_REQUESTS = "SELECT COUNT(*) FROM requests WHERE merchant_id = $1 AND conversation_id = $2";
    COUNT_ORDER = "SELECT COUNT(*) FROM orders WHERE merchant_id = $1 AND id = $2 AND erased_at IS NULL";
    COUNT_UNDER_WAY = "SELECT COUNT(*) FROM orders o WHERE o.merchant_id = $1 AND o.id = $2 AND o.erased_at IS NULL AND o.cancelled_at IS NULL \
        AND NOT EXISTS (SELECT 1 FROM shipments s WHERE s.merchant_id = o.merchant_id AND s.order_id = o.id AND NOT s.active)";
    COUNT_CONVERSATIONS = "SELECT COUNT(*) FROM conversations WHERE merchant_id = $1";
    COUNT_ALL_MESSAGES = "SELECT COUNT(*) FROM messages WHERE merchant_id = $1";
    COUNT_ALL_ORDERS = "SELECT COUNT(*) FROM orders WHERE merchant_id = $1 AND erased_at IS NULL";
    COUNT_RECORDS = "SELECT COUNT(*) FROM things WHERE merchant_id = $1 AND kind IN ('customer', 'checkout')";
    COUNT_ALL_REQUESTS = "SELECT COUNT(*) FROM requests WHERE merchant_id = $1";
}

/// What is kept for a request of the chat.
pub(super) fn of_conversation(conversation: ConversationId) -> Value {
    json!({ "conversation": conversation })
}

/// What a request names, before it was looked up.
#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    conversation: Option<ConversationId>,
    #[serde(default)]
    customer: Option<CustomerFacts>,
    #[serde(default)]
    orders: Vec<String>,
    #[serde(default)]
    person: Option<Person>,
    #[serde(default)]
    seed: Option<Uuid>,
    /// Of the list of erasures.
    #[serde(default)]
    marks: BTreeSet<String>,
}

/// Everything that is somebody's, by its name here.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Person {
    pub(super) conversations: BTreeSet<Uuid>,
    /// Lanes of persons that became one with them: their old events stand there.
    #[serde(default)]
    pub(super) merged: BTreeSet<Uuid>,
    /// By which WhatsApp names them, as they stand in its deliveries.
    #[serde(default)]
    pub(super) ids: BTreeSet<String>,
    pub(super) phones: BTreeSet<String>,
    pub(super) emails: BTreeSet<String>,
    /// The shop's numbers of the customer.
    pub(super) customers: BTreeSet<String>,
    pub(super) checkouts: BTreeSet<String>,
    /// Our id of each order, and the shop's.
    pub(super) orders: BTreeMap<Uuid, String>,
}

async fn named(tx: &mut Tx, merchant: MerchantId, id: PrivacyId) -> Result<Named, StoreError> {
    let subject: Option<Value> = on!(tx, connection => sqlx::query_scalar(PRIVACY_SUBJECT)
        .bind(merchant.0).bind(id.0).fetch_optional(connection).await)?;
    subject.map_or_else(|| Ok(Named::default()), |subject| from_json(subject, "compliance_requests", "subject"))
}

/// Keeps whom an erasure is about, and what its new numbers are derived of, until it is done. Returns the latter.
pub(super) async fn keep(
    tx: &mut Tx,
    merchant: MerchantId,
    id: PrivacyId,
    person: Option<&Person>,
) -> Result<Uuid, StoreError> {
    let seed = named(tx, merchant, id).await?.seed.unwrap_or_else(Uuid::new_v4);
    on!(tx, connection => sqlx::query(KEEP_PERSON).bind(merchant.0).bind(id.0)
        .bind(json!({ "person": person.map(to_json), "seed": seed }))
        .execute(connection).await.map(|_| ()))?;
    Ok(seed)
}

#[derive(FromRow)]
struct OrderRow {
    id: Uuid,
    external_id: String,
    phone_key: Option<String>,
}

/// A shop's record of a customer or a checkout.
pub(super) struct Record<'a> {
    pub(super) kind: &'static str,
    pub(super) id: &'a str,
    pub(super) phone: Option<&'a str>,
    pub(super) email: Option<&'a str>,
}

#[derive(FromRow)]
struct ThingRow {
    external_id: String,
    facts: Value,
}

impl Person {
    /// Whom a request is about. Once it was looked up it stays that, so that a run after a crash still knows whom.
    pub(super) async fn of(
        tx: &mut Tx,
        merchant: MerchantId,
        country: &str,
        id: PrivacyId,
    ) -> Result<Self, StoreError> {
        let named = named(tx, merchant, id).await?;
        Self::named(tx, merchant, country, named).await
    }

    async fn named(tx: &mut Tx, merchant: MerchantId, country: &str, named: Named) -> Result<Self, StoreError> {
        match named.person {
            Some(person) => Ok(person),
            None => Self::find(tx, merchant, country, named).await,
        }
    }

    /// As [`Person::of`], for whoever erases: whom the list of erasures means is looked for only then, since the key of its
    /// marks is no merchant's.
    pub(super) async fn to_erase(
        tx: &mut Tx,
        merchant: MerchantId,
        country: &str,
        id: PrivacyId,
    ) -> Result<Self, StoreError> {
        let named = named(tx, merchant, id).await?;
        if named.person.is_none() && !named.marks.is_empty() {
            return Self::find_marked(tx, merchant, country, &named.marks).await;
        }
        Self::named(tx, merchant, country, named).await
    }

    async fn find(tx: &mut Tx, merchant: MerchantId, country: &str, named: Named) -> Result<Self, StoreError> {
        let mut person = Self::default();
        let customer = named.customer.unwrap_or_default();
        person.phones.extend(customer.phone.as_deref().and_then(|phone| phone_key(phone, country)));
        person.emails.extend(customer.email.as_deref().and_then(email_key));
        person.customers.extend(customer.external_id);
        if let Some(conversation) = named.conversation {
            // Who asked may have become one with another person meanwhile.
            let stays: Option<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(STAYS).bind(merchant.0)
                .bind(conversation.0).fetch_optional(connection).await)?;
            let conversation = stays.map_or(conversation, ConversationId);
            person.conversations.insert(conversation.0);
            let phone: Option<Option<String>> = on!(&mut *tx, connection => sqlx::query_scalar(PHONE_OF_CONVERSATION)
                .bind(merchant.0).bind(conversation.0).fetch_optional(connection).await)?;
            person.phones.extend(phone.flatten());
        }
        person
            .find_records(tx, merchant, country, |person, record| {
                record.phone.is_some_and(|phone| person.phones.contains(phone))
                    || record.email.is_some_and(|email| person.emails.contains(email))
                    || (record.kind == CUSTOMER && person.customers.contains(record.id))
            })
            .await?;
        for (statement, values) in [
            (PERSON_ORDERS_BY_PHONE, person.phones.clone()),
            (PERSON_ORDERS_BY_EMAIL, person.emails.clone()),
            (PERSON_ORDERS_BY_CUSTOMER, person.customers.clone()),
            (PERSON_ORDER_BY_NUMBER, named.orders.into_iter().collect()),
        ] {
            for value in values {
                let rows: Vec<OrderRow> = on!(&mut *tx, connection => sqlx::query_as(statement)
                    .bind(merchant.0).bind(&value).fetch_all(connection).await)?;
                for row in rows {
                    // Whom the platform names wrote to us from the phones on their orders. A person in the chat is their own
                    // phone and no other.
                    if named.conversation.is_none() {
                        person.phones.extend(row.phone_key);
                    }
                    person.orders.insert(row.id, row.external_id);
                }
            }
        }
        for phone in &person.phones {
            let found: Vec<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(CONVERSATIONS_OF_PHONE)
                .bind(merchant.0).bind(phone).fetch_all(connection).await)?;
            person.conversations.extend(found);
        }
        person.find_ids(tx, merchant).await?;
        Ok(person)
    }

    /// The names under which WhatsApp knows the person, and the lanes of persons who became one with them.
    pub(super) async fn find_ids(&mut self, tx: &mut Tx, merchant: MerchantId) -> Result<(), StoreError> {
        for conversation in self.conversations.clone() {
            let ids: Vec<String> = on!(&mut *tx, connection => sqlx::query_scalar(IDS_OF_PERSON).bind(merchant.0)
                .bind(conversation).fetch_all(connection).await)?;
            self.ids.extend(ids.into_iter().filter_map(|id| Some(id.split_once(':')?.1.to_owned())));
            let merged: Vec<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(MERGED_FROM).bind(merchant.0)
                .bind(conversation).fetch_all(connection).await)?;
            self.merged.extend(merged);
        }
        Ok(())
    }

    /// The shop's records of a customer and of checkouts that are theirs.
    pub(super) async fn find_records(
        &mut self,
        tx: &mut Tx,
        merchant: MerchantId,
        country: &str,
        theirs: impl Fn(&Self, &Record<'_>) -> bool,
    ) -> Result<(), StoreError> {
        for kind in [CUSTOMER, CHECKOUT] {
            let mut after = String::new();
            loop {
                let rows: Vec<ThingRow> = on!(&mut *tx, connection => sqlx::query_as(THINGS_PAGE)
                    .bind(merchant.0).bind(kind).bind(&after).bind(PAGE).fetch_all(connection).await)?;
                let Some(last) = rows.last() else { break };
                after.clone_from(&last.external_id);
                for row in rows {
                    let phone = row.facts["phone"].as_str().and_then(|phone| phone_key(phone, country));
                    let email = row.facts["email"].as_str().and_then(email_key);
                    let record =
                        Record { kind, id: &row.external_id, phone: phone.as_deref(), email: email.as_deref() };
                    if theirs(self, &record) {
                        let list = if kind == CUSTOMER { &mut self.customers } else { &mut self.checkouts };
                        list.insert(row.external_id);
                    }
                }
            }
        }
        Ok(())
    }

    /// The lanes in which the person's events run, in the order in which locks are taken.
    pub(super) fn lanes(&self, merchant: MerchantId) -> BTreeSet<Uuid> {
        let shop = merchant.to_string();
        let of = |parts: &[&str]| LaneId::derived(&[&[shop.as_str()], parts].concat()).0;
        let orders = self.orders.values().map(|order| order_lane(merchant, order).0);
        let customers = self.customers.iter().map(|id| of(&["thing", "customer", id]));
        let checkouts = self.checkouts.iter().map(|token| of(&["thing", "checkout", token]));
        self.conversations.iter().chain(&self.merged).copied().chain(orders).chain(customers).chain(checkouts).collect()
    }

    /// How much is theirs.
    pub(super) async fn reach(&self, tx: &mut Tx, merchant: MerchantId) -> Result<Reach, StoreError> {
        let mut reach = Reach {
            conversations: self.conversations.len() as i64,
            records: (self.customers.len() + self.checkouts.len()) as i64,
            ..Reach::default()
        };
        for conversation in &self.conversations {
            reach.messages += count(tx, COUNT_MESSAGES, merchant, Some(*conversation)).await?;
            reach.requests += count(tx, COUNT_REQUESTS, merchant, Some(*conversation)).await?;
        }
        for order in self.orders.keys() {
            reach.orders += count(tx, COUNT_ORDER, merchant, Some(*order)).await?;
            reach.under_way += count(tx, COUNT_UNDER_WAY, merchant, Some(*order)).await?;
        }
        Ok(reach)
    }
}

async fn count(
    tx: &mut Tx,
    statement: &'static str,
    merchant: MerchantId,
    of: Option<Uuid>,
) -> Result<i64, StoreError> {
    let number = match of {
        Some(id) => on!(tx, connection => sqlx::query_scalar(statement).bind(merchant.0).bind(id)
            .fetch_one(connection).await)?,
        None => on!(tx, connection => sqlx::query_scalar(statement).bind(merchant.0).fetch_one(connection).await)?,
    };
    Ok(number)
}

/// How much all people of a shop have.
pub(super) async fn reach_of_shop(tx: &mut Tx, merchant: MerchantId) -> Result<Reach, StoreError> {
    Ok(Reach {
        conversations: count(tx, COUNT_CONVERSATIONS, merchant, None).await?,
        messages: count(tx, COUNT_ALL_MESSAGES, merchant, None).await?,
        orders: count(tx, COUNT_ALL_ORDERS, merchant, None).await?,
        under_way: 0,
        records: count(tx, COUNT_RECORDS, merchant, None).await?,
        requests: count(tx, COUNT_ALL_REQUESTS, merchant, None).await?,
    })
}
