//! The version of a shop's books: how often anything behind them has changed.
//!
//! Guarantee: whoever commits a change of an order, refund, dispute, parcel, product, import or entry counts it in the same
//! transaction, so that a reader who finds the version unchanged knows that the facts are. A reader asks for the version
//! before the facts: what it then builds is at least as new as the version it has.
//!
//! The count is the last thing but the tally that a transaction does, shop by shop in the order of their ids: nobody waits
//! there while holding what another needs.

use std::collections::BTreeSet;

use recado_domain::MerchantId;
use recado_domain::effect::Effect;
use recado_domain::event::{CommerceEvent, EventContent};

use crate::db::Tx;
use crate::engine::Decided;
use crate::merchant::MerchantStore;
use crate::{StoreError, on};

crate::sql! {
    COUNT_CHANGE = "INSERT INTO finance_changes (merchant_id, shard, version) VALUES ($1, $2, 1) \
        ON CONFLICT (merchant_id, shard) DO UPDATE SET version = finance_changes.version + 1";
    BOOKS_VERSION = "SELECT CAST(COALESCE(SUM(version), 0) AS BIGINT) FROM finance_changes WHERE merchant_id = $1";
}

/// Processes that count apart from each other; more share a row.
pub(crate) const SHARDS: i64 = 16;

/// Counts a change of each of these shops.
pub(crate) async fn count(tx: &mut Tx, shard: i64, merchants: &BTreeSet<MerchantId>) -> sqlx::Result<()> {
    for merchant in merchants {
        on!(&mut *tx, connection => sqlx::query(COUNT_CHANGE).bind(merchant.0).bind(shard)
            .execute(connection).await.map(|_| ()))?;
    }
    Ok(())
}

/// Whether a turn changes facts behind the books of its shop.
pub(crate) fn moves_books(turn: &Decided) -> bool {
    let told = turn.claim.events.iter().any(|event| match &event.content {
        EventContent::Commerce(fact) => fact_moves(fact),
        _ => false,
    });
    told || turn.effects.iter().any(effect_moves)
}

fn fact_moves(fact: &CommerceEvent) -> bool {
    match fact {
        CommerceEvent::Order { .. }
        | CommerceEvent::OrderDeleted { .. }
        | CommerceEvent::Shipment(_)
        | CommerceEvent::ShipmentEvent(_)
        | CommerceEvent::Refund { .. }
        | CommerceEvent::Dispute { .. }
        | CommerceEvent::Product(_)
        | CommerceEvent::ProductDeleted { .. } => true,
        CommerceEvent::Checkout(_)
        | CommerceEvent::Customer(_)
        | CommerceEvent::Uninstalled
        | CommerceEvent::Compliance { .. }
        | CommerceEvent::Other { .. } => false,
    }
}

/// Every effect is named here, so that a new one cannot be forgotten: one that writes facts about money is `true`.
fn effect_moves(effect: &Effect) -> bool {
    match effect {
        Effect::RecordFinance { .. } | Effect::UndoFinance { .. } | Effect::RecordPayment { .. } => true,
        Effect::Reply(_)
        | Effect::AnswerTap { .. }
        | Effect::NotifyStaff { .. }
        | Effect::SetOwner(_)
        | Effect::SetLanguage(_)
        | Effect::SetStopped(_)
        | Effect::Post { .. }
        | Effect::OpenIncident(_)
        | Effect::Incident { .. }
        | Effect::DecideRecommendation { .. }
        | Effect::CheckRecommendation { .. }
        | Effect::KeepDigest(_)
        | Effect::DropDigest(_)
        | Effect::Remind(_)
        | Effect::SettleReminder { .. }
        | Effect::ReminderAnswered { .. }
        | Effect::CheckReminder { .. }
        | Effect::KeepDebtor { .. }
        | Effect::Unanswered { .. }
        | Effect::Request(_)
        | Effect::DecideRequest { .. }
        | Effect::ProposeAction { .. }
        | Effect::DecideAction { .. }
        | Effect::DecidePrivacy { .. }
        | Effect::StartTimer { .. }
        | Effect::CancelTimer { .. }
        | Effect::Audit { .. } => false,
    }
}

impl MerchantStore {
    /// How often the facts behind the books have changed; it only grows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn books_version(&self) -> Result<i64, StoreError> {
        let mut tx = self.begin().await?;
        let version = books_version(&mut tx, self.id()).await?;
        tx.commit().await?;
        Ok(version)
    }
}

pub(super) async fn books_version(tx: &mut Tx, merchant: MerchantId) -> sqlx::Result<i64> {
    on!(tx, connection => sqlx::query_scalar(BOOKS_VERSION).bind(merchant.0).fetch_one(connection).await)
}
