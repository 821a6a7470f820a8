//! What carriers charge, and what they pay over of what they collected: one parcel short, one not at all.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::civil::Weekday;
use serde_json::{Value, json};

use super::super::bodies::decimal;
use super::super::dice::Dice;
use super::calendar::{Calendar, days_between, next_month};
use super::{Facts, Sent, Sold};

/// Of it a part was kept without a word.
const SHORT: &str = "#1004";
/// By how much.
const SHORT_BY: i64 = 1_850_000;
/// Delivered long ago, and nothing was paid over.
const MISSING: &str = "#1010";
/// Days from delivery until a carrier settles, on the Friday after; agreed are [`TERM`] at the latest.
const SETTLES: i64 = 7;
const TERM: i64 = 15;

/// What was agreed with each.
pub(super) fn terms() -> Value {
    let terms = |transit: i64| json!({"term_days": TERM, "transit_days": transit});
    json!({"Coordinadora": terms(3), "Servientrega": terms(3), "Interrapidísimo": terms(4), "Envía": terms(4)})
}

/// What a parcel costs, in whole minor units.
struct Bill {
    outbound: i64,
    back: i64,
    fee: i64,
    fee_vat: i64,
}

fn bill(parcel: &Sent, dice: &mut Dice) -> Bill {
    let base = match parcel.carrier.as_str() {
        "Coordinadora" => 11_800,
        "Servientrega" => 12_900,
        "Interrapidísimo" => 9_900,
        _ => 10_400,
    };
    let outbound = (base + dice.between(0, 25) * 100) * 100;
    let collected = parcel.cod && parcel.delivered.is_some();
    let fee = if collected { (parcel.due * 3 / 100).max(450_000) } else { 0 };
    Bill {
        outbound,
        back: if parcel.returned.is_some() { outbound * 85 / 100 } else { 0 },
        fee,
        fee_vat: fee * 19 / 100,
    }
}

/// Charges of every parcel, and the remittances of those that were to be paid at the door.
pub(super) fn charges(facts: &mut Facts, sold: &[Sold], calendar: &Calendar, dice: &mut Dice) {
    let mut settlements: BTreeMap<(String, jiff::civil::Date), Vec<(Value, i64)>> = BTreeMap::new();
    for (order, parcel) in sold.iter().flat_map(|order| order.parcels.iter().map(move |parcel| (order, parcel))) {
        let bill = bill(parcel, dice);
        let mut charge = |kind: &str, amount: i64, vat: i64, at: recado_domain::Timestamp| {
            let paid_on = (!parcel.cod).then(|| next_month(calendar.day(at), 10));
            facts.add("carrier_charges", json!({"id": format!("{}-{kind}", parcel.id), "shipment_id": parcel.id, "kind": kind,
                "amount": decimal(amount), "vat": decimal(vat), "occurred_at": at, "deducted": parcel.cod, "paid_on": paid_on}));
        };
        charge("outbound", bill.outbound, 0, parcel.shipped);
        if let (true, Some(at)) = (bill.fee > 0, parcel.delivered) {
            charge("cod_fee", bill.fee, bill.fee_vat, at);
        }
        if let Some(at) = parcel.returned {
            charge("return", bill.back, 0, at);
        }
        if let Some(at) = parcel.lost {
            // Nine tenths of what the goods cost, a month later, by bank.
            let at = at.plus(Duration::from_secs(30 * 86_400));
            let amount = -(parcel.cost * 9 / 10);
            facts.add(
                "carrier_charges",
                json!({"id": format!("{}-compensation", parcel.id), "shipment_id": parcel.id,
                "kind": "compensation", "amount": decimal(amount), "vat": "0", "occurred_at": at, "deducted": false,
                "paid_on": calendar.day(at)}),
            );
        }
        let closed = parcel.delivered.or(parcel.returned);
        if let (true, Some(closed)) = (parcel.cod && order.id != MISSING, closed) {
            let collected = match (parcel.delivered, order.id == SHORT) {
                (None, _) => 0,
                (Some(_), false) => parcel.due,
                (Some(_), true) => parcel.due - SHORT_BY,
            };
            let (freight, fee) = (bill.outbound + bill.back, bill.fee + bill.fee_vat);
            let line = json!({"shipment_id": parcel.id, "collected": decimal(collected), "freight": decimal(freight),
                "fee": decimal(fee), "other": "0"});
            let friday = friday_after(calendar.day(closed));
            settlements.entry((parcel.carrier.clone(), friday)).or_default().push((line, collected - freight - fee));
        }
    }
    for ((carrier, day), lines) in settlements {
        // One that is still to come is not known yet.
        if day > calendar.today || days_between(calendar.opening(), day) < 0 {
            continue;
        }
        let net: i64 = lines.iter().map(|(_, net)| net).sum();
        let lines: Vec<Value> = lines.into_iter().map(|(line, _)| line).collect();
        facts.add(
            "remittances",
            json!({"id": format!("REM {carrier} {day}"), "carrier": carrier,
            "remitted_at": calendar.instant(day, 9 * 60), "net": decimal(net), "lines": lines}),
        );
    }
}

/// The first Friday after a parcel's week.
fn friday_after(closed: jiff::civil::Date) -> jiff::civil::Date {
    use jiff::ToSpan as _;
    let mut day = closed.saturating_add(SETTLES.days());
    while day.weekday() != Weekday::Friday {
        day = day.saturating_add(1.day());
    }
    day
}
