//! Delivery reports (CONTRACTS A6).

use recado_domain::OutboxId;
use recado_domain::event::{EventContent, Incoming, LaneKey, Receipt, ReceiptStatus};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Change, first_error};
use crate::json::{Part as _, cut};
use crate::part::{plausible_seconds, unknown};

/// Of these, the first that is there tells two reports on one message apart. Only a message to a group has several
/// recipients; any other's id says whose report it is.
const PARTICIPANTS: [&str; 2] = ["recipient_participant_id", "recipient_participant_user_id"];

impl Change<'_> {
    pub(super) fn receipt(&self, status: &Value) -> Incoming {
        let Some(id) = status.id("id") else { return self.unknown_part(status, "status", "no message id") };
        let Some(word) = status.text("status") else {
            return self.unknown_part(status, "status", "no status word");
        };
        let participant = PARTICIPANTS.iter().find_map(|key| status.id(key)).map(|person| mark_of(&id, &person));
        let dedupe = format!("status:{id}:{}:{}", cut(&word, 40), participant.unwrap_or_default());
        let at = plausible_seconds(status.whole("timestamp"), self.received_at);
        let Some(known) = status_of(&word) else {
            let kind = format!("whatsapp:status/{word}");
            return unknown(dedupe, self.destination.clone(), &kind, None, at);
        };
        let outbox = status.text("biz_opaque_callback_data").and_then(|data| data.parse::<OutboxId>().ok());
        Incoming {
            dedupe,
            body_dedupe: None,
            destination: self.destination.clone(),
            lane: LaneKey::Receipts,
            occurred_at: at,
            content: EventContent::Receipt(Receipt {
                provider_id: id,
                status: known,
                outbox,
                at,
                error: first_error(status),
            }),
        }
    }
}

/// Tells participants apart without naming them: keys stay as long as arrivals do, also those of people who were erased.
fn mark_of(message: &str, person: &str) -> String {
    let digest = Sha256::new().chain_update(message).chain_update(b":").chain_update(person).finalize();
    hex::encode(&digest[..8])
}

fn status_of(word: &str) -> Option<ReceiptStatus> {
    use ReceiptStatus::{Delivered, Failed, Played, Read, Sent};
    [Failed, Sent, Delivered, Read, Played].into_iter().find(|status| status.code() == word)
}
