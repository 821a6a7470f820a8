//! A platform that takes nothing from us for minutes: staff is told over the other one, once for an outage.

use recado_domain::contact::Channel;
use recado_domain::event::InternalEvent;
use recado_domain::outbound::Away;
use recado_domain::{LaneId, MerchantId, TraceId};
use sqlx::FromRow;
use uuid::Uuid;

use super::Engine;
use super::commit::{Target, post};
use crate::db::At;
use crate::{StoreError, read};

/// An outage is told by the hour in which its oldest message was decided. So one that lasts is told once, and one that comes
/// and goes is not told every time.
const BUCKET_SECONDS: i64 = 3_600;

crate::sql! {
    // Staff hears of it on Telegram, so of Telegram itself it could not hear.
    BEHIND = "SELECT merchant_id, COUNT(*) AS messages, MIN(created_at) AS since, MAX(reason) AS reason FROM outbox \
        WHERE status = 0 AND channel = 'whatsapp' AND reason LIKE 'away, %' AND created_at <= $1 GROUP BY merchant_id ORDER BY merchant_id";
}

#[derive(FromRow)]
struct BehindRow {
    merchant_id: Uuid,
    messages: i64,
    since: At,
    reason: String,
}

impl Engine {
    /// Looks for shops whose answers have been waiting for WhatsApp for too long, and lets their staff be told. Returns how many
    /// shops were not known before to be cut off.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn watch_platforms(&self) -> Result<i64, StoreError> {
        let now = self.store.clock.now();
        let before = At(now.minus(self.rules.silence));
        let behind: Vec<BehindRow> =
            read!(&self.store.db, pool => sqlx::query_as(BEHIND).bind(before).fetch_all(pool).await)?;
        if behind.is_empty() {
            return Ok(0);
        }
        let mut tx = self.store.db.begin().await?;
        let mut posted = 0;
        for row in &behind {
            let merchant = MerchantId(row.merchant_id);
            let channel = Channel::WhatsApp;
            let lane = LaneId::derived(&[&merchant.to_string(), "platform", channel.code()]);
            let target = Target { merchant: Some(merchant), lane, kind: "platform" };
            let hour = row.since.0.as_micros() / 1_000_000 / BUCKET_SECONDS;
            let event = InternalEvent::PlatformAway {
                channel,
                since: row.since.0,
                messages: row.messages,
                why: Away::of_note(&row.reason).map(|why| why.code().to_owned()),
            };
            let key = format!("platform:{merchant}:{}:{hour}", channel.code());
            posted += post(&mut tx, &key, &target, &event, TraceId::new(now), now).await?;
        }
        super::counts::tally_internal(&mut tx, posted).await?;
        tx.commit().await?;
        Ok(posted)
    }
}
