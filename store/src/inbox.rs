//! The durable inbox.
//!
//! Deliveries that wait together share one commit. A delivery is answered only after that commit; when it cannot be
//! had in time, the answer is [`AcceptError`] and the platform repeats the delivery, which the unique keys of `events`
//! make harmless. Guarantees: `Ok` = durable; one event → exactly one row, whatever is repeated, by whichever replica.
//! Refuses: more than [`WAITING`] deliveries at once (503), and waiting longer than [`PATIENCE`].

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use recado_domain::contact::PersonIds;
use recado_domain::event::{
    AcceptError, Acceptance, Arrival, Delivery, Destination, EventContent, Inbox, Incoming, LaneKey,
};
use recado_domain::{ContactId, ConversationId, EventId, LaneId, MerchantId, ReplicaId, Timestamp};
use sqlx::FromRow;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::db::{At, Pair, Tx};
use crate::registry::Known;
use crate::{Store, StoreError, on};

/// Deliveries that may wait for a commit; more are refused at once.
pub const WAITING: usize = 2_048;
/// Deliveries that share a commit at most.
const BATCH: usize = 256;
/// How long a delivery waits for its commit. Discord's limit of 3 s is the shortest; RELIABILITY D8 asks 2 s.
pub const PATIENCE: Duration = Duration::from_millis(1_800);
/// Keys of events that are longer are hashed.
const LONGEST_KEY: usize = 500;
/// Identities kept in memory, so that a person who writes often costs no look-up.
const IDENTITIES: u64 = 50_000;

/// States of an event.
pub mod status {
    /// Waits for its turn.
    pub const OPEN: i64 = 0;
    /// Part of a committed turn.
    pub const DONE: i64 = 1;
    /// Gave up; staff may replay it.
    pub const DEAD: i64 = 2;
    /// Needs no turn, with a reason.
    pub const SKIPPED: i64 = 3;
}

crate::sql! {
    SQLITE_INSERT_EVENT = "INSERT INTO events (id, arrival_id, merchant_id, source, dedupe, body_dedupe, lane_id, lane_kind, kind, \
        content, occurred_at, received_at, available_at, status, attempts, failures, reason, trace_id, settled_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12, $13, 0, 0, $14, $15, $16) \
        ON CONFLICT DO NOTHING RETURNING id";
    SQLITE_INSERT_ARRIVAL = "INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    MOVE_IDENTITY = "UPDATE identities SET contact_id = $4 WHERE merchant_id = $1 AND channel = $2 AND value = $3";
    TALLY = "INSERT INTO tallies (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = tallies.value + excluded.value";
}

const POSTGRES_INSERT_EVENTS: &str = "INSERT INTO events (id, arrival_id, merchant_id, source, dedupe, body_dedupe, lane_id, lane_kind, kind, \
    content, occurred_at, received_at, available_at, status, attempts, failures, reason, trace_id, settled_at) \
    SELECT u.id, u.arrival, u.merchant, u.source, u.dedupe, u.body_dedupe, u.lane, u.lane_kind, u.kind, \
    CAST(u.content AS JSONB), u.occurred, u.received, u.received, u.status, 0, 0, u.reason, u.trace, u.settled \
    FROM UNNEST($1::UUID[], $2::UUID[], $3::UUID[], $4::TEXT[], $5::TEXT[], $6::TEXT[], $7::UUID[], $8::TEXT[], $9::TEXT[], $10::TEXT[], \
    $11::TIMESTAMPTZ[], $12::TIMESTAMPTZ[], $13::BIGINT[], $14::TEXT[], $15::UUID[], $16::TIMESTAMPTZ[]) \
    AS u(id, arrival, merchant, source, dedupe, body_dedupe, lane, lane_kind, kind, content, occurred, received, status, reason, trace, settled) \
    ON CONFLICT DO NOTHING RETURNING id";
const POSTGRES_INSERT_ARRIVALS: &str = "INSERT INTO arrivals (id, source, headers, body, body_hash, received_at, trace_id) \
    SELECT u.id, u.source, CAST(u.headers AS JSONB), u.body, u.hash, u.received, u.trace \
    FROM UNNEST($1::UUID[], $2::TEXT[], $3::TEXT[], $4::BYTEA[], $5::BYTEA[], $6::TIMESTAMPTZ[], $7::UUID[]) AS u(id, source, headers, body, hash, received, trace)";

/// A list travels as a JSON array, which each database unfolds in its own way.
const KNOWN_IDENTITIES: Pair = Pair {
    postgres: "SELECT value, contact_id FROM identities WHERE merchant_id = $1 AND channel = $2 \
        AND value IN (SELECT jsonb_array_elements_text(CAST($3 AS JSONB)))",
    sqlite: "SELECT value, contact_id FROM identities WHERE merchant_id = $1 AND channel = $2 \
        AND value IN (SELECT one.value FROM json_each($3) AS one)",
};

/// New ids of people, each `{"value", "contact"}`, in the order of their values; those that somebody has already stay as
/// they are and are not returned.
const INSERT_IDENTITIES: Pair = Pair {
    postgres: "INSERT INTO identities (merchant_id, channel, value, contact_id, created_at) \
        SELECT $1, $2, one.item ->> 'value', CAST(one.item ->> 'contact' AS UUID), $4 \
        FROM jsonb_array_elements(CAST($3 AS JSONB)) WITH ORDINALITY AS one(item, place) ORDER BY one.place \
        ON CONFLICT (merchant_id, channel, value) DO NOTHING RETURNING value",
    sqlite: "INSERT INTO identities (merchant_id, channel, value, contact_id, created_at) \
        SELECT $1, $2, json_extract(one.value, '$.value'), unhex(json_extract(one.value, '$.contact'), '-'), $4 \
        FROM json_each($3) AS one WHERE true \
        ON CONFLICT (merchant_id, channel, value) DO NOTHING RETURNING value",
};

/// Where the two databases differ: Postgres takes a batch in one statement, SQLite a row at a time without a round trip.
pub const PAIRS: &[(&str, Pair)] = &[
    ("KNOWN_IDENTITIES", KNOWN_IDENTITIES),
    ("INSERT_IDENTITIES", INSERT_IDENTITIES),
    ("INSERT_EVENTS", Pair { postgres: POSTGRES_INSERT_EVENTS, sqlite: SQLITE_INSERT_EVENT }),
    ("INSERT_ARRIVALS", Pair { postgres: POSTGRES_INSERT_ARRIVALS, sqlite: SQLITE_INSERT_ARRIVAL }),
];

/// Told after each commit that brought open events.
pub type OnAccepted = Arc<dyn Fn() + Send + Sync>;

/// Accepts deliveries into the store.
#[derive(Clone)]
pub struct StoreInbox {
    queue: mpsc::Sender<Waiting>,
}

struct Waiting {
    delivery: Delivery,
    answer: oneshot::Sender<Result<Acceptance, AcceptError>>,
}

impl std::fmt::Debug for StoreInbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreInbox").finish_non_exhaustive()
    }
}

impl StoreInbox {
    /// Starts the writers. They end when the last clone of the inbox is dropped, after answering what waits.
    pub fn start(store: &Store, replica: ReplicaId, accepted: OnAccepted) -> (Self, Vec<tokio::task::JoinHandle<()>>) {
        let (queue, waiting) = mpsc::channel(WAITING);
        let waiting = Arc::new(tokio::sync::Mutex::new(waiting));
        // While one batch waits for the disk, the next may be written: Postgres flushes several in one sync. SQLite has
        // one writer.
        let writers = if store.db.kind() == "postgres" { 3 } else { 1 };
        let identities = moka::sync::Cache::new(IDENTITIES);
        let tasks = (0..writers)
            .map(|number| {
                let writer = Writer {
                    store: store.clone(),
                    identities: identities.clone(),
                    tally: format!("accepted:{replica}:{number}"),
                    accepted: Arc::clone(&accepted),
                };
                tokio::spawn(writer.run(Arc::clone(&waiting)))
            })
            .collect();
        (Self { queue }, tasks)
    }
}

#[async_trait::async_trait]
impl Inbox for StoreInbox {
    async fn accept(&self, delivery: Delivery) -> Result<Acceptance, AcceptError> {
        crate::chaos::point("verified");
        let (answer, answered) = oneshot::channel();
        let retry_after = Duration::from_secs(1);
        match self.queue.try_send(Waiting { delivery, answer }) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(_)) => return Err(AcceptError::Overloaded { retry_after }),
            Err(mpsc::error::TrySendError::Closed(_)) => {
                return Err(AcceptError::Unavailable { reason: "shutting down".to_owned(), retry_after });
            }
        }
        match tokio::time::timeout(PATIENCE, answered).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(AcceptError::Unavailable { reason: "the writer stopped".to_owned(), retry_after }),
            // It may yet be committed; then the repetition is a duplicate.
            Err(_) => Err(AcceptError::Unavailable { reason: "no commit in time".to_owned(), retry_after }),
        }
    }
}

struct Writer {
    store: Store,
    identities: moka::sync::Cache<Identity, ContactId>,
    tally: String,
    accepted: OnAccepted,
}

/// A row of `events` to be.
struct NewEvent {
    id: EventId,
    arrival: Uuid,
    merchant: Option<MerchantId>,
    source: &'static str,
    dedupe: String,
    body_dedupe: Option<String>,
    lane: LaneId,
    lane_kind: &'static str,
    kind: String,
    content: String,
    occurred_at: Timestamp,
    received_at: Timestamp,
    skipped: Option<&'static str>,
    trace: Uuid,
}

impl Writer {
    async fn run(self, waiting: Arc<tokio::sync::Mutex<mpsc::Receiver<Waiting>>>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let received = waiting.lock().await.recv_many(&mut batch, BATCH).await;
            if received == 0 {
                return;
            }
            // Those who gave up waiting have been told to come back.
            batch.retain(|one| !one.answer.is_closed());
            self.answer_all(std::mem::take(&mut batch)).await;
            batch.reserve(BATCH);
        }
    }

    async fn answer_all(&self, batch: Vec<Waiting>) {
        let (deliveries, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|one| (one.delivery, one.answer)).unzip();
        match self.commit(&deliveries).await {
            Ok(outcomes) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    let _ = answer.send(Ok(outcome));
                }
            }
            Err(error) if deliveries.len() > 1 && is_of_one_row(&error) => {
                // One delivery that the database cannot hold must not refuse the others.
                tracing::warn!(%error, deliveries = deliveries.len(), "a batch was refused, trying one by one");
                for (delivery, answer) in deliveries.iter().zip(answers) {
                    let one = self.commit(std::slice::from_ref(delivery)).await;
                    let _ = answer.send(one.map(|outcomes| outcomes[0]).map_err(|error| unavailable(&error)));
                }
            }
            Err(error) => {
                tracing::warn!(%error, deliveries = deliveries.len(), "deliveries were refused");
                for answer in answers {
                    let _ = answer.send(Err(unavailable(&error)));
                }
            }
        }
    }

    async fn commit(&self, deliveries: &[Delivery]) -> Result<Vec<Acceptance>, StoreError> {
        tokio::time::timeout(PATIENCE, self.commit_unbounded(deliveries)).await.map_err(|_| StoreError::TimedOut)?
    }

    async fn commit_unbounded(&self, deliveries: &[Delivery]) -> Result<Vec<Acceptance>, StoreError> {
        let known = self.directory_for(deliveries).await?;
        let mut tx = self.store.db.begin().await?;
        let people = self.people(&mut tx, &known, deliveries).await?;
        let mut rows = Vec::with_capacity(deliveries.len());
        let mut owner = Vec::with_capacity(deliveries.len());
        for (index, delivery) in deliveries.iter().enumerate() {
            for incoming in &delivery.events {
                let row = new_event(&known, &people, &delivery.arrival, incoming);
                owner.push((row.id, index));
                rows.push(row);
            }
        }
        // Replicas that store the same events at once must take their locks in the same order.
        rows.sort_unstable_by(|one, other| one.dedupe.cmp(&other.dedupe));
        let mut stored = HashSet::with_capacity(rows.len());
        for some in in_parcels(&rows, NewEvent::size) {
            stored.extend(insert_events(&mut tx, some).await?);
        }
        let mut outcomes = vec![Acceptance { accepted: 0, duplicates: 0 }; deliveries.len()];
        for (id, index) in owner {
            if stored.contains(&id.0) {
                outcomes[index].accepted += 1;
            } else {
                outcomes[index].duplicates += 1;
            }
        }
        let arrivals: Vec<&Arrival> = deliveries
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| outcome.accepted > 0)
            .map(|(delivery, _)| &delivery.arrival)
            .collect();
        if !arrivals.is_empty() {
            for some in in_parcels(&arrivals, |arrival| arrival.body.len() + 300) {
                insert_arrivals(&mut tx, some).await?;
            }
            let accepted = stored.len() as i64;
            on!(&mut tx, connection => sqlx::query(TALLY).bind(&self.tally).bind(accepted).execute(connection).await.map(|_| ()))?;
        }
        crate::chaos::point("inserted");
        tx.commit().await?;
        crate::chaos::point("committed");
        // Only what is committed may be remembered.
        for (key, contact) in people {
            self.identities.insert(key, contact);
        }
        if rows.iter().any(|row| row.skipped.is_none()) && !arrivals.is_empty() {
            (self.accepted)();
        }
        Ok(outcomes)
    }

    /// The directory; read anew when an address is missing and the reading is not of this second.
    async fn directory_for(&self, deliveries: &[Delivery]) -> Result<Arc<Known>, StoreError> {
        let known = self.store.directory().await?;
        let missing = deliveries.iter().flat_map(|delivery| &delivery.events).any(|event| {
            !matches!(event.lane, LaneKey::Staff { .. }) && known.merchant_of(&event.destination).is_none()
        });
        if missing && known.age(self.store.clock.now()) > Duration::from_secs(1) {
            return self.store.read_directory().await;
        }
        Ok(known)
    }

    /// The ids in the batch that name a contact already, from memory or with one question for each merchant.
    async fn known_people(&self, tx: &mut Tx, known: &Known, deliveries: &[Delivery]) -> Result<People, StoreError> {
        let mut people = People::new();
        let mut asked: BTreeMap<MerchantId, Vec<String>> = BTreeMap::new();
        for incoming in deliveries.iter().flat_map(|delivery| &delivery.events) {
            let LaneKey::Conversation(person) = &incoming.lane else { continue };
            let Some(merchant) = known.merchant_of(&incoming.destination) else { continue };
            for key in identities(merchant, person) {
                match self.identities.get(&key) {
                    Some(contact) => {
                        people.insert(key, contact);
                    }
                    None => asked.entry(merchant).or_default().push(key.1),
                }
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
    async fn people(&self, tx: &mut Tx, known: &Known, deliveries: &[Delivery]) -> Result<People, StoreError> {
        let mut people = self.known_people(tx, known, deliveries).await?;
        // In the order of their keys: writers that meet the same people must not wait for each other in a ring.
        let mut new: BTreeMap<MerchantId, BTreeSet<String>> = BTreeMap::new();
        let mut derived = HashSet::new();
        for incoming in deliveries.iter().flat_map(|delivery| &delivery.events) {
            let LaneKey::Conversation(person) = &incoming.lane else { continue };
            let Some(merchant) = known.merchant_of(&incoming.destination) else { continue };
            let keys: Vec<Identity> = identities(merchant, person);
            let contact = keys.iter().find_map(|key| people.get(key).copied());
            let contact = contact.unwrap_or_else(|| {
                let strongest = keys.first().map_or("", |(_, value)| value.as_str());
                let contact = ContactId::derived(&[&merchant.to_string(), "whatsapp", strongest]);
                derived.insert(contact);
                contact
            });
            for key in keys {
                if let Entry::Vacant(place) = people.entry(key) {
                    new.entry(merchant).or_default().insert(place.key().1.clone());
                    place.insert(contact);
                }
            }
        }
        let at = deliveries.first().map_or(Timestamp::EPOCH, |delivery| delivery.arrival.received_at);
        for (merchant, values) in new {
            let written = insert_identities(tx, merchant, &values, &people, at).await?;
            let taken: Vec<String> = values.difference(&written).cloned().collect();
            if !taken.is_empty() {
                follow(tx, merchant, &taken, &written, &mut people, &derived).await?;
            }
        }
        Ok(people)
    }
}

/// Takes over what another writer said first of `taken`, and brings along those of `written` that meant the same person.
async fn follow(
    tx: &mut Tx,
    merchant: MerchantId,
    taken: &[String],
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

/// A merchant and one of a person's ids.
type Identity = (MerchantId, String);
/// Who each id of a batch names.
type People = HashMap<Identity, ContactId>;

fn identities(merchant: MerchantId, person: &PersonIds) -> Vec<Identity> {
    person.values().into_iter().map(|value| (merchant, clean(value))).collect()
}

/// Whom ids name, in the order of the ids.
async fn find_identities(
    tx: &mut Tx,
    merchant: MerchantId,
    values: &[String],
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

fn new_event(known: &Known, people: &People, arrival: &Arrival, incoming: &Incoming) -> NewEvent {
    let merchant = known.merchant_of(&incoming.destination);
    let (kind, value) = incoming.destination.parts();
    let mut skipped = None;
    let (lane, lane_kind) = match (merchant, &incoming.lane) {
        (_, LaneKey::Staff { chat_id, user_id }) => (staff_lane(*chat_id, *user_id), "staff"),
        (None, _) => {
            skipped = Some("unknown_destination");
            (LaneId::derived(&["unknown", kind, value]), "unknown")
        }
        (Some(merchant), LaneKey::Conversation(person)) => {
            match identities(merchant, person).first().and_then(|key| people.get(key)) {
                Some(contact) => (ConversationId::of(*contact).lane(), "conversation"),
                None => lane_of(merchant, &incoming.lane),
            }
        }
        (Some(merchant), key) => lane_of(merchant, key),
    };
    if skipped.is_none() && matches!(incoming.content, EventContent::Unknown { .. }) {
        skipped = Some("unknown_kind");
    }
    let source = arrival.source.code();
    NewEvent {
        id: EventId::new(arrival.received_at),
        arrival: arrival.id.0,
        merchant,
        source,
        dedupe: match &incoming.destination {
            // An update id is unique for its bot only; the other platforms' ids are unique everywhere.
            Destination::TelegramBot(bot) => unique_key(source, &format!("{bot}:{}", incoming.dedupe)),
            _ => unique_key(source, &incoming.dedupe),
        },
        body_dedupe: incoming.body_dedupe.as_ref().map(|key| unique_key(source, key)),
        lane,
        lane_kind,
        kind: clean(incoming.content.kind()),
        content: content_json(&incoming.content),
        occurred_at: incoming.occurred_at,
        received_at: arrival.received_at,
        skipped,
        trace: arrival.trace.0,
    }
}

/// The lane of a staff member in a chat.
pub fn staff_lane(chat_id: i64, user_id: i64) -> LaneId {
    LaneId::derived(&["staff", &chat_id.to_string(), &user_id.to_string()])
}

/// The lane in which problems of a carrier in a city are counted.
pub fn crisis_lane(merchant: MerchantId, carrier_key: &str, city_key: &str) -> LaneId {
    LaneId::derived(&[&merchant.to_string(), "crisis", carrier_key, city_key])
}

fn lane_of(merchant: MerchantId, key: &LaneKey) -> (LaneId, &'static str) {
    let shop = merchant.to_string();
    match key {
        LaneKey::Order(order) => (LaneId::derived(&[&shop, "order", order]), "order"),
        LaneKey::Receipts => (LaneId::derived(&[&shop, "receipts"]), "receipts"),
        LaneKey::Thing(kind, name) => (LaneId::derived(&[&shop, "thing", kind, name]), "thing"),
        LaneKey::Staff { chat_id, user_id } => (staff_lane(*chat_id, *user_id), "staff"),
        // Resolved by the caller, which has the identities at hand; the ids alone are a lane as well.
        LaneKey::Conversation(person) => {
            (LaneId::derived(&[&shop, "person", &person.values().join("|")]), "conversation")
        }
    }
}

/// A key of `events`. An index of Postgres holds no more than some 2,700 bytes, and what it cannot hold would be refused
/// for ever: a platform's id of absurd length is kept as its hash.
fn unique_key(source: &str, key: &str) -> String {
    use sha2::Digest as _;
    if key.len() <= LONGEST_KEY {
        return clean(format!("{source}|{key}"));
    }
    format!("{source}|sha256:{}", hex::encode(sha2::Sha256::digest(key.as_bytes())))
}

/// Neither database keeps a NUL in text.
fn clean(mut text: String) -> String {
    if text.contains('\0') {
        text.retain(|letter| letter != '\0');
    }
    text
}

/// The content as JSON text without NUL characters, which Postgres' JSONB refuses.
pub(crate) fn content_json(content: &EventContent) -> String {
    let text = serde_json::to_string(content).unwrap_or_else(|_| "{}".to_owned());
    if !text.contains("\\u0000") {
        return text;
    }
    let mut value = crate::db::to_json(content);
    strip_nul(&mut value);
    value.to_string()
}

fn strip_nul(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text.retain(|letter| letter != '\0'),
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip_nul),
        serde_json::Value::Object(map) => {
            let clean = std::mem::take(map).into_iter().map(|(mut key, mut value)| {
                key.retain(|letter| letter != '\0');
                strip_nul(&mut value);
                (key, value)
            });
            *map = clean.collect();
        }
        _ => {}
    }
}

fn is_of_one_row(error: &StoreError) -> bool {
    matches!(error, StoreError::Database(sqlx::Error::Database(_) | sqlx::Error::Encode(_)))
}

fn unavailable(error: &StoreError) -> AcceptError {
    AcceptError::Unavailable { reason: error.to_string(), retry_after: Duration::from_secs(2) }
}

#[derive(FromRow)]
struct IdentityRow {
    value: String,
    contact_id: Uuid,
}

#[derive(FromRow)]
struct IdRow {
    id: Uuid,
}

/// Bytes of one statement. sqlx leaves Nagle's algorithm on: a statement that does not leave in one write waits for the
/// server's delayed acknowledgement, 40 ms, with its last part. Measured: at 48 waiting deliveries of 1 KiB the larger
/// statements halved the rate and made p99 ten times as long.
const PARCEL: usize = 10 * 1024;

/// Splits rows so that each part stays under [`PARCEL`]; a row that is larger travels alone.
fn in_parcels<T>(rows: &[T], size: impl Fn(&T) -> usize) -> Vec<&[T]> {
    let mut parcels = Vec::new();
    let (mut start, mut weight) = (0, 0);
    for (index, row) in rows.iter().enumerate() {
        let own = size(row);
        if index > start && weight + own > PARCEL {
            parcels.push(&rows[start..index]);
            (start, weight) = (index, 0);
        }
        weight += own;
    }
    if start < rows.len() {
        parcels.push(&rows[start..]);
    }
    parcels
}

impl NewEvent {
    fn size(&self) -> usize {
        self.content.len() + self.dedupe.len() + 250
    }
}

async fn insert_events(tx: &mut Tx, rows: &[NewEvent]) -> Result<HashSet<Uuid>, StoreError> {
    let settled = |row: &NewEvent| row.skipped.map(|_| At(row.received_at));
    let state = |row: &NewEvent| if row.skipped.is_some() { status::SKIPPED } else { status::OPEN };
    match tx {
        Tx::Postgres(transaction) => {
            let column = |pick: fn(&NewEvent) -> Uuid| rows.iter().map(pick).collect::<Vec<_>>();
            let stored: Vec<IdRow> = sqlx::query_as(POSTGRES_INSERT_EVENTS)
                .bind(column(|row| row.id.0))
                .bind(column(|row| row.arrival))
                .bind(rows.iter().map(|row| row.merchant.map(|id| id.0)).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.source).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.dedupe.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.body_dedupe.as_deref()).collect::<Vec<_>>())
                .bind(column(|row| row.lane.0))
                .bind(rows.iter().map(|row| row.lane_kind).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.kind.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.content.as_str()).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| At(row.occurred_at)).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| At(row.received_at)).collect::<Vec<_>>())
                .bind(rows.iter().map(state).collect::<Vec<_>>())
                .bind(rows.iter().map(|row| row.skipped).collect::<Vec<_>>())
                .bind(column(|row| row.trace))
                .bind(rows.iter().map(settled).collect::<Vec<_>>())
                .fetch_all(&mut **transaction)
                .await?;
            Ok(stored.into_iter().map(|row| row.id).collect())
        }
        Tx::Sqlite(transaction) => {
            let mut stored = HashSet::with_capacity(rows.len());
            for row in rows {
                let new: Option<IdRow> = sqlx::query_as(SQLITE_INSERT_EVENT)
                    .bind(row.id.0)
                    .bind(row.arrival)
                    .bind(row.merchant.map(|id| id.0))
                    .bind(row.source)
                    .bind(&row.dedupe)
                    .bind(row.body_dedupe.as_deref())
                    .bind(row.lane.0)
                    .bind(row.lane_kind)
                    .bind(&row.kind)
                    .bind(&row.content)
                    .bind(At(row.occurred_at))
                    .bind(At(row.received_at))
                    .bind(state(row))
                    .bind(row.skipped)
                    .bind(row.trace)
                    .bind(settled(row))
                    .fetch_optional(&mut **transaction)
                    .await?;
                stored.extend(new.map(|row| row.id));
            }
            Ok(stored)
        }
    }
}

async fn insert_arrivals(tx: &mut Tx, arrivals: &[&Arrival]) -> Result<(), StoreError> {
    let headers = |arrival: &Arrival| {
        let map: HashMap<String, String> =
            arrival.headers.iter().map(|(name, value)| (clean(name.clone()), clean(value.clone()))).collect();
        serde_json::to_string(&map).unwrap_or_else(|_| "{}".to_owned())
    };
    match tx {
        Tx::Postgres(transaction) => {
            sqlx::query(POSTGRES_INSERT_ARRIVALS)
                .bind(arrivals.iter().map(|arrival| arrival.id.0).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| arrival.source.code()).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| headers(arrival)).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| arrival.body.as_slice()).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| arrival.body_hash.as_slice()).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| At(arrival.received_at)).collect::<Vec<_>>())
                .bind(arrivals.iter().map(|arrival| arrival.trace.0).collect::<Vec<_>>())
                .execute(&mut **transaction)
                .await?;
        }
        Tx::Sqlite(transaction) => {
            for arrival in arrivals {
                sqlx::query(SQLITE_INSERT_ARRIVAL)
                    .bind(arrival.id.0)
                    .bind(arrival.source.code())
                    .bind(headers(arrival))
                    .bind(arrival.body.as_slice())
                    .bind(arrival.body_hash.as_slice())
                    .bind(At(arrival.received_at))
                    .bind(arrival.trace.0)
                    .execute(&mut **transaction)
                    .await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parcels_hold_every_row_once_and_none_is_too_large() {
        let rows: Vec<usize> = vec![10, 6_000, 6_000, 50_000, 1, 2, 9_000, 3_000];
        let parcels = in_parcels(&rows, |row| *row);
        assert_eq!(parcels.concat(), rows);
        assert!(parcels.iter().all(|parcel| parcel.len() == 1 || parcel.iter().sum::<usize>() <= PARCEL));
        assert!(in_parcels(&[] as &[usize], |row| *row).is_empty());
    }
}
