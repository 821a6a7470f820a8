//! What an event becomes: its row, its lane and its keys.

use recado_domain::event::{Arrival, Destination, EventContent, Incoming, LaneKey};
use recado_domain::{ContactId, ConversationId, EventId, LaneId, MerchantId, Timestamp};
use uuid::Uuid;

/// Keys of events that are longer are hashed.
const LONGEST_KEY: usize = 500;

/// A row of `events` to be.
pub(super) struct NewEvent {
    pub(super) id: EventId,
    pub(super) arrival: Uuid,
    pub(super) merchant: Option<MerchantId>,
    pub(super) source: &'static str,
    pub(super) dedupe: String,
    pub(super) body_dedupe: Option<String>,
    pub(super) lane: LaneId,
    pub(super) lane_kind: &'static str,
    pub(super) kind: String,
    pub(super) content: String,
    pub(super) occurred_at: Timestamp,
    pub(super) received_at: Timestamp,
    pub(super) skipped: Option<&'static str>,
    pub(super) trace: Uuid,
    /// Its delivery, by its place in the batch.
    pub(super) delivery: usize,
}

impl NewEvent {
    /// The row of an event of a merchant that a contact sent, both if known.
    pub(super) fn new(
        merchant: Option<MerchantId>,
        contact: Option<ContactId>,
        arrival: &Arrival,
        incoming: &Incoming,
        delivery: usize,
    ) -> Self {
        let mut skipped = None;
        let (lane, lane_kind) = match (merchant, &incoming.lane, contact) {
            (_, LaneKey::Staff { chat_id, user_id }, _) => (staff_lane(*chat_id, *user_id), "staff"),
            (None, ..) => {
                skipped = Some("unknown_destination");
                let (kind, value) = incoming.destination.parts();
                (LaneId::derived(&["unknown", kind, value]), "unknown")
            }
            (Some(_), LaneKey::Conversation(_), Some(contact)) => (ConversationId::of(contact).lane(), "conversation"),
            (Some(merchant), key, _) => lane_of(merchant, key),
        };
        if skipped.is_none() && matches!(incoming.content, EventContent::Unknown { .. }) {
            skipped = Some("unknown_kind");
        }
        let source = arrival.source.code();
        Self {
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
            delivery,
        }
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

/// The lane of an order of a shop.
pub(crate) fn order_lane(merchant: MerchantId, external_id: &str) -> LaneId {
    LaneId::derived(&[&merchant.to_string(), "order", external_id])
}

fn lane_of(merchant: MerchantId, key: &LaneKey) -> (LaneId, &'static str) {
    let shop = merchant.to_string();
    match key {
        LaneKey::Order(order) => (order_lane(merchant, order), "order"),
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
pub(super) fn clean(mut text: String) -> String {
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
