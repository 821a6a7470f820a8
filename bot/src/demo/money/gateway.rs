//! What the gateway moved: charges and refunds, its fees, what was withheld, and when it pays out.

use std::time::Duration;

use recado_domain::money::divide_half_even;
use serde_json::{Value, json};

use super::super::bodies::decimal;
use super::calendar::Calendar;
use super::{Facts, Sold};

/// Days until money is paid out, by a bank's morning.
const PAYOUT: Duration = Duration::from_secs(2 * 86_400);

/// So many hundred-thousandths of an amount, half-even.
fn part(amount: i64, of_100_000: i64) -> i64 {
    divide_half_even(i128::from(amount) * i128::from(of_100_000), 100_000) as i64
}

/// Charges of what was paid through the gateway, refunds of what went back.
pub(super) fn payments(facts: &mut Facts, sold: &[Sold], calendar: &Calendar) {
    // The merchant's own word, for the orders that webhooks will tell from now on.
    facts.add(
        "gateway_fees",
        json!({"gateway": "Wompi", "rate": "0.0265", "fixed": "700", "vat_rate": "0.19", "payout_days": 2}),
    );
    for order in sold {
        let Some(paid_at) = order.paid_at else { continue };
        // Wompi: 2.65 % and $700, with VAT on both (FINANCE §1.4).
        let fee = part(order.total, 2_650) + 70_000;
        // Colombia withholds from cards: 1.5 % of the base, 15 % of the VAT, 0.414 % ICA; nothing from bank transfers.
        let by_card = order.total % 7 != 0;
        let withheld = if by_card {
            let base = order.total - order.vat;
            json!({"income": decimal(part(base, 1_500)), "vat": decimal(part(order.vat, 15_000)), "ica": decimal(part(base, 414))})
        } else {
            json!({})
        };
        let mut fact = payment(order, "charge", "P", order.total, paid_at, calendar);
        fact["fee"] = json!(decimal(fee));
        fact["fee_vat"] = json!(decimal(part(fee, 19_000)));
        fact["withheld"] = withheld;
        facts.add("payments", fact);
        for (index, (at, amount)) in order.returned.iter().enumerate() {
            facts.add("payments", payment(order, "refund", &format!("B{index}"), *amount, *at, calendar));
        }
    }
}

fn payment(
    order: &Sold,
    kind: &str,
    place: &str,
    amount: i64,
    at: recado_domain::Timestamp,
    calendar: &Calendar,
) -> Value {
    let payout = calendar.instant(calendar.day(at.plus(PAYOUT)), 6 * 60);
    json!({"id": format!("{}-{place}", order.id), "order_id": order.id, "gateway": "wompi", "kind": kind,
        "amount": decimal(amount), "fee": "0", "fee_vat": "0", "processed_at": at, "payout_at": payout})
}
