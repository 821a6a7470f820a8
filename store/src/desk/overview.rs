//! Counters and figures of the desk.

use std::collections::HashMap;
use std::time::Duration;

use recado_domain::contact::Channel;
use recado_domain::event::Source;
use recado_domain::shipment::ShipmentStatus;
use recado_domain::{Currency, Money, Timestamp};
use sqlx::FromRow;

use super::Scope;
use crate::db::At;
use crate::{Store, StoreError, read};

crate::sql! {
    COUNT_WAITING = "SELECT COUNT(*) FROM conversations WHERE owner_kind = 'waiting' AND (merchant_id = $1 OR $1 IS NULL)";
    COUNT_PEOPLE = "SELECT COUNT(*) FROM conversations WHERE owner_kind <> 'bot' AND (merchant_id = $1 OR $1 IS NULL)";
    COUNT_INCIDENTS = "SELECT COUNT(*) FROM incidents WHERE status <> 'resolved' AND (merchant_id = $1 OR $1 IS NULL)";
    COUNT_DEAD = "SELECT COUNT(*) FROM events WHERE status = 2 AND (merchant_id = $1 OR $1 IS NULL)";
    COUNT_SENDS = "SELECT COUNT(*) FROM outbox WHERE status IN (4, 5) AND (merchant_id = $1 OR $1 IS NULL)";
    // The newest thousand: a channel that is silent longer is shown as silent, and the query stays small.
    PULSE = "SELECT source, MAX(received_at) AS at FROM (SELECT source, received_at FROM events \
        WHERE (merchant_id = $1 OR $1 IS NULL) ORDER BY received_at DESC LIMIT 1000) AS recent GROUP BY source";
    // Tried in vain for a while: the platform is away or slow.
    SENDS_WAITING = "SELECT channel, COUNT(*) AS messages, MIN(created_at) AS since FROM outbox \
        WHERE status IN (0, 1, 3) AND reason IS NOT NULL AND created_at <= $2 AND (merchant_id = $1 OR $1 IS NULL) GROUP BY channel ORDER BY channel";
    MESSAGES_SINCE = "SELECT COUNT(*) AS messages, COUNT(DISTINCT lane_id) AS conversations FROM events \
        WHERE received_at >= $2 AND kind LIKE 'message.%' AND (merchant_id = $1 OR $1 IS NULL)";
    ANSWER_TIMES = "SELECT t.claimed_at, o.sent_at FROM (SELECT turn_id, sent_at FROM outbox \
        WHERE status = 2 AND channel = 'whatsapp' AND (merchant_id = $1 OR $1 IS NULL) ORDER BY id DESC LIMIT 100) AS o \
        JOIN turns t ON t.id = o.turn_id WHERE o.sent_at IS NOT NULL";
    ORDERS_SINCE = "SELECT currency, COUNT(*) AS orders, CAST(SUM(total) AS BIGINT) AS total FROM orders \
        WHERE last_money_at >= $2 AND processed_at >= $2 AND cancelled_at IS NULL AND deleted_at IS NULL \
        AND (merchant_id = $1 OR $1 IS NULL) GROUP BY currency ORDER BY orders DESC, currency";
    PARCELS = "SELECT status, COUNT(*) AS parcels FROM shipments WHERE active AND (merchant_id = $1 OR $1 IS NULL) GROUP BY status";
}

/// A message that waits for less time is on its way.
const SOON: Duration = Duration::from_secs(60);

/// What stands beside the places of the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NavCounts {
    /// Conversations that wait for a person.
    pub waiting: i64,
    /// Open and acknowledged incidents.
    pub incidents: i64,
    /// Dead events.
    pub dead_events: i64,
    /// Sends that failed or that nobody confirmed.
    pub troubled_sends: i64,
}

/// When a channel was last heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelPulse {
    /// Which.
    pub source: Source,
    /// `None` = not among what came lately.
    pub at: Option<Timestamp>,
}

/// Messages that were tried in vain and wait for their platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendsWaiting {
    /// Which platform.
    pub channel: Channel,
    /// How many.
    pub messages: i64,
    /// When the oldest was decided.
    pub since: Timestamp,
}

/// The figures of a day.
#[derive(Clone, Debug, Default)]
pub struct Today {
    /// Messages that people wrote.
    pub messages: i64,
    /// In so many conversations.
    pub conversations: i64,
    /// Conversations with or waiting for a person, now.
    pub with_people: i64,
    /// Milliseconds from a turn's start to its answer's acceptance, of the newest sends, sorted.
    pub answer_millis: Vec<u64>,
    /// Orders booked, without cancelled ones.
    pub orders: i64,
    /// Their totals, one for each currency.
    pub order_totals: Vec<Money>,
    /// Parcels under way, by status.
    pub parcels: HashMap<ShipmentStatus, i64>,
}

#[derive(FromRow)]
struct PulseRow {
    source: String,
    at: Option<At>,
}
#[derive(FromRow)]
struct WaitingRow {
    channel: String,
    messages: i64,
    since: At,
}
#[derive(FromRow)]
struct MessagesRow {
    messages: i64,
    conversations: i64,
}
#[derive(FromRow)]
struct AnswerRow {
    claimed_at: At,
    sent_at: At,
}
#[derive(FromRow)]
struct OrdersRow {
    currency: String,
    orders: i64,
    total: i64,
}
#[derive(FromRow)]
struct ParcelsRow {
    status: String,
    parcels: i64,
}

impl Store {
    async fn count(&self, statement: &'static str, scope: Scope) -> Result<i64, StoreError> {
        Ok(read!(&self.db, pool => sqlx::query_scalar(statement).bind(scope.bound()).fetch_one(pool).await)?)
    }

    /// The counters of the navigation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn nav_counts(&self, scope: Scope) -> Result<NavCounts, StoreError> {
        Ok(NavCounts {
            waiting: self.count(COUNT_WAITING, scope).await?,
            incidents: self.count(COUNT_INCIDENTS, scope).await?,
            dead_events: self.count(COUNT_DEAD, scope).await?,
            troubled_sends: self.count(COUNT_SENDS, scope).await?,
        })
    }

    /// When each platform was last heard.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn channel_pulse(&self, scope: Scope) -> Result<Vec<ChannelPulse>, StoreError> {
        let rows: Vec<PulseRow> =
            read!(&self.db, pool => sqlx::query_as(PULSE).bind(scope.bound()).fetch_all(pool).await)?;
        let at =
            |source: Source| rows.iter().find(|row| row.source == source.code()).and_then(|row| row.at).map(|at| at.0);
        Ok([Source::WhatsApp, Source::Telegram, Source::Shopify]
            .map(|source| ChannelPulse { source, at: at(source) })
            .to_vec())
    }

    /// What waits longer than a minute for a platform that is away or slow, by channel.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sends_waiting(&self, scope: Scope) -> Result<Vec<SendsWaiting>, StoreError> {
        let before = At(self.clock.now().minus(SOON));
        let rows: Vec<WaitingRow> = read!(&self.db, pool => sqlx::query_as(SENDS_WAITING)
            .bind(scope.bound()).bind(before).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let channel = Channel::from_code(&row.channel)?;
                Some(SendsWaiting { channel, messages: row.messages, since: row.since.0 })
            })
            .collect())
    }

    /// The figures since an instant, the start of the shop's day.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn today(&self, scope: Scope, since: Timestamp) -> Result<Today, StoreError> {
        let limit = scope.bound();
        let messages: MessagesRow = read!(&self.db, pool => sqlx::query_as(MESSAGES_SINCE)
            .bind(limit).bind(At(since)).fetch_one(pool).await)?;
        let answers: Vec<AnswerRow> =
            read!(&self.db, pool => sqlx::query_as(ANSWER_TIMES).bind(limit).fetch_all(pool).await)?;
        let orders: Vec<OrdersRow> = read!(&self.db, pool => sqlx::query_as(ORDERS_SINCE)
            .bind(limit).bind(At(since)).fetch_all(pool).await)?;
        let parcels: Vec<ParcelsRow> =
            read!(&self.db, pool => sqlx::query_as(PARCELS).bind(limit).fetch_all(pool).await)?;
        let mut answer_millis: Vec<u64> =
            answers.iter().map(|row| row.sent_at.0.since(row.claimed_at.0).as_millis() as u64).collect();
        answer_millis.sort_unstable();
        Ok(Today {
            messages: messages.messages,
            conversations: messages.conversations,
            with_people: self.count(COUNT_PEOPLE, scope).await?,
            answer_millis,
            orders: orders.iter().map(|row| row.orders).sum(),
            order_totals: orders
                .iter()
                .filter_map(|row| row.currency.parse::<Currency>().ok().map(|currency| Money::new(row.total, currency)))
                .collect(),
            parcels: parcels
                .into_iter()
                .filter_map(|row| ShipmentStatus::from_code(&row.status).map(|status| (status, row.parcels)))
                .collect(),
        })
    }
}
