//! Shops at random: facts as JSON, so that a test reads what a person could write.

use proptest::prelude::*;
use serde_json::{Value, json};

/// A day of 2026, as an instant at some hour, in UTC.
fn instant() -> impl Strategy<Value = i64> {
    // From 1 August to 30 November, by the minute.
    (0_i64..122 * 24 * 60).prop_map(|minutes| 1_785_542_400 + minutes * 60)
}

fn written(seconds: i64) -> String {
    recado_domain::Timestamp::from_seconds(seconds).to_string()
}

fn day_of(seconds: i64) -> String {
    written(seconds)[..10].to_owned()
}

fn amount(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

prop_compose! {
    fn line()(variant in 0_usize..4, qty in 1_i64..4, price in 100_i64..9_000_000, part in 0_i64..60, gift in 0_u8..12,
        late in proptest::option::weighted(0.1, 0_i64..500_000)) -> (usize, i64, i64, i64, bool, Option<i64>) {
        (variant, qty, price, part, gift == 0, late)
    }
}

prop_compose! {
    fn refund()(after in 1_i64..4_000_000, line in 0_usize..3, share in 1_i64..100, restock: bool, adjustment in -50_000_i64..50_000,
        shipping in 0_i64..100_000) -> (i64, usize, i64, bool, i64, i64) {
        (after, line, share, restock, adjustment, shipping)
    }
}

prop_compose! {
    fn order()(at in instant(), customer in proptest::option::of(0_u8..8), cod: bool, included: bool,
        lines in proptest::collection::vec(line(), 1..4), shipping in 0_i64..2_000_000,
        settled in proptest::option::weighted(0.8, 0_i64..1_500_000),
        cancelled in proptest::option::weighted(0.15, 0_i64..1_500_000),
        refunds in proptest::collection::vec(refund(), 0..3), test in 0_u8..15,
        fate in 0_u8..4, charges in proptest::collection::vec(0_i64..2_000_000, 0..3), fee in 0_i64..500_000)
        -> (Value, Option<Value>, Vec<Value>, Value) {
        let mut sold = Vec::new();
        for (index, (variant, qty, price, part, gift, late)) in lines.iter().enumerate() {
            let discount = qty * price * part / 100;
            let paid = qty * price - discount;
            let tax = if included { paid * 19 / 119 } else { paid * 19 / 100 };
            sold.push(json!({"id": index.to_string(), "variant_id": format!("V{variant}"), "qty": qty, "unit_price": amount(*price),
                "discount": amount(discount), "tax": amount(tax), "gift_card": gift,
                "added_at": late.map(|late| written(at + late))}));
        }
        let refunds: Vec<Value> = refunds.iter().enumerate().map(|(index, (after, line, share, restock, adjustment, shipping))| {
            json!({"id": format!("R{index}"), "processed_at": written(at + after),
                "lines": [{"line_id": line.to_string(), "qty": 1, "subtotal": amount(share * 1_000), "tax": amount(share * 190), "restock": restock}],
                "shipping": {"amount": amount(*shipping), "tax": "0"},
                "adjustment": {"amount": format!("{}{}", if *adjustment < 0 { "-" } else { "" }, amount(adjustment.abs())), "tax": "0"}})
        }).collect();
        let order = json!({"processed_at": written(at), "customer_id": customer.map(|customer| format!("C{customer}")),
            "payment": if cod { "cod" } else { "prepaid" }, "taxes_included": included, "test": test == 0,
            "lines": sold, "shipping": {"price": amount(shipping), "tax": amount(shipping * 19 / 119)},
            "paid_at": settled.filter(|_| !cod).map(|after| written(at + after)),
            "cancelled_at": cancelled.map(|after| written(at + after)), "refunds": refunds,
            "channel": (["web", "store"][usize::from(customer.unwrap_or(0) % 2)])});
        let parcel = cod.then(|| json!({"carrier": "envia", "shipped_at": written(at + 3_600), "cod_amount": amount(shipping + 1_000),
            "delivered_at": settled.filter(|_| fate < 2).map(|after| written(at + after)),
            "returned_at": (fate == 2).then(|| written(at + 700_000)), "lost_at": (fate == 3).then(|| written(at + 800_000)),
            "return_condition": "damaged"}));
        let charges = charges.iter().map(|cents| json!({"kind": "outbound", "amount": amount(*cents), "vat": amount(cents * 19 / 100),
            "occurred_at": written(at + 7_200), "deducted": cod, "paid_on": day_of(at + 900_000)})).collect();
        let payment = json!({"gateway": "wompi", "kind": "charge", "amount": amount(shipping + 5_000), "fee": amount(fee), "fee_vat": amount(fee * 19 / 100),
            "withheld": {"income": amount(fee / 3), "vat": amount(fee / 7)}, "processed_at": written(at), "payout_at": written(at + 172_800)});
        (order, parcel, charges, payment)
    }
}

prop_compose! {
    fn expense()(at in instant(), length in 0_i64..200, kind in 0_usize..3, cents in 0_i64..90_000_000, foreign: bool) -> Value {
        json!({"kind": (["fixed", "variable", "marketing"][kind]), "category": "x", "currency": if foreign { "USD" } else { "COP" },
            "amount": amount(cents), "vat": amount(cents / 5), "invoiced_on": day_of(at), "from": day_of(at),
            "to": day_of(at + length * 86_400), "paid_on": day_of(at + 86_400)})
    }
}

prop_compose! {
    /// A fact set of up to 24 orders, with their parcels, charges, payments, advertising and expenses.
    pub(crate) fn shop()(orders in proptest::collection::vec(order(), 0..24), expenses in proptest::collection::vec(expense(), 0..5),
        ads in proptest::collection::vec((instant(), 0_i64..50_000_000, any::<bool>()), 0..6), registered: bool) -> Value {
        let (mut told, mut parcels, mut charged, mut paid) = (vec![], vec![], vec![], vec![]);
        for (index, (mut order, parcel, charges, mut payment)) in orders.into_iter().enumerate() {
            let id = format!("#{index}");
            order["id"] = json!(id);
            payment["id"] = json!(format!("P{index}"));
            payment["order_id"] = json!(id);
            if let Some(mut parcel) = parcel {
                parcel["id"] = json!(format!("S{index}"));
                parcel["order_id"] = json!(id);
                parcels.push(parcel);
            }
            for (place, mut charge) in charges.into_iter().enumerate() {
                charge["id"] = json!(format!("CC{index}-{place}"));
                charge["shipment_id"] = json!(format!("S{index}"));
                charged.push(charge);
            }
            told.push(order);
            paid.push(payment);
        }
        let named = |prefix: &str, facts: Vec<Value>| -> Vec<Value> {
            let with_id = |(index, mut fact): (usize, Value)| { fact["id"] = json!(format!("{prefix}{index}")); fact };
            facts.into_iter().enumerate().map(with_id).collect()
        };
        let ads = ads.into_iter().map(|(at, cents, foreign)| json!({"date": day_of(at), "platform": if foreign { "google" } else { "meta" },
            "currency": if foreign { "USD" } else { "COP" }, "amount": amount(cents), "paid_on": day_of(at + 864_000)})).collect();
        json!({"schema": "finance-facts/1", "as_of": "2026-12-15T12:00:00Z", "synced_at": "2026-12-15T10:00:00Z",
            "merchant": {"name": "Al azar", "timezone": "America/Santiago", "currency": "COP", "vat_registered": registered,
                "carriers": {"envia": {"term_days": 8, "transit_days": 3}}},
            "fx": [{"date": "2026-07-01", "currency": "USD", "rate": "3981.25"}, {"date": "2026-09-15", "currency": "USD", "rate": "3944.507"}],
            "products": [{"variant_id": "V0", "title": "a", "costs": [{"from": "2026-01-01T00:00:00Z", "unit_cost": "123.45"},
                    {"from": "2026-09-10T05:00:00Z", "unit_cost": "150"}]},
                {"variant_id": "V1", "title": "b", "costs": [{"from": "2026-10-01T00:00:00Z", "unit_cost": "0"}]},
                {"variant_id": "V2", "title": "c", "costs": [{"from": "2025-10-01T00:00:00Z", "unit_cost": "9000.01"}]}],
            "orders": told, "shipments": parcels, "carrier_charges": charged, "payments": paid,
            "ad_spend": named("AD", ads), "expenses": named("EX", expenses),
            "inventory": [{"date": "2026-08-01", "value": "100"}], "cash": [{"at": "2026-12-01T00:00:00Z", "account": "b", "balance": "1000"}]})
    }
}
