//! Disputes of Shopify Payments (CONTRACTS B3).

use recado_domain::order::{DisputeFacts, DisputedAmount};
use recado_domain::{Currency, Money, Timestamp};
use serde_json::Value;

use super::amount::amount;
use super::required_id;
use crate::json::{Part as _, cut};

/// Letters of a word of the platform's.
const WORD: usize = 80;

/// Reads a dispute. `at` stands for a missing beginning. Words that we do not know, a currency too, are kept as they came.
pub(super) fn dispute(body: &Value, at: Timestamp) -> Result<DisputeFacts, String> {
    let word = |key: &str| body.text(key).map(|word| cut(word.trim(), WORD));
    Ok(DisputeFacts {
        external_id: required_id(body, "id")?,
        order_external_id: body.id("order_id"),
        kind: word("type").ok_or("a dispute without type")?.into(),
        status: word("status").ok_or("a dispute without status")?.into(),
        amount: disputed(body)?,
        reason: word("reason"),
        network_reason_code: word("network_reason_code"),
        evidence_due_by: time(body, "evidence_due_by"),
        evidence_sent_on: time(body, "evidence_sent_on"),
        finalized_on: time(body, "finalized_on"),
        initiated_at: time(body, "initiated_at").unwrap_or(at),
    })
}

fn disputed(body: &Value) -> Result<DisputedAmount, String> {
    let code = body.text("currency").ok_or("a dispute without currency")?;
    match code.parse::<Currency>() {
        Ok(currency) => {
            let money = amount(body, "amount", currency)?.filter(|money| money.minor >= 0);
            Ok(DisputedAmount::Money(money.ok_or("a dispute without an amount")?))
        }
        Err(_) => {
            // Only the shape of the amount can be checked; it is never counted.
            let shaped = Money::parse(&body.text("amount").unwrap_or_default(), Currency::Usd);
            let written = shaped.map_err(|_| "amount is not an amount")?.to_decimal();
            Ok(DisputedAmount::Written(format!("{written} {}", cut(code.trim(), 8))))
        }
    }
}

/// An instant; a day without one is its noon in UTC, which is the same day wherever a shop is in the Americas or in Europe.
fn time(body: &Value, key: &str) -> Option<Timestamp> {
    body.time(key).or_else(|| Timestamp::parse(&format!("{}T12:00:00Z", body.text(key)?.trim())).ok())
}
