//! A person by their marks: made for the list of erasures, and found again by them in a restored copy.

use std::collections::BTreeSet;

use recado_domain::MerchantId;
use sqlx::FromRow;
use uuid::Uuid;

use super::list::Marker;
use super::person::{CHECKOUT, CUSTOMER, PAGE, Person};
use crate::db::Tx;
use crate::{StoreError, on};

/// What marks are made of, beside the kinds of a shop's records.
const CONVERSATION: &str = "conversation";
const PHONE: &str = "phone";
const EMAIL: &str = "email";
const ORDER: &str = "order";

crate::sql! {
    KNOWN_PEOPLE = "SELECT DISTINCT contact_id FROM identities WHERE merchant_id = $1 AND contact_id > $2 \
        ORDER BY contact_id LIMIT CAST($3 AS BIGINT)";
    CONVERSATIONS_PAGE = "SELECT id, phone_key FROM conversations WHERE merchant_id = $1 AND id > $2 ORDER BY id LIMIT CAST($3 AS BIGINT)";
    ORDERS_PAGE = "SELECT id, external_id, phone_key, email_key, customer_id FROM orders WHERE merchant_id = $1 AND id > $2 \
        ORDER BY id LIMIT CAST($3 AS BIGINT)";
    DEBTOR_PHONES = "SELECT DISTINCT phone_key FROM debtors WHERE merchant_id = $1 AND phone_key > $2 \
        ORDER BY phone_key LIMIT CAST($3 AS BIGINT)";
}

#[derive(FromRow)]
struct ConversationRow {
    id: Uuid,
    phone_key: Option<String>,
}

#[derive(FromRow)]
struct MarkedOrderRow {
    id: Uuid,
    external_id: String,
    phone_key: Option<String>,
    email_key: Option<String>,
    customer_id: Option<String>,
}

impl Person {
    /// What the list of erasures says of the person.
    pub(super) fn marks(&self, marker: &Marker, merchant: MerchantId) -> BTreeSet<String> {
        let lanes = self.conversations.iter().chain(&self.merged).map(|id| (CONVERSATION, id.to_string()));
        let of = |kind: &'static str, values: &BTreeSet<String>| {
            values.iter().map(|value| (kind, value.clone())).collect::<Vec<_>>()
        };
        lanes
            .chain(of(PHONE, &self.phones))
            .chain(of(EMAIL, &self.emails))
            .chain(of(CUSTOMER, &self.customers))
            .chain(of(CHECKOUT, &self.checkouts))
            .chain(self.orders.values().map(|number| (ORDER, number.clone())))
            .map(|(kind, value)| marker.mark(merchant, kind, &value))
            .collect()
    }

    /// Whoever the marks of the list of erasures mean, among those whom this database holds.
    pub(super) async fn find_marked(
        tx: &mut Tx,
        merchant: MerchantId,
        country: &str,
        marks: &BTreeSet<String>,
    ) -> Result<Self, StoreError> {
        let marker = Marker::of(tx).await?;
        let theirs = |kind: &str, value: &str| marks.contains(&marker.mark(merchant, kind, value));
        let mut person = Self::default();
        let mut after = Uuid::nil();
        loop {
            let people: Vec<Uuid> = on!(&mut *tx, connection => sqlx::query_scalar(KNOWN_PEOPLE)
                .bind(merchant.0).bind(after).bind(PAGE).fetch_all(connection).await)?;
            let Some(last) = people.last() else { break };
            after = *last;
            person.conversations.extend(people.into_iter().filter(|id| theirs(CONVERSATION, &id.to_string())));
        }
        after = Uuid::nil();
        loop {
            let rows: Vec<ConversationRow> = on!(&mut *tx, connection => sqlx::query_as(CONVERSATIONS_PAGE)
                .bind(merchant.0).bind(after).bind(PAGE).fetch_all(connection).await)?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in rows {
                let phone = row.phone_key.filter(|phone| theirs(PHONE, phone));
                if phone.is_some() || theirs(CONVERSATION, &row.id.to_string()) {
                    person.conversations.insert(row.id);
                }
                person.phones.extend(phone);
            }
        }
        after = Uuid::nil();
        loop {
            let rows: Vec<MarkedOrderRow> = on!(&mut *tx, connection => sqlx::query_as(ORDERS_PAGE)
                .bind(merchant.0).bind(after).bind(PAGE).fetch_all(connection).await)?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in rows {
                let phone = row.phone_key.filter(|phone| theirs(PHONE, phone));
                let email = row.email_key.filter(|email| theirs(EMAIL, email));
                let customer = row.customer_id.filter(|number| theirs(CUSTOMER, number));
                let named = phone.is_some() || email.is_some() || customer.is_some();
                if named || theirs(ORDER, &row.external_id) {
                    person.orders.insert(row.id, row.external_id);
                }
                person.phones.extend(phone);
                person.emails.extend(email);
                person.customers.extend(customer);
            }
        }
        let mut after = String::new();
        loop {
            let phones: Vec<String> = on!(&mut *tx, connection => sqlx::query_scalar(DEBTOR_PHONES)
                .bind(merchant.0).bind(&after).bind(PAGE).fetch_all(connection).await)?;
            let Some(last) = phones.last() else { break };
            after.clone_from(last);
            person.phones.extend(phones.into_iter().filter(|phone| theirs(PHONE, phone)));
        }
        person
            .find_records(tx, merchant, country, |_, record| {
                record.phone.is_some_and(|phone| theirs(PHONE, phone))
                    || record.email.is_some_and(|email| theirs(EMAIL, email))
                    || theirs(record.kind, record.id)
            })
            .await?;
        person.find_ids(tx, merchant).await?;
        Ok(person)
    }
}
