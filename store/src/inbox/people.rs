//! Who wrote: the contact behind the ids of a person.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use recado_domain::contact::PersonIds;
use recado_domain::event::{Delivery, LaneKey};
use recado_domain::{ContactId, MerchantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::rows::clean;
use crate::db::{At, Pair, Tx};
use crate::registry::Known;
use crate::{StoreError, on};

/// For how long they are believed: persons are erased and merged, and another replica may have done it. What is put into
/// a lane that ended meanwhile is moved from there.
const BELIEVED: std::time::Duration = std::time::Duration::from_secs(600);
/// Identities kept in memory, so that a person who writes often costs no look-up.
const IDENTITIES: u64 = 50_000;

crate::sql! {
    MOVE_IDENTITY = "UPDATE identities SET contact_id = $4 WHERE merchant_id = $1 AND channel = $2 AND value = $3";
}

/// A list travels as a JSON array, which each database unfolds in its own way.
pub(super) const KNOWN_IDENTITIES: Pair = Pair {
    postgres: "SELECT value, contact_id FROM identities WHERE merchant_id = $1 AND channel = $2 \
        AND value IN (SELECT jsonb_array_elements_text(CAST($3 AS JSONB)))",
    sqlite: "SELECT value, contact_id FROM identities WHERE merchant_id = $1 AND channel = $2 \
        AND value IN (SELECT one.value FROM json_each($3) AS one)",
};

/// New ids of people, each `{"value", "contact"}`, in the order of their values; those that somebody has already stay as
/// they are and are not returned.
pub(super) const INSERT_IDENTITIES: Pair = Pair {
    postgres: "INSERT INTO identities (merchant_id, channel, value, contact_id, created_at) \
        SELECT $1, $2, one.item ->> 'value', CAST(one.item ->> 'contact' AS UUID), $4 \
        FROM jsonb_array_elements(CAST($3 AS JSONB)) WITH ORDINALITY AS one(item, place) ORDER BY one.place \
        ON CONFLICT (merchant_id, channel, value) DO NOTHING RETURNING value",
    sqlite: "INSERT INTO identities (merchant_id, channel, value, contact_id, created_at) \
        SELECT $1, $2, json_extract(one.value, '$.value'), unhex(json_extract(one.value, '$.contact'), '-'), $4 \
        FROM json_each($3) AS one WHERE true \
        ON CONFLICT (merchant_id, channel, value) DO NOTHING RETURNING value",
};

/// A merchant and one of a person's ids.
pub(super) type Identity = (MerchantId, String);
/// Who each id of a batch names.
pub(super) type People = HashMap<Identity, ContactId>;

/// Whose an event is.
pub(super) struct Whose {
    /// The merchant of the address that it was sent to.
    pub(super) merchant: Option<MerchantId>,
    /// The ids of the person who wrote to the merchant, strongest first; none when nobody did.
    pub(super) ids: Vec<Identity>,
}

impl Whose {
    /// Of each event of a batch, in their order.
    pub(super) fn of(known: &Known, deliveries: &[Delivery]) -> Vec<Self> {
        let events = deliveries.iter().flat_map(|delivery| &delivery.events);
        events
            .map(|incoming| {
                let merchant = known.merchant_of(&incoming.destination);
                let ids = match (&incoming.lane, merchant) {
                    (LaneKey::Conversation(person), Some(merchant)) => identities(merchant, person),
                    _ => Vec::new(),
                };
                Self { merchant, ids }
            })
            .collect()
    }

    /// Who wrote, once all ids of the batch are resolved.
    pub(super) fn contact(&self, people: &People) -> Option<ContactId> {
        people.get(self.ids.first()?).copied()
    }
}

fn identities(merchant: MerchantId, person: &PersonIds) -> Vec<Identity> {
    person.values().into_iter().map(|value| (merchant, clean(value))).collect()
}

/// A person who turned out to be another one too.
pub(super) struct Same {
    pub(super) merchant: MerchantId,
    /// Who ends.
    pub(super) from: ContactId,
    /// Who stays: the person of the strongest id.
    pub(super) into: ContactId,
    /// The id of the one who ends that was shown.
    pub(super) shown: String,
}

/// Who is behind ids that were seen lately. Only what is committed may be remembered.
#[derive(Clone)]
pub(super) struct Memory(moka::sync::Cache<Identity, ContactId>);

impl Memory {
    pub(super) fn new() -> Self {
        Self(moka::sync::Cache::builder().max_capacity(IDENTITIES).time_to_live(BELIEVED).build())
    }

    /// Who wrote each event, when each id of each of them is remembered.
    pub(super) fn contacts(&self, whose: &[Whose]) -> Option<Vec<Option<ContactId>>> {
        whose
            .iter()
            .map(|one| {
                let mut first = None;
                for id in &one.ids {
                    let contact = self.0.get(id)?;
                    // Two persons who are one are brought together in a transaction.
                    if *first.get_or_insert(contact) != contact {
                        return None;
                    }
                }
                Some(first)
            })
            .collect()
    }

    pub(super) fn remember(&self, people: People) {
        for (id, contact) in people {
            self.0.insert(id, contact);
        }
    }

    /// The ids in the batch that name a contact already, from memory or with one question for each merchant.
    async fn known(&self, tx: &mut Tx, whose: &[Whose]) -> Result<People, StoreError> {
        let mut people = People::new();
        let mut asked: BTreeMap<MerchantId, Vec<&str>> = BTreeMap::new();
        for id in whose.iter().flat_map(|one| &one.ids) {
            match self.0.get(id) {
                Some(contact) => {
                    people.insert(id.clone(), contact);
                }
                None => asked.entry(id.0).or_default().push(&id.1),
            }
        }
        for (merchant, values) in asked {
            people.extend(find_identities(tx, merchant, &values).await?);
        }
        Ok(people)
    }

    /// The contact behind each id in the batch. Any known id of a person names the contact; all of them name it from then
    /// on. The id of a new contact is derived from its strongest identity, so that two replicas that meet a person at
    /// once agree; where they know different ids of that person, whoever commits first decides, and the other follows.
    pub(super) async fn people(
        &self,
        tx: &mut Tx,
        whose: &[Whose],
        at: Timestamp,
    ) -> Result<(People, Vec<Same>), StoreError> {
        let mut people = self.known(tx, whose).await?;
        // In the order of their keys: writers that meet the same people must not wait for each other in a ring.
        let mut new: BTreeMap<MerchantId, BTreeSet<String>> = BTreeMap::new();
        let mut derived = HashSet::new();
        for ids in whose.iter().map(|one| &one.ids) {
            let Some((merchant, strongest)) = ids.first() else { continue };
            let contact = ids.iter().find_map(|id| people.get(id).copied());
            let contact = contact.unwrap_or_else(|| {
                let contact = ContactId::derived(&[&merchant.to_string(), "whatsapp", strongest]);
                derived.insert(contact);
                contact
            });
            for id in ids {
                if let Entry::Vacant(place) = people.entry(id.clone()) {
                    new.entry(*merchant).or_default().insert(place.key().1.clone());
                    place.insert(contact);
                }
            }
        }
        for (merchant, values) in new {
            let written = insert_identities(tx, merchant, &values, &people, at).await?;
            let taken: Vec<&str> = values.difference(&written).map(String::as_str).collect();
            if !taken.is_empty() {
                follow(tx, merchant, &taken, &written, &mut people, &derived).await?;
            }
        }
        let same = same(whose, &mut people);
        Ok((people, same))
    }
}

/// Persons whom a message of the batch shows to be one. What comes next goes to the one who stays.
fn same(whose: &[Whose], people: &mut People) -> Vec<Same> {
    let mut found = Vec::new();
    for ids in whose.iter().map(|one| &one.ids) {
        let Some((merchant, into)) = ids.first().and_then(|id| Some((id.0, *people.get(id)?))) else { continue };
        for id in &ids[1..] {
            let Some(from) = people.get(id).copied().filter(|from| *from != into) else { continue };
            people.insert(id.clone(), into);
            found.push(Same { merchant, from, into, shown: id.1.clone() });
        }
    }
    found
}

/// Takes over what another writer said first of `taken`, and brings along those of `written` that meant the same person.
async fn follow(
    tx: &mut Tx,
    merchant: MerchantId,
    taken: &[&str],
    written: &BTreeSet<String>,
    people: &mut People,
    derived: &HashSet<ContactId>,
) -> Result<(), StoreError> {
    for (key, first) in find_identities(tx, merchant, taken).await? {
        let Some(contact) = people.insert(key, first) else { continue };
        if !derived.contains(&contact) || contact == first {
            continue;
        }
        for value in written {
            if people.get(&(merchant, value.clone())) == Some(&contact) {
                on!(&mut *tx, connection => sqlx::query(MOVE_IDENTITY)
                    .bind(merchant.0).bind("whatsapp").bind(value).bind(first.0)
                    .execute(connection).await.map(|_| ()))?;
            }
        }
        people.values_mut().filter(|one| **one == contact).for_each(|one| *one = first);
    }
    Ok(())
}

#[derive(FromRow)]
struct IdentityRow {
    value: String,
    contact_id: Uuid,
}

/// Whom ids name, in the order of the ids.
async fn find_identities(
    tx: &mut Tx,
    merchant: MerchantId,
    values: &[&str],
) -> Result<BTreeMap<Identity, ContactId>, StoreError> {
    let (statement, values) = (tx.pick(KNOWN_IDENTITIES), crate::db::to_json(&values).to_string());
    let rows: Vec<IdentityRow> = on!(tx, connection => sqlx::query_as(statement)
        .bind(merchant.0).bind("whatsapp").bind(values).fetch_all(connection).await)?;
    Ok(rows.into_iter().map(|row| ((merchant, row.value), ContactId(row.contact_id))).collect())
}

/// Writes whom new ids name. Returns those that were new indeed.
async fn insert_identities(
    tx: &mut Tx,
    merchant: MerchantId,
    values: &BTreeSet<String>,
    people: &People,
    at: Timestamp,
) -> Result<BTreeSet<String>, StoreError> {
    let items = values.iter().filter_map(|value| {
        let contact = people.get(&(merchant, value.clone()))?;
        Some(serde_json::json!({ "value": value, "contact": contact }))
    });
    let (statement, items) = (tx.pick(INSERT_IDENTITIES), serde_json::Value::from_iter(items).to_string());
    let written: Vec<String> = on!(tx, connection => sqlx::query_scalar(statement)
        .bind(merchant.0).bind("whatsapp").bind(items).bind(At(at)).fetch_all(connection).await)?;
    Ok(written.into_iter().collect())
}
